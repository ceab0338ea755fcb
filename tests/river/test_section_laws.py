from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rescuecmd.errors import InputError
from rescuecmd.geo import Floats
from rescuecmd.river.conveyance import Ineffective, Properties, Survey, cut, properties

WHOLE = ((-np.inf, 0.03),)


def survey(
    stations: Sequence[float] | Floats,
    beds: Sequence[float] | Floats,
    *,
    roughness: tuple[tuple[float, float], ...] = WHOLE,
    banks: tuple[float, float] | None = None,
    still: tuple[Ineffective, ...] = (),
) -> Survey:
    at, bed = np.asarray(stations, dtype=np.float64), np.asarray(beds, dtype=np.float64)
    return Survey(
        "s", 0.0, at, bed, roughness, banks or (float(at[0]), float(at[-1])), (1.0, 1.0, 1.0), 0.1, 0.3, still
    )


def at_level(one: Survey, level_m: float) -> Properties:
    return properties(cut([one]), 0, level_m)


def manning(area_m2: float, edge_m: float, n: float) -> float:
    return float(area_m2 * (area_m2 / edge_m) ** (2 / 3) / n)


@st.composite
def surveys(draw: st.DrawFn) -> Survey:
    """Draw a section of 4 to 30 points with banks and three roughnesses anywhere."""
    count = draw(st.integers(4, 30))
    steps = draw(st.lists(st.floats(0.5, 30.0), min_size=count - 1, max_size=count - 1))
    beds = draw(st.lists(st.floats(0.0, 12.0), min_size=count, max_size=count))
    x = np.concatenate([[0.0], np.cumsum(steps)])
    shares = sorted(draw(st.tuples(st.floats(0.05, 0.45), st.floats(0.55, 0.95))))
    banks = (float(x[-1] * shares[0]), float(x[-1] * shares[1]))
    n = draw(st.tuples(*[st.floats(0.02, 0.15)] * 3))
    return survey(x, beds, roughness=((-np.inf, n[0]), (banks[0], n[1]), (banks[1], n[2])), banks=banks)


@pytest.mark.parametrize("depth_m", [0.01, 0.5, 2.0, 9.9])
def test_a_box_and_a_trapezoid_are_what_the_formula_says(depth_m: float) -> None:
    box = at_level(survey([0, 0, 40, 40], [10, 0, 0, 10]), depth_m)
    assert box.area_m2 == pytest.approx(40 * depth_m)
    assert box.conveyance_m3ps == pytest.approx(manning(40 * depth_m, 40 + 2 * depth_m, 0.03))
    assert [box.top_m, box.alpha] == pytest.approx([40.0, 1.0])
    cone = at_level(survey([0, 30, 50, 80], [10, 0, 0, 10]), depth_m)
    area = (20 + 3 * depth_m) * depth_m
    assert cone.area_m2 == pytest.approx(area)
    assert cone.conveyance_m3ps == pytest.approx(manning(area, 20 + 2 * depth_m * np.sqrt(10), 0.03))
    assert cone.top_m == pytest.approx(20 + 6 * depth_m)


def test_above_the_survey_walls_of_no_roughness_stand_at_its_ends() -> None:
    one = at_level(survey([0, 5, 15, 20], [3, 0, 0, 3]), 5.0)
    assert one.area_m2 == pytest.approx(45.0 + 2 * 20.0)
    assert one.conveyance_m3ps == pytest.approx(manning(85.0, 10 + 2 * np.hypot(5, 3), 0.03))


def test_banks_and_channel_carry_for_themselves() -> None:
    roughness = ((-np.inf, 0.08), (100.0, 0.03), (150.0, 0.06))
    one = at_level(
        survey([0, 0, 100, 110, 140, 150, 200, 200], [9, 5, 5, 4, 4, 5, 5, 9], roughness=roughness, banks=(100, 150)),
        7.0,
    )
    left, right = manning(200.0, 102.0, 0.08), manning(100.0, 52.0, 0.06)
    channel = manning(140.0, 30 + 2 * np.hypot(10, 1), 0.03)
    assert [one.left, one.channel, one.right] == pytest.approx([left, channel, right])
    total = left + channel + right
    alpha = (left**3 / 200**2 + channel**3 / 140**2 + right**3 / 100**2) * 440**2 / total**3
    assert one.alpha == pytest.approx(alpha)
    assert one.alpha > 1


@given(surveys(), st.floats(0.05, 20.0))
def test_the_area_is_the_water_over_the_bed(one: Survey, level_m: float) -> None:
    x = np.unique(np.concatenate([np.linspace(one.stations_m[0], one.stations_m[-1], 20_001), one.stations_m]))
    depth = np.maximum(level_m - np.interp(x, one.stations_m, one.beds_m), 0.0)
    assert at_level(one, level_m).area_m2 == pytest.approx(float(np.trapezoid(depth, x)), rel=1e-3, abs=1e-2)


@given(surveys(), st.floats(0.0, 20.0), st.floats(0.0, 5.0))
def test_more_water_is_more_area_and_never_less_width(one: Survey, level_m: float, more_m: float) -> None:
    low, high = at_level(one, level_m), at_level(one, level_m + more_m)
    assert high.area_m2 >= low.area_m2 - 1e-9
    assert high.top_m >= low.top_m - 1e-9
    assert min(low) >= 0.0
    assert np.isfinite(low).all()


