"""River packages from other people's data: a centre line, drawn features, surveyed sections, level series, a rating.

Nothing is made up on the way: what a file does not say and the caller does not add is left out, and the check of the
package then asks for it by name.
"""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from shapely import LineString, Point, Polygon
from shapely.geometry.base import BaseGeometry

from rescuecmd.errors import Fault, FaultsError, InputError, nearest
from rescuecmd.geo import Frame
from rescuecmd.interop.gauge_choice import choose_levels
from rescuecmd.interop.gauge_values import Format, GaugeValues, read_values
from rescuecmd.interop.geojson_layer import load_layer
from rescuecmd.interop.gis_file import LonLat, read_features, read_shapes, river_line
from rescuecmd.interop.rating_table import RatingTable, read_rating
from rescuecmd.interop.river_edit import add_entry, joined_entry, set_entry, start_river, write
from rescuecmd.interop.river_file import NamedFile
from rescuecmd.interop.river_parts import KINDS, SECTION_COLUMNS, SERIES_COLUMNS
from rescuecmd.interop.river_series import HIGHEST_M, LOWEST_M
from rescuecmd.interop.river_series_door import check_id, check_series
from rescuecmd.interop.river_write import Shape, layer_text, table_text
from rescuecmd.river.axis import Axis
from rescuecmd.text import Text

_RING = 24  # corners of a reef drawn around a point
_MANNING = 0.035  # a natural channel, clean, winding (Chow 1959, table 5-6: 0.033 - 0.045)

_PUBLISHED = Text("按公布值。", "As published.")

_HEAD = """\
# {name}. Written by `rescuecmd river import line`; what is still missing is told by `rescuecmd river check`.
id: {id}
name: {{zh: {zh}, en: {en}}}
schematic: true           # false once its shape has been surveyed: a schematic river is marked so on every picture
crs: EPSG:4326
vertical_datum: {datum}
frame: {{lon_deg: {lon}, lat_deg: {lat}}}
mouth_km: {km}            # river km at the upper end; it falls going downstream
"""


@dataclass(frozen=True, slots=True)
class Origin:
    """Where data come from: written down with every layer."""

    source: str
    licence: str
    confidence: str = "low"

    def entry(self) -> dict[str, str]:
        """Return it as `river.yaml` has it."""
        return {"source": self.source, "confidence": self.confidence, "licence": self.licence}


def import_line(
    path: Path,
    folder: Path,
    origin: Origin,
    *,
    ends: tuple[LonLat, LonLat],
    names: tuple[str, str],
    datum: str,
    layer: str = "",
) -> float:
    """Begin a package with the centre line between two points, upstream one first; return its length, m.

    Parameters
    ----------
    names
        The river's name in Chinese and in English; the folder's name becomes its id.

    Raises
    ------
    FaultsError, InputError
        The file holds no such line, or the folder holds a package already.
    """
    line = river_line(read_shapes(path, layer), str(path), *ends)
    return start_package(folder, origin, line, names=names, datum=datum)


def start_package(folder: Path, origin: Origin, line: LineString, *, names: tuple[str, str], datum: str) -> float:
    """Begin a package with a centre line (longitude, latitude), drawn downstream; return its length, m."""
    check_id(folder.name, "the folder's name becomes the river's id")
    middle = line.interpolate(0.5, normalized=True)
    frame = Frame(round(middle.x, 3), round(middle.y, 3))
    length_m = Axis(np.column_stack(frame.to_xy(*line.xy))).length_m
    head = _HEAD.format(
        name=" ".join(names[1].split()), id=folder.name, zh=_quoted(names[0]), en=_quoted(names[1]), datum=datum,
        lon=frame.lon_deg, lat=frame.lat_deg, km=round(length_m / 1000, 3),
    )  # fmt: skip
    start_river(folder, head)
    write(folder / "centreline.geojson", layer_text("centreline", [({"id": "axis"}, line)]))
    set_entry(folder, "centreline", origin.entry(), under="layers")
    return length_m


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)  # a JSON string is a YAML string


