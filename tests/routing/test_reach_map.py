"""Reach maps, tables of boats and people, guidance and profiles: against the tree they are made from."""

import math

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from rescuecmd.errors import InputError
from rescuecmd.picture.entity import Craft
from rescuecmd.river.model import Bridge, Pier, Span
from rescuecmd.routing.guidance import guidance
from rescuecmd.routing.network import build_graph, compile_network
from rescuecmd.routing.profile import MOST_POINTS, profile
from rescuecmd.routing.reach import band_ends, reach_geojson, reach_map
from rescuecmd.routing.scene import Scene
from rescuecmd.routing.soundings import sound
from rescuecmd.routing.squares import areas_m2
from rescuecmd.routing.table import Aim, Mover, reach_table
from rescuecmd.text import Text
from tests.river.teaching import round_reef, straight_river
from tests.routing.waters import INFLATABLE, bar, water_of


def canal_scene() -> Scene:
    bridge = Bridge(
        "gate",
        Text("闸桥", "Gate bridge"),
        600.0,
        (Span(-75.0, 0.0, 178.5), Span(0.0, 75.0, 181.0)),
        (Pier(600.0, 0.0, 2.0),),
    )
    river = straight_river(1500.0, 150.0, 165.0, bridges=(bridge,), reefs=(round_reef("rock", 1000.0, 40.0, 176.2),))
    return Scene(river, compile_network(build_graph(river)), water_of(river, (0.0, 175.0), (9000.0, 175.5)), 0.0)


def test_bands_hold_the_water_reached_in_their_time() -> None:
    scene = canal_scene()
    found = reach_map(scene, INFLATABLE, (60.0, 0.0), 3.0)
    after = found.tree.arrival_s / 60.0
    for band in found.bands:
        lonlat = shapely.union_all([shapely.Polygon(rings[0], rings[1:]) for rings in band.polygons])
        x, y = scene.network.x_m, scene.network.y_m
        held = (x > 5.0) & (x < 1495.0)  # the areas end with the river, on the last nodes
        inside = shapely.contains_xy(lonlat, *scene.river.frame.to_lonlat(x, y))
        wanted = (after <= band.to_min) & ((after > band.from_min) | (band.from_min == 0))
        assert (inside == wanted)[held].all()
        assert band.area_m2 == pytest.approx(areas_m2(scene.network)[inside].sum(), rel=0.05)
    assert [band.to_min for band in found.bands] == [1.0, 2.0, 3.0]
    shapes = reach_geojson(found)
    assert [one["properties"]["to_min"] for one in shapes["features"]] == [3.0, 2.0, 1.0]


def test_a_reach_that_the_level_cuts_short_says_so() -> None:
    scene = canal_scene()
    low = straight_river(1500.0, 150.0, 165.0, wall_m=176.0)
    water = water_of(low, (0.0, 175.0), (600.0, 180.0))  # passes the end of the survey after two minutes
    found = reach_map(Scene(low, compile_network(build_graph(low)), water, 0.0), INFLATABLE, (60.0, 0.0), 3.0)
    assert found.ends is not None
    assert "up to 176.00 m" in found.ends.en
    assert found.tree.arrival_s[np.isfinite(found.tree.arrival_s)].max() <= 120.0
    assert reach_map(scene, INFLATABLE, (60.0, 0.0), 3.0).ends is None


@given(st.floats(0.01, 180.0))
def test_bands_end_at_the_time_asked_for(minutes: float) -> None:
    ends = band_ends(minutes)
    assert ends[-1] == minutes
    assert list(ends) == sorted(set(ends))
    assert 1 <= len(ends) <= 6


@pytest.mark.parametrize("minutes", [0.0, -1.0, math.inf, math.nan])
def test_no_time_is_refused(minutes: float) -> None:
    with pytest.raises(InputError):
        band_ends(minutes)


def test_a_table_says_who_is_in_time() -> None:
    scene = canal_scene()
    slow = Craft("punt", 4.0, 0.3, 0.1, 1.2, 2.0, 3)
    movers = [
        Mover("fast", Text("快", "fast"), INFLATABLE, (60.0, 0.0)),
        Mover("slow", Text("慢", "slow"), slow, (60.0, 0.0)),
        Mover("lost", Text("远", "lost"), slow, (60.0, 9000.0)),
    ]
    aims = [Aim("near", Text("近", "near"), (1200.0, 0.0), 300.0), Aim("any", Text("任", "any"), (1200.0, 0.0))]
    (fast, free), (late, _), (lost, _) = reach_table(scene, movers, aims)
    assert fast.arrive_s == pytest.approx(1140.0 / 8.0, abs=3.0)
    assert fast.arrive_s is not None
    assert fast.spare_s == pytest.approx(300.0 - fast.arrive_s)
    assert fast.leave_by_s == pytest.approx(fast.spare_s, abs=2.5)
    assert (free.spare_s, free.leave_by_s) == (None, None)
    assert late.spare_s is not None
    assert late.spare_s < 0
    assert late.leave_by_s is None
    assert lost.arrive_s is None
    assert lost.why is not None
    assert "nearest" in lost.why.en
    assert "最近" in lost.why.zh


def test_guidance_tells_turns_bridges_reefs_and_the_end() -> None:
    scene = canal_scene()
    path = scene.path(INFLATABLE, (60.0, 40.0), (1400.0, 40.0), 0.0)
    told = guidance(sound(scene, INFLATABLE, path))
    kinds = [one.kind for one in told]
    assert kinds[0] == "leave"
    assert kinds[-1] == "arrive"
    bridge = next(one for one in told if one.kind == "bridge")
    assert "span 2" in bridge.text.en
    assert "第 2 孔" in bridge.text.zh
    reef = next(one for one in told if one.kind == "reef")
    assert "rock" in reef.text.en
    assert "m to " in reef.text.en
    assert [one.distance_m for one in told] == sorted(one.distance_m for one in told)
    assert all("K" in one.where.en for one in told)


def test_waiting_is_told() -> None:
    river = bar(174.0)
    scene = Scene(river, compile_network(build_graph(river)), water_of(river, (0.0, 174.0), (7200.0, 180.0)), 0.0)
    path = scene.path(INFLATABLE, (60.0, 0.0), (900.0, 0.0), 0.0)
    assert any(one.kind == "wait" for one in guidance(sound(scene, INFLATABLE, path)))


def test_the_profile_is_what_the_boat_meets() -> None:
    scene = canal_scene()
    path = scene.path(INFLATABLE, (60.0, 40.0), (1400.0, 40.0), 0.0)
    along = profile(scene, INFLATABLE, path)
    assert len(along.distance_m) <= MOST_POINTS
    assert along.distance_m[0] == 0.0
    assert along.time_s[0] == path.depart_s
    assert (np.diff(along.distance_m) > 0).all()
    assert (along.low_m - along.bed_m).min() >= INFLATABLE.draught_m + INFLATABLE.under_keel_m - 1e-6
    (one,) = along.bridges
    assert (one.bridge_id, one.span, one.soffit_m) == ("gate", 2, 181.0)
    assert one.free_m == pytest.approx(181.0 - 2.6 - 175.0, abs=0.3)
    assert along.squeeze is not None
