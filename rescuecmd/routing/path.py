"""A path a crew can follow: a few points with times and margins; and how one is made straight."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from rescuecmd.compiled import Vector, vector
from rescuecmd.geo import Floats, Frame
from rescuecmd.picture.order import Waypoint
from rescuecmd.routing.chart import ChartVectors
from rescuecmd.routing.kernel import BARRED, CLEAR, RULED, SHALLOW, ZONE, Boat, Closures, WaterVectors, ride
from rescuecmd.routing.network import Network
from rescuecmd.routing.openings import Openings
from rescuecmd.routing.sailing import find_on_axis, furthest, sail
from rescuecmd.routing.search import Way
from rescuecmd.text import Text

PULL_M = 800.0
"""Straight lines are tried up to this length."""

LONGEST_LEG_M = 250.0
"""Longer lines get points in between, so that a crew has a time and a margin every minute or so."""

APPROACH_MPS = 0.5
"""The last metres outside the grid, by line, wading or feeling one's way, weigh as if made at this speed."""

SAME_M = 1.0
"""Points of a route, which went through degrees and back, are a node's if they are this near."""

Point = tuple[float, float, float, float]
"""x, y, chainage, offset."""

Line = tuple[Vector, Vector, Vector, Vector, Vector]
"""x, y, chainage, offset and time by the grid of every point of a way."""


@dataclass(frozen=True, eq=False)
class Path:
    """A path: arrays of one shape (n_points,).

    Attributes
    ----------
    eta_s
        Arrival at each point; the boat leaves it `wait_s` later.
    margin_m
        Least water beyond draught and under-keel allowance on the leg to each point, at the time it is sailed; at the
        first point, there.
    left_m
        Distance that remains between the last point and the goal: a goal on a reef or bank is approached, not reached.
    avoided
        What lay in the way and when it opens.
    """

    x_m: Floats
    y_m: Floats
    chainage_m: Floats
    eta_s: Floats
    wait_s: Floats
    margin_m: Floats
    goal_x_m: float
    goal_y_m: float
    avoided: Text

    @property
    def depart_s(self) -> float:
        """Time at the first point."""
        return float(self.eta_s[0])

    @property
    def arrive_s(self) -> float:
        """Time at the last point."""
        return float(self.eta_s[-1])

    @property
    def least_margin_m(self) -> float:
        """The least margin of all legs."""
        return float(self.margin_m[1:].min() if len(self.margin_m) > 1 else self.margin_m[0])

    @property
    def length_m(self) -> float:
        """Length of all legs."""
        return float(np.hypot(np.diff(self.x_m), np.diff(self.y_m)).sum())

    @property
    def left_m(self) -> float:
        """Distance from the last point to the goal."""
        return math.hypot(self.goal_x_m - float(self.x_m[-1]), self.goal_y_m - float(self.y_m[-1]))

    def waypoints(self, frame: Frame) -> tuple[Waypoint, ...]:
        """Return the points as a route carries them; the start has no margin."""
        lon, lat = frame.to_lonlat(self.x_m, self.y_m)
        return tuple(
            Waypoint(
                float(lon[at]),
                float(lat[at]),
                float(self.chainage_m[at]),
                float(self.eta_s[at]),
                float(self.margin_m[at]) if at else None,
                wait_s=float(self.wait_s[at]),
            )
            for at in range(len(lon))
        )

    def position_at(self, time_s: float) -> tuple[float, float]:
        """Return where the boat is at a time if it keeps to the path; before and after: at an end."""
        leave = self.eta_s + self.wait_s
        times = np.column_stack([self.eta_s, leave]).ravel()
        x, y = (float(np.interp(time_s, times, np.repeat(line, 2))) for line in (self.x_m, self.y_m))
        return x, y


@dataclass(frozen=True, slots=True)
class Leg:
    """What came of sailing one leg: arrival (inf: not passable), least margin, and where, when and why it ended."""

    arrive_s: float
    margin_m: float
    reason: int
    chainage_m: float
    offset_m: float
    time_s: float
    short: float


@dataclass(frozen=True, eq=False)
class Passage:
    """Everything a leg over the chart depends on."""

    chart: ChartVectors
    water: WaterVectors
    boat: Boat
    closures: Closures
    ruled: Openings | None = None  # of a network whose edges have rules

    def leg(self, start: Point, end: Point, depart_s: float) -> Leg:
        """Sail a straight leg without stopping; between the ends of an edge with rules of its own: go along it."""
        if self.ruled is not None and (edge := ruled_edge(self.ruled.network, start, end)) >= 0:
            return _leg_along(self.ruled, edge, end, depart_s)
        rules = None if self.ruled is None else self.ruled.network.rules
        if rules is not None and (barred := rules.barred_at(start, end)) is not None:
            at = find_on_axis(self.chart, *barred, *end[2:])
            return Leg(math.inf, math.inf, BARRED, *at, depart_s, 0.0)
        return Leg(*sail(self.chart, self.water, self.boat, self.closures, (*start, end[0], end[1]), depart_s))