def import_layer(
    path: Path,
    folder: Path,
    origin: Origin,
    kind: str,
    *,
    take: Mapping[str, str] | None = None,
    fixed: Mapping[str, Any] | None = None,
    layer: str = "",
    encoding: str = "",
    radius_m: float = 0.0,
) -> int:
    """Add drawn features to a layer of a package; return how many.

    Parameters
    ----------
    take
        Our field by the file's column; columns that are named as our fields are taken without being told.
    fixed
        Values that all features get.
    encoding
        Of the file's text, where it does not say so itself (see `read_features`).
    radius_m
        Draw a circle of this radius around points where the layer wants areas.

    Raises
    ------
    FaultsError, InputError
        The file cannot be read, has no such column, or holds another kind of geometry.
    """
    if kind not in KINDS:
        message = f"no layer {kind!r}{nearest(kind, KINDS)}; known are {', '.join(KINDS)}"
        raise InputError("bad-layer", message, zh=f"没有图层 {kind!r}；可用：{', '.join(KINDS)}")
    geometry_type, model = KINDS[kind]
    entry = joined_entry(folder, kind, origin.entry())
    frame = read_features(path, layer, encoding)
    columns = [str(column) for column in frame.columns if column != "geometry"]
    picked = {name: name for name in model.model_fields if name in columns} | dict(take or {})
    for ours, theirs in picked.items():
        _known(ours, list(model.model_fields), f"layer {kind!r} has no field")
        _known(theirs, columns, f"{path} has no column")
    for ours in fixed or {}:
        _known(ours, list(model.model_fields), f"layer {kind!r} has no field")
    shapes: list[Shape] = []
    for number, row in enumerate(frame.to_dict("records"), 1):
        told = {ours: _value(row[theirs]) for ours, theirs in picked.items()}
        told = {key: value for key, value in told.items() if value is not None}
        named = {"id": f"{kind.replace('_', '-')}-{number}"}
        own = origin.entry() if issubclass(model, NamedFile) else {}
        own.pop("licence", None)
        values = {**named, **own, **(fixed or {}), **told}
        check_id(str(values["id"]), f"{path}: feature {number}; --take id=COLUMN names another column")
        ordered = {key: values[key] for key in model.model_fields if key in values}
        shapes.append((ordered, _drawn(row["geometry"], geometry_type, radius_m, f"{path}: feature {number}")))
    _append(folder, kind, geometry_type, shapes)
    set_entry(folder, kind, entry, under="layers")
    return len(shapes)


def import_sections(path: Path, folder: Path, origin: Origin, *, layer: str = "", manning_n: float = _MANNING) -> int:
    """Write the sections of a package from surveyed lines with heights (x, y, z); return how many.

    Each line is turned to run from the right bank to the left, and all are put in order downstream.

    Raises
    ------
    FaultsError, InputError
        The package has no centre line yet, a line has no heights or does not cross it.
    """
    axis, frame = package_axis(folder)
    line = LineString(axis.xy)
    found: list[tuple[float, LineString, list[tuple[float, float]]]] = []
    shapes = read_shapes(path, layer)
    for number, drawn in enumerate(shapes, 1):
        where = f"{path}: feature {number}"
        if not isinstance(drawn, LineString) or not drawn.has_z:
            message = f"{where}: expected a line with a height at every point"
            raise InputError("no-heights", message, zh=f"{where}：应为每点都带高程的线")
        corners = np.array(drawn.coords)
        x, y = frame.to_xy(corners[:, 0], corners[:, 1])
        if axis.locate(x[0], y[0])[1] > axis.locate(x[-1], y[-1])[1]:
            corners, x, y = corners[::-1], x[::-1], y[::-1]
        flat = LineString(np.column_stack([x, y]))
        if not flat.intersects(line):
            message = f"{where}: the section does not cross the centre line"
            raise InputError("not-crossing", message, zh=f"{where}：断面与中心线不相交")
        middle = flat.intersection(line).centroid
        offsets = np.array([flat.project(Point(at)) for at in flat.coords]) - flat.project(middle)
        beds = [(round(float(off), 2), float(z)) for off, z in zip(offsets, corners[:, 2], strict=True)]
        found.append((float(line.project(middle)), LineString(corners[:, :2]), beds))
    found.sort(key=lambda one: one[0])
    width = len(str(len(found)))
    ids = [f"s{number:0{width}d}" for number in range(1, len(found) + 1)]
    drawn_as = [({"id": name, "manning_n": manning_n}, shape) for name, (_, shape, _) in zip(ids, found, strict=True)]
    rows = [
        (name, f"{off:.2f}", "" if math.isnan(bed) else f"{bed:.2f}")
        for name, (_, _, beds) in zip(ids, found, strict=True)
        for off, bed in beds
    ]
    write(folder / "sections.geojson", layer_text("sections", drawn_as))
    write(folder / "sections.csv", table_text(SECTION_COLUMNS, rows))
    set_entry(folder, "sections", origin.entry(), under="layers")
    return len(found)


