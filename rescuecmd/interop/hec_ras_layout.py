"""Where a HEC-RAS file keeps its cross-sections: in one table (5.0.4 to 6.x), or in a dataset a column (5.0 to 5.0.3).

Whoever reads a file asks here by the names of the table and need not know which layout it has, and gets what was looked
at: every dataset is there, of numbers where numbers are due, finite, and as long as the others say. Errors name it.

Source
------
The names of the older layout are those that RAStestR (versions 5.0.3 to 5.0.6) and ras-commander read.
"""

from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias

import h5py
import numpy as np

from rescuecmd.errors import InputError
from rescuecmd.geo import Floats

SECTIONS = "Geometry/Cross Sections"
CENTRELINES = "Geometry/River Centerlines"

Columns: TypeAlias = Mapping[str, Any]
"""Arrays of one length, one value a section or reach."""

_SECTION_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "River Names": ("River",),
    "Reach Names": ("Reach",),
    "River Stations": ("RS",),
    "Lengths": ("Len Left", "Len Channel", "Len Right"),
    "Bank Stations": ("Left Bank", "Right Bank"),
    "Contr Expan Coef": ("Contr", "Expan"),
    "Levees": ("Left Levee Sta", "Left Levee Elev", "Right Levee Sta", "Right Levee Elev"),
}
_LINE_COLUMNS: Mapping[str, tuple[str, ...]] = {"River Names": ("River Name",), "Reach Names": ("Reach Name",)}
_OPTIONAL = {"Levees"}
_TEXTS = {"River", "Reach", "RS", "River Name", "Reach Name"}
_OLD_NAMES = {
    "Manning's n Info": "Station Manning's n Info",
    "Manning's n Values": "Station Manning's n Values",
    "Ineffective Info": "Blocked Ineffective Info",
    "Ineffective Blocks": "Blocked Ineffective Values",
}
_BLOCK = np.dtype([("Left Sta", "f8"), ("Right Sta", "f8"), ("Elevation", "f8"), ("Permanent", "?")])
_FURTHEST = 1e8  # half way round the earth is 2e7 m or 7e7 ft: no coordinate is larger


SAVE, RUN = "save the model again with HEC-RAS", "run the plan again with the geometry as it is now"


def damaged(name: str, words: str, advice: str = SAVE) -> InputError:
    """Return the error that a dataset is not as it should be, and what to do."""
    return InputError("damaged-hec-ras", f"dataset {name!r} {words}; {advice}", dataset=name)


def dataset(file: h5py.File, name: str) -> Any:
    """Return all of a dataset.

    Raises
    ------
    InputError
        There is none of this name.
    """
    found = file.get(name)
    if not isinstance(found, h5py.Dataset) or not found.shape:
        raise damaged(name, "is missing" if found is None else "is no table")
    return found[:]


def numbers(file: h5py.File, name: str, columns: int) -> Floats:
    """Return a table of numbers, finite or not, with at least so many columns, shape (n_rows, n_columns).

    Raises
    ------
    InputError
        There is none of this name, or it holds something else.
    """
    table = dataset(file, name)
    if table.dtype.kind not in "fiu" or table.ndim != 2 or table.shape[1] < columns:
        raise damaged(name, f"should hold numbers in {columns or 1} columns or more, it is {table.dtype} {table.shape}")
    return np.asarray(table, dtype=np.float64)


def all_finite(name: str, table: Floats) -> Floats:
    """Return a table as it is.

    Raises
    ------
    InputError
        A number in it is not finite.
    """
    wrong = np.argwhere(~np.isfinite(table))
    if len(wrong):
        raise damaged(name, f"has a value that is not finite in row {wrong[0][0]}")
    return table


def spans(file: h5py.File, name: str, length: int, total: int, least: int = 0) -> list[slice]:
    """Return which rows of a table of `total` rows belong to each of `length` things (sections, reaches).

    Raises
    ------
    InputError
        It is missing, tells of another number of things, or of rows that the table does not have.
    """
    rows = all_finite(name, numbers(file, name, 2)[:, :2])
    if len(rows) != length:
        raise damaged(name, f"has {len(rows)} rows where the attributes have {length}")
    for at, (start, count) in enumerate(rows):
        if start < 0 or count < least or start + count > total:
            raise damaged(name, f"tells of rows {start:.0f} to {start + count:.0f} in row {at}, there are {total}")
    return [slice(int(start), int(start + count)) for start, count in rows]


