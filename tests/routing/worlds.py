"""Small made-up networks on which everything opens and closes, and a search over them that knows no formula.

Whether an edge is open is asked second by second, of the definitions alone: water, height, current, rules and closures
at that second. Where the answer changes the instant is found by halving. Nothing of the compiled loops is used.
"""

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property, partial
from heapq import heappop, heappush
from typing import Any

import networkx as nx
import numpy as np

from rescuecmd.geo import Floats
from rescuecmd.picture.entity import Craft
from rescuecmd.routing.conditions import SLOPE_BOUND, Conditions
from rescuecmd.routing.network import Network, compile_network
from rescuecmd.routing.openings import Block

Spans = list[tuple[float, float]]


@dataclass
class World:
    """A network, its water, a craft and what is closed."""

    graph: "nx.DiGraph"
    conditions: Conditions
    craft: Craft
    blocks: list[Block]

    @property
    def network(self) -> Network:
        return self.conditions.network

    def data(self, edge: int) -> dict[str, Any]:
        network = self.network
        found: dict[str, Any] = self.graph.edges[network.ids[network.start[edge]], network.ids[network.end[edge]]]
        return found

    @cached_property
    def afloat(self) -> list[Spans]:
        """When each node is afloat and not closed."""
        closed = [[(one.starts_s, one.ends_s) for one in self.blocks if node in one.nodes] for node in self._nodes]
        return [
            _spans(self._marks(shut), partial(self._depth_m, node), shut)
            for node, shut in zip(self._nodes, closed, strict=True)
        ]

    @cached_property
    def open(self) -> list[Spans]:
        """When each edge is open."""
        closed = [self._shut(edge) for edge in range(self.network.n_edges)]
        return [_spans(self._marks(shut), partial(self._slack, edge), shut) for edge, shut in enumerate(closed)]

    @property
    def _nodes(self) -> range:
        return range(self.network.n_nodes)

    def _marks(self, shut: Spans) -> Floats:
        """Return every second, every knot, and when something begins or ends."""
        end_s = self.conditions.to_s
        ends = [time for span in shut for time in span if 0 < time < end_s]
        return np.unique(np.concatenate([np.arange(0.0, end_s), self.conditions.knots_s, ends]))

    def _depth_m(self, node: int, time: Floats) -> Floats:
        depth: Floats = self._water_m(node, time) - self.network.bed_m[node]
        return depth

    def _water_m(self, node: int, time: Floats) -> Floats:
        low = self.conditions.low_m[self.network.station[node]]
        water: Floats = np.interp(time, self.conditions.knots_s, low) - self.craft.draught_m - self.craft.under_keel_m
        return water

    def current_mps(self, node: int, time: Any) -> Floats:
        drift = self.conditions.drift_mps[node].astype(np.float64)
        current: Floats = np.interp(time, self.conditions.drift_knots_s, drift)
        return current

    def _slack(self, edge: int, time: Floats) -> Floats:
        network = self.network
        ends = int(network.start[edge]), int(network.end[edge])
        slack: Floats = np.min([self._water_m(node, time) for node in ends], axis=0) - float(network.edge_bed_m[edge])
        for node in ends:
            high = np.interp(time, self.conditions.knots_s, self.conditions.high_m[network.station[node]])
            slack = np.minimum(slack, float(network.soffit_m[edge]) - self.craft.air_draught_m - high)
            if "own_s" not in self.data(edge):
                slack = np.minimum(slack, self._mastery(edge, self.current_mps(node, time)))
        return slack

    def _mastery(self, edge: int, current: Floats) -> Floats:
        """Return by how much a boat masters a current on an edge: its crab angle, its least way, what it may meet."""
        drift = self.conditions.drift_mps.astype(np.float64)
        rate = float(np.abs(np.diff(drift, axis=1) / np.diff(self.conditions.drift_knots_s)).max())
        least = max(0.5, math.sqrt(SLOPE_BOUND * float(self.network.length_m[edge]) * rate))
        speed, along = self.craft.speed_mps, float(self.network.along[edge])
        across = current * math.sqrt(max(0.0, 1.0 - along**2))
        rules = [speed * math.sin(math.radians(60)) - across, speed - np.hypot(least - current * along, across)]
        if self.craft.max_current_mps is not None:
            rules.append(self.craft.max_current_mps - current)
        mastery: Floats = np.min(rules, axis=0) if least < speed else np.full_like(current, -1.0)
        return mastery

    def _shut(self, edge: int) -> Spans:
        data, shut = self.data(edge), [(one.starts_s, one.ends_s) for one in self.blocks if edge in one.edges]
        if data.get("max_draught_m", math.inf) < self.craft.draught_m:
            shut.append((-math.inf, math.inf))
        if "hours" in data:
            ends = [-math.inf, *(end for span in data["hours"] for end in span), math.inf]
            shut += zip(ends[::2], ends[1::2], strict=True)
        return shut

    def ride_s(self, edge: int, depart_s: float) -> float:
        data, network = self.data(edge), self.network
        if "own_s" in data:
            return float(data["own_s"])
        ends = [float(self.current_mps(int(side[edge]), depart_s)) for side in (network.start, network.end)]
        current, along, length = sum(ends) / 2, float(network.along[edge]), float(network.length_m[edge])
        across = current * math.sqrt(max(0.0, 1.0 - along**2))
        made = current * along + math.sqrt(max(self.craft.speed_mps**2 - across**2, 1e-9))
        return max(length / made, length / float(data.get("limit_mps", math.inf)))

    def arrivals(self, start: int, depart_s: float) -> Floats:
        """Return the earliest arrival at every node: labels of (node, time afloat), the earliest first."""
        network, first = self.network, _holding(self.afloat[start], depart_s)
        best, heap = {(start, first): depart_s}, [(depart_s, start, first)]
        while heap:
            time, node, number = heappop(heap)
            if time > best[node, number]:
                continue
            for edge in range(int(network.first[node]), int(network.first[node + 1])):
                end = int(network.end[edge])
                for depart, there in self._rides(edge, time, self.afloat[node][number][1]):
                    label = end, _holding(self.afloat[end], depart)
                    if there < best.get(label, math.inf):
                        best[label] = there
                        heappush(heap, (there, *label))
        arrival = np.full(network.n_nodes, np.inf)
        for (node, _), time in best.items():
            arrival[node] = min(arrival[node], time)
        return arrival

    def _rides(self, edge: int, ready: float, until: float) -> Iterable[tuple[float, float]]:
        for opens, closes in self.open[edge]:
            depart = max(ready, opens)
            if depart <= min(closes, until) and depart + self.ride_s(edge, depart) <= closes:
                yield depart, depart + self.ride_s(edge, depart)


