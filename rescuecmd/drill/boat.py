"""One boat as it truly is: where it lies, how it moves, who is aboard, what its engine can still do."""

import math
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from rescuecmd.drill.script import Force
from rescuecmd.geo import bearing_deg
from rescuecmd.picture.entity import Craft

HOLD_M = 3.0  # a boat holding its place counts as there within this distance
SLOWEST_MPS = 0.05  # below this the bow keeps its direction


@dataclass(frozen=True, slots=True)
class Carry:
    """A leg by a portage, ramp or lock: how long it takes, and when it begins at the earliest (a lock opens)."""

    takes_s: float
    from_s: float


class Line:
    """A polyline to follow, by distance along it. ``carries`` are the legs that are no water, by where they lead."""

    def __init__(self, points: Sequence[tuple[float, float]], carries: Mapping[int, Carry] | None = None) -> None:
        self.points = [points[0]]
        self.cumulative_m = [0.0]
        self.carries: dict[int, Carry] = {}
        for number, (x, y) in enumerate(points[1:], 1):
            step = math.dist(self.points[-1], (x, y))
            if step > 1e-6:
                self.points.append((x, y))
                self.cumulative_m.append(self.cumulative_m[-1] + step)
                if carries and number in carries:
                    self.carries[len(self.points) - 1] = carries[number]

    @property
    def length_m(self) -> float:
        """The length of the line."""
        return self.cumulative_m[-1]

    def at(self, along_m: float) -> tuple[float, float]:
        """Return the point at a distance along the line; beyond the ends the end itself."""
        i = self._leg(along_m)
        if i is None:
            return self.points[0]
        (x0, y0), (x1, y1) = self.points[i], self.points[i + 1]
        share = (along_m - self.cumulative_m[i]) / (self.cumulative_m[i + 1] - self.cumulative_m[i])
        share = min(1.0, max(0.0, share))
        return x0 + share * (x1 - x0), y0 + share * (y1 - y0)

    def direction(self, along_m: float) -> tuple[float, float]:
        """Return the unit vector of the leg at a distance along the line; (0, 0) for a line of one point."""
        i = self._leg(along_m)
        if i is None:
            return 0.0, 0.0
        (x0, y0), (x1, y1) = self.points[i], self.points[i + 1]
        length = self.cumulative_m[i + 1] - self.cumulative_m[i]
        return (x1 - x0) / length, (y1 - y0) / length

    def carry(self, along_m: float) -> tuple[Carry, float] | None:
        """Return the carried leg at a distance along the line and its length; None where the line is on water."""
        i = self._leg(along_m)
        if i is None or i + 1 not in self.carries:
            return None
        return self.carries[i + 1], self.cumulative_m[i + 1] - self.cumulative_m[i]

    def joined_from(self, x_m: float, y_m: float) -> "Line":
        """Return the line that starts at (x, y), runs to the nearest point of this one and on along it."""
        best_m, best_along = math.inf, 0.0
        for i in range(len(self.points) - 1):
            (x0, y0), (x1, y1) = self.points[i], self.points[i + 1]
            length = self.cumulative_m[i + 1] - self.cumulative_m[i]
            share = ((x_m - x0) * (x1 - x0) + (y_m - y0) * (y1 - y0)) / (length * length)
            share = min(1.0, max(0.0, share))
            gap = math.hypot(x0 + share * (x1 - x0) - x_m, y0 + share * (y1 - y0) - y_m)
            if gap < best_m:
                best_m, best_along = gap, self.cumulative_m[i] + share * length
        first = bisect_right(self.cumulative_m, best_along + 1e-6)
        carries = {number - first + 2: one for number, one in self.carries.items() if number >= first}
        if 2 in carries:  # half of it may be done
            share = (self.cumulative_m[first] - best_along) / (self.cumulative_m[first] - self.cumulative_m[first - 1])
            carries[2] = Carry(carries[2].takes_s * share, carries[2].from_s)
        return Line([(x_m, y_m), self.at(best_along), *self.points[first:]], carries)

    def _leg(self, along_m: float) -> int | None:
        if len(self.points) < 2:
            return None
        return min(max(bisect_right(self.cumulative_m, along_m) - 1, 0), len(self.points) - 2)


def speed_over_ground(speed_mps: float, along_mps: float, across_mps: float) -> float:
    """Return the speed made good along a line by a boat that crabs against the cross current, m/s.

    Negative where the boat goes backwards: the current along the line is stronger than what is left of its own
    speed. Where even full speed does not hold the line the boat makes nothing good but what the current gives it.
    """
    left = speed_mps * speed_mps - across_mps * across_mps
    return along_mps + math.sqrt(left) if left > 0 else min(0.0, along_mps)


@dataclass(slots=True)
class Work:
    """Hands full: people being taken aboard or put ashore until a time."""

    kind: str  # "pick_up" or "land"
    victim_id: str
    count: int
    until_s: float
    place_id: str = ""


