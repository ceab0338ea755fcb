"""Events: what has happened, in the past tense. The log holds these and nothing else."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias, get_args

from rescuecmd.picture.approval import Approval, ApprovalState, Share
from rescuecmd.picture.commands import Actor, CopyStep, Receipt
from rescuecmd.picture.entity import (
    Camera,
    CloseReason,
    Fix,
    Group,
    Hazard,
    Operation,
    ReportSource,
    Terminal,
    TriageCategory,
    TriageScheme,
    Vessel,
    VesselState,
    Victim,
    Zone,
)
from rescuecmd.picture.order import (
    Alarm,
    Card,
    DeclineReason,
    Level,
    Limit,
    Movement,
    Note,
    Offer,
    Push,
    Route,
    Suggestion,
    Task,
    TaskState,
)
from rescuecmd.picture.register import CountPlace, LocateLink, Proposal, ProposalState, Support, SupportState
from rescuecmd.picture.water import Gauge, GaugeState, Outlook, Reading
from rescuecmd.text import Text


@dataclass(frozen=True, slots=True)
class OperationOpened:
    operation: Operation


@dataclass(frozen=True, slots=True)
class ClockSet:
    state: Literal["running", "paused"]
    speed: float


@dataclass(frozen=True, slots=True)
class OperationEnded:
    why: Text


@dataclass(frozen=True, slots=True)
class TerminalEnrolled:
    terminal: Terminal


@dataclass(frozen=True, slots=True)
class TerminalSeen:
    terminal_id: str
    people: int
    robots: int
    seen_s: float


@dataclass(frozen=True, slots=True)
class VesselJoined:
    vessel: Vessel


@dataclass(frozen=True, slots=True)
class PositionsReported:
    fixes: Mapping[str, Fix]


@dataclass(frozen=True, slots=True)
class VesselStateSet:
    vessel_id: str
    state: VesselState
    why: Text | None = None


@dataclass(frozen=True, slots=True)
class VictimReported:
    victim: Victim


@dataclass(frozen=True, slots=True)
class VictimSighted:
    victim_id: str
    fix: Fix
    source: ReportSource = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class VictimsMerged:
    into: str
    victim_ids: tuple[str, ...]
    count: int


@dataclass(frozen=True, slots=True)
class VictimSplit:
    victim_id: str


@dataclass(frozen=True, slots=True)
class VictimTriaged:
    victim_id: str
    category: TriageCategory
    scheme: TriageScheme
    note: str


@dataclass(frozen=True, slots=True)
class VictimsHandedOver:
    victim_id: str
    count: int


@dataclass(frozen=True, slots=True)
class VictimClosed:
    victim_id: str
    reason: CloseReason
    rescuer: str
    note: str


@dataclass(frozen=True, slots=True)
class VictimReopened:
    victim_id: str


@dataclass(frozen=True, slots=True)
class HeadsCounted:
    where: CountPlace
    unit_id: str
    count: int


@dataclass(frozen=True, slots=True)
class MergeProposed:
    proposal: Proposal


@dataclass(frozen=True, slots=True)
class ProposalSettled:
    proposal_id: str
    state: ProposalState


@dataclass(frozen=True, slots=True)
class LocateLinkMade:
    link: LocateLink


@dataclass(frozen=True, slots=True)
class CallerLocated:
    link_id: str
    fix: Fix
    count: int
    note: str


@dataclass(frozen=True, slots=True)
class LocateLinkClosed:
    link_id: str


@dataclass(frozen=True, slots=True)
class VictimsPickedUp:
    victim_id: str
    vessel_id: str
    count: int


@dataclass(frozen=True, slots=True)
class VictimsLanded:
    victim_id: str
    vessel_id: str
    count: int
    place_id: str


@dataclass(frozen=True, slots=True)
class VictimsCleared:
    victim_id: str
    count: int


@dataclass(frozen=True, slots=True)
class VictimsLost:
    victim_id: str
    count: int
    why: Text


@dataclass(frozen=True, slots=True)
class HazardReported:
    hazard: Hazard


@dataclass(frozen=True, slots=True)
class HazardCleared:
    hazard_id: str


@dataclass(frozen=True, slots=True)
class ZoneDrawn:
    zone: Zone


@dataclass(frozen=True, slots=True)
class ZoneLifted:
    zone_id: str


@dataclass(frozen=True, slots=True)
class CameraSet:
    camera: Camera


@dataclass(frozen=True, slots=True)
class GaugePlaced:
    gauge: Gauge


@dataclass(frozen=True, slots=True)
class GaugeRead:
    gauge_id: str
    reading: Reading


@dataclass(frozen=True, slots=True)
class ReadingHeld:
    """A reading that no river could have come to since the one before; it waits for the next to bear it out."""

    gauge_id: str
    reading: Reading
    rate_m_per_h: float


@dataclass(frozen=True, slots=True)
class GaugeJudged:
    gauge_id: str
    state: GaugeState


@dataclass(frozen=True, slots=True)
class ForecastIssued:
    gauge_id: str
    issued_s: float
    readings: tuple[Reading, ...]


@dataclass(frozen=True, slots=True)
class WaterAssessed:
    outlooks: tuple[Outlook, ...]


@dataclass(frozen=True, slots=True)
class WaterLost:
    why: Text


@dataclass(frozen=True, slots=True)
class GroupFormed:
    group: Group


@dataclass(frozen=True, slots=True)
class GroupChanged:
    group_id: str
    terminal_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class GroupClosed:
    group_id: str


@dataclass(frozen=True, slots=True)
class SupportRequested:
    support: Support


@dataclass(frozen=True, slots=True)
class SupportMoved:
    support_id: str
    state: SupportState
    helper_id: str


@dataclass(frozen=True, slots=True)
class CardPushed:
    push: Push
    cards: tuple[Card, ...]
    tasks: tuple[Task, ...]
    routes: tuple[Route, ...]


@dataclass(frozen=True, slots=True)
class CardWithdrawn:
    card_id: str
    why: Text | None = None


@dataclass(frozen=True, slots=True)
class CardExpired:
    card_id: str


@dataclass(frozen=True, slots=True)
class CardEscalated:
    card_id: str
    level: Level
    to: Text


@dataclass(frozen=True, slots=True)
class CopyConfirmed:
    copy_id: str
    step: CopyStep


@dataclass(frozen=True, slots=True)
class ReceiptGiven:
    card_id: str
    receipt: Receipt
    reason: DeclineReason | None = None


@dataclass(frozen=True, slots=True)
class CardReminded:
    card_id: str


@dataclass(frozen=True, slots=True)
class TaskMoved:
    task_id: str
    state: TaskState


@dataclass(frozen=True, slots=True)
class MovementJudged:
    task_id: str
    movement: Movement


@dataclass(frozen=True, slots=True)
class RouteSet:
    route: Route


@dataclass(frozen=True, slots=True)
class RouteTimed:
    """A running route as its boat really keeps it: the same way, with new times and margins."""

    route: Route


@dataclass(frozen=True, slots=True)
class RouteEnded:
    route_id: str
    state: Literal["cut", "ended"]
    why: Text


@dataclass(frozen=True, slots=True)
class LimitsAssessed:
    card_id: str
    limits: tuple[Limit, ...]


@dataclass(frozen=True, slots=True)
class SuggestionsRanked:
    suggestions: tuple[Suggestion, ...]


@dataclass(frozen=True, slots=True)
class AlternativeOffered:
    offer: Offer


@dataclass(frozen=True, slots=True)
class SosRaised:
    sos_id: str
    terminal_id: str
    fix: Fix | None = None


@dataclass(frozen=True, slots=True)
class SosAcked:
    sos_id: str


@dataclass(frozen=True, slots=True)
class SosCancelled:
    sos_id: str


@dataclass(frozen=True, slots=True)
class SosRepeated:
    sos_id: str


@dataclass(frozen=True, slots=True)
class AlarmRaised:
    alarm: Alarm


@dataclass(frozen=True, slots=True)
class AlarmAcked:
    alarm_id: str


@dataclass(frozen=True, slots=True)
class AlarmCleared:
    alarm_id: str


@dataclass(frozen=True, slots=True)
class AlarmRectified:
    alarm_id: str


@dataclass(frozen=True, slots=True)
class AlarmSilenced:
    alarm_id: str
    until_s: float


@dataclass(frozen=True, slots=True)
class AlarmTransferred:
    alarm_id: str
    to: str


@dataclass(frozen=True, slots=True)
class NoteAdded:
    note: Note


@dataclass(frozen=True, slots=True)
class KnowledgeNoted:
    known: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class RecordCut:
    kept_seq: int
    witnessed_seq: int


@dataclass(frozen=True, slots=True)
class RecordRedacted:
    count: int
    why: str
    seal: str


@dataclass(frozen=True, slots=True)
class ApprovalAsked:
    approval: Approval


@dataclass(frozen=True, slots=True)
class ApprovalAnswered:
    approval_id: str
    state: ApprovalState


@dataclass(frozen=True, slots=True)
class CommandHandedOver:
    """The command is with another person now; `to` as the log names them."""

    to: str
    name: str


@dataclass(frozen=True, slots=True)
class ShareSet:
    share: Share


@dataclass(frozen=True, slots=True)
class ShareLifted:
    share_id: str


Body: TypeAlias = (
    OperationOpened
    | ClockSet
    | OperationEnded
    | TerminalEnrolled
    | TerminalSeen
    | VesselJoined
    | PositionsReported
    | VesselStateSet
    | VictimReported
    | VictimSighted
    | VictimsMerged
    | VictimSplit
    | VictimTriaged
    | VictimsHandedOver
    | VictimClosed
    | VictimReopened
    | HeadsCounted
    | MergeProposed
    | ProposalSettled
    | LocateLinkMade
    | CallerLocated
    | LocateLinkClosed
    | VictimsPickedUp
    | VictimsLanded
    | VictimsCleared
    | VictimsLost
    | HazardReported
    | HazardCleared
    | ZoneDrawn
    | ZoneLifted
    | CameraSet
    | GaugePlaced
    | GaugeRead
    | ReadingHeld
    | GaugeJudged
    | ForecastIssued
    | WaterAssessed
    | WaterLost
    | GroupFormed
    | GroupChanged
    | GroupClosed
    | SupportRequested
    | SupportMoved
    | CardPushed
    | CardWithdrawn
    | CardExpired
    | CardEscalated
    | CopyConfirmed
    | ReceiptGiven
    | CardReminded
    | TaskMoved
    | MovementJudged
    | RouteSet
    | RouteTimed
    | RouteEnded
    | LimitsAssessed
    | SuggestionsRanked
    | AlternativeOffered
    | SosRaised
    | SosAcked
    | SosCancelled
    | SosRepeated
    | AlarmRaised
    | AlarmAcked
    | AlarmCleared
    | AlarmRectified
    | AlarmSilenced
    | AlarmTransferred
    | NoteAdded
    | KnowledgeNoted
    | RecordCut
    | RecordRedacted
    | ApprovalAsked
    | ApprovalAnswered
    | CommandHandedOver
    | ShareSet
    | ShareLifted
)

BODIES: Mapping[str, type[Body]] = {body.__name__: body for body in get_args(Body)}


@dataclass(frozen=True, slots=True)
class Event:
    """One entry of the log. Order comes from ``seq`` (gapless from 1), never from a clock.

    ``time_s`` is the operation's clock, ``server_time_s`` the wall clock of the server, ``device_time_s`` the
    sender's. All bodies of one order share its ``op_id``.
    """

    seq: int
    op_id: str
    actor: Actor
    cause: str
    time_s: float
    server_time_s: float
    device_time_s: float | None
    body: Body
