"""The shipped package: what is published is in it as published, and the water does what the drill is built on."""

import numpy as np
import pytest

from rescuecmd.geo import Floats
from rescuecmd.river.submergence import submergence
from tests.river.jialing import DAY_S, START_S, jialing, september, still

NEEDED_M = 0.85  # draught 0.55 m and 0.30 m under the keel
IDS = {
    "reef": {"huangpanshi", "heiyangshi", "jianjialiang", "feilanzi"},
    "bridge": {"jingkou-bridge", "shuangbei-bridge", "tongxing-catwalk"},
    "pontoon": {"dazhulin-pontoon", "tongxing-pontoon"},
    "ramp": {"dazhulin-ramp", "tongxing-ramp", "ciqikou-ramp"},
    "landing": {"dazhulin-landing", "tongxing-landing", "jingkou-landing"},
    "beach": {"dazhulin-beach"},
    "safe_ground": {"dazhulin-plaza", "tongxing-square"},
}


def chute_bed() -> tuple[Floats, Floats]:
    """Return chainages along the side channel at Dazhulin and its deepest bed at each."""
    chainage = np.arange(3650.0, 5500.0, 10.0)
    return chainage, jialing().bed_m(chainage[:, None], np.arange(185.0, 270.0, 3.0)[None, :]).min(axis=1)


@pytest.mark.parametrize(("kind", "ids"), IDS.items())
def test_every_place_the_drill_names_is_there(kind: str, ids: set[str]) -> None:
    assert {place.id for place in jialing().places.values() if place.kind == kind} == ids


def test_it_says_that_it_is_schematic_and_where_each_layer_comes_from() -> None:
    river = jialing()
    assert river.schematic
    assert river.vertical_datum == "wusong"
    assert {one.layer for one in river.provenance} >= {"centreline", "sections", "reefs", "gauges", "series"}
    assert all(one.source and one.licence for one in river.provenance)


def test_river_kilometres_are_the_official_ones() -> None:
    river = jialing()
    assert river.km(river.gauge("ciqikou").chainage_m) == pytest.approx(14.4, abs=0.01)
    assert river.km(river.place("shuangbei-bridge").chainage_m) == pytest.approx(17.2, abs=0.01)


def test_the_official_lines_of_ciqikou_are_on_the_rivers_vertical_datum() -> None:
    gauge = jialing().gauge("ciqikou")
    assert gauge.vertical_datum == "huanghai"
    assert (gauge.warning_m, gauge.guarantee_m) == (182.64, 185.64)
    assert [jialing().gauge(name).zero_m for name in ("jingkou", "caoxietuo")] == [167.57, 171.23]


def test_the_rise_of_september_2021_is_the_published_one() -> None:
    series = jialing().find_series("ciqikou-2021-09")
    day = series.times_s == START_S + DAY_S
    assert series.times_s[0] == START_S
    assert series.levels_m[day] == pytest.approx(183.71)
    assert float(series.levels_m[day][0] - series.levels_m[0]) == pytest.approx(4.83)
    published = np.array(series.published)
    assert set(series.times_s[published]) == {START_S, START_S + DAY_S}
    assert series.levels_m.max() == pytest.approx(183.71)


def test_the_forecast_is_too_high_by_half_a_metre_and_says_how_sure_it_is() -> None:
    forecast = jialing().find_series("ciqikou-2021-09-forecast")
    assert forecast.kind == "forecast"
    assert forecast.issued_s == START_S + 6 * 3600
    assert forecast.levels_m.max() == pytest.approx(184.21, abs=0.02)
    at_end = forecast.sigma_m[forecast.times_s == START_S + DAY_S]
    assert at_end == pytest.approx(0.5)
    assert (np.diff(forecast.sigma_m) >= 0).all()


def test_the_surface_has_the_slopes_of_the_facts() -> None:
    for level, slope in ((166.5, 2.9e-4), (194.2, 1.6e-4)):
        water = still(level)
        assert float(water.level_m(0.0, 0.0) - water.level_m(9600.0, 0.0)) == pytest.approx(9600 * slope, rel=0.01)


def test_over_the_shoals_low_water_is_as_deep_as_the_notices_say() -> None:
    river, water = jialing(), still(166.5)
    chainage = np.arange(50.0, 9700.0, 25.0)
    deepest = np.nanmax(water.depth_m(chainage[:, None], np.arange(-200.0, 200.0, 4.0)[None, :], 0.0), axis=1)
    assert 1.1 <= deepest.min() <= 1.4
    assert deepest.max() > 4.0
    assert river.rating is not None
    assert 1000 < float(still(170.1).discharge_m3ps(0.0)) < 3000  # the mean flow of 2165 m3/s is close to here


