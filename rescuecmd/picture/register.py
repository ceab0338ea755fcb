"""The register beside the victims: head counts that check the book, proposals to merge, links sent to callers."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

from rescuecmd.picture.entity import Fix
from rescuecmd.picture.order import Mark
from rescuecmd.text import Text

CountPlace: TypeAlias = Literal["boat", "shore", "ambulance"]
ProposalKind: TypeAlias = Literal["victims", "tasks"]
ProposalState: TypeAlias = Literal["open", "taken", "dismissed"]
SupportKind: TypeAlias = Literal["boat", "medical", "rope", "light", "fuel", "other"]
SupportState: TypeAlias = Literal["requested", "accepted", "under_way", "on_scene", "done", "cancelled"]


@dataclass(frozen=True, slots=True)
class HeadCount:
    """How many rescued persons somebody counted, and how many the book had then; ids are ``<where>/<unit>``."""

    id: str
    where: CountPlace
    unit_id: str
    count: int
    book: int
    by: str
    time_s: float


@dataclass(frozen=True, slots=True)
class Proposal:
    """Two victims or tasks that look like one, put before the commander; the software merges nothing by itself."""

    id: str
    kind: ProposalKind
    ids: tuple[str, ...]
    why: Text
    made_s: float
    state: ProposalState = "open"


@dataclass(frozen=True, slots=True)
class LocateLink:
    """A link that a caller was sent: one consent tap returns their position, no account, until ``expires_s``.

    Only the SHA-256 of its secret is kept. ``contact`` is a word for who was sent it (the end of a phone number);
    ``victim_id`` is whom it is about, filled in by the first answer.
    """

    id: str
    digest: str
    contact: str
    victim_id: str
    made_by: str
    made_s: float
    expires_s: float
    answers: int = 0
    answered_s: float | None = None
    closed_s: float | None = None


@dataclass(frozen=True, slots=True)
class Support:
    """A unit that asks for help of others: who answers, and when each step was taken."""

    id: str
    terminal_id: str
    kind: SupportKind
    text: str
    made_s: float
    fix: Fix | None = None
    state: SupportState = "requested"
    helper_id: str = ""
    trail: tuple[Mark, ...] = ()
