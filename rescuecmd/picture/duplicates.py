"""Which reports may be about the same people, and which tasks are the same work. Nothing is merged here."""

import math
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice, product

from rescuecmd.geo import EARTH_RADIUS_M, distance_m
from rescuecmd.picture.assigned import OPEN
from rescuecmd.picture.entity import Victim
from rescuecmd.picture.order import Task
from rescuecmd.picture.register import Proposal
from rescuecmd.picture.state import Picture
from rescuecmd.picture.table import worked_out
from rescuecmd.text import Text

NEAR_M = 150.0
"""Callers place themselves this badly: a street away, or the wrong bank's landmark, m."""

_HIGH_DEG = math.degrees(NEAR_M / EARTH_RADIUS_M)

DRIFT_MPS = 2.5
DRIFT_MOST_M = 800.0
"""A person in the water is carried on between two reports: at most this fast and, for a proposal, this far."""

WITHIN_S = 1800.0
"""Reports further apart in time than this are not about the same moment, s."""


def proposals(picture: Picture, now_s: float) -> Iterator[Proposal]:
    """Yield what should be put before the commander and has not been yet."""
    yield from same_people(picture, now_s)
    for mine in worked_out(picture.tasks, _by_unit).values():
        yield from _same_work(picture, _same_goals(mine), now_s)


def same_people(picture: Picture, now_s: float) -> Iterator[Proposal]:
    """Yield the reports that may be about the same people, of which nobody was told yet."""
    return (found for found in _victims(picture, now_s) if found.id not in picture.proposals)


def same_work(picture: Picture, fresh: Iterable[Task], now_s: float) -> Iterator[Proposal]:
    """Yield which of these tasks are work that their units have already, of which nobody was told yet."""
    units = worked_out(picture.tasks, _by_unit)
    for task in fresh:
        mine = units.get((task.terminal_id, task.kind), ())
        first = next((one for one in mine if one.id == task.id or _same_goal(one, task)), task)
        now = picture.tasks.get(task.id)
        if first.id != task.id and now is not None and now.state in OPEN:
            yield from _same_work(picture, [(first, task)], now_s)


def _victims(picture: Picture, now_s: float) -> Iterator[Proposal]:
    for first, second, apart_m in worked_out(picture.victims, _alike):
        minutes = abs(second.reported_s - first.reported_s) / 60
        why = Text(
            f"{first.name.zh}与{second.name.zh}：同类，相距 {apart_m:.0f} m，相隔 {minutes:.0f} 分钟",
            f"{first.name.en} and {second.name.en}: same kind, {apart_m:.0f} m and {minutes:.0f} min apart",
        )
        yield Proposal(f"same/{first.id}/{second.id}", "victims", (first.id, second.id), why, now_s)


def _alike(victims: Mapping[str, Victim]) -> Sequence[tuple[Victim, Victim, float]]:
    """Return the reports that may be about the same people, in twos, and how far apart they are, m."""
    known = [one for one in victims.values() if not one.merged_into and one.closing is None and not one.closed]
    known.sort(key=lambda one: (one.reported_s, one.id))
    reported = [one.reported_s for one in known]
    found = []
    for number, first in enumerate(known):
        for second in known[number + 1 : bisect_right(reported, first.reported_s + WITHIN_S)]:
            apart_m = _alike_m(first, second)
            if apart_m is not None:
                found.append((first, second, apart_m))
    return found


def _alike_m(first: Victim, second: Victim) -> float | None:
    """Return how far apart two reports of about one time are if they may be about the same people, else None."""
    if first.kind != second.kind or first.kind == "crowd":
        return None
    carried_m = min(DRIFT_MOST_M, DRIFT_MPS * abs(first.fix.time_s - second.fix.time_s))
    reach_m = NEAR_M + (carried_m if first.kind == "in_water" else 0.0)
    if abs(first.fix.lat_deg - second.fix.lat_deg) > math.degrees(reach_m / EARTH_RADIUS_M):
        return None
    apart_m = distance_m(first.fix.lon_deg, first.fix.lat_deg, second.fix.lon_deg, second.fix.lat_deg)
    return apart_m if apart_m <= reach_m else None


def _by_unit(tasks: Mapping[str, Task]) -> Mapping[tuple[str, str], Sequence[Task]]:
    """Return the open tasks by terminal and kind, in the order in which they were given."""
    found: dict[tuple[str, str], list[Task]] = {}
    for task in tasks.values():
        if task.state in OPEN:
            found.setdefault((task.terminal_id, task.kind), []).append(task)
    return found


def _same_work(picture: Picture, pairs: Iterable[tuple[Task, Task]], now_s: float) -> Iterator[Proposal]:
    for first, second in pairs:
        proposal_id = f"same/{first.id}/{second.id}"
        if proposal_id not in picture.proposals:
            terminal = picture.terminals.get(second.terminal_id)
            name = terminal.name if terminal else Text(second.terminal_id, second.terminal_id)
            why = Text(f"{name.zh}有两项相同任务", f"{name.en} has the same task twice")
            yield Proposal(proposal_id, "tasks", (first.id, second.id), why, now_s)


def _same_goal(first: Task, second: Task) -> bool:
    if not set(first.victim_ids).isdisjoint(second.victim_ids):
        return True
    return abs(first.goal_lat_deg - second.goal_lat_deg) <= _HIGH_DEG and _apart_m(first, second) <= NEAR_M


def _same_goals(tasks: Sequence[Task]) -> Iterator[tuple[Task, Task]]:
    """Yield the tasks that have the victims or the goal of an earlier one, each after the first of those.

    Goals are looked for in their own and the eight cells around of a grid as wide as goals may be apart: to compare all
    with all takes a second where a unit has a hundred tasks.
    """
    grid = _Grid(max((abs(task.goal_lat_deg) for task in tasks), default=0.0))
    by_victim: dict[str, int] = {}
    for n, task in enumerate(tasks):
        same = [by_victim[one] for one in task.victim_ids if one in by_victim]
        same += grid.near(task, tasks)
        if same:
            yield tasks[min(same)], task
        for victim_id in task.victim_ids:
            by_victim.setdefault(victim_id, n)
        grid.add(task, n)


class _Grid:
    """Goals in cells that are `NEAR_M` high and, at the latitude farthest from the equator, as wide."""

    def __init__(self, lat_deg: float) -> None:
        self._wide_deg = _HIGH_DEG / math.cos(math.radians(lat_deg))
        self._cells: dict[tuple[int, int], list[int]] = {}

    def add(self, task: Task, n: int) -> None:
        self._cells.setdefault(self._cell(task), []).append(n)

    def near(self, task: Task, tasks: Sequence[Task]) -> Iterator[int]:
        """Yield the first of each cell that is near a task's goal."""
        row, column = self._cell(task)
        for cell in product((row - 1, row, row + 1), (column - 1, column, column + 1)):
            here = (n for n in self._cells.get(cell, ()) if _apart_m(tasks[n], task) <= NEAR_M)
            yield from islice(here, 1)

    def _cell(self, task: Task) -> tuple[int, int]:
        return math.floor(task.goal_lat_deg / _HIGH_DEG), math.floor(task.goal_lon_deg / self._wide_deg)


def _apart_m(first: Task, second: Task) -> float:
    return distance_m(first.goal_lon_deg, first.goal_lat_deg, second.goal_lon_deg, second.goal_lat_deg)
