"""The current as a drifting person meets it: sampled along and across the river in windows, linear in between.

Asking the water point by point costs a millisecond a time; a window of it costs a few and serves hundreds of steps.
Positions are chainage and offset, so the window follows the river round its bends.
"""

from dataclasses import dataclass

import numpy as np

from rescuecmd.geo import Floats
from rescuecmd.river.model import River
from rescuecmd.river.water import Water

ALONG_M, ACROSS_M = 10.0, 4.0
AHEAD_M, BEHIND_M, ASIDE_M = 600.0, 20.0, 60.0
SPAN_S = 600.0


@dataclass(frozen=True, slots=True)
class _Window:
    """Values at (quantity, time, row, column) as nested lists: plain numbers are faster than arrays one at a time."""

    begin_m: float
    end_m: float
    right_m: float
    left_m: float
    begin_s: float
    end_s: float
    rates: list[list[list[list[float]]]]


class Field:
    """The drift of somebody at (chainage, offset): rates of both, m/s, and the depth, m."""

    def __init__(self, river: River, water: Water) -> None:
        self._river = river
        self._water = water
        self._window: _Window | None = None

    def at(self, chainage_m: float, offset_m: float, time_s: float) -> tuple[float, float, float]:
        """Return the rates of chainage and offset and the depth; 0, 0 and -1 outside the survey."""
        window = self._window
        if window is None or not (
            window.begin_m <= chainage_m <= window.end_m
            and window.right_m <= offset_m <= window.left_m
            and window.begin_s <= time_s <= window.end_s
        ):
            window = self._window = self._sample(chainage_m, offset_m, time_s)
        down, left = (chainage_m - window.begin_m) / ALONG_M, (offset_m - window.right_m) / ACROSS_M
        row, column = int(down), int(left)
        rows, columns = len(window.rates[0][0]), len(window.rates[0][0][0])
        if left < 0 or down < 0 or column >= columns - 1 or row >= rows - 1:
            return 0.0, 0.0, -1.0
        part_d, part_l = down - row, left - column
        late = (time_s - window.begin_s) / (window.end_s - window.begin_s)
        values = []
        for early_table, late_table in window.rates:
            both = []
            for table in (early_table, late_table):
                upper = table[row][column] * (1 - part_l) + table[row][column + 1] * part_l
                lower = table[row + 1][column] * (1 - part_l) + table[row + 1][column + 1] * part_l
                both.append(upper * (1 - part_d) + lower * part_d)
            values.append(both[0] + late * (both[1] - both[0]))
        return values[0], values[1], values[2]

    def _sample(self, chainage_m: float, offset_m: float, time_s: float) -> _Window:
        river, water = self._river, self._water
        begin_m, end_m = max(chainage_m - BEHIND_M, 0.0), min(chainage_m + AHEAD_M, river.length_m)
        rows = max(2, int(np.ceil((end_m - begin_m) / ALONG_M)) + 1)
        chainage = np.minimum(begin_m + np.arange(rows, dtype=np.float64) * ALONG_M, river.length_m)[:, None]
        right_m = offset_m - ASIDE_M
        columns = int(2 * ASIDE_M / ACROSS_M) + 2
        offset = (right_m + np.arange(columns, dtype=np.float64) * ACROSS_M)[None, :]
        begin_s, end_s = time_s, min(time_s + SPAN_S, water.end_s)
        times = np.array([begin_s, end_s])[:, None, None]
        speed = water.current_mps(chainage, offset, times)
        depth = np.nan_to_num(water.depth_m(chainage, offset, times), nan=-1.0)
        along, across = self._directions(chainage, offset)
        rates = np.stack([speed * along, speed * across, depth])
        left_m = right_m + (columns - 2) * ACROSS_M
        return _Window(begin_m, end_m, right_m, left_m, begin_s, max(end_s, begin_s + 1e-6), rates.tolist())

    def _directions(self, chainage: Floats, offset: Floats) -> tuple[Floats, Floats]:
        """Return how chainage and offset change per metre drifted: the map to x and y, inverted."""
        river = self._river
        half = 0.5
        before, after = river.point(chainage - half, offset), river.point(chainage + half, offset)
        below, above = river.point(chainage, offset - half), river.point(chainage, offset + half)
        ax, ay = after[0] - before[0], after[1] - before[1]
        nx, ny = above[0] - below[0], above[1] - below[1]
        tangent_x, tangent_y = river.centreline.tangent(chainage)
        grid = np.broadcast_arrays(chainage, offset)
        turn = river.bed.bank_angle(river.bed.where(grid[0], grid[1]))
        size = 1.0 / np.sqrt(1.0 + turn**2)
        east, north = size * (tangent_x - turn * tangent_y), size * (tangent_y + turn * tangent_x)
        cross = ax * ny - ay * nx
        cross = np.where(np.abs(cross) < 0.05, 0.05, cross)
        return (east * ny - north * nx) / cross, (ax * north - ay * east) / cross
