"""What a section carries: against hand-worked sections, and properties that hold for every section."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rescuecmd.errors import InputError
from rescuecmd.river.conveyance import Ineffective, Survey, cut, properties


def survey(
    points: list[tuple[float, float]],
    *,
    n: float = 0.03,
    banks: tuple[float, float] | None = None,
    roughness: tuple[tuple[float, float], ...] = (),
    ineffective: tuple[Ineffective, ...] = (),
) -> Survey:
    x, z = np.array(points, dtype=np.float64).T
    return Survey(
        id="s",
        chainage_m=0.0,
        stations_m=x,
        beds_m=z,
        roughness=roughness or ((float(x[0]), n),),
        banks_m=banks or (float(x[0]), float(x[-1])),
        lengths_m=(100.0, 100.0, 100.0),
        ineffective=ineffective,
    )


BOX = [(0.0, 10.0), (0.0, 0.0), (20.0, 0.0), (20.0, 10.0)]


def test_a_box_carries_what_manning_says() -> None:
    found = properties(cut([survey(BOX)]), 0, 4.0)
    assert found.area_m2 == pytest.approx(80.0)
    assert found.top_m == pytest.approx(20.0)
    assert found.conveyance_m3ps == pytest.approx(80.0 * (80.0 / 28.0) ** (2 / 3) / 0.03)
    assert found.alpha == pytest.approx(1.0)


def test_banks_are_summed_and_not_mixed_with_the_channel() -> None:
    wide = survey(
        [(0.0, 6.0), (0.0, 4.0), (50.0, 4.0), (50.0, 0.0), (70.0, 0.0), (70.0, 4.0), (120.0, 4.0), (120.0, 6.0)],
        banks=(50.0, 70.0),
        roughness=((0.0, 0.08), (50.0, 0.03), (70.0, 0.1)),
    )
    found = properties(cut([wide]), 0, 5.0)
    assert found.channel == pytest.approx(100.0 * (100.0 / 28.0) ** (2 / 3) / 0.03)
    assert found.left == pytest.approx(50.0 * (50.0 / 51.0) ** (2 / 3) / 0.08)
    assert found.right == pytest.approx(50.0 * (50.0 / 51.0) ** (2 / 3) / 0.1)
    assert found.alpha > 1.5


def test_a_channel_with_steep_sides_has_one_composite_roughness() -> None:
    box = survey(BOX, roughness=((0.0, 0.02), (10.0, 0.04)))
    found = properties(cut([box]), 0, 4.0)
    composite = ((14.0 * 0.02**1.5 + 14.0 * 0.04**1.5) / 28.0) ** (2 / 3)
    assert found.conveyance_m3ps == pytest.approx(80.0 * (80.0 / 28.0) ** (2 / 3) / composite)


def test_still_water_carries_nothing_until_it_is_topped() -> None:
    still = (Ineffective(10.0, 20.0, 5.0),)
    strips = cut([survey(BOX, ineffective=still)])
    below, above = properties(strips, 0, 4.0), properties(strips, 0, 5.1)
    assert below.area_m2 == pytest.approx(40.0)
    assert below.wet_m == pytest.approx(20.0)
    assert above.area_m2 == pytest.approx(102.0)


def test_lasting_still_water_keeps_what_lies_below_it() -> None:
    strips = cut([survey(BOX, ineffective=(Ineffective(10.0, 20.0, 3.0, lasting=True),))])
    assert properties(strips, 0, 4.0).area_m2 == pytest.approx(40.0 + 10.0)


def test_an_obstruction_takes_its_area_and_adds_its_walls() -> None:
    strips = cut([survey(BOX).built_over(5.0, 10.0, 2.0)])
    found = properties(strips, 0, 4.0)
    assert found.area_m2 == pytest.approx(80.0 - 10.0)
    assert found.conveyance_m3ps == pytest.approx(70.0 * (70.0 / (28.0 + 4.0)) ** (2 / 3) / 0.03)


@given(
    beds=st.lists(st.floats(-5, 5), min_size=5, max_size=25),
    level=st.floats(-4, 8),
    rise=st.floats(0.01, 3),
)
@settings(max_examples=80, deadline=None)
def test_more_water_never_means_less_area(beds: list[float], level: float, rise: float) -> None:
    strips = cut([survey([(float(10 * at), bed) for at, bed in enumerate(beds)])])
    low, high = properties(strips, 0, level), properties(strips, 0, level + rise)
    assert high.area_m2 >= low.area_m2 >= 0
    assert high.wet_m >= low.wet_m
    assert np.isfinite(high.conveyance_m3ps)
    assert high.alpha >= 0


@pytest.mark.parametrize(
    "points", [[(0, 1), (1, 0)], [(0, 1), (2, 0), (1, 1)], [(0, 1), (1, float("nan")), (2, 1)]], ids=str
)
def test_what_is_no_section_is_refused(points: list[tuple[float, float]]) -> None:
    with pytest.raises(InputError, match="section s"):
        survey(points)
