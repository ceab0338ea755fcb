"""HEC-RAS models: geometry of 1D reaches and stored results, from plan and geometry HDF files of 5.0 to 6.x.

Everything comes out in m, m3/s and s since epoch (UTC); a file in units that it does not name is refused. Feet are US
survey feet where the projection says so, else international ones: over 25 km of river the two differ by 5 cm.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeAlias

import h5py
import numpy as np
from numpy.typing import NDArray

from rescuecmd.errors import FaultsError, InputError, NotFoundError, nearest
from rescuecmd.geo import Floats
from rescuecmd.interop.hec_ras_layout import (
    CENTRELINES,
    SECTIONS,
    Columns,
    block_rows,
    centreline_columns,
    damaged,
    point_rows,
    polylines,
    section_columns,
)
from rescuecmd.river.conveyance import Ineffective, Survey
from rescuecmd.units import M_PER_FOOT, M_PER_US_SURVEY_FOOT

Row: TypeAlias = Mapping[str, Any]
"""One section's values by the names of the table."""

_SURVEYED = 1e30  # larger numbers, of either sign, mean "not given"


@dataclass(frozen=True, eq=False)
class RasReach:
    """A reach, or several that follow each other on one river: sections upstream first.

    Attributes
    ----------
    index
        Shape (n,): row of each section in the file's results.
    lines_xy
        The cut line of each section, from left to right looking downstream, in the model's coordinates.
    centreline_xy
        Shape (k, 2), drawn downstream.
    """

    name: str
    surveys: tuple[Survey, ...]
    index: NDArray[np.int64]
    lines_xy: tuple[Floats, ...]
    centreline_xy: Floats


@dataclass(frozen=True, eq=False)
class RasModel:
    """What a file holds. ``projection`` is WKT, empty where the file names none."""

    path: Path
    version: str
    unit_m: float
    projection: str
    reaches: tuple[RasReach, ...]

    def reach(self, name: str = "") -> RasReach:
        """Return a reach by its name, or the longest one.

        Raises
        ------
        NotFoundError
            There is no such reach; the message names the nearest one.
        """
        if not name:
            return max(self.reaches, key=lambda reach: len(reach.surveys))
        found = {reach.name: reach for reach in self.reaches}
        if name not in found:
            message = f"{self.path} has no reach {name!r}{nearest(name, found)}"
            raise NotFoundError("no-reach", message, zh=f"{self.path} 中没有河段 {name!r}；现有：{', '.join(found)}")
        return found[name]


@contextmanager
def opened(path: Path) -> Iterator[h5py.File]:
    """Open a HEC-RAS file; what h5py says of a damaged one becomes an `InputError`.

    Raises
    ------
    InputError
        There is no such file, it is no HDF file, it is cut short, or HEC-RAS did not write it.
    """
    if not path.is_file():
        raise InputError("no-file", f"there is no file {path}", zh=f"没有文件 {path}")
    try:
        with told_of(path), h5py.File(path, "r") as file:
            if not text_of(file.attrs.get("File Type", b"")).startswith("HEC-RAS"):
                raise InputError("not-hec-ras", f"{path} is an HDF file, but HEC-RAS did not write it")
            yield file
    except (OSError, KeyError, RuntimeError, ValueError, TypeError, IndexError) as error:
        why = str(error).split("\n", 1)[0]
        message = f"{path} cannot be read as a HEC-RAS file: {why}"
        raise InputError("damaged-hec-ras", message, zh=f"{path} 不能作为 HEC-RAS 文件读取：{why}") from error


@contextmanager
def told_of(path: Path) -> Iterator[None]:
    """Have every `InputError` about what a file holds name the file."""
    try:
        yield
    except FaultsError:
        raise
    except InputError as error:
        if str(path) in error.message:
            raise
        raise InputError(error.code, f"{path}: {error.message}", **error.facts) from error


def read_model(path: Path) -> RasModel:
    """Read the 1D reaches of a model.

    Raises
    ------
    InputError
        The file is damaged, in unknown units, or has no cross-sections.
    """
    with opened(path) as file:
        unit_m = length_unit_m(file)
        version = text_of(file.attrs.get("File Version", b""))
        projection = text_of(file.attrs.get("Projection", b""))
        columns = section_columns(file)
        if not columns:
            raise InputError(
                "no-sections",
                f"{path} ({version}) has no 1D cross-sections; a 2D model gives level "
                f"series at its reference points: rescuecmd river import series {path.name} --gauge G --site NAME",
            )
        return RasModel(path, version, unit_m, projection, tuple(_reaches(file, columns, unit_m)))


