"""The contract of an event log. Order comes from the sequence number alone; it starts at 1 and has no gap."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from rescuecmd.errors import InputError, RefusedError
from rescuecmd.picture.events import Event
from rescuecmd.picture.state import Picture

MAX_OP_ID = 200


@dataclass(frozen=True, slots=True)
class Head:
    """Where an operation's log ends. ``hash`` is the chain's last link, empty where the log keeps no chain."""

    operation: str
    seq: int
    time_s: float
    hash: str = ""


class Log(Protocol):
    """An ordered, durable log for each operation. ``instant``: its verbs never suspend the caller."""

    @property
    def instant(self) -> bool:
        """True for a log in memory."""
        ...

    async def append(self, operation: str, events: Sequence[Event], expected_seq: int) -> str:
        """Add events after `expected_seq`; they are durable when this returns the chain's last link (see `Head`).

        All events of one order lie beside each other and are added in one call.

        Raises
        ------
        RefusedError
            ``stale-seq``: the log has moved on, somebody else writes this operation.
            ``duplicate-op``: an order of this id has left its events already (fact `op_id`); nothing was added.
        UnavailableError
            ``log-full``: nothing was added, space is needed. ``log-failed``: the disk failed, the log must be reopened.
        """
        ...

    async def read(
        self, operation: str, after: int = 0, upto: int | None = None, *, limit: int | None = None
    ) -> tuple[Event, ...]:
        """Return the events with ``after < seq <= upto`` in order, at most `limit`; an unknown operation has none."""
        ...

    def follow(self, operation: str, after: int = 0) -> AsyncIterator[tuple[Event, ...]]:
        """Yield what follows `after`, in batches, for ever. A slow follower delays nobody."""
        ...

    async def snapshot(self, operation: str) -> Picture:
        """Return the latest stored picture; the empty one (``seq == 0``) where there is none."""
        ...

    async def put_snapshot(self, operation: str, picture: Picture) -> None:
        """Store a picture, so that opening does not fold everything from the start."""
        ...

    async def find_op(self, operation: str, op_id: str) -> tuple[Event, ...]:
        """Return the events that the order of this id left, none if it left none."""
        ...

    async def operations(self) -> tuple[str, ...]:
        """Return the ids of all operations, oldest first."""
        ...

    async def head(self, operation: str) -> Head:
        """Return where the operation's log ends; ``seq == 0`` for an unknown one."""
        ...

    async def link(self, operation: str, seq: int) -> str:
        """Return the chain's link at an event, empty where there is no such event or no chain."""
        ...

    async def log_id(self) -> str:
        """Return the name that this log was given when it was made or restored; empty in memory."""
        ...

    async def close(self) -> None:
        """Finish what was accepted and let go of the log."""
        ...


class Bell:
    """Wakes everybody who waits for something new; waiting can be cancelled freely.

    Take `next` before looking whether there is something new, and await it when there is not: then no ring is missed.
    """

    def __init__(self) -> None:
        self.next = asyncio.Event()

    def ring(self) -> None:
        """Wake all who wait now."""
        self.next.set()
        self.next = asyncio.Event()


def check_batch(events: Sequence[Event], expected_seq: int) -> None:
    """Check that the events continue `expected_seq` without a gap and carry usable order ids.

    Raises
    ------
    InputError
        They do not.
    """
    for place, event in enumerate(events, expected_seq + 1):
        if event.seq != place:
            raise InputError("event-order", f"expected an event with seq {place}, got {event.seq}")
        if not 0 < len(event.op_id) <= MAX_OP_ID:
            raise InputError("bad-op-id", f"an op_id has 1 to {MAX_OP_ID} characters, got {len(event.op_id)}")


def numbered(events: Sequence[Event]) -> list[tuple[int, Event]]:
    """Return each event with its place among the events of its own order."""
    places: dict[str, int] = {}
    found = []
    for event in events:
        n = places.get(event.op_id, 0)
        places[event.op_id] = n + 1
        found.append((n, event))
    return found


def stale(operation: str, expected_seq: int, seq: int) -> RefusedError:
    """Return the error that fences a second writer."""
    return RefusedError(
        "stale-seq",
        f"the log of {operation} ends at {seq}, not at {expected_seq}: somebody else writes this operation",
        operation=operation,
        expected_seq=expected_seq,
        seq=seq,
    )


def duplicate(operation: str, op_id: str) -> RefusedError:
    """Return the error for an order whose events are in the log already."""
    return RefusedError(
        "duplicate-op", f"order {op_id} of {operation} is in the log already", operation=operation, op_id=op_id
    )
