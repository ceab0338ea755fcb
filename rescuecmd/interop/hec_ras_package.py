"""A reach of a HEC-RAS model as the beginning of a river package: its centre line and its surveyed sections.

Cut lines of a model bend and reach far over the banks; our sections are read straight across. Each point of a section
is therefore put where it lies across the channel, and a section ends a little beyond the channel's banks, which are
written down as such: one level for a whole section says nothing about flooded banks, and no boat is sent there.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
from pyproj import CRS, Transformer
from pyproj.exceptions import CRSError
from shapely import LineString
from shapely.ops import substring

from rescuecmd.errors import InputError
from rescuecmd.geo import Floats, Frame
from rescuecmd.interop.gis_file import LonLat
from rescuecmd.interop.hec_ras import RasModel, RasReach, read_model, told_of
from rescuecmd.interop.hec_ras_layout import CENTRELINES, SECTIONS
from rescuecmd.interop.river_edit import set_entry, write
from rescuecmd.interop.river_import import Origin, start_package
from rescuecmd.interop.river_parts import SECTION_COLUMNS
from rescuecmd.interop.river_write import Shape, layer_text, table_text
from rescuecmd.river.axis import Axis
from rescuecmd.river.conveyance import Survey

_APART_M = 1.0  # sections nearer to each other than this are one
_LONGER = 5.0
"""Channel lengths and the drawn line may differ by this factor: lines are drawn coarsely, and a meander of sinuosity 3
may be cut off in one of them; Baxter's differ by 0.7 %. Ten times is a slip of the decimal point."""
_SLACK_M = 20.0  # sections on both faces of a bridge are metres apart, less than a line is drawn right to
_POINTS_APART_M = 0.02  # sections.csv has centimetres


@dataclass(frozen=True, slots=True)
class Imported:
    """What came of a model: sections written, sections left out and why; ``kept`` are the model's river stations."""

    sections: int
    left_out: tuple[str, ...]
    kept: tuple[str, ...]
    length_m: float


def import_model(
    path: Path,
    folder: Path,
    origin: Origin,
    *,
    datum: str,
    reach: str = "",
    at: LonLat | None = None,
    beyond_m: float = 20.0,
) -> Imported:
    """Begin a package with a reach of a model.

    Parameters
    ----------
    at
        Where the middle of the reach lies, for a model that names no projection.
    beyond_m
        How far beyond the channel's banks a section goes.

    Raises
    ------
    InputError
        The model is damaged, has no projection and no place was given, or fewer than two of its sections fit.
    """
    model = read_model(path)
    chosen = model.reach(reach)
    if len(chosen.centreline_xy) < 2:
        raise InputError("no-centreline", f"{path}: {CENTRELINES} has no line of reach {chosen.name!r}; draw it there")
    lonlat, frame = _placing(model, chosen, at)
    with told_of(path):
        axis = _axis(chosen, frame, lonlat)
    found: list[_Cut] = []
    stated: list[float] = []
    left_out: list[str] = []
    for survey, cut in zip(chosen.surveys, chosen.lines_xy, strict=True):
        try:
            found.append(_section(survey, _framed(cut, frame, lonlat), axis, beyond_m))
            stated.append(survey.chainage_m)
        except InputError as error:
            left_out.append(f"{survey.id}: {error.message}")
    _lengths_agree(path, stated, found)
    found.sort(key=lambda one: one.chainage_m)
    kept = _apart(found, left_out)
    if len(kept) < 2:
        raise InputError(
            "no-sections", f"fewer than two sections of {chosen.name!r} fit the centre line; {left_out[:3]}"
        )
    trimmed = substring(LineString(axis.xy), kept[0].chainage_m, kept[-1].chainage_m)
    line = LineString(np.column_stack(frame.to_lonlat(*trimmed.xy)))
    start_package(folder, origin, line, names=(chosen.name, chosen.name), datum=datum)
    _write_sections(folder, origin, kept, frame)
    return Imported(len(kept), tuple(left_out), tuple(one.id for one in kept), float(trimmed.length))


@dataclass(frozen=True, eq=False)
class _Cut:
    """A section in the frame: where it crosses, and offset and bed from the right bank to the left."""

    id: str
    chainage_m: float
    offsets_m: Floats
    beds_m: Floats
    line: LineString
    manning_n: float
    channel_m: tuple[float, float]


def _placing(model: RasModel, reach: RasReach, at: LonLat | None) -> "tuple[_Placing, Frame]":
    """Return the way from the model's coordinates to longitude and latitude, and a frame around the reach."""
    middle = reach.centreline_xy.mean(axis=0)
    if model.projection:
        try:
            transformer = Transformer.from_crs(CRS.from_wkt(model.projection), "EPSG:4326", always_xy=True)
        except CRSError as error:
            raise InputError("bad-projection", f"{model.path}: its projection cannot be read: {error}") from error
        lon, lat = transformer.transform(*middle)
        return _Placing(transformer, None, 1.0, middle), Frame(round(float(lon), 3), round(float(lat), 3))
    if at is None:
        raise InputError(
            "no-projection",
            f"{model.path} names no projection; say where its middle lies with --at lon,lat",
            zh=f"{model.path} 没有投影信息；请用 --at 经度,纬度 给出其中点",
        )
    return _Placing(None, Frame(*at), model.unit_m, middle), Frame(*at)


