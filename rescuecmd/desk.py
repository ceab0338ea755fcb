"""The centre: order -> decide -> append -> fold -> publish, with one writer for each operation.

Orders wait in a mailbox; the desk takes all that wait, decides them one after the other on the picture as it will be,
appends what they lead to in one go, and only then shows the new picture and answers. A slow disk therefore makes
batches, not a queue, and nothing is seen or acknowledged before it is durable. Senders may repeat an order as often
as they like: the same `op_id` gets the same events, for ever.
"""

import asyncio
import logging
import time
from collections import OrderedDict, deque
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TypeAlias

from rescuecmd.clock import Clock
from rescuecmd.errors import InputError, RefusedError, RescueError, UnavailableError
from rescuecmd.picture.commands import Order
from rescuecmd.picture.decide import decide
from rescuecmd.picture.events import Body, Event
from rescuecmd.picture.fold import fold
from rescuecmd.picture.state import Picture
from rescuecmd.store.log import MAX_OP_ID, Bell, Log

MAX_WAITING = 10_000  # orders in the mailbox; beyond that the sender is told to come back
MAX_TOGETHER = 500  # orders decided in one go, so that the first of them is not kept waiting by the last
RECENT_EVENTS = 8192  # kept at hand for followers; older ones are read from the log
RECENT_ORDERS = 20_000  # remembered answers; older ones are looked up in the log
# Events between two snapshots, or as many as there are entities where those are more: folding them takes well under a
# second when the operation is opened, and no event pays for more than one entity of a snapshot.
SNAPSHOT_EVERY = 2000
_PAGE = 5000

Answer: TypeAlias = tuple[Event, ...] | RescueError
_log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Letter:
    orders: Sequence[Order]
    future: "asyncio.Future[list[Answer]]"


