"""The navigable water as a graph, and the same graph as flat arrays.

`build_graph` makes the `networkx.DiGraph` that people read, count, draw and change; `compile_network` makes what the
search runs on. Any graph with the same attributes compiles, so small ones can be written by hand. `draw_network` makes
the same arrays straight from the river, whatever its size, where nobody asks for the graph.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from rescuecmd.compiled import vector
from rescuecmd.errors import InputError, NotCoveredError
from rescuecmd.geo import Floats
from rescuecmd.river.model import River
from rescuecmd.routing.chart import PER_STEP, Chart, draw_chart
from rescuecmd.routing.rules import Rules, read_rules
from rescuecmd.routing.spans import Edges

if TYPE_CHECKING:
    import networkx as nx

ABOVE_RECORD_M = 0.5
"""Ground higher than this above the highest level on file is left out of the graph."""

SPAN_REACH_M = 4.5
"""A boat under the edge of two spans must fit under both."""

_AROUND = ((1, 0), (-1, 0), (0, 1), (0, -1), (1, 1), (1, -1), (-1, 1), (-1, -1))
Ints = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Network:
    """A compiled graph: nodes, and edges sorted by their start node (edges of node ``n``: ``first[n]:first[n + 1]``).

    Levels are kept per station (distinct chainage), because the water stands equally high across the river.
    ``along`` is the cosine between an edge and the current there; ``soffit_m`` is inf where nothing is overhead.
    """

    ids: tuple[Any, ...] | range
    x_m: Floats
    y_m: Floats
    chainage_m: Floats
    offset_m: Floats
    bed_m: Floats
    flow_x: Floats
    flow_y: Floats
    station: Ints
    station_m: Floats
    first: Ints
    start: Ints
    end: Ints
    length_m: Floats
    edge_bed_m: Floats
    soffit_m: Floats
    along: Floats
    chart: Chart | None = None
    rules: Rules | None = None

    @property
    def n_nodes(self) -> int:
        """Number of nodes."""
        return len(self.x_m)

    @property
    def n_edges(self) -> int:
        """Number of directed edges."""
        return len(self.start)

    @cached_property
    def shortest_m(self) -> float:
        """Length of the shortest edge."""
        return float(self.length_m.min())

    @cached_property
    def longest_m(self) -> float:
        """Length of the longest edge."""
        return float(self.length_m.max())

    @cached_property
    def edges(self) -> Edges:
        """Edges for the loops."""
        pace = np.zeros(0) if self.rules is None else self.rules.pace_s
        length = self.length_m if self.rules is None else np.where(pace < 0, 0.0, self.length_m)
        return Edges(
            first=vector(self.first),
            start=vector(self.start),
            end=vector(self.end),
            length=vector(length),
            along=vector(self.along),
            bed=vector(self.edge_bed_m),
            soffit=vector(self.soffit_m),
            station=vector(self.station),
            pace=vector(pace),
        )

    @cached_property
    def tree(self) -> cKDTree:
        """Nodes by position."""
        return cKDTree(np.column_stack([self.x_m, self.y_m]))

    def nearest(self, x_m: float, y_m: float) -> int:
        """Return the node closest to a point."""
        return int(self.tree.query((x_m, y_m))[1])

    def within(self, x_m: float, y_m: float, reach_m: float) -> Ints:
        """Return the nodes at most `reach_m` from a point, closest first."""
        found = np.asarray(self.tree.query_ball_point((x_m, y_m), reach_m), dtype=np.int64)
        away = np.hypot(self.x_m[found] - x_m, self.y_m[found] - y_m)
        return found[np.lexsort((found, away))]


def build_graph(river: River, step_m: float = 18.0) -> "nx.DiGraph":
    """Return the navigable water of a river: a grid along and across it, each node joined to its 8 neighbours.

    Nodes are numbered from 0 and carry ``x_m, y_m, chainage_m, offset_m, bed_m, flow_deg`` (the direction of the
    current); edges carry ``length_m, bed_m, soffit_m, heading_deg, bridge``. Beds are the highest within 4.5 m of the
    boat's way. Ground that no level on file floods, piers, and everything outside the survey are left out.

    Raises
    ------
    InputError
        The step is not positive.
    NotCoveredError
        The river is shorter than two steps or has no navigable water.
    """
    import networkx as nx  # noqa: PLC0415  (a second to import; a server runs on a network compiled before)

    survey = _survey(river, step_m)
    chart = survey.chart
    graph = nx.DiGraph(name=river.id, step_m=step_m, chart=chart)
    _add_nodes(graph, {**survey.nodes, "flow_deg": survey.flow_deg})
    for step in _AROUND:
        _add_edges(graph, river, _edge_table(river, chart, step))
    return graph


def draw_network(river: River, step_m: float = 18.0) -> Network:
    """Return what `compile_network` makes of `build_graph`, without the graph: for rivers of any size.

    Three times as quick, and 500,000 nodes take no Python object each; `build_graph` gives the graph of the same nodes
    and edges when somebody wants to see or change it.

    Raises
    ------
    InputError
        The step is not positive.
    NotCoveredError
        The river is shorter than two steps or has no navigable water.
    """
    survey = _survey(river, step_m)
    tables = [_edge_table(river, survey.chart, step) for step in _AROUND]
    columns = {name: np.concatenate([getattr(one, name) for one in tables]) for name in _EdgeTable.SEARCHED}
    del tables
    if not len(columns["start"]):
        raise InputError("bad-graph", "the graph has no edges")
    order = np.lexsort((columns["end"], columns["start"]))
    return _flat(
        range(len(survey.flow_deg)),
        (survey.nodes, survey.flow_deg),
        {name: column[order] for name, column in columns.items()},
        survey.chart,
    )


@dataclass(frozen=True, eq=False)
class _Survey:
    """The nodes of a river's grid: places and beds, the direction of the current, the chart that numbers them."""

    chart: Chart
    nodes: dict[str, Floats]
    flow_deg: Floats


