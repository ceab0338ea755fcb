"""Lines, points and areas from files of GIS programs (GeoPackage, GeoJSON, Shapefile), as longitude and latitude."""

from collections.abc import Sequence
from itertools import combinations
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pyogrio
from pyproj.exceptions import CRSError
from shapely import LineString, MultiLineString, Point, line_merge
from shapely.errors import ShapelyError
from shapely.geometry.base import BaseGeometry
from shapely.ops import substring

from rescuecmd.errors import Fault, FaultsError, InputError, nearest
from rescuecmd.geo import Frame
from rescuecmd.interop.gis_text import check_encoding, untold_text

LonLat = tuple[float, float]
_JOIN_M = 50.0  # lines whose ends are this near are one line: digitised rivers come in pieces
_ELSEWHERE_M = 100_000.0  # no slip of a pen: most often longitude and latitude are swapped
_NEAR_M = 5000.0  # a point that names a line lies this near to it


def read_shapes(path: Path, layer: str = "") -> gpd.GeoSeries:
    """Return what is drawn in a layer, reprojected to WGS 84; its columns are left alone.

    Raises
    ------
    FaultsError
        See `read_features`.
    """
    chosen = _layer_of(path, layer)
    return _drawn(path, chosen, _read(path, chosen, columns=[])).geometry


def read_features(path: Path, layer: str = "", encoding: str = "") -> gpd.GeoDataFrame:
    """Return a layer with its columns, reprojected to WGS 84; parts of multi-geometries become rows of their own.

    Parameters
    ----------
    encoding
        Of the text of a Shapefile or a GeoJSON file, such as ``gb18030``; empty: as the file itself says.

    Raises
    ------
    InputError
        There is no such encoding, or the file is of a kind that always says its own.
    FaultsError
        It cannot be read, has several layers and none was named, has no coordinate system, or holds nothing; or it
        does not say how its text is encoded and holds more than ASCII.
    """
    chosen = _layer_of(path, layer)
    if encoding:
        check_encoding(path, chosen, encoding)
    frame = _read(path, chosen, encoding=encoding or None)
    if not encoding and (strange := untold_text(path, chosen, frame)):
        raise FaultsError([Fault(str(path), 0, chosen, strange)])
    return _drawn(path, chosen, frame)


def _layer_of(path: Path, wanted: str) -> str:
    try:
        return _choose(path, [str(name) for name, _ in pyogrio.list_layers(path)], wanted)
    except pyogrio.errors.DataSourceError as error:
        why = str(error).split("; It might help", maxsplit=1)[0]  # to GDAL's programmers
        raise FaultsError([Fault(str(path), 0, "", f"not a file with drawn features: {why}")]) from error


def _read(path: Path, layer: str, **how: Any) -> gpd.GeoDataFrame:
    try:
        frame = gpd.read_file(path, layer=layer, **how)
    except UnicodeDecodeError as error:
        message = f"its text is not {how.get('encoding') or 'UTF-8'}; say what it is, such as --encoding gb18030"
        raise FaultsError([Fault(str(path), 0, layer, message)]) from error
    except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError, ValueError, ShapelyError, CRSError) as error:
        raise FaultsError([Fault(str(path), 0, layer, f"not a file with drawn features: {error}")]) from error
    if not isinstance(frame, gpd.GeoDataFrame):
        raise FaultsError([Fault(str(path), 0, layer, "a table without geometry; nothing is drawn in it")])
    return frame


def _drawn(path: Path, layer: str, frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the features that are drawn somewhere, in WGS 84, each in one piece."""
    if frame.crs is None:
        message = "it does not say in which coordinate system it is drawn; set one in your GIS program and save again"
        raise FaultsError([Fault(str(path), 0, layer, message)])
    frame = frame[~(frame.geometry.is_empty | frame.geometry.isna())].to_crs("EPSG:4326")
    frame = frame.explode(ignore_index=True)
    if frame.empty or not np.isfinite(frame.total_bounds).all():
        raise FaultsError([Fault(str(path), 0, layer, "nothing is drawn in it")])
    return frame


def _choose(path: Path, layers: Sequence[str], wanted: str) -> str:
    if wanted and wanted not in layers:
        raise FaultsError([Fault(str(path), 0, "", f"no layer {wanted!r}{nearest(wanted, layers)}")])
    if not wanted and len(layers) != 1:
        raise FaultsError([Fault(str(path), 0, "", f"name one of its layers: {', '.join(layers) or 'it has none'}")])
    return wanted or layers[0]


def river_line(shapes: gpd.GeoSeries, name: str, start: LonLat, end: LonLat) -> LineString:
    """Return the line from near one point to near another, in that direction; pieces are joined.

    Raises
    ------
    InputError
        The points are not near one line, or on the same spot of it.
    FaultsError
        The file holds no line.
    """
    lines = [shape for shape in shapes if isinstance(shape, LineString)]
    if not lines:
        raise FaultsError([Fault(name, 0, "", f"expected lines, it holds {shapes.iloc[0].geom_type}s")])
    middle = Frame((start[0] + end[0]) / 2, (start[1] + end[1]) / 2)
    placed = [LineString(np.column_stack(middle.to_xy(*line.xy))) for line in lines]
    ends = [Point(*middle.point_xy(*at)) for at in (start, end)]
    line = min(_joined(placed), key=lambda one: max(one.distance(at) for at in ends))
    far_m = max(line.distance(at) for at in ends)
    if far_m > _NEAR_M:
        message = f"no line of {name} passes both points: the nearest is {far_m / 1000:.1f} km off"
        hint = "; longitude comes first" if far_m > _ELSEWHERE_M else ""
        zh = f"{name} 中没有经过这两点的线：最近的相距 {far_m / 1000:.1f} 千米" + ("；经度在前" if hint else "")
        raise InputError("not-on-line", f"{message}{hint}", zh=zh)
    first, last = (float(line.project(at)) for at in ends)
    if abs(first - last) < 1.0:
        message = "both points lie at the same spot of the line"
        raise InputError("not-on-line", message, zh="两点在线上是同一处")
    part = substring(line, first, last)
    return LineString(np.column_stack(middle.to_lonlat(*part.xy)))


def _joined(lines: list[LineString]) -> list[LineString]:
    """Return lines with touching or nearly touching ends made one."""
    merged: BaseGeometry = line_merge(MultiLineString(lines))
    pieces = list(merged.geoms) if isinstance(merged, MultiLineString) else [merged]
    while (found := _first_join(pieces)) is not None:
        one, other, whole = found
        pieces = [whole, *(piece for at, piece in enumerate(pieces) if at not in {one, other})]
    return pieces


def _first_join(pieces: Sequence[LineString]) -> tuple[int, int, LineString] | None:
    """Return two pieces by number and the line they make, where an end of one nearly meets an end of the other."""
    for (one, a), (other, b) in combinations(enumerate(pieces), 2):
        for first in (a, a.reverse()):
            for second in (b, b.reverse()):
                if Point(first.coords[-1]).distance(Point(second.coords[0])) <= _JOIN_M:
                    return one, other, LineString([*first.coords, *second.coords])
    return None
