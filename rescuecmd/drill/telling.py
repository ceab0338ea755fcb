"""What the picture is told of the world, and how wrong: readings, forecasts, positions, sightings, first reports.

Nothing else of the truth reaches the picture. All draws come from the engine's own generator, in a fixed order.
"""

import math
import random
from collections.abc import Iterator, Mapping
from dataclasses import replace

from rescuecmd.drill.faults import Faults
from rescuecmd.drill.hydrograph import forecast, forecast_error_m_per_h
from rescuecmd.drill.script import DrillScript, HazardSpec, Spot
from rescuecmd.drill.victim import People
from rescuecmd.drill.world import World
from rescuecmd.picture.commands import (
    Command,
    IssueForecast,
    ReadGauge,
    ReportHazard,
    ReportPositions,
    ReportVictim,
    SightVictim,
)
from rescuecmd.picture.entity import Fix, FixSource, Hazard, Victim
from rescuecmd.picture.state import Picture
from rescuecmd.picture.water import Reading
from rescuecmd.river.model import River

SHORE_EVERY_S = 30.0  # a team on foot reports where it is


class Telling:
    """Turns the world into reports, second by second."""

    def __init__(self, script: DrillScript, river: River, world: World, faults: Faults) -> None:
        self._script, self._river, self._world, self._faults = script, river, world, faults
        self._last_m: dict[str, float] = {}
        self._reported: set[str] = set()
        self._hazards = list(script.hazards)
        self._forecasts = sorted(script.levels.forecasts, key=lambda item: item.at_s)

    def fix(self, spot: Spot | tuple[float, float], now_s: float, accuracy_m: float, source: FixSource) -> Fix:
        """Return a fix of a point in the river's frame."""
        x_m, y_m = (spot.x_m, spot.y_m) if isinstance(spot, Spot) else spot
        lon, lat = self._river.frame.point_lonlat(x_m, y_m)
        return Fix(round(lon, 7), round(lat, 7), now_s, accuracy_m, source)

    def step(self, picture: Picture, now_s: float, t_s: float, rng: random.Random) -> Iterator[Command]:
        """Yield what is reported in this second."""
        yield from self.water(now_s, t_s, rng)
        yield from self._first_reports(now_s, t_s, rng)
        yield from self._sightings(picture, now_s, t_s, rng)
        fixes = self._positions(picture, now_s, t_s, rng)
        if fixes:
            yield ReportPositions(fixes)

    def water(self, now_s: float, t_s: float, rng: random.Random) -> Iterator[Command]:
        """Yield the gauge readings and forecasts that are due."""
        levels = self._script.levels
        if t_s % levels.reading_every_s == 0:
            for gauge_id, level_m in self._world.levels(now_s).items():
                read_m = round(level_m + rng.gauss(0.0, levels.reading_noise_m), 3)
                if self._faults.stuck(gauge_id):
                    read_m = self._last_m.get(gauge_id, read_m)
                self._last_m[gauge_id] = read_m
                yield ReadGauge(gauge_id, Reading(now_s, read_m))
        while self._forecasts and self._forecasts[0].at_s <= t_s:
            spec = self._forecasts.pop(0)
            error = forecast_error_m_per_h(spec, rng)
            for gauge_id, series in self._world.water.series.items():
                yield IssueForecast(gauge_id, now_s, forecast(series, spec, now_s, error))

    def _first_reports(self, now_s: float, t_s: float, rng: random.Random) -> Iterator[Command]:
        while self._hazards and self._hazards[0].appears_s <= t_s:
            yield ReportHazard(self._hazard(self._hazards.pop(0), now_s))
        for people in self._world.people.values():
            if people.present and people.id not in self._reported and t_s >= people.spec.reported_s and people.waiting:
                self._reported.add(people.id)
                yield ReportVictim(self._victim(people, now_s, rng))

    def _hazard(self, spec: HazardSpec, now_s: float) -> Hazard:
        return Hazard(spec.id, spec.kind, spec.name, self.fix(spec.spot, now_s, 20.0, "report"), spec.radius_m)

    def _victim(self, people: People, now_s: float, rng: random.Random) -> Victim:
        spec = people.spec
        place = "" if people.kind == "in_water" else spec.spot.place_id
        fix = self._seen(people, now_s, rng)
        return Victim(spec.id, people.kind, spec.name, people.waiting, fix, now_s, spec.reported_by, place)

    def _seen(self, people: People, now_s: float, rng: random.Random) -> Fix:
        """Return where people are believed to be; drifting ones are placed by eye from the shore."""
        dx, dy = rng.gauss(0.0, 1.0), rng.gauss(0.0, 1.0)
        error_m = self._script.sightings.error_m if people.kind == "in_water" else 5.0
        at = (people.x_m + dx * error_m / math.sqrt(2.0), people.y_m + dy * error_m / math.sqrt(2.0))
        return self.fix(at, now_s, error_m, "camera" if people.kind == "in_water" else "report")

    def changed(self, people: People, known: Victim, now_s: float, rng: random.Random) -> ReportVictim:
        """Return the report of people whose need has changed: swept off, or cut off by the water."""
        place = "" if people.kind == "in_water" else people.spec.spot.place_id
        fix = self._seen(people, now_s, rng)
        return ReportVictim(
            replace(
                known, kind=people.kind, fix=fix, place_id=place, early_s=None, median_s=None, late_s=None, stages=()
            )
        )

    def _sightings(self, picture: Picture, now_s: float, t_s: float, rng: random.Random) -> Iterator[Command]:
        if t_s % self._script.sightings.every_s != 0:
            return
        for people in self._world.people.values():
            known = picture.victims.get(people.id)
            if known is not None and people.kind == "in_water" and people.waiting and known.fix.time_s < now_s:
                yield SightVictim(people.id, self._seen(people, now_s, rng))

    def _positions(self, picture: Picture, now_s: float, t_s: float, rng: random.Random) -> Mapping[str, Fix]:
        gps_m = self._script.sightings.gps_m
        fixes = {}
        for force in self._script.forces:
            boat = self._world.boats.get(force.id)
            if boat is None:
                if t_s % SHORE_EVERY_S == 0 and self._faults.link_up(force.id):
                    fixes[force.terminal_id] = self.fix(force.spot, now_s, gps_m, "gps")
                continue
            dx, dy = rng.gauss(0.0, gps_m / 2.0), rng.gauss(0.0, gps_m / 2.0)
            if not self._faults.link_up(force.id):
                continue
            at = (boat.x_m + dx + self._faults.gps_east_m(force.id, t_s), boat.y_m + dy)
            course, speed = round(boat.heading_deg, 1), round(boat.speed_mps, 2)
            fixes[force.id] = replace(self.fix(at, now_s, gps_m, "gps"), course_deg=course, speed_mps=speed)
        return fixes
