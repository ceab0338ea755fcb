"""The graph of navigable water as text that other tools read and change, and back: GraphML and GeoJSON.

GraphML is what `networkx.read_graphml`, Gephi and yEd read; GeoJSON goes onto a map, its nodes as points and its edges
as lines in degrees. Both keep every attribute. What the format has no word for is written as JSON (``hours``) or null
(no soffit above, no bed below).
"""

import json
import math
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any
from xml.etree.ElementTree import ParseError

import numpy as np

from rescuecmd.errors import InputError
from rescuecmd.geo import Frame
from rescuecmd.river.model import River
from rescuecmd.routing.chart import draw_chart
from rescuecmd.routing.terms import in_order

if TYPE_CHECKING:
    import networkx as nx

_ENDLESS = {"soffit_m": math.inf, "bed_m": -math.inf}
_ON_GRID_M = 0.01


def to_graphml(graph: "nx.DiGraph") -> str:
    """Return a graph as GraphML."""
    import networkx as nx  # noqa: PLC0415  (a second to import)

    plain = nx.DiGraph(**_head(graph))
    plain.add_nodes_from(graph.nodes(data=True))
    plain.add_edges_from((u, v, _in_words(data)) for u, v, data in graph.edges(data=True))
    return "\n".join(nx.generate_graphml(plain)) + "\n"


def to_geojson(graph: "nx.DiGraph", frame: Frame) -> str:
    """Return a graph as GeoJSON: nodes first, then edges, each with its attributes; longitude before latitude."""
    number = {node: at for at, node in enumerate(graph.nodes)}
    xy = np.array([(data["x_m"], data["y_m"]) for data in graph.nodes.values()], dtype=np.float64).reshape(-1, 2)
    lonlat = np.round(np.column_stack(frame.to_lonlat(xy[:, 0], xy[:, 1])), 8).tolist()
    points = [_feature("Point", lonlat[number[node]], {"node": node, **data}) for node, data in graph.nodes(data=True)]
    lines = [
        _feature("LineString", [lonlat[number[u]], lonlat[number[v]]], {"start": u, "end": v, **data})
        for u, v, data in graph.edges(data=True)
    ]
    whole = {"type": "FeatureCollection", "graph": _head(graph), "features": points + lines}
    return json.dumps(whole, allow_nan=False, ensure_ascii=False)


def read_graph(text: str, river: River, *, kind: str = "graphml") -> "nx.DiGraph":
    """Return a graph from its text (`kind` "graphml" or "geojson"), ready for `network.compile_network`.

    Raises
    ------
    InputError
        It is no such text, belongs to another river, or its nodes are no whole numbers.
    """
    readers: Mapping[str, Callable[[str], nx.DiGraph]] = {"graphml": _from_graphml, "geojson": _from_geojson}
    if kind not in readers:
        raise InputError("bad-graph", f"a graph is written as graphml or geojson, not {kind!r}")
    try:
        graph = readers[kind](text)
    except (ParseError, KeyError, TypeError, ValueError, AttributeError, RecursionError) as error:
        raise InputError("bad-graph", f"this is no graph in {kind}: {error}") from error
    if graph.graph.get("name") != river.id:
        raise InputError(
            "bad-graph", f"a graph of {river.id!r} was expected, this is one of {graph.graph.get('name')!r}"
        )
    _lay_on_chart(graph, river)
    return graph


def _head(graph: "nx.DiGraph") -> dict[str, Any]:
    head = {name: value for name, value in graph.graph.items() if name in {"name", "step_m", "narrow_m"}}
    return {**head, "barriers": json.dumps(graph.graph.get("barriers", []))}


def _in_words(data: Mapping[str, Any]) -> dict[str, Any]:
    return {name: json.dumps(value) if name == "hours" else value for name, value in data.items()}


def _feature(kind: str, at: Any, data: Mapping[str, Any]) -> dict[str, Any]:
    plain = {name: None if isinstance(value, float) and math.isinf(value) else value for name, value in data.items()}
    return {"type": "Feature", "geometry": {"type": kind, "coordinates": at}, "properties": plain}


def _from_graphml(text: str) -> "nx.DiGraph":
    import networkx as nx  # noqa: PLC0415

    try:
        graph = nx.DiGraph(nx.parse_graphml(text, node_type=int))
    except nx.NetworkXError as error:
        raise InputError("bad-graph", f"this is no graph in graphml: {error}") from error
    for _, _, data in graph.edges(data=True):
        if "hours" in data:
            data["hours"] = in_order(json.loads(data["hours"]))
        data.pop("id", None)
    return _with_barriers(graph)


def _from_geojson(text: str) -> "nx.DiGraph":
    import networkx as nx  # noqa: PLC0415

    whole = json.loads(text)
    graph = nx.DiGraph(**{name: whole["graph"][name] for name in ("name", "step_m", "narrow_m", "barriers")})
    for feature in whole["features"]:
        data: dict[str, Any] = {
            name: _ENDLESS[name] if value is None and name in _ENDLESS else value
            for name, value in feature["properties"].items()
            if value is not None or name in _ENDLESS
        }
        if "node" in data:
            graph.add_node(int(data.pop("node")), **data)
            continue
        if "hours" in data:
            data["hours"] = in_order(data["hours"])
        graph.add_edge(int(data.pop("start")), int(data.pop("end")), **data)
    return _with_barriers(graph)


def _with_barriers(graph: "nx.DiGraph") -> "nx.DiGraph":
    graph.graph["barriers"] = [tuple(map(float, line)) for line in json.loads(graph.graph.get("barriers", "[]"))]
    if any(len(line) != 4 for line in graph.graph["barriers"]):
        raise InputError("bad-graph", "a barrier is a line of four numbers: x, y, x, y")
    return graph


def _lay_on_chart(graph: "nx.DiGraph", river: River) -> None:
    """Give a graph the chart of its river, with the nodes that lie on its grid."""
    step = graph.graph.get("step_m")
    if not isinstance(step, float) or not 1.0 <= step <= river.length_m / 2:
        raise InputError("bad-graph", f"the graph's step_m must be a length above 1 m, got {step!r}")
    narrow = graph.graph.get("narrow_m")
    if not isinstance(narrow, float) or not 0.0 <= narrow < math.inf:
        raise InputError("bad-graph", f"the graph's narrow_m must be a length or 0 for none, got {narrow!r}")
    chart = draw_chart(river, step, narrow)
    half = step / 2
    for node, data in graph.nodes(data=True):
        for name in ("x_m", "y_m", "chainage_m", "offset_m", "bed_m"):
            if not (isinstance(data.get(name), float | int) and math.isfinite(data[name])):
                raise InputError("bad-graph", f"{name} of node {node} must be a number, got {data.get(name)!r}")
        down, left = data["chainage_m"] / half, (data["offset_m"] - chart.right_m) / half
        row, column = round(down), round(left)
        on_grid = max(abs(down - row), abs(left - column)) * half <= _ON_GRID_M
        if on_grid and 0 <= row < chart.node.shape[0] and 0 <= column < chart.node.shape[1]:
            chart.node[row, column] = node
    graph.graph["chart"] = chart
