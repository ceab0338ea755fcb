"""The evacuation picture: a beach, the ways up that stay dry, the ones that do not, and where you are."""

import math
from collections.abc import Iterator

import numpy as np

from rescuecmd.geo import Floats
from rescuecmd.picture.order import Card, Task
from rescuecmd.picture.state import Picture
from rescuecmd.plan.approach import subtitle
from rescuecmd.plan.drawing import Area, Drawing, Line, Mark, Point, extent_around
from rescuecmd.plan.evacuation import EXIT_HORIZON_S, Evacuation, Way
from rescuecmd.plan.terrain import Terrain, forecast_areas, survey, water_areas, water_edge
from rescuecmd.plan.wording import joined, metres, minutes, people
from rescuecmd.river.model import Beach
from rescuecmd.routing.scene import Scene
from rescuecmd.text import Text

ARROWS = 6
"""Flow arrows along the longer side of the beach."""

NEAR_M = 400.0


def evacuation_picture(picture: Picture, scene: Scene, card: Card, task: Task, state: Evacuation) -> Drawing:
    """Return the evacuation picture of a beach for a card's terminal."""
    beach = state.beach
    grounds = [scene.river.place(way.exit.to) for way in state.ways]
    places: list[Point] = [*beach.ring_xy, *((way.exit.x_m, way.exit.y_m) for way in state.ways)]
    places += [(ground.x_m, ground.y_m) for ground in grounds]
    own = _own(picture, scene, task)
    near = [own] if own is not None and min(math.dist(own, place) for place in places) < NEAR_M else []
    extent = extent_around([*places, *near], room_m=45.0, least_m=200.0)
    terrain = survey(scene.river, scene.water, scene.now_s, extent)
    peak = _peak_m(scene, terrain)
    edges = [*water_edge(terrain, "forecast_edge", peak), *water_edge(terrain)]
    marks = [*_exits(scene, state), *_safe(scene, state), _crowd(beach, state)]
    if own is not None:
        away = metres(min(math.dist(own, corner) for corner in beach.ring_xy))
        here = Text(zh=f"你 · 距江滩 {away.zh}", en=f"You · {away.en} from the beach")
        marks.append(Mark("you", *own, here, points=True))
    return Drawing(
        kind="evacuation",
        title=Text(zh=f"{beach.name.zh} · 单向疏散图", en=f"{beach.name.en} · one-way evacuation"),
        subtitle=subtitle(picture, card),
        extent=extent,
        areas=(Area("beach", (beach.ring_xy,)), *forecast_areas(terrain, peak), *water_areas(terrain)),
        lines=(*edges, *_ways_out(scene, state), *_flow(state)),
        marks=tuple(marks),
        notes=_notes(picture, scene, state, task),
        schematic=scene.river.schematic,
    )


def _own(picture: Picture, scene: Scene, task: Task) -> Point | None:
    vessel = picture.vessels.get(task.vessel_id)
    fix = picture.terminals[task.terminal_id].fix or (vessel.fix if vessel else None)
    return None if fix is None else scene.river.frame.point_xy(fix.lon_deg, fix.lat_deg)


def _peak_m(scene: Scene, terrain: Terrain) -> Floats:
    """Return the highest level that may come while an exit must stay open, per row of the grid."""
    end_s = min(scene.now_s + EXIT_HORIZON_S, scene.water.end_s)
    times = np.linspace(scene.now_s, end_s, 7)
    peak: Floats = scene.water.high_m(terrain.chainage_m[:, None], times[None, :]).max(axis=1)
    return peak


def _exits(scene: Scene, state: Evacuation) -> Iterator[Mark]:
    for way in state.ways:
        exit_ = way.exit
        name, flow = exit_.name, f"{way.flow_p_per_min:.0f}"
        label = Text(zh=f"{name.zh} 开 · {flow} 人/分", en=f"{name.en} OPEN · {flow}/min")
        if not way.open:
            until = _until(scene, way)
            label = Text(zh=f"{name.zh} 停用 · {until.zh}", en=f"{name.en} CLOSED · {until.en}")
        yield Mark("exit_open" if way.open else "exit_closed", exit_.x_m, exit_.y_m, label)


