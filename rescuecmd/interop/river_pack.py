"""A river package in one GeoPackage, and back: to carry it, and to draw in it with QGIS.

Every layer keeps its name and becomes a layer with geometry; ``sections.csv``, ``profiles.csv`` and the series become
tables of text, so that no digit is lost; ``river.yaml`` travels word for word in ``table_files``, beside the SHA-256 of
every file as it was packed. Unpacking writes the layers as they are *now*: what was changed in QGIS is kept, and told.
"""

import hashlib
import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pyogrio
from pyproj.exceptions import CRSError
from shapely.errors import ShapelyError

from rescuecmd.errors import Fault, FaultsError, InputError, nearest
from rescuecmd.interop.csv_table import Table
from rescuecmd.interop.river_file import RiverModel
from rescuecmd.interop.river_package import load_river
from rescuecmd.interop.river_parts import (
    KINDS,
    PROFILE_COLUMNS,
    SECTION_COLUMNS,
    SERIES_COLUMNS,
    Parts,
    read_parts,
)
from rescuecmd.interop.river_write import layer_text, table_text

WORDS = ("river.yaml", "README.md")
"""Files that travel word for word."""

_FILES, _SECTIONS, _SERIES, _PROFILES = "table_files", "table_sections", "table_series", "table_profiles"
_PLAIN_TABLES = {_SECTIONS: "sections.csv", _PROFILES: "profiles.csv"}
_CREATED = "2000-01-01T00:00:00Z"  # the same package gives the same bytes on any day


@dataclass(frozen=True, slots=True)
class Unpacked:
    """What was written, and which files differ from what had been packed."""

    files: tuple[str, ...]
    changed: tuple[str, ...]


def pack(folder: Path, target: Path) -> tuple[str, ...]:
    """Write a package into a new GeoPackage; return the names of its layers and tables.

    Raises
    ------
    FaultsError
        The package has faults; nothing is written.
    InputError
        The target exists, is not named as a GeoPackage, or cannot be written.
    """
    if target.suffix.lower() != ".gpkg":
        message = f"expected a file ending in .gpkg, got {target}"
        raise InputError("bad-format", message, zh=f"文件名须以 .gpkg 结尾，所给为 {target}", path=str(target))
    if not target.parent.is_dir():
        message = f"{target} cannot be written: no such folder"
        raise InputError("cannot-write", message, zh=f"{target} 无法写入：没有这个文件夹", path=str(target))
    load_river(folder)
    parts = read_parts(folder)
    if target.exists():
        message = f"{target} exists already; nothing is overwritten"
        raise InputError("exists", message, zh=f"{target} 已存在；不会覆盖", path=str(target))
    draft = target.with_name(f".{target.stem}.packing.gpkg")
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": _CREATED})
    try:
        written = [*_write_layers(parts, draft), *_write_tables(parts, draft)]
        draft.replace(target)
    except (OSError, pyogrio.errors.DataSourceError) as error:
        raise InputError("cannot-write", f"{target} cannot be written: {error}", path=str(target)) from error
    finally:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": None})
        draft.unlink(missing_ok=True)
    return tuple(written)


def unpack(source: Path, folder: Path) -> Unpacked:
    """Write the package that a GeoPackage holds into a new folder, and check it.

    Raises
    ------
    FaultsError
        It is not a packed river, or the package in it has faults; what could be written is left in the folder.
    InputError
        The folder is not empty or cannot be written.
    """
    files = read_pack(source)
    if folder.exists() and not folder.is_dir():
        message = f"{folder} is no folder; nothing is overwritten"
        raise InputError("exists", message, zh=f"{folder} 不是文件夹；不会覆盖", path=str(folder))
    if folder.exists() and any(folder.iterdir()):
        message = f"{folder} is not empty; nothing is overwritten"
        raise InputError("exists", message, zh=f"{folder} 不是空文件夹；不会覆盖", path=str(folder))
    try:
        for name, text in files.texts.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8", newline="")
    except OSError as error:
        raise InputError("cannot-write", f"{folder} cannot be written: {error.strerror or error}") from error
    load_river(folder)
    changed = [name for name, text in files.texts.items() if files.digests.get(name) != _digest(text)]
    gone = [name for name in files.digests if name not in files.texts]
    return Unpacked(tuple(files.texts), (*changed, *gone))


