"""What is left of a path: sailed leg by leg from where the boat is, over the water as it is known now."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from rescuecmd.geo import nearest_leg
from rescuecmd.picture.entity import Craft
from rescuecmd.routing.kernel import CLEAR
from rescuecmd.routing.path import SAME_M, Leg, Passage, Path, Point, ruled_edge
from rescuecmd.routing.scene import Scene, Spot

KEEP_M = 0.05
"""A running route may use up this much of the under-keel allowance before it is cut: a reading some centimetres below
the forecast must not turn boats round."""

THERE_M = 20.0
"""Within this distance of the last point the boat has arrived."""

BERTH_M = 120.0
"""On the way out of a berth the first leg is believed even where the survey calls it shallow."""

ON_LINE_M = 15.0
"""A boat this near to its line is on it, by the accuracy of its position and its helm."""

_ROUNDED_S = 1e-3  # arrival and wait together may be a little less than the moment at which something opens

WAITS_S = (0.0, 15.0, 30.0, 60.0, 90.0, 120.0)
"""A crew that is early at water just about to open waits at its edge; nobody calls that route cut."""


@dataclass(frozen=True, slots=True)
class Passing:
    """A point of a path that lies ahead: arrival there, how long the boat waits, least margin of the leg to it."""

    eta_s: float
    wait_s: float
    margin_m: float


@dataclass(frozen=True, eq=False)
class Remaining:
    """The rest of a path as it stands now: its arrival, or the leg that is not passable when the boat gets there.

    ``first`` is the point that the boat heads for, ``ahead`` that one and the next, as far as they are reached.
    ``margin_m`` is the least water to spare of the legs that are passable.
    """

    arrive_s: float
    broken: Leg | None
    first: int
    ahead: tuple[Passing, ...]

    @property
    def margin_m(self) -> float:
        """Least water to spare, m; inf where no leg was sailed."""
        return min((point.margin_m for point in self.ahead), default=math.inf)


def remaining(scene: Scene, craft: Craft, path: Path, at_xy: Spot, now_s: float) -> Remaining:
    """Sail what is left of a path, leg by leg, from where the boat is."""
    spare = min(KEEP_M, craft.under_keel_m)
    passage = scene.passage(craft, spare_m=spare)
    scene.locate_all(path.x_m, path.y_m)
    at, first, time = scene.point(at_xy), _next_point(path, at_xy), now_s
    ahead: list[Passing] = []
    for number in range(first, len(path.x_m)):
        end = scene.point(_place(path, number))
        under_way = _under_way(scene, passage, path, number, at, time) if number == first > 0 else ()
        now = next((leg for leg in under_way if math.isfinite(leg.arrive_s)), None)
        leave, leg = (time, now) if now is not None else _when_open(passage, at, end, _leaving(path, number, time))
        if ahead:
            ahead[-1] = replace(ahead[-1], wait_s=leave - time)
        if math.isfinite(leg.arrive_s):
            time, margin = leg.arrive_s, leg.margin_m - spare
        else:
            length = math.hypot(end[0] - at[0], end[1] - at[1])
            if number > first or length > BERTH_M:
                return Remaining(math.inf, leg, first, tuple(ahead))
            time, margin = time + length / (craft.speed_mps / 2), math.inf
        ahead.append(Passing(time, 0.0, margin))
        at = end
    return Remaining(time, None, first, tuple(ahead))


def _next_point(path: Path, at_xy: Spot) -> int:
    """Return the point the boat is heading for: the end of the leg it is closest to."""
    return nearest_leg(path.x_m, path.y_m, at_xy)[0] + 1 if len(path.x_m) > 1 else 0


def _leaving(path: Path, number: int, time_s: float) -> list[float]:
    """Return when a boat may try the leg to a point: at once, a little later, and when the path says it opens."""
    planned = float(path.eta_s[number - 1] + path.wait_s[number - 1]) + _ROUNDED_S if number else time_s
    return sorted({time_s + wait for wait in WAITS_S} | ({planned} if planned > time_s else set()))


def _under_way(  # noqa: PLR0917
    scene: Scene, passage: Passage, path: Path, number: int, at: Point, time: float
) -> Iterator[Leg]:
    """Yield what the rest of the leg that a boat is on may be: half a portage, straight on, or along its line."""
    start, end = (scene.point(_place(path, one)) for one in (number - 1, number))
    yield from _half_way(passage, start[:2], end[:2], at, time)
    yield passage.leg(at, end, time)
    yield from _as_laid(passage, start, end, at, time)


def _half_way(passage: Passage, start: Spot, end: Spot, at: Point, time: float) -> Iterator[Leg]:
    """Yield the rest of a portage or lock that the boat is in the middle of."""
    left = math.dist(at[:2], end) / max(math.dist(start, end), SAME_M)
    if passage.ruled is None or min(math.dist(at[:2], start), math.dist(at[:2], end)) <= SAME_M or left > 1.0:
        return
    edge, rules = ruled_edge(passage.ruled.network, start, end), passage.ruled.network.rules
    own_s = rules.terms.own_s(edge) if rules is not None else 0.0
    if own_s:
        yield Leg(time + left * own_s, math.inf, CLEAR, *at[2:], time, 0.0)


def _as_laid(passage: Passage, start: Point, end: Point, at: Point, time: float) -> Iterator[Leg]:
    """Yield the rest of the leg that a boat is on, sailed along its whole line, if it is near that.

    A pier beside the line may fall into a cell of the chart that a line from a metre aside, or from farther on, meets.
    """
    x, y = np.array([start[:2], end[:2]]).T
    _, share = nearest_leg(x, y, at[:2])
    foot = start[0] + share * (end[0] - start[0]), start[1] + share * (end[1] - start[1])
    if math.dist(foot, at[:2]) <= ON_LINE_M:
        whole = passage.leg(start, end, time)
        yield replace(whole, arrive_s=time + (1.0 - share) * (whole.arrive_s - time))


def _place(path: Path, number: int) -> Spot:
    return float(path.x_m[number]), float(path.y_m[number])


def _when_open(passage: Passage, start: Point, end: Point, times: Sequence[float]) -> tuple[float, Leg]:
    """Sail a leg at the first of some times at which it can be sailed; else the leg that cannot be sailed now."""
    legs = ((time, passage.leg(start, end, time)) for time in times)
    now = next(legs)
    return now if math.isfinite(now[1].arrive_s) else next((one for one in legs if math.isfinite(one[1].arrive_s)), now)
