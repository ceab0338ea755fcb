"""The chart: the bed as a boat with some breadth meets it, on a raster that follows the river.

Rows run across the river every `cell_m` of chainage, columns along it every `cell_m` of offset. Each value is the
highest bed within one cell to every side, so that a line sampled once per cell can miss nothing wider than a quarter
of a cell; piers and everything outside the survey are infinitely high. The nodes of the graph lie on it too.
"""

import math
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import maximum_filter

from rescuecmd.compiled import Vector, vector
from rescuecmd.geo import Floats
from rescuecmd.river.model import River
from rescuecmd.routing.narrows import NARROW_M, Mask, Singles, lattice_of, narrow_squares

PER_STEP = 4
"""Cells per step of the routing grid."""

PER_HALF = PER_STEP // 2
"""Cells per half step, which lies between the nodes in narrows."""

ABOVE_RECORD_M = 0.5
"""Ground higher than this above the highest level on file is left out of the graph."""

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


Links = NDArray[np.int32]


class Raster(NamedTuple):
    """Where the cells of a chart lie: their size, the offset of the first column, how many rows and columns."""

    cell_m: float
    right_m: float
    rows: int
    columns: int


@dataclass(frozen=True, eq=False)
class Chart:
    """Swept beds by row (chainage ``row * cell_m``) and column (offset ``right_m + column * cell_m``), rounded up.

    Attributes
    ----------
    narrow_m, narrow
        Water less wide than this has nodes every half step: in which squares between the nodes of whole steps.
    node
        The index of the graph's node at every second row and column (half a step), -1 where there is none.
    """

    river: River
    cell_m: float
    right_m: float
    bed_m: Singles
    narrow_m: float
    narrow: Mask
    node: Links

    @property
    def step_m(self) -> float:
        """Distance of the nodes outside narrows."""
        return self.cell_m * PER_STEP

    @cached_property
    def fine(self) -> Mask:
        """Which places for nodes touch a narrow square and have neighbours half a step away, shape of `node`."""
        return lattice_of(self.narrow)

    @property
    def raster(self) -> Raster:
        """Where its cells lie."""
        return Raster(self.cell_m, self.right_m, *self.bed_m.shape)

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
        coarse = self._whole_steps()
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
            node=vector(coarse),
            node_rows=coarse.shape[0],
            node_columns=coarse.shape[1],
            node_step=self.step_m,
        )

    def _whole_steps(self) -> Links:
        """Return the nodes every whole step; where none is, one half a step beside it, if any is."""
        nodes = self.node[::2, ::2].copy()
        around = np.pad(self.node, 1, constant_values=-1)
        rows, columns = self.node.shape
        for down, left in ((1, 0), (1, 2), (0, 1), (2, 1), (0, 0), (0, 2), (2, 0), (2, 2)):
            beside = around[down : down + rows : 2, left : left + columns : 2]
            np.copyto(nodes, beside, where=nodes < 0)
        return nodes

    def cover(self, ring_xy: Floats) -> NDArray[np.bool_]:
        """Return which cells lie in a ring of (x, y), widened by one cell; shape of `bed_m`."""
        import shapely  # noqa: PLC0415  (half a second to import, and most scenes have no zone)

        area = shapely.Polygon(ring_xy).buffer(self.cell_m)
        inside: NDArray[np.bool_] = shapely.contains_xy(area, *self.xy)
        return inside


def lay_out(river: River, step_m: float) -> Raster:
    """Return the raster of a river's chart for a grid of `step_m`: whole steps along and across."""
    right = step_m * np.floor(min(section.right_bank_m for section in river.sections) / step_m)
    left = step_m * np.ceil(max(section.left_bank_m for section in river.sections) / step_m)
    along, across = int(river.length_m / step_m), round((left - right) / step_m)
    return Raster(step_m / PER_STEP, float(right), along * PER_STEP + 1, across * PER_STEP + 1)


