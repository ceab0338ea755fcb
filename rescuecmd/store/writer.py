"""The one thread that writes: it commits together whatever queued up while the last commit was on its way.

There is no lingering: under light load each append is its own commit, under heavy load hundreds share one.
"""

import asyncio
import contextlib
import queue
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, NamedTuple, TypeAlias

import apsw

from rescuecmd.errors import RescueError, UnavailableError
from rescuecmd.store import chain
from rescuecmd.store.chain import GENESIS
from rescuecmd.store.folder import FILE, damaged
from rescuecmd.store.log import duplicate, stale
from rescuecmd.store.mark import Mark, MarkFile
from rescuecmd.store.reserve import Reserve

MAX_BATCH = 5000
# "low": the disk was full and the reserve has been given up; "full": that was not enough, nothing can be recorded
# until space is freed; "failed": the disk itself failed, the server must be restarted
Condition: TypeAlias = Literal["sound", "low", "full", "failed"]

_REFILL_EVERY_S = 5.0
_EVENT = "INSERT INTO events VALUES(?,?,?,?,?,?,?,?,NULL,?)"
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
    """Rows to add after `expected_seq`; ``link`` is the chain's last link once they are durable."""

    operation: str
    rows: list[Row]
    expected_seq: int
    link: str = ""


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

    def __init__(self, connection: apsw.Connection, folder: Path, reserve: Reserve) -> None:
        self._connection = connection
        self._marks = MarkFile(folder)
        self._reserve = reserve
        self._refill_s = 0.0
        self._path = folder / FILE
        self._queue: queue.SimpleQueue[_Ticket | None] = queue.SimpleQueue()
        self._failed: UnavailableError | None = None
        self.commits = 0
        self.condition: Condition = "sound" if reserve.make() else "low"
        try:
            self._tips = {name: Tip(key, seq, last) for name, key, seq, last in connection.execute(_HEADS)}
        except apsw.Error as error:
            raise damaged(self._path, str(error)) from error
        self.missing = self._find_missing()
        self._thread = threading.Thread(target=self._run, name="event-log", daemon=True)
        self._thread.start()

    def _find_missing(self) -> Mark | None:
        """Return the mark if the log has not got what it says; a log that was restored has a mark of its own."""
        mark = self._marks.read()
        tip = self._tips.get(mark.operation) if mark else None
        if mark is None or (tip is not None and self._link(tip, mark.seq).hex() == mark.link):
            return None
        return mark

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
                self._refill()
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
        error = self._transact(batch)
        if error is not None and _is_full(error) and self._reserve.release():
            self.condition = "low"
            error = self._transact(batch)
        if error is not None:
            self._give_up(batch, error)
        elif self.condition == "full":
            self.condition = "low"

    def _transact(self, batch: list[_Ticket]) -> Exception | None:
        """Write the batch in one transaction; return what stopped it, after which nothing of it is in the log."""
        if self._failed is not None:
            return self._failed
        tips = dict(self._tips)
        try:
            self._connection.execute("BEGIN IMMEDIATE")
            for ticket in batch:
                ticket.error = None
                self._try(ticket, tips)
            self._connection.execute("COMMIT")
        except apsw.Error as error:
            return self._rolled_back(error)
        self._set_mark(tips)
        self._tips = tips
        self.commits += 1
        return None

    def _set_mark(self, tips: dict[str, Tip]) -> None:
        for operation, tip in reversed(tips.items()):  # the newest operation is the one that runs
            if self._tips.get(operation) != tip:
                self._marks.write(Mark(operation, tip.seq, tip.hash.hex()))
                return

    def _rolled_back(self, error: apsw.Error) -> Exception:
        if self._connection.in_transaction:
            try:
                self._connection.execute("ROLLBACK")
            except apsw.Error as rollback:
                return rollback
        return error

    def _refill(self) -> None:
        """Make the reserve again when there is room for it."""
        now_s = time.monotonic()
        if self.condition == "low" and now_s >= self._refill_s:
            self._refill_s = now_s + _REFILL_EVERY_S
            if self._reserve.make():
                self.condition = "sound"

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
                at = self._link(tip, job.seq)
                self._connection.execute(_SNAPSHOT, (tip.key, job.seq, at, job.stamp, job.data))
            return
        tip = tip or Tip(self._key(job.operation), 0, GENESIS)
        if tip.seq != job.expected_seq:
            raise stale(job.operation, job.expected_seq, tip.seq)
        tips[job.operation] = self._insert(job, tip)

    def _insert(self, job: Append, tip: Tip) -> Tip:
        last, bindings = tip.hash, []
        for row in job.rows:
            salt = chain.make_salt()
            last = chain.link(last, chain.digest_of(salt, row.data))
            bindings.append((tip.key, *row, salt, last))
        try:
            self._connection.executemany(_EVENT, bindings)
        except apsw.ConstraintError as error:
            raise self._clash(job, tip) from error
        job.link = last.hex()
        return Tip(tip.key, job.expected_seq + len(job.rows), last)

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
        told: UnavailableError
        if isinstance(error, UnavailableError):
            told = error
        elif _is_full(error):
            self.condition = "full"
            told = UnavailableError("log-full", f"no space left for {self._path}; free some, nothing was recorded")
        else:
            # a failed fsync must not be tried again: the kernel may already have dropped the pages
            self.condition = "failed"
            told = UnavailableError("log-failed", f"writing {self._path} failed ({error}); restart the server")
            self._failed = told
        for ticket in batch:
            ticket.error = ticket.error or told

    def _shut(self) -> None:
        with contextlib.suppress(apsw.Error):  # the write-ahead file then stays and is read at the next start
            self._connection.pragma("wal_checkpoint(truncate)")
        self._connection.close()
        self._marks.close()


def _is_full(error: Exception) -> bool:
    """Return whether there was no room: for pages, or for the index that readers and the writer share."""
    no_index = getattr(error, "extendedresult", 0) == apsw.SQLITE_IOERR_SHMSIZE
    return no_index or isinstance(error, apsw.FullError)


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
