"""The folder of a log: who holds it, how its file is made, and how a file that is not right is named.

The lock is a POSIX record lock: the kernel frees it with the process however that ends, and a child process that
outlives the server does not keep it. Such a lock does not act within one process, hence the list of held folders.
"""

import fcntl
import os
import secrets
import threading
from functools import cache
from pathlib import Path
from types import TracebackType

import apsw
import apsw.sqlite_extra

from rescuecmd.errors import InputError, RefusedError, UnavailableError

FILE = "events.sqlite"
APPLICATION_ID = 0x5243_4D44  # "RCMD"; the file says what it is
FORMAT = 2  # 1 had a chain that could not be redacted; see `upgrade`
_PAGE_SUM_BYTES = 8  # what cksumvfs needs at the end of every page
SCHEMA = """
CREATE TABLE about(name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE operations(key INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE) STRICT;
CREATE TABLE events(
    operation INTEGER NOT NULL, seq INTEGER NOT NULL, op_id TEXT NOT NULL, n INTEGER NOT NULL, kind TEXT NOT NULL,
    time_s REAL NOT NULL, data BLOB NOT NULL, salt BLOB, digest BLOB, hash BLOB NOT NULL,
    PRIMARY KEY(operation, seq), CHECK((salt IS NULL) <> (digest IS NULL))
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX events_by_op ON events(operation, op_id, n);
CREATE TABLE snapshots(
    operation INTEGER PRIMARY KEY, seq INTEGER NOT NULL, hash BLOB NOT NULL, stamp TEXT NOT NULL, data BLOB NOT NULL
) STRICT;
"""

_held: set[Path] = set()
_held_guard = threading.Lock()


@cache
def load_page_sums() -> None:
    """Register the page checksums with SQLite, once for the process."""
    connection = apsw.Connection(":memory:")
    apsw.sqlite_extra.load(connection, "cksumvfs")
    connection.close()


class Hold:
    """Exclusive possession of a log folder for as long as the process lives or until `release`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder.resolve()
        with _held_guard:
            if self._folder in _held:
                raise _in_use(self._folder, str(os.getpid()))
            self._fd = _lock(self._folder)
            _held.add(self._folder)

    def release(self) -> None:
        """Let the next server have the folder."""
        with _held_guard:
            if self._folder in _held:
                _held.discard(self._folder)
                os.close(self._fd)

    def __enter__(self) -> "Hold":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is not None:
            self.release()


def _lock(folder: Path) -> int:
    fd = os.open(folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.lockf(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        holder = os.read(fd, 32).decode("ascii", "replace").strip()
        os.close(fd)
        raise _in_use(folder, holder) from None
    os.ftruncate(fd, 0)
    os.write(fd, f"{os.getpid()}\n".encode())
    return fd


def _in_use(folder: Path, holder: str) -> RefusedError:
    by = f" (process {holder})" if holder else ""
    return RefusedError(
        "log-in-use", f"another server{by} writes the log in {folder}; stop it or choose another folder", holder=holder
    )


def prepare(folder: Path) -> None:
    """Make the folder and an empty log in it, unless there is one.

    Raises
    ------
    UnavailableError
        The folder cannot be written, or its log is gone while traces of it are left.
    """
    path = folder / FILE
    if path.exists():
        return
    if (folder / f"{FILE}-wal").exists():
        raise damaged(path, "its write-ahead file is there but the log itself is missing")
    try:
        draft = make_draft(path)
        adopt(draft, path)
    except (OSError, apsw.Error) as error:
        raise UnavailableError("log-folder", f"cannot make a log in {folder}: {error}") from error


def make_draft(path: Path) -> Path:
    """Make an empty log under another name, so that a crash in between never leaves half a log at `path`."""
    draft = path.with_suffix(".draft")
    remove(draft)
    load_page_sums()
    connection = apsw.Connection(str(draft))
    connection.reserve_bytes(reserve=_PAGE_SUM_BYTES)
    connection.pragma("journal_mode", "wal")
    connection.pragma("application_id", APPLICATION_ID)
    connection.pragma("user_version", FORMAT)
    connection.execute(SCHEMA)
    connection.execute("INSERT INTO about VALUES('log_id', ?)", (secrets.token_hex(8),))
    connection.close()
    return draft


def adopt(draft: Path, path: Path) -> None:
    """Let a finished file take its place, durably: after a power cut there is the old one or the new one."""
    fd = os.open(draft, os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)
    draft.replace(path)
    fd = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def remove(path: Path) -> None:
    """Remove a database file with what SQLite keeps beside it."""
    for part in (path, Path(f"{path}-wal"), Path(f"{path}-shm")):
        part.unlink(missing_ok=True)


def connect(folder: Path, *, write: bool) -> apsw.Connection:
    """Open the log's file; exactly one connection of the whole machine may be a writing one.

    Raises
    ------
    UnavailableError
        ``log-damaged``: the file is not a log, or its pages do not carry the sums they were written with.
    InputError
        ``no-log``: there is no log. ``log-format``: a newer program wrote it, or an older one and it must be upgraded.
    """
    path = file_of(folder)
    if not path.exists():
        raise no_log(folder)
    return open_file(path, write=write)


def no_log(folder: Path) -> InputError:
    """Return the error of a folder without a log; it names the folders in it that have one."""
    beside = tuple(str(other.parent) for other in sorted(folder.glob(f"*/{FILE}")))
    hint = f"; there is one in {', '.join(beside)}: name that folder (--data)" if beside else ""
    return InputError("no-log", f"there is no event log in {folder}{hint}", folder=str(folder), beside=beside)


def file_of(folder: Path) -> Path:
    """Return the log's file: the one in a folder, or a single file such as an incident file or a backup."""
    return folder if folder.is_file() else folder / FILE


def open_file(path: Path, *, write: bool, expected: int = FORMAT) -> apsw.Connection:
    """Open one file of this program's event log; see `connect`."""
    load_page_sums()
    mode = apsw.SQLITE_OPEN_READWRITE if write else apsw.SQLITE_OPEN_READONLY
    try:
        connection = apsw.Connection(str(path), flags=mode)
        connection.set_busy_timeout(5000)
        if write:
            connection.pragma("synchronous", "full")
        _check(connection, path, expected)
    except apsw.Error as error:
        raise damaged(path, str(error)) from error
    return connection


def _check(connection: apsw.Connection, path: Path, expected: int) -> None:
    if connection.pragma("application_id") != APPLICATION_ID:
        raise damaged(path, "it is not an event log of this program, or its beginning is gone")
    found = connection.pragma("user_version")
    if found < expected:
        raise InputError(
            "log-format",
            f"{path} has format {found}, this program writes format {expected}; run `rescuecmd log upgrade`",
        )
    if found > expected:
        raise InputError(
            "log-format",
            f"{path} has format {found} of a newer rescuecmd; this one reads up to format {expected}",
        )
    if connection.pragma("checksum_verification") != "1":
        raise damaged(path, "its pages carry no checksums")


def log_id(connection: apsw.Connection) -> str:
    """Return the name that this log was given when it was made; a restored one has a new name."""
    ((value,),) = connection.execute("SELECT value FROM about WHERE name='log_id'")
    return str(value)


def damaged(path: Path, why: str) -> UnavailableError:
    """Return the error for a log file that is not as it was written."""
    return UnavailableError(
        "log-damaged",
        f"{path} is damaged ({why}); nothing was changed, restore it from a copy or move it away to start anew",
        file=str(path),
    )
