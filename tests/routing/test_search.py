"""Earliest arrival: worked out on paper, against networkx, and by its properties."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rescuecmd.errors import NotCoveredError, RefusedError
from rescuecmd.picture.entity import Craft
from rescuecmd.river.model import Bridge, Span
from rescuecmd.routing.conditions import Conditions
from rescuecmd.routing.kernel import ride
from rescuecmd.routing.network import Network, build_graph, compile_network
from rescuecmd.routing.openings import Limits, find_openings
from rescuecmd.routing.search import Tree, arrivals
from rescuecmd.text import Text
from tests.river.teaching import straight_river
from tests.routing.oracle import Oracle
from tests.routing.waters import FREE, INFLATABLE, bar, varied, water_of

RISE = ((0.0, 172.0), (1800.0, 174.5), (3600.0, 176.0))
FALL = ((0.0, 176.0), (1800.0, 173.5), (3600.0, 172.0))
WAVE = ((0.0, 175.0), (900.0, 172.6), (2000.0, 175.6), (2600.0, 172.8), (3600.0, 175.0))


@pytest.mark.parametrize("levels", [RISE, FALL, WAVE])
@pytest.mark.parametrize("craft", [INFLATABLE, Craft("punt", 4.0, 0.3, 0.1, 1.2, 2.6, 3, max_current_mps=1.6)])
def test_agrees_with_networkx_at_every_node(levels: tuple[tuple[float, float], ...], craft: Craft) -> None:
    river = varied()
    graph = build_graph(river, 36.0)
    network = compile_network(graph)
    conditions = Conditions(network, water_of(river, *levels), 0.0, 3600.0)
    oracle = Oracle(graph, conditions, craft)
    for depart_s, x_m in ((10.0, 1150.0), (700.0, 60.0)):
        start = network.nearest(x_m, 0.0)
        ours = arrivals(network, conditions, craft, start, depart_s)
        theirs = oracle.arrivals(network.ids[start], depart_s)
        reached = {network.ids[node] for node in np.flatnonzero(np.isfinite(ours.arrival_s))}
        assert reached == set(theirs)
        worst = max(
            abs(theirs[network.ids[node]] - ours.arrival_s[node])
            for node in oracle.index.values()
            if network.ids[node] in theirs
        )
        assert worst <= 1e-6


def test_the_comparison_is_not_trivial() -> None:
    """In the cases above edges open, close, open again, and boats wait for hundreds of seconds."""
    river = varied()
    network = compile_network(build_graph(river, 36.0))
    conditions = Conditions(network, water_of(river, *WAVE), 0.0, 3600.0)
    openings = find_openings(network, conditions, Limits.of(INFLATABLE))
    assert np.bincount(openings.states.item).max() >= 3
    assert np.bincount(openings.arcs.item).max() >= 3
    tree = arrivals(network, conditions, INFLATABLE, network.nearest(1150.0, 0.0), 10.0)
    waits = [
        max(way.leave_s - way.arrive_s)
        for way in map(tree.way_to, np.flatnonzero(np.isfinite(tree.arrival_s)).tolist())
    ]
    assert max(waits) > 300.0


def line_of(network: Network, from_x: float, to_x: float) -> tuple[int, int]:
    return network.nearest(from_x, 0.0), network.nearest(to_x, 0.0)


def test_upstream_and_downstream_are_speed_minus_and_plus_current() -> None:
    river = straight_river(1800.0, 100.0, 165.0, discharge_m3ps=100.0 * 10.0 * 2.0, max_current_mps=4.0)
    network = compile_network(build_graph(river))
    conditions = Conditions(network, water_of(river, (0.0, 175.0), (3600.0, 175.0)), 0.0, 3600.0)
    current = float(conditions.current_mps[network.nearest(900.0, 0.0), 0])
    assert current == pytest.approx(2.0, rel=0.02)
    up, down = line_of(network, 180.0, 1620.0)
    there = arrivals(network, conditions, INFLATABLE, up, 0.0).arrival_s[down]
    back = arrivals(network, conditions, INFLATABLE, down, 0.0).arrival_s[up]
    assert there == pytest.approx(1440.0 / (8.0 + current), rel=1e-6)
    assert back == pytest.approx(1440.0 / (8.0 - current), rel=1e-6)


def test_a_boat_crossing_crabs() -> None:
    river = straight_river(900.0, 400.0, 165.0, discharge_m3ps=400.0 * 10.0 * 3.0)
    network = compile_network(build_graph(river))
    conditions = Conditions(network, water_of(river, (0.0, 175.0), (3600.0, 175.0)), 0.0, 3600.0)
    tree = arrivals(network, conditions, INFLATABLE, network.nearest(450.0, -18.0), 0.0)
    current = float(conditions.current_mps[network.nearest(450.0, 0.0), 0])
    assert tree.arrival_s[network.nearest(450.0, 0.0)] == pytest.approx(18.0 / math.sqrt(64.0 - current**2), rel=1e-9)


def test_a_current_that_wins_closes_the_way_up() -> None:
    river = straight_river(900.0, 100.0, 165.0, discharge_m3ps=100.0 * 10.0 * 2.8, max_current_mps=5.0)
    network = compile_network(build_graph(river))
    conditions = Conditions(network, water_of(river, (0.0, 175.0), (3600.0, 175.0)), 0.0, 3600.0)
    slow = Craft("raft", 4.0, 0.3, 0.1, 1.0, 2.5, 4)
    up, down = line_of(network, 90.0, 810.0)
    assert not np.isfinite(arrivals(network, conditions, slow, down, 0.0).arrival_s[up])
    assert np.isfinite(arrivals(network, conditions, slow, up, 0.0).arrival_s[down])
    timid = Craft("dinghy", 4.0, 0.3, 0.1, 1.0, 8.0, 4, max_current_mps=1.0)
    assert not np.isfinite(arrivals(network, conditions, timid, up, 0.0).arrival_s[down])


def sigma_at(conditions: Conditions, node: int) -> float:
    return 1.28 * float(conditions.water.sigma_m(conditions.network.chainage_m[node], 0.0))


def test_waits_for_the_bar_to_open_at_the_exact_instant() -> None:
    river = bar(174.0)
    network = compile_network(build_graph(river))
    # 0.85 m over 174 m is reached at 0.85 / 3 of the hour on this rise, between two knots
    conditions = Conditions(network, water_of(river, (0.0, 174.0), (3600.0, 177.0)), 0.0, 3600.0)
    up, down = line_of(network, 90.0, 900.0)
    way = arrivals(network, conditions, INFLATABLE, up, 0.0).way_to(down)
    first = int(np.argmax(way.leave_s - way.arrive_s))
    edges = [edge for edge in way.edges.tolist() if network.edge_bed_m[edge] == 174.0]
    assert way.edges[first] == edges[0]
    ends = (network.start[edges[0]], network.end[edges[0]])
    opens = max(3600.0 * (0.85 + sigma_at(conditions, int(node))) / 3.0 for node in ends)
    assert way.leave_s[first] == pytest.approx(opens, abs=1e-6)
    assert opens % 300.0 > 1.0


def test_does_not_enter_a_bar_that_closes_under_the_boat() -> None:
    river = bar(174.0, half_m=150.0)
    network = compile_network(build_graph(river))
    conditions = Conditions(network, water_of(river, (0.0, 175.2), (3600.0, 172.2)), 0.0, 3600.0)
    up, down = line_of(network, 90.0, 900.0)
    last_call = math.inf
    for edge in arrivals(network, conditions, INFLATABLE, up, 0.0).way_to(down).edges.tolist():
        start, end = int(network.start[edge]), int(network.end[edge])
        worst = max(sigma_at(conditions, node) for node in (start, end))
        closes = 3600.0 * (175.2 - worst - 0.85 - float(network.edge_bed_m[edge])) / 3.0
        last_call = min(last_call, closes - (network.x_m[end] - 90.0) / 8.0)  # off the edge by then
    assert 100.0 < last_call < 1000.0
    assert np.isfinite(arrivals(network, conditions, INFLATABLE, up, last_call - 1e-3).arrival_s[down])
    assert not np.isfinite(arrivals(network, conditions, INFLATABLE, up, last_call + 1e-3).arrival_s[down])


def test_a_bridge_closes_by_the_high_bound() -> None:
    bridge = Bridge("bridge", Text("桥", "Bridge"), 505.0, (Span(-75.0, 75.0, 178.6),))
    river = straight_river(1000.0, 150.0, 165.0, bridges=(bridge,))
    network = compile_network(build_graph(river))
    conditions = Conditions(network, water_of(river, (0.0, 175.0), (3600.0, 178.0)), 0.0, 3600.0)
    sigma = float(conditions.water.sigma_m(504.0, 0.0)) * 1.28
    closes = 3600.0 * (1.0 - sigma) / 3.0
    up, down = line_of(network, 90.0, 900.0)
    to_the_bridge = (522.0 - 90.0) / 8.0  # until off the last edge that touches it
    assert np.isfinite(arrivals(network, conditions, INFLATABLE, up, closes - to_the_bridge - 2.0).arrival_s[down])
    assert not np.isfinite(arrivals(network, conditions, INFLATABLE, up, closes - to_the_bridge + 2.0).arrival_s[down])


def test_waits_only_where_the_boat_stays_afloat() -> None:
    """The pool before the bar falls dry before the bar opens: a boat waits in the deep, not there."""

    def bed(chainage: np.ndarray, _: np.ndarray) -> np.ndarray:
        return np.select([chainage < 300, chainage < 460, chainage < 540], [165.0, 173.0, 174.0], 165.0)

    river = straight_river(1000.0, 150.0, bed, section_step_m=20.0)
    network = compile_network(build_graph(river))
    levels = ((0.0, 174.5), (600.0, 173.0), (1800.0, 176.5), (3600.0, 176.5))
    conditions = Conditions(network, water_of(river, *levels), 0.0, 3600.0)
    tree = arrivals(network, conditions, INFLATABLE, network.nearest(90.0, 0.0), 0.0)
    way = tree.way_to(network.nearest(900.0, 0.0))
    for node, arrive, leave in zip(way.nodes, way.arrive_s, way.leave_s, strict=True):
        for time in np.linspace(arrive, leave, 50):
            assert conditions.low_at(int(network.station[node]), float(time)) - network.bed_m[node] >= 0.85 - 1e-9
    oracle = Oracle(build_graph(river), conditions, INFLATABLE)
    assert tree.arrival_s[way.nodes[-1]] == pytest.approx(
        oracle.arrivals(network.nearest(90.0, 0.0), 0.0)[way.nodes[-1]]
    )


def test_refuses_what_it_cannot_answer() -> None:
    river = bar(174.0)
    network = compile_network(build_graph(river))
    water = water_of(river, (0.0, 174.0), (3600.0, 177.0))
    conditions = Conditions(network, water, 0.0, 3600.0)
    with pytest.raises(NotCoveredError, match="departure must lie"):
        arrivals(network, conditions, INFLATABLE, 0, 4000.0)
    with pytest.raises(RefusedError) as refused:
        arrivals(network, conditions, INFLATABLE, network.nearest(500.0, 0.0), 0.0)
    assert refused.value.code == "not-afloat"
    with pytest.raises(NotCoveredError):
        Conditions(network, water, 0.0, 7200.0)
    tree = arrivals(network, conditions, INFLATABLE, network.nearest(90.0, 0.0), 3500.0)
    far = int(np.flatnonzero(~np.isfinite(tree.arrival_s))[0])
    with pytest.raises(RefusedError):
        tree.way_to(far)


def test_no_edge_breaks_first_in_first_out() -> None:
    """Sampled edges and times: inside an open interval a later departure never arrives earlier."""
    river = varied(2500.0)
    network = compile_network(build_graph(river))
    steep = water_of(river, (0.0, 172.5), (300.0, 174.6), (600.0, 172.2), (1500.0, 176.5), (3600.0, 173.0))
    conditions = Conditions(network, steep, 0.0, 3600.0, step_s=60.0)
    rng = np.random.default_rng(7)
    sampled = violations = 0
    for craft in (INFLATABLE, Craft("punt", 4.0, 0.3, 0.1, 1.2, 2.6, 3)):
        openings = find_openings(network, conditions, Limits.of(craft))
        for edge in rng.choice(np.unique(openings.arcs.item), 1500).tolist():
            for opens, closes in openings.edge_times(edge):
                departures = np.sort(rng.uniform(opens, closes, 40))
                arrive = np.array([depart + ride(openings.ways, edge, float(depart)) for depart in departures])
                sampled += 39
                violations += int((np.diff(arrive) < -1e-9).sum())
    assert sampled > 100_000
    assert violations == 0


@settings(max_examples=25, deadline=None)
@given(
    seed=st.integers(0, 50),
    levels=st.lists(st.floats(171.0, 178.0), min_size=3, max_size=5),
    departs=st.tuples(st.floats(0.0, 1500.0), st.floats(0.0, 1500.0)),
    draught=st.floats(0.1, 1.2),
)
def test_later_departure_never_arrives_earlier(
    seed: int, levels: list[float], departs: tuple[float, float], draught: float
) -> None:
    river = varied(900.0, seed=seed)
    network = compile_network(build_graph(river, 40.0))
    times = np.linspace(0.0, 3600.0, len(levels))
    conditions = Conditions(network, water_of(river, *zip(times.tolist(), levels, strict=True)), 0.0, 3600.0)
    craft = Craft("boat", 5.0, draught, 0.2, 1.5, 6.0, 6)
    start = int(np.argmin(network.bed_m))
    trees = []
    for depart in sorted(departs):
        try:
            trees.append((depart, arrivals(network, conditions, craft, start, depart)))
        except RefusedError:
            return
    (early, first), (late, second) = trees
    _no_arrival_before_departure(first, early)
    _no_arrival_before_departure(second, late)
    openings = first.openings
    if openings.state_at(start, early) == openings.state_at(start, late):  # else the boat could not have stayed there
        assert (second.arrival_s >= first.arrival_s - 1e-6).all()


def _no_arrival_before_departure(tree: Tree, depart: float) -> None:
    assert (tree.arrival_s >= depart).all()
    child = np.flatnonzero(tree.parent >= 0)
    assert np.isfinite(tree.arrival_s[child]).all()


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 50), levels=st.lists(st.floats(171.5, 177.5), min_size=2, max_size=5))
def test_no_edge_is_ridden_in_too_little_water(seed: int, levels: list[float]) -> None:
    river = varied(900.0, seed=seed)
    network = compile_network(build_graph(river, 40.0))
    times = np.linspace(0.0, 3600.0, len(levels))
    water = water_of(river, *zip(times.tolist(), levels, strict=True))
    conditions = Conditions(network, water, 0.0, 3600.0)
    start = int(np.argmin(network.bed_m))
    try:
        tree = arrivals(network, conditions, INFLATABLE, start, 0.0)
    except RefusedError:
        return
    rng = np.random.default_rng(seed)
    reached = np.flatnonzero(np.isfinite(tree.arrival_s))
    for node in rng.choice(reached, min(10, len(reached)), replace=False).tolist():
        way = tree.way_to(node)
        assert (way.leave_s >= way.arrive_s).all()
        for number, edge in enumerate(way.edges.tolist()):
            ends = [int(network.start[edge]), int(network.end[edge])]
            share = np.linspace(0.0, 1.0, 25)
            chainage, offset = (
                values[ends[0]] + share * (values[ends[1]] - values[ends[0]])
                for values in (network.chainage_m, network.offset_m)
            )
            when = np.linspace(way.leave_s[number], way.arrive_s[number + 1], 25)
            under = water.low_m(chainage, when) - river.bed_m(chainage, offset)
            assert under.min() >= 0.85 - 1e-3
            if np.isfinite(network.soffit_m[edge]):
                assert (water.high_m(chainage, when) + 2.6).max() <= network.soffit_m[edge] + 1e-3


def test_a_free_boat_reaches_everything_that_is_connected() -> None:
    river = straight_river(500.0, 150.0, 165.0)
    network = compile_network(build_graph(river))
    conditions = Conditions(network, water_of(river, (0.0, 170.0), (3600.0, 170.0)), 0.0, 3600.0)
    tree = arrivals(network, conditions, FREE, 0, 0.0)
    assert np.isfinite(tree.arrival_s).all()
    assert (tree.parent >= 0).sum() == network.n_nodes - 1
