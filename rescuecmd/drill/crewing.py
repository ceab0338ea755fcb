"""The paperwork of simulated crews: they say what they do, and lay a course where no order gives them one.

A crew reports its vessel's state and its task's progress, asks for the way home when its seats are full or nobody
is left, and goes where a drifting person was last seen when its route has ended without finding anybody.
"""

import math
from collections.abc import Callable, Iterator, Mapping
from typing import TypeAlias

from rescuecmd.drill.boat import Boat
from rescuecmd.drill.conduct import Home, in_need, target_of
from rescuecmd.drill.mission import TAKEN, Mission
from rescuecmd.drill.script import DrillScript, Force, Spot
from rescuecmd.drill.victim import People
from rescuecmd.drill.world import World
from rescuecmd.errors import RescueError
from rescuecmd.picture.commands import Command, EndRoute, MoveTask, SetRoute, SetVesselState
from rescuecmd.picture.entity import VesselState
from rescuecmd.picture.order import TaskState
from rescuecmd.picture.state import Picture
from rescuecmd.river.feature import Landing
from rescuecmd.river.model import River
from rescuecmd.routing.path import Path
from rescuecmd.routing.route import make_route
from rescuecmd.routing.scene import Scene
from rescuecmd.text import Text

Scenes: TypeAlias = Callable[[Picture], Scene]
Said: TypeAlias = tuple[str, Command]

ASK_AGAIN_S = 20.0  # a crew without a way asks no more often than this
SETTLE_S = 6.0  # after accepting a card a crew gives the software this long to lay its route
ON_FOOT_S = 20.0  # a team ashore is at work this long after accepting


