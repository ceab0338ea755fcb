"""Earliest arrival on a rising river: ours against networkx on the same graph, with the same answer, and against scipy.

The question is one boat from 92 % to 8 % of the length, against the current. Both sides start from the same tables, the
levels and the current at knots of time. The peer is `networkx.single_source_dijkstra` with a weight callable that keeps
its own labels, the only way to have time in networkx; the thresholds of every edge for this craft are given to it
ready-made, and it judges each edge as the search meets it. Ours starts from the bare craft: the ratio that is held to a
floor includes all it has to find out for it, "prepared" leaves out what a second boat of the same class would share.
The floors are those that are asked for; where one is missed the bench says so and fails.

`scipy.sparse.csgraph.dijkstra` answers another question, with weights frozen at the departure and edges closed then
left out. It knows no goal and goes to every node. The floor is held twice over this: by the query, bare craft and
all, and by ours to every node, which reaches more of them as the water rises.

Memory is that of all arrays a boat's search reads and writes: network, chart, water, openings and labels.

    python -m tests.bench.routing [--nodes 10000 100000 500000] [--rounds 5]
"""

import argparse
import math
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import networkx as nx
import numpy as np
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import dijkstra

from rescuecmd.compiled import COMPILED
from rescuecmd.geo import Floats
from rescuecmd.picture.entity import Craft
from rescuecmd.river.feature import TimedWay
from rescuecmd.river.model import Boom, Bridge, RestrictedArea, River, Span
from rescuecmd.river.water import LevelSeries, Water
from rescuecmd.routing.conditions import Conditions
from rescuecmd.routing.edit import close_line
from rescuecmd.routing.kernel import ride
from rescuecmd.routing.network import Network, build_graph, compile_network, draw_network
from rescuecmd.routing.openings import Limits, Openings, find_openings
from rescuecmd.routing.path import Path
from rescuecmd.routing.recompile import recompile_network
from rescuecmd.routing.redraw import redraw_network
from rescuecmd.routing.scene import Scene, Spot
from rescuecmd.routing.search import grow
from rescuecmd.routing.watch import review
from rescuecmd.text import Text
from tests.bench.bench import Bench
from tests.river.teaching import round_reef, straight_river

CRAFT = Craft("inflatable", 5.0, 0.55, 0.30, 2.6, 8.0, 6)
STEP_M, HOURS = 18.0, 6.0
WIDTH_M, LONGEST_M = 396.0, 110_000.0  # a boat goes this far against the current within the hours
DEPART_S = 60.0
SMALL, BIG = 20_000, 400_000
NARROWS = 1.12
"""Nodes of the river below for each place of an even grid: in its narrows there are four times as many."""


def bench_river(nodes: int) -> River:
    """Return a river of about this many nodes with shoals, side channels, reefs and bridges."""
    area_m2 = nodes / NARROWS * STEP_M**2
    length_m = min(max(720.0, area_m2 / WIDTH_M), LONGEST_M)
    width_m = max(WIDTH_M, 2.0 * STEP_M * round(area_m2 / length_m / STEP_M / 2.0))
    bank_m = 200.0 * width_m / WIDTH_M

    def bed(chainage: Floats, offset: Floats) -> Floats:
        valley = 166.0 + 7.0 * (np.abs(offset) / bank_m) ** 2
        shoals: Floats = valley + 4.5 * np.sin(chainage / 260.0) * np.cos(offset / 60.0) + np.sin(chainage / 60.0)
        return shoals

    places = np.arange(400.0, length_m - 200.0, 900.0)
    reefs = tuple(round_reef(f"reef-{at:.0f}", float(at), 60.0 * math.sin(at), 176.0) for at in places)
    spans = (Span(-bank_m, -60.0, 178.4), Span(-60.0, 60.0, 184.0), Span(60.0, bank_m, 178.0))
    bridges = tuple(Bridge(f"bridge-{at:.0f}", Text("桥", "Bridge"), float(at) + 300.0, spans) for at in places[::2])
    discharge = 4500.0 * width_m / WIDTH_M
    return straight_river(length_m, width_m, bed, discharge_m3ps=discharge, reefs=reefs, bridges=bridges)


def rising(river: River) -> Water:
    """Return water that rises 3 m in 6 h, by unequal steps."""
    times = np.linspace(0.0, HOURS * 3600.0, 13)
    levels = 172.0 + 3.0 * (times / times[-1]) ** 1.4
    series = LevelSeries(times, levels, np.zeros(len(times)))
    return Water(river, {gauge.id: series for gauge in river.gauges})


