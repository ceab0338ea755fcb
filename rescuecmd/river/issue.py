"""The water as it was known at an instant, and what came of a forecast.

Whoever judges a decision afterwards must see the water that the decision saw: the readings up to that instant and the
last forecast issued before it, nothing that came later.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from rescuecmd.errors import NotCoveredError
from rescuecmd.geo import Floats
from rescuecmd.river.feature import Series
from rescuecmd.river.known import known_water
from rescuecmd.river.model import River
from rescuecmd.river.water import READING_SIGMA_M, LevelSeries, Water

STALE_S = 24 * 3600.0
"""A reading this old says nothing of the water now."""


@dataclass(frozen=True, eq=False)
class Known:
    """What was known at an instant: the water, and by gauge its last reading and the issue of its forecast, s."""

    at_s: float
    water: Water
    read_s: Mapping[str, float]
    issued_s: Mapping[str, float]


@dataclass(frozen=True, eq=False)
class Verdict:
    """A forecast against the readings that came; arrays of one shape (n,), n > 0.

    ``errors_m`` is forecast less reading: positive where the forecast was too high. ``sigmas_m`` is the error that the
    forecast stated for itself, with that of reading a board.
    """

    leads_s: Floats
    errors_m: Floats
    sigmas_m: Floats

    @property
    def bias_m(self) -> float:
        """Mean error."""
        return float(self.errors_m.mean())

    @property
    def rmse_m(self) -> float:
        """Root of the mean square of the error."""
        return float(np.sqrt((self.errors_m**2).mean()))

    @property
    def held(self) -> float:
        """Share of the errors within two stated sigma; about 0.95 for a forecast that knows itself."""
        return float((np.abs(self.errors_m) <= 2 * self.sigmas_m).mean())


def as_known(river: River, at_s: float) -> Known:
    """Return the river's water as its series let it be known at an instant.

    Of each gauge the observed series read last counts, up to the instant, and the forecast issued last.

    Raises
    ------
    NotCoveredError
        No gauge had a reading or a forecast then that was less than a day old.
    """
    readings = dict(_readings(river, at_s))
    forecasts = dict(_forecasts(river, at_s))
    if not readings and not forecasts:
        raise NotCoveredError(
            "nothing-known",
            f"no gauge of {river.id} had a level on file in the day before that instant",
            zh=f"该时刻之前一天内，{river.id} 没有任何水位站有水位记录",
            at_s=at_s,
        )
    return Known(
        at_s,
        known_water(river, readings, {gauge_id: levels for gauge_id, (_, levels) in forecasts.items()}),
        {gauge_id: float(series.times_s[-1]) for gauge_id, series in readings.items()},
        {gauge_id: issued_s for gauge_id, (issued_s, _) in forecasts.items()},
    )


def verdict(river: River, forecast: Series) -> Verdict:
    """Return how a forecast fared at the instants for which the same gauge was read later.

    Raises
    ------
    NotCoveredError
        No observed series of the gauge reaches into the forecast.
    """
    found = [_against(forecast, series) for series in _of(river, "observed") if series.gauge_id == forecast.gauge_id]
    best = max(found, key=lambda one: len(one.leads_s), default=None)
    if best is None or not len(best.leads_s):
        raise NotCoveredError(
            "no-readings", f"no reading of gauge {forecast.gauge_id} is on file for the time of {forecast.id}"
        )
    return best


def rise_m_per_h(water: Water, chainage_m: ArrayLike, time_s: float, *, over_s: float = 3600.0) -> Floats:
    """Return how fast the water has been rising, m/h (negative: falling), of the shape of the places.

    The change over the time before the instant counts; at the beginning of what is known, that over the time after it.

    Raises
    ------
    NotCoveredError
        A place or the instant is not covered, or only one instant is known.
    """
    begin = max(time_s - over_s, water.start_s)
    end = time_s if begin < time_s else min(time_s + over_s, water.end_s)
    if end <= begin:
        raise NotCoveredError("no-rise", "a rate of rise needs levels at two instants", time_s=time_s)
    change = water.level_m(chainage_m, end) - water.level_m(chainage_m, begin)
    rate: Floats = change / (end - begin) * 3600.0
    return rate


def _readings(river: River, at_s: float) -> Iterator[tuple[str, LevelSeries]]:
    """Yield the observed levels of each gauge up to an instant, where the last of them is not stale."""
    last: dict[str, LevelSeries] = {}
    for series in _of(river, "observed"):
        known = series.times_s <= at_s
        if not known.any() or at_s - series.times_s[known][-1] > STALE_S:
            continue
        levels = _cut(series, known)
        other = last.get(series.gauge_id)
        if other is None or levels.times_s[-1] > other.times_s[-1]:
            last[series.gauge_id] = levels
    yield from last.items()


def _forecasts(river: River, at_s: float) -> Iterator[tuple[str, tuple[float, LevelSeries]]]:
    """Yield the issue and the levels of each gauge's last forecast before an instant that still reaches beyond it."""
    last: dict[str, Series] = {}
    for series in _of(river, "forecast"):
        if at_s - STALE_S <= _issued_s(series) <= at_s < series.times_s[-1]:
            other = last.get(series.gauge_id)
            if other is None or _issued_s(series) > _issued_s(other):
                last[series.gauge_id] = series
    for gauge_id, series in last.items():
        yield gauge_id, (_issued_s(series), _cut(series, np.ones(len(series.times_s), dtype=np.bool_)))


def _of(river: River, kind: str) -> Iterator[Series]:
    return (series for series in river.series if series.kind == kind)


def _issued_s(series: Series) -> float:
    return series.issued_s if series.issued_s is not None else float(series.times_s[0])


def _cut(series: Series, keep: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> LevelSeries:
    return LevelSeries(series.times_s[keep], series.levels_m[keep], series.sigma_m[keep])


def _against(forecast: Series, observed: Series) -> Verdict:
    inside = (forecast.times_s >= observed.times_s[0]) & (forecast.times_s <= observed.times_s[-1])
    times = forecast.times_s[inside]
    came = np.interp(times, observed.times_s, observed.levels_m)
    return Verdict(
        times - _issued_s(forecast),
        forecast.levels_m[inside] - came,
        np.hypot(forecast.sigma_m[inside], READING_SIGMA_M),
    )