@dataclass(frozen=True, slots=True)
class _Packed:
    """The files in a GeoPackage as text, and their SHA-256 when they were packed."""

    texts: dict[str, str]
    digests: dict[str, str]


def read_pack(source: Path) -> _Packed:
    """Return the files that a GeoPackage holds (see `unpack`)."""
    if not source.is_file():
        raise FaultsError([Fault(str(source), 0, "", "this file is missing")])
    try:
        return _read_pack(source)
    except FaultsError:
        raise
    except (sqlite3.Error, ShapelyError, CRSError, RuntimeError, ValueError) as error:  # pyogrio's are RuntimeErrors
        raise FaultsError([Fault(str(source), 0, "", f"not a GeoPackage, or a damaged one: {error}")]) from error


def _read_pack(source: Path) -> _Packed:
    names = [str(name) for name, _ in pyogrio.list_layers(source)]
    if _FILES not in names:
        message = f"not a packed river: it has no table {_FILES!r}{nearest(_FILES, names)}; pack with `river pack`"
        raise FaultsError([Fault(str(source), 0, "", message)])
    faults: list[Fault] = []
    listed = [{"path": "", "sha256": "", "text": None, **row} for row in _rows(source, _FILES)]
    digests = {str(row["path"]): str(row["sha256"]) for row in listed}
    texts = {str(row["path"]): str(row["text"]) for row in listed if row["path"] in WORDS and row["text"] is not None}
    for name in (name for name in KINDS if name in names):
        texts[f"{name}.geojson"] = _layer_from(source, name, faults)
    texts.update(_tables_from(source, names, faults))
    if faults:
        raise FaultsError(faults)
    return _Packed(texts, digests)


def _write_layers(parts: Parts, target: Path) -> Iterator[str]:
    for name, (geometry_type, model) in KINDS.items():
        if not (parts.folder / f"{name}.geojson").exists():
            continue
        items = getattr(parts, name)
        rows = [{key: _plain(value) for key, value in item.feature.document.data.items()} for item in items]
        columns = list(dict.fromkeys(key for row in rows for key in row)) or list(model.model_fields)
        shapes = [item.feature.geometry for item in items]
        frame = gpd.GeoDataFrame(pd.DataFrame(rows, columns=columns), geometry=shapes, crs="EPSG:4326")
        pyogrio.write_dataframe(frame, target, layer=name, driver="GPKG", geometry_type=geometry_type, append=False)
        yield name


def _plain(value: Any) -> Any:
    return json.dumps(value, ensure_ascii=False) if isinstance(value, (list, dict)) else value


def _write_tables(parts: Parts, target: Path) -> Iterator[str]:
    assert parts.beds is not None  # noqa: S101 - the package has just been loaded without a fault
    series = [[entry.id, *row] for _, entry, table in parts.series for row in _cells(table, SERIES_COLUMNS)]
    tables: dict[str, tuple[Sequence[str], Sequence[Sequence[str | None]]]] = {
        _SECTIONS: (SECTION_COLUMNS, _cells(parts.beds, SECTION_COLUMNS)),
        **({_PROFILES: (PROFILE_COLUMNS, _cells(parts.profiles, PROFILE_COLUMNS))} if parts.profiles else {}),
        _SERIES: (("series", *SERIES_COLUMNS), series),
        _FILES: (("path", "sha256", "text"), list(_listing(parts.folder))),
    }
    for name, (columns, rows) in tables.items():
        pyogrio.write_dataframe(pd.DataFrame(rows, columns=list(columns), dtype="object"), target, layer=name)
        yield name


def _cells(table: Table, columns: Sequence[str]) -> list[list[str]]:
    return [[row.cells[column] for column in columns] for row in table.rows]