def polylines(file: h5py.File, folder: str, length: int) -> list[Floats]:
    """Return drawn lines, each of shape (n, 2) with two points or more, in the model's coordinates.

    Raises
    ------
    InputError
        There are not `length` of them, or a point of theirs cannot be on earth.
    """
    name = f"{folder}/Polyline Points"
    points = all_finite(name, numbers(file, name, 2)[:, :2])
    wrong = np.argwhere(np.abs(points) > _FURTHEST)
    if len(wrong):
        raise damaged(name, f"has a point that cannot be on earth in row {wrong[0][0]}")
    return [points[span] for span in spans(file, f"{folder}/Polyline Info", length, len(points), least=2)]


def section_columns(file: h5py.File) -> Columns:
    """Return the columns of the cross-sections' table; none where the file has no 1D cross-sections.

    Raises
    ------
    InputError
        A column of the older layout is missing or of another length than the others, or the older layout holds
        obstructions: how it does is not known to us.
    """
    found = _columns(file, SECTIONS, _SECTION_COLUMNS)
    if found and f"{SECTIONS}/Attributes" not in file and any("Obstruct" in name for name in file[SECTIONS]):
        raise InputError(
            "old-obstructions",
            "obstructions written before HEC-RAS 5.0.4 are not read; save the model with a later one",
        )
    return found


def centreline_columns(file: h5py.File) -> Columns:
    """Return the columns of the reaches' table; none where no centre lines are drawn.

    Raises
    ------
    InputError
        As for `section_columns`.
    """
    return _columns(file, CENTRELINES, _LINE_COLUMNS)


def point_rows(file: h5py.File, info: str, values: str, length: int) -> list[Floats]:
    """Return the rows of each section of a plain table by the names of the newer layout, each of shape (n, 2).

    Raises
    ------
    InputError
        The tables are missing, hold something else, or do not belong together.
    """
    name = _named(file, values)
    table = all_finite(name, numbers(file, name, 2)[:, :2])
    return [table[span] for span in spans(file, _named(file, info), length, len(table))]


def block_rows(file: h5py.File, info: str, values: str, length: int) -> list[Any]:
    """Return the blocks of each section, with names; empty ones where the model has no such table.

    Raises
    ------
    InputError
        One table is there without the other, holds something else, or they do not belong together.
    """
    names = _named(file, info), _named(file, values)
    if not any(name in file for name in names):
        return [()] * length
    table = dataset(file, names[1])
    if table.dtype.names is None:
        table = np.array([(*row[:3], False) for row in numbers(file, names[1], 3)], dtype=_BLOCK)
    _with_columns(names[1], table, ("Left Sta", "Right Sta", "Elevation"))
    return [table[span] for span in spans(file, names[0], length, len(table))]


def _named(file: h5py.File, name: str) -> str:
    """Return where a file has a table; the newer name where it has none."""
    names = (name, _OLD_NAMES[name]) if name in _OLD_NAMES else (name,)
    return next((f"{SECTIONS}/{one}" for one in names if f"{SECTIONS}/{one}" in file), f"{SECTIONS}/{name}")


def _with_columns(name: str, table: Any, wanted: Iterable[str]) -> None:
    """Refuse a table of records that lacks a column, or has text where numbers are due."""
    for column in wanted:
        if table.ndim != 1 or column not in (table.dtype.names or ()):
            raise damaged(name, f"has no column {column!r}")
        if column not in _TEXTS and table.dtype[column].kind not in "fiub":
            raise damaged(name, f"should hold numbers as {column!r}, it has {table.dtype[column]}")


def _columns(file: h5py.File, folder: str, older: Mapping[str, tuple[str, ...]]) -> Columns:
    if f"{folder}/Attributes" in file:
        table = dataset(file, f"{folder}/Attributes")
        wanted = [name for part, names in older.items() if part not in _OPTIONAL for name in names]
        given = set(table.dtype.names or ())
        wanted += [name for part in _OPTIONAL & older.keys() if given & {*older[part]} for name in older[part]]
        _with_columns(f"{folder}/Attributes", table, wanted)
        return {name: table[name] for name in table.dtype.names}
    if f"{folder}/River Names" not in file:
        return {}
    found: dict[str, Any] = {}
    for part, names in older.items():
        name = f"{folder}/{part}"
        if name not in file and part in _OPTIONAL:
            continue
        if set(names) <= _TEXTS:
            found |= dict.fromkeys(names, dataset(file, name))
        else:
            found |= dict(zip(names, numbers(file, name, len(names)).T, strict=False))
    if len({len(column) for column in found.values()}) != 1:
        raise InputError("damaged-hec-ras", f"{folder}: its columns have different lengths")
    return found
