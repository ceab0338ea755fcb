"""Where a HEC-RAS file keeps its cross-sections: in one table (5.0.4 to 6.x), or in a dataset a column (5.0 to 5.0.3).

Whoever reads a file asks here by the names of the table and need not know which layout it has.

Source
------
The names of the older layout are those that RAStestR (versions 5.0.3 to 5.0.6) and ras-commander read.
"""

from collections.abc import Mapping
from typing import Any, TypeAlias

import h5py
import numpy as np

from rescuecmd.errors import InputError

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
_OLD_NAMES = {
    "Manning's n Info": "Station Manning's n Info",
    "Manning's n Values": "Station Manning's n Values",
    "Ineffective Info": "Blocked Ineffective Info",
    "Ineffective Blocks": "Blocked Ineffective Values",
}
_BLOCK = np.dtype([("Left Sta", "f8"), ("Right Sta", "f8"), ("Elevation", "f8"), ("Permanent", "?")])


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


def ragged(file: h5py.File, info: str, values: str, length: int) -> list[Any]:
    """Return the rows of each section by the names of the newer layout; empty ones where the model has no such table.

    Plain tables come as float arrays of shape (n_rows, n_columns), blocks with names.
    """
    found = _named(file, info), _named(file, values)
    if found[0] is None or found[1] is None:
        return [()] * length
    rows, table = found[0][:, :2], found[1][:]
    if table.dtype.names is None:
        table = table.astype(np.float64)
    if values.endswith("Blocks") and table.dtype.names is None:
        table = np.array([(*row[:3], False) for row in table], dtype=_BLOCK)
    return [table[start : start + count] for start, count in rows]


def _named(file: h5py.File, name: str) -> Any:
    names = (name, _OLD_NAMES[name]) if name in _OLD_NAMES else (name,)
    return next((file[f"{SECTIONS}/{one}"] for one in names if f"{SECTIONS}/{one}" in file), None)


def _columns(file: h5py.File, folder: str, older: Mapping[str, tuple[str, ...]]) -> Columns:
    if f"{folder}/Attributes" in file:
        table = file[f"{folder}/Attributes"][:]
        return {name: table[name] for name in table.dtype.names}
    if f"{folder}/River Names" not in file:
        return {}
    found: dict[str, Any] = {}
    for dataset, names in older.items():
        if f"{folder}/{dataset}" not in file and dataset in _OPTIONAL:
            continue
        table = file[f"{folder}/{dataset}"][:]
        found |= {name: table if table.ndim == 1 else table[:, at] for at, name in enumerate(names)}
    if len({len(column) for column in found.values()}) != 1:
        raise InputError("damaged-hec-ras", f"{folder}: its columns have different lengths")
    return found
