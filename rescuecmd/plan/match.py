"""What the present picture calls for: at most three cards, the most urgent first, each ready to be pushed."""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from rescuecmd.picture.assigned import free_seats, tasks_for
from rescuecmd.picture.entity import Victim
from rescuecmd.picture.order import Candidate, Suggestion, TaskKind
from rescuecmd.picture.state import Picture
from rescuecmd.plan.card import PlanCard
from rescuecmd.plan.limits import Job, Known, know
from rescuecmd.plan.wording import minutes, name_of
from rescuecmd.routing.scene import Scene
from rescuecmd.text import Text

MOST = 3
TOGETHER_M = 150.0
"""People in the water this close together are one job."""

USEFUL_S = 600.0
"""Cold water leaves about 10 minutes of useful movement (Cold Water Boot Camp, "1-10-1")."""

BOATS_AT_A_JOB = 2  # RNLI: ideally a two-boat operation

CandidatesOf = Callable[[TaskKind, Sequence[Victim], str], tuple[Candidate, ...]]


@dataclass(frozen=True, slots=True)
class _Need:
    """People who belong to one job and are not in anybody's hands yet."""

    plan: PlanCard
    victims: tuple[Victim, ...]
    place_id: str
    people: int
    seats_coming: int
    boats_coming: int
    known: Known
    deadline_s: float | None

    @property
    def id(self) -> str:
        return f"{self.plan.id}/{self.place_id or self.victims[0].id}"


def suggest(
    picture: Picture, plans: Mapping[str, PlanCard], scene: Scene, candidates_of: CandidatesOf
) -> tuple[Suggestion, ...]:
    """Return at most three cards, most urgent first; nothing for people whom open tasks already have seats for.

    Urgency is the instant when a person in the water can no longer help themselves: ten minutes after they fell in,
    or ten minutes after the water may first reach the place where they stand. A card is suggested unless its
    condition is certainly false: what cannot be ruled out is shown.

    Parameters
    ----------
    candidates_of
        Who could take a job of a kind for some victims at a place, best first.
    """
    needs = [need for plan in plans.values() for need in _needs(picture, plan, scene)]
    needs.sort(key=lambda need: (_urgency(need), -need.people, need.id))
    found: list[Suggestion] = []
    for rank, need in enumerate(needs[:MOST], start=1):
        able = candidates_of(need.plan.kind, need.victims, need.place_id)
        promised = {terminal_id for other in found for terminal_id in other.chosen}
        found.append(_suggestion(picture, scene, need, able, rank=rank, promised=promised))
    return tuple(found)


def _needs(picture: Picture, plan: PlanCard, scene: Scene) -> Iterable[_Need]:
    waiting = [item for item in picture.victims.values() if item.kind == plan.victims and item.waiting > 0]
    for victims in _jobs(scene, waiting):
        ids, place_id = tuple(victim.id for victim in victims), victims[0].place_id
        tasks = tasks_for(picture, ids)
        boats = {task.vessel_id for task in tasks if task.vessel_id in picture.vessels}
        seats = sum(free_seats(picture.vessels[item]) for item in boats)
        people = sum(victim.waiting for victim in victims)
        if tasks and (plan.kind == "evacuate" or seats >= people):
            continue
        known = know(plan, picture, scene, Job("", ids, place_id))
        if plan.suggest.evaluate(known.facts) is False:
            continue
        yield _Need(plan, victims, place_id, people, seats, len(boats), known, _deadline(picture, victims, place_id))


def _jobs(scene: Scene, victims: Sequence[Victim]) -> list[tuple[Victim, ...]]:
    """Return victims joined to jobs: by their place, and people without a place by nearness (single linkage)."""
    at: dict[str, list[Victim]] = {}
    groups: list[tuple[list[Victim], list[tuple[float, float]]]] = []
    for victim in victims:
        if victim.place_id:
            at.setdefault(victim.place_id, []).append(victim)
            continue
        xy = scene.river.frame.point_xy(victim.fix.lon_deg, victim.fix.lat_deg)
        near = [group for group in groups if any(math.dist(xy, other) <= TOGETHER_M for other in group[1])]
        joined = ([victim], [xy])
        for group in near:
            groups.remove(group)
            joined = (group[0] + joined[0], group[1] + joined[1])
        groups.append(joined)
    by_id = [sorted(group, key=lambda item: item.id) for group in (*at.values(), *(group for group, _ in groups))]
    return [tuple(group) for group in by_id]


def _deadline(picture: Picture, victims: Sequence[Victim], place_id: str) -> float | None:
    if victims[0].kind == "in_water":
        return min(victim.reported_s for victim in victims) + USEFUL_S
    early = [victim.early_s for victim in victims if victim.early_s is not None]
    outlook = picture.outlooks.get(place_id)
    if outlook is not None and outlook.early_s is not None:
        early.append(outlook.early_s)
    return min(early, default=None)


def _urgency(need: _Need) -> float:
    if need.deadline_s is None:
        return math.inf
    return need.deadline_s if need.plan.kind == "in_water" else need.deadline_s + USEFUL_S


