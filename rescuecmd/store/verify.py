"""Checks a log from end to end: every page's sum, every place in order, every link of the chain."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import apsw

from rescuecmd.errors import InputError
from rescuecmd.store import codec
from rescuecmd.store.folder import FILE, connect, damaged
from rescuecmd.store.writer import GENESIS

_ROWS = "SELECT seq, op_id, kind, data, prev, hash FROM events WHERE operation=? ORDER BY seq"


class _Stored(NamedTuple):
    seq: int
    op_id: str
    kind: str
    data: bytes
    prev: bytes
    hash: bytes


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found in one operation: how many events hold, and the first one that does not (0: all hold)."""

    operation: str
    events: int
    hash: str
    broken_seq: int = 0
    why: str = ""

    @property
    def sound(self) -> bool:
        """True when every event holds."""
        return not self.broken_seq


def verify(folder: Path) -> tuple[Finding, ...]:
    """Return what was found in each operation. Blocks; safe beside a running server.

    Raises
    ------
    UnavailableError
        ``log-damaged``: the file cannot even be read through.
    """
    connection = connect(folder, write=False)
    try:
        (said,) = connection.execute("PRAGMA quick_check(1)").fetchone() or ("nothing",)
        if said != "ok":
            raise damaged(folder / FILE, str(said))
        operations: list[Any] = connection.execute("SELECT key, id FROM operations ORDER BY key").fetchall()
        return tuple(_walk(connection, key, name) for key, name in operations)
    except apsw.Error as error:
        raise damaged(folder / FILE, str(error)) from error
    finally:
        connection.close()


def _walk(connection: apsw.Connection, key: int, operation: str) -> Finding:
    place, chain = 0, GENESIS
    rows: Iterable[Any] = connection.execute(_ROWS, (key,))
    for row in map(_Stored._make, rows):
        why = _fault(place + 1, chain, row)
        if why:
            return Finding(operation, place, chain.hex(), place + 1, why)
        place, chain = place + 1, row.hash
    return Finding(operation, place, chain.hex())


def _fault(place: int, chain: bytes, row: _Stored) -> str:
    """Return what is wrong with the row that should be event `place`, or an empty text."""
    if row.seq != place:
        return f"event {place} is missing"
    if row.prev != chain or hashlib.sha256(row.prev + row.data).digest() != row.hash:
        return f"event {place} is not the one that was recorded"
    try:
        event = codec.decode_event(row.data)
    except InputError as error:
        return error.message
    if (event.seq, event.op_id, type(event.body).__name__) != (row.seq, row.op_id, row.kind):
        return f"event {place} is filed under another name"
    return ""
