import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rescuecmd.drill.boat import Boat, Carry, Line, speed_over_ground
from tests.drill import stage


def make_boat(x_m: float = 0.0, y_m: float = 0.0) -> Boat:
    return Boat(stage.script().forces[0], x_m, y_m)


def test_line_is_measured_along_its_legs() -> None:
    line = Line([(0, 0), (3, 4), (3, 4), (3, 14)])
    assert line.length_m == pytest.approx(15)
    assert line.at(5) == pytest.approx((3, 4))
    assert line.at(10) == pytest.approx((3, 9))
    assert line.at(99) == pytest.approx((3, 14))
    assert line.direction(7) == pytest.approx((0, 1))
    assert Line([(1, 1)]).direction(0) == (0, 0)


def test_joining_a_line_goes_to_its_nearest_point_and_on() -> None:
    joined = Line([(0, 0), (100, 0), (100, 100)]).joined_from(60, 30)
    assert (joined.points[0], joined.points[-1]) == ((60, 30), (100, 100))
    assert joined.length_m == pytest.approx(30 + 40 + 100)


def test_a_carried_leg_takes_its_time_whatever_engine_and_current() -> None:
    boat = make_boat()
    boat.take_route("r", [(0.0, 0.0), (10.0, 0.0), (70.0, 0.0), (100.0, 0.0)], {2: Carry(120.0, 50.0)})
    boat.advance(0.0, 0.0, None, 1.0)
    assert boat.carry is not None
    assert boat.be_carried(49.0, 1.0)
    assert boat.x_m == pytest.approx(10.0)  # the lock opens at 50 s
    for second in range(60):
        assert boat.be_carried(50.0 + second, 1.0)
    assert boat.x_m == pytest.approx(40.0)
    boat.take_route("s", [(10.0, 0.0), (70.0, 0.0), (70.0, 50.0)], {1: Carry(120.0, 0.0)})
    for second in range(60):
        assert boat.be_carried(110.0 + second, 1.0)
    assert boat.x_m == pytest.approx(70.0)
    assert not boat.be_carried(171.0, 1.0)


def test_crabbing_costs_what_pythagoras_says() -> None:
    assert speed_over_ground(5, 0, 3) == pytest.approx(4)
    assert speed_over_ground(5, 1, 3) == pytest.approx(5)
    assert speed_over_ground(5, -6, 0) == pytest.approx(-1)  # slower than the current: backwards
    assert speed_over_ground(2, 1, 3) == 0.0  # cannot even hold the line


@given(speed=st.floats(0, 20), along=st.floats(-6, 6), across=st.floats(-6, 6))
def test_nobody_is_faster_than_engine_and_current_together(speed: float, along: float, across: float) -> None:
    assert speed_over_ground(speed, along, across) <= speed + abs(along) + 1e-9


def test_a_boat_follows_its_line_with_the_current_on_top() -> None:
    boat = make_boat()
    boat.take_route("r", [(0.0, 0.0), (100.0, 0.0)])
    boat.advance(1.0, 0.0, None, 1.0)
    assert [boat.x_m, boat.y_m, boat.heading_deg] == pytest.approx([11, 0, 90])
    for _ in range(20):
        boat.advance(1.0, 0.0, None, 1.0)
    assert boat.at_end
    assert (boat.x_m, boat.y_m) == pytest.approx((100, 0))  # it holds there
    assert boat.heading_deg == pytest.approx(270)  # bow to the current


def test_half_power_halves_the_boats_own_speed() -> None:
    boat = make_boat()
    boat.power = 0.5
    boat.take_route("r", [(0.0, 0.0), (100.0, 0.0)])
    boat.advance(0.0, 0.0, None, 1.0)
    assert boat.x_m == pytest.approx(5)


def test_without_power_a_boat_drifts_and_finds_its_route_again() -> None:
    boat = make_boat()
    boat.take_route("r", [(0.0, 0.0), (100.0, 0.0)])
    boat.power = 0.0
    for _ in range(10):
        boat.advance(0.5, -1.0, None, 1.0)
    assert (boat.x_m, boat.y_m) == pytest.approx((5, -10))
    boat.power = 1.0
    for _ in range(30):
        boat.advance(0.0, 0.0, None, 1.0)
    assert (boat.x_m, boat.y_m) == pytest.approx((100, 0))


def test_a_boat_too_weak_to_hold_is_carried_off() -> None:
    boat = make_boat()
    boat.power = 0.1
    boat.advance(3.0, 0.0, None, 1.0)
    assert boat.x_m == pytest.approx(2)


def test_a_target_is_reached_and_not_overshot() -> None:
    boat = make_boat()
    boat.advance(0.0, 0.0, (3.0, 4.0), 1.0)
    assert math.dist((boat.x_m, boat.y_m), (3, 4)) < 1e-9
