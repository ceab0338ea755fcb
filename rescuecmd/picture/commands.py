"""Commands: what people and feeds ask for. `decide` turns each into events or refuses it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

from rescuecmd.picture.approval import Answer, Approval, Share
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
from rescuecmd.picture.register import CountPlace, LocateLink, Proposal, Support, SupportState
from rescuecmd.picture.water import Gauge, GaugeState, Outlook, Reading
from rescuecmd.text import Text

Receipt: TypeAlias = Literal["delivered", "displayed", "accepted", "declined"]
CopyStep: TypeAlias = Literal["delivered", "displayed", "accepted"]


@dataclass(frozen=True, slots=True)
class OpenOperation:
    operation: Operation


@dataclass(frozen=True, slots=True)
class SetClock:
    state: Literal["running", "paused"]
    speed: float


@dataclass(frozen=True, slots=True)
class EndOperation:
    why: Text


@dataclass(frozen=True, slots=True)
class EnrolTerminal:
    terminal: Terminal


@dataclass(frozen=True, slots=True)
class SeeTerminal:
    """A terminal's connections as the server counts them."""

    terminal_id: str
    people: int
    robots: int
    seen_s: float


@dataclass(frozen=True, slots=True)
class JoinVessel:
    vessel: Vessel


@dataclass(frozen=True, slots=True)
class ReportPositions:
    """Fixes by vessel or terminal id."""

    fixes: Mapping[str, Fix]


@dataclass(frozen=True, slots=True)
class SetVesselState:
    vessel_id: str
    state: VesselState
    why: Text | None = None


@dataclass(frozen=True, slots=True)
class ReportVictim:
    victim: Victim


@dataclass(frozen=True, slots=True)
class SightVictim:
    victim_id: str
    fix: Fix
    source: ReportSource = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class MergeVictims:
    """Several reports are about the same people; ``count`` says how many they are (None: the most that was said)."""

    into: str
    victim_ids: tuple[str, ...]
    count: int | None = None


@dataclass(frozen=True, slots=True)
class SplitVictim:
    """A report was about other people after all: it stands for itself again."""

    victim_id: str


@dataclass(frozen=True, slots=True)
class TriageVictim:
    """A category by START or JumpSTART (empty: as it was), and a note in free words."""

    victim_id: str
    category: TriageCategory = ""
    scheme: TriageScheme = "start"
    note: str = ""


@dataclass(frozen=True, slots=True)
class HandOverVictims:
    """People who are ashore go to the ambulance."""

    victim_id: str
    count: int


@dataclass(frozen=True, slots=True)
class CloseVictim:
    """A named rescuer says that a victim's case is over, and why."""

    victim_id: str
    reason: CloseReason
    rescuer: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class ReopenVictim:
    victim_id: str


@dataclass(frozen=True, slots=True)
class CountHeads:
    """How many rescued persons are counted in a boat, on the shore, in the ambulances."""

    where: CountPlace
    unit_id: str
    count: int


@dataclass(frozen=True, slots=True)
class ProposeMerge:
    proposal: Proposal


@dataclass(frozen=True, slots=True)
class SettleProposal:
    proposal_id: str
    state: Literal["taken", "dismissed"]


@dataclass(frozen=True, slots=True)
class MakeLocateLink:
    link: LocateLink


@dataclass(frozen=True, slots=True)
class LocateCaller:
    """What a caller's phone says through a link: where they are, how many, in a few words."""

    link_id: str
    fix: Fix
    count: int = 1
    note: str = ""


@dataclass(frozen=True, slots=True)
class CloseLocateLink:
    link_id: str


@dataclass(frozen=True, slots=True)
class PickUpVictims:
    victim_id: str
    vessel_id: str
    count: int


@dataclass(frozen=True, slots=True)
class LandVictims:
    """Everybody of one victim record who is aboard a vessel goes ashore."""

    victim_id: str
    vessel_id: str
    count: int
    place_id: str


@dataclass(frozen=True, slots=True)
class ClearVictims:
    """People who walked to safety by themselves (a crowd that leaves a beach)."""

    victim_id: str
    count: int


