from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rescuecmd.errors import NotCoveredError
from rescuecmd.river.model import Bridge, Span
from rescuecmd.river.submergence import BODY_M, FOOTING_M, Crossing, body_stages, reef_state, submergence
from rescuecmd.text import Text
from tests.river.teaching import rising_water, round_reef, still_water, straight_river

RIVER = straight_river(
    reefs=[round_reef("rock", 0.0, 0.0, 178.0)],
    bridges=[Bridge("walk", Text("栈桥", "walk"), 0.0, (Span(-50, 0, 181.0), Span(0, 50, 180.0)))],
)


def test_the_median_is_when_the_level_meets_the_crest() -> None:
    crossing = submergence(rising_water(RIVER, 175.0, 180.0), RIVER.place("rock"), 0.0)
    assert crossing.median_s == pytest.approx(3600 * 3 / 5)
    assert crossing.early_s == pytest.approx(3600 * (3 - 1.28 * 0.02) / 5)
    assert crossing.late_s == pytest.approx(3600 * (3 + 1.28 * 0.02) / 5)


def test_under_already_is_now_and_never_is_none() -> None:
    place = RIVER.place("rock")
    assert submergence(still_water(RIVER, 179.0), place, 50.0) == Crossing(50.0, 50.0, 50.0)
    assert submergence(still_water(RIVER, 175.0), place, 50.0) == Crossing(None, None, None)
    falling = submergence(rising_water(RIVER, 180.0, 175.0), place, 3000.0)
    assert falling == Crossing(None, None, None)


def test_near_the_top_only_the_high_bound_may_reach_it() -> None:
    crossing = submergence(rising_water(RIVER, 175.0, 177.99), RIVER.place("rock"), 0.0)
    assert crossing.early_s is not None
    assert crossing.median_s is None


def test_a_bridge_closes_for_an_air_draught_by_its_lowest_soffit() -> None:
    water = rising_water(RIVER, 175.0, 180.0)
    crossing = submergence(water, RIVER.place("walk"), 0.0, room_m=2.6)
    assert crossing.median_s == pytest.approx(3600 * (180 - 2.6 - 175) / 5)


@pytest.mark.parametrize("at", [-1.0, 4000.0, np.nan])
def test_outside_the_forecast_is_not_covered(at: float) -> None:
    with pytest.raises(NotCoveredError):
        submergence(rising_water(RIVER), RIVER.place("rock"), at)


@given(st.floats(170, 178), st.floats(178, 185), st.floats(0, 3600))
def test_early_comes_before_median_before_late(low: float, high: float, at: float) -> None:
    found = submergence(rising_water(RIVER, low, high), RIVER.place("rock"), at)
    times = [value if value is not None else np.inf for value in (found.early_s, found.median_s, found.late_s)]
    assert at <= times[0] <= times[1] <= times[2]


@pytest.mark.parametrize(
    ("level", "state"), [(170.0, "dry"), (177.8, "awash"), (178.0, "awash"), (178.2, "awash"), (179.0, "submerged")]
)
def test_a_reef_is_dry_awash_or_submerged(level: float, state: str) -> None:
    assert reef_state(178.0, level) == state


def test_ankle_knee_and_waist_follow_the_crest_at_the_rate_of_rise() -> None:
    stages = body_stages(rising_water(RIVER, 175.0, 180.0), RIVER.place("rock"), 0.0)
    for name, height in BODY_M.items():
        assert stages[name].median_s == pytest.approx(3600 * (3 + height) / 5)
        assert stages[name].early_s == pytest.approx(3600 * (3 + height - 1.28 * 0.02) / 5)


def test_still_water_takes_the_footing_by_its_depth_and_running_water_before() -> None:
    ground = [round_reef("rock", 500.0, 0.0, 178.0, radius_m=2.0)]
    pond = straight_river(discharge_m3ps=1e-3, reefs=ground)
    still = body_stages(rising_water(pond, 175.0, 180.0), pond.place("rock"), 0.0)["footing"]
    assert still.median_s == pytest.approx(3600 * (3 + FOOTING_M) / 5, abs=1)
    # 200 m wide, floor at 170 m: at 178.2 m the current is Q / (200 * 8.2) = 2 m/s, and 0.2 m of it is too much
    running = straight_river(discharge_m3ps=2 * 200 * 8.2, reefs=ground)
    taken = body_stages(rising_water(running, 175.0, 180.0), running.place("rock"), 0.0)["footing"]
    assert taken.median_s == pytest.approx(3600 * 3.2 / 5, abs=90)
    assert (taken.early_s or 0) < (taken.median_s or 0) < (taken.late_s or 0)


def test_without_a_rating_nothing_is_said_of_footing_and_beyond_one_the_nearest_speed_is_held() -> None:
    assert "footing" not in body_stages(rising_water(RIVER, 175.0, 180.0), RIVER.place("rock"), 0.0)
    running = straight_river(discharge_m3ps=2 * 200 * 8.2, reefs=[round_reef("rock", 500.0, 0.0, 178.0, radius_m=2.0)])
    assert running.rating is not None
    points = ((175.0, 1600.0), (177.0, 2 * 200 * 7.0))
    short = replace(running, rating=replace(running.rating, points=points, no_flow_m=170.0))
    with pytest.raises(NotCoveredError, match="rating"):
        rising_water(short, 175.0, 190.0).discharge_m3ps(3600.0)
    taken = body_stages(rising_water(short, 175.0, 190.0), short.place("rock"), 0.0)["footing"]
    assert taken.median_s == pytest.approx(3600 * 3.2 / 15, abs=90), "the water runs 2 m/s and does not stand still"


@given(st.floats(170, 178), st.floats(178, 185), st.floats(0, 3600))
def test_no_stage_comes_before_the_one_below_it(low: float, high: float, at: float) -> None:
    river = straight_river(discharge_m3ps=300.0, reefs=[round_reef("rock", 500.0, 0.0, 178.0)])
    found = body_stages(rising_water(river, low, high), river.place("rock"), at)
    for bound in ("early_s", "median_s", "late_s"):
        times = [getattr(found[stage], bound) for stage in ("ankle", "knee", "waist", "footing")]
        known = [np.inf if value is None else value for value in times]
        assert known == sorted(known)
