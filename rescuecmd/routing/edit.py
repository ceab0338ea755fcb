"""Changes to the graph of navigable water: edges closed, ways added, speeds limited, hours set.

All of them change the `networkx.DiGraph` in place, before `network.compile_network` makes a network of it; the search,
the straightened paths and the watch over running routes keep to them. What each attribute means is said in `terms`.
"""

from collections.abc import Hashable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from rescuecmd.errors import InputError, unknown
from rescuecmd.geo import Floats
from rescuecmd.routing.meeting import met_by
from rescuecmd.routing.terms import NAMES, every_day, in_order

if TYPE_CHECKING:
    import networkx as nx

Edge = tuple[Hashable, Hashable]
Spot = tuple[float, float]

AT_HAND_M = 60.0
"""A way starts and ends at the node nearest to the place it is said to, if one is this near."""


def node_near(graph: "nx.DiGraph", xy: Spot, reach_m: float = AT_HAND_M) -> Hashable:
    """Return the node nearest to a point.

    Raises
    ------
    InputError
        None is within `reach_m`.
    """
    nodes = list(graph.nodes)
    away = np.hypot(*(_places(graph, nodes) - np.array(xy)).T)
    best = int(np.argmin(away)) if nodes else -1
    if best < 0 or not away[best] <= reach_m:
        raise InputError("no-node", f"no node of the graph within {reach_m:.0f} m of ({xy[0]:.1f}, {xy[1]:.1f})")
    found: Hashable = nodes[best]
    return found


def node_at(graph: "nx.DiGraph", place_id: str, reach_m: float = AT_HAND_M) -> Hashable:
    """Return the node nearest to a named place of the river the graph was built of.

    Raises
    ------
    InputError
        The graph was written by hand, or no node is within `reach_m`.
    NotFoundError
        The river has no such place.
    """
    chart = graph.graph.get("chart")
    if chart is None:
        raise InputError("no-chart", "a graph written by hand knows no places; give its nodes")
    if place_id not in chart.river.places:
        raise unknown("place", place_id, chart.river.places)
    place = chart.river.places[place_id]
    return node_near(graph, (place.x_m, place.y_m), reach_m)


def close_edges(graph: "nx.DiGraph", edges: Iterable[Edge], *, both: bool = True) -> int:
    """Take edges out of the graph, `both` ways; return how many went. No straight line crosses their middle either.

    Raises
    ------
    InputError
        There is no such edge.
    """
    going = _both(graph, edges) if both else list(edges)
    for u, v in going:
        _edge(graph, u, v)
    start, end = (_places(graph, [edge[side] for edge in going]) for side in (0, 1))
    middle, along = (start + end) / 2, (end - start) / 8
    turned = np.column_stack([-along[:, 1], along[:, 0]])
    graph.remove_edges_from(going)
    _bar(graph, np.hstack([middle - turned, middle + turned]))
    return len(going)


def close_line(graph: "nx.DiGraph", start_xy: Spot, end_xy: Spot) -> int:
    """Close every edge that meets a line from one point to another, such as a boom; return how many.

    Ways with a time of their own, portages for one, may lead past it.
    """
    import shapely  # noqa: PLC0415  (half a second to import)

    edges, met = list(graph.edges), met_by(_edge_lines(graph), shapely.LineString([start_xy, end_xy]))
    going = [edges[at] for at in np.flatnonzero(met) if "own_s" not in graph.edges[edges[at]]]
    graph.remove_edges_from(going)
    _bar(graph, np.array([[*start_xy, *end_xy]], dtype=np.float64))
    return len(going)


def add_way(
    graph: "nx.DiGraph",
    start: Hashable,
    end: Hashable,
    own_s: float,
    *,
    kind: str = "portage",
    sill_m: float = -np.inf,
    both: bool = True,
    **rules: Any,
) -> None:
    """Join two nodes by a way that takes its own time: a portage, a ramp, a lock.

    The water at both nodes must carry the boat all the while; in between only a `sill_m` (a lock) asks for any. `rules`
    are the others of an edge: ``hours``, ``daily``, ``max_draught_m``, ``max_air_draught_m``. An edge of the grid that
    joins the same nodes makes room for it.

    Raises
    ------
    InputError
        A node is not in the graph, both are the same, or a rule is unknown or bad.
    """
    for node in (start, end):
        if node not in graph:
            raise InputError("no-node", f"the graph has no node {node!r}")
    if start == end:
        raise InputError("bad-way", f"a way joins two different nodes, got {start!r} twice")
    if not (own_s > 0 and np.isfinite(own_s)):
        raise InputError("bad-rule", f"a {kind} takes a time above 0 s, got {own_s}")
    if not rules.keys() <= NAMES - {"own_s", "limit_mps"}:
        raise InputError("bad-rule", f"a way has hours, daily, max_draught_m, max_air_draught_m, not {sorted(rules)}")
    _check_hours(rules)
    for u, v in ((start, end), (end, start)) if both else ((start, end),):
        graph.remove_edges_from([(u, v)])
        data = way_data(_places(graph, [u, v]), own_s, kind, sill_m)
        graph.add_edge(u, v, **data, **rules)