def _spans(marks: Floats, slack: Callable[[Floats], Floats], shut: Spans) -> Spans:
    """Return when a slack is >= 0 and nothing is shut, by looking at some marks."""
    value, middle = slack(marks), (marks[1:] + marks[:-1]) / 2
    closed = np.zeros(len(middle), dtype=bool)
    for begins, ends in shut:
        closed |= (middle > begins) & (middle < ends)
    found: Spans = []
    for at in np.flatnonzero(~closed & ((value[1:] >= 0) | (value[:-1] >= 0))).tolist():
        a, b = float(marks[at]), float(marks[at + 1])
        part = (a if value[at] >= 0 else _root(slack, b, a), b if value[at + 1] >= 0 else _root(slack, a, b))
        if found and found[-1][1] == part[0]:
            part = (found.pop()[0], part[1])
        found.append(part)
    return [(a, b) for a, b in found if b > a]


def _root(slack: Callable[[Floats], Floats], holds: float, fails: float) -> float:
    """Return the last time towards `fails` at which a slack that holds at one time and fails at another still holds."""
    for _ in range(50):
        middle = (holds + fails) / 2
        holds, fails = (middle, fails) if float(slack(np.array([middle]))[0]) >= 0 else (holds, middle)
    return holds


def _holding(spans: Spans, time: float) -> int:
    return next(number for number, (a, b) in enumerate(spans) if a - 1e-6 <= time <= b + 1e-6)


