"""What reactions know beside the picture: the river, its network, the plans; and the scene made of all of them.

A scene is costly to make (levels and openings over the whole network, some 0.1 s) and good for as long as the zones
stay as they are and the water does what was foreseen. It is therefore kept, and only its clock moves on.
"""

import copy
import operator
import threading
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

from rescuecmd.errors import NotCoveredError, unknown
from rescuecmd.picture.entity import Victim, Zone
from rescuecmd.picture.order import Candidate
from rescuecmd.picture.state import Picture
from rescuecmd.picture.water import Gauge, Reading
from rescuecmd.plan.card import PlanCard
from rescuecmd.reactions.levels import water_of
from rescuecmd.reactions.opened import closures, opened, standing
from rescuecmd.river.covered import CODE as LEVEL_OUTSIDE
from rescuecmd.river.model import River
from rescuecmd.river.unknown import UnknownWater
from rescuecmd.river.water import Water
from rescuecmd.routing.network import Network
from rescuecmd.routing.scene import Scene
from rescuecmd.tasking.candidates import Weighed, candidates

FRESH_S = 900.0
"""A scene is made anew at least this often, so that it looks far enough ahead."""

EXPECTED_M = 0.05
"""Readings this near to what the scene's water foresaw are no news: a board is read to 2 cm, waves add as much."""


class Situation:
    """River, network and plans of an operation. Safe to ask from several threads."""

    def __init__(self, river: River, network: Network, plans: Mapping[str, PlanCard]) -> None:
        self.river = river
        self.network = network
        self.plans = plans
        self._guard = threading.Lock()
        self._water: tuple[object, Water] | None = None
        self._scene: _Kept | None = None
        self._opened: tuple[tuple[Zone, ...], River, Network] | None = None
        self._judged: dict[str, Scene] = {}
        self._weighing = _Weighing()

    def judged(self, route_id: str) -> Scene | None:
        """Return the scene by which a route was last judged; None where it never was."""
        return self._judged.get(route_id)

    def note_judged(self, scene: Scene, route_id: str, followed: Collection[str]) -> None:
        """Note that a route was judged by a scene; what is not followed any more is forgotten."""
        kept = {one: by for one, by in self._judged.items() if one in followed}
        self._judged = {**kept, route_id: scene}

    def plan(self, plan_id: str) -> PlanCard:
        """Return a plan.

        Raises
        ------
        NotFoundError
            There is none of that id.
        """
        if plan_id not in self.plans:
            raise unknown("plan", plan_id, self.plans)
        return self.plans[plan_id]

    def water(self, picture: Picture) -> Water:
        """Return the water as the picture knows it; the same object until a gauge changes.

        Raises
        ------
        NotCoveredError
            No gauge has been read or forecast yet, or the level is outside what is covered.
        """
        with self._guard:
            return self._water_of(picture)

    def level_outside(self, picture: Picture, now_s: float) -> NotCoveredError | None:
        """Return the error of every question about the water now, where that is a level outside what is covered."""
        try:
            water = self.water(picture)
        except NotCoveredError as error:
            return error if error.code == LEVEL_OUTSIDE else None
        if water.covers(now_s):
            return None
        found = water.uncovered(now_s)
        return found if found.code == LEVEL_OUTSIDE else None

    def scene(self, picture: Picture, now_s: float | None = None) -> Scene:
        """Return the scene at a time (without one: the picture's).

        Its water is that of `water`, or an earlier one that foresaw every reading since to within 5 cm.

        Raises
        ------
        NotCoveredError
            No gauge has been read or forecast yet, or the level is outside what is covered.
        """
        now_s = picture.time_s if now_s is None else now_s
        with self._guard:
            water = self._water_of(picture)
            if self._scene is not None and water.covers(now_s) and self._scene.serves(picture, now_s):
                self._scene.move_on(now_s)
            else:
                scene = self._scene_of(picture, now_s)
                self._scene = _Kept(scene, picture.gauges, picture.zones, now_s)
            return self._scene.scene

    def scene_for_orders(self, picture: Picture, now_s: float) -> Scene:
        """Return the scene; where the water is not known, one in which every question about it is answered by why.

        Whoever must be sent is sent: a card without a way says that there is none, and its limits say what is unknown.
        """
        try:
            return self.scene(picture, now_s)
        except NotCoveredError as error:
            water = UnknownWater(self.river, {}, why=error)
            return Scene(self.river, self.network, water, now_s, tuple(picture.zones.values()))

    def _scene_of(self, picture: Picture, now_s: float) -> Scene:
        river, network, water = self.river, self.network, self._water_of(picture)
        zones = tuple(picture.zones.values())
        told = standing(zones, now_s)
        if told:
            if self._opened is None or self._opened[0] != told:
                self._opened = (told, *opened(river, network, told))
            _, river, network = self._opened
            water = replace(water, river=river)
        return Scene(river, network, water, now_s, (*zones, *closures(told, now_s)))

    def candidates(
        self, picture: Picture, victims: Sequence[Victim], place_id: str, *, now_s: float, push_id: str = ""
    ) -> tuple[Candidate, ...]:
        """Return who could take a job, best first. Many cards for one job ask in one moment: ways are laid once."""
        scene = self.scene(picture, now_s)
        moment, weighing = (scene, picture.vessels, picture.terminals, picture.victims), self._weighing
        if not weighing.serves(moment):
            weighing = self._weighing = _Weighing(moment)
        known = weighing.weighed
        return candidates(scene, picture, victims, place_id=place_id, push_id=push_id, weighed=known)

    def _water_of(self, picture: Picture) -> Water:
        if self._water is None or self._water[0] is not picture.gauges:
            self._water = (picture.gauges, water_of(self.river, picture.gauges))
        return self._water[1]