@dataclass(slots=True)
class Boat:
    """A boat's true state. ``power`` is the share of its speed that the engine gives, 0 when it has failed."""

    force: Force
    x_m: float
    y_m: float
    heading_deg: float = 0.0
    speed_mps: float = 0.0
    power: float = 1.0
    aboard: dict[str, int] = field(default_factory=dict)
    route_id: str = ""
    line: Line | None = None
    along_m: float = 0.0
    work: Work | None = None
    aground: bool = False
    cast_off: bool = False

    @property
    def id(self) -> str:
        """The vessel's id."""
        return self.force.id

    @property
    def craft(self) -> Craft:
        """The vessel's limits."""
        assert self.force.craft is not None  # noqa: S101  # a boat is made from a force with a craft
        return self.force.craft

    @property
    def heads(self) -> int:
        """Rescued persons aboard."""
        return sum(self.aboard.values())

    @property
    def seats_free(self) -> int:
        """Seats left for rescued persons."""
        return self.craft.seats - self.heads

    @property
    def at_end(self) -> bool:
        """True at the end of its line, or without one."""
        return self.line is None or self.along_m >= self.line.length_m - 0.5

    @property
    def carry(self) -> tuple[Carry, float] | None:
        """The portage, ramp or lock that the boat is in, and the length of its leg; None on the water."""
        return None if self.line is None or self.at_end else self.line.carry(self.along_m)

    def take_route(
        self, route_id: str, points: Sequence[tuple[float, float]], carries: Mapping[int, Carry] | None = None
    ) -> None:
        """Follow a new route from where the boat is now."""
        self.route_id = route_id
        self.line = Line(points, carries).joined_from(self.x_m, self.y_m)
        self.along_m = 0.0

    def leave_route(self) -> None:
        """Follow nothing."""
        self.route_id, self.line, self.along_m = "", None, 0.0

    def course(self, target: tuple[float, float] | None) -> tuple[float, float]:
        """Return the unit vector in which the boat wants to go: to `target`, else along its line, else nowhere."""
        if target is not None:
            gap = math.dist((self.x_m, self.y_m), target)
            return ((target[0] - self.x_m) / gap, (target[1] - self.y_m) / gap) if gap > 1e-6 else (0.0, 0.0)
        if self.line is None or self.at_end:
            return 0.0, 0.0
        return self.line.direction(self.along_m)

    def be_carried(self, now_s: float, seconds: float) -> bool:
        """Move for a tick along a leg that is no water, or wait for it to begin; False where the boat is on none."""
        if self.carry is None or self.line is None:
            return False
        (carry, length_m), start_m = self.carry, self.along_m
        if now_s >= carry.from_s:
            self.along_m = min(self.along_m + length_m / carry.takes_s * seconds, self.line.length_m)
        self._set(*self.line.at(self.along_m), seconds, turn=self.along_m > start_m)
        return True

    def advance(self, u_mps: float, v_mps: float, target: tuple[float, float] | None, seconds: float) -> None:
        """Move for a tick in the current (u, v): to `target`, along the line, or holding its place.

        A boat without power drifts. One that is weaker than the current goes backwards.
        """
        own = self.craft.speed_mps * self.power
        if own <= 0.0:
            self._set(self.x_m + u_mps * seconds, self.y_m + v_mps * seconds, seconds, turn=False)
            if self.line is not None:
                self.line, self.along_m = self.line.joined_from(self.x_m, self.y_m), 0.0
            return
        dx, dy = self.course(target)
        if dx == 0.0 and dy == 0.0:
            self._hold(own, u_mps, v_mps, seconds)
            return
        made = speed_over_ground(own, u_mps * dx + v_mps * dy, v_mps * dx - u_mps * dy) * seconds
        if target is not None:
            made = min(made, math.dist((self.x_m, self.y_m), target))
            self._set(self.x_m + dx * made, self.y_m + dy * made, seconds, turn=made > 0)
            return
        assert self.line is not None  # noqa: S101  # a course without a target is the line's
        self.along_m = min(max(self.along_m + made, 0.0), self.line.length_m)
        x, y = self.line.at(self.along_m)
        self._set(x, y, seconds, turn=made > 0)

    def _hold(self, own_mps: float, u_mps: float, v_mps: float, seconds: float) -> None:
        """Stay, bow into the current; what the engine cannot hold goes with the water."""
        current = math.hypot(u_mps, v_mps)
        lost = max(0.0, current - own_mps) / current * seconds if current > 0 else 0.0
        if current > 0.1:
            self.heading_deg = bearing_deg(-u_mps, -v_mps)
        self._set(self.x_m + u_mps * lost, self.y_m + v_mps * lost, seconds, turn=False)

    def _set(self, x_m: float, y_m: float, seconds: float, *, turn: bool) -> None:
        dx, dy = x_m - self.x_m, y_m - self.y_m
        self.speed_mps = math.hypot(dx, dy) / seconds
        if turn and self.speed_mps > SLOWEST_MPS:
            self.heading_deg = bearing_deg(dx, dy)
        self.x_m, self.y_m = x_m, y_m
