"""Earliest arrival everywhere on a rising river: ours against networkx on the same graph, with the same answer.

The peer is `networkx.single_source_dijkstra` with a weight callable that keeps its own labels, the only way to have
time in networkx. It is given the open times of every edge ready-made, so only the search itself is compared.

    python -m tests.bench.routing [--nodes 10000] [--rounds 5]
"""

import argparse
import math
from typing import Any

import networkx as nx
import numpy as np

from rescuecmd.compiled import COMPILED
from rescuecmd.geo import Floats
from rescuecmd.picture.entity import Craft
from rescuecmd.river.model import Bridge, River, Span
from rescuecmd.river.water import LevelSeries, Water
from rescuecmd.routing.conditions import Conditions
from rescuecmd.routing.network import Network, build_graph, compile_network
from rescuecmd.routing.openings import Limits, Openings, find_openings
from rescuecmd.routing.scene import Scene
from rescuecmd.routing.search import grow
from rescuecmd.text import Text
from tests.bench.bench import Bench
from tests.river.teaching import round_reef, straight_river

CRAFT = Craft("inflatable", 5.0, 0.55, 0.30, 2.6, 8.0, 6)
WIDTH_M, STEP_M, HOURS = 396.0, 18.0, 3.0


def bench_river(nodes: int) -> River:
    """Return a river of about this many nodes with shoals, side channels, reefs and bridges."""
    length_m = max(720.0, nodes * STEP_M**2 / WIDTH_M)

    def bed(chainage: Floats, offset: Floats) -> Floats:
        valley = 166.0 + 7.0 * (np.abs(offset) / 200.0) ** 2
        shoals: Floats = valley + 4.5 * np.sin(chainage / 260.0) * np.cos(offset / 60.0) + np.sin(chainage / 60.0)
        return shoals

    places = np.arange(400.0, length_m - 200.0, 900.0)
    reefs = tuple(round_reef(f"reef-{at:.0f}", float(at), 60.0 * math.sin(at), 176.0) for at in places)
    spans = (Span(-200.0, -60.0, 178.4), Span(-60.0, 60.0, 184.0), Span(60.0, 200.0, 178.0))
    bridges = tuple(Bridge(f"bridge-{at:.0f}", Text("桥", "Bridge"), float(at) + 300.0, spans) for at in places[::2])
    return straight_river(length_m, WIDTH_M, bed, discharge_m3ps=4500.0, reefs=reefs, bridges=bridges)


def rising(river: River) -> Water:
    """Return water that rises 3 m in 3 h, by unequal steps."""
    times = np.linspace(0.0, HOURS * 3600.0, 13)
    levels = 172.0 + 3.0 * (times / times[-1]) ** 1.4
    series = LevelSeries(times, levels, np.zeros(len(times)))
    return Water(river, {gauge.id: series for gauge in river.gauges})


class Peer:
    """The same search in networkx."""

    def __init__(self, graph: nx.DiGraph, openings: Openings) -> None:
        self.graph = nx.DiGraph()
        self.knots = openings.conditions.knots_s.tolist()
        self.current = openings.conditions.current_mps.tolist()
        network = openings.network
        self.graph.add_nodes_from(graph.nodes)
        for edge in range(network.n_edges):
            times = openings.edge_times(edge)
            if times:
                u, v = network.ids[network.start[edge]], network.ids[network.end[edge]]
                self.graph.add_edge(
                    u, v, length=float(network.length_m[edge]), along=float(network.along[edge]), open=times
                )
        self.step = self.knots[1] - self.knots[0]
        assert all(math.isclose(b - a, self.step) for a, b in zip(self.knots, self.knots[1:], strict=False))

    def arrivals(self, start: int, depart: float) -> dict[int, float]:
        """Return the earliest arrival at every node reached."""
        labels = {start: depart}
        speed, knots, current, step, last = CRAFT.speed_mps, self.knots, self.current, self.step, len(self.knots) - 2

        def weight(u: int, v: int, edge: dict[str, Any]) -> float | None:
            ready = labels[u]
            for opens, closes in edge["open"]:
                if closes < ready:
                    continue
                leave = max(ready, opens)
                knot = min(int((leave - knots[0]) / step), last)
                share = (leave - knots[knot]) / step
                at_u, at_v = current[u], current[v]
                drift = 0.5 * (
                    at_u[knot]
                    + share * (at_u[knot + 1] - at_u[knot])
                    + at_v[knot]
                    + share * (at_v[knot + 1] - at_v[knot])
                )
                along = edge["along"]
                ground = drift * along + math.sqrt(speed * speed - drift * drift * (1.0 - along * along))
                there = leave + edge["length"] / ground
                if there <= closes:
                    if there < labels.get(v, math.inf):
                        labels[v] = there
                    return float(there - ready)
            return None

        reached = nx.single_source_dijkstra(self.graph, start, weight=weight)[0]
        return {node: labels[node] for node in reached}


