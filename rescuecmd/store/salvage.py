"""What can still be read of a damaged log: each operation up to its first event that does not hold.

Nothing is written, repaired or guessed. The result is a log in memory that takes no orders.
"""

import asyncio
from collections.abc import Sequence
from pathlib import Path

import apsw

from rescuecmd.errors import RescueError, UnavailableError
from rescuecmd.picture.events import Event
from rescuecmd.picture.state import Picture
from rescuecmd.store import chain, codec
from rescuecmd.store.chain import GENESIS
from rescuecmd.store.folder import connect
from rescuecmd.store.memory import MemoryLog

_ROWS = "SELECT seq, data, salt, digest, hash FROM events WHERE operation=? ORDER BY seq"


class SalvagedLog(MemoryLog):
    """The readable part of a damaged log."""

    async def append(self, operation: str, events: Sequence[Event], expected_seq: int) -> str:
        """Refuse."""
        raise UnavailableError(
            "log-read-only", "the record is damaged and read-only; a new operation can be opened beside it"
        )

    async def put_snapshot(self, operation: str, picture: Picture) -> None:
        """Store nothing: there is no need to, and nowhere."""


async def salvage(folder: Path) -> SalvagedLog:
    """Return what can be read of the log in a folder, which may be nothing."""
    log = SalvagedLog()
    for operation, events in await asyncio.to_thread(_operations, folder):
        await MemoryLog.append(log, operation, events, 0)
    return log


def _operations(folder: Path) -> list[tuple[str, list[Event]]]:
    try:
        connection = connect(folder, write=False)
    except RescueError:
        return []
    try:
        keys = list(connection.execute("SELECT key, id FROM operations ORDER BY key"))
        return [(name, _events(connection, key)) for key, name in keys]
    except apsw.Error:
        return []
    finally:
        connection.close()


def _events(connection: apsw.Connection, key: int) -> list[Event]:
    found: list[Event] = []
    last = GENESIS
    try:
        for seq, data, salt, digest, link in connection.execute(_ROWS, (key,)):
            last = chain.link(last, digest if salt is None else chain.digest_of(salt, data))
            if seq != len(found) + 1 or link != last:
                break
            found.append(codec.decode_event(data))
    except (apsw.Error, RescueError):
        pass  # the rest cannot be read; what was read before it stands
    return found