def draw_chart(river: River, step_m: float, narrow_m: float = NARROW_M) -> Chart:
    """Return the chart of a river for a grid of `step_m`, half of it where water is less than `narrow_m` wide.

    It has no nodes yet (all -1).
    """
    raster = lay_out(river, step_m)
    swept = sweep(river, raster, 0, raster.rows)
    narrow = find_narrows(river, raster, swept, narrow_m)
    nodes = np.full((raster.rows // PER_HALF + 1, raster.columns // PER_HALF + 1), -1, dtype=np.int32)
    return Chart(river, raster.cell_m, raster.right_m, swept, narrow_m, narrow, nodes)


def find_narrows(river: River, raster: Raster, swept: Singles, narrow_m: float, first: int = 0) -> Mask:
    """Return the narrow squares of some rows of cells, from the `first` on: whole steps and one row more."""
    highest = highest_m(river, np.arange(first, first + len(swept), dtype=np.float64) * raster.cell_m)
    return narrow_squares(swept, highest, round(narrow_m / raster.cell_m), PER_STEP)


def highest_m(river: River, chainage_m: Floats) -> Floats:
    """Return the level up to which ground belongs to the graph: the highest on file and a little more."""
    highest: dict[str, float] = {}
    for one in river.series:
        highest[one.gauge_id] = max(highest.get(one.gauge_id, -math.inf), float(one.levels_m.max()))
    gauges = sorted((river.gauge(gauge_id).chainage_m, level) for gauge_id, level in highest.items())
    if not gauges:
        return np.full(len(chainage_m), np.inf)
    level: Floats = np.interp(chainage_m, [at for at, _ in gauges], [level for _, level in gauges])
    above = np.maximum(gauges[0][0] - chainage_m, 0.0) * max(river.surface.low_slope, river.surface.flood_slope)
    return level + above + ABOVE_RECORD_M


def sweep(river: River, raster: Raster, first: int, end: int) -> Singles:
    """Return the swept bed of the rows from `first` to before `end`."""
    rows: Floats = np.arange(first - 1, end + 1, dtype=np.float64).clip(0, raster.rows - 1)
    chainage = rows * raster.cell_m
    fine = raster.right_m + np.arange((raster.columns - 1) * _FINE + 1, dtype=np.float64) * (raster.cell_m / _FINE)
    bed = np.nan_to_num(_beds(river, chainage, fine), nan=np.inf, posinf=np.inf, neginf=np.inf, copy=False)
    swept: Floats = maximum_filter(bed, size=(3, 2 * _FINE + 1), mode="nearest")[1:-1, ::_FINE].copy()
    swept[river.on_bank(chainage[1:-1, None], fine[None, ::_FINE])] = np.inf
    _stamp(river, raster, swept, first)
    return rounded_up(swept)


def rounded_up(values: Floats | Singles) -> Singles:
    """Return values in half the width, none of them less than it was; beds gain less than 0.02 mm by it."""
    near = values.astype(np.float32, copy=False)
    if near is values:
        return near
    return np.where(near < values, np.nextafter(near, np.float32(np.inf)), near)


def _beds(river: River, chainage: Floats, offset: Floats) -> Floats:
    """Return the bed at all of these chainages and offsets, band by band: each has to do with a few reefs only."""
    bed = np.empty((len(chainage), len(offset)))
    for first in range(0, len(chainage), _BAND_ROWS):
        rows = slice(first, first + _BAND_ROWS)
        bed[rows] = river.bed_m(chainage[rows, None], offset[None, :])
    return bed


def _stamp(river: River, raster: Raster, swept: Floats, first: int) -> None:
    """Raise the cells at reef crests and sills, which samples may straddle; close those around piers and at weirs."""
    cell, right = raster.cell_m, raster.right_m
    piers = [pier for bridge in river.bridges for pier in bridge.piers]
    discs = [(pier.x_m, pier.y_m, pier.radius_m + PIER_CLEARANCE_M + cell, np.inf) for pier in piers]
    discs += [(reef.x_m, reef.y_m, cell, reef.crest_m) for reef in river.reefs]
    _raise_discs(river, raster, swept, first, np.array(discs, dtype=np.float64).reshape(-1, 4))
    for weir in river.weirs:
        sill = int(weir.chainage_m / cell) - first
        rows = slice(max(sill - 1, 0), max(sill + 3, 0))
        columns = slice(max(int((weir.from_m - right) / cell), 0), int((weir.to_m - right) / cell) + 2)
        swept[rows, columns] = np.maximum(swept[rows, columns], weir.crest_m if weir.passable else np.inf)


def _raise_discs(river: River, raster: Raster, swept: Floats, first: int, discs: Floats) -> None:
    """Raise the cells in each disc (x, y, radius, top) that meets the rows from `first` on."""
    chainage, offset = river.locate(discs[:, 0], discs[:, 1])
    reach = discs[:, 2] * 1.5 + raster.cell_m  # the raster is squeezed on the inside of a bend
    along = (first + np.arange(len(swept))) * raster.cell_m
    across = raster.right_m + np.arange(raster.columns) * raster.cell_m
    near = (chainage + reach >= along[0]) & (chainage - reach <= along[-1])
    for at in np.flatnonzero(near):
        x, y, radius, top = discs[at]
        down = np.flatnonzero(np.abs(along - chainage[at]) <= reach[at])
        left = np.flatnonzero(np.abs(across - offset[at]) <= reach[at])
        px, py = river.point(along[down][:, None], across[left][None, :])
        row, column = np.nonzero(np.hypot(px - x, py - y) <= radius)
        swept[down[row], left[column]] = np.maximum(swept[down[row], left[column]], top)
