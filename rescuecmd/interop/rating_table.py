"""Rating tables of USGS (RDB text): discharge by stage, in SI.

The header carries what matters as much as the rows: the stage of no flow (``OFFSET1``), the expansion between rows,
and the warning that shifts are not in it.
"""

import math
import re
from dataclasses import dataclass
from itertools import pairwise

from rescuecmd.errors import Fault, FaultsError
from rescuecmd.interop.plain_text import decoded
from rescuecmd.units import M_PER_FOOT

MAX_BYTES = 2 * 1024 * 1024
THIN = 0.005
"""Rows that the power law between their neighbours already gives to half a percent are left out."""

_OFFSET = re.compile(r"RATING OFFSET1=(\S+)")
_UNIT = {
    "INDEP": re.compile(r'RATING_INDEP .*PARAMETER="[^"(]*\(([^)"]*)\)'),
    "DEP": re.compile(r'RATING_DEP .*PARAMETER="[^"(]*\(([^)"]*)\)'),
}
_FACTORS = {
    "INDEP": {"ft": M_PER_FOOT, "m": 1.0},
    "DEP": {"ft^3/s": M_PER_FOOT**3, "ft3/s": M_PER_FOOT**3, "cfs": M_PER_FOOT**3, "m^3/s": 1.0, "m3/s": 1.0},
}
"""To m and m3/s from the units of a header; USGS's own, feet, where it names none."""
_NAME = re.compile(r'STATION NAME="([^"]*)"')
_NUMBER = re.compile(r'STATION AGENCY="\s*(\w+)\s*" NUMBER="\s*(\w+)\s*"')


@dataclass(frozen=True, slots=True)
class RatingTable:
    """A rating: (stage m above the gauge's zero, discharge m3/s), both ascending, and the stage of no flow."""

    site: str
    name: str
    no_flow_m: float
    points: tuple[tuple[float, float], ...]


def read_rating(raw: bytes, name: str) -> RatingTable:
    """Parse a rating table; `name` stands in the faults.

    Raises
    ------
    FaultsError
        It is not a stage-discharge rating, a row is not numbers, or stage and discharge do not grow together.
    """
    text = decoded(raw, name, MAX_BYTES)
    lines = text.splitlines()
    header = "\n".join(line for line in lines if line.startswith("#"))
    if 'NAME="stage-discharge"' not in header:
        raise FaultsError([Fault(name, 1, "", 'expected a rating table of USGS with NAME="stage-discharge"')])
    rows = _rows(lines, name)
    flowing = [(line, stage, flow) for line, stage, flow in rows if flow > 0]
    if len(flowing) < 2:
        raise FaultsError([Fault(name, 1, "", f"expected at least two rows with a discharge, got {len(flowing)}")])
    _check_growth(flowing, name)
    no_flow = _no_flow(lines, name, min(stage for _, stage, _ in rows))
    if not no_flow < flowing[0][1]:
        message = f"the stage of no flow ({no_flow:g}) must lie below the first row with a discharge"
        raise FaultsError([Fault(name, flowing[0][0], "", message)])
    to_m, to_m3ps = _factor(lines, name, "INDEP"), _factor(lines, name, "DEP")
    points = tuple((stage * to_m, flow * to_m3ps) for _, stage, flow in flowing)
    site, title = _NUMBER.search(header), _NAME.search(header)
    return RatingTable(
        site=f"{site.group(1)}-{site.group(2)}" if site else "",
        name=title.group(1).strip() if title else "",
        no_flow_m=no_flow * to_m,
        points=_thinned(points, no_flow * to_m),
    )


def _no_flow(lines: list[str], name: str, lowest: float) -> float:
    """Return the stage of no flow in the table's unit; the lowest stage where the header does not tell it."""
    for number, line in enumerate(lines, 1):
        if line.startswith("#") and (found := _OFFSET.search(line)):
            try:
                offset = float(found.group(1))
            except ValueError:
                offset = math.nan
            if not math.isfinite(offset):
                raise FaultsError([Fault(name, number, "OFFSET1", f"expected a number, got {found.group(1)!r}")])
            return offset
    return lowest


def _factor(lines: list[str], name: str, column: str) -> float:
    """Return what brings a column to SI, by the unit that the header names."""
    known = _FACTORS[column]
    for number, line in enumerate(lines, 1):
        if line.startswith("#") and (found := _UNIT[column].search(line)):
            if (unit := found.group(1).strip()) not in known:
                message = f"unknown unit {unit!r}; known are {', '.join(known)}"
                raise FaultsError([Fault(name, number, column, message)])
            return known[unit]
    return next(iter(known.values()))


def _rows(lines: list[str], name: str) -> list[tuple[int, float, float]]:
    """Return line, stage and discharge (in the table's units) of each row."""
    body = [(number, line.split("\t")) for number, line in enumerate(lines, 1) if line.strip() and line[0] != "#"]
    if not body or not {"INDEP", "DEP"} <= set(body[0][1]):
        raise FaultsError([Fault(name, body[0][0] if body else 1, "", "expected the columns INDEP and DEP")])
    stage_at, flow_at = (body[0][1].index(column) for column in ("INDEP", "DEP"))
    rows, faults = [], []
    for number, cells in body[2:]:  # after the names stand the widths
        try:
            stage, flow = float(cells[stage_at]), float(cells[flow_at])
            if not (math.isfinite(stage) and math.isfinite(flow)):
                raise ValueError
            rows.append((number, stage, flow))
        except (ValueError, IndexError):
            faults.append(Fault(name, number, "", f"expected a stage and a discharge, got {' '.join(cells)!r}"))
    if faults:
        raise FaultsError(faults)
    return rows


def _check_growth(rows: list[tuple[int, float, float]], name: str) -> None:
    faults = [
        Fault(name, line, "", f"stage and discharge must grow from row to row: {stage:g}, {flow:g}")
        for (_, before, less), (line, stage, flow) in pairwise(rows)
        if stage <= before or flow <= less
    ]
    if faults:
        raise FaultsError(faults)


def _thinned(points: tuple[tuple[float, float], ...], no_flow_m: float) -> tuple[tuple[float, float], ...]:
    """Return the points without those that a power law between their neighbours gives to `THIN` anyway."""
    logs = [(math.log(stage - no_flow_m), math.log(flow)) for stage, flow in points]

    def needed(first: int, last: int) -> list[int]:
        (x0, y0), (x1, y1) = logs[first], logs[last]
        miss = [abs(y0 + (x - x0) / (x1 - x0) * (y1 - y0) - y) for x, y in logs[first + 1 : last]]
        if not miss or max(miss) <= THIN:
            return []
        worst = first + 1 + miss.index(max(miss))
        return [*needed(first, worst), worst, *needed(worst, last)]

    return tuple(points[at] for at in [0, *needed(0, len(points) - 1), len(points) - 1])
