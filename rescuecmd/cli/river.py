"""`rescuecmd river`: check a river package, show what is in it, draw it at a level, carry it elsewhere."""

from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer

from rescuecmd.cli import river_files, river_hec_ras, river_import, river_profile, river_water
from rescuecmd.cli.console import emit, say, write
from rescuecmd.cli.language import column, told
from rescuecmd.cli.position import checked_level_m
from rescuecmd.cli.river_terms import KINDS, STATES, TIERS, TRUST
from rescuecmd.errors import InputError
from rescuecmd.interop.river_chart import MARK, chart_png
from rescuecmd.interop.river_notes import notes
from rescuecmd.interop.river_package import load_river
from rescuecmd.interop.river_words import rule_words
from rescuecmd.library import find, names
from rescuecmd.river.covered import datum_text
from rescuecmd.river.model import GaugeSite, Place, River
from rescuecmd.river.submergence import WATLEV, reef_state
from rescuecmd.river.water import LevelSeries, Water
from rescuecmd.text import Text

app = typer.Typer(
    help="Rivers: check, show, draw, carry them. 河道数据：检查、查看、绘图、打包、导入。", no_args_is_help=True
)
river_files.install(app)
river_hec_ras.install(app)
river_profile.install(app)
river_water.install(app)
app.add_typer(river_import.app, name="import")

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
        mark = f"  [{told(MARK)}]" if river.schematic else ""
        say(f"{river.id}  {told(river.name)}  {river.length_m / 1000:.1f} km{mark}")
    if not rivers:
        say(Text("没有河段", "the shelf is empty"))


@app.command(epilog=_CHECK_CODES)
def check(name: Name, as_json: AsJson = False) -> None:
    """Find every fault of a package, with file and line. Example: rescuecmd river check jialing-dazhulin."""
    river = load_river(find("rivers", name))
    looked = list(notes(river))
    if as_json:
        emit({"ok": True, "faults": [], "notes": [one.en for one in looked], **_summary(river)})
        return
    sections, km = len(river.sections), f"{river.length_m / 1000:.2f}"
    places, gauges, series = len(river.places), len(river.gauges), len(river.series)
    say(Text(
        f"{river.id}：没有错误；{km} 千米，{sections} 个断面，{places} 个地点，{gauges} 个水位站，{series} 个水位序列",
        f"{river.id}: no fault; {sections} sections over {km} km, {places} places, {gauges} gauges, {series} series",
    ))  # fmt: skip
    for note in looked:
        say(Text(f"  请查看：{note.zh}", f"  look at: {note.en}"))


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
        message = "a picture needs a water level: --level 183.71 [--at GAUGE]"
        raise InputError("level-missing", message, zh="绘图需要水位：--level 183.71 [--at 水位站]")
    found = {**_summary(river), **(_at_level(river, gauge, level) if level is not None else {})}
    if png is not None and level is not None:
        write(png, chart_png(river, level_m=level, gauge=gauge, width_px=width))
        found["png"] = str(png)
    emit(found) if as_json else _tell(river, found)


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
    water = Water(river, {gauge.id: LevelSeries(np.zeros(1), np.array([checked_level_m(level_m)]), np.zeros(1))})
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


def _tell(river: River, found: dict[str, Any]) -> None:
    km, datum = f"{river.length_m / 1000:.2f}", datum_text(river)
    say(Text(f"{river.id}  {river.name.zh}  {km} 千米，水位单位为米（{datum.zh}）",
             f"{river.id}  {river.name.en}  {km} km, levels in m ({datum.en})"))  # fmt: skip
    if river.schematic:
        say(f"[{told(MARK)}]")
    for gauge in river.gauges:
        _tell_gauge(river, gauge)
    if "tier" in found:
        tier, (lowest_m, highest_m), at = TIERS[found["tier"]], found["covered_m"], found["gauge"]
        say(Text(f"  测站之间：{tier.zh}；{at} 可算水位 {lowest_m:.2f} 至 {highest_m:.2f} 米",
                 f"  levels between the gauges: {tier.en}, covered from {lowest_m:.2f} to {highest_m:.2f} m "
                 f"at {at}"))  # fmt: skip
        say(
            Text(
                "  以下：要害高程，高出水面",
                "  below: the level that matters at a place, and how far it stands above the water",
            )
        )
    for place in river.places.values():
        _tell_place(river, place, next((one for one in found.get("standing", ()) if one["id"] == place.id), None))
    for rule in river.rules:
        words = rule_words(rule)
        say(Text(f"  {rule.name.zh}：{words.zh}", f"  {rule.name.en}: {words.en}"))
    for layer in river.provenance:
        if not layer.feature:
            trust = TRUST[layer.confidence]
            say(Text(f"  {layer.layer}：可信度{trust.zh}，{layer.licence}；{layer.source}",
                     f"  {layer.layer}: {trust.en}, {layer.licence}; {layer.source}"))  # fmt: skip
    if "png" in found:
        say(Text(f"已绘制：{found['png']}", f"drawn: {found['png']}"))


def _tell_gauge(river: River, gauge: GaugeSite) -> None:
    zh = en = _row(river, gauge.chainage_m, Text("水位站", "gauge"), gauge.id, gauge.name)
    for level, words in ((gauge.warning_m, Text("警戒", "warning")), (gauge.guarantee_m, Text("保证", "guarantee"))):
        if level is not None:
            zh, en = f"{zh}  {words.zh} {level:.2f}", f"{en}  {words.en} {level:.2f}"
    say(Text(zh, en))


def _tell_place(river: River, place: Place, standing: dict[str, Any] | None) -> None:
    heights = ""
    if standing is not None:
        state = f"  {told(STATES[standing['state']])}" if "state" in standing else ""
        heights = f"  {standing['critical_m']:.2f} m, {standing['margin_m']:+.2f} m{state}"
    say(f"{_row(river, place.chainage_m, KINDS[place.kind], place.id, place.name)}{heights}")


def _row(river: River, chainage_m: float, kind: Text, item_id: str, name: Text) -> str:
    """Return where something lies, what it is, by which id commands know it, and its name."""
    return f"  K{_km(river, chainage_m):05.2f}  {column(told(kind), 11)} {item_id:<20} {told(name)}"
