"""What bounds straight lines on a network: edges with terms of their own, which none may cut across, and barriers."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from scipy.spatial import cKDTree

from rescuecmd.geo import Floats
from rescuecmd.routing.chart import Links
from rescuecmd.routing.meeting import crosses
from rescuecmd.routing.terms import Terms

_SAMPLES = (0.25, 0.5, 0.75)  # an edge's ends belong to its neighbours too


@dataclass(frozen=True, eq=False)
class Rules:
    """The rules of a compiled network.

    Attributes
    ----------
    terms
        What single edges demand.
    held_xy
        Points on these edges, shape (n, 2), `near_m` from which a line counts as cutting across.
    barriers
        Lines that nobody crosses, x and y of both ends: shape (n, 4).
    """

    terms: Terms
    held_xy: Floats
    barriers: Floats
    near_m: float

    def bars(self, start: Sequence[float], end: Sequence[float]) -> bool:
        """Return whether a straight line from one point (x, y) to another crosses a barrier."""
        return self.barred_at(start, end) is not None

    def barred_at(self, start: Sequence[float], end: Sequence[float]) -> tuple[float, float] | None:
        """Return the middle of the first barrier piece that a straight line crosses; None where it crosses none."""
        line = np.array([[*start[:2], *end[:2]]])
        met = self.barriers[crosses(line, self.barriers)]
        if not len(met):
            return None
        middle = (met[:, :2] + met[:, 2:]) / 2
        first = middle[np.argmin(np.hypot(middle[:, 0] - start[0], middle[:, 1] - start[1]))]
        return float(first[0]), float(first[1])

    def holds(self, start: Sequence[float], end: Sequence[float]) -> bool:
        """Return whether a straight line crosses a barrier or cuts across an edge that has rules."""
        return self.bars(start, end) or self._cuts(start, end)

    @cached_property
    def _held(self) -> cKDTree:
        return cKDTree(self.held_xy)

    def _cuts(self, start: Sequence[float], end: Sequence[float]) -> bool:
        if not len(self.held_xy):
            return False
        length = float(np.hypot(end[0] - start[0], end[1] - start[1]))
        share = np.linspace(0.0, 1.0, int(2 * length / self.near_m) + 2)[:, None]
        line = np.array(start[:2]) * (1 - share) + np.array(end[:2]) * share
        return bool(np.isfinite(self._held.query(line, distance_upper_bound=self.near_m)[0]).any())


def rules_of(
    terms: Terms, xy: tuple[Floats, Floats], ends: tuple[Links, Links], length_m: Floats, barriers: Any
) -> Rules | None:
    """Return the rules of a graph's edges, None where there is neither a term nor a barrier.

    `ends` are the nodes of each edge, `barriers` lines that nobody crosses, shape (n, 4).
    """
    lines = np.array(barriers, dtype=np.float64).reshape(-1, 4)
    if not len(terms.edges) and not len(lines):
        return None
    inside = terms.edges[terms.pace_s >= 0]  # an edge with its own time need not lie in the water
    held_xy = _points(xy, ends[0][inside], ends[1][inside])
    near = float(length_m[inside].max(initial=0.0)) / np.sqrt(32)  # no gap between the samples even of the longest
    return Rules(terms, held_xy, lines, near)


def _points(xy: tuple[Floats, Floats], start: Links, end: Links) -> Floats:
    x, y = (np.concatenate([line[start] * (1 - share) + line[end] * share for share in _SAMPLES]) for line in xy)
    return np.column_stack([x, y])
