"""What a screen gets: the whole picture once, then what changed after the sequence it has.

A view says which entities its viewer may see. Several events between two frames of one entity become one: the
latest wins, which is right for positions and harmless for orders because an order's entity holds its whole life.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from rescuecmd.picture.entity import Operation
from rescuecmd.picture.state import COLLECTIONS, Picture
from rescuecmd.picture.table import Marks

View = Callable[[str, Any], bool]  # (collection, entity) -> may the viewer see it
Told = Callable[[str, Any], Any]  # (collection, entity) -> what the viewer is told of it

COMMAND_ONLY = frozenset({
    "suggestions", "offers", "alarms", "approvals", "shares", "proposals", "links", "head_counts",
})  # fmt: skip

_ALARM_FOR_ALL = "level_outside/"  # ids of the alarm that says for what level there is no route and no depth

# What a terminal sees of these is its own alone; every other collection looks the same to all terminals.
_OWN: Mapping[str, Callable[[Any, str, str], bool]] = {
    "cards": lambda card, terminal_id, _: card.terminal_id == terminal_id,
    "copies": lambda copy, terminal_id, _: copy.terminal_id == terminal_id,
    "tasks": lambda task, terminal_id, _: task.terminal_id == terminal_id,
    "pushes": lambda push, terminal_id, _: terminal_id in push.terminal_ids,
    "routes": lambda route, _, vessel_id: route.vessel_id == vessel_id,
    "notes": lambda note, terminal_id, vessel_id: terminal_id in note.to or (bool(vessel_id) and vessel_id in note.to),
}
PRIVATE = frozenset(_OWN)


def is_for_all(collection: str, entity_id: str) -> bool:
    """Return whether something of the command's is shown to everybody: what the water cannot be known for."""
    return collection == "alarms" and entity_id.startswith(_ALARM_FOR_ALL)


def everything(collection: str, entity: Any) -> bool:
    """Return True: the view of the command wall."""
    return True


def terminal_view(terminal_id: str, vessel_id: str) -> View:
    """Return the view of one terminal: what is shared, and of orders only its own."""

    def sees(collection: str, entity: Any) -> bool:
        if collection in COMMAND_ONLY:
            return collection == "alarms" and is_for_all(collection, entity.id)
        rule = _OWN.get(collection)
        return rule is None or rule(entity, terminal_id, vessel_id)

    return sees


class Change(NamedTuple):
    """One entity that changed, as it stands now; None where it is gone."""

    collection: str
    id: str
    seq: int
    entity: Any


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


def in_full(collection: str, entity: Any) -> Any:
    """Return the entity as it is: what the command is told."""
    return entity


def snapshot(picture: Picture, view: View = everything, told: Told = in_full) -> dict[str, dict[str, Any]]:
    """Return every entity the viewer may see, by collection and id, and of each what the viewer is `told`."""
    return {
        name: {key: told(name, entity) for key, entity in getattr(picture, name).items() if view(name, entity)}
        for name in COLLECTIONS
    }


def changes(picture: Picture, after: int) -> list[Change]:
    """Return every entity that changed after a sequence number, each once, however often it did."""
    return [
        Change(name, key, seq, getattr(picture, name).get(key))
        for (name, key), seq in Marks.of(picture.changed).after(after)
    ]


def since(picture: Picture, after: int, view: View = everything) -> Delta:
    """Return what the viewer at sequence `after` has missed."""
    put: dict[str, dict[str, Any]] = {}
    drop: dict[str, list[str]] = {}
    for name, key, _, entity in changes(picture, after):
        if entity is None:
            drop.setdefault(name, []).append(key)
        elif view(name, entity):
            put.setdefault(name, {})[key] = entity
    operation = picture.operation if picture.operation_changed > after else None
    return Delta(after, picture.seq, operation, put, {name: tuple(ids) for name, ids in drop.items()})
