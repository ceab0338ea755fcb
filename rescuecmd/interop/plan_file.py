"""Plan cards as YAML files: read, checked whole, every fault with its line."""

import re
from collections.abc import Collection, Iterable
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Literal, TypeAlias

from pydantic import BeforeValidator, Field, field_validator

from rescuecmd.condition import Condition, compile_condition
from rescuecmd.errors import Fault, FaultsError, InputError, nearest
from rescuecmd.interop.files import Bilingual, Document, FileModel, Step, load_document, parse, read_document
from rescuecmd.interop.unit_shape import CRAFT_KINDS
from rescuecmd.picture.order import HOUSE, Escalation, Takers, TaskKind
from rescuecmd.plan.card import PLACEHOLDERS, PlanCard, PlanLimit, PlanStep, Review, Role, Source, Taker
from rescuecmd.plan.facts import FACTS, FUNCTIONS
from rescuecmd.text import Text
from rescuecmd.units import parse_duration_s

TAKERS = (*CRAFT_KINDS, "boat", "shore", "medical")
RED_LINES = 5  # the national rule counts five (GB fire-service rule on water rescue, "五个绝不允许")

NEVER = "never"
CLIMB = ("amber", "red", "supervisor", "second_channel", "expires")
"""The steps of a silence in the order in which they must come."""

_PLACEHOLDER = re.compile(r"<([^<>]*)>")


class RoleModel(FileModel):
    """A role of the card."""

    id: str = Field(min_length=1)
    name: Bilingual
    takes: Taker
    count: int | None = Field(default=None, ge=1)


def _seconds(value: object) -> float:
    try:
        seconds = parse_duration_s(str(value))
    except InputError as error:
        raise ValueError(error.message) from None
    if seconds <= 0:
        raise ValueError(f"expected a duration above zero, got {value!r}")
    return seconds


def _seconds_or_never(value: object) -> float | None:
    return None if value == NEVER else _seconds(value)


Duration: TypeAlias = Annotated[float, BeforeValidator(_seconds)]
DurationOrNever: TypeAlias = Annotated[float | None, BeforeValidator(_seconds_or_never)]


class EscalationModel(FileModel):
    """When silence climbs: durations from the push (`remind` from delivery); ``never`` leaves a step out."""

    remind: Duration = HOUSE.remind_s
    amber: Duration = HOUSE.amber_s
    red: Duration = HOUSE.red_s
    supervisor: DurationOrNever = HOUSE.supervisor_s
    second_channel: DurationOrNever = HOUSE.second_channel_s
    movement: DurationOrNever = HOUSE.movement_s
    expires: DurationOrNever = HOUSE.expires_s

    def escalation(self) -> Escalation:
        """Return the value of the core."""
        return Escalation(
            self.remind, self.amber, self.red, self.supervisor, self.second_channel, self.movement, self.expires
        )


class StepModel(FileModel):
    """A step of the card; ``done`` is a button or the condition under which it is done by itself."""

    n: int = Field(ge=1)
    who: list[str] = Field(min_length=1)
    text: Bilingual
    budget: str = ""
    done: str = "button"

    @field_validator("budget")
    @classmethod
    def _with_units(cls, value: str) -> str:
        try:
            return value and str(parse_duration_s(value))
        except InputError as error:
            raise ValueError(error.message) from None


class LimitModel(FileModel):
    """A hard limit of the card."""

    id: str = Field(min_length=1)
    text: Bilingual
    test: str
    show: str = ""
    only: tuple[str, ...] = ()
    source: str


class SourceModel(FileModel):
    """A published source."""

    id: str = Field(min_length=1)
    text: str = Field(min_length=1)
    url: str = ""


class ReviewModel(FileModel):
    """Who has reviewed the card and when it is due again."""

    owner: str = ""
    next: str = ""


class WhenModel(FileModel):
    """When the card applies: in words, and as the condition under which it is suggested."""

    text: list[Bilingual] = Field(min_length=1)
    suggest: str


class PlanModel(FileModel):
    """The whole file."""

    plan: Literal["plan-card/1"]
    id: str = Field(pattern=r"^[a-z][a-z0-9-]*$")
    version: str = Field(min_length=1)
    title: Bilingual
    verb: Bilingual
    kind: TaskKind
    when: WhenModel
    roles: list[RoleModel] = Field(min_length=1)
    steps: list[StepModel] = Field(min_length=1)
    limits: tuple[LimitModel, ...] = ()
    takers: Takers = "all"
    escalation: EscalationModel = EscalationModel()
    abort: list[Bilingual] = Field(min_length=1)
    comms: list[Bilingual] = Field(min_length=1)
    red_lines: tuple[Bilingual, ...] = ()
    sources: tuple[SourceModel, ...] = ()
    review: ReviewModel = ReviewModel()


def load_plan(path: Path) -> PlanCard:
    """Return the card in a file.

    Raises
    ------
    FaultsError
        Every fault of the file, with line, what was expected and the nearest right name.
    """
    return _card(load_document(path))


def read_plan(raw: bytes, name: str) -> PlanCard:
    """Return the card in the bytes of a file; `name` stands in the faults (see `load_plan`)."""
    return _card(read_document(raw, name))