class Peer:
    """The same search in networkx, judging each edge in its weight callable from the same tables of levels and current.

    An edge that is open throughout the piece of time at hand is seen at once, as in ours; others are scanned for roots.
    """

    def __init__(self, openings: Openings) -> None:
        network, conditions = openings.network, openings.conditions
        self.graph = nx.DiGraph()
        self.knots = conditions.knots_s.tolist()
        self.low, self.high = ([row.tolist() for row in table] for table in (conditions.low_m, conditions.high_m))
        self.current = conditions.current_mps.tolist()
        self.station = network.station.tolist()
        self.step = self.knots[1] - self.knots[0]
        assert all(math.isclose(b - a, self.step) for a, b in zip(self.knots, self.knots[1:], strict=False))
        bed, soffit = network.edge_bed_m.astype(np.float64), network.soffit_m.astype(np.float64)
        need, top = bed + openings.limits.water_m, soffit - openings.limits.air_m
        columns = (network.start, network.end, network.length_m, network.along, need, top, openings.greatest_mps)
        self.graph.add_nodes_from(range(network.n_nodes))
        self.graph.add_edges_from(
            (u, v, {"way": tuple(rest)}) for u, v, *rest in zip(*(column.tolist() for column in columns), strict=True)
        )

    def arrivals(self, start: int, depart: float, goal: int | None = None) -> dict[int, float]:
        """Return the earliest arrival at every node reached, before the goal if there is one."""
        labels = {start: depart}
        speed, knots, current, low, station = CRAFT.speed_mps, self.knots, self.current, self.low, self.station
        begin, step, last = knots[0], self.step, len(knots) - 2

        def ride(u: int, v: int, leave: float, length: float, along: float) -> float:
            knot = min(int((leave - begin) / step), last)
            share = (leave - knots[knot]) / step
            here, there = current[u], current[v]
            first, second = here[knot] + there[knot], here[knot + 1] + there[knot + 1]
            drift = 0.5 * (first + share * (second - first))
            spent: float = length / (drift * along + math.sqrt(speed * speed - drift * drift * (1.0 - along * along)))
            return spent

        def weight(u: int, v: int, edge: dict[str, Any]) -> float | None:
            ready = labels[u]
            length, along, need, top, greatest = edge["way"]
            knot = min(int((ready - begin) / step), last)
            one, two, here, there = low[station[u]], low[station[v]], current[u], current[v]
            if (
                one[knot] >= need <= two[knot]
                and one[knot + 1] >= need <= two[knot + 1]
                and here[knot] <= greatest >= there[knot]
                and here[knot + 1] <= greatest >= there[knot + 1]
                and top == math.inf
            ):
                spent = ride(u, v, ready, length, along)
                if ready + spent <= knots[knot + 1]:
                    if ready + spent < labels.get(v, math.inf):
                        labels[v] = ready + spent
                    return spent
            for opens, closes in self.spans(u, v, edge["way"], knot):
                if closes > ready:
                    leave = max(ready, opens)
                    arrive = leave + ride(u, v, leave, length, along)
                    if arrive <= closes:
                        if arrive < labels.get(v, math.inf):
                            labels[v] = arrive
                        return arrive - ready
            return None

        if goal is None:
            reached: Any = nx.single_source_dijkstra(self.graph, start, weight=weight)[0]
        else:
            reached = nx.single_source_dijkstra(self.graph, start, goal, weight=weight)[1]
        return {node: labels[node] for node in reached}

    def spans(self, u: int, v: int, way: tuple[float, ...], piece: int) -> Iterator[tuple[float, float]]:
        """Yield when an edge is open, from the piece of time on in which it is asked."""
        need, top, greatest = way[2:]
        rules = [(self.low[self.station[node]], need, 1.0) for node in (u, v)]
        rules += [(self.current[node], greatest, -1.0) for node in (u, v)]
        if top < math.inf:
            rules += [(self.high[self.station[node]], top, -1.0) for node in (u, v)]
        since = until = -math.inf
        for knot in range(piece, len(self.knots) - 1):
            begin, end = t0, t1 = self.knots[knot], self.knots[knot + 1]
            for values, bound, sign in rules:
                first, second = sign * (values[knot] - bound), sign * (values[knot + 1] - bound)
                if first < 0.0 and second < 0.0:
                    begin, end = math.inf, -math.inf
                    break
                if first < 0.0:
                    begin = max(begin, t0 + (t1 - t0) * first / (first - second))
                elif second < 0.0:
                    end = min(end, t0 + (t1 - t0) * first / (first - second))
            if begin > end:
                continue
            if begin == t0 == until:
                until = end
                continue
            if until > -math.inf:
                yield since, until
            since, until = begin, end
        if until > -math.inf:
            yield since, until


