"""The one thread that writes: it commits together whatever queued up while the last commit was on its way.

There is no lingering: under light load each append is its own commit, under heavy load hundreds share one.
"""

import asyncio
import contextlib
import hashlib
import queue
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, TypeAlias

import apsw

from rescuecmd.errors import RescueError, UnavailableError
from rescuecmd.store.folder import FILE, damaged
from rescuecmd.store.log import duplicate, stale

MAX_BATCH = 5000
GENESIS = bytes(32)

_EVENT = "INSERT INTO events VALUES(?,?,?,?,?,?,?,?,?)"
_SNAPSHOT = "INSERT OR REPLACE INTO snapshots VALUES(?,?,?,?,?)"
_HEADS = """SELECT o.id, o.key, e.seq, e.hash FROM operations o
JOIN events e ON e.operation = o.key AND e.seq = (SELECT max(seq) FROM events WHERE operation = o.key)"""


class Row(NamedTuple):
    """One event, encoded. ``n`` is its place among the events of its order."""

    seq: int
    op_id: str
    n: int
    kind: str
    time_s: float
    data: bytes


class Tip(NamedTuple):
    """Where an operation's chain ends."""

    key: int
    seq: int
    hash: bytes


@dataclass(slots=True)
class Append:
    """Rows to add after `expected_seq`."""

    operation: str
    rows: list[Row]
    expected_seq: int


@dataclass(slots=True)
class Keep:
    """A snapshot to store, taken at `seq`."""

    operation: str
    seq: int
    stamp: str
    data: bytes


Job: TypeAlias = Append | Keep
Settle: TypeAlias = Callable[[Exception | None], None]


@dataclass(slots=True)
class _Ticket:
    job: Job
    loop: asyncio.AbstractEventLoop
    settle: Settle
    error: Exception | None = None


