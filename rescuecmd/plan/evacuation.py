"""How a beach empties: which exits stay above the water, how long the people need, and how long they have."""

import math
from dataclasses import dataclass

import numpy as np

from rescuecmd.river.model import Beach, Exit, Place, River
from rescuecmd.river.submergence import submergence
from rescuecmd.river.water import Water

EXIT_ROOM_M = 0.5
"""An exit counts as open while it stays this far above the high bound (agency default)."""

EXIT_HORIZON_S = 1800.0
"""... for this long from now (agency default, the half hour in which a card for a beach applies)."""

WALK_MPS = 1.0
"""Walking pace of a mixed crowd on uneven ground (agency default)."""

FLOW_P_PER_MIN_M = {"path": 82.0, "steps": 66.0, "ramp": 66.0}
"""People per minute and metre of width: the Green Guide's 82 on the level and 66 on steps; a ramp counts as steps."""


@dataclass(frozen=True, slots=True)
class Way:
    """An exit as it stands. ``until_s`` is when the water may come within the room it needs; None: not foreseen.

    Where a forecast rises beyond the levels that are covered, nothing is known of the exit after that instant.
    """

    exit: Exit
    open: bool
    until_s: float | None

    @property
    def flow_p_per_min(self) -> float:
        """People that can leave by it in a minute."""
        return FLOW_P_PER_MIN_M[self.exit.kind] * self.exit.width_m


@dataclass(frozen=True, slots=True)
class Evacuation:
    """The state of a beach: its ways out, and the minutes that `people` need (None: no way is open)."""

    beach: Beach
    ways: tuple[Way, ...]
    people: int
    walk_m: float
    minutes: float | None

    @property
    def open(self) -> tuple[Way, ...]:
        """The ways that stay above the water, widest flow first."""
        return tuple(sorted((way for way in self.ways if way.open), key=lambda way: -way.flow_p_per_min))

    @property
    def closed(self) -> tuple[Way, ...]:
        """The ways that are or will soon be too close to the water."""
        return tuple(way for way in self.ways if not way.open)


def find_beach(river: River, place_id: str) -> Beach | None:
    """Return the beach of that id, or None when the place is no beach."""
    return next((beach for beach in river.beaches if beach.id == place_id), None)


def evacuation(river: River, water: Water, beach: Beach, people: int, now_s: float) -> Evacuation:
    """Return how `people` can leave a beach at `now_s`.

    Minutes are people / (width x flow) summed over the open exits, plus the longest walk to the nearest of them.

    Raises
    ------
    NotCoveredError
        `now_s` lies outside the time the water covers.
    """
    ways = tuple(_way(river, water, way, now_s) for way in beach.exits)
    leading = [way for way in ways if way.open]
    walk_m = _longest_walk(beach, [way.exit for way in leading])
    flow = sum(way.flow_p_per_min for way in leading)
    minutes = people / flow + walk_m / WALK_MPS / 60 if flow > 0 else None
    return Evacuation(beach, ways, people, walk_m, minutes)


def _way(river: River, water: Water, way: Exit, now_s: float) -> Way:
    chainage = float(np.clip(river.locate(way.x_m, way.y_m)[0], 0.0, river.length_m))
    place = Place(way.id, "landing", way.name, way.x_m, way.y_m, chainage, way.level_m)
    until = submergence(water, place, now_s, room_m=EXIT_ROOM_M).early_s
    if until is None and water.ends is not None and water.ends.above:
        until = water.ends.at_s  # the level goes on rising, to where nobody can say what it reaches
    return Way(way, until is None or until > now_s + EXIT_HORIZON_S, until)


def _longest_walk(beach: Beach, exits: list[Exit]) -> float:
    """Return the longest way from a corner of the beach to its nearest exit, m, as the crow flies."""
    if not exits:
        return 0.0
    return max(min(math.hypot(x - way.x_m, y - way.y_m) for way in exits) for x, y in beach.ring_xy)
