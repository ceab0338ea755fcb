"""What is already in hand: the open tasks for a job, and the seats that are on the way."""

from collections.abc import Iterable

from rescuecmd.picture.entity import Vessel
from rescuecmd.picture.order import Task
from rescuecmd.picture.state import Picture

OPEN = frozenset({"offered", "accepted", "under_way", "on_scene"})
"""States of a task that somebody still has in hand."""

AGREED = OPEN - {"offered"}
"""... and that its crew has taken on."""


def tasks_for(picture: Picture, victim_ids: Iterable[str], place_id: str = "") -> list[Task]:
    """Return the open tasks for any of these victims, or for the place where no victims are named."""
    wanted = set(victim_ids)
    return [
        task
        for task in picture.tasks.values()
        if task.state in OPEN
        and (bool(wanted & set(task.victim_ids)) if wanted else bool(place_id) and task.place_id == place_id)
    ]


def free_seats(vessel: Vessel) -> int:
    """Return the seats that are left."""
    return max(0, vessel.craft.seats - vessel.aboard)
