"""A running route with the times and margins its boat will find: plans are made for a boat that leaves at once."""

import math
from dataclasses import replace

import numpy as np

from rescuecmd.picture.entity import Craft
from rescuecmd.picture.order import Route, Waypoint
from rescuecmd.routing.path import Path
from rescuecmd.routing.remaining import Remaining, remaining
from rescuecmd.routing.route import Figures, figures_of
from rescuecmd.routing.scene import Scene, Spot

OTHERWISE_S = 60.0
"""A route is timed anew when its boat will be there this much later or earlier than it says (ours)."""

OTHERWISE_M = 0.1
"""... or when it will find this much less water on some leg, or more on the worst, than it says (ours)."""


def timed_anew(scene: Scene, craft: Craft, route: Route, at_xy: Spot, home_xy: Spot | None = None) -> Route:
    """Return a running route as its boat keeps it from where it is now; the same one where that is as planned.

    The way stays. What lies behind is put later by as much as the boat is late; the point just behind stands for the
    boat itself, with its own way back: to `home_xy`, or else to where the route begins. A route that is not passable
    any more is returned as it is, because it will be cut; so is one whose boat is being carried, or about to be: that
    takes as long as it takes.
    """
    path = scene.path_along(route.waypoints)
    rest = remaining(scene, craft, path, at_xy, scene.now_s)
    if rest.broken is not None or not rest.first or route.waypoints[rest.first].way or _as_planned(route, rest):
        return route
    home_xy = home_xy or (float(path.x_m[0]), float(path.y_m[0]))
    found = figures_of(scene, craft, _ahead(scene, path, rest, at_xy), home_xy=home_xy)
    behind = route.waypoints[: rest.first]
    late_s = found.waypoints[1].eta_s - route.waypoints[rest.first].eta_s
    passed = [replace(point, eta_s=min(point.eta_s + late_s, scene.now_s)) for point in behind]
    passed[-1] = replace(passed[-1], go_by_s=found.waypoints[0].go_by_s, back_by_s=found.waypoints[0].back_by_s)
    return _with(route, found, tuple(passed))


def _as_planned(route: Route, rest: Remaining) -> bool:
    """Return whether a route says what its boat will find; of the leg it is on, the worst may lie behind it."""
    told = [math.inf if point.margin_m is None else point.margin_m for point in route.waypoints[rest.first :]]
    found = [point.margin_m for point in rest.ahead]
    less = any(one < known - OTHERWISE_M for one, known in zip(found, told, strict=True))
    more = min(found[1:], default=math.inf) > min(told[1:], default=math.inf) + OTHERWISE_M
    return not less and not more and abs(rest.arrive_s - route.arrive_s) < OTHERWISE_S


def _ahead(scene: Scene, path: Path, rest: Remaining, at_xy: Spot) -> Path:
    """Return what lies ahead as a path that begins where the boat is."""
    x, y, chainage, _ = scene.point(at_xy)
    on = slice(rest.first, None)
    margin = [
        point.margin_m if math.isfinite(point.margin_m) else float(known)
        for point, known in zip(rest.ahead, path.margin_m[on], strict=True)
    ]
    return replace(
        path,
        x_m=np.array([x, *path.x_m[on]]),
        y_m=np.array([y, *path.y_m[on]]),
        chainage_m=np.array([chainage, *path.chainage_m[on]]),
        eta_s=np.array([scene.now_s, *(point.eta_s for point in rest.ahead)]),
        wait_s=np.array([0.0, *(point.wait_s for point in rest.ahead)]),
        margin_m=np.array([margin[0], *margin]),
    )


def _with(route: Route, found: Figures, passed: tuple[Waypoint, ...]) -> Route:
    turn = None if found.no_return is None else len(passed) - 1 + max(found.no_return, 0)
    return replace(
        route,
        waypoints=(*passed, *found.waypoints[1:]),
        arrive_s=found.waypoints[-1].eta_s,
        margin_m=found.margin_m,
        tightest=found.tightest,
        no_return=turn,
    )
