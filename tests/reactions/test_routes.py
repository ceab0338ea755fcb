from itertools import pairwise
from typing import Any

import pytest

from rescuecmd.picture import commands as c
from rescuecmd.picture.entity import Victim, Zone
from rescuecmd.picture.events import RouteEnded, RouteSet, RouteTimed
from rescuecmd.picture.order import Route
from rescuecmd.reactions import routes
from rescuecmd.routing.departure import deadline_at, leave_by
from rescuecmd.routing.journey import meeting_point
from rescuecmd.routing.timing import OTHERWISE_S
from rescuecmd.routing.watch import review
from tests.reactions.stage import RIB, START_S, Stage, fix, on_rock, river, stage, text


async def going(level_m: float = 174.8) -> Stage:
    """Return boat b1 on its way to the rock."""
    act = await stage(level_m)
    await act.give(c.ReportVictim(on_rock()))
    await act.push("reef", ["t-b1"], ["v"])
    await act.answer("t-b1", "accepted")
    await act.give(c.MoveTask("p/t-b1", "under_way"))
    return act


def route_of(act: Stage, vessel_id: str = "b1") -> Route:
    picture = act.desk.picture
    route: Route = picture.find("routes", picture.vessels[vessel_id].route_id)
    return route


def least_offset_m(route: Route) -> float:
    y = [river().frame.point_xy(point.lon_deg, point.lat_deg)[1] for point in route.waypoints]
    return min(y)


async def test_a_channel_that_opens_beats_the_way_round() -> None:
    act = await going()
    old = route_of(act)
    assert least_offset_m(old) < -58, "round the bar by its right end"
    act.clock.step(60.0)
    await act.levels(176.2)
    new = route_of(act)
    assert new.replaces == old.id
    assert (new.goal, new.task_id, new.vessel_id) == (old.goal, old.task_id, old.vessel_id)
    assert least_offset_m(new) > 0
    assert "earlier" in new.why.en
    assert "早到" in new.why.zh
    assert act.desk.picture.routes[old.id].state == "replaced"
    assert new.arrive_s < old.arrive_s + 60.0
    assert act.reactor.faults == 0


async def test_an_expected_reading_changes_no_route() -> None:
    act = await going()
    for _ in range(5):
        act.clock.step(30.0)
        await act.levels(174.81)
    assert not act.events(RouteSet)


async def test_a_bridge_that_closes_cuts_the_way_loudly_and_its_opening_restores_it() -> None:
    act = await going(176.5)
    act.clock.step(60.0)
    await act.levels(178.4)
    (ended,) = act.events(RouteEnded)
    assert isinstance(ended.body, RouteEnded)
    assert ended.body.state == "cut"
    assert "Low bridge" in ended.body.why.en
    assert act.desk.picture.vessels["b1"].route_id == ""
    assert act.alarms()["no_route/b1"] == "alarm"
    for _ in range(4):  # it stays cut, and is not told again and again
        act.clock.step(30.0)
        await act.levels(178.4)
    assert len(act.events(RouteEnded)) == 1
    assert len([one for one in act.alarms() if one.startswith("no_route")]) == 1
    act.clock.step(60.0)
    await act.levels(176.0)
    await act.wait(22)
    assert route_of(act).state == "active"
    assert "open again" in route_of(act).why.en
    assert "no_route/b1" not in act.alarms()


async def test_a_no_go_zone_moves_the_route() -> None:
    act = await going(176.5)
    old = route_of(act)
    points = [(1100.0, -40.0), (1200.0, -40.0), (1200.0, 99.0), (1100.0, 99.0), (1100.0, -40.0)]
    ring = tuple(river().frame.point_lonlat(*point) for point in points)
    act.clock.step(1.0)
    await act.give(c.DrawZone(Zone("z", "no_go", text("zone"), ring, START_S)))
    new = route_of(act)
    assert new.replaces == old.id
    assert least_offset_m(new) < -40
    assert "no-go zone" in new.why.en


async def test_routes_of_boats_that_arrived_or_failed_are_not_looked_at() -> None:
    act = await going()
    await act.give(c.MoveTask("p/t-b1", "on_scene"))
    act.clock.step(60.0)
    await act.levels(176.2)
    assert not act.events(RouteSet)
    act = await going()
    await act.give(c.SetVesselState("b1", "disabled"))
    act.clock.step(60.0)
    await act.levels(176.2)
    assert not act.events(RouteSet)


