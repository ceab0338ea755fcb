"""Stored results of HEC-RAS: steady profiles, unsteady series, reference points, and its own section tables."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal

import h5py
import numpy as np

from rescuecmd.errors import InputError
from rescuecmd.geo import Floats
from rescuecmd.interop.hec_ras import RasReach, length_unit_m, opened, text_of
from rescuecmd.interop.hec_ras_layout import RUN, all_finite, damaged, dataset, numbers, section_columns, spans

_OUTPUT = "Results/{kind}/Output/Output Blocks/Base Output/{block}"
_STEADY = _OUTPUT.format(kind="Steady", block="Steady Profiles")
_UNSTEADY = _OUTPUT.format(kind="Unsteady", block="Unsteady Time Series")
_TABLES = "Geometry/Cross Sections/Property Tables"
_POINTS = "Geometry/Reference Points"
_ZONES = ("LOB", "Chan", "ROB")
_NAMED = (
    "Results/{kind}/Output/Geometry Info/Cross Section Attributes",
    _UNSTEADY + "/Cross Sections/Cross Section Attributes",
)
"""Where results may say which sections they are of."""
_CLOSE_M = 0.01  # a level is stored as a 32-bit number: one of 1000 ft is right to a tenth of a millimetre


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
        The file is damaged, in unknown units, holds no results at cross-sections, or those of other sections than the
        ones of its geometry.
    """
    with opened(path) as file:
        unit_m = length_unit_m(file)
        if f"{_STEADY}/Cross Sections/Water Surface" in file:
            names = tuple(text_of(name) for name in dataset(file, f"{_STEADY}/Profile Names"))
            levels, flows = _at_sections(file, _STEADY, names)
            return RasResults("steady", names, np.empty(0), levels * unit_m, flows * unit_m**3)
        if f"{_UNSTEADY}/Cross Sections/Water Surface" in file:
            times = _times(file)
            names = tuple(datetime.fromtimestamp(time, UTC).isoformat() for time in times)
            levels, flows = _at_sections(file, _UNSTEADY, names)
            return RasResults("unsteady", names, np.array(times), levels * unit_m, flows * unit_m**3)
    raise InputError("no-results", f"{path} has no results at cross-sections; run the plan in HEC-RAS and save it")


def _at_sections(file: h5py.File, block: str, profiles: Sequence[str]) -> tuple[Floats, Floats]:
    """Return levels and flows, shape (n_profiles, n_sections), of the sections that the geometry has."""
    sections = _sections(file)
    _same_sections(file, "Steady" if block == _STEADY else "Unsteady", sections)
    levels, flows = (_profile_rows(file, f"{block}/Cross Sections/{what}", profiles, [name for _, _, name in sections])
                     for what in ("Water Surface", "Flow"))  # fmt: skip
    return levels, flows


def _profile_rows(file: h5py.File, name: str, profiles: Sequence[str], sections: Sequence[str]) -> Floats:
    table = numbers(file, name, 0)
    if table.shape[1] != len(sections):
        raise damaged(
            name,
            f"has {table.shape[1]} cross-sections, the geometry {len(sections)}",
            RUN,
        )
    if not profiles or len(table) != len(profiles):
        raise damaged(name, f"has {len(table)} profiles, {len(profiles)} are named or have a time")
    wrong = np.argwhere(~np.isfinite(table))
    if len(wrong):
        row, at = wrong[0]
        raise damaged(name, f"is not finite in profile {profiles[row]} at section {sections[at]}", RUN)
    return table


def _sections(file: h5py.File) -> list[tuple[str, str, str]]:
    """Return river, reach and river station of each section of the geometry."""
    columns = section_columns(file)
    named = (map(text_of, columns.get(name, ())) for name in ("River", "Reach", "RS"))
    return list(zip(*named, strict=True))


