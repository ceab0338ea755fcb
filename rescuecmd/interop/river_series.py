"""The level series of a river package: every row's time, level and vertical datum, brought to the river's."""

from collections.abc import Iterator
from itertools import pairwise

import numpy as np

from rescuecmd.errors import Fault, nearest
from rescuecmd.interop.csv_table import Row, Table
from rescuecmd.interop.river_file import SeriesFile
from rescuecmd.interop.river_parts import Parts
from rescuecmd.interop.river_places import offset_m
from rescuecmd.river.feature import Series
from rescuecmd.text import Text

_CONFIDENCE = ("high", "medium", "low")
_KINDS = ("observed", "forecast")
_DATUMS = ("wusong", "huanghai", "egm2008", "local")
LOWEST_M, HIGHEST_M = -500.0, 9000.0


def series(parts: Parts) -> Iterator[Series]:
    """Yield the series whose every row is good; note every fault of the others."""
    known = [item.data.id for item in parts.gauges]
    seen: set[str] = set()
    for number, entry, table in parts.series:
        _check_entry(parts, number, entry, known, seen)
        seen.add(entry.id)
        before = len(table.faults)
        rows = [_row(table, row, entry) for row in table.rows]
        add_m = _offset(parts, entry, table)
        _check_times(table, [(row, found[0]) for row, found in zip(table.rows, rows, strict=True) if found])
        if len(table.faults) == before and add_m is not None and rows:
            yield _series(entry, [found for found in rows if found], add_m)


def _check_entry(parts: Parts, number: int, entry: SeriesFile, known: list[str], seen: set[str]) -> None:
    assert parts.document is not None  # noqa: S101 - series come from it
    if known and entry.gauge not in known:
        message = f"no gauge {entry.gauge!r}{nearest(entry.gauge, known)}"
        parts.faults.append(parts.document.fault(message, "series", number, "gauge"))
    if entry.id in seen:
        parts.faults.append(parts.document.fault(f"the id {entry.id!r} is taken", "series", number, "id"))
    if entry.kind == "forecast" and entry.issued is None:
        parts.faults.append(parts.document.fault("a forecast needs the time it was issued", "series", number))


def _row(table: Table, row: Row, entry: SeriesFile) -> tuple[float, float, float, bool] | None:
    """Return time, level, sigma and whether the source published the level."""
    time = table.time_s(row, "time")
    level, sigma = table.number(row, "level_m"), table.number(row, "sigma_m")
    kind = table.one_of(row, "kind", _KINDS)
    table.one_of(row, "confidence", _CONFIDENCE)
    if kind is not None and kind != entry.kind:
        table.fault(row, "kind", f"river.yaml says {entry.kind!r}, this row says {kind!r}")
    if level is not None and not LOWEST_M <= level <= HIGHEST_M:
        table.fault(row, "level_m", f"expected a level in m above the vertical datum, got {level:g}")
    if sigma is not None and sigma < 0:
        table.fault(row, "sigma_m", f"must not be negative, got {sigma:g}")
    if not row.cells["source"]:
        table.fault(row, "source", "every level needs its source")
    if time is None or level is None or sigma is None:
        return None
    return time, level, sigma, row.cells["source"].startswith("published")


def _offset(parts: Parts, entry: SeriesFile, table: Table) -> float | None:
    """Return what brings the rows to the river's vertical datum; they must all stand on one."""
    named = [(row, table.one_of(row, "vertical_datum", _DATUMS)) for row in table.rows]
    used = [(row, datum) for row, datum in named if datum]
    if not used:
        return None
    first = used[0][1]
    for row, datum in used:
        if datum != first:
            table.fault(row, "vertical_datum", f"vertical datums are mixed: {datum!r} after {first!r}")
    add_m = offset_m(parts, entry.gauge, first)
    if add_m is None:
        message = f"river.yaml has no datum_offsets entry from {first!r} for gauge {entry.gauge!r}"
        table.fault(used[0][0], "vertical_datum", message)
    return add_m


def _check_times(table: Table, timed: list[tuple[Row, float]]) -> None:
    for (_, before), (row, after) in pairwise(timed):
        if after <= before:
            table.fault(row, "time", "times must grow from row to row")


def _series(entry: SeriesFile, rows: list[tuple[float, float, float, bool]], add_m: float) -> Series:
    times, levels, sigmas, published = zip(*rows, strict=True)
    return Series(
        id=entry.id,
        name=Text(entry.name.zh, entry.name.en),
        gauge_id=entry.gauge,
        kind=entry.kind,
        times_s=np.array(times),
        levels_m=np.array(levels) + add_m,
        sigma_m=np.array(sigmas),
        source=entry.source,
        confidence=entry.confidence,
        note=Text(entry.note.zh, entry.note.en),
        published=tuple(published),
        issued_s=entry.issued,
    )


def table_faults(parts: Parts) -> list[Fault]:
    """Return the faults that the tables collected while their cells were read."""
    tables = [*(table for _, _, table in parts.series), parts.beds, parts.profiles]
    return [fault for table in tables if table is not None for fault in table.faults]
