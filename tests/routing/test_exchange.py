"""The graph written for other tools and read back: the same, changed, and garbage."""

from contextlib import suppress
from pathlib import Path

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from rescuecmd.cli.route import app
from rescuecmd.errors import InputError
from rescuecmd.routing.edit import add_way, close_edges, close_line, set_rules
from rescuecmd.routing.exchange import read_graph, to_geojson, to_graphml
from rescuecmd.routing.network import Network, build_graph, compile_network
from rescuecmd.routing.scene import Scene
from tests.river.teaching import FRAME, straight_river
from tests.routing.waters import INFLATABLE, varied, water_of

RIVER = straight_river(600.0, 120.0, 165.0)


def changed() -> "nx.DiGraph":
    graph = build_graph(varied())
    edges = list(graph.edges)
    set_rules(graph, edges[:5], limit_mps=2.0, hours=[(1.0, 2.0), (5.0, 9.5)])
    add_way(graph, 3, 90, 60.0, kind="lock", sill_m=170.0, max_draught_m=0.8)
    add_way(graph, 5, 70, 90.0)
    close_edges(graph, edges[20:22])
    close_line(graph, (650.0, -120.0), (650.0, 0.0))
    return graph


def same(one: Network, other: Network) -> bool:
    arrays = [name for name, value in vars(one).items() if isinstance(value, np.ndarray)]
    assert one.rules is not None
    assert other.rules is not None
    assert one.chart is not None
    assert other.chart is not None
    return (
        one.ids == other.ids
        and all(np.array_equal(getattr(one, name), getattr(other, name)) for name in arrays)
        and all(
            np.array_equal(getattr(one.rules.terms, name), getattr(other.rules.terms, name))
            for name in ("edges", "pace_s", "max_draught_m")
        )
        and np.array_equal(one.rules.barriers, other.rules.barriers)
        and one.rules.terms.hours == other.rules.terms.hours
        and np.array_equal(one.chart.node, other.chart.node)
    )


def test_a_changed_graph_comes_back_as_it_was() -> None:
    river, graph = varied(), changed()
    network = compile_network(graph)
    assert same(network, compile_network(read_graph(to_graphml(graph), river)))
    assert same(network, compile_network(read_graph(to_geojson(graph, river.frame), river, kind="geojson")))


def test_networkx_reads_the_file_by_itself(tmp_path: Path) -> None:
    file = tmp_path / "g.graphml"
    file.write_text(to_graphml(build_graph(RIVER)), encoding="utf-8")
    graph = nx.read_graphml(file, node_type=int)
    assert nx.utils.graphs_equal(nx.DiGraph(graph), _bare(build_graph(RIVER), barriers="[]"))


def _bare(graph: "nx.DiGraph", barriers: str) -> "nx.DiGraph":
    graph.graph.pop("chart")
    graph.graph.update(barriers=barriers, node_default={}, edge_default={})
    return graph


def test_nodes_taken_out_leave_a_hole_that_routes_go_round() -> None:
    graph = build_graph(RIVER)
    hole = [node for node, data in graph.nodes(data=True) if abs(data["x_m"] - 306.0) < 1 and data["y_m"] < 30.0]
    graph.remove_nodes_from(hole)
    network = compile_network(graph)
    assert network.chart is not None
    at = network.chart.node >= 0
    assert np.array_equal(np.sort(network.chart.node[at]), np.arange(network.n_nodes))
    node = network.chart.node[40, 10]
    assert network.chainage_m[node] == pytest.approx(20 * 18.0)
    scene = Scene(RIVER, network, water_of(RIVER, (0.0, 175.0), (3600.0, 175.0)), 0.0)
    assert np.isfinite(scene.arrival_s(INFLATABLE, (50.0, 0.0), (550.0, 0.0), 0.0))


@pytest.mark.parametrize("kind", ["graphml", "geojson"])
def test_the_command_line_takes_back_what_it_exported(tmp_path: Path, kind: str) -> None:
    file = str(tmp_path / f"teaching.{kind}")
    done = CliRunner().invoke(app, ["export", "teaching", file, "--step", "36", "--json"])
    assert done.exit_code == 0, done.output
    asked = CliRunner().invoke(app, ["cutoff", "--river", "teaching", "--graph", file, "--json"])
    assert asked.exit_code == 0, asked.output
    other = CliRunner().invoke(app, ["cutoff", "--graph", file])
    assert isinstance(other.exception, InputError)
    wrong = CliRunner().invoke(app, ["export", "teaching", "graph.svg"])
    assert isinstance(wrong.exception, InputError)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "<graphml/>",
        "{}",
        "[]",
        '{"graph": {}, "features": []}',
        "<graphml",
        "\x00",
        '{"features": [{}], "graph": 1}',
    ],
)
def test_garbage_is_told(text: str) -> None:
    for kind in ("graphml", "geojson", "svg"):
        with pytest.raises(InputError):
            read_graph(text, RIVER, kind=kind)


@pytest.mark.parametrize("bad", ['"x_m": "west"', '"x_m": NaN', '"x_m": null', '"chainage_m": 1e400'])
def test_a_node_without_a_place_is_told(bad: str) -> None:
    name = bad.split(":", maxsplit=1)[0]
    at = WHOLE.index(name)
    text = WHOLE[:at] + bad + WHOLE[WHOLE.index(",", at) :]
    with pytest.raises(InputError, match="must be a number"):
        read_graph(text, RIVER, kind="geojson")


def test_an_edge_without_a_length_is_told() -> None:
    at = WHOLE.index('"length_m"')
    text = WHOLE[:at] + '"length_m": "far"' + WHOLE[WHOLE.index(",", at) :]
    with pytest.raises(InputError, match="no number"):
        compile_network(read_graph(text, RIVER, kind="geojson"))


WHOLE = to_geojson(build_graph(RIVER, 60.0), FRAME)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, len(WHOLE) - 1), st.text(max_size=4), st.integers(0, 20))
def test_a_damaged_file_is_a_fault_or_a_graph(at: int, put: str, cut: int) -> None:
    text = WHOLE[:at] + put + WHOLE[at + cut :]
    with suppress(InputError):
        compile_network(read_graph(text, RIVER, kind="geojson"))
