"""Boats, pontoons and people as the virtual camera sees them: few polygons, true to place and size."""

import math
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np

from rescuecmd.ar.camera import View
from rescuecmd.geo import Floats
from rescuecmd.media.motion import Body
from rescuecmd.media.planes import Canvas, Colour

PERSON_M = 1.7
RING_M = 0.42
RING_COLOUR = Colour.rgb(255, 92, 20)
_JACKETS = (Colour.rgb(255, 112, 16), Colour.rgb(250, 140, 20), Colour.rgb(245, 88, 20))
_CLOTHES = (Colour.rgb(70, 90, 130), Colour.rgb(180, 60, 60), Colour.rgb(225, 225, 215), Colour.rgb(60, 70, 60))
_LEGS = Colour.rgb(44, 46, 58)
_SKIN = Colour.rgb(206, 160, 128)
_SHADOW = Colour.rgb(56, 48, 38)
_WHITE = Colour.rgb(238, 240, 238)
_GLASS = Colour.rgb(40, 60, 76)
_STEEL = Colour.rgb(112, 124, 130)
HULLS: Mapping[str, Colour] = {
    "police": Colour.rgb(26, 62, 148),
    "fire": Colour.rgb(206, 34, 28),
    "maritime": Colour.rgb(236, 120, 20),
    "volunteer": Colour.rgb(236, 196, 28),
    "medical": Colour.rgb(232, 236, 236),
    "command": Colour.rgb(70, 78, 92),
}
_BOW = np.array([(-0.5, -0.5), (-0.5, 0.5), (0.2, 0.5), (0.38, 0.3), (0.5, 0.0), (0.38, -0.3), (0.2, -0.5)])
_ROOM = np.array([(-0.16, -0.34), (-0.16, 0.34), (0.16, 0.26), (0.16, -0.26)])
_SEATS = np.array([(0.24, 0.0), (-0.22, 0.12), (-0.3, -0.12), (-0.38, 0.12), (-0.42, -0.1), (-0.3, 0.0), (-0.22, -0.1)])
_OPEN_M = 5.2  # shorter boats have no cabin
_NEAR_RING_PX = 6.0
_CROWD_MAX = 48  # more figures than this are drawn by fewer; the mark says the number


@dataclass(frozen=True, slots=True)
class Stage:
    """What figures are drawn on: the frame, the view, the water's level, and the time for what moves."""

    canvas: Canvas
    view: View
    level_m: float
    time_s: float


@lru_cache(maxsize=64)
def _shape(length_m: float) -> Floats:
    """Return a boat's corners, shape (n, 3): ahead, to the right, above the water."""
    length, beam, free = length_m, 0.34 * length_m, 0.08 * length_m + 0.25
    high = free + 0.1 * length + 0.7
    deck = _BOW * (length, beam)
    room = _ROOM * (length, beam)
    parts = [
        (deck * (0.92, 0.86) * 1.12, 0.0),  # shadow
        (deck * (0.92, 0.86), 0.0),  # waterline
        (deck, free),
        (deck * 0.9, free),
        (room, free),
        (room * 0.9, high),
        (room, free + 0.55),
        (room * 0.95, high - 0.25),
        (room * 0.95, high),
    ]
    return np.vstack([np.column_stack([flat, np.full(len(flat), rise)]) for flat, rise in parts])


def draw_boat(stage: Stage, body: Body) -> None:
    """Draw a boat with its wake; its waterline's centre is the body's place."""
    length = max(round(body.length_m, 1), 0.4)
    colour = HULLS.get(body.agency, _STEEL)
    _wake(stage, body, length)
    corners = _project(stage, body, _shape(length))
    if not len(corners):
        return
    canvas = stage.canvas
    canvas.poly(corners[:7], _SHADOW)
    canvas.poly(_hull(corners[7:21]), colour)
    canvas.poly(corners[21:28], _WHITE if length > _OPEN_M else colour.lit(0.62))
    if length > _OPEN_M:
        canvas.poly(_hull(corners[28:36]), _WHITE.lit(0.86))
        canvas.poly(_hull(corners[36:44]), _GLASS)
        canvas.poly(corners[44:48], colour.lit(1.15))
    _aboard(stage, body, length)


