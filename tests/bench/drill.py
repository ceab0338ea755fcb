"""How much faster than real time a whole drill runs headless: desk, reactions, routing, robots and scoring included.

    python -m tests.bench.drill

The peer is real time itself: an hour of drill in an hour.
"""

import asyncio
import time

from rescuecmd.cli.drill import Loaded, load
from rescuecmd.drill.report import Report
from rescuecmd.feeds.headless import headless, make_situation
from rescuecmd.reactions import Situation
from rescuecmd.store.memory import MemoryLog
from tests.bench.bench import Bench

START_S = 1_790_000_000.0
FLOOR = 200.0  # times real time, on two noisy cores
ROUNDS = 3


async def play(loaded: Loaded, situation: Situation, seed: int) -> tuple[Report, float, float]:
    """Play a drill and return its report, and the CPU and wall seconds of the run."""
    exercise = await headless(loaded.script, situation, MemoryLog(), start_s=START_S, seed=seed)
    cpu, wall = time.process_time(), time.perf_counter()
    await exercise.run_fast()
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    return await exercise.report(), cpu, wall


def main() -> int:
    """Run the bench."""
    bench = Bench("drill")
    loaded = load("dazhulin")
    situation = make_situation(loaded.river, loaded.plans)
    bench.say("one run that is not counted")
    asyncio.run(play(loaded, situation, loaded.script.seed))
    best: dict[str, float] = {"cpu": float("inf"), "wall": float("inf")}
    reports = []
    for turn in range(ROUNDS):
        report, cpu_s, wall_s = asyncio.run(play(loaded, situation, loaded.script.seed))
        reports.append(report)
        best = {"cpu": min(best["cpu"], cpu_s), "wall": min(best["wall"], wall_s)}
        bench.say(f"round {turn + 1}: {report.duration_s:.0f} s of drill in {cpu_s:.2f} s CPU, {wall_s:.2f} s wall")
    report = reports[0]
    bench.figure("drill_s", report.duration_s)
    bench.figure("cpu_s", best["cpu"])
    bench.figure("wall_s", best["wall"])
    bench.figure("hour_cpu_s", best["cpu"] * 3600.0 / report.duration_s)
    bench.figure("events", report.events)
    bench.figure("saved", report.saved)
    bench.figure("routes_replaced", len(report.routes_replaced))
    bench.ratio("times_real_time", report.duration_s / best["cpu"])
    bench.ratio("times_real_time_wall", report.duration_s / best["wall"])
    bench.at_least("times_real_time", FLOOR)
    bench.check("everybody_saved", report.saved == report.reported)
    bench.check("routes_replaced_by_the_rise", len(report.routes_replaced) > 0)
    bench.check("same_every_time", all(other == report for other in reports))
    return bench.finish()


if __name__ == "__main__":
    raise SystemExit(main())
