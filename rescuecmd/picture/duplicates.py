"""Which reports may be about the same people, and which tasks are the same work. Nothing is merged here."""

from collections.abc import Iterator
from itertools import combinations

from rescuecmd.geo import distance_m
from rescuecmd.picture.assigned import OPEN
from rescuecmd.picture.entity import Victim
from rescuecmd.picture.order import Task
from rescuecmd.picture.register import Proposal
from rescuecmd.picture.state import Picture
from rescuecmd.text import Text

NEAR_M = 150.0
"""Callers place themselves this badly: a street away, or the wrong bank's landmark, m."""

DRIFT_MPS = 2.5
DRIFT_MOST_M = 800.0
"""A person in the water is carried on between two reports: at most this fast and, for a proposal, this far."""

WITHIN_S = 1800.0
"""Reports further apart in time than this are not about the same moment, s."""


def proposals(picture: Picture, now_s: float) -> Iterator[Proposal]:
    """Yield what should be put before the commander and has not been yet."""
    for proposal in (*_victims(picture, now_s), *_tasks(picture, now_s)):
        if proposal.id not in picture.proposals:
            yield proposal


def _victims(picture: Picture, now_s: float) -> Iterator[Proposal]:
    known = [one for one in picture.victims.values() if not one.merged_into and one.closing is None and not one.closed]
    for first, second in combinations(sorted(known, key=lambda one: (one.reported_s, one.id)), 2):
        apart_m = _alike_m(first, second)
        if apart_m is None:
            continue
        minutes = abs(second.reported_s - first.reported_s) / 60
        why = Text(
            f"{first.name.zh}与{second.name.zh}：同类，相距 {apart_m:.0f} m，相隔 {minutes:.0f} 分钟",
            f"{first.name.en} and {second.name.en}: same kind, {apart_m:.0f} m and {minutes:.0f} min apart",
        )
        yield Proposal(f"same/{first.id}/{second.id}", "victims", (first.id, second.id), why, now_s)


def _alike_m(first: Victim, second: Victim) -> float | None:
    """Return how far apart two reports are if they may be about the same people, else None."""
    if first.kind != second.kind or first.kind == "crowd" or abs(first.reported_s - second.reported_s) > WITHIN_S:
        return None
    carried_m = min(DRIFT_MOST_M, DRIFT_MPS * abs(first.fix.time_s - second.fix.time_s))
    reach_m = NEAR_M + (carried_m if first.kind == "in_water" else 0.0)
    apart_m = distance_m(first.fix.lon_deg, first.fix.lat_deg, second.fix.lon_deg, second.fix.lat_deg)
    return apart_m if apart_m <= reach_m else None


def _tasks(picture: Picture, now_s: float) -> Iterator[Proposal]:
    """Yield the pairs of open tasks that send one unit to the same people or place twice."""
    mine: dict[str, list[Task]] = {}
    for task in picture.tasks.values():
        if task.state in OPEN:
            mine.setdefault(task.terminal_id, []).append(task)
    for terminal_id, tasks in mine.items():
        for first, second in combinations(sorted(tasks, key=lambda one: (one.changed_s, one.id)), 2):
            if first.kind != second.kind or not _same_goal(first, second):
                continue
            terminal = picture.terminals.get(terminal_id)
            name = terminal.name if terminal else Text(terminal_id, terminal_id)
            why = Text(f"{name.zh}有两项相同任务", f"{name.en} has the same task twice")
            yield Proposal(f"same/{first.id}/{second.id}", "tasks", (first.id, second.id), why, now_s)


def _same_goal(first: Task, second: Task) -> bool:
    if set(first.victim_ids) & set(second.victim_ids):
        return True
    return distance_m(first.goal_lon_deg, first.goal_lat_deg, second.goal_lon_deg, second.goal_lat_deg) <= NEAR_M