class Writer:
    """Owns the writing connection. `submit` may be called from any event loop."""

    def __init__(self, connection: apsw.Connection, folder: Path) -> None:
        self._connection = connection
        self._path = folder / FILE
        self._queue: queue.SimpleQueue[_Ticket | None] = queue.SimpleQueue()
        self._failed: UnavailableError | None = None
        self.commits = 0
        try:
            self._tips = {name: Tip(key, seq, chain) for name, key, seq, chain in connection.execute(_HEADS)}
        except apsw.Error as error:
            raise damaged(self._path, str(error)) from error
        self._thread = threading.Thread(target=self._run, name="event-log", daemon=True)
        self._thread.start()

    def submit(self, job: Job, settle: Settle) -> None:
        """Queue a job; `settle` runs on the calling event loop once it is durable, or with what went wrong."""
        self._queue.put(_Ticket(job, asyncio.get_running_loop(), settle))

    def close(self) -> None:
        """Commit what is queued, fold the write-ahead file into the log, and close. Blocks."""
        self._queue.put(None)
        self._thread.join()

    def _run(self) -> None:
        going = True
        while going:
            batch: list[_Ticket] = []
            going = self._collect(batch)
            if batch:
                self._commit(batch)
                _answer(batch)
        self._shut()

    def _collect(self, batch: list[_Ticket]) -> bool:
        ticket = self._queue.get()
        while ticket is not None:
            batch.append(ticket)
            if len(batch) >= MAX_BATCH:
                return True
            try:
                ticket = self._queue.get_nowait()
            except queue.Empty:
                return True
        return False

    def _commit(self, batch: list[_Ticket]) -> None:
        tips = dict(self._tips)
        try:
            if self._failed is not None:
                raise self._failed
            self._connection.execute("BEGIN IMMEDIATE")
            for ticket in batch:
                self._try(ticket, tips)
            self._connection.execute("COMMIT")
        except (apsw.Error, UnavailableError) as error:
            self._give_up(batch, error)
        else:
            self._tips = tips
            self.commits += 1

    def _try(self, ticket: _Ticket, tips: dict[str, Tip]) -> None:
        """Do one job inside a savepoint: a refused one leaves nothing, the others stay."""
        before = tips.get(ticket.job.operation)
        self._connection.execute("SAVEPOINT job")
        try:
            self._apply(ticket.job, tips)
        except RescueError as error:
            ticket.error = error
            self._connection.execute("ROLLBACK TO job")
            if before is None:
                tips.pop(ticket.job.operation, None)
            else:
                tips[ticket.job.operation] = before
        self._connection.execute("RELEASE job")

    def _apply(self, job: Job, tips: dict[str, Tip]) -> None:
        tip = tips.get(job.operation)
        if isinstance(job, Keep):
            if tip is not None and job.seq <= tip.seq:
                chain = self._link(tip, job.seq)
                self._connection.execute(_SNAPSHOT, (tip.key, job.seq, chain, job.stamp, job.data))
            return
        tip = tip or Tip(self._key(job.operation), 0, GENESIS)
        if tip.seq != job.expected_seq:
            raise stale(job.operation, job.expected_seq, tip.seq)
        tips[job.operation] = self._insert(job, tip)

    def _insert(self, job: Append, tip: Tip) -> Tip:
        chain, bindings = tip.hash, []
        for row in job.rows:
            before, chain = chain, hashlib.sha256(chain + row.data).digest()
            bindings.append((tip.key, *row, before, chain))
        try:
            self._connection.executemany(_EVENT, bindings)
        except apsw.ConstraintError as error:
            raise self._clash(job, tip) from error
        return Tip(tip.key, job.expected_seq + len(job.rows), chain)

    def _clash(self, job: Append, tip: Tip) -> RescueError:
        """Say which of the two uniqueness rules was broken: an order twice, or a place taken by another writer."""
        for row in job.rows:
            found = self._connection.execute(
                "SELECT 1 FROM events WHERE operation=? AND op_id=? AND seq<=?", (tip.key, row.op_id, tip.seq)
            ).fetchone()
            if found:
                return duplicate(job.operation, row.op_id)
        return stale(job.operation, job.expected_seq, tip.seq)

    def _link(self, tip: Tip, seq: int) -> bytes:
        sql = "SELECT hash FROM events WHERE operation=? AND seq=?"
        found = self._connection.execute(sql, (tip.key, seq)).fetchone()
        return bytes(found[0]) if found else GENESIS

    def _key(self, operation: str) -> int:
        self._connection.execute("INSERT OR IGNORE INTO operations(id) VALUES(?)", (operation,))
        ((key,),) = self._connection.execute("SELECT key FROM operations WHERE id=?", (operation,))
        return int(key)

    def _give_up(self, batch: list[_Ticket], error: Exception) -> None:
        """Nothing of this batch counts. A full disk may be freed; after any other failure the disk is not trusted."""
        if self._connection.in_transaction:
            try:
                self._connection.execute("ROLLBACK")
            except apsw.Error as rollback:
                error = rollback
        told: UnavailableError
        if isinstance(error, UnavailableError):
            told = error
        elif isinstance(error, apsw.FullError):
            told = UnavailableError("log-full", f"no space left for {self._path}; free some, nothing was recorded")
        else:
            # a failed fsync must not be tried again: the kernel may already have dropped the pages
            told = UnavailableError("log-failed", f"writing {self._path} failed ({error}); restart the server")
            self._failed = told
        for ticket in batch:
            ticket.error = ticket.error or told

    def _shut(self) -> None:
        with contextlib.suppress(apsw.Error):  # the write-ahead file then stays and is read at the next start
            self._connection.pragma("wal_checkpoint(truncate)")
        self._connection.close()


def _answer(batch: list[_Ticket]) -> None:
    """Tell each event loop once about all of its jobs."""
    loops: dict[asyncio.AbstractEventLoop, list[_Ticket]] = {}
    for ticket in batch:
        loops.setdefault(ticket.loop, []).append(ticket)
    for loop, tickets in loops.items():
        try:
            loop.call_soon_threadsafe(_settle, tickets)
        except RuntimeError:
            continue  # that loop has ended; what it asked for is in the log all the same


def _settle(tickets: list[_Ticket]) -> None:
    for ticket in tickets:
        ticket.settle(ticket.error)
