"""Brings a log of an older format to the present one: a checked copy takes its place, the old file stays beside it."""

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import apsw

from rescuecmd.errors import InputError
from rescuecmd.store import chain, mark
from rescuecmd.store.chain import GENESIS
from rescuecmd.store.folder import FILE, FORMAT, Hold, adopt, damaged, make_draft, no_log, open_file

OLD_FORMAT = 1
KEPT = f"events.format{OLD_FORMAT}.sqlite"
_OLD_ROWS = "SELECT operation, seq, op_id, n, kind, time_s, data, prev, hash FROM events ORDER BY operation, seq"
_NEW_ROW = "INSERT INTO events VALUES(?,?,?,?,?,?,?,?,NULL,?)"


def upgrade(folder: Path) -> int:
    """Upgrade the log in a folder and return how many events it holds; one of the present format stays as it is.

    Raises
    ------
    InputError
        ``no-log``, or ``log-format`` where a newer program wrote it.
    RefusedError
        ``log-in-use``: a server writes it; stop it first.
    UnavailableError
        ``log-damaged``: an event is not the one that was recorded.
    """
    path = folder / FILE
    if not path.exists():
        raise no_log(folder)
    hold = Hold(folder)
    try:
        if _format(path) == OLD_FORMAT:
            _replace(path)
        connection = open_file(path, write=False)
        ((count,),) = connection.execute("SELECT count(*) FROM events")
        connection.close()
        return int(count)
    finally:
        hold.release()


def _format(path: Path) -> int:
    """Return the format that a file says it has, whatever else is wrong with it."""
    try:
        connection = open_file(path, write=False, expected=OLD_FORMAT)
    except InputError:
        return FORMAT
    connection.close()
    return OLD_FORMAT


def _replace(path: Path) -> None:
    old = open_file(path, write=True, expected=OLD_FORMAT)
    draft = make_draft(path)
    new = open_file(draft, write=True)
    try:
        with new:
            new.executemany("INSERT INTO operations VALUES(?,?)", old.execute("SELECT key, id FROM operations"))
            new.executemany(_NEW_ROW, _chained(old, path))
        old.pragma("wal_checkpoint(truncate)")
    except apsw.Error as error:
        raise damaged(path, str(error)) from error
    finally:
        new.close()
        old.close()
    kept = path.with_name(KEPT)
    kept.unlink(missing_ok=True)
    os.link(path, kept)
    (path.parent / mark.FILE).unlink(missing_ok=True)  # it names a link of the old chain
    adopt(draft, path)


def _chained(old: apsw.Connection, path: Path) -> Iterator[tuple[Any, ...]]:
    """Yield the rows of the present format; each old one is checked against the old chain on the way."""
    operation, before, last = 0, GENESIS, GENESIS
    for key, seq, op_id, n, kind, time_s, data, prev, found in old.execute(_OLD_ROWS):
        if key != operation:
            operation, before, last = key, GENESIS, GENESIS
        if prev != before or hashlib.sha256(prev + data).digest() != found:
            raise damaged(path, f"event {seq} is not the one that was recorded")
        salt = chain.make_salt()
        before, last = found, chain.link(last, chain.digest_of(salt, data))
        yield key, seq, op_id, n, kind, time_s, data, salt, last
