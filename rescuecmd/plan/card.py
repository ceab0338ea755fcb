"""A plan card as it was written and checked; `interop.plan_file` reads it."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

from rescuecmd.condition import Condition
from rescuecmd.picture.entity import VictimKind
from rescuecmd.picture.order import HOUSE, Escalation, Takers, TaskKind
from rescuecmd.text import Text

Taker: TypeAlias = Literal["boat", "shore", "medical", "command"]

NOT_REVIEWED = Text(zh="未经审定", en="not reviewed")
AGENCY_DEFAULT = Text(zh="默认值，待本单位设定", en="agency default, to be set")
PLACEHOLDERS = frozenset({"place", "people", "landing", "exits"})
"""What a step's text may hold between < and >; `personal` fills it in."""

VICTIMS_OF: dict[TaskKind, VictimKind] = {"reef": "stranded", "in_water": "in_water", "evacuate": "crowd"}


@dataclass(frozen=True, slots=True)
class Role:
    """A role and who can take it. ``count`` None: everybody of that kind who has no other role."""

    id: str
    name: Text
    takes: Taker
    count: int | None = None


@dataclass(frozen=True, slots=True)
class PlanStep:
    """A step: the roles that do it, within ``budget_s``. It ends by a button, or by itself when ``done_when`` holds."""

    n: int
    who: tuple[str, ...]
    text: Text
    budget_s: float | None = None
    done_when: Condition | None = None


@dataclass(frozen=True, slots=True)
class PlanLimit:
    """A hard limit: it holds while ``test`` is true. ``shows`` names the fact to print beside it (or is empty).

    ``applies`` lists craft kinds or terminal roles (empty: everybody).
    """

    id: str
    text: Text
    test: Condition
    shows: str
    applies: tuple[str, ...]
    source: str


@dataclass(frozen=True, slots=True)
class Source:
    """Where a number or a rule comes from."""

    id: str
    text: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class Review:
    """Who answers for the card; an empty owner means nobody has reviewed it."""

    owner: str = ""
    next: str = ""


@dataclass(frozen=True, slots=True)
class PlanCard:
    """A plan card. ``suggest`` is the condition under which the picture calls for it (it never sends by itself).

    ``takers`` "one": one crew is wanted, and the first who accepts has it. ``escalation``: when silence climbs.
    """

    id: str
    version: str
    title: Text
    kind: TaskKind
    verb: Text
    when: tuple[Text, ...]
    suggest: Condition
    roles: tuple[Role, ...]
    steps: tuple[PlanStep, ...]
    limits: tuple[PlanLimit, ...]
    abort: tuple[Text, ...]
    comms: tuple[Text, ...]
    red_lines: tuple[Text, ...]
    sources: tuple[Source, ...]
    review: Review
    takers: Takers = "all"
    escalation: Escalation = HOUSE

    @property
    def victims(self) -> VictimKind:
        """The kind of victim this card is for."""
        return VICTIMS_OF[self.kind]

    @property
    def reviewed_by(self) -> str:
        """Who reviewed the card, or that nobody has, in both languages."""
        return self.review.owner or str(NOT_REVIEWED)

    def source_line(self, source_id: str) -> str:
        """Return the text of a source; ``agency`` stands for a default that the agency has to set."""
        if source_id == "agency":
            return str(AGENCY_DEFAULT)
        return next(source.text for source in self.sources if source.id == source_id)
