"""The software as one of those who act: it follows the log, asks the reactor, and hands its orders to the desk.

Nothing is remembered beside the log but how far it has been read, and that too is found again after a restart: every
order of the software names the event that caused it, and the same event always leads to the same order ids.
"""

import asyncio
import logging
from collections.abc import Sequence

from rescuecmd.desk import Desk
from rescuecmd.errors import RescueError, UnavailableError
from rescuecmd.picture.commands import Order
from rescuecmd.picture.events import Event
from rescuecmd.reactions import SOFTWARE, TICK_S, Reactor, Thought

LOOK_S = 0.1  # real seconds between two looks at the clock while nothing happens
_MOST_ROUNDS = 25  # an order that leads to an order that leads to ... is a fault; it ends here
_AT_ONCE = 500  # orders given to the desk in one go: a big picture may be due thousands, more than it takes waiting
_LOOK_BACK = 5000  # events looked through for the last reaction after a restart

_log = logging.getLogger(__name__)


class Software:
    """Reacts to what is in the log. Use `settle` where time is simulated, `run` where it passes."""

    def __init__(self, desk: Desk, reactor: Reactor) -> None:
        self._desk = desk
        self._reactor = reactor
        self._cursor = -1
        self._slot = -1
        self._owed: list[Order] = []  # could not be recorded; given again until they are
        self.refused = 0

    @property
    def cursor(self) -> int:
        """The last event that has been reacted to."""
        return max(0, self._cursor)

    async def settle(self, now_s: float) -> None:
        """React to every event after the cursor, and to time passing, until nothing more follows."""
        await self._settle(now_s, threaded=False)

    async def run(self) -> None:
        """React until the desk closes; the thinking is done beside the event loop."""
        while not self._desk.closed:
            try:
                await self._settle(self._desk.clock.now_s(), threaded=True)
            except Exception:  # noqa: BLE001 - the border of this task: what failed once may work with the next event
                _log.exception("the software's reactions failed at event %d", self._cursor)
                await asyncio.sleep(LOOK_S)
            try:
                async with asyncio.timeout(LOOK_S):
                    await self._desk.wait_beyond(self.cursor)
            except TimeoutError:
                continue

    async def _settle(self, now_s: float, *, threaded: bool) -> None:
        if self._cursor < 0:
            self._cursor = await self._resume()
        if self._owed:
            await self._give(())
            self._insist()
        for _ in range(_MOST_ROUNDS):
            thoughts = self._due(await self._desk.since(self._cursor), now_s)
            if thoughts is None:
                return
            for thought in thoughts:
                orders = await asyncio.to_thread(thought) if threaded else thought()
                if orders:
                    await self._give(orders)
            self._insist()
        _log.warning("reactions have not come to rest after %d rounds at event %d", _MOST_ROUNDS, self._cursor)

    def _due(self, events: Sequence[Event], now_s: float) -> list[Thought] | None:
        """Return what is to be thought about events, or about the time where there are none; None: nothing is due."""
        picture = self._desk.picture
        if events:
            self._cursor = events[-1].seq
            return self._reactor.thoughts(picture, events, now_s) if self._reactor.concerns(events) else []
        slot = int(now_s // TICK_S)
        if slot == self._slot:
            return None
        self._slot = slot
        return self._reactor.tick_thoughts(picture, now_s)

    async def _give(self, orders: Sequence[Order]) -> None:
        """Give these orders to the desk, after those still owed; what cannot be recorded now is owed."""
        due = self._owed = [*self._owed, *orders]
        again: list[Order] = []
        for start in range(0, len(due), _AT_ONCE):
            some = due[start : start + _AT_ONCE]
            answers = await self._desk.handle_many(some)
            for order, answer in zip(some, answers, strict=True):
                if isinstance(answer, UnavailableError):
                    again.append(order)
                if isinstance(answer, RescueError):
                    self.refused += 1
                    _log.info("%s was refused: %s", order.op_id, answer.message)
            self._owed = [*again, *due[start + _AT_ONCE :]]

    def _insist(self) -> None:
        if self._owed:
            raise UnavailableError("not-recorded", f"{len(self._owed)} orders of the software could not be recorded")

    async def _resume(self) -> int:
        """Return the last event that led to an order of the software, or where the look back began."""
        start = max(0, self._desk.seq - _LOOK_BACK)
        last = at = start
        while events := await self._desk.since(at):
            at = events[-1].seq
            causes = (event.cause for event in events if event.actor.id == SOFTWARE.id)
            last = max([last, *(int(cause[4:]) for cause in causes if cause.startswith("seq:"))])
        return last
