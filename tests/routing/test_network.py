"""The graph of navigable water: what is in it, what is left out, and that it compiles as it reads."""

import math

import networkx as nx
import numpy as np
import pytest

from rescuecmd.errors import InputError, NotCoveredError
from rescuecmd.river.model import Bridge, Pier, Span
from rescuecmd.routing.network import build_graph, compile_network, draw_network
from rescuecmd.text import Text
from tests.river.teaching import round_reef, straight_river
from tests.routing.waters import varied


def test_nodes_and_edges_carry_what_they_promise() -> None:
    graph = build_graph(varied())
    node, edge = graph.nodes[0], next(iter(graph.edges(data=True)))[2]
    assert set(node) == {"x_m", "y_m", "chainage_m", "offset_m", "bed_m", "flow_deg"}
    assert set(edge) == {"length_m", "bed_m", "soffit_m", "heading_deg", "bridge"}
    lengths = {round(length, 5) for _, _, length in graph.edges(data="length_m")}
    assert lengths == {round(step * side, 5) for step in (9.0, 18.0) for side in (1.0, math.sqrt(2))}
    assert all(graph.has_edge(v, u) for u, v in graph.edges)


def test_edges_lie_above_the_bed_they_cross() -> None:
    river = varied()
    network = compile_network(build_graph(river))
    rng = np.random.default_rng(3)
    for edge in rng.choice(network.n_edges, 300, replace=False).tolist():
        u, v = int(network.start[edge]), int(network.end[edge])
        share = np.linspace(0.0, 1.0, 37)
        chainage = network.chainage_m[u] + share * (network.chainage_m[v] - network.chainage_m[u])
        offset = network.offset_m[u] + share * (network.offset_m[v] - network.offset_m[u])
        assert network.edge_bed_m[edge] >= river.bed_m(chainage, offset).max() - 1e-3


def test_reefs_raise_the_edges_over_them() -> None:
    plain = straight_river(400.0, 120.0, 165.0)
    rocky = straight_river(400.0, 120.0, 165.0, reefs=(round_reef("r", 201.0, 5.0, 172.0, radius_m=6.0),))
    before, after = (compile_network(build_graph(river)).edge_bed_m for river in (plain, rocky))
    assert before.max() == 165.0
    assert after.max() == pytest.approx(172.0)


def test_piers_and_the_land_outside_the_survey_are_left_out() -> None:
    pier = Pier(198.0, 0.0, 4.0)
    bridge = Bridge("b", Text("桥", "Bridge"), 198.0, (Span(-60.0, 0.0, 180.0), Span(0.0, 60.0, 177.0)), (pier,))
    network = compile_network(build_graph(straight_river(400.0, 120.0, 165.0, bridges=(bridge,))))
    distance = np.inf
    for edge in range(network.n_edges):
        share = np.linspace(0.0, 1.0, 19)
        x = network.x_m[network.start[edge]] + share * (
            network.x_m[network.end[edge]] - network.x_m[network.start[edge]]
        )
        y = network.y_m[network.start[edge]] + share * (
            network.y_m[network.end[edge]] - network.y_m[network.start[edge]]
        )
        distance = min(distance, float(np.hypot(x - pier.x_m, y - pier.y_m).min()))
    assert distance > pier.radius_m + 2.0
    assert np.abs(network.y_m).max() <= 60.0


def test_each_span_has_its_own_soffit_and_the_lower_one_counts_between_them() -> None:
    bridge = Bridge("b", Text("桥", "Bridge"), 200.0, (Span(-60.0, 2.0, 180.0), Span(2.0, 60.0, 177.0)))
    graph = build_graph(straight_river(400.0, 120.0, 165.0, bridges=(bridge,)))
    for u, v, data in graph.edges(data=True):
        one, two = graph.nodes[u], graph.nodes[v]
        if (one["chainage_m"] - 200.0) * (two["chainage_m"] - 200.0) > 0:
            assert data["soffit_m"] == math.inf
            assert data["bridge"] == ""
            continue
        left = max(one["offset_m"], two["offset_m"])
        assert data["bridge"] == "b"
        assert data["soffit_m"] == (177.0 if left >= 0.0 else 180.0)


