"""The shape of a river from its package: the centre line, and the sections with their beds, in order."""

import math
from itertools import pairwise

import numpy as np
from shapely import LineString, STRtree
from shapely.ops import nearest_points

from rescuecmd.errors import Fault, InputError
from rescuecmd.geo import Floats, Frame
from rescuecmd.interop.river_file import SectionFile
from rescuecmd.interop.river_parts import Item, M, Parts
from rescuecmd.river.axis import Axis
from rescuecmd.river.feature import Section

_FAR_DEG = 1.0  # a layer this far from the frame's centre has its coordinates mixed up
_SNAP_M = 5.0  # a section this close to an end of the centre line stands at the end
_MATCH_M = 15.0  # the drawn line of a section and its rows in sections.csv agree to this
_LEAST_POINTS = 3


def axis_of(parts: Parts, frame: Frame) -> Axis | None:
    """Return the centre line in the frame; None after noting what is wrong with it."""
    path = str(parts.folder / "centreline.geojson")
    if len(parts.centreline) != 1:
        if not any(fault.file == path for fault in parts.faults):
            parts.faults.extend(item.fault("expected one centre line only") for item in parts.centreline[1:])
        return None
    item = parts.centreline[0]
    if not near_frame(parts, frame, item):
        return None
    try:
        return Axis(np.column_stack(frame.to_xy(*item.feature.geometry.xy)))
    except InputError as error:
        parts.faults.append(item.fault(error.message))
        return None


def near_frame(parts: Parts, frame: Frame, item: Item[M]) -> bool:
    """Return whether a feature lies near the frame's centre; note a fault if not."""
    west, south, east, north = item.feature.geometry.bounds
    off = max(
        abs(west - frame.lon_deg), abs(east - frame.lon_deg), abs(south - frame.lat_deg), abs(north - frame.lat_deg)
    )
    if off <= _FAR_DEG:
        return True
    parts.faults.append(
        item.fault(f"{off:.1f} degrees from the frame's centre; longitude comes first, then latitude (WGS 84)")
    )
    return False


def sections_of(parts: Parts, frame: Frame, axis: Axis) -> tuple[Section, ...]:
    """Return the sections in order, downstream; what is wrong is noted and left out."""
    beds = _beds(parts) if parts.beds else {}
    line = LineString(axis.xy)
    placed: list[tuple[Item[SectionFile], Section, LineString]] = []
    for item in parts.sections:
        if not near_frame(parts, frame, item):
            continue
        drawn = LineString(np.column_stack(frame.to_xy(*item.feature.geometry.xy)))
        chainage_m = _crossing(parts, item, drawn, line, axis)
        if chainage_m is None or not _has_bed(parts, item, beds):
            continue
        offsets, levels = np.array(beds[item.data.id]).T
        if _fits(parts, item, drawn, axis, offsets):
            section = Section(
                id=item.data.id,
                chainage_m=chainage_m,
                offsets_m=offsets,
                beds_m=levels,
                manning_n=item.data.manning_n,
                left_bank_m=float(offsets[-1]),
                right_bank_m=float(offsets[0]),
                channel=item.data.channel_m,
                overbank_n=item.data.overbank_n,
            )
            placed.append((item, section, drawn))
    _check_order(parts, placed, axis)
    return tuple(section for _, section, _ in placed)


def _beds(parts: Parts) -> dict[str, list[tuple[float, float]]]:
    """Return (offset, bed) of each section in sections.csv; offsets must grow from the right bank to the left."""
    table = parts.beds
    assert table is not None  # noqa: S101 - asked only when there is one
    known = [item.data.id for item in parts.sections]
    beds: dict[str, list[tuple[float, float]]] = {}
    for row in table.rows:
        section_id = table.one_of(row, "section", known) if known else None
        offset = table.number(row, "offset_m")
        bed = table.number(row, "bed_m") if row.cells["bed_m"] else math.nan  # an empty cell: not surveyed
        if section_id is None or offset is None or bed is None:
            continue
        points = beds.setdefault(section_id, [])
        if points and offset <= points[-1][0]:
            table.fault(
                row, "offset_m", f"offsets grow from the right bank to the left: {offset:g} after {points[-1][0]:g}"
            )
            continue
        points.append((offset, bed))
    return beds


