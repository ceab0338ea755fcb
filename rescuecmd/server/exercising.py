"""The drill of a running operation: its ticks, and what the trainer may do."""

import asyncio
from typing import Literal

from rescuecmd.drill.crew import CrewPolicy, crew_policies
from rescuecmd.drill.page import as_html
from rescuecmd.drill.report import as_json
from rescuecmd.feeds.exercise import Exercise
from rescuecmd.picture.commands import Actor
from rescuecmd.picture.entity import Operation
from rescuecmd.server.frames import encode
from rescuecmd.server.guarded import guarded
from rescuecmd.server.training import drill_view
from rescuecmd.server.views import DrillView
from rescuecmd.text import Text

_STOPPED = Text(zh="导调员结束演练", en="ended by the trainer")
_OVERTAKEN = Text(zh="转入实战，演练终止", en="a live operation was opened")


class Exercising:
    """A drill that runs, or stands still, or has ended."""

    def __init__(self, exercise: Exercise) -> None:
        self.exercise = exercise
        self._ticking: asyncio.Task[None] | None = None

    @property
    def _operation(self) -> Operation:
        operation = self.exercise.desk.picture.operation
        assert operation is not None  # noqa: S101  (an exercise is made of an open operation)
        return operation

    @property
    def scripted_gauges(self) -> frozenset[str]:
        """The gauges whose levels the drill makes up."""
        return frozenset(self.exercise.engine.script.levels.series)

    def policies(self) -> list[CrewPolicy]:
        """Return how the robot crew of each terminal behaves."""
        engine = self.exercise.engine
        return list(crew_policies(engine.script, engine.seed, engine.start_s).values())

    def start(self) -> None:
        """Let it tick; a drill that is not started yet waits for its clock."""
        self._ticking = asyncio.create_task(guarded(self.exercise.run(), "drill"), name="drill")

    async def close(self) -> None:
        """Stop between two ticks."""
        if self._ticking is not None:
            self._ticking.cancel()
            await asyncio.gather(self._ticking, return_exceptions=True)

    def view(self) -> DrillView:
        """Return the drill as its trainer sees it."""
        return drill_view(self.exercise.engine.view(), self._operation, self.exercise.clock.speed)

    async def set_clock(self, state: Literal["running", "paused"], by: Actor) -> None:
        """Let drill time run or stand."""
        if state == "running":
            await self.exercise.start(by)
        else:
            await self.exercise.pause(by)

    async def set_speed(self, speed: float, by: Actor) -> None:
        """Run drill time at another speed."""
        await self.exercise.set_speed(speed, by)

    async def stop(self, by: Actor, *, overtaken: bool = False) -> None:
        """End the drill; `overtaken` by a live operation that takes its place."""
        await self.exercise.stop(_OVERTAKEN if overtaken else _STOPPED, by)

    def hold(self) -> None:
        """Stop drill time without a word in the record, which cannot be written."""
        self.exercise.clock.pause()

    async def control(self, verb: str, inject_id: str, by: Actor) -> None:
        """Fire, hold or skip an inject or fault."""
        await self.exercise.control(verb, inject_id, by)

    async def report(self, form: Literal["json", "html"]) -> bytes:
        """Return the report so far."""
        report = await self.exercise.report()
        return as_html(report).encode() if form == "html" else encode(as_json(report))
