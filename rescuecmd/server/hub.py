"""The beat of the live socket: a tick when something changed, a heartbeat when nothing did, and who is connected.

Nobody is waited for: a tick replaces the one before, and a reader that was busy takes the newest when it is ready.
"""

import asyncio
import itertools
import logging
import uuid
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rescuecmd.errors import RescueError, UnavailableError
from rescuecmd.picture.commands import Actor, SeeTerminal
from rescuecmd.picture.state import Picture
from rescuecmd.server.frames import Pieces, Tick, encode
from rescuecmd.settings import Settings

if TYPE_CHECKING:
    from rescuecmd.server.operation import Running

_LOG = logging.getLogger("rescuecmd.server.live")
_SERVER = Actor("software", "server")
_DRILL_FRAME_S = 1.0


class Hub:
    """Everybody who is connected, and the frame that they get next."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._connections = 0
        self._present: Counter[tuple[str, bool]] = Counter()
        self._seen_changed = asyncio.Event()
        self.somebody = asyncio.Event()
        self._bell = asyncio.Event()
        self._dirty = asyncio.Event()
        self._pieces = Pieces()
        self._drill_made_s = 0.0
        self._run_id = uuid.uuid4().hex[:8]
        self._numbers = itertools.count(1)
        self.tick = Tick("", Picture(), 0.0, (), (), self._pieces)

    @property
    def connected(self) -> int:
        """How many live connections there are."""
        return self._connections

    async def next(self, seen: Tick) -> Tick:
        """Return the newest tick that is not `seen`, waiting for one if need be."""
        while self.tick is seen:
            await self._bell.wait()
        return self.tick

    @contextmanager
    def join(self, terminal_id: str, *, robot: bool) -> Iterator[None]:
        """Count a connection while it lasts.

        Raises
        ------
        UnavailableError
            The server holds as many as it may.
        """
        if self._connections >= self._settings.max_connections:
            raise UnavailableError("full", f"{self._connections} are connected, no more are taken")
        self._connections += 1
        if not robot:
            self.somebody.set()
        self._see(terminal_id, robot, +1)
        try:
            yield
        finally:
            self._connections -= 1
            self._see(terminal_id, robot, -1)

    def _see(self, terminal_id: str, robot: bool, by: int) -> None:
        if terminal_id:
            self._present[terminal_id, robot] += by
            self._seen_changed.set()

    async def tick_now(self, running: "Running") -> Tick:
        """Return a tick of this moment."""
        picture, now_s = await running.moment()
        return Tick(running.epoch, picture, now_s, running.story, running.secrets, self._pieces)

    async def serve(self, running: "Running") -> None:
        """Beat for an operation until cancelled; a fault is logged and the beat goes on."""
        while True:
            try:
                async with asyncio.TaskGroup() as group:
                    group.create_task(self._listen(running), name="live-listen")
                    group.create_task(self._beat(running), name="live-beat")
                    group.create_task(self._announce(running), name="live-presence")
            except* Exception:  # noqa: BLE001 - the border of the live tasks
                _LOG.exception("the live beat failed; it goes on")
            await asyncio.sleep(self._settings.heartbeat_s)

    async def serve_nothing(self) -> None:
        """Beat without an operation until cancelled: the pages see that the server lives."""
        while True:
            self._publish(Tick("", Picture(), 0.0, (), (), self._pieces))
            await asyncio.sleep(self._settings.heartbeat_s)

    async def _listen(self, running: "Running") -> None:
        """Mark the picture as changed, whenever it is."""
        async for _ in running.desk.follow(running.desk.picture.seq):
            self._dirty.set()

    async def _beat(self, running: "Running") -> None:
        while True:
            self._dirty.clear()
            tick = await self.tick_now(running)
            tick.drill = self._drill_frame(running)
            self._publish(tick)
            await asyncio.sleep(self._settings.tick_s)
            try:
                async with asyncio.timeout(self._settings.heartbeat_s - self._settings.tick_s):
                    await self._dirty.wait()
            except TimeoutError:
                continue

    def _drill_frame(self, running: "Running") -> bytes:
        """Return the trainer's frame, made at most once a second."""
        now_s = asyncio.get_running_loop().time()
        if now_s - self._drill_made_s < _DRILL_FRAME_S and self.tick.drill:
            return self.tick.drill
        self._drill_made_s = now_s
        return encode({"type": "drill", **running.drill.view().model_dump()})

    def _publish(self, tick: Tick) -> None:
        self.tick = tick
        self._bell.set()
        self._bell = asyncio.Event()

    async def _announce(self, running: "Running") -> None:
        """Tell the operation how many people and robots hold each terminal, also that nobody does after a restart."""
        self._seen_changed.set()
        while True:
            await self._seen_changed.wait()
            self._seen_changed.clear()
            for terminal in list(running.desk.picture.terminals.values()):
                people, robots = (self._present[terminal.id, robot] for robot in (False, True))
                if (people, robots) == (terminal.people, terminal.robots):
                    continue
                command = SeeTerminal(terminal.id, people, robots, running.clock.now_s())
                op_id = f"see/{self._run_id}/{next(self._numbers)}"
                try:
                    await running.order(_SERVER, command, op_id)
                except RescueError as error:
                    _LOG.warning("presence of %s not recorded: %s", terminal.id, error.message)
