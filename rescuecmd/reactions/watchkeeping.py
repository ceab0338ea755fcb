"""What is looked after until it is over: an SOS that must be heard, and a boat that accepted and should be moving."""

from collections.abc import Iterator

from rescuecmd.delivery.movement import movement
from rescuecmd.picture.alarm import standing
from rescuecmd.picture.commands import ClearAlarm, JudgeMovement, RaiseAlarm, RepeatSos
from rescuecmd.picture.lifecycle import card_of
from rescuecmd.picture.order import HOUSE, Alarm, Escalation, Sos, Task
from rescuecmd.reactions.moment import Moment, Wish
from rescuecmd.text import Text

SOS_AGAIN_S = 10.0
"""An SOS is sounded anew this often until somebody acknowledges it, s."""

SOS_ACKED_AGAIN_S = 60.0
"""... and this often from then until it is cancelled."""

SOS_UNANSWERED_S = 30.0
"""After this long without a hand an SOS is an alarm of its own, s."""


def sound_sos(moment: Moment) -> Iterator[Wish]:
    """Sound every SOS that stands, again and again, and raise an emergency where nobody takes it."""
    for sos in moment.picture.soses.values():
        alarm_id = f"sos_unanswered/{sos.id}"
        stands = standing(moment.picture, alarm_id)
        if sos.cancelled_s is not None or sos.acked_s is not None:
            if stands is not None:
                yield alarm_id, ClearAlarm(alarm_id)
        elif moment.now_s - sos.raised_s >= SOS_UNANSWERED_S and stands is None:
            yield alarm_id, RaiseAlarm(_unanswered(moment, sos, alarm_id))
        if sos.cancelled_s is None and sos.repeats < _repeats_due(sos, moment.now_s):
            yield f"{sos.id}/{sos.repeats + 1}", RepeatSos(sos.id)


def _repeats_due(sos: Sos, now_s: float) -> int:
    open_s = (now_s if sos.acked_s is None else sos.acked_s) - sos.raised_s
    acked_s = 0.0 if sos.acked_s is None else now_s - sos.acked_s
    return int(open_s // SOS_AGAIN_S) + int(acked_s // SOS_ACKED_AGAIN_S)


def _unanswered(moment: Moment, sos: Sos, alarm_id: str) -> Alarm:
    terminal = moment.picture.terminals.get(sos.terminal_id)
    name = terminal.name if terminal else Text(sos.terminal_id, sos.terminal_id)
    zh, en = f"{name.zh}的求救 {SOS_UNANSWERED_S:.0f} 秒无人确认", f"nobody has answered for {SOS_UNANSWERED_S:.0f} s"
    text = Text(zh, f"SOS from {name.en}: {en}")
    return Alarm(alarm_id, "sos_unanswered", "emergency", text, sos.id, moment.now_s)


def watch_movement(moment: Moment) -> Iterator[Wish]:
    """Say of each accepted task whether its boat moves, and warn while it does not."""
    for task in moment.picture.tasks.values():
        alarm_id = f"no_movement/{task.id}"
        stands = standing(moment.picture, alarm_id)
        if task.state not in {"accepted", "under_way"}:
            if stands is not None:
                yield alarm_id, ClearAlarm(alarm_id)
            continue
        if task.movement == "moving":
            continue
        seen = movement(moment.picture, task, _ladder(moment, task), moment.now_s)
        if seen and seen != task.movement:
            yield f"{task.id}/{seen}", JudgeMovement(task.id, seen)
        if seen == "none_yet" and stands is None:
            yield alarm_id, RaiseAlarm(_no_movement(moment, task, alarm_id))
        elif seen == "moving" and stands is not None:
            yield alarm_id, ClearAlarm(alarm_id)


def _ladder(moment: Moment, task: Task) -> Escalation:
    push = moment.picture.pushes.get(task.push_id)
    return push.escalation if push else HOUSE


def _no_movement(moment: Moment, task: Task, alarm_id: str) -> Alarm:
    vessel = moment.picture.vessels[task.vessel_id]
    card = card_of(moment.picture, task.id)
    title = card.content.title if card else Text(task.id, task.id)
    waited_s = moment.now_s - (task.taken_s or task.changed_s)
    zh = f"{vessel.name.zh}已接受「{title.zh}」{waited_s:.0f} 秒，尚未移动"
    text = Text(zh, f"{vessel.name.en} accepted “{title.en}” {waited_s:.0f} s ago: no movement yet")
    return Alarm(alarm_id, "no_movement", "warning", text, task.id, moment.now_s)