@dataclass(frozen=True, slots=True)
class LoseVictims:
    victim_id: str
    count: int
    why: Text


@dataclass(frozen=True, slots=True)
class ReportHazard:
    hazard: Hazard


@dataclass(frozen=True, slots=True)
class ClearHazard:
    hazard_id: str


@dataclass(frozen=True, slots=True)
class DrawZone:
    zone: Zone


@dataclass(frozen=True, slots=True)
class LiftZone:
    zone_id: str


@dataclass(frozen=True, slots=True)
class SetCamera:
    camera: Camera


@dataclass(frozen=True, slots=True)
class PlaceGauge:
    gauge: Gauge


@dataclass(frozen=True, slots=True)
class ReadGauge:
    gauge_id: str
    reading: Reading


@dataclass(frozen=True, slots=True)
class JudgeGauge:
    """What the software makes of a sensor: its readings come and move, have stopped coming, or have stopped moving."""

    gauge_id: str
    state: GaugeState


@dataclass(frozen=True, slots=True)
class IssueForecast:
    gauge_id: str
    issued_s: float
    readings: tuple[Reading, ...]


@dataclass(frozen=True, slots=True)
class AssessWater:
    """What the water does at every place, and by that to every victim who waits at one."""

    outlooks: tuple[Outlook, ...]


@dataclass(frozen=True, slots=True)
class LoseWater:
    """The level has left what the river covers: what was said of the water at places and victims holds no longer."""

    why: Text


@dataclass(frozen=True, slots=True)
class FormGroup:
    group: Group


@dataclass(frozen=True, slots=True)
class ChangeGroup:
    """Other members; what was said before they joined they do not get."""

    group_id: str
    terminal_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CloseGroup:
    group_id: str


@dataclass(frozen=True, slots=True)
class RequestSupport:
    support: Support


@dataclass(frozen=True, slots=True)
class MoveSupport:
    """The next step of a request; ``helper_id`` is the terminal that accepts."""

    support_id: str
    state: SupportState
    helper_id: str = ""


@dataclass(frozen=True, slots=True)
class PushCard:
    """A push with everything it carries; made by `plan` from the picture, the preview is what is sent."""

    push: Push
    cards: tuple[Card, ...]
    tasks: tuple[Task, ...]
    routes: tuple[Route, ...]


@dataclass(frozen=True, slots=True)
class WithdrawCard:
    card_id: str
    why: Text | None = None


@dataclass(frozen=True, slots=True)
class ExpireCard:
    """The time in which an offer could be answered is over."""

    card_id: str


@dataclass(frozen=True, slots=True)
class EscalateCard:
    """A crew's silence has reached a level; `to` says who is told, or by which channel."""

    card_id: str
    level: Level
    to: Text


@dataclass(frozen=True, slots=True)
class ConfirmCopy:
    """What a terminal says of a message, zone or SOS that was sent to it."""

    copy_id: str
    step: CopyStep


@dataclass(frozen=True, slots=True)
class GiveReceipt:
    card_id: str
    receipt: Receipt
    reason: DeclineReason | None = None


@dataclass(frozen=True, slots=True)
class RemindCard:
    card_id: str


@dataclass(frozen=True, slots=True)
class MoveTask:
    task_id: str
    state: TaskState


@dataclass(frozen=True, slots=True)
class JudgeMovement:
    """Whether the boat of an accepted task has been seen to move towards it."""

    task_id: str
    movement: Movement


@dataclass(frozen=True, slots=True)
class SetRoute:
    route: Route


@dataclass(frozen=True, slots=True)
class TimeRoute:
    """Give a running route new times and margins; its way stays as it is, and its crew is not told."""

    route: Route


@dataclass(frozen=True, slots=True)
class EndRoute:
    route_id: str
    state: Literal["cut", "ended"]
    why: Text


@dataclass(frozen=True, slots=True)
class AssessLimits:
    card_id: str
    limits: tuple[Limit, ...]


@dataclass(frozen=True, slots=True)
class RankSuggestions:
    """The card queue as a whole; it replaces the one before."""

    suggestions: tuple[Suggestion, ...]


@dataclass(frozen=True, slots=True)
class OfferAlternative:
    offer: Offer


