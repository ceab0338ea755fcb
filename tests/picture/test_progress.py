"""A boat is as late on its route as the clock is ahead of the place where it was last seen."""

import pytest

from rescuecmd.picture.entity import Fix
from rescuecmd.picture.order import Route, Waypoint
from rescuecmd.picture.progress import Progress, progress
from rescuecmd.text import Text

LAT_DEG = 30.0
EAST_DEG = 0.001
"""About 96 m at this latitude."""


def route(*places: tuple[float, ...]) -> Route:
    """Return a route through (east, north, time, wait) in thousandths of a degree and s; no wait may be left out."""
    points = tuple(
        Waypoint(106.0 + x * EAST_DEG, LAT_DEG + y * EAST_DEG, 0.0, time, wait_s=sum(wait))
        for x, y, time, *wait in places
    )
    name = Text("", "")
    return Route("r", "b", "t", name, points, points[0].eta_s, points[-1].eta_s, 1.0, points[0].eta_s, name)


def fix(x: float, y: float) -> Fix:
    return Fix(106.0 + x * EAST_DEG, LAT_DEG + y * EAST_DEG, 0.0, 5.0, "gps")


EAST = route((0, 0, 1000.0), (4, 0, 1100.0), (4, 2, 1200.0))


@pytest.mark.parametrize(
    ("place", "now_s", "here_s", "late_s"),
    [
        ((0, 0), 1000.0, 1000.0, 0.0),
        ((0, 0), 1600.0, 1000.0, 600.0),
        ((1, 0), 1600.0, 1025.0, 575.0),
        ((1, 0.3), 1020.0, 1025.0, -5.0),
        ((4, 0), 1100.0, 1100.0, 0.0),
        ((4.2, 1), 1160.0, 1150.0, 10.0),
        ((4, 5), 1300.0, 1200.0, 100.0),
        ((-3, 0), 1300.0, 1000.0, 300.0),
    ],
)
def test_a_place_says_how_late_a_boat_is(
    place: tuple[float, float], now_s: float, here_s: float, late_s: float
) -> None:
    found = progress(EAST, fix(*place), now_s)
    assert found.here_s == pytest.approx(here_s, abs=0.01)
    assert found.late_s == pytest.approx(late_s, abs=0.01)
    assert found.expected_s(EAST.arrive_s) == pytest.approx(EAST.arrive_s + late_s, abs=0.01)


def test_without_a_fix_a_boat_is_believed_to_keep_to_its_plan() -> None:
    assert progress(EAST, None, 1050.0) == Progress(1050.0, 0.0)


STOP = route((0, 0, 1000.0), (2, 0, 1050.0, 350.0), (4, 0, 1450.0))
"""From 1050 to 1400 the boat waits half way."""


@pytest.mark.parametrize(
    ("place", "now_s", "late_s", "arrives_s"),
    [
        ((2, 0), 1200.0, 0.0, 1450.0),
        ((2, 0), 1030.0, 0.0, 1450.0),
        ((2.05, 0), 1500.0, 100.0, 1550.0),
        ((1, 0), 1010.0, -15.0, 1450.0),
        ((0, 0), 1300.0, 300.0, 1450.0),
        ((0, 0), 1500.0, 500.0, 1600.0),
        ((3, 0), 1400.0, -25.0, 1425.0),
    ],
)
def test_a_wait_takes_up_what_a_boat_is_early_or_late(
    place: tuple[float, float], now_s: float, late_s: float, arrives_s: float
) -> None:
    found = progress(STOP, fix(*place), now_s)
    assert found.late_s == pytest.approx(late_s, abs=0.01)
    assert found.expected_s(STOP.arrive_s) == pytest.approx(arrives_s, abs=0.01)
    assert found.expected_s(1050.0) == pytest.approx(1050.0 + found.late_s, abs=0.01)