@dataclass(frozen=True, slots=True)
class SeriesSpec:
    """What a file of levels does not say about itself."""

    id: str
    gauge: str
    vertical_datum: str
    zero_m: float | None = None
    site: str = ""
    kind: str = "observed"
    sigma_m: float = 0.0
    parameter: str = ""
    method: str = ""


def import_series(
    path: Path, folder: Path, origin: Origin, spec: SeriesSpec, *, form: Format | None = None, replace: bool = False
) -> GaugeValues:
    """Add a level series to a package; return what was read. One that is there already is only replaced if asked.

    Raises
    ------
    FaultsError
        The file cannot be read.
    InputError
        It has several sites, parameters or sensors and none was named, it holds stages and the gauge's zero was not
        given, or the package would not take the series: its id, gauge, levels or licence.
    """
    values = choose_levels(read_values(_bytes(path), str(path), form), spec, str(path))
    if values.quantity == "stage" and spec.zero_m is None:
        message = f"{path} holds stages, heights above the gauge's zero: name its level with --zero"
        raise InputError("no-zero", message, zh=f"{path} 中是水尺读数（零点以上高度）：请用 --zero 给出零点高程")
    zero_m = spec.zero_m if values.quantity == "stage" and spec.zero_m is not None else 0.0
    add_series(folder, origin, spec, values, zero_m=zero_m, replace=replace)
    return values


def add_series(
    folder: Path,
    origin: Origin,
    spec: SeriesSpec,
    values: GaugeValues,
    *,
    zero_m: float = 0.0,
    note: Text = _PUBLISHED,
    replace: bool = False,
) -> None:
    """Write a series of levels, or of stages above a zero, into a package, with a note on what its values are.

    Raises
    ------
    InputError
        The package would not take it; nothing has been written then.
    """
    check_series(folder, spec, replace=replace)
    layer = joined_entry(folder, "series", origin.entry())
    strange = next((value for _, value in values.values if not LOWEST_M <= zero_m + value <= HIGHEST_M), None)
    if strange is not None:
        span = f"from {LOWEST_M:g} to {HIGHEST_M:g} m"
        raise InputError("bad-level", f"series {spec.id!r}: expected levels {span}, got {zero_m + strange:g}")
    rows = [
        (
            datetime.fromtimestamp(time_s, UTC).isoformat(timespec="minutes" if time_s % 60 == 0 else "seconds"),
            f"{zero_m + value:.3f}", spec.vertical_datum, spec.kind, f"{spec.sigma_m:.2f}", origin.confidence,
            f"published: {origin.source}",
        )
        for time_s, value in values.values
    ]  # fmt: skip
    write(folder / "series" / f"{spec.id}.csv", table_text(SERIES_COLUMNS, rows))
    zh, en = note.zh, note.en
    if values.left_out:
        zh += f"{len(values.left_out)} 个无效值未采用。"
        en += f" {len(values.left_out)} values without a level were left out."
    entry = {
        "id": spec.id, "gauge": spec.gauge, "kind": spec.kind, "name": {"zh": spec.id, "en": spec.id},
        "confidence": origin.confidence, "source": origin.source, "note": {"zh": zh, "en": en},
    }  # fmt: skip
    add_entry(folder, "series", entry)
    set_entry(folder, "series", layer, under="layers")


