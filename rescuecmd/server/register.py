"""The access register of one data folder: invites, devices, staff, open sessions and refusals, in SQLite.

It stands beside the event log and not in it: an operation's log is exported, printed and kept for years, and must
hold no secret. Secrets are here only as SHA-256 (random ones) or argon2id (chosen ones). The row is the truth: what
is used once is burnt in the transaction that uses it.
"""

import os
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import apsw

from rescuecmd.errors import UnavailableError

FILE = "access.db"
_BUSY_MS = 5000
_SCHEMA = """
CREATE TABLE IF NOT EXISTS invite (
    id TEXT PRIMARY KEY, secret BLOB NOT NULL UNIQUE, code BLOB NOT NULL UNIQUE, operation_id TEXT NOT NULL,
    terminal_id TEXT NOT NULL, role TEXT NOT NULL, name TEXT NOT NULL, made_by TEXT NOT NULL, made_s REAL NOT NULL,
    expires_s REAL NOT NULL, used_s REAL
) STRICT;
CREATE TABLE IF NOT EXISTS device (
    id TEXT PRIMARY KEY, invite_id TEXT NOT NULL UNIQUE, key BLOB NOT NULL UNIQUE, operation_id TEXT NOT NULL,
    terminal_id TEXT NOT NULL, role TEXT NOT NULL, name TEXT NOT NULL, state TEXT NOT NULL, enrolled_s REAL NOT NULL,
    expires_s REAL NOT NULL, changed_by TEXT NOT NULL, changed_s REAL NOT NULL, seen_s REAL, skew_s REAL
) STRICT;
CREATE TABLE IF NOT EXISTS staff (
    login TEXT PRIMARY KEY, name TEXT NOT NULL, role TEXT NOT NULL, operation_id TEXT NOT NULL, agency TEXT NOT NULL,
    handle BLOB NOT NULL UNIQUE, password TEXT NOT NULL DEFAULT '', totp TEXT NOT NULL DEFAULT '',
    totp_step INTEGER NOT NULL DEFAULT 0, invite BLOB UNIQUE, invite_expires_s REAL NOT NULL DEFAULT 0
) STRICT;
CREATE TABLE IF NOT EXISTS passkey (
    id BLOB PRIMARY KEY, login TEXT NOT NULL REFERENCES staff (login) ON DELETE CASCADE, public_key BLOB NOT NULL,
    sign_count INTEGER NOT NULL, made_s REAL NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS session (
    hash BLOB PRIMARY KEY, holder TEXT NOT NULL, caller TEXT NOT NULL, operation_id TEXT NOT NULL,
    expires_s REAL NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS refusal (
    n INTEGER PRIMARY KEY, time_s REAL NOT NULL, code TEXT NOT NULL, who TEXT NOT NULL, what TEXT NOT NULL,
    address TEXT NOT NULL
) STRICT;
"""


class Register:
    """One connection to the register; every use is short and holds a lock, so that any thread may ask."""

    def __init__(self, path: Path, *, now: Callable[[], float] = time.time) -> None:
        self.now = now
        self._lock = threading.RLock()
        self._version = 0
        path.parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
        try:
            self._db = apsw.Connection(str(path))
            self._db.set_busy_timeout(_BUSY_MS)
            self._db.execute("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON")
            self._db.execute(_SCHEMA)
        except apsw.Error as error:
            raise UnavailableError("register", f"{path}: the access register cannot be used: {error}") from None
        self.changed_elsewhere()

    @contextmanager
    def change(self) -> Iterator[apsw.Connection]:
        """Give the connection for one transaction, durable when the block ends, undone when it raises."""
        with self._lock:
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield self._db
            except BaseException:
                self._db.execute("ROLLBACK")
                raise
            self._db.execute("COMMIT")

    def rows(self, sql: str, *values: Any) -> Sequence[tuple[Any, ...]]:
        """Return the rows of a question."""
        with self._lock:
            return list(self._db.execute(sql, values))

    def changed_elsewhere(self) -> bool:
        """Return whether another process (the command line) has written since this was last asked."""
        with self._lock:
            (version,) = next(iter(self._db.execute("PRAGMA data_version")))
            changed, self._version = version != self._version, version
            return bool(changed)

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            self._db.close()
