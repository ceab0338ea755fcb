"""The water surface of a river: one backwater profile, and the levels of a whole network in time.

Profile: the standard step over 148 raw sections of 160 points, against the same equations written with NumPy and
`scipy.optimize.brentq`, one section after the other, with the same answer. Level field: every node of a network of 10k
nodes at 96 instants, laid through four gauges, against `scipy.interpolate.RegularGridInterpolator` on the same levels.

    python -m tests.bench.hydraulics [--rounds 5]
"""

import argparse
from dataclasses import replace

import numpy as np
from scipy.interpolate import RegularGridInterpolator

from rescuecmd.river.backwater import Reach
from rescuecmd.river.model import Family, River
from rescuecmd.river.water import LevelSeries, Water
from tests.bench.bench import Bench
from tests.river.teaching import gauge_site, straight_river
from tests.river.textbook import Textbook, meadow_reach

SECTIONS, APART_M, SLOPE = 148, 170.0, 3.3e-4
FLOW_M3PS, SAME_M = 900.0, 1e-3
NODES, INSTANTS, GAUGES = 10_000, 96, 4


def field_river(family: Family) -> River:
    """Return a river that has this family, with gauges at equal distances."""
    length_m = float(family.chainage_m[-1])
    gauges = [gauge_site(f"g{number}", float(at)) for number, at in enumerate(np.linspace(0.0, length_m, GAUGES))]
    return replace(straight_river(length_m, gauges=gauges, section_step_m=APART_M), family=family)


def rising(river: River, family: Family) -> Water:
    """Return water that rises for a day through the flows of the family."""
    times = np.linspace(0.0, 86_400.0, INSTANTS)
    course = 1.2 + (len(family.flows_m3ps) - 2.4) * np.sin(np.linspace(0.0, np.pi / 2, INSTANTS))
    series = {}
    for gauge in river.gauges:
        at_gauge = family.at(gauge.chainage_m)
        levels = np.interp(course, np.arange(len(at_gauge)), at_gauge)
        series[gauge.id] = LevelSeries(times, levels, np.zeros(INSTANTS))
    return Water(river, series)


def bench_profile(bench: Bench, rounds: int) -> None:
    """Hold one profile to 5 ms, and to the answer of the peer."""
    raw = meadow_reach(sections=SECTIONS, apart_m=APART_M, slope=SLOPE)
    reach, peer = Reach(raw), Textbook(raw)
    control_m = reach.normal_level_m(FLOW_M3PS, SLOPE)
    ours = reach.profile(FLOW_M3PS, control_m)
    off_m = float(np.abs(ours.levels_m - peer.profile(FLOW_M3PS, control_m)).max())
    bench.figure("profile_off_peer_m", off_m)
    bench.at_most("profile_off_peer_m", SAME_M)
    bench.check("profile_is_subcritical", not any(ours.critical))
    times = bench.interleave(
        {"ours": lambda: [reach.profile(FLOW_M3PS, control_m) for _ in range(20)],
         "numpy": lambda: peer.profile(FLOW_M3PS, control_m)},
        rounds=rounds,
    )  # fmt: skip
    bench.figure("profile_148_sections_ms", times["ours"] / 20 * 1000)
    bench.ratio("numpy_and_brentq_over_ours", times["numpy"] / (times["ours"] / 20))
    bench.at_most("profile_148_sections_ms", 5.0)
    bench.at_least("numpy_and_brentq_over_ours", 10.0)


def bench_field(bench: Bench, rounds: int) -> None:
    """Hold the levels of 10k nodes at 96 instants to 20 ms, and to the answer of the peer."""
    reach = Reach(meadow_reach(sections=SECTIONS, apart_m=APART_M, slope=SLOPE))
    flows = np.linspace(300.0, 1800.0, 12)
    levels = np.stack([reach.profile(flow, reach.normal_level_m(flow, SLOPE)).levels_m for flow in flows.tolist()])
    chainage = np.array([survey.chainage_m for survey in reach.surveys])
    family = Family(chainage, flows, levels, flows[:1], levels[None, :1])
    river = field_river(family)
    water = rising(river, family)
    nodes = np.random.default_rng(2).uniform(0.0, river.length_m, NODES)
    times = water.series["g0"].times_s
    bench.check("family_in_force", water.tier == "family")
    known = water.level_m(chainage[:, None], times[None, :])
    peer = RegularGridInterpolator((chainage, times), known)
    points = np.stack(np.broadcast_arrays(nodes[:, None], times[None, :]), axis=-1)
    ours = water.level_m(nodes[:, None], times)
    bench.figure("field_off_peer_m", float(np.abs(ours - peer(points)).max()))
    bench.at_most("field_off_peer_m", SAME_M)
    spent = bench.interleave(
        {"ours": lambda: water.level_m(nodes[:, None], times), "scipy": lambda: peer(points)}, rounds=rounds
    )
    bench.figure("field_10k_nodes_96_times_ms", spent["ours"] * 1000)
    bench.ratio("regular_grid_interpolator_over_ours", spent["scipy"] / spent["ours"])
    bench.at_most("field_10k_nodes_96_times_ms", 20.0)
    bench.at_least("regular_grid_interpolator_over_ours", 2.0)


def main() -> int:
    """Run both."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    rounds = parser.parse_args().rounds
    bench = Bench("hydraulics")
    bench.say("one profile of 148 sections")
    bench_profile(bench, rounds)
    bench.say("levels of 10k nodes at 96 instants")
    bench_field(bench, rounds)
    return bench.finish()


if __name__ == "__main__":
    raise SystemExit(main())
