"""Positions as columns of whole numbers: what moves without otherwise changing costs a dozen bytes, packed.

Positions are the one thing of which only the latest counts, so they may be rounded to what a map can show: 0.000001
degrees (0.11 m), 0.1 s, 0.1 m of accuracy, 0.1 degrees of course, 0.01 m/s.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from rescuecmd.errors import InputError
from rescuecmd.picture.entity import Fix, FixSource

SOURCES: tuple[FixSource, ...] = ("gps", "report", "camera", "estimate")
_DEGREE, _TENTH, _SPEED = 1e6, 10.0, 100.0
_UNKNOWN = -1
_LONGEST_S = 4e6  # an older fix than that (46 days) says so; the column stays a small number


@dataclass(frozen=True, slots=True)
class Moves:
    """Fixes of one collection, one row for each id; every column has the same length.

    ``at`` counts tenths of a second from ``base_s`` (s since epoch); ``lon`` and ``lat`` are 1e-6 degrees,
    ``accuracy`` 0.1 m, ``course`` 0.1 degrees and ``speed`` 0.01 m/s (both -1: unknown), ``source`` a place in
    ``gps, report, camera, estimate``.
    """

    base_s: int
    ids: tuple[str, ...]
    at: tuple[int, ...]
    lon: tuple[int, ...]
    lat: tuple[int, ...]
    accuracy: tuple[int, ...]
    course: tuple[int, ...]
    speed: tuple[int, ...]
    source: tuple[int, ...]


def pack_fixes(fixes: Mapping[str, Fix]) -> Moves:
    """Return fixes as columns."""
    base_s = math.floor(max((fix.time_s for fix in fixes.values()), default=0.0))
    rows = [_row(fix, base_s) for fix in fixes.values()]
    columns = tuple(zip(*rows, strict=True)) or ((),) * 7
    return Moves(base_s, tuple(fixes), *columns)


def _row(fix: Fix, base_s: int) -> tuple[int, ...]:
    return (
        round(max(fix.time_s - base_s, -_LONGEST_S) * _TENTH),
        round(fix.lon_deg * _DEGREE),
        round(fix.lat_deg * _DEGREE),
        round(min(fix.accuracy_m, 1e6) * _TENTH),
        _UNKNOWN if fix.course_deg is None else round(fix.course_deg * _TENTH),
        _UNKNOWN if fix.speed_mps is None else round(fix.speed_mps * _SPEED),
        SOURCES.index(fix.source),
    )


def unpack_fixes(moves: Moves) -> dict[str, Fix]:
    """Return the fixes of these columns.

    Raises
    ------
    InputError
        The columns differ in length, or a source is unknown.
    """
    rows = (moves.at, moves.lon, moves.lat, moves.accuracy, moves.course, moves.speed, moves.source)
    try:
        fixes = [_fix(moves.base_s, row) for row in zip(*rows, strict=True)]
        return dict(zip(moves.ids, fixes, strict=True))
    except (ValueError, IndexError) as error:
        raise InputError("bad-moves", f"expected columns of one length with known sources: {error}") from None


def _fix(base_s: int, row: tuple[int, ...]) -> Fix:
    at, lon, lat, accuracy, course, speed, source = row
    if source < 0:
        raise IndexError(f"source {source}")
    return Fix(
        lon_deg=lon / _DEGREE,
        lat_deg=lat / _DEGREE,
        time_s=base_s + at / _TENTH,
        accuracy_m=accuracy / _TENTH,
        source=SOURCES[source],
        course_deg=None if course == _UNKNOWN else course / _TENTH,
        speed_mps=None if speed == _UNKNOWN else speed / _SPEED,
    )