def _survey(river: River, step_m: float) -> _Survey:
    if not step_m > 0:
        raise InputError("bad-step", f"the grid step must be above 0 m, got {step_m}")
    if river.length_m < 2 * step_m:
        short = f"{river.length_m:.0f} m of river are too short for {step_m:.0f} m steps"
        raise NotCoveredError("river-too-short", short)
    chart = draw_chart(river, step_m)
    bed = chart.bed_m[::PER_STEP, ::PER_STEP]
    wet = np.isfinite(bed) & (bed <= _highest_m(river, np.arange(len(bed), dtype=np.float64) * step_m)[:, None])
    if not wet.any():
        raise NotCoveredError("no-water", f"river {river.id!r} has no navigable water", river=river.id)
    chart.node[wet] = np.arange(np.count_nonzero(wet))
    row, column = np.nonzero(wet)
    chainage, offset = row.astype(np.float64) * step_m, chart.right_m + column.astype(np.float64) * step_m
    x, y = river.point(chainage, offset)
    nodes = {"x_m": x, "y_m": y, "chainage_m": chainage, "offset_m": offset, "bed_m": bed[wet]}
    return _Survey(chart, nodes, _flow_deg(river, chainage, offset))


def compile_network(graph: "nx.DiGraph") -> Network:
    """Return a graph as flat arrays.

    Raises
    ------
    InputError
        A node or edge lacks an attribute, or there is no edge at all.
    """
    try:
        return _compile(graph)
    except KeyError as missing:
        raise InputError("bad-graph", f"a node or edge of the graph lacks {missing}") from missing
    except (TypeError, ValueError) as error:
        raise InputError("bad-graph", f"an attribute of the graph is no number: {error}") from error


def _compile(graph: "nx.DiGraph") -> Network:
    if not graph.number_of_edges():
        raise InputError("bad-graph", "the graph has no edges")
    ids = tuple(graph.nodes)
    index = {node: number for number, node in enumerate(ids)}
    places = ("x_m", "y_m", "chainage_m", "offset_m", "bed_m")
    node = {name: _column(data[name] for data in graph.nodes.values()) for name in places}
    flow_deg = _column(data.get("flow_deg", 90.0) for data in graph.nodes.values())
    ends = np.array([(index[u], index[v]) for u, v in graph.edges], dtype=np.int64)
    order = np.lexsort((ends[:, 1], ends[:, 0]))
    edge = {"start": ends[order, 0], "end": ends[order, 1]}
    for name in ("length_m", "bed_m", "soffit_m"):
        edge[name] = _column(data[name] for _, _, data in graph.edges(data=True))[order]
    ruled = zip(np.argsort(order).tolist(), (data for _, _, data in graph.edges(data=True)), strict=True)
    barriers = np.array(graph.graph.get("barriers", ()), dtype=np.float64).reshape(-1, 4)
    rules = read_rules(ruled, (node["x_m"], node["y_m"]), (edge["start"], edge["end"]), edge["length_m"], barriers)
    return _flat(ids, (node, flow_deg), edge, _numbered(graph.graph.get("chart"), ids), rules)


