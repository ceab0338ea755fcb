import numpy as np
import pytest

from rescuecmd.errors import NotCoveredError, NotFoundError
from rescuecmd.river.known import known_water
from rescuecmd.river.spacing import spacing_error_m
from tests.river.teaching import gauge_site, straight_river
from tests.river.test_water import series

RIVER = straight_river(6000.0, gauges=[gauge_site("a", 0.0), gauge_site("b", 2000.0), gauge_site("c", 6000.0)])


def test_a_forecast_counts_after_the_last_reading() -> None:
    water = known_water(RIVER, {"a": series((0, 180), (10, 181))}, {"a": series((5, 190), (20, 182), sigma_m=0.4)})
    assert np.allclose(water.level_m(0.0, np.array([0.0, 10.0, 15.0, 20.0])), [180, 181, 181.5, 182])
    assert water.sigma_m(0.0, 20.0) > water.sigma_m(0.0, 10.0)


def test_a_gauge_without_a_forecast_follows_the_nearest_that_has_one() -> None:
    readings = {name: series((0, 180), (10, 180)) for name in ("a", "b", "c")}
    forecasts = {"b": series((12, 181), (20, 183), sigma_m=0.2), "c": series((20, 188), sigma_m=0.2)}
    water = known_water(RIVER, readings, forecasts)
    assert water.end_s == 20.0
    assert np.allclose(water.level_m(np.array([0.0, 2000.0, 6000.0]), 20.0), [183, 183, 188])
    far = np.hypot(0.2, spacing_error_m(2000.0))
    assert water.series["a"].sigmas_m[-1] == pytest.approx(far)


def test_readings_alone_reach_to_the_latest_of_them() -> None:
    water = known_water(RIVER, {"a": series((0, 180), (10, 180)), "b": series((0, 179), (12, 180))})
    assert water.end_s == 12.0
    assert water.level_m(0.0, 12.0) == pytest.approx(180 + (180 - 179) * 2 / 12)


def test_a_forecast_alone_is_enough_and_nothing_is_not() -> None:
    assert known_water(RIVER, {}, {"a": series((0, 180), (10, 181))}).end_s == 10.0
    with pytest.raises(NotCoveredError):
        known_water(RIVER, {})


def test_an_unknown_gauge_is_refused() -> None:
    with pytest.raises(NotFoundError):
        known_water(RIVER, {"a": series((0, 180), (10, 180)), "x": series((0, 180))})
