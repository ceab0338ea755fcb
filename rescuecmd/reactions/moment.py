"""What a reaction gets to see, and how what it wants becomes orders."""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from rescuecmd.picture.commands import Actor, Command, Order
from rescuecmd.picture.entity import Victim
from rescuecmd.picture.events import Event
from rescuecmd.picture.order import Task
from rescuecmd.picture.state import Picture
from rescuecmd.reactions.situation import Situation
from rescuecmd.routing.scene import Scene

SOFTWARE = Actor("software", "software")

_LONGEST = 140  # an order id has 200 characters at most

Wish: TypeAlias = tuple[str, Command]
"""A subject (an id, or several joined by slashes) and what to order about it."""


@dataclass(frozen=True, slots=True)
class Moment:
    """The picture after some events, those of them that the reaction asked for (none on a tick), and the time."""

    situation: Situation
    picture: Picture
    events: Sequence[Event]
    now_s: float

    @property
    def seq(self) -> int:
        """The event that the orders answer to; on a tick the last one there is."""
        return self.events[-1].seq if self.events else self.picture.seq

    @property
    def scene(self) -> Scene:
        """The water and its ways now.

        Raises
        ------
        NotCoveredError
            No gauge has been read yet.
        """
        return self.situation.scene(self.picture, self.now_s)


Rule: TypeAlias = Callable[[Moment], Iterable[Wish]]


def orders(name: str, moment: Moment, wishes: Iterable[Wish]) -> Iterator[Order]:
    """Yield the orders for what a reaction wants; the same moment gives the same ids."""
    cause = f"seq:{moment.seq}" if moment.events else f"tick:{moment.seq}"
    for subject, command in wishes:
        what = f"{type(command).__name__}/{subject}"
        if len(what) > _LONGEST:
            what = hashlib.sha256(what.encode()).hexdigest()
        yield Order(f"react/{name}/{moment.seq}/{what}", SOFTWARE, command, cause=cause)


def victims_of(picture: Picture, task: Task) -> tuple[Victim, ...]:
    """Return the victims of a task that still need a boat."""
    found = (picture.victims.get(victim_id) for victim_id in task.victim_ids)
    return tuple(victim for victim in found if victim is not None and victim.waiting > 0)
