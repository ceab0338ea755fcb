"""`rescuecmd river build | pack | unpack | export`: a river in one file, and for other programs."""

from pathlib import Path
from typing import Annotated, get_args

import typer

from rescuecmd.cli.console import emit, hint, say
from rescuecmd.errors import InputError, nearest
from rescuecmd.interop.river_build import build as build_river
from rescuecmd.interop.river_export import ExportFormat, export
from rescuecmd.interop.river_pack import pack as pack_river
from rescuecmd.interop.river_pack import unpack as unpack_river
from rescuecmd.interop.river_package import load_river
from rescuecmd.library import find

_CODES = "Exit codes: 0 ok · 2 faults, bad values or a target that exists · 3 no such river"

Name = Annotated[str, typer.Argument(help="A river of the shelf, or the path of a package.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def pack(
    name: Name, target: Annotated[Path, typer.Argument(help="The GeoPackage to write.")], as_json: AsJson = False
) -> None:
    """Write a river into one GeoPackage: to carry it, and to draw in it with QGIS.

    Example: rescuecmd river pack teaching teaching.gpkg
    """
    written = pack_river(find("rivers", name), target)
    size = target.stat().st_size
    if as_json:
        emit({"file": str(target), "bytes": size, "layers": written})
    else:
        say(f"packed: {target}, {size // 1024} kB, {len(written)} layers and tables")


def unpack(
    source: Annotated[Path, typer.Argument(help="The GeoPackage.")],
    folder: Annotated[Path, typer.Argument(help="The folder to write; it must be new or empty.")],
    as_json: AsJson = False,
) -> None:
    """Write the package that a GeoPackage holds, check it, and tell what was changed since it was packed.

    Example: rescuecmd river unpack teaching.gpkg my-river
    """
    done = unpack_river(source, folder)
    if as_json:
        emit({"folder": str(folder), "files": done.files, "changed": done.changed})
        return
    say(f"unpacked: {folder}, {len(done.files)} files, no fault")
    for name in done.changed:
        say(f"  changed since it was packed: {name}")


def export_river(
    name: Name,
    target: Annotated[Path, typer.Argument(help="The file to write; its ending (.geojson .gpx .kml .csv) says how.")],
    as_json: AsJson = False,
) -> None:
    """Write a river's centre line and points for other programs.

    Example: rescuecmd river export jialing-dazhulin jialing.gpx
    """
    known: tuple[ExportFormat, ...] = get_args(ExportFormat)
    ending = target.suffix.lstrip(".").lower()
    form = next((one for one in known if one == ending), None)
    if form is None:
        raise InputError(
            "bad-format", f"expected a file ending in .{', .'.join(known)}, got {target}{nearest(ending, known)}"
        )
    river = load_river(find("rivers", name))
    text = export(river, form)
    try:
        target.write_text(text, encoding="utf-8", newline="")
    except OSError as error:
        raise InputError("cannot-write", f"{target} cannot be written: {error.strerror or error}") from error
    if river.schematic:
        hint("this river is schematic, not for navigation; the file says so")
    emit({"file": str(target), "format": form}) if as_json else say(f"written: {target}")


def build(name: Name, as_json: AsJson = False) -> None:
    """Compute a river's water surfaces from its sections, and keep them in its package (profiles.csv).

    Between gauges the level then follows the computed surface instead of a straight line. Run it again whenever the
    sections have changed. Without a rating the slope on record says what flows; then no current is known still.
    Example: rescuecmd river build my-river
    """
    folder = find("rivers", name)
    family = build_river(folder)
    low, high = (float(value) for value in (family.flows_m3ps[0], family.flows_m3ps[-1]))
    count = len(family.flows_m3ps)
    if as_json:
        emit({"folder": str(folder), "profiles": count, "flows_m3ps": [low, high], "source": family.source})
    else:
        say(f"built: {count} water surfaces from {low:.0f} to {high:.0f} m3/s, {family.source}")


def install(app: typer.Typer) -> None:
    """Add these commands to `rescuecmd river`."""
    app.command("build", epilog=_CODES)(build)
    app.command("pack", epilog=_CODES)(pack)
    app.command("unpack", epilog=_CODES)(unpack)
    app.command("export", epilog=_CODES)(export_river)
