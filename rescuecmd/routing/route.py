"""A searched path as the route that a crew is given."""

import math
from dataclasses import dataclass, replace

from rescuecmd.errors import RescueError
from rescuecmd.picture.entity import Craft
from rescuecmd.picture.order import Route, Tightest, Waypoint
from rescuecmd.routing.departure import Chances, chances
from rescuecmd.routing.margins import LegMargin, leg_margins, worst_of, worst_where
from rescuecmd.routing.path import Path
from rescuecmd.routing.scene import Scene, Spot
from rescuecmd.routing.soundings import Soundings, sound
from rescuecmd.text import Text


def make_route(
    scene: Scene,
    path: Path,
    craft: Craft,
    *,
    route_id: str,
    vessel_id: str,
    task_id: str,
    goal: Text,
    why: Text,
    replaces: str = "",
    home_xy: Spot | None = None,
) -> Route:
    """Return the route of a vessel along a path; `why` says in one sentence why it is this one.

    The way back leads to `home_xy`, from where the boat set out, or else to where the path begins.
    """
    found = figures_of(scene, craft, path, home_xy=home_xy)
    return Route(
        id=route_id,
        vessel_id=vessel_id,
        task_id=task_id,
        goal=goal,
        waypoints=found.waypoints,
        depart_s=path.depart_s,
        arrive_s=path.arrive_s,
        margin_m=found.margin_m,
        made_s=scene.now_s,
        why=why,
        replaces=replaces,
        tightest=found.tightest,
        no_return=found.no_return,
    )


@dataclass(frozen=True, slots=True)
class Figures:
    """What a route says of its path: times, margins and last moments; the names are those of `Route`."""

    waypoints: tuple[Waypoint, ...]
    margin_m: float
    tightest: Tightest | None
    no_return: int | None


def figures_of(scene: Scene, craft: Craft, path: Path, *, home_xy: Spot | None = None) -> Figures:
    """Return the figures of a path; the way back leads to `home_xy`, or else to where the path begins."""
    soundings = sound(scene, craft, path)
    legs = leg_margins(soundings)
    last = _chances(scene, craft, path, home_xy)
    worst = worst_of(legs)
    return Figures(
        waypoints=_waypoints(soundings, legs, last),
        margin_m=path.least_margin_m,
        tightest=None if worst is None else _tightest(scene, path, worst),
        no_return=None if last is None else last.no_return,
    )


def _chances(scene: Scene, craft: Craft, path: Path, home_xy: Spot | None) -> Chances | None:
    """Return the last moments along a path; None where the boat is where the survey knows no water for it."""
    try:
        return chances(scene, craft, path, home_xy=home_xy)
    except RescueError:
        return None


def _waypoints(soundings: Soundings, legs: tuple[LegMargin, ...], last: Chances | None) -> tuple[Waypoint, ...]:
    closes, scene, path = {leg.leg: leg.closes_s for leg in legs}, soundings.scene, soundings.path
    named = scene.network.rules.terms.way if scene.network.rules is not None else {}
    return tuple(
        replace(
            point,
            closes_s=closes.get(at),
            go_by_s=None if last is None else _known(float(last.go_by_s[at])),
            back_by_s=None if last is None else _known(float(last.back_by_s[at])),
            way=named.get(soundings.ways.get(at, -1), ""),
        )
        for at, point in enumerate(path.waypoints(scene.river.frame))
    )


def _known(time_s: float) -> float | None:
    return time_s if math.isfinite(time_s) else None


def _tightest(scene: Scene, path: Path, worst: LegMargin) -> Tightest:
    where, passes_s = worst_where(scene.river, worst), float(path.eta_s[worst.leg])
    return Tightest(where, worst.margin_m, worst.sigmas, passes_s, worst.closes_s)
