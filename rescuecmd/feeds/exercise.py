"""A drill running: the engine's ticks, the desk that records them, and the clock that may stop them.

`run` follows a clock in real time, at any speed, with pause and step; `run_fast` goes as fast as the machine can.
Both play the same ticks in the same order. `resume` takes a drill up again after the server died: it plays the log
through a fresh engine, tick by tick, each with exactly the picture that it saw the first time.
"""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from rescuecmd.clock import DrillClock
from rescuecmd.desk import Desk
from rescuecmd.drill.engine import Engine
from rescuecmd.drill.report import Report, make_report
from rescuecmd.drill.world import TICK_S, Truth
from rescuecmd.errors import RefusedError, RescueError
from rescuecmd.feeds.cast import Cast
from rescuecmd.feeds.software import Software
from rescuecmd.picture.commands import Actor, EndOperation, Order, SetClock
from rescuecmd.picture.events import Event
from rescuecmd.picture.fold import fold
from rescuecmd.picture.state import Picture
from rescuecmd.text import Text

TRAINER = Actor("trainer")
LOOK_S = 0.05  # real seconds between two looks at the clock
MOST_AT_ONCE = 40  # ticks made up for in one go before others get their turn
_PAGE = 2000

_log = logging.getLogger(__name__)


class Exercise:
    """One run of a drill. With `software` its reactions are settled after each tick; live servers run it themselves.

    `cast` plays the crews and the commander inside the process; without one they come over sockets, or are people.
    """

    def __init__(
        self, engine: Engine, desk: Desk, software: Software | None, clock: DrillClock, *, cast: Cast | None = None
    ) -> None:
        self.engine, self.desk, self.software, self.clock, self.cast = engine, desk, software, clock, cast
        self.refused: list[str] = []

    @property
    def ended(self) -> bool:
        """True when the operation is over."""
        operation = self.desk.picture.operation
        return operation is not None and operation.state == "ended"

    @property
    def elapsed_s(self) -> float:
        """Drill seconds played so far."""
        return self.engine.tick * TICK_S

    async def open(self) -> None:
        """Open the operation, or take it up again where the log ends."""
        if self.desk.picture.operation is not None:
            await self.resume()
            return
        await self._give(self.engine.opening(self.clock.now_s()))
        await self._settle()

    async def resume(self) -> int:
        """Bring a fresh engine to where the log ends and return its tick.

        Raises
        ------
        RefusedError
            The log belongs to another drill.
        """
        operation = self.desk.picture.operation
        if operation is None or operation.drill_id != self.engine.script.id:
            other = operation.drill_id if operation else ""
            raise RefusedError("other-drill", f"the log holds drill {other!r}, not {self.engine.script.id!r}")
        replay = Replay(self.engine, self.desk.picture)
        after = 0
        while events := await self.desk.since(after, limit=_PAGE):
            for event in events:
                replay.take(event)
            after = events[-1].seq
        return self.engine.tick

    async def run_fast(self, until_s: float | None = None) -> None:
        """Play ticks as fast as the machine can until the drill ends or `until_s` drill seconds have passed."""
        await self._set_clock("running", TRAINER)
        while not self.ended and (until_s is None or self.elapsed_s < until_s):
            self.clock.step(TICK_S)
            await self.tick()

    async def run(self) -> None:
        """Follow the clock until the drill ends; a paused clock plays nothing."""
        while not self.ended:
            due = min(int((self.clock.now_s() - self.engine.now_s) / TICK_S + 1e-6), MOST_AT_ONCE)
            for _ in range(due):
                await self.tick()
            await asyncio.sleep(0 if due == MOST_AT_ONCE else LOOK_S)
        self.clock.pause()

    async def tick(self) -> None:
        """Play one second; nothing when the drill is over."""
        if self.ended:
            return
        now_s = self.engine.now_s + TICK_S
        await self._give(self.engine.step(self.desk.picture, now_s))
        await self._settle()
        if self.cast is not None and self.engine.stopped is None:
            said = self.cast.act(self.desk.picture, self.clock.now_s())
            if said:
                await self._give(said)
                await self._settle()

    async def start(self, by: Actor = TRAINER) -> None:
        """Let time run (the same as `resume_clock`)."""
        await self.resume_clock(by)

    async def pause(self, by: Actor = TRAINER) -> None:
        """Stop the clock, and nothing else."""
        self.clock.pause()
        await self._set_clock("paused", by)

    async def resume_clock(self, by: Actor = TRAINER) -> None:
        """Let the clock go on."""
        self._check_open()
        self.clock.resume()
        await self._set_clock("running", by)

    async def set_speed(self, speed: float, by: Actor = TRAINER) -> None:
        """Run at `speed` drill seconds per real second."""
        self.clock.set_speed(speed)
        await self._set_clock("running" if self.clock.running else "paused", by)

    async def step(self, seconds: float) -> None:
        """Play some seconds at once while the clock is paused."""
        if self.clock.running:
            raise RefusedError("clock-runs", "pause the drill before stepping it")
        self.clock.step(seconds)
        while not self.ended and self.engine.now_s + TICK_S <= self.clock.now_s() + 1e-6:
            await self.tick()

    async def stop(self, why: Text, by: Actor = TRAINER) -> None:
        """End the operation now."""
        self._check_open()
        self.clock.pause()
        await self.desk.handle(Order(f"stop/{self.desk.seq}", by, EndOperation(why)))

    async def control(self, verb: str, inject_id: str, by: Actor = TRAINER) -> None:
        """Fire, hold or skip an inject or fault at once; works while the clock is paused, too."""
        self._check_open()
        await self.desk.handle(self.engine.control(verb, inject_id, by.id, self.clock.now_s()))
        if not self.clock.running:
            await self._give(self.engine.obey(self.desk.picture))
            await self._settle()

    def view(self) -> dict[str, Any]:
        """Return what the trainer's page shows, ready for JSON."""
        operation = self.desk.picture.operation
        state = operation.state if operation else "ready"
        seen = asdict(self.engine.view())
        return {**seen, "state": state, "speed": self.clock.speed}

    def truth(self) -> Truth:
        """Return the world as it truly is, for the cameras."""
        return self.engine.truth()

    async def report(self) -> Report:
        """Return the report of the drill so far."""
        events: list[Event] = []
        while page := await self.desk.since(len(events), limit=_PAGE):
            events += page
        return make_report(self.engine.script, events, self.engine.score, seed=self.engine.seed)

    def _check_open(self) -> None:
        if self.ended:
            raise RefusedError("ended", "this drill has ended")

    async def _set_clock(self, state: str, by: Actor) -> None:
        command = SetClock("running" if state == "running" else "paused", self.clock.speed)
        await self.desk.handle(Order(f"clock/{self.desk.seq}", by, command))

    async def _settle(self) -> None:
        if self.software is not None:
            await self.software.settle(self.clock.now_s())

    async def _give(self, orders: Sequence[Order]) -> None:
        if not orders:
            return
        for order, answer in zip(orders, await self.desk.handle_many(orders), strict=True):
            if isinstance(answer, RescueError):
                self.refused.append(f"{order.op_id} {type(order.command).__name__}: {answer.message}")
                _log.info("%s was refused: %s", order.op_id, answer.message)


