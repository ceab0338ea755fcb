"""One moment's knowledge, ready to answer: where can this boat go, by when, and what stands in its way."""

import copy
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from rescuecmd.errors import NotCoveredError, RefusedError
from rescuecmd.geo import Floats
from rescuecmd.picture.entity import Craft, Zone
from rescuecmd.picture.order import Waypoint
from rescuecmd.river.covered import clock_text, span_text
from rescuecmd.river.model import River
from rescuecmd.river.water import Water
from rescuecmd.routing import explain, refusal
from rescuecmd.routing.closed import Closed
from rescuecmd.routing.conditions import Conditions
from rescuecmd.routing.kernel import RULED
from rescuecmd.routing.network import Ints, Network
from rescuecmd.routing.openings import Block, Limits, Openings, find_openings
from rescuecmd.routing.path import APPROACH_MPS, Leg, Passage, Path, Point, Stop, node_point, path_of, straighten
from rescuecmd.routing.search import Tree, grow
from rescuecmd.text import Text

Spot = tuple[float, float]
"""x and y in the river's frame, m."""

HORIZON_S = 3 * 3600.0
"""Routes look this far ahead, or as far as the levels are known."""

BOARD_M = 30.0
"""A boat enters the grid at any node this near that it can sail to in a straight line."""

START_REACH_M = 120.0
"""A boat at a berth or bank that the survey calls too shallow enters the grid at the nearest water within this."""

GOAL_REACH_M = 250.0
"""A goal on a reef, bank or beach is approached to the water's edge, if that is within this distance."""

_MOST_TREES = 64  # a megabyte each
_MOST_POINTS = 20_000
_MOST_GOALS = 500


