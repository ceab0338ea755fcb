"""The server's state: settings, keys, log, and the one operation that runs on it."""

import asyncio
import logging
import os
import time
from collections.abc import Callable
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from rescuecmd.errors import RefusedError, RescueError, UnavailableError
from rescuecmd.picture.commands import Actor
from rescuecmd.server import tls
from rescuecmd.server.auth import Keyring, terminal_role
from rescuecmd.server.crews import Robots
from rescuecmd.server.doorman import Doorman
from rescuecmd.server.front import Front
from rescuecmd.server.hub import Hub
from rescuecmd.server.operation import Running
from rescuecmd.server.training import nothing_loaded
from rescuecmd.server.views import DrillView
from rescuecmd.server.wire import RecordState
from rescuecmd.server.witness import LINK_CHARS, Head, Sealer
from rescuecmd.settings import Settings

if TYPE_CHECKING:
    from rescuecmd.store.salvage import SalvagedLog
    from rescuecmd.store.sqlite import SqliteLog

_LOG = logging.getLogger("rescuecmd.server")
_TRAINER = Actor("trainer")
_SERVER = Actor("software", "server")
_PLAIN_CAMERAS = frozenset({"virtual", "off", ""})


class Host:
    """One server on one data folder."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.hub = Hub(settings)
        self.front = Front(settings)
        self.doorman: Doorman
        self.running: Running | None = None
        self.damage: UnavailableError | None = None
        self._unknown_head = False
        self.problems: list[str] = []
        self.failure: RescueError | None = None
        self._log: SqliteLog | SalvagedLog
        self._opening: asyncio.Task[None]
        self._beat: asyncio.Task[None] | None = None
        self._started = time.monotonic()
        self._changing = asyncio.Lock()
        self._address = ""
        self._robots: Robots | None = None

    @property
    def keyring(self) -> Keyring:
        """The keys of links."""
        return self.doorman.keyring

    def warnings(self) -> list[str]:
        """Return what whoever starts the server should know."""
        return [*self._about_staff(), *self.front.warnings()]

    def _about_staff(self) -> list[str]:
        live = self.running is not None and self.running.live and not self.settings.live_links
        if not live or any(member.role == "commander" for member in self.doorman.staff.all()):
            return []
        return ["nobody can command this live operation yet: `rescuecmd staff add NAME --role commander`"]

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
            raise RefusedError(
                "no-operation", "no operation is open; a trainer can load a drill, a commander open a live one"
            )
        return self.running

    async def start(self, *, fresh: bool = False) -> None:
        """Take possession of the log, then begin to open what was running, else (or if `fresh`) what the settings name.

        The opening goes on beside the server, so that pages can be fetched meanwhile; `opened` waits for it.

        Raises
        ------
        RefusedError
            Another server has the data folder.
        UnavailableError, InputError
            The log, the keys or the camera's address cannot be used.
        """
        if self.settings.camera not in _PLAIN_CAMERAS:
            from rescuecmd.media.source import parse_sources  # noqa: PLC0415  (the video libraries)

            parse_sources(self.settings.camera)
        await asyncio.to_thread(self.front.certificate_changed)
        self._log = await self._open_log()
        self.hub.record = self.record
        try:
            self.hub.sealer = Sealer(self.settings.data)
            self.doorman = Doorman(self.settings.data, live_links=self.settings.live_links)
        except BaseException:
            await self._log.close()
            raise
        self.doorman.start()
        self._beat = asyncio.create_task(self.hub.serve_nothing(), name="live")
        self._opening = asyncio.create_task(self._open_first(fresh=fresh), name="opening")

    async def _open_log(self) -> "SqliteLog | SalvagedLog":
        """Open the log; a damaged one to be read only, as far as it can be read."""
        from rescuecmd.store.sqlite import SqliteLog  # noqa: PLC0415

        try:
            return await SqliteLog.open(self.settings.data, reserve_bytes=self.settings.reserve_mb * 1_000_000)
        except UnavailableError as error:
            if error.code != "log-damaged":
                raise
            return await self._salvage(error)

    async def _salvage(self, error: UnavailableError) -> "SalvagedLog":
        from rescuecmd.store.salvage import salvage  # noqa: PLC0415

        _LOG.error("%s", error.message)
        self.damage = error
        return await salvage(self.settings.data)

    def record(self) -> RecordState:
        """Return how the record is."""
        if self.damage is not None:
            return "damaged"
        if self._unknown_head:
            return "unknown"
        return getattr(self._log, "condition", "sound")

    async def hear(self, token: str) -> None:
        """Take the head that a returning page or phone has seen; anything but one of our own is passed over."""
        head = self.hub.sealer.read(token) if self.hub.sealer else None
        if head is None or self.damage is not None:
            return
        for operation in await self._log.operations():
            if head.epoch.startswith(f"{operation}."):
                if self.running is not None and operation == self.running.operation_id:
                    await self.running.hear(head, await self._log.link(operation, head.seq))
                return
        self._miss(head.epoch)

    def _miss(self, what: str) -> None:
        if not self._unknown_head:
            self._unknown_head = True
            _LOG.error("%s was seen before, and it is not in the log", what)

    async def opened(self) -> None:
        """Wait until the first operation is open, or is known not to open."""
        await asyncio.shield(self._opening)

    async def _open_first(self, *, fresh: bool) -> None:
        try:
            await asyncio.to_thread(
                import_module, "rescuecmd.server.opening"
            )  # rivers, routes, drills: a second's work
            await self._resume_or_open(fresh=fresh)
        except RescueError as error:
            self.failure = error
            self.problems.append(error.message)
            _LOG.info("no operation opened: %s", error.message)
        except Exception as error:  # noqa: BLE001 - the border of the opening: the server lives on without an operation
            self.problems.append(f"a fault in the program: {type(error).__name__}: {error}")
            _LOG.exception("no operation opened")

    async def _resume_or_open(self, *, fresh: bool) -> None:
        running = None if fresh else await self._reopen()
        if running is not None:
            await self._take(running)
            await self._look_for_missing(running)
            self._note_other(running)
        elif self.damage is not None:
            raise self.damage  # never an empty screen that looks like a new day
        elif self.settings.river:
            await self._open_live(self.settings.river, _SERVER)
        elif self.settings.drill:
            await self._load(self.settings.drill)

    def _note_other(self, running: Running) -> None:
        """Say so where a live operation goes on and the settings name something else."""
        elsewhere = self.settings.river if Path(self.settings.river).name != running.river.id else ""
        other = self.settings.drill or elsewhere
        if other and running.live and not running.ended:
            self.problems.append(f"{running.operation_id} is live and goes on; end it before {other!r} is opened")

    async def _reopen(self) -> Running | None:
        from rescuecmd.server.opening import reopen  # noqa: PLC0415

        try:
            return await reopen(self._log, self.settings)
        except UnavailableError as error:
            if error.code != "log-damaged" or self.damage is not None:
                raise
            await self._log.close()
            self._log = await self._salvage(error)
            return await reopen(self._log, self.settings)

    async def _look_for_missing(self, running: Running) -> None:
        """Compare the log with the mark that this server itself left at its last commit."""
        mark = getattr(self._log, "missing", None)
        if mark is None:
            return
        if mark.operation == running.operation_id:
            await running.hear(Head(running.epoch, mark.seq, mark.link[:LINK_CHARS]), "")
        else:
            self._miss(mark.operation)

    async def load_drill(self, drill_id: str) -> None:
        """Open a drill as the next operation; a drill before it ends. A broken file changes nothing.

        Raises
        ------
        FaultsError, NotFoundError
            The drill, its river or its plans cannot be read; every fault has its file and line.
        RefusedError
            ``live-goes-on``: a live operation is open.
        """
        await self.opened()
        await self._load(drill_id)

    async def open_live(self, river_id: str, by: Actor, title: str = "") -> None:
        """Open a live operation on a river; a drill before it ends. A broken file changes nothing.

        Raises
        ------
        FaultsError, NotFoundError
            River, units or plans cannot be read; every fault has its file and line.
        RefusedError
            ``live-goes-on``: a live operation is open.
        """
        await self.opened()
        await self._open_live(river_id, by, title)

    async def _load(self, drill_id: str) -> None:
        from rescuecmd.server.opening import open_drill, read_drill  # noqa: PLC0415

        async with self._changing:
            self._check_free()
            await self._leave_damage(lambda: read_drill(drill_id, self.settings))
            await self._replace(await open_drill(self._log, self.settings, drill_id))

    async def _open_live(self, river_id: str, by: Actor, title: str = "") -> None:
        from rescuecmd.server.opening import open_live, read_live  # noqa: PLC0415

        async with self._changing:
            self._check_free()
            await self._leave_damage(lambda: read_live(river_id, self.settings))
            await self._replace(await open_live(self._log, self.settings, river_id, by, title))

    def _check_free(self) -> None:
        """Refuse to open anything over a live operation."""
        running = self.running
        if running is not None and running.live and not running.ended and self.damage is None:
            raise RefusedError(
                "live-goes-on", f"{running.operation_id} is live; its commander ends it first", id=running.operation_id
            )

    async def _replace(self, running: Running) -> None:
        """Let the drill before end, and take the new operation in its place."""
        if self.running is not None and self.running.drill is not None:
            with suppress(RefusedError):  # it has ended by itself
                await self.running.drill.stop(_TRAINER, overtaken=running.live)
        await self._take(running)

    async def _leave_damage(self, look: Callable[[], object]) -> None:
        """Set a damaged log aside, as it is, and begin a new one beside it; only for what can be opened: `look`."""
        if self.damage is None:
            return
        from rescuecmd.store.backup import set_aside  # noqa: PLC0415
        from rescuecmd.store.sqlite import SqliteLog  # noqa: PLC0415

        await asyncio.to_thread(look)
        await self._leave()
        aside = await asyncio.to_thread(set_aside, self.settings.data)
        _LOG.warning("the damaged log has been set aside in %s", aside)
        self._log = await SqliteLog.open(self.settings.data, reserve_bytes=self.settings.reserve_mb * 1_000_000)
        self.damage = None

    async def _take(self, running: Running) -> None:
        await self._leave()
        await self._stop_beat()
        self.keyring.ensure(terminal_role(terminal_id) for terminal_id in running.desk.picture.terminals)
        self.running = running
        self.problems.clear()
        if self.damage is None:
            await running.start(self.hub.somebody)
        else:
            if running.drill is not None:
                running.drill.hold()
            self.problems.append(self.damage.message)
        await self.hub.begin(running)
        self._beat = asyncio.create_task(self.hub.serve(running), name="live")
        self._call_robots()

    def open_doors(self, address: str) -> None:
        """Note where the server answers; from now on robot crews can come in."""
        self._address = address
        self._call_robots()

    def _call_robots(self) -> None:
        drill = self.running.drill if self.running is not None else None
        if self.settings.robots and self._address and drill is not None and self.damage is None:
            self._robots = Robots(
                self._address,
                self.keyring,
                drill.policies(),
                ssl=tls.client_context(self.front.folder) if self.settings.tls else None,
            )
            self._robots.start()

    async def _leave(self) -> None:
        if self._robots is not None:
            robots, self._robots = self._robots, None
            await robots.close()
        await self._stop_beat()
        if self.running is not None:
            running, self.running = self.running, None
            await running.close()
        self._beat = asyncio.create_task(self.hub.serve_nothing(), name="live")

    async def start_drill(self) -> None:
        """Let the drill run, as its trainer would."""
        await self.opened()
        await self.need_running().need_drill().set_clock("running", _TRAINER)

    async def _stop_beat(self) -> None:
        if self._beat is not None:
            self._beat.cancel()
            with suppress(asyncio.CancelledError):
                await self._beat
            self._beat = None

    def drill_view(self) -> DrillView:
        """Return the drill as its trainer sees it; without one, which drills there are."""
        if self.running is not None and self.running.drill is not None:
            return self.running.drill.view()
        return nothing_loaded(self.settings.speed)

    async def close(self) -> None:
        """Let go of everything, in order."""
        self._opening.cancel()
        await asyncio.gather(self._opening, return_exceptions=True)
        await self._leave()
        await self._stop_beat()
        await self.doorman.close()
        await self._log.close()