def worst_difference(ours: Floats, theirs: dict[int, float]) -> float:
    """Return the greatest difference over all nodes; inf if one reaches what the other does not."""
    other = np.full(len(ours), np.inf)
    other[list(theirs)] = list(theirs.values())
    if (np.isfinite(ours) != np.isfinite(other)).any():
        return math.inf
    both = np.isfinite(ours)
    return float(np.abs(ours[both] - other[both]).max())


def measure_building(bench: Bench, river: River, tag: str) -> Network:
    """Measure drawing the network, and a reach of it anew; count what it takes; compare a small one with networkx."""
    made: list[Network] = []
    spent = bench.interleave({"draw": lambda: made.append(draw_network(river, STEP_M))}, rounds=1, warm=False)
    network = made[0]
    assert network.chart is not None
    rock = replace(river, reefs=(*river.reefs, round_reef("found", river.length_m / 2, 10.0, 174.0)))
    middle = river.length_m / 2
    barred = replace(river, booms=(Boom("boom", Text("拦索", "Boom"), ((middle, -90.0), (middle, 90.0))),))
    again = bench.interleave(
        {"reach": lambda: redraw_network(network, rock), "boom": lambda: redraw_network(network, barred)}, rounds=3
    )
    for name, took in again.items():
        bench.figure(f"redraw_{name}_s_{tag}", took)
        bench.ratio(f"whole_over_{name}_drawn_{tag}", spent["draw"] / took)
        bench.at_least(f"whole_over_{name}_drawn_{tag}", 5.0)
    bench.figure(f"nodes_{tag}", network.n_nodes)
    bench.figure(f"edges_{tag}", network.n_edges)
    bench.figure(f"draw_network_s_{tag}", spent["draw"])
    bench.figure(f"network_mb_{tag}", megabytes(network))
    bench.figure(f"chart_mb_{tag}", megabytes(network.chart))
    if network.n_nodes <= SMALL:
        measure_compiling(bench, river, tag, spent["draw"])
    return network


def measure_compiling(bench: Bench, river: River, tag: str, drawn_s: float) -> None:
    """Measure the way by networkx, whole and where a boom was laid."""
    graph = build_graph(river, STEP_M)
    middle = river.length_m / 2
    whole = bench.interleave({"graph": lambda: compile_network(build_graph(river, STEP_M))}, rounds=1, warm=False)
    network = compile_network(graph)
    close_line(graph, (middle, -200.0), (middle, 0.0))
    times = bench.interleave(
        {
            "whole": lambda: compile_network(graph),
            "reach": lambda: recompile_network(network, graph, middle - 40.0, middle + 40.0),
        },
        rounds=3,
    )
    bench.figure(f"build_and_compile_s_{tag}", whole["graph"])
    bench.figure(f"recompile_reach_s_{tag}", times["reach"])
    bench.ratio(f"graph_over_drawn_{tag}", whole["graph"] / drawn_s)
    bench.ratio(f"whole_over_reach_compiled_{tag}", times["whole"] / times["reach"])


def megabytes(*things: object) -> float:
    """Return what all arrays in some things take, each counted once, MB."""
    found: dict[int, int] = {}

    def count(value: object) -> None:
        if isinstance(value, np.ndarray):
            owner = value if value.base is None else value.base
            found[id(owner)] = getattr(owner, "nbytes", value.nbytes)
        elif isinstance(value, tuple):
            for part in value:
                count(part)

    for thing in things:
        for value in thing if isinstance(thing, tuple) else vars(thing).values():
            count(value)
    return sum(found.values()) / 1e6


def afloat_near(openings: Openings, share: float) -> int:
    """Return the node nearest to the axis at a share of the length with two metres of water for the craft."""
    network, conditions = openings.network, openings.conditions
    x = float(network.x_m.max()) * share
    near = network.within(x, 0.0, 800.0)
    low = np.array([conditions.low_at(station, DEPART_S) for station in network.station[near].tolist()])
    return int(near[np.flatnonzero(low - network.bed_m[near] >= 2.0 + openings.limits.water_m)[0]])


