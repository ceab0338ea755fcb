"""Paths as crews get them: passable at every metre, straight, told with their margins and reasons."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rescuecmd.errors import NotCoveredError, RefusedError
from rescuecmd.picture.entity import Zone
from rescuecmd.river.model import Bridge, River, Span
from rescuecmd.river.water import Water
from rescuecmd.routing.network import Network, build_graph, compile_network
from rescuecmd.routing.path import Path
from rescuecmd.routing.scene import Scene
from rescuecmd.text import Text
from tests.river.teaching import FRAME, gauge_site, round_reef, straight_river
from tests.routing.waters import INFLATABLE, bar, varied, water_of

CALM = ((0.0, 175.0), (7200.0, 175.0))


def scene_of(river: River, *points: tuple[float, float], now_s: float = 0.0, zones: tuple[Zone, ...] = ()) -> Scene:
    return Scene(river, compile_network(build_graph(river)), water_of(river, *points), now_s, zones)


def zone(x0: float, y0: float, x1: float, y1: float, *, starts_s: float = 0.0, ends_s: float | None = None) -> Zone:
    corners = [(x0, y0), (x1, y0), (x1, y1), (x0, y1), (x0, y0)]
    ring = tuple(FRAME.point_lonlat(x, y) for x, y in corners)
    return Zone("z", "no_go", Text("禁航", "no go"), ring, starts_s, ends_s)


def assert_passable(path: Path, river: River, water: Water, *, water_m: float = 0.85, air_m: float = 2.6) -> None:
    """Check every metre of a path against the river and the water themselves."""
    for at in range(1, len(path.x_m)):
        share = np.linspace(
            0.0, 1.0, max(2, int(math.hypot(path.x_m[at] - path.x_m[at - 1], path.y_m[at] - path.y_m[at - 1])))
        )
        x = path.x_m[at - 1] + share * (path.x_m[at] - path.x_m[at - 1])
        y = path.y_m[at - 1] + share * (path.y_m[at] - path.y_m[at - 1])
        leave = path.eta_s[at - 1] + path.wait_s[at - 1]
        when = leave + share * (path.eta_s[at] - leave)
        chainage, offset = river.locate(x, y)
        under = water.low_m(chainage, when) - river.bed_m(chainage, offset) - water_m
        assert under.min() >= -0.02
        assert path.margin_m[at] <= under.min() + 0.02
        for bridge in river.bridges:
            crossing = np.flatnonzero(np.diff(np.sign(chainage - bridge.chainage_m)))
            for span in bridge.spans:
                for one in crossing:
                    if span.from_m <= offset[one] <= span.to_m:
                        assert float(water.high_m(chainage[one], when[one])) + air_m <= span.soffit_m + 0.02


def test_a_path_in_open_water_is_the_straight_line() -> None:
    river = straight_river(1000.0, 150.0, 165.0)
    scene = scene_of(river, *CALM)
    path = scene.path(INFLATABLE, (101.0, -41.0), (907.0, 38.0), 0.0)
    assert (path.x_m[0], path.y_m[0]) == (101.0, -41.0)
    assert (path.x_m[-1], path.y_m[-1]) == (907.0, 38.0)
    assert path.length_m == pytest.approx(math.hypot(806.0, 79.0), rel=0.01)
    assert path.arrive_s == pytest.approx(path.length_m / 8.0, rel=1e-6)
    assert path.left_m == 0.0
    assert len(path.x_m) <= 6
    assert path.avoided == Text("直达航线无障碍", "nothing in the direct way")


@settings(max_examples=15, deadline=None)
@given(
    seed=st.integers(0, 30),
    levels=st.lists(st.floats(173.0, 177.5), min_size=2, max_size=4),
    ends=st.tuples(st.floats(60.0, 1140.0), st.floats(60.0, 1140.0)),
)
def test_no_leg_is_shallower_than_draught_and_margin_at_its_time(
    seed: int, levels: list[float], ends: tuple[float, float]
) -> None:
    river = varied(900.0, seed=seed)
    times = np.linspace(0.0, 7200.0, len(levels))
    scene = scene_of(river, *zip(times.tolist(), levels, strict=True))
    afloat = scene.conditions.low_m[scene.network.station, 0] - scene.network.bed_m > 1.2
    if not afloat.any():
        return
    nodes = np.flatnonzero(afloat)
    spots = []
    for x_m in ends:
        node = nodes[np.argmin(np.abs(scene.network.x_m[nodes] - x_m))]
        spots.append((float(scene.network.x_m[node]), float(scene.network.y_m[node])))
    try:
        path = scene.path(INFLATABLE, spots[0], spots[1], 5.0)
    except RefusedError:
        return
    assert (np.diff(path.eta_s) >= 0).all()
    assert (path.wait_s >= 0).all()
    assert path.arrive_s >= path.depart_s == 5.0
    assert_passable(path, river, scene.water)


def test_straightening_never_arrives_later_than_the_grid() -> None:
    river = varied(900.0, seed=4)
    scene = scene_of(river, (0.0, 174.5), (7200.0, 176.0))
    start = (60.0, 0.0)
    tree = scene.tree(INFLATABLE, start, 0.0)
    for x_m in (300.0, 600.0, 1100.0):
        for y_m in (-45.0, 0.0, 45.0):
            node = scene._end_node(tree, (x_m, y_m))
            if node < 0:
                continue
            spot = (float(scene.network.x_m[node]), float(scene.network.y_m[node]))
            path = scene.path(INFLATABLE, start, spot, 0.0)
            assert path.arrive_s <= tree.arrival_s[node] + 0.5


def test_a_reef_is_approached_to_the_waters_edge() -> None:
    reef = round_reef("rock", 500.0, 0.0, 178.0, radius_m=30.0)
    river = straight_river(1000.0, 150.0, 165.0, reefs=(reef,))
    scene = scene_of(river, *CALM)
    path = scene.path(INFLATABLE, (100.0, 0.0), (500.0, 0.0), 0.0)
    assert 10.0 < path.left_m < 45.0
    assert_passable(path, river, scene.water)
    around = scene.path(INFLATABLE, (100.0, 0.0), (900.0, 0.0), 0.0)
    assert "rock" in around.avoided.en
    assert "rock" in around.avoided.zh
    assert "not open within the forecast" in around.avoided.en


def test_waits_before_a_bar_and_says_when_it_opens() -> None:
    river = bar(174.0)
    scene = scene_of(river, (0.0, 174.0), (7200.0, 180.0))
    path = scene.path(INFLATABLE, (100.0, 0.0), (900.0, 0.0), 0.0)
    assert path.wait_s.max() > 600.0
    assert path.least_margin_m == pytest.approx(0.0, abs=0.02)
    assert "shallow water at K0+490" in path.avoided.en
    assert "opens in" in path.avoided.en
    assert "浅水" in path.avoided.zh
    assert "后可通行" in path.avoided.zh
    assert_passable(path, river, scene.water)


def test_no_route_says_why_in_both_languages() -> None:
    scene = scene_of(bar(176.0), *CALM)
    with pytest.raises(RefusedError) as refused:
        scene.path(INFLATABLE, (100.0, 0.0), (900.0, 0.0), 0.0)
    assert refused.value.code == "no-route"
    assert "K0+490" in str(refused.value.facts["en"])
    assert "K0+490" in str(refused.value.facts["zh"])
    assert scene.arrival_s(INFLATABLE, (100.0, 0.0), (900.0, 0.0), 0.0) == math.inf


def test_a_low_bridge_is_named() -> None:
    bridge = Bridge("foot", Text("人行桥", "Footbridge"), 500.0, (Span(-75.0, 20.0, 177.0), Span(20.0, 75.0, 190.0)))
    river = straight_river(1000.0, 150.0, 165.0, bridges=(bridge,))
    scene = scene_of(river, *CALM)
    path = scene.path(INFLATABLE, (100.0, -40.0), (900.0, -40.0), 0.0)
    assert path.y_m.max() > 20.0
    assert "Footbridge" in path.avoided.en
    assert "人行桥净高不足" in path.avoided.zh
    assert_passable(path, river, scene.water)


def test_a_strong_current_is_named() -> None:
    def bed(chainage: np.ndarray, offset: np.ndarray) -> np.ndarray:
        return np.where(offset < 20.0, 165.0, 172.0)

    river = straight_river(1000.0, 800.0, bed, discharge_m3ps=11000.0)
    scene = scene_of(river, *CALM)
    timid = replace(INFLATABLE, max_current_mps=1.5)
    path = scene.path(timid, (900.0, 50.0), (100.0, 50.0), 0.0)
    with pytest.raises(RefusedError) as refused:
        scene.path(timid, (900.0, 50.0), (100.0, -380.0), 0.0)
    assert "strong current" in refused.value.message
    assert "急流" in str(refused.value.facts["zh"])
    assert path.y_m.min() > 20.0


def test_a_no_go_zone_is_kept_out_of_while_it_is_in_force() -> None:
    river = straight_river(1000.0, 150.0, 165.0)
    wall = zone(480.0, -80.0, 520.0, 40.0)
    path = scene_of(river, *CALM, zones=(wall,)).path(INFLATABLE, (100.0, -40.0), (900.0, -40.0), 0.0)
    inside = [(480 < x < 520) and y < 40 for x, y in _points(path)]
    assert not any(inside)
    assert "no-go zone" in path.avoided.en
    over = replace(wall, ends_s=600.0)
    whole = zone(480.0, -80.0, 520.0, 80.0, ends_s=600.0)
    later = scene_of(river, *CALM, zones=(over,)).path(INFLATABLE, (100.0, -40.0), (900.0, -40.0), 700.0)
    assert later.length_m == pytest.approx(800.0, rel=0.01)
    waits = scene_of(river, *CALM, zones=(whole,)).path(INFLATABLE, (100.0, -40.0), (900.0, -40.0), 0.0)
    assert waits.arrive_s > 600.0
    before = scene_of(river, *CALM, zones=(replace(whole, starts_s=400.0, ends_s=None),))
    assert before.path(INFLATABLE, (100.0, -40.0), (900.0, -40.0), 0.0).arrive_s < 400.0
    with pytest.raises(RefusedError):
        before.path(INFLATABLE, (100.0, -40.0), (900.0, -40.0), 500.0)
    caution = replace(wall, kind="caution")
    assert scene_of(river, *CALM, zones=(caution,)).path(
        INFLATABLE, (100.0, -40.0), (900.0, -40.0), 0.0
    ).length_m == pytest.approx(800.0, rel=0.01)


def _points(path: Path) -> list[tuple[float, float]]:
    times = np.linspace(path.depart_s, path.arrive_s, 2000)
    return [path.position_at(float(time)) for time in times]


def test_a_boat_at_a_berth_that_the_survey_calls_dry_gets_out() -> None:
    def bed(chainage: np.ndarray, offset: np.ndarray) -> np.ndarray:
        return np.where(offset > 50.0, 174.5, 165.0)

    scene = scene_of(straight_river(1000.0, 150.0, bed), *CALM)
    path = scene.path(INFLATABLE, (100.0, 70.0), (900.0, 0.0), 0.0)
    assert (path.x_m[0], path.y_m[0]) == (100.0, 70.0)
    assert path.arrive_s > path.length_m / 8.0
    dry = scene_of(straight_river(1000.0, 150.0, 174.5), *CALM)
    with pytest.raises(RefusedError) as refused:
        dry.path(INFLATABLE, (100.0, 0.0), (900.0, 0.0), 0.0)
    assert refused.value.code == "craft-too-deep"
    below = [gauge_site("down", 1000.0)]
    shoaling = straight_river(1000.0, 150.0, lambda at, _: np.where(at < 500.0, 176.0, 165.0), gauges=below)
    shoal = scene_of(shoaling, *CALM)
    with pytest.raises(RefusedError) as stuck:
        shoal.path(INFLATABLE, (100.0, 0.0), (900.0, 0.0), 0.0)
    assert stuck.value.code == "not-afloat"
    assert "nearest now" in stuck.value.message
    assert stuck.value.facts["nearest_m"] == pytest.approx(330.0, abs=30.0)


def test_what_is_not_covered_is_refused() -> None:
    scene = scene_of(straight_river(1000.0, 150.0, 165.0), *CALM, now_s=100.0)
    with pytest.raises(NotCoveredError):
        scene.path(INFLATABLE, (100.0, 5000.0), (900.0, 0.0), 100.0)
    with pytest.raises(NotCoveredError):
        scene.path(INFLATABLE, (100.0, 0.0), (900.0, 5000.0), 100.0)
    with pytest.raises(NotCoveredError):
        scene.path(INFLATABLE, (100.0, 0.0), (900.0, 0.0), 50.0)
    with pytest.raises(NotCoveredError):
        scene.path(INFLATABLE, (100.0, 0.0), (900.0, 0.0), 7300.0)
    late = Scene(scene.river, scene.network, scene.water, 7200.0)
    with pytest.raises(NotCoveredError, match="routes need levels"):
        late.path(INFLATABLE, (100.0, 0.0), (900.0, 0.0), 7200.0)


def test_waypoints_carry_margins_and_come_back_as_a_path() -> None:
    scene = scene_of(varied(900.0), (0.0, 176.0), (7200.0, 177.0))
    path = scene.path(INFLATABLE, (60.0, 0.0), (1100.0, 0.0), 0.0)
    waypoints = path.waypoints(FRAME)
    assert waypoints[0].margin_m is None
    assert min(one.margin_m for one in waypoints[1:] if one.margin_m is not None) == path.least_margin_m
    again = scene.path_along(waypoints, (path.goal_x_m, path.goal_y_m))
    np.testing.assert_allclose(again.x_m, path.x_m, atol=1e-3)
    np.testing.assert_allclose(again.eta_s, path.eta_s)


def test_results_are_kept() -> None:
    scene = scene_of(straight_river(1000.0, 150.0, 165.0), *CALM)
    assert scene.tree(INFLATABLE, (100.0, 0.0), 0.0) is scene.tree(INFLATABLE, (100.0, 0.0), 0.0)
    assert scene.openings(INFLATABLE) is scene.openings(replace(INFLATABLE, seats=2))


@pytest.fixture(scope="module")
def network() -> Network:
    return compile_network(build_graph(straight_river(1000.0, 150.0, 165.0)))


@pytest.mark.parametrize("time_s", [math.nan, math.inf, -math.inf])
def test_times_that_are_no_times_are_refused(network: Network, time_s: float) -> None:
    river = straight_river(1000.0, 150.0, 165.0)
    scene = Scene(river, network, water_of(river, *CALM), 0.0)
    with pytest.raises(NotCoveredError):
        scene.path(INFLATABLE, (100.0, 0.0), (900.0, 0.0), time_s)


def test_a_goal_behind_a_closed_bridge_says_which_and_how_near_one_gets() -> None:
    bridge = Bridge("low", Text("矮桥", "Low bridge"), 600.0, (Span(-75.0, 75.0, 177.0),))
    scene = scene_of(straight_river(1000.0, 150.0, 165.0, bridges=(bridge,)), (0.0, 176.0), (7200.0, 176.0))
    with pytest.raises(RefusedError) as refused:
        scene.path(INFLATABLE, (100.0, 0.0), (900.0, 0.0), 0.0)
    assert "Low bridge" in refused.value.message
    assert "not open within the forecast" in refused.value.message
    assert "矮桥净高不足" in str(refused.value.facts["zh"])
    assert "最近可达" in str(refused.value.facts["near_zh"])
    assert "can be reached" in refused.value.message
    assert refused.value.facts["nearest_m"] == pytest.approx(310.0, abs=15.0)
