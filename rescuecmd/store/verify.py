"""Checks a log from end to end: every page's sum, every place in order, every link of the chain."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import apsw

from rescuecmd.errors import InputError
from rescuecmd.picture.events import RecordRedacted
from rescuecmd.store import chain, codec
from rescuecmd.store.chain import GENESIS
from rescuecmd.store.folder import damaged, file_of, no_log, open_file

_ROWS = "SELECT seq, op_id, kind, data, salt, digest, hash FROM events WHERE operation=? ORDER BY seq"


class _Stored(NamedTuple):
    seq: int
    op_id: str
    kind: str
    data: bytes
    salt: bytes | None
    digest: bytes | None
    hash: bytes


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found in one operation: how many events hold, and the first one that does not (0: all hold).

    ``redacted`` counts those of the events that keep their place and digest but not what they said.
    """

    operation: str
    events: int
    hash: str
    broken_seq: int = 0
    why: str = ""
    redacted: int = 0

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
    return verify_file(file_of(folder))


def verify_file(path: Path) -> tuple[Finding, ...]:
    """Return what was found in each operation of one file; see `verify`."""
    if not path.exists():
        raise no_log(path.parent)
    connection = open_file(path, write=False)
    try:
        (said,) = connection.execute("PRAGMA quick_check(1)").fetchone() or ("nothing",)
        if said != "ok":
            raise damaged(path, str(said))
        operations: list[Any] = connection.execute("SELECT key, id FROM operations ORDER BY key").fetchall()
        return tuple(walk(connection, key, name) for key, name in operations)
    except apsw.Error as error:
        raise damaged(path, str(error)) from error
    finally:
        connection.close()


def walk(connection: apsw.Connection, key: int, operation: str) -> Finding:
    """Return what was found in one operation of an open file."""
    place, last, redacted = 0, GENESIS, 0
    seal, said = hashlib.sha256(), ""
    rows: Iterable[Any] = connection.execute(_ROWS, (key,))
    for row in map(_Stored._make, rows):
        why = _fault(place + 1, last, row)
        if why:
            return Finding(operation, place, last.hex(), place + 1, why, redacted)
        place, last, redacted = place + 1, row.hash, redacted + (row.salt is None)
        if row.salt is None:
            chain.add_to_seal(seal, row.seq, row.data)
        elif row.kind == RecordRedacted.__name__:
            said = _seal_of(row.data)
    if redacted and said != seal.hexdigest():
        return Finding(operation, place, last.hex(), place, "redacted events are not as they were left", redacted)
    return Finding(operation, place, last.hex(), redacted=redacted)


def _seal_of(data: bytes) -> str:
    body = codec.decode_event(data).body
    return body.seal if isinstance(body, RecordRedacted) else ""


def _fault(place: int, before: bytes, row: _Stored) -> str:
    """Return what is wrong with the row that should be event `place`, or an empty text."""
    if row.seq != place:
        return f"event {place} is missing"
    digest = row.digest if row.salt is None else chain.digest_of(row.salt, row.data)
    if digest is None or chain.link(before, digest) != row.hash:
        return f"event {place} is not the one that was recorded"
    try:
        event = codec.decode_event(row.data)
    except InputError as error:
        return error.message
    if (event.seq, event.op_id, type(event.body).__name__) != (row.seq, row.op_id, row.kind):
        return f"event {place} is filed under another name"
    return ""
