"""`rescuecmd log`: what the event log holds, whether it is whole, and a copy of it as lines of JSON."""

import asyncio
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, TypeVar

import msgspec
import typer

from rescuecmd.cli import log_keep
from rescuecmd.cli.console import emit, say
from rescuecmd.cli.options import make_settings
from rescuecmd.errors import NotFoundError, unknown
from rescuecmd.picture.events import Event
from rescuecmd.picture.fold import fold
from rescuecmd.picture.state import Picture
from rescuecmd.picture.story import tell
from rescuecmd.store.incident import pack
from rescuecmd.store.sqlite import SqliteLog
from rescuecmd.store.verify import Finding
from rescuecmd.store.verify import verify as verify_folder

app = typer.Typer(help="Look into the event log. 查看事件日志。", no_args_is_help=True)

T = TypeVar("T")
_PAGE = 2000

log_keep.add_to(app)
Data = Annotated[Path | None, typer.Option(help="Data folder of the server, or a single incident or backup file.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
OperationId = Annotated[str, typer.Argument(help="Operation; empty: the latest one.")]


@app.command("list")
def list_operations(data: Data = None, as_json: AsJson = False) -> None:
    """List the operations in the log, oldest first."""
    found = _with_log(data, _summaries)
    if as_json:
        emit({"operations": found})
        return
    for one in found:
        say(f"{one['id']}  {one['events']} events  {one['first']} .. {one['last']}  {one['title']}")
    if not found:
        say("the log is empty")


@app.command()
def show(
    operation: OperationId = "",
    *,
    data: Data = None,
    after: Annotated[int, typer.Option(min=0, help="Start after this event.")] = 0,
    limit: Annotated[int, typer.Option(min=1, help="At most this many lines.")] = 1000,
    every: Annotated[bool, typer.Option("--all", help="Every event, not only those worth a sentence.")] = False,
    as_json: AsJson = False,
) -> None:
    """Show what happened in an operation, one line each (with --json: one object in a line)."""

    async def print_lines(log: SqliteLog) -> None:
        picture, left = Picture(), limit
        async for event in _events(log, await _chosen(log, operation)):
            picture = fold(picture, event)
            line = tell(picture, event)
            if event.seq <= after or not (every or line):
                continue
            told = {"zh": line.text.zh, "en": line.text.en} if line else None
            if as_json:
                emit(
                    {
                        "seq": event.seq,
                        "time": _iso(event.time_s),
                        "kind": _kind(event),
                        "actor": event.actor.id,
                        "text": told,
                    }
                )
            else:
                text = f"{line.text.zh} / {line.text.en}" if line else _kind(event)
                say(f"{event.seq:6} {_iso(event.time_s)} {event.actor.id:16} {text}")
            left -= 1
            if not left:
                return

    _with_log(data, print_lines)


@app.command()
def verify(data: Data = None, as_json: AsJson = False) -> None:
    """Check every page, every place and every link of the chain. Exit 1: something is not as it was recorded."""
    findings = verify_folder(make_settings(data=data).data)
    whole = all(finding.sound for finding in findings)
    if as_json:
        emit({"ok": whole, "operations": [msgspec.to_builtins(finding) for finding in findings]})
    else:
        for finding in findings:
            state = (
                f"ok, chain ends in {finding.hash[:16]}{_redacted(finding)}"
                if finding.sound
                else f"BROKEN: {finding.why}"
            )
            say(f"{finding.operation}  {finding.events} events  {state}")
    if not whole:
        raise typer.Exit(1)


@app.command()
def export(
    operation: OperationId = "",
    data: Data = None,
    to: Annotated[
        Path | None,
        typer.Option(help="NAME.incident: one file that opens elsewhere; else lines of JSON; none: stdout."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Write an operation into one file that opens elsewhere and verifies there, or as lines of JSON, one event each.

    Example: rescuecmd log export --to flood.incident
    """

    async def write_file(log: SqliteLog, target: Path) -> dict[str, Any]:
        chosen = await _chosen(log, operation)
        finding = await asyncio.to_thread(pack, log.folder, chosen, target)
        return {"operation": chosen, "events": finding.events, "hash": finding.hash, "file": str(target)}

    async def write(log: SqliteLog) -> dict[str, Any]:
        chosen = await _chosen(log, operation)
        out = to.open("wb") if to else sys.stdout.buffer
        count = 0
        try:
            async for event in _events(log, chosen):
                out.write(msgspec.json.encode(_record(event)) + b"\n")
                count += 1
        finally:
            out.flush()
            if to:
                out.close()
        return {"operation": chosen, "events": count, "file": str(to or "-")}

    if to and to.suffix == ".incident":
        written = _with_log(data, lambda log: write_file(log, to))
    else:
        written = _with_log(data, write)
    if to:
        emit(written) if as_json else say(f"{written['events']} events of {written['operation']} -> {to}")


def _redacted(finding: Finding) -> str:
    return f", {finding.redacted} redacted" if finding.redacted else ""


def _with_log(data: Path | None, work: Callable[[SqliteLog], Awaitable[T]]) -> T:
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


async def _chosen(log: SqliteLog, operation: str) -> str:
    known = await log.operations()
    if not operation and known:
        return known[-1]
    if not known:
        raise NotFoundError("no-operation", f"the log in {log.folder} is empty")
    if operation not in known:
        raise unknown("operation", operation, known)
    return operation


async def _events(log: SqliteLog, operation: str) -> AsyncIterator[Event]:
    after = 0
    while page := await log.read(operation, after, limit=_PAGE):
        for event in page:
            yield event
        after = page[-1].seq


async def _summaries(log: SqliteLog) -> list[dict[str, Any]]:
    found = []
    for operation in await log.operations():
        head = await log.head(operation)
        (first, *_) = await log.read(operation, 0, 1)
        opened = fold(Picture(), first).operation
        found.append(
            {
                "id": operation,
                "events": head.seq,
                "first": _iso(first.time_s),
                "last": _iso(head.time_s),
                "mode": opened.mode if opened else "",
                "title": str(opened.title) if opened else "",
                "hash": head.hash,
            }
        )
    return found


def _record(event: Event) -> dict[str, Any]:
    return {
        "seq": event.seq,
        "op_id": event.op_id,
        "actor": event.actor.id,
        "cause": event.cause,
        "time_s": event.time_s,
        "server_time_s": event.server_time_s,
        "device_time_s": event.device_time_s,
        "kind": _kind(event),
        "body": msgspec.to_builtins(event.body),
    }


def _kind(event: Event) -> str:
    return type(event.body).__name__


def _iso(time_s: float) -> str:
    return datetime.fromtimestamp(time_s, UTC).isoformat(timespec="seconds")
