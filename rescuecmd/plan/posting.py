"""Where each crew of a card goes, and how: boats by water, shore and medical teams by land."""

from collections.abc import Sequence
from dataclasses import dataclass

from rescuecmd.drift.expected import follower
from rescuecmd.errors import NotCoveredError
from rescuecmd.picture.entity import Terminal, Victim
from rescuecmd.picture.state import Picture
from rescuecmd.plan.card import PlanCard
from rescuecmd.plan.evacuation import Evacuation
from rescuecmd.plan.roles import taker
from rescuecmd.plan.wording import metres
from rescuecmd.river.model import Landing
from rescuecmd.routing import guide
from rescuecmd.routing.journey import Journey, fix_xy, meeting_point, nearest_landing, plan_journey, walk
from rescuecmd.routing.scene import Scene
from rescuecmd.text import Text


@dataclass(frozen=True, slots=True)
class Target:
    """What a card is about: the victims, the place by name, its point, and how a beach there empties."""

    victims: tuple[Victim, ...]
    place_id: str
    name: Text
    xy: tuple[float, float]
    people: int
    beach: Evacuation | None


@dataclass(frozen=True, slots=True)
class Posting:
    """Where one crew goes: goal in words and metres, its way by water or length on foot, arrival, or why none."""

    goal_xy: tuple[float, float]
    where: Text
    length_m: float | None
    arrive_s: float | None
    no_route: Text | None
    journey: Journey | None = None
    landing: Text | None = None


def post(scene: Scene, picture: Picture, plan: PlanCard, target: Target, terminal_id: str) -> Posting:
    """Return where a terminal's crew goes for a card."""
    terminal: Terminal = picture.find("terminals", terminal_id)
    kind = taker(picture, terminal_id)
    if kind == "boat":
        return _by_water(scene, picture, plan, target, terminal)
    if kind == "medical":
        goal, where = _medical(scene, target)
    elif target.beach is not None:
        goal, where = _beach(target, target.beach)
    else:
        goal, where = _bank(scene, target, fix_xy(scene.river, terminal.fix))
    length_m, seconds = walk(fix_xy(scene.river, terminal.fix), goal)
    return Posting(
        goal,
        where,
        length_m,
        None if seconds is None else scene.now_s + seconds,
        _on_land(length_m) if seconds is None else None,
        landing=_landing(scene, target.xy, scene.now_s),
    )


def _by_water(scene: Scene, picture: Picture, plan: PlanCard, target: Target, terminal: Terminal) -> Posting:
    vessel = picture.vessels.get(terminal.vessel_id)
    if vessel is None:
        why = Text(zh="此终端没有登记船艇", en="no vessel is enrolled for this terminal")
        return Posting(target.xy, target.name, None, None, why)
    drifting = target.victims if plan.kind == "in_water" else ()
    journey = plan_journey(
        scene,
        vessel,
        drifting or target.victims,
        "" if drifting else target.place_id,
        follow=follower(scene),
    )
    at = _k(scene, journey.stop_xy)
    where = Text(zh=f"{target.name.zh} {at.zh}", en=f"{target.name.en}, {at.en}")
    if journey.meeting:
        where = meeting_point(scene.river, journey.stop_xy)
    landing = _landing(scene, journey.stop_xy, journey.arrive_s or scene.now_s)
    length_m = None if journey.path is None else journey.path.length_m
    return Posting(journey.stop_xy, where, length_m, journey.arrive_s, journey.why, journey, landing)


def _beach(target: Target, beach: Evacuation) -> tuple[tuple[float, float], Text]:
    if not beach.open:
        return target.xy, target.name
    way = beach.open[0].exit
    return (way.x_m, way.y_m), Text(zh=f"{target.name.zh} {way.name.zh}", en=f"{target.name.en}, {way.name.en}")


def _medical(scene: Scene, target: Target) -> tuple[tuple[float, float], Text]:
    """Return the safe ground above the widest open exit, or the landing where people come ashore."""
    if target.beach is not None and target.beach.open:
        ground = scene.river.place(target.beach.open[0].exit.to)
        return (ground.x_m, ground.y_m), ground.name
    landing = _nearest(scene, target.xy, scene.now_s)
    if landing is None:
        return _bank(scene, target, None)
    return (landing.x_m, landing.y_m), landing.name


def _bank(scene: Scene, target: Target, start: tuple[float, float] | None) -> tuple[tuple[float, float], Text]:
    """Return the bank abreast of the target: on the team's own side of the river, else the nearer one."""
    river = scene.river
    chainage, offset = (float(value) for value in river.locate(*target.xy))
    left_m, right_m = (float(value) for value in river.banks(chainage))
    beside_m = offset if start is None else float(river.locate(*start)[1])
    bank_m = left_m if beside_m >= (left_m + right_m) / 2 else right_m
    x_m, y_m = (float(value) for value in river.point(chainage, bank_m))
    at = guide.place(river, chainage, bank_m)
    return (x_m, y_m), Text(zh=f"{target.name.zh}正对岸上 {at.zh}", en=f"the bank abreast of {target.name.en}, {at.en}")


def _on_land(length_m: float | None) -> Text:
    if length_m is None:
        return Text(
            zh="不走水路；队伍位置不明，算不出到达时间",
            en="by land; the team's position is unknown, so no arrival time",
        )
    far = metres(length_m)
    return Text(zh=f"不走水路；约 {far.zh}，乘车前往", en=f"by land; about {far.en}, go by vehicle")


def _landing(scene: Scene, xy: tuple[float, float], time_s: float) -> Text:
    landing = _nearest(scene, xy, time_s)
    return landing.name if landing else Text(zh="（无可用上岸点，听指挥）", en="(no usable landing, ask command)")


def _nearest(scene: Scene, xy: tuple[float, float], time_s: float) -> Landing | None:
    """Return the nearest landing that the level is known to leave usable; None where the level is not known."""
    try:
        return nearest_landing(scene, xy, time_s)
    except NotCoveredError:
        return None


def _k(scene: Scene, xy: tuple[float, float]) -> Text:
    chainage, offset = scene.river.locate(*xy)
    return guide.place(scene.river, float(chainage), float(offset))


def target_of(
    scene: Scene, plan: PlanCard, victims: Sequence[Victim], place_id: str, beach: Evacuation | None
) -> Target:
    """Return what a card is about, named for people."""
    people = sum(victim.waiting for victim in victims)
    if place_id:
        place = scene.river.place(place_id)
        return Target(tuple(victims), place_id, place.name, (place.x_m, place.y_m), people, beach)
    first = victims[0]
    xy = scene.river.frame.point_xy(first.fix.lon_deg, first.fix.lat_deg)
    name = Text(zh="落水者", en="the person in the water") if plan.kind == "in_water" else first.name
    return Target(tuple(victims), "", name, xy, people, beach)
