"""What a boat meets along a path, sounded every few metres: bed, level and its bounds, bridges, current, zones.

The same raster and the same water that a leg is sailed over, read for many points and all knots at once, so that it can
be said when each of them closes.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from rescuecmd.geo import Floats
from rescuecmd.picture.entity import Craft
from rescuecmd.river.model import Bridge, Span
from rescuecmd.routing.conditions import Conditions
from rescuecmd.routing.grid import SPAN_REACH_M
from rescuecmd.routing.kernel import CURRENT, OVERHEAD, RULED, SHALLOW, ZONE
from rescuecmd.routing.network import Ints
from rescuecmd.routing.openings import LEAST_MPS, Limits, Openings
from rescuecmd.routing.path import Path, ruled_edge
from rescuecmd.routing.scene import Scene

_CRAB_SIN2 = 0.75
_WALL_M = -1e6  # what is infinitely high is as shallow as this: the difference of two infinities is no number


@dataclass(frozen=True, slots=True)
class Crossing:
    """A path passing under a bridge: which span, where along the path, and when."""

    bridge: Bridge
    span: Span
    number: int
    distance_m: float
    time_s: float
    leg: int


@dataclass(frozen=True, eq=False)
class Soundings:
    """Points along a path, one per cell of the chart at most; arrays of one shape (n,).

    Attributes
    ----------
    leg
        The leg each point lies on: the number of the point of the path that the leg leads to; 0 at the start.
    distance_m, time_s
        From the start of the path along it; when the boat passes.
    bed_m
        The highest bed within a cell to every side, as the search has it; inf outside the survey. A leg by a way with
        its own time (a portage, a lock) is sounded at its ends only, and over its sill.
    rules_close_s
        When the rules of an edge close the leg each point lies on; inf where it has none.
    ways
        The edges of those legs that are such ways.
    """

    scene: Scene
    limits: Limits
    path: Path
    leg: Ints
    distance_m: Floats
    time_s: Floats
    x_m: Floats
    y_m: Floats
    chainage_m: Floats
    offset_m: Floats
    bed_m: Floats
    rules_close_s: Floats
    ways: Mapping[int, int]

    @cached_property
    def level_m(self) -> Floats:
        """The median level when the boat passes."""
        return self.scene.water.level_m(self._covered_m, self._held_s)

    @cached_property
    def sigma_m(self) -> Floats:
        """The standard error of `level_m`."""
        return self.scene.water.sigma_m(self._covered_m, self._held_s)

    @cached_property
    def low_m(self) -> Floats:
        """The low bound of the level when the boat passes."""
        return self.scene.water.low_m(self._covered_m, self._held_s)

    @cached_property
    def high_m(self) -> Floats:
        """The high bound of the level when the boat passes."""
        return self.scene.water.high_m(self._covered_m, self._held_s)

    @property
    def margin_m(self) -> Floats:
        """Water beyond draught and under-keel allowance at the low bound."""
        margin: Floats = self.low_m - self.bed_m - self.limits.water_m
        return margin

    @property
    def sigmas(self) -> Floats:
        """How many standard errors the level may lie under its median before the boat has too little water."""
        sigmas: Floats = (self.level_m - self.bed_m - self.limits.water_m) / self.sigma_m
        return sigmas

    @cached_property
    def closes_s(self) -> tuple[Floats, Ints]:
        """When each point stops being passable after the boat has passed it (inf: not within what is known), and why.

        Exact between knots: level and current are linear there, so the first moment is a root.
        """
        best, why = self._shallow_s, np.full(len(self.leg), SHALLOW, dtype=np.int64)
        for reason, times in ((OVERHEAD, self._overhead_s), (CURRENT, self._current_s), (ZONE, self._zone_s),
                              (RULED, self.rules_close_s)):  # fmt: skip
            sooner = times < best
            best, why = np.where(sooner, times, best), np.where(sooner, reason, why)
        return best, why

    @cached_property
    def crossings(self) -> tuple[Crossing, ...]:
        """The bridges passed under, in order; a boat between two spans is under the lower one."""
        found = []
        for bridge in self.scene.river.bridges:
            side = self.chainage_m - bridge.chainage_m
            for at in np.flatnonzero(((side[:-1] * side[1:] < 0) | (side[1:] == 0)) & ~self._by_way[1:]).tolist():
                share = side[at] / (side[at] - side[at + 1]) if side[at] != side[at + 1] else 1.0
                here = self.offset_m[at] + share * (self.offset_m[at + 1] - self.offset_m[at])
                over = [
                    (span.soffit_m, number, span)
                    for number, span in enumerate(bridge.spans)
                    if span.from_m - SPAN_REACH_M <= here <= span.to_m + SPAN_REACH_M
                ]
                if over:
                    _, number, span = min(over, key=lambda one: one[:2])
                    where, when = (
                        float(line[at] + share * (line[at + 1] - line[at])) for line in (self.distance_m, self.time_s)
                    )
                    found.append(Crossing(bridge, span, number + 1, where, when, int(self.leg[at + 1])))
        return tuple(sorted(found, key=lambda one: one.distance_m))

    @cached_property
    def _by_way(self) -> NDArray[np.bool_]:
        return np.isin(self.leg, list(self.ways))

    @cached_property
    def _covered_m(self) -> Floats:
        return np.clip(self.chainage_m, 0.0, self.scene.river.length_m)

    @cached_property
    def _held_s(self) -> Floats:
        return np.clip(self.time_s, self.scene.water.start_s, self.scene.water.end_s)

    @property
    def _shallow_s(self) -> Floats:
        table = _at_stations(self.scene.conditions, self.scene.conditions.low_m, self._covered_m)
        return _first_below(
            self.scene.conditions.knots_s, table - (self.bed_m + self.limits.water_m)[:, None], self.time_s
        )

    @property
    def _overhead_s(self) -> Floats:
        times = np.full(len(self.leg), np.inf)
        conditions = self.scene.conditions
        for crossing in self.crossings:
            at = int(np.argmin(np.abs(self.distance_m - crossing.distance_m)))
            high = _at_stations(conditions, conditions.high_m, np.array([crossing.bridge.chainage_m]))
            room = crossing.span.soffit_m - self.limits.air_m - high
            times[at] = min(times[at], _first_below(conditions.knots_s, room, np.array([crossing.time_s]))[0])
        return times

    @property
    def _current_s(self) -> Floats:
        """By the current at the nearest node, against what the boat can meet on its course there."""
        network, conditions = self.scene.network, self.scene.conditions
        node = network.tree.query(np.column_stack([self.x_m, self.y_m]))[1]
        ahead = np.maximum(self.leg, 1) if len(self.path.x_m) > 1 else self.leg
        dx, dy = (line[ahead] - line[np.maximum(ahead - 1, 0)] for line in (self.path.x_m, self.path.y_m))
        along = (dx * network.flow_x[node] + dy * network.flow_y[node]) / np.maximum(np.hypot(dx, dy), 1e-9)
        sine2, speed = np.clip(1.0 - along**2, 0.0, 1.0), self.limits.speed_mps
        stopped = LEAST_MPS * along + np.sqrt(np.maximum(speed**2 - LEAST_MPS**2 * sine2, 0.0))
        crab = speed * np.sqrt(_CRAB_SIN2 / np.maximum(sine2, 1e-12))
        most = np.minimum(np.minimum(stopped, crab), self.limits.max_current_mps)
        times = _first_below(conditions.knots_s, most[:, None] - conditions.current_mps[node], self.time_s)
        return np.where(self._by_way, np.inf, times)

    @property
    def _zone_s(self) -> Floats:
        times = np.full(len(self.leg), np.inf)
        for covered, starts_s, ends_s in self.scene.closed.over(self.chainage_m, self.offset_m):
            hit = covered & (ends_s > self.time_s)
            times[hit] = np.minimum(times[hit], np.maximum(starts_s, self.time_s[hit]))
        return times


def sound(scene: Scene, craft: Craft, path: Path) -> Soundings:
    """Return the soundings along a path.

    Raises
    ------
    NotCoveredError
        The network was written by hand and has no chart.
    """
    chart = scene.network.charted
    step = chart.cell_m
    ruled = _ruled_legs(scene, path)
    ways = {leg: edge for leg, edge in ruled.items() if scene.network.rules and scene.network.rules.terms.own_s(edge)}
    count = np.maximum(1, np.ceil(np.hypot(np.diff(path.x_m), np.diff(path.y_m)) / step - 1e-9)).astype(np.int64)
    count[[leg - 1 for leg in ways]] = 1
    leg = np.concatenate([[0], np.repeat(np.arange(1, len(path.x_m)), count)]).astype(np.int64)
    share = np.concatenate([[0.0], *(np.arange(1, one + 1) / one for one in count)])
    x, y, time, distance = (_along(line, leg, share) for line in _lines(path))
    chainage, offset = scene.river.locate(x, y)
    row = np.floor(chainage / step + 0.5).astype(np.int64)
    column = np.floor((offset - chart.right_m) / step + 0.5).astype(np.int64)
    rows, columns = chart.bed_m.shape
    inside = (row >= 0) & (row < rows) & (column >= 0) & (column < columns)
    cell = chart.bed_m[row.clip(0, rows - 1), column.clip(0, columns - 1)]
    bed = np.where(inside, cell.astype(np.float64), np.inf)
    closes = np.full(len(leg), np.inf)
    for at, edge in ruled.items():
        closes[leg == at] = _rules_close_s(scene.openings(craft), edge, float(path.eta_s[at]))
        if at in ways:
            bed[leg == at] = scene.network.edge_bed_m[edge]
    return Soundings(scene, Limits.of(craft), path, leg, distance, time, x, y, chainage, offset, bed, closes, ways)


def _ruled_legs(scene: Scene, path: Path) -> dict[int, int]:
    """Return the edges with rules that legs of a path go along."""
    network = scene.network
    if network.rules is None:
        return {}
    points = list(zip(path.x_m.tolist(), path.y_m.tolist(), strict=True))
    found = {leg: ruled_edge(network, points[leg - 1], points[leg]) for leg in range(1, len(points))}
    return {leg: edge for leg, edge in found.items() if edge >= 0}


def _rules_close_s(openings: Openings, edge: int, arrive_s: float) -> float:
    """Return when the rules of an edge that is left at a time close it; inf where they do not within what is known."""
    rules, size = openings.network.rules, (openings.limits.draught_m, openings.limits.air_m)
    closes = next((ends for begins, ends in openings.edge_times(edge) if begins <= arrive_s <= ends + 1.0), np.inf)
    if (
        rules is None
        or closes >= openings.conditions.to_s - 1.0
        or rules.terms.allows(edge, size, arrive_s, closes + 1.0)
    ):
        return np.inf
    return closes


def _lines(path: Path) -> tuple[tuple[Floats, Floats], ...]:
    """Return what is interpolated along the legs: where each begins and where it ends."""
    reach = np.concatenate([[0.0], np.cumsum(np.hypot(np.diff(path.x_m), np.diff(path.y_m)))])
    leaves = path.eta_s + path.wait_s
    return (path.x_m, path.x_m), (path.y_m, path.y_m), (leaves, path.eta_s), (reach, reach)


def _along(line: tuple[Floats, Floats], leg: Ints, share: Floats) -> Floats:
    begin, end = line
    before = begin[np.maximum(leg - 1, 0)]
    values: Floats = np.where(leg == 0, end[leg], before + share * (end[leg] - before))
    return values


def _at_stations(conditions: Conditions, table: Floats, chainage_m: Floats) -> Floats:
    """Return a table of stations and knots at other chainages, linear in between: shape (n, n_knots)."""
    stations = conditions.network.station_m
    at = np.clip(np.searchsorted(stations, chainage_m, side="right") - 1, 0, max(len(stations) - 2, 0))
    after = np.minimum(at + 1, len(stations) - 1)
    span = np.maximum(stations[after] - stations[at], 1e-9)
    share = np.clip((chainage_m - stations[at]) / span, 0.0, 1.0)[:, None]
    values: Floats = table[at] * (1 - share) + table[after] * share
    return values


def _first_below(knots_s: Floats, slack: Floats, from_s: Floats) -> Floats:
    """Return when each row, linear between knots, first falls below 0 after its time; inf where it does not."""
    if not len(slack):
        return np.zeros(0)
    time, slack = from_s[:, None], np.maximum(slack, _WALL_M)
    begins, ends = np.maximum(knots_s[:-1], time), knots_s[1:]
    rate = np.diff(slack, axis=1) / np.diff(knots_s)
    first = slack[:, :-1] + rate * (begins - knots_s[:-1])
    below = (slack[:, 1:] < 0) & (ends > time)
    with np.errstate(divide="ignore", invalid="ignore"):
        root = np.where(first < 0, begins, begins - first / rate)
    times: Floats = np.where(below | ((first < 0) & (ends > time)), root, np.inf).min(axis=1)
    return times
