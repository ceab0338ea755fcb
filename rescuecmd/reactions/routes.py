"""The routes that are being followed: reviewed when the water or the zones change, laid when somebody needs one.

A route is given only for a reason that stands in its `why`. One that was laid keeps its goal and its task, whoever
asked for it; a new one names the one it replaces.
"""

import math
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace

from rescuecmd.drift.expected import follower
from rescuecmd.errors import NotCoveredError, RefusedError
from rescuecmd.picture.alarm import standing
from rescuecmd.picture.commands import ClearAlarm, EndRoute, RaiseAlarm, SetRoute, TimeRoute
from rescuecmd.picture.entity import Craft, Vessel
from rescuecmd.picture.events import VictimSighted
from rescuecmd.picture.order import Alarm, Route, Task, TaskState
from rescuecmd.reactions.moment import Moment, Wish, victims_of
from rescuecmd.river.covered import CODE as LEVEL_OUTSIDE
from rescuecmd.routing.affected import News
from rescuecmd.routing.journey import Journey, meeting_point, plan_journey
from rescuecmd.routing.path import Path
from rescuecmd.routing.route import make_route
from rescuecmd.routing.scene import Spot
from rescuecmd.routing.timing import timed_anew
from rescuecmd.routing.watch import review as judge
from rescuecmd.text import Text

GOING: tuple[TaskState, ...] = ("accepted", "under_way")
"""The states of a task in which a boat is on its way, or should be."""

MOVED_M = 60.0
"""A drifting person's meeting point must move this far before a crew gets another one (ours)."""

THERE_M = 160.0
"""So near to the job a boat needs no route any more: the crew covers the rest by eye."""

STRAYED_M = 50.0
"""A boat this far from where its route starts gets one from where it is."""

_OUTSIDE = Text("水位超出可算范围", "the level is outside what is computed")
_BACK = Text("航路恢复", "a way is open again")


def review_all(moment: Moment) -> Iterator[Wish]:
    """Judge every route that is followed with the water as known now."""
    for vessel, route in _followed(moment):
        yield from _review(moment, vessel, route)


def review_at_news(moment: Moment) -> Iterator[Wish]:
    """Judge the routes that the news can touch; most readings only say what was expected, and touch none."""
    news: dict[tuple[int, Craft], News] = {}
    for vessel, route in _followed(moment):
        scene, before = moment.scene, moment.situation.judged(route.id)
        if before is None or before.network is not scene.network:  # unsurveyed water was opened or closed
            yield from _review(moment, vessel, route)
            continue
        if before.conditions is scene.conditions and before.zones == scene.zones:
            continue
        one = news.setdefault((id(before), vessel.craft), News(before, scene, vessel.craft))
        if one.touches(scene.path_along(route.waypoints), place_of(moment, vessel), moment.now_s) is not None:
            yield from _review(moment, vessel, route)


def _followed(moment: Moment) -> Iterator[tuple[Vessel, Route]]:
    picture = moment.picture
    for vessel in picture.vessels.values():
        route = picture.routes.get(vessel.route_id)
        if route is None or route.state != "active" or vessel.fix is None or vessel.state == "disabled":
            continue
        task = picture.tasks.get(route.task_id)
        if task is None or task.state in {"offered", *GOING, "done"} or vessel.state == "returning":
            yield vessel, route


def _review(moment: Moment, vessel: Vessel, route: Route) -> Iterator[Wish]:
    scene, here = moment.scene, place_of(moment, vessel)
    moment.situation.note_judged(scene, route.id, moment.picture.routes.keys())
    path = scene.path_along(route.waypoints)
    verdict = judge(scene, vessel.craft, path, here, moment.now_s, turned=bool(route.replaces))
    if verdict.kind == "keep":
        task = moment.picture.tasks.get(route.task_id)
        if task is None or task.state != "offered":  # nobody sails by it yet
            yield from _time_anew(moment, vessel, route)
        return
    if verdict.path is not None and _ends_alike(verdict.path, route, moment):
        yield vessel.id, SetRoute(_relaid(moment, verdict.path, vessel, route, verdict.why))
    elif verdict.kind == "cut":
        yield from _cut(moment, vessel, route, verdict.why)


def _time_anew(moment: Moment, vessel: Vessel, route: Route) -> Iterator[Wish]:
    """Give a route that is kept the times and margins that its boat will find, once they are others than it says."""
    timed = timed_anew(moment.scene, vessel.craft, route, place_of(moment, vessel), _home(moment, route.task_id))
    if timed is not route:
        yield vessel.id, TimeRoute(timed)


