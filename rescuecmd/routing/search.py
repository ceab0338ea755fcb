"""Earliest arrival from one place to everywhere while the water moves."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from rescuecmd.compiled import blank, vector
from rescuecmd.errors import NotCoveredError, RefusedError
from rescuecmd.geo import Floats
from rescuecmd.picture.entity import Craft
from rescuecmd.routing.conditions import Conditions
from rescuecmd.routing.kernel import earliest
from rescuecmd.routing.network import Ints, Network
from rescuecmd.routing.openings import Block, Limits, Openings, find_openings


@dataclass(frozen=True, eq=False)
class Tree:
    """The earliest arrival everywhere from one departure.

    Attributes
    ----------
    arrival_s
        Shape (n_nodes,), s since epoch; inf where never reached within the time covered.
    parent
        Shape (n_nodes,): the node before; -1 at the start and where never reached.
    """

    openings: Openings
    arrival_s: Floats
    parent: Ints
    state_arrival_s: Floats
    state_left_s: Floats
    state_parent: Ints
    state_edge: Ints

    def way_to(self, node: int) -> "Way":
        """Return the way to a node.

        Raises
        ------
        RefusedError
            The node is not reached.
        """
        if not np.isfinite(self.arrival_s[node]):
            raise RefusedError("no-route", "the place is not reached within the time covered", node=int(node))
        state = int(self._best[node])
        states = []
        while state >= 0:
            states.append(state)
            state = int(self.state_parent[state])
        states.reverse()
        at = np.array(states, dtype=np.int64)
        leaves = np.append(self.state_left_s[at[1:]], self.state_arrival_s[at[-1]])
        return Way(self.openings.states.item[at], self.state_edge[at[1:]], self.state_arrival_s[at], leaves)

    @cached_property
    def _best(self) -> Ints:
        return _best_state(self.openings, self.state_arrival_s)


@dataclass(frozen=True, eq=False)
class Way:
    """A way through the network: nodes, the edges between them, arrival at and departure from each node."""

    nodes: Ints
    edges: Ints
    arrive_s: Floats
    leave_s: Floats


def arrivals(
    network: Network,
    conditions: Conditions,
    craft: Craft,
    start: int,
    depart_s: float,
    *,
    blocked: Sequence[Block] | None = None,
) -> Tree:
    """Return the earliest arrival at every node.

    Edges are first-in-first-out; waiting is allowed at nodes while they are afloat.

    Parameters
    ----------
    start
        Index of the node of departure.
    depart_s
        Departure, s since epoch (UTC).
    blocked
        Nodes and edges closed for a time (no-go zones).

    Raises
    ------
    NotCoveredError
        `depart_s` lies outside `conditions`.
    RefusedError
        The start is not afloat at the time of departure.

    Source
    ------
    Orda and Rom (1990), J. ACM 37(3), section 3; Phillips and Likhachev (2011), ICRA, safe interval path planning.
    """
    openings = find_openings(network, conditions, Limits.of(craft), blocked or ())
    return grow(openings, [(start, depart_s)])


def grow(openings: Openings, seeds: Sequence[tuple[int, float]]) -> Tree:
    """Return the tree from several places at once, each with the time from which the boat may be there."""
    conditions = openings.conditions
    if not all(conditions.from_s <= time <= conditions.to_s for _, time in seeds):
        raise NotCoveredError(
            "outside-time",
            f"departure must lie in {conditions.from_s:.0f} .. {conditions.to_s:.0f} s",
            start_s=conditions.from_s,
            end_s=conditions.to_s,
        )
    states = [(openings.state_at(node, time), time) for node, time in seeds]
    afloat = [(state, time) for state, time in states if state >= 0]
    if not afloat:
        raise RefusedError("not-afloat", "there is not enough water at the place of departure")
    at, times = zip(*afloat, strict=True)
    return _run(openings, np.array(at, dtype=np.int64), np.array(times, dtype=np.float64))


def _run(openings: Openings, seeds: Ints, times: Floats) -> Tree:
    n_states = len(openings.states.item)
    arrival, left = blank(n_states, np.inf), blank(n_states, np.inf)
    came_from, by_arc = blank(n_states, -1), blank(n_states, -1)
    earliest(openings.arc_vectors, openings.ways, (vector(seeds), vector(times)), arrival, left, came_from, by_arc)
    state_arrival = np.asarray(arrival, dtype=np.float64)
    parent, arc = np.asarray(came_from, dtype=np.int64), np.asarray(by_arc, dtype=np.int64)
    best = _best_state(openings, state_arrival)
    n_nodes = openings.network.n_nodes
    reached = best >= 0
    node_arrival, node_parent = np.full(n_nodes, np.inf), np.full(n_nodes, -1, dtype=np.int64)
    node_arrival[reached] = state_arrival[best[reached]]
    before = np.where(reached, parent[best], -1)
    node_parent[before >= 0] = openings.states.item[before[before >= 0]]
    edge = np.where(arc >= 0, openings.arcs.item[openings.arc_order[arc]], -1) if len(openings.arc_order) else arc
    return Tree(openings, node_arrival, node_parent, state_arrival, np.asarray(left), parent, edge)


def _best_state(openings: Openings, state_arrival: Floats) -> Ints:
    """Return each node's state with the earliest arrival, -1 where none is reached."""
    first = openings.states.first
    best = np.where(np.diff(first) > 0, first[:-1], -1)
    for node in np.flatnonzero(np.diff(first) > 1).tolist():
        best[node] = first[node] + int(np.argmin(state_arrival[first[node] : first[node + 1]]))
    best[(best >= 0) & ~np.isfinite(state_arrival[best])] = -1
    return best