def test_compiled_arrays_say_what_the_graph_says() -> None:
    graph = build_graph(varied())
    network = compile_network(graph)
    assert (network.n_nodes, network.n_edges) == (graph.number_of_nodes(), graph.number_of_edges())
    assert network.first[-1] == network.n_edges
    for edge in range(0, network.n_edges, 97):
        u, v = network.ids[network.start[edge]], network.ids[network.end[edge]]
        said = graph.edges[u, v]
        assert said["length_m"] == network.length_m[edge]
        assert said["soffit_m"] == network.soffit_m[edge]
        assert said["bed_m"] <= network.edge_bed_m[edge]
        assert network.first[network.start[edge]] <= edge < network.first[network.start[edge] + 1]


def test_what_half_the_width_cannot_hold_is_rounded_to_the_safe_side() -> None:
    graph = nx.DiGraph()
    for number, x_m in enumerate((0.0, 20.0)):
        graph.add_node(number, x_m=x_m, y_m=0.0, chainage_m=x_m, offset_m=0.0, bed_m=160.0)
    for bed_m in np.random.default_rng(1).uniform(160.0, 190.0, 50).tolist():
        graph.add_edge(0, 1, length_m=20.0, bed_m=bed_m, soffit_m=bed_m + 10.0)
        network = compile_network(graph)
        assert bed_m <= network.edge_bed_m[0] <= bed_m + 2e-5
        assert bed_m + 10.0 >= network.soffit_m[0] >= bed_m + 10.0 - 2e-5


def test_nearest_and_within_agree() -> None:
    network = compile_network(build_graph(straight_river(400.0, 120.0, 165.0)))
    near = network.within(201.0, 7.0, 40.0)
    assert near[0] == network.nearest(201.0, 7.0)
    away = np.hypot(network.x_m[near] - 201.0, network.y_m[near] - 7.0)
    assert (np.diff(away) >= 0).all()
    assert away.max() <= 40.0


def test_a_graph_written_by_hand_compiles_and_a_broken_one_is_refused() -> None:
    graph = nx.DiGraph()
    graph.add_node("a", x_m=0.0, y_m=0.0, chainage_m=0.0, offset_m=0.0, bed_m=165.0)
    graph.add_node("b", x_m=20.0, y_m=0.0, chainage_m=20.0, offset_m=0.0, bed_m=166.0)
    with pytest.raises(InputError, match="no edges"):
        compile_network(graph)
    graph.add_edge("a", "b", length_m=20.0, bed_m=165.0, soffit_m=math.inf)
    network = compile_network(graph)
    assert network.ids == ("a", "b")
    assert network.edge_bed_m.tolist() == [166.0]  # never below its own ends
    del graph.edges["a", "b"]["bed_m"]
    with pytest.raises(InputError, match="lacks 'bed_m'"):
        compile_network(graph)


def test_nonsense_is_refused() -> None:
    river = straight_river(400.0, 120.0, 165.0)
    for step in (0.0, -18.0, math.nan):
        with pytest.raises(InputError):
            build_graph(river, step)
    with pytest.raises(NotCoveredError):
        build_graph(river, 300.0)


@pytest.mark.parametrize("step_m", [18.0, 40.0])
def test_the_arrays_drawn_straight_from_the_river_are_those_of_its_graph(step_m: float) -> None:
    river = varied()
    drawn, compiled = draw_network(river, step_m), compile_network(build_graph(river, step_m))
    assert tuple(drawn.ids) == tuple(compiled.ids)
    assert drawn.chart is not None
    assert compiled.chart is not None
    assert np.array_equal(drawn.chart.node, compiled.chart.node)
    arrays = {name: value for name, value in vars(compiled).items() if isinstance(value, np.ndarray)}
    assert len(arrays) == 16
    for name, value in arrays.items():
        assert getattr(drawn, name).dtype == value.dtype
        assert np.array_equal(getattr(drawn, name), value), name


def test_a_network_is_refused_as_the_graph_is() -> None:
    for step_m, fault in ((0.0, InputError), (300.0, NotCoveredError)):
        with pytest.raises(fault):
            draw_network(straight_river(400.0, 120.0, 165.0), step_m)
