"""Readings that come late, stand still or jump."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rescuecmd.errors import InputError
from rescuecmd.picture import commands as c
from rescuecmd.picture.events import GaugeRead, ReadingHeld
from rescuecmd.picture.gauging import judge, too_fast
from rescuecmd.picture.state import Picture
from rescuecmd.picture.water import Gauge, Reading
from tests.picture.cases import gauge, opening, run

WATCHED = replace(gauge(), every_s=600.0, max_rate_m_per_h=3.0)


def read(*levels: tuple[float, float]) -> tuple[Picture, list[type]]:
    """Return the picture after readings (time, level) of a watched gauge, and what became of each."""
    orders = [*opening(), c.PlaceGauge(replace(WATCHED, id="watched"))]
    before = len(run(orders)[1])
    picture, events = run([*orders, *(c.ReadGauge("watched", Reading(time_s, level)) for time_s, level in levels)])
    return picture, [type(event.body) for event in events[before:]]


def test_a_jump_is_held_aside_and_dropped_when_the_next_reading_does_not_bear_it_out() -> None:
    picture, became = read((0, 180.0), (600, 180.2), (1200, 185.0), (1800, 180.5))
    assert became == [GaugeRead, GaugeRead, ReadingHeld, GaugeRead]
    assert [one.level_m for one in picture.gauges["watched"].recent] == [180.0, 180.2, 180.5]
    assert picture.gauges["watched"].held == ()


def test_two_that_agree_are_a_wave_and_both_are_taken() -> None:
    picture, became = read((0, 180.0), (600, 185.0), (1200, 185.3))
    assert became == [GaugeRead, ReadingHeld, GaugeRead, GaugeRead]
    assert [one.level_m for one in picture.gauges["watched"].recent] == [180.0, 185.0, 185.3]


def test_an_old_or_repeated_reading_changes_nothing_held_or_not() -> None:
    _, became = read((600, 180.0), (600, 180.0), (300, 170.0), (1200, 190.0), (1200, 190.0), (900, 180.0))
    assert became == [GaugeRead, ReadingHeld]


def test_another_level_for_the_latest_instant_corrects_it() -> None:
    picture, became = read((0, 180.0), (600, 180.1), (600, 180.3), (1200, 190.0), (1200, 180.4), (0, 170.0))
    assert became == [GaugeRead, GaugeRead, GaugeRead, ReadingHeld, GaugeRead]
    assert [one.level_m for one in picture.gauges["watched"].recent] == [180.0, 180.3, 180.4]
    assert picture.gauges["watched"].held == ()


def test_a_correction_that_jumps_is_held_aside_too() -> None:
    picture, became = read((0, 180.0), (600, 180.1), (600, 188.0))
    assert became == [GaugeRead, GaugeRead, ReadingHeld]
    assert [one.level_m for one in picture.gauges["watched"].recent] == [180.0, 180.1]


@pytest.mark.parametrize("level", [float("nan"), float("inf")])
def test_what_is_no_number_is_refused(level: float) -> None:
    with pytest.raises(InputError, match="is no reading"):
        read((0, level))


@given(st.lists(st.floats(-2, 2), min_size=2, max_size=12))
def test_no_river_within_its_limit_is_ever_held(steps: list[float]) -> None:
    level, rows = 180.0, []
    for number, step in enumerate(steps):
        level += step * 3.0 * 600 / 3600 / 2
        rows.append((number * 600.0, level))
    assert set(read(*rows)[1]) == {GaugeRead}


def series(*levels: float, gauge_id: str = "a", every_s: float | None = 600.0) -> Gauge:
    recent = tuple(Reading(number * 600.0, level) for number, level in enumerate(levels))
    return replace(WATCHED, id=gauge_id, every_s=every_s, recent=recent)


def test_silence_is_stale_after_two_missed_readings() -> None:
    one = series(180.0, 180.1)
    assert judge(one, [one], 600.0 + 1400) == "ok"
    assert judge(one, [one], 600.0 + 1600) == "stale"
    assert judge(replace(one, every_s=None), [one], 1e9) == "ok"
    assert judge(replace(one, recent=()), [one], 1e9) == "ok"


def test_standing_still_is_stuck_only_while_a_neighbour_moves() -> None:
    still, moving = series(*[180.0] * 6), series(*(181 + 0.05 * n for n in range(6)), gauge_id="b")
    calm = series(*[181.0] * 6, gauge_id="c")
    assert judge(still, [still, moving], 3000.0) == "stuck"
    assert judge(still, [still, calm], 3000.0) == "ok"
    assert judge(still, [still], 3000.0) == "ok"
    assert judge(moving, [still, moving], 3000.0) == "ok"
    assert judge(series(180.0, 180.0, 180.0), [moving], 1200.0) == "ok"


def test_a_small_change_is_never_too_fast() -> None:
    assert too_fast(WATCHED, (Reading(0.0, 180.0),), Reading(0.001, 180.04)) is None
    assert too_fast(WATCHED, (Reading(0.0, 180.0),), Reading(60.0, 180.4)) == pytest.approx(24.0)
    assert too_fast(replace(WATCHED, max_rate_m_per_h=None), (Reading(0.0, 0.0),), Reading(1.0, 99.0)) is None
