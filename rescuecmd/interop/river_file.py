"""What stands in the files of a river package, before it is checked against the rest of the package."""

from typing import Annotated, Literal, TypeAlias

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from rescuecmd.errors import InputError
from rescuecmd.interop.csv_table import parse_time_s
from rescuecmd.interop.files import FileModel
from rescuecmd.river.feature import Confidence, DangerKind, ExitKind, SeriesKind, WayKind
from rescuecmd.river.hours import DailyHours

VerticalDatum: TypeAlias = Literal["wusong", "huanghai", "egm2008", "local"]
LayerName: TypeAlias = Literal[
    "centreline",
    "sections",
    "reefs",
    "bridges",
    "piers",
    "weirs",
    "ways",
    "booms",
    "restricted",
    "hazards",
    "pontoons",
    "ramps",
    "landings",
    "safe_ground",
    "beaches",
    "exits",
    "still_water",
    "gauges",
    "series",
    "profiles",
]
NEEDED: tuple[LayerName, ...] = ("centreline", "sections", "gauges")
"""Without these there is no river; any other layer may be left out."""

ID_PATTERN = r"^[a-z0-9]+(-[a-z0-9]+)*$"
Id: TypeAlias = Annotated[str, Field(pattern=ID_PATTERN, max_length=64)]
Words: TypeAlias = Annotated[str, Field(min_length=1)]
Level: TypeAlias = Annotated[float, Field(ge=-500, le=9000)]
Positive: TypeAlias = Annotated[float, Field(gt=0)]
Count: TypeAlias = Annotated[int, Field(ge=0)]


def _time(value: object) -> float:
    seconds = parse_time_s(value if isinstance(value, str) else str(value))
    if isinstance(seconds, str):
        raise ValueError(seconds)  # noqa: TRY004 - pydantic turns a ValueError into a fault of the field
    return seconds


Time: TypeAlias = Annotated[float, BeforeValidator(_time)]


def _hours(text: str) -> str:
    try:
        return str(DailyHours.parse(text))
    except InputError as error:
        raise ValueError(error.message) from error


HoursText: TypeAlias = Annotated[str, AfterValidator(_hours)]
"""Hours of the day with their zone, such as ``06:00-22:00 +08:00``."""


class RiverModel(FileModel):
    """Base of these models."""


class NameFile(RiverModel):
    """A text in both languages."""

    zh: Words
    en: Words


class FrameFile(RiverModel):
    """The centre of the local frame."""

    lon_deg: Annotated[float, Field(ge=-180, le=180)]
    lat_deg: Annotated[float, Field(ge=-85, le=85)]


class DatumOffsetFile(RiverModel):
    """What to add to one gauge's numbers on another vertical datum."""

    gauge: Id
    from_: Annotated[VerticalDatum, Field(alias="from")]
    add_m: Annotated[float, Field(ge=-100, le=100)]
    confidence: Confidence
    source: Words


class SlopePointFile(RiverModel):
    """A slope of the water surface at a level."""

    level_m: Level
    slope: Annotated[float, Field(ge=0, le=0.05)]


class SurfaceFile(RiverModel):
    """The slope of the water surface, low and in flood."""

    low: SlopePointFile
    flood: SlopePointFile
    confidence: Confidence
    source: Words


class RatingPointFile(RiverModel):
    """One point of the rating curve."""

    level_m: Level
    discharge_m3ps: Positive
    source: Words


class RatingFile(RiverModel):
    """Discharge by level at one gauge."""

    gauge: Id
    no_flow_m: Level
    points: Annotated[list[RatingPointFile], Field(min_length=1)]
    max_current_mps: Positive
    confidence: Confidence
    source: Words


class SeriesFile(RiverModel):
    """A level series; its rows stand in ``series/ID.csv``."""

    id: Id
    gauge: Id
    kind: SeriesKind
    issued: Time | None = None
    name: NameFile
    confidence: Confidence
    source: Words
    note: NameFile


class LayerFile(RiverModel):
    """Where a layer comes from; ``built_from`` is the digest of the sections that profiles were computed from."""

    source: Words
    confidence: Confidence
    licence: Words
    built_from: str | None = None


class RiverFile(RiverModel):
    """The whole of ``river.yaml``."""

    id: Id
    name: NameFile
    schematic: bool
    crs: Literal["EPSG:4326"]
    vertical_datum: VerticalDatum
    frame: FrameFile
    mouth_km: Annotated[float, Field(ge=0, le=10_000)]
    datum_offsets: tuple[DatumOffsetFile, ...] = ()
    surface: SurfaceFile
    rating: RatingFile | None = None
    series: tuple[SeriesFile, ...] = ()
    layers: dict[LayerName, LayerFile]


