"""What the server shows beside the picture: the river, the depth shading, the drill, the cameras, its own health."""

from typing import Any, Literal

from rescuecmd.picture.entity import Agency, Operation, TerminalRole
from rescuecmd.river.water import Tier
from rescuecmd.server.wire import Answer, Entities, StoryLine
from rescuecmd.text import Text


class FrameWire(Answer):
    """The centre of the river's local frame."""

    lon_deg: float
    lat_deg: float


class ProvenanceWire(Answer):
    """Where one layer of the river comes from and how far it may be trusted."""

    layer: str
    source: str
    confidence: str
    licence: str


class Geometry(Answer):
    """A GeoJSON geometry, (lon, lat)."""

    type: str
    coordinates: list[Any]


class Feature(Answer):
    """A GeoJSON feature; its properties carry `id`, `name_zh` and `name_en` and what its layer adds."""

    type: Literal["Feature"]
    id: str
    geometry: Geometry
    properties: dict[str, Any]


class FeatureCollection(Answer):
    """A GeoJSON feature collection."""

    type: Literal["FeatureCollection"]
    features: list[Feature]


class RiverLayers(Answer):
    """The layers of a river for a map."""

    centreline: FeatureCollection
    banks: FeatureCollection
    reefs: FeatureCollection
    bridges: FeatureCollection
    weirs: FeatureCollection
    ways: FeatureCollection
    booms: FeatureCollection
    restricted: FeatureCollection
    piers: FeatureCollection
    pontoons: FeatureCollection
    ramps: FeatureCollection
    landings: FeatureCollection
    safe_ground: FeatureCollection
    beaches: FeatureCollection
    exits: FeatureCollection
    gauges: FeatureCollection
    sections: FeatureCollection


class RiverAnswer(Answer):
    """The river of the running operation. It does not change while the operation runs."""

    id: str
    name: Text
    schematic: bool
    vertical_datum: str
    frame: FrameWire
    provenance: list[ProvenanceWire]
    layers: RiverLayers


class DepthClass(Answer):
    """One class of the depth shading: from which depth to which (m; None: no limit; below 0 is dry), and its colour."""

    from_m: float | None
    to_m: float | None
    colour: str


class DepthAnswer(Answer):
    """A depth shading; `corners` are (lon, lat) top left, top right, bottom right, bottom left."""

    id: str
    time_s: float
    level_m: float
    gauge_id: str
    corners: list[tuple[float, float]]
    png: str
    classes: list[DepthClass]
    tier: Tier


class BandProperties(Answer):
    """The minutes of one band of a reach map."""

    from_min: float
    to_min: float
    area_m2: float


class BandFeature(Answer):
    """One band of a reach map as a GeoJSON feature."""

    type: Literal["Feature"]
    id: str
    geometry: Geometry
    properties: BandProperties


class ReachAnswer(Answer):
    """How far one boat gets by when, from where it is and leaving now; the farthest band first.

    `ends` says why where the level leaves what is covered before the minutes are over.
    """

    vessel_id: str
    time_s: float
    minutes: float
    ends: Text | None = None
    type: Literal["FeatureCollection"]
    features: list[BandFeature]


class BridgeOnWay(Answer):
    """A bridge that a route passes under: `free_m` is the height that stays free over the boat."""

    id: str
    name: Text
    span: int
    distance_m: float
    time_s: float
    soffit_m: float
    top_m: float
    free_m: float


class InstructionOnWay(Answer):
    """One line of guidance along a route."""

    kind: Literal["leave", "turn", "keep", "wait", "way", "bridge", "reef", "arrive"]
    distance_m: float
    time_s: float
    where: Text
    text: Text


class ProfileAnswer(Answer):
    """The profile along a route: lists of one length. Levels are m above `vertical_datum`; a bed of None: no survey."""

    route_id: str
    vertical_datum: str
    schematic: bool
    distance_m: list[float]
    time_s: list[float]
    kilometres: list[str]
    level_m: list[float]
    low_m: list[float]
    bed_m: list[float | None]
    draught_m: float
    under_keel_m: float
    air_draught_m: float
    bridges: list[BridgeOnWay]
    tightest_m: float | None
    guidance: list[InstructionOnWay]