def _ends_alike(path: Path, route: Route, moment: Moment) -> bool:
    """Return whether a new path really leads where the old one did: a reef may fall out of reach behind a new shoal."""
    x_m, y_m = moment.situation.river.frame.point_xy(route.waypoints[-1].lon_deg, route.waypoints[-1].lat_deg)
    return math.dist((float(path.x_m[-1]), float(path.y_m[-1])), (x_m, y_m)) <= THERE_M


def _cut(moment: Moment, vessel: Vessel, route: Route, why: Text) -> Iterator[Wish]:
    """Try another end of the same job; where there is none, end the route and say so loudly."""
    task = moment.picture.tasks.get(route.task_id)
    if task is not None and vessel.state != "returning" and task.state in {"offered", *GOING}:
        journey = _journey(moment, vessel, task)
        if journey is not None and journey.path is not None:
            yield vessel.id, SetRoute(_relaid(moment, journey.path, vessel, route, why, _post(moment, journey)))
            return
    yield vessel.id, EndRoute(route.id, "cut", why)
    yield from _no_way(moment, vessel, why)


def find_missing(moment: Moment) -> Iterator[Wish]:
    """Lay a route for every boat that should be on its way and has none, and take its alarm back."""
    for task in moment.picture.tasks.values():
        vessel = moment.picture.vessels.get(task.vessel_id)
        if task.state not in GOING or vessel is None or not _idle(moment, vessel, task):
            continue
        journey = _journey(moment, vessel, task)
        if journey is None:
            continue
        if journey.path is None:
            yield from _no_way(moment, vessel, journey.why or Text("没有航路", "no way"))
            continue
        yield task.id, SetRoute(_laid(moment, journey.path, vessel, task, _BACK, _post(moment, journey)))
        if standing(moment.picture, _alarm_id(vessel)) is not None:
            yield f"{task.id}/way", ClearAlarm(_alarm_id(vessel))


def _idle(moment: Moment, vessel: Vessel, task: Task) -> bool:
    """Return whether a boat has no route, is not at the job, has nobody aboard and can move."""
    route = moment.picture.routes.get(vessel.route_id)
    if (route is not None and route.state == "active") or vessel.fix is None or vessel.state == "disabled":
        return False
    return not vessel.aboard and math.dist(place_of(moment, vessel), _task_xy(moment, task)) > THERE_M


def lay_for(moment: Moment, task: Task, why: Text) -> Iterator[Wish]:
    """Lay the route of a task from where the boat is now; one that starts here is only timed anew."""
    vessel = moment.picture.vessels.get(task.vessel_id)
    if vessel is None or vessel.fix is None or vessel.state == "disabled":
        return
    old = moment.picture.routes.get(vessel.route_id)
    if old is not None and old.state == "active" and old.task_id == task.id and _starts_here(moment, old, vessel):
        with suppress(NotCoveredError):  # without water it stands as it is
            yield from _time_anew(moment, vessel, old)
        return
    journey = _journey(moment, vessel, task)
    if journey is None:
        return
    if journey.path is None:
        yield from _no_way(moment, vessel, journey.why or Text("没有航路", "no way"))
        return
    laid = _laid(moment, journey.path, vessel, task, why, _post(moment, journey))
    yield task.id, SetRoute(replace(laid, replaces=old.id) if old is not None and old.state == "active" else laid)


def _starts_here(moment: Moment, route: Route, vessel: Vessel) -> bool:
    start = route.waypoints[0]
    x_m, y_m = moment.situation.river.frame.point_xy(start.lon_deg, start.lat_deg)
    return math.dist((x_m, y_m), place_of(moment, vessel)) <= STRAYED_M


def follow_drift(moment: Moment) -> Iterator[Wish]:
    """Lay a new route to a drifting person who was seen elsewhere than where the boat would meet them."""
    seen = {event.body.victim_id for event in moment.events if isinstance(event.body, VictimSighted)}
    for task in moment.picture.tasks.values():
        if task.kind != "in_water" or task.state not in GOING or not seen & set(task.victim_ids):
            continue
        vessel = moment.picture.vessels.get(task.vessel_id)
        route = moment.picture.routes.get(vessel.route_id) if vessel else None
        if vessel is None or vessel.fix is None or route is None or route.state != "active" or route.task_id != task.id:
            continue
        journey = _journey(moment, vessel, task)
        if journey is None or journey.path is None:
            continue
        x_m, y_m = moment.situation.river.frame.point_xy(route.waypoints[-1].lon_deg, route.waypoints[-1].lat_deg)
        moved_m = math.dist(journey.stop_xy, (x_m, y_m))
        if moved_m > MOVED_M:
            zh, en = f"目标漂移，会合点移动 {moved_m:.0f} 米", f"the person drifts, meeting point moved {moved_m:.0f} m"
            laid = _relaid(moment, journey.path, vessel, route, Text(zh, en), _post(moment, journey))
            yield task.id, SetRoute(laid)


