"""How high the water stands and how fast it runs over a network, at knots of time; linear in between.

Depth is judged by the low bound of the level and free height by the high bound. The current is the median one.
Knots are every `step_s` and wherever a gauge has a value, so that the level between them is linear just as the gauges
give it.
"""

from dataclasses import dataclass, field
from functools import cached_property, lru_cache

import numpy as np
from numpy.typing import NDArray

from rescuecmd.compiled import vector
from rescuecmd.errors import InputError, NotCoveredError
from rescuecmd.geo import Floats
from rescuecmd.river.bed import Where, current_mps
from rescuecmd.river.model import River
from rescuecmd.river.water import BOUND_SIGMAS, Water
from rescuecmd.routing.kernel import WaterVectors
from rescuecmd.routing.network import Network
from rescuecmd.routing.spans import Levels

CURRENT_STEP_S = 1800.0
"""The current is worked out this often at most and is linear in between: it follows the level smoothly."""

SLOPE_BOUND = 1.0 + 3.0**0.5 + 0.008
"""How much the speed over ground can change with the current inside the limits of `openings`, at most."""


@dataclass(frozen=True, eq=False)
class Conditions:
    """The water over a network from `from_s` to `to_s`.

    Attributes
    ----------
    knots_s
        Shape (n_knots,), ascending, first `from_s`, last `to_s`.
    low_m, high_m
        Bounds of the level, shape (n_stations, n_knots).
    drift_knots_s
        The rarer knots of the current, each of them a knot: shape (n_drift,).
    drift_mps
        Downstream speed, shape (n_nodes, n_drift), linear in between.

    Raises
    ------
    NotCoveredError
        The water does not cover the whole time asked for.
    """

    network: Network
    water: Water
    from_s: float
    to_s: float
    step_s: float = 300.0
    knots_s: Floats = field(init=False)
    low_m: Floats = field(init=False)
    high_m: Floats = field(init=False)
    drift_knots_s: Floats = field(init=False)
    drift_mps: NDArray[np.float32] = field(init=False)

    def __post_init__(self) -> None:
        if not self.step_s > 0 or not self.to_s > self.from_s:
            window = f"{self.from_s}, {self.to_s}, {self.step_s}"
            raise InputError("bad-window", f"expected from < to and step > 0, got {window}")
        for end_s in (self.from_s, self.to_s):
            if not self.water.covers(end_s):
                raise self.water.uncovered(end_s)
        knots = _knots(self.water, self.from_s, self.to_s, self.step_s)
        station = self.network.station_m[:, None]
        level = self.water.level_m(station, knots)
        spread = BOUND_SIGMAS * self.water.sigma_m(station, knots)
        for name, values in (("knots_s", knots), ("low_m", level - spread), ("high_m", level + spread)):
            object.__setattr__(self, name, values)
        rare = _drift_knots(self.from_s, self.to_s, self.step_s)
        object.__setattr__(self, "drift_knots_s", rare)
        object.__setattr__(self, "drift_mps", self._drift(rare))

    @cached_property
    def current_mps(self) -> Floats:
        """Downstream speed at every knot, shape (n_nodes, n_knots): for questions about single places."""
        return _between(self.knots_s, self.drift_knots_s, self.drift_mps.astype(np.float64))

    @cached_property
    def low_range_m(self) -> tuple[Floats, Floats]:
        """Least and greatest low bound of each station over all knots."""
        return self.low_m.min(axis=1), self.low_m.max(axis=1)

    @cached_property
    def high_range_m(self) -> tuple[Floats, Floats]:
        """Least and greatest high bound of each station over all knots."""
        return self.high_m.min(axis=1), self.high_m.max(axis=1)

    @cached_property
    def fastest_change_mps2(self) -> float:
        """The fastest change of the current anywhere, m/s per s."""
        return float(np.abs(np.diff(self.drift_mps.astype(np.float64), axis=1) / np.diff(self.drift_knots_s)).max())

    @cached_property
    def levels(self) -> Levels:
        """Everything the search over the network depends on."""
        at = np.clip(
            np.searchsorted(self.drift_knots_s, self.knots_s, side="right") - 1, 0, len(self.drift_knots_s) - 2
        )
        share = (self.knots_s - self.drift_knots_s[at]) / np.diff(self.drift_knots_s)[at]
        return Levels(
            knots=vector(self.knots_s),
            low=vector(self.low_m),
            high=vector(self.high_m),
            floor=vector(np.minimum(self.low_m[:, :-1], self.low_m[:, 1:]).T),
            top=vector(self.low_range_m[1]),
            bottom=vector(self.low_range_m[0]),
            drift_knots=vector(self.drift_knots_s),
            drift=vector(self.drift_mps),
            drift_piece=vector(at),
            drift_share=vector(share),
            steadiness=SLOPE_BOUND * self.fastest_change_mps2,
            strongest=float(self.drift_mps.max()),
        )

    @cached_property
    def vectors(self) -> WaterVectors:
        """Everything a leg over the chart needs: bounds per row of nodes, missing rows from their neighbours."""
        chart = self.network.chart
        if chart is None:
            raise NotCoveredError("no-chart", "this network was written by hand and has no chart to sail over")
        rows = np.arange(chart.vectors.node_rows, dtype=np.float64) * chart.step_m
        low, high = (_at_rows(rows, self.network.station_m, table) for table in (self.low_m, self.high_m))
        flow = (vector(self.network.flow_x), vector(self.network.flow_y))
        levels = self.levels
        return WaterVectors(levels.knots, vector(low), vector(high), levels.drift_knots, levels.drift, *flow)

    def low_at(self, station: int, time_s: float) -> float:
        """Return the low bound at a station."""
        return float(np.interp(time_s, self.knots_s, self.low_m[station]))

    def high_at(self, station: int, time_s: float) -> float:
        """Return the high bound at a station."""
        return float(np.interp(time_s, self.knots_s, self.high_m[station]))

    def current_at(self, node: int, time_s: float) -> float:
        """Return the current at a node."""
        return float(np.interp(time_s, self.drift_knots_s, self.drift_mps[node]))

    def _drift(self, rare: Floats) -> NDArray[np.float32]:
        """Return the current at every node and drift knot."""
        network, river = self.network, self.water.river
        rating = river.rating
        if rating is None:
            return np.zeros((network.n_nodes, len(rare)), dtype=np.float32)
        level = self.water.level_m(network.station_m[:, None], rare)[network.station]
        where, bed = _shape(network, river)
        discharge = self.water.discharge_m3ps(rare)[None, :]
        speed = current_mps(
            river.bed,
            where,
            depth_m=level - bed,
            level_m=level,
            discharge_m3ps=discharge,
            cap_mps=rating.max_current_mps,
        )
        return speed.astype(np.float32)