class InjectView(Answer):
    """One inject or fault that has not fired: when it comes, or by which condition, and what keeps it back.

    `at_s` is drill seconds. `when` is the condition as the script has it and `said` the same in words; `value` is how
    it stands; all three are empty for one that comes by time.
    """

    id: str
    at_s: float | None
    when: str
    said: Text
    to: tuple[str, ...]
    text: Text
    state: Literal["armed", "held"]
    value: Literal["", "true", "false", "unknown"]
    blocked_by: tuple[Text, ...]


class FiredView(Answer):
    """An inject that has fired, and at which drill second."""

    id: str
    at_s: float


class ScoreView(Answer):
    """One expectation as it stands: P, S, M or U by the time it took; empty: not due yet. Times are drill seconds."""

    id: str
    objective: str
    text: Text
    state: Literal["waiting", "open", "met", "missed"]
    letter: Literal["", "P", "S", "M", "U"]
    critical: bool
    armed_s: float | None
    met_s: float | None
    took_s: float | None
    p_s: float
    s_s: float
    m_s: float


class GradeView(Answer):
    """One objective of the drill as it stands; `mark` is 0 to 100."""

    id: str
    text: Text
    letter: Literal["", "P", "S", "M", "U"]
    mark: float | None
    why: Text | None


class DrillView(Answer):
    """The drill as its trainer sees it. No other role ever gets this. Times are drill seconds."""

    drill_id: str
    title: Text
    marking: str
    state: Literal["none", "ready", "running", "paused", "ended"]
    speed: float
    elapsed_s: float
    duration_s: float
    level_m: float | None
    rise_m_per_min: float | None
    next: tuple[InjectView, ...]
    fired: tuple[FiredView, ...]
    faults: tuple[InjectView, ...]
    score: tuple[ScoreView, ...]
    grades: tuple[GradeView, ...]
    breaches: int
    victims: int
    waiting: int
    saved: int
    lost: int
    drills: tuple[str, ...]


class UnitView(Answer):
    """A boat or team that takes part in live operations."""

    id: str
    name: Text
    agency: Agency
    role: TerminalRole
    terminal_id: str


class LiveAnswer(Answer):
    """What a live operation is opened with; `problems` are the faults of the units' file, each with its line."""

    rivers: tuple[str, ...]
    units: tuple[UnitView, ...]
    problems: tuple[str, ...]


class DrillFrame(DrillView):
    """The drill over the live socket; trainers only, at most once a second."""

    type: Literal["drill"]


class StoryAnswer(Answer):
    """The timeline after a sequence number."""

    seq: int
    story: tuple[StoryLine, ...]


class CameraStats(Answer):
    """One camera: its state, its frames per second and who watches."""

    id: str
    state: Literal["live", "missing", "off"]
    detail: str
    fps: float
    viewers: int
    width: int
    height: int


class CamerasAnswer(Answer):
    """Every camera of the operation."""

    cameras: tuple[CameraStats, ...]


class ReplayAnswer(Answer):
    """A past moment. `seq` is how far the one whose picture it is had followed, `centre_seq` how far the centre was.

    For a terminal `proof` says how that is known (``confirmed``: it said what it had; ``receipt``: it receipted a card
    or message; ``none``: nothing is proven) and `proven_s` since when; `differs` names what it had not got
    (``missing``), had in an ``older`` state, or still had though it was ``gone``. `first_s` and `last_s` span the
    operation.
    """

    epoch: str
    at_s: float
    first_s: float
    last_s: float
    terminal_id: str
    seq: int
    centre_seq: int
    proven_s: float | None
    proof: Literal["none", "confirmed", "receipt"]
    connected: bool
    operation: Operation | None
    picture: Entities
    differs: dict[str, dict[str, Literal["missing", "older", "gone"]]]


class HealthAnswer(Answer):
    """The server's own state; asked without a key it names nothing of the operation."""

    ok: bool
    version: str
    uptime_s: float
    operation_id: str
    epoch: str
    seq: int
    drill_id: str
    drill_state: str
    pages: bool
    connections: int
    rss_bytes: int
    problems: tuple[str, ...]
