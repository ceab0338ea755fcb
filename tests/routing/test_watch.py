"""A running route: kept, cut or beaten, and the crew is told why."""

import numpy as np
import pytest

from rescuecmd.errors import RefusedError
from rescuecmd.geo import Floats
from rescuecmd.picture.entity import Zone
from rescuecmd.river.model import Bridge, River, Span
from rescuecmd.routing.network import Network, build_graph, compile_network
from rescuecmd.routing.remaining import remaining
from rescuecmd.routing.scene import Scene
from rescuecmd.routing.watch import review
from rescuecmd.text import Text
from tests.river.teaching import straight_river
from tests.routing.waters import INFLATABLE, bar, water_of

START, GOAL = (60.0, 70.0), (1140.0, 70.0)


@pytest.fixture(scope="module")
def forked() -> tuple[River, Network]:
    """Return a river with a shoal island, a deep channel far round it on the right and a shallow one along the left."""

    def bed(chainage: Floats, offset: Floats) -> Floats:
        island = (chainage > 200) & (chainage < 1000) & (offset > -150) & (offset < 45)
        side = (chainage > 200) & (chainage < 1000) & (offset >= 45)
        beds: Floats = np.where(island, 185.0, np.where(side, 174.0, 165.0))
        return beds

    bridge = Bridge("catwalk", Text("栈桥", "Catwalk"), 600.0, (Span(45.0, 250.0, 179.0),))
    river = straight_river(1200.0, 500.0, bed, section_step_m=20.0, bridges=(bridge,))
    return river, compile_network(build_graph(river))


def test_keeps_a_route_that_is_still_good(forked: tuple[River, Network]) -> None:
    river, network = forked
    scene = Scene(river, network, water_of(river, (0.0, 174.0), (7200.0, 174.2)), 0.0)
    path = scene.path(INFLATABLE, START, GOAL, 0.0)
    assert path.y_m.min() < -150.0
    assert review(scene, INFLATABLE, path, START, 0.0).kind == "keep"
    later = Scene(river, network, water_of(river, (0.0, 174.0), (7200.0, 174.2)), 60.0)
    verdict = review(later, INFLATABLE, path, path.position_at(60.0), 60.0)
    assert (verdict.kind, verdict.path) == ("keep", None)
    assert verdict.why.zh
    assert verdict.why.en


def test_a_channel_that_opens_beats_the_long_way(forked: tuple[River, Network]) -> None:
    river, network = forked
    path = Scene(river, network, water_of(river, (0.0, 174.0), (7200.0, 174.2)), 0.0).path(INFLATABLE, START, GOAL, 0.0)
    risen = Scene(river, network, water_of(river, (0.0, 174.0), (20.0, 176.0), (7200.0, 176.0)), 20.0)
    verdict = review(risen, INFLATABLE, path, START, 20.0)
    assert verdict.kind == "beaten"
    assert verdict.path is not None
    assert verdict.path.y_m.min() > 45.0
    assert "has opened" in verdict.why.en
    assert "K0+" in verdict.why.en
    assert "已开通：早到" in verdict.why.zh


def test_a_small_gain_does_not_replace_a_route(forked: tuple[River, Network]) -> None:
    river, network = forked
    water = water_of(river, (0.0, 176.0), (7200.0, 176.0))
    scene = Scene(river, network, water, 0.0)
    path = scene.path(INFLATABLE, START, GOAL, 0.0)
    detour = (START, (300.0, 110.0), (600.0, 50.0 + 75.0), (900.0, 60.0), GOAL)
    from rescuecmd.picture.order import Waypoint

    spots = [river.frame.point_lonlat(*spot) for spot in detour]
    times = np.linspace(0.0, path.arrive_s + 5.0, len(spots))
    slower = scene.path_along([Waypoint(lon, lat, 0.0, float(t)) for (lon, lat), t in zip(spots, times, strict=True)])
    verdict = review(scene, INFLATABLE, slower, START, 0.0)
    assert verdict.kind == "keep"


def test_a_route_is_cut_when_the_forecast_closes_it(forked: tuple[River, Network]) -> None:
    river, network = forked
    path = Scene(river, network, water_of(river, (0.0, 175.6), (7200.0, 175.8)), 0.0).path(INFLATABLE, START, GOAL, 0.0)
    assert path.y_m.min() > 45.0
    falling = Scene(river, network, water_of(river, (0.0, 175.6), (40.0, 174.0), (7200.0, 174.0)), 1.0)
    verdict = review(falling, INFLATABLE, path, START, 1.0)
    assert verdict.kind == "cut"
    assert verdict.path is not None
    assert verdict.path.y_m.min() < -150.0
    assert "route closes" in verdict.why.en
    assert "shallow water" in verdict.why.en
    assert "已改道" in verdict.why.zh


def test_a_route_is_cut_under_a_bridge_and_the_bridge_is_named(forked: tuple[River, Network]) -> None:
    river, network = forked
    path = Scene(river, network, water_of(river, (0.0, 176.0), (7200.0, 176.0)), 0.0).path(INFLATABLE, START, GOAL, 0.0)
    rising = Scene(river, network, water_of(river, (0.0, 176.0), (40.0, 178.0), (7200.0, 178.0)), 5.0)
    verdict = review(rising, INFLATABLE, path, START, 5.0)
    assert verdict.kind == "cut"
    assert "under Catwalk" in verdict.why.en
    assert "栈桥净高不足" in verdict.why.zh


