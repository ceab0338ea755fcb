"""The durable log: one folder, one SQLite file, one writer thread, any number of readers."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

import apsw

from rescuecmd.errors import InputError, RefusedError, UnavailableError
from rescuecmd.picture.events import Event
from rescuecmd.picture.state import Picture
from rescuecmd.store import codec
from rescuecmd.store.folder import FILE, Hold, connect, damaged, log_id, prepare
from rescuecmd.store.log import Bell, Head, check_batch, numbered
from rescuecmd.store.mark import Mark
from rescuecmd.store.reserve import Reserve
from rescuecmd.store.writer import Append, Condition, Job, Keep, Row, Writer

T = TypeVar("T")

_READ = """SELECT e.data FROM events e JOIN operations o ON o.key = e.operation
WHERE o.id = ? AND e.seq > ? AND e.seq <= ? ORDER BY e.seq LIMIT ?"""
_FIND_OP = """SELECT e.data FROM events e JOIN operations o ON o.key = e.operation
WHERE o.id = ? AND e.op_id = ? ORDER BY e.n"""
_HEAD = """SELECT e.seq, e.time_s, e.hash FROM events e JOIN operations o ON o.key = e.operation
WHERE o.id = ? ORDER BY e.seq DESC LIMIT 1"""
_SNAPSHOT = """SELECT s.seq, s.hash, s.stamp, s.data, e.hash FROM snapshots s JOIN operations o ON o.key = s.operation
LEFT JOIN events e ON e.operation = s.operation AND e.seq = s.seq WHERE o.id = ?"""
_LINK = "SELECT e.hash FROM events e JOIN operations o ON o.key = e.operation WHERE o.id = ? AND e.seq = ?"
_LAST = 2**62


class SqliteLog:
    """A log in a folder. Make one with `open` (the server) or `view` (a reader beside a running server)."""

    instant = False

    def __init__(self, folder: Path, hold: Hold | None, writer: Writer | None) -> None:
        self.folder = folder
        self._hold = hold
        self._writer = writer
        self._bells: dict[str, Bell] = {}
        self._own = threading.local()
        self._readers = ThreadPoolExecutor(max_workers=2, thread_name_prefix="event-log-reader")
        self._opened: list[apsw.Connection] = []
        self._closed = False

    @classmethod
    async def open(cls, folder: Path, *, reserve_bytes: int = 0) -> "SqliteLog":
        """Open the log for writing; make it where there is none. `reserve_bytes` are kept for a full disk.

        Raises
        ------
        RefusedError
            ``log-in-use``: another server writes it.
        UnavailableError
            ``log-damaged`` or ``log-folder``.
        """
        return await asyncio.to_thread(cls._open, folder, reserve_bytes)

    @classmethod
    def _open(cls, folder: Path, reserve_bytes: int) -> "SqliteLog":
        try:
            folder.mkdir(parents=True, exist_ok=True)
            hold = Hold(folder)
        except OSError as error:
            raise UnavailableError("log-folder", f"cannot use {folder} for a log: {error}") from error
        with hold:
            prepare(folder)
            return cls(folder, hold, Writer(connect(folder, write=True), folder, Reserve(folder, reserve_bytes)))

    @classmethod
    async def view(cls, folder: Path) -> "SqliteLog":
        """Open the log for reading only; a server may be writing it."""
        connection = await asyncio.to_thread(connect, folder, write=False)
        connection.close()
        return cls(folder, None, None)

    @property
    def commits(self) -> int:
        """Commits so far; fewer than appends when several shared one."""
        return self._writer.commits if self._writer else 0

    @property
    def condition(self) -> Condition:
        """How the disk takes what is written."""
        return self._writer.condition if self._writer else "sound"

    @property
    def missing(self) -> Mark | None:
        """An event that was durable before and was not there when the log was opened."""
        return self._writer.missing if self._writer else None

    async def log_id(self) -> str:
        """Return the name that this log was given when it was made or restored."""
        return await self._ask(log_id)

    async def append(self, operation: str, events: Sequence[Event], expected_seq: int) -> str:
        """Add events after `expected_seq`; they are on the disk when this returns the chain's last link."""
        check_batch(events, expected_seq)
        rows = [
            Row(event.seq, event.op_id, n, type(event.body).__name__, event.time_s, codec.encode_event(event))
            for n, event in numbered(events)
        ]
        job = Append(operation, rows, expected_seq)
        if rows:
            await self._submit(job)
        return job.link

    async def put_snapshot(self, operation: str, picture: Picture) -> None:
        """Store a picture; encoded beside the event loop."""
        data = await asyncio.to_thread(codec.encode_picture, picture)
        await self._submit(Keep(operation, picture.seq, codec.stamp(), data))

    def _submit(self, job: Job) -> "asyncio.Future[None]":
        if self._writer is None or self._closed:
            raise RefusedError("log-read-only", f"the log in {self.folder} is not open for writing")
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()

        def settle(error: Exception | None) -> None:
            if error is None and isinstance(job, Append):
                self._bell(job.operation).ring()
            if future.done():
                return
            if error is None:
                future.set_result(None)
            else:
                future.set_exception(error)

        self._writer.submit(job, settle)
        return future

    async def read(
        self, operation: str, after: int = 0, upto: int | None = None, *, limit: int | None = None
    ) -> tuple[Event, ...]:
        """Return the events with ``after < seq <= upto`` in order, at most `limit`."""
        bounds = (operation, after, _LAST if upto is None else upto, -1 if limit is None else limit)
        return await self._ask(lambda reader: self._events(reader, _READ, bounds))

    async def find_op(self, operation: str, op_id: str) -> tuple[Event, ...]:
        """Return the events that the order of this id left."""
        return await self._ask(lambda reader: self._events(reader, _FIND_OP, (operation, op_id)))

    def _events(self, reader: apsw.Connection, sql: str, values: tuple[object, ...]) -> tuple[Event, ...]:
        try:
            return tuple(codec.decode_event(data) for (data,) in reader.execute(sql, values))
        except InputError as error:
            raise damaged(self.folder / FILE, error.message) from error

    async def follow(self, operation: str, after: int = 0) -> AsyncIterator[tuple[Event, ...]]:
        """Yield what follows `after`, in batches of at most 1000, for ever."""
        while True:
            rung = self._bell(operation).next
            batch = await self.read(operation, after, limit=1000)
            if batch:
                after = batch[-1].seq
                yield batch
            else:
                await rung.wait()

    async def snapshot(self, operation: str) -> Picture:
        """Return the latest stored picture of the present shape, or the empty one."""
        return await self._ask(lambda reader: self._snapshot(reader, operation))

    def _snapshot(self, reader: apsw.Connection, operation: str) -> Picture:
        row = reader.execute(_SNAPSHOT, (operation,)).fetchone()
        if row is None:
            return Picture()
        seq, taken_at, stamp, data, link = row
        if link != taken_at:
            raise damaged(self.folder / FILE, f"a snapshot was taken at event {seq}, which is gone or another now")
        return codec.decode_picture(data) if stamp == codec.stamp() else Picture()

    async def operations(self) -> tuple[str, ...]:
        """Return the ids of all operations, oldest first."""
        sql = "SELECT id FROM operations ORDER BY key"
        return await self._ask(lambda reader: tuple(name for (name,) in reader.execute(sql)))

    async def head(self, operation: str) -> Head:
        """Return where the operation's log ends."""
        row = await self._ask(lambda reader: reader.execute(_HEAD, (operation,)).fetchone())
        return Head(operation, row[0], row[1], row[2].hex()) if row else Head(operation, 0, 0.0)

    async def link(self, operation: str, seq: int) -> str:
        """Return the chain's link at an event, empty where there is no such event."""
        row = await self._ask(lambda reader: reader.execute(_LINK, (operation, seq)).fetchone())
        return row[0].hex() if row else ""

    async def close(self) -> None:
        """Finish what was accepted, close the file and free the folder."""
        if self._closed:
            return
        self._closed = True
        await asyncio.to_thread(self._close)

    def _close(self) -> None:
        self._readers.shutdown(wait=True)
        for connection in self._opened:
            connection.close()
        if self._writer is not None:
            self._writer.close()
        if self._hold is not None:
            self._hold.release()

    def _bell(self, operation: str) -> Bell:
        return self._bells.setdefault(operation, Bell())

    async def _ask(self, question: Callable[[apsw.Connection], T]) -> T:
        if self._closed:
            raise UnavailableError("log-closed", f"the log in {self.folder} is closed")
        return await asyncio.get_running_loop().run_in_executor(self._readers, self._run, question)

    def _run(self, question: Callable[[apsw.Connection], T]) -> T:
        try:
            return question(self._reader())
        except apsw.Error as error:
            raise damaged(self.folder / FILE, str(error)) from error

    def _reader(self) -> apsw.Connection:
        """Return this thread's own read-only connection."""
        if not hasattr(self._own, "connection"):
            self._own.connection = connect(self.folder, write=False)
            self._opened.append(self._own.connection)
        connection: apsw.Connection = self._own.connection
        return connection
