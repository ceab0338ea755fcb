"""Watches a running route: whether it is still passable, and whether another one is clearly earlier."""

import math
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np

from rescuecmd.errors import RefusedError
from rescuecmd.picture.entity import Craft
from rescuecmd.routing import explain
from rescuecmd.routing.guide import duration, place
from rescuecmd.routing.kernel import OUTSIDE
from rescuecmd.routing.path import Leg, Path
from rescuecmd.routing.remaining import THERE_M, Remaining, remaining
from rescuecmd.routing.scene import Scene, Spot
from rescuecmd.text import Text

BEATEN_S = 30.0
BEATEN_SHARE = 0.05
"""A route is replaced for being slow only if another is earlier by more than both: orders must not flicker."""

RETURN_M = 0.10
"""A boat that was turned round once is not turned again for a faster way with less water to spare than this, while
the running one has more: a way that was cut and opens again is believed only when the water stands well above what it
needs. With `KEEP_M` this is a dead band in which readings may go up and down without turning boats round."""

STRAIGHT_SHARE = 0.92
"""A straightened path takes at least this share of the time by the grid: eight headings miss a course by 22.5 deg at
most, which costs 1 - 1 / 1.082."""

_LAST_PIECE_S = 120.0  # no piece of a leg takes longer: one that ends beyond what is known has begun after this

Kind: TypeAlias = Literal["keep", "cut", "beaten"]


@dataclass(frozen=True, eq=False)
class Verdict:
    """What to do with a route: keep it (no path), or take `path`; "cut" without a path: there is no other way.

    The path says nothing about what it avoids: `why` is the one sentence that the crew gets.
    """

    kind: Kind
    path: Path | None
    why: Text


def review(scene: Scene, craft: Craft, path: Path, at_xy: Spot, now_s: float, *, turned: bool = False) -> Verdict:
    """Judge a running path from where the boat is now, with the water as known now.

    "cut": some leg still ahead will not be passable when the boat gets there. "beaten": another way is earlier by more
    than 30 s and 5 % of the time that remains. Otherwise "keep". `turned` says that the path has replaced another:
    the next one then has to be deeper than `RETURN_M` as well.
    """
    if math.hypot(float(path.x_m[-1]) - at_xy[0], float(path.y_m[-1]) - at_xy[1]) <= THERE_M:
        return Verdict("keep", None, Text("已到达", "the boat has arrived"))
    rest, goal = remaining(scene, craft, path, at_xy, now_s), (path.goal_x_m, path.goal_y_m)
    keep = Verdict("keep", None, Text("航线仍为最佳", "the route is still the best"))
    worth_s = max(BEATEN_S, BEATEN_SHARE * (rest.arrive_s - now_s))
    try:
        soonest_s = now_s + (scene.arrival_s(craft, at_xy, goal, now_s) - now_s) * STRAIGHT_SHARE
        if rest.broken is None and rest.arrive_s - soonest_s <= worth_s:
            return keep
        fresh = scene.bare_path(craft, at_xy, goal, now_s)
    except RefusedError as refused:
        return _no_other_way(scene, rest, refused, now_s)
    if rest.broken is not None:
        return Verdict("cut", fresh, _cut(scene, rest.broken, now_s))
    gain = rest.arrive_s - fresh.arrive_s
    thin = turned and fresh.least_margin_m < min(RETURN_M, rest.margin_m)
    return Verdict("beaten", fresh, _beaten(scene, path, fresh, gain)) if gain > worth_s and not thin else keep


def _cut(scene: Scene, leg: Leg, now_s: float) -> Text:
    why = _closing(scene, leg, now_s)
    return Text(f"{why.zh}，已改道", f"{why.en}; a new route is given")


def _closing(scene: Scene, leg: Leg, now_s: float) -> Text:
    """Return why a leg cannot be sailed when the boat gets there: what closes it, or where the levels end."""
    if leg.reason != OUTSIDE or leg.time_s < scene.conditions.to_s - _LAST_PIECE_S:
        return explain.closing(scene.river, leg, now_s)
    if scene.water.ends is not None and scene.water.ends.at_s <= scene.conditions.to_s:
        return scene.water.ends.text
    ahead = duration(scene.conditions.to_s - now_s)
    return Text(f"水位只知道到 {ahead.zh}后", f"levels are known for {ahead.en} only")


def _no_other_way(scene: Scene, rest: Remaining, refused: RefusedError, now_s: float) -> Verdict:
    if rest.broken is None:
        return Verdict("keep", None, Text("航线仍可通行", "the route is still passable"))
    why = _closing(scene, rest.broken, now_s)
    zh, en = refused.facts.get("zh", "附近无可用水深"), refused.facts.get("en", refused.message)
    return Verdict("cut", None, Text(f"{why.zh}，无其他航线（{zh}）", f"{why.en}; there is no other way ({en})"))


def _beaten(scene: Scene, path: Path, fresh: Path, gain_s: float) -> Text:
    earlier = duration(gain_s)
    opened = _opened(scene, path, fresh)
    if opened is None:
        return Text(f"有更快航线：早到 {earlier.zh}", f"there is a faster way: {earlier.en} earlier")
    return Text(
        f"{opened.zh}水道已开通：早到 {earlier.zh}", f"the channel at {opened.en} has opened: {earlier.en} earlier"
    )


def _opened(scene: Scene, path: Path, fresh: Path) -> Text | None:
    """Return where the new path passes water that was too shallow when the old one was made."""
    water = scene.water
    if not water.covers(path.depart_s):
        return None
    at = np.clip(fresh.chainage_m, 0.0, scene.river.length_m)
    then, passing = np.full(len(at), path.depart_s), np.clip(fresh.eta_s, water.start_s, water.end_s)
    margin_then = fresh.margin_m - (water.low_m(at, passing) - water.low_m(at, then))
    if margin_then.min() >= 0:
        return None
    worst = int(np.argmin(margin_then))
    x, y = (float((line[max(worst - 1, 0)] + line[worst]) / 2) for line in (fresh.x_m, fresh.y_m))
    chainage, offset = scene.river.locate(x, y)
    return place(scene.river, float(chainage), float(offset))
