"""`rescuecmd river profile`: the water surface along a river at a level, as numbers and as a picture."""

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any, get_args

import numpy as np
import typer

from rescuecmd.cli.console import emit, hint, say, write
from rescuecmd.cli.position import checked_level_m
from rescuecmd.cli.river_terms import TIERS
from rescuecmd.errors import InputError, nearest
from rescuecmd.interop.chart_style import Theme
from rescuecmd.interop.river_long import LongProfile, long_profile, long_profile_png
from rescuecmd.interop.river_package import load_river
from rescuecmd.library import find
from rescuecmd.river.covered import datum_text
from rescuecmd.river.model import River
from rescuecmd.river.water import LevelSeries, Water
from rescuecmd.text import Text

_CODES = "Exit codes: 0 ok · 1 the level is not covered · 2 faults or bad values · 3 no such river or gauge"
_LINES = 24
_UPHILL_M = 0.05  # wind and waves set a board off by that much


def profile(
    name: Annotated[str, typer.Argument(help="A river of the shelf, or the path of a package.")],
    *,
    level: Annotated[list[str], typer.Option(help="GAUGE=LEVEL, m above the river's vertical datum; once or more.")],
    png: Annotated[Path | None, typer.Option(help="Draw it into this PNG file.")] = None,
    theme: Annotated[str, typer.Option(help="day or night.")] = "day",
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Show the water surface along a river for levels at its gauges: bed, level and bounds, bridges and reefs.

    Example: rescuecmd river profile jialing-dazhulin --level ciqikou=183.71 --png profile.png
    """
    river = load_river(find("rivers", name))
    themes: tuple[Theme, ...] = get_args(Theme)
    chosen = next((one for one in themes if one == theme), None)
    if chosen is None:
        message = f"expected {' or '.join(themes)}, got {theme!r}{nearest(theme, themes)}"
        raise InputError("bad-theme", message, zh=f"应为 {' 或 '.join(themes)}，所给为 {theme!r}")
    readings = [_reading(river, text) for text in level]
    water = Water(river, dict(readings))
    if len(water.series) < len(readings):
        twice = next(one for one in water.series if [gauge for gauge, _ in readings].count(one) > 1)
        raise InputError("two-levels", f"gauge {twice!r} is given twice", zh=f"水位站 {twice!r} 给了两次")
    found = long_profile(water, 0.0)
    if png is not None:
        stands = [(river.gauge(one).name, float(series.levels_m[0])) for one, series in water.series.items()]
        zh = "，".join(f"{gauge.zh} {at:.2f} 米" for gauge, at in stands)
        en = ", ".join(f"{gauge.en} {at:.2f} m" for gauge, at in stands)
        title = Text(f"{river.name.zh}水面线：{zh}", f"{river.name.en}, water surface: {en}")
        write(png, long_profile_png(river, found, title, theme=chosen))
    told = {
        "id": river.id, "vertical_datum": river.vertical_datum, "tier": water.tier,
        "discharge_m3ps": round(float(water.discharge_m3ps(0.0))), "profile": _rows(river, found),
        **({"png": str(png)} if png else {}),
    }  # fmt: skip
    if as_json:
        emit(told)
        return
    _tell(river, told)
    for upper, lower in _uphill(water):
        hint(Text(f"请核对：{upper.zh}水位低于下游的{lower.zh}；高程基准是否一致？",
                  f"look at: {upper.en} stands lower than {lower.en} below it; "
                  "are both on one vertical datum?"))  # fmt: skip


def _reading(river: River, text: str) -> tuple[str, LevelSeries]:
    gauge, equals, value = text.partition("=")
    try:
        level = float(value)
    except ValueError:
        level = float("nan")
    if not equals or not np.isfinite(level):
        message = f"expected GAUGE=LEVEL such as {river.gauges[0].id}=183.7, got {text!r}"
        raise InputError("bad-level", message, zh=f"应为 水位站=水位，例如 {river.gauges[0].id}=183.7，所给为 {text!r}")
    return river.gauge(gauge.strip()).id, LevelSeries(np.zeros(1), np.array([checked_level_m(level)]), np.zeros(1))


def _uphill(water: Water) -> Iterator[tuple[Text, Text]]:
    """Yield neighbouring gauges, the upper one first, between which the water would flow uphill."""
    gauges = sorted((water.river.gauge(one) for one in water.series), key=lambda one: one.chainage_m)
    for upper, lower in pairwise(gauges):
        if water.series[lower.id].levels_m[0] > water.series[upper.id].levels_m[0] + _UPHILL_M:
            yield upper.name, lower.name


def _rows(river: River, found: LongProfile) -> list[dict[str, Any]]:
    columns = (found.chainage_m, found.bed_m, found.level_m, found.sigma_m)
    return [
        {"km": round(river.km(float(at)), 3) + 0.0, "chainage_m": round(float(at), 1), "bed_m": round(float(bed), 2),
         "level_m": round(float(level), 2), "sigma_m": round(float(sigma), 3), "depth_m": round(float(level - bed), 2)}
        for at, bed, level, sigma in zip(*columns, strict=True)
    ]  # fmt: skip


def _tell(river: River, told: dict[str, Any]) -> None:
    datum, flow = datum_text(river), told["discharge_m3ps"]
    tier = TIERS[told["tier"]]
    say(Text(f"{river.id}，水位单位为米（{datum.zh}），{tier.zh}，{flow} 立方米/秒",
             f"{river.id}, levels in m ({datum.en}), {tier.en}, {flow} m3/s"))  # fmt: skip
    rows = told["profile"]
    for row in rows[:: max(len(rows) // _LINES, 1)]:
        at, bed, depth = f"K{row['km']:06.2f}", f"{row['bed_m']:.2f}", f"{row['depth_m']:.2f}"
        level = f"{row['level_m']:.2f} ± {row['sigma_m']:.2f}"
        say(Text(f"  {at}  河床 {bed}  水位 {level}  水深 {depth}", f"  {at}  bed {bed}  level {level}  depth {depth}"))
    if "png" in told:
        say(Text(f"已绘制：{told['png']}", f"drawn: {told['png']}"))


def install(app: typer.Typer) -> None:
    """Add the command to `rescuecmd river`."""
    app.command(epilog=_CODES)(profile)