class Desk:
    """The one writer of an operation. Make it with `open`."""

    def __init__(
        self, log: Log, operation_id: str, clock: Clock, picture: Picture, *, wall: Callable[[], float] = time.time
    ) -> None:
        self.operation_id = operation_id
        self.clock = clock
        self._log = log
        self._wall = wall
        self._picture = picture
        self._link = ""
        self._recent: deque[Event] = deque(maxlen=RECENT_EVENTS)
        self._orders: OrderedDict[str, tuple[Event, ...]] = OrderedDict()
        self._all_known = picture.seq == 0  # every order ever given is in `_orders`
        self._mail: deque[_Letter] = deque()
        self._waiting = 0
        self._work: asyncio.Task[None] | None = None
        self._saving: asyncio.Task[None] | None = None
        self._saved_seq = picture.seq
        self._bell = Bell()
        self._closed = False

    @classmethod
    async def open(cls, log: Log, operation_id: str, clock: Clock, *, wall: Callable[[], float] = time.time) -> "Desk":
        """Return the desk of an operation with its picture as the log has it (empty for a new operation).

        Raises
        ------
        UnavailableError
            ``log-damaged``: the log does not read as it was written.
        """
        picture = await log.snapshot(operation_id)
        desk = cls(log, operation_id, clock, picture, wall=wall)
        desk._link = (await log.head(operation_id)).hash
        while tail := await log.read(operation_id, desk.seq, limit=_PAGE):
            desk._refold(tail)
        return desk

    def _refold(self, events: Sequence[Event]) -> None:
        for event in events:
            self._picture = fold(self._picture, event)
            self._orders[event.op_id] = (*self._orders.get(event.op_id, ()), event)
        self._recent.extend(events)
        self._forget()

    @property
    def picture(self) -> Picture:
        """The picture as of the last durable event."""
        return self._picture

    @property
    def seq(self) -> int:
        """The sequence number of the last durable event."""
        return self._picture.seq

    @property
    def link(self) -> str:
        """The log's last link at `seq`, empty where the log keeps no chain."""
        return self._link

    @property
    def closed(self) -> bool:
        """True once no more orders are taken."""
        return self._closed

    async def handle(self, order: Order) -> tuple[Event, ...]:
        """Carry out one order; return its events once they are durable (none: all was so already).

        Raises
        ------
        RefusedError, InputError
            What `decide` says. ``op-id-taken``: another actor used this `op_id`. ``stale-seq``: this desk has been
            superseded.
        UnavailableError
            It could not be recorded, or the desk is closed or overrun; sending the same order again is safe.
        """
        (answer,) = await self.handle_many((order,))
        if isinstance(answer, RescueError):
            raise answer
        return answer

    async def handle_many(self, orders: Sequence[Order]) -> list[Answer]:
        """Carry out orders in their order, in as few appends as possible; each has its own answer, events or error.

        A refused order does not stop the ones after it. The orders go on even if the caller is cancelled.
        """
        if self._closed:
            raise UnavailableError("desk-closed", f"operation {self.operation_id} is closed here")
        if self._waiting + len(orders) > MAX_WAITING:
            raise UnavailableError("desk-overrun", f"{self._waiting} orders are waiting; send it again in a moment")
        letter = _Letter(orders, asyncio.get_running_loop().create_future())
        self._mail.append(letter)
        self._waiting += len(orders)
        if self._log.instant:  # nothing in it can suspend or be cancelled, so no task of its own is needed
            await self._drain()
        elif self._work is None or self._work.done():
            self._work = asyncio.create_task(self._drain(), name=f"desk {self.operation_id}")
        return await letter.future

    async def since(self, after: int, *, limit: int = 1000) -> tuple[Event, ...]:
        """Return events after `after`, oldest first, from memory where they are recent, else from the log."""
        if after >= self.seq:
            return ()
        if self._recent and self._recent[0].seq <= after + 1:
            missed = self.seq - after  # taken from the end, where most followers are
            return tuple(islice(reversed(self._recent), missed))[::-1][:limit]
        return await self._log.read(self.operation_id, after, limit=limit)

    async def follow(self, after: int = 0) -> AsyncIterator[tuple[Event, ...]]:
        """Yield what follows `after`, in order, in batches, for ever. A slow follower delays nobody."""
        while True:
            rung = self._bell.next
            batch = await self.since(after)
            if batch:
                after = batch[-1].seq
                yield batch
            else:
                await rung.wait()

    async def wait_beyond(self, seq: int) -> Picture:
        """Return the picture as soon as it is later than `seq`."""
        while self.seq <= seq:
            await self._bell.next.wait()
        return self._picture

    async def close(self) -> None:
        """Finish what waits in the mailbox and store a snapshot. The log stays open."""
        self._closed = True
        if self._work is not None:
            await self._work
        if self._saving is not None:
            await self._saving
        await self._save()

    async def _drain(self) -> None:
        while self._mail:
            letters = self._take()
            orders = [order for letter in letters for order in letter.orders]
            try:
                answers = await self._carry_out(orders)
            except RescueError as error:
                answers = [error] * len(orders)
            except Exception as error:  # noqa: BLE001 - the border of the desk's task: one fault must not stop it
                _log.exception("operation %s: orders failed", self.operation_id)
                answers = [_internal(error)] * len(orders)
            self._waiting -= len(orders)
            _deliver(letters, answers)
            self._save_now_and_then()

    def _take(self) -> list[_Letter]:
        letters = [self._mail.popleft()]
        count = len(letters[0].orders)
        while self._mail and count + len(self._mail[0].orders) <= MAX_TOGETHER:
            letters.append(self._mail.popleft())
            count += len(letters[-1].orders)
        return letters

    async def _carry_out(self, orders: Sequence[Order]) -> list[Answer]:
        while True:
            batch = _Batch(self._picture, self._orders, self.clock.now_s(), self._wall())
            for order in orders:
                batch.add(order)
            if not self._all_known and await self._recall(batch, orders):
                continue
            if batch.events:
                try:
                    link = await self._log.append(self.operation_id, batch.events, self.seq)
                except RefusedError as error:
                    if error.code == "duplicate-op" and await self._remember(str(error.facts["op_id"])):
                        continue  # decided anew without it, now that its answer is known
                    raise
                self._publish(batch, link)
            return batch.answers

    async def _recall(self, batch: "_Batch", orders: Sequence[Order]) -> bool:
        """Look into the log for orders that were refused or came to nothing: they may be repeats of old ones.

        Orders that led to events need no look: the log itself refuses those it has.
        """
        found = False
        for order, answer in zip(orders, batch.answers, strict=True):
            if not answer or isinstance(answer, RescueError):
                found |= order.op_id not in self._orders and await self._remember(order.op_id)
        return found

    async def _remember(self, op_id: str) -> bool:
        events = await self._log.find_op(self.operation_id, op_id) if 0 < len(op_id) <= MAX_OP_ID else ()
        if events:
            self._orders[op_id] = events
        return bool(events)

    def _publish(self, batch: "_Batch", link: str) -> None:
        self._picture, self._link = batch.picture, link
        self._recent.extend(batch.events)
        self._orders.update(batch.fresh)
        self._forget()
        self._bell.ring()

    def _forget(self) -> None:
        while len(self._orders) > RECENT_ORDERS:
            self._orders.popitem(last=False)
            self._all_known = False

    def _save_now_and_then(self) -> None:
        idle = self._saving is None or self._saving.done()
        if idle and self.seq - self._saved_seq >= max(SNAPSHOT_EVERY, len(self._picture.changed)):
            self._saving = asyncio.create_task(self._save(), name=f"snapshot {self.operation_id}")

    async def _save(self) -> None:
        picture = self._picture
        if picture.seq == self._saved_seq:
            return
        try:
            await self._log.put_snapshot(self.operation_id, picture)
            self._saved_seq = picture.seq
        except RescueError as error:
            _log.warning("operation %s: no snapshot at %d: %s", self.operation_id, picture.seq, error.message)


