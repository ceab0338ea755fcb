"""What a drill file says, checked and resolved against a river and the plan cards.

Times are drill seconds from the start (never clock times: a drill starts when somebody starts it). Places are
already x and y in the river's frame.
"""

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from rescuecmd.condition import Condition
from rescuecmd.picture.entity import HazardKind, VictimKind
from rescuecmd.picture.order import DeclineReason
from rescuecmd.picture.unit import Unit
from rescuecmd.text import Text

FaultPart: TypeAlias = Literal["engine", "link", "gps", "gauge", "crew"]
FaultType: TypeAlias = Literal["degraded", "failed", "off", "drift", "stuck", "decline", "silent"]
Float: TypeAlias = Literal["ring", "jacket", "none"]
Deed: TypeAlias = Literal["push_plan", "form_group"]
ExitKind: TypeAlias = Literal["steps", "ramp", "path"]

SIMULATED: Mapping[FaultPart, tuple[FaultType, ...]] = {
    "engine": ("degraded", "failed"),
    "link": ("off",),
    "gps": ("drift",),
    "gauge": ("stuck",),
    "crew": ("decline", "silent"),
}
"""Which faults the world can play; the loader refuses every other pair."""


@dataclass(frozen=True, slots=True)
class Span:
    """A duration, or a range of which the seed draws one."""

    low_s: float
    high_s: float

    def draw(self, rng: random.Random) -> float:
        """Return the duration of this run, s; always takes one draw."""
        return self.low_s + (self.high_s - self.low_s) * rng.random()


@dataclass(frozen=True, slots=True)
class Spot:
    """A point in the river's frame, with the id of the place it was named by (or an empty text)."""

    x_m: float
    y_m: float
    place_id: str = ""


@dataclass(frozen=True, slots=True)
class When:
    """A trigger: exactly one of a drill time and a condition; the condition must hold for `dwell_s`."""

    at_s: float | None = None
    condition: Condition | None = None
    dwell_s: float = 0.0

    @property
    def text(self) -> str:
        """The condition as written, or an empty text."""
        return self.condition.text if self.condition else ""


@dataclass(frozen=True, slots=True)
class Forecast:
    """A forecast issued at `at_s`: right on average, wrong by a drawn error that grows with the lead.

    The drawn error has the standard deviation `sigma_m_per_h` times the lead in hours; `bias_m_per_h` is an error
    the script sets on purpose, which the issued sigma does not know.
    """

    at_s: float
    horizon_s: float
    step_s: float
    sigma_m_per_h: float
    bias_m_per_h: float = 0.0


@dataclass(frozen=True, slots=True)
class Levels:
    """The true water: for each gauge a series of the river package, squeezed in time.

    ``from_s`` is where in the series the drill begins, ``quiet_s`` how long the level stands before it moves,
    ``real_s`` of the series pass in ``drill_s`` of the drill.
    """

    series: Mapping[str, str]
    from_s: float
    quiet_s: float
    real_s: float
    drill_s: float
    reading_every_s: float
    reading_noise_m: float
    forecasts: tuple[Forecast, ...]
    main_gauge_id: str

    @property
    def compression(self) -> float:
        """Seconds of the series in one second of the drill."""
        return self.real_s / self.drill_s


@dataclass(frozen=True, slots=True)
class Sightings:
    """How often, and how well, the drifting are seen from shore, and positions are fixed."""

    every_s: float = 20.0
    error_m: float = 15.0
    gps_m: float = 3.0


@dataclass(frozen=True, slots=True)
class Force(Unit):
    """A unit, and where the drill puts it."""

    spot: Spot = field(kw_only=True)


@dataclass(frozen=True, slots=True)
class VictimSpec:
    """People in need: where, since when, when somebody reports them, and how long they last in the water."""

    id: str
    kind: VictimKind
    name: Text
    count: int
    spot: Spot
    appears_s: float
    reported_s: float
    reported_by: str
    floats: Float = "none"
    lost_after: Span | None = None
    hesitates: Span = field(default=Span(0.0, 0.0))


@dataclass(frozen=True, slots=True)
class HazardSpec:
    """Something dangerous that becomes known at a time."""

    id: str
    kind: HazardKind
    name: Text
    spot: Spot
    radius_m: float
    appears_s: float


@dataclass(frozen=True, slots=True)
class CameraSpec:
    """A virtual shore camera: where it stands, how high, and what it looks at."""

    id: str
    name: Text
    spot: Spot
    looks_at: Spot
    level_m: float
    target_level_m: float
    hfov_deg: float


@dataclass(frozen=True, slots=True)
class Inject:
    """A line given to somebody at a time or under a condition; a hint costs points."""

    id: str
    when: When
    to: tuple[str, ...]
    via: str
    text: Text
    hint: bool = False
    cost: float = 0.0
    contingency: str = ""
    surprise: bool = True


@dataclass(frozen=True, slots=True)
class FaultSpec:
    """Something that goes wrong, for a while or for good (``for_s`` None)."""

    id: str
    when: When
    target: str
    part: FaultPart
    type: FaultType
    value: float = 0.0
    for_s: float | None = None
    plan_id: str = ""
    reason: DeclineReason = "busy"


@dataclass(frozen=True, slots=True)
class Objective:
    """What the drill is about; rated by its expectations."""

    id: str
    name: Text
    capability: str


@dataclass(frozen=True, slots=True)
class Expectation:
    """What should happen: a deed or a state, counted from `after` (an inject or expectation), within P < S < M."""

    id: str
    objective: str
    name: Text
    p_s: float
    s_s: float
    m_s: float
    weight: float
    critical: bool
    after: str = ""
    deed: Deed | None = None
    plan_id: str = ""
    least: int = 1
    until: Condition | None = None


@dataclass(frozen=True, slots=True)
class SafetyRule:
    """What must not happen; a breach caps its objective at M."""

    id: str
    objective: str
    name: Text
    condition: Condition


@dataclass(frozen=True, slots=True)
class SafetyWord:
    """The word that stops the drill because something real has happened."""

    word: Text
    halt_s: float
    resume_by: str
    real_channel: str


@dataclass(frozen=True, slots=True)
class DrillScript:
    """A whole drill. ``marking`` is never empty: it stands on everything that is shown."""

    id: str
    title: Text
    marking: str
    safety: SafetyWord
    duration_s: float
    seed: int
    river_id: str
    levels: Levels
    sightings: Sightings
    objectives: tuple[Objective, ...]
    forces: tuple[Force, ...]
    victims: tuple[VictimSpec, ...]
    hazards: tuple[HazardSpec, ...]
    cameras: tuple[CameraSpec, ...]
    injects: tuple[Inject, ...]
    faults: tuple[FaultSpec, ...]
    expectations: tuple[Expectation, ...]
    rules: tuple[SafetyRule, ...]
    stop: When
    landings: tuple[Spot, ...]
    file: str = ""
    note: Text | None = None

    def force_of(self, terminal_id: str) -> Force:
        """Return the force that carries a terminal."""
        return next(force for force in self.forces if force.terminal_id == terminal_id)
