"""A card's hard limits against the present picture and water: ok, breached, or unknown, each with its value."""

import math
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace

from rescuecmd.condition import Value
from rescuecmd.errors import NotCoveredError
from rescuecmd.picture.assigned import AGREED, OPEN, free_seats, route_of, tasks_for
from rescuecmd.picture.entity import Victim
from rescuecmd.picture.order import Card, Limit, Task
from rescuecmd.picture.progress import expected_arrival_s
from rescuecmd.picture.state import Picture
from rescuecmd.plan.card import PlanCard, PlanLimit
from rescuecmd.plan.evacuation import evacuation, find_beach
from rescuecmd.plan.facts import FACTS
from rescuecmd.routing.scene import Scene


@dataclass(frozen=True, slots=True)
class Job:
    """A piece of work as limits see it: whose, for whom, where the boat stops, when it arrives, who else is sent.

    ``role_ids`` maps the terminals that are sent by the same click to their roles.
    """

    terminal_id: str
    victim_ids: tuple[str, ...]
    place_id: str
    stop_xy: tuple[float, float] | None = None
    arrive_s: float | None = None
    route_margin_m: float | None = None
    role_ids: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Known:
    """The facts of a job now. Names in ``at_least`` are lower bounds: the forecast ends before the answer."""

    facts: Mapping[str, Value | Callable[..., Value]]
    at_least: frozenset[str] = frozenset()

    def show(self, name: str) -> str:
        """Return a fact as it is printed; empty when unknown."""
        value = self.facts.get(name)
        if callable(value) or isinstance(value, str):
            return ""
        text = FACTS[name].show(value)
        return f"> {text}" if text and name in self.at_least else text


def assess(plan: PlanCard, picture: Picture, scene: Scene, of: Card | str) -> tuple[Limit, ...]:
    """Return the limits as they stand for a card, or for the terminal of that id with its open task of this plan."""
    job = _job_of_card(picture, scene, of) if isinstance(of, Card) else _job_of_terminal(plan, picture, scene, of)
    return judge(plan, picture, job, know(plan, picture, scene, job))


def judge(plan: PlanCard, picture: Picture, job: Job, known: Known) -> tuple[Limit, ...]:
    """Return the limits that apply to the job's terminal, judged by what is known."""
    takers = _takers(picture, job.terminal_id)
    return tuple(
        _judged(plan, limit, known) for limit in plan.limits if not limit.applies or takers & set(limit.applies)
    )


def steps_done(plan: PlanCard, known: Known) -> Mapping[int, bool | None]:
    """Return, for each step that ends by itself, whether it is done; None: unknown."""
    return {step.n: step.done_when.evaluate(known.facts) for step in plan.steps if step.done_when is not None}


def know(plan: PlanCard, picture: Picture, scene: Scene, job: Job) -> Known:
    """Return every declared fact of a job; what nothing measures stays unknown."""
    victims = [picture.victims[item] for item in job.victim_ids if item in picture.victims]
    people = sum(victim.waiting for victim in victims)
    facts: dict[str, Value | Callable[..., Value]] = dict.fromkeys(FACTS)
    facts |= _team(picture, scene, job, victims)
    facts |= _water(picture, scene, job, victims)
    facts |= _own(picture, job)
    facts["people"] = float(people)
    facts["eta_min"] = None if job.arrive_s is None else max(0.0, job.arrive_s - scene.now_s) / 60
    facts["route_margin_m"] = job.route_margin_m
    facts["posted"] = _posted(plan, picture, job)
    facts |= _beach(scene, job, people)
    left, bounded = _minutes_left(picture, scene, job, victims)
    facts["minutes_left"] = left
    if left is not None and job.arrive_s is not None:
        facts["spare_min"] = left - max(0.0, job.arrive_s - scene.now_s) / 60
    stages, at_least = _stages_left(picture, scene, job)
    facts |= stages
    return Known(facts, frozenset({"minutes_left", "spare_min"} if bounded else ()) | at_least)


def _judged(plan: PlanCard, limit: PlanLimit, known: Known) -> Limit:
    truth = limit.test.evaluate(known.facts)
    state = "unknown" if truth is None else "ok" if truth else "breach"
    value = known.show(limit.shows) if limit.shows else ""
    return Limit(limit.id, limit.text, state, value, plan.source_line(limit.source))  # type: ignore[arg-type]


def _takers(picture: Picture, terminal_id: str) -> set[str]:
    """Return what a limit may name to apply to a terminal: its role, and the kind of its craft."""
    terminal = picture.terminals.get(terminal_id)
    if terminal is None:
        return set()
    vessel = picture.vessels.get(terminal.vessel_id)
    return {terminal.role} | ({"boat", vessel.craft.kind} if vessel else set())


def _team(picture: Picture, scene: Scene, job: Job, victims: list[Victim]) -> dict[str, Value]:
    tasks = [task for task in tasks_for(picture, job.victim_ids, job.place_id) if task.vessel_id in picture.vessels]
    sent = {task.vessel_id for task in tasks} | {
        vessel_id
        for terminal_id, _ in job.role_ids
        if (vessel_id := picture.terminals[terminal_id].vessel_id) in picture.vessels
    }
    seats = sum(free_seats(picture.vessels[item]) for item in sent)
    reported = min((victim.reported_s for victim in victims), default=None)
    seen = min((victim.fix.time_s for victim in victims), default=None)
    return {
        "boats_sent": float(len(sent)),
        "seats_sent": float(seats),
        "boats_accepted": float(sum(task.state in AGREED for task in tasks)),
        "boats_there": float(sum(task.state == "on_scene" for task in tasks)),
        "minutes_since_report": None if reported is None else (scene.now_s - reported) / 60,
        "minutes_since_seen": None if seen is None else (scene.now_s - seen) / 60,
    }


