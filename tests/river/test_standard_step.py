from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import solve_ivp

from rescuecmd.errors import InputError, NotCoveredError
from rescuecmd.geo import Floats
from rescuecmd.river.backwater import GRAVITY_MPS2, Profile, Reach
from rescuecmd.river.conveyance import Survey, properties
from tests.river.textbook import Textbook, meadow_reach

WIDTH_M, N, SLOPE, FLOW_M3PS = 100.0, 0.03, 4e-4, 500.0


def channel(*, sections: int = 201, apart_m: float = 250.0, slope: float = SLOPE) -> Reach:
    """Return a straight channel, a box of 100 m by 30 m, at one slope."""
    x = np.array([0.0, 0.0, WIDTH_M, WIDTH_M])

    def survey(number: int) -> Survey:
        bed = (sections - 1 - number) * apart_m * slope
        lengths = (apart_m, apart_m, apart_m)
        z = bed + np.array([30.0, 0.0, 0.0, 30.0])
        return Survey(f"s{number}", number * apart_m, x, z, ((-np.inf, N),), (0.0, WIDTH_M), lengths)

    return Reach([survey(number) for number in range(sections)])


def depths(reach: Reach, profile: Profile) -> Floats:
    beds: Floats = np.array([survey.lowest_m for survey in reach.surveys])
    return profile.levels_m - beds


def friction(depth: Floats | float) -> Floats:
    """Return the friction slope of the flow in the box."""
    area, edge = WIDTH_M * np.asarray(depth), WIDTH_M + 2 * np.asarray(depth)
    slope: Floats = (FLOW_M3PS * N * edge ** (2 / 3) / area ** (5 / 3)) ** 2
    return slope


def exact_depths(reach: Reach, control_m: float) -> Floats:
    """Return the depths of gradually varied flow: dy/dx = (S0 - Sf) / (1 - Fr2), Chow (1959), equation 9-13."""
    away = np.array([survey.chainage_m for survey in reach.surveys])[::-1]
    away = away[0] - away

    def rate(_at: float, depth: Floats) -> Floats:
        froude2 = FLOW_M3PS**2 / (GRAVITY_MPS2 * WIDTH_M**2 * depth**3)
        change: Floats = -(SLOPE - friction(depth)) / (1 - froude2)
        return change

    solved = solve_ivp(rate, (0.0, float(away[-1])), [control_m], t_eval=away, rtol=1e-9, atol=1e-9)
    exact: Floats = solved.y[0][::-1]
    return exact


def test_uniform_flow_stays_uniform() -> None:
    reach = channel()
    normal = reach.normal_level_m(FLOW_M3PS, SLOPE)
    assert friction(normal) == pytest.approx(SLOPE)
    assert np.allclose(depths(reach, reach.profile(FLOW_M3PS, normal)), normal, atol=1e-3)


@pytest.mark.parametrize(("name", "over_normal_m"), [("M1", 4.0), ("M1", 0.3), ("M2", -0.5), ("M2", -1.0)])
def test_backwater_and_drawdown_curves_are_those_of_the_differential_equation(name: str, over_normal_m: float) -> None:
    reach = channel()
    normal = reach.normal_level_m(FLOW_M3PS, SLOPE)
    profile = reach.profile(FLOW_M3PS, normal + over_normal_m)
    depth = depths(reach, profile)
    assert not any(profile.critical)
    assert np.abs(depth - exact_depths(reach, normal + over_normal_m)).max() < (0.015 if name == "M1" else 0.03)
    towards = np.diff(depth[::-1])  # going upstream
    assert (towards <= 1e-4).all() if name == "M1" else (towards >= -1e-4).all()
    assert depth[0] == pytest.approx(normal, abs=0.01), "far from the control the flow is uniform"


def test_a_lake_at_rest_is_level() -> None:
    reach = Reach(meadow_reach(sections=60))
    profile = reach.profile(1e-3, 30.0)
    assert np.allclose(profile.levels_m, 30.0, atol=1e-6)


def test_energy_is_kept() -> None:
    reach = Reach(meadow_reach())
    profile = reach.profile(900.0, reach.normal_level_m(900.0, 3.3e-4))
    for at, survey in enumerate(reach.surveys[:-1]):
        here, below = (properties(reach.strips, row, float(profile.levels_m[row])) for row in (at, at + 1))
        heads = [one.alpha * (900.0 / one.area_m2) ** 2 / (2 * GRAVITY_MPS2) for one in (here, below)]
        split = [np.array([one.left, one.channel, one.right]) / one.conveyance_m3ps for one in (here, below)]
        way = float((np.array(survey.lengths_m) * (split[0] + split[1])).sum() / 2)
        spent = way * (1800.0 / (here.conveyance_m3ps + below.conveyance_m3ps)) ** 2
        spent += (0.1 if heads[1] > heads[0] else 0.3) * abs(heads[1] - heads[0])
        gained = profile.levels_m[at] + heads[0] - profile.levels_m[at + 1] - heads[1]
        assert gained == pytest.approx(spent, abs=2e-5)


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("flow", [200.0, 900.0, 3000.0])
def test_ours_is_the_textbook_s(seed: int, flow: float) -> None:
    raw = meadow_reach(seed, sections=40)
    reach = Reach(raw)
    control = reach.normal_level_m(flow, 3.3e-4)
    profile = reach.profile(flow, control)
    assert not any(profile.critical)
    assert np.abs(profile.levels_m - Textbook(raw).profile(flow, control)).max() < 1e-4