class Crews:
    """What the simulated crews say in each second, as (terminal id, command)."""

    def __init__(self, script: DrillScript, river: River, world: World, scenes: Scenes) -> None:
        self._script, self._river, self._world, self._scenes = script, river, world, scenes
        self._asked_s: dict[str, float] = {}
        self._routes = 0
        landings = {place.id: place for place in (*river.landings, *river.ramps, *river.pontoons)}
        self._landings: list[tuple[Spot, Landing]] = [(spot, landings[spot.place_id]) for spot in script.landings]

    def step(self, picture: Picture, missions: Mapping[str, Mission], now_s: float) -> Iterator[Said]:
        """Yield what every crew says now, in the order of the file."""
        for force in self._script.forces:
            boat = self._world.boats.get(force.id)
            if boat is None:
                yield from self._on_foot(force, picture, now_s)
            else:
                yield from ((force.terminal_id, c) for c in self._afloat(boat, missions[boat.id], picture, now_s))

    def _on_foot(self, force: Force, picture: Picture, now_s: float) -> Iterator[Said]:
        for task in picture.tasks.values():
            if task.terminal_id != force.terminal_id or task.state not in TAKEN:
                continue
            if task.kind == "evacuate" and force.role == "shore":
                self._world.tell_crowd(task.place_id, task.victim_ids, now_s)
            if task.state == "accepted" and now_s - task.changed_s >= ON_FOOT_S:
                yield force.terminal_id, MoveTask(task.id, "on_scene")

    def _afloat(self, boat: Boat, mission: Mission, picture: Picture, now_s: float) -> Iterator[Command]:
        home = self._home_of(boat, mission)
        task = mission.task
        needy = in_need(mission, self._world.people)
        if task is not None:
            state = self._progress(boat, mission, home=home)
            if state != task.state:
                yield MoveTask(task.id, state)
            if not needy and not boat.heads and task.victim_ids and boat.work is None and self._known(mission, picture):
                yield MoveTask(task.id, "done")
        if mission.route is not None and home and boat.at_end and not boat.heads and boat.work is None:
            yield EndRoute(mission.route.id, "ended", Text(zh="已靠泊", en="berthed"))
        yield from self._state(boat, mission, picture, home=home)
        if boat.work is None and boat.power > 0.0:
            yield from self._ask(boat, mission, picture, now_s, home=home)

    def _known(self, mission: Mission, picture: Picture) -> bool:
        """Return whether the people of a mission have all been reported (a crew cannot give up on the unseen)."""
        return all(victim in picture.victims for victim in mission.victim_ids)

    def _home_of(self, boat: Boat, mission: Mission) -> bool:
        """Return whether the boat is on its way home; a route that replaced a way home is one too."""
        home = self._world.homes.get(boat.id)
        if home is None or mission.route is None:
            return False
        if mission.route.replaces in home.route_ids and mission.route.goal == home.goal:
            home.route_ids.add(mission.route.id)
        return mission.route.id in home.route_ids

    def _progress(self, boat: Boat, mission: Mission, *, home: bool) -> TaskState:
        assert mission.task is not None  # noqa: S101  # asked for a taken task only
        if boat.work is not None and boat.work.kind == "pick_up":
            return "on_scene"
        if mission.task.state == "on_scene" or (boat.line is not None and boat.at_end and not home):
            return "on_scene"
        return "under_way" if boat.line is not None and boat.along_m > 5.0 else mission.task.state

    def _state(self, boat: Boat, mission: Mission, picture: Picture, *, home: bool) -> Iterator[Command]:
        vessel = picture.vessels[boat.id]
        state: VesselState
        why: Text | None = None
        if boat.power <= 0.0:
            state, why = "disabled", Text(zh="主机故障，失去动力", en="engine failed, no power")
        elif home or (boat.heads and boat.work is not None and boat.work.kind == "land"):
            state = "returning"
        elif boat.work is not None or (mission.task is not None and mission.task.state == "on_scene"):
            state = "on_scene"
        else:
            state = "under_way" if mission.route is not None else "ready"
        if boat.power < 1.0 and why is None:
            why = Text(zh=f"主机降至 {boat.power:.0%}", en=f"engine down to {boat.power:.0%}")
        if (vessel.state, vessel.state_why) != (state, why):
            yield SetVesselState(boat.id, state, why)

    def _ask(self, boat: Boat, mission: Mission, picture: Picture, now_s: float, *, home: bool) -> Iterator[Command]:
        needy = in_need(mission, self._world.people) if boat.seats_free > 0 else []
        if now_s - self._asked_s.get(boat.id, -math.inf) < ASK_AGAIN_S:
            return
        if boat.heads and not needy and not home:
            self._asked_s[boat.id] = now_s
            yield from self._go_home(boat, mission, picture, now_s)
        elif needy and not (home and boat.heads) and self._lost_its_way(boat, mission, needy, now_s):
            self._asked_s[boat.id] = now_s
            yield from self._go_to(boat, mission, needy[0].id, picture, now_s)

    def _lost_its_way(self, boat: Boat, mission: Mission, needy: list[People], now_s: float) -> bool:
        waited = mission.task is not None and now_s - mission.task.changed_s >= SETTLE_S
        return waited and boat.at_end and target_of(boat, needy) is None

    def _go_home(self, boat: Boat, mission: Mission, picture: Picture, now_s: float) -> Iterator[Command]:
        """Yield the route to the landing that is reached first among those the water leaves usable."""
        best: tuple[float, Spot, Landing, tuple[Scene, Path]] | None = None
        for spot, landing in self._landings:
            level_m = self._world.level_at(spot.x_m, spot.y_m, now_s)
            if not landing.low_m <= level_m <= landing.high_m:
                continue
            way = self._way(boat, (spot.x_m, spot.y_m), picture, now_s)
            if way is not None and (best is None or way[1].arrive_s < best[0]):
                best = (way[1].arrive_s, spot, landing, way)
        if best is None:
            return
        _, spot, landing, way = best
        why = Text(zh=f"载 {boat.heads} 人，送往{landing.name.zh}", en=f"{boat.heads} aboard, to {landing.name.en}")
        told = self._set(boat, mission, way, goal=landing.name, why=why)
        self._world.homes[boat.id] = Home(spot, {told.route.id}, landing.name)
        yield told

    def _go_to(self, boat: Boat, mission: Mission, victim_id: str, picture: Picture, now_s: float) -> Iterator[Command]:
        victim = picture.victims.get(victim_id)
        if victim is None:
            return
        goal = self._river.frame.point_xy(victim.fix.lon_deg, victim.fix.lat_deg)
        way = self._way(boat, goal, picture, now_s)
        if way is not None:
            why = Text(zh=f"驶向{victim.name.zh}最后被看到的位置", en=f"to where {victim.name.en} was last seen")
            yield self._set(boat, mission, way, goal=victim.name, why=why)

    def _way(self, boat: Boat, goal: tuple[float, float], picture: Picture, now_s: float) -> tuple[Scene, Path] | None:
        """Return a way for the boat, or None where the picture knows of none (the crew asks again later)."""
        try:
            scene = self._scenes(picture)
            return scene, scene.path(boat.craft, (boat.x_m, boat.y_m), goal, now_s)
        except RescueError:
            return None

    def _set(self, boat: Boat, mission: Mission, way: tuple[Scene, Path], *, goal: Text, why: Text) -> SetRoute:
        self._routes += 1
        scene, path = way
        return SetRoute(
            make_route(
                scene,
                path,
                boat.craft,
                route_id=f"{boat.id}/way/{self._routes}",
                vessel_id=boat.id,
                task_id=mission.task.id if mission.task else "",
                goal=goal,
                why=why,
            )
        )
