"""One operation as one file that opens elsewhere, with its chain; and that file taken into another log.

The file is an event log like any other (see `folder`), but with a single operation and in SQLite's plain journal
mode, so that it also opens from a read-only medium. All commands that read a log read it.
"""

from pathlib import Path
from typing import Any

import apsw

from rescuecmd.errors import RefusedError, UnavailableError, unknown
from rescuecmd.store.folder import FILE, Hold, adopt, connect, damaged, make_draft, open_file, prepare
from rescuecmd.store.verify import Finding, verify_file

_ROWS = "SELECT seq, op_id, n, kind, time_s, data, salt, digest, hash FROM events WHERE operation=? ORDER BY seq"
_ROW = "INSERT INTO events VALUES(?,?,?,?,?,?,?,?,?,?)"


def pack(source: Path, operation: str, target: Path) -> Finding:
    """Write an operation into a file of its own and return what a check of that file found. Safe beside a server.

    Raises
    ------
    NotFoundError
        There is no such operation.
    UnavailableError
        ``log-damaged``, or ``cannot-write``: the target cannot be written.
    """
    reader = connect(source, write=False)
    try:
        reader.execute("BEGIN")  # everything from one moment, also while a server appends
        keys: dict[str, int] = {name: key for key, name in reader.execute("SELECT key, id FROM operations")}
        if operation not in keys:
            raise unknown("operation", operation, keys)
        draft = make_draft(target)
        writer = open_file(draft, write=True)
        try:
            with writer:
                _copy(reader, keys[operation], writer, operation)
            writer.pragma("journal_mode", "delete")
        finally:
            writer.close()
        adopt(draft, target)
    except (OSError, apsw.CantOpenError, apsw.FullError) as error:
        raise UnavailableError("cannot-write", f"cannot write {target}: {error}") from error
    except apsw.Error as error:
        raise damaged(source, str(error)) from error
    finally:
        reader.close()
    (finding,) = verify_file(target)
    return finding


def unpack(file: Path, folder: Path) -> Finding:
    """Take the operation of a file into the log of a folder (made where there is none); events known already stay.

    Raises
    ------
    RefusedError
        ``log-in-use``, or ``operation-differs``: the log holds another course of the same operation.
    UnavailableError
        ``log-damaged``: the file is not as it was written; nothing is taken.
    """
    findings = verify_file(file)
    for finding in findings:
        if not finding.sound:
            raise damaged(file, finding.why)
    if len(findings) != 1:
        raise damaged(file, f"expected one operation, found {len(findings)}")
    folder.mkdir(parents=True, exist_ok=True)
    hold = Hold(folder)
    try:
        prepare(folder)
        _take(file, folder, findings[0])
    finally:
        hold.release()
    return findings[0]


def _take(file: Path, folder: Path, finding: Finding) -> None:
    reader, writer = open_file(file, write=False), connect(folder, write=True)
    try:
        ((source_key, operation),) = reader.execute("SELECT key, id FROM operations")
        known = dict(writer.execute(_LINKS, (operation,)))
        mine = dict(reader.execute(_LINKS, (operation,)))
        if any(known[seq] != mine[seq] for seq in known.keys() & mine.keys()):
            raise RefusedError(
                "operation-differs", f"{folder / FILE} holds another course of {operation}; nothing was taken"
            )
        with writer:
            _copy(reader, source_key, writer, operation, after=len(known))
    except apsw.Error as error:
        raise UnavailableError("log-failed", f"{finding.operation} could not be taken: {error}") from error
    finally:
        reader.close()
        writer.close()


_LINKS = "SELECT e.seq, e.hash FROM events e JOIN operations o ON o.key = e.operation WHERE o.id = ?"


def _copy(reader: apsw.Connection, key: int, writer: apsw.Connection, operation: str, *, after: int = 0) -> None:
    writer.execute("INSERT OR IGNORE INTO operations(id) VALUES(?)", (operation,))
    ((there,),) = writer.execute("SELECT key FROM operations WHERE id=?", (operation,))
    rows: Any = reader.execute(_ROWS, (key,))
    writer.executemany(_ROW, ((there, *row) for row in rows if row[0] > after))