def _aboard(stage: Stage, body: Body, length: float) -> None:
    """Draw one of the crew and up to six of those rescued, seated aft."""
    shown = _SEATS[: min(1 + body.aboard, len(_SEATS))] * length
    feet = _placed(stage, body, np.column_stack([shown, np.full(len(shown), 0.08 * length + 0.05)]))
    coats = [HULLS.get(body.agency, _STEEL).lit(0.8), *(_JACKETS[i % 3] for i in range(len(shown) - 1))]
    _persons(stage, feet, 1.15, coats, waving=False)


def _wake(stage: Stage, body: Body, length: float) -> None:
    speed = body.speed_mps
    if speed < 0.6:
        return
    back = np.linspace(-0.46 * length, -0.46 * length - min(5.0 * speed, 60.0), 7)
    spread = 0.17 * length + 0.16 * (back[0] - back)
    churn = 0.05 * length * np.sin(back * 1.7 + 3 * stage.time_s)
    flat = np.zeros((21, 3))
    flat[:, 0] = np.tile(back, 3)
    flat[:, 1] = np.concatenate([-spread, spread, churn])
    lines = _project(stage, body, flat)
    if not len(lines):
        return
    strength = min(60, int(18 + 9 * speed))
    width = abs(float(lines[0, 0] - lines[7, 0])) + abs(float(lines[0, 1] - lines[7, 1]))
    churned = min(24, max(2, round(width * 0.4)))
    stage.canvas.brighten(
        [(lines[14:19], strength + 20, churned), (lines[:7], strength, 2), (lines[7:14], strength, 2)]
    )


def draw_pontoon(stage: Stage, x_m: float, y_m: float, heading_deg: float, size_m: tuple[float, float]) -> None:
    """Draw a floating berth: a long steel box with a small house."""
    along, across = size_m[0] / 2, size_m[1] / 2
    box = np.array([(-along, -across), (-along, across), (along, across), (along, -across)])
    house = box * (0.5, 0.7)
    flat = np.vstack([box, box, house, house, house * 1.1])
    corners = _project(
        stage, _Place(x_m, y_m, heading_deg), np.column_stack([flat, np.repeat([0.0, 1.1, 1.1, 3.9, 3.9], 4)])
    )
    stage.canvas.poly(_hull(corners[:8]), Colour.rgb(62, 74, 84))
    stage.canvas.poly(corners[4:8], Colour.rgb(128, 130, 126))
    stage.canvas.poly(_hull(corners[8:16]), Colour.rgb(196, 200, 196))
    stage.canvas.poly(corners[16:], Colour.rgb(60, 98, 138))


def draw_people(stage: Stage, body: Body, feet: Floats) -> None:
    """Draw people who stand, shape (n, 3): on a reef in life jackets, on a beach in what they wear."""
    stranded = body.kind == "stranded"
    coats = _JACKETS if stranded else _CLOTHES
    _persons(stage, feet, PERSON_M, [coats[i % len(coats)] for i in range(len(feet))], waving=stranded)


@lru_cache(maxsize=64)
def spots(body_id: str, kind: str, count: int) -> Floats:
    """Return how a standing group spreads around its place, shape (n, 2), m; the middle is 0."""
    count = max(1, min(count, _CROWD_MAX))
    if count == 1:
        return np.zeros((1, 2))
    rng = np.random.default_rng(zlib.crc32(body_id.encode()))
    gap = 1.1 if kind == "stranded" else 1.9
    turns = np.arange(count) * 2.39996 + rng.uniform(0, 6.28)  # the golden angle spreads them evenly
    radii = gap * np.sqrt(np.arange(count) + 0.5) * rng.uniform(0.85, 1.15, count)
    spread = np.column_stack([radii * np.cos(turns), radii * np.sin(turns)])
    return np.asarray(spread - spread.mean(axis=0))


def draw_in_water(stage: Stage, body: Body) -> None:
    """Draw heads in the water, each with a ring; the group's middle is the body's place."""
    count = max(1, min(body.count, 8))
    across = (np.arange(count) - (count - 1) / 2) * 1.6
    right = stage.view.axes[0]
    for step in across:
        x, y = body.x_m + step * right[0], body.y_m + step * right[1]
        _swimmer(stage, float(x), float(y))


