"""The colours of what does not move: sky, hills, banks, rocks, bridges and the town on the far side.

All of it is scenery around surveyed ground: good to look at, never a source of anything.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from rescuecmd.ar.camera import View
from rescuecmd.geo import Floats
from rescuecmd.media.planes import Bytes
from rescuecmd.media.terrain import SKY_M, Cast, Ground
from rescuecmd.media.texture import sample, tile
from rescuecmd.river.model import River

HAZE = np.array([196, 199, 196], np.float32)  # BGR of an overcast day at the horizon
_SKY_TOP = np.array([188, 170, 152], np.float32)
_ROCK, _GRAVEL = (70, 78, 84), (98, 118, 130)
_GRASS, _WALL, _HILL = (62, 104, 90), (134, 140, 142), (58, 86, 70)
_HAZE_M = 2600.0
_FLOOR_M = 3.2
_TOWN_M = (220.0, 2600.0)


@dataclass
class Scenery:
    """The dry picture (BGR float32) with the level and distance of what each pixel shows."""

    picture: NDArray[np.float32]
    level_m: Floats
    range_m: Floats


def scenery(river: River, ground: Ground, view: View, seen: Cast) -> Scenery:
    """Return the scenery of a fixed camera."""
    picture = _ground(river, seen)
    _haze(picture, seen.range_m)
    picture[seen.sky] = _sky(view)[seen.sky]
    made = Scenery(picture.astype(np.float32), seen.level_m.copy(), seen.range_m.copy())
    solids = sorted(_solids(river, ground, view), key=lambda solid: -solid.range_m)
    for solid in solids:
        _build(made, view, solid)
    return made


def _ground(river: River, seen: Cast) -> NDArray[np.float32]:
    """Return the colours of bare ground, shape (height, width, 3)."""
    grain = np.zeros_like(seen.level_m)
    rough, soft = tile(11, roughness=0.9), tile(12, roughness=1.6)
    for noise, texel_m in ((rough, 0.12), (soft, 0.9), (rough, 3.0), (soft, 14.0)):
        strength = np.exp(-((np.log(seen.range_m / (texel_m * 260.0)) / 1.6) ** 2))
        grain += strength * sample(noise, seen.x_m / texel_m, seen.y_m / texel_m)
    rock = np.zeros(seen.level_m.shape, bool)
    for reef in river.reefs:
        radius = max(np.hypot(x - reef.x_m, y - reef.y_m) for x, y in reef.ring_xy)
        rock |= np.hypot(seen.x_m - reef.x_m, seen.y_m - reef.y_m) < radius
    green = np.clip((seen.outside_m - 26.0) / 25.0 + 0.25 * grain, 0, 1)[..., None]
    wall = np.asarray(_WALL) * (0.94 - 0.10 * (np.mod(seen.level_m, 3.0) < 0.5))[..., None]
    outside = wall * (1 - green) + np.asarray(_HILL) * green
    grassy = np.clip((seen.level_m - _grass_line(river)) / 3.0 + 0.4 * grain, 0, 1)[..., None]
    inside = np.asarray(_GRAVEL) * (1 - grassy) + np.asarray(_GRASS) * grassy
    colour = np.where((seen.outside_m > 0)[..., None], outside, inside)
    colour = np.where(rock[..., None], np.asarray(_ROCK), colour)
    depth = np.where(rock | (seen.outside_m > 40), 0.20, 0.11) * grain
    lit = np.clip(seen.shade + depth, 0.35, 1.5)
    return np.asarray(colour * lit[..., None], dtype=np.float32)


def _grass_line(river: River) -> float:
    """Return the level above which the banks are green: three quarters up the lower bank of the middle section."""
    section = river.sections[len(river.sections) // 2]
    top = min(float(section.beds_m[0]), float(section.beds_m[-1]))
    return top - 0.3 * (top - float(section.beds_m.min()))


def _haze(picture: NDArray[np.float32], range_m: Floats) -> None:
    thick = (1 - np.exp(-range_m / _HAZE_M)).astype(np.float32)[..., None]
    picture *= 1 - thick
    picture += HAZE * thick


def _sky(view: View) -> NDArray[np.float32]:
    """Return an overcast sky, shape (height, width, 3)."""
    v, u = np.mgrid[0 : view.lens.height_px, 0 : view.lens.width_px].astype(np.float64)
    ray = view.rays(u, v)
    rise = np.clip(ray[..., 2] / np.hypot(ray[..., 0], ray[..., 1]), 0.01, None)
    clouds = tile(21, roughness=2.2, size=512)
    reach = 60.0 / (rise + 0.06)
    cloud = sample(clouds, 200 + reach * ray[..., 0], 90 + reach * ray[..., 1])
    cloud = np.asarray(cv2.GaussianBlur(cloud, (0, 0), 3.0), dtype=np.float64)
    up = np.clip(rise / 0.45, 0, 1)[..., None]
    sky = HAZE * 1.04 * (1 - up) + _SKY_TOP * up + (7 + 7 * up) * cloud[..., None]
    return np.asarray(np.clip(sky, 0, 255), dtype=np.float32)


@dataclass(frozen=True)
class _Solid:
    """An upright prism: its foot's corners (n, 2), lower and upper level, colour (BGR), floors drawn or not."""

    foot: Floats
    low_m: float
    high_m: float
    colour: tuple[float, float, float]
    range_m: float
    floors: bool


