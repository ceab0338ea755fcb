"""When each edge is open for a craft: exact intervals, and the graph of (node, afloat interval) states they span.

Every rule is a threshold on something that is linear between knots, so each edge's open time is a set of intervals
whose ends are roots of linear functions. Against the current this needs a closed form: an edge may be used while the
current ``s`` at both ends satisfies

- ``s <= max_current`` of the craft,
- ``s |sin a| <= V sin 60 deg``: the crab angle stays below 60 deg,
- ``s <= m cos a + sqrt(V^2 - m^2 sin^2 a)``: the boat makes at least ``m`` over ground,

where ``a`` is the angle between course and current, ``V`` the boat's speed and ``m`` the least speed over ground.
``m`` is 0.5 m/s, or more where the current changes so fast that leaving later could mean arriving earlier: with
``|dSOG/ds| <= 1 + tan 60 deg`` inside these limits, ``m^2 >= 2.74 L |ds/dt|`` keeps arrival from falling as departure
grows.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from rescuecmd.compiled import COMPILED, vector
from rescuecmd.geo import Floats
from rescuecmd.picture.entity import Craft
from rescuecmd.routing.conditions import Conditions
from rescuecmd.routing.kernel import Arcs, Boat, Ways, narrow
from rescuecmd.routing.network import Ints, Network

LEAST_MPS = 0.5
"""A boat that makes less over ground has been stopped by the current."""

_CRAB_SIN = float(np.sqrt(0.75))
_SLOPE_BOUND = 1.0 + np.sqrt(3.0) + 0.008


@dataclass(frozen=True, slots=True)
class Limits:
    """A craft as the search sees it: water needed below the surface, air above it, speed, current it may meet."""

    water_m: float
    air_m: float
    speed_mps: float
    max_current_mps: float = np.inf

    @classmethod
    def of(cls, craft: Craft) -> "Limits":
        """Return the limits of a craft: draught plus under-keel allowance, air draught, speed, greatest current."""
        current = np.inf if craft.max_current_mps is None else craft.max_current_mps
        return cls(craft.draught_m + craft.under_keel_m, craft.air_draught_m, craft.speed_mps, current)

    def boat(self) -> Boat:
        """Return the limits as the loops read them."""
        return Boat(self.water_m, self.air_m, self.speed_mps, LEAST_MPS, self.max_current_mps)


@dataclass(frozen=True, eq=False)
class Block:
    """Nodes and edges that nobody may use from `starts_s` to `ends_s`."""

    nodes: Ints
    edges: Ints
    starts_s: float
    ends_s: float


@dataclass(frozen=True, eq=False)
class Intervals:
    """Intervals of many items, sorted by item and time: three arrays of one shape."""

    item: Ints
    opens_s: Floats
    closes_s: Floats
    n_items: int

    @cached_property
    def first(self) -> Ints:
        """Where each item's intervals begin, shape (n_items + 1,)."""
        return np.concatenate([[0], np.cumsum(np.bincount(self.item, minlength=self.n_items))])

    def without(self, items: Ints, starts_s: float, ends_s: float) -> "Intervals":
        """Return the intervals with a time cut out of those of some items."""
        hit = np.isin(self.item, items) & (self.opens_s < ends_s) & (self.closes_s > starts_s)
        if not hit.any():
            return self
        before, after = hit & (self.opens_s < starts_s), hit & (self.closes_s > ends_s)
        item = np.concatenate([self.item[~hit], self.item[before], self.item[after]])
        opens = np.concatenate([self.opens_s[~hit], self.opens_s[before], np.full(after.sum(), ends_s)])
        closes = np.concatenate([self.closes_s[~hit], np.full(before.sum(), starts_s), self.closes_s[after]])
        order = np.lexsort((opens, item))
        return Intervals(item[order], opens[order], closes[order], self.n_items)