def test_the_banks_hold_the_flood_of_2020() -> None:
    water = still(194.29)
    chainage = np.linspace(0, jialing().length_m, 100)
    left, right = jialing().banks(chainage)
    for edge in (left, right):
        assert (water.depth_m(chainage, edge, 0.0) < 0).all()


def test_the_side_channel_is_dry_at_first_and_opens_after_about_two_metres() -> None:
    water, (chainage, bed) = september(), chute_bed()
    assert (water.level_m(chainage, START_S) - bed).min() < 0
    times = np.linspace(START_S, START_S + DAY_S, 289)
    depth = (water.low_m(chainage, times[:, None]) - bed).min(axis=1)
    opens = times[np.argmax(depth >= NEEDED_M)]
    assert depth.max() >= NEEDED_M
    assert 1.8 <= float(water.level_m(9600.0, opens)) - 178.88 <= 2.3


def test_the_side_channel_is_the_shorter_way_to_the_reef() -> None:
    river = jialing()
    pontoon, reef = river.place("dazhulin-pontoon"), river.place("huangpanshi")
    direct = np.hypot(reef.x_m - pontoon.x_m, reef.y_m - pontoon.y_m)
    assert 1000 <= direct <= 1500
    # at the start the bar stands dry all along the reef's channel on the side of the river
    chainage = np.arange(3980.0, 5320.0, 10.0)
    bar = river.bed_m(chainage[:, None], np.arange(60.0, 190.0, 2.0)[None, :]).max(axis=1)
    assert (bar > september().level_m(chainage, START_S + DAY_S / 2)).all()


def test_huangpanshi_goes_under_half_way_up() -> None:
    water, reef = september(), jialing().place("huangpanshi")
    assert reef.critical_m - float(water.level_m(reef.chainage_m, START_S)) == pytest.approx(2.5, abs=0.05)
    crossing = submergence(water, reef, START_S)
    assert crossing.early_s is not None
    assert crossing.median_s is not None
    assert crossing.late_s is not None
    assert 0.4 <= (crossing.median_s - START_S) / DAY_S <= 0.6
    assert crossing.early_s < crossing.median_s < crossing.late_s


def test_a_boat_can_lie_on_both_sides_of_huangpanshi_at_the_start() -> None:
    river, water = jialing(), september()
    depth = water.low_m(4900.0, START_S) - river.bed_m(4900.0, np.arange(150.0, 290.0, 2.0))
    wet = depth >= NEEDED_M
    reef_offset = float(river.locate(river.place("huangpanshi").x_m, river.place("huangpanshi").y_m)[1])
    offsets = np.arange(150.0, 290.0, 2.0)
    assert wet[offsets < reef_offset].sum() >= 5
    assert wet[offsets > reef_offset].sum() >= 5


def test_the_beach_follows_and_its_exits_close_one_by_one() -> None:
    water, beach = september(), jialing().beaches[0]
    start = float(water.level_m(4200.0, START_S))
    assert beach.ground_m - start == pytest.approx(3.0, abs=0.05)
    lower, middle, upper = (next(way for way in beach.exits if way.id == name) for name in
                            ("exit-lower", "exit-middle", "exit-upper"))  # fmt: skip
    top = float(water.level_m(4200.0, START_S + DAY_S))
    assert beach.ground_m < lower.level_m < middle.level_m < top < upper.level_m


def test_the_catwalk_closes_near_the_top_of_the_rise() -> None:
    closing = submergence(september(), jialing().place("tongxing-catwalk"), START_S, room_m=2.6)
    assert closing.early_s is not None
    assert closing.median_s is not None
    assert 0.7 <= (closing.early_s - START_S) / DAY_S < (closing.median_s - START_S) / DAY_S <= 0.9


def test_currents_are_those_of_a_flood_and_the_backwater_stands_still() -> None:
    water = september()
    offset = np.linspace(-300, 330, 316)
    for chainage in np.arange(100.0, 9700.0, 300.0):
        fastest = float(water.current_mps(chainage, offset, START_S + DAY_S).max())
        assert 2.0 <= fastest <= 4.0
    assert float(water.current_mps(4900.0, 160.0 * 1.34 + 30, START_S)) == 0.0
    assert float(water.current_mps(4200.0, 170.0 * 1.34, START_S + DAY_S)) > 0.3


def test_what_flows_in_flows_out() -> None:
    water = september()
    offset = np.linspace(-360, 360, 3601)
    for chainage in (500.0, 1800.0, 4250.0, 6800.0, 9000.0):
        for at in (START_S, START_S + DAY_S):
            depth = np.maximum(np.nan_to_num(water.depth_m(chainage, offset, at)), 0.0)
            flow = np.trapezoid(depth * water.current_mps(chainage, offset, at), offset)
            assert flow == pytest.approx(float(water.discharge_m3ps(at)), rel=0.04)
