"""The shape of a drill file: every key, its type and unit. What names must exist is checked in `drill_file`."""

import re
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import BeforeValidator, Field, ValidationInfo, field_validator, model_validator

from rescuecmd.drill.script import Deed, FaultPart, FaultType, Float, Span
from rescuecmd.errors import InputError
from rescuecmd.interop.files import Bilingual, FileModel
from rescuecmd.interop.unit_shape import Name, UnitModel
from rescuecmd.picture.entity import HazardKind, VictimKind
from rescuecmd.picture.order import DeclineReason
from rescuecmd.units import parse_duration_s

MARKS = ("演练", "DRILL", "EXERCISE")
_COMPRESS = re.compile(r"\s*(\S+)\s*->\s*(\S+)\s*")


def _seconds(value: Any) -> float:
    if not isinstance(value, str):
        # pydantic turns a ValueError (and no TypeError) into a fault of the file
        raise ValueError(f"write a duration with units like '90s' or '5m30s', got {value!r}")  # noqa: TRY004
    try:
        return parse_duration_s(value)
    except InputError as error:
        raise ValueError(error.message) from None


def _span(value: Any) -> Span:
    low, _, high = value.partition("..") if isinstance(value, str) else (value, "", "")
    span = Span(_seconds(low), _seconds(high or low))
    if span.high_s < span.low_s:
        raise ValueError(f"a range grows, like '9m..13m', got {value!r}")
    return span


def _ratio(value: Any) -> tuple[float, float]:
    match = _COMPRESS.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise ValueError(f"write what becomes of what, like '24h -> 45m', got {value!r}")
    real_s, drill_s = _seconds(match[1]), _seconds(match[2])
    if real_s <= 0 or drill_s <= 0:
        raise ValueError(f"both durations must be above 0, got {value!r}")
    return real_s, drill_s


Seconds: TypeAlias = Annotated[float, BeforeValidator(_seconds)]
SpanField: TypeAlias = Annotated[Span, BeforeValidator(_span)]
Compress: TypeAlias = Annotated[tuple[float, float], BeforeValidator(_ratio)]


class SpotModel(FileModel):
    """A place id, a point beside a place, or chainage and offset."""

    near: str = ""
    downstream_m: float = 0.0
    left_m: float = 0.0
    chainage_m: float | None = None
    offset_m: float | None = None

    @model_validator(mode="before")
    @classmethod
    def _by_name(cls, value: Any) -> Any:
        return {"near": value} if isinstance(value, str) else value

    @model_validator(mode="after")
    def _one_way(self) -> "SpotModel":
        if bool(self.near) == (self.chainage_m is not None) or (self.chainage_m is None) != (self.offset_m is None):
            raise ValueError("give a place id, {near, downstream_m, left_m}, or {chainage_m, offset_m}")
        return self


class TriggerModel(FileModel):
    """Exactly one of a drill time and a condition; ``for`` is how long the condition must hold."""

    at: Seconds | None = None
    when: str | None = Field(default=None, min_length=1)

    @model_validator(mode="after")
    def _exactly_one(self) -> "TriggerModel":
        if (self.at is None) == (self.when is None):
            raise ValueError("give exactly one of 'at' (drill time) and 'when' (condition)")
        return self


class ReadingsModel(FileModel):
    """How gauges are read."""

    every: Seconds = 60.0
    noise_m: float = Field(default=0.01, ge=0, le=0.5)


class ForecastModel(FileModel):
    """A forecast and how wrong it may be."""

    at: Seconds
    horizon: Seconds
    step: Seconds = 300.0
    sigma_m_per_h: float = Field(ge=0, le=5)
    bias_m_per_h: float = Field(default=0.0, ge=-10, le=10)


class WaterModel(FileModel):
    """Series of the river package for each gauge, and how they are squeezed."""

    series: dict[str, str] = Field(min_length=1)
    main_gauge: str
    begin: Seconds = 0.0
    quiet: Seconds = 0.0
    compress: Compress
    readings: ReadingsModel = ReadingsModel()
    forecasts: list[ForecastModel] = Field(min_length=1)


class SightingsModel(FileModel):
    """What is seen, and how well."""

    every: Seconds = 20.0
    error_m: float = Field(default=15.0, ge=1, le=500)
    gps_m: float = Field(default=3.0, ge=0.1, le=100)


class ForceModel(UnitModel):
    """A unit, and where the drill puts it."""

    at: SpotModel


