"""The drill of a running operation: its ticks, the software's reactions, and what the trainer may do."""

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any, Literal

from rescuecmd.drill.crew import CrewPolicy, crew_policies
from rescuecmd.drill.page import as_html
from rescuecmd.drill.report import as_json
from rescuecmd.errors import RefusedError
from rescuecmd.feeds.exercise import Exercise
from rescuecmd.feeds.software import Software
from rescuecmd.picture.commands import Actor
from rescuecmd.picture.entity import Operation
from rescuecmd.server.frames import encode
from rescuecmd.server.training import drill_view
from rescuecmd.server.views import DrillView
from rescuecmd.text import Text

_LOG = logging.getLogger("rescuecmd.server")
_STOPPED = Text(zh="导调员结束演练", en="ended by the trainer")


class Exercising:
    """A drill that runs, or stands still, or has ended."""

    def __init__(self, exercise: Exercise, software: Software) -> None:
        self.exercise = exercise
        self._software = software
        self._tasks: list[asyncio.Task[None]] = []

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
        """Let ticks and reactions run; a drill that is not started yet waits for its clock."""
        self._tasks = [
            asyncio.create_task(_guarded(self.exercise.run(), "drill"), name="drill"),
            asyncio.create_task(_guarded(self._software.run(), "software"), name="software"),
        ]

    async def close(self) -> None:
        """Stop ticks and reactions between two of them."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

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

    async def stop(self, by: Actor) -> None:
        """End the drill."""
        await self.exercise.stop(_STOPPED, by)

    async def control(self, verb: str, inject_id: str, by: Actor) -> None:
        """Fire, hold or skip an inject or fault."""
        await self.exercise.control(verb, inject_id, by)

    async def report(self, form: Literal["json", "html"]) -> bytes:
        """Return the report so far."""
        report = await self.exercise.report()
        return as_html(report).encode() if form == "html" else encode(as_json(report))


async def _guarded(work: Coroutine[Any, Any, None], name: str) -> None:
    """Run a task to its end; a fault in it is logged and stops it alone."""
    try:
        await work
    except RefusedError as error:
        _LOG.error("%s stopped: %s", name, error.message)
    except Exception:  # noqa: BLE001 - the border of a task of the operation
        _LOG.exception("%s stopped", name)
