"""The profile along a path: level, bed, the boat's draught and the bridges against distance and time, ready to draw."""

from dataclasses import dataclass

import numpy as np

from rescuecmd.geo import Floats
from rescuecmd.picture.entity import Craft
from rescuecmd.routing.guide import kilometre
from rescuecmd.routing.margins import LegMargin, leg_margins, worst_of, worst_told
from rescuecmd.routing.path import Path
from rescuecmd.routing.scene import Scene
from rescuecmd.routing.soundings import Soundings, sound
from rescuecmd.text import Text

MOST_POINTS = 240
"""A drawing has no more columns than this; each keeps the highest bed of the soundings it stands for."""


@dataclass(frozen=True, slots=True)
class Overhead:
    """A bridge on the profile: its soffit, the top of the boat under it at the high bound, what is free between."""

    bridge_id: str
    name: Text
    span: int
    distance_m: float
    time_s: float
    soffit_m: float
    top_m: float
    free_m: float


@dataclass(frozen=True, slots=True)
class Squeeze:
    """The worst leg on the profile: where it is, in words, and when it closes."""

    distance_m: float
    text: Text
    margin_m: float
    sigmas: float
    closes_s: float | None


@dataclass(frozen=True, eq=False)
class Profile:
    """Arrays of one shape (n,), at most `MOST_POINTS`; levels are m above the river's vertical datum.

    ``low_m`` is the bound that depth is judged by. ``bed_m`` is NaN outside the survey. ``kilometres`` are the words
    for each point.
    """

    distance_m: Floats
    time_s: Floats
    kilometres: tuple[str, ...]
    level_m: Floats
    low_m: Floats
    bed_m: Floats
    draught_m: float
    under_keel_m: float
    air_draught_m: float
    bridges: tuple[Overhead, ...]
    squeeze: Squeeze | None


def profile(scene: Scene, craft: Craft, path: Path) -> Profile:
    """Return the profile along a path.

    Raises
    ------
    NotCoveredError
        The network was written by hand and has no chart.
    """
    soundings = sound(scene, craft, path)
    groups = np.minimum(np.arange(len(soundings.leg)) * MOST_POINTS // max(len(soundings.leg), 1), MOST_POINTS - 1)
    if len(soundings.leg) <= MOST_POINTS:
        groups = np.arange(len(soundings.leg))
    first = np.flatnonzero(np.diff(groups, prepend=-1))
    bed = np.maximum.reduceat(soundings.bed_m, first)
    return Profile(
        distance_m=soundings.distance_m[first],
        time_s=soundings.time_s[first],
        kilometres=tuple(kilometre(scene.river, float(at)) for at in soundings.chainage_m[first]),
        level_m=soundings.level_m[first],
        low_m=soundings.low_m[first],
        bed_m=np.where(np.isfinite(bed), bed, np.nan),
        draught_m=craft.draught_m,
        under_keel_m=craft.under_keel_m,
        air_draught_m=craft.air_draught_m,
        bridges=_overheads(scene, craft, soundings),
        squeeze=_squeeze(scene, soundings, worst_of(leg_margins(soundings))),
    )


def _overheads(scene: Scene, craft: Craft, soundings: Soundings) -> tuple[Overhead, ...]:
    water, found = scene.water, []
    for one in soundings.crossings:
        held_s = min(max(one.time_s, water.start_s), water.end_s)
        top = float(water.high_m(one.bridge.chainage_m, held_s)) + craft.air_draught_m
        soffit = one.span.soffit_m
        found.append(
            Overhead(one.bridge.id, one.bridge.name, one.number, one.distance_m, one.time_s, soffit, top, soffit - top)
        )
    return tuple(found)


def _squeeze(scene: Scene, soundings: Soundings, worst: LegMargin | None) -> Squeeze | None:
    if worst is None:
        return None
    on = np.flatnonzero(soundings.leg == worst.leg)
    at = int(on[np.argmin(np.abs(soundings.chainage_m[on] - worst.chainage_m))])
    told = worst_told(scene.river, worst, scene.now_s)
    return Squeeze(float(soundings.distance_m[at]), told, worst.margin_m, worst.sigmas, worst.closes_s)
