"""The ways, booms and areas with rules that a river has, put into its graph or its drawn arrays.

Both are changed by one reading of the river, `changes_of`, so that compiling the graph gives the arrays. What people
change in the graph by hand is in `edit`; it says the same with the same attributes.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from rescuecmd.errors import InputError
from rescuecmd.geo import Floats
from rescuecmd.river.feature import RestrictedArea, TimedWay
from rescuecmd.river.model import River
from rescuecmd.routing.chart import Links, rounded_up
from rescuecmd.routing.edit import AT_HAND_M, way_data
from rescuecmd.routing.grid import Ints, course_share
from rescuecmd.routing.guide import kilometre
from rescuecmd.routing.meeting import met_by, pieces_of
from rescuecmd.routing.narrows import Singles
from rescuecmd.routing.rules import rules_of
from rescuecmd.routing.terms import read_terms, stricter

if TYPE_CHECKING:
    import networkx as nx

    from rescuecmd.routing.network import Network


_COLUMNS = ("start", "end", "length_m", "edge_bed_m", "soffit_m", "along")


class Changes(NamedTuple):
    """What a river does to the edges of its plain grid.

    `gone` tells which of these are closed, `ruled` the rules of others; `barriers` are lines that nobody crosses, as
    (x, y, x, y) by row; `ways` are edges to add, by both nodes, with the attributes.
    """

    gone: NDArray[np.bool_]
    ruled: dict[int, dict[str, Any]]
    barriers: Floats
    ways: list[tuple[int, int, dict[str, Any]]]


class Taken(NamedTuple):
    """Edges of the plain grid that a river's rules took away, in the columns of a network, to be put back.

    `before` tells before which of the edges that were kept each of them stood.
    """

    before: Ints
    start: Links
    end: Links
    length_m: Singles
    edge_bed_m: Singles
    soffit_m: Singles
    along: Singles


def changes_of(river: River, xy: Floats, ends: tuple[Links, Links], longest_m: float) -> Changes:
    """Return what a river does to its grid: nodes `xy` by row, edges by the nodes at their ends.

    No edge is longer than `longest_m`: only those that begin near something are looked at.

    Raises
    ------
    InputError
        A way ends where the grid has no water.
    """
    import shapely  # noqa: PLC0415  (half a second to import)

    areas = [(area, shapely.Polygon(area.ring_xy)) for area in river.restricted]
    booms = [(boom, shapely.LineString(boom.line_xy)) for boom in river.booms]
    near = np.flatnonzero(_near(xy, [shape.bounds for _, shape in (*areas, *booms)], longest_m)[ends[0]])
    lines = np.hstack([xy[ends[0][near]], xy[ends[1][near]]])
    gone, ruled = np.zeros(len(ends[0]), dtype=np.bool_), dict[int, dict[str, Any]]()
    barriers = [np.zeros((0, 4))]
    for area, shape in areas:
        met = near[met_by(lines, shape)]
        if area.closed:
            gone[met] = True
            barriers.append(pieces_of(np.array(area.ring_xy, dtype=np.float64)))
        else:
            for edge in met.tolist():
                ruled[edge] = stricter(ruled.get(edge, {}), _rules_in(area))
    for boom, shape in booms:
        gone[near[met_by(lines, shape)]] = True
        barriers.append(pieces_of(np.array(boom.line_xy, dtype=np.float64)))
    return Changes(gone, ruled, np.vstack(barriers), sorted(_added(river, xy), key=lambda way: way[:2]))


def _near(xy: Floats, bounds: Sequence[tuple[float, float, float, float]], reach_m: float) -> NDArray[np.bool_]:
    """Return which nodes lie within a distance of any of some boxes (west, south, east, north)."""
    near = np.zeros(len(xy), dtype=np.bool_)
    for west, south, east, north in bounds:
        x, y = xy[:, 0], xy[:, 1]
        inside = (x >= west - reach_m) & (x <= east + reach_m) & (y >= south - reach_m) & (y <= north + reach_m)
        near |= inside
    return near


def change_graph(graph: "nx.DiGraph", river: River) -> None:
    """Put a river's ways, booms and areas into the graph of its plain grid, whose nodes are numbered from 0."""
    if not river.rules:
        return
    edges = list(graph.edges)
    xy = np.array([(data["x_m"], data["y_m"]) for data in graph.nodes.values()], dtype=np.float64)
    start, end = (np.array([edge[side] for edge in edges], dtype=np.int32) for side in (0, 1))
    longest_m = max(length for _, _, length in graph.edges(data="length_m"))
    changes = changes_of(river, xy, (start, end), longest_m)
    for edge, rules in changes.ruled.items():
        graph.edges[edges[edge]].update(rules)
    graph.remove_edges_from(edges[edge] for edge in np.flatnonzero(changes.gone))
    graph.remove_edges_from((u, v) for u, v, _ in changes.ways)
    graph.add_edges_from(changes.ways)
    graph.graph["barriers"] = [tuple(line) for line in changes.barriers.tolist()]