def _solids(river: River, ground: Ground, view: View) -> Iterator[_Solid]:
    yield from _town(river, ground, view)
    for bridge in river.bridges:
        low, high = min(span.from_m for span in bridge.spans), max(span.to_m for span in bridge.spans)
        for at in np.arange(low, high, 12.0):
            foot = _box(river, bridge.chainage_m, at + 6.0, 9.0, 6.2)
            yield _solid(foot, bridge.soffit_m, bridge.soffit_m + 3.0, (150, 152, 154), view)
        for pier in bridge.piers:
            foot = _round(pier.x_m, pier.y_m, pier.radius_m)
            yield _solid(foot, bridge.soffit_m - 60, bridge.soffit_m, (138, 142, 144), view)


def _town(river: River, ground: Ground, view: View) -> Iterator[_Solid]:
    """Yield blocks of flats along both banks where they do not stand before the camera."""
    rng = np.random.default_rng(5)
    feet, sizes = [], []
    for side in (-1, 1):
        for chainage in np.arange(60.0, river.length_m - 60.0, 44.0):
            back, high = rng.uniform(45, 190), rng.uniform(14, 62)
            wide, tone = rng.uniform(8, 14), rng.uniform(0.8, 1.1)
            left, right = river.banks(chainage)
            if rng.random() < 0.25:
                continue
            offset = float(left) + back if side > 0 else float(right) - back
            middle = np.array([float(value) for value in river.point(chainage, offset)])
            far = float(np.hypot(*(middle - view.eye[:2])))
            ahead = float((middle - view.eye[:2]) @ view.axes[2, :2])
            if _TOWN_M[0] < far < _TOWN_M[1] and ahead > 0:
                feet.append(_box(river, chainage, offset, wide, 9.0))
                sizes.append((high, tone))
    if not feet:
        return
    corners = np.concatenate(feet)
    bases = ground.level_m(corners[:, 0], corners[:, 1])[0].reshape(-1, 4).min(axis=1)
    for foot, (high, tone), base in zip(feet, sizes, bases, strict=True):
        colour = (150 * tone, 158 * tone, 164 * tone)
        yield _solid(foot, float(base) - 4.0, float(base) + high, colour, view, floors=True)


def _solid(
    foot: Floats, low_m: float, high_m: float, colour: tuple[float, float, float], view: View, *, floors: bool = False
) -> _Solid:
    far = float(np.hypot(foot[:, 0] - view.pose.x_m, foot[:, 1] - view.pose.y_m).mean())
    return _Solid(foot, low_m, high_m, colour, far, floors)