def _flat(
    ids: tuple[Any, ...] | range,
    nodes: tuple[dict[str, Floats], Floats],
    edge: dict[str, Any],
    chart: Chart | None,
    rules: Rules | None = None,
) -> Network:
    """Return the network of nodes (columns and the direction of the current) and edges sorted by start and end."""
    node, flow = nodes[0], np.radians(nodes[1])
    start, end = edge["start"], edge["end"]
    station_m, station = np.unique(np.round(node["chainage_m"], 6), return_inverse=True)
    flow_x, flow_y = np.sin(flow), np.cos(flow)
    return Network(
        ids=ids,
        **node,
        flow_x=flow_x,
        flow_y=flow_y,
        station=station.astype(np.int64),
        station_m=station_m,
        first=np.searchsorted(start, np.arange(len(ids) + 1)).astype(np.int64),
        start=start,
        end=end,
        length_m=edge["length_m"],
        edge_bed_m=np.maximum(edge["bed_m"], np.maximum(node["bed_m"][start], node["bed_m"][end])),
        soffit_m=edge["soffit_m"],
        along=_along((node["x_m"], node["y_m"]), (flow_x, flow_y), start, end),
        chart=chart,
        rules=rules,
    )


def _numbered(chart: Chart | None, ids: tuple[Any, ...]) -> Chart | None:
    """Return a chart that knows the nodes by their place among `ids`: some may have been taken out, others added."""
    if chart is None or ids == tuple(range(len(ids))):
        return chart
    place = np.full(int(chart.node.max()) + 1, -1, dtype=np.int64)
    for number, node in enumerate(ids):
        if isinstance(node, int) and 0 <= node < len(place):
            place[node] = number
    return replace(chart, node=np.where(chart.node >= 0, place[chart.node], -1))


def _along(xy: tuple[Floats, Floats], flow: tuple[Floats, Floats], start: Ints, end: Ints) -> Floats:
    (x, y), (flow_x, flow_y) = xy, flow
    dx, dy = x[end] - x[start], y[end] - y[start]
    fx, fy = flow_x[start] + flow_x[end], flow_y[start] + flow_y[end]
    size = np.maximum(np.hypot(dx, dy) * np.hypot(fx, fy), 1e-12)
    cosine: Floats = np.clip((dx * fx + dy * fy) / size, -1.0, 1.0)
    return cosine


def _column(values: Iterator[Any]) -> Floats:
    return np.array(list(values), dtype=np.float64)


def _highest_m(river: River, chainage_m: Floats) -> Floats:
    """Return the level up to which ground belongs to the graph: the highest on file and a little more."""
    highest: dict[str, float] = {}
    for one in river.series:
        highest[one.gauge_id] = max(highest.get(one.gauge_id, -math.inf), float(one.levels_m.max()))
    gauges = sorted((river.gauge(gauge_id).chainage_m, level) for gauge_id, level in highest.items())
    if not gauges:
        return np.full(len(chainage_m), np.inf)
    level: Floats = np.interp(chainage_m, [at for at, _ in gauges], [level for _, level in gauges])
    above = np.maximum(gauges[0][0] - chainage_m, 0.0) * max(river.surface.low_slope, river.surface.flood_slope)
    return level + above + ABOVE_RECORD_M


def _flow_deg(river: River, chainage_m: Floats, offset_m: Floats) -> Floats:
    """Return the direction of the current: along the axis, turned as the banks widen and narrow."""
    along_x, along_y = river.centreline.tangent(chainage_m)
    turn = river.bed.bank_angle(river.bed.where(chainage_m, offset_m))
    flow: Floats = np.degrees(np.arctan2(along_x - turn * along_y, along_y + turn * along_x)) % 360.0
    return flow


