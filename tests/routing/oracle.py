"""The slow reading of the same problem: plain networkx, an edge at a time, written without looking at the fast one.

The weight callable of networkx is never told the time, so it keeps its own labels. That is sound with
`single_source_dijkstra`, which asks about an edge only when its start node is final, and with nothing bidirectional.
"""

import math
from dataclasses import dataclass
from typing import Any

import networkx as nx
import numpy as np

from rescuecmd.geo import Floats
from rescuecmd.picture.entity import Craft
from rescuecmd.routing.conditions import Conditions

LEAST_MPS = 0.5
Spans = list[tuple[float, float]]


def holds(times: Floats, values: Floats) -> Spans:
    """Return when a piecewise linear function is >= 0."""
    spans: Spans = []
    for (t0, v0), (t1, v1) in zip(
        zip(times[:-1], values[:-1], strict=True), zip(times[1:], values[1:], strict=True), strict=True
    ):
        if v0 >= 0 and v1 >= 0:
            part = (t0, t1)
        elif v0 >= 0:
            part = (t0, t0 + (t1 - t0) * v0 / (v0 - v1))
        elif v1 >= 0:
            part = (t0 + (t1 - t0) * v0 / (v0 - v1), t1)
        else:
            continue
        if spans and spans[-1][1] == part[0]:
            spans[-1] = (spans[-1][0], part[1])
        else:
            spans.append(part)
    return [(float(a), float(b)) for a, b in spans]


def both(first: Spans, second: Spans) -> Spans:
    """Return when two rules hold together."""
    found = [(max(a, c), min(b, d)) for a, b in first for c, d in second if max(a, c) <= min(b, d)]
    return sorted(found)


def ground_speed(speed: float, current: float, angle: float) -> float:
    """Return the speed over ground by solving the triangle of velocities; NaN where it cannot be."""
    across = current * math.sin(angle)
    if abs(across) > speed * math.sin(math.radians(60)):
        return math.nan
    return current * math.cos(angle) + math.sqrt(speed**2 - across**2)


def strongest(craft: Craft, angle: float, least: float) -> float:
    """Return the greatest usable current by bisection on what it means: heading off at most 60 deg, way still made."""

    def usable(current: float) -> bool:
        if craft.max_current_mps is not None and current > craft.max_current_mps:
            return False
        across, along = current * math.sin(angle), current * math.cos(angle)
        crab = abs(across) <= craft.speed_mps * math.sin(math.radians(60))
        return crab and math.hypot(least - along, across) <= craft.speed_mps

    if not usable(0.0) or least >= craft.speed_mps:
        return -1.0
    low, high = 0.0, 100.0
    for _ in range(200):
        middle = (low + high) / 2
        low, high = (middle, high) if usable(middle) else (low, middle)
    return low


@dataclass
class Oracle:
    """Earliest arrivals over the networkx graph itself."""

    graph: nx.DiGraph
    conditions: Conditions
    craft: Craft

    def __post_init__(self) -> None:
        network = self.conditions.network
        self.index = {node: number for number, node in enumerate(network.ids)}
        self.knots = self.conditions.knots_s
        rate = float(np.abs(np.diff(self.conditions.current_mps, axis=1) / np.diff(self.knots)).max())
        self.rate = rate
        need = self.craft.draught_m + self.craft.under_keel_m
        self.afloat = {
            node: holds(self.knots, self._low(node) - data["bed_m"] - need)
            for node, data in self.graph.nodes(data=True)
        }
        self.open = {(u, v): self._spans(u, v, data) for u, v, data in self.graph.edges(data=True)}

    def _low(self, node: Any) -> Floats:
        row = self.conditions.low_m[self.conditions.network.station[self.index[node]]]
        return np.asarray(row)

    def _high(self, node: Any) -> Floats:
        row = self.conditions.high_m[self.conditions.network.station[self.index[node]]]
        return np.asarray(row)

    def _angle(self, u: Any, v: Any) -> float:
        one, two = self.graph.nodes[u], self.graph.nodes[v]
        course = math.atan2(two["x_m"] - one["x_m"], two["y_m"] - one["y_m"])
        flows = [math.radians(data["flow_deg"]) for data in (one, two)]
        flow = math.atan2(sum(math.sin(f) for f in flows), sum(math.cos(f) for f in flows))
        return course - flow

    def _spans(self, u: Any, v: Any, data: dict[str, Any]) -> Spans:
        need = self.craft.draught_m + self.craft.under_keel_m
        bed = max(data["bed_m"], self.graph.nodes[u]["bed_m"], self.graph.nodes[v]["bed_m"])
        least = max(LEAST_MPS, math.sqrt((1 + math.sqrt(3) + 0.008) * data["length_m"] * self.rate))
        limit = strongest(self.craft, self._angle(u, v), least)
        spans: Spans = [(float(self.knots[0]), float(self.knots[-1]))]
        for node in (u, v):
            spans = both(spans, holds(self.knots, self._low(node) - bed - need))
            if math.isfinite(data["soffit_m"]):
                spans = both(spans, holds(self.knots, data["soffit_m"] - self.craft.air_draught_m - self._high(node)))
            spans = both(spans, holds(self.knots, limit - self.conditions.current_mps[self.index[node]]))
        return spans

    def seconds(self, u: Any, v: Any, depart: float) -> float:
        """Return how long an edge takes when entered at a time."""
        ends = [np.interp(depart, self.knots, self.conditions.current_mps[self.index[node]]) for node in (u, v)]
        return float(self.graph.edges[u, v]["length_m"]) / ground_speed(
            self.craft.speed_mps, float(sum(ends)) / 2, self._angle(u, v)
        )

    def arrival(self, u: Any, v: Any, ready: float, until: float) -> tuple[float, float]:
        """Return departure and arrival for somebody ready at `u`, who may wait there until `until`; inf if never."""
        for opens, closes in self.open[u, v]:
            depart = max(ready, opens)
            if depart > min(closes, until):
                continue
            there = depart + self.seconds(u, v, depart)
            if there <= closes:
                return depart, there
        return math.inf, math.inf

    def arrivals(self, start: Any, depart: float) -> dict[Any, float]:
        """Return the earliest arrival at every node reached: Dijkstra over (node, afloat interval) states."""
        states = nx.DiGraph()
        for node, spans in self.afloat.items():
            states.add_nodes_from((node, number) for number in range(len(spans)))
        for u, v in self.graph.edges:
            states.add_edges_from(
                ((u, i), (v, j)) for i in range(len(self.afloat[u])) for j in range(len(self.afloat[v]))
            )
        begin = next((start, i) for i, (a, b) in enumerate(self.afloat[start]) if a <= depart <= b)
        labels = {begin: depart}

        def weight(one: Any, two: Any, _: dict[str, Any]) -> float | None:
            there = self._into(one, two, labels[one])
            if not math.isfinite(there):
                return None
            labels[two] = min(labels.get(two, math.inf), there)
            return there - labels[one]

        reached = nx.single_source_dijkstra(states, begin, weight=weight)[0]
        best: dict[Any, float] = {}
        for state in reached:
            best[state[0]] = min(best.get(state[0], math.inf), labels[state])
        return best

    def _into(self, one: Any, two: Any, ready: float) -> float:
        (u, i), (v, j) = one, two
        until = self.afloat[u][i][1]
        begin, end = self.afloat[v][j]
        best = math.inf
        for opens, closes in self.open[u, v]:
            depart = max(ready, opens)
            if depart > min(closes, until):
                continue
            there = depart + self.seconds(u, v, depart)
            if there <= closes and begin <= there <= end:
                best = min(best, there)
        return best
