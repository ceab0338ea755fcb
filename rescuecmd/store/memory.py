"""A log in memory: drills that run headless, tests, and the reference for the durable one."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field

from rescuecmd.picture.events import Event
from rescuecmd.picture.state import Picture
from rescuecmd.store.log import Bell, Head, check_batch, duplicate, stale


@dataclass(slots=True)
class _Roll:
    events: list[Event] = field(default_factory=list)
    first_of: dict[str, int] = field(default_factory=dict)
    picture: Picture = field(default_factory=Picture)
    bell: Bell = field(default_factory=Bell)


class MemoryLog:
    """Keeps everything until the process ends."""

    instant = True

    def __init__(self) -> None:
        self._rolls: dict[str, _Roll] = {}

    async def append(self, operation: str, events: Sequence[Event], expected_seq: int) -> str:
        """Add events after `expected_seq`; there is no chain, so the link is empty."""
        check_batch(events, expected_seq)
        roll = self._rolls.setdefault(operation, _Roll())
        if expected_seq != len(roll.events):
            raise stale(operation, expected_seq, len(roll.events))
        for event in events:
            if event.op_id in roll.first_of:
                raise duplicate(operation, event.op_id)
        for event in events:
            roll.first_of.setdefault(event.op_id, event.seq)
        roll.events.extend(events)
        roll.bell.ring()
        return ""

    async def read(
        self, operation: str, after: int = 0, upto: int | None = None, *, limit: int | None = None
    ) -> tuple[Event, ...]:
        """Return the events with ``after < seq <= upto``, at most `limit`."""
        events = self._rolls[operation].events if operation in self._rolls else []
        last = len(events) if upto is None else min(upto, len(events))
        return tuple(events[after : last if limit is None else min(last, after + limit)])

    async def follow(self, operation: str, after: int = 0) -> AsyncIterator[tuple[Event, ...]]:
        """Yield what follows `after`, in batches, for ever."""
        roll = self._rolls.setdefault(operation, _Roll())
        while True:
            if after >= len(roll.events):
                await roll.bell.next.wait()
            batch = tuple(roll.events[after:])
            after += len(batch)
            yield batch

    async def snapshot(self, operation: str) -> Picture:
        """Return the latest stored picture, or the empty one."""
        return self._rolls[operation].picture if operation in self._rolls else Picture()

    async def put_snapshot(self, operation: str, picture: Picture) -> None:
        """Store a picture."""
        self._rolls.setdefault(operation, _Roll()).picture = picture

    async def find_op(self, operation: str, op_id: str) -> tuple[Event, ...]:
        """Return the events that the order of this id left."""
        roll = self._rolls.get(operation)
        if roll is None or op_id not in roll.first_of:
            return ()
        first = last = roll.first_of[op_id]
        while last <= len(roll.events) and roll.events[last - 1].op_id == op_id:
            last += 1
        return tuple(roll.events[first - 1 : last - 1])

    async def operations(self) -> tuple[str, ...]:
        """Return the ids of all operations that have events, oldest first."""
        return tuple(operation for operation, roll in self._rolls.items() if roll.events)

    async def head(self, operation: str) -> Head:
        """Return where the operation's log ends."""
        events = self._rolls[operation].events if operation in self._rolls else []
        return Head(operation, len(events), events[-1].time_s if events else 0.0)

    async def link(self, operation: str, seq: int) -> str:
        """Return an empty text: there is no chain."""
        return ""

    async def log_id(self) -> str:
        """Return an empty text."""
        return ""

    async def close(self) -> None:
        """Nothing to let go of."""
