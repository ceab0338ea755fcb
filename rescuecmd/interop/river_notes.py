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
from rescuecmd.text import Text

GAP_STEPS = 4.0
"""A pause of this many usual steps of a series is a gap."""

MAX_RATE_M_PER_H = 6.0
"""Faster than this a level jumps, where the gauge does not say more (agency default, as for live readings)."""

_MOST = 3  # of a kind, for each series


def notes(river: River) -> Iterator[Text]:
    """Yield one sentence for each thing to look at."""
    for series in river.series:
        yield from _outside(river, series)
        yield from _gaps(series)
        yield from _jumps(series, river.gauge(series.gauge_id).max_rate_m_per_h or MAX_RATE_M_PER_H)
    if river.rating is None:
        yield Text(
            "没有水位流量关系：流速未知，航路按静水计算",
            "there is no rating: no current is known, and routes reckon with none",
        )
    share = float(np.isnan(river.bed.table_m).mean())
    if share > 0:
        percent = f"{100 * share:.1f} %"
        yield Text(
            f"{percent} 的河宽没有测深：不派艇去那里",
            f"{percent} of the width is not surveyed: no boat is sent there",
        )
    spacing = np.diff([section.chainage_m for section in river.sections])
    if spacing.max() > 5 * np.median(spacing):
        at = int(np.argmax(spacing))
        first, second = river.sections[at].id, river.sections[at + 1].id
        yield Text(
            f"{first} 与 {second} 之间 {spacing[at]:.0f} 米没有断面，河床按直线内插",
            f"{spacing[at]:.0f} m without a section between {first} and {second}; the bed there is a straight line",
        )


def _outside(river: River, series: Series) -> Iterator[Text]:
    """Yield where a series goes beyond the levels that the river covers, by itself."""
    for level_m in sorted({float(series.levels_m.max()), float(series.levels_m.min())}, reverse=True):
        try:
            Water(river, {series.gauge_id: LevelSeries(np.zeros(1), np.array([level_m]), np.zeros(1))})
        except NotCoveredError as error:
            yield Text(
                f"序列 {series.id}：{error.facts.get('zh', error.message)}", f"series {series.id}: {error.message}"
            )


def _gaps(series: Series) -> Iterator[Text]:
    steps = np.diff(series.times_s)
    if len(steps) < 3:
        return
    usual = float(np.median(steps))
    for at in np.flatnonzero(steps > GAP_STEPS * usual)[:_MOST]:
        hours, since, every = f"{steps[at] / 3600:.1f}", _clock(series.times_s[at]), f"{usual / 60:.0f}"
        yield Text(
            f"序列 {series.id}：{since} 之后 {hours} 小时没有水位（其余每 {every} 分钟一个）",
            f"series {series.id}: {hours} h without a level after {since} (every {every} min otherwise)",
        )


def _jumps(series: Series, most_m_per_h: float) -> Iterator[Text]:
    change, hours = np.diff(series.levels_m), np.diff(series.times_s) / 3600
    for at in np.flatnonzero(np.abs(change) > most_m_per_h * hours + JITTER_M)[:_MOST]:
        jump, rate, until = f"{change[at]:+.2f}", f"{change[at] / hours[at]:+.1f}", _clock(series.times_s[at + 1])
        yield Text(
            f"序列 {series.id}：到 {until} 变化 {jump} 米，每小时 {rate} 米",
            f"series {series.id}: {jump} m to {until}, {rate} m an hour",
        )


def _clock(time_s: float) -> str:
    return datetime.fromtimestamp(time_s, UTC).strftime("%Y-%m-%dT%H:%MZ")
