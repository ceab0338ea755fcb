"""What all `rescuecmd log` commands that read begin with: the log, the operation, its events, times as text."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, TypeVar

import typer

from rescuecmd.cli.options import make_settings
from rescuecmd.errors import NotFoundError, unknown
from rescuecmd.picture.events import Event
from rescuecmd.store.sqlite import SqliteLog

T = TypeVar("T")
_PAGE = 2000

Data = Annotated[Path | None, typer.Option(help="Data folder of the server, or a single incident or backup file.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
OperationId = Annotated[str, typer.Argument(help="Operation; empty: the latest one.")]


def with_log(data: Path | None, work: Callable[[SqliteLog], Awaitable[T]]) -> T:
    """Do something with the log of a data folder, or with a single file of it."""

    async def opened() -> T:
        async with _view(make_settings(data=data).data) as log:
            return await work(log)

    return asyncio.run(opened())


@asynccontextmanager
async def _view(folder: Path) -> AsyncIterator[SqliteLog]:
    log = await SqliteLog.view(folder)
    try:
        yield log
    finally:
        await log.close()


async def chosen_one(log: SqliteLog, operation: str) -> str:
    """Return the operation that was named, or the latest one.

    Raises
    ------
    NotFoundError
        There is none, or none of that name.
    """
    known = await log.operations()
    if not operation and known:
        return known[-1]
    if not known:
        raise NotFoundError("no-operation", f"the log in {log.folder} is empty")
    if operation not in known:
        raise unknown("operation", operation, known)
    return operation


async def events_of(log: SqliteLog, operation: str) -> AsyncIterator[Event]:
    """Yield every event of an operation."""
    after = 0
    while page := await log.read(operation, after, limit=_PAGE):
        for event in page:
            yield event
        after = page[-1].seq


def iso(time_s: float) -> str:
    """Return a time as people and programs read it (UTC)."""
    return datetime.fromtimestamp(time_s, UTC).isoformat(timespec="seconds")
