"""A path in words, turn by turn: where on the river, which way, past what, by when.

Places are told by chainage and bank, as pilots tell them; a turn is told where it is made, a bridge by its span and the
height that stays free, a reef by the side it is passed on.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np

from rescuecmd.geo import Floats
from rescuecmd.river.model import Reef, TimedWay
from rescuecmd.river.submergence import reef_state
from rescuecmd.routing.guide import duration, place
from rescuecmd.routing.path import Path
from rescuecmd.routing.soundings import Soundings
from rescuecmd.text import Text

Kind: TypeAlias = Literal["leave", "turn", "keep", "wait", "way", "bridge", "reef", "arrive"]

TURN_DEG = 25.0
"""A smaller change of course is not told: the crew follows the line."""

ONE_TURN_M = 120.0
"""Turns to the same side within this of each other are told as one."""

TOLD_EVERY_M = 800.0
"""A long stretch without a turn is told again after this, so that the crew knows it is right."""

REEF_M = 90.0
"""Reefs nearer than this to the path are told."""

_WAY_WORDS = {"portage": Text("陆运", "portage"), "ramp": Text("坡道过艇", "ramp"), "lock": Text("过闸", "lock")}
_REEF_WORDS = {"dry": Text("露出", "dry"), "awash": Text("齐水面", "awash"), "submerged": Text("水下", "under water")}


@dataclass(frozen=True, slots=True)
class Instruction:
    """One thing to do or to see: where along the path, when, in words; `leg` is the point of the path it leads to."""

    kind: Kind
    distance_m: float
    time_s: float
    leg: int
    where: Text
    text: Text


def guidance(soundings: Soundings) -> tuple[Instruction, ...]:
    """Return a path as instructions, in the order they come up."""
    found = [*_turns(soundings), *_bridges(soundings), *_reefs(soundings)]
    order = ("leave", "wait", "way", "turn", "keep", "bridge", "reef", "arrive")
    return tuple(sorted(found, key=lambda one: (one.distance_m, order.index(one.kind))))


def _turns(soundings: Soundings) -> Iterator[Instruction]:
    path, river = soundings.path, soundings.scene.river
    reach = np.concatenate([[0.0], np.cumsum(np.hypot(np.diff(path.x_m), np.diff(path.y_m)))])
    offsets = river.locate(path.x_m, path.y_m)[1]

    def here(at: int, kind: Kind, words: Text) -> Instruction:
        where = place(river, float(path.chainage_m[at]), float(offsets[at]))
        return Instruction(kind, float(reach[at]), float(path.eta_s[at]), min(at + 1, len(path.x_m) - 1), where, words)

    for at in np.flatnonzero(path.wait_s > 1.0).tolist():
        yield here(at, "wait", _wait(soundings, at))
    for leg in soundings.ways:
        yield here(leg - 1, "way", way_words(soundings, leg))
    for at, kind, turn, course in _told(_courses(soundings), reach):
        heads = _heads(soundings, at, course)
        side = Text("右转" if turn > 0 else "左转", "turn right" if turn > 0 else "turn left")
        words = {
            "leave": Text(f"出发，{heads.zh}", f"leave {heads.en}"),
            "turn": Text(f"{side.zh} {abs(turn):.0f}°，{heads.zh}", f"{side.en} {abs(turn):.0f}° {heads.en}"),
            "keep": Text(f"继续{heads.zh}", f"keep on {heads.en}"),
        }
        yield here(at, kind, words[kind])
    yield here(len(path.x_m) - 1, "arrive", _arrival(path))


def _wait(soundings: Soundings, at: int) -> Text:
    """Return what a boat waits for at a point: a way to open, or else water."""
    wait = duration(float(soundings.path.wait_s[at]))
    way = _way(soundings, at + 1)
    if way is not None and way.hours is not None:
        return Text(f"等候 {wait.zh}，待{way.name.zh}开放", f"wait {wait.en} until {way.name.en} opens")
    return Text(f"等候 {wait.zh}，待水深足够", f"wait {wait.en} until the water is deep enough")


def way_words(soundings: Soundings, leg: int) -> Text:
    """Return the words for a leg by a portage, ramp or lock: what it is, how long it takes, when it is open."""
    way, path = _way(soundings, leg), soundings.path
    takes = duration(float(path.eta_s[leg] - path.eta_s[leg - 1] - path.wait_s[leg - 1]))
    if way is None:
        return Text(f"陆运或过闸，{takes.zh}", f"portage or lock, {takes.en}")
    what, hours = _WAY_WORDS[way.kind], way.hours
    when = Text(f"，开放 {hours.clock}", f", open {hours.clock}") if hours is not None else Text("", "")
    return Text(f"{what.zh}：{way.name.zh}，{takes.zh}{when.zh}", f"{what.en}: {way.name.en}, {takes.en}{when.en}")


def _way(soundings: Soundings, leg: int) -> TimedWay | None:
    """Return the river's way that a leg goes by; None where it goes by water or by a way that somebody drew."""
    rules, edge = soundings.scene.network.rules, soundings.ways.get(leg, -1)
    named = rules.terms.way.get(edge, "") if rules is not None else ""
    return next((way for way in soundings.scene.river.ways if way.id == named), None)


