"""The world of a drill as it truly is, one second at a time: water, boats, people, crowds.

It takes missions (what the picture tells each boat to do) and gives back what happened, as the commands that would
report it. What the picture gets to know of it, and how wrong, is decided elsewhere.
"""

import math
import random
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

from rescuecmd.drill import conduct
from rescuecmd.drill.boat import Boat
from rescuecmd.drill.conduct import Home
from rescuecmd.drill.crowd import REACT_S, Departure
from rescuecmd.drill.field import Field, Sample
from rescuecmd.drill.hydrograph import level_at, run_at
from rescuecmd.drill.mission import IDLE, Mission, carries, route_points
from rescuecmd.drill.script import DrillScript, Span
from rescuecmd.drill.victim import SHALLOW_M, SWEPT_LASTS_S, Loss, People
from rescuecmd.geo import bearing_deg
from rescuecmd.picture.commands import ClearVictims, Command, LoseVictims
from rescuecmd.picture.entity import Agency
from rescuecmd.river.model import River
from rescuecmd.river.water import Water
from rescuecmd.routing.network import Network
from rescuecmd.text import Text

TICK_S = 1.0
TELL_CROWD_S = 10.0  # a shore team counts heads this often

_EXHAUSTED = Text(zh="水中体力耗尽，失踪", en="exhausted in the water, missing")

BodyKind = Literal["boat", "stranded", "in_water", "crowd"]


@dataclass(frozen=True, slots=True)
class TruthBody:
    """A boat or people as they truly are. ``count`` is how many wait there, ``aboard`` rescued persons in a boat."""

    id: str
    kind: BodyKind
    agency: Agency | Literal[""]
    lon_deg: float
    lat_deg: float
    heading_deg: float
    speed_mps: float
    count: int
    aboard: int
    length_m: float


@dataclass(frozen=True, slots=True)
class Truth:
    """The world at one instant, for cameras that look at it."""

    time_s: float
    bodies: tuple[TruthBody, ...]
    levels: Mapping[str, float]


@dataclass(slots=True)
class Turn:
    """People whose need changed by itself: swept off, stranded by the water, lost."""

    who: People
    loss: Loss