class _Batch:
    """Orders being decided together: the picture as it will be, and each order's answer."""

    def __init__(self, picture: Picture, known: Mapping[str, tuple[Event, ...]], now_s: float, wall_s: float) -> None:
        self.picture = picture
        self.events: list[Event] = []
        self.fresh: dict[str, tuple[Event, ...]] = {}
        self.answers: list[Answer] = []
        self._known = known
        self._now_s = now_s
        self._wall_s = wall_s

    def add(self, order: Order) -> None:
        """Decide one order on the picture that the ones before it leave."""
        try:
            self.answers.append(self._decide(order))
        except RescueError as error:
            self.answers.append(error)
        except Exception as error:  # noqa: BLE001 - a fault in one rule must not take the other orders down
            _log.exception("order %s (%s) failed", order.op_id, type(order.command).__name__)
            self.answers.append(_internal(error))

    def _decide(self, order: Order) -> tuple[Event, ...]:
        if not 0 < len(order.op_id) <= MAX_OP_ID:
            raise InputError("bad-op-id", f"an op_id has 1 to {MAX_OP_ID} characters, got {len(order.op_id)}")
        before = self.fresh.get(order.op_id) or self._known.get(order.op_id)
        if before:
            return _same_actor(order, before)
        bodies = decide(self.picture, order.command, order.actor, self._now_s)
        events, picture = [], self.picture
        for body in bodies:
            event = self._event(order, picture.seq + 1, body)
            picture = fold(picture, event)
            events.append(event)
        self.picture = picture
        self.events.extend(events)
        if events:
            self.fresh[order.op_id] = tuple(events)
        return tuple(events)

    def _event(self, order: Order, seq: int, body: Body) -> Event:
        return Event(seq, order.op_id, order.actor, order.cause, self._now_s, self._wall_s, order.device_time_s, body)


def _same_actor(order: Order, events: tuple[Event, ...]) -> tuple[Event, ...]:
    if events[0].actor.id != order.actor.id:
        raise RefusedError("op-id-taken", f"op_id {order.op_id!r} was used by another sender", op_id=order.op_id)
    return events


def _internal(error: Exception) -> RescueError:
    return RescueError("internal", f"a fault in the program: {type(error).__name__}: {error}")


def _deliver(letters: Sequence[_Letter], answers: list[Answer]) -> None:
    start = 0
    for letter in letters:
        end = start + len(letter.orders)
        if not letter.future.done():  # the sender may have gone
            letter.future.set_result(answers[start:end])
        start = end