def load_plans(folder: Path) -> dict[str, PlanCard]:
    """Return every card of a folder by its id.

    Raises
    ------
    FaultsError
        The faults of all files together; two cards of one id are a fault too.
    """
    cards: dict[str, PlanCard] = {}
    faults: list[Fault] = []
    for path in sorted(folder.glob("*.yaml")):
        try:
            card = load_plan(path)
        except FaultsError as error:
            faults += error.faults
            continue
        if card.id in cards:
            faults.append(Fault(str(path), 0, "id", f"there is already a card {card.id!r}"))
        cards[card.id] = card
    if not cards and not faults:
        faults.append(Fault(str(folder), 0, "", "no plan card (*.yaml) in this folder"))
    if faults:
        raise FaultsError(faults)
    return cards


def _card(document: Document) -> PlanCard:
    model = parse(document, PlanModel)
    check = _Checker(document, model)
    card = PlanCard(
        id=model.id,
        version=model.version,
        title=model.title.text(),
        kind=model.kind,
        verb=model.verb.text(),
        when=_texts(model.when.text),
        suggest=check.condition(model.when.suggest, "when", "suggest"),
        roles=tuple(Role(role.id, role.name.text(), role.takes, role.count) for role in model.roles),
        steps=tuple(check.step(step, n) for n, step in enumerate(model.steps)),
        limits=tuple(check.limit(limit, n) for n, limit in enumerate(model.limits)),
        abort=_texts(model.abort),
        comms=_texts(model.comms),
        red_lines=_texts(model.red_lines),
        sources=tuple(Source(source.id, source.text, source.url) for source in model.sources),
        review=Review(model.review.owner, model.review.next),
        takers=model.takers,
        escalation=model.escalation.escalation(),
    )
    check.whole()
    if check.faults:
        raise FaultsError(check.faults)
    return card


class _Checker:
    """What the shape of the file cannot say: names that must exist, order, conditions."""

    def __init__(self, document: Document, model: PlanModel) -> None:
        self.document = document
        self.model = model
        self.faults: list[Fault] = []
        self.roles = [role.id for role in model.roles]
        self.sources = ["agency", *(source.id for source in model.sources)]

    def condition(self, text: str, *path: Step) -> Condition:
        try:
            return compile_condition(text, FACTS, FUNCTIONS, {"role": self.roles})
        except InputError as error:
            self.faults.append(self.document.fault(error.message, *path))
            return compile_condition("False")

    def step(self, step: StepModel, position: int) -> PlanStep:
        path = ("steps", position)
        for n, role in enumerate(step.who):
            self._known("role", role, self.roles, *path, "who", n)
        for language in ("zh", "en"):
            for word in _PLACEHOLDER.findall(getattr(step.text, language)):
                self._known("placeholder", word, PLACEHOLDERS, *path, "text", language)
        done = None if step.done == "button" else self.condition(step.done, *path, "done")
        return PlanStep(step.n, tuple(step.who), step.text.text(), float(step.budget) if step.budget else None, done)

    def limit(self, limit: LimitModel, position: int) -> PlanLimit:
        path = ("limits", position)
        if limit.show:
            self._known("fact", limit.show, FACTS, *path, "show")
        self._known("source", limit.source, self.sources, *path, "source")
        for n, kind in enumerate(limit.only):
            self._known("craft kind or terminal role", kind, TAKERS, *path, "only", n)
        test = self.condition(limit.test, *path, "test")
        return PlanLimit(limit.id, limit.text.text(), test, limit.show, tuple(limit.only), limit.source)

    def whole(self) -> None:
        model = self.model
        self._once("roles", [role.id for role in model.roles])
        self._once("limits", [limit.id for limit in model.limits])
        self._once("sources", [source.id for source in model.sources])
        numbers = [step.n for step in model.steps]
        for position, (before, after) in enumerate(pairwise(numbers)):
            if after <= before:
                self._fault(f"step numbers must grow, got {after} after {before}", "steps", position + 1, "n")
        if model.kind != "evacuate" and len(model.red_lines) != RED_LINES:
            self._fault(f"a water card prints all {RED_LINES} red lines, got {len(model.red_lines)}", "red_lines")
        self._climbs()
        if not any(role.takes != "command" for role in model.roles):
            self._fault("no role that a terminal can take (boat, shore or medical)", "roles")
        idle = [role for role in self.roles if not any(role in step.who for step in model.steps)]
        for role in idle:
            self._fault(f"role {role!r} has no step", "roles", self.roles.index(role))

    def _climbs(self) -> None:
        steps = self.model.escalation
        timed = [(step, at_s) for step in CLIMB if (at_s := getattr(steps, step)) is not None]
        for (before, before_s), (after, after_s) in pairwise(timed):
            if after_s <= before_s:
                message = f"{after} ({after_s:g} s) must come after {before} ({before_s:g} s)"
                self._fault(message, "escalation", after if after in steps.model_fields_set else before)

    def _once(self, part: str, ids: list[str]) -> None:
        for position, name in enumerate(ids):
            if name in ids[:position]:
                self._fault(f"{name!r} is already used above", part, position, "id")

    def _known(self, what: str, name: str, known: Collection[str], *path: Step) -> None:
        if name not in known:
            self._fault(f"no {what} {name!r}{nearest(name, sorted(known))}", *path)

    def _fault(self, message: str, *path: Step) -> None:
        self.faults.append(self.document.fault(message, *path))


def _texts(models: Iterable[Bilingual]) -> tuple[Text, ...]:
    return tuple(model.text() for model in models)