@lru_cache(maxsize=4)
def _shape(network: Network, river: River) -> tuple[Where, Floats]:
    """Return where the nodes lie in the river's bed table and their bed, shape (n_nodes, 1): the same at every time."""
    where = river.bed.where(network.chainage_m[:, None], network.offset_m[:, None])
    return where, river.bed_m(network.chainage_m, network.offset_m)[:, None]


def _drift_knots(from_s: float, to_s: float, step_s: float) -> Floats:
    """Return every so manieth of the even knots of `_knots`, and the last instant."""
    every = step_s * max(1, int(CURRENT_STEP_S / step_s))
    return np.append(np.arange(from_s, to_s, step_s)[:: round(every / step_s)], to_s)


def _knots(water: Water, from_s: float, to_s: float, step_s: float) -> Floats:
    even = np.arange(from_s, to_s, step_s)
    given = water.times_s[(water.times_s > from_s) & (water.times_s < to_s)]
    knots = np.unique(np.concatenate([even, given, [to_s]]))
    apart = np.concatenate([[True], np.diff(knots) > 1e-6])
    apart[-1] = True
    chosen: Floats = knots[apart]
    return chosen


def _between(times: Floats, known: Floats, values: Floats) -> Floats:
    """Interpolate each row of `values` at `known` to `times`."""
    at = np.clip(np.searchsorted(known, times, side="right") - 1, 0, len(known) - 2)
    share = (times - known[at]) / (known[at + 1] - known[at])
    result: Floats = values[:, at] * (1 - share) + values[:, at + 1] * share
    return result


def _at_rows(rows: Floats, stations: Floats, table: Floats) -> Floats:
    at = np.clip(np.searchsorted(stations, rows, side="right") - 1, 0, len(stations) - 2)
    share = np.clip((rows - stations[at]) / (stations[at + 1] - stations[at]), 0.0, 1.0)[:, None]
    result: Floats = table[at] * (1 - share) + table[at + 1] * share
    return result
