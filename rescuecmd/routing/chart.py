"""The chart: the bed as a boat with some breadth meets it, on a raster that follows the river.

Rows run across the river every `cell_m` of chainage, columns along it every `cell_m` of offset. Each value is the
highest bed within one cell to every side, so that a line sampled once per cell can miss nothing wider than a quarter
of a cell; piers and everything outside the survey are infinitely high.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import maximum_filter

from rescuecmd.compiled import Vector, vector
from rescuecmd.geo import Floats
from rescuecmd.river.model import River

PER_STEP = 4
"""Cells per step of the routing grid."""

_FINE = 2  # bed samples per cell across the river: beds vary faster across than along
_BAND_ROWS = 256
PIER_CLEARANCE_M = 2.0


class ChartVectors(NamedTuple):
    """The chart as the loops read it. Vertices of the axis, the raster row by row, spans of bridges, grid of nodes."""

    axis_x: Vector
    axis_y: Vector
    normal_x: Vector
    normal_y: Vector
    axis_c: Vector
    bed: Vector
    rows: int
    columns: int
    cell: float
    right: float
    span_c: Vector
    span_from: Vector
    span_to: Vector
    span_soffit: Vector
    node: Vector
    node_rows: int
    node_columns: int
    node_step: float


@dataclass(frozen=True, eq=False)
class Chart:
    """Swept beds by row (chainage ``row * cell_m``) and column (offset ``right_m + column * cell_m``).

    ``node`` holds the index of the graph's node at every fourth row and column, -1 where there is none.
    """

    river: River
    cell_m: float
    right_m: float
    bed_m: Floats
    node: NDArray[np.int64]

    @cached_property
    def xy(self) -> tuple[Floats, Floats]:
        """Position of each cell, shape of `bed_m`."""
        rows, columns = self.bed_m.shape
        chainage = np.arange(rows)[:, None] * self.cell_m
        return self.river.point(chainage, self.right_m + np.arange(columns)[None, :] * self.cell_m)

    @cached_property
    def vectors(self) -> ChartVectors:
        """The chart for the compiled loops."""
        axis_c = self.river.centreline.chainage_m
        centre = self.river.point(axis_c, 0.0)
        left = self.river.point(axis_c, 1.0)
        spans = [
            (bridge.chainage_m, span.from_m, span.to_m, span.soffit_m)
            for bridge in self.river.bridges
            for span in bridge.spans
        ]
        table = np.array(spans, dtype=np.float64).reshape(-1, 4)
        return ChartVectors(
            axis_x=vector(centre[0]),
            axis_y=vector(centre[1]),
            normal_x=vector(left[0] - centre[0]),
            normal_y=vector(left[1] - centre[1]),
            axis_c=vector(axis_c),
            bed=vector(self.bed_m),
            rows=self.bed_m.shape[0],
            columns=self.bed_m.shape[1],
            cell=self.cell_m,
            right=self.right_m,
            span_c=vector(table[:, 0]),
            span_from=vector(table[:, 1]),
            span_to=vector(table[:, 2]),
            span_soffit=vector(table[:, 3]),
            node=vector(self.node),
            node_rows=self.node.shape[0],
            node_columns=self.node.shape[1],
            node_step=self.cell_m * PER_STEP,
        )

    def cover(self, ring_xy: Floats) -> NDArray[np.bool_]:
        """Return which cells lie in a ring of (x, y), widened by one cell; shape of `bed_m`."""
        import shapely  # noqa: PLC0415  (half a second to import, and most scenes have no zone)

        area = shapely.Polygon(ring_xy).buffer(self.cell_m)
        inside: NDArray[np.bool_] = shapely.contains_xy(area, *self.xy)
        return inside


def draw_chart(river: River, step_m: float) -> Chart:
    """Return the chart of a river for a grid of `step_m`; no nodes yet (all -1)."""
    cell = step_m / PER_STEP
    right = step_m * np.floor(min(section.right_bank_m for section in river.sections) / step_m)
    left = step_m * np.ceil(max(section.left_bank_m for section in river.sections) / step_m)
    steps_along, steps_across = int(river.length_m / step_m), round((left - right) / step_m)
    rows, columns = steps_along * PER_STEP + 1, steps_across * PER_STEP + 1
    chainage: Floats = np.arange(rows, dtype=np.float64) * cell
    fine: Floats = right + np.arange((columns - 1) * _FINE + 1) * (cell / _FINE)
    bed = np.nan_to_num(_beds(river, chainage, fine), nan=np.inf, posinf=np.inf, neginf=np.inf, copy=False)
    swept = maximum_filter(bed, size=(3, 2 * _FINE + 1), mode="nearest")[:, ::_FINE].copy()
    swept[river.on_bank(chainage[:, None], fine[None, ::_FINE])] = np.inf
    _stamp(river, swept, cell, float(right))
    nodes = np.full((steps_along + 1, steps_across + 1), -1, dtype=np.int64)
    return Chart(river, cell, float(right), swept, nodes)


def _beds(river: River, chainage: Floats, offset: Floats) -> Floats:
    """Return the bed at all of these chainages and offsets, band by band: each has to do with a few reefs only."""
    bed = np.empty((len(chainage), len(offset)))
    for first in range(0, len(chainage), _BAND_ROWS):
        rows = slice(first, first + _BAND_ROWS)
        bed[rows] = river.bed_m(chainage[rows, None], offset[None, :])
    return bed


def _stamp(river: River, swept: Floats, cell: float, right: float) -> None:
    """Raise the cells at reef crests and sills, which samples may straddle; close those around piers and at weirs."""
    for reef in river.reefs:
        near = _within(river, swept, cell, right, (reef.x_m, reef.y_m, cell))
        swept[near] = np.maximum(swept[near], reef.crest_m)
    for weir in river.weirs:
        rows = slice(max(int(weir.chainage_m / cell) - 1, 0), int(weir.chainage_m / cell) + 3)
        columns = slice(max(int((weir.from_m - right) / cell), 0), int((weir.to_m - right) / cell) + 2)
        swept[rows, columns] = np.maximum(swept[rows, columns], weir.crest_m if weir.passable else np.inf)
    for bridge in river.bridges:
        for pier in bridge.piers:
            reach = pier.radius_m + PIER_CLEARANCE_M + cell
            swept[_within(river, swept, cell, right, (pier.x_m, pier.y_m, reach))] = np.inf


def _within(river: River, swept: Floats, cell: float, right: float, disc: tuple[float, float, float]) -> Any:
    """Return an index of the cells in a disc (x, y, radius)."""
    x, y, radius = disc
    chainage, offset = (float(value) for value in river.locate(x, y))
    reach = radius * 1.5 + cell  # the raster is squeezed on the inside of a bend
    rows = np.arange(swept.shape[0])
    columns = np.arange(swept.shape[1])
    rows = rows[np.abs(rows * cell - chainage) <= reach]
    columns = columns[np.abs(right + columns * cell - offset) <= reach]
    at = np.ix_(rows, columns)
    px, py = river.point(rows[:, None] * cell, right + columns[None, :] * cell)
    inside = np.hypot(px - x, py - y) <= radius
    return at[0].repeat(len(columns), axis=1)[inside], at[1].repeat(len(rows), axis=0)[inside]
