"""What each terminal still has to get or answer, in the order it was pushed."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

from rescuecmd.picture.order import Card, TaskState
from rescuecmd.picture.state import Picture

Stage: TypeAlias = Literal["not_reached", "not_displayed", "not_answered"]

_STAGE: dict[str, Stage] = {"queued": "not_reached", "delivered": "not_displayed", "displayed": "not_answered"}
_OVER: tuple[TaskState, ...] = ("done", "aborted", "declined")


@dataclass(frozen=True, slots=True)
class Entry:
    """A card that is still open at a terminal. ``connected``: somebody or something holds the terminal now."""

    card: Card
    stage: Stage
    connected: bool

    @property
    def reached(self) -> bool:
        """True once the device has said that it has the card."""
        return self.stage != "not_reached"

    def age_s(self, now_s: float) -> float:
        """Return how long ago the card was pushed, s."""
        return now_s - self.card.pushed_s


@dataclass(frozen=True, slots=True)
class Counts:
    """How far a push has come: each number contains the ones after it in its row of steps.

    Of those `not_reached` nothing is known; those `not_answered` have it and say nothing.
    """

    asked: int
    delivered: int
    displayed: int
    accepted: int
    declined: int
    withdrawn: int
    expired: int
    under_way: int
    on_scene: int
    done: int
    not_reached: int
    not_answered: int

    @property
    def open(self) -> int:
        """Cards that nobody has answered, withdrawn or let expire."""
        return self.asked - self.accepted - self.declined - self.withdrawn - self.expired


def outstanding(picture: Picture) -> tuple[Entry, ...]:
    """Return every open card, oldest first. Nothing is open once the work itself is over."""
    entries = []
    for card in picture.cards.values():
        stage = _STAGE.get(card.state)
        task = picture.tasks.get(card.task_id)
        if stage is None or (task is not None and task.state in _OVER):
            continue
        entries.append(Entry(card, stage, _connected(picture, card.terminal_id)))
    return tuple(sorted(entries, key=lambda entry: (entry.card.pushed_s, entry.card.id)))


def outbox(picture: Picture, terminal_id: str) -> tuple[Entry, ...]:
    """Return the open cards of one terminal, oldest first.

    Raises
    ------
    NotFoundError
        There is no such terminal.
    """
    picture.find("terminals", terminal_id)
    return tuple(entry for entry in outstanding(picture) if entry.card.terminal_id == terminal_id)


def unconfirmed(picture: Picture) -> dict[str, list[Card]]:
    """Return the cards whose arrival nobody has confirmed, by terminal."""
    found: dict[str, list[Card]] = {}
    for card in picture.cards.values():
        if card.state == "queued":
            found.setdefault(card.terminal_id, []).append(card)
    return found


def counts(picture: Picture, push_id: str) -> Counts:
    """Return how far a push has come.

    Raises
    ------
    NotFoundError
        There is no such push.
    """
    picture.find("pushes", push_id)
    cards = [card for card in picture.cards.values() if card.push_id == push_id]
    states = [card.state for card in cards]
    steps = [{mark.step for mark in card.trail} for card in cards]
    stages = [entry.stage for entry in outstanding(picture) if entry.card.push_id == push_id]
    return Counts(
        asked=len(cards),
        delivered=sum(card.delivered_s is not None for card in cards),
        displayed=sum(card.displayed_s is not None for card in cards),
        accepted=states.count("accepted"),
        declined=states.count("declined"),
        withdrawn=states.count("withdrawn"),
        expired=states.count("expired"),
        under_way=sum(bool(taken & {"under_way", "on_scene", "done"}) for taken in steps),
        on_scene=sum(bool(taken & {"on_scene", "done"}) for taken in steps),
        done=sum("done" in taken for taken in steps),
        not_reached=stages.count("not_reached"),
        not_answered=len(stages) - stages.count("not_reached"),
    )


def _connected(picture: Picture, terminal_id: str) -> bool:
    terminal = picture.terminals.get(terminal_id)
    return terminal is not None and terminal.people + terminal.robots > 0
