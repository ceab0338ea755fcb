"""People in need as they truly are: on a reef until the water sweeps them off, in the water until found or lost.

Source
------
Standing in moving water: adults lose their footing at depth x speed of 0.4 m2/s between the still limit of 1.2 m and
0.8 m/s in the shallow (AR&R project 10). Waist depth, 0.9 m, is our own line for a group on a wet rock.
"""

import math
import random
from dataclasses import dataclass
from typing import Literal

from rescuecmd.drill.crowd import Departure
from rescuecmd.drill.script import VictimSpec
from rescuecmd.picture.entity import VictimKind

WAIST_M = 0.9
FOOTING_M2PS = 0.4
FOOTING_DEPTH_M = 0.3  # below this nobody is swept, however fast
WET_BEACH_M = 0.3  # a crowd on a beach that is wet so deep no longer walks off
SHALLOW_M = 0.6  # a drifting person touches ground here and is carried along the edge
WANDER_M = 0.12  # standard deviation of the wander in one second, each way
SWEPT_LASTS_S = (360.0, 720.0)  # how long the swept last in the water without a float

Loss = Literal["", "swept", "stranded", "lost"]


@dataclass(slots=True)
class People:
    """One victim record of the script as it truly stands."""

    spec: VictimSpec
    kind: VictimKind
    x_m: float
    y_m: float
    ground_m: float
    waiting: int
    lasts_s: float | None
    swept_lasts_s: float
    hesitates_s: float
    aboard: int = 0
    safe: int = 0
    lost: int = 0
    present: bool = False
    speed_mps: float = 0.0
    departure: Departure | None = None
    ends_s: float | None = None

    @property
    def id(self) -> str:
        """The victim's id."""
        return self.spec.id

    @property
    def closed(self) -> bool:
        """True when everybody is safe or lost."""
        return self.present and self.waiting == 0 and self.aboard == 0

    def appear(self, now_s: float) -> None:
        """Be there from now on."""
        self.present = True
        if self.kind == "in_water" and self.lasts_s is not None:
            self.ends_s = now_s + self.lasts_s

    def drift(self, u_mps: float, v_mps: float, rng: random.Random, seconds: float) -> tuple[float, float]:
        """Return where the current and a little wander carry them; always takes two draws."""
        dx = u_mps * seconds + rng.gauss(0.0, WANDER_M)
        dy = v_mps * seconds + rng.gauss(0.0, WANDER_M)
        return self.x_m + dx, self.y_m + dy

    def water_takes(self, now_s: float, depth_m: float, speed_mps: float) -> Loss:
        """Return what the water does to them now, given its depth and speed where they stand; and let it happen."""
        if not self.present or self.waiting == 0:
            return ""
        if self.kind == "in_water":
            return self._drown(now_s)
        if self.kind == "crowd":
            if depth_m < WET_BEACH_M:
                return ""
            self.kind = "stranded"
            return "stranded"
        if depth_m >= WAIST_M or (depth_m >= FOOTING_DEPTH_M and depth_m * speed_mps >= FOOTING_M2PS):
            self.kind = "in_water"
            self.ends_s = now_s + self.swept_lasts_s
            return "swept"
        return ""

    def _drown(self, now_s: float) -> Loss:
        if self.ends_s is None or now_s < self.ends_s:
            return ""
        self.lost += self.waiting
        self.waiting = 0
        return "lost"

    def distance_m(self, x_m: float, y_m: float) -> float:
        """Return how far they are from a point."""
        return math.hypot(self.x_m - x_m, self.y_m - y_m)
