import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rescuecmd.errors import NotCoveredError
from rescuecmd.river.model import Rating
from rescuecmd.river.rating import discharge_m3ps

RATING = Rating("g", 166.0, ((182.84, 15700.0), (186.0, 20000.0), (194.29, 32600.0)), 4.0)


def test_the_curve_goes_through_its_points() -> None:
    assert np.allclose(discharge_m3ps(RATING, [182.84, 186.0, 194.29]), [15700, 20000, 32600])


def test_one_point_is_a_constant() -> None:
    assert np.allclose(discharge_m3ps(Rating("g", 0.0, ((1.0, 500.0),), 4.0), [0.0, 170.0]), 500.0)


@given(st.floats(150, 200), st.floats(150, 200))
def test_more_level_is_never_less_discharge(one: float, other: float) -> None:
    low, high = sorted((one, other))
    assert discharge_m3ps(RATING, low) <= discharge_m3ps(RATING, high) * (1 + 1e-12)


def test_below_the_level_of_no_flow_next_to_nothing_flows() -> None:
    assert float(discharge_m3ps(RATING, 160.0)) == pytest.approx(0.0, abs=2.0)


def test_far_above_the_rated_levels_the_curve_is_silent() -> None:
    assert float(discharge_m3ps(RATING, 200.0)) < 2 * 32600
    for levels in (230.0, [180.0, 230.0]):
        with pytest.raises(NotCoveredError, match=r"known up to 194.29 m \(32600 m3/s\); 230.00 m"):
            discharge_m3ps(RATING, levels)
