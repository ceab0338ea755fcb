"""The states of an alarm, as on a ship's bridge.

An alarm stands unacknowledged, silenced for a short while, acknowledged, or with its responsibility transferred; one
whose trouble went away before anybody saw it stays, quiet, until it is acknowledged. Nothing but a hand acknowledges.

Source: IMO resolution MSC.302(87), performance standards for bridge alert management, section 6 and appendix 1.
"""

from typing import Literal, TypeAlias

from rescuecmd.picture.order import Alarm
from rescuecmd.picture.state import Picture

AlarmState: TypeAlias = Literal["unacknowledged", "silenced", "acknowledged", "transferred", "rectified"]

SILENCED_S = 30.0
"""How long a silenced alarm is quiet, s (the standard's longest)."""

URGENT = frozenset({"emergency", "alarm"})
"""Priorities that stay until somebody acknowledges them; a warning or caution whose cause is gone goes with it."""


def alarm_state(alarm: Alarm, now_s: float) -> AlarmState:
    """Return the state of an alarm at a time."""
    if alarm.rectified_s is not None:
        return "rectified"
    if alarm.transferred_to:
        return "transferred"
    if alarm.acked_s is not None:
        return "acknowledged"
    silent = alarm.silenced_until_s is not None and now_s < alarm.silenced_until_s
    return "silenced" if silent else "unacknowledged"


def standing(picture: Picture, alarm_id: str) -> Alarm | None:
    """Return the alarm of that id while its cause lasts, else None."""
    alarm = picture.alarms.get(alarm_id)
    return alarm if alarm is not None and alarm.rectified_s is None else None
