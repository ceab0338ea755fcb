"""One click: from a card to what each terminal is told. The preview is made by the same call as what is sent."""

from collections.abc import Sequence
from dataclasses import dataclass

from rescuecmd.errors import NotCoveredError, RefusedError
from rescuecmd.picture.commands import PushCard
from rescuecmd.picture.entity import Victim
from rescuecmd.picture.order import Card, CardContent, Limit, Push, Route, Step, Task
from rescuecmd.picture.state import Picture
from rescuecmd.plan.card import PlanCard, Role
from rescuecmd.plan.evacuation import Evacuation, evacuation, find_beach
from rescuecmd.plan.hazards import hazards_along
from rescuecmd.plan.limits import Job, judge, know
from rescuecmd.plan.posting import Posting, Target, post, target_of
from rescuecmd.plan.roles import assign_roles
from rescuecmd.plan.spoken import spoken
from rescuecmd.plan.wording import joined
from rescuecmd.routing.route import make_route
from rescuecmd.routing.scene import Scene
from rescuecmd.text import Text

PICTURE = {"reef": "approach", "in_water": "approach", "evacuate": "evacuation"}


@dataclass(frozen=True, slots=True)
class _Sending:
    """Everything the cards of one push share."""

    picture: Picture
    scene: Scene
    plan: PlanCard
    push: Push
    target: Target
    postings: dict[str, Posting]
    roles: dict[str, Role]


def make_push(
    picture: Picture,
    scene: Scene,
    plan: PlanCard,
    *,
    push_id: str,
    by: str,
    now_s: float,
    terminal_ids: Sequence[str],
    victim_ids: Sequence[str],
    place_id: str,
    group_id: str = "",
) -> PushCard:
    """Return the push of a card to some terminals, each with its own route, arrival, hazards, role, steps and limits.

    A group stands for its terminals. Without victims the card is for everybody of its kind who waits at the place.
    A terminal that cannot get there still gets its card, which says why.

    Raises
    ------
    RefusedError
        No terminal, or neither victims nor a place.
    NotFoundError
        A terminal, victim, group or place that does not exist.
    """
    terminals = _terminals(picture, terminal_ids, group_id)
    victims = _victims(picture, plan, victim_ids, place_id)
    place_id = place_id or next((victim.place_id for victim in victims if victim.place_id), "")
    target = target_of(scene, plan, victims, place_id, _emptying(scene, place_id, victims))
    ids = tuple(victim.id for victim in victims)
    push = Push(
        push_id, plan.id, plan.version, plan.title, by, now_s, terminals, ids, place_id, group_id,
        takers=plan.takers, escalation=plan.escalation,
    )  # fmt: skip
    postings = {item: post(scene, picture, plan, target, item) for item in terminals}
    ways = {item: posting.journey for item, posting in postings.items() if posting.journey is not None}
    roles = assign_roles(plan, picture, terminals, ways, victim_ids=ids, place_id=place_id)
    sending = _Sending(picture, scene, plan, push, target, postings, roles)
    routes = tuple(route for item in terminals if (route := _route(sending, item)) is not None)
    by_task = {route.task_id: route for route in routes}
    cards = tuple(_card(sending, item, by_task.get(_id(push, item))) for item in terminals)
    return PushCard(push, cards, tuple(_task(sending, item) for item in terminals), routes)


def _terminals(picture: Picture, terminal_ids: Sequence[str], group_id: str) -> tuple[str, ...]:
    members = picture.find("groups", group_id).terminal_ids if group_id else ()
    terminals = tuple(dict.fromkeys((*terminal_ids, *members)))
    if not terminals:
        raise RefusedError("no-terminals", "a card goes to at least one terminal")
    for terminal_id in terminals:
        picture.find("terminals", terminal_id)
    return terminals


def _victims(picture: Picture, plan: PlanCard, victim_ids: Sequence[str], place_id: str) -> tuple[Victim, ...]:
    named = tuple(picture.find("victims", item) for item in dict.fromkeys(victim_ids))
    if named:
        return named
    if not place_id:
        raise RefusedError("no-goal", "a card needs victims or a place to go to")
    here = [item for item in picture.victims.values() if item.place_id == place_id and item.kind == plan.victims]
    return tuple(item for item in here if item.waiting > 0)


def _emptying(scene: Scene, place_id: str, victims: Sequence[Victim]) -> Evacuation | None:
    beach = find_beach(scene.river, place_id) if place_id else None
    if beach is None:
        return None
    try:
        return evacuation(scene.river, scene.water, beach, sum(item.waiting for item in victims), scene.now_s)
    except NotCoveredError:
        return None


def _id(push: Push, terminal_id: str) -> str:
    return f"{push.id}/{terminal_id}"


def _task(sending: _Sending, terminal_id: str) -> Task:
    push, posting = sending.push, sending.postings[terminal_id]
    lon_deg, lat_deg = sending.scene.river.frame.point_lonlat(*posting.goal_xy)
    return Task(
        id=_id(push, terminal_id),
        kind=sending.plan.kind,
        plan_id=push.plan_id,
        push_id=push.id,
        terminal_id=terminal_id,
        vessel_id=sending.picture.terminals[terminal_id].vessel_id,
        victim_ids=push.victim_ids,
        place_id=push.place_id,
        goal_lon_deg=lon_deg,
        goal_lat_deg=lat_deg,
        state="offered",
        changed_s=push.pushed_s,
    )


