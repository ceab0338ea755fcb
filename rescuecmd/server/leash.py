"""A drill clock on a leash: it never runs away from the drill's own ticks.

On a machine that cannot keep the speed asked for, drill time goes slower; otherwise every position would look old,
and alarms would speak of the machine instead of the river.
"""

import time
from collections.abc import Callable

from rescuecmd.clock import DrillClock

LEASH_S = 3.0
"""Drill seconds that the clock may be ahead of the last tick."""

PATIENCE_S = 0.5
"""Real seconds of the same; at high speed the longer of the two counts."""


class LeashedClock(DrillClock):
    """A drill clock that stays near `played_s`, the time of the last tick that was played."""

    def __init__(self, start_s: float, *, speed: float = 1.0, steady: Callable[[], float] = time.monotonic) -> None:
        super().__init__(start_s, speed=speed, steady=steady)
        self.played_s: Callable[[], float] | None = None

    def now_s(self) -> float:
        """Return the drill time; what could not be played in time is not made up for later."""
        free_s = super().now_s()
        if self.played_s is None or not self.running:
            return free_s
        most_s = self.played_s() + max(LEASH_S, PATIENCE_S * self.speed)
        if free_s > most_s:
            self._base_s, self._mark = most_s, self._steady()
            return most_s
        return free_s
