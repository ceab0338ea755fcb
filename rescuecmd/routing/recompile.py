"""A network compiled again where its graph was changed: one reach is read, the rest of its arrays is taken over."""

from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from rescuecmd.geo import Floats
from rescuecmd.routing.chart import rounded_up
from rescuecmd.routing.grid import Ints, course_share
from rescuecmd.routing.network import Network, compile_network, faults_named, numbered, read_nodes
from rescuecmd.routing.rules import rules_of
from rescuecmd.routing.terms import Terms, no_terms, read_terms

if TYPE_CHECKING:
    import networkx as nx


def recompile_network(network: Network, graph: "nx.DiGraph", from_m: float, to_m: float) -> Network:
    """Return what `compile_network` makes of a graph changed in one reach since `network` was compiled of it.

    Only the nodes between two chainages are read, and the edges that start or end at one of them. Nodes that came or
    went anywhere, and edges elsewhere, have the whole graph compiled; what else was changed outside is not seen.

    Raises
    ------
    InputError
        A node or edge lacks an attribute, a rule is bad, or there is no edge left.
    """
    if tuple(network.ids) != tuple(graph.nodes):
        return compile_network(graph)
    inside = (network.chainage_m >= from_m) & (network.chainage_m <= to_m)
    with faults_named():
        network = _with_nodes(network, graph, np.flatnonzero(inside))
        seam = _read_edges(network, graph, inside)
        count = sum(len(ends) for _, ends in graph.adjacency())
        if not count or count != len(seam.kept) + len(seam.start):
            return compile_network(graph)
        return _with_edges(network, graph, seam)


def _with_nodes(network: Network, graph: "nx.DiGraph", inside: Ints) -> Network:
    """Return the network with some nodes read again."""
    fresh, flow_deg = read_nodes(graph.nodes[network.ids[node]] for node in inside.tolist())
    flow = np.radians(flow_deg)
    columns = {name: getattr(network, name).copy() for name in (*fresh, "flow_x", "flow_y")}
    for name, column in {**fresh, "flow_x": np.sin(flow), "flow_y": np.cos(flow)}.items():
        columns[name][inside] = column
    station_m, station = np.unique(np.round(columns["chainage_m"], 6), return_inverse=True)
    return replace(network, **columns, station_m=station_m, station=station.astype(np.int32))


class _Seam(NamedTuple):
    """Edges read again, by start and end; the numbers of those that stay, and before which of these the others go."""

    start: Ints
    end: Ints
    data: list[dict[str, Any]]
    kept: Ints
    place: Ints

    def put(self, column: Any, fresh: Any) -> Any:
        """Return a column of edges with the values of those read again in their places."""
        return np.insert(column[self.kept], self.place, fresh)


def _read_edges(network: Network, graph: "nx.DiGraph", inside: Any) -> _Seam:
    number = {node: at for at, node in enumerate(network.ids)}
    into = network.start[inside[network.end]]
    since = [number[node] for at in np.flatnonzero(inside).tolist() for node in graph.pred[network.ids[at]]]
    again = inside.copy()
    again[into] = again[since] = True
    rows = [
        (at, number[node], data)
        for at in np.flatnonzero(again).tolist()
        for node, data in sorted(graph.adj[network.ids[at]].items(), key=lambda one: number[one[0]])
    ]
    start, end = (np.array([row[side] for row in rows], dtype=np.int64) for side in (0, 1))
    kept = np.flatnonzero(~again[network.start])
    return _Seam(start, end, [row[2] for row in rows], kept, np.searchsorted(network.start[kept], start))


def _with_edges(network: Network, graph: "nx.DiGraph", seam: _Seam) -> Network:
    bed, length, soffit = (
        np.array([data[name] for data in seam.data], dtype=np.float64) for name in ("bed_m", "length_m", "soffit_m")
    )
    bed = np.maximum(bed, np.maximum(network.bed_m[seam.start], network.bed_m[seam.end]))
    xy, flow = (network.x_m, network.y_m), (network.flow_x, network.flow_y)
    fresh = {
        "start": seam.start,
        "end": seam.end,
        "length_m": length,
        "edge_bed_m": rounded_up(bed),
        "soffit_m": -rounded_up(-soffit),
        "along": course_share(xy, flow, seam.start, seam.end),
    }
    edge = {name: seam.put(getattr(network, name), column) for name, column in fresh.items()}
    terms = _terms(no_terms() if network.rules is None else network.rules.terms, seam, length)
    ends = edge["start"], edge["end"]
    rules = rules_of(terms, xy, ends, edge["length_m"], graph.graph.get("barriers", ()))
    first = np.searchsorted(edge["start"], np.arange(network.n_nodes + 1)).astype(np.int32)
    chart = numbered(graph.graph.get("chart"), tuple(network.ids))
    return replace(network, **edge, first=first, rules=rules, chart=chart, taken=None, ids=tuple(network.ids))


def _terms(old: Terms, seam: _Seam, length_m: Floats) -> Terms:
    """Return the terms of all edges: of those that stay as they were, of the others as they are now."""
    new = read_terms(enumerate(seam.data), length_m)
    stays = np.searchsorted(seam.kept, old.edges)
    kept = np.isin(old.edges, seam.kept)
    before = np.searchsorted(seam.place, stays, side="right")  # so many that are read again come first
    fresh = seam.place + np.arange(len(seam.place))
    return old.moved(np.where(kept, stays + before, -1)).and_those(new.moved(fresh[new.edges]))