@dataclass(frozen=True, slots=True)
class _Weighing:
    """The candidates of one moment: good while water, boats, crews and people are the very same."""

    moment: tuple[object, ...] = ()
    weighed: Weighed = field(default_factory=dict)

    def serves(self, moment: tuple[object, ...]) -> bool:
        return len(moment) == len(self.moment) and all(map(operator.is_, moment, self.moment))


@dataclass(slots=True)
class _Kept:
    """A scene and what it was made from."""

    scene: Scene
    gauges: Mapping[str, Gauge]
    zones: Mapping[str, Zone]
    since_s: float

    def serves(self, picture: Picture, now_s: float) -> bool:
        fresh = self.since_s <= now_s < self.since_s + FRESH_S and self.scene.water.covers(now_s)
        if picture.zones is not self.zones or not fresh:
            return False
        return picture.gauges is self.gauges or self._foreseen(picture.gauges)

    def _foreseen(self, gauges: Mapping[str, Gauge]) -> bool:
        """Return whether the water of the scene says what the gauges say now; a new forecast is always news."""
        if gauges.keys() != self.gauges.keys():
            return False
        for gauge_id, gauge in gauges.items():
            before = self.gauges[gauge_id]
            if (
                gauge.state != before.state
                or gauge.forecast is not before.forecast
                or bool(gauge.recent) != bool(before.recent)
            ):
                return False
            if gauge is not before and gauge.recent and not self._as_expected(gauge, gauge.recent[-1]):
                return False
        return True

    def _as_expected(self, gauge: Gauge, reading: Reading) -> bool:
        water = self.scene.water
        if gauge.id not in water.series or not water.covers(reading.time_s):
            return gauge.id not in water.series  # a gauge that the river does not have tells nothing
        expected = float(water.level_m(water.river.gauge(gauge.id).chainage_m, reading.time_s))
        return abs(expected - reading.level_m) <= EXPECTED_M

    def move_on(self, now_s: float) -> None:
        """Let the scene's clock move on; what is known of the water and its openings is shared, trees are not."""
        if self.scene.now_s != now_s:
            later = copy.copy(self.scene)
            object.__setattr__(later, "now_s", now_s)
            object.__setattr__(later, "_trees", {})
            self.scene = later
