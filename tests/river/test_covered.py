"""Levels that are covered, and that nothing is ever told beyond them: above, below, in a forecast, without profiles."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from rescuecmd.drift.track import drift_track
from rescuecmd.errors import NotCoveredError
from rescuecmd.geo import Floats
from rescuecmd.river.family import Fitted
from rescuecmd.river.known import known_water
from rescuecmd.river.model import River
from rescuecmd.river.submergence import body_stages, submergence
from rescuecmd.river.water import LevelSeries, Water
from tests.river.jialing import START_S, jialing
from tests.river.teaching import gauge_site, round_reef, straight_river

GAUGES = ("caoxietuo", "jingkou", "ciqikou")
LOWEST_M, HIGHEST_M = 166.378, 194.368  # of the computed profiles, at Ciqikou


def series(*points: tuple[float, float], sigma_m: float = 0.0) -> LevelSeries:
    times, levels = np.array(points, dtype=np.float64).T
    return LevelSeries(times, levels, np.full(len(times), sigma_m))


def at_ciqikou(*points: tuple[float, float], latest_s: float | None = None) -> Water:
    return Water(jialing(), {"ciqikou": series(*points)}, latest_s)


def refused(question: Callable[[], object]) -> NotCoveredError:
    with pytest.raises(NotCoveredError) as found:
        question()
    assert found.value.code == "level-outside"
    return found.value


@pytest.mark.parametrize(
    ("level", "words", "zh"), [(195.0, "to 194.37 m", "至 194.37 米"), (160.0, "166.38 to", "166.38 至")]
)
def test_a_reading_outside_is_refused_with_the_range_in_both_languages(level: float, words: str, zh: str) -> None:
    error = refused(lambda: at_ciqikou((START_S, level)))
    facts = error.facts
    assert (facts["gauge"], facts["level_m"], facts["at_s"]) == ("ciqikou", level, START_S)
    assert facts["lowest_m"] == pytest.approx(LOWEST_M, abs=2e-3)
    assert facts["highest_m"] == pytest.approx(HIGHEST_M, abs=2e-3)
    assert words in error.message
    assert "Wusong datum" in error.message
    assert f"{level:.2f} m" in error.message
    assert zh in str(facts["zh"])
    assert "吴淞高程" in str(facts["zh"])


@pytest.mark.parametrize(("first", "last"), [(190.0, 198.0), (170.0, 162.0)])
def test_a_forecast_that_leaves_the_range_ends_the_water_at_that_instant(first: float, last: float) -> None:
    water = at_ciqikou((START_S, first), (START_S + 8000.0, last))
    lowest, highest = water.range_m("ciqikou", START_S)
    passed = START_S + 8000.0 * ((highest if last > first else lowest) - first) / (last - first)
    assert water.end_s == pytest.approx(passed, abs=1e-3)
    assert water.times_s[-1] == water.end_s
    assert water.known_s == (START_S, START_S + 8000.0)
    assert float(water.level_m(9600.0, water.end_s)) == pytest.approx(highest if last > first else lowest, abs=1e-6)
    later = water.end_s + 1.0
    for question in (water.level_m, water.sigma_m, water.low_m, water.high_m):
        error = refused(lambda question=question: question(5000.0, later))  # type: ignore[misc]
        assert error.facts["at_s"] == pytest.approx(passed, abs=1e-3)
        assert "the forecast passes that at 2021-09-05T0" in error.message
    refused(lambda: water.depth_m(5000.0, 0.0, later))
    refused(lambda: water.current_mps(5000.0, 0.0, later))
    refused(lambda: water.discharge_m3ps(np.array([START_S, later])))
    with pytest.raises(NotCoveredError, match="levels are known"):
        water.level_m(5000.0, START_S - 1.0)


def test_what_asks_over_a_span_ends_where_the_water_does() -> None:
    water = at_ciqikou((START_S, 193.0), (START_S + 3600.0, 197.0))
    reef = next(place for place in jialing().places.values() if place.kind == "reef")
    assert submergence(water, reef, START_S).early_s == START_S
    assert set(body_stages(water, reef, START_S)) == {"ankle", "knee", "waist", "footing"}
    refused(lambda: submergence(water, reef, water.end_s + 1.0))
    x, y = (float(value) for value in jialing().point(5000.0, 0.0))
    assert drift_track(jialing(), water, x, y, START_S, horizon_s=3600.0).times_s[-1] <= water.end_s
    refused(lambda: drift_track(jialing(), water, x, y, water.end_s + 1.0, horizon_s=60.0))


def test_the_run_around_the_latest_reading_is_covered_and_no_other() -> None:
    course = ((0.0, 196.0), (1000.0, 192.0), (2000.0, 193.0), (3000.0, 197.0), (4000.0, 190.0))
    water = at_ciqikou(*course, latest_s=1500.0)
    _, highest = water.range_m("ciqikou", 1500.0)
    assert water.start_s == pytest.approx(1000.0 * (196.0 - highest) / 4.0, abs=1e-3)
    assert water.end_s == pytest.approx(2000.0 + 1000.0 * (highest - 193.0) / 4.0, abs=1e-3)
    assert not water.covers(3900.0)  # back within, but not without a gap
    assert "it was beyond that until" in refused(lambda: water.level_m(0.0, water.start_s - 1.0)).message
    assert at_ciqikou(*course, latest_s=4000.0).start_s > 3000.0
    refused(lambda: at_ciqikou(*course, latest_s=3000.0))


def test_the_latest_of_all_readings_counts_and_the_forecast_goes_on_from_it() -> None:
    readings = {"jingkou": series((0.0, 190.0), (1800.0, 191.0)), "ciqikou": series((0.0, 188.0), (3600.0, 189.5))}
    forecast = {"ciqikou": series((3600.0, 189.5), (7200.0, 199.0), sigma_m=0.2)}
    water = known_water(jialing(), readings, forecast)
    assert water.latest_s == 3600.0
    assert 3600.0 < water.end_s < 7200.0
    assert water.ends is not None
    assert set(water.ends.gauges) == {"ciqikou", "jingkou"}
    above = {**readings, "ciqikou": series((0.0, 188.0), (3600.0, 205.0))}
    refused(lambda: known_water(jialing(), above, {}))


def test_the_range_is_told_at_a_gauge_as_the_others_stand() -> None:
    levels = {"caoxietuo": 186.0, "jingkou": 185.2, "ciqikou": 183.7}
    water = Water(jialing(), {name: series((0.0, level)) for name, level in levels.items()})
    family = jialing().family
    assert family is not None
    fitted = Fitted(family, np.sort([jialing().gauge(name).chainage_m for name in levels]))
    room = fitted.means_m[-1] - np.mean(list(levels.values()))
    for name, level in levels.items():
        assert water.range_m(name, 0.0)[1] == pytest.approx(level + room)


def test_gauges_that_contradict_each_other_do_not_meet_in_a_mean() -> None:
    levels = {"caoxietuo": 197.5, "ciqikou": 164.0}
    error = refused(lambda: Water(jialing(), {name: series((0.0, level)) for name, level in levels.items()}))
    assert error.facts["gauge"] in levels
    uphill = {"caoxietuo": 166.0, "ciqikou": 172.0}
    refused(lambda: Water(jialing(), {name: series((0.0, level)) for name, level in uphill.items()}))


def test_a_reading_that_does_not_fit_the_others_is_in_the_sigma() -> None:
    def sigma(off_m: float) -> float:
        levels = {"caoxietuo": 186.0, "jingkou": 185.2 + off_m, "ciqikou": 183.7}
        water = Water(jialing(), {name: series((0.0, level)) for name, level in levels.items()})
        return float(water.sigma_m(jialing().gauge("jingkou").chainage_m, 0.0))

    assert sigma(0.0) == pytest.approx(0.02)
    assert sigma(0.05) < 0.1, "no more than n that is wrong in places explains"
    assert sigma(1.6) > 0.7, "as if in another datum"


def low_banked() -> River:
    """Return a river surveyed up to 182 m, on 170 m of bed, without profiles; its surface falls 1 m downstream."""
    one = gauge_site("mid", 1000.0)
    return straight_river(wall_m=182.0, slope=1e-3, gauges=[one], reefs=[round_reef("rock", 500.0, 0.0, 179.0)])


def test_without_profiles_the_survey_is_what_covers() -> None:
    water = Water(low_banked(), {"mid": series((0.0, 180.0), (1000.0, 182.0))})
    assert water.tier == "gauges"
    assert water.end_s == pytest.approx(500.0)  # the surface reaches 182 m at the upper end first
    assert float(water.level_m(0.0, 500.0)) == pytest.approx(182.0)
    assert water.range_m("mid", 0.0) == pytest.approx((170.0, 181.0))
    assert "up to 181.00 m" in refused(lambda: water.level_m(1000.0, 501.0)).message
    refused(lambda: Water(low_banked(), {"mid": series((0.0, 181.5))}))
    assert "170.00 to" in refused(lambda: Water(low_banked(), {"mid": series((0.0, 169.0))})).message


def test_the_bed_of_another_place_does_not_end_low_water() -> None:
    def bar(chainage: Floats, _: Floats) -> Floats:
        return np.where(np.abs(chainage - 1000.0) < 150.0, 176.0, 170.0)

    river = straight_river(bed_m=bar)
    water = Water(river, {gauge.id: series((0.0, 175.0)) for gauge in river.gauges})
    assert float(water.depth_m(1000.0, 0.0, 0.0)) == pytest.approx(-1.0)


@given(
    st.lists(arrays(np.float64, 6, elements=st.floats(150.0, 210.0)), min_size=1, max_size=3),
    st.floats(0.0, 5.0),
    st.floats(0.0, 5.0),
    st.booleans(),
)
def test_no_answer_is_ever_given_outside_the_range(
    courses: list[Floats], latest: float, asked: float, computed: bool
) -> None:
    river = jialing() if computed else replace(jialing(), family=None)
    levels = {
        name: LevelSeries(np.arange(6.0), course, np.zeros(6)) for name, course in zip(GAUGES, courses, strict=False)
    }
    try:
        water = Water(river, levels, latest)
    except NotCoveredError as error:
        assert error.code == "level-outside"
        assert held_m(river, levels, latest) <= 1e-6
        return
    assert water.start_s <= latest <= water.end_s
    assert held_m(river, levels, latest) >= -1e-6
    for end_s in (water.start_s, water.end_s):
        if 0.0 < end_s < 5.0:
            assert abs(held_m(river, levels, end_s)) < 1e-6
    if water.covers(asked):
        assert held_m(river, levels, asked) >= -1e-6
        assert np.isfinite(water.level_m(np.array([0.0, 5000.0, 9600.0]), asked)).all()
    else:
        refused(lambda: water.level_m(5000.0, asked))


def held_m(river: River, levels: dict[str, LevelSeries], time_s: float) -> float:
    """Return how far levels are within the range at an instant, by a way of its own; negative: outside."""
    order = sorted(levels, key=lambda name: river.gauge(name).chainage_m)
    there = np.array([np.interp(time_s, levels[name].times_s, levels[name].levels_m) for name in order])
    places = np.array([river.gauge(name).chainage_m for name in order])
    if river.family is not None:
        low, high = Fitted(river.family, places).means_m[[0, -1]]
        every = np.vstack([river.family.levels_m, *river.family.variants_m])
        at_gauges = np.stack([np.interp(places, river.family.chainage_m, row) for row in every])
        own = np.minimum(there - at_gauges.min(axis=0), at_gauges.max(axis=0) - there).min()
        return float(min(there.mean() - low, high - there.mean(), own))
    sections = np.array([section.chainage_m for section in river.sections])
    ends = np.array([min(section.beds_m[0], section.beds_m[-1]) for section in river.sections])
    beds = np.array([section.beds_m.min() for section in river.sections])
    surface = river.surface
    slopes = np.interp(there, [surface.low_level_m, surface.flood_level_m], [surface.low_slope, surface.flood_slope])
    level = np.interp(sections, places, there)
    level += np.maximum(places[0] - sections, 0.0) * slopes[0] - np.maximum(sections - places[-1], 0.0) * slopes[-1]
    over_bed, below_end = there - np.interp(places, sections, beds), np.interp(places, sections, ends) - there
    return float(min((ends - level).min(), over_bed.min(), below_end.min()))