def way_data(ends_xy: Floats, own_s: float, kind: str, sill_m: float) -> dict[str, Any]:
    """Return the attributes of an edge that takes its own time from one point to another (x, y by row)."""
    dx, dy = ends_xy[1] - ends_xy[0]
    return {
        "length_m": float(np.hypot(dx, dy)), "bed_m": float(sill_m), "soffit_m": np.inf,
        "heading_deg": float(np.degrees(np.arctan2(dx, dy)) % 360.0), "bridge": "", "kind": kind, "own_s": float(own_s),
    }  # fmt: skip


def set_rules(graph: "nx.DiGraph", edges: Iterable[Edge], *, both: bool = True, **rules: Any) -> None:
    """Give edges rules: ``limit_mps``, ``hours``, ``daily``, ``max_draught_m``, ``max_air_draught_m``.

    Raises
    ------
    InputError
        There is no such edge, or the rule is unknown or bad.
    """
    if not rules.keys() <= NAMES - {"own_s"}:
        raise InputError("bad-rule", f"expected some of {sorted(NAMES - {'own_s'})}, got {sorted(rules)}")
    _check_hours(rules)
    for name in rules.keys() - {"hours", "daily"}:
        if not rules[name] > 0:
            raise InputError("bad-rule", f"{name} must be above 0, got {rules[name]}")
    for u, v in _both(graph, edges) if both else edges:
        _edge(graph, u, v).update(rules)


def edges_in(graph: "nx.DiGraph", ring_xy: Sequence[Spot] | Floats) -> list[Edge]:
    """Return the edges that meet a ring of (x, y) or lie in it: a zone, for `set_rules`, `close_edges`."""
    import shapely  # noqa: PLC0415  (half a second to import)

    edges, met = list(graph.edges), met_by(_edge_lines(graph), shapely.Polygon(np.asarray(ring_xy, dtype=np.float64)))
    return [edges[at] for at in np.flatnonzero(met)]


def _edge_lines(graph: "nx.DiGraph") -> Floats:
    """Return the edges in their order as lines, (x, y, x, y) by row."""
    edges = list(graph.edges)
    return np.hstack([_places(graph, [edge[side] for edge in edges]) for side in (0, 1)])


def _check_hours(rules: dict[str, Any]) -> None:
    if "hours" in rules:
        rules["hours"] = in_order(rules["hours"])
    if "daily" in rules:
        every_day(rules["daily"])


def _places(graph: "nx.DiGraph", nodes: Sequence[Hashable]) -> Floats:
    rows = [(graph.nodes[node]["x_m"], graph.nodes[node]["y_m"]) for node in nodes]
    return np.array(rows, dtype=np.float64).reshape(-1, 2)


def _edge(graph: "nx.DiGraph", u: Hashable, v: Hashable) -> dict[str, Any]:
    if not graph.has_edge(u, v):
        raise InputError("no-edge", f"the graph has no edge from {u!r} to {v!r}")
    found: dict[str, Any] = graph.edges[u, v]
    return found


def _both(graph: "nx.DiGraph", edges: Iterable[Edge]) -> list[Edge]:
    """Return edges and those of them that lead back, each once."""
    given = list(edges)
    back = [(v, u) for u, v in given if graph.has_edge(v, u)]
    return list(dict.fromkeys([*given, *back]))


def _bar(graph: "nx.DiGraph", lines: Floats) -> None:
    """Note lines that nobody crosses, for paths that leave the grid."""
    graph.graph["barriers"] = [*graph.graph.get("barriers", ()), *(tuple(line) for line in lines.tolist())]
