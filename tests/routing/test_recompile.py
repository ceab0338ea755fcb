"""A graph changed in one reach and compiled there only: exactly the network that compiling all of it gives."""

from collections.abc import Callable
from typing import Any

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rescuecmd.errors import InputError
from rescuecmd.routing.edit import add_way, close_edges, close_line, set_rules
from rescuecmd.routing.network import Network, build_graph, compile_network
from rescuecmd.routing.recompile import recompile_network
from rescuecmd.routing.scene import Scene
from tests.routing.waters import INFLATABLE, varied, water_of

Change = Callable[["nx.DiGraph", list[Any], np.random.Generator], object]


def some_edges(graph: "nx.DiGraph", nodes: list[Any], rng: np.random.Generator) -> list[Any]:
    edges = list(graph.edges(nodes))
    return [edges[at] for at in rng.choice(len(edges), min(6, len(edges)), replace=False).tolist()] if edges else []


def close(graph: "nx.DiGraph", nodes: list[Any], rng: np.random.Generator) -> None:
    close_edges(graph, some_edges(graph, nodes, rng), both=bool(rng.integers(2)))


def boom(graph: "nx.DiGraph", nodes: list[Any], rng: np.random.Generator) -> None:
    x = rng.uniform(405.0, 595.0)
    close_line(graph, (x, -120.0), (x, rng.uniform(-50.0, 120.0)))


def limit(graph: "nx.DiGraph", nodes: list[Any], rng: np.random.Generator) -> None:
    rules: dict[str, Any] = {"hours": [(1.0, 2.0), (50.0, 900.0)]} if rng.integers(2) else {"limit_mps": 2.0}
    set_rules(graph, some_edges(graph, nodes, rng), max_draught_m=0.9, **rules)


def portage(graph: "nx.DiGraph", nodes: list[Any], rng: np.random.Generator) -> None:
    other = int(rng.integers(graph.number_of_nodes()))
    if other != nodes[0]:
        add_way(graph, nodes[0], other, 90.0, hours=[(0.0, 500.0)])


def dredge(graph: "nx.DiGraph", nodes: list[Any], rng: np.random.Generator) -> None:
    for node in nodes[:20]:
        graph.nodes[node]["bed_m"] -= rng.uniform(0.0, 2.0)
        graph.nodes[node]["flow_deg"] += 5.0
    for edge in some_edges(graph, nodes, rng):
        graph.edges[edge]["bed_m"] += 1.0


CHANGES: tuple[Change, ...] = (close, boom, limit, portage, dredge)


def assert_same(one: Network, other: Network) -> None:
    assert one.ids == other.ids
    assert (one.rules is None) == (other.rules is None)
    pairs: list[tuple[Any, Any]] = [(one, other)]
    if one.rules is not None and other.rules is not None:
        pairs += [(one.rules, other.rules), (one.rules.terms, other.rules.terms)]
    for a, b in pairs:
        for name, value in vars(b).items():
            if isinstance(value, np.ndarray):
                assert getattr(a, name).dtype == value.dtype, name
                assert np.array_equal(getattr(a, name), value), name
    if one.rules is not None and other.rules is not None:
        assert one.rules.terms.hours == other.rules.terms.hours
        assert one.rules.near_m == other.rules.near_m
    assert one.chart is not None
    assert other.chart is not None
    assert np.array_equal(one.chart.node, other.chart.node)


GRAPH = build_graph(varied())
NETWORK = compile_network(GRAPH)


@settings(deadline=None, max_examples=40)
@given(st.lists(st.sampled_from(CHANGES), min_size=1, max_size=4), st.integers(0, 2**32))
def test_any_change_of_a_reach_gives_what_compiling_all_gives(changes: list[Change], seed: int) -> None:
    graph, network, rng = GRAPH.copy(), NETWORK, np.random.default_rng(seed)
    nodes = [node for node, at in graph.nodes(data="chainage_m") if 400.0 <= at <= 600.0]
    for change in changes:
        change(graph, rng.permutation(nodes).tolist(), rng)
        network = recompile_network(network, graph, 375.0, 625.0)
    assert_same(network, compile_network(graph))


def test_only_the_reach_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    graph = GRAPH.copy()
    close_line(graph, (500.0, -120.0), (500.0, 120.0))
    whole = compile_network(graph)
    monkeypatch.setattr("rescuecmd.routing.recompile.compile_network", lambda _: pytest.fail("all of it was compiled"))
    network = recompile_network(NETWORK, graph, 480.0, 520.0)
    assert_same(network, whole)
    scene = Scene(varied(), network, water_of(varied(), (0.0, 175.0), (3600.0, 175.0)), 0.0)
    assert not np.isfinite(scene.tree(INFLATABLE, (100.0, 0.0), 0.0).arrival_s[network.chainage_m > 510.0]).any()


def test_what_reaches_further_has_all_of_it_compiled() -> None:
    graph = GRAPH.copy()
    graph.remove_node(300)
    assert_same(recompile_network(NETWORK, graph, 0.0, 50.0), compile_network(graph))
    graph = GRAPH.copy()
    close_edges(graph, list(graph.edges)[-5:])
    assert_same(recompile_network(NETWORK, graph, 0.0, 50.0), compile_network(graph))


def test_broken_graphs_are_refused_as_they_are_whole() -> None:
    graph = GRAPH.copy()
    first = next(iter(graph.edges))
    del graph.edges[first]["length_m"]
    with pytest.raises(InputError, match="lacks 'length_m'"):
        recompile_network(NETWORK, graph, 0.0, 50.0)
    graph.edges[first].update(length_m=18.0, limit_mps=-1.0)
    with pytest.raises(InputError, match="limit_mps"):
        recompile_network(NETWORK, graph, 0.0, 50.0)
    graph.remove_edges_from(list(graph.edges))
    with pytest.raises(InputError, match="no edges"):
        recompile_network(NETWORK, graph, 0.0, 5000.0)
