"""Boats against people: who can be where, when, with how much time left; many exact arrivals at once.

One search forward per boat and one backward per deadline and kind of boat answer for every pair.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from rescuecmd.errors import NotCoveredError, RefusedError, RescueError
from rescuecmd.picture.entity import Craft
from rescuecmd.routing.departure import Deadline, deadline_at, leave_by
from rescuecmd.routing.openings import Limits
from rescuecmd.routing.scene import Scene, Spot
from rescuecmd.text import Text


@dataclass(frozen=True, slots=True)
class Mover:
    """A boat: where it is and what it can."""

    id: str
    name: Text
    craft: Craft
    xy: Spot


@dataclass(frozen=True, slots=True)
class Aim:
    """Somebody or somewhere to be reached, by a deadline if there is one."""

    id: str
    name: Text
    xy: Spot
    deadline_s: float | None = None


@dataclass(frozen=True, slots=True)
class Cell:
    """One boat and one aim.

    Attributes
    ----------
    arrive_s
        Earliest arrival as near as the boat gets; None: it cannot get there within what is known.
    spare_s
        From the arrival to the deadline, negative: too late; None without a deadline or an arrival.
    leave_by_s
        Until when the boat may stay where it is and still be in time; None: too late already, or no limit.
    why
        Why there is no way, where there is none.
    """

    mover_id: str
    aim_id: str
    arrive_s: float | None
    spare_s: float | None
    leave_by_s: float | None
    why: Text | None = None


def reach_table(scene: Scene, movers: Sequence[Mover], aims: Sequence[Aim]) -> tuple[tuple[Cell, ...], ...]:
    """Return a row per boat and a cell per aim, leaving at the scene's time."""
    backwards: dict[tuple[Limits, str, int], Deadline] = {}
    return tuple(_row(scene, mover, aims, backwards) for mover in movers)


def _row(
    scene: Scene, mover: Mover, aims: Sequence[Aim], backwards: dict[tuple[Limits, str, int], Deadline]
) -> tuple[Cell, ...]:
    """Return one boat's cells; a boat without water has none that it reaches."""
    try:
        boarding = scene.boarding(mover.craft, mover.xy, scene.now_s)
    except (NotCoveredError, RefusedError) as error:
        return tuple(_none(mover, aim, error) for aim in aims)
    return tuple(_cell(scene, mover, aim, boarding, backwards) for aim in aims)


def _none(mover: Mover, aim: Aim, error: RescueError) -> Cell:
    return Cell(mover.id, aim.id, None, None, None, Text(str(error.facts.get("zh", error.message)), error.message))


def _cell(
    scene: Scene,
    mover: Mover,
    aim: Aim,
    boarding: Sequence[tuple[int, float]],
    backwards: dict[tuple[Limits, str, int], Deadline],
) -> Cell:
    craft, now_s = mover.craft, scene.now_s
    try:
        stop = scene.stop(craft, mover.xy, aim.xy, now_s)
    except (NotCoveredError, RefusedError) as error:
        return _none(mover, aim, error)
    if stop < 0:
        return Cell(mover.id, aim.id, None, None, None, Text("预报期内无航路", "no way within what is known"))
    arrive_s = float(scene.tree(craft, mover.xy, now_s).arrival_s[stop])
    key = (Limits.of(craft), aim.id, stop)
    if key not in backwards:
        network = scene.network
        away = math.hypot(float(network.x_m[stop]) - aim.xy[0], float(network.y_m[stop]) - aim.xy[1])
        backwards[key] = deadline_at(scene, craft, aim.xy, aim.deadline_s, near_m=away)
    last, held = leave_by(scene, craft, backwards[key], mover.xy, now_s, boarding=boarding)
    limited = math.isfinite(last) and (backwards[key].binding or held is not None)
    spare_s = None if aim.deadline_s is None else aim.deadline_s - arrive_s
    return Cell(mover.id, aim.id, arrive_s, spare_s, last if limited else None)
