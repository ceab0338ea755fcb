"""The water of a river when nothing is known of it: orders are given all the same, and say so."""

from dataclasses import dataclass, field

import numpy as np

from rescuecmd.errors import NotCoveredError
from rescuecmd.river.water import Water


@dataclass(frozen=True, eq=False)
class UnknownWater(Water):
    """Water that covers no instant; every question about it is answered by the error that says why."""

    why: NotCoveredError = field(kw_only=True)

    def __post_init__(self) -> None:
        """Ask for no level: there is none."""

    @property
    def start_s(self) -> float:
        """Never."""
        return np.inf

    @property
    def end_s(self) -> float:
        """Never."""
        return -np.inf

    def uncovered(self, time_s: float) -> NotCoveredError:
        """Return why nothing is known, whatever the instant."""
        return self.why