def place_of(moment: Moment, vessel: Vessel) -> Spot:
    """Return where a vessel was last seen, m; it must have a fix."""
    assert vessel.fix is not None  # noqa: S101 - callers have looked
    return moment.situation.river.frame.point_xy(vessel.fix.lon_deg, vessel.fix.lat_deg)


def _task_xy(moment: Moment, task: Task) -> Spot:
    return moment.situation.river.frame.point_xy(task.goal_lon_deg, task.goal_lat_deg)


def _journey(moment: Moment, vessel: Vessel, task: Task) -> Journey | None:
    """Return how a vessel gets to its task's job now; None where nobody waits there any more."""
    victims = victims_of(moment.picture, task)
    if task.victim_ids and not victims:
        return None
    try:
        scene = moment.scene
        return plan_journey(
            scene,
            vessel,
            victims,
            "" if task.kind == "in_water" else task.place_id,
            follow=follower(scene),
        )
    except (RefusedError, NotCoveredError) as error:
        if error.code == LEVEL_OUTSIDE:
            return Journey(_task_xy(moment, task), why=_OUTSIDE)
        return Journey(_task_xy(moment, task), why=Text(str(error.facts.get("zh", error.message)), error.message))


def _goal(moment: Moment, task: Task) -> Text:
    card = moment.picture.cards.get(task.id)
    if card is not None:
        return card.content.where
    place = moment.situation.river.places.get(task.place_id)
    return place.name if place else Text(task.id, task.id)


def _post(moment: Moment, journey: Journey) -> Text | None:
    """Return where a boat now meets somebody adrift; None where the goal stays where it is."""
    return meeting_point(moment.situation.river, journey.stop_xy) if journey.meeting else None


def _laid(  # noqa: PLR0917
    moment: Moment, path: Path, vessel: Vessel, task: Task, why: Text, post: Text | None
) -> Route:
    return make_route(
        moment.scene,
        path,
        vessel.craft,
        route_id=f"{vessel.id}/route/{moment.seq}",
        vessel_id=vessel.id,
        task_id=task.id,
        goal=post or _goal(moment, task),
        why=why,
    )


def _relaid(  # noqa: PLR0917
    moment: Moment, path: Path, vessel: Vessel, old: Route, why: Text, post: Text | None = None
) -> Route:
    """Return the route that replaces an old one: same task, and same goal if that has not moved to another `post`."""
    return make_route(
        moment.scene,
        path,
        vessel.craft,
        route_id=f"{vessel.id}/route/{moment.seq}",
        vessel_id=vessel.id,
        task_id=old.task_id,
        goal=post or old.goal,
        why=why,
        replaces=old.id,
        home_xy=_home(moment, old.task_id),
    )


def _home(moment: Moment, task_id: str) -> Spot | None:
    """Return from where the boat of a task set out: there leads its way back, whatever route it is on."""
    task = moment.picture.tasks.get(task_id)
    if task is None or task.taken_fix is None:
        return None
    return moment.situation.river.frame.point_xy(task.taken_fix.lon_deg, task.taken_fix.lat_deg)


def _alarm_id(vessel: Vessel) -> str:
    return f"no_route/{vessel.id}"


def _no_way(moment: Moment, vessel: Vessel, why: Text) -> Iterator[Wish]:
    """Raise the alarm that a boat has no way, once; the reason stands in the story of the route."""
    alarm_id = _alarm_id(vessel)
    if standing(moment.picture, alarm_id) is not None:
        return
    text = Text(f"{vessel.name.zh}无可行航路：{why.zh}", f"{vessel.name.en} has no way: {why.en}")
    yield f"{vessel.id}/no_way", RaiseAlarm(Alarm(alarm_id, "no_route", "alarm", text, vessel.id, moment.now_s))


def settle_alarms(moment: Moment) -> Iterator[Wish]:
    """Take back the alarm of every boat that has a way again or needs none."""
    for alarm in moment.picture.alarms.values():
        if alarm.kind != "no_route" or alarm.rectified_s is not None:
            continue
        vessel = moment.picture.vessels.get(alarm.about)
        task = moment.picture.tasks.get(vessel.task_id) if vessel else None
        route = moment.picture.routes.get(vessel.route_id) if vessel else None
        if task is None or task.state not in GOING or (route is not None and route.state == "active"):
            yield alarm.id, ClearAlarm(alarm.id)
