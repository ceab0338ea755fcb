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

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from rescuecmd.compiled import blank, vector
from rescuecmd.geo import Floats
from rescuecmd.picture.entity import Craft
from rescuecmd.routing.backward import Entries
from rescuecmd.routing.chart import Links
from rescuecmd.routing.conditions import SLOPE_BOUND, Conditions
from rescuecmd.routing.earliest import Slots
from rescuecmd.routing.kernel import Boat, Ways
from rescuecmd.routing.network import Ints, Network
from rescuecmd.routing.spans import Edges, Shut, afloat_times, all_open_times, open_times

LEAST_MPS = 0.5
"""A boat that makes less over ground has been stopped by the current."""

_CRAB_SIN = float(np.sqrt(0.75))


@dataclass(frozen=True, slots=True)
class Limits:
    """A craft as the search sees it: water needed below the surface, air above it, speed, current it may meet.

    Of the water `draught_m` is that of the hull, for edges that limit it.
    """

    water_m: float
    air_m: float
    speed_mps: float
    max_current_mps: float = np.inf
    draught_m: float = 0.0

    @classmethod
    def of(cls, craft: Craft) -> "Limits":
        """Return the limits of a craft: draught plus under-keel allowance, air draught, speed, greatest current."""
        current = np.inf if craft.max_current_mps is None else craft.max_current_mps
        water = craft.draught_m + craft.under_keel_m
        return cls(water, craft.air_draught_m, craft.speed_mps, current, craft.draught_m)

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
    """The open times of a network for one craft: states (a node while it is afloat) and arcs (an edge while open).

    States are found at once; the search asks for edges as it meets them. Whoever needs the arcs of all edges (`arcs`,
    and `arc_from`, `arc_to`: the states they lead between) has them found with the first question.
    """

    network: Network
    conditions: Conditions
    limits: Limits
    states: Intervals
    blocks: tuple[Block, ...] = ()
    _kept: dict[int, list[tuple[float, float]]] = field(default_factory=dict, init=False, repr=False)

    @cached_property
    def boat(self) -> Boat:
        """The craft for the loops."""
        return self.limits.boat()

    @cached_property
    def greatest_mps(self) -> Floats:
        """The greatest current at which each edge may be used; below 0 where never."""
        return greatest_current_mps(self.network, self.conditions, self.limits)

    @cached_property
    def arcs(self) -> Intervals:
        """When each edge is open."""
        network, levels = self.network, self.conditions.levels
        count, room = blank(network.n_edges, 0), network.n_edges
        while True:
            opens, closes = blank(room, 0.0), blank(room, 0.0)
            total = all_open_times(self.network.edges, levels, self.boat, self.shut, count, opens, closes)
            if total <= room:
                break
            room = total
        item = np.repeat(np.arange(network.n_edges), np.asarray(count, dtype=np.int64))
        return Intervals(item, np.asarray(opens[:total]), np.asarray(closes[:total]), network.n_edges)

    @cached_property
    def arc_from(self) -> Ints:
        """The state that each arc leaves."""
        return self._state_of(self.network.start)

    @cached_property
    def arc_to(self) -> Ints:
        """The state that each arc leads to."""
        return self._state_of(self.network.end)

    @cached_property
    def inward(self) -> Ints:
        """The arcs by the state that each leads to."""
        return np.argsort(self.arc_to, kind="stable")

    @cached_property
    def entries(self) -> Entries:
        """The arcs as `inward` orders them, for the loop backwards in time."""
        order, n_states = self.inward, len(self.states.item)
        return Entries(
            first=vector(np.concatenate([[0], np.cumsum(np.bincount(self.arc_to, minlength=n_states))])),
            opens=vector(self.arcs.opens_s[order]),
            closes=vector(self.arcs.closes_s[order]),
            leaves=vector(self.arc_from[order]),
            edge=vector(self.arcs.item[order]),
        )

    def _state_of(self, side: Links) -> Ints:
        return _state_of(self.states, side[self.arcs.item], (self.arcs.opens_s + self.arcs.closes_s) / 2)

    @cached_property
    def shut(self) -> Shut:
        """Edges closed for a time, for the loops."""
        shut = [block for block in self.blocks if len(block.edges)]
        paced = _paced(self.network)
        if not shut and not len(paced):
            empty = vector(np.zeros(0))
            return Shut(vector(np.zeros(0, dtype=np.int8)), vector(np.zeros(0, dtype=np.int64)), empty, empty)
        edge = np.concatenate([np.zeros(0, dtype=np.int64), *(block.edges for block in shut)])
        starts, ends = (
            np.concatenate([np.zeros(0), *(np.full(len(block.edges), getattr(block, name)) for block in shut)])
            for name in ("starts_s", "ends_s")
        )
        order = np.lexsort((starts, edge))
        marks = np.zeros(self.network.n_edges, dtype=np.int8)
        marks[edge] = 1
        marks[paced] = 1  # the search looks closer at marked edges, which these need too
        return Shut(vector(marks), vector(edge[order]), vector(starts[order]), vector(ends[order]))

    @cached_property
    def slots(self) -> Slots:
        """States for the search: nodes first, then what nodes afloat more than once have."""
        states, network = self.states, self.network
        count = np.diff(states.first)
        once, several = count == 1, count > 1
        opens, closes = np.full(network.n_nodes, np.inf), np.full(network.n_nodes, -np.inf)
        at = states.first[:-1][once]
        opens[once], closes[once] = states.opens_s[at], states.closes_s[at]
        extra = several[states.item]
        return Slots(
            row=vector(np.where(several, ~network.station, network.station)),
            opens=vector(np.concatenate([opens, states.opens_s[extra]])),
            closes=vector(np.concatenate([closes, states.closes_s[extra]])),
            node=vector(states.item[extra]),
        )

    @cached_property
    def never(self) -> NDArray[np.bool_]:
        """Whether each slot is that of a node that is never afloat."""
        n_slots = len(self.slots.opens)
        never = np.zeros(n_slots, dtype=bool)
        never[: self.network.n_nodes] = np.diff(self.states.first) == 0
        return never

    @cached_property
    def ways(self) -> Ways:
        """Edges for the loops."""
        edges, levels = self.network.edges, self.conditions.levels
        speed = self.limits.speed_mps
        knots, drift = levels.drift_knots, levels.drift
        return Ways(edges.start, edges.end, edges.length, edges.along, knots, drift, speed, edges.ruled, edges.pace)

    @property
    def edges(self) -> Edges:
        """Edges for the search."""
        return self.network.edges

    def state_at(self, node: int, time_s: float) -> int:
        """Return the state of a node that is afloat at a time, -1 where it is not."""
        for state in range(self.states.first[node], self.states.first[node + 1]):
            if self.states.opens_s[state] <= time_s <= self.states.closes_s[state]:
                return state
        return -1

    def edge_times(self, edge: int) -> list[tuple[float, float]]:
        """Return when an edge is open."""
        if edge not in self._kept:
            room, count = 1, 2
            while count > room:
                room *= 8
                opens, closes = blank(room, 0.0), blank(room, 0.0)
                count = open_times(
                    self.network.edges, self.conditions.levels, self.boat, self.shut, edge, opens, closes, 0
                )
            self._kept[edge] = [(float(opens[at]), float(closes[at])) for at in range(count)]
        return self._kept[edge]


