"""The doorman: keys, devices, sessions, pace and refusals of one server, and the watch that keeps them true."""

import asyncio
import logging
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from rescuecmd.errors import ForbiddenError, RescueError
from rescuecmd.server.auth import Caller, Keyring
from rescuecmd.server.cords import Cords
from rescuecmd.server.devices import Device, Devices
from rescuecmd.server.pace import Kind, Pace
from rescuecmd.server.passkey import Passkeys
from rescuecmd.server.password import Passwords
from rescuecmd.server.refusals import Refusals
from rescuecmd.server.register import FILE, Register
from rescuecmd.server.roles import MACHINE_ROLES
from rescuecmd.server.sessions import LINK, Challenges, Session, Sessions, caller_with
from rescuecmd.server.staff import Staff

_LOG = logging.getLogger("rescuecmd.server.access")
KEYS_FILE = "keys.json"
WATCH_S = 1.0


class Doorman:
    """Who may come in, and who is in."""

    def __init__(self, folder: Path, *, live_links: bool) -> None:
        self.keyring = Keyring(folder / KEYS_FILE)
        self.register = Register(folder / FILE)
        self.devices = Devices(self.register)
        self.staff = Staff(self.register)
        self.passkeys = Passkeys(self.register, self.staff)
        self.passwords = Passwords(self.register, self.staff)
        self.sessions = Sessions(self.register)
        self.challenges = Challenges()
        self.refusals = Refusals(self.register)
        self.pace = Pace()
        self.cords = Cords()
        self.hashing = asyncio.Semaphore(2)  # argon2 takes 19 MiB and 30 ms each
        self._live_links = live_links
        self._watch: asyncio.Task[None] | None = None

    def caller(self, key: str, *, operation_id: str, live: bool) -> Caller:
        """Return who calls with this key of a link or token of a session.

        Raises
        ------
        ForbiddenError
            Nobody; or a key of a link in a live operation; or somebody of another operation.
        """
        found = self.session_or_link(key)
        if isinstance(found, Caller):
            if live and not self._live_links and found.role not in MACHINE_ROLES:
                raise ForbiddenError("enrolment-needed", "a live operation takes enrolled devices and signed-in staff")
            return found
        _need_same(found.operation_id, operation_id)
        return found.caller

    def device(self, device: Device, *, operation_id: str) -> Caller:
        """Return who comes with a device that has proved itself.

        Raises
        ------
        ForbiddenError
            It is of another operation.
        """
        _need_same(device.operation_id, operation_id)
        return caller_with(device)

    def session_or_link(self, key: str) -> Session | Caller:
        """Return the session of a token, or else the holder of a link's key."""
        try:
            return self.keyring.caller(key)
        except ForbiddenError:
            return self.sessions.find(key)

    def start(self) -> None:
        """Begin the watch."""
        self._watch = asyncio.create_task(self._keep_watch(), name="doorman")

    async def close(self) -> None:
        """End the watch, write what waits, let go of the register."""
        if self._watch is not None:
            self._watch.cancel()
            with suppress(asyncio.CancelledError):
                await self._watch
        await asyncio.to_thread(self.refusals.flush)
        await asyncio.to_thread(self.register.close)

    async def revoke(self, device_id: str, *, by: str) -> Device:
        """Shut a device out: durable first, then its sockets and videos are cut."""
        device = await asyncio.to_thread(self.devices.revoke, device_id, by=by)
        await self.end(f"device/{device_id}")
        return device

    async def end(self, whose: str) -> None:
        """End all sessions of a holder, and what hangs on them."""
        await asyncio.to_thread(self.sessions.close_all, whose)
        cut = await self.cords.pull(whose)
        _LOG.info("%s shut out; %d connections cut", whose, cut)

    @contextmanager
    def guessing(self, kind: Kind, who: str) -> Iterator[None]:
        """Let somebody try a secret that can be guessed; failures are counted against `who`.

        Raises
        ------
        TooManyError
            `who` has failed too often.
        """
        self.pace.check(kind, who)
        try:
            yield
        except ForbiddenError:
            self.pace.spend(kind, who)
            raise

    async def _keep_watch(self) -> None:
        while True:
            await asyncio.sleep(WATCH_S)
            try:
                await self.look()
            except RescueError as error:
                _LOG.error("the access register: %s", error.message)
            except Exception:  # noqa: BLE001 - the border of the watch: the server goes on, the next look may succeed
                _LOG.exception("the access register")

    async def look(self) -> None:
        """See what has changed: what the command line wrote, what is over; cut what may not go on."""
        for whose in await asyncio.to_thread(self._look, self.cords.holders()):
            await self.cords.pull(whose)

    def _look(self, connected: Iterable[str]) -> list[str]:
        self.refusals.flush()
        if self.register.changed_elsewhere():
            self.sessions.reload()
        self.sessions.sweep()
        known = self.sessions.holders()
        return [whose for whose in connected if whose not in known and not self._still_in(whose)]

    def _still_in(self, whose: str) -> bool:
        """Return whether somebody without a session may stay: a link's key, a device whose key is good."""
        kind, _, name = whose.partition("/")
        if kind == "device":
            with suppress(RescueError):
                return bool(self.devices.need_active(name))
        return whose == LINK


def _need_same(theirs: str, operation_id: str) -> None:
    """Refuse who is of another operation; a session of no operation is of every one."""
    if operation_id and theirs not in {"", operation_id}:
        raise ForbiddenError("other-operation", f"you are in {theirs}, this is {operation_id}")