def frozen(openings: Openings) -> csr_matrix:
    """Return the weights of every edge open at the departure, held for ever: what scipy can search."""
    network, arcs = openings.network, openings.arcs
    spent = np.array([ride(openings.ways, edge, DEPART_S) for edge in range(network.n_edges)])
    open_ = np.zeros(network.n_edges, dtype=bool)
    open_[arcs.item[(arcs.opens_s <= DEPART_S) & (arcs.closes_s >= DEPART_S + spent[arcs.item])]] = True
    first = np.concatenate([[0], np.cumsum(open_)])[network.first]
    return csr_matrix((spent[open_], network.end[open_], first), shape=(network.n_nodes, network.n_nodes))


def measure_search(bench: Bench, network: Network, river: River, rounds: int, tag: str) -> float:
    """Measure one boat upstream and to everywhere against both peers, compare every arrival; return the query, s."""
    conditions = Conditions(network, rising(river), 0.0, HOURS * 3600.0)
    limits = Limits.of(CRAFT)
    openings = find_openings(network, conditions, limits)
    start, goal, seeds = afloat_near(openings, 0.92), afloat_near(openings, 0.08), []
    seeds = [(start, DEPART_S)]
    measure_memory(bench, openings, seeds, f"memory_mb_{tag}")
    peer, still = Peer(openings), frozen(openings)
    times = bench.interleave(
        {
            "query": lambda: grow(find_openings(network, conditions, limits), seeds, goals=[goal]),
            "prepared": lambda: grow(openings, seeds, goals=[goal]),
            "all": lambda: grow(openings, seeds),
            "networkx": lambda: peer.arrivals(start, DEPART_S, goal),
            "scipy": lambda: dijkstra(still, indices=start),
        },
        rounds=rounds,
    )
    ours, theirs = grow(openings, seeds).arrival_s, peer.arrivals(start, DEPART_S)
    bench.figure(f"reached_nodes_{tag}", float(np.isfinite(ours).sum()))
    bench.figure(f"upstream_query_s_{tag}", times["query"])
    bench.figure(f"upstream_query_prepared_s_{tag}", times["prepared"])
    bench.figure(f"one_to_all_s_{tag}", times["all"])
    bench.figure(f"networkx_upstream_query_s_{tag}", times["networkx"])
    bench.figure(f"scipy_frozen_one_to_all_s_{tag}", times["scipy"])
    bench.figure(f"worst_difference_s_{tag}", worst_difference(ours, theirs))
    bench.ratio(f"networkx_over_ours_{tag}", times["networkx"] / times["query"])
    bench.ratio(f"networkx_over_ours_prepared_{tag}", times["networkx"] / times["prepared"])
    bench.ratio(f"query_over_scipy_frozen_{tag}", times["query"] / times["scipy"])
    bench.ratio(f"all_over_scipy_frozen_{tag}", times["all"] / times["scipy"])
    bench.at_most(f"worst_difference_s_{tag}", 1e-6)
    bench.check(f"first_in_first_out_{tag}", overtaken(openings) == 0)
    if COMPILED:
        bench.at_least(f"networkx_over_ours_{tag}", 50.0)
        bench.at_most(f"query_over_scipy_frozen_{tag}", 2.5)
        bench.at_most(f"all_over_scipy_frozen_{tag}", 2.5)
    return times["query"]


def measure_memory(bench: Bench, openings: Openings, seeds: list[tuple[int, float]], name: str) -> None:
    """Count all arrays that a boat's search reads and writes."""
    network, conditions = openings.network, openings.conditions
    held = [openings, openings.slots, openings.shut, grow(openings, seeds), conditions, conditions.levels]
    if network.rules is not None:
        held += [network.rules, network.rules.terms]
    bench.figure(name, megabytes(network, network.chart, network.edges, *held))
    if network.n_nodes > BIG:
        bench.at_most(name, 250.0)


def measure_rules(bench: Bench, network: Network, river: River, rounds: int, tag: str) -> None:
    """Measure one boat upstream past a boom with a portage round it and a kilometre with a speed limit."""
    middle = river.length_m / 2
    barred = replace(
        river,
        booms=(Boom("boom", Text("拦索", "Boom"), ((middle, -400.0), (middle, 400.0))),),
        ways=(
            TimedWay(
                "carry", Text("陆运", "Portage"), "portage", ((middle - 60, 0.0), (middle + 60, 0.0)), 600.0, True
            ),
        ),
        restricted=(RestrictedArea("slow", Text("限速区", "Slow water"), box(middle + 1000.0, middle + 2000.0), 5.0),),
    )
    ruled = redraw_network(network, barred)
    plain, bound = (Conditions(one, rising(river), 0.0, HOURS * 3600.0) for one in (network, ruled))
    limits = Limits.of(CRAFT)
    openings = find_openings(ruled, bound, limits)
    start, goal = afloat_near(openings, 0.55), afloat_near(openings, 0.45)
    seeds = [(start, DEPART_S)]
    bench.check(f"by_the_portage_{tag}", bool(np.isfinite(grow(openings, seeds).arrival_s[goal])))
    measure_memory(bench, openings, seeds, f"memory_mb_with_rules_{tag}")
    times = bench.interleave(
        {
            "plain": lambda: grow(find_openings(network, plain, limits), seeds, goals=[goal]),
            "ruled": lambda: grow(find_openings(ruled, bound, limits), seeds, goals=[goal]),
        },
        rounds=rounds,
    )
    bench.figure(f"query_with_rules_s_{tag}", times["ruled"])
    bench.ratio(f"query_with_rules_over_plain_{tag}", times["ruled"] / times["plain"])


