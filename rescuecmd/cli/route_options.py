"""What every `rescuecmd route` command asks: which river, which water, when, which boat. Written once, used by all."""

import functools
import inspect
import math
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path as File
from typing import TYPE_CHECKING, Annotated, Any, get_type_hints

import numpy as np
import typer

from rescuecmd.cli.position import checked_level_m, is_position, lon_lat
from rescuecmd.errors import InputError, unknown
from rescuecmd.interop.river_package import load_river
from rescuecmd.library import find as find_item
from rescuecmd.library import names
from rescuecmd.picture.entity import Craft
from rescuecmd.river.known import known_water
from rescuecmd.river.model import River
from rescuecmd.river.water import LevelSeries, Water
from rescuecmd.routing.exchange import read_graph
from rescuecmd.routing.network import compile_network, draw_network
from rescuecmd.routing.refusal import check_level
from rescuecmd.routing.scene import HORIZON_S, Scene, Spot
from rescuecmd.text import Text
from rescuecmd.units import parse_duration_s

if TYPE_CHECKING:
    import networkx as nx

CODES = "Exit codes: 0 ok · 1 outside the river or known time · 2 bad values · 3 no such place or river · 4 no way"
_FASTEST_M_PER_H = 100.0
_LARGEST = 1000.0

CRAFT = {
    "inflatable": Craft("inflatable", 4.2, 0.35, 0.3, 1.6, 5.0, 4, max_current_mps=2.0),
    "assault-boat": Craft("assault-boat", 5.0, 0.4, 0.3, 1.8, 8.0, 6),
    "rib": Craft("rib", 7.0, 0.55, 0.3, 2.6, 11.0, 8),
    "patrol": Craft("patrol", 12.0, 0.9, 0.4, 4.5, 13.0, 20),
}
"""Usual boats of the services; every limit can be given on the command line."""

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def _scene(  # noqa: PLR0917  (every one of them is an option)
    river: Annotated[str, typer.Option(help="A river of the shelf; empty: the first one.")] = "",
    event: Annotated[str, typer.Option(help="Rise on file whose levels apply, such as 2021-09; empty: first.")] = "",
    at: Annotated[str, typer.Option(help="When: 6h30m into the event, or a time such as 2021-09-05T20:00Z.")] = "0s",
    level: Annotated[float | None, typer.Option(help="Instead of an event: level at the lowest gauge, m.")] = None,
    rise: Annotated[float, typer.Option(help="With --level: its rise, m/h; negative: it falls.")] = 0.0,
    graph: Annotated[
        File | None, typer.Option(help="A changed graph, see `route export`, instead of the river's.")
    ] = None,
) -> Scene:
    """Return the scene that the options describe."""
    if level is not None and event:
        raise InputError("two-waters", "give --event or --level, not both", zh="--event 与 --level 只能给一个")
    if level is None and rise:
        raise InputError("no-level", "--rise says how --level goes on: give both", zh="--rise 须与 --level 一起给出")
    shape = load_river(find_item("rivers", river or names("rivers")[0]))
    water = _event_water(shape, event) if level is None else _even_water(shape, level, rise)
    network = draw_network(shape) if graph is None else compile_network(_graph_in(graph, shape))
    return Scene(shape, network, water, moment_s(at, water))


def _graph_in(file: File, river: River) -> "nx.DiGraph":
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or str(error)
        raise InputError("cannot-read", f"{file} cannot be read: {why}", zh=f"{file} 无法读取：{why}") from error
    return read_graph(text, river, kind=file.suffix.removeprefix("."))


def _boat(  # noqa: PLR0917  (every one of them is an option)
    craft: Annotated[str, typer.Option(help=f"Kind of boat: {', '.join(CRAFT)}.")] = "rib",
    draught: Annotated[float | None, typer.Option(min=0.0, help="Draught, m.")] = None,
    under_keel: Annotated[float | None, typer.Option(min=0.0, help="Water wanted under the keel, m.")] = None,
    air_draught: Annotated[float | None, typer.Option(min=0.0, help="Height above the water, m.")] = None,
    speed: Annotated[float | None, typer.Option(min=0.1, help="Speed through the water, m/s.")] = None,
    max_current: Annotated[float | None, typer.Option(min=0.0, help="Strongest current it may meet, m/s.")] = None,
) -> Craft:
    """Return the boat that the options describe."""
    limits = {
        "draught_m": draught,
        "under_keel_m": under_keel,
        "air_draught_m": air_draught,
        "speed_mps": speed,
        "max_current_mps": max_current,
    }
    if not all(value is None or value < _LARGEST for value in limits.values()):
        message = f"the limits of a boat are numbers below {_LARGEST:g}"
        raise InputError("bad-craft", message, zh=f"艇的各项参数应小于 {_LARGEST:g}")
    return replace(kind_of(craft), **{name: value for name, value in limits.items() if value is not None})  # type: ignore[arg-type]


