"""The life of an order: which step comes after which, and the mark that each one leaves.

A card goes offered, stored, delivered, displayed, accepted or declined; its task then under way, on scene, done or
aborted; a card that nobody answered may be withdrawn or expire. Messages, zones and SOS have the shorter life of a
`Copy` for each terminal. Every step is marked with three times and its author, and none is ever taken back.
"""

from collections.abc import Iterable, Iterator, Mapping

from rescuecmd.picture.events import Event
from rescuecmd.picture.order import (
    Card,
    CardState,
    Copy,
    CopyKind,
    CopyState,
    Level,
    Mark,
    Movement,
    Push,
    Stage,
    TaskState,
)
from rescuecmd.picture.state import Picture

CARD_RANK: Mapping[CardState, int] = {
    "queued": 0,
    "delivered": 1,
    "displayed": 2,
    "accepted": 3,
    "declined": 3,
    "withdrawn": 4,
    "expired": 4,
}
"""A card moves to a higher rank only; an answer is final."""

ANSWERED = CARD_RANK["accepted"]
"""From this rank on a card waits for nobody."""

COPY_RANK: Mapping[CopyState, int] = {"queued": 0, "delivered": 1, "displayed": 2, "accepted": 3, "withdrawn": 4}
LEVEL_RANK: Mapping[Level, int] = {"calm": 0, "amber": 1, "red": 2, "supervisor": 3, "second_channel": 4}
MOVEMENT_RANK: Mapping[Movement, int] = {"": 0, "none_yet": 1, "moving": 2}

NEXT_TASK: Mapping[TaskState, tuple[TaskState, ...]] = {
    "offered": ("accepted", "declined", "aborted", "done"),
    "accepted": ("under_way", "on_scene", "done", "aborted"),
    "under_way": ("on_scene", "done", "aborted"),
    "on_scene": ("done", "aborted"),
    "done": (),
    "declined": (),
    "aborted": (),
}
OPEN_TASKS: tuple[TaskState, ...] = ("offered", "accepted", "under_way", "on_scene")
_MARKED: Mapping[TaskState, Stage] = {
    "under_way": "under_way",
    "on_scene": "on_scene",
    "done": "done",
    "aborted": "aborted",
}


def mark(event: Event, step: Stage) -> Mark:
    """Return the mark that an event leaves."""
    return Mark(step, event.time_s, event.server_time_s, event.actor.id, event.device_time_s)


def sent_marks(event: Event) -> tuple[Mark, ...]:
    """Return the first two marks of what an event sends: its sender let it go, and the server has it for good."""
    stored = Mark("stored", event.time_s, event.server_time_s, "server")
    return mark(event, "offered"), stored


def task_mark(event: Event, state: TaskState) -> tuple[Mark, ...]:
    """Return the mark that a task's new state leaves on its card (its answer has left its own already)."""
    return (mark(event, _MARKED[state]),) if state in _MARKED else ()


def card_of(picture: Picture, task_id: str) -> Card | None:
    """Return the card that a task came with, or None for work that no card ordered."""
    named = picture.cards.get(task_id)
    if named is not None and named.task_id == task_id:
        return named
    return next((card for card in picture.cards.values() if card.task_id == task_id), None)


def cards_of(picture: Picture, push: Push) -> list[Card]:
    """Return the cards of a push, one for each of its terminals; they are named so unless somebody else made them."""
    named = [picture.cards.get(f"{push.id}/{terminal_id}") for terminal_id in push.terminal_ids]
    found = [card for card in named if card is not None and card.push_id == push.id]
    return found if len(found) == len(named) else [x for x in picture.cards.values() if x.push_id == push.id]


def taker_of(picture: Picture, card: Card) -> Card | None:
    """Return the card by which another terminal has taken a push that wants one taker, or None while it is free."""
    push = picture.pushes.get(card.push_id)
    if push is None or push.takers != "one":
        return None
    for other in cards_of(picture, push):
        task = picture.tasks.get(other.task_id)
        given_up = task is not None and task.state in {"aborted", "declined"}
        if other.id != card.id and other.state == "accepted" and not given_up:
            return other
    return None


def copies_of(event: Event, kind: CopyKind, about: str, terminal_ids: Iterable[str]) -> Iterator[Copy]:
    """Yield the copies of a message, zone or SOS that an event sends to terminals."""
    for terminal_id in terminal_ids:
        yield Copy(f"{kind}/{about}/{terminal_id}", kind, about, terminal_id, event.time_s, trail=sent_marks(event))
