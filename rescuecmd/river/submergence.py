"""When a place goes under: the first instant the water reaches its critical level, early, median and late.

How far the water then stands up a person there, and when it takes their footing. And how a reef stands at a level: dry,
awash or submerged.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np

from rescuecmd.errors import NotCoveredError
from rescuecmd.geo import Floats
from rescuecmd.river.model import Place
from rescuecmd.river.water import BOUND_SIGMAS, Water

BodyStage: TypeAlias = Literal["ankle", "knee", "waist", "footing"]
ReefState: TypeAlias = Literal["dry", "awash", "submerged"]

WATLEV = {"dry": 2, "awash": 5, "submerged": 3}
"""The same in codes of S-57 (attribute WATLEV): always dry, awash, always under water."""

BODY_M: Mapping[BodyStage, float] = {"ankle": 0.10, "knee": 0.40, "waist": 0.90}
"""Heights above the ground of a person's feet. Knee: the 5th percentile of adult women's tibial height is 0.38 m, the
median 0.41 m (GB/T 10000-1988); waist: below their elbow height of 0.96 m. Children reach each stage earlier."""

FOOTING_M2PS = 0.4
"""Depth times speed of the water at which people may lose their footing.

Source: Cox, Shand and Blacka (2010), Australian Rainfall and Runoff, Project 10, stage 1, P10/S1/006: the limit for
floodways; adults were swept off in tests from 0.6 on (RESCDAM 2001). Small children and the frail fail below it (Cox,
Yee and Ball 2004)."""

FOOTING_M = 1.2
"""Depth at which adults lose their footing even in still water (same source)."""

_AWASH_M = 0.3  # waves and wash of boats: a crest this close to the surface is neither dry nor under


_STEP_S = 60.0  # the product of depth and speed is looked at this often; levels themselves are exact
_BESIDE = 1.25  # the speed is that of the water beside the rock, this far out from its middle, in radii of its foot


@dataclass(frozen=True, slots=True)
class Crossing:
    """First instants at the high bound, the median and the low bound of the level; None: not within the forecast."""

    early_s: float | None
    median_s: float | None
    late_s: float | None


def submergence(water: Water, place: Place, from_s: float, *, room_m: float = 0.0) -> Crossing:
    """Return when the water first reaches the place's critical level at or after `from_s`.

    Parameters
    ----------
    room_m
        Height that must stay free below the critical level: an air draught under a bridge, or a depth of dry rock.

    Raises
    ------
    NotCoveredError
        `from_s` lies outside the time the water covers.
    """
    if not water.covers(from_s):
        raise water.uncovered(from_s)
    times = np.concatenate(([from_s], water.times_s[water.times_s > from_s]))
    level = water.level_m(place.chainage_m, times)
    spread = BOUND_SIGMAS * np.hypot(water.sigma_m(place.chainage_m, times), place.sigma_m)
    critical = place.critical_m - room_m
    return Crossing(
        early_s=_first(times, level + spread - critical),
        median_s=_first(times, level - critical),
        late_s=_first(times, level - spread - critical),
    )


def body_stages(water: Water, place: Place, from_s: float) -> dict[BodyStage, Crossing]:
    """Return when the water reaches a standing person's ankle, knee and waist, and takes their footing.

    Where nothing is known of the speed of the water, nothing is said of their footing.

    Parameters
    ----------
    place
        A reef or beach; people stand at its critical level.

    Raises
    ------
    NotCoveredError
        `from_s` lies outside the time the water covers.
    """
    found = {stage: submergence(water, place, from_s, room_m=-height) for stage, height in BODY_M.items()}
    times = np.append(np.arange(from_s, water.end_s, _STEP_S), water.end_s)
    speed = _speed_beside(water, place, times)
    return {**found, "footing": _footing(water, place, times, speed)} if np.isfinite(speed).any() else found


def _footing(water: Water, place: Place, times: Floats, speed: Floats) -> Crossing:
    level = water.level_m(place.chainage_m, times)
    spread = BOUND_SIGMAS * np.hypot(water.sigma_m(place.chainage_m, times), place.sigma_m)

    def crossed(levels: Floats) -> float | None:
        depth = levels - place.critical_m
        return _first(times, np.maximum(depth * speed / FOOTING_M2PS, depth / FOOTING_M) - 1)

    return Crossing(crossed(level + spread), crossed(level), crossed(level - spread))


def _speed_beside(water: Water, place: Place, times: Floats) -> Floats:
    """Return the greatest speed of the water around a place, m/s; NaN without a rating.

    Where the rating does not reach, the speed of the nearest instant at which it does: faster water than that is not
    made up, nor is still water.
    """
    ring = next((reef.ring_xy for reef in water.river.reefs if reef.id == place.id), ((place.x_m, place.y_m),))
    corners = np.asarray(ring)
    x = place.x_m + _BESIDE * (corners[:, 0] - place.x_m)
    y = place.y_m + _BESIDE * (corners[:, 1] - place.y_m)
    chainage, offset = water.river.locate(x, y)
    chainage = np.clip(chainage, 0.0, water.river.length_m)
    coarse = np.unique(np.append(times[:: int(300 / _STEP_S)], times[-1]))
    rated = np.array([_rated(water, time) for time in coarse.tolist()])
    if not rated.any():
        return np.full(len(times), np.nan)
    speeds = water.current_mps(chainage[:, None], offset[:, None], coarse[None, rated])
    return np.asarray(np.interp(times, coarse[rated], speeds.max(axis=0)))


def _rated(water: Water, time_s: float) -> bool:
    """Return whether the discharge is known at an instant."""
    if water.river.rating is None:
        return False
    try:
        water.discharge_m3ps(time_s)
    except NotCoveredError:
        return False
    return True


def reef_state(crest_m: float, level_m: float) -> ReefState:
    """Return how a reef stands in water of a level."""
    height = crest_m - level_m
    if height > _AWASH_M:
        return "dry"
    return "awash" if height >= -_AWASH_M else "submerged"


def _first(times: Floats, above: Floats) -> float | None:
    """Return when a piecewise linear function first reaches 0 from below, or the start where it is there already."""
    reached = np.flatnonzero(above >= 0)
    if not len(reached):
        return None
    at = int(reached[0])
    if at == 0:
        return float(times[0])
    share = -above[at - 1] / (above[at] - above[at - 1])
    return float(times[at - 1] + share * (times[at] - times[at - 1]))