class VictimModel(FileModel):
    """People in need."""

    id: Name
    name: Bilingual
    kind: VictimKind
    at: SpotModel
    count: int = Field(ge=1, le=5000)
    appears: Seconds = 0.0
    reported: Seconds
    reported_by: str = "shore"
    floats: Float = "none"
    lost_after: SpanField | None = None
    hesitates: SpanField = Span(0.0, 0.0)

    @field_validator("reported")
    @classmethod
    def _not_before(cls, value: float, info: ValidationInfo) -> float:
        if value < info.data.get("appears", 0.0):
            raise ValueError("nobody is reported before being there ('reported' is before 'appears')")
        return value


class HazardModel(FileModel):
    """A danger that becomes known."""

    id: Name
    name: Bilingual
    kind: HazardKind
    at: SpotModel
    radius_m: float = Field(gt=0, le=1000)
    appears: Seconds = 0.0


class CameraModel(FileModel):
    """A virtual shore camera."""

    id: Name
    name: Bilingual
    at: SpotModel
    looks_at: SpotModel
    level_m: float
    hfov_deg: float = Field(default=60.0, gt=5, lt=150)


class InjectModel(TriggerModel):
    """A line that exercise control gives to somebody."""

    id: Name
    hold_for: Seconds = Field(default=0.0, alias="for")
    to: list[str] = Field(min_length=1)
    via: str = Field(min_length=1)
    zh: str = Field(min_length=1)
    en: str = Field(min_length=1)
    hint: bool = False
    cost: float = Field(default=0.0, ge=0, le=100)
    contingency: str = ""


class FaultModel(TriggerModel):
    """Something that goes wrong, for a while (``for``) or for good."""

    id: Name
    target: str
    part: FaultPart
    type: FaultType
    value: float = 0.0
    lasts: Seconds | None = Field(default=None, alias="for")
    plan: str = ""
    reason: DeclineReason = "busy"


class ObjectiveModel(FileModel):
    """What the drill is about."""

    id: Name
    zh: str = Field(min_length=1)
    en: str = Field(min_length=1)
    capability: str = Field(min_length=1)


class ExpectModel(FileModel):
    """What should happen and by when."""

    id: Name
    objective: str
    zh: str = Field(min_length=1)
    en: str = Field(min_length=1)
    after: str = ""
    do: Deed | None = None
    plan: str = ""
    least: int = Field(default=1, ge=1)
    until: str | None = None
    P: Seconds
    S: Seconds
    M: Seconds
    weight: float = Field(default=1.0, gt=0)
    critical: bool = False


class ForbidModel(FileModel):
    """What must not happen."""

    id: Name
    objective: str
    when: str
    zh: str = Field(min_length=1)
    en: str = Field(min_length=1)


class StopModel(TriggerModel):
    """When the drill is over before its time."""

    hold_for: Seconds = Field(default=0.0, alias="for")


class SafetyModel(FileModel):
    """The word for a real emergency, and who may resume."""

    word: Bilingual
    halt: Seconds = 1.0
    resume_by: str = Field(min_length=1)
    real_channel: str = Field(min_length=1)


class DrillModel(FileModel):
    """The whole file."""

    drill: Literal["river-drill/1"]
    id: str = Field(pattern=r"^[a-z][a-z0-9-]{0,39}$")
    title: Bilingual
    mode: str
    marking: str
    note: Bilingual | None = None
    safety: SafetyModel
    duration: Seconds
    seed: int = Field(ge=0)
    river: str
    water: WaterModel
    sightings: SightingsModel = SightingsModel()
    landings: list[str] = Field(min_length=1)
    objectives: list[ObjectiveModel] = Field(min_length=1)
    forces: list[ForceModel] = Field(min_length=1)
    victims: list[VictimModel] = Field(min_length=1)
    hazards: tuple[HazardModel, ...] = ()
    cameras: tuple[CameraModel, ...] = ()
    injects: tuple[InjectModel, ...] = ()
    faults: tuple[FaultModel, ...] = ()
    expect: list[ExpectModel] = Field(min_length=1)
    forbid: tuple[ForbidModel, ...] = ()
    stop: StopModel

    @field_validator("mode")
    @classmethod
    def _never_live(cls, value: str) -> str:
        if value != "exercise":
            raise ValueError(f"a drill file only opens an exercise: expected 'exercise', got {value!r}")
        return value

    @field_validator("marking")
    @classmethod
    def _marked(cls, value: str) -> str:
        if not any(mark in value for mark in MARKS):
            raise ValueError(f"an exercise must be marked with one of {', '.join(MARKS)}, got {value!r}")
        return value
