"""Stored results of HEC-RAS: steady profiles, unsteady series, reference points, and its own section tables."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal

import h5py
import numpy as np

from rescuecmd.errors import InputError
from rescuecmd.geo import Floats
from rescuecmd.interop.hec_ras import length_unit_m, opened, text_of

_OUTPUT = "Results/{kind}/Output/Output Blocks/Base Output/{block}"
_STEADY = _OUTPUT.format(kind="Steady", block="Steady Profiles")
_UNSTEADY = _OUTPUT.format(kind="Unsteady", block="Unsteady Time Series")
_TABLES = "Geometry/Cross Sections/Property Tables"
_ZONES = ("LOB", "Chan", "ROB")


@dataclass(frozen=True, eq=False)
class RasResults:
    """Levels and flows at all sections of a model, shape (n_profiles, n_sections), in m and m3/s.

    ``names`` are the profiles' names or the instants in ISO form; ``times_s`` is empty for steady ones. Times in the
    file have no zone; they are read as UTC.
    """

    kind: Literal["steady", "unsteady"]
    names: tuple[str, ...]
    times_s: Floats
    levels_m: Floats
    flows_m3ps: Floats


@dataclass(frozen=True, eq=False)
class ReferencePoint:
    """A place with a stored level series: what a gauge there would have shown. Coordinates are the model's."""

    name: str
    x: float
    y: float
    times_s: Floats
    levels_m: Floats


@dataclass(frozen=True, eq=False)
class SectionTable:
    """HEC-RAS's own table of one section: arrays of one shape, m, m2 and m3/s."""

    levels_m: Floats
    areas_m2: Floats
    conveyances_m3ps: Floats


def read_results(path: Path) -> RasResults:
    """Read the stored levels and flows at cross-sections.

    Raises
    ------
    InputError
        The file is damaged, in unknown units, or holds no results at cross-sections.
    """
    with opened(path) as file:
        unit_m = length_unit_m(file)
        for block in (_STEADY, _UNSTEADY):
            folder = f"{block}/Cross Sections"
            if f"{folder}/Water Surface" in file:
                levels = file[f"{folder}/Water Surface"][:].astype(np.float64) * unit_m
                flows = file[f"{folder}/Flow"][:].astype(np.float64) * unit_m**3
                if levels.shape != flows.shape or not np.isfinite(levels).all():
                    raise InputError("damaged-hec-ras", f"{path}: levels and flows do not belong together")
                if block == _STEADY:
                    names = tuple(text_of(name) for name in file[f"{_STEADY}/Profile Names"][:])
                    return RasResults("steady", names, np.empty(0), levels, flows)
                times = _times(file)
                names = tuple(datetime.fromtimestamp(time, UTC).isoformat() for time in times)
                return RasResults("unsteady", names, np.array(times), levels, flows)
    raise InputError("no-results", f"{path} has no results at cross-sections; run the plan in HEC-RAS and save it")


def read_reference_points(path: Path) -> tuple[ReferencePoint, ...]:
    """Read the level series at reference points of an unsteady run; empty where there are none.

    Raises
    ------
    InputError
        The file is damaged or in unknown units.
    """
    with opened(path) as file:
        unit_m = length_unit_m(file)
        folder = f"{_UNSTEADY}/Reference Points"
        if f"{folder}/Water Surface" not in file:
            return ()
        levels = file[f"{folder}/Water Surface"][:].astype(np.float64) * unit_m
        places = file["Geometry/Reference Points/Points"][:].astype(np.float64)
        names = [text_of(row["Name"]) for row in file["Geometry/Reference Points/Attributes"][:]]
        times = np.array(_times(file))
        return tuple(
            ReferencePoint(name, float(x), float(y), times, levels[:, at])
            for at, (name, (x, y)) in enumerate(zip(names, places, strict=True))
        )


def read_section_tables(path: Path) -> tuple[SectionTable, ...]:
    """Read HEC-RAS's own tables of area and conveyance, by section; empty where the file has none.

    Raises
    ------
    InputError
        The file is damaged or in unknown units.
    """
    with opened(path) as file:
        unit_m = length_unit_m(file)
        if f"{_TABLES}/XSEC Value" not in file:
            return ()
        values = file[f"{_TABLES}/XSEC Value"]
        column = {text_of(name): at for at, (name, _) in enumerate(values.attrs["Variables"])}
        table = values[:].astype(np.float64)
        levels = table[:, column["Elevation"]] * unit_m
        areas = sum(table[:, column[f"Area {zone}"]] for zone in _ZONES) * unit_m**2
        conveyances = sum(table[:, column[f"Conv {zone}"]] for zone in _ZONES) * unit_m**3
        return tuple(
            SectionTable(*(values[start : start + count] for values in (levels, areas, conveyances)))
            for start, count in file[f"{_TABLES}/XSEC Info"][:, :2]
        )


def _times(file: h5py.File) -> list[float]:
    for name in ("Time Date Stamp (ms)", "Time Date Stamp"):
        if f"{_UNSTEADY}/{name}" in file:
            return list(_seconds(file[f"{_UNSTEADY}/{name}"][:]))
    raise InputError("damaged-hec-ras", "the unsteady results have no time stamps")


def _seconds(stamps: Any) -> Iterator[float]:
    """Yield s since epoch of stamps such as ``01JAN1999 24:00:00:000``: midnight may be written as hour 24."""
    for stamp in stamps:
        day, clock = text_of(stamp).split()
        hours, minutes, seconds, *rest = (int(part) for part in clock.split(":"))
        start = datetime.strptime(day.title(), "%d%b%Y").replace(tzinfo=UTC)
        gone = timedelta(hours=hours, minutes=minutes, seconds=seconds, milliseconds=rest[0] if rest else 0)
        yield (start + gone).timestamp()
