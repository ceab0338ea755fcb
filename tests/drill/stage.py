"""A small drill on the straight river, whose outcome can be worked out on paper."""

import math
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from types import MappingProxyType

import numpy as np

from rescuecmd import library
from rescuecmd.drill.script import DrillScript
from rescuecmd.interop.drill_file import read_drill
from rescuecmd.interop.plan_file import load_plans
from rescuecmd.picture.order import Route, Task, TaskKind, Waypoint
from rescuecmd.plan.card import PlanCard
from rescuecmd.river.model import Beach, Exit, Landing, River, SafeGround, Series
from rescuecmd.routing.network import Network, draw_network
from rescuecmd.text import Text
from tests.river.teaching import round_reef, straight_river

START_S = 1_790_000_000.0
FILE = Path(__file__).with_name("straight.yaml")


@cache
def river() -> River:
    """Return a straight river, 2 km long and 200 m wide, with 1 m/s or so of current, that rises 5 m in its series."""
    ring = ((1200.0, 80.0), (1300.0, 80.0), (1300.0, 95.0), (1200.0, 95.0), (1200.0, 80.0))
    ways = (
        Exit("steps", Text("石梯", "Steps"), 1220.0, 98.0, 185.0, 2.0, "steps", "square"),
        Exit("low-path", Text("低路", "Low path"), 1280.0, 98.0, 176.5, 3.0, "path", "square"),
    )
    made = straight_river(
        discharge_m3ps=1000.0,
        reefs=[round_reef("rock", 1000.0, 20.0, 177.0)],
        landings=[Landing("quay", Text("码头", "Quay"), 600.0, 70.0, 600.0, 170.0, 190.0, 50)],
        safe_ground=[SafeGround("square", Text("广场", "Square"), 1250.0, 140.0, 190.0)],
        beaches=[Beach("strand", Text("江滩", "Strand"), ring, 177.5, ways)],
    )
    hours = np.arange(25.0)
    rise = 175.0 + 5.0 * hours / 24.0
    series = tuple(
        Series(
            f"{gauge}-rise",
            Text("涨水", "Rise"),
            gauge,
            "observed",
            hours * 3600.0,
            rise,
            np.zeros(25),
            "-",
            "low",
            Text("", ""),
        )
        for gauge in ("up", "down")
    )
    return replace(made, series=series)


@cache
def network() -> Network:
    """Return the straight river's network."""
    return draw_network(river())


@cache
def plans() -> Mapping[str, PlanCard]:
    """Return the cards of the library."""
    return MappingProxyType(load_plans(library.shelf("plans")))


def text() -> str:
    """Return the drill file on the straight river."""
    return FILE.read_text(encoding="utf-8")


def script(change: str = "", to: str = "") -> DrillScript:
    """Return the drill on the straight river, with one text in its file replaced."""
    raw = text()
    assert change in raw
    return read_drill(raw.replace(change, to, 1).encode(), "straight.yaml", river(), plans())


def route(route_id: str, vessel_id: str, task_id: str, *points: tuple[float, float]) -> Route:
    """Return a route through points of the river's frame."""
    lon, lat = river().frame.to_lonlat([x for x, _ in points], [y for _, y in points])
    way = tuple(Waypoint(float(a), float(b), x, START_S) for a, b, (x, _) in zip(lon, lat, points, strict=True))
    why = Text("最短", "shortest")
    return Route(route_id, vessel_id, task_id, Text("-", "-"), way, START_S, START_S + 60.0, 1.0, START_S, why)


def task(
    task_id: str, terminal_id: str, vessel_id: str, *victims: str, kind: TaskKind = "reef", place_id: str = ""
) -> Task:
    """Return an offered task."""
    lon, lat = river().frame.point_lonlat(1000.0, 20.0)
    return Task(
        task_id, kind, "reef", "push-1", terminal_id, vessel_id, victims, place_id, lon, lat, "offered", START_S
    )


def metres(lon_deg: float, lat_deg: float, x_m: float, y_m: float) -> float:
    """Return how far a position is from a point of the river's frame."""
    x, y = river().frame.point_xy(lon_deg, lat_deg)
    return math.hypot(x - x_m, y - y_m)