@dataclass(frozen=True, eq=False)
class Scene:
    """The river, its compiled network, the water as known now, and the no-go zones.

    Results are kept: asking again for the same boat, place and time costs nothing.
    """

    river: River
    network: Network
    water: Water
    now_s: float
    zones: Sequence[Zone] = ()
    horizon_s: float = HORIZON_S
    _openings: dict[Limits, Openings] = field(default_factory=dict, init=False, repr=False)
    _trees: dict[tuple[Limits, Spot, float], Tree] = field(default_factory=dict, init=False, repr=False)
    _points: dict[Spot, Point] = field(default_factory=dict, init=False, repr=False)
    _near: dict[Spot, tuple[Ints, Floats]] = field(default_factory=dict, init=False, repr=False)

    @cached_property
    def conditions(self) -> Conditions:
        """The water over the network from now to the horizon.

        Raises
        ------
        NotCoveredError
            No level is known for now, or none for the time after it (``no-forecast``), or the level has left what is
            covered (``level-outside``).
        """
        to_s = min(self.now_s + self.horizon_s, self.water.end_s)
        if not self.water.covers(self.now_s) or to_s <= self.now_s:
            outside = self.water.uncovered(self.now_s)
            if outside.code != "outside-time":
                raise outside
            known, now = span_text(self.water.start_s, self.water.end_s), clock_text(self.now_s)
            en = f"routes need levels from now on, {now.en}; they are known {known.en}"
            raise NotCoveredError(
                "no-forecast",
                en,
                zh=f"没有 {now.zh} 及以后的水位，已知时段为{known.zh}",
                en=en,
                start_s=self.water.start_s,
                end_s=self.water.end_s,
            )
        return Conditions(self.network, self.water, self.now_s, to_s)

    def at(self, now_s: float) -> "Scene":
        """Return the same knowledge at a later moment: water, openings and zones are shared, not made anew."""
        scene = copy.copy(self)
        object.__setattr__(scene, "now_s", now_s)
        object.__setattr__(scene, "_trees", {})
        return scene

    def keeping_to(self, craft: Craft, nodes: NDArray[np.bool_]) -> "Scene":
        """Return the same scene in which a craft may use some nodes only (a mask of the network's)."""
        network, limits = self.network, Limits.of(craft)
        outside = np.flatnonzero(~nodes)
        edges = np.flatnonzero(~(nodes[network.start] & nodes[network.end]))
        blocks = [*self.closed.blocks, Block(outside, edges, -np.inf, np.inf)]
        scene = copy.copy(self)
        object.__setattr__(scene, "_trees", {})
        object.__setattr__(scene, "_openings", {limits: find_openings(network, self.conditions, limits, blocks)})
        return scene

    @cached_property
    def closed(self) -> Closed:
        """What no-go zones and closed ways shut."""
        return Closed(self.river, self.network, self.zones)

    def openings(self, craft: Craft) -> Openings:
        """Return when everything is open for a craft."""
        limits = Limits.of(craft)
        if limits not in self._openings:
            self._openings[limits] = find_openings(self.network, self.conditions, limits, self.closed.blocks)
        return self._openings[limits]

    def passage(self, craft: Craft, *, spare_m: float = 0.0) -> Passage:
        """Return what a straight leg of a craft depends on; `spare_m` of its under-keel allowance may be used up."""
        limits = Limits.of(craft)
        boat = replace(limits, water_m=limits.water_m - spare_m).boat()
        ruled = self.openings(craft) if self.network.rules is not None else None
        return Passage(self.network.charted.vectors, self.conditions.vectors, boat, self.closed.closures, ruled)

    def tree(self, craft: Craft, start_xy: Spot, depart_s: float) -> Tree:
        """Return the earliest arrival everywhere for a boat at a point.

        Raises
        ------
        NotCoveredError
            The departure lies outside the time covered, or the point is not at the river.
        RefusedError
            There is no water for this craft near the point (code ``not-afloat``).
        """
        key = (Limits.of(craft), start_xy, depart_s)
        if key not in self._trees:
            for old in list(self._trees)[: 1 - _MOST_TREES]:
                self._trees.pop(old, None)
            seeds = [(node, depart_s + hop_s) for node, hop_s in self.boarding(craft, start_xy, depart_s)]
            self._trees[key] = grow(self.openings(craft), seeds)
        return self._trees[key]

    def path(self, craft: Craft, start_xy: Spot, goal_xy: Spot, depart_s: float) -> Path:
        """Return the earliest path to a goal, straightened.

        A goal in water too shallow for the craft (a reef, a bank) is approached as near as it is worth the time.

        Raises
        ------
        NotCoveredError
            Start or goal is not at the river, or the departure outside the time covered.
        RefusedError
            No way within the time covered (code ``no-route``; fact ``zh`` and ``en`` say why), or the boat has no
            water where it is (code ``not-afloat``).
        """
        path = self.bare_path(craft, start_xy, goal_xy, depart_s)
        tree = self.tree(craft, start_xy, depart_s)
        obstacles = self._obstacles(tree, start_xy, self._end_node(tree, goal_xy), depart_s)
        return replace(path, avoided=explain.avoided(self.river, obstacles, self.now_s))

    def avoids(self, craft: Craft, path: Path) -> list[explain.Obstacle]:
        """Return what stands in the direct way of a path: what is missing there, and when it opens."""
        start, goal = (float(path.x_m[0]), float(path.y_m[0])), (path.goal_x_m, path.goal_y_m)
        tree = self.tree(craft, start, path.depart_s)
        return self._obstacles(tree, start, self._end_node(tree, goal), path.depart_s)

    def bare_path(
        self, craft: Craft, start_xy: Spot, goal_xy: Spot, depart_s: float, *, by_node: int | None = None
    ) -> Path:
        """Return `path` without the sentence on what it avoids; `by_node` tells the last node of the way."""
        tree = self.tree(craft, start_xy, depart_s)
        goal, node = self.point(goal_xy), self._end_node(tree, goal_xy) if by_node is None else by_node
        if node < 0:
            raise self._no_route(tree, start_xy, goal_xy, depart_s)
        stops = straighten(
            self.passage(craft), tree.openings, tree.way_to(node), self.point(start_xy), goal, depart_s=depart_s
        )
        return path_of(stops, goal, Text("", ""))

    def arrival_s(self, craft: Craft, start_xy: Spot, goal_xy: Spot, depart_s: float) -> float:
        """Return when a boat can be at a goal or as near as it gets, inf where it cannot: for comparing boats."""
        node = self.stop(craft, start_xy, goal_xy, depart_s)
        return float(self.tree(craft, start_xy, depart_s).arrival_s[node]) if node >= 0 else float("inf")

    def stop(self, craft: Craft, start_xy: Spot, goal_xy: Spot, depart_s: float) -> int:
        """Return the node from which a boat would approach a goal, -1 where none near it is reached."""
        return self._end_node(self.tree(craft, start_xy, depart_s), goal_xy)

    def path_along(self, waypoints: Sequence[Waypoint], goal_xy: Spot | None = None) -> Path:
        """Return the path that the waypoints of a route describe, for `watch.review`."""
        x, y = self.river.frame.to_xy([one.lon_deg for one in waypoints], [one.lat_deg for one in waypoints])
        goal = goal_xy or (float(x[-1]), float(y[-1]))
        stops = [
            Stop((float(x[at]), float(y[at]), one.chainage_m, 0.0), one.eta_s, one.wait_s, one.margin_m or 0.0)
            for at, one in enumerate(waypoints)
        ]
        return path_of(stops, (*goal, 0.0, 0.0), Text("", ""))

    def leg(self, craft: Craft, start_xy: Spot, end_xy: Spot, depart_s: float) -> Leg:
        """Sail one straight leg: whether it is passable at its time, its arrival and least margin."""
        return self.passage(craft).leg(self.point(start_xy), self.point(end_xy), depart_s)

    def point(self, xy: Spot) -> Point:
        """Return a spot with its chainage and offset."""
        if xy not in self._points:
            self.locate_all([xy[0]], [xy[1]])
        return self._points[xy]

    def locate_all(self, x_m: ArrayLike, y_m: ArrayLike) -> None:
        """Find chainage and offset of many spots at once, so that `point` knows them."""
        if len(self._points) > _MOST_POINTS:
            self._points.clear()
        x, y = np.asarray(x_m, dtype=np.float64), np.asarray(y_m, dtype=np.float64)
        chainage, offset = self.river.locate(x, y)
        for point in zip(x.tolist(), y.tolist(), chainage.tolist(), offset.tolist(), strict=True):
            self._points[point[0], point[1]] = point

    def boarding(self, craft: Craft, start_xy: Spot, depart_s: float) -> list[tuple[int, float]]:
        """Return the nodes where a boat at a point can enter the grid, each with the seconds it takes to get there.

        Raises
        ------
        NotCoveredError
            The departure lies outside the time covered, or the point is not at the river.
        RefusedError
            There is no water for this craft near the point (code ``not-afloat``).
        """
        openings, passage, start = self.openings(craft), self.passage(craft), self.point(start_xy)
        self._check_time(depart_s)
        found = []
        for node in self.network.within(*start_xy, BOARD_M).tolist():
            leg = passage.leg(start, node_point(openings, node), depart_s)
            if np.isfinite(leg.arrive_s) and openings.state_at(node, leg.arrive_s) >= 0:
                found.append((node, leg.arrive_s - depart_s))
        return found or self._berth_hop(openings, start_xy, depart_s)

    def _berth_hop(self, openings: Openings, start_xy: Spot, depart_s: float) -> list[tuple[int, float]]:
        """Return the nearest node with water: as the boat is afloat, the survey is wrong here; half speed."""
        near = self.network.within(*start_xy, START_REACH_M).tolist()
        if not near:
            raise refusal.off_river(self.river, self.network, Text("本艇", "the boat"), start_xy, START_REACH_M)
        rules = self.network.rules
        for node in near:
            if rules is not None and rules.bars(start_xy, node_point(openings, node)):
                continue
            away = float(np.hypot(self.network.x_m[node] - start_xy[0], self.network.y_m[node] - start_xy[1]))
            hop_s = away / (openings.limits.speed_mps / 2)
            if depart_s + hop_s <= self.conditions.to_s and openings.state_at(node, depart_s + hop_s) >= 0:
                return [(node, hop_s)]
        raise refusal.not_afloat(self.river, openings, start_xy, depart_s, START_REACH_M)

    def _end_node(self, tree: Tree, goal_xy: Spot) -> int:
        """Return the node from which the goal is approached, -1 where none near it is reached."""
        near, last_s = self._approaches(goal_xy)
        cost = tree.arrival_s[near] + last_s
        best = int(np.argmin(cost))
        return int(near[best]) if np.isfinite(cost[best]) else -1

    def _approaches(self, goal_xy: Spot) -> tuple[Ints, Floats]:
        """Return the nodes from which a goal can be approached, and what the last metres from each weigh."""
        if goal_xy not in self._near:
            near = self.network.within(*goal_xy, GOAL_REACH_M)
            if not len(near):
                raise refusal.off_river(self.river, self.network, Text("目标", "the goal"), goal_xy, GOAL_REACH_M)
            if len(self._near) > _MOST_GOALS:
                self._near.clear()
            away = np.hypot(self.network.x_m[near] - goal_xy[0], self.network.y_m[near] - goal_xy[1])
            self._near[goal_xy] = near, away / APPROACH_MPS
        return self._near[goal_xy]

    def _obstacles(self, tree: Tree, start_xy: Spot, goal: int, depart_s: float) -> list[explain.Obstacle]:
        direct = explain.direct_way(self.network, self._ground, self._ground_near(start_xy), goal)
        return explain.obstacles(tree.openings, direct, depart_s)

    @cached_property
    def _ground(self) -> NDArray[np.bool_]:
        return explain.common_ground(self.river, self.conditions)

    def _ground_near(self, xy: Spot) -> int:
        near = self.network.within(*xy, GOAL_REACH_M)
        ground = near[self._ground[near]]
        return int(ground[0]) if len(ground) else self.network.nearest(*xy)

    def _no_route(self, tree: Tree, start_xy: Spot, goal_xy: Spot, depart_s: float) -> RefusedError:
        ends = (self._ground_near(start_xy), self._ground_near(goal_xy))
        obstacles = self._shut_ways(tree.openings, ends, depart_s)
        obstacles = obstacles or self._obstacles(tree, start_xy, ends[1], depart_s)
        if not obstacles:  # no water leads there at all: look over dry ground
            ends = (self.network.nearest(*start_xy), self._ground_near(goal_xy))
            everything = np.ones(self.network.n_nodes, dtype=bool)
            direct = explain.direct_way(self.network, everything, *ends)
            obstacles = explain.obstacles(tree.openings, direct, depart_s)
        if not obstacles:
            dry = Text("目标附近预报期内无足够水深", "no water deep enough near the goal within the forecast")
            dry = self._within_levels(dry)
            return RefusedError("no-route", f"no way within the time covered: {dry.en}", zh=dry.zh, en=dry.en)
        why = explain.listed(self.river, [one for one in obstacles if one.opens_s is None] or obstacles, self.now_s)
        why = self._within_levels(why)
        reached = np.flatnonzero(np.isfinite(tree.arrival_s))
        near, facts = refusal.unreached(self.river, self.network, reached, goal_xy)
        message = f"no way within the time covered: {why.en}{near.en}"
        return RefusedError("no-route", message, zh=why.zh, en=why.en, near_zh=near.zh, near_en=near.en, **facts)

    def _within_levels(self, why: Text) -> Text:
        """Return a reason, with the reason why the time covered ends where the level and not the horizon ends it."""
        ends = self.water.ends
        if ends is None or self.conditions.to_s < ends.at_s:
            return why
        return Text(f"{why.zh}；{ends.text.zh}", f"{why.en}; {ends.text.en}")

    def _shut_ways(self, openings: Openings, ends: tuple[int, int], depart_s: float) -> list[explain.Obstacle]:
        """Return what shuts the portages and locks that a craft would need; none where it needs something else."""
        if self.network.rules is None:
            return []
        afloat: NDArray[np.bool_] = np.diff(openings.states.first) > 0
        nodes = explain.direct_way(self.network, afloat, *ends, by_ways=True)
        return [one for one in explain.obstacles(openings, nodes, depart_s) if one.reason == RULED]

    def _check_time(self, depart_s: float) -> None:
        if not self.conditions.from_s <= depart_s <= self.conditions.to_s:
            known, asked = span_text(self.conditions.from_s, self.conditions.to_s), clock_text(depart_s)
            en = f"departure at {asked.en}, but routes can be told {known.en} only"
            raise NotCoveredError(
                "outside-time",
                en,
                zh=f"出发时间 {asked.zh} 不在可计算时段内：{known.zh}",
                en=en,
                start_s=self.conditions.from_s,
                end_s=self.conditions.to_s,
            )