@dataclass(frozen=True, eq=False)
class Openings:
    """The open times of a network for one craft: states (a node while it is afloat) and arcs (an edge while open)."""

    network: Network
    conditions: Conditions
    limits: Limits
    states: Intervals
    arcs: Intervals
    arc_from: Ints
    arc_to: Ints
    greatest_mps: Floats

    @cached_property
    def arc_vectors(self) -> Arcs:
        """Arcs for the loops, sorted by the state they leave."""
        order = self.arc_order
        first = np.concatenate([[0], np.cumsum(np.bincount(self.arc_from, minlength=len(self.states.item)))])
        return Arcs(
            first=vector(first),
            opens=vector(self.arcs.opens_s[order]),
            closes=vector(self.arcs.closes_s[order]),
            to=vector(self.arc_to[order]),
            edge=vector(self.arcs.item[order]),
            node=vector(self.states.item),
        )

    @cached_property
    def arc_order(self) -> Ints:
        """Arcs in the order of the loops."""
        if (np.diff(self.arc_from) >= 0).all():
            return np.arange(len(self.arc_from), dtype=np.int64)
        return np.argsort(self.arc_from, kind="stable").astype(np.int64)

    @cached_property
    def ways(self) -> Ways:
        """Edges for the loops."""
        network = self.network
        return Ways(
            start=vector(network.start),
            end=vector(network.end),
            length=vector(network.length_m),
            along=vector(network.along),
            knots=self.conditions.knots,
            current=self.conditions.current,
            speed=self.limits.speed_mps,
        )

    def state_at(self, node: int, time_s: float) -> int:
        """Return the state of a node that is afloat at a time, -1 where it is not."""
        for state in range(self.states.first[node], self.states.first[node + 1]):
            if self.states.opens_s[state] <= time_s <= self.states.closes_s[state]:
                return state
        return -1

    def edge_times(self, edge: int) -> list[tuple[float, float]]:
        """Return when an edge is open."""
        span = slice(self.arcs.first[edge], self.arcs.first[edge + 1])
        return list(zip(self.arcs.opens_s[span].tolist(), self.arcs.closes_s[span].tolist(), strict=True))


def find_openings(network: Network, conditions: Conditions, limits: Limits, blocks: Sequence[Block] = ()) -> Openings:
    """Return when every node is afloat and every edge open for a craft."""
    greatest = greatest_current_mps(network, conditions, limits)
    needed = network.bed_m + limits.water_m
    afloat = _Rule(conditions.low_m, conditions.low_range_m, network.station, needed, 1.0)
    states = _intervals(conditions, network.n_nodes, [afloat])
    arcs = _intervals(conditions, network.n_edges, _edge_rules(network, conditions, limits, greatest))
    for block in blocks:
        states = states.without(block.nodes, block.starts_s, block.ends_s)
        arcs = arcs.without(block.edges, block.starts_s, block.ends_s)
    middle = (arcs.opens_s + arcs.closes_s) / 2
    leaves, enters = (_state_of(states, side[arcs.item], middle) for side in (network.start, network.end))
    return Openings(network, conditions, limits, states, arcs, leaves, enters, greatest)


def least_speed_mps(conditions: Conditions, length_m: Floats) -> Floats:
    """Return the least speed over ground that keeps each edge first-in-first-out."""
    rate = conditions.fastest_change_mps2
    least: Floats = np.maximum(LEAST_MPS, np.sqrt(_SLOPE_BOUND * length_m * rate))
    return least


def greatest_current_mps(network: Network, conditions: Conditions, limits: Limits) -> Floats:
    """Return the greatest current at which each edge may be used; below 0 where never."""
    least = least_speed_mps(conditions, network.length_m)
    sine2 = 1.0 - network.along**2
    reserve = limits.speed_mps**2 - least**2 * sine2
    stopped = least * network.along + np.sqrt(np.maximum(reserve, 0.0))
    crab = _CRAB_SIN * limits.speed_mps / np.sqrt(np.maximum(sine2, 1e-12))
    greatest = np.minimum(np.minimum(stopped, crab), limits.max_current_mps)
    return np.where((reserve < 0) | (least >= limits.speed_mps), -1.0, greatest)


@dataclass(frozen=True, eq=False)
class _Rule:
    """Open while ``sign * (table[row] - threshold) >= 0``; `table` (n_rows, n_knots), `row`, `threshold` per item."""

    table: Floats
    extent: tuple[Floats, Floats]
    row: Ints
    threshold: Floats
    sign: float

    def extremes(self) -> tuple[Floats, Floats]:
        """Return the least and the greatest slack of each item over all knots."""
        low, high = self.extent[0][self.row], self.extent[1][self.row]
        if self.sign > 0:
            return low - self.threshold, high - self.threshold
        return self.threshold - high, self.threshold - low

    def slack(self, items: Ints) -> Floats:
        """Return the slack of some items at every knot."""
        values: Floats = self.sign * (self.table[self.row[items]] - self.threshold[items, None])
        return values


