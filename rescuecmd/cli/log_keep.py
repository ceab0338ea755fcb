"""`rescuecmd log import | backup | restore | redact | upgrade`: what is done with a log as a whole."""

from pathlib import Path
from typing import Annotated

import msgspec
import typer

from rescuecmd.cli.console import emit, hint, say
from rescuecmd.cli.options import make_settings
from rescuecmd.errors import InputError
from rescuecmd.store.backup import backup as make_backup
from rescuecmd.store.backup import restore as put_back
from rescuecmd.store.incident import unpack
from rescuecmd.store.retention import redact_operation
from rescuecmd.store.upgrade import KEPT
from rescuecmd.store.upgrade import upgrade as upgrade_folder

Data = Annotated[Path | None, typer.Option(help="Data folder of the server.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
_CODES = "Exit codes: 0 ok · 2 bad file or target · 3 no such operation · 4 a server runs, or not allowed · 5 damaged"


def add_to(app: typer.Typer) -> None:
    """Add these commands to `rescuecmd log`."""
    app.command("import", epilog=_CODES)(take_in)
    for command in (backup, restore, redact, upgrade):
        app.command(epilog=_CODES)(command)


def take_in(
    file: Annotated[Path, typer.Argument(help="An incident file, from `rescuecmd log export --to NAME.incident`.")],
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Take an operation from an incident file into a log; its chain is checked first. The server must be stopped.

    Example: rescuecmd log import flood.incident --data archive
    """
    folder = make_settings(data=data).data
    finding = unpack(file, folder)
    if as_json:
        emit({"data": str(folder), **msgspec.to_builtins(finding)})
    else:
        say(f"{finding.operation}: {finding.events} events, chain ends in {finding.hash[:16]} -> {folder}")


def backup(
    to: Annotated[Path, typer.Argument(help="The file to write; it must be new.")],
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Copy the whole log into one file, also while the server runs, and check the copy.

    Example: rescuecmd log backup /media/usb/log-0600.sqlite
    """
    folder = make_settings(data=data).data
    hint(f"copying the log in {folder} ...")
    findings = make_backup(folder, to)
    if as_json:
        emit({"file": str(to), "operations": [msgspec.to_builtins(finding) for finding in findings]})
    else:
        events = sum(finding.events for finding in findings)
        say(f"{to}: {len(findings)} operations, {events} events, {to.stat().st_size // 1024} kB, checked")


def restore(
    file: Annotated[Path, typer.Argument(help="A file that `rescuecmd log backup` wrote.")],
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Put a backup into the data folder; the log that was there is set aside, not deleted. The server must be stopped.

    Pages and phones that knew more than the backup take a fresh picture when they come back.

    Example: rescuecmd log restore /media/usb/log-0600.sqlite
    """
    folder = make_settings(data=data).data
    findings, aside = put_back(file, folder)
    if as_json:
        whole = [msgspec.to_builtins(finding) for finding in findings]
        emit({"data": str(folder), "set_aside": str(aside or ""), "operations": whole})
        return
    say(f"restored {len(findings)} operations, {sum(finding.events for finding in findings)} events into {folder}")
    if aside:
        say(f"the log that was there is in {aside}")


def redact(
    operation: Annotated[str, typer.Argument(help="The operation; it must have ended.")],
    *,
    by: Annotated[str, typer.Option(help="Who orders it; goes into the record.")],
    why: Annotated[str, typer.Option(help="Why; goes into the record.")] = "retention",
    yes: Annotated[bool, typer.Option("--yes", help="Really do it: what is removed cannot be had back.")] = False,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Remove names, notes and victims' positions from an ended operation; the chain still verifies afterwards.

    The server must be stopped. Backups and exported files are not reached.

    Example: rescuecmd log redact dazhulin-20260921T0600 --by "records office" --yes
    """
    if not yes:
        raise InputError("not-confirmed", f"this cannot be undone; add --yes to redact {operation}")
    folder = make_settings(data=data).data
    count = redact_operation(folder, operation, by=by, why=why)
    if as_json:
        emit({"operation": operation, "redacted": count})
    else:
        say(f"{operation}: {count} events redacted" if count else f"{operation}: nothing personal is left in it")


def upgrade(data: Data = None, as_json: AsJson = False) -> None:
    """Bring the log of an older rescuecmd to the present format; the old file stays beside it.

    Example: rescuecmd log upgrade
    """
    folder = make_settings(data=data).data
    count = upgrade_folder(folder)
    if as_json:
        emit({"data": str(folder), "events": count})
    else:
        say(f"{folder}: {count} events in the present format; an older file, if there was one, is {KEPT}")
