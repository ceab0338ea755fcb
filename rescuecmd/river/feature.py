"""What lies in and along a river: sections, reefs, bridges, landings, beaches, gauges, series, and their sources.

All positions are m in the river's frame, all levels m above the river's vertical datum.
"""

import math
from dataclasses import dataclass
from typing import Literal, TypeAlias

from rescuecmd.geo import Floats
from rescuecmd.river.hours import DailyHours
from rescuecmd.text import Text

PlaceKind: TypeAlias = Literal["reef", "beach", "landing", "ramp", "bridge", "pontoon", "safe_ground"]
ExitKind: TypeAlias = Literal["steps", "ramp", "path"]
SeriesKind: TypeAlias = Literal["observed", "forecast"]
Confidence: TypeAlias = Literal["high", "medium", "low"]
DangerKind: TypeAlias = Literal["debris", "cable", "wreck", "current", "other"]
WayKind: TypeAlias = Literal["portage", "ramp", "lock"]
Ring: TypeAlias = tuple[tuple[float, float], ...]


@dataclass(frozen=True, eq=False)
class Section:
    """A cross-section: bed level at offsets that grow from the right bank (negative) to the left (positive).

    ``left_bank_m`` and ``right_bank_m`` are the offsets where the surveyed width ends; ``channel_m`` are those of the
    channel within, right and left: beyond them lie flooded banks, which one level across the whole section does not
    describe, and where no boat is sent. ``banks_n`` is Manning's n there, right and left. A bed of NaN is not surveyed:
    the water over it, up to the next known points, is of unknown depth and nobody is sent there.
    """

    id: str
    chainage_m: float
    offsets_m: Floats
    beds_m: Floats
    manning_n: float
    left_bank_m: float
    right_bank_m: float
    channel: tuple[float, float] | None = None
    overbank_n: tuple[float, float] | None = None

    @property
    def channel_m(self) -> tuple[float, float]:
        """Offsets of the channel's right and left bank; the whole surveyed width where nothing else is said."""
        return self.channel or (self.right_bank_m, self.left_bank_m)

    @property
    def banks_n(self) -> tuple[float, float]:
        """Manning's n of the right and the left bank; the channel's where nothing else is said."""
        return self.overbank_n or (self.manning_n, self.manning_n)


@dataclass(frozen=True, slots=True)
class Reef:
    """A rock. ``ring_xy`` is its closed foot, star-shaped around the crest; ``sigma_m`` is the crest's own error."""

    id: str
    name: Text
    x_m: float
    y_m: float
    crest_m: float
    sigma_m: float
    ring_xy: Ring
    capacity: int


@dataclass(frozen=True, slots=True)
class Span:
    """One opening of a bridge, between two offsets, with the level of its underside."""

    from_m: float
    to_m: float
    soffit_m: float


@dataclass(frozen=True, slots=True)
class Pier:
    """A pier in the water."""

    x_m: float
    y_m: float
    radius_m: float


@dataclass(frozen=True, slots=True)
class Bridge:
    """A bridge across the whole river or a part of it: it obstructs only where it has spans and piers."""

    id: str
    name: Text
    chainage_m: float
    spans: tuple[Span, ...]
    piers: tuple[Pier, ...] = ()

    @property
    def soffit_m(self) -> float:
        """The lowest soffit."""
        return min(span.soffit_m for span in self.spans)


@dataclass(frozen=True, slots=True)
class Weir:
    """A weir or sill across the river between two offsets, its crest at a level.

    ``passable`` says whether boats may cross it like a shoal once enough water stands over the crest; most weirs hold
    what falls into the roller below them, and are never crossed.
    """

    id: str
    name: Text
    chainage_m: float
    from_m: float
    to_m: float
    crest_m: float
    passable: bool


@dataclass(frozen=True, slots=True)
class TimedWay:
    """A way from water to water that takes its own time: a portage, a ramp to carry a boat over, a lock.

    ``line_xy`` runs from where boats lie afloat at one end to where they float again at the other. ``both`` says
    whether it may be used from its last point to its first too. Limits are those of craft, without what they want to
    spare; inf: none. Only a lock has a ``sill_m``, over which the water must carry the boat; -inf: none.
    """

    id: str
    name: Text
    kind: WayKind
    line_xy: Ring
    takes_s: float
    both: bool
    hours: DailyHours | None = None
    max_draught_m: float = math.inf
    max_air_draught_m: float = math.inf
    sill_m: float = -math.inf


@dataclass(frozen=True, slots=True)
class Boom:
    """A boom, net, chain or other line across the water that no boat crosses."""

    id: str
    name: Text
    line_xy: Ring


@dataclass(frozen=True, slots=True)
class RestrictedArea:
    """An area with rules: a speed limit over ground (inf: none), hours (None: always), or closed altogether."""

    id: str
    name: Text
    ring_xy: Ring
    limit_mps: float = math.inf
    hours: DailyHours | None = None
    closed: bool = False