async def test_a_way_ashore_with_people_aboard_is_looked_after_too() -> None:
    act = await going()
    await act.move("b1", 1650.0, 0.0)
    await act.give(c.MoveTask("p/t-b1", "on_scene"))
    await act.give(c.PickUpVictims("v", "b1", 3))
    scene = act.reactor.situation.scene(act.desk.picture, act.now_s)
    path = scene.path(RIB, (1650.0, 0.0), (200.0, 70.0), act.now_s)
    home = Route(
        "home", "b1", "p/t-b1", text("quay"), path.waypoints(river().frame), act.now_s, path.arrive_s, 1.0, act.now_s,
        text("home"), replaces=route_of(act).id,
    )  # fmt: skip
    await act.give(c.SetRoute(home), c.Actor("terminal/t-b1"))
    await act.give(c.SetVesselState("b1", "returning"))
    act.clock.step(60.0)
    await act.levels(176.2)
    new = route_of(act)
    assert new.replaces == "home"
    assert new.goal == home.goal
    assert new.waypoints[-1].chainage_m == pytest.approx(200.0, abs=40)
    await act.give(c.LandVictims("v", "b1", 3, "quay"))
    assert act.desk.picture.tasks["p/t-b1"].state == "done"
    assert act.desk.picture.vessels["b1"].route_id == ""


async def test_a_drifting_person_seen_elsewhere_moves_the_meeting_point() -> None:
    act = await stage(176.0)
    there = fix(700.0, 0.0, START_S)
    await act.give(c.ReportVictim(Victim("w", "in_water", text("swimmer"), 1, there, START_S, "drill")))
    await act.push("water", ["t-b1"], ["w"])
    await act.answer("t-b1", "accepted")
    old = route_of(act)
    act.clock.step(10.0)
    await act.give(c.SightVictim("w", fix(705.0, 0.0, act.now_s)))
    assert route_of(act).id == old.id, "about where expected"
    act.clock.step(10.0)
    await act.give(c.SightVictim("w", fix(900.0, -40.0, act.now_s)))
    new = route_of(act)
    assert new.replaces == old.id
    assert "drifts" in new.why.en
    assert "漂移" in new.why.zh
    last, frame = new.waypoints[-1], river().frame
    post = meeting_point(river(), frame.point_xy(last.lon_deg, last.lat_deg))
    assert new.goal == post != old.goal, "where the crew is told to go is where the route now leads"
    assert act.reactor.faults == 0


async def test_news_elsewhere_leave_a_route_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """A zone that no way of this boat can use is no reason to search for another one."""
    act = await going(176.5)
    judged: list[str] = []

    def counted(*given: Any, **more: Any) -> Any:
        judged.append("")
        return review(*given, **more)

    monkeypatch.setattr(routes, "judge", counted)

    def ring(x0: float, x1: float, y0: float, y1: float) -> tuple[tuple[float, float], ...]:
        corners = ((x0, y0), (x1, y0), (x1, y1), (x0, y1), (x0, y0))
        return tuple(river().frame.point_lonlat(x, y) for x, y in corners)

    act.clock.step(1.0)
    await act.give(c.DrawZone(Zone("one", "no_go", text("one"), ring(1900.0, 1950.0, -90.0, -60.0), START_S)))
    first = len(judged)
    assert first == 1, "a new route is judged at the first news"
    act.clock.step(1.0)
    await act.give(c.DrawZone(Zone("two", "no_go", text("two"), ring(1850.0, 1890.0, -90.0, -60.0), START_S)))
    assert len(judged) == first
    act.clock.step(1.0)
    await act.give(c.DrawZone(Zone("three", "no_go", text("three"), ring(1450.0, 1500.0, -20.0, 80.0), START_S)))
    assert len(judged) == first + 1


async def test_a_route_carries_its_margins_and_last_moments() -> None:
    act = await going(176.5)
    route = route_of(act)
    assert route.tightest is not None
    assert route.tightest.closes_s is not None
    assert "K" in route.tightest.where.zh
    closing = [point.closes_s for point in route.waypoints if point.closes_s is not None]
    assert min(closing) == pytest.approx(route.tightest.closes_s)
    assert all(point.go_by_s is not None and point.go_by_s >= point.eta_s - 1e-6 for point in route.waypoints[:2])


def places(route: Route) -> list[tuple[float, float]]:
    return [(point.lon_deg, point.lat_deg) for point in route.waypoints]


