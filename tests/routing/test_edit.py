"""A graph that people changed: ways with a time of their own, speed limits, hours, limits of craft, closed edges."""

from dataclasses import replace
from heapq import heappop, heappush

import networkx as nx
import numpy as np
import pytest

from rescuecmd.errors import InputError, NotFoundError, RefusedError
from rescuecmd.routing.conditions import Conditions
from rescuecmd.routing.departure import last_departures
from rescuecmd.routing.edit import add_way, close_edges, close_line, edges_in, node_at, node_near, set_rules
from rescuecmd.routing.kernel import ride
from rescuecmd.routing.network import Network, build_graph, compile_network
from rescuecmd.routing.openings import Limits, Openings, find_openings
from rescuecmd.routing.scene import Scene
from rescuecmd.routing.search import grow
from rescuecmd.routing.watch import review
from tests.river.teaching import straight_river
from tests.routing.waters import FREE, INFLATABLE, bar, varied, water_of

STILL = ((0.0, 175.0), (3600.0, 175.0))
WAVE = ((0.0, 174.0), (900.0, 176.5), (1800.0, 173.8), (2700.0, 176.0), (3600.0, 174.0))


def dammed() -> "nx.DiGraph":
    """Return 1 km of deep still water with a bar across it that no level floods enough."""
    return build_graph(bar(174.8))


def scene_of(graph: "nx.DiGraph", *levels: tuple[float, float]) -> Scene:
    river = graph.graph["chart"].river
    return Scene(river, compile_network(graph), water_of(river, *(levels or STILL)), 0.0)


def plain(openings: Openings, start: int, depart_s: float) -> dict[tuple[int, int], float]:
    """Return the earliest arrival at every state by a heap over all intervals of all edges."""
    network, best = openings.network, {}
    heap = [(depart_s, start, openings.state_at(start, depart_s))]
    while heap:
        time, node, state = heappop(heap)
        if (node, state) in best:
            continue
        best[node, state] = time
        for edge in range(int(network.first[node]), int(network.first[node + 1])):
            for opens, closes in openings.edge_times(edge):
                leave = max(time, opens)
                arrive = leave + ride(openings.ways, edge, leave) if leave <= closes else np.inf
                if arrive <= closes and leave <= openings.states.closes_s[state]:
                    end = int(network.end[edge])
                    heappush(heap, (arrive, end, openings.state_at(end, leave)))
    return best


def changed(seed: int) -> Network:
    """Return a varied river with every kind of change."""
    graph, rng = build_graph(varied(), 36.0), np.random.default_rng(seed)
    edges = list(graph.edges)
    some = [edges[at] for at in rng.choice(len(edges), 60, replace=False)]
    set_rules(graph, some[:15], limit_mps=float(rng.uniform(0.6, 4.0)))
    set_rules(graph, some[15:30], hours=[(0.0, 700.0), (1200.0, 2500.0)])
    set_rules(graph, some[30:40], max_draught_m=0.3)
    close_edges(graph, some[40:50])
    nodes = rng.choice(graph.number_of_nodes(), 12, replace=False).tolist()
    for u, v in zip(nodes[:6], nodes[6:], strict=True):
        add_way(graph, u, v, float(rng.uniform(1.0, 300.0)), hours=[(300.0, 3000.0)])
    return compile_network(graph)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_search_agrees_with_a_plain_one_over_all_intervals(seed: int) -> None:
    network = changed(seed)
    conditions = Conditions(network, water_of(varied(), *WAVE), 0.0, 3600.0)
    openings = find_openings(network, conditions, Limits.of(INFLATABLE))
    start = network.nearest(1150.0, 0.0)
    theirs = np.full(network.n_nodes, np.inf)
    for (node, _), time in plain(openings, start, 10.0).items():
        theirs[node] = min(theirs[node], time)
    ours = grow(openings, [(start, 10.0)]).arrival_s
    assert (np.isfinite(ours) == np.isfinite(theirs)).all()
    reached = np.isfinite(ours)
    assert np.abs(ours[reached] - theirs[reached]).max() <= 1e-6
    tree = grow(openings, [(start, 10.0)])
    used = {int(edge) for node in np.flatnonzero(reached).tolist() for edge in tree.way_to(node).edges}
    assert network.rules is not None
    assert set(network.rules.terms.edges.tolist()) & set(used)


@pytest.mark.parametrize("seed", [1, 2])
def test_latest_departures_keep_to_the_rules_too(seed: int) -> None:
    """Leaving then, a boat arrives in time; leaving a little later, it does not."""
    network = changed(seed)
    conditions = Conditions(network, water_of(varied(), *WAVE), 0.0, 3600.0)
    openings = find_openings(network, conditions, Limits.of(INFLATABLE))
    goal, deadline = network.nearest(150.0, 0.0), 2000.0
    leave = last_departures(openings, [(goal, deadline)], deadline).leave_s
    rng, judged = np.random.default_rng(seed), 0
    for node in rng.choice(np.flatnonzero(np.isfinite(leave)), 25, replace=False).tolist():
        if not conditions.from_s + 1.0 < leave[node] < deadline - 5.0:
            continue
        judged += 1
        assert grow(openings, [(node, leave[node])]).arrival_s[goal] <= deadline + 1e-3
        if openings.state_at(node, leave[node] + 1.0) >= 0:
            assert grow(openings, [(node, leave[node] + 1.0)]).arrival_s[goal] > deadline
    assert judged > 5


