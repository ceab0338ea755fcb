"""What is done about a card that nobody answers: remind its crew, warn the wall, raise an alarm and name the next best.

All times count from the push, as the seconds on the wall do: a card that reaches its device late is late. Only the
reminders count from delivery, because a device that has nothing cannot remind.
"""

from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

from rescuecmd.delivery.outbox import Entry, outstanding
from rescuecmd.picture.order import Alarm, Priority
from rescuecmd.picture.state import Picture
from rescuecmd.text import Text

Level: TypeAlias = Literal["calm", "amber", "red"]

_PRIORITY: dict[Level, Priority] = {"amber": "warning", "red": "alarm"}


@dataclass(frozen=True, slots=True)
class Ladder:
    """The seconds at which silence climbs; ``remind_s`` count from delivery, the others from the push."""

    remind_s: tuple[float, ...] = (10.0, 20.0, 30.0, 60.0, 120.0)
    amber_s: float = 15.0
    red_s: float = 30.0
    every_s: float = 2.0  # how often somebody looks

    def level(self, age_s: float) -> Level:
        """Return how bad a silence of this length is."""
        return "red" if age_s >= self.red_s else "amber" if age_s >= self.amber_s else "calm"


LADDER = Ladder()


@dataclass(frozen=True, slots=True)
class Silence:
    """An open card as it stands now: how bad, and which reminder is due (0: none)."""

    entry: Entry
    level: Level
    reminder: int

    @property
    def alarm_id(self) -> str:
        """The id of this card's one alarm."""
        return alarm_id(self.entry.card.id)


def alarm_id(card_id: str) -> str:
    """Return the id of the one alarm that a card's silence may have."""
    return f"no_answer/{card_id}"


def silences(picture: Picture, now_s: float, ladder: Ladder = LADDER) -> tuple[Silence, ...]:
    """Return every open card with what its silence calls for, oldest first."""
    return tuple(
        Silence(entry, ladder.level(entry.age_s(now_s)), _reminder(entry, now_s, ladder))
        for entry in outstanding(picture)
    )


def _reminder(entry: Entry, now_s: float, ladder: Ladder) -> int:
    """Return the number of the reminder that is due, counting from 1; missed ones are not made up for."""
    card = entry.card
    if card.delivered_s is None:
        return 0
    waited_s = now_s - card.delivered_s
    due = sum(waited_s >= step for step in ladder.remind_s)
    if due <= card.reminders:
        return 0
    just_now = waited_s - ladder.remind_s[due - 1] < ladder.every_s
    return due if just_now or card.reminders == 0 else 0


def alarm_for(picture: Picture, silence: Silence, now_s: float) -> Alarm | None:
    """Return the alarm that this silence calls for, or None while it is calm or its alarm stands already."""
    if silence.level == "calm":
        return None
    text, priority = _words(picture, silence), _PRIORITY[silence.level]
    standing = picture.alarms.get(silence.alarm_id)
    if standing is None or standing.priority != priority:
        return Alarm(silence.alarm_id, "no_answer", priority, text, silence.entry.card.id, now_s)
    return replace(standing, text=text) if standing.text != text else None


def settled_alarms(picture: Picture) -> tuple[str, ...]:
    """Return the ids of the alarms whose card is no longer silent."""
    silent = {alarm_id(entry.card.id) for entry in outstanding(picture)}
    return tuple(
        alarm.id for alarm in picture.alarms.values() if alarm.id.startswith("no_answer/") and alarm.id not in silent
    )


def _words(picture: Picture, silence: Silence) -> Text:
    """Return the alarm's sentence: what is known of the card, and never more than that."""
    card = silence.entry.card
    terminal = picture.terminals.get(card.terminal_id)
    name = terminal.name if terminal else Text(card.terminal_id, card.terminal_id)
    past_s = LADDER.red_s if silence.level == "red" else LADDER.amber_s
    if not silence.entry.reached and not silence.entry.connected:
        zh, en = f"终端离线，{past_s:.0f} 秒未送达", f"terminal offline, not reached for {past_s:.0f} s"
    elif not silence.entry.reached:
        zh, en = f"终端在线，{past_s:.0f} 秒未确认收到", f"terminal online, not confirmed for {past_s:.0f} s"
    elif silence.entry.stage == "not_displayed":
        zh, en = f"已送达，{past_s:.0f} 秒未显示", f"delivered, not shown for {past_s:.0f} s"
    else:
        zh, en = f"已显示，{past_s:.0f} 秒未应答", f"shown, not answered for {past_s:.0f} s"
    title = card.content.title
    return Text(f"{name.zh}{zh}：「{title.zh}」", f"{name.en}: {en}: “{title.en}”")
