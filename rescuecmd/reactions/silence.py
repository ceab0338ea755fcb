"""What follows when nobody answers: reminders, alarms, the supervisor, the second channel, and at last expiry.

Nobody is sent and nothing is accepted here: silence is never an answer.
"""

from collections.abc import Iterator

from rescuecmd.delivery.escalation import (
    Silence,
    alarm_for,
    overdue,
    settled_alarms,
    silences,
    supervisor_of,
    who_is_told,
)
from rescuecmd.picture.commands import AddNote, ClearAlarm, EscalateCard, ExpireCard, RaiseAlarm, RemindCard
from rescuecmd.picture.order import Note
from rescuecmd.reactions.answers import offer
from rescuecmd.reactions.moment import Moment, Wish
from rescuecmd.text import Text


def escalate(moment: Moment) -> Iterator[Wish]:
    """Let silence climb its card's ladder, one step at a time, and let offers end whose time is over."""
    ended = dict.fromkeys(card.id for card in overdue(moment.picture, moment.now_s))  # in order
    for card_id in ended:
        yield card_id, ExpireCard(card_id)
    for silence in silences(moment.picture, moment.now_s):
        if silence.entry.card.id not in ended:
            yield from _climb(moment, silence)
    for alarm_id in settled_alarms(moment.picture):
        yield alarm_id, ClearAlarm(alarm_id)


def _climb(moment: Moment, silence: Silence) -> Iterator[Wish]:
    card = silence.entry.card
    if silence.reminder:
        yield f"{card.id}/{silence.reminder}", RemindCard(card.id)
    if silence.climbs:
        told = who_is_told(moment.picture, silence)
        yield f"{card.id}/{silence.level}", EscalateCard(card.id, silence.level, told)
    alarm = alarm_for(moment.picture, silence, moment.now_s)
    if alarm is not None:
        yield f"{card.id}/{silence.level}", RaiseAlarm(alarm)
        if silence.level == "supervisor":
            yield from _tell_supervisor(moment, silence, alarm.text)
    task = moment.picture.tasks.get(card.task_id)
    if silence.level not in {"calm", "amber"} and task is not None:
        past_s = silence.past_s
        silent = Text(f"{past_s:.0f} 秒未应答", f"no answer for {past_s:.0f} s")
        yield from offer(moment, task, "silent", silent if silence.entry.reached else Text("未送达", "not reached"))


def _tell_supervisor(moment: Moment, silence: Silence, text: Text) -> Iterator[Wish]:
    """Send the supervisor's terminal a message, once; without one the wall's alarm names the duty officer."""
    note_id = f"supervisor/{silence.entry.card.id}"
    to = supervisor_of(moment.picture, silence.entry.card.terminal_id)
    if to and note_id not in moment.picture.notes:
        yield note_id, AddNote(Note(note_id, "message", text, (to,), "software", "software", moment.now_s))