def _swimmer(stage: Stage, x_m: float, y_m: float) -> None:
    u, v, depth = stage.view.project(x_m, y_m, stage.level_m)
    if not np.isfinite(u):
        return
    scale = stage.view.lens.focal_px / float(depth)
    sink = min(1.0, max(0.12, (stage.view.pose.level_m - stage.level_m) / float(depth)))
    wide = max(2.6, RING_M * scale)
    tall = max(1.4, wide * sink)
    stage.canvas.ellipse(float(u), float(v), (wide * 1.35, tall * 1.35), _SHADOW)
    stage.canvas.ellipse(float(u), float(v), (wide, tall), RING_COLOUR)
    head = max(1.1, 0.13 * scale)
    if wide < _NEAR_RING_PX:  # far away the ring's colour is all there is to see
        stage.canvas.dot(float(u), float(v) - head, head, _SKIN.y)
        return
    stage.canvas.ellipse(float(u), float(v), (wide * 0.5, tall * 0.5), _SHADOW)
    stage.canvas.ellipse(float(u), float(v) - head * 1.1, (head, head * 1.15), _SKIN)


def _persons(stage: Stage, feet: Floats, tall_m: float, coats: Sequence[Colour], *, waving: bool) -> None:
    """Draw people from far to near; their legs end where the water begins."""
    lift = np.array([0.0, 0.0, tall_m])
    dry = feet.copy()
    dry[:, 2] = np.maximum(dry[:, 2], stage.level_m)
    pixels = stage.view.pixels(np.concatenate([feet, feet + lift, dry])).reshape(3, -1, 2)
    far = np.hypot(feet[:, 0] - stage.view.pose.x_m, feet[:, 1] - stage.view.pose.y_m)
    for number in np.argsort(-far):
        foot, head, edge = pixels[:, number]
        high = foot[1] - head[1]
        if high >= 1.5 and -50 < foot[0] < stage.view.lens.width_px + 50:
            swing = math.sin(4.5 * stage.time_s + number) if waving and number % 2 == 0 else 0.0
            _person(stage.canvas, (foot[0], foot[1]), (high, edge[1]), coats[number], swing)


def _person(canvas: Canvas, foot: tuple[float, float], size: tuple[float, float], coat: Colour, swing: float) -> None:
    (middle, bottom), (high, dry) = foot, size
    half, knee, neck = 0.15 * high, bottom - 0.46 * high, bottom - 0.84 * high
    if knee < dry:
        canvas.block(middle - half * 0.75, knee, middle + half * 0.75, min(bottom, dry), _LEGS)
    canvas.block(middle - half, neck, middle + half, min(bottom - 0.4 * high, dry), coat)
    if high < 14:
        canvas.block(middle - 0.07 * high, bottom - high, middle + 0.07 * high, neck, _SKIN)
    else:
        canvas.ellipse(middle, bottom - 0.91 * high, (0.075 * high, 0.09 * high), _SKIN)
    if swing and high > 6:
        hand = (middle - half - 0.1 * high * swing, bottom - 1.16 * high)
        canvas.line(np.array([(middle - half, bottom - 0.8 * high), hand]), coat, max(1, round(0.07 * high)))


@dataclass(frozen=True, slots=True)
class _Place:
    x_m: float
    y_m: float
    heading_deg: float


def _placed(stage: Stage, place: "Body | _Place", shape: Floats) -> Floats:
    """Return points given ahead of, to the right of and above a place on the water, in the world, shape (n, 3)."""
    heading = math.radians(place.heading_deg)
    sin, cos = math.sin(heading), math.cos(heading)
    points = np.empty((len(shape), 3))
    points[:, 0] = place.x_m + shape[:, 0] * sin + shape[:, 1] * cos
    points[:, 1] = place.y_m + shape[:, 0] * cos - shape[:, 1] * sin
    points[:, 2] = stage.level_m + shape[:, 2]
    return points


def _project(stage: Stage, place: "Body | _Place", shape: Floats) -> Floats:
    """Return the pixels of `_placed` points; none at all when one is behind the lens."""
    pixels = stage.view.pixels(_placed(stage, place, shape))
    return pixels if np.isfinite(pixels).all() else np.empty((0, 2))


def _hull(points: Floats) -> Floats:
    if not len(points):
        return points
    return np.asarray(cv2.convexHull(points.astype(np.float32))[:, 0, :], dtype=np.float64)
