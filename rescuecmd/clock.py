"""The clock of an operation: the real one, or a drill's, which can be paused, stepped, jumped and sped up."""

import time
from collections.abc import Callable
from typing import Protocol

from rescuecmd.errors import InputError

MAX_SPEED = 1000.0


class Clock(Protocol):
    """Anything that tells the operation's time."""

    def now_s(self) -> float:
        """Return the operation's time, s since epoch (UTC)."""
        ...


class RealClock:
    """Wall time, for live incidents."""

    def now_s(self) -> float:
        """Return the wall time, s since epoch (UTC)."""
        return time.time()


class DrillClock:
    """Drill time: starts where it is told, stands still until `resume`, runs at `speed` times real time.

    Pausing is a property of the clock alone; nothing else is recomputed when it stops.
    """

    def __init__(self, start_s: float, *, speed: float = 1.0, steady: Callable[[], float] = time.monotonic) -> None:
        self._steady = steady
        self._base_s = start_s
        self._mark = steady()
        self._running = False
        self._speed = _checked(speed)

    @property
    def running(self) -> bool:
        """True while drill time moves."""
        return self._running

    @property
    def speed(self) -> float:
        """Drill seconds per real second."""
        return self._speed

    def now_s(self) -> float:
        """Return the drill time, s since epoch (UTC)."""
        if not self._running:
            return self._base_s
        return self._base_s + (self._steady() - self._mark) * self._speed

    def resume(self) -> None:
        """Let drill time move."""
        self._settle()
        self._running = True

    def pause(self) -> None:
        """Stop drill time where it is."""
        self._settle()
        self._running = False

    def set_speed(self, speed: float) -> None:
        """Run at `speed` drill seconds per real second from now on."""
        speed = _checked(speed)
        self._settle()
        self._speed = speed

    def step(self, seconds: float) -> None:
        """Move drill time forward by `seconds` at once."""
        if seconds < 0:
            raise InputError("clock-backwards", f"a drill clock only steps forward, got {seconds} s")
        self._settle()
        self._base_s += seconds

    def _settle(self) -> None:
        self._base_s, self._mark = self.now_s(), self._steady()


def _checked(speed: float) -> float:
    if not 0 < speed <= MAX_SPEED:
        raise InputError("bad-speed", f"speed must be above 0 and at most {MAX_SPEED:g}, got {speed:g}")
    return speed
