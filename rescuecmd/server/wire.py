"""What travels between the server and the pages: request bodies, answers and the messages of the live socket.

These models are the contract that `openapi.json` publishes and from which the pages generate their types. The
entities are the dataclasses of `picture`; the live socket encodes those directly (msgspec), so the message models
here describe the frames and are not in the hot path.
"""

from typing import Annotated, Any, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field

from rescuecmd.delivery.moves import Moves
from rescuecmd.picture.approval import Approval, Share
from rescuecmd.picture.entity import Camera, Group, Hazard, Operation, Terminal, Vessel, Victim, VictimKind, Zone
from rescuecmd.picture.order import Alarm, Card, CardContent, Copy, Note, Offer, Push, Route, Sos, Suggestion, Task
from rescuecmd.picture.register import HeadCount, LocateLink, Proposal, Support
from rescuecmd.picture.telling import StoryKind
from rescuecmd.picture.water import Gauge, Outlook
from rescuecmd.text import Text

View: TypeAlias = Literal["wall", "terminal", "trainer"]
Id: TypeAlias = Annotated[str, Field(min_length=1, max_length=200)]
RecordState: TypeAlias = Literal["sound", "low", "full", "failed", "damaged", "unknown"]
Ids: TypeAlias = Annotated[tuple[Id, ...], Field(max_length=200)]