def _told(courses: list[float], reach: Floats) -> list[tuple[int, Kind, float, float]]:
    """Return where something is told: point, what, the turn made there (right positive) and the course after it."""
    told: list[tuple[int, Kind, float, float]] = []
    held_deg, last_m = courses[0] if courses else 0.0, 0.0
    for at, course in enumerate(courses):
        turn = (course - held_deg + 540.0) % 360.0 - 180.0
        if math.isnan(course):
            continue
        if at == 0:
            told.append((at, "leave", 0.0, course))
        elif math.isnan(courses[at - 1]):
            told.append((at, "keep", 0.0, course))
        elif abs(turn) >= TURN_DEG:
            first, kind, before, _ = told[-1]
            if kind == "turn" and before * turn > 0 and reach[at] - last_m <= ONE_TURN_M:
                told[-1] = (first, "turn", before + turn, course)
            else:
                told.append((at, "turn", turn, course))
        elif reach[at] - last_m >= TOLD_EVERY_M:
            told.append((at, "keep", 0.0, course))
        else:
            continue
        held_deg, last_m = course, float(reach[at])
    return told


def _courses(soundings: Soundings) -> list[float]:
    """Return the course of each leg; NaN where it is no water."""
    path = soundings.path
    course = np.degrees(np.arctan2(np.diff(path.x_m), np.diff(path.y_m))) % 360.0
    return [math.nan if leg in soundings.ways else float(one) for leg, one in enumerate(course, 1)]


def _heads(soundings: Soundings, at: int, course_deg: float) -> Text:
    """Return the direction of the leg after a point: along the river or across it, and the course."""
    path, axis = soundings.path, soundings.scene.river.centreline
    along_x, along_y = (float(one) for one in axis.tangent(float(path.chainage_m[at])))
    east, north = math.sin(math.radians(course_deg)), math.cos(math.radians(course_deg))
    down, left = east * along_x + north * along_y, north * along_x - east * along_y
    if abs(down) >= math.cos(math.radians(45.0)):
        way = Text("下行", "downstream") if down > 0 else Text("上行", "upstream")
    else:
        way = (
            Text("向左岸横渡", "across to the left bank")
            if left > 0
            else Text("向右岸横渡", "across to the right bank")
        )
    return Text(f"{way.zh}，航向 {course_deg:03.0f}", f"{way.en}, course {course_deg:03.0f}")


def _arrival(path: Path) -> Text:
    if path.left_m < 5.0:
        return Text("到达", "there")
    return Text(
        f"停靠：目标在 {path.left_m:.0f} 米外，艇不能再近",
        f"stop: the goal lies {path.left_m:.0f} m on, no water for the boat",
    )


def _bridges(soundings: Soundings) -> Iterator[Instruction]:
    river, air_m = soundings.scene.river, soundings.limits.air_m
    water = soundings.scene.water
    for one in soundings.crossings:
        at = int(np.argmin(np.abs(soundings.distance_m - one.distance_m)))
        held_s = min(max(one.time_s, water.start_s), water.end_s)
        free = one.span.soffit_m - float(water.high_m(one.bridge.chainage_m, held_s)) - air_m
        where = place(river, one.bridge.chainage_m, float(soundings.offset_m[at]))
        name, spans = one.bridge.name, len(one.bridge.spans)
        span = Text(f"第 {one.number} 孔", f", span {one.number} from the right") if spans > 1 else Text("", "")
        words = Text(
            f"过{name.zh}{span.zh}，净空余 {free:.1f} 米",
            f"under {name.en}{span.en}, {free:.1f} m of headroom to spare",
        )
        yield Instruction("bridge", one.distance_m, one.time_s, one.leg, where, words)


def _reefs(soundings: Soundings) -> Iterator[Instruction]:
    river, water = soundings.scene.river, soundings.scene.water
    for reef in river.reefs:
        away = np.hypot(soundings.x_m - reef.x_m, soundings.y_m - reef.y_m)
        at = int(np.argmin(away))
        if away[at] > REEF_M or at == len(away) - 1:
            continue
        held_s = min(max(float(soundings.time_s[at]), water.start_s), water.end_s)
        level = float(water.level_m(np.clip(soundings.chainage_m[at], 0.0, river.length_m), held_s))
        state = _REEF_WORDS[reef_state(reef.crest_m, level)]
        side, where = (
            _side(soundings, at, reef),
            place(river, float(soundings.chainage_m[at]), float(soundings.offset_m[at])),
        )
        words = Text(
            f"{side.zh} {away[at]:.0f} 米有{reef.name.zh}（{state.zh}）",
            f"{reef.name.en} {away[at]:.0f} m {side.en} ({state.en})",
        )
        yield Instruction(
            "reef",
            float(soundings.distance_m[at]),
            float(soundings.time_s[at]),
            max(int(soundings.leg[at]), 1),
            where,
            words,
        )


def _side(soundings: Soundings, at: int, reef: Reef) -> Text:
    before, after = max(at - 1, 0), min(at + 1, len(soundings.x_m) - 1)
    dx, dy = soundings.x_m[after] - soundings.x_m[before], soundings.y_m[after] - soundings.y_m[before]
    left = dx * (reef.y_m - soundings.y_m[at]) - dy * (reef.x_m - soundings.x_m[at]) > 0
    return Text("左舷", "to port") if left else Text("右舷", "to starboard")
