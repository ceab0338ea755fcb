"""The water each node of a network stands for: squares of a whole or half a step that cover the grid once."""

import numpy as np

from rescuecmd.geo import Floats
from rescuecmd.routing.network import Ints, Network

_QUARTERS = ((-1, -1), (-1, 1), (1, -1), (1, 1))
"""Upstream and downstream, right and left of a node."""


def areas_m2(network: Network) -> Floats:
    """Return the area each node stands for, shape (n_nodes,)."""
    area: Floats = (_quarters_m(network, np.arange(network.n_nodes)) ** 2).sum(axis=0)
    return area


def boxes(network: Network, nodes: Ints) -> Floats:
    """Return the water of some nodes: rows of (from chainage, to chainage, right, left offset), m.

    A node in open water stands for a square of one step, one in narrows for one of half a step, one on the seam for up
    to four quarters of different size.
    """
    down, left = network.chainage_m[nodes], network.offset_m[nodes]
    quarters = _quarters_m(network, nodes)
    even = (quarters == quarters[0]).all(axis=0)
    size, y, x = quarters[0, even], down[even], left[even]
    found = [np.column_stack([y - size, y + size, x - size, x + size])]
    for (i, j), size in zip(_QUARTERS, quarters[:, ~even], strict=True):
        y, x = down[~even], left[~even]
        ends = [y + min(i, 0) * size, y + max(i, 0) * size, x + min(j, 0) * size, x + max(j, 0) * size]
        found.append(np.column_stack(ends)[size > 0])
    return np.concatenate(found)


def _quarters_m(network: Network, nodes: Ints) -> Floats:
    """Return how far the square of each node goes towards each of `_QUARTERS`, shape (4, n)."""
    chart = network.chart
    assert chart is not None  # noqa: S101 - whoever asks for water has a scene with a chart
    half = chart.step_m / 2
    row = np.rint(network.chainage_m[nodes] / half).astype(np.int64)
    column = np.rint((network.offset_m[nodes] - chart.right_m) / half).astype(np.int64)
    whole = np.where((row % 2 == 0) & (column % 2 == 0), half, 0.0)
    narrow = np.pad(chart.narrow, 1)  # squares beyond the chart: none of them is
    last = np.array(narrow.shape) - 1
    squares = (((row + min(i, 0)) // 2 + 1, (column + min(j, 0)) // 2 + 1) for i, j in _QUARTERS)
    return np.stack([np.where(narrow[r.clip(0, last[0]), c.clip(0, last[1])], half / 2, whole) for r, c in squares])