@dataclass(frozen=True, slots=True)
class RaiseSos:
    sos_id: str
    terminal_id: str
    fix: Fix | None = None


@dataclass(frozen=True, slots=True)
class AckSos:
    sos_id: str


@dataclass(frozen=True, slots=True)
class CancelSos:
    sos_id: str


@dataclass(frozen=True, slots=True)
class RepeatSos:
    """An SOS that still stands is sounded anew."""

    sos_id: str


@dataclass(frozen=True, slots=True)
class RaiseAlarm:
    alarm: Alarm


@dataclass(frozen=True, slots=True)
class AckAlarm:
    alarm_id: str


@dataclass(frozen=True, slots=True)
class ClearAlarm:
    """The trouble is over. What the software takes back before anybody has seen it stays until it is acknowledged."""

    alarm_id: str


@dataclass(frozen=True, slots=True)
class SilenceAlarm:
    """Its sound rests for half a minute; an emergency cannot be silenced."""

    alarm_id: str


@dataclass(frozen=True, slots=True)
class TransferAlarm:
    """Somebody else has taken it on: a terminal by its id, or a post by its name."""

    alarm_id: str
    to: str


@dataclass(frozen=True, slots=True)
class AddNote:
    note: Note


@dataclass(frozen=True, slots=True)
class NoteKnowledge:
    known: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class ReportRecordCut:
    kept_seq: int
    witnessed_seq: int


@dataclass(frozen=True, slots=True)
class AskApproval:
    """Ask a second person; author and time are set by the desk, and of a hand-over the pending orders."""

    approval: Approval


@dataclass(frozen=True, slots=True)
class AnswerApproval:
    """Approve or refuse as the second person, or withdraw as the first.

    Who takes the command over says in `card_ids` which pending orders they have seen.
    """

    approval_id: str
    answer: Answer
    card_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SetShare:
    share: Share


@dataclass(frozen=True, slots=True)
class LiftShare:
    """Show the layer to everybody again."""

    share_id: str


Command: TypeAlias = (
    OpenOperation
    | SetClock
    | EndOperation
    | EnrolTerminal
    | SeeTerminal
    | JoinVessel
    | ReportPositions
    | SetVesselState
    | ReportVictim
    | SightVictim
    | MergeVictims
    | SplitVictim
    | TriageVictim
    | HandOverVictims
    | CloseVictim
    | ReopenVictim
    | CountHeads
    | ProposeMerge
    | SettleProposal
    | MakeLocateLink
    | LocateCaller
    | CloseLocateLink
    | PickUpVictims
    | LandVictims
    | ClearVictims
    | LoseVictims
    | ReportHazard
    | ClearHazard
    | DrawZone
    | LiftZone
    | SetCamera
    | PlaceGauge
    | ReadGauge
    | JudgeGauge
    | IssueForecast
    | AssessWater
    | LoseWater
    | FormGroup
    | ChangeGroup
    | CloseGroup
    | RequestSupport
    | MoveSupport
    | PushCard
    | WithdrawCard
    | ExpireCard
    | EscalateCard
    | ConfirmCopy
    | GiveReceipt
    | RemindCard
    | MoveTask
    | JudgeMovement
    | SetRoute
    | TimeRoute
    | EndRoute
    | AssessLimits
    | RankSuggestions
    | OfferAlternative
    | RaiseSos
    | AckSos
    | CancelSos
    | RepeatSos
    | RaiseAlarm
    | AckAlarm
    | ClearAlarm
    | SilenceAlarm
    | TransferAlarm
    | AddNote
    | NoteKnowledge
    | ReportRecordCut
    | AskApproval
    | AnswerApproval
    | SetShare
    | LiftShare
)


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: ``commander``, ``trainer``, ``terminal/<id>``, ``feed/<name>``, ``drill``, ``software``."""

    id: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class Order:
    """A command with its envelope. ``op_id`` comes from the sender and makes the write idempotent.

    ``cause`` names the event (``seq:12``) or command that led to it; ``device_time_s`` is the sender's own clock.
    """

    op_id: str
    actor: Actor
    command: Command
    cause: str = ""
    device_time_s: float | None = None
