"""The search on made-up networks against one that looks every second: rules, closures and water that turns round."""

import networkx as nx
import numpy as np
import pytest

from rescuecmd.routing.conditions import Conditions
from rescuecmd.routing.departure import last_departures
from rescuecmd.routing.network import compile_network
from rescuecmd.routing.openings import Block, Limits, Openings, find_openings
from rescuecmd.routing.search import arrivals, grow
from tests.river.teaching import still_water, straight_river
from tests.routing.waters import INFLATABLE
from tests.routing.worlds import Spans, World, draw_world

SEEDS = range(0, 60, 3)


def openings_of(world: World) -> Openings:
    return find_openings(world.network, world.conditions, Limits.of(world.craft), world.blocks)


def lasting(spans: Spans) -> Spans:
    """Return what is open for more than the second in which somebody looks."""
    return [(opens, closes) for opens, closes in spans if closes - opens > 1.0]


@pytest.mark.parametrize("seed", SEEDS)
def test_every_edge_opens_and_closes_when_it_is_seen_to(seed: int) -> None:
    world = draw_world(seed)
    openings = openings_of(world)
    for edge in range(world.network.n_edges):
        ours, theirs = lasting(openings.edge_times(edge)), lasting(world.open[edge])
        assert len(ours) == len(theirs)
        assert np.allclose(np.array(ours), np.array(theirs), rtol=0.0, atol=1e-5)


@pytest.mark.parametrize("seed", SEEDS)
def test_every_arrival_is_the_earliest_and_every_way_can_be_sailed(seed: int) -> None:
    world, rng = draw_world(seed), np.random.default_rng(seed)
    openings, starts = openings_of(world), [node for node, spans in enumerate(world.afloat) if spans]
    for start in rng.choice(starts, 3).tolist() if starts else []:
        depart_s = float(rng.uniform(*world.afloat[start][0]))
        tree = grow(openings, [(start, depart_s)])
        theirs = world.arrivals(start, depart_s)
        assert (np.isfinite(theirs) == np.isfinite(tree.arrival_s)).all()
        reached = np.flatnonzero(np.isfinite(theirs))
        assert np.abs(theirs[reached] - tree.arrival_s[reached]).max() <= 1e-5
        for node in reached.tolist():
            way = tree.way_to(node)
            for edge, leave, there in zip(way.edges.tolist(), way.leave_s, way.arrive_s[1:], strict=False):
                assert leave + world.ride_s(edge, float(leave)) == pytest.approx(there, abs=1e-4)
                assert any(a - 1e-5 <= leave and there <= b + 1e-4 for a, b in world.open[edge])
            for at, arrive, leave in zip(way.nodes.tolist(), way.arrive_s, way.leave_s, strict=True):
                assert any(a - 1e-5 <= arrive <= leave <= b + 1e-5 for a, b in world.afloat[at])


@pytest.mark.parametrize("seed", SEEDS)
def test_a_moment_after_the_latest_departure_is_too_late(seed: int) -> None:
    world, rng = draw_world(seed), np.random.default_rng(seed)
    openings, due_s = openings_of(world), float(rng.uniform(0.2, 0.98)) * world.conditions.to_s
    goal = int(rng.integers(world.network.n_nodes))
    deadline = last_departures(openings, [(goal, due_s)], due_s)
    for node, opens, closes, last in zip(
        openings.states.item, openings.states.opens_s, openings.states.closes_s, deadline.state_leave_s, strict=True
    ):
        if closes - opens < 1.0:
            continue
        if last > opens + 0.01:
            assert world.arrivals(int(node), float(last) - 1e-3)[goal] <= due_s + 1e-3
        after_s = max(float(last), float(opens)) + 0.01
        if after_s < closes:
            assert world.arrivals(int(node), after_s)[goal] > due_s


def test_what_ends_between_two_knots_opens_then_and_not_at_the_knot() -> None:
    """A closure holds to its last second, and a boat that waits for its end leaves then."""
    world = draw_world(0)
    network, rng = world.network, np.random.default_rng(5)
    knots = world.conditions.knots_s
    for edge in range(network.n_edges):
        ends_s = float(rng.uniform(knots[1], knots[-2]))
        block = Block(np.zeros(0, dtype=np.int64), np.array([edge]), -np.inf, ends_s)
        openings = find_openings(network, world.conditions, Limits.of(world.craft), [block])
        assert all(opens >= ends_s for opens, _ in openings.edge_times(edge))


def test_a_way_may_be_quicker_than_any_boat() -> None:
    graph = nx.DiGraph()
    for node, x in enumerate((0.0, 10.0, 100.0)):
        graph.add_node(node, x_m=x, y_m=0.0, chainage_m=x, offset_m=0.0, bed_m=165.0)
    for start, end, rules in ((0, 1, {}), (0, 2, {}), (1, 2, {"own_s": 1.5})):
        graph.add_edge(start, end, length_m=float(abs(graph.nodes[end]["x_m"] - graph.nodes[start]["x_m"])),
                       bed_m=165.0, soffit_m=np.inf, **rules)  # fmt: skip
    conditions = Conditions(compile_network(graph), still_water(straight_river(200.0)), 0.0, 3600.0)
    found = arrivals(conditions.network, conditions, INFLATABLE, 0, 0.0).arrival_s
    assert found[2] == pytest.approx(10.0 / 8.0 + 1.5)