def box(from_m: float, to_m: float) -> tuple[tuple[float, float], ...]:
    """Return a ring from bank to bank between two chainages."""
    return (from_m, -400.0), (to_m, -400.0), (to_m, 400.0), (from_m, 400.0), (from_m, -400.0)


def overtaken(openings: Openings) -> int:
    """Return in how many of 10,000 sampled edges and pairs of times the later boat arrives first."""
    rng, arcs = np.random.default_rng(1), openings.arcs
    found = 0
    for arc in rng.integers(len(arcs.item), size=10_000).tolist():
        early, late = np.sort(rng.uniform(arcs.opens_s[arc], arcs.closes_s[arc], 2)).tolist()
        edge = int(arcs.item[arc])
        found += late + ride(openings.ways, edge, late) < early + ride(openings.ways, edge, early) - 1e-9
    return int(found)


def falling(river: River) -> Water:
    """Return water that turns out half a metre lower than `rising` has it."""
    series = {gauge_id: replace(one, levels_m=one.levels_m - 0.5) for gauge_id, one in rising(river).series.items()}
    return Water(river, series)


def replaced(scene: Scene, paths: list[Path], starts: list[Spot]) -> None:
    """Judge twenty running routes on new water, as the desk does, and make those anew that are cut or beaten."""
    for path, start in zip(paths, starts, strict=True):
        review(scene, CRAFT, path, start, 60.0)


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
    paths = [warm.path(CRAFT, start, goal, 60.0) for start in starts]
    times = bench.interleave(
        {
            "conditions": lambda: Scene(river, network, water, 0.0).conditions,
            "path": lambda: warm.at(1.0).path(CRAFT, starts[-1], goal, 60.0),
            "fleet": lambda: [warm.at(1.0).tree(CRAFT, start, 60.0) for start in starts],
            "replaced": lambda: replaced(Scene(river, network, falling(river), 0.0), paths, starts),
        },
        rounds=rounds,
    )
    bench.figure("conditions_s", times["conditions"])
    bench.figure("path_s", times["path"])
    bench.figure("twenty_boats_to_all_s", times["fleet"])
    bench.figure("level_change_to_twenty_routes_s", times["replaced"])
    bench.figure("path_points", len(warm.path(CRAFT, starts[-1], goal, 60.0).x_m))


def main() -> int:
    """Run the bench."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--nodes", type=int, nargs="+", default=[10_000, 100_000, 500_000])
    parser.add_argument("--rounds", type=int, default=5)
    wanted = parser.parse_args()
    bench = Bench("routing")
    bench.say(f"loops are {'compiled by numba' if COMPILED else 'plain Python'}")
    queries: list[tuple[int, float]] = []
    for nodes in sorted(wanted.nodes, reverse=True):
        river, tag = bench_river(nodes), f"{nodes // 1000}k"
        network = measure_building(bench, river, tag)
        queries.append((network.n_nodes, measure_search(bench, network, river, wanted.rounds, tag)))
        measure_rules(bench, network, river, wanted.rounds, tag)
    if len(queries) > 1:  # one size says nothing of growth
        (most, slow), (least, fast) = queries[0], queries[-1]
        bench.figure("growth_over_n_log_n", slow / fast / (most * math.log(most) / (least * math.log(least))))
        bench.at_most("growth_over_n_log_n", 1.1)
    if min(wanted.nodes) <= SMALL:
        measure_scene(bench, river, network, wanted.rounds)
        bench.at_most(f"build_and_compile_s_{tag}", 3.0)
        if COMPILED:
            bench.at_most("twenty_boats_to_all_s", 0.07)
            bench.at_most("level_change_to_twenty_routes_s", 0.15)
    return bench.finish()


if __name__ == "__main__":
    raise SystemExit(main())
