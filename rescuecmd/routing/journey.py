"""How one crew gets to one job: where the boat can stop, by which route, when; or why there is no way."""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from rescuecmd.errors import NotCoveredError, RefusedError, RescueError
from rescuecmd.picture.entity import Craft, Fix, Vessel, Victim
from rescuecmd.river.model import Landing, River
from rescuecmd.routing.guide import place
from rescuecmd.routing.intercept import Track, intercept
from rescuecmd.routing.path import Path
from rescuecmd.routing.scene import Scene
from rescuecmd.text import Text

Follow: TypeAlias = Callable[[Fix], Track]
"""Says where a drifting person is expected; handed in, because routing does not know how people drift."""

REACH_M = 160.0
"""How far from a reef or landing a boat may stop and still be at the job (agency default)."""

BEACH_REACH_M = 450.0
"""... and from the middle of a beach: the water's edge lies far out while the level is low."""

WALK_MPS = 1.4
DETOUR = 1.3
"""A walker's way is this much longer than the straight line (ours)."""

WALKABLE_M = 2000.0

_TRIES = 4  # stopping points tried before the job counts as out of reach
_APART_M = 25.0
_UPSTREAM_COST_M = 50.0  # a stop upstream of a reef is as bad as one this much farther off downstream


@dataclass(frozen=True, slots=True)
class Journey:
    """The way to a job. ``stop_xy`` is where it ends; without a ``path`` the reason stands in ``why``.

    ``meeting`` is True when it ends at a drifting person's future position.
    """

    stop_xy: tuple[float, float]
    path: Path | None = None
    arrive_s: float | None = None
    why: Text | None = None
    meeting: bool = False
    victim_id: str = ""


def plan_journey(
    scene: Scene, vessel: Vessel, victims: Sequence[Victim], place_id: str = "", *, follow: Follow
) -> Journey:
    """Return how a vessel gets to these victims, or to a place, leaving now from where it was last seen.

    A drifting person is met at the first point where boat and drift come together. A reef or beach is approached
    where the water is deep enough, from downstream if that can be.

    Raises
    ------
    RefusedError
        Neither victims nor a place were given.
    """
    goal = goal_xy(scene.river, victims, place_id)
    start = fix_xy(scene.river, vessel.fix)
    if start is None:
        return Journey(goal, why=Text(zh="不知道本艇位置", en="the boat's position is unknown"))
    drifting = [victim for victim in victims if victim.kind == "in_water" and victim.waiting]
    if drifting:
        return _meet(scene, vessel.craft, start, drifting, follow)
    named = place_id or next((victim.place_id for victim in victims if victim.place_id), "")
    beach = bool(named) and scene.river.place(named).kind == "beach"
    return _reach(scene, vessel.craft, start, goal, reach_m=BEACH_REACH_M if beach else REACH_M)


def goal_xy(river: River, victims: Sequence[Victim], place_id: str = "") -> tuple[float, float]:
    """Return where the job is: the named place, the victims' place, or the first victim's last position; m."""
    named = place_id or next((victim.place_id for victim in victims if victim.place_id), "")
    if named:
        place = river.place(named)
        return place.x_m, place.y_m
    if not victims:
        raise RefusedError("no-goal", "a card needs victims or a place to go to")
    return river.frame.point_xy(victims[0].fix.lon_deg, victims[0].fix.lat_deg)


def fix_xy(river: River, fix: Fix | None) -> tuple[float, float] | None:
    """Return a fix in the river's frame, m; None where there is no fix."""
    return None if fix is None else river.frame.point_xy(fix.lon_deg, fix.lat_deg)


def stopping_points(
    scene: Scene, craft: Craft, goal: tuple[float, float], reach_m: float = REACH_M
) -> Iterator[tuple[float, float]]:
    """Yield points near a goal with water enough for the craft now, nearest first, downstream before upstream."""
    river, water = scene.river, scene.water
    radius = np.arange(0.0, reach_m + 1, 5.0)[:, None]
    angle = np.linspace(-np.pi, np.pi, 24, endpoint=False)[None, :]  # 0 is downstream
    chainage0, offset0 = (float(value) for value in river.locate(*goal))
    chainage = np.clip(chainage0 + radius * np.cos(angle), 0.0, river.length_m)
    offset = offset0 + radius * np.sin(angle)
    depth = water.low_m(chainage, scene.now_s) - river.bed_m(chainage, offset)
    cost = np.where(
        depth >= craft.draught_m + craft.under_keel_m, radius + _UPSTREAM_COST_M * (1 - np.cos(angle)) / 2, np.inf
    )
    x, y = river.point(chainage, offset)
    given: list[tuple[float, float]] = []
    for index in np.argsort(cost, axis=None, kind="stable"):
        if not np.isfinite(cost.flat[index]):
            return
        point = float(x.flat[index]), float(y.flat[index])
        if all(math.dist(point, other) > _APART_M for other in given):
            given.append(point)
            yield point


