"""Lines, points and areas from files of GIS programs (GeoPackage, GeoJSON, Shapefile), as longitude and latitude."""

from collections.abc import Sequence
from itertools import combinations
from pathlib import Path

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

LonLat = tuple[float, float]
_JOIN_M = 50.0  # lines whose ends are this near are one line: digitised rivers come in pieces
_NEAR_M = 5000.0  # a point that names a line lies this near to it


def read_shapes(path: Path, layer: str = "") -> gpd.GeoDataFrame:
    """Return a layer with its columns, reprojected to WGS 84; parts of multi-geometries become rows of their own.

    Raises
    ------
    FaultsError
        It cannot be read, has several layers and none was named, has no coordinate system, or holds nothing.
    """
    try:
        layers = [str(name) for name, _ in pyogrio.list_layers(path)]
        chosen = _choose(path, layers, layer)
        frame = gpd.read_file(path, layer=chosen)
    except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError, ValueError, ShapelyError, CRSError) as error:
        raise FaultsError([Fault(str(path), 0, "", f"not a file with drawn features: {error}")]) from error
    if not isinstance(frame, gpd.GeoDataFrame):
        raise FaultsError([Fault(str(path), 0, chosen, "a table without geometry; nothing is drawn in it")])
    if frame.crs is None:
        message = "it does not say in which coordinate system it is drawn; set one in your GIS program and save again"
        raise FaultsError([Fault(str(path), 0, chosen, message)])
    frame = frame[~(frame.geometry.is_empty | frame.geometry.isna())].to_crs("EPSG:4326")
    frame = frame.explode(ignore_index=True)
    if frame.empty or not np.isfinite(frame.total_bounds).all():
        raise FaultsError([Fault(str(path), 0, chosen, "nothing is drawn in it")])
    return frame


def _choose(path: Path, layers: Sequence[str], wanted: str) -> str:
    if wanted and wanted not in layers:
        raise FaultsError([Fault(str(path), 0, "", f"no layer {wanted!r}{nearest(wanted, layers)}")])
    if not wanted and len(layers) != 1:
        raise FaultsError([Fault(str(path), 0, "", f"name one of its layers: {', '.join(layers) or 'it has none'}")])
    return wanted or layers[0]


def river_line(frame: gpd.GeoDataFrame, name: str, start: LonLat, end: LonLat) -> LineString:
    """Return the line from near one point to near another, in that direction; pieces are joined.

    Raises
    ------
    InputError
        The points are not near one line, or on the same spot of it.
    FaultsError
        The file holds no line.
    """
    lines = [shape for shape in frame.geometry if isinstance(shape, LineString)]
    if not lines:
        raise FaultsError([Fault(name, 0, "", f"expected lines, it holds {frame.geometry.iloc[0].geom_type}s")])
    middle = Frame((start[0] + end[0]) / 2, (start[1] + end[1]) / 2)
    placed = [LineString(np.column_stack(middle.to_xy(*line.xy))) for line in lines]
    ends = [Point(*middle.point_xy(*at)) for at in (start, end)]
    line = min(_joined(placed), key=lambda one: max(one.distance(at) for at in ends))
    far_m = max(line.distance(at) for at in ends)
    if far_m > _NEAR_M:
        raise InputError(
            "not-on-line", f"no line of {name} passes both points: the nearest is {far_m / 1000:.1f} km off"
        )
    first, last = (float(line.project(at)) for at in ends)
    if abs(first - last) < 1.0:
        raise InputError("not-on-line", "both points lie at the same spot of the line")
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
