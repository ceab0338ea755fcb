import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rescuecmd.errors import InputError
from rescuecmd.river.axis import Axis


def bend() -> Axis:
    turn = np.linspace(0.0, 2.0, 60)
    return Axis(np.column_stack([900 * np.sin(turn), 900 - 900 * np.cos(turn)]))


@given(st.floats(-50, 1850), st.floats(-300, 300))
def test_locate_inverts_point(chainage_m: float, offset_m: float) -> None:
    axis = bend()
    chainage, offset = axis.locate(*axis.point(chainage_m, offset_m))
    assert float(chainage) == pytest.approx(chainage_m, abs=1e-4)
    assert float(offset) == pytest.approx(offset_m, abs=1e-4)


def test_a_straight_line_east_has_the_left_bank_to_the_north() -> None:
    axis = Axis([(0, 0), (50, 0), (100, 0)])
    assert np.allclose(axis.point([10.0, 90.0], [5.0, -7.0]), [[10, 90], [5, -7]])
    assert np.allclose(axis.locate([10.0, -20.0, 130.0], [5.0, 3.0, -4.0]), [[10, -20, 130], [5, 3, -4]])
    assert np.allclose(axis.tangent([10.0, 50.0]), [[1, 1], [0, 0]])


def test_the_shape_of_the_answer_is_the_shape_of_the_question() -> None:
    axis = bend()
    assert axis.point(np.zeros((3, 1)), np.zeros(4))[0].shape == (3, 4)
    assert axis.locate(1.0, 2.0)[0].shape == ()


def test_a_point_that_is_no_number_is_nowhere() -> None:
    chainage, offset = bend().locate([np.nan, 10.0], [0.0, 0.0])
    assert np.isnan(chainage[0])
    assert np.isnan(offset[0])
    assert np.isfinite(chainage[1])


@pytest.mark.parametrize(
    "points", [[], [(0, 0)], [(0, 0), (0, 0)], [(0, 0), (np.nan, 1)], [(0, 0, 0), (1, 1, 1)], [0, 1, 2]]
)
def test_a_centre_line_needs_two_different_points(points: list[object]) -> None:
    with pytest.raises(InputError):
        Axis(points)  # type: ignore[arg-type]
