"""`rescuecmd units`: the boats and teams that take part in live operations: begin the file, check it, show it."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from rescuecmd.cli.console import emit, say
from rescuecmd.cli.options import make_settings
from rescuecmd.errors import RefusedError
from rescuecmd.interop.unit_file import load_units, write_units
from rescuecmd.picture.unit import Unit

app = typer.Typer(
    help="Units of live operations: init, check, show. 实战力量：新建、检查、查看。", no_args_is_help=True
)

PATTERN = "dazhulin"
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
File = Annotated[Path | None, typer.Argument(help="The file; the default is units.yaml in the data folder.")]
Data = Annotated[Path | None, typer.Option(help="Folder of the event log and the keys.")]
_CODES = "Exit codes: 0 ok · 2 faults, one per line with file and line · 3 no such file"


@app.command(epilog="Exit codes: 0 written · 2 the drill has faults · 3 no such drill · 4 the file exists")
def init(
    file: File = None,
    drill: Annotated[str, typer.Option(help="Begin with the boats and teams of this drill.")] = PATTERN,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Write a file of units to be edited; one that exists is left alone. Example: rescuecmd units init."""
    from rescuecmd.cli.drill import load  # noqa: PLC0415  (the river libraries)

    path = _path(file, data)
    text = write_units(load(drill).script.forces)
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with path.open("x", encoding="utf-8") as draft:
            draft.write(text)
    except FileExistsError:
        raise RefusedError("exists", f"{path} exists; edit it, or remove it first") from None
    if as_json:
        emit({"file": str(path)})
    else:
        say(f"{path}: edit it, then `rescuecmd units check`")


@app.command(epilog=_CODES)
def check(file: File = None, data: Data = None, as_json: AsJson = False) -> None:
    """Find every fault of a file of units, with file and line. Example: rescuecmd units check units.yaml."""
    units = load_units(_path(file, data))
    if as_json:
        emit({"ok": True, "faults": [], "units": [_summary(unit) for unit in units]})
        return
    boats = [unit for unit in units if unit.craft is not None]
    seats = sum(unit.craft.seats for unit in boats if unit.craft is not None)
    say(f"no fault; {len(units)} units, {len(boats)} of them boats with {seats} seats")


@app.command(epilog=_CODES)
def show(file: File = None, data: Data = None, as_json: AsJson = False) -> None:
    """Show the units of a file. Example: rescuecmd units show --json."""
    units = load_units(_path(file, data))
    if as_json:
        emit({"units": [_summary(unit) for unit in units]})
        return
    for unit in units:
        say(f"{unit.id:14} {unit.terminal_id:16} {unit.agency:10} {unit.role:8} {unit.name}{_limits(unit)}")


def _path(file: Path | None, data: Path | None) -> Path:
    return make_settings(units=file, data=data).units_file


def _limits(unit: Unit) -> str:
    craft = unit.craft
    if craft is None:
        return ""
    return f"  {craft.kind}, {craft.seats} seats, {craft.draught_m:g} m draught, {craft.speed_mps:g} m/s"


def _summary(unit: Unit) -> dict[str, Any]:
    return {**asdict(unit), "terminal_id": unit.terminal_id}
