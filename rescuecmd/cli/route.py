"""`rescuecmd route`: the way of a boat while the water rises, and how far it gets in some minutes."""

import math
import re
from dataclasses import replace
from datetime import UTC, datetime
from typing import Annotated, Any

import numpy as np
import typer

from rescuecmd.cli.console import emit, say
from rescuecmd.errors import InputError, unknown
from rescuecmd.interop.river_package import load_river
from rescuecmd.library import find as find_item
from rescuecmd.library import names
from rescuecmd.picture.entity import Craft
from rescuecmd.river.known import known_water
from rescuecmd.river.model import River
from rescuecmd.river.water import LevelSeries, Water
from rescuecmd.routing.guide import kilometre, place
from rescuecmd.routing.network import build_graph, compile_network
from rescuecmd.routing.path import Path
from rescuecmd.routing.scene import HORIZON_S, Scene, Spot
from rescuecmd.units import parse_duration_s

app = typer.Typer(help="Routes on rising water. 涨水中的航线。", no_args_is_help=True)

_CODES = "Exit codes: 0 ok · 1 outside the river or known time · 2 bad values · 3 no such place or river · 4 no way"
_LON_LAT = re.compile(r"\s*(-?\d+(?:\.\d+)?)\s*,\s*(-?\d+(?:\.\d+)?)\s*")

CRAFT = {
    "inflatable": Craft("inflatable", 4.2, 0.35, 0.3, 1.6, 5.0, 4, max_current_mps=2.0),
    "assault-boat": Craft("assault-boat", 5.0, 0.4, 0.3, 1.8, 8.0, 6),
    "rib": Craft("rib", 7.0, 0.55, 0.3, 2.6, 11.0, 8),
    "patrol": Craft("patrol", 12.0, 0.9, 0.4, 4.5, 13.0, 20),
}
"""Usual boats of the services; every limit can be given on the command line."""

