"""Earliest arrival from one place to everywhere while the water moves."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rescuecmd.compiled import Vector, blank, vector
from rescuecmd.errors import NotCoveredError, RefusedError
from rescuecmd.geo import Floats
from rescuecmd.picture.entity import Craft
from rescuecmd.routing.conditions import Conditions
from rescuecmd.routing.earliest import Labels, departures, earliest, slot_at
from rescuecmd.routing.network import Ints, Network
from rescuecmd.routing.openings import Block, Limits, Openings, find_openings

_MOST_BUCKETS = 1 << 20


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
    slot_arrival_s: Floats
    slot_parent: NDArray[np.int32]
    slot_edge: NDArray[np.int32]

    def way_to(self, node: int) -> "Way":
        """Return the way to a node.

        Raises
        ------
        RefusedError
            The node is not reached.
        """
        if not np.isfinite(self.arrival_s[node]):
            raise RefusedError("no-route", "the place is not reached within the time covered", node=int(node))
        slot, slots = self._best(node), []
        while slot >= 0:
            slots.append(slot)
            slot = int(self.slot_parent[slot])
        at = np.array(slots[::-1], dtype=np.int64)
        edges, arrive = self.slot_edge[at[1:]].astype(np.int64), self.slot_arrival_s[at]
        leave, openings = blank(len(edges), 0.0), self.openings
        departures(
            openings.edges,
            openings.conditions.levels,
            openings.boat,
            openings.shut,
            vector(edges),
            vector(arrive),
            leave,
        )
        return Way(_node_of(openings, at), edges, arrive, np.append(np.asarray(leave), arrive[-1]))

    def _best(self, node: int) -> int:
        """Return the slot of a node with the earliest arrival."""
        if self.openings.slots.row[node] >= 0:
            return node
        mine = np.flatnonzero(np.asarray(self.openings.slots.node) == node) + self.openings.network.n_nodes
        return int(mine[np.argmin(self.slot_arrival_s[mine])])


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
    goals: Sequence[int] = (),
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
    goals
        Nodes; with any, the search ends when the arrivals at all of them are final, and others may lack theirs.

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
    return grow(openings, [(start, depart_s)], goals=goals)


def grow(openings: Openings, seeds: Sequence[tuple[int, float]], *, goals: Sequence[int] = ()) -> Tree:
    """Return the tree from several places at once, each with the time from which the boat may be there.

    With any `goals` (nodes) it is final there and at every node reached before the last of them.
    """
    conditions = openings.conditions
    if not all(conditions.from_s <= time <= conditions.to_s for _, time in seeds):
        raise NotCoveredError(
            "outside-time",
            f"departure must lie in {conditions.from_s:.0f} .. {conditions.to_s:.0f} s",
            start_s=conditions.from_s,
            end_s=conditions.to_s,
        )
    slots = [(slot_at(openings.slots, node, time), time) for node, time in seeds]
    afloat = [(slot, time) for slot, time in slots if slot >= 0]
    if not afloat:
        raise RefusedError("not-afloat", "there is not enough water at the place of departure")
    at, times = zip(*afloat, strict=True)
    return _run(openings, np.array(at, dtype=np.int64), np.array(times, dtype=np.float64), _slots_of(openings, goals))


def _run(openings: Openings, seeds: Ints, times: Floats, goals: Ints) -> Tree:
    conditions = openings.conditions
    n_slots, width = len(openings.slots.opens), _width_s(openings)
    labels = Labels(
        arrival=vector(np.where(openings.never, -np.inf, np.inf)),
        came_from=_links(n_slots, -1),
        by_edge=_links(n_slots, -1),
        before=_links(n_slots, -2),
        after=_links(n_slots, -1),
        head=_links(int((conditions.to_s - conditions.from_s) / width) + 2, -1),
    )
    earliest(
        openings.edges,
        conditions.levels,
        openings.boat,
        openings.shut,
        openings.slots,
        (vector(seeds), vector(times)),
        vector(goals),
        labels,
        width,
        openings.network.longest_m,
    )
    arrival = np.asarray(labels.arrival, dtype=np.float64)
    arrival[openings.never] = np.inf
    parent, edge = (np.asarray(links, dtype=np.int32) for links in (labels.came_from, labels.by_edge))
    return Tree(openings, *_by_node(openings, arrival, parent), arrival, parent, edge)


def _width_s(openings: Openings) -> float:
    """Return the length of a bucket: what the quickest edge takes, but no more buckets than make sense."""
    conditions = openings.conditions
    fastest = openings.limits.speed_mps + float(conditions.drift_mps.max())
    span = conditions.to_s - conditions.from_s
    return max(openings.network.shortest_m / fastest, span / _MOST_BUCKETS)


def _links(size: int, value: int) -> Vector:
    return vector(np.full(size, value, dtype=np.int32))


def _node_of(openings: Openings, slot: Ints) -> Ints:
    n_nodes = openings.network.n_nodes
    extra = slot >= n_nodes
    if not extra.any():
        return slot
    node = slot.copy()
    node[extra] = np.asarray(openings.slots.node, dtype=np.int64)[slot[extra] - n_nodes]
    return node


def _slots_of(openings: Openings, nodes: Sequence[int]) -> Ints:
    """Return every slot of some nodes."""
    n_nodes, wanted = openings.network.n_nodes, np.asarray(nodes, dtype=np.int64)
    several = np.asarray(openings.slots.row)[wanted] < 0 if len(wanted) else np.zeros(0, dtype=bool)
    if not several.any():
        return wanted
    extra = np.flatnonzero(np.isin(np.asarray(openings.slots.node), wanted[several])) + n_nodes
    return np.concatenate([wanted[~several], extra])


def _by_node(openings: Openings, arrival: Floats, parent: NDArray[np.int32]) -> tuple[Floats, Ints]:
    """Return the earliest arrival of each node and the node before."""
    n_nodes = openings.network.n_nodes
    node_arrival, before = arrival[:n_nodes].copy(), parent[:n_nodes].astype(np.int64)
    for slot in np.flatnonzero(np.isfinite(arrival[n_nodes:])).tolist():
        node = int(openings.slots.node[slot])
        if arrival[n_nodes + slot] < node_arrival[node]:
            node_arrival[node], before[node] = arrival[n_nodes + slot], parent[n_nodes + slot]
    return node_arrival, _node_of(openings, before)
