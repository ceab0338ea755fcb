"""The grid of nodes over the chart and the edges between them, as columns: by stretches of the river or as a whole.

Nodes are numbered down the river, those of one chainage from the right bank to the left; edges are sorted by start and
end. So a stretch of the river is a run of nodes and a run of edges, and can be drawn anew by itself.
"""

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from rescuecmd.errors import InputError, NotCoveredError
from rescuecmd.geo import Floats
from rescuecmd.river.model import River
from rescuecmd.routing.chart import PER_HALF, Chart, Links, draw_chart, highest_m, rounded_up
from rescuecmd.routing.narrows import Mask, Singles

SPAN_REACH_M = 4.5
"""A boat under the edge of two spans must fit under both."""

AROUND = ((1, 0), (-1, 0), (0, 1), (0, -1), (1, 1), (1, -1), (-1, 1), (-1, -1))
"""Steps down the river and to the left that edges take."""

Ints = NDArray[np.int64]
Rows = tuple[int, int]
"""Rows of nodes, every half step: the first, and the one after the last."""


def draw_grid(river: River, step_m: float, narrow_m: float) -> Chart:
    """Return the chart of a river with its nodes numbered.

    Raises
    ------
    InputError
        The step is not positive, or the width of narrows below 0.
    NotCoveredError
        The river is shorter than two steps or has no navigable water.
    """
    if not step_m > 0:
        raise InputError("bad-step", f"the grid step must be above 0 m, got {step_m}")
    if not 0 <= narrow_m < np.inf:
        raise InputError("bad-step", f"the width of narrows must be a length or 0 for none, got {narrow_m}")
    if river.length_m < 2 * step_m:
        short = f"{river.length_m:.0f} m of river are too short for {step_m:.0f} m steps"
        raise NotCoveredError("river-too-short", short)
    chart = draw_chart(river, step_m, narrow_m)
    wet = wet_places(chart, (0, len(chart.node)))
    if not wet.any():
        raise NotCoveredError("no-water", f"river {river.id!r} has no navigable water", river=river.id)
    chart.node[wet] = np.arange(np.count_nonzero(wet))
    return chart


def wet_places(chart: Chart, rows: Rows) -> Mask:
    """Return where the nodes of some rows are: in water, every whole step and in narrows every half."""
    places = chart.fine[rows[0] : rows[1]].copy()
    places[rows[0] % 2 :: 2, ::2] = True
    bed = chart.bed_m[rows[0] * PER_HALF : (rows[1] - 1) * PER_HALF + 1 : PER_HALF, ::PER_HALF]
    chainage = np.arange(rows[0], rows[1], dtype=np.float64) * (chart.step_m / 2)
    wet: Mask = places & np.isfinite(bed) & (bed <= highest_m(chart.river, chainage)[:, None])
    return wet


@dataclass(frozen=True, eq=False)
class NodeTable:
    """Some nodes: places and beds, and the direction of the current."""

    x_m: Floats
    y_m: Floats
    chainage_m: Floats
    offset_m: Floats
    bed_m: Floats
    flow_deg: Floats


def node_table(chart: Chart, rows: Rows) -> NodeTable:
    """Return the nodes of some rows in the order of their numbers."""
    river, half = chart.river, chart.step_m / 2
    row, column = np.nonzero(chart.node[rows[0] : rows[1]] >= 0)
    row += rows[0]
    chainage, offset = row.astype(np.float64) * half, chart.right_m + column.astype(np.float64) * half
    x, y = river.point(chainage, offset)
    bed = chart.bed_m[row * PER_HALF, column * PER_HALF].astype(np.float64)
    return NodeTable(x, y, chainage, offset, bed, _flow_deg(river, chainage, offset))


def _flow_deg(river: River, chainage_m: Floats, offset_m: Floats) -> Floats:
    """Return the direction of the current: along the axis, turned as the banks widen and narrow."""
    along_x, along_y = river.centreline.tangent(chainage_m)
    turn = river.bed.bank_angle(river.bed.where(chainage_m, offset_m))
    flow: Floats = np.degrees(np.arctan2(along_x - turn * along_y, along_y + turn * along_x)) % 360.0
    return flow


@dataclass(frozen=True, eq=False)
class EdgeTable:
    """Some edges by the numbers of their nodes; `bridge` is the number of the one they pass under, -1 for none."""

    SEARCHED: ClassVar = ("start", "end", "length_m", "bed_m", "soffit_m")

    start: Links
    end: Links
    length_m: Singles
    bed_m: Singles
    soffit_m: Singles
    heading_deg: Floats
    bridge: Ints


