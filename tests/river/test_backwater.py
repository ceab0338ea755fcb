"""The standard step: against normal depth, the M1 curve by a fine integration, and what energy forbids."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rescuecmd.errors import InputError, NotCoveredError
from rescuecmd.geo import Floats
from rescuecmd.river.backwater import GRAVITY_MPS2, Reach
from rescuecmd.river.conveyance import Survey, properties

WIDTH_M, SLOPE, N = 100.0, 4e-4, 0.03


def canal(count: int = 60, step_m: float = 100.0, *, losses: bool = True, widths: tuple[float, ...] = ()) -> Reach:
    """Return a box canal of falling bed, its lowest section at bed 0."""
    surveys = []
    for at in range(count):
        bed = (count - 1 - at) * step_m * SLOPE
        width = widths[at % len(widths)] if widths else WIDTH_M
        surveys.append(
            Survey(
                id=f"s{at}",
                chainage_m=at * step_m,
                stations_m=np.array([0.0, 0.0, width, width]),
                beds_m=np.array([bed + 30.0, bed, bed, bed + 30.0]),
                roughness=((0.0, N),),
                banks_m=(0.0, width),
                lengths_m=(step_m, step_m, step_m),
                contraction=0.1 if losses else 0.0,
                expansion=0.3 if losses else 0.0,
            )
        )
    return Reach(surveys)


def depths(reach: Reach, levels: Floats) -> Floats:
    lowest: Floats = np.array([survey.lowest_m for survey in reach.surveys])
    return levels - lowest


def test_far_upstream_of_any_control_the_depth_is_normal() -> None:
    reach = canal(400)
    normal = reach.normal_level_m(600.0, SLOPE)
    for control in (normal + 1.5, normal - 0.6):
        upper = depths(reach, reach.profile(600.0, control).levels_m)[0]
        assert upper == pytest.approx(normal, abs=0.01)


def test_behind_a_dam_the_surface_follows_the_gradually_varied_flow_equation() -> None:
    reach = canal(400, 25.0, losses=False)
    flow, control = 500.0, 8.0
    ours = depths(reach, reach.profile(flow, control).levels_m)
    depth, at = control, len(ours) - 1
    for step in range(1, 399 * 250 + 1):  # dy/dx = (S0 - Sf) / (1 - Fr2), by 0.1 m upstream
        area = WIDTH_M * depth
        friction = (flow * N / area) ** 2 * ((WIDTH_M + 2 * depth) / area) ** (4 / 3)
        froude2 = flow**2 / (GRAVITY_MPS2 * WIDTH_M**2 * depth**3)
        depth -= 0.1 * (SLOPE - friction) / (1 - froude2)
        if step % 250 == 0:
            at -= 1
            assert ours[at] == pytest.approx(depth, abs=2e-3)


def test_a_lake_without_flow_is_level() -> None:
    levels = canal().profile(1e-3, 5.0).levels_m
    wet = levels > 5.0 + 1e-6
    assert np.abs(levels[~wet] - 5.0).max() < 1e-5


def test_where_no_subcritical_level_balances_the_critical_one_is_taken_and_said() -> None:
    steep = [
        Survey(
            f"s{at}", at * 20.0, np.array([0.0, 0.0, 20.0, 20.0]), np.array([b + 9, b, b, b + 9]), ((0.0, 0.02),),
            (0.0, 20.0), (20.0, 20.0, 20.0),
        )
        for at, b in enumerate((2.0, 1.0, 0.0))
    ]  # fmt: skip
    reach = Reach(steep)
    found = reach.profile(50.0, 1.5)
    critical = (50.0**2 / (GRAVITY_MPS2 * 20.0**2)) ** (1 / 3)
    assert found.critical[0]
    assert found.levels_m[0] - 2.0 == pytest.approx(critical, abs=2e-3)


@given(
    widths=st.lists(st.floats(40, 200), min_size=3, max_size=12).map(tuple),
    flow=st.floats(20, 900),
    stage=st.floats(3, 9),
)
@settings(max_examples=40, deadline=None)
def test_energy_never_grows_downstream(widths: tuple[float, ...], flow: float, stage: float) -> None:
    reach = canal(24, widths=widths)
    found = reach.profile(flow, stage)
    heads = []
    for at, level in enumerate(found.levels_m):
        at_level = properties(reach.strips, at, float(level))
        heads.append(level + at_level.alpha * (flow / at_level.area_m2) ** 2 / (2 * GRAVITY_MPS2))
    assert (np.diff(heads) <= 1e-3).all()
    assert all(math.isfinite(level) for level in found.levels_m)


def test_a_rougher_river_stands_higher() -> None:
    reach = canal()
    smooth, rough = reach.profile(600.0, 4.0).levels_m, reach.with_roughness(1.15).profile(600.0, 4.0).levels_m
    assert (rough[:-1] > smooth[:-1]).all()


def test_what_cannot_be_computed_is_refused() -> None:
    reach = canal()
    with pytest.raises(InputError, match="flow"):
        reach.profile(-1.0, 4.0)
    with pytest.raises(InputError, match="flow"):
        reach.profile(np.array([1.0, math.nan] * 30), 4.0)
    with pytest.raises(NotCoveredError, match="above its bed"):
        reach.profile(10.0, -0.5)
    with pytest.raises(NotCoveredError, match="does not carry"):
        reach.normal_level_m(1e9, SLOPE)
    with pytest.raises(InputError, match="two sections"):
        Reach(reach.surveys[:1])
