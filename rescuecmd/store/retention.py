"""Takes what is personal out of an ended operation; the chain holds as before, and the removal is itself recorded.

Each event that says something personal keeps its place, order id, kind, time and digest; its bytes are replaced and
its salt is destroyed (see `chain`). An event `RecordRedacted` then seals what the redacted events say now, so that
they cannot be changed afterwards either. Snapshots go, and the file is written anew so that no old page keeps a name.
Copies elsewhere (backups, incident files) are not reached: keep a list of them.
"""

import hashlib
import time
from pathlib import Path
from typing import Any

import apsw

from rescuecmd.errors import RefusedError, UnavailableError, unknown
from rescuecmd.picture.commands import Actor
from rescuecmd.picture.events import Event, RecordRedacted
from rescuecmd.picture.redact import redact
from rescuecmd.store import chain, codec
from rescuecmd.store.folder import FILE, Hold, connect, damaged
from rescuecmd.store.verify import walk

_ROWS = "SELECT seq, data, salt, digest, hash, time_s FROM events WHERE operation=? ORDER BY seq"
_REPLACE = "UPDATE events SET data=?, salt=NULL, digest=? WHERE operation=? AND seq=?"
_APPEND = "INSERT INTO events VALUES(?,?,?,0,?,?,?,?,NULL,?)"


def redact_operation(folder: Path, operation: str, *, by: str, why: str) -> int:
    """Redact an operation and return how many events were changed; 0 where nothing personal is left. Blocks.

    Raises
    ------
    RefusedError
        ``log-in-use``: stop the server first. ``not-ended``: the operation still runs.
    NotFoundError
        There is no such operation.
    UnavailableError
        ``log-damaged``: the record does not hold as it is; nothing was changed.
    """
    hold = Hold(folder)
    try:
        connection = connect(folder, write=True)
        try:
            keys: dict[str, int] = {name: key for key, name in connection.execute("SELECT key, id FROM operations")}
            if operation not in keys:
                raise unknown("operation", operation, keys)
            finding = walk(connection, keys[operation], operation)
            if not finding.sound:
                raise damaged(folder / FILE, finding.why)
            return _redact(connection, keys[operation], Actor(by), why)
        except apsw.Error as error:
            raise UnavailableError("log-failed", f"{operation} could not be redacted: {error}") from error
        finally:
            connection.close()
    finally:
        hold.release()


def _redact(connection: apsw.Connection, key: int, actor: Actor, why: str) -> int:
    rows: list[Any] = connection.execute(_ROWS, (key,)).fetchall()
    _need_ended(connection, key)
    connection.pragma("secure_delete", "on")
    seal, count = hashlib.sha256(), 0
    with connection:
        for seq, data, salt, digest, _, _ in rows:
            kept = _redacted(data)
            if kept != data:
                held = digest if salt is None else chain.digest_of(salt, data)
                connection.execute(_REPLACE, (kept, held, key, seq))
                count += 1
            if kept != data or salt is None:
                chain.add_to_seal(seal, seq, kept)
        if count:
            _record(connection, key, rows[-1], RecordRedacted(count, why, seal.hexdigest()), actor)
            connection.execute("DELETE FROM snapshots WHERE operation=?", (key,))
    if count:
        connection.execute("VACUUM")
        connection.pragma("wal_checkpoint(truncate)")
    return count


def _redacted(data: bytes) -> bytes:
    event = codec.decode_event(data)
    cleaned = redact(event)
    return data if cleaned is event else codec.encode_event(cleaned)


def _need_ended(connection: apsw.Connection, key: int) -> None:
    sql = "SELECT count(*) FROM events WHERE operation=? AND kind='OperationEnded'"
    ((ended,),) = connection.execute(sql, (key,))
    if not ended:
        raise RefusedError("not-ended", "the operation has not ended; what is in it is still needed")


def _record(connection: apsw.Connection, key: int, last: Any, body: RecordRedacted, actor: Actor) -> None:
    seq, _, _, _, before, time_s = last
    event = Event(seq + 1, f"redact/{seq + 1}", actor, "", time_s, time.time(), None, body)
    data, salt = codec.encode_event(event), chain.make_salt()
    link = chain.link(before, chain.digest_of(salt, data))
    connection.execute(_APPEND, (key, event.seq, event.op_id, type(body).__name__, time_s, data, salt, link))
