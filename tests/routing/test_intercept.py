"""Meetings with somebody who drifts: on paper, and consistent with the path that is given."""

from dataclasses import dataclass

import numpy as np
import pytest

from rescuecmd.drift.track import drift_track
from rescuecmd.errors import NotCoveredError, RefusedError
from rescuecmd.geo import Floats
from rescuecmd.routing.intercept import intercept
from rescuecmd.routing.network import build_graph, compile_network, draw_network
from rescuecmd.routing.scene import Scene
from tests.river.teaching import straight_river
from tests.routing.waters import INFLATABLE, bar, varied, water_of


@dataclass
class Line:
    """Somebody who moves evenly."""

    times_s: Floats
    x_m: Floats
    y_m: Floats


def line(x0: float, x1: float, y: float, t0: float, t1: float) -> Line:
    return Line(np.array([t0, t1]), np.array([x0, x1]), np.array([y, y]))


def test_meets_a_drifter_ahead_after_gap_over_boat_speed() -> None:
    """Boat and person are in the same stream, so the boat closes the gap at its own speed."""
    river = straight_river(4000.0, 200.0, 165.0, discharge_m3ps=200.0 * 10.0 * 2.0)
    scene = Scene(river, compile_network(build_graph(river)), water_of(river, (0.0, 175.0), (3600.0, 175.0)), 0.0)
    track = drift_track(river, scene.water, 1000.0, 0.0, 0.0, horizon_s=900.0)
    meeting = intercept(scene, INFLATABLE, (360.0, 0.0), track, 0.0)
    assert meeting.time_s == pytest.approx(640.0 / 8.0, rel=0.03)
    x, y, _ = track.at(meeting.time_s)
    assert (meeting.x_m, meeting.y_m) == pytest.approx((x, y), abs=0.01)
    assert meeting.time_s - 2.0 <= meeting.path.arrive_s <= meeting.time_s
    assert np.hypot(meeting.path.x_m[-1] - x, meeting.path.y_m[-1] - y) < 5.0


def test_meets_a_drifter_who_comes_along() -> None:
    river = straight_river(4000.0, 200.0, 165.0, discharge_m3ps=200.0 * 10.0 * 2.0)
    scene = Scene(river, compile_network(build_graph(river)), water_of(river, (0.0, 175.0), (3600.0, 175.0)), 0.0)
    track = drift_track(river, scene.water, 1000.0, 0.0, 0.0, horizon_s=900.0)
    meeting = intercept(scene, INFLATABLE, (1640.0, 0.0), track, 0.0)
    assert meeting.time_s == pytest.approx(640.0 / 8.0, rel=0.03)


def test_no_earlier_meeting_exists() -> None:
    river = varied(900.0)
    scene = Scene(river, compile_network(build_graph(river)), water_of(river, (0.0, 175.0), (7200.0, 177.0)), 0.0)
    track = drift_track(river, scene.water, 150.0, 10.0, 0.0, horizon_s=900.0)
    meeting = intercept(scene, INFLATABLE, (1100.0, 0.0), track, 30.0)
    assert meeting.time_s >= 30.0
    for time in np.arange(30.0, meeting.time_s - 3.0, 7.0):
        x, y, _ = track.at(float(time))
        assert scene.path(INFLATABLE, (1100.0, 0.0), (x, y), 30.0).arrive_s > time


def test_a_person_behind_a_bar_is_met_when_they_have_drifted_out_or_not_at_all() -> None:
    river = bar(176.0)
    scene = Scene(river, compile_network(build_graph(river)), water_of(river, (0.0, 175.0), (7200.0, 175.0)), 0.0)
    with pytest.raises(RefusedError) as refused:
        intercept(scene, INFLATABLE, (100.0, 0.0), line(800.0, 900.0, 0.0, 0.0, 600.0), 0.0)
    assert refused.value.code == "no-meeting"
    out = intercept(scene, INFLATABLE, (100.0, 0.0), line(800.0, 200.0, 0.0, 0.0, 600.0), 0.0)
    assert out.x_m < 460.0 + 27.0
    assert out.time_s == pytest.approx(600.0 * (800.0 - out.x_m) / 600.0, abs=0.1)


def test_a_track_that_is_over_is_refused() -> None:
    river = straight_river(1000.0, 150.0, 165.0)
    scene = Scene(river, compile_network(build_graph(river)), water_of(river, (0.0, 175.0), (3600.0, 175.0)), 0.0)
    with pytest.raises(NotCoveredError):
        intercept(scene, INFLATABLE, (100.0, 0.0), line(300.0, 400.0, 0.0, 0.0, 50.0), 60.0)


def test_a_person_over_a_shoal_is_met_from_the_water_beside_it() -> None:
    """All the nearest nodes of a fine grid may be dry where the next water is 18 m away."""
    river = straight_river(600.0, 150.0, lambda chainage, offset: np.where(np.abs(offset) <= 10, 174.8, 165.0))
    scene = Scene(river, draw_network(river, 9.0), water_of(river, (0.0, 175.0), (3600.0, 175.0)), 0.0)
    meeting = intercept(scene, INFLATABLE, (90.0, 45.0), line(270.0, 270.0, 0.0, 0.0, 600.0), 0.0)
    assert meeting.time_s == pytest.approx(np.hypot(180.0, 45.0) / 8.0, abs=5.0)
    assert np.hypot(meeting.path.x_m[-1] - 270.0, meeting.path.y_m[-1]) < 27.0