def edge_tables(chart: Chart, rows: Rows) -> list[EdgeTable]:
    """Return the edges that start in some rows, a table for each direction and length of step."""
    there = chart.node[rows[0] : rows[1]] >= 0
    halves = _placed(there & chart.fine[rows[0] : rows[1]], rows)
    there[1 - rows[0] % 2 :: 2] = False
    there[:, 1::2] = False
    wholes = _placed(there, rows)
    found = [_edge_table(chart, halves, way, 1) for way in AROUND]
    for way in AROUND:
        row, column = wholes
        middle = [(at + by).clip(0, size - 1) for at, by, size in zip(wholes, way, chart.node.shape, strict=True)]
        whole = ~chart.fine[middle[0], middle[1]]
        found.append(_edge_table(chart, (row[whole], column[whole]), way, 2))
    return found


def searched(chart: Chart, rows: Rows) -> dict[str, Any]:
    """Return what the search needs of the edges that start in some rows, as columns sorted by start and end."""
    tables = edge_tables(chart, rows)
    columns = {name: np.concatenate([getattr(one, name) for one in tables]) for name in EdgeTable.SEARCHED}
    del tables
    order = np.lexsort((columns["end"], columns["start"]))
    return {name: column[order] for name, column in columns.items()}


def _placed(there: Mask, rows: Rows) -> tuple[Ints, Ints]:
    row, column = np.nonzero(there)
    return row + rows[0], column


def _edge_table(chart: Chart, starts: tuple[Ints, Ints], way: tuple[int, int], size: int) -> EdgeTable:
    """Return the edges of one direction, `size` half steps long, from some nodes.

    Each has the highest bed it meets and the lowest soffit it passes under.
    """
    (row, column), (down, left), (rows, columns) = starts, way, chart.node.shape
    to_row, to_column = row + down * size, column + left * size
    keep = (to_row >= 0) & (to_row < rows) & (to_column >= 0) & (to_column < columns)
    row, column, to_row, to_column = row[keep], column[keep], to_row[keep], to_column[keep]
    bed = np.full(len(row), -np.inf, dtype=np.float32)
    for k in range(size * PER_HALF + 1):
        np.maximum(bed, chart.bed_m[row * PER_HALF + k * down, column * PER_HALF + k * left], out=bed)
    keep = (chart.node[to_row, to_column] >= 0) & np.isfinite(bed)
    row, column, to_row, to_column, bed = row[keep], column[keep], to_row[keep], to_column[keep], bed[keep]
    half = chart.step_m / 2
    places = [(r * half, chart.right_m + c * half) for r, c in ((row, column), (to_row, to_column))]
    (x0, y0), (x1, y1) = (chart.river.point(*place) for place in places)
    soffit, bridge = _overhead(chart.river, places)
    heading = np.degrees(np.arctan2(x1 - x0, y1 - y0)) % 360.0
    start, end = chart.node[row, column], chart.node[to_row, to_column]
    length = np.hypot(x1 - x0, y1 - y0).astype(np.float32)
    return EdgeTable(start, end, length, bed, -rounded_up(-soffit), heading, bridge)


def _overhead(river: River, places: list[tuple[Floats, Floats]]) -> tuple[Floats, Ints]:
    """Return the lowest soffit over each edge (inf: none) and the bridge's number (-1: none).

    The edges come in the order of their start's chainage.
    """
    (c0, o0), (c1, o1) = places
    soffit, number = np.full(len(c0), np.inf), np.full(len(c0), -1, dtype=np.int64)
    low, high = np.minimum(o0, o1) - SPAN_REACH_M, np.maximum(o0, o1) + SPAN_REACH_M
    reach = 1.01 * float(np.abs(c1 - c0).max(initial=0.0)) + 1e-6
    nearest, farthest = (c0[0] - reach, c0[-1] + reach) if len(c0) else (np.inf, -np.inf)
    for at, bridge in enumerate(river.bridges):
        if not nearest <= bridge.chainage_m <= farthest:
            continue
        first, last = np.searchsorted(c0, (bridge.chainage_m - reach, bridge.chainage_m + reach))
        near = slice(max(first - 1, 0), last + 1)
        meets_line = (np.minimum(c0[near], c1[near]) <= bridge.chainage_m) & (
            np.maximum(c0[near], c1[near]) >= bridge.chainage_m
        )
        under = near.start + np.flatnonzero(meets_line)
        for span in bridge.spans:
            meets = under[(high[under] >= span.from_m) & (low[under] <= span.to_m) & (span.soffit_m < soffit[under])]
            soffit[meets], number[meets] = span.soffit_m, at
    return soffit, number


def course_share(xy: tuple[Floats, Floats], flow: tuple[Floats, Floats], start: Ints, end: Ints) -> Floats:
    """Return the cosine between edges and the mean direction of the current at their ends."""
    (x, y), (flow_x, flow_y) = xy, flow
    dx, dy = x[end] - x[start], y[end] - y[start]
    fx, fy = flow_x[start] + flow_x[end], flow_y[start] + flow_y[end]
    size = np.maximum(np.hypot(dx, dy) * np.hypot(fx, fy), 1e-12)
    cosine: Floats = np.clip((dx * fx + dy * fy) / size, -1.0, 1.0)
    return cosine
