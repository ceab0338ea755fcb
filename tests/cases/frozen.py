"""Routes planned for the water as it stands, sailed on the water as it falls: how many run aground.

A frozen route is the best one if the level of the departure stayed. Here many of them are planned at several hours of a
recession on a made-up reach of shoals and side channels, and then sailed while the water falls. The same pairs are
asked of the search that knows the recession.

    python -m tests.cases.frozen [--pairs 60] [--json]

The table it prints stands in docs/routing.md; a test holds the two together.
"""

import argparse
import json
import math
from dataclasses import asdict, dataclass

import numpy as np

from rescuecmd.errors import RefusedError
from rescuecmd.geo import Floats
from rescuecmd.picture.entity import Craft
from rescuecmd.river.model import River
from rescuecmd.river.water import LevelSeries, Water
from rescuecmd.routing.network import Network, build_graph, compile_network
from rescuecmd.routing.path import Path
from rescuecmd.routing.scene import Scene, Spot
from tests.river.teaching import straight_river

CRAFT = Craft("inflatable", 5.0, 0.55, 0.30, 2.6, 8.0, 6)
LENGTH_M, WIDTH_M, STEP_M = 9000.0, 300.0, 18.0
HOURS = (0, 1, 2, 3)
FALL_MPH = 0.8
START_M = 175.4


@dataclass(frozen=True, slots=True)
class Line:
    """One hour of the recession: frozen routes, how many run aground, and what the moving search makes of them."""

    hour: int
    level_m: float
    planned: int
    aground: int
    rerouted: int
    no_way: int
    moving_aground: int

    @property
    def share(self) -> float:
        """Share of the frozen routes that run aground."""
        return self.aground / self.planned if self.planned else 0.0


def reach() -> River:
    """Return the reach: a deep channel that wanders, bars of different heights across it, side channels beside them."""

    def bed(chainage: Floats, offset: Floats) -> Floats:
        middle = 60.0 * np.sin(chainage / 700.0)
        valley = 167.0 + 5.5 * np.minimum(np.abs(offset - middle) / 90.0, 1.6) ** 1.5
        bars = 3.4 * np.exp(-((((chainage % 1500.0) - 750.0) / 90.0) ** 2)) * (1.0 + 0.35 * np.sin(chainage / 1500.0))
        gap = np.exp(-((((offset + middle) - 70.0) / 28.0) ** 2))
        whole: Floats = valley + bars * (1.0 - 0.75 * gap) + 0.35 * np.sin(chainage / 55.0 + offset / 30.0)
        return whole

    return straight_river(LENGTH_M, WIDTH_M, bed, section_step_m=30.0, discharge_m3ps=700.0, max_current_mps=2.5)


def falling(river: River) -> Water:
    """Return water that falls evenly for seven hours, known without error at both ends."""
    times = np.array([0.0, 7 * 3600.0])
    series = LevelSeries(times, START_M - FALL_MPH * times / 3600.0, np.zeros(2))
    return Water(river, {gauge.id: series for gauge in river.gauges})


def frozen(water: Water, now_s: float) -> Water:
    """Return the water of one moment, standing still ever after."""
    still = {}
    for gauge_id, series in water.series.items():
        level = float(np.interp(now_s, series.times_s, series.levels_m))
        still[gauge_id] = LevelSeries(np.array([0.0, water.end_s]), np.array([level, level]), np.zeros(2))
    return Water(water.river, still)


def pairs(river: River, network: Network, count: int) -> list[tuple[Spot, Spot]]:
    """Return starts and goals spread over the reach, at least 2 km apart; the same ones every time."""
    rng = np.random.default_rng(2021)
    deep = np.flatnonzero(network.bed_m < START_M - FALL_MPH * max(HOURS) - 1.5)  # afloat at every hour asked
    found: list[tuple[Spot, Spot]] = []
    while len(found) < count:
        one, two = (int(deep[at]) for at in rng.integers(0, len(deep), 2))
        if abs(network.x_m[one] - network.x_m[two]) >= 2000.0:
            ends = [(float(network.x_m[at]), float(network.y_m[at])) for at in (one, two)]
            found.append((ends[0], ends[1]))
    return found


def plan(scene: Scene, start: Spot, goal: Spot) -> Path | None:
    """Return the way by what a scene knows, None where there is none."""
    try:
        path = scene.bare_path(CRAFT, start, goal, scene.now_s)
    except RefusedError:
        return None
    return path if path.left_m < 1.0 else None


def runs_aground(scene: Scene, path: Path) -> bool:
    """Return whether a boat that keeps to a path and its waits meets a leg that the moving water has closed."""
    time = scene.now_s
    for at in range(1, len(path.x_m)):
        ends = [(float(path.x_m[k]), float(path.y_m[k])) for k in (at - 1, at)]
        leg = scene.leg(CRAFT, ends[0], ends[1], time + float(path.wait_s[at - 1]))
        if not math.isfinite(leg.arrive_s):
            return True
        time = leg.arrive_s
    return False


def demonstrate(count: int) -> list[Line]:
    """Return the table: a line per hour of the recession."""
    river = reach()
    network = compile_network(build_graph(river, STEP_M))
    water = falling(river)
    asked = pairs(river, network, count)
    return [_line(river, network, water, hour, asked) for hour in HOURS]


def _line(river: River, network: Network, water: Water, hour: int, asked: list[tuple[Spot, Spot]]) -> Line:
    now_s = hour * 3600.0
    still = Scene(river, network, frozen(water, now_s), now_s)
    moving = Scene(river, network, water, now_s)
    planned = aground = rerouted = no_way = failed = 0
    for start, goal in asked:
        path = plan(still, start, goal)
        if path is None:
            continue
        planned += 1
        other = plan(moving, start, goal)
        failed += int(other is not None and runs_aground(moving, other))
        if runs_aground(moving, path):
            aground += 1
            rerouted += int(other is not None)
            no_way += int(other is None)
    return Line(hour, START_M - FALL_MPH * hour, planned, aground, rerouted, no_way, failed)


def table(lines: list[Line]) -> str:
    """Return the table as the documentation shows it."""
    head = (
        "| hours after the peak | level, m | frozen routes | run aground | of these: another way found | no way left | "
        "routes of the moving search that run aground |\n|---|---|---|---|---|---|---|\n"
    )
    return head + "".join(
        f"| {one.hour} | {one.level_m:.1f} | {one.planned} | {one.aground} ({one.share:.1%}) | {one.rerouted} | "
        f"{one.no_way} | {one.moving_aground} |\n"
        for one in lines
    )


def main() -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pairs", type=int, default=60)
    parser.add_argument("--json", action="store_true")
    wanted = parser.parse_args()
    lines = demonstrate(wanted.pairs)
    print(json.dumps([asdict(one) for one in lines]) if wanted.json else table(lines), end="")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
