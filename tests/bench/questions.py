"""What a user asks of routes beyond the search: last departures, margins, tables, news for twenty boats.

The peer of the backward search is the only other way to the same answer: bisection over departure times, a search
forward in time for each try, to a hundredth of a second.

    python -m tests.bench.questions [--nodes 10000] [--rounds 3]
"""

import argparse

import numpy as np

from rescuecmd.errors import RefusedError
from rescuecmd.river.water import LevelSeries, Water
from rescuecmd.routing.affected import News
from rescuecmd.routing.departure import last_departures
from rescuecmd.routing.network import build_graph, compile_network
from rescuecmd.routing.openings import Openings
from rescuecmd.routing.path import Path
from rescuecmd.routing.profile import profile
from rescuecmd.routing.reach import reach_map
from rescuecmd.routing.route import make_route
from rescuecmd.routing.scene import Scene, Spot
from rescuecmd.routing.search import grow
from rescuecmd.routing.table import Aim, Mover, reach_table
from rescuecmd.routing.watch import review
from rescuecmd.text import Text
from tests.bench.bench import Bench
from tests.bench.routing import CRAFT, bench_river, rising

NAME = Text("甲", "a")


def by_bisection(openings: Openings, node: int, goal: int, due_s: float) -> float:
    """Return the latest departure from one node, found by searching forward from many."""
    state = openings.state_at(node, openings.conditions.from_s + 60.0)
    low, high = 60.0, min(due_s, float(openings.states.closes_s[state]))
    while high - low > 0.01:
        middle = (low + high) / 2
        if grow(openings, [(node, middle)]).arrival_s[goal] <= due_s:
            low = middle
        else:
            high = middle
    return low


def measure_backward(bench: Bench, scene: Scene, rounds: int) -> None:
    """Measure one backward search for every place against bisection for one place."""
    openings, network = scene.openings(CRAFT), scene.network
    reached = np.flatnonzero(np.isfinite(scene.tree(CRAFT, (0.9 * scene.river.length_m, 0.0), 60.0).arrival_s))
    goal, node = int(reached[len(reached) // 10]), int(reached[-len(reached) // 10])
    due_s = 5400.0
    times = bench.interleave(
        {
            "backward": lambda: last_departures(openings, [(goal, due_s)], due_s),
            "bisection": lambda: by_bisection(openings, node, goal, due_s),
        },
        rounds=rounds,
    )
    ours = last_departures(openings, [(goal, due_s)], due_s).from_node(node, 60.0)[0]
    bench.figure("backward_to_all_s", times["backward"])
    bench.figure("bisection_for_one_place_s", times["bisection"])
    bench.figure("worst_difference_s", abs(ours - by_bisection(openings, node, goal, due_s)))
    bench.figure("nodes", network.n_nodes)
    bench.ratio("bisection_over_backward", times["bisection"] / times["backward"])


def fleet(scene: Scene) -> list[tuple[Spot, Path]]:
    """Return twenty boats with their ways to one goal."""
    length = scene.river.length_m
    found = []
    for x in np.linspace(0.3, 0.95, 20) * length:
        try:
            found.append(((float(x), 0.0), scene.path(CRAFT, (float(x), 0.0), (0.08 * length, 0.0), 60.0)))
        except RefusedError:
            continue
    return found


def shifted(water: Water, by_m: float) -> Water:
    """Return the water with every level higher by so much."""
    series = {name: LevelSeries(one.times_s, one.levels_m + by_m, one.sigmas_m) for name, one in water.series.items()}
    return Water(water.river, series)


def look_again(before: Scene, water: Water, boats: list[tuple[Spot, Path]]) -> int:
    """Do what the desk does with new water: a scene, who is touched, a review of those; return how many changed."""
    scene = Scene(before.river, before.network, water, 0.0)
    news = News(before, scene, CRAFT)
    touched = [(spot, path) for spot, path in boats if news.touches(path, spot, 60.0)]
    return sum(review(scene, CRAFT, path, spot, 60.0).kind != "keep" for spot, path in touched)


def measure_answers(bench: Bench, scene: Scene, rounds: int) -> None:
    """Measure what the pages ask."""
    length, boats = scene.river.length_m, fleet(scene)
    spot, path = boats[-1]
    movers = [Mover(f"{number}", NAME, CRAFT, start) for number, (start, _) in enumerate(boats)]
    aims = [
        Aim(f"{number}", NAME, (float(x), 0.0), 3600.0) for number, x in enumerate(np.linspace(0.1, 0.9, 50) * length)
    ]
    risen, fallen = shifted(scene.water, 0.06), shifted(scene.water, -0.3)
    times = bench.interleave(
        {
            "route": lambda: make_route(
                scene, path, CRAFT, route_id="r", vessel_id="v", task_id="", goal=NAME, why=NAME
            ),
            "profile": lambda: profile(scene, CRAFT, path),
            "reach": lambda: reach_map(scene.at(1.0), CRAFT, spot, 20.0, depart_s=60.0),
            "table": lambda: reach_table(scene.at(60.0), movers, aims),
            "risen": lambda: look_again(scene, risen, boats),
            "fallen": lambda: look_again(scene, fallen, boats),
        },
        rounds=rounds,
    )
    for name, seconds in times.items():
        bench.figure(f"{name}_s", seconds)
    bench.figure("boats", len(boats))
    bench.figure("replaced_after_the_fall", look_again(scene, fallen, boats))


def main() -> int:
    """Run the bench."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--nodes", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=3)
    wanted = parser.parse_args()
    bench = Bench("questions")
    river = bench_river(wanted.nodes)
    scene = Scene(river, compile_network(build_graph(river)), rising(river), 0.0)
    measure_backward(bench, scene, wanted.rounds)
    measure_answers(bench, scene, wanted.rounds)
    bench.at_most("worst_difference_s", 0.02)
    bench.at_least("bisection_over_backward", 4.0)
    return bench.finish()


if __name__ == "__main__":
    raise SystemExit(main())
