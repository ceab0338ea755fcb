"""From the gauges of the picture to levels in time: what was read, what was forecast, and what is assumed beyond.

A forecast is corrected by its present error, because a river that stands half a metre above its forecast does not
fall back to it at the next full hour. Water found *higher* than forecast is believed for hours, water found lower for
one hour only: both errors lie on the side of the people on the rock.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from rescuecmd.geo import Floats
from rescuecmd.picture.water import Gauge, Reading
from rescuecmd.river.known import known_water
from rescuecmd.river.model import River
from rescuecmd.river.water import LevelSeries, Water

HORIZON_S = 3 * 3600.0
"""Levels are carried at least this far beyond the last reading (ours)."""

TREND_S = 1800.0
"""Without a forecast the present rate of rise goes on for this long, then the level holds (ours)."""

MAX_RATE_MPS = 2.0 / 3600
"""A rate of rise above 2 m/h is not carried on: over a quarter of an hour it is a wave, not a trend (ours)."""

DOUBT_MPS = 0.3 / 3600
"""What is assumed rather than forecast gets less certain by 0.3 m for each hour (ours)."""

HIGHER_LASTS_S = 6 * 3600.0
LOWER_LASTS_S = 3600.0
_STEP_S = 600.0


@dataclass(frozen=True, slots=True)
class _Line:
    times_s: Floats
    levels_m: Floats
    sigmas_m: Floats

    def series(self) -> LevelSeries:
        return LevelSeries(self.times_s, self.levels_m, self.sigmas_m)


def water_of(river: River, gauges: Mapping[str, Gauge]) -> Water:
    """Return the water as the picture knows it.

    Gauges that the river does not have are passed over, and so are stuck ones as long as there is another.

    Raises
    ------
    NotCoveredError
        No gauge has been read or forecast yet.
    """
    known = {site.id for site in river.gauges}
    usable = [gauge for gauge in gauges.values() if gauge.id in known and (gauge.recent or gauge.forecast)]
    usable = [gauge for gauge in usable if gauge.state != "stuck"] or usable
    last_s = max((gauge.recent[-1].time_s for gauge in usable if gauge.recent), default=0.0)
    read = {gauge.id: _line(gauge.recent) for gauge in usable if gauge.recent}
    forecast = {gauge.id: _corrected(gauge) for gauge in usable if gauge.forecast}
    forecast = {gauge_id: line for gauge_id, line in forecast.items() if line.times_s[-1] > last_s}
    end_s = max([last_s + HORIZON_S, *(float(line.times_s[-1]) for line in forecast.values())])
    if forecast:
        later = {gauge_id: _held(line, end_s) for gauge_id, line in forecast.items()}
    else:
        later = {gauge.id: _trend(gauge, end_s) for gauge in usable if gauge.recent}
    return known_water(
        river,
        {gauge_id: line.series() for gauge_id, line in read.items()},
        {gauge_id: line.series() for gauge_id, line in later.items()},
    )


def _line(readings: tuple[Reading, ...]) -> _Line:
    columns = zip(*((item.time_s, item.level_m, item.sigma_m) for item in readings), strict=True)
    return _Line(*(np.array(column, dtype=np.float64) for column in columns))


def _corrected(gauge: Gauge) -> _Line:
    """Return the forecast moved by its error at the last reading."""
    line = _line(gauge.forecast)
    if not gauge.recent or not line.times_s[0] <= gauge.recent[-1].time_s <= line.times_s[-1]:
        return line
    last = gauge.recent[-1]
    error_m = last.level_m - float(np.interp(last.time_s, line.times_s, line.levels_m))
    times = np.unique(np.concatenate([line.times_s, np.arange(last.time_s, line.times_s[-1], _STEP_S)]))
    lasts_s = HIGHER_LASTS_S if error_m > 0 else LOWER_LASTS_S
    share = np.exp(-np.maximum(times - last.time_s, 0.0) / lasts_s)
    level = np.interp(times, line.times_s, line.levels_m) + error_m * share
    return _Line(times, level, np.interp(times, line.times_s, line.sigmas_m))


def _held(line: _Line, end_s: float) -> _Line:
    """Return the line carried on at its last level, with growing doubt."""
    return _carried(line, float(line.times_s[-1]), 0.0, end_s)


def _trend(gauge: Gauge, end_s: float) -> _Line:
    """Return readings carried on at the present rate of rise, then held."""
    rate = (gauge.rise_m_per_h or 0.0) / 3600
    return _carried(
        _line(gauge.recent), gauge.recent[-1].time_s, float(np.clip(rate, -MAX_RATE_MPS, MAX_RATE_MPS)), end_s
    )


def _carried(line: _Line, from_s: float, rate_mps: float, end_s: float) -> _Line:
    if end_s <= from_s:
        return line
    times = np.append(np.arange(from_s + _STEP_S, end_s, _STEP_S), end_s)
    gone = times - from_s
    level = line.levels_m[-1] + rate_mps * np.minimum(gone, TREND_S)
    sigma = line.sigmas_m[-1] + DOUBT_MPS * gone
    return _Line(
        np.concatenate([line.times_s, times]),
        np.concatenate([line.levels_m, level]),
        np.concatenate([line.sigmas_m, sigma]),
    )
