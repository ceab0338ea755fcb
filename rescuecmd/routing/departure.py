"""When a boat must leave: the latest safe departure to a goal, what sets it, and the point of no return.

The same open intervals that the earliest arrival is searched over, searched backwards in time from a deadline. One
search answers for every place at once. "Latest" is exact: a moment later the boat would meet a closed edge or miss the
deadline whatever it does, waiting included.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np

from rescuecmd.compiled import blank, vector
from rescuecmd.geo import Floats
from rescuecmd.picture.entity import Craft
from rescuecmd.routing.backward import latest
from rescuecmd.routing.kernel import BARRED, OUTSIDE, SHALLOW
from rescuecmd.routing.network import Ints
from rescuecmd.routing.openings import LEAST_MPS, Openings
from rescuecmd.routing.path import Leg, Passage, Path, Point, node_point
from rescuecmd.routing.scene import BOARD_M, GOAL_REACH_M, Scene, Spot

OPEN_END_S = 1.0
"""A departure held only by the end of what is known is no limit of the water; the two are told apart to this."""

_HOPS = 8  # rounds in which the way from a point to the first node settles
_LAST_HOP_S = BOARD_M / LEAST_MPS + OPEN_END_S  # the hop to a goal is over in this time
_NEAR_END_S = 5.0  # a boat that arrives is on the last metres
_EXACT_S = 0.01  # when a leg closes is found to this
_SAME_LEVEL_M = 0.05  # levels of neighbouring stations differ by less


@dataclass(frozen=True, slots=True)
class Hold:
    """What sets a latest departure: an edge of the network and when it closes."""

    edge: int
    closes_s: float


@dataclass(frozen=True, eq=False)
class Deadline:
    """The latest departure everywhere for one goal and deadline.

    Attributes
    ----------
    state_leave_s
        Shape (n_states,), s since epoch; -inf from where the goal is not reached in time.
    state_held_by
        Shape (n_states,): the arc whose closing sets the time, -1 where the deadline itself does.
    """

    openings: Openings
    deadline_s: float
    state_leave_s: Floats
    state_next: Ints
    state_held_by: Ints

    @cached_property
    def leave_s(self) -> Floats:
        """The latest departure from each node over all times, shape (n_nodes,); -inf where there is none."""
        leave = np.full(self.openings.network.n_nodes, -np.inf)
        np.maximum.at(leave, self.openings.states.item, self.state_leave_s)
        return leave

    @property
    def binding(self) -> bool:
        """Whether the deadline is one: the end of what is known is none."""
        return self.deadline_s < self.openings.conditions.to_s - OPEN_END_S

    def from_node(self, node: int, time_s: float) -> tuple[float, Hold | None]:
        """Return until when a boat that floats at a node at a time may stay, and what sets that; -inf: too late now."""
        state = self.openings.state_at(node, time_s)
        if state < 0 or self.state_leave_s[state] < time_s:
            return -math.inf, None
        until, arc, arcs = float(self.state_leave_s[state]), int(self.state_held_by[state]), self.openings.arcs
        if arc >= 0:
            return until, Hold(int(arcs.item[arc]), float(arcs.closes_s[arc]))
        dry_s = float(self.openings.states.closes_s[state])
        if self.state_next[state] < 0 and until >= dry_s and dry_s < self.openings.conditions.to_s - OPEN_END_S:
            return until, Hold(int(self.openings.network.first[node]), until)  # there already, and it falls dry
        goal = state
        while self.state_next[goal] >= 0:
            goal = int(self.state_next[goal])
        shuts_s = float(self.state_leave_s[goal])
        if shuts_s < self.deadline_s - _LAST_HOP_S:  # the last metres to the goal close before the deadline
            return until, Hold(int(self.openings.network.first[self.openings.states.item[goal]]), shuts_s)
        return until, None


def last_departures(openings: Openings, goals: Sequence[tuple[int, float]], deadline_s: float) -> Deadline:
    """Return the latest departure from everywhere to any of some nodes, each with the latest arrival there.

    Source
    ------
    Dean (2004), Shortest paths in FIFO time-dependent networks: the reverse problem from a fixed arrival time.
    """
    states, n_states = openings.states, len(openings.states.item)
    seeds = [
        (state, min(until, float(states.closes_s[state])))
        for node, until in goals
        for state in range(int(states.first[node]), int(states.first[node + 1]))
        if states.opens_s[state] <= until
    ]
    at = np.array([state for state, _ in seeds], dtype=np.int64)
    until_s = np.array([until for _, until in seeds], dtype=np.float64)
    leave, goes_to, by_entry, held_by = blank(n_states, -np.inf), *(blank(n_states, -1) for _ in range(3))
    fastest = openings.limits.speed_mps + float(openings.conditions.drift_mps.max()) + 0.1
    latest(openings.entries, openings.ways, fastest, (vector(at), vector(until_s)), leave, goes_to, by_entry, held_by)
    held = np.asarray(held_by, dtype=np.int64)
    arcs = np.where(held >= 0, openings.inward[held], -1) if len(openings.inward) else held
    return Deadline(
        openings, deadline_s, np.asarray(leave, dtype=np.float64), np.asarray(goes_to, dtype=np.int64), arcs
    )


def deadline_at(
    scene: Scene,
    craft: Craft,
    goal_xy: Spot,
    deadline_s: float | None,
    *,
    near_m: float,
    open_s: float | None = None,
) -> Deadline:
    """Return the latest departures to a goal. Without a deadline: by the end of what is known.

    A goal that boats float on is reached by a straight line from a node near it, as long as that is open. Any other (a
    reef, a berth that the survey calls dry) counts as reached at every node at most `near_m`, and a little, from it;
    with `near_m` so does one that falls dry before the deadline. `open_s`: the last metres are known to be open then.

    Raises
    ------
    NotCoveredError
        There is no charted water near the goal.
    """
    openings, network, passage = scene.openings(craft), scene.network, scene.passage(craft)
    until = openings.conditions.to_s if deadline_s is None else min(deadline_s, openings.conditions.to_s)
    lasting, passing = [], []
    for node in network.within(*goal_xy, BOARD_M).tolist():
        start, goal = node_point(openings, node), scene.point(goal_xy)
        begins = max(until - math.dist(start[:2], goal_xy) / openings.limits.speed_mps, openings.conditions.from_s)
        leg = passage.leg(start, goal, begins)
        if math.isfinite(leg.arrive_s):
            lasting.append((node, until - (leg.arrive_s - begins)))
        elif _may_have_been_open(openings, leg):
            passing.append((node, _last_start_s(passage, start, goal, _looks_s(openings, open_s, begins))))
    goals = [*lasting, *passing] if lasting or not near_m else []
    goals = [(node, by_s) for node, by_s in goals if by_s > -math.inf]
    if not goals:
        near = network.within(*goal_xy, min(near_m + BOARD_M, GOAL_REACH_M)).tolist()
        goals = [(node, until) for node in near or [network.nearest(*goal_xy)]]
    return last_departures(openings, goals, until)


def _may_have_been_open(openings: Openings, leg: Leg) -> bool:
    """Return whether a leg that is closed at one time can have been open before: what is too high at any level not."""
    if leg.reason != SHALLOW:
        return leg.reason not in {OUTSIDE, BARRED}
    lowest, highest = openings.conditions.low_range_m
    station = min(int(np.searchsorted(openings.network.station_m, leg.chainage_m)), len(lowest) - 1)
    return leg.short <= float(highest[station] - lowest[station]) + _SAME_LEVEL_M


def _looks_s(openings: Openings, open_s: float | None, closed_s: float) -> list[float]:
    """Return when to look whether a leg was open that is closed at a time, ascending, that time last.

    Before it that is at the knots of the water, and at another time at which the leg is known to have been open.
    """
    times = openings.conditions.knots_s.tolist() if open_s is None else [*openings.conditions.knots_s.tolist(), open_s]
    return sorted({time for time in times if time < closed_s} | {closed_s})


def _last_start_s(passage: Passage, start: Point, end: Point, looks_s: Sequence[float]) -> float:
    """Return the last time at which a leg can be sailed that is closed at the last of some times; -inf: at none."""
    spans = pairwise(reversed(looks_s))
    found = next((span for span in spans if math.isfinite(passage.leg(start, end, span[1]).arrive_s)), None)
    if found is None:
        return -math.inf
    closed_s, opens_s = found
    while closed_s - opens_s > _EXACT_S:
        middle_s = (opens_s + closed_s) / 2
        if math.isfinite(passage.leg(start, end, middle_s).arrive_s):
            opens_s = middle_s
        else:
            closed_s = middle_s
    return opens_s


def leave_by(
    scene: Scene,
    craft: Craft,
    deadline: Deadline,
    start_xy: Spot,
    time_s: float,
    *,
    boarding: Sequence[tuple[int, float]] | None = None,
) -> tuple[float, Hold | None]:
    """Return until when a boat at a point at a time may stay there and still make the deadline; -inf: too late.

    The boat enters the grid by any node that it can sail to in a straight line, as it does when it looks for a way:
    `boarding`, if the caller knows it already.
    """
    best: tuple[float, float, int, Hold | None] = (-math.inf, 0.0, -1, None)
    for node, hop_s in scene.boarding(craft, start_xy, time_s) if boarding is None else boarding:
        until, held = deadline.from_node(node, time_s + hop_s)
        if until - hop_s > best[0]:
            best = (until - hop_s, hop_s, node, held)
    about, hop_s, node, held = best
    return (
        (about, None) if node < 0 else (_hop_back(scene, craft, start_xy, node, until=about + hop_s, hop_s=hop_s), held)
    )


def _hop_back(scene: Scene, craft: Craft, start_xy: Spot, node: int, *, until: float, hop_s: float) -> float:
    """Return when a boat must leave a point to be at a node by a time: the hop at that time, found by repeating it."""
    passage, start = scene.passage(craft), scene.point(start_xy)
    end = node_point(scene.openings(craft), node)
    for _ in range(_HOPS):
        leg = passage.leg(start, end, until - hop_s)
        if not math.isfinite(leg.arrive_s):
            break
        late, hop_s = leg.arrive_s - until, leg.arrive_s - (until - hop_s)
        if abs(late) < 1e-6:
            break
    return until - hop_s


@dataclass(frozen=True, eq=False)
class Chances:
    """The last moments along a path, at each of its points; arrays of shape (n_points,), inf: no limit is known.

    Attributes
    ----------
    go_by_s
        The latest time at which the boat may leave the point and still reach the goal; -inf: it cannot any more.
    back_by_s
        The latest time at which it may turn round at the point and still reach where it came from.
    go_held, back_held
        What closes first on that way, None where nothing does within what is known.
    """

    path: Path
    go_by_s: Floats
    back_by_s: Floats
    go_held: tuple[Hold | None, ...]
    back_held: tuple[Hold | None, ...]

    @property
    def no_return(self) -> int | None:
        """The last point from which the boat still gets back when it comes there on time.

        None: it gets back from every point. A path whose first point already has no way back gives -1.
        """
        too_late = np.flatnonzero(self.back_by_s < self.path.eta_s - 1e-6)
        return int(too_late[0]) - 1 if len(too_late) else None


def chances(
    scene: Scene,
    craft: Craft,
    path: Path,
    *,
    deadline_s: float | None = None,
    home_by_s: float | None = None,
    home_xy: Spot | None = None,
) -> Chances:
    """Return the last moments along a path: towards its end by `deadline_s`, and back home by `home_by_s`.

    Home is where the path begins, unless the boat came from elsewhere.
    """
    scene.locate_all(path.x_m, path.y_m)
    end, start = (float(path.x_m[-1]), float(path.y_m[-1])), home_xy or (float(path.x_m[0]), float(path.y_m[0]))
    there = deadline_at(scene, craft, end, deadline_s, near_m=0.0, open_s=path.arrive_s - _NEAR_END_S)
    back = deadline_at(
        scene, craft, start, home_by_s, near_m=_berth_m(scene, craft, start, path.depart_s), open_s=path.depart_s
    )
    go = [_moment(scene, craft, there, path, at) for at in range(len(path.x_m))]
    home = [_moment(scene, craft, back, path, at) for at in range(len(path.x_m))]
    return Chances(
        path,
        np.array([time for time, _ in go]),
        np.array([time for time, _ in home]),
        tuple(held for _, held in go),
        tuple(held for _, held in home),
    )


def _berth_m(scene: Scene, craft: Craft, xy: Spot, time_s: float) -> float:
    """Return how far the water that floats a craft lies from a berth: a boat comes home as near as it left.

    0: it floats where it lies.
    """
    nodes = [node for node, _ in scene.boarding(craft, xy, time_s)]
    network, end = scene.network, node_point(scene.openings(craft), nodes[0])
    if math.isfinite(scene.passage(craft).leg(scene.point(xy), end, time_s).arrive_s):
        return 0.0
    away = np.hypot(network.x_m[nodes] - xy[0], network.y_m[nodes] - xy[1])
    return float(away.min())


def _moment(scene: Scene, craft: Craft, deadline: Deadline, path: Path, at: int) -> tuple[float, Hold | None]:
    xy, time_s = (float(path.x_m[at]), float(path.y_m[at])), float(path.eta_s[at])
    if not scene.conditions.from_s <= time_s <= scene.conditions.to_s:
        return -math.inf, None
    until, held = leave_by(scene, craft, deadline, xy, time_s)
    if held is None and not deadline.binding and until > -math.inf:
        return math.inf, None
    return until, held