async def test_a_route_whose_boat_waits_is_timed_anew_and_its_crew_is_not_disturbed() -> None:
    act = await going(176.5)
    old = route_of(act)
    await act.wait(300)
    new = route_of(act)
    assert new.id == old.id
    assert not act.events(RouteSet)
    assert places(new) == places(old)
    assert new.arrive_s - old.arrive_s == pytest.approx(300.0, abs=OTHERWISE_S + 5.0)
    assert act.now_s - new.waypoints[0].eta_s < OTHERWISE_S + 5.0
    assert new.depart_s == old.depart_s, "by which it is seen to be late"
    assert 3 <= len(act.events(RouteTimed)) <= 5, "once for every look that finds it a minute late"
    assert all(a.eta_s < b.eta_s for a, b in pairwise(new.waypoints))
    assert new.tightest is not None
    assert new.tightest.passes_s > act.now_s
    assert act.reactor.faults == 0


async def test_a_boat_that_keeps_to_its_route_keeps_its_times() -> None:
    act = await going(176.5)
    route = route_of(act)
    path = act.reactor.situation.scene(act.desk.picture, act.now_s).path_along(route.waypoints)
    for _ in range(100):
        await act.move("b1", *path.position_at(act.now_s + 1.0))
    assert route_of(act) == route


async def test_less_water_than_expected_shows_in_the_margin_of_a_route_that_is_kept() -> None:
    act = await going(176.5)
    old = route_of(act)
    await act.forecast(176.5, 174.0)
    await act.wait(70)
    new = route_of(act)
    assert new.id == old.id
    assert new.margin_m < old.margin_m - 0.1
    assert new.tightest is not None
    assert old.tightest is not None
    assert new.tightest.closes_s is not None
    assert old.tightest.closes_s is not None
    assert new.tightest.closes_s < old.tightest.closes_s


async def test_the_way_back_of_a_boat_under_way_leads_to_where_it_set_out() -> None:
    """Rising water closes the bridge behind the boat: from beyond it, that sets the last moment to turn round."""
    act = await going(176.5)
    await act.forecast(176.5, 179.0)
    path = act.reactor.situation.scene(act.desk.picture, act.now_s).path_along(route_of(act).waypoints)
    await act.move("b1", *path.position_at(path.arrive_s - 20.0))
    for _ in range(70):
        if not act.events(RouteTimed):
            await act.wait(1)
    route, here = route_of(act), act.desk.picture.vessels["b1"].fix
    assert here is not None
    scene = act.reactor.situation.scene(act.desk.picture, act.now_s)
    start = river().frame.point_xy(route.waypoints[0].lon_deg, route.waypoints[0].lat_deg)
    home = deadline_at(scene, RIB, start, None, near_m=0.0)
    at = river().frame.point_xy(here.lon_deg, here.lat_deg)
    until, _ = leave_by(scene, RIB, home, at, act.now_s)
    behind = [point for point in route.waypoints if point.eta_s <= act.now_s][-1]
    assert behind.back_by_s == pytest.approx(until, abs=1.0)
    assert until < act.now_s + 3600.0, "it is the bridge that sets it, not the end of the forecast"


async def test_a_new_route_still_tells_the_way_back_to_where_the_boat_set_out() -> None:
    """The bridge closes behind a boat that was given another route beyond it."""
    act = await going(176.5)
    await act.forecast(176.5, 179.0)
    path = act.reactor.situation.scene(act.desk.picture, act.now_s).path_along(route_of(act).waypoints)
    await act.move("b1", *path.position_at(path.arrive_s - 22.0))
    corner = river().frame.point_lonlat(1600.0, 95.0), river().frame.point_lonlat(1650.0, 0.0)
    (west, north), (east, south) = corner
    ring = ((west, north), (east, north), (east, south), (west, south), (west, north))
    old = route_of(act)
    await act.give(c.DrawZone(Zone("wreck", "no_go", text("wreck"), ring, act.now_s)))
    new = route_of(act)
    assert new.replaces == old.id
    assert new.waypoints[0].back_by_s is not None
    assert new.waypoints[0].back_by_s < act.now_s + 3600.0


async def test_who_accepts_late_finds_the_times_of_now() -> None:
    act = await stage(176.5)
    await act.give(c.ReportVictim(on_rock()))
    await act.push("reef", ["t-b1"], ["v"])
    old = route_of(act)
    await act.wait(200)
    assert route_of(act) == old, "nobody sails by it yet"
    await act.answer("t-b1", "accepted")
    new = route_of(act)
    assert new.id == old.id
    assert new.waypoints[0].eta_s == pytest.approx(act.now_s, abs=2.0)
    assert new.arrive_s - act.now_s == pytest.approx(old.arrive_s - old.depart_s, abs=2.0)
    assert new.depart_s == old.depart_s