def _suggestion(
    picture: Picture, scene: Scene, need: _Need, able: tuple[Candidate, ...], *, rank: int, promised: set[str]
) -> Suggestion:
    chosen = _chosen(picture, need, able, promised)
    return Suggestion(
        id=need.id,
        rank=rank,
        plan_id=need.plan.id,
        title=need.plan.title,
        verb=need.plan.verb,
        why=_why(picture, scene, need, able, chosen),
        victim_ids=tuple(victim.id for victim in need.victims),
        place_id=need.place_id,
        candidates=able,
        chosen=chosen,
        deadline_s=need.deadline_s,
        made_s=scene.now_s,
    )


def _chosen(picture: Picture, need: _Need, found: Sequence[Candidate], promised: set[str]) -> tuple[str, ...]:
    """Return the terminals to preselect; those that a more urgent card already preselects only if nobody else is left.

    A beach: the first shore team and the first medical team. A reef or people in the water: boats in the order of
    their arrival until there are seats for everybody and two boats at the job; those without a way, or with
    something against them, only where nobody else is left.
    """
    able = [item for item in found if item.eta_s is not None or not item.vessel_id]
    if need.plan.kind == "evacuate":
        roles = {item.terminal_id: picture.terminals[item.terminal_id].role for item in able}
        firsts = (next((item for item in roles if roles[item] == role), None) for role in ("shore", "medical"))
        return tuple(item for item in firsts if item is not None)
    boats = [item for item in able if item.vessel_id]
    free = [item for item in boats if item.terminal_id not in promised] or boats
    free = [item for item in free if item.note is None] or free
    seats, count, chosen = need.seats_coming, need.boats_coming, list[str]()
    for item in free:
        if seats >= need.people and count >= BOATS_AT_A_JOB:
            break
        chosen.append(item.terminal_id)
        seats, count = seats + item.seats, count + 1
    return tuple(chosen)


def _why(picture: Picture, scene: Scene, need: _Need, able: Sequence[Candidate], chosen: Sequence[str]) -> Text:
    parts = [_who(scene, need), *_water_words(need), *_state_words(need)]
    coming = {item.terminal_id: item for item in able if item.eta_s is not None}
    best = next((coming[item] for item in (*chosen, *coming) if item in coming), None)
    if best is not None and best.eta_s is not None:
        name = name_of(picture, best.terminal_id)
        wait = minutes(best.eta_s - scene.now_s)
        parts.append(Text(zh=f"最近 {name.zh}，{wait.zh}到", en=f"nearest {name.en}, {wait.en} away"))
    elif not able:
        parts.append(Text(zh="没有可派的力量", en="nobody is free to go"))
    else:
        parts.append(Text(zh="没有能到的艇", en="no boat can get there"))
    return Text(zh="；".join(part.zh for part in parts), en="; ".join(part.en for part in parts))


def _who(scene: Scene, need: _Need) -> Text:
    here = scene.river.place(need.place_id).name if need.place_id else None
    if need.plan.kind == "in_water":
        return Text(zh=f"{need.people} 人落水漂流", en=f"{need.people} in the water, drifting")
    where = here or Text(zh="被困处", en="their place")
    if need.plan.kind == "evacuate":
        return Text(zh=f"{where.zh}有 {need.people} 人", en=f"{need.people} people on {where.en}")
    return Text(zh=f"{where.zh}被困 {need.people} 人", en=f"{need.people} stranded on {where.en}")


def _water_words(need: _Need) -> list[Text]:
    facts, parts = need.known.facts, list[Text]()
    margin, left, since = facts.get("margin_m"), facts.get("minutes_left"), facts.get("minutes_since_report")
    if need.plan.kind == "in_water":
        if isinstance(since, float):
            parts.append(Text(zh=f"接报 {max(0.0, since):.0f} 分钟", en=f"reported {max(0.0, since):.0f} min ago"))
        return parts
    if isinstance(margin, float):
        parts.append(
            Text(zh=f"高出水面 {margin:.2f} m", en=f"{margin:.2f} m above the water")
            if margin > 0
            else Text(zh=f"已淹 {-margin:.2f} m", en=f"{-margin:.2f} m under water")
        )
    if isinstance(left, float):
        bounded = "minutes_left" in need.known.at_least
        parts.append(
            Text(zh=f"{left:.0f} 分钟内不会淹", en=f"not under within {left:.0f} min")
            if bounded
            else Text(
                zh=f"最早 {max(0.0, left):.0f} 分钟后淹没",
                en=f"under water in {max(0.0, left):.0f} min at the earliest",
            )
        )
    return parts


def _state_words(need: _Need) -> list[Text]:
    facts, parts = need.known.facts, list[Text]()
    rise, flow = facts.get("rise_cm_per_min"), facts.get("flow_min")
    if isinstance(rise, float) and abs(rise) >= 0.05:
        word = Text(zh="每分钟涨", en="rising") if rise > 0 else Text(zh="每分钟落", en="falling")
        parts.append(Text(zh=f"{word.zh} {abs(rise):.1f} cm", en=f"{word.en} {abs(rise):.1f} cm a minute"))
    if isinstance(flow, float):
        parts.append(Text(zh=f"疏散需 {flow:.0f} 分钟", en=f"{flow:.0f} min to clear"))
    if need.boats_coming:
        parts.append(
            Text(
                zh=f"已派 {need.boats_coming} 艇 {need.seats_coming} 座，不够",
                en=f"{need.boats_coming} boats with {need.seats_coming} seats are not enough",
            )
        )
    return parts