def _water(picture: Picture, scene: Scene, job: Job, victims: list[Victim]) -> dict[str, Value]:
    facts: dict[str, Value] = {}
    xy = job.stop_xy or (
        scene.river.frame.point_xy(victims[0].fix.lon_deg, victims[0].fix.lat_deg) if victims else None
    )
    outlook = picture.outlooks.get(job.place_id)
    if outlook is not None:
        facts["margin_m"] = outlook.margin_m
    if xy is None:
        return facts
    _, _, chainage, offset = scene.point(xy)  # which keeps it: many cards are for one place
    rise = min(picture.gauges.values(), key=lambda gauge: abs(gauge.chainage_m - chainage), default=None)
    if rise is not None and rise.rise_m_per_h is not None:
        facts["rise_cm_per_min"] = rise.rise_m_per_h * 100 / 60
    try:
        depth_m = float(scene.water.depth_m(chainage, offset, scene.now_s))
    except NotCoveredError:
        return facts
    facts["depth_m"] = depth_m if math.isfinite(depth_m) else None
    if scene.river.rating is not None:  # without one nothing is known of the current
        with suppress(NotCoveredError):  # the level is beyond the rating
            facts["current_mps"] = float(scene.water.current_mps(chainage, offset, scene.now_s))
    return facts


def _own(picture: Picture, job: Job) -> dict[str, Value]:
    terminal = picture.terminals.get(job.terminal_id)
    vessel = picture.vessels.get(terminal.vessel_id) if terminal else None
    if vessel is None:
        return {}
    craft = vessel.craft
    return {
        "own_speed_mps": craft.speed_mps,
        "own_current_limit_mps": craft.max_current_mps,
        "own_seats_free": float(free_seats(vessel)),
        "own_under_keel_m": craft.draught_m + craft.under_keel_m,
    }


def _beach(scene: Scene, job: Job, people: int) -> dict[str, Value]:
    beach = find_beach(scene.river, job.place_id)
    if beach is None:
        return {}
    try:
        state = evacuation(scene.river, scene.water, beach, people, scene.now_s)
    except NotCoveredError:
        return {}
    return {"exits_open": float(len(state.open)), "flow_min": state.minutes}


def _minutes_left(picture: Picture, scene: Scene, job: Job, victims: list[Victim]) -> tuple[float | None, bool]:
    """Return minutes to the earliest submergence, and whether that is only a lower bound (the forecast's end)."""
    outlook = picture.outlooks.get(job.place_id)
    early = [victim.early_s for victim in victims if victim.early_s is not None]
    if outlook is not None and outlook.early_s is not None:
        early.append(outlook.early_s)
    if early:
        return (min(early) - scene.now_s) / 60, False
    if outlook is None or not scene.water.covers(scene.now_s):
        return None, False
    return (scene.water.end_s - scene.now_s) / 60, True


def _stages_left(picture: Picture, scene: Scene, job: Job) -> tuple[dict[str, Value], frozenset[str]]:
    """Return minutes to the earliest instant of the stages at the job, and which are only lower bounds."""
    outlook = picture.outlooks.get(job.place_id)
    if outlook is None or not scene.water.covers(scene.now_s):
        return {}, frozenset()
    left: dict[str, Value] = {}
    bounded = set()
    for stage in outlook.stages:
        name = f"{stage.name}_min"
        if name in FACTS:
            until_s = scene.water.end_s if stage.early_s is None else stage.early_s
            left[name] = (until_s - scene.now_s) / 60
            if stage.early_s is None:
                bounded.add(name)
    return left, frozenset(bounded)


def _posted(plan: PlanCard, picture: Picture, job: Job) -> Callable[..., bool | None]:
    """Return the function ``posted(role)``: true once accepted, unknown while nobody has answered, else false."""
    ids = {f"{task.push_id}/{task.terminal_id}" for task in tasks_for(picture, job.victim_ids, job.place_id)}
    cards = [picture.cards[card_id] for card_id in ids if card_id in picture.cards]
    names = {role.id: role.name for role in plan.roles}

    def posted(role_id: str) -> bool | None:
        states = {card.state for card in cards if card.content.role == names[role_id]}
        if "accepted" in states:
            return True
        asked = bool(states & {"queued", "delivered", "displayed"}) or any(role == role_id for _, role in job.role_ids)
        return None if asked else False

    return posted


def _job_of_card(picture: Picture, scene: Scene, card: Card) -> Job:
    push = picture.find("pushes", card.push_id)
    bare = Job(card.terminal_id, push.victim_ids, push.place_id, arrive_s=card.content.eta_s)
    return _with_task(picture, scene, bare, picture.tasks.get(card.task_id))


def _job_of_terminal(plan: PlanCard, picture: Picture, scene: Scene, terminal_id: str) -> Job:
    picture.find("terminals", terminal_id)
    mine = [
        task
        for task in picture.tasks.values()
        if task.terminal_id == terminal_id and task.plan_id == plan.id and task.state in OPEN
    ]
    task = max(mine, key=lambda item: item.changed_s, default=None)
    bare = Job(terminal_id, task.victim_ids, task.place_id) if task else Job(terminal_id, (), "")
    return _with_task(picture, scene, bare, task)


def _with_task(picture: Picture, scene: Scene, job: Job, task: Task | None) -> Job:
    """Return the job with the goal and the active route of its task."""
    if task is None:
        return job
    route = route_of(picture, task.id)
    return replace(
        job,
        stop_xy=scene.river.frame.point_xy(task.goal_lon_deg, task.goal_lat_deg),
        arrive_s=expected_arrival_s(picture, route, scene.now_s) if route else job.arrive_s,
        route_margin_m=route.margin_m if route else None,
    )