RiverName = Annotated[str, typer.Option("--river", help="A river of the shelf; empty: the first one.")]
Event = Annotated[str, typer.Option(help="Rise on file whose levels apply, such as 2021-09; empty: the first one.")]
At = Annotated[str, typer.Option(help="When: 6h30m into the event, or a time such as 2021-09-05T20:00Z.")]
Level = Annotated[float | None, typer.Option(help="Instead of an event: level at the gauge farthest down, m.")]
Rise = Annotated[float, typer.Option(help="With --level: its rise, m/h.")]
Boat = Annotated[str, typer.Option("--craft", help=f"Kind of boat: {', '.join(CRAFT)}.")]
Draught = Annotated[float | None, typer.Option(min=0.0, help="Draught, m.")]
Keel = Annotated[float | None, typer.Option("--under-keel", min=0.0, help="Water wanted under the keel, m.")]
Air = Annotated[float | None, typer.Option("--air-draught", min=0.0, help="Height above the water, m.")]
Speed = Annotated[float | None, typer.Option(min=0.1, help="Speed through the water, m/s.")]
Current = Annotated[float | None, typer.Option("--max-current", min=0.0, help="Strongest current it may meet, m/s.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.command(epilog=_CODES)
def find(
    start: Annotated[str, typer.Argument(metavar="FROM", help="A place of the river, or lon,lat.")],
    goal: Annotated[str, typer.Argument(metavar="TO", help="A place of the river, or lon,lat.")],
    *,
    river_name: RiverName = "",
    event: Event = "",
    at: At = "0s",
    level: Level = None,
    rise: Rise = 0.0,
    craft: Boat = "rib",
    draught: Draught = None,
    under_keel: Keel = None,
    air_draught: Air = None,
    speed: Speed = None,
    max_current: Current = None,
    as_json: AsJson = False,
) -> None:
    """Find the earliest way of a boat, with the water under its keel on every leg.

    Example: rescuecmd route find tongxing-pontoon huangpanshi --at 12h --craft rib
    """
    scene = _scene(river_name, event, at, level, rise)
    boat = _craft(craft, draught, under_keel, air_draught, speed, max_current)
    spots = [_spot(scene.river, name) for name in (start, goal)]
    path = scene.path(boat, spots[0], spots[1], scene.now_s)
    found = _told(scene, boat, path)
    emit(found) if as_json else _print_path(found)


@app.command(epilog=_CODES)
def reach(
    start: Annotated[str, typer.Argument(metavar="FROM", help="A place of the river, or lon,lat.")],
    minutes: Annotated[float, typer.Option(min=0.1, max=HORIZON_S / 60, help="Time allowed.")] = 10.0,
    *,
    river_name: RiverName = "",
    event: Event = "",
    at: At = "0s",
    level: Level = None,
    rise: Rise = 0.0,
    craft: Boat = "rib",
    draught: Draught = None,
    under_keel: Keel = None,
    air_draught: Air = None,
    speed: Speed = None,
    max_current: Current = None,
    as_json: AsJson = False,
) -> None:
    """Tell how far a boat gets in some minutes, and which places it reaches when.

    Example: rescuecmd route reach dazhulin-pontoon --minutes 5
    """
    scene = _scene(river_name, event, at, level, rise)
    boat = _craft(craft, draught, under_keel, air_draught, speed, max_current)
    found = _reached(scene, boat, _spot(scene.river, start), minutes)
    emit(found) if as_json else _print_reach(found)


def _scene(river_name: str, event: str, at: str, level: float | None, rise: float) -> Scene:
    river = load_river(find_item("rivers", river_name or names("rivers")[0]))
    water = _event_water(river, event) if level is None else _even_water(river, level, rise)
    now_s = _moment(at, water)
    return Scene(river, compile_network(build_graph(river)), water, now_s)


def _event_water(river: River, event: str) -> Water:
    observed = [series for series in river.series if series.kind == "observed"]
    if not observed:
        raise InputError("no-series", f"river {river.id!r} has no observed levels on file: give --level")
    events = sorted({series.id.removeprefix(f"{series.gauge_id}-") for series in observed}, reverse=True)
    if event and event not in events:
        raise unknown("event", event, events)
    chosen = event or max(events, key=lambda name: sum(series.id.endswith(name) for series in observed))
    levels = {
        series.gauge_id: LevelSeries(series.times_s, series.levels_m, series.sigma_m)
        for series in observed
        if series.id.endswith(chosen)
    }
    return known_water(river, levels)


def _even_water(river: River, level: float, rise: float) -> Water:
    if not (math.isfinite(level) and math.isfinite(rise)):
        raise InputError("bad-level", f"expected a level in m and a rise in m/h, got {level} and {rise}")
    gauge = max(river.gauges, key=lambda one: one.chainage_m)
    levels = np.array([level, level + 2 * HORIZON_S / 3600 * rise])
    return Water(river, {gauge.id: LevelSeries(np.array([0.0, 2 * HORIZON_S]), levels, np.zeros(2))})


def _moment(at: str, water: Water) -> float:
    """Return a time given as a duration since the levels begin, or as a date and time with its zone."""
    if re.match(r"\d{4}-", at):
        try:
            moment = datetime.fromisoformat(at)
        except ValueError:
            raise InputError("bad-time", f"expected a time such as 2021-09-05T20:00Z, got {at!r}") from None
        if moment.tzinfo is None:
            raise InputError("bad-time", f"a time needs its zone, such as {at}Z or {at}+08:00")
        return moment.timestamp()
    return water.start_s + parse_duration_s(at)


def _craft(kind: str, *limits: float | None) -> Craft:
    if kind not in CRAFT:
        raise unknown("craft", kind, CRAFT)
    fields = ("draught_m", "under_keel_m", "air_draught_m", "speed_mps", "max_current_mps")
    given = {name: value for name, value in zip(fields, limits, strict=True) if value is not None}
    return replace(CRAFT[kind], **given)  # type: ignore[arg-type]


def _spot(river: River, name: str) -> Spot:
    match = _LON_LAT.fullmatch(name)
    if match:
        return river.frame.point_xy(float(match[1]), float(match[2]))
    known = river.place(name)
    return known.x_m, known.y_m


def _told(scene: Scene, boat: Craft, path: Path) -> dict[str, Any]:
    river = scene.river
    offsets = river.locate(path.x_m, path.y_m)[1]
    points = [
        {
            "lon_deg": round(one.lon_deg, 6), "lat_deg": round(one.lat_deg, 6),
            "where": _both(place(river, float(path.chainage_m[at]), float(offsets[at]))),
            "eta_s": round(float(path.eta_s[at]) - path.depart_s, 1), "wait_s": round(float(path.wait_s[at]), 1),
            "margin_m": None if one.margin_m is None else round(one.margin_m, 2),
        }
        for at, one in enumerate(path.waypoints(river.frame))
    ]  # fmt: skip
    return {
        "river": river.id, "schematic": river.schematic, "craft": boat.kind, "depart": _iso(path.depart_s),
        "arrive": _iso(path.arrive_s), "seconds": round(path.arrive_s - path.depart_s, 1),
        "length_m": round(path.length_m), "left_m": round(path.left_m), "least_margin_m": round(path.least_margin_m, 2),
        "avoided": _both(path.avoided), "points": points,
    }  # fmt: skip


def _reached(scene: Scene, boat: Craft, start: Spot, minutes: float) -> dict[str, Any]:
    river, network = scene.river, scene.network
    tree = scene.tree(boat, start, scene.now_s)
    inside = tree.arrival_s <= scene.now_s + 60.0 * minutes
    etas = {item.id: scene.arrival_s(boat, start, (item.x_m, item.y_m), scene.now_s) - scene.now_s
            for item in river.places.values() if _at_water(scene, item.x_m, item.y_m)}  # fmt: skip
    reached = sorted((eta, name) for name, eta in etas.items() if eta <= 60.0 * minutes)
    step_m = scene.chart.vectors.node_step
    return {
        "river": river.id, "schematic": river.schematic, "craft": boat.kind, "depart": _iso(scene.now_s),
        "minutes": minutes,
        "upstream": kilometre(river, float(network.chainage_m[inside].min())),
        "downstream": kilometre(river, float(network.chainage_m[inside].max())),
        "water_m2": round(float(inside.sum()) * step_m**2),
        "places": [
            {"id": name, "name": _both(river.place(name).name), "eta_s": round(eta, 1)} for eta, name in reached
        ],
    }  # fmt: skip


def _at_water(scene: Scene, x_m: float, y_m: float) -> bool:
    return len(scene.network.within(x_m, y_m, 200.0)) > 0


def _both(text: Any) -> dict[str, str]:
    return {"zh": text.zh, "en": text.en}


def _iso(time_s: float) -> str:
    if time_s < 1e8:  # levels given by hand have no date
        return f"+{round(time_s)}s"
    return datetime.fromtimestamp(round(time_s), UTC).isoformat().replace("+00:00", "Z")


def _clock(seconds: float) -> str:
    return f"{int(seconds) // 60:3d}:{int(seconds) % 60:02d}"


def _print_path(found: dict[str, Any]) -> None:
    _print_mark(found)
    say(f"{found['craft']}  {found['length_m']} m in {_clock(found['seconds']).strip()} (min:s), "
        f"least margin {found['least_margin_m']:.2f} m, departs {found['depart']}")  # fmt: skip
    if found["left_m"] > 0:
        say(f"the goal lies {found['left_m']} m beyond the last point")
    say(f"{found['avoided']['zh']} / {found['avoided']['en']}")
    for point in found["points"]:
        margin = "" if point["margin_m"] is None else f"{point['margin_m']:+6.2f} m"
        wait = f"  wait {_clock(point['wait_s']).strip()}" if point["wait_s"] >= 1 else ""
        where = f"{point['where']['zh']}  {point['where']['en']:<22}"
        say(f"{_clock(point['eta_s'])}  {where} {margin}{wait}".rstrip())


def _print_reach(found: dict[str, Any]) -> None:
    _print_mark(found)
    say(f"{found['craft']}  in {found['minutes']:g} min: up to {found['upstream']}, down to {found['downstream']}, "
        f"{found['water_m2'] / 1e6:.2f} km2 of water")  # fmt: skip
    for one in found["places"]:
        say(f"{_clock(one['eta_s'])}  {one['id']:<20} {one['name']['zh']} / {one['name']['en']}")


def _print_mark(found: dict[str, Any]) -> None:
    if found["schematic"]:
        say("[河道为示意，不得用于航行 / schematic river, not for navigation]")
