"""Which straight lines meet which: edges and booms, edges and areas, legs and barriers."""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from rescuecmd.geo import Floats

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry


def crosses(lines: Floats, others: Floats) -> NDArray[np.bool_]:
    """Return which lines cross which of the others, not only touch: (x, y, x, y) by row, shapes broadcast."""
    return (_side(lines, others[..., :2]) * _side(lines, others[..., 2:]) < 0) & (
        _side(others, lines[..., :2]) * _side(others, lines[..., 2:]) < 0
    )


def _side(line: Floats, point: Floats) -> Floats:
    """Return on which side of a line a point lies (sign), by the cross product."""
    dx, dy = line[..., 2] - line[..., 0], line[..., 3] - line[..., 1]
    side: Floats = dx * (point[..., 1] - line[..., 1]) - dy * (point[..., 0] - line[..., 0])
    return side


def met_by(lines: Floats, shape: "BaseGeometry") -> NDArray[np.bool_]:
    """Return which lines, (x, y, x, y) by row, a shape meets; one that only touches it counts.

    A boom may run exactly through a row of nodes: no edge crosses it there, and yet nobody passes.
    """
    import shapely  # noqa: PLC0415  (half a second to import)

    x, y = lines[:, ::2], lines[:, 1::2]
    west, south, east, north = shape.bounds
    near = np.flatnonzero(
        (x.max(axis=1) >= west) & (x.min(axis=1) <= east) & (y.max(axis=1) >= south) & (y.min(axis=1) <= north)
    )
    met = np.zeros(len(lines), dtype=np.bool_)
    met[near] = shapely.intersects(shapely.linestrings(lines[near].reshape(-1, 2, 2)), shape)
    return met


def pieces_of(line: Floats) -> Floats:
    """Return the straight pieces of a line of points (x, y), as (x, y, x, y) by row."""
    pieces: Floats = np.hstack([line[:-1], line[1:]])
    return pieces