def _add_nodes(graph: "nx.DiGraph", columns: dict[str, Floats]) -> None:
    names = tuple(columns)
    rows = zip(*(columns[name].tolist() for name in names), strict=True)
    graph.add_nodes_from((number, dict(zip(names, row, strict=True))) for number, row in enumerate(rows))


@dataclass(frozen=True, eq=False)
class _EdgeTable:
    """The edges of one direction; `bridge` is the number of the one they pass under, -1 for none."""

    SEARCHED: ClassVar = ("start", "end", "length_m", "bed_m", "soffit_m")

    start: Ints
    end: Ints
    length_m: Floats
    bed_m: Floats
    soffit_m: Floats
    heading_deg: Floats
    bridge: Ints


def _edge_table(river: River, chart: Chart, step: tuple[int, int]) -> _EdgeTable:
    """Return the edges of one direction: each with the highest bed it meets and the lowest soffit it passes under."""
    down, left = step
    rows, columns = chart.node.shape
    row, column = np.nonzero(chart.node >= 0)
    keep = (row + down >= 0) & (row + down < rows) & (column + left >= 0) & (column + left < columns)
    row, column = row[keep], column[keep]
    bed = np.full(len(row), -np.inf)
    for k in range(PER_STEP + 1):
        np.maximum(bed, chart.bed_m[row * PER_STEP + k * down, column * PER_STEP + k * left], out=bed)
    keep = (chart.node[row + down, column + left] >= 0) & np.isfinite(bed)
    row, column, bed = row[keep], column[keep], bed[keep]
    step_m = chart.cell_m * PER_STEP
    places = [((row + i) * step_m, chart.right_m + (column + j) * step_m) for i, j in ((0, 0), (down, left))]
    (x0, y0), (x1, y1) = (river.point(*place) for place in places)
    soffit, bridge = _overhead(river, places)
    heading = np.degrees(np.arctan2(x1 - x0, y1 - y0)) % 360.0
    start, end = chart.node[row, column], chart.node[row + down, column + left]
    return _EdgeTable(start, end, np.hypot(x1 - x0, y1 - y0), bed, soffit, heading, bridge)


def _add_edges(graph: "nx.DiGraph", river: River, table: _EdgeTable) -> None:
    names = [*(bridge.id for bridge in river.bridges), ""]  # -1, no bridge, is the last
    rows = zip(table.start.tolist(), table.end.tolist(), table.length_m.tolist(), table.bed_m.tolist(),
               table.soffit_m.tolist(), table.heading_deg.tolist(), table.bridge.tolist(), strict=True)  # fmt: skip
    graph.add_edges_from(
        (u, v, {"length_m": length, "bed_m": top, "soffit_m": under, "heading_deg": course, "bridge": names[bridge]})
        for u, v, length, top, under, course, bridge in rows
    )


def _overhead(river: River, places: list[tuple[Floats, Floats]]) -> tuple[Floats, Ints]:
    """Return the lowest soffit over each edge (inf: none) and the bridge's number (-1: none).

    The edges come in the order of their start's chainage.
    """
    (c0, o0), (c1, o1) = places
    soffit, number = np.full(len(c0), np.inf), np.full(len(c0), -1, dtype=np.int64)
    low, high = np.minimum(o0, o1) - SPAN_REACH_M, np.maximum(o0, o1) + SPAN_REACH_M
    reach = 1.01 * float(np.abs(c1 - c0).max(initial=0.0)) + 1e-6
    for at, bridge in enumerate(river.bridges):
        first, last = np.searchsorted(c0, (bridge.chainage_m - reach, bridge.chainage_m + reach))
        near = slice(max(first - 1, 0), last + 1)
        meets_line = (np.minimum(c0[near], c1[near]) <= bridge.chainage_m) & (
            np.maximum(c0[near], c1[near]) >= bridge.chainage_m
        )
        under = near.start + np.flatnonzero(meets_line)
        for span in bridge.spans:
            meets = under[(high[under] >= span.from_m) & (low[under] <= span.to_m) & (span.soffit_m < soffit[under])]
            soffit[meets], number[meets] = span.soffit_m, at
    return soffit, number