def find_openings(network: Network, conditions: Conditions, limits: Limits, blocks: Sequence[Block] = ()) -> Openings:
    """Return when every node is afloat, and every edge open, for a craft."""
    needed = network.bed_m + limits.water_m
    count, room = blank(network.n_nodes, 0), network.n_nodes
    while True:
        opens, closes = blank(room, 0.0), blank(room, 0.0)
        total = afloat_times(conditions.levels, network.edges.station, vector(needed), count, opens, closes)
        if total <= room:
            break
        room = total
    item = np.repeat(np.arange(network.n_nodes), np.asarray(count, dtype=np.int64))
    states = Intervals(item, np.asarray(opens[:total]), np.asarray(closes[:total]), network.n_nodes)
    for block in blocks:
        states = states.without(block.nodes, block.starts_s, block.ends_s)
    return Openings(network, conditions, limits, states, (*blocks, *_ruled(network, conditions, limits)))


def _ruled(network: Network, conditions: Conditions, limits: Limits) -> Iterator[Block]:
    """Yield the closures that the rules of the edges mean for a craft."""
    if network.rules is None:
        return
    nobody = np.zeros(0, dtype=np.int64)
    for edges, starts_s, ends_s in network.rules.terms.closures(
        limits.draught_m, limits.air_m, from_s=conditions.from_s, to_s=conditions.to_s
    ):
        yield Block(nobody, edges, starts_s, ends_s)


def least_speed_mps(conditions: Conditions, length_m: Floats) -> Floats:
    """Return the least speed over ground that keeps each edge first-in-first-out."""
    rate = conditions.fastest_change_mps2
    least: Floats = np.maximum(LEAST_MPS, np.sqrt(SLOPE_BOUND * length_m * rate))
    return least


def greatest_current_mps(network: Network, conditions: Conditions, limits: Limits) -> Floats:
    """Return the greatest current at which each edge may be used; below 0 where never."""
    along = network.along.astype(np.float64)
    least = least_speed_mps(conditions, network.length_m.astype(np.float64))
    sine2 = 1.0 - along**2
    reserve = limits.speed_mps**2 - least**2 * sine2
    stopped = least * along + np.sqrt(np.maximum(reserve, 0.0))
    crab = _CRAB_SIN * limits.speed_mps / np.sqrt(np.maximum(sine2, 1e-12))
    greatest = np.minimum(np.minimum(stopped, crab), limits.max_current_mps)
    bounded: Floats = np.where((reserve < 0) | (least >= limits.speed_mps), -1.0, greatest)
    if network.rules is not None:
        bounded[network.rules.terms.own] = np.inf
    return bounded


def _paced(network: Network) -> Links:
    """Return the edges that take a time of their own, or at least some time."""
    terms = None if network.rules is None else network.rules.terms
    return np.zeros(0, dtype=np.int32) if terms is None else terms.edges[terms.pace_s != 0]


def _state_of(states: Intervals, node: Links, time_s: Floats) -> Ints:
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
