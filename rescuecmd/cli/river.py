"""`rescuecmd river`: check a river package, show what is in it, draw it at a level, carry it elsewhere."""

from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer

from rescuecmd.cli import river_files, river_hec_ras, river_import, river_profile, river_water
from rescuecmd.cli.console import emit, say
from rescuecmd.errors import InputError
from rescuecmd.interop.river_chart import MARK, chart_png
from rescuecmd.interop.river_notes import notes
from rescuecmd.interop.river_package import load_river
from rescuecmd.interop.river_words import rule_words
from rescuecmd.library import find, names
from rescuecmd.river.model import GaugeSite, River
from rescuecmd.river.submergence import WATLEV, reef_state
from rescuecmd.river.water import LevelSeries, Water

app = typer.Typer(
    help="Rivers: check, show, draw, carry them. 河道数据：检查、查看、绘图、打包、导入。", no_args_is_help=True
)
river_files.install(app)
river_hec_ras.install(app)
river_profile.install(app)
river_water.install(app)
app.add_typer(river_import.app, name="import")

_TIERS = {"stored": "a stored model run", "family": "the computed surface", "gauges": "straight lines"}
_CHECK_CODES = "Exit codes: 0 no fault · 2 faults, one per line with file and line · 3 no such river"
_SHOW_CODES = (
    "Exit codes: 0 ok · 1 the level is not covered, or the picture cannot be written · 2 faults or bad values · "
    "3 no such river or gauge"
)

