"""`rescuecmd river build | pack | unpack | export`: a river in one file, and for other programs."""

from pathlib import Path
from typing import Annotated, get_args

import typer

from rescuecmd.cli.console import emit, hint, say, write
from rescuecmd.errors import InputError, nearest
from rescuecmd.interop.river_build import build as build_river
from rescuecmd.interop.river_export import ExportFormat, export
from rescuecmd.interop.river_pack import pack as pack_river
from rescuecmd.interop.river_pack import unpack as unpack_river
from rescuecmd.interop.river_package import load_river
from rescuecmd.library import find
from rescuecmd.text import Text

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
        kb, parts = size // 1024, len(written)
        say(
            Text(
                f"已打包：{target}，{kb} kB，{parts} 个图层和表",
                f"packed: {target}, {kb} kB, {parts} layers and tables",
            )
        )


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
    count = len(done.files)
    say(Text(f"已解包：{folder}，{count} 个文件，没有错误", f"unpacked: {folder}, {count} files, no fault"))
    for name in done.changed:
        say(Text(f"  打包后有改动：{name}", f"  changed since it was packed: {name}"))


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
        listed = f".{', .'.join(known)}"
        message = f"expected a file ending in {listed}, got {target}{nearest(ending, known)}"
        raise InputError("bad-format", message, zh=f"文件名须以 {listed} 结尾，所给为 {target}")
    river = load_river(find("rivers", name))
    text = export(river, form)
    write(target, text.encode())
    if river.schematic:
        hint(
            Text(
                "示意河道，禁止用于航行；文件中已注明", "this river is schematic, not for navigation; the file says so"
            )
        )
    emit({"file": str(target), "format": form}) if as_json else say(Text(f"已写入：{target}", f"written: {target}"))


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
        flows = Text(f"{low:.0f} 至 {high:.0f} 立方米/秒", f"from {low:.0f} to {high:.0f} m3/s")
        say(Text(f"已计算：{count} 条水面线，{flows.zh}；{family.source}",
                 f"built: {count} water surfaces {flows.en}, {family.source}"))  # fmt: skip


def install(app: typer.Typer) -> None:
    """Add these commands to `rescuecmd river`."""
    app.command("build", epilog=_CODES)(build)
    app.command("pack", epilog=_CODES)(pack)
    app.command("unpack", epilog=_CODES)(unpack)
    app.command("export", epilog=_CODES)(export_river)
