"""What a boat has been told to do, read from the picture: its accepted task and the route it follows."""

from collections.abc import Mapping
from dataclasses import dataclass

from rescuecmd.drill.boat import Carry
from rescuecmd.picture.order import Route, Task, TaskKind, TaskState
from rescuecmd.picture.state import Picture
from rescuecmd.river.model import River

TAKEN: tuple[TaskState, ...] = ("accepted", "under_way", "on_scene")
"""The states of a task that its crew is working on."""


@dataclass(frozen=True, slots=True)
class Mission:
    """A vessel's accepted task (or none) and active route (or none)."""

    task: Task | None
    route: Route | None

    @property
    def kind(self) -> TaskKind | None:
        """The kind of the task."""
        return self.task.kind if self.task else None

    @property
    def victim_ids(self) -> tuple[str, ...]:
        """Whom the task is about."""
        return self.task.victim_ids if self.task else ()


IDLE = Mission(None, None)


def missions(picture: Picture) -> Mapping[str, Mission]:
    """Return the mission of every vessel in the picture.

    A route counts only once its task is taken: what a card proposes moves nobody. A route without a task (a way
    home) counts at once.
    """
    found: dict[str, Mission] = {}
    for vessel in picture.vessels.values():
        task = picture.tasks.get(vessel.task_id)
        if task is not None and task.state not in TAKEN:
            task = None
        route = picture.routes.get(vessel.route_id)
        if route is not None and (route.state != "active" or not _may_follow(route, picture)):
            route = None
        found[vessel.id] = Mission(task, route) if task or route else IDLE
    return found


def _may_follow(route: Route, picture: Picture) -> bool:
    task = picture.tasks.get(route.task_id)
    return task is None or task.state in {*TAKEN, "done"}


def carries(river: River, route: Route) -> dict[int, Carry]:
    """Return the legs of a route that are made by portage, ramp or lock, by the waypoint they lead to."""
    takes_s = {way.id: way.takes_s for way in river.ways}
    points = enumerate(route.waypoints)
    return {at: Carry(takes_s[one.way], one.eta_s - takes_s[one.way]) for at, one in points if one.way in takes_s}


def route_points(river: River, route: Route) -> list[tuple[float, float]]:
    """Return a route's waypoints in the river's frame, m."""
    lon = [point.lon_deg for point in route.waypoints]
    lat = [point.lat_deg for point in route.waypoints]
    x_m, y_m = river.frame.to_xy(lon, lat)
    return list(zip(x_m.tolist(), y_m.tolist(), strict=True))