def test_some_centimetres_do_not_turn_a_boat_round(forked: tuple[River, Network]) -> None:
    river, network = forked
    sigma = 1.28 * float(water_of(river, (0.0, 175.0), (9.0, 175.0)).sigma_m(600.0, 0.0))
    just = 174.0 + 0.85 + sigma + 0.01
    path = Scene(river, network, water_of(river, (0.0, just), (7200.0, just)), 0.0).path(INFLATABLE, START, GOAL, 0.0)
    assert path.least_margin_m < 0.05
    for drop, kind in ((0.03, "keep"), (0.10, "cut")):
        lower = Scene(river, network, water_of(river, (0.0, just - drop), (7200.0, just - drop)), 1.0)
        assert review(lower, INFLATABLE, path, START, 1.0).kind == kind


def test_a_cut_without_another_way_says_so() -> None:
    river = bar(174.0)
    network = compile_network(build_graph(river))
    path = Scene(river, network, water_of(river, (0.0, 176.0), (7200.0, 176.0)), 0.0).path(
        INFLATABLE, (60.0, 0.0), (900.0, 0.0), 0.0
    )
    fallen = Scene(river, network, water_of(river, (0.0, 176.0), (10.0, 173.0), (7200.0, 173.0)), 5.0)
    verdict = review(fallen, INFLATABLE, path, (60.0, 0.0), 5.0)
    assert (verdict.kind, verdict.path) == ("cut", None)
    assert "no other way" in verdict.why.en
    assert "无其他航线" in verdict.why.zh
    with pytest.raises(RefusedError):
        fallen.path(INFLATABLE, (60.0, 0.0), (900.0, 0.0), 5.0)


def test_a_boat_that_is_there_keeps_its_route(forked: tuple[River, Network]) -> None:
    river, network = forked
    scene = Scene(river, network, water_of(river, (0.0, 176.0), (7200.0, 176.0)), 0.0)
    path = scene.path(INFLATABLE, START, GOAL, 0.0)
    verdict = review(scene, INFLATABLE, path, (GOAL[0] - 5.0, GOAL[1]), 0.0)
    assert verdict.kind == "keep"
    assert "arrived" in verdict.why.en


def test_a_planned_wait_is_not_a_cut() -> None:
    river = bar(174.0)
    network = compile_network(build_graph(river))
    scene = Scene(river, network, water_of(river, (0.0, 174.0), (7200.0, 180.0)), 0.0)
    path = scene.path(INFLATABLE, (60.0, 0.0), (900.0, 0.0), 0.0)
    assert path.wait_s.max() > 300.0
    assert review(scene, INFLATABLE, path, (60.0, 0.0), 0.0).kind == "keep"


def test_a_route_that_waits_for_the_water_is_kept_while_its_boat_waits() -> None:
    """The bar opens in a quarter of an hour: the plan says so, and no look at it on the way calls it cut."""
    river = bar(174.0)
    network = compile_network(build_graph(river))
    water = water_of(river, (0.0, 173.0), (1800.0, 176.0), (7200.0, 176.0))
    scene = Scene(river, network, water, 0.0)
    path = scene.path(INFLATABLE, (100.0, 0.0), (900.0, 0.0), 0.0)
    assert path.wait_s.max() > 600.0
    told = path.waypoints(river.frame)
    assert max(point.wait_s for point in told) == pytest.approx(path.wait_s.max())
    for now_s in (0.0, 60.0, 300.0, 600.0, 1000.0, 1200.0):
        now = Scene(river, network, water, now_s)
        verdict = review(now, INFLATABLE, now.path_along(told), path.position_at(now_s), now_s)
        assert verdict.kind == "keep", (now_s, verdict.why)
        rest = remaining(now, INFLATABLE, now.path_along(told), path.position_at(now_s), now_s)
        assert rest.arrive_s == pytest.approx(path.arrive_s, abs=2.0)


def test_a_boat_that_waits_goes_as_soon_as_the_water_has_come() -> None:
    river = bar(174.0)
    network = compile_network(build_graph(river))
    slow = Scene(river, network, water_of(river, (0.0, 173.0), (1800.0, 176.0), (7200.0, 176.0)), 0.0)
    path = slow.path(INFLATABLE, (100.0, 0.0), (900.0, 0.0), 0.0)
    fast = Scene(river, network, water_of(river, (0.0, 173.0), (300.0, 176.0), (7200.0, 176.0)), 300.0)
    rest = remaining(fast, INFLATABLE, fast.path_along(path.waypoints(river.frame)), path.position_at(300.0), 300.0)
    assert rest.arrive_s < 300.0 + 120.0


def test_a_boat_that_waits_for_the_end_of_a_zone_keeps_its_route(forked: tuple[River, Network]) -> None:
    """Arrival and wait together, as numbers, may fall short of the moment at which the zone ends."""
    river, network = forked
    corners = ((493.0, -250.0), (560.0, -250.0), (560.0, 250.0), (493.0, 250.0), (493.0, -250.0))
    ring = tuple(river.frame.point_lonlat(x, y) for x, y in corners)
    zone = Zone("z", "no_go", Text("禁", "no go"), ring, 0.0, 900.1)
    scene = Scene(river, network, water_of(river, (0.0, 176.0), (7200.0, 176.0)), 0.0, (zone,))
    short = 0
    for depart_s in np.linspace(0.0, 9.0, 30).tolist():
        path = scene.path(INFLATABLE, START, GOAL, depart_s)
        wait = int(np.argmax(path.wait_s))
        short += int(path.eta_s[wait] + path.wait_s[wait] < 900.1)
        verdict = review(scene.at(400.0), INFLATABLE, path, path.position_at(400.0), 400.0)
        assert verdict.kind == "keep", verdict.why
    assert short > 0
