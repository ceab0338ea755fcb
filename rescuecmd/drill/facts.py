"""What conditions of a drill may ask, and the answers at one second.

Names: ``t`` drill seconds, ``level`` m at the main gauge, ``rise_rate`` m per minute there, ``current`` m/s in
mid-river there. They are the truth, not what the picture believes: exercise control sees the world. Only what a
unit alone could tell (where it is) is unknown while its link is down.
"""

import math
from collections.abc import Callable, Collection, Mapping

from rescuecmd.condition import Facts, Value
from rescuecmd.drill.script import DrillScript
from rescuecmd.drill.world import World
from rescuecmd.picture.order import Card, Push
from rescuecmd.picture.state import Picture

NAMES: Collection[str] = ("t", "level", "rise_rate", "current")
FUNCTIONS: Mapping[str, tuple[str, ...]] = {
    "dist": ("unit", "thing"),
    "count_on": ("place",),
    "margin": ("place",),
    "pushed": ("plan",),
    "age": ("plan",),
    "acked": ("plan", "unit?"),
    "unacked": ("plan",),
    "declined": ("plan",),
    "waiting": ("victim",),
    "aboard": ("victim",),
    "safe": ("victim",),
    "lost": ("victim",),
    "adrift": ("victim",),
    "clear": ("place",),
    "link": ("unit",),
    "disabled": ("unit",),
    "replaced": (),
    "grouped": (),
}
"""By function, the kind of each argument; ``adrift`` are those still in the water."""

ANSWERED = {"accepted", "declined"}


class FactSource:
    """Answers conditions from the world and the picture; `look` moves it to another second."""

    def __init__(self, script: DrillScript, world: World, link_up: Callable[[str], bool]) -> None:
        self._world, self._link_up = world, link_up
        self._terminal = {force.id: force.terminal_id for force in script.forces}
        self._spots = {force.id: force.spot for force in script.forces}
        self._picture = Picture()
        self._now_s = 0.0
        self._start_s = 0.0
        functions: dict[str, Callable[..., Value]] = {name: getattr(self, f"_{name}") for name in FUNCTIONS}
        self.facts: dict[str, Value | Callable[..., Value]] = dict(functions)

    def look(self, picture: Picture, now_s: float, start_s: float, scalars: Mapping[str, float]) -> Facts:
        """Return the facts of this second; `scalars` holds ``level``, ``rise_rate`` and ``current``."""
        self._picture, self._now_s, self._start_s = picture, now_s, start_s
        self.facts["t"] = now_s - start_s
        self.facts.update(scalars)
        return self.facts

    def _where(self, thing: str) -> tuple[float, float] | None:
        if thing in self._world.boats:
            boat = self._world.boats[thing]
            return boat.x_m, boat.y_m
        if thing in self._world.people:
            people = self._world.people[thing]
            return (people.x_m, people.y_m) if people.present else None
        if thing in self._spots:
            return self._spots[thing].x_m, self._spots[thing].y_m
        place = self._world.river.place(thing)
        return place.x_m, place.y_m

    def _dist(self, unit: str, thing: str) -> Value:
        here, there = self._where(unit), self._where(thing)
        if here is None or there is None or not self._link_up(unit):
            return None
        return math.dist(here, there)

    def _count_on(self, place: str) -> Value:
        there = (p for p in self._world.people.values() if p.spec.spot.place_id == place and p.kind != "in_water")
        return float(sum(p.waiting for p in there if p.present))

    def _margin(self, place_id: str) -> Value:
        place = self._world.river.place(place_id)
        return place.critical_m - self._world.level_at(place.x_m, place.y_m, self._now_s)

    def _pushes(self, plan: str) -> list[Push]:
        return [push for push in self._picture.pushes.values() if push.plan_id == plan]

    def _cards(self, plan: str) -> list[Card]:
        return [card for card in self._picture.cards.values() if card.plan_id == plan and card.state != "withdrawn"]

    def _pushed(self, plan: str) -> Value:
        return bool(self._pushes(plan))

    def _age(self, plan: str) -> Value:
        pushes = self._pushes(plan)
        return self._now_s - min(push.pushed_s for push in pushes) if pushes else None

    def _acked(self, plan: str, unit: str | None = None) -> Value:
        terminal = self._terminal.get(unit or "")
        cards = [card for card in self._cards(plan) if terminal is None or card.terminal_id == terminal]
        return float(sum(card.state in ANSWERED for card in cards))

    def _unacked(self, plan: str) -> Value:
        cards = self._cards(plan)
        return float(sum(card.state not in ANSWERED for card in cards)) if cards else None

    def _declined(self, plan: str) -> Value:
        return float(sum(card.state == "declined" for card in self._cards(plan)))

    def _waiting(self, victim: str) -> Value:
        people = self._world.people[victim]
        return float(people.waiting) if people.present else None

    def _aboard(self, victim: str) -> Value:
        return float(self._world.people[victim].aboard)

    def _safe(self, victim: str) -> Value:
        return float(self._world.people[victim].safe)

    def _lost(self, victim: str) -> Value:
        return float(self._world.people[victim].lost)

    def _adrift(self, victim: str) -> Value:
        people = self._world.people[victim]
        return float(people.waiting) if people.present and people.kind == "in_water" else 0.0

    def _clear(self, place: str) -> Value:
        there = [p for p in self._world.people.values() if p.spec.spot.place_id == place]
        return all(p.present and p.waiting == 0 for p in there) if there else None

    def _link(self, unit: str) -> Value:
        return self._link_up(unit)

    def _disabled(self, unit: str) -> Value:
        boat = self._world.boats.get(unit)
        return boat is not None and boat.power <= 0.0

    def _replaced(self) -> Value:
        return float(sum(bool(route.replaces) for route in self._picture.routes.values()))

    def _grouped(self) -> Value:
        return float(max((len(group.terminal_ids) for group in self._picture.groups.values()), default=0))
