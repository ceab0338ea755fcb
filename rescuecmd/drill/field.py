"""The true current and depth around a point, fast: tables over the nodes of the routing grid, one for each minute.

The river's own formulas are exact and take a millisecond for a handful of points; a drill asks several times a
second. Here they are worked out for every node once a minute of drill time and read off between nodes and minutes.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from rescuecmd.drill.hydrograph import run_at
from rescuecmd.geo import Floats
from rescuecmd.river.water import Water
from rescuecmd.routing.network import Network

KNOT_S = 60.0
NEIGHBOURS = 3
DRY_M = -99.0
OFF_GRID_M = 30.0  # further than this from every node there is no charted water
_LEAST_M = 0.5  # two points closer than this are the same


@dataclass(frozen=True, slots=True)
class Sample:
    """The water at some points, arrays of shape (n,): current, depth (`DRY_M` off the chart), way to mid-river.

    The current is to east and north; the way to the middle of the river is a unit vector.
    """

    u_mps: Floats
    v_mps: Floats
    depth_m: Floats
    inward_x: Floats
    inward_y: Floats


class Field:
    """True water over a network's nodes."""

    def __init__(self, water: Water, network: Network) -> None:
        self._water, self._network = water, network
        self._knots: dict[int, tuple[Floats, Floats]] = {}

    def at(self, x_m: ArrayLike, y_m: ArrayLike, time_s: float) -> Sample:
        """Return the water at points of shape (n,) at one instant."""
        points = np.column_stack([np.asarray(x_m, dtype=np.float64), np.asarray(y_m, dtype=np.float64)])
        net = self._network
        away, nodes = net.tree.query(points, k=min(NEIGHBOURS, net.n_nodes))
        away, nodes = np.atleast_2d(away), np.atleast_2d(nodes)
        weight = 1.0 / np.maximum(away, _LEAST_M)
        weight /= weight.sum(axis=1, keepdims=True)
        speed, level = self._between(nodes, time_s)
        u = (weight * speed * net.flow_x[nodes]).sum(axis=1)
        v = (weight * speed * net.flow_y[nodes]).sum(axis=1)
        depth = (weight * (level - net.bed_m[nodes])).sum(axis=1)
        depth = np.where(away[:, 0] <= OFF_GRID_M, depth, DRY_M)
        nearest = nodes[:, 0]
        side = -np.sign(net.offset_m[nearest])
        return Sample(u, v, depth, -side * net.flow_y[nearest], side * net.flow_x[nearest])

    def levels(self, nodes: NDArray[np.int64], time_s: float) -> Floats:
        """Return the level at some nodes, m."""
        return self._between(nodes, time_s)[1]

    def _between(self, nodes: NDArray[np.int64], time_s: float) -> tuple[Floats, Floats]:
        knot = int(time_s // KNOT_S)
        share = time_s / KNOT_S - knot
        (speed0, level0), (speed1, level1) = self._knot(knot), self._knot(knot + 1)
        return (
            speed0[nodes] + share * (speed1[nodes] - speed0[nodes]),
            level0[nodes] + share * (level1[nodes] - level0[nodes]),
        )

    def _knot(self, knot: int) -> tuple[Floats, Floats]:
        """Return speed and level at every node at a whole minute; only the two in use are kept."""
        if knot not in self._knots:
            for old in [k for k in self._knots if k < knot - 1]:
                del self._knots[old]
            self._water, time_s = run_at(self._water, knot * KNOT_S)
            net = self._network
            speed = self._water.current_mps(net.chainage_m, net.offset_m, time_s)
            station_m = self._water.level_m(net.station_m, time_s)
            self._knots[knot] = (speed, station_m[net.station])
        return self._knots[knot]