class Replay:
    """Plays a log through an engine: before each tick exactly the picture that the tick saw when it was recorded.

    `last` is the picture at the end of the log. A tick's orders name the picture they were made from as their cause.
    Orders of one tick are appended together, so the log never ends within one.
    """

    def __init__(self, engine: Engine, last: Picture) -> None:
        engine.reseed(last)
        engine.opening(last.operation.started_s if last.operation else 0.0)
        self._engine = engine
        self._pictures: list[tuple[int, Picture]] = []
        self._picture = Picture()
        self._prefix = f"{engine.script.id}/"

    def take(self, event: Event) -> None:
        """Take the next event of the log."""
        tick = self._tick_of(event)
        if tick is not None:
            while self._engine.tick < tick and self._engine.stopped is None:
                self._step(event if self._engine.tick + 1 == tick else None)
        self._picture = fold(self._picture, event)
        self._pictures.append((event.seq, self._picture))
        del self._pictures[:-_PAGE]

    def _step(self, first: Event | None) -> None:
        """Play the next tick; `first` is its first event, None where it left none."""
        picture = self._picture
        if first is not None and first.cause.startswith("seq:"):
            seen = int(first.cause[4:])
            picture = next((p for seq, p in reversed(self._pictures) if seq == seen), picture)
        self._engine.step(picture, self._engine.now_s + TICK_S)

    def _tick_of(self, event: Event) -> int | None:
        if not event.op_id.startswith(self._prefix):
            return None
        middle = event.op_id.removeprefix(self._prefix).split("/")[0]
        return int(middle) if middle.isdigit() and int(middle) > 0 else None
