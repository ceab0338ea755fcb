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
from rescuecmd.routing.edit import AT_HAND_M, edge_lines, way_data
from rescuecmd.routing.grid import Ints, course_share
from rescuecmd.routing.guide import kilometre
from rescuecmd.routing.meeting import met_by, pieces_of
from rescuecmd.routing.rules import read_terms, rules_of, stricter

if TYPE_CHECKING:
    import networkx as nx

    from rescuecmd.routing.network import Network


class Changes(NamedTuple):
    """What a river does to the edges of its plain grid.

    `gone` tells which of these are closed, `ruled` the rules of others; `barriers` are lines that nobody crosses, as
    (x, y, x, y) by row; `ways` are edges to add: both nodes and the attributes.
    """

    gone: NDArray[np.bool_]
    ruled: dict[int, dict[str, Any]]
    barriers: Floats
    ways: list[tuple[int, int, dict[str, Any]]]


def changes_of(river: River, xy: Floats, lines: Floats) -> Changes:
    """Return what a river does to its grid: nodes `xy` by row, edges `lines` as (x, y, x, y) by row.

    Raises
    ------
    InputError
        A way ends where the grid has no water.
    """
    import shapely  # noqa: PLC0415  (half a second to import)

    gone, ruled = np.zeros(len(lines), dtype=np.bool_), dict[int, dict[str, Any]]()
    barriers = [np.zeros((0, 4))]
    for area in river.restricted:
        met = met_by(lines, shapely.Polygon(area.ring_xy))
        if area.closed:
            gone |= met
            barriers.append(pieces_of(np.array(area.ring_xy, dtype=np.float64)))
        else:
            for edge in np.flatnonzero(met).tolist():
                ruled[edge] = stricter(ruled.get(edge, {}), _rules_in(area))
    for boom in river.booms:
        gone |= met_by(lines, shapely.LineString(boom.line_xy))
        barriers.append(pieces_of(np.array(boom.line_xy, dtype=np.float64)))
    return Changes(gone, ruled, np.vstack(barriers), list(_added(river, xy)))


def change_graph(graph: "nx.DiGraph", river: River) -> None:
    """Put a river's ways, booms and areas into the graph of its plain grid, whose nodes are numbered from 0."""
    if not river.rules:
        return
    edges = list(graph.edges)
    xy = np.array([(data["x_m"], data["y_m"]) for data in graph.nodes.values()], dtype=np.float64)
    changes = changes_of(river, xy, edge_lines(graph))
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
    changes = changes_of(river, xy, np.hstack([xy[drawn.start], xy[drawn.end]]))
    kept = np.flatnonzero(~(changes.gone | _same_ends(drawn, changes.ways)))
    added = _columns(drawn, changes.ways)
    every = {name: np.concatenate([getattr(drawn, name)[kept], column]) for name, column in added.items()}
    order = np.lexsort((every["end"], every["start"]))
    if not len(order):
        raise InputError("bad-graph", "the booms and closed areas of the river leave no edge")
    edge: dict[str, Any] = {name: column[order] for name, column in every.items()}
    place = np.empty(len(order), dtype=np.int64)
    place[order] = np.arange(len(order))
    terms = read_terms(_told(changes, kept, place), edge["length_m"])
    ends = edge["start"], edge["end"]
    return replace(
        drawn,
        **edge,
        first=np.searchsorted(edge["start"], np.arange(drawn.n_nodes + 1)).astype(np.int32),
        rules=rules_of(terms, (drawn.x_m, drawn.y_m), ends, edge["length_m"], changes.barriers),
        drawn=drawn,
    )


def _told(changes: Changes, kept: Ints, place: Ints) -> Iterator[tuple[int, Mapping[str, Any]]]:
    """Yield what is told of single edges, each with its number among all: kept ones first, then ways."""
    for edge, rules in changes.ruled.items():
        at = int(np.searchsorted(kept, edge))
        if at < len(kept) and kept[at] == edge:
            yield int(place[at]), rules
    for number, (_, _, data) in enumerate(changes.ways):
        yield int(place[len(kept) + number]), data


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
        "edge_bed_m": np.maximum(bed, np.maximum(drawn.bed_m[start], drawn.bed_m[end])),
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
