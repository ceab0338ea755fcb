import random

import pytest

from rescuecmd.drill.hydrograph import (
    compression_fact,
    forecast,
    forecast_error_m_per_h,
    level_at,
    rise_m_per_min,
    true_water,
)
from rescuecmd.drill.script import Forecast
from tests.drill import stage


def test_a_series_is_squeezed_and_stands_still_before_and_after() -> None:
    script = stage.script()
    water = true_water(stage.river(), script.levels, stage.START_S, script.duration_s)
    series = water.series["down"]
    at = {t: level_at(series, stage.START_S + t) for t in (-1800, 0, 60, 360, 660, 1200, 9000)}
    assert at == pytest.approx({-1800: 175, 0: 175, 60: 175, 360: 177.5, 660: 180, 1200: 180, 9000: 180})
    assert rise_m_per_min(series, stage.START_S + 360) == pytest.approx(0.5)  # 5 m in 10 min
    assert water.covers(stage.START_S + script.duration_s + 3 * 3600)


def test_a_later_beginning_cuts_the_series() -> None:
    script = stage.script("  quiet: 1m\n", "  quiet: 0s\n  begin: 12h\n")
    series = true_water(stage.river(), script.levels, stage.START_S, script.duration_s).series["down"]
    assert level_at(series, stage.START_S) == pytest.approx(177.5)
    assert level_at(series, stage.START_S + 300) == pytest.approx(180)


def test_a_forecast_starts_right_and_errs_with_the_lead() -> None:
    script = stage.script()
    series = true_water(stage.river(), script.levels, stage.START_S, script.duration_s).series["down"]
    spec = Forecast(0.0, 7200.0, 600.0, 0.3, -1.0)
    errors = [forecast_error_m_per_h(spec, random.Random(seed)) for seed in range(400)]
    assert sum(errors) / 400 == pytest.approx(-1.0, abs=0.05)
    issued = forecast(series, spec, stage.START_S, -1.0)
    assert len(issued) == 12
    assert issued[-1].level_m == pytest.approx(180 - 2.0, abs=0.01)
    assert issued[-1].sigma_m == pytest.approx(0.62)


def test_the_squeeze_is_told() -> None:
    fact = compression_fact(stage.river(), stage.script().levels)
    assert "144" in fact.en
    assert "10m00s" in fact.zh