def test_a_portage_takes_its_time_over_land_and_needs_water_at_both_ends() -> None:
    graph = dammed()
    with pytest.raises(RefusedError):
        scene_of(graph).path(INFLATABLE, (100.0, 0.0), (900.0, 0.0), 0.0)
    above, below = node_near(graph, (432.0, 0.0)), node_near(graph, (568.0, 0.0))
    add_way(graph, above, below, 240.0)
    scene = scene_of(graph)
    path = scene.path(INFLATABLE, (100.0, 0.0), (900.0, 0.0), 0.0)
    carried = graph.edges[above, below]["length_m"]
    assert path.arrive_s == pytest.approx((800.0 - carried) / INFLATABLE.speed_mps + 240.0, abs=0.2)
    assert 240.0 in np.round(np.diff(path.eta_s), 6)
    assert path.least_margin_m > 0
    assert review(scene, INFLATABLE, path, (100.0, 0.0), 0.0).kind == "keep"
    late = scene_of(graph, (0.0, 175.0), (300.0, 165.0), (3600.0, 165.0))
    with pytest.raises(RefusedError):
        late.path(INFLATABLE, (100.0, 0.0), (900.0, 0.0), 200.0)


def test_a_lock_waits_for_its_hours_and_lets_no_great_boat_in() -> None:
    graph = dammed()
    above, below = node_near(graph, (432.0, 0.0)), node_near(graph, (568.0, 0.0))
    add_way(graph, above, below, 120.0, kind="lock", sill_m=170.0, hours=[(600.0, 900.0)], max_draught_m=0.6)
    scene = scene_of(graph)
    path = scene.path(INFLATABLE, (100.0, 0.0), (900.0, 0.0), 0.0)
    lock = int(np.argmax(np.isclose(np.diff(path.eta_s + path.wait_s) - path.wait_s[1:], 120.0)))
    assert path.eta_s[lock] + path.wait_s[lock] == pytest.approx(600.0)
    with pytest.raises(RefusedError):
        scene.path(replace(INFLATABLE, draught_m=0.61, under_keel_m=0.0), (100.0, 0.0), (900.0, 0.0), 0.0)
    with pytest.raises(RefusedError):  # it would not be through before the lock closes
        scene.path(INFLATABLE, (100.0, 0.0), (900.0, 0.0), 790.0)


def test_a_speed_limit_caps_the_speed_over_ground_and_no_straight_line_cuts_across() -> None:
    river = straight_river(1000.0, 150.0, 165.0)
    graph = build_graph(river)
    set_rules(graph, edges_in(graph, [(397.0, -90.0), (611.0, -90.0), (611.0, 90.0), (397.0, 90.0)]), limit_mps=2.0)
    path = scene_of(graph).path(INFLATABLE, (100.0, 0.0), (900.0, 0.0), 0.0)
    inside = (path.x_m[1:] > 397.0) & (path.x_m[:-1] < 611.0)
    made = np.diff(path.x_m) / np.diff(path.eta_s)
    assert made[inside].max() == pytest.approx(2.0)
    assert made[~inside].min() > 7.0
    slow = replace(FREE, speed_mps=1.5)
    assert scene_of(graph).path(slow, (100.0, 0.0), (900.0, 0.0), 0.0).arrive_s == pytest.approx(800 / 1.5, rel=0.01)


def test_a_boom_is_gone_round_by_the_straightened_path_too() -> None:
    graph = build_graph(straight_river(1000.0, 150.0, 165.0))
    assert close_line(graph, (505.0, -90.0), (505.0, 40.0)) > 10
    scene = scene_of(graph)
    path = scene.path(INFLATABLE, (100.0, 0.0), (900.0, 0.0), 0.0)
    assert np.interp(505.0, path.x_m, path.y_m) > 38.0
    open_water = scene_of(build_graph(straight_river(1000.0, 150.0, 165.0)))
    through = open_water.path(INFLATABLE, (100.0, 0.0), (900.0, 0.0), 0.0)
    assert review(scene, INFLATABLE, through, (100.0, 0.0), 0.0).kind == "cut"
    assert review(scene, INFLATABLE, path, (100.0, 0.0), 0.0).kind == "keep"


def test_a_closed_edge_is_left_out_and_an_unknown_one_is_told() -> None:
    graph = build_graph(straight_river(400.0, 120.0, 165.0))
    assert close_edges(graph, [(0, 1)]) == 2
    assert not graph.has_edge(1, 0)
    for edges in ([(0, 1)], [(0, 10_000)]):
        with pytest.raises(InputError, match="no edge"):
            close_edges(graph, edges)


def test_bad_changes_are_told() -> None:
    graph = build_graph(straight_river(400.0, 120.0, 165.0))
    for own_s in (0.0, -1.0, np.nan, np.inf):
        with pytest.raises(InputError):
            add_way(graph, 0, 5, own_s)
    for bad in ({"hours": [(2.0, 1.0)]}, {"hours": [1.0]}, {"limit_mps": 2.0}, {"colour": 1}):
        with pytest.raises(InputError):
            add_way(graph, 0, 5, 10.0, **bad)
    for bad in ({"limit_mps": 0.0}, {"limit_mps": np.nan}, {"own_s": 3.0}, {"hours": [(1.0, 3.0), (2.0, 4.0)]}):
        with pytest.raises(InputError):
            set_rules(graph, [(0, 1)], **bad)
    with pytest.raises(InputError):
        add_way(graph, 0, 0, 10.0)
    with pytest.raises(InputError):
        add_way(graph, 0, "ashore", 10.0)
    with pytest.raises(InputError):
        node_near(graph, (1e6, 0.0))
    with pytest.raises(NotFoundError):
        node_at(graph, "atlantis")
    graph.edges[0, 1]["limit_mps"] = "fast"
    with pytest.raises(InputError, match="limit_mps"):
        compile_network(graph)
