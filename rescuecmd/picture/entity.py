"""The things a commander sees: vessels, victims, hazards, zones, cameras, terminals, groups.

All are frozen values. Positions are longitude and latitude (WGS 84), times are s since epoch (UTC) on the
operation's clock, and whatever is not known is ``None`` or an empty text, never a guess.
"""

from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from rescuecmd.picture.water import BodyStage
from rescuecmd.text import Text

Agency: TypeAlias = Literal["police", "fire", "maritime", "volunteer", "medical", "command"]
FixSource: TypeAlias = Literal["gps", "report", "camera", "estimate"]
VesselState: TypeAlias = Literal["ready", "under_way", "on_scene", "returning", "disabled"]
VictimKind: TypeAlias = Literal["stranded", "in_water", "crowd"]
TerminalRole: TypeAlias = Literal["boat", "shore", "medical"]
ZoneKind: TypeAlias = Literal["no_go", "caution", "search", "assumed_depth", "closed", "lifted"]
HazardKind: TypeAlias = Literal["debris", "cable", "wreck", "current", "other"]
ReportSource: TypeAlias = Literal["", "caller", "crew", "camera", "locate_link", "command"]
TriageCategory: TypeAlias = Literal["", "minor", "delayed", "immediate", "deceased"]
TriageScheme: TypeAlias = Literal["start", "jumpstart"]
CloseReason: TypeAlias = Literal["rescued", "handed_over", "left_alone", "false_alarm", "deceased"]
CameraState: TypeAlias = Literal["live", "missing", "off"]


@dataclass(frozen=True, slots=True)
class Fix:
    """A position with its time, quality and origin.

    ``accuracy_m`` is the radius that holds the truth with 68 %; ``course_deg`` (true) and ``speed_mps`` are
    over ground.
    """

    lon_deg: float
    lat_deg: float
    time_s: float
    accuracy_m: float
    source: FixSource
    course_deg: float | None = None
    speed_mps: float | None = None


@dataclass(frozen=True, slots=True)
class Craft:
    """The limits of a vessel; lengths in m, speed through water in m/s."""

    kind: str
    length_m: float
    draught_m: float
    under_keel_m: float
    air_draught_m: float
    speed_mps: float
    seats: int
    max_current_mps: float | None = None


@dataclass(frozen=True, slots=True)
class Vessel:
    """A boat of any service. ``aboard`` counts rescued persons; the crew has its own seats."""

    id: str
    name: Text
    agency: Agency
    craft: Craft
    terminal_id: str = ""
    fix: Fix | None = None
    state: VesselState = "ready"
    state_why: Text | None = None
    aboard: int = 0
    task_id: str = ""
    route_id: str = ""


@dataclass(frozen=True, slots=True)
class Sighting:
    """One report of where a victim was: by a caller, a crew, a camera or the caller's own phone."""

    fix: Fix
    by: str
    source: ReportSource = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Triage:
    """How urgent care is, by START (adults) or JumpSTART (children), as somebody on the spot judged it."""

    category: TriageCategory
    scheme: TriageScheme
    by: str
    time_s: float


@dataclass(frozen=True, slots=True)
class Merge:
    """A report that turned out to be about the same people; ``count_before`` is what undoing it restores."""

    victim_id: str
    count_before: int
    by: str
    time_s: float


@dataclass(frozen=True, slots=True)
class Closing:
    """Who closed a victim and why; the counts as they were, so that it can be opened again."""

    reason: CloseReason
    rescuer: str
    note: str
    by: str
    time_s: float
    count_before: int
    safe_before: int
    lost_before: int


