"""What a crew meets on its way: portages, booms, reefs, shallow legs, low bridges, strong current, reported hazards."""

import math
from collections.abc import Iterator

import numpy as np

from rescuecmd.picture.entity import Craft, Zone
from rescuecmd.picture.state import Picture
from rescuecmd.routing import guide
from rescuecmd.routing.guidance import way_words
from rescuecmd.routing.path import Path
from rescuecmd.routing.scene import Scene
from rescuecmd.routing.soundings import sound
from rescuecmd.text import Text

NEAR_M = 60.0
"""How close to the route a reef or hazard is told (agency default)."""

THIN_M = 0.5
"""Legs with less water to spare under the keel are told (agency default)."""

AIR_M = 2.0
"""Bridges with less to spare overhead are told (agency default)."""

STRONG_MPS = 2.0
"""Currents above this are told (agency default)."""

MOST = 6

_TOLD = ("caution", "assumed_depth")


def hazards_along(scene: Scene, picture: Picture, craft: Craft, path: Path, *, goal_id: str = "") -> tuple[Text, ...]:
    """Return what a crew must mind along its path, in the order it meets it; at most six lines.

    `goal_id` names the reef the boat goes to, which is no news to it.
    """
    found: list[tuple[float, Text]] = []
    for one in (_reefs(scene, path, goal_id), _bridges(scene, craft, path), _thin(scene, path), _strong(scene, path)):
        found += one
    found += _carried(scene, craft, path)
    found += _booms(scene, picture, path)
    found += _reported(scene, picture, path)
    found += _zones(scene, picture, path)
    found.sort(key=lambda item: item[0])
    return tuple(text for _, text in found[:MOST])


def _closest(path: Path, x_m: float, y_m: float) -> tuple[float, float]:
    """Return the distance from a point to the path, m, and when the boat is nearest to it, s."""
    ax, ay = np.asarray(path.x_m)[:-1], np.asarray(path.y_m)[:-1]
    dx, dy = np.diff(path.x_m), np.diff(path.y_m)
    if not len(dx):
        return math.hypot(float(path.x_m[0]) - x_m, float(path.y_m[0]) - y_m), float(path.eta_s[0])
    share = np.clip(((x_m - ax) * dx + (y_m - ay) * dy) / np.maximum(dx * dx + dy * dy, 1e-9), 0.0, 1.0)
    away = np.hypot(ax + share * dx - x_m, ay + share * dy - y_m)
    leg = int(np.argmin(away))
    eta = float(path.eta_s[leg] + share[leg] * (path.eta_s[leg + 1] - path.eta_s[leg]))
    return float(away[leg]), eta


def _reefs(scene: Scene, path: Path, goal_id: str) -> Iterator[tuple[float, Text]]:
    for reef in scene.river.reefs:
        if reef.id == goal_id:
            continue
        foot_m = max(math.dist((reef.x_m, reef.y_m), corner) for corner in reef.ring_xy)
        away_m, eta_s = _closest(path, reef.x_m, reef.y_m)
        if away_m > foot_m + NEAR_M:
            continue
        chainage = float(scene.river.locate(reef.x_m, reef.y_m)[0])
        over_m = float(scene.water.level_m(chainage, _held(scene, eta_s))) - reef.crest_m
        how = (
            Text(zh=f"水下 {over_m:.1f} m", en=f"{over_m:.1f} m under water")
            if over_m > 0
            else Text(zh=f"露出 {-over_m:.1f} m", en=f"{-over_m:.1f} m above water")
        )
        at = _where(scene, reef.x_m, reef.y_m)
        yield (
            eta_s,
            Text(
                zh=f"{at.zh} 礁石{reef.name.zh}，{how.zh}，距航路 {away_m:.0f} m",
                en=f"{at.en}: reef {reef.name.en}, {how.en}, {away_m:.0f} m off the route",
            ),
        )


def _carried(scene: Scene, craft: Craft, path: Path) -> Iterator[tuple[float, Text]]:
    if scene.network.rules is None:
        return
    soundings = sound(scene, craft, path)
    for leg in soundings.ways:
        yield float(path.eta_s[leg - 1]), way_words(soundings, leg)


def _booms(scene: Scene, picture: Picture, path: Path) -> Iterator[tuple[float, Text]]:
    """Yield the booms near the path, and what somebody has lifted across it: a crew looks whether it is gone."""
    import shapely  # noqa: PLC0415  (half a second to import, and most rivers have no boom)

    way = shapely.LineString(np.column_stack([path.x_m, path.y_m])) if len(path.x_m) > 1 else None
    for boom in scene.river.booms:
        near = shapely.LineString(boom.line_xy)
        if way is not None and (away_m := float(way.distance(near))) <= NEAR_M:
            middle = near.interpolate(near.project(way.interpolate(way.project(near.centroid))))
            yield (
                _closest(path, middle.x, middle.y)[1],
                Text(
                    zh=f"拦阻{boom.name.zh}，距航路 {away_m:.0f} m",
                    en=f"boom {boom.name.en}, {away_m:.0f} m off the route",
                ),
            )
    for zone in picture.zones.values():
        if zone.kind == "lifted" and way is not None:
            x, y = scene.river.frame.to_xy([lon for lon, _ in zone.ring], [lat for _, lat in zone.ring])
            area = shapely.Polygon(np.column_stack([x, y])).buffer(1.0)
            if way.intersects(area):
                yield (
                    _closest(path, area.centroid.x, area.centroid.y)[1],
                    Text(
                        zh=f"经过{zone.name.zh}，已由 {zone.made_by} 解除，注意核实",
                        en=f"past {zone.name.en}, lifted by {zone.made_by}: look before you pass",
                    ),
                )


