"""A crowd that walks off a beach: reaction, the walk to the exits, and what the exits let through.

Source
------
Flow of exits: 82 persons per minute and metre on the level, 66 on steps (the Green Guide's figures, as quoted by
Buckinghamshire Council, "Assessing site suitability"). Walking at 1.0 m/s and reacting within 30 to 90 s are planning
figures of our own.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rescuecmd.drill.script import ExitKind
from rescuecmd.river.model import Beach, Exit

PERSONS_PER_MIN_M: Mapping[ExitKind, float] = {"steps": 66.0, "ramp": 82.0, "path": 82.0}
WALK_MPS = 1.0
REACT_S = (30.0, 90.0)


def capacity_per_s(exits: Sequence[Exit], level_m: float) -> float:
    """Return how many persons per second the exits above the water let through."""
    return sum(PERSONS_PER_MIN_M[e.kind] * e.width_m / 60.0 for e in exits if e.level_m > level_m)


def longest_walk_m(beach: Beach) -> float:
    """Return the longest way from the beach's edge to its nearest exit, m, in a straight line."""
    return max(min(math.dist((e.x_m, e.y_m), corner) for e in beach.exits) for corner in beach.ring_xy)


@dataclass(slots=True)
class Departure:
    """The way off for one crowd: told at a time, then an even stream of arrivals that queue at the exits."""

    beach: Beach
    persons: int
    react_s: float
    told_s: float | None = None
    through: float = 0.0

    @property
    def gone(self) -> int:
        """Persons who have left."""
        return math.floor(self.through + 1e-9)

    def tell(self, now_s: float) -> None:
        """The shore team asks everybody to leave; asking twice changes nothing."""
        if self.told_s is None:
            self.told_s = now_s

    def step(self, now_s: float, level_m: float, seconds: float) -> int:
        """Let a tick pass and return how many persons left in it."""
        if self.told_s is None or self.gone >= self.persons:
            return 0
        first_s = self.told_s + self.react_s
        share = (now_s - first_s) / (longest_walk_m(self.beach) / WALK_MPS)
        arrived = self.persons * min(1.0, max(0.0, share))
        before = self.gone
        allowed = capacity_per_s(self.beach.exits, level_m) * seconds
        self.through = min(arrived, self.through + allowed)
        return self.gone - before