class World:
    """All that is true. Its draws are taken from `rng` in the order of the file, then tick by tick."""

    def __init__(self, script: DrillScript, river: River, network: Network, water: Water, rng: random.Random) -> None:
        self.script, self.river, self.water = script, river, water
        self.field = Field(water, network)
        self.boats = {f.id: Boat(f, f.spot.x_m, f.spot.y_m) for f in script.forces if f.craft is not None}
        self.people = {people.id: people for people in self._people(rng)}
        self.homes: dict[str, Home] = {}
        self.turns: list[Turn] = []
        self._uncounted: dict[str, int] = {}
        self._beaches = {beach.id: beach for beach in river.beaches}
        self._nodes = {p.id: network.nearest(p.x_m, p.y_m) for p in self.people.values()}

    def _people(self, rng: random.Random) -> list[People]:
        beaches = {beach.id: beach for beach in self.river.beaches}
        made = []
        for spec in self.script.victims:
            lasts = spec.lost_after.draw(rng) if spec.lost_after else None
            swept, hesitates, react = Span(*SWEPT_LASTS_S).draw(rng), spec.hesitates.draw(rng), Span(*REACT_S).draw(rng)
            place = self.river.places.get(spec.spot.place_id)
            ground = place.critical_m if place is not None and spec.kind != "in_water" else math.inf
            beach = beaches.get(spec.spot.place_id) if spec.kind == "crowd" else None
            leaving = Departure(beach, spec.count, react) if beach else None
            x_m, y_m = spec.spot.x_m, spec.spot.y_m
            made.append(
                People(spec, spec.kind, x_m, y_m, ground, spec.count, lasts, swept, hesitates, departure=leaving)
            )
        return made

    def step(self, missions: Mapping[str, Mission], now_s: float, t_s: float, rng: random.Random) -> list[Command]:
        """Let one tick pass and return what happened; `turns` holds whose need changed by itself."""
        self.turns = []
        for people in self.people.values():
            if not people.present and t_s >= people.spec.appears_s:
                people.appear(now_s)
        told: list[Command] = []
        self._move(missions, now_s, rng)
        for boat in self.boats.values():
            told += self._work(boat, missions.get(boat.id, IDLE), now_s)
        told += self._water_and_crowds(now_s, t_s)
        return told

    def tell_crowd(self, place_id: str, victim_ids: tuple[str, ...], now_s: float) -> None:
        """A shore team asks the crowd of a place to leave."""
        for people in self.people.values():
            if people.departure and (people.id in victim_ids or people.spec.spot.place_id == place_id):
                people.departure.tell(now_s)

    def _move(self, missions: Mapping[str, Mission], now_s: float, rng: random.Random) -> None:
        """Move what moves. A boat at its berth without a mission lies fast and costs nothing."""
        boats = [boat for boat in self.boats.values() if self._afloat(boat, missions.get(boat.id, IDLE))]
        drifting = [p for p in self.people.values() if p.present and p.waiting and p.kind == "in_water"]
        bodies: list[Boat | People] = [*boats, *drifting]
        if not bodies:
            return
        here = self.field.at([body.x_m for body in bodies], [body.y_m for body in bodies], now_s)
        currents = list(zip(here.u_mps.tolist(), here.v_mps.tolist(), strict=True))
        for boat in boats:
            self._take_route(boat, missions.get(boat.id, IDLE))
        before = [(boat.x_m, boat.y_m, boat.along_m) for boat in boats]
        for boat, current in zip(boats, currents, strict=False):
            if boat.work is not None or not boat.be_carried(now_s, TICK_S):
                self._steer(boat, missions.get(boat.id, IDLE), *current)
        swept = [p.drift(*c, rng, TICK_S) for p, c in zip(drifting, currents[len(boats) :], strict=True)]
        goals = [(boat.x_m, boat.y_m) for boat in boats] + swept
        there = self.field.at([x for x, _ in goals], [y for _, y in goals], now_s)
        self._keep_afloat(boats, before, here, there)
        self._float_on(drifting, swept, there, len(boats))

    def _afloat(self, boat: Boat, mission: Mission) -> bool:
        """Return whether a boat is off its berth; it casts off with its first mission or fault."""
        boat.cast_off = boat.cast_off or mission is not IDLE or boat.power <= 0.0
        boat.speed_mps = boat.speed_mps if boat.cast_off else 0.0
        return boat.cast_off

    def _take_route(self, boat: Boat, mission: Mission) -> None:
        if mission.route is None:
            boat.leave_route()
        elif mission.route.id != boat.route_id:
            route = mission.route
            boat.take_route(route.id, route_points(self.river, route), carries(self.river, route))

    def _steer(self, boat: Boat, mission: Mission, u_mps: float, v_mps: float) -> None:
        if boat.work is not None:
            who = self.people.get(boat.work.victim_id)
            with_them = (who.x_m, who.y_m) if who is not None and who.kind == "in_water" else None
            if with_them or boat.power <= 0.0:
                boat.advance(u_mps, v_mps, with_them, TICK_S)
            else:
                boat.speed_mps = 0.0  # fast to the rock or the berth
            return
        seen = None
        if mission.task is not None and boat.seats_free > 0:
            seen = conduct.target_of(boat, conduct.in_need(mission, self.people))
        boat.advance(u_mps, v_mps, (seen.x_m, seen.y_m) if seen else None, TICK_S)

    def _keep_afloat(
        self, boats: list[Boat], before: list[tuple[float, float, float]], here: Sample, there: Sample
    ) -> None:
        """Stop every boat that would run into water too shallow for it; what is shallow already may be left."""
        for i, boat in enumerate(boats):
            old, new = here.depth_m[i], there.depth_m[i]
            boat.aground = boat.carry is None and bool(new < boat.craft.draught_m and new < old - 1e-6)
            if boat.aground:
                boat.x_m, boat.y_m, boat.along_m = before[i]
                boat.speed_mps = 0.0

    def _float_on(self, drifting: list[People], swept: list[tuple[float, float]], there: Sample, first: int) -> None:
        """Move the drifting; along the edge they slide off the bank instead of walking up it."""
        for i, (person, (x_m, y_m)) in enumerate(zip(drifting, swept, strict=True), start=first):
            shallow = there.depth_m[i] < SHALLOW_M
            nx = x_m + float(there.inward_x[i]) if shallow else x_m
            ny = y_m + float(there.inward_y[i]) if shallow else y_m
            person.speed_mps = math.dist((person.x_m, person.y_m), (nx, ny)) / TICK_S
            person.x_m, person.y_m = nx, ny

    def _work(self, boat: Boat, mission: Mission, now_s: float) -> list[Command]:
        if boat.work is not None:
            return conduct.finish_work(boat, self.people) if now_s >= boat.work.until_s else []
        if boat.power <= 0.0:
            return []
        needy = conduct.in_need(mission, self.people) if boat.seats_free > 0 else []
        who = conduct.within_reach(boat, needy)
        if who is not None and not self._homebound(boat):
            conduct.start_pick_up(boat, who, now_s)
        elif boat.heads and self._homebound(boat) and boat.at_end:
            place = self.homes[boat.id].place
            if math.dist((boat.x_m, boat.y_m), (place.x_m, place.y_m)) <= conduct.BERTH_M:
                conduct.start_landing(boat, place.place_id, now_s)
        return []

    def _homebound(self, boat: Boat) -> bool:
        home = self.homes.get(boat.id)
        return home is not None and boat.route_id in home.route_ids

    def _water_and_crowds(self, now_s: float, t_s: float) -> list[Command]:
        told: list[Command] = []
        ashore = [p for p in self.people.values() if p.present and p.kind != "in_water" and p.waiting]
        level = self.field.levels(np.array([self._nodes[p.id] for p in ashore], dtype=np.int64), now_s)
        for people, height in zip(ashore, map(float, level), strict=True):
            told += self._crowd(people, height, now_s, t_s)
            depth = height - people.ground_m
            speed = self._speed(people, now_s) if depth > 0 else 0.0
            told += self._take(people, depth, speed, now_s)
        for people in self.people.values():
            if people.kind == "in_water":
                told += self._take(people, 0.0, 0.0, now_s)
        return told

    def _crowd(self, people: People, level_m: float, now_s: float, t_s: float) -> list[Command]:
        if people.departure is None or people.kind != "crowd":
            return []
        left = min(people.departure.step(now_s, level_m, TICK_S), people.waiting)
        people.waiting -= left
        people.safe += left
        waiting_count = self._uncounted.get(people.id, 0) + left
        if waiting_count and (t_s % TELL_CROWD_S == 0 or people.waiting == 0):
            self._uncounted[people.id] = 0
            return [ClearVictims(people.id, waiting_count)]
        self._uncounted[people.id] = waiting_count
        return []

    def _take(self, people: People, depth_m: float, speed_mps: float, now_s: float) -> list[Command]:
        waiting = people.waiting
        loss = people.water_takes(now_s, depth_m, speed_mps)
        if not loss:
            return []
        self.turns.append(Turn(people, loss))
        told: list[Command] = []
        if counted := self._uncounted.pop(people.id, 0):
            told.append(ClearVictims(people.id, counted))
        if loss == "lost":
            told.append(LoseVictims(people.id, waiting, _EXHAUSTED))
        return told

    def levels(self, now_s: float) -> dict[str, float]:
        """Return the true level at every gauge, m: it is known even where no surface can be computed from it."""
        return {gauge_id: level_at(series, now_s) for gauge_id, series in self.water.series.items()}

    def level_at(self, x_m: float, y_m: float, now_s: float) -> float:
        """Return the true level at a point of the river, m."""
        water, time_s = run_at(self.water, now_s)
        return float(water.level_m(self._chainage(x_m, y_m), time_s))

    def truth(self, now_s: float) -> Truth:
        """Return the world at this instant."""
        people = [p for p in self.people.values() if p.present and p.waiting]
        bodies: list[Boat | People] = [*self.boats.values(), *people]
        x = [body.x_m for body in bodies]
        y = [body.y_m for body in bodies]
        lon, lat = self.river.frame.to_lonlat(x, y)
        places = list(zip(lon.tolist(), lat.tolist(), strict=True))
        boats = [_boat_body(boat, *at) for boat, at in zip(self.boats.values(), places, strict=False)]
        others = [
            TruthBody(p.id, p.kind, "", *at, self._heading(p, now_s), p.speed_mps, p.waiting, 0, 0.5)
            for p, at in zip(people, places[len(boats) :], strict=True)
        ]
        return Truth(now_s, (*boats, *others), self.levels(now_s))

    def _heading(self, people: People, now_s: float) -> float:
        if people.kind != "in_water":
            return 0.0
        flow = self.field.at([people.x_m], [people.y_m], now_s)
        return bearing_deg(float(flow.u_mps[0]), float(flow.v_mps[0]))

    def _speed(self, people: People, now_s: float) -> float:
        flow = self.field.at([people.x_m], [people.y_m], now_s)
        return math.hypot(float(flow.u_mps[0]), float(flow.v_mps[0]))

    def _chainage(self, x_m: float, y_m: float) -> float:
        return float(np.clip(self.river.locate(x_m, y_m)[0], 0.0, self.river.length_m))


def _boat_body(boat: Boat, lon_deg: float, lat_deg: float) -> TruthBody:
    heading, speed, length = boat.heading_deg, boat.speed_mps, boat.craft.length_m
    return TruthBody(boat.id, "boat", boat.force.agency, lon_deg, lat_deg, heading, speed, 0, boat.heads, length)