def length_unit_m(file: h5py.File) -> float:
    """Return the model's unit of length in m.

    Raises
    ------
    InputError
        The file names no units, or others than US customary and SI.
    """
    system = text_of(file.attrs.get("Units System", b""))
    if not system and "Geometry" in file:
        system = {"True": "SI Units", "False": "US Customary"}.get(
            text_of(file["Geometry"].attrs.get("SI Units", b"")), ""
        )
    if system.lower().startswith("si"):
        return 1.0
    if system == "US Customary":
        return M_PER_US_SURVEY_FOOT if "Foot_US" in text_of(file.attrs.get("Projection", b"")) else M_PER_FOOT
    raise InputError("unknown-units", f"expected 'US Customary' or 'SI Units', the file says {system or 'nothing'!r}")


def _reaches(file: h5py.File, columns: Columns, unit_m: float) -> Iterator[RasReach]:
    """Yield each river with its reaches in the order in which they join, upstream first."""
    surveys = _surveys(file, columns, unit_m)
    lines = polylines(file, SECTIONS, len(surveys))
    drawn = _centrelines(file)
    for river in dict.fromkeys(text_of(name) for name in columns["River"]):
        index = np.flatnonzero([text_of(name) == river for name in columns["River"]])
        parts = _joined(drawn.get(river, []))
        order = _order(columns, index, [name for name, _ in parts])
        if len(order) > 1:
            _lengths_given([surveys[at] for at in order[:-1]])
            yield RasReach(
                name=river,
                surveys=_placed([surveys[at] for at in order]),
                index=np.array(order, dtype=np.int64),
                lines_xy=tuple(lines[at] for at in order),
                centreline_xy=np.vstack([line for _, line in parts]) if parts else np.empty((0, 2)),
            )


def _lengths_given(surveys: Sequence[Survey]) -> None:
    """Refuse a section, other than the last one, without a length of the channel to the next one."""
    for survey in surveys:
        if not survey.lengths_m[1] > 0 or min(survey.lengths_m) < 0:
            raise damaged(
                f"{SECTIONS}/Attributes",
                f"has no 'Len Channel' above 0 at section {survey.id}: the next section downstream must lie below it",
            )


def _placed(surveys: Sequence[Survey]) -> tuple[Survey, ...]:
    """Return sections with their chainage counted from the first one along the channel."""
    lengths = np.array([0.0, *(survey.lengths_m[1] for survey in surveys[:-1])])
    return tuple(replace(survey, chainage_m=float(at)) for survey, at in zip(surveys, np.cumsum(lengths), strict=True))


def _order(columns: Columns, index: NDArray[np.int64], reaches: Sequence[str]) -> list[int]:
    """Return the sections of a river, upstream first: reach after reach, and by falling river station in each."""
    groups: dict[str, list[int]] = {name: [] for name in reaches}
    for at in index:
        groups.setdefault(text_of(columns["Reach"][at]), []).append(int(at))
    ordered = [sorted(group, key=lambda at: -_station(columns["RS"][at])) for group in groups.values() if group]
    if not reaches:
        ordered.sort(key=lambda group: -_station(columns["RS"][group[0]]))
    return [at for group in ordered for at in group]


def _station(value: Any) -> float:
    text = text_of(value).rstrip("*").strip()  # an asterisk marks an interpolated section
    try:
        return float(text)
    except ValueError:
        raise InputError("bad-river-station", f"expected a number as river station, got {text!r}") from None