def _edge_rules(network: Network, conditions: Conditions, limits: Limits, greatest_mps: Floats) -> list[_Rule]:
    needed, top = network.edge_bed_m + limits.water_m, network.soffit_m - limits.air_m
    rules = []
    for side in (network.start, network.end):
        station = network.station[side]
        rules.append(_Rule(conditions.low_m, conditions.low_range_m, station, needed, 1.0))
        if np.isfinite(top).any():
            rules.append(_Rule(conditions.high_m, conditions.high_range_m, station, top, -1.0))
        rules.append(_Rule(conditions.current_mps, conditions.current_range_mps, side, greatest_mps, -1.0))
    return rules


def _intervals(conditions: Conditions, n_items: int, rules: Sequence[_Rule]) -> Intervals:
    """Return when all rules hold: most items always or never, the rest by roots between knots."""
    always, never = np.ones(n_items, dtype=bool), np.zeros(n_items, dtype=bool)
    for rule in rules:
        least, greatest = rule.extremes()
        always &= least >= 0
        never |= greatest < 0
    some = np.flatnonzero(~always & ~never)
    found, opens, closes = _roots(conditions.knots_s, some, rules)
    count = always + np.bincount(found, minlength=n_items)
    item = np.repeat(np.arange(n_items), count)
    every_open, every_close = np.full(len(item), conditions.from_s), np.full(len(item), conditions.to_s)
    changing = ~always[item]  # in the order of items and times, just as `_roots` found them
    every_open[changing], every_close[changing] = opens, closes
    return Intervals(item, every_open, every_close, n_items)


def _roots(knots: Floats, some: Ints, rules: Sequence[_Rule]) -> tuple[Ints, Floats, Floats]:
    begin = np.broadcast_to(knots[:-1], (len(some), len(knots) - 1)).copy()
    end = np.broadcast_to(knots[1:], begin.shape).copy()
    for rule in rules:
        mine = np.flatnonzero(rule.extremes()[0][some] < 0)  # for the others this rule always holds
        if COMPILED:
            items = some[mine]
            narrow(begin, end, mine, rule.table, rule.row[items], rule.threshold[items], rule.sign, knots)
        else:
            _narrow(begin, end, mine, rule.slack(some[mine]), knots)
    is_open = begin <= end
    joined = np.zeros_like(is_open)  # open across the knot before
    joined[:, 1:] = is_open[:, 1:] & is_open[:, :-1] & (begin[:, 1:] == knots[1:-1]) & (end[:, :-1] == knots[1:-1])
    lasts = is_open.copy()
    lasts[:, :-1] &= ~joined[:, 1:]
    starts = np.nonzero(is_open & ~joined)
    return some[starts[0]], begin[starts], end[np.nonzero(lasts)]


def _narrow(begin: Floats, end: Floats, mine: Ints, slack: Floats, knots: Floats) -> None:
    """Do what `narrow` does, for machines without a compiler."""
    first, second = slack[:, :-1], slack[:, 1:]
    with np.errstate(divide="ignore", invalid="ignore"):
        root = knots[:-1] + (knots[1:] - knots[:-1]) * (first / (first - second))
    later = np.where(second >= 0, np.maximum(begin[mine], root), np.inf)
    begin[mine] = np.where(first >= 0, begin[mine], later)
    earlier = np.where(first >= 0, np.minimum(end[mine], root), -np.inf)
    end[mine] = np.where(second >= 0, end[mine], earlier)


def _state_of(states: Intervals, node: Ints, time_s: Floats) -> Ints:
    """Return the state that each node is in at a time at which it is known to be afloat."""
    state = states.first[node]
    several = np.flatnonzero(np.diff(states.first)[node] > 1)
    while len(several):
        follow = state[several] + 1
        later = follow < states.first[node[several] + 1]
        several, follow = several[later], follow[later]
        later = states.opens_s[follow] <= time_s[several]
        several = several[later]
        state[several] = follow[later]
    return state