def _route(sending: _Sending, terminal_id: str) -> Route | None:
    posting = sending.postings[terminal_id]
    if posting.journey is None or posting.journey.path is None:
        return None
    avoided = posting.journey.path.avoided
    vessel_id = sending.picture.terminals[terminal_id].vessel_id
    first = Text(zh="最早到达的航路", en="the earliest arrival")
    return make_route(
        sending.scene,
        posting.journey.path,
        sending.picture.vessels[vessel_id].craft,
        route_id=f"{_id(sending.push, terminal_id)}/1",
        vessel_id=vessel_id,
        task_id=_id(sending.push, terminal_id),
        goal=posting.where,
        why=joined([first, avoided], "；", "; ") if avoided.en else first,
    )


def _card(sending: _Sending, terminal_id: str, route: Route | None) -> Card:
    push = sending.push
    return Card(
        id=_id(push, terminal_id),
        push_id=push.id,
        terminal_id=terminal_id,
        plan_id=push.plan_id,
        content=_content(sending, terminal_id, route),
        pushed_s=push.pushed_s,
        task_id=_id(push, terminal_id),
        expires_s=None if push.escalation.expires_s is None else push.pushed_s + push.escalation.expires_s,
    )


def _content(sending: _Sending, terminal_id: str, route: Route | None) -> CardContent:
    plan, posting, role = sending.plan, sending.postings[terminal_id], sending.roles[terminal_id]
    limits = _limits(sending, terminal_id, route)
    hazards = _hazards(sending, terminal_id)
    return CardContent(
        title=plan.title,
        spoken=spoken(sending.scene, sending.picture, plan, sending.target, posting, limits=limits, hazards=hazards),
        role=role.name,
        where=posting.where,
        steps=_steps(sending, terminal_id),
        limits=limits,
        abort=plan.abort,
        hazards=hazards,
        sources=(*(source.text for source in plan.sources), *_river_source(sending)),
        reviewed_by=plan.reviewed_by,
        eta_s=posting.arrive_s,
        route_id=route.id if route else "",
        picture=PICTURE[plan.kind],
        no_route=posting.no_route,
        red_lines=plan.red_lines,
        comms=plan.comms,
    )


def _river_source(sending: _Sending) -> tuple[str, ...]:
    """Return where the place of a job comes from, and how far to trust it."""
    river, place = sending.scene.river, sending.scene.river.places.get(sending.push.place_id)
    if place is None or not river.provenance:
        return ()
    layer = place.kind if place.kind == "safe_ground" else f"{place.kind}s" if place.kind != "beach" else "beaches"
    told = river.trust(layer, place.id)
    return (f"{place.name} ({told.confidence}): {told.source}",)


def _limits(sending: _Sending, terminal_id: str, route: Route | None) -> tuple[Limit, ...]:
    push, posting = sending.push, sending.postings[terminal_id]
    job = Job(
        terminal_id,
        push.victim_ids,
        push.place_id,
        stop_xy=posting.goal_xy,
        arrive_s=posting.arrive_s,
        route_margin_m=route.margin_m if route else None,
        role_ids=tuple((item, role.id) for item, role in sending.roles.items()),
    )
    return judge(sending.plan, sending.picture, job, know(sending.plan, sending.picture, sending.scene, job))


def _hazards(sending: _Sending, terminal_id: str) -> tuple[Text, ...]:
    journey = sending.postings[terminal_id].journey
    vessel = sending.picture.vessels.get(sending.picture.terminals[terminal_id].vessel_id)
    if vessel is None or journey is None or journey.path is None:
        return ()
    goal_id = sending.push.place_id
    return hazards_along(sending.scene, sending.picture, vessel.craft, journey.path, goal_id=goal_id)


def _steps(sending: _Sending, terminal_id: str) -> tuple[Step, ...]:
    """Return the steps with the terminal's own first, in the card's order, names filled in."""
    role = sending.roles[terminal_id]
    names = {item.id: item.name for item in sending.plan.roles}
    words = _words(sending, terminal_id)
    steps = [
        Step(
            n=step.n,
            who=joined([names[item] for item in step.who]),
            text=Text(zh=_fill(step.text.zh, words, "zh"), en=_fill(step.text.en, words, "en")),
            mine=role.id in step.who,
            budget_s=step.budget_s,
        )
        for step in sending.plan.steps
    ]
    return tuple(sorted(steps, key=lambda step: (not step.mine, step.n)))


def _words(sending: _Sending, terminal_id: str) -> dict[str, Text]:
    target, posting = sending.target, sending.postings[terminal_id]
    nothing = Text(zh="（暂无）", en="(none)")
    ways = target.beach.open if target.beach else ()
    return {
        "place": target.name,
        "people": Text(zh=str(target.people), en=str(target.people)),
        "landing": posting.landing or nothing,
        "exits": joined([way.exit.name for way in ways]) if ways else nothing,
    }


def _fill(text: str, words: dict[str, Text], language: str) -> str:
    for name, value in words.items():
        text = text.replace(f"<{name}>", getattr(value, language))
    return text
