"""What networkx knows about the navigable water: which reaches are cut off, which passages everything hangs on.

For one craft at one moment the passable part of the network is a `networkx.DiGraph`. Its strongly connected components
are the reaches inside which a boat gets from anywhere to anywhere. In the small graph of `pieces`, water that touches
across the river, articulation points and bridges are the passages without a way round.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from rescuecmd.picture.entity import Craft
from rescuecmd.routing.network import Ints, Network
from rescuecmd.routing.openings import Openings
from rescuecmd.routing.pieces import Mask, Piece, Pieces
from rescuecmd.routing.scene import GOAL_REACH_M, Scene
from rescuecmd.routing.squares import areas_m2

if TYPE_CHECKING:
    import networkx as nx

LEAST_NODES = 20
"""Pools of fewer squares of the grid are puddles behind rocks; nobody asks whether they are cut off."""


@dataclass(frozen=True, eq=False)
class Passable:
    """What a craft can use at one moment: nodes afloat and edges open, of the whole network."""

    openings: Openings
    time_s: float

    @property
    def network(self) -> Network:
        """The network."""
        return self.openings.network

    @cached_property
    def nodes(self) -> Mask:
        """Nodes afloat, shape (n_nodes,)."""
        return _during(self.openings.states.item, self._now(self.openings.states), self.network.n_nodes)

    @cached_property
    def edges(self) -> Mask:
        """Edges open, shape (n_edges,)."""
        return _during(self.openings.arcs.item, self._now(self.openings.arcs), self.network.n_edges)

    @cached_property
    def graph(self) -> "nx.DiGraph":
        """The passable water as networkx has it: nodes by number, edges with ``length_m``."""
        import networkx as nx  # noqa: PLC0415  (a second to import)

        graph = nx.DiGraph()
        graph.add_nodes_from(np.flatnonzero(self.nodes).tolist())
        some = np.flatnonzero(self.edges)
        network = self.network
        ends = zip(
            network.start[some].tolist(), network.end[some].tolist(), network.length_m[some].tolist(), strict=True
        )
        graph.add_edges_from((u, v, {"length_m": length}) for u, v, length in ends)
        return graph

    def _now(self, intervals: Any) -> Mask:
        open_now: Mask = (intervals.opens_s <= self.time_s) & (self.time_s <= intervals.closes_s)
        return open_now


def _during(item: Ints, chosen: Mask, size: int) -> Mask:
    found = np.zeros(size, dtype=bool)
    found[item[chosen]] = True
    return found


def passable(scene: Scene, craft: Craft, time_s: float | None = None) -> Passable:
    """Return what a craft can use at a time (without one: the scene's)."""
    return Passable(scene.openings(craft), scene.now_s if time_s is None else time_s)


@dataclass(frozen=True, eq=False)
class Reachable:
    """Water in which a boat gets from anywhere to anywhere; `rise_m` more of it would join the greatest one.

    ``short_at`` is the node of the shoal that parts them; `rise_m` is inf where no water would (a bridge, a current).
    """

    nodes: Ints
    from_m: float
    to_m: float
    area_m2: float
    place_ids: tuple[str, ...]
    rise_m: float
    short_at: int


def reaches(scene: Scene, craft: Craft, time_s: float | None = None) -> tuple[Reachable, ...]:
    """Return the reaches that the water falls into for a craft at a time, the greatest first.

    The greatest is the main water; every other one is cut off from it. Places count to the reach whose nearest water
    they are approached from; places with none belong nowhere.
    """
    import networkx as nx  # noqa: PLC0415

    now = passable(scene, craft, time_s)
    parts = [np.array(sorted(part), dtype=np.int64) for part in nx.strongly_connected_components(now.graph)]
    area = areas_m2(now.network)
    worth = (part for part in parts if area[part].sum() >= LEAST_NODES * scene.network.charted.step_m**2)
    parts = sorted(worth, key=lambda part: (-float(area[part].sum()), int(part[0])))
    if not parts:
        return ()
    owner = np.full(now.network.n_nodes, -1, dtype=np.int64)
    for number, part in enumerate(parts):
        owner[part] = number
    places = _places_of(scene, owner, len(parts))
    joins = _joins(now, owner, len(parts))
    chainage = now.network.chainage_m
    return tuple(
        Reachable(part, float(chainage[part].min()), float(chainage[part].max()), float(area[part].sum()), names, *join)
        for part, names, join in zip(parts, places, joins, strict=True)
    )


def _places_of(scene: Scene, owner: Ints, count: int) -> list[tuple[str, ...]]:
    names: list[list[str]] = [[] for _ in range(count)]
    for place in scene.river.places.values():
        near = scene.network.within(place.x_m, place.y_m, GOAL_REACH_M)
        near = near[owner[near] >= 0]
        if len(near):
            names[owner[near[0]]].append(place.id)
    return [tuple(found) for found in names]


def _joins(now: Passable, owner: Ints, count: int) -> list[tuple[float, int]]:
    """Return for each reach how much more water joins it to the first, and the node of the shoal that parts them.

    Edges are taken from the deepest to the shallowest (Kruskal); the edge that brings two reaches together is the
    shoal between them.
    """
    from networkx.utils import UnionFind  # noqa: PLC0415

    network, openings = now.network, now.openings
    low = np.array([openings.conditions.low_at(station, now.time_s) for station in range(len(network.station_m))])
    level = np.minimum(low[network.station[network.start]], low[network.station[network.end]])
    short = openings.limits.water_m - (level - network.edge_bed_m)
    joined = UnionFind(range(network.n_nodes))
    found = [(0.0, -1)] + [(math.inf, -1)] * (count - 1)
    heads = [int(np.flatnonzero(owner == number)[0]) for number in range(count)]
    inside = (owner[network.start] >= 0) & (owner[network.start] == owner[network.end])
    for edge in np.flatnonzero(inside).tolist():
        joined.union(int(network.start[edge]), int(network.end[edge]))
    waiting = set(range(1, count))
    others = np.flatnonzero(~inside & np.isfinite(short))
    for edge in others[np.argsort(short[others], kind="stable")].tolist():
        if not waiting:
            break
        u, v = int(network.start[edge]), int(network.end[edge])
        if joined[u] == joined[v]:
            continue
        joined.union(u, v)
        for number in sorted(waiting):
            if joined[heads[number]] == joined[heads[0]]:
                shoal = u if network.bed_m[u] >= network.bed_m[v] else v
                found[number] = (max(float(short[edge]), 0.0) or math.inf, shoal)
                waiting.discard(number)
    return found


@dataclass(frozen=True, eq=False)
class Passage:
    """A stretch of water without a way round: who cannot pass it is parted from one side.

    Attributes
    ----------
    width_m
        The usable width at its narrowest row.
    fall_m
        How far the water may fall before the passage closes: the deepest water at its shallowest row.
    tight_at
        The node of that deepest water, where the passage closes last.
    parted
        Places on the smaller side, which are lost when it closes.
    bridge_id
        A bridge over it, empty where there is none.
    """

    width_m: float
    fall_m: float
    tight_at: int
    parted: tuple[str, ...]
    parted_m2: float
    bridge_id: str


def critical_passages(
    scene: Scene, craft: Craft, time_s: float | None = None, *, most: int = 10
) -> tuple[Passage, ...]:
    """Return the passages that everything hangs on, the one that closes first at the top.

    Only those that part something worth naming: a place, or water of more than a few cells, on both sides.
    """
    import networkx as nx  # noqa: PLC0415

    now = passable(scene, craft, time_s)
    whole = Pieces(now.network, now.nodes, now.edges)
    if not whole.pieces:
        return ()
    part = max(
        nx.connected_components(whole.graph), key=lambda one: (sum(len(whole.pieces[p].nodes) for p in one), -min(one))
    )
    water = whole.graph.subgraph(part)
    cuts = set(nx.articulation_points(water))
    spare = _spare_m(now)
    found = [_passage(scene, whole, water, run, spare=spare) for run in _stretches(whole, water, cuts)]
    worth = [one for one in found if one is not None]
    return tuple(sorted(worth, key=lambda one: (one.fall_m, one.tight_at))[:most])


def _spare_m(now: Passable) -> NDArray[np.float64]:
    """Return the water to spare at each node at the low bound, m."""
    network, openings = now.network, now.openings
    low = np.array([openings.conditions.low_at(station, now.time_s) for station in range(len(network.station_m))])
    spare: NDArray[np.float64] = low[network.station] - network.bed_m - openings.limits.water_m
    return spare


def _stretches(whole: Pieces, water: "nx.Graph", cuts: set[int]) -> Iterator[list[int]]:
    """Yield runs of articulation points that follow each other along the river (joined by bridges of the graph)."""
    import networkx as nx  # noqa: PLC0415

    for run in nx.connected_components(water.subgraph(cuts)):
        yield sorted(run, key=lambda number: whole.pieces[number].row)


def _passage(
    scene: Scene, whole: Pieces, water: "nx.Graph", run: Sequence[int], *, spare: NDArray[np.float64]
) -> Passage | None:
    network, area = scene.network, areas_m2(scene.network)
    deepest = {number: max(whole.pieces[number].line, key=lambda node: spare[node]) for number in run}
    tight = min(run, key=lambda number: (float(spare[deepest[number]]), number))
    parted = _lesser_side(whole, water, tight)
    places = _places_near(scene, parted)
    parted_m2 = float(area[parted].sum())
    if not places and parted_m2 < LEAST_NODES * scene.network.charted.step_m**2:
        return None
    chainage = [float(network.chainage_m[whole.pieces[number].nodes[0]]) for number in run]
    step = scene.network.charted.step_m
    bridge = next(
        (one.id for one in scene.river.bridges if min(chainage) - step <= one.chainage_m <= max(chainage) + step), ""
    )
    return Passage(
        width_m=min(_width_m(network, area, whole.pieces[number], step) for number in run),
        fall_m=float(spare[deepest[tight]]),
        tight_at=deepest[tight],
        parted=places,
        parted_m2=parted_m2,
        bridge_id=bridge,
    )


def _width_m(network: Network, area: NDArray[np.float64], piece: Piece, step_m: float) -> float:
    """Return the width of a piece: its runs from their first node to their last, and half a square beyond each end."""
    line = np.array(piece.line)
    gaps, side = np.diff(network.offset_m[line]), np.sqrt(area[line])
    parted = gaps > step_m * 1.01
    first = np.flatnonzero(np.concatenate([[True], parted]))
    last = np.append(first[1:], len(line)) - 1
    return float(gaps[~parted].sum() + (side[first] + side[last]).sum() / 2)


def _lesser_side(whole: Pieces, water: "nx.Graph", number: int) -> list[int]:
    """Return the nodes that are parted from the greatest rest when a piece closes."""
    import networkx as nx  # noqa: PLC0415

    rest = water.subgraph(node for node in water if node != number)
    sides = sorted(
        ([node for piece in side for node in whole.pieces[piece].nodes] for side in nx.connected_components(rest)),
        key=len,
    )
    return [node for side in sides[:-1] for node in side]


def _places_near(scene: Scene, nodes: Sequence[int]) -> tuple[str, ...]:
    inside = np.zeros(scene.network.n_nodes, dtype=bool)
    inside[list(nodes)] = True
    found = []
    for place in scene.river.places.values():
        near = scene.network.within(place.x_m, place.y_m, GOAL_REACH_M)
        if len(near) and inside[near[0]]:
            found.append(place.id)
    return tuple(found)