@dataclass(frozen=True, slots=True)
class Victim:
    """One person or a group that is together. A victim never expires: each is aboard, safe or lost in the end.

    ``handed`` of the ``safe`` are with the ambulance. ``merged_into`` names the record that speaks for this one; a
    merged record counts nobody. Only a named rescuer closes one (``closing``). ``note_by`` is who wrote the ``note``.

    ``place_id`` names the reef or beach where they are; ``early_s``, ``median_s`` and ``late_s`` say when the
    water takes that place (or None: not within the forecast), ``stages`` when it then stands at ankle, knee and waist.
    """

    id: str
    kind: VictimKind
    name: Text
    count: int
    fix: Fix
    reported_s: float
    reported_by: str
    place_id: str = ""
    aboard: int = 0
    safe: int = 0
    lost: int = 0
    early_s: float | None = None
    median_s: float | None = None
    late_s: float | None = None
    stages: tuple[BodyStage, ...] = ()
    source: ReportSource = ""
    sightings: tuple[Sighting, ...] = ()
    merged_into: str = ""
    merges: tuple[Merge, ...] = ()
    triage: Triage | None = None
    note: str = ""
    handed: int = 0
    closing: Closing | None = None
    note_by: str = ""

    @property
    def waiting(self) -> int:
        """Persons still where they were reported."""
        return 0 if self.merged_into else self.count - self.aboard - self.safe - self.lost

    @property
    def closed(self) -> bool:
        """True when nobody waits and nobody is aboard."""
        return bool(self.merged_into) or self.safe + self.lost >= self.count


@dataclass(frozen=True, slots=True)
class Hazard:
    """Something dangerous at a point."""

    id: str
    kind: HazardKind
    name: Text
    fix: Fix
    radius_m: float


MOST_NO_GO = 60
"""So many no-go zones at once: the routes of every boat keep out of all of them, with a bit for each."""


@dataclass(frozen=True, slots=True)
class Zone:
    """An area with a rule, in force from ``starts_s`` to ``ends_s`` (None: until lifted).

    ``ring`` is a closed ring of (lon, lat). An ``assumed_depth`` opens water that nobody has surveyed: inside it, and
    only where the bed is not known, boats are routed as if it lay at ``bed_m`` above the river's vertical datum. That
    is somebody's word, so it carries who gave it, why, and when it ends.

    Two kinds are about a rule of the river, named by ``rule_id``; their ring only shows where: ``closed`` closes a
    portage, ramp or lock, ``lifted`` takes a boom away, or the rules of an area, or the hours of a way, until it is
    lifted itself.
    """

    id: str
    kind: ZoneKind
    name: Text
    ring: tuple[tuple[float, float], ...]
    starts_s: float
    ends_s: float | None = None
    bed_m: float | None = None
    why: Text | None = None
    made_by: str = ""
    rule_id: str = ""


@dataclass(frozen=True, slots=True)
class Camera:
    """A camera with its pose; sources without one (a file, a device, RTSP) carry None.

    ``heading_deg`` is true, ``tilt_deg`` is below the horizon, ``level_m`` is the height of the lens above the
    river's vertical datum.
    """

    id: str
    name: Text
    state: CameraState
    detail: str = ""
    lon_deg: float | None = None
    lat_deg: float | None = None
    level_m: float | None = None
    heading_deg: float | None = None
    tilt_deg: float | None = None
    hfov_deg: float | None = None


@dataclass(frozen=True, slots=True)
class Terminal:
    """A phone or tablet of a crew or a shore team. ``people`` and ``robots`` count who is connected now.

    ``supervisor_id`` is the terminal that answers for this one when it stays silent.
    """

    id: str
    name: Text
    role: TerminalRole
    agency: Agency
    vessel_id: str = ""
    fix: Fix | None = None
    people: int = 0
    robots: int = 0
    seen_s: float | None = None
    supervisor_id: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """A task group; its members may come from any service. It ends by hand or at ``ends_s``.

    ``ring`` is its part of the map, a closed ring of (lon, lat), empty: all of it. ``camera_ids`` are its video room:
    cameras that no terminal outside the group may watch while it lasts.
    """

    id: str
    name: Text
    terminal_ids: tuple[str, ...]
    made_by: str
    made_s: float
    closed_s: float | None = None
    ends_s: float | None = None
    ring: tuple[tuple[float, float], ...] = ()
    camera_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Operation:
    """The operation itself. ``marking`` is not empty in a drill and then stands on everything that is shown.

    ``cuts`` counts how often its record was found to have lost its end.
    """

    id: str
    title: Text
    mode: Literal["drill", "live"]
    marking: str
    river_id: str
    river_name: Text
    schematic: bool
    vertical_datum: str
    started_s: float
    state: Literal["ready", "running", "paused", "ended"] = "ready"
    speed: float = 1.0
    note: Text | None = None
    ended_why: Text | None = None
    drill_id: str = ""
    in_command: str = ""
    in_command_name: str = ""
    facts: tuple[Text, ...] = field(default=())
    cuts: int = 0
