"""The true level of a drill: a series of the river package squeezed in time, and forecasts of it that err."""

import random
from contextlib import suppress
from dataclasses import replace

import numpy as np

from rescuecmd.drill.script import Forecast, Levels
from rescuecmd.errors import NotCoveredError
from rescuecmd.picture.water import Reading
from rescuecmd.river.model import River
from rescuecmd.river.water import LevelSeries, Water
from rescuecmd.text import Text
from rescuecmd.units import format_duration

BEFORE_S = 3600.0  # the level is known to have stood for this long before the drill
BEYOND_S = 4 * 3600.0  # and is defined for this long after it, so that routes near the end can still be searched


def true_water(river: River, levels: Levels, start_s: float, duration_s: float) -> Water:
    """Return the water as it truly is during the drill: gauge series moved to `start_s` and squeezed.

    Before the drill the level stands; after the end of the series it keeps its last value.

    Raises
    ------
    NotCoveredError
        The drill would begin outside the levels that the river covers.
    """
    until_s = start_s + duration_s + BEYOND_S
    return Water(
        river, {gauge: _squeezed(river, levels, name, start_s, until_s) for gauge, name in levels.series.items()}
    )


def run_at(water: Water, time_s: float) -> tuple[Water, float]:
    """Return the water of the run of covered levels around an instant, and the instant.

    While the level is outside what the river covers, no surface can be computed: then it is the water as it was, and
    the instant of it that is nearest. The levels at the gauges themselves are true at every instant.
    """
    if not water.covers(time_s):
        with suppress(NotCoveredError):
            water = replace(water, latest_s=time_s)
    return water, min(max(time_s, water.start_s), water.end_s)


def outside_fact(water: Water, start_s: float, duration_s: float) -> Text | None:
    """Return the sentence that says when a drill's level leaves what its river covers; None where it never does."""
    if water.ends is None or water.ends.at_s >= start_s + duration_s:
        return None
    when, text = format_duration(water.ends.at_s - start_s), water.ends.covered
    return Text(
        f"{text.zh}，演练 {when} 起超出：此后水流和水深保持最后算得的值，直到水位回到范围内",
        f"{text.en}; the drill passes that at {when}: from then on currents and depths stay as last computed, "
        "until the level is back within",
    )


def _squeezed(river: River, levels: Levels, series_id: str, start_s: float, until_s: float) -> LevelSeries:
    series = river.find_series(series_id)
    moved_s = np.asarray(series.times_s, dtype=np.float64) - series.times_s[0] - levels.from_s
    keep = moved_s > 0.0
    first_m = float(np.interp(0.0, moved_s, series.levels_m))
    times_s = start_s + levels.quiet_s + moved_s[keep] / levels.compression
    heights_m = np.asarray(series.levels_m, dtype=np.float64)[keep]
    keep = times_s < until_s
    times_s, heights_m = times_s[keep], heights_m[keep]
    last_m = float(heights_m[-1]) if heights_m.size else first_m
    times_s = np.concatenate(([start_s - BEFORE_S, start_s + levels.quiet_s], times_s, [until_s]))
    heights_m = np.concatenate(([first_m, first_m], heights_m, [last_m]))
    return LevelSeries(times_s, heights_m, np.zeros_like(heights_m))


def level_at(series: LevelSeries, time_s: float) -> float:
    """Return the level of one gauge, m, linear in time."""
    return float(np.interp(time_s, series.times_s, series.levels_m))


def rise_m_per_min(series: LevelSeries, time_s: float) -> float:
    """Return how fast a level rises, m per minute, over the minute before `time_s`."""
    return level_at(series, time_s) - level_at(series, time_s - 60.0)


def forecast_error_m_per_h(spec: Forecast, rng: random.Random) -> float:
    """Return how wrong a forecast is in this run, m for each hour of lead; always takes one draw."""
    return rng.gauss(0.0, spec.sigma_m_per_h) + spec.bias_m_per_h


def forecast(series: LevelSeries, spec: Forecast, issued_s: float, error_m_per_h: float) -> tuple[Reading, ...]:
    """Return a forecast of a level with its error, which all gauges share: they come from one model.

    It begins right and goes wrong with the lead; the next forecast corrects it.
    """
    leads_s = np.arange(spec.step_s, spec.horizon_s + spec.step_s / 2, spec.step_s)
    return tuple(
        Reading(
            issued_s + lead_s,
            round(level_at(series, issued_s + lead_s) + error_m_per_h * lead_s / 3600.0, 3),
            round(0.02 + spec.sigma_m_per_h * lead_s / 3600.0, 3),
        )
        for lead_s in map(float, leads_s)
    )


def compression_fact(river: River, levels: Levels) -> Text:
    """Return the sentence that says what was squeezed; it stands in the operation's facts and in the report."""
    series = river.find_series(levels.series[levels.main_gauge_id])
    real, drill = format_duration(levels.real_s), format_duration(levels.drill_s)
    return Text(
        zh=f"水位过程取自 {series.name.zh}，时间压缩 {levels.compression:.0f} 倍：实际 {real} 压缩为演练 {drill}",
        en=f"Levels follow {series.name.en}, squeezed {levels.compression:.0f} times: {real} of it pass in {drill}",
    )
