"""Narrows: where the routing grid is drawn twice as fine.

Water is narrow if at some level, for half a metre of it, there is less than `NARROW_M` of it across or along the river:
between a reef and the bank, beside a pier, at the bottom of a side channel. In its squares of the grid and those around
them there is a node every half step, elsewhere every step. Both lie on one lattice of half steps, and an edge of a
whole step gives way to two of half a step wherever its middle may be a node of its own; so routes pass from one to the
other at every node of the seam, and no way is there twice.

What that buys is passages. A boat keeps a quarter of a step from all sides, so between nodes 18 m apart every gap of
27 m is found and smaller ones by luck; in narrows every gap of 18 m is. What it does not buy is time: on the river of
the package boats arrive 0.2-0.5 % later than by 9 m everywhere (four times the nodes), those that bear only 2 m/s of
current 1-2 %. What costs time is not width but a bed, and so a current, that changes much within a step.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import binary_dilation, maximum_filter1d, minimum_filter1d

from rescuecmd.geo import Floats

NARROW_M = 36.0
"""Water less wide than this, two steps of the usual grid, is narrow."""

LASTING_M = 0.5
"""It must be so over this much of the level: what opens and widens within less is a rough bank."""

Mask = NDArray[np.bool_]
Singles = NDArray[np.float32]


def narrow_squares(bed_m: Singles, highest_m: Floats, width: int, per_step: int) -> Mask:
    """Return which squares between the nodes of whole steps are narrow or next to one, shape (along, across).

    The lowest level at which a place lies in water of some width is the closing of the bed by a line of that length;
    at levels between the bed and this it is narrow.

    Parameters
    ----------
    bed_m
        The bed by row and column of cells, inf where there is never water; ``per_step`` cells to a step and one more.
    highest_m
        The highest level of each row.
    width
        The width in cells below which water is narrow; less than 2: none is.

    Source
    ------
    Serra (1982), Image Analysis and Mathematical Morphology, chapter XII: closing of a function.
    """
    along, across = ((size - 1) // per_step for size in bed_m.shape)
    if width < 2:
        return np.zeros((along, across), dtype=np.bool_)
    wide = np.maximum(_closing(bed_m, width, 0), _closing(bed_m, width, 1))
    over = np.zeros_like(bed_m)
    np.subtract(np.minimum(wide, highest_m[:, None]), bed_m, out=over, where=np.isfinite(bed_m))
    cells = (over >= LASTING_M)[:-1, :-1].reshape(along, per_step, across, per_step)
    narrow: Mask = binary_dilation(cells.any(axis=(1, 3)), np.ones((3, 3)))
    return narrow


def reach_of(width: int, per_step: int) -> int:
    """Return how many squares away, up or down the river, a change of the bed may make narrow, or wide."""
    return -(-width // per_step) + 1


def _closing(bed_m: Singles, width: int, axis: int) -> Singles:
    """Return for each cell the least, over the lines of `width` cells along an axis with it, of their highest bed."""
    beyond = [(0, 0), (0, 0)]
    beyond[axis] = (width, width)
    ashore = np.pad(bed_m, beyond, constant_values=np.inf)
    highest = maximum_filter1d(ashore, width, axis=axis)
    lowest: Singles = minimum_filter1d(highest, width, axis=axis, origin=0 if width % 2 else -1)
    return lowest[width:-width] if axis == 0 else lowest[:, width:-width]


def lattice_of(narrow: Mask) -> Mask:
    """Return which points of the lattice of half steps touch a narrow square.

    Shape (2 x steps along + 1, 2 x steps across + 1); every second point either way is one of the grid of whole steps.
    """
    along, across = narrow.shape
    touched = np.zeros((2 * along + 1, 2 * across + 1), dtype=np.bool_)
    for down in range(3):
        for left in range(3):
            touched[down : down + 2 * along - 1 : 2, left : left + 2 * across - 1 : 2] |= narrow
    return touched
