"""The water's edge at a level, as lines of a camera's frame."""

from functools import lru_cache

import numpy as np
from contourpy import contour_generator

from rescuecmd.ar.camera import View
from rescuecmd.ar.clip import visible
from rescuecmd.ar.horizon import Horizon
from rescuecmd.geo import Floats
from rescuecmd.river.model import River

_REACH_M = 700.0  # beyond, the edge and the far bank are one line
_ALONG_M, _ACROSS_M = 4.0, 2.0
_STEP_M = 0.01
_SHORTEST_PX = 6.0


class Shore:
    """The bed before one camera as a grid in chainage and offset, made once, and its lines of equal level."""

    def __init__(self, river: River, view: View, horizon: Horizon) -> None:
        self._river, self._view, self._horizon = river, view, horizon
        chainage, _ = river.locate(view.pose.x_m, view.pose.y_m)
        start, end = max(float(chainage) - _REACH_M, 0.0), min(float(chainage) + _REACH_M, river.length_m)
        along = np.arange(start, end, _ALONG_M)
        left, right = river.banks(along)
        across = np.arange(float(right.min()), float(left.max()) + _ACROSS_M, _ACROSS_M)
        bed = river.bed_m(along[None, :], across[:, None])
        self._contours = contour_generator(x=along, y=across, z=np.ma.masked_invalid(bed))
        self._cached = lru_cache(maxsize=2)(self._edges)

    def edges(self, level_m: float) -> tuple[Floats, ...]:
        """Return the visible water's edge at a level (to the centimetre), each a run of pixels, shape (n, 2)."""
        return self._cached(round(level_m / _STEP_M))

    def lines(self, level_m: float) -> list[Floats]:
        """Return the water's edge in the world, each shape (n, 2): x and y, m."""
        found = (np.asarray(line, dtype=np.float64) for line in self._contours.lines(level_m))
        return [np.column_stack(self._river.point(line[:, 0], line[:, 1])) for line in found]

    def _edges(self, steps: int) -> tuple[Floats, ...]:
        level = steps * _STEP_M
        runs = []
        for xy in self.lines(level):
            points = np.column_stack([xy, np.full(len(xy), level)])
            hidden = self._horizon.hides(points[:, 0], points[:, 1], points[:, 2])
            for part in _parts(points, ~hidden):
                runs += [run for run in visible(self._view, part) if np.ptp(run, axis=0).max() > _SHORTEST_PX]
        return tuple(runs)


def _parts(points: Floats, shown: np.ndarray) -> list[Floats]:
    """Return the stretches of a line where every point is shown."""
    breaks = np.nonzero(np.diff(shown.astype(np.int8)))[0] + 1
    return [part for part, seen in zip(np.split(points, breaks), np.split(shown, breaks), strict=True) if seen[0]]