RiverRule: TypeAlias = TimedWay | Boom | RestrictedArea
"""What says where boats may go beside depth and height."""


@dataclass(frozen=True, slots=True)
class AssumedBed:
    """Somebody's word for the level of a bed that is not surveyed, inside a closed ring."""

    ring_xy: Ring
    bed_m: float


@dataclass(frozen=True, slots=True)
class Danger:
    """A lasting danger at a point: a wreck, a cable, an intake, a rapid."""

    id: str
    name: Text
    kind: DangerKind
    x_m: float
    y_m: float
    radius_m: float


@dataclass(frozen=True, slots=True)
class Landing:
    """A place where people go ashore, usable from ``low_m`` to ``high_m`` of water level."""

    id: str
    name: Text
    x_m: float
    y_m: float
    chainage_m: float
    low_m: float
    high_m: float
    capacity: int


@dataclass(frozen=True, slots=True)
class Pontoon(Landing):
    """A floating berth."""


@dataclass(frozen=True, slots=True)
class Ramp(Landing):
    """A slope where boats are launched."""


@dataclass(frozen=True, slots=True)
class SafeGround:
    """Ground above every flood that matters, where people are brought."""

    id: str
    name: Text
    x_m: float
    y_m: float
    level_m: float


@dataclass(frozen=True, slots=True)
class Exit:
    """A way off a beach; ``level_m`` is where the way itself goes under, ``to`` names its safe ground."""

    id: str
    name: Text
    x_m: float
    y_m: float
    level_m: float
    width_m: float
    kind: ExitKind
    to: str


@dataclass(frozen=True, slots=True)
class Beach:
    """A beach where a crowd may be; ``ground_m`` is its lowest ground in use."""

    id: str
    name: Text
    ring_xy: Ring
    ground_m: float
    exits: tuple[Exit, ...]


@dataclass(frozen=True, slots=True)
class StillWater:
    """An area where water stands still until the level reaches ``until_m``: behind a bar whose head is dry.

    The hydraulics books call it an ineffective flow area.
    """

    id: str
    name: Text
    ring_xy: Ring
    until_m: float


@dataclass(frozen=True, slots=True)
class GaugeSite:
    """A gauge board.

    Its published numbers stand on ``vertical_datum``; adding ``to_river_datum_m`` brings them to the river's.
    ``zero_m``, ``warning_m`` and ``guarantee_m`` are already on the river's vertical datum. ``every_s`` is how often it
    is read, ``max_rate_m_per_h`` how fast its water can change (None: not stated).
    """

    id: str
    name: Text
    x_m: float
    y_m: float
    chainage_m: float
    zero_m: float | None
    vertical_datum: str
    to_river_datum_m: float
    warning_m: float | None = None
    guarantee_m: float | None = None
    source: str = ""
    confidence: Confidence = "low"
    every_s: float | None = None
    max_rate_m_per_h: float | None = None


@dataclass(frozen=True, eq=False)
class Series:
    """Levels of one gauge in time, on the river's vertical datum; arrays of one shape (n,).

    ``published`` is True at the values that stand in the source, False where the shape was drawn in between.
    """

    id: str
    name: Text
    gauge_id: str
    kind: SeriesKind
    times_s: Floats
    levels_m: Floats
    sigma_m: Floats
    source: str
    confidence: Confidence
    note: Text
    published: tuple[bool, ...] = ()
    issued_s: float | None = None


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where a layer, or one feature of it, comes from and how far to trust it."""

    layer: str
    source: str
    confidence: Confidence
    licence: str
    feature: str = ""


@dataclass(frozen=True, slots=True)
class Surface:
    """The slope of the water surface (m per m) at a low and at a flood level; in between it is linear in level."""

    low_level_m: float
    low_slope: float
    flood_level_m: float
    flood_slope: float


@dataclass(frozen=True, slots=True)
class Rating:
    """Discharge by level at one gauge.

    ``points`` are (level m, discharge m3/s), ascending. Between and beyond them discharge follows a power law in
    the height above ``no_flow_m``. No current is ever given above ``max_current_mps``.
    """

    gauge_id: str
    no_flow_m: float
    points: tuple[tuple[float, float], ...]
    max_current_mps: float
    source: str = ""
    confidence: Confidence = "low"


@dataclass(frozen=True, slots=True)
class Place:
    """A named place with the level that matters there.

    ``critical_m`` is a reef's crest, a beach's ground, the highest usable level of a landing, ramp or pontoon, the
    level of safe ground, and the lowest soffit of a bridge.
    """

    id: str
    kind: PlaceKind
    name: Text
    x_m: float
    y_m: float
    chainage_m: float
    critical_m: float
    sigma_m: float = 0.0
