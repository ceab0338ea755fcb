"""Whether a crew that accepted is on its way: the boat has to be seen moving towards the task, words do not count."""

from rescuecmd.geo import distance_m
from rescuecmd.picture.entity import Fix, Vessel
from rescuecmd.picture.order import Escalation, Movement, Task
from rescuecmd.picture.state import Picture

MOVED_M = 40.0
"""A boat that has gone this far is moving, m: more than its anchor lets it swing and its receiver lets it wander."""

THERE_M = 120.0
"""A boat that was this near when it accepted has nowhere to go, m."""

ON_ROUTE_M = 80.0
"""A boat this near to a later point of its route goes by it, m, even where the way leads round and away at first."""


def movement(picture: Picture, task: Task, ladder: Escalation, now_s: float) -> Movement:
    """Return what is to be said of a boat with an accepted task; empty while it is too early to say anything."""
    vessel = picture.vessels.get(task.vessel_id)
    if vessel is None or vessel.fix is None or task.taken_fix is None or task.taken_s is None:
        return ""
    if _moves(picture, task, vessel, task.taken_fix, vessel.fix):
        return "moving"
    late = ladder.movement_s is not None and now_s - task.taken_s >= ladder.movement_s
    return "none_yet" if late and task.state == "accepted" else ""


def _moves(picture: Picture, task: Task, vessel: Vessel, start: Fix, here: Fix) -> bool:
    goal = task.goal_lon_deg, task.goal_lat_deg
    begin_m = distance_m(start.lon_deg, start.lat_deg, *goal)
    left_m = distance_m(here.lon_deg, here.lat_deg, *goal)
    if begin_m <= THERE_M or task.state in {"on_scene", "done"}:
        return True
    if distance_m(start.lon_deg, start.lat_deg, here.lon_deg, here.lat_deg) < MOVED_M:
        return False
    return left_m < begin_m or _by_route(picture, vessel, here)


def _by_route(picture: Picture, vessel: Vessel, here: Fix) -> bool:
    route = picture.routes.get(vessel.route_id)
    points = route.waypoints[1:] if route is not None else ()
    return any(distance_m(here.lon_deg, here.lat_deg, p.lon_deg, p.lat_deg) <= ON_ROUTE_M for p in points)