def _bridges(scene: Scene, craft: Craft, path: Path) -> Iterator[tuple[float, Text]]:
    chainage, eta = np.asarray(path.chainage_m), np.asarray(path.eta_s)
    for bridge in scene.river.bridges:
        crossed = np.flatnonzero((chainage[:-1] - bridge.chainage_m) * (chainage[1:] - bridge.chainage_m) <= 0)
        for leg in crossed[:1]:
            x_m, y_m = (float(np.mean(values[leg : leg + 2])) for values in (path.x_m, path.y_m))
            offset = float(scene.river.locate(x_m, y_m)[1])
            over = [span.soffit_m for span in bridge.spans if span.from_m <= offset <= span.to_m]
            if not over:
                continue
            time_s = _held(scene, float(eta[leg]))
            clear_m = min(over) - float(scene.water.high_m(bridge.chainage_m, time_s)) - craft.air_draught_m
            if clear_m < AIR_M:
                yield (
                    float(eta[leg]),
                    Text(
                        zh=f"{bridge.name.zh} 头顶富余 {clear_m:.1f} m",
                        en=f"{bridge.name.en}: {clear_m:.1f} m to spare overhead",
                    ),
                )


def _thin(scene: Scene, path: Path) -> Iterator[tuple[float, Text]]:
    margin = np.asarray(path.margin_m, dtype=np.float64)[1:]
    if not len(margin):
        return
    at = int(np.argmin(margin)) + 1
    least_m = float(margin[at - 1])
    if least_m < THIN_M:
        place = _where(scene, float(path.x_m[at]), float(path.y_m[at]))
        yield (
            float(path.eta_s[at]),
            Text(
                zh=f"{place.zh} 浅水，龙骨下多 {least_m:.1f} m",
                en=f"{place.en}: shallow, {least_m:.1f} m beyond the margin",
            ),
        )


def _strong(scene: Scene, path: Path) -> Iterator[tuple[float, Text]]:
    times = np.clip(path.eta_s, scene.water.start_s, scene.water.end_s)
    u_mps, v_mps = scene.water.current_xy(path.x_m, path.y_m, times)
    speed = np.hypot(u_mps, v_mps)
    at = int(np.argmax(speed))
    if speed[at] > STRONG_MPS:
        place = _where(scene, float(path.x_m[at]), float(path.y_m[at]))
        yield (
            float(path.eta_s[at]),
            Text(zh=f"{place.zh} 急流 {speed[at]:.1f} m/s", en=f"{place.en}: current {speed[at]:.1f} m/s"),
        )


def _reported(scene: Scene, picture: Picture, path: Path) -> Iterator[tuple[float, Text]]:
    for hazard in picture.hazards.values():
        x_m, y_m = scene.river.frame.point_xy(hazard.fix.lon_deg, hazard.fix.lat_deg)
        away_m, eta_s = _closest(path, x_m, y_m)
        if away_m <= hazard.radius_m + NEAR_M:
            at = _where(scene, x_m, y_m)
            yield (
                eta_s,
                Text(
                    zh=f"{at.zh} {hazard.name.zh}，距航路 {away_m:.0f} m",
                    en=f"{at.en}: {hazard.name.en}, {away_m:.0f} m off the route",
                ),
            )


def _zones(scene: Scene, picture: Picture, path: Path) -> Iterator[tuple[float, Text]]:
    for zone in picture.zones.values():
        if zone.kind not in _TOLD or (zone.ends_s is not None and zone.ends_s < scene.now_s):
            continue
        x, y = scene.river.frame.to_xy([lon for lon, _ in zone.ring], [lat for _, lat in zone.ring])
        inside = _inside(np.asarray(path.x_m), np.asarray(path.y_m), x, y)
        if inside.any():
            at = int(np.argmax(inside))
            yield (
                float(path.eta_s[at]),
                _through(zone),
            )


def _through(zone: Zone) -> Text:
    if zone.kind == "assumed_depth" and zone.why is not None:
        zh = f"经过未测水域「{zone.name.zh}」，水深为假定：{zone.why.zh}（{zone.made_by}）"
        en = f"through unsurveyed water “{zone.name.en}”, its depth assumed: {zone.why.en} ({zone.made_by})"
        return Text(zh, en)
    return Text(zh=f"经过警示区：{zone.name.zh}", en=f"through caution zone: {zone.name.en}")


def _inside(x: np.ndarray, y: np.ndarray, ring_x: np.ndarray, ring_y: np.ndarray) -> np.ndarray:
    """Return which points lie inside a ring (even-odd rule)."""
    inside = np.zeros(len(x), dtype=bool)
    for ax, ay, bx, by in zip(ring_x, ring_y, np.roll(ring_x, -1), np.roll(ring_y, -1), strict=True):
        between = (ay > y) != (by > y)
        with np.errstate(divide="ignore", invalid="ignore"):
            inside ^= between & (x < (bx - ax) * (y - ay) / (by - ay) + ax)
    return inside


def _where(scene: Scene, x_m: float, y_m: float) -> Text:
    chainage, offset = scene.river.locate(x_m, y_m)
    return guide.place(scene.river, float(chainage), float(offset))


def _held(scene: Scene, time_s: float) -> float:
    return min(max(time_s, scene.water.start_s), scene.water.end_s)
