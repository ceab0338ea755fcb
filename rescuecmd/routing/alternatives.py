"""Other ways to the same goal, different enough to be worth showing: the other side of an island, a side channel.

Pieces of water that do not fork are one channel. Over the graph of channels networkx lists simple ways, the shortest
first; each is then sailed by the exact search with everything outside its channels closed, so that its arrival and its
margins are as true as those of the first way.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

import numpy as np
from scipy.spatial import cKDTree

from rescuecmd.errors import RefusedError
from rescuecmd.geo import Floats
from rescuecmd.picture.entity import Craft
from rescuecmd.routing.network import Network
from rescuecmd.routing.path import Path
from rescuecmd.routing.pieces import Mask, Pieces
from rescuecmd.routing.scene import Scene, Spot

if TYPE_CHECKING:
    import networkx as nx

APART_M = 45.0
"""Ways nearer to each other than this are the same water to a crew (two and a half steps of the grid)."""

DIFFERENT_M = 120.0
"""A way is worth showing if at least this much of it lies apart from every way shown before."""

LATER_S = 600.0
"""A way that arrives later than the first by more than this and by more than the first one's whole time is none."""

_TRIES = 24  # ways listed by length before the search for other ones ends
_STEP_M = 15.0


@dataclass(frozen=True, eq=False)
class Alternative:
    """Another way: its path, and how much of it lies apart from the ways before it (0 for the first)."""

    path: Path
    apart_m: float


def alternatives(
    scene: Scene, craft: Craft, start_xy: Spot, goal_xy: Spot, *, depart_s: float | None = None, most: int = 3
) -> tuple[Alternative, ...]:
    """Return the earliest way and others that use other channels, in the order of their arrival.

    Raises
    ------
    NotCoveredError, RefusedError
        As `Scene.path`: there is no way at all.
    """
    leaves_s = scene.now_s if depart_s is None else depart_s
    first = scene.path(craft, start_xy, goal_xy, leaves_s)
    shown = [Alternative(first, 0.0)]
    end = (float(first.x_m[-1]), float(first.y_m[-1]))
    for nodes in islice(_ways(scene, craft, start_xy, end, leaves_s), _TRIES):
        if len(shown) > most:
            break
        try:
            path = scene.keeping_to(craft, nodes).path(craft, start_xy, goal_xy, leaves_s)
        except RefusedError:
            continue
        apart = min(apart_m(path, other.path) for other in shown)
        later_s = path.arrive_s - first.arrive_s
        in_time = later_s <= max(LATER_S, first.arrive_s - first.depart_s)
        if apart >= DIFFERENT_M and in_time and _same_end(path, first):
            shown.append(Alternative(path, apart))
    rest = sorted(shown[1:], key=lambda one: (one.path.arrive_s, -one.apart_m))
    return (shown[0], *rest[: most - 1])


def apart_m(path: Path, other: Path) -> float:
    """Return how much of a path lies farther than `APART_M` from another one."""
    spots, length = _spread(path)
    away = cKDTree(_spread(other)[0]).query(spots)[0]
    return float((away > APART_M).mean() * length)


def _same_end(path: Path, other: Path) -> bool:
    return math.hypot(float(path.x_m[-1] - other.x_m[-1]), float(path.y_m[-1] - other.y_m[-1])) <= APART_M


def _spread(path: Path) -> tuple[Floats, float]:
    """Return points every few metres along a path, and its length."""
    reach = np.concatenate([[0.0], np.cumsum(np.hypot(np.diff(path.x_m), np.diff(path.y_m)))])
    at = np.arange(0.0, reach[-1] + _STEP_M, _STEP_M)
    return np.column_stack([np.interp(at, reach, path.x_m), np.interp(at, reach, path.y_m)]), float(reach[-1])


def _ways(scene: Scene, craft: Craft, start_xy: Spot, end_xy: Spot, depart_s: float) -> Iterator[Mask]:
    """Yield the nodes of the channels of each simple way, the shortest way first.

    A channel counts as water if it is open at any time within what is known: a boat may wait for it.
    """
    import networkx as nx  # noqa: PLC0415

    openings, network = scene.openings(craft), scene.network
    afloat, open_ = np.zeros(network.n_nodes, dtype=bool), np.zeros(network.n_edges, dtype=bool)
    afloat[openings.states.item] = True
    open_[openings.arcs.item] = True
    whole = Pieces(network, afloat, open_)
    boards = [node for node, _ in scene.boarding(craft, start_xy, depart_s)]
    near = network.within(*end_xy, 2 * APART_M)
    ends = [int(node) for node in near if afloat[node]]
    if not boards or not ends:
        return
    begin, end = int(whole.of[boards[0]]), int(whole.of[ends[0]])
    if begin == end:
        return
    channels, members = _channels(whole, {begin, end})
    try:
        for way in nx.shortest_simple_paths(channels, ("piece", begin), ("piece", end), weight="rows"):
            yield _nodes(network, whole, members, way, {begin, end})
    except nx.NetworkXNoPath:
        return


Key = tuple[str, int]


def _channels(whole: Pieces, kept: set[int]) -> tuple["nx.Graph", dict[Key, list[int]]]:
    """Return the graph of forks and of the channels between them, each a node, and the pieces of each."""
    import networkx as nx  # noqa: PLC0415

    forks = {piece for piece, degree in whole.graph.degree if degree != 2} | kept
    graph = nx.Graph()
    members: dict[Key, list[int]] = {("piece", fork): [fork] for fork in forks}
    graph.add_nodes_from(members)
    graph.add_edges_from(
        ((("piece", u), ("piece", v)) for u, v in whole.graph.edges if u in forks and v in forks), rows=1.0
    )
    plain = whole.graph.subgraph(piece for piece in whole.graph if piece not in forks)
    for number, channel in enumerate(nx.connected_components(plain)):
        key: Key = ("channel", number)
        members[key] = sorted(channel)
        for piece in sorted(channel):
            for fork in sorted(set(whole.graph[piece]) & forks):
                graph.add_edge(key, ("piece", fork), rows=1.0 + len(channel) / 2)
    return graph, members


def _nodes(network: Network, whole: Pieces, members: dict[Key, list[int]], way: list[Key], ends: set[int]) -> Mask:
    """Return the nodes of a way; at its ends the water around counts too, so that a boat can board and stop there."""
    inside = np.zeros(network.n_nodes, dtype=bool)
    for key in way:
        for piece in members[key]:
            inside[list(whole.pieces[piece].nodes)] = True
    for piece in ends:
        row = whole.pieces[piece].row
        for other in whole.pieces:
            if abs(other.row - row) <= 2:
                inside[list(other.nodes)] = True
    return inside
