"""The river that is shipped: a side channel opens as the water rises, and a catwalk closes it again."""

import functools

import numpy as np
import pytest

from rescuecmd.interop.river_package import load_river
from rescuecmd.library import find
from rescuecmd.picture.entity import Craft
from rescuecmd.river.known import known_water
from rescuecmd.river.model import River
from rescuecmd.river.water import LevelSeries, Water
from rescuecmd.routing.network import Network, build_graph, compile_network
from rescuecmd.routing.path import Path
from rescuecmd.routing.remaining import remaining
from rescuecmd.routing.scene import Scene
from rescuecmd.routing.watch import review

BOAT = Craft("inflatable", 5.0, 0.55, 0.30, 2.6, 8.0, 6)


@functools.cache
def shipped() -> tuple[River, Network, Water]:
    river = load_river(find("rivers", "jialing-dazhulin"))
    observed = [series for series in river.series if series.id.endswith("2021-09")]
    levels = {one.gauge_id: LevelSeries(one.times_s, one.levels_m, one.sigma_m) for one in observed}
    return river, compile_network(build_graph(river)), known_water(river, levels)


def scene_at(hours: float) -> Scene:
    river, network, water = shipped()
    return Scene(river, network, water, water.start_s + hours * 3600.0)


def way(scene: Scene, start: str, goal: str) -> Path:
    places = [scene.river.place(name) for name in (start, goal)]
    spots = [(place.x_m, place.y_m) for place in places]
    return scene.path(BOAT, spots[0], spots[1], scene.now_s)


def test_the_network_is_of_the_size_it_should_be() -> None:
    _, network, _ = shipped()
    assert 9_000 <= network.n_nodes <= 25_000
    assert network.n_edges > 6 * network.n_nodes


def test_the_side_channel_opens_and_the_catwalk_closes_it() -> None:
    low, middle, high = (way(scene_at(hours), "tongxing-pontoon", "huangpanshi") for hours in (0.2, 12.0, 24.0))
    seconds = [path.arrive_s - path.depart_s for path in (low, middle, high)]
    assert seconds[1] < seconds[0] - 40.0
    assert seconds[1] < seconds[2] - 40.0
    assert "Tongxing catwalk" in high.avoided.en
    assert "同兴栈桥" in high.avoided.zh


@pytest.mark.parametrize("hours", [0.2, 6.0, 12.0, 18.0, 24.0])
def test_paths_are_few_points_and_keep_their_margin(hours: float) -> None:
    scene = scene_at(hours)
    for start, goal in (("dazhulin-pontoon", "huangpanshi"), ("ciqikou-ramp", "tongxing-ramp")):
        path = way(scene, start, goal)
        assert 4 <= len(path.x_m) <= 60
        assert path.least_margin_m >= -1e-9
        assert (np.diff(path.eta_s) > 0).all()
        for at in range(1, len(path.x_m)):
            share = np.linspace(0.0, 1.0, 60)
            x = path.x_m[at - 1] + share * (path.x_m[at] - path.x_m[at - 1])
            y = path.y_m[at - 1] + share * (path.y_m[at] - path.y_m[at - 1])
            chainage, offset = scene.river.locate(x, y)
            under = scene.water.low_m(chainage, path.eta_s[at]) - scene.river.bed_m(chainage, offset)
            assert under.min() >= 0.85 - 0.02 or at == 1  # the first leg may leave a berth
        place = scene.river.place(start)
        assert review(scene, BOAT, path, (place.x_m, place.y_m), scene.now_s).kind == "keep"


def test_a_running_route_is_beaten_when_the_channel_has_opened() -> None:
    river, network, water = shipped()
    before = scene_at(5.0)
    path = way(before, "tongxing-pontoon", "huangpanshi")
    place = river.place("tongxing-pontoon")
    later = Scene(river, network, water, water.start_s + 12 * 3600.0)
    verdict = review(later, BOAT, path, (place.x_m, place.y_m), later.now_s)
    assert verdict.kind == "beaten"
    assert "已开通" in verdict.why.zh
    assert "has opened" in verdict.why.en


def test_a_boat_that_passes_a_pier_on_its_line_keeps_its_route() -> None:
    """From every place along a leg the rest of it is as passable as the whole was, however the chart's cells fall."""
    scene = scene_at(12.0)
    path = scene.path(BOAT, (-144.0, 2775.0), (-370.0, 494.0), scene.now_s)
    for passed_s in np.arange(2.0, path.arrive_s - path.depart_s, 3.0):
        now = Scene(scene.river, scene.network, scene.water, path.depart_s + float(passed_s))
        rest = remaining(now, BOAT, path, path.position_at(now.now_s), now.now_s)
        assert rest.broken is None, (passed_s, rest.broken)
        assert rest.arrive_s == pytest.approx(path.arrive_s, abs=1.0)