def worst_difference(ours: Floats, theirs: dict[int, float]) -> float:
    """Return the greatest difference over all nodes; inf if one reaches what the other does not."""
    other = np.full(len(ours), np.inf)
    other[list(theirs)] = list(theirs.values())
    if (np.isfinite(ours) != np.isfinite(other)).any():
        return math.inf
    both = np.isfinite(ours)
    return float(np.abs(ours[both] - other[both]).max())


def measure_building(bench: Bench, river: River) -> tuple[nx.DiGraph, Network]:
    """Measure making the graph and compiling it."""
    made: list[Any] = [None, None]

    def build() -> None:
        made[0] = build_graph(river, STEP_M)

    def squeeze() -> None:
        made[1] = compile_network(made[0])

    times = bench.interleave({"build": build, "compile": squeeze}, rounds=2, warm=False)
    bench.figure("nodes", made[1].n_nodes)
    bench.figure("edges", made[1].n_edges)
    bench.figure("build_and_compile_s", times["build"] + times["compile"])
    return made[0], made[1]


def measure_search(bench: Bench, graph: nx.DiGraph, conditions: Conditions, rounds: int) -> None:
    """Measure one boat to everywhere, and compare every arrival."""
    network = conditions.network
    openings = find_openings(network, conditions, Limits.of(CRAFT))
    peer = Peer(graph, openings)
    start = network.nearest(float(network.x_m.max()) * 0.92, 0.0)
    afloat = [int(node) for node in network.within(network.x_m[start], network.y_m[start], 400.0)
              if openings.state_at(int(node), 60.0) >= 0]  # fmt: skip
    start = afloat[0]
    times = bench.interleave(
        {
            "ours": lambda: grow(openings, [(start, 60.0)]),
            "ours_with_openings": lambda: grow(find_openings(network, conditions, Limits.of(CRAFT)), [(start, 60.0)]),
            "networkx": lambda: peer.arrivals(start, 60.0),
        },
        rounds=rounds,
    )
    ours, theirs = grow(openings, [(start, 60.0)]).arrival_s, peer.arrivals(start, 60.0)
    bench.figure("reached_nodes", float(np.isfinite(ours).sum()))
    bench.figure("one_to_all_s", times["ours"])
    bench.figure("openings_and_one_to_all_s", times["ours_with_openings"])
    bench.figure("networkx_one_to_all_s", times["networkx"])
    bench.figure("worst_difference_s", worst_difference(ours, theirs))
    bench.ratio("networkx_over_ours", times["networkx"] / times["ours"])
    bench.ratio("networkx_over_ours_with_openings", times["networkx"] / times["ours_with_openings"])


def measure_scene(bench: Bench, river: River, network: Network, rounds: int) -> None:
    """Measure what the desk asks: conditions after new readings, a path, and twenty boats to everywhere."""
    water = rising(river)
    goal = (0.08 * river.length_m, 0.0)
    starts = [
        (float(x), float(y))
        for x, y in zip(np.linspace(0.3, 0.95, 20) * river.length_m, np.tile([-20.0, 0.0], 10), strict=True)
    ]
    warm = Scene(river, network, water, 0.0)
    warm.path(CRAFT, starts[-1], goal, 60.0)
    times = bench.interleave(
        {
            "conditions": lambda: Scene(river, network, water, 0.0).conditions,
            "path": lambda: warm.at(1.0).path(CRAFT, starts[-1], goal, 60.0),
            "fleet": lambda: [warm.at(1.0).tree(CRAFT, start, 60.0) for start in starts],
        },
        rounds=rounds,
    )
    bench.figure("conditions_s", times["conditions"])
    bench.figure("path_s", times["path"])
    bench.figure("twenty_boats_to_all_s", times["fleet"])
    bench.figure("path_points", len(warm.path(CRAFT, starts[-1], goal, 60.0).x_m))


def main() -> int:
    """Run the bench."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--nodes", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=5)
    wanted = parser.parse_args()
    bench = Bench("routing")
    bench.say(f"loops are {'compiled by numba' if COMPILED else 'plain Python'}")
    river = bench_river(wanted.nodes)
    graph, network = measure_building(bench, river)
    measure_search(bench, graph, Conditions(network, rising(river), 0.0, HOURS * 3600.0), wanted.rounds)
    measure_scene(bench, river, network, wanted.rounds)
    bench.at_most("worst_difference_s", 1e-6)
    if wanted.nodes <= 20_000:
        bench.at_most("build_and_compile_s", 3.0)
        if COMPILED:
            bench.at_most("one_to_all_s", 0.05)
    if COMPILED:
        bench.at_least("networkx_over_ours", 10.0)
    return bench.finish()


if __name__ == "__main__":
    raise SystemExit(main())
