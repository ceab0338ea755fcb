"""When a place goes under: the first instant the water reaches its critical level, early, median and late.

And how a reef stands at a level: dry, awash or submerged.
"""

from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np

from rescuecmd.errors import NotCoveredError
from rescuecmd.geo import Floats
from rescuecmd.river.model import Place
from rescuecmd.river.water import BOUND_SIGMAS, Water

ReefState: TypeAlias = Literal["dry", "awash", "submerged"]

WATLEV = {"dry": 2, "awash": 5, "submerged": 3}
"""The same in codes of S-57 (attribute WATLEV): always dry, awash, always under water."""

_AWASH_M = 0.3  # waves and wash of boats: a crest this close to the surface is neither dry nor under


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
        raise NotCoveredError(
            "outside-time",
            f"levels are known from {water.start_s:.0f} to {water.end_s:.0f} s, asked for {from_s:.0f} s",
            start_s=water.start_s,
            end_s=water.end_s,
        )
    times = np.concatenate(([from_s], water.times_s[water.times_s > from_s]))
    level = water.level_m(place.chainage_m, times)
    spread = BOUND_SIGMAS * np.hypot(water.sigma_m(place.chainage_m, times), place.sigma_m)
    critical = place.critical_m - room_m
    return Crossing(
        early_s=_first(times, level + spread - critical),
        median_s=_first(times, level - critical),
        late_s=_first(times, level - spread - critical),
    )


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