@dataclass(frozen=True, slots=True)
class _Placing:
    """Either a projection, or a frame around a given middle."""

    transformer: Transformer | None
    frame: Frame | None
    unit_m: float
    middle: Floats

    def lonlat(self, xy: Floats) -> tuple[Floats, Floats]:
        """Return longitude and latitude of points in the model's coordinates."""
        if self.transformer is not None:
            lon, lat = self.transformer.transform(xy[:, 0], xy[:, 1])
            return np.asarray(lon), np.asarray(lat)
        assert self.frame is not None  # noqa: S101 - one of the two is given
        moved = (xy - self.middle) * self.unit_m
        return self.frame.to_lonlat(moved[:, 0], moved[:, 1])


def _framed(xy: Floats, frame: Frame, placing: _Placing) -> Floats:
    framed = np.column_stack(frame.to_xy(*placing.lonlat(xy)))
    if not np.isfinite(framed).all():
        raise InputError("bad-projection", "its points do not lie where the model's projection holds")
    return framed


def _axis(reach: RasReach, frame: Frame, placing: _Placing) -> Axis:
    xy = _framed(reach.centreline_xy, frame, placing)
    line = LineString(xy).simplify(2.0)  # a line of ten thousand points has normals that jump
    return Axis(np.asarray(line.coords))


def _section(survey: Survey, cut: Floats, axis: Axis, beyond_m: float) -> _Cut:
    """Put a section across the axis: stations run from the left, offsets from the right."""
    line = LineString(cut)
    meeting = line.intersection(LineString(axis.xy))
    if meeting.geom_type != "Point":
        raise InputError("not-crossing", "it does not cross the centre line once")
    chainage = float(axis.locate(meeting.x, meeting.y)[0])
    zero = line.project(meeting)
    scale = line.length / max(float(survey.stations_m[-1] - survey.stations_m[0]), 1e-6)
    along = (survey.stations_m - survey.stations_m[0]) * scale
    left, right = ((bank - survey.stations_m[0]) * scale for bank in survey.banks_m)
    within = (along >= left - beyond_m) & (along <= right + beyond_m)
    offsets, beds = (zero - along[within])[::-1], survey.beds_m[within][::-1]
    keep = np.concatenate([[True], np.diff(offsets) >= _POINTS_APART_M])
    offsets, beds = offsets[keep], beds[keep]
    if len(offsets) < 3 or not offsets[0] < 0 < offsets[-1]:
        raise InputError("too-narrow", "its channel does not lie on both sides of the centre line")
    x, y = axis.point(np.full(2, chainage), offsets[[0, -1]])
    n = next((value for station, value in reversed(survey.roughness) if station <= survey.banks_m[0] + 1e-6), 0.035)
    drawn = LineString([(float(x[0]), float(y[0])), (meeting.x, meeting.y), (float(x[1]), float(y[1]))])
    channel = (max(zero - right, float(offsets[0])), min(zero - left, float(offsets[-1])))
    return _Cut(survey.id, chainage, offsets, beds, drawn, min(max(n, 0.005), 0.5), channel)


def _lengths_agree(path: Path, stated_m: Sequence[float], found: Sequence[_Cut]) -> None:
    """Refuse a model whose lengths between sections are not those along its drawn centre line."""
    for (above, below), stated in zip(pairwise(found), np.diff(stated_m), strict=True):
        drawn = below.chainage_m - above.chainage_m
        if abs(stated - drawn) > _SLACK_M and not drawn / _LONGER <= stated <= drawn * _LONGER:
            raise InputError(
                "bad-lengths",
                f"{path}: {SECTIONS}/Attributes has {stated:.4g} m of channel ('Len Channel') from {above.id} to "
                f"{below.id}, the drawn centre line {drawn:.4g} m; correct the lengths or the line in HEC-RAS",
            )


def _apart(found: list[_Cut], left_out: list[str]) -> list[_Cut]:
    """Return sections that do not cross the one before them."""
    kept: list[_Cut] = []
    for one in found:
        if kept and (one.chainage_m - kept[-1].chainage_m < _APART_M or one.line.intersects(kept[-1].line)):
            left_out.append(f"{one.id}: it meets section {kept[-1].id} in a bend")
        else:
            kept.append(one)
    return kept


def _write_sections(folder: Path, origin: Origin, kept: list[_Cut], frame: Frame) -> None:
    shapes: list[Shape] = []
    rows = []
    width = len(str(len(kept)))
    for number, one in enumerate(kept, 1):
        name = f"s{number:0{width}d}"
        # rounded inwards, so that the banks stay within the rows of sections.csv
        channel = [math.ceil(one.channel_m[0] * 100) / 100, math.floor(one.channel_m[1] * 100) / 100]
        properties = {"id": name, "manning_n": round(one.manning_n, 4), "channel_m": channel}
        shapes.append((properties, LineString(np.column_stack(frame.to_lonlat(*one.line.xy)))))
        rows += [(name, f"{off:.2f}", f"{bed:.2f}") for off, bed in zip(one.offsets_m, one.beds_m, strict=True)]
    write(folder / "sections.geojson", layer_text("sections", shapes))
    write(folder / "sections.csv", table_text(SECTION_COLUMNS, rows))
    set_entry(folder, "sections", origin.entry(), under="layers")