def usable_landings(scene: Scene, time_s: float) -> list[Landing]:
    """Return the landings, ramps and pontoons that the level at `time_s` leaves usable."""
    held_s = min(max(time_s, scene.water.start_s), scene.water.end_s)
    every: tuple[Landing, ...] = (*scene.river.landings, *scene.river.ramps, *scene.river.pontoons)
    levels = {item.id: float(scene.water.level_m(item.chainage_m, held_s)) for item in every}
    return [item for item in every if item.low_m <= levels[item.id] <= item.high_m]


def nearest_landing(scene: Scene, xy: tuple[float, float], time_s: float) -> Landing | None:
    """Return the usable landing nearest to a point, or None when the level leaves none usable."""
    return min(usable_landings(scene, time_s), key=lambda item: math.dist(xy, (item.x_m, item.y_m)), default=None)


def walk(start: tuple[float, float] | None, goal: tuple[float, float]) -> tuple[float | None, float | None]:
    """Return length, m, and time, s, of a walk; a time of None beyond 2 km, both None from an unknown place."""
    if start is None:
        return None, None
    length_m = math.dist(start, goal) * DETOUR
    return length_m, length_m / WALK_MPS if length_m <= WALKABLE_M else None


def _meet(
    scene: Scene, craft: Craft, start: tuple[float, float], drifting: Sequence[Victim], follow: Follow
) -> Journey:
    best: Journey | None = None
    why: Text | None = None
    for victim in drifting:
        try:
            met = intercept(scene, craft, start, follow(victim.fix), scene.now_s)
        except (RefusedError, NotCoveredError) as error:
            why = why or reason(error)
            continue
        if best is None or best.arrive_s is None or met.time_s < best.arrive_s:
            best = Journey((met.x_m, met.y_m), met.path, met.time_s, meeting=True, victim_id=victim.id)
    return best or Journey(goal_xy(scene.river, drifting), why=why)


def _reach(
    scene: Scene, craft: Craft, start: tuple[float, float], goal: tuple[float, float], *, reach_m: float
) -> Journey:
    why: Text | None = None
    try:
        for number, stop in enumerate(stopping_points(scene, craft, goal, reach_m)):
            if number == _TRIES:
                break
            try:
                path = scene.path(craft, start, stop, scene.now_s)
            except RefusedError as error:
                why = why or reason(error)
                continue
            return Journey((float(path.x_m[-1]), float(path.y_m[-1])), path, path.arrive_s)
    except NotCoveredError as error:
        why = reason(error)
    return Journey(goal, why=why or Text(zh="附近没有够深的停靠处", en=f"no water deep enough within {reach_m:.0f} m"))


def meeting_point(river: River, xy: tuple[float, float]) -> Text:
    """Return what the point at which a boat meets somebody adrift is called."""
    chainage, offset = (float(value) for value in river.locate(*xy))
    at = place(river, chainage, offset)
    return Text(f"会合点 {at.zh}", f"meeting point {at.en}")


def reason(error: RescueError) -> Text:
    """Return why there is no way, in both languages, from the error of a search."""
    if error.code in _SHORT:
        return _SHORT[error.code]
    zh = error.facts.get("zh")
    return Text(zh=str(zh) if zh else _ZH.get(error.code, "没有可走的航路"), en=error.message)


_SHORT = {
    "outside-time": Text("水位预报不够长", "the forecast does not reach that far"),
    "no-forecast": Text("水位预报不够长", "the forecast does not reach that far"),
}
"""What is told to crews without the dates that a desk is told."""

_ZH = {
    "outside-river": "目标在本河段之外",
    "no-levels": "还没有水位",
}
