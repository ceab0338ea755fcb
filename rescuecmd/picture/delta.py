"""What a screen gets: the whole picture once, then what changed after the sequence it has.

A view says which entities its viewer may see. Several events between two frames of one entity become one: the
latest wins, which is right for positions and harmless for orders because an order's entity holds its whole life.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from rescuecmd.picture.entity import Operation
from rescuecmd.picture.state import COLLECTIONS, Picture

View = Callable[[str, Any], bool]  # (collection, entity) -> may the viewer see it

_COMMAND_ONLY = {"suggestions", "offers", "alarms"}


def everything(collection: str, entity: Any) -> bool:
    """Return True: the view of the command wall."""
    return True


def terminal_view(terminal_id: str, vessel_id: str) -> View:
    """Return the view of one terminal: what is shared, and of orders only its own."""
    own: Mapping[str, Callable[[Any], bool]] = {
        "cards": lambda card: card.terminal_id == terminal_id,
        "tasks": lambda task: task.terminal_id == terminal_id,
        "pushes": lambda push: terminal_id in push.terminal_ids,
        "routes": lambda route: route.vessel_id == vessel_id,
        "notes": lambda note: terminal_id in note.to or (bool(vessel_id) and vessel_id in note.to),
    }

    def sees(collection: str, entity: Any) -> bool:
        if collection in _COMMAND_ONLY:
            return False
        rule = own.get(collection)
        return rule is None or rule(entity)

    return sees


@dataclass(frozen=True, slots=True)
class Delta:
    """What changed after `after` up to `seq`: entities to put, ids to drop, the operation if it changed."""

    after: int
    seq: int
    operation: Operation | None
    put: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    drop: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def empty(self) -> bool:
        """True when nothing of it concerns the viewer."""
        return self.operation is None and not self.put and not self.drop


def snapshot(picture: Picture, view: View = everything) -> dict[str, dict[str, Any]]:
    """Return every entity the viewer may see, by collection and id."""
    return {
        name: {key: entity for key, entity in getattr(picture, name).items() if view(name, entity)}
        for name in COLLECTIONS
    }


def since(picture: Picture, after: int, view: View = everything) -> Delta:
    """Return what the viewer at sequence `after` has missed."""
    put: dict[str, dict[str, Any]] = {}
    drop: dict[str, list[str]] = {}
    for (name, key), changed in picture.changed.items():
        if changed <= after:
            continue
        entity = getattr(picture, name).get(key)
        if entity is None:
            drop.setdefault(name, []).append(key)
        elif view(name, entity):
            put.setdefault(name, {})[key] = entity
    operation = picture.operation if picture.operation_changed > after else None
    return Delta(after, picture.seq, operation, put, {name: tuple(ids) for name, ids in drop.items()})