def _surveys(file: h5py.File, columns: Columns, unit_m: float) -> list[Survey]:
    count = len(columns["RS"])
    beds = point_rows(file, "Station Elevation Info", "Station Elevation Values", count)
    roughness = point_rows(file, "Manning's n Info", "Manning's n Values", count)
    still = block_rows(file, "Ineffective Info", "Ineffective Blocks", count)
    built = block_rows(file, "Obstruction Info", "Obstruction Blocks", count)
    found = []
    for at in range(count):
        row = {name: column[at] for name, column in columns.items()}
        _coefficients_known(row)
        survey = Survey(
            id=text_of(row["RS"]),
            chainage_m=0.0,
            stations_m=beds[at][:, 0] * unit_m,
            beds_m=beds[at][:, 1] * unit_m,
            roughness=tuple((float(start) * unit_m, float(n)) for start, n in roughness[at]),
            banks_m=(float(row["Left Bank"]) * unit_m, float(row["Right Bank"]) * unit_m),
            lengths_m=_lengths(row, unit_m),
            contraction=float(row["Contr"]),
            expansion=float(row["Expan"]),
            ineffective=(*_still(still[at], unit_m), *_levees(row, beds[at], unit_m)),
        )
        for block in built[at]:
            left, right, level = (float(block[name]) * unit_m for name in ("Left Sta", "Right Sta", "Elevation"))
            if not np.isfinite([left, right, level]).all():
                raise damaged(
                    f"{SECTIONS}/Obstruction Blocks", f"has a value that is not finite at section {survey.id}"
                )
            survey = survey.built_over(left, right, level)
        found.append(survey)
    return found


def _coefficients_known(row: Row) -> None:
    for name in ("Contr", "Expan"):
        if not 0 <= float(row[name]) <= 1:
            raise damaged(
                f"{SECTIONS}/Attributes", f"has {row[name]} as {name!r} at section {text_of(row['RS'])}, not 0 .. 1"
            )


def _lengths(row: Row, unit_m: float) -> tuple[float, float, float]:
    given = (float(row[name]) for name in ("Len Left", "Len Channel", "Len Right"))
    left, channel, right = (length * unit_m if length < _SURVEYED else 0.0 for length in given)
    return (left or channel, channel, right or channel)


def _still(blocks: Any, unit_m: float) -> Iterator[Ineffective]:
    for block in blocks:
        begin, end = float(block["Left Sta"]), float(block["Right Sta"])
        level = float(block["Elevation"])
        if all(abs(value) < _SURVEYED for value in (begin, end, level)):
            yield Ineffective(
                begin * unit_m,
                end * unit_m,
                level * unit_m,
                "Permanent" in block.dtype.names and bool(block["Permanent"]),
            )


def _levees(row: Row, beds: Floats, unit_m: float) -> Iterator[Ineffective]:
    """Yield what lies behind a levee: it carries nothing until the water is over the levee."""
    for side, outer in (("Left", beds[0, 0]), ("Right", beds[-1, 0])):
        if f"{side} Levee Sta" not in row:
            continue
        at, level = float(row[f"{side} Levee Sta"]), float(row[f"{side} Levee Elev"])
        if np.isfinite(at) and np.isfinite(level) and abs(at) < _SURVEYED:
            begin, end = sorted((float(outer), at))
            yield Ineffective(begin * unit_m, end * unit_m, level * unit_m)


def _centrelines(file: h5py.File) -> dict[str, list[tuple[str, Floats]]]:
    """Return the reaches of each river with their centre lines, as the file lists them."""
    columns = centreline_columns(file)
    if not columns:
        return {}
    lines: dict[str, list[tuple[str, Floats]]] = {}
    names = zip(columns["River Name"], columns["Reach Name"], strict=True)
    drawn = polylines(file, CENTRELINES, len(columns["River Name"]))
    for (river, reach), line in zip(names, drawn, strict=True):
        lines.setdefault(text_of(river), []).append((text_of(reach), line))
    return lines


def _joined(parts: Sequence[tuple[str, Floats]]) -> list[tuple[str, Floats]]:
    """Return reaches so ordered that each begins where the one before ends."""
    chain, rest = list(parts[:1]), list(parts[1:])
    while rest:
        gaps = [(float(np.hypot(*(line[0] - chain[-1][1][-1]))), at, True) for at, (_, line) in enumerate(rest)] + [
            (float(np.hypot(*(line[-1] - chain[0][1][0]))), at, False) for at, (_, line) in enumerate(rest)
        ]
        _, at, after = min(gaps)
        chain.insert(len(chain) if after else 0, rest.pop(at))
    return chain


def text_of(value: Any) -> str:
    """Return a fixed-length string of the file as text."""
    return value.decode("utf-8", "replace").strip() if isinstance(value, bytes) else str(value).strip()
