"""What of the picture can be drawn into a video: few small values that cross a process border cheaply.

Places are already in the river's frame; times stay absolute, so that ages and times left are right at the moment a
frame is drawn, not when the scene was made.
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from rescuecmd.errors import NotCoveredError
from rescuecmd.geo import Floats
from rescuecmd.picture.entity import Agency, Fix, Vessel, Victim, VictimKind
from rescuecmd.picture.order import Route
from rescuecmd.picture.progress import expected_arrival_s
from rescuecmd.picture.state import Picture
from rescuecmd.picture.water import Gauge
from rescuecmd.river.model import River
from rescuecmd.river.water import LevelSeries, Water
from rescuecmd.text import Text

FRESH_S = 10.0  # a younger fix is carried on along its course, an older one stays where it was and says its age


@dataclass(frozen=True, slots=True)
class Boat:
    """A boat where it was last reported; ``arrive_s`` None: it follows no route."""

    id: str
    name: Text
    agency: Agency
    x_m: float
    y_m: float
    seen_s: float
    east_mps: float
    north_mps: float
    aboard: int
    disabled: bool
    arrive_s: float | None

    def place(self, time_s: float) -> tuple[float, float]:
        """Return where the boat should be by its last report, m."""
        run = time_s - self.seen_s
        if abs(run) > FRESH_S:
            return self.x_m, self.y_m
        return self.x_m + run * self.east_mps, self.y_m + run * self.north_mps


@dataclass(frozen=True, slots=True)
class Person:
    """A victim or a group that still waits; ``ground_m`` is the ground they stand on (NaN: in the water)."""

    id: str
    kind: VictimKind
    name: Text
    waiting: int
    x_m: float
    y_m: float
    ground_m: float
    accuracy_m: float
    seen_s: float
    early_s: float | None
    late_s: float | None


@dataclass(frozen=True, slots=True)
class Stone:
    """A reef with its crest and when it goes under."""

    id: str
    name: Text
    x_m: float
    y_m: float
    crest_m: float
    early_s: float | None
    median_s: float | None


@dataclass(frozen=True, eq=False)
class Line:
    """An active route as x, y, shape (n, 2), m."""

    id: str
    vessel_id: str
    agency: Agency
    xy: Floats


@dataclass(frozen=True, eq=False)
class Scene:
    """All that the annotator draws. ``levels`` are the gauges' known levels at ``now_s`` (river's vertical datum)."""

    now_s: float
    title: Text
    marking: str
    schematic: bool
    state: str
    levels: Mapping[str, float]
    level_time_s: float | None
    boats: tuple[Boat, ...] = ()
    people: tuple[Person, ...] = ()
    stones: tuple[Stone, ...] = ()
    lines: tuple[Line, ...] = ()

    def level_m(self, river: River, chainage_m: float) -> float:
        """Return the water level at a place of the river, m; NaN when no gauge was read, or a level is not covered."""
        if not self.levels:
            return math.nan
        instants = np.array([self.now_s - 1.0, self.now_s + 1.0])
        series = {gauge: LevelSeries(instants, np.full(2, level), np.zeros(2)) for gauge, level in self.levels.items()}
        try:
            return float(Water(river, series).level_m(chainage_m, self.now_s))
        except NotCoveredError:
            return math.nan


def scene_of(picture: Picture, river: River, now_s: float) -> Scene:
    """Return what an annotator needs to know of the picture at this instant."""
    operation = picture.operation
    levels, level_time_s = _levels(picture.gauges, river, now_s)
    return Scene(
        now_s=now_s,
        title=operation.title if operation else Text("", ""),
        marking=operation.marking if operation else "",
        schematic=river.schematic,
        state=operation.state if operation else "ready",
        levels=levels,
        level_time_s=level_time_s,
        boats=tuple(_boats(picture, river, now_s)),
        people=tuple(_people(picture, river)),
        stones=tuple(_stones(picture, river)),
        lines=tuple(_lines(picture, river)),
    )


def _levels(gauges: Mapping[str, Gauge], river: River, now_s: float) -> tuple[dict[str, float], float | None]:
    levels, newest = {}, None
    sites = {site.id: site for site in river.gauges}
    for gauge in gauges.values():
        readings = sorted((*gauge.recent, *gauge.forecast), key=lambda reading: reading.time_s)
        if not readings or gauge.id not in sites:
            continue
        level = float(np.interp(now_s, [r.time_s for r in readings], [r.level_m for r in readings]))
        other = gauge.vertical_datum != river.vertical_datum
        levels[gauge.id] = level + (sites[gauge.id].to_river_datum_m if other else 0.0)
        if gauge.recent:
            newest = max(newest or -math.inf, gauge.recent[-1].time_s)
    return levels, newest


def _boats(picture: Picture, river: River, now_s: float) -> Iterator[Boat]:
    for vessel in picture.vessels.values():
        if vessel.fix is None:
            continue
        x, y = river.frame.point_xy(vessel.fix.lon_deg, vessel.fix.lat_deg)
        east, north = _velocity(vessel.fix)
        yield Boat(
            id=vessel.id,
            name=vessel.name,
            agency=vessel.agency,
            x_m=x,
            y_m=y,
            seen_s=vessel.fix.time_s,
            east_mps=east,
            north_mps=north,
            aboard=vessel.aboard,
            disabled=vessel.state == "disabled",
            arrive_s=_arrival_s(picture, vessel, now_s),
        )


def _arrival_s(picture: Picture, vessel: Vessel, now_s: float) -> float | None:
    route = picture.routes.get(vessel.route_id)
    if route is None or route.state != "active":
        return None
    return expected_arrival_s(picture, route, now_s)


def _velocity(fix: Fix) -> tuple[float, float]:
    if fix.course_deg is None or fix.speed_mps is None:
        return 0.0, 0.0
    course = math.radians(fix.course_deg)
    return fix.speed_mps * math.sin(course), fix.speed_mps * math.cos(course)


def _people(picture: Picture, river: River) -> Iterator[Person]:
    for victim in picture.victims.values():
        if victim.waiting <= 0:
            continue
        x, y = river.frame.point_xy(victim.fix.lon_deg, victim.fix.lat_deg)
        yield Person(
            id=victim.id,
            kind=victim.kind,
            name=victim.name,
            waiting=victim.waiting,
            x_m=x,
            y_m=y,
            ground_m=math.nan if victim.kind == "in_water" else _ground_m(victim, river, x, y),
            accuracy_m=victim.fix.accuracy_m,
            seen_s=victim.fix.time_s,
            early_s=victim.early_s,
            late_s=victim.late_s,
        )


def _ground_m(victim: Victim, river: River, x_m: float, y_m: float) -> float:
    """Return the bed under a victim; outside the survey the level of the place they are at, else NaN."""
    ground = float(river.bed_m(*river.locate(x_m, y_m)))
    if math.isnan(ground) and victim.place_id in river.places:
        return river.places[victim.place_id].critical_m
    return ground


def _stones(picture: Picture, river: River) -> Iterator[Stone]:
    for reef in river.reefs:
        outlook = picture.outlooks.get(reef.id)
        yield Stone(
            id=reef.id,
            name=reef.name,
            x_m=reef.x_m,
            y_m=reef.y_m,
            crest_m=reef.crest_m,
            early_s=outlook.early_s if outlook else None,
            median_s=outlook.median_s if outlook else None,
        )


def _lines(picture: Picture, river: River) -> Iterator[Line]:
    for route in picture.routes.values():
        vessel: Vessel | None = picture.vessels.get(route.vessel_id)
        if route.state != "active" or vessel is None or len(route.waypoints) < 2:
            continue
        yield Line(route.id, route.vessel_id, vessel.agency, _corners(route, river))


def _corners(route: Route, river: River) -> Floats:
    lon = [waypoint.lon_deg for waypoint in route.waypoints]
    lat = [waypoint.lat_deg for waypoint in route.waypoints]
    return np.column_stack(river.frame.to_xy(lon, lat))