def _until(scene: Scene, way: Way) -> Text:
    left_s = (way.until_s or scene.now_s) - scene.now_s
    if left_s < 60:
        return Text(zh="随时上水", en="may flood now")
    wait = minutes(left_s)
    return Text(zh=f"{wait.zh}后可能上水", en=f"may flood in {wait.en}")


def _safe(scene: Scene, state: Evacuation) -> Iterator[Mark]:
    for ground_id in dict.fromkeys(way.exit.to for way in state.ways):
        ground = scene.river.place(ground_id)
        yield Mark(
            "safe_ground", ground.x_m, ground.y_m, Text(zh=f"安全地 {ground.name.zh}", en=f"Safe: {ground.name.en}")
        )


def _crowd(beach: Beach, state: Evacuation) -> Mark:
    exits = [(way.exit.x_m, way.exit.y_m) for way in state.ways]
    spots, _ = _spine(beach)
    x_m, y_m = max(spots, key=lambda spot: min(math.dist(spot, way) for way in exits))  # where it hides no exit
    who = people(state.people)
    return Mark("crowd", x_m, y_m, Text(zh=f"约 {who.zh}", en=f"about {who.en}"))


def _ways_out(scene: Scene, state: Evacuation) -> Iterator[Line]:
    """Yield the way from each open exit up to its safe ground."""
    for way in state.open:
        ground = scene.river.place(way.exit.to)
        yield Line("way_out", ((way.exit.x_m, way.exit.y_m), (ground.x_m, ground.y_m)))


def _flow(state: Evacuation) -> Iterator[Line]:
    """Yield one-way arrows over the beach, each towards its nearest open exit."""
    exits = [(way.exit.x_m, way.exit.y_m) for way in state.open]
    if not exits:
        return
    spine, pitch = _spine(state.beach)
    for x, y in spine:
        out = min(exits, key=lambda way: math.dist((x, y), way))
        away = math.dist((x, y), out)
        if away < pitch * 0.4:
            continue
        reach = min(pitch * 0.75, away * 0.8)
        tip = (x + (out[0] - x) / away * reach, y + (out[1] - y) / away * reach)
        yield Line("leave", ((x, y), tip))


def _spine(beach: Beach) -> tuple[list[Point], float]:
    """Return points along the middle of a beach, and the distance between them."""
    ring = np.asarray(beach.ring_xy[:-1])
    centre = ring.mean(axis=0)
    _, _, axes = np.linalg.svd(ring - centre)
    along = (ring - centre) @ axes[0]
    across = (ring - centre) @ axes[1]
    pitch = float(along.max() - along.min()) / ARROWS
    points: list[Point] = []
    for at in np.arange(along.min() + pitch / 2, along.max(), pitch):
        beside = across[np.abs(along - at) <= pitch]
        middle = float((beside.max() + beside.min()) / 2) if len(beside) else 0.0
        x, y = centre + at * axes[0] + middle * axes[1]
        points.append((float(x), float(y)))
    return points, pitch


def _notes(picture: Picture, scene: Scene, state: Evacuation, task: Task) -> tuple[Text, ...]:
    who = people(state.people)
    notes: list[Text] = []
    if state.minutes is None:
        notes.append(
            Text(zh=f"约 {who.zh}，没有可用出口：立即报告指挥", en=f"about {who.en}, no exit is open: tell command now")
        )
    else:
        names = joined([way.exit.name for way in state.open])
        need = minutes(state.minutes * 60)
        notes.append(Text(zh=f"约 {who.zh}，全部走：{names.zh}", en=f"about {who.en}, all by: {names.en}"))
        notes.append(Text(zh=f"疏散约需 {need.zh}（绿色指南流量）", en=f"about {need.en} to clear (Green Guide flow)"))
    outlook = picture.outlooks.get(task.place_id)
    if outlook is not None and outlook.early_s is not None:
        left = minutes(outlook.early_s - scene.now_s)
        notes.append(Text(zh=f"滩面最早 {left.zh}后上水", en=f"beach may flood in {left.en}"))
    notes.append(Text(zh="请步行，单向向上，不要回头取东西", en="Walk, one way, upwards; do not go back for things"))
    return tuple(notes)
