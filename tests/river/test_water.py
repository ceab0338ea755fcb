import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from rescuecmd.errors import InputError, NotCoveredError, NotFoundError
from rescuecmd.geo import Floats
from rescuecmd.river.spacing import spacing_error_m
from rescuecmd.river.water import BOUND_SIGMAS, READING_SIGMA_M, LevelSeries, Water
from tests.river.teaching import gauge_site, rising_water, still_water, straight_river


def series(*points: tuple[float, float], sigma_m: float = 0.0) -> LevelSeries:
    times, levels = np.array(points).T
    return LevelSeries(times, levels, np.full(len(times), sigma_m))


def test_the_level_is_linear_in_time_and_along_the_river() -> None:
    river = straight_river(10_000.0)
    water = Water(river, {"up": series((0, 180), (100, 184)), "down": series((0, 178), (100, 180))})
    level = water.level_m(np.array([0.0, 2500.0, 10_000.0]), np.array([0.0, 50.0, 100.0])[:, None])
    assert np.allclose(level, np.array([[180, 179.5, 178], [182, 181.25, 179], [184, 183, 180]]))
    assert water.level_m(5000.0, 50.0) == pytest.approx(180.5)


def test_beyond_the_outer_gauges_the_surface_keeps_the_rivers_slope() -> None:
    river = straight_river(10_000.0, slope=2e-4, gauges=[gauge_site("mid", 4000.0)])
    water = Water(river, {"mid": series((0, 180), (10, 180))})
    assert np.allclose(water.level_m(np.array([0.0, 4000.0, 10_000.0]), 5.0), [180.8, 180.0, 178.8])


def test_the_error_is_the_readings_at_a_gauge_and_grows_between_gauges() -> None:
    river = straight_river(5000.0)
    water = still_water(river)
    sigma = water.sigma_m(np.linspace(0, 5000, 401), 0.0)
    assert sigma[0] == sigma[-1] == pytest.approx(READING_SIGMA_M)
    assert np.argmax(sigma) == 200
    # over the span it has the measured root mean square: 0.16 m for gauges 5 km apart
    assert np.sqrt(np.mean(sigma**2 - READING_SIGMA_M**2)) == pytest.approx(0.16, rel=0.02)


def test_the_error_grows_beyond_the_last_gauge() -> None:
    river = straight_river(10_000.0, gauges=[gauge_site("mid", 0.0)])
    sigma = Water(river, {"mid": series((0, 180), (10, 180))}).sigma_m(np.array([0.0, 2500.0, 9000.0]), 0.0)
    assert sigma[0] == pytest.approx(0.02)
    assert sigma[1] == pytest.approx(np.hypot(0.16, 0.02))
    assert sigma[2] > sigma[1]


def test_a_forecasts_own_error_is_in_the_bounds() -> None:
    river = straight_river()
    water = Water(
        river, {"up": series((0, 180), (9, 180), sigma_m=0.5), "down": series((0, 180), (9, 180), sigma_m=0.5)}
    )
    own = np.hypot(0.5, READING_SIGMA_M)
    assert water.low_m(0.0, 5.0) == pytest.approx(180 - BOUND_SIGMAS * own)
    assert water.high_m(0.0, 5.0) == pytest.approx(180 + BOUND_SIGMAS * own)


def test_only_what_every_gauge_covers_is_covered() -> None:
    water = Water(straight_river(), {"up": series((0, 180), (60, 181)), "down": series((30, 180), (90, 181))})
    assert (water.start_s, water.end_s) == (30.0, 60.0)
    assert water.covers(45)
    assert not water.covers(61)
    assert water.times_s.tolist() == [30.0, 60.0]


@pytest.mark.parametrize("chainage", [-50.0, 2050.0, np.nan])
def test_outside_the_river_is_not_covered(chainage: float) -> None:
    with pytest.raises(NotCoveredError, match="chainage"):
        still_water(straight_river()).level_m(chainage, 0.0)


@pytest.mark.parametrize("at", [-1.0, 3601.0, np.nan, np.inf])
def test_outside_the_time_is_not_covered(at: float) -> None:
    with pytest.raises(NotCoveredError, match="levels are known"):
        rising_water(straight_river()).level_m(5.0, at)


def test_water_needs_a_level_a_known_gauge_and_a_common_time() -> None:
    river = straight_river()
    with pytest.raises(NotCoveredError, match="no gauge"):
        Water(river, {})
    with pytest.raises(NotFoundError, match="did you mean 'down'"):
        Water(river, {"downn": series((0, 180))})
    with pytest.raises(NotCoveredError, match="no time in common"):
        Water(river, {"up": series((0, 180), (1, 180)), "down": series((2, 180), (3, 180))})


@pytest.mark.parametrize(
    ("times", "levels", "sigmas"),
    [
        ([], [], []),
        ([0, 0], [1, 1], [0, 0]),
        ([1, 0], [1, 1], [0, 0]),
        ([0, 1], [1, np.nan], [0, 0]),
        ([0, 1], [1, 1], [0, -1]),
        ([0, 1], [1], [0, 0]),
        ([[0, 1]], [[1, 1]], [[0, 0]]),
    ],
)
def test_a_bad_level_series_is_refused(times: list[float], levels: list[float], sigmas: list[float]) -> None:
    with pytest.raises(InputError):
        LevelSeries(np.array(times), np.array(levels), np.array(sigmas))


@given(arrays(np.float64, 5, elements=st.floats(170, 190)), st.floats(0, 2000), st.floats(0, 4))
def test_the_level_stays_between_the_levels_of_the_gauges(levels: Floats, chainage: float, at: float) -> None:
    up = LevelSeries(np.arange(5.0), levels, np.zeros(5))
    down = LevelSeries(np.arange(5.0), levels[::-1].copy(), np.zeros(5))
    level = float(Water(straight_river(), {"up": up, "down": down}).level_m(chainage, at))
    assert levels.min() - 1e-9 <= level <= levels.max() + 1e-9


def test_spacing_error_is_the_measured_table() -> None:
    assert np.allclose(spacing_error_m(np.array([0, 2e3, 13e3, 99e3])), [0, 0.09, 0.34, 0.98])


def test_levels_of_a_whole_network_take_milliseconds() -> None:
    river = straight_river(9600.0, 400.0)
    water = rising_water(river)
    rng = np.random.default_rng(1)
    chainage, offset = rng.uniform(0, 9600, 11_000), rng.uniform(-200, 200, 11_000)
    knots = np.linspace(0.0, 3600.0, 50)[:, None]
    river.bed_m(chainage, offset)

    def best_s(work: object) -> float:
        spent = []
        for _ in range(5):
            start = time.process_time()
            work()  # type: ignore[operator]
            spent.append(time.process_time() - start)
        return min(spent)

    assert best_s(lambda: water.level_m(chainage, knots)) < 0.05
    assert best_s(lambda: river.bed_m(chainage, offset)) < 0.05