@dataclass(frozen=True, slots=True)
class Stop:
    """A point of a path under construction."""

    point: Point
    eta_s: float
    wait_s: float
    margin_m: float


def straighten(
    passage: Passage, openings: Openings, way: Way, start: Point, goal: Point, *, depart_s: float
) -> list[Stop]:
    """Return the stops of a straightened way: legs as long as passable at their time and no later than the grid.

    What cannot be straightened are edges of the grid, waits included. The goal is the last stop where a straight leg
    reaches it, else the last node of the way.
    """
    points = [start, *(node_point(openings, int(node)) for node in way.nodes), goal]
    arrive = np.array([depart_s, *way.arrive_s, _at_goal_s(passage, points[-2], goal, float(way.arrive_s[-1]))])
    left = [depart_s, *way.leave_s.tolist()]
    xs, ys, cs, os = (vector(np.array([point[k] for point in points])) for k in range(4))
    line = (xs, ys, cs, os, vector(arrive))
    stops = [Stop(start, depart_s, 0.0, _margin_at(openings, way, depart_s))]
    here, time = 0, depart_s
    while here < len(points) - 1:
        leave, step = (
            _grid_step(openings, way, here, time) if here else (time, _boarding(passage, points, stops[0], way))
        )
        there, at, margin = _furthest(passage, points, way, line, (here, leave, left[here]))
        if there == here:
            if step is None:
                break
            there, (at, margin) = here + 1, step
        stops[-1] = Stop(stops[-1].point, time, leave - time, stops[-1].margin_m)
        stops += _divided(passage, stops[-1], points[there], leave) or [Stop(points[there], at, 0.0, margin)]
        here, time = there, stops[-1].eta_s
    return stops


def _boarding(passage: Passage, points: Sequence[Point], start: Stop, way: Way) -> tuple[float, float]:
    """Return arrival at the first node, as the grid has it, and the least margin on the way there; at a berth: here."""
    leg = passage.leg(points[0], points[1], start.eta_s)
    return float(way.arrive_s[0]), leg.margin_m if math.isfinite(leg.arrive_s) else start.margin_m


def _at_goal_s(passage: Passage, last: Point, goal: Point, time: float) -> float:
    """Return when a boat that is at the last node at a time is at the goal, or could be if it felt its way there."""
    leg = passage.leg(last, goal, time)
    return leg.arrive_s if math.isfinite(leg.arrive_s) else time + math.dist(last[:2], goal[:2]) / APPROACH_MPS


def _furthest(
    passage: Passage, points: Sequence[Point], way: Way, line: Line, start: tuple[int, float, float]
) -> tuple[int, float, float]:
    """Return the last point a straight leg reaches from point `here`; none leads across edges with rules."""
    here, leave, left = start
    rules = None if passage.ruled is None else passage.ruled.network.rules
    last = len(points) - 1
    if rules is not None:
        held = np.flatnonzero(np.isin(way.edges[max(here - 1, 0) :], rules.terms.edges))
        last = min(last, max(here, 1) + int(held[0])) if len(held) else last
    while last > here:
        xs, ys, cs, os, grid = (column[: last + 1] for column in line)
        some = (xs, ys, cs, os, grid)
        there, at, margin = furthest(
            passage.chart, passage.water, passage.boat, passage.closures, some, here, leave, left, PULL_M
        )
        if there == here or rules is None or not rules.holds(points[here], points[there]):
            return there, at, margin
        last = there - 1
    return here, math.inf, 0.0


def ruled_edge(network: Network, start: Sequence[float], end: Sequence[float]) -> int:
    """Return the edge with rules of its own that leads from one point to another, -1 if none does."""
    u, v = (network.nearest(*point[:2]) for point in (start, end))
    for node, point in ((u, start), (v, end)):
        if math.hypot(network.x_m[node] - point[0], network.y_m[node] - point[1]) > SAME_M:
            return -1
    edge = network.edge_between(u, v)
    return edge if edge >= 0 and network.rules is not None and network.rules.terms.at(edge) >= 0 else -1


