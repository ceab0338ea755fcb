"""What one person may not do alone, and what agencies show each other: the entities of `decide_approval`."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

from rescuecmd.picture.entity import Agency
from rescuecmd.text import Text

ApprovalKind: TypeAlias = Literal["hand_over", "abandon_search", "mass_recall"]
ApprovalState: TypeAlias = Literal["open", "approved", "refused", "withdrawn"]
Answer: TypeAlias = Literal["approve", "refuse", "withdraw"]
Layer: TypeAlias = Literal["positions", "victims", "video"]

APPROVAL_S = 600.0
"""How long a second person may think; then it must be asked for again."""

RECALL_AT_ONCE = 3
RECALL_WINDOW_S = 60.0
"""So many accepted cards one person may withdraw within the window; more is a recall of the fleet."""


@dataclass(frozen=True, slots=True)
class Approval:
    """Something that waits for a second person; what it does when approved is spelled out in its fields.

    `hand_over`: the command goes to `to` (a person as the log names them; empty: whoever approves), with the pending
    orders `card_ids`. `abandon_search`: `count` of `victim_id` are given up because of `why`, or the search zone
    `zone_id` is lifted. `mass_recall`: the cards `card_ids` are withdrawn because of `why`.
    """

    id: str
    kind: ApprovalKind
    by: str = ""
    by_name: str = ""
    made_s: float = 0.0
    to: str = ""
    card_ids: tuple[str, ...] = ()
    victim_id: str = ""
    count: int = 0
    zone_id: str = ""
    why: Text | None = None
    state: ApprovalState = "open"
    answered_by: str = ""
    answered_name: str = ""
    answered_s: float | None = None

    def over(self, now_s: float) -> bool:
        """Return whether nobody may answer any more."""
        return self.state != "open" or now_s > self.made_s + APPROVAL_S


@dataclass(frozen=True, slots=True)
class Share:
    """To whom an agency shows one layer of its own; without a share everybody in the operation sees it.

    Ids are ``<agency>/<layer>``. The command sees everything in any case, and so do the agency's own people.
    ``camera_ids`` says which cameras are the agency's (layer `video`).
    """

    id: str
    agency: Agency
    layer: Layer
    shown_to: tuple[Agency, ...]
    camera_ids: tuple[str, ...] = ()
