"""What is done about a card that nobody answers: each step of its ladder, and the words for it.

The ladder comes with the push, as its plan card set it. All times count from the push, as the seconds on the wall do:
a card that reaches its device late is late. Only the reminders count from delivery, because a device that has nothing
cannot remind.
"""

from dataclasses import dataclass, replace

from rescuecmd.delivery.outbox import Entry, outstanding
from rescuecmd.picture.alarm import standing
from rescuecmd.picture.lifecycle import LEVEL_RANK
from rescuecmd.picture.order import HOUSE, Alarm, Card, Escalation, Level, Priority
from rescuecmd.picture.state import Picture
from rescuecmd.text import Text

EVERY_S = 2.0
"""Somebody looks this often, s."""

_AGAIN = (1.0, 2.0, 3.0, 6.0, 12.0)  # a device reminds at these multiples of its first reminder
_MILD: dict[Level, Priority] = {"amber": "warning"}


@dataclass(frozen=True, slots=True)
class Silence:
    """An open card as it stands now: how bad, for how long by its ladder, and which reminder is due (0: none)."""

    entry: Entry
    level: Level
    past_s: float
    reminder: int

    @property
    def alarm_id(self) -> str:
        """The id of this card's one alarm."""
        return alarm_id(self.entry.card.id)

    @property
    def climbs(self) -> bool:
        """True when the card's silence has reached a level that has not been recorded yet."""
        return LEVEL_RANK[self.level] > LEVEL_RANK[self.entry.card.level]


def alarm_id(card_id: str) -> str:
    """Return the id of the one alarm that a card's silence may have."""
    return f"no_answer/{card_id}"


def ladder_of(picture: Picture, card: Card) -> Escalation:
    """Return the ladder of a card."""
    push = picture.pushes.get(card.push_id)
    return push.escalation if push else HOUSE


def level_at(ladder: Escalation, age_s: float) -> tuple[Level, float]:
    """Return how bad a silence of this length is, and the second at which it became so."""
    steps: tuple[tuple[Level, float | None], ...] = (
        ("second_channel", ladder.second_channel_s),
        ("supervisor", ladder.supervisor_s),
        ("red", ladder.red_s),
        ("amber", ladder.amber_s),
    )
    return next(((level, at_s) for level, at_s in steps if at_s is not None and age_s >= at_s), ("calm", 0.0))


def silences(picture: Picture, now_s: float) -> tuple[Silence, ...]:
    """Return every open card with what its silence calls for, oldest first."""
    found = []
    for entry in outstanding(picture):
        ladder = ladder_of(picture, entry.card)
        level, past_s = level_at(ladder, entry.age_s(now_s))
        found.append(Silence(entry, level, past_s, _reminder(entry, now_s, ladder)))
    return tuple(found)


def _reminder(entry: Entry, now_s: float, ladder: Escalation) -> int:
    """Return the number of the reminder that is due, counting from 1; missed ones are not made up for."""
    card = entry.card
    if card.delivered_s is None:
        return 0
    waited_s = now_s - card.delivered_s
    steps_s = [ladder.remind_s * times for times in _AGAIN]
    due = sum(waited_s >= step_s for step_s in steps_s)
    if due <= card.reminders:
        return 0
    just_now = waited_s - steps_s[due - 1] < EVERY_S
    return due if just_now or card.reminders == 0 else 0


def overdue(picture: Picture, now_s: float) -> tuple[Card, ...]:
    """Return the open cards whose time to be answered is over."""
    cards = (entry.card for entry in outstanding(picture))
    return tuple(card for card in cards if card.expires_s is not None and now_s >= card.expires_s)


def alarm_for(picture: Picture, silence: Silence, now_s: float) -> Alarm | None:
    """Return the alarm that this silence calls for, or None while it is calm or its alarm stands already."""
    if silence.level == "calm":
        return None
    text, priority = _words(picture, silence), _MILD.get(silence.level, "alarm")
    stands = standing(picture, silence.alarm_id)
    if stands is None or stands.priority != priority or silence.climbs:
        return Alarm(silence.alarm_id, "no_answer", priority, text, silence.entry.card.id, now_s)
    return replace(stands, text=text) if stands.text != text else None


def settled_alarms(picture: Picture) -> tuple[str, ...]:
    """Return the ids of the alarms whose card is no longer silent."""
    silent = {alarm_id(entry.card.id) for entry in outstanding(picture)}
    return tuple(
        alarm.id
        for alarm in picture.alarms.values()
        if alarm.kind == "no_answer" and alarm.rectified_s is None and alarm.id not in silent
    )


def who_is_told(picture: Picture, silence: Silence) -> Text:
    """Return who or what a level turns to: the crew, the wall, the supervisor, the second channel."""
    card = silence.entry.card
    if silence.level == "supervisor":
        boss = picture.terminals.get(supervisor_of(picture, card.terminal_id))
        return boss.name if boss else Text("值班领导", "duty officer")
    if silence.level == "second_channel":
        comms = card.content.comms
        return comms[1] if len(comms) > 1 else Text("第二通信手段", "the second channel")
    return Text("指挥席", "command post")


def supervisor_of(picture: Picture, terminal_id: str) -> str:
    """Return the terminal that answers for a silent one: the named one, else its service's shore team, else none."""
    terminal = picture.terminals.get(terminal_id)
    if terminal is None:
        return ""
    if terminal.supervisor_id in picture.terminals:
        return terminal.supervisor_id
    shore = (t.id for t in picture.terminals.values() if t.role == "shore" and t.agency == terminal.agency)
    return next((one for one in sorted(shore) if one != terminal_id), "")


def _unlabelled(to: Text) -> Text:
    """Return a channel without the label before its colon, such as ``VHF 16`` of ``Second: VHF 16``."""
    return Text(to.zh.rpartition("：")[2].strip(), to.en.rpartition(":")[2].strip())


def _words(picture: Picture, silence: Silence) -> Text:
    """Return the alarm's sentence: what is known of the card, and never more than that."""
    card, past_s = silence.entry.card, silence.past_s
    terminal = picture.terminals.get(card.terminal_id)
    name = terminal.name if terminal else Text(card.terminal_id, card.terminal_id)
    if not silence.entry.reached and not silence.entry.connected:
        zh, en = f"终端离线，{past_s:.0f} 秒未送达", f"terminal offline, not reached for {past_s:.0f} s"
    elif not silence.entry.reached:
        zh, en = f"终端在线，{past_s:.0f} 秒未确认收到", f"terminal online, not confirmed for {past_s:.0f} s"
    elif silence.entry.stage == "not_displayed":
        zh, en = f"已送达，{past_s:.0f} 秒未显示", f"delivered, not shown for {past_s:.0f} s"
    else:
        zh, en = f"已显示，{past_s:.0f} 秒未应答", f"shown, not answered for {past_s:.0f} s"
    if silence.level in {"supervisor", "second_channel"}:
        to = _unlabelled(who_is_told(picture, silence))
        zh, en = f"{zh}，请联系：{to.zh}", f"{en}; call: {to.en}"
    title = card.content.title
    return Text(f"{name.zh}{zh}：「{title.zh}」", f"{name.en}: {en}: “{title.en}”")