def _leg_along(openings: Openings, edge: int, end: Point, depart_s: float) -> Leg:
    arrive = depart_s + ride(openings.ways, edge, depart_s)
    if any(opens <= depart_s and arrive <= closes for opens, closes in openings.edge_times(edge)):
        return Leg(arrive, _edge_margin(openings, edge, depart_s, arrive), CLEAR, end[2], end[3], arrive, 0.0)
    network = openings.network
    ends = network.start[edge], network.end[edge]
    chainage, offset = (float((line[ends[0]] + line[ends[1]]) / 2) for line in (network.chainage_m, network.offset_m))
    reason = why_shut(openings, edge, depart_s)
    short = max(too_big_m(openings, edge), 0.0) if reason == RULED else 0.0
    return Leg(math.inf, math.inf, reason, chainage, offset, depart_s, short)


def why_shut(openings: Openings, edge: int, time_s: float) -> int:
    """Return why an edge with rules cannot be entered at a time: its water, its rules, or else a no-go zone.

    A way of the river is told by its name whatever closes it.
    """
    network, limits, conditions = openings.network, openings.limits, openings.conditions
    held_s = min(max(time_s, conditions.from_s), conditions.to_s)
    through_s = min(held_s + ride(openings.ways, edge, held_s), conditions.to_s)
    if _edge_margin(openings, edge, held_s, through_s) < 0:
        return SHALLOW
    rules, size = network.rules, (limits.draught_m, limits.air_m)
    if rules is None:
        return ZONE
    return RULED if edge in rules.terms.way or not rules.terms.allows(edge, size, held_s, through_s) else ZONE


def too_big_m(openings: Openings, edge: int) -> float:
    """Return by how much a craft is too deep or too high for the rules of an edge; 0 or less where it is not."""
    rules, limits = openings.network.rules, openings.limits
    return 0.0 if rules is None else rules.terms.too_big_m(edge, limits.draught_m, limits.air_m)


def _divided(passage: Passage, start: Stop, end: Point, leave: float) -> list[Stop]:
    """Return the stops along a long straight line; none where it is short or does not bear dividing."""
    x, y, chainage, offset = start.point
    parts = math.ceil(math.hypot(end[0] - x, end[1] - y) / LONGEST_LEG_M)
    if passage.ruled is not None and ruled_edge(passage.ruled.network, start.point, end) >= 0:
        return []
    stops: list[Stop] = []
    time, here = leave, (x, y, chainage, offset)
    for part in range(1, parts + 1 if parts > 1 else 1):
        spot = (x + (end[0] - x) * part / parts, y + (end[1] - y) * part / parts)
        there = end if part == parts else (*spot, *find_on_axis(passage.chart, *spot, here[2], here[3]))
        leg = passage.leg(here, there, time)
        if not math.isfinite(leg.arrive_s):
            return []
        stops.append(Stop(there, leg.arrive_s, 0.0, leg.margin_m))
        time, here = leg.arrive_s, there
    return stops


def node_point(openings: Openings, node: int) -> Point:
    """Return a node's place."""
    network = openings.network
    return (
        float(network.x_m[node]),
        float(network.y_m[node]),
        float(network.chainage_m[node]),
        float(network.offset_m[node]),
    )


def _grid_step(openings: Openings, way: Way, here: int, time: float) -> tuple[float, tuple[float, float] | None]:
    """Return when the boat leaves point `here` along the grid, and arrival and margin at the next; None: no edge."""
    if here > len(way.edges):
        return time, None
    edge = int(way.edges[here - 1])
    for opens, closes in openings.edge_times(edge):
        leave = max(time, opens)
        arrive = leave + ride(openings.ways, edge, leave) if leave <= closes else math.inf
        if arrive <= closes:
            return leave, (arrive, _edge_margin(openings, edge, leave, arrive))
    return time, None


def _edge_margin(openings: Openings, edge: int, leave: float, arrive: float) -> float:
    network, conditions = openings.network, openings.conditions
    stations = {int(network.station[network.start[edge]]), int(network.station[network.end[edge]])}
    level = min(conditions.low_at(station, time) for station in stations for time in (leave, arrive))
    return level - float(network.edge_bed_m[edge]) - openings.limits.water_m


def _margin_at(openings: Openings, way: Way, time: float) -> float:
    network, node = openings.network, int(way.nodes[0])
    level = openings.conditions.low_at(int(network.station[node]), time)
    return level - float(network.bed_m[node]) - openings.limits.water_m


def path_of(stops: Sequence[Stop], goal: Point, avoided: Text) -> Path:
    """Return the path through some stops."""
    columns = [np.array(column, dtype=np.float64) for column in zip(*(stop.point for stop in stops), strict=True)]
    eta, wait, margin = (np.array([getattr(stop, name) for stop in stops]) for name in ("eta_s", "wait_s", "margin_m"))
    return Path(columns[0], columns[1], columns[2], eta, wait, margin, goal[0], goal[1], avoided)
