"""The server's state: settings, keys, log, and the one operation that runs on it."""

import asyncio
import logging
import os
import time
from contextlib import suppress
from pathlib import Path

from rescuecmd.errors import RefusedError, RescueError
from rescuecmd.picture.commands import Actor
from rescuecmd.server.auth import Keyring, terminal_role
from rescuecmd.server.crews import Robots
from rescuecmd.server.hub import Hub
from rescuecmd.server.operation import Running
from rescuecmd.server.training import nothing_loaded
from rescuecmd.server.views import DrillView
from rescuecmd.settings import Settings
from rescuecmd.store.log import Log

_LOG = logging.getLogger("rescuecmd.server")
KEYS_FILE = "keys.json"


class Host:
    """One server on one data folder."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.hub = Hub(settings)
        self.keyring: Keyring
        self.running: Running | None = None
        self.problems: list[str] = []
        self._log: Log
        self._beat: asyncio.Task[None] | None = None
        self._started = time.monotonic()
        self._changing = asyncio.Lock()
        self._address = ""
        self._robots: Robots | None = None

    @property
    def uptime_s(self) -> float:
        """Seconds since the server started."""
        return time.monotonic() - self._started

    def rss_bytes(self) -> int:
        """Return the resident memory of this process."""
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE")

    def need_running(self) -> Running:
        """Return the running operation.

        Raises
        ------
        RefusedError
            None is open.
        """
        if self.running is None:
            raise RefusedError("no-operation", "no operation is open; the trainer can load a drill")
        return self.running

    async def start(self, *, fresh: bool = False) -> None:
        """Open the log and go on with the operation that was running, else (or if `fresh`) open the settings' drill."""
        from rescuecmd.store.sqlite import SqliteLog  # noqa: PLC0415

        self._log = await SqliteLog.open(self.settings.data)
        self.keyring = Keyring(self.settings.data / KEYS_FILE)
        try:
            await self._resume_or_open(fresh=fresh)
        except RescueError as error:
            self.problems.append(error.message)
            _LOG.error("no operation opened: %s", error.message)

    async def _resume_or_open(self, *, fresh: bool) -> None:
        from rescuecmd.server.opening import reopen  # noqa: PLC0415  (rivers, routes and drills load with it)

        running = None if fresh else await reopen(self._log, self.settings)
        if running is not None:
            await self._take(running)
        elif self.settings.drill:
            await self.load_drill(self.settings.drill)

    async def load_drill(self, drill_id: str) -> None:
        """Open a drill as the next operation; the one before ends. A broken file changes nothing.

        Raises
        ------
        FaultsError, NotFoundError
            The drill, its river or its plans cannot be read; every fault has its file and line.
        """
        from rescuecmd.server.opening import open_drill  # noqa: PLC0415

        async with self._changing:
            running = await open_drill(self._log, self.settings, drill_id)
            await self._take(running)

    async def _take(self, running: Running) -> None:
        await self._leave()
        self.keyring.ensure(terminal_role(terminal_id) for terminal_id in running.desk.picture.terminals)
        self.running = running
        self.problems.clear()
        await running.start()
        self._beat = asyncio.create_task(self.hub.serve(running), name="live")
        self._call_robots()

    def open_doors(self, address: str) -> None:
        """Note where the server answers; from now on robot crews can come in."""
        self._address = address
        self._call_robots()

    def _call_robots(self) -> None:
        if self.settings.robots and self._address and self.running is not None:
            self._robots = Robots(self._address, self.keyring, self.running.drill.policies())
            self._robots.start()

    async def _leave(self) -> None:
        if self._robots is not None:
            robots, self._robots = self._robots, None
            await robots.close()
        if self._beat is not None:
            self._beat.cancel()
            with suppress(asyncio.CancelledError):
                await self._beat
            self._beat = None
        if self.running is not None:
            running, self.running = self.running, None
            await running.close()
        self.hub.clear()

    async def start_drill(self) -> None:
        """Let the drill run, as its trainer would."""
        await self.need_running().drill.set_clock("running", Actor("trainer"))

    def drill_view(self) -> DrillView:
        """Return the drill as its trainer sees it; with no operation, which drills there are."""
        if self.running is not None:
            return self.running.drill.view()
        return nothing_loaded(self.settings.speed)

    async def close(self) -> None:
        """Let go of everything, in order."""
        await self._leave()
        await self._log.close()
