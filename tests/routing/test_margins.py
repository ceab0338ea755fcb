"""What each leg has to spare: worked out on paper, and when it closes against sailing it later."""

import math

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from rescuecmd.errors import RefusedError
from rescuecmd.picture.entity import Zone
from rescuecmd.river.model import Bridge, Span
from rescuecmd.routing.kernel import OUTSIDE, OVERHEAD, SHALLOW, ZONE
from rescuecmd.routing.margins import leg_margins, worst_of, worst_told
from rescuecmd.routing.network import build_graph, compile_network
from rescuecmd.routing.path import Path
from rescuecmd.routing.scene import Scene
from rescuecmd.routing.soundings import sound
from rescuecmd.text import Text
from tests.river.teaching import straight_river
from tests.routing.waters import INFLATABLE, bar, varied, water_of


def test_a_falling_river_closes_the_bar_at_a_known_moment() -> None:
    river = bar(174.0)
    scene = Scene(river, compile_network(build_graph(river)), water_of(river, (0.0, 177.0), (3600.0, 173.0)), 0.0)
    path = scene.path(INFLATABLE, (60.0, 0.0), (900.0, 0.0), 0.0)
    legs = leg_margins(sound(scene, INFLATABLE, path))
    assert [one.leg for one in legs] == list(range(1, len(path.x_m)))
    worst = worst_of(legs)
    assert worst is not None
    assert worst.reason == SHALLOW
    assert 440.0 <= worst.chainage_m <= 560.0
    spread = 1.28 * float(scene.water.sigma_m(worst.chainage_m, 0.0))
    assert worst.closes_s == pytest.approx((177.0 - 174.85 - spread) * 900.0, abs=1.0)
    assert worst.closes_s is not None
    passes_s = (worst.chainage_m - 60.0) / 8.0
    assert worst.spare_s == pytest.approx(worst.closes_s - passes_s, abs=1.0)
    assert worst.margin_m == pytest.approx(path.least_margin_m)
    # sigmas count from the median: the margin itself is already 1.28 of them further down
    assert worst.sigmas == pytest.approx(worst.margin_m / (spread / 1.28) + 1.28, rel=0.01)
    told = worst_told(river, worst, 0.0)
    assert "K0+" in told.en
    assert "closes in" in told.en
    assert "后关闭" in told.zh


def test_a_bridge_and_a_zone_close_a_leg_too() -> None:
    bridge = Bridge("low", Text("矮桥", "Low bridge"), 500.0, (Span(-75.0, 75.0, 179.0),))
    river = straight_river(1000.0, 150.0, 165.0, bridges=(bridge,))
    corners = ((700.0, -75.0), (760.0, -75.0), (760.0, 75.0), (700.0, 75.0), (700.0, -75.0))
    ring = tuple(river.frame.point_lonlat(x, y) for x, y in corners)
    zone = Zone("z", "no_go", Text("禁", "no go"), ring, 1200.0)
    water = water_of(river, (0.0, 174.0), (3600.0, 178.0))
    scene = Scene(river, compile_network(build_graph(river)), water, 0.0, (zone,))
    path = scene.path(INFLATABLE, (60.0, 0.0), (900.0, 0.0), 0.0)
    soundings = sound(scene, INFLATABLE, path)
    assert [(one.bridge.id, one.number) for one in soundings.crossings] == [("low", 1)]
    assert soundings.crossings[0].distance_m == pytest.approx(440.0, abs=2.0)
    times, why = soundings.closes_s
    assert times[why == ZONE].min() == pytest.approx(1200.0)
    rise = 1.28 * float(water.sigma_m(500.0, 0.0))
    under = times[why == OVERHEAD]
    assert under.min() == pytest.approx((179.0 - 2.6 - 174.0 - rise) * 900.0, abs=1.0)
    worst = worst_of(leg_margins(soundings))
    assert worst is not None
    assert worst.reason == ZONE


def test_where_nothing_closes_it_says_so() -> None:
    river = bar(160.0)
    scene = Scene(river, compile_network(build_graph(river)), water_of(river, (0.0, 175.0), (9000.0, 176.0)), 0.0)
    path = scene.path(INFLATABLE, (60.0, 0.0), (900.0, 0.0), 0.0)
    worst = worst_of(leg_margins(sound(scene, INFLATABLE, path)))
    assert worst is not None
    assert (worst.closes_s, worst.spare_s) == (None, None)
    assert "stays open" in worst_told(river, worst, 0.0).en
    assert worst_of(()) is None


@example(seed=12, levels=[173.5, 175.0, 173.0])  # a leg that closes first where it begins
@settings(max_examples=20, deadline=None)
@given(seed=st.integers(1, 30), levels=st.lists(st.floats(173.0, 176.5), min_size=3, max_size=5))
def test_a_leg_can_be_sailed_until_it_closes_and_not_after(seed: int, levels: list[float]) -> None:
    """Later by all its spare time a leg is still passable, unless the delay itself meets another closure on the way."""
    river = varied(seed=seed)
    network = compile_network(build_graph(river, 18.0))
    points = tuple(zip(np.linspace(0.0, 3600.0, len(levels)).tolist(), levels, strict=True))
    scene = Scene(river, network, water_of(river, *points), 0.0)
    try:
        path: Path = scene.path(INFLATABLE, (1100.0, 0.0), (100.0, 0.0), 0.0)
    except RefusedError:
        return
    soundings = sound(scene, INFLATABLE, path)
    for one in leg_margins(soundings):
        if one.reason != SHALLOW or one.spare_s is None or one.leg == 1 or path.wait_s[one.leg - 1] > 0:
            continue
        ends = [(float(path.x_m[at]), float(path.y_m[at])) for at in (one.leg - 1, one.leg)]
        leaves = float(path.eta_s[one.leg - 1])
        late = scene.leg(INFLATABLE, ends[0], ends[1], leaves + one.spare_s + 3.0)
        assert not math.isfinite(late.arrive_s)
        if one.spare_s > 6.0:
            early = scene.leg(INFLATABLE, ends[0], ends[1], leaves + one.spare_s - 5.0)
            assert math.isfinite(early.arrive_s) or early.reason == OUTSIDE, "or it would end beyond what is known"
