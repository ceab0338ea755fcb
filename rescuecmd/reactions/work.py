"""The state of the work: tasks that are over, cards' limits, boats that fall silent, and what should be done next."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from rescuecmd.errors import NotCoveredError
from rescuecmd.picture.alarm import standing
from rescuecmd.picture.commands import AssessLimits, ClearAlarm, MoveTask, RaiseAlarm, RankSuggestions
from rescuecmd.picture.entity import Vessel, Victim
from rescuecmd.picture.events import ReceiptGiven, TaskMoved, VesselStateSet
from rescuecmd.picture.order import Alarm, Candidate, Card, Limit, Priority, Suggestion, Task, TaskKind, TaskState
from rescuecmd.picture.state import Picture
from rescuecmd.plan.limits import assess
from rescuecmd.plan.match import suggest
from rescuecmd.reactions.moment import Moment, Wish, victims_of
from rescuecmd.text import Text

TAKEN: tuple[TaskState, ...] = ("accepted", "under_way", "on_scene")

LOST: tuple[tuple[float, Priority], ...] = ((60.0, "alarm"), (30.0, "warning"))
"""A boat on a task is missed after this long without a position, s (agency default)."""


def finish(moment: Moment) -> Iterator[Wish]:
    """A task is done when nobody waits and the boat has nobody aboard."""
    for task in moment.picture.tasks.values():
        if task.state in {"offered", *TAKEN} and task.victim_ids and _served(moment.picture, task):
            yield task.id, MoveTask(task.id, "done")


def _served(picture: Picture, task: Task) -> bool:
    victims = [picture.victims[victim_id] for victim_id in task.victim_ids if victim_id in picture.victims]
    vessel = picture.vessels.get(task.vessel_id)
    return bool(victims) and all(victim.waiting == 0 for victim in victims) and not (vessel and vessel.aboard)


def limits(moment: Moment) -> Iterator[Wish]:
    """Judge the hard limits of every card that is open or being worked on, and raise an alarm where one is broken."""
    try:
        scene = moment.scene
    except NotCoveredError:  # no limit can be judged; those of tasks that are over are settled all the same
        yield from _settled(moment)
        return
    for card in moment.picture.cards.values():
        task = moment.picture.tasks.get(card.task_id)
        if task is None or task.state not in {"offered", *TAKEN} or card.state in {"declined", "withdrawn", "expired"}:
            continue
        found = assess(moment.situation.plan(card.plan_id), moment.picture, scene, card)
        if found != card.content.limits:
            yield card.id, AssessLimits(card.id, found)
        yield from _limit_alarm(moment, card, task, found)
    yield from _settled(moment)


def _limit_alarm(moment: Moment, card: Card, task: Task, found: Sequence[Limit]) -> Iterator[Wish]:
    """Keep one alarm for each card, with every limit broken twice in a row while somebody still waits."""
    alarm_id = f"limit/{card.id}"
    stands = standing(moment.picture, alarm_id)
    before = {limit.id for limit in card.content.limits if limit.state == "breach"}
    broken = [limit for limit in found if limit.state == "breach" and limit.id in before]
    over = task.state not in TAKEN or (bool(task.victim_ids) and not victims_of(moment.picture, task))
    if not broken or over:
        if stands is not None:
            yield alarm_id, ClearAlarm(alarm_id)
        return
    terminal = moment.picture.terminals.get(card.terminal_id)
    name = terminal.name if terminal else Text(card.terminal_id, card.terminal_id)
    rules = Text("；".join(one.text.zh for one in broken), "; ".join(one.text.en for one in broken))
    text = Text(f"{name.zh}不满足：{rules.zh}", f"{name.en} does not meet: {rules.en}")
    if stands is None or any(limit.text.en not in stands.text.en for limit in broken):
        yield alarm_id, RaiseAlarm(Alarm(alarm_id, "limit", "warning", text, card.id, moment.now_s))
    elif stands.text != text:
        yield alarm_id, RaiseAlarm(replace(stands, text=text))


def _settled(moment: Moment) -> Iterator[Wish]:
    for alarm in moment.picture.alarms.values():
        card = moment.picture.cards.get(alarm.about) if alarm.kind == "limit" else None
        task = moment.picture.tasks.get(card.task_id) if card else None
        if task is not None and task.state not in TAKEN:
            yield alarm.id, ClearAlarm(alarm.id)


def missed(moment: Moment) -> Iterator[Wish]:
    """Raise the alarm for a boat on a task whose position has not come for too long; take it back when it does."""
    for vessel in moment.picture.vessels.values():
        alarm_id = f"boat_lost/{vessel.id}"
        stands = standing(moment.picture, alarm_id)
        found = _lost(moment, vessel)
        if found is None:
            if stands is not None:
                yield alarm_id, ClearAlarm(alarm_id)
            continue
        limit_s, priority = found
        if stands is None or stands.priority != priority:
            zh = f"{vessel.name.zh}已超过 {limit_s:.0f} 秒没有位置"
            text = Text(zh, f"{vessel.name.en}: no position for over {limit_s:.0f} s")
            yield alarm_id, RaiseAlarm(Alarm(alarm_id, "boat_lost", priority, text, vessel.id, moment.now_s))


def _lost(moment: Moment, vessel: Vessel) -> tuple[float, Priority] | None:
    task = moment.picture.tasks.get(vessel.task_id)
    if task is None or task.state not in TAKEN or vessel.fix is None:
        return None
    age_s = moment.now_s - vessel.fix.time_s
    return next(((limit_s, priority) for limit_s, priority in LOST if age_s >= limit_s), None)


def rank_at_news(moment: Moment) -> Iterator[Wish]:
    """Rank the cards anew where people, boats or tasks changed in a way that changes who is needed or free."""
    if any(_changes_need(event.body) for event in moment.events):
        yield from rank(moment)


def _changes_need(body: object) -> bool:
    if isinstance(body, ReceiptGiven):
        return body.receipt == "declined"
    if isinstance(body, TaskMoved):
        return body.state in {"declined", "aborted", "done"}
    return not isinstance(body, VesselStateSet) or body.state == "disabled"


def rank(moment: Moment) -> Iterator[Wish]:
    """Say which cards the picture calls for now, who could take them, and why; nothing is sent."""

    def candidates_of(kind: TaskKind, victims: Sequence[Victim], place_id: str) -> tuple[Candidate, ...]:
        return moment.situation.candidates(moment.picture, victims, place_id, now_s=moment.now_s)

    known = moment.picture.suggestions
    ranked = suggest(moment.picture, moment.situation.plans, moment.scene, candidates_of)
    found = tuple(_kept(known.get(one.id), one) for one in ranked)
    if {one.id: one for one in found} != dict(known):
        yield "cards", RankSuggestions(found)


def _kept(old: Suggestion | None, one: Suggestion) -> Suggestion:
    """Return the suggestion that stands already where a new one says nothing else."""
    return old if old is not None and replace(one, made_s=old.made_s) == old else one
