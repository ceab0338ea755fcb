"""The water as the picture holds it: gauges with their official lines, and when each place goes under."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

from rescuecmd.text import Text

PlaceKind: TypeAlias = Literal["reef", "beach", "landing", "ramp", "bridge", "pontoon", "safe_ground"]


BodyStageName: TypeAlias = Literal["ankle", "knee", "waist", "footing"]
GaugeState: TypeAlias = Literal["ok", "stale", "stuck"]


@dataclass(frozen=True, slots=True)
class Reading:
    """A water level at a time; ``sigma_m`` is 0 for a reading and the forecast's own error otherwise."""

    time_s: float
    level_m: float
    sigma_m: float = 0.0


@dataclass(frozen=True, slots=True)
class Gauge:
    """A gauge: levels are m above ``vertical_datum``. ``recent`` is oldest first, ``forecast`` earliest first.

    A reading is due every ``every_s``; one that changes faster than ``max_rate_m_per_h`` waits in ``held`` until the
    next one bears it out (None: not watched). ``state`` says what the software makes of the sensor.
    """

    id: str
    name: Text
    lon_deg: float
    lat_deg: float
    chainage_m: float
    vertical_datum: str
    warning_m: float | None
    guarantee_m: float | None
    recent: tuple[Reading, ...] = ()
    forecast: tuple[Reading, ...] = ()
    issued_s: float | None = None
    rise_m_per_h: float | None = None
    every_s: float | None = None
    max_rate_m_per_h: float | None = None
    state: GaugeState = "ok"
    held: tuple[Reading, ...] = ()


@dataclass(frozen=True, slots=True)
class BodyStage:
    """When the water stands so high at a standing person, or takes their footing: three instants as in `Outlook`."""

    name: BodyStageName
    early_s: float | None
    median_s: float | None
    late_s: float | None


@dataclass(frozen=True, slots=True)
class Outlook:
    """What the water does at one place: its critical level, the water's level there now, and when they meet.

    For a reef, beach or landing the critical level is its lowest useful ground; for a bridge it is the soffit.
    ``margin_m`` is critical minus water level (for a bridge: the free height). The three instants are when the
    margin is used up at the high bound, the median and the low bound of the forecast; None: not within it. ``stages``
    go on from there where people stand: on reefs and beaches.
    """

    id: str
    kind: PlaceKind
    name: Text
    lon_deg: float
    lat_deg: float
    critical_m: float
    level_m: float
    sigma_m: float
    margin_m: float
    time_s: float
    early_s: float | None = None
    median_s: float | None = None
    late_s: float | None = None
    stages: tuple[BodyStage, ...] = ()