Name = Annotated[str, typer.Argument(help="A river of the shelf, or the path of a package.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.command("list", epilog="Exit codes: 0 ok · 2 a river has faults")
def list_rivers(as_json: AsJson = False) -> None:
    """List the rivers on the shelf. Example: rescuecmd river list."""
    rivers = [load_river(find("rivers", name)) for name in names("rivers")]
    if as_json:
        emit({"rivers": [_summary(river) for river in rivers]})
        return
    for river in rivers:
        mark = f"  [{MARK}]" if river.schematic else ""
        say(f"{river.id}  {river.name}  {river.length_m / 1000:.1f} km{mark}")
    if not rivers:
        say("the shelf is empty")


@app.command(epilog=_CHECK_CODES)
def check(name: Name, as_json: AsJson = False) -> None:
    """Find every fault of a package, with file and line. Example: rescuecmd river check jialing-dazhulin."""
    river = load_river(find("rivers", name))
    looked = list(notes(river))
    if as_json:
        emit({"ok": True, "faults": [], "notes": looked, **_summary(river)})
        return
    say(f"{river.id}: no fault; {len(river.sections)} sections over {river.length_m / 1000:.2f} km, "
        f"{len(river.places)} places, {len(river.gauges)} gauges, {len(river.series)} series")  # fmt: skip
    for note in looked:
        say(f"  look at: {note}")


@app.command(epilog=_SHOW_CODES)
def show(
    name: Name,
    level: Annotated[float | None, typer.Option(help="Water level, m above the river's vertical datum.")] = None,
    at: Annotated[str, typer.Option(help="Gauge where the level stands; empty: the lowest one downstream.")] = "",
    png: Annotated[Path | None, typer.Option(help="Draw the river into this PNG file.")] = None,
    *,
    width: Annotated[int, typer.Option(min=600, max=8000, help="Width of the picture, pixels.")] = 1900,
    as_json: AsJson = False,
) -> None:
    """Show a river, at a level if one is given.

    Example: rescuecmd river show jialing-dazhulin --level 183.71 --at ciqikou --png high.png
    """
    river = load_river(find("rivers", name))
    gauge = river.gauge(at) if at else max(river.gauges, key=lambda one: one.chainage_m)
    if png is not None and level is None:
        raise InputError("level-missing", "a picture needs a water level: --level 183.71 [--at GAUGE]")
    found = {**_summary(river), **(_at_level(river, gauge, level) if level is not None else {})}
    if png is not None and level is not None:
        write(png, chart_png(river, level_m=level, gauge=gauge, width_px=width))
        found["png"] = str(png)
    emit(found) if as_json else _tell(found)


def _summary(river: River) -> dict[str, Any]:
    return {
        "id": river.id,
        "name": {"zh": river.name.zh, "en": river.name.en},
        "schematic": river.schematic,
        "mark": {"zh": MARK.zh, "en": MARK.en} if river.schematic else None,
        "vertical_datum": river.vertical_datum,
        "length_m": round(river.length_m, 1),
        "sections": len(river.sections),
        "places": len(river.places),
        "gauges": [
            {"id": gauge.id, "name": str(gauge.name), "km": _km(river, gauge.chainage_m),
             "warning_m": gauge.warning_m, "guarantee_m": gauge.guarantee_m}
            for gauge in river.gauges
        ],
        "rules": [
            {"id": one.id, "name": str(one.name), "rule": {"zh": rule_words(one).zh, "en": rule_words(one).en}}
            for one in river.rules
        ],
        "series": [series.id for series in river.series],
        "provenance": [
            {"layer": one.layer, "feature": one.feature, "source": one.source, "confidence": one.confidence,
             "licence": one.licence}
            for one in river.provenance
        ],
    }  # fmt: skip


def _km(river: River, chainage_m: float) -> float:
    return round(river.km(chainage_m), 2) + 0.0  # no minus zero


def _at_level(river: River, gauge: GaugeSite, level_m: float) -> dict[str, Any]:
    """Return how every place stands when the water is at a level at a gauge."""
    if not np.isfinite(level_m):
        raise InputError("bad-level", f"expected a level in m, got {level_m}")
    water = Water(river, {gauge.id: LevelSeries(np.zeros(1), np.array([level_m]), np.zeros(1))})
    standing = []
    for place in river.places.values():
        there = float(water.level_m(place.chainage_m, 0.0))
        one: dict[str, Any] = {
            "id": place.id, "kind": place.kind, "name": str(place.name), "km": _km(river, place.chainage_m),
            "level_m": round(there, 2), "sigma_m": round(float(water.sigma_m(place.chainage_m, 0.0)), 2),
            "critical_m": place.critical_m, "margin_m": round(place.critical_m - there, 2),
        }  # fmt: skip
        if place.kind == "reef":
            one["state"] = reef_state(place.critical_m, there)
            one["watlev"] = WATLEV[one["state"]]
        standing.append(one)
    lowest_m, highest_m = water.range_m(gauge.id, 0.0)
    covered = [round(lowest_m, 2), round(highest_m, 2)]
    flow_m3ps = round(float(water.discharge_m3ps(0.0)))
    return {"gauge": gauge.id, "level_m": level_m, "covered_m": covered, "discharge_m3ps": flow_m3ps,
            "tier": water.tier, "standing": standing}  # fmt: skip


def write(path: Path, picture: bytes) -> None:
    """Write a file; `InputError` where it cannot be written."""
    try:
        path.write_bytes(picture)
    except OSError as error:
        raise InputError("cannot-write", f"{path} cannot be written: {error.strerror or error}") from error


def _tell(found: dict[str, Any]) -> None:
    say(f"{found['id']}  {found['name']['zh']} / {found['name']['en']}  {found['length_m'] / 1000:.2f} km, "
        f"levels in m {found['vertical_datum']}")  # fmt: skip
    if found["mark"]:
        say(f"[{found['mark']['zh']} / {found['mark']['en']}]")
    for gauge in found["gauges"]:
        lines = (
            f"  warning {gauge['warning_m']:.2f}  guarantee {gauge['guarantee_m']:.2f}" if gauge["warning_m"] else ""
        )
        say(f"  K{gauge['km']:05.2f}  gauge  {gauge['name']}{lines}")
    if "tier" in found:
        lowest_m, highest_m = found["covered_m"]
        say(f"  levels between the gauges: {_TIERS[found['tier']]}, covered from {lowest_m:.2f} to {highest_m:.2f} m "
            f"at {found['gauge']}")  # fmt: skip
    for one in found.get("standing", ()):
        state = f"  {one['state']}" if "state" in one else ""
        heights = f"{one['critical_m']:.2f} m, {one['margin_m']:+.2f} m{state}"
        say(f"  K{one['km']:05.2f}  {one['kind']:11} {one['name']}  {heights}")
    for one in found["rules"]:
        say(f"  {one['name']}: {one['rule']['zh']} / {one['rule']['en']}")
    for one in found["provenance"]:
        if not one["feature"]:
            say(f"  {one['layer']}: {one['confidence']}, {one['licence']}; {one['source']}")
    if "png" in found:
        say(f"drawn: {found['png']}")