def draw_world(seed: int) -> World:
    """Return a world: levels that rise, fall and turn round, currents that win, ways, limits, hours and closures."""
    rng = np.random.default_rng(seed)
    graph, end_s = _graph(rng), float(rng.choice([900.0, 1800.0]))
    network = compile_network(graph)
    craft = Craft("boat", 5.0, float(rng.choice([0.3, 0.5])), float(rng.choice([0.1, 0.3])), float(rng.uniform(1, 3)),
                  float(rng.uniform(1.5, 8)), 4, max_current_mps=1.5 if rng.random() < 0.3 else None)  # fmt: skip
    blocks = [_block(rng, network, end_s) for _ in range(int(rng.integers(0, 4)))]
    return World(graph, _conditions(rng, network, end_s), craft, blocks)


def _graph(rng: np.random.Generator) -> "nx.DiGraph":
    graph, count = nx.DiGraph(), int(rng.integers(4, 13))
    x, y = np.sort(rng.uniform(0, 400, count)).tolist(), rng.uniform(-60, 60, count).tolist()
    for node in range(count):
        graph.add_node(node, x_m=x[node], y_m=y[node], chainage_m=round(x[node] / 30) * 30.0, offset_m=y[node],
                       bed_m=rng.uniform(170, 174), flow_deg=rng.uniform(60, 120))  # fmt: skip
    for start in range(count):
        for end in set(rng.choice(count, 4).tolist()) - {start}:
            length = math.dist((x[start], y[start]), (x[end], y[end])) * rng.uniform(1.0, 1.1) + 1.0
            soffit = rng.uniform(176, 180) if rng.random() < 0.3 else np.inf
            graph.add_edge(start, end, length_m=length, bed_m=rng.uniform(170, 175), soffit_m=soffit, **_rules(rng))
    return graph


def _rules(rng: np.random.Generator) -> dict[str, Any]:
    kinds: list[dict[str, Any]] = [
        {"own_s": rng.uniform(1, 10)}, {"own_s": rng.uniform(10, 600)},
        {"limit_mps": rng.uniform(0.2, 5)}, {"max_draught_m": 0.4},
    ]  # fmt: skip
    rules = kinds[int(rng.integers(len(kinds)))] if rng.random() < 0.3 else {}
    if rng.random() < 0.2:
        rules["hours"] = np.sort(rng.uniform(-100, 1900, 2 * int(rng.integers(1, 4)))).reshape(-1, 2).tolist()
    return rules


def _block(rng: np.random.Generator, network: Network, end_s: float) -> Block:
    nodes = rng.choice(network.n_nodes, 2)
    edges = np.isin(network.start, nodes) | np.isin(network.end, nodes)
    edges[rng.choice(network.n_edges, 2)] = True
    starts_s = float(rng.choice([-np.inf, rng.uniform(-50, end_s)]))
    ends_s = float(rng.choice([np.inf, max(starts_s, 0.0) + rng.uniform(1, end_s)], p=[0.2, 0.8]))
    return Block(nodes, np.flatnonzero(edges), starts_s, ends_s)


def _conditions(rng: np.random.Generator, network: Network, end_s: float) -> Conditions:
    """Return water that no river has: every station and node for itself."""
    step_s = float(rng.choice([300.0, 150.0, 60.0]))
    drift_knots = np.append(np.arange(0.0, end_s, step_s)[:: int(rng.integers(1, 4))], end_s)
    knots = np.unique(np.concatenate([np.arange(0.0, end_s, step_s), rng.uniform(0, end_s, 3), drift_knots]))
    middle = 174.5 + np.interp(knots, np.linspace(0, end_s, 5), rng.uniform(-2.5, 2.5, 5))
    level = middle + rng.choice([0.0, 0.5, 1.0]) * rng.uniform(-2, 2, len(knots))
    level = level + rng.uniform(-0.2, 0.2, (len(network.station_m), 1))
    top, spread = float(rng.choice([0.0, 1.0, 3.0])), rng.uniform(0, 0.2)
    turns = np.cumsum(rng.normal(0, 0.1 * top, (network.n_nodes, len(drift_knots))), axis=1)
    drift = np.clip(rng.uniform(0, top, (network.n_nodes, 1)) + turns, 0, 5).astype(np.float32)
    conditions = object.__new__(Conditions)
    for name, value in {
        "network": network, "from_s": 0.0, "to_s": end_s, "step_s": step_s, "knots_s": knots, "low_m": level - spread,
        "high_m": level + spread, "drift_knots_s": drift_knots, "drift_mps": drift,
    }.items():  # fmt: skip
        object.__setattr__(conditions, name, value)
    return conditions
