"""`rescuecmd log`: what the event log holds, whether it is whole, and a copy of it as lines of JSON."""

import asyncio
import sys
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer

from rescuecmd.cli import log_keep, log_replay
from rescuecmd.cli.console import emit, say
from rescuecmd.cli.log_read import AsJson, Data, OperationId, chosen_one, events_of, iso, with_log
from rescuecmd.cli.options import make_settings
from rescuecmd.picture.events import Event
from rescuecmd.picture.fold import fold
from rescuecmd.picture.state import Picture
from rescuecmd.picture.story import tell
from rescuecmd.store.incident import pack
from rescuecmd.store.sqlite import SqliteLog
from rescuecmd.store.verify import Finding
from rescuecmd.store.verify import verify as verify_folder

app = typer.Typer(help="Look into the event log. 查看事件日志。", no_args_is_help=True)

log_keep.add_to(app)
app.command("replay", epilog=log_replay.CODES)(log_replay.replay)


@app.command("list")
def list_operations(data: Data = None, as_json: AsJson = False) -> None:
    """List the operations in the log, oldest first."""
    found = with_log(data, _summaries)
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
        async for event in events_of(log, await chosen_one(log, operation)):
            picture = fold(picture, event)
            line = tell(picture, event)
            if event.seq <= after or not (every or line):
                continue
            told = {"zh": line.text.zh, "en": line.text.en} if line else None
            if as_json:
                emit(
                    {
                        "seq": event.seq,
                        "time": iso(event.time_s),
                        "kind": _kind(event),
                        "actor": event.actor.id,
                        "text": told,
                    }
                )
            else:
                text = f"{line.text.zh} / {line.text.en}" if line else _kind(event)
                say(f"{event.seq:6} {iso(event.time_s)} {event.actor.id:16} {text}")
            left -= 1
            if not left:
                return

    with_log(data, print_lines)


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
        chosen = await chosen_one(log, operation)
        finding = await asyncio.to_thread(pack, log.folder, chosen, target)
        return {"operation": chosen, "events": finding.events, "hash": finding.hash, "file": str(target)}

    async def write(log: SqliteLog) -> dict[str, Any]:
        chosen = await chosen_one(log, operation)
        out = to.open("wb") if to else sys.stdout.buffer
        count = 0
        try:
            async for event in events_of(log, chosen):
                out.write(msgspec.json.encode(_record(event)) + b"\n")
                count += 1
        finally:
            out.flush()
            if to:
                out.close()
        return {"operation": chosen, "events": count, "file": str(to or "-")}

    if to and to.suffix == ".incident":
        written = with_log(data, lambda log: write_file(log, to))
    else:
        written = with_log(data, write)
    if to:
        emit(written) if as_json else say(f"{written['events']} events of {written['operation']} -> {to}")


def _redacted(finding: Finding) -> str:
    return f", {finding.redacted} redacted" if finding.redacted else ""


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
                "first": iso(first.time_s),
                "last": iso(head.time_s),
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