def _same_sections(file: h5py.File, kind: str, sections: Sequence[tuple[str, str, str]]) -> None:
    """Refuse results that say that they are of other sections than the geometry has."""
    for name in (place.format(kind=kind) for place in _NAMED):
        if name not in file:
            continue
        table = dataset(file, name)
        if not {"River", "Reach", "Station"} <= {*(table.dtype.names or ())}:
            raise damaged(name, "should have the columns 'River', 'Reach' and 'Station'")
        theirs = [(text_of(row["River"]), text_of(row["Reach"]), text_of(row["Station"])) for row in table]
        if len(theirs) != len(sections):
            raise damaged(name, f"has {len(theirs)} cross-sections, the geometry {len(sections)}", RUN)
        for stored, drawn in zip(theirs, sections, strict=True):
            if (*stored[:2], stored[2].rstrip("*. ")) != (*drawn[:2], drawn[2].rstrip("*. ")):
                raise damaged(name, f"has section {' '.join(stored)} where the geometry has {' '.join(drawn)}", RUN)


def impossible(ras: RasReach, results: RasResults, row: int) -> str:
    """Say what cannot be about a stored profile of a reach, with the section; empty: nothing."""
    levels = results.levels_m[row][ras.index]
    for survey, level in zip(ras.surveys, levels, strict=True):
        lowest = float(survey.beds_m.min())
        if level < lowest - _CLOSE_M:
            return f"level {level:.2f} m at section {survey.id} lies below its deepest bed, {lowest:.2f} m"
    return ""


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
        levels = numbers(file, f"{folder}/Water Surface", 0) * unit_m
        places = numbers(file, f"{_POINTS}/Points", 2)[:, :2]
        table = dataset(file, f"{_POINTS}/Attributes")
        if "Name" not in (table.dtype.names or ()):
            raise damaged(f"{_POINTS}/Attributes", "has no column 'Name'")
        names = [text_of(row["Name"]) for row in table]
        times = np.array(_times(file))
        if levels.shape != (len(times), len(names)) or len(places) != len(names):
            raise damaged(
                f"{folder}/Water Surface",
                f"has {levels.shape[1]} points at {len(levels)} times; there are {len(names)} named, {len(places)} "
                f"placed and {len(times)} times",
            )
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
        name = f"{_TABLES}/XSEC Value"
        wanted = ("Elevation", *(f"{what} {zone}" for what in ("Area", "Conv") for zone in _ZONES))
        column = {text_of(row[0]): at for at, row in enumerate(file[name].attrs.get("Variables", ()))}
        table = numbers(file, name, max(column.values(), default=0) + 1)
        if not {*wanted} <= column.keys():
            raise damaged(name, f"does not name its columns {', '.join(wanted)}")
        all_finite(name, table[:, [column[one] for one in wanted]])
        levels = table[:, column["Elevation"]] * unit_m
        areas, conveyances = (
            table[:, [column[f"{what} {zone}"] for zone in _ZONES]].sum(axis=1) * unit_m**power
            for what, power in (("Area", 2), ("Conv", 3))
        )
        return tuple(
            SectionTable(*(values[span] for values in (levels, areas, conveyances)))
            for span in spans(file, f"{_TABLES}/XSEC Info", len(_sections(file)), len(table))
        )


def _times(file: h5py.File) -> list[float]:
    for name in ("Time Date Stamp (ms)", "Time Date Stamp"):
        if f"{_UNSTEADY}/{name}" not in file:
            continue
        stamps = dataset(file, f"{_UNSTEADY}/{name}")
        try:
            times = list(_seconds(stamps))
        except (ValueError, OverflowError) as error:
            raise damaged(f"{_UNSTEADY}/{name}", f"has a stamp unlike 01JAN1999 24:00:00: {error}") from error
        if not (np.diff(times) > 0).all():
            raise damaged(f"{_UNSTEADY}/{name}", "has stamps that do not grow")
        return times
    raise InputError("damaged-hec-ras", "the unsteady results have no time stamps")


def _seconds(stamps: Any) -> Iterator[float]:
    """Yield s since epoch of stamps such as ``01JAN1999 24:00:00:000``: midnight may be written as hour 24."""
    for stamp in stamps:
        day, clock = text_of(stamp).split()
        hours, minutes, seconds, *rest = (int(part) for part in clock.split(":"))
        start = datetime.strptime(day.title(), "%d%b%Y").replace(tzinfo=UTC)
        gone = timedelta(hours=hours, minutes=minutes, seconds=seconds, milliseconds=rest[0] if rest else 0)
        yield (start + gone).timestamp()