def kind_of(craft: str) -> Craft:
    """Return a usual boat by its kind; `NotFoundError` with the nearest name otherwise."""
    if craft not in CRAFT:
        raise unknown("craft", craft, CRAFT)
    return CRAFT[craft]


_MAKERS: dict[str, Callable[..., Any]] = {"scene": _scene, "boat": _boat}


def with_scene(command: Callable[..., None]) -> Callable[..., None]:
    """Return the command with its parameters `scene` and `boat` replaced by the options that describe them."""
    hints = get_type_hints(command, include_extras=True)
    own = [one.replace(annotation=hints[name]) for name, one in inspect.signature(command).parameters.items()]
    wanted = [one.name for one in own if one.name in _MAKERS]
    options = {name: list(_options(_MAKERS[name])) for name in wanted}

    @functools.wraps(command)
    def asked(**given: Any) -> None:
        made = {}
        for name, maker in (
            (name, _MAKERS[name]) for name in reversed(wanted)
        ):  # a bad boat is told before a river loads
            made[name] = maker(**{option.name: given.pop(option.name) for option in options[name]})
        command(**given, **made)

    rest = [one.replace(kind=inspect.Parameter.KEYWORD_ONLY) for one in own if one.name not in _MAKERS]
    every = [*(one for name in wanted for one in options[name]), *rest]
    every.sort(key=lambda one: one.default is not inspect.Parameter.empty)
    asked.__signature__ = inspect.Signature(every)  # type: ignore[attr-defined]
    asked.__annotations__ = {one.name: one.annotation for one in every}
    return asked


def _options(maker: Callable[..., Any]) -> list[inspect.Parameter]:
    hints = get_type_hints(maker, include_extras=True)
    return [
        one.replace(kind=inspect.Parameter.KEYWORD_ONLY, annotation=hints[name])
        for name, one in inspect.signature(maker).parameters.items()
    ]


def _event_water(river: River, event: str) -> Water:
    observed = [series for series in river.series if series.kind == "observed"]
    if not observed:
        message = f"river {river.id!r} has no observed levels on file: give --level"
        raise InputError("no-series", message, zh=f"河段 {river.id!r} 没有实测水位序列：请给出 --level")
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
    if not abs(rise) <= _FASTEST_M_PER_H:
        message = f"expected a rise of at most {_FASTEST_M_PER_H:g} m/h, got {rise:g}"
        raise InputError("bad-level", message, zh=f"涨速应不超过 {_FASTEST_M_PER_H:g} 米/小时，所给为 {rise:g}")
    checked_level_m(level)
    gauge = max(river.gauges, key=lambda one: one.chainage_m)
    levels = np.array([level, level + 2 * HORIZON_S / 3600 * rise])
    water = Water(river, {gauge.id: LevelSeries(np.array([0.0, 2 * HORIZON_S]), levels, np.zeros(2))})
    check_level(river, water, 0.0)
    return water


def moment_s(at: str, water: Water) -> float:
    """Return a time given as a duration since the levels begin, or as a date and time with its zone."""
    if re.match(r"\d{4}-", at):
        try:
            moment = datetime.fromisoformat(at)
        except ValueError:
            message = f"expected a time such as 2021-09-05T20:00Z, got {at!r}"
            raise InputError("bad-time", message, zh=f"时间应形如 2021-09-05T20:00+08:00，所给为 {at!r}") from None
        if moment.tzinfo is None:
            message = f"a time needs its zone, such as {at}Z or {at}+08:00"
            raise InputError("bad-time", message, zh=f"时间须带时区，例如 {at}+08:00 或 {at}Z")
        return moment.timestamp()
    return water.known_s[0] + parse_duration_s(at)


def spot_of(river: River, name: str) -> Spot:
    """Return where a place of the river, or ``lon,lat``, lies."""
    if is_position(name):
        return river.frame.point_xy(*lon_lat(name))
    known = river.place(name)
    return known.x_m, known.y_m


def name_of(river: River, name: str) -> Text:
    """Return the name of a place, or the coordinates as they were given."""
    return Text(name.strip(), name.strip()) if is_position(name) else river.place(name).name


def both(text: Text) -> dict[str, str]:
    """Return a text in both languages for JSON."""
    return {"zh": text.zh, "en": text.en}


def iso(time_s: float | None) -> str | None:
    """Return a time for JSON: ISO 8601, or seconds since the start for levels given by hand, which have no date."""
    if time_s is None or not math.isfinite(time_s):
        return None
    if time_s < 1e8:
        return f"+{round(time_s)}s"
    return datetime.fromtimestamp(round(time_s), UTC).isoformat().replace("+00:00", "Z")


def clock(seconds: float) -> str:
    """Return a time as minutes and seconds, for columns."""
    return f"{int(seconds) // 60:3d}:{int(seconds) % 60:02d}"