def with_ways(drawn: "Network", river: River) -> "Network":
    """Return a network drawn of the plain grid with the river's ways, booms and areas; the same one without any.

    Raises
    ------
    InputError
        A way ends where the grid has no water, or a boom leaves no edge at all.
    """
    if not river.rules:
        return drawn
    xy = np.column_stack([drawn.x_m, drawn.y_m])
    changes = changes_of(river, xy, (drawn.start, drawn.end), drawn.longest_m)
    gone = changes.gone | _same_ends(drawn, changes.ways)
    kept, lost = np.flatnonzero(~gone), np.flatnonzero(gone)
    if not len(kept) + len(changes.ways):
        raise InputError("bad-graph", "the booms and closed areas of the river leave no edge")
    before = np.searchsorted(kept, [_place(drawn, *way[:2]) for way in changes.ways]).astype(np.int64)
    edge: dict[str, Any] = {
        name: np.insert(getattr(drawn, name)[kept], before, column)
        for name, column in _columns(drawn, changes.ways).items()
    }
    terms = read_terms(_told(changes, kept, before), edge["length_m"])
    ends = edge["start"], edge["end"]
    return replace(
        drawn,
        **edge,
        first=_first(edge["start"], drawn.n_nodes),
        rules=rules_of(terms, (drawn.x_m, drawn.y_m), ends, edge["length_m"], changes.barriers),
        taken=Taken(np.searchsorted(kept, lost), *(getattr(drawn, name)[lost] for name in _COLUMNS)),
    )


def plain_of(network: "Network") -> "Network":
    """Return the plain grid that `with_ways` was given."""
    if network.taken is None:
        return network
    kept = np.arange(network.n_edges)
    if network.rules is not None:
        kept = np.delete(kept, network.rules.terms.own)
    edge: dict[str, Any] = {
        name: np.insert(getattr(network, name)[kept], network.taken.before, getattr(network.taken, name))
        for name in _COLUMNS
    }
    return replace(network, **edge, first=_first(edge["start"], network.n_nodes), rules=None, taken=None)


def _first(start: Links, n_nodes: int) -> Links:
    """Return the first edge of each node, and one more, from where the edges start."""
    return np.concatenate([[0], np.cumsum(np.bincount(start, minlength=n_nodes))]).astype(np.int32)


def _told(changes: Changes, kept: Ints, before: Ints) -> Iterator[tuple[int, Mapping[str, Any]]]:
    """Yield what is told of single edges, each with its number among all: ways stand before some that are kept."""
    for edge, rules in changes.ruled.items():
        at = int(np.searchsorted(kept, edge))
        if at < len(kept) and kept[at] == edge:
            yield at + int(np.searchsorted(before, at, side="right")), rules
    for number, (_, _, data) in enumerate(changes.ways):
        yield int(before[number]) + number, data


def _place(drawn: "Network", start: int, end: int) -> int:
    """Return before which edge another one between two nodes belongs."""
    span = slice(int(drawn.first[start]), int(drawn.first[start + 1]))
    return span.start + int(np.searchsorted(drawn.end[span], end))


def _same_ends(drawn: "Network", ways: Sequence[tuple[int, int, Any]]) -> NDArray[np.bool_]:
    """Return which edges join the same nodes as a way does: it takes their place."""
    same = np.zeros(drawn.n_edges, dtype=np.bool_)
    for u, v, _ in ways:
        span = slice(int(drawn.first[u]), int(drawn.first[u + 1]))
        same[span] |= drawn.end[span] == v
    return same


def _columns(drawn: "Network", ways: Sequence[tuple[int, int, Mapping[str, Any]]]) -> dict[str, Any]:
    """Return the edges of the ways in the columns of a network."""
    start, end = (np.array([way[side] for way in ways], dtype=np.int64) for side in (0, 1))
    length, bed, soffit = (
        np.array([way[2][name] for way in ways], dtype=np.float64) for name in ("length_m", "bed_m", "soffit_m")
    )
    xy, flow = (drawn.x_m, drawn.y_m), (drawn.flow_x, drawn.flow_y)
    return {
        "start": start,
        "end": end,
        "length_m": length,
        "edge_bed_m": rounded_up(np.maximum(bed, np.maximum(drawn.bed_m[start], drawn.bed_m[end]))),
        "soffit_m": soffit,
        "along": course_share(xy, flow, start, end),
    }


def _rules_in(area: RestrictedArea) -> dict[str, Any]:
    rules: dict[str, Any] = {} if area.hours is None else {"daily": str(area.hours)}
    return rules if np.isinf(area.limit_mps) else {**rules, "limit_mps": area.limit_mps}


def _added(river: River, xy: Floats) -> Iterator[tuple[int, int, dict[str, Any]]]:
    """Yield the edges of a river's ways; no two ways share a node, so that each can be told from the others."""
    taken: set[int] = set()
    for way in river.ways:
        u, v = (_node_at(river, way, xy, at, taken) for at in (0, -1))
        rules: dict[str, Any] = {} if way.hours is None else {"daily": str(way.hours)}
        for name in ("max_draught_m", "max_air_draught_m"):
            if np.isfinite(getattr(way, name)):
                rules[name] = getattr(way, name)
        for start, end in ((u, v), (v, u)) if way.both else ((u, v),):
            data = way_data(xy[[start, end]], way.takes_s, way.kind, way.sill_m)
            yield start, end, {**data, "way": way.id, **rules}


def _node_at(river: River, way: TimedWay, xy: Floats, at: int, taken: set[int]) -> int:
    """Return the free node nearest to the first or last point of a way; it is taken then."""
    point = way.line_xy[at]
    away = np.hypot(xy[:, 0] - point[0], xy[:, 1] - point[1])
    near = np.flatnonzero(away <= AT_HAND_M)
    for node in near[np.argsort(away[near], kind="stable")].tolist():
        if node not in taken:
            taken.add(node)
            return int(node)
    where = kilometre(river, float(river.locate(*point)[0]))
    end = "first" if at == 0 else "last"
    raise InputError("no-node", f"way {way.id!r}: no water within {AT_HAND_M:.0f} m of its {end} point at {where}")
