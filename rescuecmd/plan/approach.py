"""The approach picture: where a boat stops at a reef, or meets a drifting person, and from where it comes."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from rescuecmd.geo import bearing_deg
from rescuecmd.picture.assigned import tasks_for
from rescuecmd.picture.entity import Victim
from rescuecmd.picture.order import Card, Route, Task
from rescuecmd.picture.progress import expected_arrival_s
from rescuecmd.picture.state import Picture
from rescuecmd.plan.drawing import Area, Drawing, Line, Mark, Point, extent_around
from rescuecmd.plan.terrain import (
    Terrain,
    bridges,
    current_arrows,
    current_at,
    rocks,
    rules,
    soundings,
    survey,
    water_areas,
    water_edge,
)
from rescuecmd.plan.wording import metres, minutes, people
from rescuecmd.routing.scene import Scene
from rescuecmd.text import Text

APPROACH_M = 110.0
"""Length of the last leg that is drawn, from downstream up to the stop."""

STATION_M = 80.0
"""The safety boat waits this far below the stop (card: 50 to 100 m)."""

TOLD_M = 6.0
"""A depth beyond this is no news to a small boat."""

NEAR_M = 450.0
"""A boat this close is drawn; one farther away is shown at the edge."""


def approach(picture: Picture, scene: Scene, card: Card, task: Task, route: Route | None) -> Drawing:
    """Return the approach picture of a card for its terminal."""
    frame = scene.river.frame
    way = _way_to(picture, scene, task, route)
    stop = way.stop
    victims = [picture.victims[item] for item in task.victim_ids if item in picture.victims]
    spots = [frame.point_xy(item.fix.lon_deg, item.fix.lat_deg) for item in victims]
    tail = downstream(scene, stop, APPROACH_M)
    own = _own(picture, scene, task)
    near = [xy for xy in (*spots, own) if xy is not None and math.dist(xy, stop) < NEAR_M]
    terrain = survey(
        scene.river, scene.water, scene.now_s, extent_around([stop, tail, *near], room_m=50.0, least_m=240.0)
    )
    areas, lines, marks = _ground(picture, scene, terrain, task)
    lines += _ways(scene, route, drift=spots if task.kind == "in_water" else [], stop=stop, tail=tail)
    marks += [*soundings(terrain, stop, 90.0), *_current_mark(terrain, stop)]
    marks += [*_landings(scene, terrain), *_hazards(picture, scene), *_others(picture, scene, task)]
    marks += _stations(scene, picture, task, stop)
    marks += [_victim_mark(item, xy) for item, xy in zip(victims, spots, strict=True)]
    marks += _stop_mark(scene, task, way)
    if own is not None:
        marks.append(_you(picture, task, own, stop))
    return Drawing(
        kind="approach",
        title=Text(zh=f"{card.content.title.zh} · 抵近图", en=f"{card.content.title.en} · approach"),
        subtitle=subtitle(picture, card),
        extent=terrain.extent,
        areas=tuple(areas),
        lines=tuple(lines),
        marks=tuple(marks),
        notes=_notes(picture, scene, terrain, card, way=way, task=task),
        schematic=scene.river.schematic,
    )


@dataclass(frozen=True, slots=True)
class _Way:
    """Where a boat stops at its job, and the name and time of that by the route it follows now; None: by none."""

    stop: Point
    where: Text | None = None
    arrive_s: float | None = None


def _way_to(picture: Picture, scene: Scene, task: Task, route: Route | None) -> _Way:
    """Return how a boat gets to its job now: a meeting point drifts on, and a boat may be late.

    With people aboard its route leads ashore and says nothing of the job.
    """
    point_xy = scene.river.frame.point_xy
    vessel = picture.vessels.get(task.vessel_id)
    if route is None or (vessel is not None and vessel.aboard):
        return _Way(point_xy(task.goal_lon_deg, task.goal_lat_deg))
    end, arrive_s = route.waypoints[-1], expected_arrival_s(picture, route, scene.now_s)
    drifts = task.kind == "in_water"
    stop = (end.lon_deg, end.lat_deg) if drifts else (task.goal_lon_deg, task.goal_lat_deg)
    return _Way(point_xy(*stop), route.goal, arrive_s)


def downstream(scene: Scene, xy: Point, length_m: float) -> Point:
    """Return the point `length_m` below another, keeping to the water: nearer the middle where the bank comes in."""
    river = scene.river
    chainage, offset = (float(value) for value in river.locate(*xy))
    below = min(chainage + length_m, river.length_m)
    left, right = (float(value) for value in river.banks(below))
    for share in np.linspace(0.0, 1.0, 11):
        moved = offset + share * ((left + right) / 2 - offset)
        if float(scene.water.depth_m(below, moved, scene.now_s)) > 0.5:
            offset = float(moved)
            break
    x, y = river.point(below, offset)
    return float(x), float(y)


def _ground(picture: Picture, scene: Scene, terrain: Terrain, task: Task) -> tuple[list[Area], list[Line], list[Mark]]:
    areas: list[Area] = list(water_areas(terrain))
    lines: list[Line] = list(water_edge(terrain))
    marks: list[Mark] = []
    for item in (*rocks(terrain, task.place_id), *bridges(terrain), *rules(terrain)):
        {Area: areas, Line: lines, Mark: marks}[type(item)].append(item)  # type: ignore[attr-defined]
    for zone in picture.zones.values():
        if zone.kind in {"no_go", "caution", "assumed_depth", "closed"}:
            x, y = scene.river.frame.to_xy([lon for lon, _ in zone.ring], [lat for _, lat in zone.ring])
            ring = tuple((float(a), float(b)) for a, b in zip(x, y, strict=True))
            areas.append(Area("no_go" if zone.kind in {"no_go", "closed"} else "caution", (ring,)))
    lines += current_arrows(terrain)
    return areas, lines, marks


def _ways(scene: Scene, route: Route | None, *, drift: list[Point], stop: Point, tail: Point) -> Iterator[Line]:
    if route is not None:
        lons, lats = ([getattr(point, name) for point in route.waypoints] for name in ("lon_deg", "lat_deg"))
        x, y = scene.river.frame.to_xy(lons, lats)
        yield Line("route", tuple((float(a), float(b)) for a, b in zip(x, y, strict=True)))
    for spot in drift:
        yield Line("drift", (spot, stop))
    yield Line("approach", (tail, stop))


def _own(picture: Picture, scene: Scene, task: Task) -> Point | None:
    vessel = picture.vessels.get(task.vessel_id)
    fix = (vessel.fix if vessel else None) or picture.terminals[task.terminal_id].fix
    return None if fix is None else scene.river.frame.point_xy(fix.lon_deg, fix.lat_deg)


def _you(picture: Picture, task: Task, own: Point, stop: Point) -> Mark:
    far = metres(math.dist(own, stop))
    vessel = picture.vessels.get(task.vessel_id)
    course = vessel.fix.course_deg if vessel and vessel.fix else None
    heading = bearing_deg(stop[0] - own[0], stop[1] - own[1]) if course is None else course
    label = Text(zh=f"你 · 距 {far.zh}", en=f"You · {far.en} off")
    return Mark("you", *own, label, heading, points=True)


def _victim_mark(victim: Victim, xy: Point) -> Mark:
    who = people(victim.waiting)
    if victim.kind == "in_water":
        return Mark("victim", *xy, Text(zh=f"{who.zh} · 最后目击", en=f"{who.en} · last seen"))
    name = victim.name  # as it was reported: it may tell the number already
    zh = name.zh if who.zh in name.zh else f"{name.zh} {who.zh}"
    return Mark("victim", *xy, Text(zh=zh, en=name.en if who.en in name.en else f"{name.en}, {who.en}"))


def _stop_mark(scene: Scene, task: Task, way: _Way) -> Iterator[Mark]:
    wait = None if way.arrive_s is None else minutes(way.arrive_s - scene.now_s)
    if task.kind == "in_water":
        label = Text(zh=f"会合点 {wait.zh}后", en=f"meet in {wait.en}") if wait else Text(zh="落水者", en="last seen")
        yield Mark("meeting", *way.stop, label)
    elif way.arrive_s is not None:
        yield Mark("stop", *way.stop, Text(zh="停靠处", en="stop here"))


def _stations(scene: Scene, picture: Picture, task: Task, stop: Point) -> Iterator[Mark]:
    """Yield where the second boat waits."""
    label = Text(zh="下游警戒位", en="safety boat's place")
    if task.kind == "in_water":
        label = Text(zh="下游拦截位", en="barrier boat's place")
    yield Mark("station", *downstream(scene, stop, STATION_M), label)


def _others(picture: Picture, scene: Scene, task: Task) -> Iterator[Mark]:
    for other in tasks_for(picture, task.victim_ids, task.place_id):
        vessel = picture.vessels.get(other.vessel_id)
        if vessel is not None and vessel.id != task.vessel_id and vessel.fix is not None:
            xy = scene.river.frame.point_xy(vessel.fix.lon_deg, vessel.fix.lat_deg)
            yield Mark("boat", *xy, vessel.name, vessel.fix.course_deg)


def _hazards(picture: Picture, scene: Scene) -> Iterator[Mark]:
    for hazard in picture.hazards.values():
        yield Mark("hazard", *scene.river.frame.point_xy(hazard.fix.lon_deg, hazard.fix.lat_deg), hazard.name)


def _landings(scene: Scene, terrain: Terrain) -> Iterator[Mark]:
    for landing in (*scene.river.landings, *scene.river.ramps, *scene.river.pontoons):
        if terrain.extent.holds(landing.x_m, landing.y_m):
            yield Mark("landing", landing.x_m, landing.y_m, landing.name)


def _current_mark(terrain: Terrain, stop: Point) -> Iterator[Mark]:
    speed, heading = current_at(terrain, stop)
    if speed > 0.05:
        yield Mark("current_speed", *stop, Text(zh=f"流速 {speed:.1f} m/s", en=f"current {speed:.1f} m/s"), heading)


def subtitle(picture: Picture, card: Card) -> Text:
    """Return whom the picture is for."""
    terminal = picture.terminals[card.terminal_id]
    vessel = picture.vessels.get(terminal.vessel_id)
    name, role = (vessel.name if vessel else terminal.name), card.content.role
    return Text(zh=f"发给 {name.zh} · {role.zh}", en=f"for {name.en} · {role.en}")


def _notes(picture: Picture, scene: Scene, terrain: Terrain, card: Card, *, way: _Way, task: Task) -> tuple[Text, ...]:
    content, where = card.content, way.where or card.content.where
    notes = [Text(zh=f"到 {where.zh}", en=f"To {where.en}")]
    if way.arrive_s is not None:
        wait = minutes(way.arrive_s - scene.now_s)
        notes[0] = Text(zh=f"{notes[0].zh}，约 {wait.zh}", en=f"{notes[0].en}, about {wait.en}")
    elif content.no_route is not None:
        notes.append(Text(zh=f"无航路：{content.no_route.zh}", en=f"No route: {content.no_route.en}"))
    notes += _place_words(picture, scene, task)
    if task.vessel_id:
        notes += _stop_words(scene, terrain, way.stop)
    over = [one for one in content.limits if one.state == "breach"]
    notes += [Text(f"超限：{one.text.zh}（{one.value}）", f"Limit: {one.text.en} ({one.value})") for one in over[:1]]
    notes += [Text(zh=f"注意 {item.zh}", en=f"Mind {item.en}") for item in content.hazards[:1]]
    return tuple(notes)


def _place_words(picture: Picture, scene: Scene, task: Task) -> Iterator[Text]:
    """Yield how far the place stands out of the water, and when it may go under."""
    outlook = picture.outlooks.get(task.place_id)
    if outlook is None:
        return
    name, height = outlook.name, f"{abs(outlook.margin_m):.1f}"
    out = outlook.margin_m > 0
    now = Text(
        zh=f"{name.zh}{'露出' if out else '水下'} {height} m",
        en=f"{name.en} {height} m {'out' if out else 'under water'}",
    )
    if outlook.early_s is None or not out:
        yield now
        return
    left = minutes(outlook.early_s - scene.now_s)
    yield Text(zh=f"{now.zh}，最早 {left.zh}后淹没", en=f"{now.en}, under water in {left.en} at the earliest")


def _stop_words(scene: Scene, terrain: Terrain, stop: Point) -> Iterator[Text]:
    """Yield from where to come, and the depth where the boat stops."""
    speed, heading = current_at(terrain, stop)
    if speed <= 0.05:
        return
    bow = f"{(heading + 180) % 360:03.0f}°"
    chainage, offset = (float(value) for value in scene.river.locate(*stop))
    depth_m = float(scene.water.depth_m(chainage, offset, scene.now_s))
    zh = f"从下游抵近，艇首迎流 {bow}，流速 {speed:.1f} m/s"
    en = f"Come from downstream, bow to the current {bow}, {speed:.1f} m/s"
    if depth_m < TOLD_M:
        zh, en = f"{zh}，水深 {depth_m:.1f} m", f"{en}, depth {depth_m:.1f} m"
    yield Text(zh=zh, en=en)
