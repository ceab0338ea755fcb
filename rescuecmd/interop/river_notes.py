"""What is no fault in a river package but worth a second look.

Gaps and jumps in series, levels beyond those that the river covers, water nobody surveyed.
"""

from collections.abc import Iterator
from datetime import UTC, datetime

import numpy as np

from rescuecmd.errors import NotCoveredError
from rescuecmd.picture.gauging import JITTER_M
from rescuecmd.river.feature import Series
from rescuecmd.river.model import River
from rescuecmd.river.water import LevelSeries, Water

GAP_STEPS = 4.0
"""A pause of this many usual steps of a series is a gap."""

MAX_RATE_M_PER_H = 6.0
"""Faster than this a level jumps, where the gauge does not say more (agency default, as for live readings)."""

_MOST = 3  # of a kind, for each series


def notes(river: River) -> Iterator[str]:
    """Yield one sentence for each thing to look at."""
    for series in river.series:
        yield from _outside(river, series)
        yield from _gaps(series)
        yield from _jumps(series, river.gauge(series.gauge_id).max_rate_m_per_h or MAX_RATE_M_PER_H)
    if river.rating is None:
        yield "there is no rating: no current is known, and routes reckon with none"
    share = float(np.isnan(river.bed.table_m).mean())
    if share > 0:
        yield f"{100 * share:.1f} % of the width is not surveyed: no boat is sent there"
    spacing = np.diff([section.chainage_m for section in river.sections])
    if spacing.max() > 5 * np.median(spacing):
        at = int(np.argmax(spacing))
        pair = f"{river.sections[at].id} and {river.sections[at + 1].id}"
        yield f"{spacing[at]:.0f} m without a section between {pair}; the bed there is a straight line"


def _outside(river: River, series: Series) -> Iterator[str]:
    """Yield where a series goes beyond the levels that the river covers, by itself."""
    for level_m in sorted({float(series.levels_m.max()), float(series.levels_m.min())}, reverse=True):
        try:
            Water(river, {series.gauge_id: LevelSeries(np.zeros(1), np.array([level_m]), np.zeros(1))})
        except NotCoveredError as error:
            yield f"series {series.id}: {error.message}"


def _gaps(series: Series) -> Iterator[str]:
    steps = np.diff(series.times_s)
    if len(steps) < 3:
        return
    usual = float(np.median(steps))
    for at in np.flatnonzero(steps > GAP_STEPS * usual)[:_MOST]:
        pause = f"{steps[at] / 3600:.1f} h without a level after {_clock(series.times_s[at])}"
        yield f"series {series.id}: {pause} (every {usual / 60:.0f} min otherwise)"


def _jumps(series: Series, most_m_per_h: float) -> Iterator[str]:
    change, hours = np.diff(series.levels_m), np.diff(series.times_s) / 3600
    for at in np.flatnonzero(np.abs(change) > most_m_per_h * hours + JITTER_M)[:_MOST]:
        rate = change[at] / hours[at]
        yield f"series {series.id}: {change[at]:+.2f} m to {_clock(series.times_s[at + 1])}, {rate:+.1f} m an hour"


def _clock(time_s: float) -> str:
    return datetime.fromtimestamp(time_s, UTC).strftime("%Y-%m-%dT%H:%MZ")
