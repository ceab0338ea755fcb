"""`rescuecmd river water`: what was known of the water at an instant, and what came of the forecasts."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Annotated, Any

import typer

from rescuecmd.cli.console import emit, say
from rescuecmd.errors import InputError, NotCoveredError
from rescuecmd.interop.csv_table import parse_time_s
from rescuecmd.interop.river_package import load_river
from rescuecmd.library import find
from rescuecmd.river.covered import datum_text
from rescuecmd.river.issue import Known, as_known, rise_m_per_h, verdict
from rescuecmd.river.model import River
from rescuecmd.text import Text

_CODES = (
    "Exit codes: 0 ok · 1 nothing known then, or the level is not covered · 2 faults or bad values · 3 no such river"
)
_HOURS = (0, 1, 3, 6, 12, 24)

Name = Annotated[str, typer.Argument(help="A river of the shelf, or the path of a package.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def water(
    name: Name,
    *,
    at: Annotated[str, typer.Option(help="The instant, such as 2021-09-05T16:00+08:00.")],
    as_json: AsJson = False,
) -> None:
    """Show the water as it was known at an instant: readings until then, the last forecast before, and their errors.

    Example: rescuecmd river water jialing-dazhulin --at 2021-09-05T16:00+08:00
    """
    at_s = parse_time_s(at)
    if isinstance(at_s, str):
        zh = f"--at：时间须带时区，形如 2021-09-05T16:00+08:00，所给为 {at!r}"
        raise InputError("bad-time", f"--at: {at_s}", zh=zh)
    river = load_river(find("rivers", name))
    known = as_known(river, at_s)
    found = {
        "id": river.id, "at": _iso(at_s), "vertical_datum": river.vertical_datum,
        "gauges": list(_gauges(river, known)), "forecasts": list(_forecasts(river, known)),
    }  # fmt: skip
    emit(found) if as_json else _tell(river, found)


def _gauges(river: River, known: Known) -> Iterator[dict[str, Any]]:
    """Yield what was known at each gauge, upstream first: its rise, and levels ahead with their bounds."""
    water = known.water
    for gauge in sorted(river.gauges, key=lambda one: one.chainage_m):
        place_m, begin_s = gauge.chainage_m, min(known.at_s, water.end_s)
        ahead = [begin_s + hours * 3600.0 for hours in _HOURS if begin_s + hours * 3600.0 <= water.end_s]
        read_s, issued_s = known.read_s.get(gauge.id), known.issued_s.get(gauge.id)
        yield {
            "id": gauge.id, "name": str(gauge.name), "km": round(river.km(place_m), 2) + 0.0,
            "read": _iso(read_s) if read_s is not None else None,
            "issued": _iso(issued_s) if issued_s is not None else None,
            "rise_m_per_h": _rise(known, place_m, begin_s),
            "ahead": [
                {"time": _iso(time_s), "hours": round((time_s - known.at_s) / 3600.0, 2),
                 "level_m": round(float(water.level_m(place_m, time_s)), 2),
                 "low_m": round(float(water.low_m(place_m, time_s)), 2),
                 "high_m": round(float(water.high_m(place_m, time_s)), 2)}
                for time_s in ahead
            ],
        }  # fmt: skip


def _rise(known: Known, place_m: float, time_s: float) -> float | None:
    try:
        return round(float(rise_m_per_h(known.water, place_m, time_s)), 2)
    except NotCoveredError:
        return None


def _forecasts(river: River, known: Known) -> Iterator[dict[str, Any]]:
    """Yield how each forecast on file that was in force then fared later, as far as its gauge was read."""
    for series in river.series:
        if series.kind != "forecast" or series.issued_s != known.issued_s.get(series.gauge_id):
            continue
        try:
            came = verdict(river, series)
        except NotCoveredError:
            continue
        yield {
            "id": series.id, "gauge": series.gauge_id, "issued": _iso(series.issued_s or 0.0),
            "readings": len(came.leads_s), "bias_m": round(came.bias_m, 2), "rmse_m": round(came.rmse_m, 2),
            "worst_m": round(float(max(came.errors_m, key=abs)), 2), "within_two_sigma": round(came.held, 3),
        }  # fmt: skip


def _iso(time_s: float) -> str:
    return datetime.fromtimestamp(time_s, UTC).isoformat(timespec="minutes").replace("+00:00", "Z")


def _tell(river: River, found: dict[str, Any]) -> None:
    datum = datum_text(river)
    say(Text(f"{river.id}，{found['at']} 时所知，水位单位为米（{datum.zh}）",
             f"{river.id} as known at {found['at']}, levels in m ({datum.en})"))  # fmt: skip
    for gauge in found["gauges"]:
        rise, name = gauge["rise_m_per_h"], river.gauge(gauge["id"]).name
        pace = Text("", "") if rise is None else Text(f"  每小时 {rise:+.2f} 米", f"  {rise:+.2f} m/h")
        read, issued = gauge["read"], gauge["issued"]
        state = Text(f"{read} 读数" if read else "没有读数", f"read {read}" if read else "not read")
        outlook = (
            Text(f"{issued} 发布的预报", f"forecast of {issued}")
            if issued
            else Text("没有预报", "no forecast of its own")
        )
        say(Text(f"  K{gauge['km']:05.2f}  {name.zh}{pace.zh}（{state.zh}，{outlook.zh}）",
                 f"  K{gauge['km']:05.2f}  {name.en}{pace.en}  ({state.en}, {outlook.en})"))  # fmt: skip
        for one in gauge["ahead"]:
            say(f"      {one['hours']:+6.1f} h  {one['level_m']:.2f}  ({one['low_m']:.2f} .. {one['high_m']:.2f})")
    for one in found["forecasts"]:
        mean, worst, held = f"{-one['bias_m']:+.2f}", f"{-one['worst_m']:+.2f}", f"{one['within_two_sigma']:.0%}"
        say(Text(f"  {one['id']}：实况与预报相差平均 {mean} 米，最大 {worst} 米，{held} 在两倍标准差之内",
                 f"  {one['id']}: came {mean} m against it on average, worst {worst} m, "
                 f"{held} within two sigma"))  # fmt: skip


def install(app: typer.Typer) -> None:
    """Add the command to `rescuecmd river`."""
    app.command(epilog=_CODES)(water)