def _has_bed(parts: Parts, item: Item[SectionFile], beds: dict[str, list[tuple[float, float]]]) -> bool:
    points = beds.get(item.data.id, [])
    if parts.beds is None:
        return False
    known = sum(math.isfinite(bed) for _, bed in points)
    if known < _LEAST_POINTS:
        parts.faults.append(
            item.fault(f"sections.csv has {known} good rows for it, at least {_LEAST_POINTS} are needed")
        )
        return False
    if not points[0][0] < 0 < points[-1][0]:
        parts.faults.append(item.fault("its offsets in sections.csv must lie on both sides of the centre line"))
        return False
    return True


def _crossing(parts: Parts, item: Item[SectionFile], drawn: LineString, line: LineString, axis: Axis) -> float | None:
    """Return the chainage where a section crosses the centre line."""
    meeting = drawn.intersection(line)
    if meeting.geom_type not in {"Point", "LineString"}:
        parts.faults.append(item.fault("the section crosses the centre line more than once"))
        return None
    if meeting.is_empty:
        if drawn.distance(line) > 1.0:
            parts.faults.append(item.fault("the section does not cross the centre line"))
            return None
        chainage = float(line.project(nearest_points(line, drawn)[0]))
    else:
        chainage = float(line.project(meeting.centroid))
    if chainage < _SNAP_M:
        return 0.0
    return axis.length_m if chainage > axis.length_m - _SNAP_M else chainage


def _fits(parts: Parts, item: Item[SectionFile], drawn: LineString, axis: Axis, offsets: Floats) -> bool:
    """Return whether the drawn line runs from the right bank to the left as far as its rows say."""
    ends = np.array([drawn.coords[0], drawn.coords[-1]])
    _, off = axis.locate(ends[:, 0], ends[:, 1])
    if off[0] > off[1]:
        parts.faults.append(item.fault("the section must be drawn from the right bank to the left, looking downstream"))
        return False
    channel = item.data.channel_m
    if channel and not offsets[0] <= channel[0] < channel[1] <= offsets[-1]:
        message = f"expected the channel's right and left bank within {offsets[0]:g} .. {offsets[-1]:g} m"
        parts.faults.append(item.fault(message, "channel_m"))
        return False
    for side, drawn_m, row_m in (("right", off[0], offsets[0]), ("left", off[1], offsets[-1])):
        if abs(drawn_m - row_m) > _MATCH_M:
            message = (
                f"its {side} end is drawn at offset {drawn_m:.0f} m, its rows in sections.csv end at {row_m:.0f} m"
            )
            parts.faults.append(item.fault(message))
            return False
    return True


def _check_order(parts: Parts, placed: list[tuple[Item[SectionFile], Section, LineString]], axis: Axis) -> None:
    for (_, first, _), (item, second, _) in pairwise(placed):
        if second.chainage_m <= first.chainage_m:
            parts.faults.append(
                item.fault(
                    f"out of order: {second.id} at chainage {second.chainage_m:.0f} m stands after {first.id} at "
                    f"{first.chainage_m:.0f} m; sections are listed downstream"
                )
            )
    _check_crossings(parts, placed)
    if len(placed) < 2:
        _whole(parts, "at least two sections are needed")
    elif placed[0][1].chainage_m > 0 or placed[-1][1].chainage_m < axis.length_m:
        _whole(parts, "the first and the last section must stand at the two ends of the centre line")


def _check_crossings(parts: Parts, placed: list[tuple[Item[SectionFile], Section, LineString]]) -> None:
    lines = [drawn for _, _, drawn in placed]
    pairs = STRtree(lines).query(lines, predicate="intersects") if lines else np.empty((2, 0), dtype=int)
    for later, earlier in sorted((int(a), int(b)) for a, b in pairs.T if a > b):
        message = f"section {placed[later][1].id} crosses section {placed[earlier][1].id}"
        parts.faults.append(placed[later][0].fault(message))


def _whole(parts: Parts, message: str) -> None:
    """Note a fault of the sections as a whole, unless a single section already explains it."""
    path = str(parts.folder / "sections.geojson")
    if parts.beds is None or parts.beds.faults or any(fault.file == path for fault in parts.faults):
        return
    line = parts.sections[0].feature.line if parts.sections else 1
    parts.faults.append(Fault(path, line, "", message))
