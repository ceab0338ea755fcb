"""The bottom layer: errors, units, clock, frame, library."""

import math
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rescuecmd import library
from rescuecmd.clock import DrillClock
from rescuecmd.errors import Fault, FaultsError, InputError, NotFoundError, RescueError, unknown
from rescuecmd.geo import Frame, bearing_deg
from rescuecmd.units import format_duration, parse_duration_s, wrap_deg

FRAME = Frame(106.45, 29.63)


def tree(kind: type[RescueError]) -> list[type[RescueError]]:
    return [kind, *(below for child in kind.__subclasses__() for below in tree(child))]


def test_every_error_has_its_three_codes() -> None:
    for kind in tree(RescueError):
        assert 400 <= kind.outcome.http < 600
        assert kind.outcome.close in {1009, 1011} or 4400 <= kind.outcome.close < 4600  # RFC 6455, 7.4.1; else ours
        assert kind.outcome.exit > 0


def test_unknown_names_the_nearest() -> None:
    error = unknown("reef", "huangpansi", ["huangpanshi", "heiyangshi"])
    assert isinstance(error, NotFoundError)
    assert "did you mean 'huangpanshi'" in error.message
    assert error.as_dict()["code"] == "unknown-reef"


def test_faults_are_sorted_and_say_where() -> None:
    error = FaultsError(
        [Fault("b.yaml", 3, "x", "bad"), Fault("a.yaml", 9, "", "worse"), Fault("b.yaml", 3, "x", "bad")]
    )
    assert error.message == "a.yaml:9: worse\nb.yaml:3: x: bad"


@pytest.mark.parametrize(("text", "seconds"), [("90s", 90), ("5m30s", 330), ("1h", 3600), ("0m", 0), ("1.5s", 1.5)])
def test_durations(text: str, seconds: float) -> None:
    assert parse_duration_s(text) == seconds


@pytest.mark.parametrize("text", ["", "90", "5:30", "s", "-5s", "1d", "5s5m"])
def test_durations_need_units(text: str) -> None:
    with pytest.raises(InputError, match="duration with units"):
        parse_duration_s(text)


@given(st.integers(0, 10**6))
def test_durations_are_written_as_they_are_read(seconds: int) -> None:
    read = parse_duration_s(format_duration(seconds))
    assert read == seconds if seconds < 3600 else 0 <= seconds - read < 60


@given(st.floats(-15000, 15000), st.floats(-15000, 15000))
def test_the_frame_is_its_own_inverse(x_m: float, y_m: float) -> None:
    back = FRAME.point_xy(*FRAME.point_lonlat(x_m, y_m))
    assert math.dist(back, (x_m, y_m)) < 1e-4


def test_lengths_are_true_near_the_centre() -> None:
    # one second of latitude at 29.63 N on WGS 84: 30.79 m (meridian radius 6,350,987 m)
    (_, south), (_, north) = FRAME.point_xy(106.45, 29.63), FRAME.point_xy(106.45, 29.63 + 1 / 3600)
    assert north - south == pytest.approx(30.79, abs=0.01)


def test_bearings_are_clockwise_from_north() -> None:
    assert [bearing_deg(*step) for step in ((0, 1), (1, 0), (0, -1), (-1, 0))] == [0, 90, 180, 270]
    assert wrap_deg(-10) == 350


class Steady:
    def __init__(self) -> None:
        self.at = 100.0

    def __call__(self) -> float:
        return self.at


def test_a_drill_clock_pauses_speeds_up_and_steps() -> None:
    steady = Steady()
    clock = DrillClock(1000.0, speed=4.0, steady=steady)
    steady.at += 10
    assert clock.now_s() == 1000.0
    clock.resume()
    steady.at += 10
    assert clock.now_s() == 1040.0
    clock.set_speed(1.0)
    steady.at += 5
    clock.pause()
    steady.at += 50
    assert clock.now_s() == 1045.0
    clock.step(60)
    assert clock.now_s() == 1105.0


@pytest.mark.parametrize("speed", [0, -1, 1e6, float("nan")])
def test_a_drill_clock_refuses_other_speeds(speed: float) -> None:
    with pytest.raises(InputError, match="speed must be"):
        DrillClock(0.0, speed=speed)


def test_ones_own_shelf_comes_before_the_library(tmp_path: Path) -> None:
    assert library.find("rivers", "teaching", own=tmp_path) == library.find("rivers", "teaching")
    for name in ("teaching", "mine"):
        (tmp_path / "rivers" / name).mkdir(parents=True)
    assert library.find("rivers", "teaching", own=tmp_path) == tmp_path / "rivers" / "teaching"
    assert "mine" in library.names("rivers", own=tmp_path)
    assert "mine" not in library.names("rivers")
    with pytest.raises(NotFoundError, match="did you mean 'mine'"):
        library.find("rivers", "mien", own=tmp_path)


def test_the_library_finds_by_name_and_by_path() -> None:
    plan = library.find("plans", "reef-rescue")
    assert plan == library.find("plans", str(plan))
    with pytest.raises(NotFoundError, match="did you mean 'reef-rescue'"):
        library.find("plans", "reef-rescu")
