"""Whether a gauge can be believed: readings that come too late, stand still, or jump.

A sensor that has died looks like a river that has calmed down. None of these rules changes a level; they say which
levels to doubt, and `decide` holds a jump aside until the next reading bears it out.
"""

from collections.abc import Iterable, Sequence

from rescuecmd.picture.water import Gauge, GaugeState, Reading

LATE_AFTER = 2.5
"""Readings may be missed once: this many intervals without one make a gauge stale (ours)."""

STUCK_READINGS = 5
"""The same value so many times in a row, while a neighbour moves, makes a gauge stuck (ours)."""

SAME_M = 0.0005
MOVED_M = 0.10
"""A neighbour has moved when it has changed by this much over the same time: five times what a board is read to."""

JITTER_M = 0.05
"""Waves and wash: a change this small is never too fast, however short the time."""


def too_fast(gauge: Gauge, before: Sequence[Reading], reading: Reading) -> float | None:
    """Return the rate, m/h, at which the water would have had to move since the last reading; None: plausible."""
    if gauge.max_rate_m_per_h is None or not before:
        return None
    last = before[-1]
    change_m, hours = reading.level_m - last.level_m, (reading.time_s - last.time_s) / 3600
    if abs(change_m) <= gauge.max_rate_m_per_h * hours + JITTER_M:
        return None
    return change_m / hours


def same(reading: Reading, other: Reading) -> bool:
    """Return whether two readings are of one level."""
    return abs(reading.level_m - other.level_m) <= SAME_M


def judge(gauge: Gauge, others: Iterable[Gauge], now_s: float) -> GaugeState:
    """Return what to make of a gauge now; one that has never been read is not judged."""
    if gauge.every_s is None or not gauge.recent:
        return "ok"
    latest = gauge.held or gauge.recent
    if now_s - latest[-1].time_s > LATE_AFTER * gauge.every_s:
        return "stale"
    return "stuck" if _stuck(gauge, others) else "ok"


def _stuck(gauge: Gauge, others: Iterable[Gauge]) -> bool:
    row = gauge.recent[-STUCK_READINGS:]
    if len(row) < STUCK_READINGS or not all(same(one, row[-1]) for one in row):
        return False
    return any(_moved(other, row[0].time_s, row[-1].time_s) for other in others if other.id != gauge.id)


def _moved(gauge: Gauge, from_s: float, to_s: float) -> bool:
    levels = [reading.level_m for reading in gauge.recent if from_s <= reading.time_s <= to_s]
    return len(levels) > 1 and abs(levels[-1] - levels[0]) >= MOVED_M