@given(surveys(), st.floats(0.1, 20.0), st.lists(st.floats(0.0, 1.0), max_size=5))
def test_points_on_a_straight_bed_change_nothing(one: Survey, level_m: float, shares: list[float]) -> None:
    # a point in the channel may become a bank point, from which the steepness of its side is counted
    new = [float(share * one.stations_m[-1]) for share in shares]
    new = [at for at in new if not one.banks_m[0] <= at <= one.banks_m[1]]
    x = np.union1d(one.stations_m, new)
    finer = replace(one, stations_m=x, beds_m=np.interp(x, one.stations_m, one.beds_m))
    assert at_level(finer, level_m) == pytest.approx(at_level(one, level_m), rel=1e-6, abs=1e-9)


@given(surveys(), st.floats(0.1, 20.0))
def test_looking_upstream_swaps_the_banks(one: Survey, level_m: float) -> None:
    width = float(one.stations_m[-1])
    n = [value for _, value in one.roughness]
    left, right = width - one.banks_m[1], width - one.banks_m[0]
    other = survey(
        width - one.stations_m[::-1], one.beds_m[::-1],
        roughness=((-np.inf, n[2]), (left, n[1]), (right, n[0])), banks=(left, right),
    )  # fmt: skip
    here, there = at_level(one, level_m), at_level(other, level_m)
    assert (there.left, there.channel, there.right) == pytest.approx((here.right, here.channel, here.left), rel=1e-6)
    assert there.area_m2 == pytest.approx(here.area_m2)


@given(surveys(), st.floats(0.1, 20.0), st.floats(0.1, 10.0))
def test_a_river_twice_as_big_carries_as_its_size_to_the_power_of_8_thirds(
    one: Survey, level_m: float, size: float
) -> None:
    roughness = tuple((at * size, n) for at, n in one.roughness)
    banks = (one.banks_m[0] * size, one.banks_m[1] * size)
    big = survey(one.stations_m * size, one.beds_m * size, roughness=roughness, banks=banks)
    here, there = at_level(one, level_m), at_level(big, level_m * size)
    assert there.area_m2 == pytest.approx(here.area_m2 * size**2, rel=1e-6)
    assert there.conveyance_m3ps == pytest.approx(here.conveyance_m3ps * size ** (8 / 3), rel=1e-6)


def test_still_water_carries_nothing_until_its_level_and_lasting_one_only_above() -> None:
    x, z = [0, 0, 100, 100], [9.0, 0.0, 0.0, 9.0]
    for lasting, above in ((False, 400.0), (True, 280.0)):
        one = survey(x, z, still=(Ineffective(60.0, 100.0, 3.0, lasting=lasting),))
        assert at_level(one, 3.0).area_m2 == pytest.approx(180.0)
        assert at_level(one, 4.0).area_m2 == pytest.approx(above)
    assert at_level(survey(x, z, still=(Ineffective(0.0, 100.0, 3.0),)), 2.0).conveyance_m3ps == 0.0


def test_ground_that_is_built_over_is_ground() -> None:
    one = survey([0, 0, 100, 100], [9.0, 0.0, 0.0, 9.0]).built_over(40.0, 60.0, 5.0)
    assert at_level(one, 4.0).area_m2 == pytest.approx(320.0)
    assert at_level(one, 4.0).conveyance_m3ps == pytest.approx(manning(320.0, 80 + 4 * 4, 0.03))
    assert at_level(one, 6.0).area_m2 == pytest.approx(500.0)
    assert one.built_over(200.0, 300.0, 5.0) is one


def test_a_dry_section_is_zeros() -> None:
    one = at_level(survey([0, 10, 20], [5, 1, 5]), 0.5)
    assert (one.area_m2, one.conveyance_m3ps, one.top_m) == (0.0, 0.0, 0.0)


@pytest.mark.parametrize(
    ("stations", "beds", "roughness", "banks"),
    [
        ([0, 10], [5, 1], WHOLE, (0, 10)),
        ([0, 10, 20], [5, 1], WHOLE, (0, 20)),
        ([0, 20, 10], [5, 1, 5], WHOLE, (0, 20)),
        ([0, np.nan, 20], [5, 1, 5], WHOLE, (0, 20)),
        ([0, 10, 20], [5, np.inf, 5], WHOLE, (0, 20)),
        ([0, 10, 20], [5, 1, 5], (), (0, 20)),
        ([0, 10, 20], [5, 1, 5], ((0.0, 0.0),), (0, 20)),
        ([0, 10, 20], [5, 1, 5], ((0.0, np.nan),), (0, 20)),
        ([0, 10, 20], [5, 1, 5], WHOLE, (20, 0)),
        ([0, 10, 20], [5, 1, 5], WHOLE, (np.nan, 20)),
    ],
)
def test_sections_that_are_none_are_refused(
    stations: list[float], beds: list[float], roughness: tuple[tuple[float, float], ...], banks: tuple[float, float]
) -> None:
    with pytest.raises(InputError):
        survey(stations, beds, roughness=roughness, banks=banks)