def import_rating(
    path: Path, folder: Path, origin: Origin, *, gauge: str, zero_m: float, max_current_mps: float
) -> RatingTable:
    """Set the rating of a package from a USGS rating table; `zero_m` brings its stages to the river's datum."""
    table = read_rating(_bytes(path), str(path))
    rating = {
        "gauge": gauge,
        "no_flow_m": round(zero_m + table.no_flow_m, 3),
        "points": [
            {"level_m": round(zero_m + stage, 3), "discharge_m3ps": round(flow, 3), "source": origin.source}
            for stage, flow in table.points
        ],
        "max_current_mps": max_current_mps,
        "confidence": origin.confidence,
        "source": f"{origin.source}; {table.name or table.site}",
    }
    set_entry(folder, "rating", rating)
    return table


def _known(name: str, known: Sequence[str], what: str) -> None:
    if name not in known:
        raise InputError("bad-field", f"{what} {name!r}{nearest(name, known)}; there are {', '.join(known)}")


def _value(value: Any) -> Any:
    """Return a cell as plain data; None where it is empty."""
    if value is None or value != value:  # noqa: PLR0124 - NaN
        return None
    value = value.item() if hasattr(value, "item") else value
    return value if isinstance(value, (str, int, float, bool)) else str(value)


def _drawn(shape: BaseGeometry, wanted: str, radius_m: float, where: str) -> BaseGeometry:
    if shape.geom_type == wanted:
        return shape
    if shape.geom_type == "Point" and wanted == "Polygon" and radius_m > 0:
        around = Frame(shape.x, shape.y)
        ring = Point(0.0, 0.0).buffer(radius_m, quad_segs=_RING // 4).exterior
        return Polygon(np.column_stack(around.to_lonlat(*ring.xy)))
    hint = "; give points a --radius" if shape.geom_type == "Point" and wanted == "Polygon" else ""
    raise InputError("bad-geometry", f"{where}: expected a {wanted}, it is a {shape.geom_type}{hint}")


def _append(folder: Path, kind: str, geometry_type: str, shapes: Sequence[Shape]) -> None:
    """Write a layer with these features after the ones it has; one of the same id takes the other's place."""
    path = folder / f"{kind}.geojson"
    merged: dict[str, Shape] = {}
    if path.exists():
        features, faults = load_layer(path, geometry_type)
        if faults:
            raise FaultsError(faults)
        merged = {str(one.document.data.get("id")): (one.document.data, one.geometry) for one in features}
    merged.update({str(properties["id"]): (properties, shape) for properties, shape in shapes})
    write(path, layer_text(kind, merged.values()))


def package_axis(folder: Path) -> tuple[Axis, Frame]:
    """Return the centre line of a package and the frame around its middle."""
    features, faults = load_layer(folder / "centreline.geojson", "LineString")
    if faults or len(features) != 1:
        raise FaultsError(faults or [Fault(str(folder / "centreline.geojson"), 1, "", "expected one centre line")])
    line = features[0].geometry
    middle = line.interpolate(0.5, normalized=True)
    frame = Frame(middle.x, middle.y)
    return Axis(np.column_stack(frame.to_xy(*line.xy))), frame


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise FaultsError([Fault(str(path), 0, "", f"cannot be read: {error.strerror or error}")]) from error