class Request(BaseModel):
    """A body that a page or robot sends: a field that we do not know is refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class CommandRequest(Request):
    """One command; `name` is a class of `rescuecmd/picture/commands.py`, `body` its fields."""

    op_id: Id
    name: Id
    body: dict[str, Any]
    device_time_s: float | None = None


class PushRequest(Request):
    """One click: this plan, to these terminals, for these victims or this place."""

    op_id: Id
    plan_id: Id
    terminal_ids: Ids = ()
    victim_ids: Ids = ()
    place_id: Annotated[str, Field(max_length=200)] = ""
    group_id: Annotated[str, Field(max_length=200)] = ""
    suggestion_id: Annotated[str, Field(max_length=200)] = ""
    offer_id: Annotated[str, Field(max_length=200)] = ""
    device_time_s: float | None = None


class SpeedRequest(Request):
    """Drill seconds per real second."""

    speed: Annotated[float, Field(gt=0, le=1000)]


class InjectRequest(Request):
    """An inject of the running drill."""

    inject_id: Id


class LoadRequest(Request):
    """A drill by name (or path on the server) that becomes the next operation."""

    drill_id: Id


class OpenLiveRequest(Request):
    """A river of the server's library on which a live operation is opened; no title: the river's name."""

    river_id: Id
    title: Annotated[str, Field(max_length=80)] = ""


class EndLiveRequest(Request):
    """The end of a live operation, and why, as the commander says it."""

    op_id: Id
    why: Annotated[str, Field(min_length=1, max_length=200)]


class Answer(BaseModel):
    """A body that the server sends."""

    model_config = ConfigDict(frozen=True)


class Failure(Answer):
    """An error: a stable code, a sentence, and the facts behind it."""

    code: str
    message: str
    facts: dict[str, Any]


class FailureAnswer(Answer):
    """The body of every answer that is not 2xx."""

    error: Failure


class CommandAnswer(Answer):
    """The command is durable; these are the sequence numbers of its events."""

    op_id: str
    seqs: tuple[int, ...]


class OperationAnswer(Answer):
    """The operation that was opened or ended."""

    operation_id: str


class PushAnswer(Answer):
    """The push is durable; a page sees its cards in the next frame."""

    push_id: str
    card_ids: tuple[str, ...]
    seqs: tuple[int, ...]


class PlanBrief(Answer):
    """A plan card that can be pushed, and the kind of victims it is for."""

    id: str
    title: Text
    verb: Text
    victims: VictimKind


class PlansAnswer(Answer):
    """The plan cards of the running operation."""

    plans: tuple[PlanBrief, ...]


class PreviewCard(Answer):
    """What one terminal would be told."""

    terminal_id: str
    content: CardContent


class PreviewAnswer(Answer):
    """What a push would send, before it is sent."""

    cards: tuple[PreviewCard, ...]


class ClockWire(Answer):
    """The clock of the operation; a page counts seconds with it between two frames."""

    state: Literal["ready", "running", "paused", "ended"]
    speed: float


class StoryLine(Answer):
    """One line of the timeline."""

    seq: int
    time_s: float
    kind: StoryKind
    text: Text


class Entities(Answer):
    """Every collection of the picture, by id."""

    vessels: dict[str, Vessel]
    victims: dict[str, Victim]
    hazards: dict[str, Hazard]
    zones: dict[str, Zone]
    cameras: dict[str, Camera]
    terminals: dict[str, Terminal]
    groups: dict[str, Group]
    gauges: dict[str, Gauge]
    outlooks: dict[str, Outlook]
    pushes: dict[str, Push]
    cards: dict[str, Card]
    tasks: dict[str, Task]
    routes: dict[str, Route]
    suggestions: dict[str, Suggestion]
    offers: dict[str, Offer]
    alarms: dict[str, Alarm]
    soses: dict[str, Sos]
    notes: dict[str, Note]
    copies: dict[str, Copy]
    approvals: dict[str, Approval]
    shares: dict[str, Share]
    head_counts: dict[str, HeadCount]
    proposals: dict[str, Proposal]
    links: dict[str, LocateLink]
    supports: dict[str, Support]


class ChangedEntities(Answer):
    """The entities that changed; a collection without any is left out."""

    vessels: dict[str, Vessel] = {}
    victims: dict[str, Victim] = {}
    hazards: dict[str, Hazard] = {}
    zones: dict[str, Zone] = {}
    cameras: dict[str, Camera] = {}
    terminals: dict[str, Terminal] = {}
    groups: dict[str, Group] = {}
    gauges: dict[str, Gauge] = {}
    outlooks: dict[str, Outlook] = {}
    pushes: dict[str, Push] = {}
    cards: dict[str, Card] = {}
    tasks: dict[str, Task] = {}
    routes: dict[str, Route] = {}
    suggestions: dict[str, Suggestion] = {}
    offers: dict[str, Offer] = {}
    alarms: dict[str, Alarm] = {}
    soses: dict[str, Sos] = {}
    notes: dict[str, Note] = {}
    copies: dict[str, Copy] = {}
    approvals: dict[str, Approval] = {}
    shares: dict[str, Share] = {}
    head_counts: dict[str, HeadCount] = {}
    proposals: dict[str, Proposal] = {}
    links: dict[str, LocateLink] = {}
    supports: dict[str, Support] = {}


class Challenge(Answer):
    """The first frame for who names its `device`: the number over which that device signs from then on."""

    type: Literal["challenge"]
    nonce: str


class Hello(Answer):
    """The first frame of a live connection that is let in: who you are to us and where we are."""

    type: Literal["hello"]
    epoch: str
    operation_id: str
    role: str
    person: str
    terminal_id: str
    nonce: str
    tick_s: float
    server_time_s: float
    server_version: str


class Snapshot(Answer):
    """The whole picture as this view may see it; also the answer of ``GET /api/picture``.

    `behind` names the terminals that have not confirmed what they were sent, with the seconds since; a terminal's
    own view has none. `witness` is kept and given back as it is on the next connection: it proves how far this reader
    had seen. `record` says how the server's disk is; everything but ``sound`` is shown to people.
    """

    type: Literal["snapshot"]
    epoch: str
    seq: int
    now_s: float
    clock: ClockWire
    operation: Operation | None
    picture: Entities
    story: tuple[StoryLine, ...]
    behind: dict[str, float]
    witness: str
    record: RecordState


class Delta(Answer):
    """What changed after sequence `after`; an empty one is the heartbeat. `operation` is left out if unchanged.

    Whatever is in `put` replaces what is known, `drop` names what is gone, and of what is in `moved` only the fix
    is new.
    """

    type: Literal["delta"]
    epoch: str
    seq: int
    after: int
    now_s: float
    clock: ClockWire
    operation: Operation | None = None
    put: ChangedEntities
    drop: dict[str, tuple[str, ...]]
    moved: dict[str, Moves]
    story: tuple[StoryLine, ...]
    behind: dict[str, float]
    witness: str
    record: RecordState


class Done(Answer):
    """The command of that id is durable."""

    type: Literal["done"]
    op_id: str
    seqs: tuple[int, ...]


class Refused(Answer):
    """The command of that id changed nothing, and why."""

    type: Literal["refused"]
    op_id: str
    error: Failure


class Later(Answer):
    """The command of that id came too fast and was not looked at: give it again, with the same id."""

    type: Literal["later"]
    op_id: str
    error: Failure


class ErrorFrame(Answer):
    """The connection is about to be closed, and why."""

    type: Literal["error"]
    error: Failure


class LiveCommand(CommandRequest):
    """What a page or robot sends over the live socket."""

    type: Literal["command"]


class LiveHave(Request):
    """What a page or robot has taken in, up to and with sequence `seq`; a receipt for every card up to there."""

    type: Literal["have"]
    epoch: str
    seq: Annotated[int, Field(ge=0)]


class LiveHere(Request):
    """The answer to a `challenge`, signed: the device's own clock, seconds since the epoch (UTC)."""

    type: Literal["here"]
    device_time_s: Annotated[float, Field(ge=0)]


class SignedMessage(Request):
    """What an enrolled device sends: a message as text, and its key's signature in base64url.

    The signature is P-256 with SHA-256, in DER or r and s as 32 bytes each. Signed is
    ``rescuecmd/message/1``, the greeting's `nonce` and the message, each on a line of its own.
    """

    type: Literal["signed"]
    message: str
    signature: str
