"""What is already in hand: the open tasks for a job, and the seats that are on the way."""

from collections.abc import Iterable, Mapping, Sequence
from typing import TypeAlias

from rescuecmd.picture.entity import Vessel
from rescuecmd.picture.order import Route, Task
from rescuecmd.picture.state import Picture
from rescuecmd.picture.table import worked_out

Goal: TypeAlias = tuple[str, str]
"""``victim`` or ``place``, and its id."""

OPEN = frozenset({"offered", "accepted", "under_way", "on_scene"})
"""States of a task that somebody still has in hand."""

AGREED = OPEN - {"offered"}
"""... and that its crew has taken on."""


def tasks_for(picture: Picture, victim_ids: Iterable[str], place_id: str = "") -> list[Task]:
    """Return the open tasks for any of these victims, or for the place where no victims are named."""
    goals = _by_goal(picture)
    wanted = [("victim", victim_id) for victim_id in victim_ids] or ([("place", place_id)] if place_id else [])
    found = {n: task for goal in wanted for n, task in goals.get(goal, ())}
    return [found[n] for n in sorted(found)]


def _by_goal(picture: Picture) -> Mapping[Goal, Sequence[tuple[int, Task]]]:
    return worked_out(picture.tasks, _sort_by_goal)


def _sort_by_goal(tasks: Mapping[str, Task]) -> Mapping[Goal, Sequence[tuple[int, Task]]]:
    """Return the open tasks by what they are for, each with its place in the table."""
    found: dict[Goal, list[tuple[int, Task]]] = {}
    for n, task in enumerate(tasks.values()):
        if task.state in OPEN:
            for goal in (("place", task.place_id), *(("victim", victim_id) for victim_id in task.victim_ids)):
                found.setdefault(goal, []).append((n, task))
    return found


def busy(picture: Picture) -> frozenset[str]:
    """Return the terminals that have an open task."""
    return worked_out(picture.tasks, _who_has_one)


def _who_has_one(tasks: Mapping[str, Task]) -> frozenset[str]:
    return frozenset(task.terminal_id for task in tasks.values() if task.state in OPEN)


def route_of(picture: Picture, task_id: str) -> Route | None:
    """Return the newest active route of a task, or None where it has none."""
    return worked_out(picture.routes, _newest_active).get(task_id)


def _newest_active(routes: Mapping[str, Route]) -> Mapping[str, Route]:
    found: dict[str, Route] = {}
    for route in routes.values():
        known = found.get(route.task_id)
        if route.state == "active" and (known is None or route.made_s > known.made_s):
            found[route.task_id] = route
    return found


def free_seats(vessel: Vessel) -> int:
    """Return the seats that are left."""
    return max(0, vessel.craft.seats - vessel.aboard)
