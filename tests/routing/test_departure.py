"""The latest safe departure: against forward searches over departure times, worked out on paper, and by its story."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rescuecmd.errors import RefusedError
from rescuecmd.picture.entity import Craft, Zone
from rescuecmd.routing.conditions import Conditions
from rescuecmd.routing.departure import Deadline, chances, deadline_at, last_departures, leave_by
from rescuecmd.routing.network import build_graph, compile_network
from rescuecmd.routing.openings import Limits, Openings, find_openings
from rescuecmd.routing.scene import Scene
from rescuecmd.routing.search import grow
from rescuecmd.text import Text
from tests.routing.test_search import FALL, RISE, WAVE
from tests.routing.waters import INFLATABLE, bar, varied, water_of

PUNT = Craft("punt", 4.0, 0.3, 0.1, 1.2, 2.6, 3, max_current_mps=1.6)
BEFORE_S, AFTER_S = 0.001, 0.01


def openings_of(levels: tuple[tuple[float, float], ...], craft: Craft, seed: int = 1) -> Openings:
    river = varied(seed=seed)
    network = compile_network(build_graph(river, 36.0))
    return find_openings(network, Conditions(network, water_of(river, *levels), 0.0, 3600.0), Limits.of(craft))


def arrives(openings: Openings, node: int, depart_s: float, goal: int) -> float:
    """Return the earliest arrival of a boat that leaves a node then, by a search forward in time."""
    try:
        return float(grow(openings, [(node, depart_s)]).arrival_s[goal])
    except RefusedError:
        return math.inf


def check_last(openings: Openings, deadline: Deadline, goal: int, state: int) -> None:
    """A moment before the latest departure the goal is reached in time, a moment after it is not."""
    node = int(openings.states.item[state])
    last, opens, closes = (
        float(values[state]) for values in (deadline.state_leave_s, openings.states.opens_s, openings.states.closes_s)
    )
    if last == -math.inf:
        assert arrives(openings, node, opens, goal) > deadline.deadline_s
        return
    assert opens <= last <= closes
    assert arrives(openings, node, max(opens, last - BEFORE_S), goal) <= deadline.deadline_s + 1e-6
    if last + AFTER_S <= closes:
        assert arrives(openings, node, last + AFTER_S, goal) > deadline.deadline_s


@pytest.mark.parametrize("levels", [RISE, FALL, WAVE])
@pytest.mark.parametrize("craft", [INFLATABLE, PUNT])
def test_a_moment_later_is_too_late_everywhere(levels: tuple[tuple[float, float], ...], craft: Craft) -> None:
    openings = openings_of(levels, craft)
    goal = openings.network.nearest(300.0, 20.0)
    deadline = last_departures(openings, [(goal, 3000.0)], 3000.0)
    held = 0
    for state in range(0, len(openings.states.item), 7):
        check_last(openings, deadline, goal, state)
        held += int(deadline.state_held_by[state] >= 0)
    assert held > 0 or levels is RISE  # closing edges set some of them, not the deadline alone


@settings(max_examples=25, deadline=None)
@given(
    seed=st.integers(1, 40),
    levels=st.lists(st.floats(171.5, 176.5), min_size=3, max_size=5),
    due_s=st.floats(200.0, 3500.0),
    at=st.floats(0.0, 0.999),
    goal_at=st.floats(0.0, 0.999),
)
def test_on_any_river_and_wave(seed: int, levels: list[float], due_s: float, at: float, goal_at: float) -> None:
    wave = tuple(zip(np.linspace(0.0, 3600.0, len(levels)).tolist(), levels, strict=True))
    openings = openings_of(wave, INFLATABLE, seed)
    if not len(openings.states.item):
        return
    goal = int(openings.states.item[int(goal_at * len(openings.states.item))])
    deadline = last_departures(openings, [(goal, due_s)], due_s)
    check_last(openings, deadline, goal, int(at * len(openings.states.item)))


def test_the_bar_says_when_it_is_too_late() -> None:
    """The water falls below what the boat needs over a bar at a known instant; it must have crossed by then."""
    river = bar(174.0)
    scene = Scene(river, compile_network(build_graph(river)), water_of(river, (0.0, 177.0), (3600.0, 173.0)), 0.0)
    sigma = 1.28 * float(scene.water.sigma_m(500.0, 0.0))
    shuts_s = (177.0 - 174.85 - sigma) * 900.0
    deadline = deadline_at(scene, INFLATABLE, (900.0, 0.0), None, near_m=0.0)
    last, held = leave_by(scene, INFLATABLE, deadline, (60.0, 0.0), 0.0)
    assert held is not None
    assert held.closes_s == pytest.approx(shuts_s, abs=15.0)  # sigma changes a little along the river
    far_edge_s = (540.0 - 60.0) / 8.0
    assert last == pytest.approx(held.closes_s - far_edge_s, abs=3.0)
    path = scene.path(INFLATABLE, (60.0, 0.0), (900.0, 0.0), last - 0.01)
    assert math.isfinite(path.arrive_s)
    with pytest.raises(RefusedError):
        scene.path(INFLATABLE, (60.0, 0.0), (900.0, 0.0), last + 1.0)


def test_beyond_the_bar_the_way_back_closes() -> None:
    river = bar(174.0)
    scene = Scene(river, compile_network(build_graph(river)), water_of(river, (0.0, 177.0), (3600.0, 173.0)), 0.0)
    closes_s = leave_by(
        scene, INFLATABLE, deadline_at(scene, INFLATABLE, (60.0, 0.0), None, near_m=0.0), (900.0, 0.0), 0.0
    )[0]
    late = scene.path(INFLATABLE, (60.0, 0.0), (900.0, 0.0), closes_s - 60.0)
    found = chances(scene, INFLATABLE, late)
    assert found.no_return is not None
    assert 0 <= found.no_return < len(late.x_m) - 1
    # going on to x and back to the bar takes as long as leaving 900 m at the last moment, 60 s after the departure
    turns_m = 60.0 + (60.0 * 8.0 + 840.0) / 2
    assert late.x_m[found.no_return] <= turns_m < late.x_m[found.no_return + 1]
    early = scene.path(INFLATABLE, (60.0, 0.0), (900.0, 0.0), 60.0)
    assert chances(scene, INFLATABLE, early).no_return is None


def test_where_nothing_closes_there_is_no_last_moment() -> None:
    river = bar(160.0)
    scene = Scene(river, compile_network(build_graph(river)), water_of(river, (0.0, 175.0), (9000.0, 176.0)), 0.0)
    path = scene.path(INFLATABLE, (60.0, 0.0), (900.0, 0.0), 0.0)
    found = chances(scene, INFLATABLE, path)
    assert np.isinf(found.go_by_s).all()
    assert np.isinf(found.back_by_s).all()
    assert found.no_return is None
    due = chances(scene, INFLATABLE, path, deadline_s=600.0, home_by_s=900.0)
    assert due.go_by_s[0] == pytest.approx(600.0 - path.arrive_s, abs=0.5)
    assert due.back_by_s[-1] == pytest.approx(900.0 - path.arrive_s, abs=0.5)
    assert (np.diff(due.go_by_s) > 0).all()
    assert due.go_held[0] is None


def test_a_goal_that_is_closed_before_the_levels_end_is_reached_before_that() -> None:
    """Only the goal itself lies in the zone: the water around it stays open, which is of no use."""
    river = bar(160.0)
    corners = ((885.0, -15.0), (915.0, -15.0), (915.0, 15.0), (885.0, 15.0), (885.0, -15.0))
    ring = tuple(river.frame.point_lonlat(x, y) for x, y in corners)
    zone = Zone("z", "no_go", Text("禁", "no go"), ring, 1200.0)
    water = water_of(river, (0.0, 175.0), (9000.0, 176.0))
    scene = Scene(river, compile_network(build_graph(river)), water, 0.0, (zone,))
    start, goal = (60.0, 0.0), (900.0, 0.0)
    path = scene.path(INFLATABLE, start, goal, 0.0)
    assert path.left_m < 1.0
    found = chances(scene, INFLATABLE, path)
    by_s, held = float(found.go_by_s[0]), found.go_held[0]
    assert held is not None
    assert held.closes_s == pytest.approx(1200.0, abs=10.0)
    assert by_s == pytest.approx(1200.0 - path.arrive_s, abs=6.0)
    assert scene.path(INFLATABLE, start, goal, by_s - 1.0).left_m < 1.0
    assert scene.path(INFLATABLE, start, goal, by_s + 6.0).left_m > 1.0
