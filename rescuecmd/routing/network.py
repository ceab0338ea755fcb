"""The navigable water as a graph, and the same graph as flat arrays.

`build_graph` makes the `networkx.DiGraph` that people read, count, draw and change; `compile_network` makes what the
search runs on. Any graph with the same attributes compiles, so small ones can be written by hand. `draw_network` makes
the same arrays straight from the river, whatever its size, where nobody asks for the graph.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from rescuecmd.compiled import vector
from rescuecmd.errors import InputError, NotCoveredError
from rescuecmd.geo import Floats
from rescuecmd.river.model import River
from rescuecmd.routing.chart import Chart, Links, rounded_up
from rescuecmd.routing.grid import EdgeTable, NodeTable, course_share, draw_grid, edge_tables, node_table, searched
from rescuecmd.routing.narrows import NARROW_M, Singles
from rescuecmd.routing.rules import Rules, rules_of
from rescuecmd.routing.spans import Edges
from rescuecmd.routing.terms import no_terms, read_terms
from rescuecmd.routing.ways import change_graph, with_ways

if TYPE_CHECKING:
    import networkx as nx

    from rescuecmd.routing.ways import Taken

Ints = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Network:
    """A compiled graph: nodes, and edges sorted by their start node (edges of node ``n``: ``first[n]:first[n + 1]``).

    Levels are kept per station (distinct chainage), because the water stands equally high across the river.
    ``along`` is the cosine between an edge and the current there; ``soffit_m`` is inf where nothing is overhead. Edges
    are kept in half the width: a search finds more of them in the cache. Their beds are rounded up, soffits down.
    ``drawn`` is the plain grid where the river's ways, booms or areas have changed it.
    """

    ids: tuple[Any, ...] | range
    x_m: Floats
    y_m: Floats
    chainage_m: Floats
    offset_m: Floats
    bed_m: Floats
    flow_x: Floats
    flow_y: Floats
    station: Links
    station_m: Floats
    first: Links
    start: Links
    end: Links
    length_m: Singles
    edge_bed_m: Singles
    soffit_m: Singles
    along: Singles
    chart: Chart | None = None
    rules: Rules | None = None
    taken: "Taken | None" = None

    def __post_init__(self) -> None:
        """Keep edges in half the width, from whatever they are given."""
        for name in ("station", "first", "start", "end"):
            object.__setattr__(self, name, getattr(self, name).astype(np.int32, copy=False))
        for name in ("length_m", "along"):
            object.__setattr__(self, name, getattr(self, name).astype(np.float32, copy=False))
        object.__setattr__(self, "edge_bed_m", rounded_up(self.edge_bed_m))
        object.__setattr__(self, "soffit_m", -rounded_up(-self.soffit_m))

    @property
    def charted(self) -> Chart:
        """The chart of the network.

        Raises
        ------
        NotCoveredError
            It has none: it was written by hand.
        """
        if self.chart is None:
            raise NotCoveredError("no-chart", "this network was written by hand and has no chart to sail over")
        return self.chart

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
        terms = no_terms() if self.rules is None else self.rules.terms
        return Edges(
            first=vector(self.first),
            start=vector(self.start),
            end=vector(self.end),
            length=vector(self.length_m),
            along=vector(self.along),
            bed=vector(self.edge_bed_m),
            soffit=vector(self.soffit_m),
            station=vector(self.station),
            ruled=vector(terms.edges),
            pace=vector(terms.pace_s),
        )

    @cached_property
    def tree(self) -> cKDTree:
        """Nodes by position."""
        return cKDTree(np.column_stack([self.x_m, self.y_m]))

    def edge_between(self, start: int, end: int) -> int:
        """Return the edge from one node to another, -1 where there is none."""
        span = range(int(self.first[start]), int(self.first[start + 1]))
        return next((edge for edge in span if self.end[edge] == end), -1)

    def nearest(self, x_m: float, y_m: float) -> int:
        """Return the node closest to a point."""
        return int(self.tree.query((x_m, y_m))[1])

    def within(self, x_m: float, y_m: float, reach_m: float) -> Ints:
        """Return the nodes at most `reach_m` from a point, closest first."""
        found = np.asarray(self.tree.query_ball_point((x_m, y_m), reach_m), dtype=np.int64)
        away = np.hypot(self.x_m[found] - x_m, self.y_m[found] - y_m)
        return found[np.lexsort((found, away))]


def build_graph(river: River, step_m: float = 18.0, narrow_m: float = NARROW_M) -> "nx.DiGraph":
    """Return the navigable water of a river: a grid along and across it, each node joined to its 8 neighbours.

    Where there is less than `narrow_m` of water across the river, the grid has half the step, see `narrows`.

    Nodes are numbered from 0 and carry ``x_m, y_m, chainage_m, offset_m, bed_m, flow_deg`` (the direction of the
    current); edges carry ``length_m, bed_m, soffit_m, heading_deg, bridge``. Beds are the highest within 4.5 m of the
    boat's way. Ground that no level on file floods, piers, and everything outside the survey are left out. The river's
    ways, booms and areas with rules are in it, see `rules` for what they set.

    Raises
    ------
    InputError
        The step is not positive, the width of narrows below 0, or a way ends where there is no water.
    NotCoveredError
        The river is shorter than two steps or has no navigable water.
    """
    import networkx as nx  # noqa: PLC0415  (a second to import; a server runs on a network compiled before)

    chart = draw_grid(river, step_m, narrow_m)
    rows = (0, len(chart.node))
    graph = nx.DiGraph(name=river.id, step_m=step_m, narrow_m=narrow_m, chart=chart)
    _add_nodes(graph, node_table(chart, rows))
    for table in edge_tables(chart, rows):
        _add_edges(graph, river, table)
    change_graph(graph, river)
    return graph


def draw_network(river: River, step_m: float = 18.0, narrow_m: float = NARROW_M) -> Network:
    """Return what `compile_network` makes of `build_graph`, without the graph: for rivers of any size.

    Three times as quick, and 500,000 nodes take no Python object each; `build_graph` gives the graph of the same nodes
    and edges when somebody wants to see or change it.

    Raises
    ------
    InputError
        The step is not positive, the width of narrows below 0, or a way ends where there is no water.
    NotCoveredError
        The river is shorter than two steps or has no navigable water.
    """
    chart = draw_grid(river, step_m, narrow_m)
    rows = (0, len(chart.node))
    edges = searched(chart, rows)
    if not len(edges["start"]):
        raise InputError("bad-graph", "the graph has no edges")
    nodes = vars(node_table(chart, rows))
    flow_deg = nodes.pop("flow_deg")
    return with_ways(_flat(range(len(flow_deg)), (nodes, flow_deg), edges, chart), river)


def compile_network(graph: "nx.DiGraph") -> Network:
    """Return a graph as flat arrays.

    Raises
    ------
    InputError
        A node or edge lacks an attribute, or there is no edge at all.
    """
    with faults_named():
        return _compile(graph)


@contextmanager
def faults_named() -> Iterator[None]:
    """Refuse a graph whose attributes are missing or no numbers by name."""
    try:
        yield
    except KeyError as missing:
        raise InputError("bad-graph", f"a node or edge of the graph lacks {missing}") from missing
    except (TypeError, ValueError) as error:
        raise InputError("bad-graph", f"an attribute of the graph is no number: {error}") from error


def _compile(graph: "nx.DiGraph") -> Network:
    if not graph.number_of_edges():
        raise InputError("bad-graph", "the graph has no edges")
    ids = tuple(graph.nodes)
    index = {node: number for number, node in enumerate(ids)}
    node, flow_deg = read_nodes(graph.nodes.values())
    ends = np.array([(index[u], index[v]) for u, v in graph.edges], dtype=np.int64)
    order = np.lexsort((ends[:, 1], ends[:, 0]))
    edge = {"start": ends[order, 0], "end": ends[order, 1]}
    for name in ("length_m", "bed_m", "soffit_m"):
        edge[name] = _column(data[name] for _, _, data in graph.edges(data=True))[order]
    ruled = zip(np.argsort(order).tolist(), (data for _, _, data in graph.edges(data=True)), strict=True)
    terms = read_terms(ruled, edge["length_m"])
    rules = rules_of(
        terms,
        (node["x_m"], node["y_m"]),
        (edge["start"], edge["end"]),
        edge["length_m"],
        graph.graph.get("barriers", ()),
    )
    return _flat(ids, (node, flow_deg), edge, numbered(graph.graph.get("chart"), ids), rules)


def read_nodes(nodes: Iterable[Mapping[str, Any]]) -> tuple[dict[str, Floats], Floats]:
    """Return the columns of nodes and the direction of the current, from their attributes."""
    given = list(nodes)
    names = ("x_m", "y_m", "chainage_m", "offset_m", "bed_m")
    columns = {name: _column(data[name] for data in given) for name in names}
    return columns, _column(data.get("flow_deg", 90.0) for data in given)


def _flat(
    ids: tuple[Any, ...] | range,
    nodes: tuple[dict[str, Floats], Floats],
    edge: dict[str, Any],
    chart: Chart | None,
    rules: Rules | None = None,
) -> Network:
    """Return the network of nodes (columns and the direction of the current) and edges sorted by start and end."""
    node: dict[str, Any] = dict(nodes[0])
    flow = np.radians(nodes[1])
    start, end = edge["start"], edge["end"]
    station_m, station = np.unique(np.round(node["chainage_m"], 6), return_inverse=True)
    flow_x, flow_y = np.sin(flow), np.cos(flow)
    return Network(
        ids=ids,
        **node,
        flow_x=flow_x,
        flow_y=flow_y,
        station=station.astype(np.int32),
        station_m=station_m,
        first=np.searchsorted(start, np.arange(len(ids) + 1)).astype(np.int32),
        start=start,
        end=end,
        length_m=edge["length_m"],
        edge_bed_m=np.maximum(edge["bed_m"], np.maximum(node["bed_m"][start], node["bed_m"][end])),
        soffit_m=edge["soffit_m"],
        along=course_share((node["x_m"], node["y_m"]), (flow_x, flow_y), start, end).astype(np.float32),
        chart=chart,
        rules=rules,
    )


def numbered(chart: Chart | None, ids: tuple[Any, ...]) -> Chart | None:
    """Return a chart that knows the nodes by their place among `ids`: some may have been taken out, others added."""
    if chart is None or ids == tuple(range(len(ids))):
        return chart
    place = np.full(int(chart.node.max()) + 1, -1, dtype=np.int32)
    for number, node in enumerate(ids):
        if isinstance(node, int) and 0 <= node < len(place):
            place[node] = number
    return replace(chart, node=np.where(chart.node >= 0, place[chart.node], -1))


def _column(values: Iterator[Any]) -> Floats:
    return np.array(list(values), dtype=np.float64)


def _add_nodes(graph: "nx.DiGraph", nodes: NodeTable) -> None:
    names = tuple(vars(nodes))
    rows = zip(*(column.tolist() for column in vars(nodes).values()), strict=True)
    graph.add_nodes_from((number, dict(zip(names, row, strict=True))) for number, row in enumerate(rows))


def _add_edges(graph: "nx.DiGraph", river: River, table: EdgeTable) -> None:
    names = [*(bridge.id for bridge in river.bridges), ""]  # -1, no bridge, is the last
    rows = zip(table.start.tolist(), table.end.tolist(), table.length_m.tolist(), table.bed_m.tolist(),
               table.soffit_m.tolist(), table.heading_deg.tolist(), table.bridge.tolist(), strict=True)  # fmt: skip
    graph.add_edges_from(
        (u, v, {"length_m": length, "bed_m": top, "soffit_m": under, "heading_deg": course, "bridge": names[bridge]})
        for u, v, length, top, under, course, bridge in rows
    )