class IdFile(RiverModel):
    """Anything with an id."""

    id: Id


Roughness: TypeAlias = Annotated[float, Field(ge=0.005, le=0.5)]


class CentrelineFile(IdFile):
    """The centre line, drawn downstream."""


class SectionFile(IdFile):
    """A section, drawn from the right bank to the left."""

    manning_n: Roughness
    channel_m: tuple[float, float] | None = None
    overbank_n: tuple[Roughness, Roughness] | None = None


class NamedFile(IdFile):
    """Anything with an id and a name; what is not said of its origin is said of its layer."""

    name_zh: Words
    name_en: Words
    confidence: Confidence | None = None
    source: Words | None = None


class SourcedFile(NamedFile):
    """Anything that a boat may hit: its own origin is told, the layer's is not enough."""

    confidence: Confidence
    source: Words


_CLEARANCES = ("clearance", "clearance_m", "headroom", "headroom_m", "vercl", "verclr", "air_draught_m")


def _no_clearance(data: object) -> object:
    """Refuse a height above the water: above which water, at which level, on which day, nobody knows later."""
    named = [str(key) for key in data if str(key).lower() in _CLEARANCES] if isinstance(data, dict) else []
    if named:
        raise ValueError(
            f"{named[0]!r} is a height above some water level; a span needs 'soffit_m', the level of its underside "
            "above the vertical datum: add the level that the clearance refers to"
        )
    return data


class ReefFile(SourcedFile):
    """A reef, drawn around its foot."""

    crest_m: Level
    sigma_m: Annotated[float, Field(ge=0, le=10)]
    capacity: Count


class SpanFile(RiverModel):
    """An opening of a bridge, by offsets."""

    from_m: float
    to_m: float
    soffit_m: Level

    _refuse = model_validator(mode="before")(_no_clearance)


class BridgeFile(SourcedFile):
    """A bridge, drawn along its deck."""

    spans: Annotated[list[SpanFile], Field(min_length=1)]

    _refuse = model_validator(mode="before")(_no_clearance)


class PierFile(IdFile):
    """A pier of a bridge."""

    bridge: Id
    radius_m: Positive


class WeirFile(SourcedFile):
    """A weir, drawn along its crest from the right bank's side to the left's."""

    crest_m: Level
    passable: bool


class WayFile(SourcedFile):
    """A portage, ramp or lock, drawn from where a boat lies afloat to where it floats again."""

    kind: WayKind
    takes_s: Annotated[float, Field(gt=0, le=86_400)]
    both: bool
    open: HoursText | None = None
    max_draught_m: Positive | None = None
    max_air_draught_m: Positive | None = None
    sill_m: Level | None = None

    @model_validator(mode="after")
    def _only_locks_have_sills(self) -> "WayFile":
        if self.sill_m is not None and self.kind != "lock":
            raise ValueError(f"only a lock has a 'sill_m'; over a {self.kind} the boat is carried")
        return self


class BoomFile(SourcedFile):
    """A boom, net or chain, drawn across the water that it closes."""


class RestrictedFile(SourcedFile):
    """An area with a speed limit, with hours, or closed."""

    limit_mps: Annotated[float, Field(gt=0, le=50)] | None = None
    open: HoursText | None = None
    closed: bool = False

    @model_validator(mode="after")
    def _some_rule(self) -> "RestrictedFile":
        if self.closed == (self.limit_mps is not None or self.open is not None):
            raise ValueError("an area has a 'limit_mps', hours ('open'), both of them, or is 'closed': true")
        return self


class DangerFile(NamedFile):
    """A lasting danger at a point."""

    kind: DangerKind
    radius_m: Positive


class LandingFile(NamedFile):
    """A landing, ramp or pontoon and the levels between which it can be used."""

    low_m: Level
    high_m: Level
    capacity: Count


class SafeGroundFile(NamedFile):
    """Safe ground."""

    level_m: Level


class BeachFile(NamedFile):
    """A beach, drawn around the ground in use."""

    ground_m: Level


class StillWaterFile(NamedFile):
    """An area where water stands still below a level."""

    until_m: Level


class ExitFile(NamedFile):
    """A way from a beach to safe ground."""

    beach: Id
    level_m: Level
    width_m: Positive
    kind: ExitKind
    to: Id


class GaugeFile(SourcedFile):
    """A gauge board; its numbers stand on its own vertical datum."""

    vertical_datum: VerticalDatum
    zero_m: Level | None
    warning_m: Level | None
    guarantee_m: Level | None
    every_s: Positive | None = None
    max_rate_m_per_h: Positive | None = None