def test_on_a_steep_slope_the_flow_is_critical_and_said_to_be() -> None:
    reach = channel(sections=21, apart_m=50.0, slope=0.03)
    critical = (FLOW_M3PS**2 / (GRAVITY_MPS2 * WIDTH_M**2)) ** (1 / 3)
    profile = reach.profile(FLOW_M3PS, critical + 0.5)
    assert all(profile.critical[:-5])
    assert np.allclose(depths(reach, profile)[:-5], critical, atol=1e-3)


@settings(max_examples=25)
@given(st.integers(0, 10_000), st.floats(50.0, 4000.0), st.floats(1.02, 2.0), st.floats(0.0, 3.0))
def test_more_flow_rougher_ground_and_a_higher_control_stand_higher_everywhere(
    seed: int, flow: float, more: float, higher_m: float
) -> None:
    reach = Reach(meadow_reach(seed, sections=25, points=40))
    control = reach.normal_level_m(flow * more, 3.3e-4)
    levels = reach.profile(flow, control).levels_m
    assert np.isfinite(levels).all()
    assert (reach.profile(flow * more, control).levels_m >= levels - 1e-4).all()
    assert (reach.with_roughness(more).profile(flow, control).levels_m >= levels - 1e-4).all()
    assert (reach.profile(flow, control + higher_m).levels_m >= levels - 1e-4).all()


@settings(max_examples=25)
@given(st.integers(0, 10_000), st.floats(50.0, 4000.0), st.floats(-400.0, 4000.0))
def test_the_vertical_datum_does_not_matter(seed: int, flow: float, shift_m: float) -> None:
    raw = meadow_reach(seed, sections=25, points=40)
    reach, moved = Reach(raw), Reach([replace(survey, beds_m=survey.beds_m + shift_m) for survey in raw])
    control = reach.normal_level_m(flow, 3.3e-4)
    assert np.allclose(
        moved.profile(flow, control + shift_m).levels_m - shift_m, reach.profile(flow, control).levels_m, atol=1e-4
    )


def test_a_control_below_the_critical_level_is_raised_to_it() -> None:
    reach = channel(sections=5)
    critical = (FLOW_M3PS**2 / (GRAVITY_MPS2 * WIDTH_M**2)) ** (1 / 3)
    profile = reach.profile(FLOW_M3PS, critical - 0.5)
    assert profile.levels_m[-1] == pytest.approx(critical, abs=1e-4)
    assert profile.critical == (False, False, False, False, True)


def test_a_flow_that_no_level_carries_is_said() -> None:
    with pytest.raises(NotCoveredError) as told:
        channel(sections=3).profile(1e9, 25.0)
    assert "at no level" in told.value.message


@settings(max_examples=50)
@given(st.data())
def test_any_sections_give_a_surface_above_the_bed_that_does_not_run_uphill_in_energy(data: st.DataObject) -> None:
    flow = data.draw(st.floats(0.1, 5000.0))
    raw = []
    for number in range(data.draw(st.integers(2, 8))):
        beds = np.array(data.draw(st.lists(st.floats(-5.0, 15.0), min_size=6, max_size=6)))
        x = np.array([0.0, 10.0, 25.0, 60.0, 80.0, 100.0])
        raw.append(Survey(f"s{number}", number * 100.0, x, beds, ((-np.inf, 0.035),), (10.0, 80.0), (90, 100.0, 120)))
    reach = Reach(raw)
    profile = reach.profile(flow, raw[-1].lowest_m + data.draw(st.floats(1.0, 20.0)))
    assert np.isfinite(profile.levels_m).all()
    assert all(level > survey.lowest_m for level, survey in zip(profile.levels_m, raw, strict=True))
    assert (profile.areas_m2 > 0).all()
    heads = profile.levels_m + (flow / profile.areas_m2) ** 2 / (2 * GRAVITY_MPS2)
    assert (profile.levels_m < heads + 1e-9).all()


@pytest.mark.parametrize("flow", [0.0, -1.0, np.nan, np.inf])
def test_a_flow_that_is_none_is_refused(flow: float) -> None:
    reach = channel(sections=3)
    with pytest.raises(InputError):
        reach.profile(flow, 5.0)
    with pytest.raises((InputError, NotCoveredError)):
        reach.normal_level_m(flow, SLOPE)


@pytest.mark.parametrize("control", [-1.0, 0.0, np.nan, np.inf])
def test_a_control_that_covers_nothing_is_refused(control: float) -> None:
    with pytest.raises(NotCoveredError):
        channel(sections=3).profile(FLOW_M3PS, control)


def test_a_reach_needs_two_sections_and_ways_between_them() -> None:
    surveys = channel(sections=3).surveys
    with pytest.raises(InputError):
        Reach(surveys[:1])
    for length in (0.0, -5.0, np.nan):
        with pytest.raises(InputError):
            Reach([replace(surveys[0], lengths_m=(250.0, length, 250.0)), *surveys[1:]])