def _listing(folder: Path) -> Iterator[list[str | None]]:
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.name.startswith("."):
            raw, name = path.read_bytes(), path.relative_to(folder).as_posix()
            yield [name, hashlib.sha256(raw).hexdigest(), raw.decode("utf-8-sig") if name in WORDS else None]


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _layer_from(source: Path, name: str, faults: list[Fault]) -> str:
    """Return a layer of the GeoPackage as the text of its file."""
    model = KINDS[name][1]
    frame = pyogrio.read_dataframe(source, layer=name)
    if frame.crs is not None and frame.crs.to_epsg() != 4326:
        frame = frame.to_crs("EPSG:4326")
    shapes = []
    for number, row in enumerate(frame.to_dict("records")):
        geometry = row.pop("geometry", None)
        try:
            properties = _properties(row, model)
        except ValueError as error:
            faults.append(Fault(str(source), 0, f"{name}[{number}]", str(error)))
            continue
        if geometry is None or geometry.is_empty:
            faults.append(Fault(str(source), 0, f"{name}[{number}]", "nothing is drawn for this row"))
            continue
        single = geometry.geoms[0] if geometry.geom_type.startswith("Multi") and len(geometry.geoms) == 1 else geometry
        shapes.append((properties, single))
    return layer_text(name, shapes)


def _properties(row: Mapping[str, Any], model: type[RiverModel]) -> dict[str, Any]:
    """Return a row as the properties of a file: an empty cell of a field that may be left out is left out."""
    found: dict[str, Any] = {}
    for key, value in row.items():
        field = model.model_fields.get(key)
        if value is None or value != value:  # NaN  # noqa: PLR0124
            if field is not None and field.is_required():
                found[key] = None
            continue
        kind = str(field.annotation) if field is not None else ""
        if ("list" in kind or "tuple" in kind) and isinstance(value, str):
            try:
                found[key] = json.loads(value)
            except json.JSONDecodeError as error:
                raise ValueError(f"{key}: not valid JSON: {error.msg}") from error
        elif "int" in kind and float(value).is_integer():
            found[key] = int(value)
        else:
            found[key] = value if isinstance(value, (str, int, float)) else str(value)
    return found


def _tables_from(source: Path, names: Sequence[str], faults: list[Fault]) -> dict[str, str]:
    texts: dict[str, str] = {}
    tables: list[tuple[str, Sequence[str]]] = [(_SECTIONS, SECTION_COLUMNS), (_SERIES, ("series", *SERIES_COLUMNS))]
    if _PROFILES in names:
        tables.append((_PROFILES, PROFILE_COLUMNS))
    for name, columns in tables:
        rows = list(_rows(source, name)) if name in names else []
        missing = [column for column in columns if rows and column not in rows[0]]
        if missing or name not in names:
            faults.append(Fault(str(source), 0, name, f"expected a table with the columns {', '.join(columns)}"))
        elif name in _PLAIN_TABLES:
            cells = [[str(row[column] or "") for column in columns] for row in rows]
            texts[_PLAIN_TABLES[name]] = table_text(columns, cells)
        else:
            texts.update(_series_from(source, rows, faults))
    return texts


def _series_from(source: Path, rows: Sequence[Mapping[str, Any]], faults: list[Fault]) -> dict[str, str]:
    grouped: dict[str, list[list[str]]] = {}
    for row in rows:
        name = str(row["series"])
        if not name or any(not (letter.isalnum() or letter == "-") for letter in name):
            faults.append(Fault(str(source), 0, _SERIES, f"{name!r} is no id of a series"))
            continue
        grouped.setdefault(name, []).append([str(row[column] or "") for column in SERIES_COLUMNS])
    return {f"series/{name}.csv": table_text(SERIES_COLUMNS, cells) for name, cells in grouped.items()}


def _rows(source: Path, table: str) -> Iterator[dict[str, Any]]:
    """Yield the rows of a table without geometry, in order."""
    with closing(sqlite3.connect(f"{source.resolve().as_uri()}?mode=ro", uri=True)) as pack:
        pack.row_factory = sqlite3.Row
        for row in pack.execute(f'SELECT * FROM "{table}" ORDER BY rowid'):  # noqa: S608 - one of our own names
            yield dict(row)