def _box(river: River, chainage_m: float, offset_m: float, along_m: float, across_m: float) -> Floats:
    x, y = river.point(
        chainage_m + np.array([-along_m, along_m, along_m, -along_m]),
        offset_m + np.array([-across_m, -across_m, across_m, across_m]),
    )
    return np.column_stack([x, y])


def _round(x_m: float, y_m: float, radius_m: float) -> Floats:
    angles = np.linspace(0, 2 * np.pi, 12, endpoint=False)
    return np.column_stack([x_m + radius_m * np.cos(angles), y_m + radius_m * np.sin(angles)])


def _build(made: Scenery, view: View, solid: _Solid) -> None:
    """Draw the faces of a solid that look at the camera, where no nearer ground hides them."""
    corners = len(solid.foot)
    order = 1 if _area(solid.foot) > 0 else -1
    foot = solid.foot[::order]
    for i in range(corners):
        a, b = foot[i], foot[(i + 1) % corners]
        normal = np.array([b[1] - a[1], a[0] - b[0]])
        if normal @ (view.eye[:2] - a) <= 0:
            continue
        facing = normal / np.hypot(*normal)
        light = 0.80 + 0.22 * float(facing @ np.array([0.8, 0.6]))
        _face(made, view, np.array([a, b]), solid, light)


def _area(foot: Floats) -> float:
    x, y = foot[:, 0], foot[:, 1]
    return float(np.sum(x * np.roll(y, -1) - y * np.roll(x, -1)))


def _face(made: Scenery, view: View, edge: Floats, solid: _Solid, light: float) -> None:
    xs, ys = edge[[0, 1, 1, 0], 0], edge[[0, 1, 1, 0], 1]
    u, v, _ = view.project(xs, ys, np.array([solid.low_m, solid.low_m, solid.high_m, solid.high_m]))
    if not np.isfinite(u).all():
        return
    height, width = made.level_m.shape
    x0, x1 = max(0, int(u.min())), min(width, int(u.max()) + 2)
    y0, y1 = max(0, int(v.min())), min(height, int(v.max()) + 2)
    if x0 >= x1 or y0 >= y1:
        return
    window = np.s_[y0:y1, x0:x1]
    mask = np.zeros((y1 - y0, x1 - x0), np.uint8)
    cv2.fillPoly(mask, [np.round(np.column_stack([u - x0, v - y0]) * 16).astype(np.int32)], (255,), cv2.LINE_8, 4)
    shown = (mask > 0) & (made.range_m[window] > solid.range_m)
    if not shown.any():
        return
    rows, columns = np.mgrid[y0:y1, x0:x1].astype(np.float64)
    ray = view.rays(columns, rows)
    level = view.pose.level_m + ray[..., 2] / np.hypot(ray[..., 0], ray[..., 1]) * solid.range_m
    tone = np.full(level.shape, light)
    if solid.floors and solid.range_m < 1600:
        storey = np.mod((level - solid.low_m) / _FLOOR_M, 1.0)
        bay = np.mod((columns - u.min()) / max(2.5, 3.0 * view.lens.focal_px / solid.range_m), 1.0)
        tone = np.where((storey > 0.35) & (storey < 0.8) & (bay < 0.6), tone * 0.82, tone)
    thick = 1 - np.exp(-solid.range_m / _HAZE_M)
    colour = np.asarray(solid.colour) * tone[..., None] * (1 - thick) + HAZE * thick
    made.picture[window][shown] = colour[shown]
    made.level_m[window][shown] = np.minimum(level[shown], SKY_M / 2)
    made.range_m[window][shown] = solid.range_m


def to_bytes(picture: NDArray[np.float32]) -> Bytes:
    """Return a float picture as 8-bit one."""
    return np.asarray(np.clip(picture, 0, 255), dtype=np.uint8)
