"""From the readings and forecasts of some gauges to water that all of them cover.

A forecast is issued for a few main gauges only. Where a gauge's own values end before the others', its level goes on
with the change of the nearest gauge that has a forecast, and its error grows by the distance between the two.
"""

from collections.abc import Mapping

import numpy as np

from rescuecmd.river.model import River
from rescuecmd.river.spacing import spacing_error_m
from rescuecmd.river.water import LevelSeries, Water


def known_water(
    river: River, readings: Mapping[str, LevelSeries], forecasts: Mapping[str, LevelSeries] | None = None
) -> Water:
    """Return the water as known from readings (past) and forecasts (future), by gauge id.

    A forecast's values count only after the last reading of its gauge. The latest of all readings must be covered.

    Raises
    ------
    NotCoveredError
        No gauge has a level, the gauges have no time in common, or the latest reading is outside what is covered.
    NotFoundError
        A gauge id is not one of the river's.
    """
    later = forecasts or {}
    joined = {gauge_id: _join(readings.get(gauge_id), later.get(gauge_id)) for gauge_id in (*readings, *later)}
    if not joined:
        return Water(river, joined)
    end_s = max(float(series.times_s[-1]) for series in joined.values())
    whole = {gauge_id: series for gauge_id, series in joined.items() if series.times_s[-1] >= end_s}
    latest_s = max((float(series.times_s[-1]) for series in readings.values()), default=None)
    followed = {gauge_id: _follow(river, gauge_id, series, whole) for gauge_id, series in joined.items()}
    return Water(river, followed, latest_s)


def _join(reading: LevelSeries | None, forecast: LevelSeries | None) -> LevelSeries:
    if reading is None or forecast is None:
        only = reading if reading is not None else forecast
        assert only is not None  # noqa: S101 - the ids come from these two mappings
        return only
    later = forecast.times_s > reading.times_s[-1]
    return LevelSeries(
        np.concatenate([reading.times_s, forecast.times_s[later]]),
        np.concatenate([reading.levels_m, forecast.levels_m[later]]),
        np.concatenate([reading.sigmas_m, forecast.sigmas_m[later]]),
    )


def _follow(river: River, gauge_id: str, series: LevelSeries, whole: Mapping[str, LevelSeries]) -> LevelSeries:
    """Return the series carried on to the end by the change at the nearest gauge of `whole`."""
    if gauge_id in whole:
        return series
    here_m = river.gauge(gauge_id).chainage_m
    guide_id = min(whole, key=lambda other: (abs(river.gauge(other).chainage_m - here_m), other))
    guide, last_s = whole[guide_id], series.times_s[-1]
    later = guide.times_s > last_s
    change = guide.levels_m[later] - np.interp(last_s, guide.times_s, guide.levels_m)
    apart = spacing_error_m(abs(river.gauge(guide_id).chainage_m - here_m))
    return LevelSeries(
        np.concatenate([series.times_s, guide.times_s[later]]),
        np.concatenate([series.levels_m, series.levels_m[-1] + change]),
        np.concatenate([series.sigmas_m, np.hypot(guide.sigmas_m[later], apart)]),
    )
