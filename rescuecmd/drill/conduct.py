"""What a crew does with its boat from one second to the next: go, take people aboard, bring them ashore."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from rescuecmd.drill.boat import Boat, Work
from rescuecmd.drill.mission import Mission
from rescuecmd.drill.script import Spot
from rescuecmd.drill.victim import People
from rescuecmd.picture.commands import Command, LandVictims, PickUpVictims
from rescuecmd.text import Text

SERVICE_S = 60.0  # coming alongside: approach, contact, clear
PER_HEAD_S = 30.0  # a jacket and a seat for each
ASHORE_S = 20.0
ASHORE_PER_HEAD_S = 8.0
SIGHT_M = 150.0  # a head in the water is seen from a small boat at this distance by day
REACH_WATER_M = 8.0
REACH_REEF_M = 35.0
ROUTE_END_REACH_M = 160.0  # from the end of its route a crew covers the rest by line, wading or backing in
BERTH_M = 120.0


@dataclass(slots=True)
class Home:
    """Where a boat takes its people, and the routes that lead there."""

    place: Spot
    route_ids: set[str]
    goal: Text


def in_need(mission: Mission, people: Mapping[str, People]) -> list[People]:
    """Return those of a mission who are there and still wait."""
    found = (people.get(victim_id) for victim_id in mission.victim_ids)
    return [who for who in found if who is not None and who.present and who.waiting > 0]


def target_of(boat: Boat, needy: Iterable[People]) -> People | None:
    """Return the nearest person in the water whom the crew can see, or None."""
    seen = [(who.distance_m(boat.x_m, boat.y_m), who.id, who) for who in needy if who.kind == "in_water"]
    near = [item for item in seen if item[0] <= SIGHT_M]
    return min(near)[2] if near else None


def within_reach(boat: Boat, needy: Iterable[People]) -> People | None:
    """Return whom the crew can take aboard from where the boat is."""
    for who in needy:
        gap = who.distance_m(boat.x_m, boat.y_m)
        if who.kind == "in_water":
            if gap <= REACH_WATER_M:
                return who
        elif gap <= REACH_REEF_M or (boat.line is not None and boat.at_end and gap <= ROUTE_END_REACH_M):
            return who
    return None


def start_pick_up(boat: Boat, who: People, now_s: float) -> None:
    """Come alongside: the first time people hesitate, it takes that much longer."""
    count = min(who.waiting, boat.seats_free)
    length_s = SERVICE_S + PER_HEAD_S * count + who.hesitates_s
    who.hesitates_s = 0.0
    boat.work = Work("pick_up", who.id, count, now_s + length_s)


def start_landing(boat: Boat, place_id: str, now_s: float) -> None:
    """Berth and bring everybody ashore."""
    length_s = ASHORE_S + ASHORE_PER_HEAD_S * boat.heads
    boat.work = Work("land", "", boat.heads, now_s + length_s, place_id)


def finish_work(boat: Boat, people: Mapping[str, People]) -> list[Command]:
    """End what the crew was doing and return it as the commands that report it."""
    work, boat.work = boat.work, None
    if work is None:
        return []
    if work.kind == "pick_up":
        return _taken(boat, people[work.victim_id], work.count)
    return _landed(boat, people, work.place_id)


def _taken(boat: Boat, who: People, wanted: int) -> list[Command]:
    count = min(wanted, who.waiting, boat.seats_free)  # the water or another boat may have been quicker
    if count <= 0:
        return []
    who.waiting -= count
    who.aboard += count
    boat.aboard[who.id] = boat.aboard.get(who.id, 0) + count
    return [PickUpVictims(who.id, boat.id, count)]


def _landed(boat: Boat, people: Mapping[str, People], place_id: str) -> list[Command]:
    told: list[Command] = []
    for victim_id, count in sorted(boat.aboard.items()):
        people[victim_id].aboard -= count
        people[victim_id].safe += count
        told.append(LandVictims(victim_id, boat.id, count, place_id))
    boat.aboard.clear()
    return told
