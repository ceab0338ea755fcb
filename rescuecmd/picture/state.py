"""The picture: every entity by id, and for each the sequence number at which it last changed.

The change marks are what makes resuming cheap: what a client at sequence n has missed is whatever changed after n.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from types import MappingProxyType
from typing import Any, TypeVar

from rescuecmd.errors import unknown
from rescuecmd.picture.entity import Camera, Group, Hazard, Operation, Terminal, Vessel, Victim, Zone
from rescuecmd.picture.order import Alarm, Card, Note, Offer, Push, Route, Sos, Suggestion, Task
from rescuecmd.picture.water import Gauge, Outlook

_EMPTY: Mapping[Any, Any] = MappingProxyType({})
E = TypeVar("E")


@dataclass(frozen=True, slots=True)
class Picture:
    """All that is known in an operation at sequence ``seq``; immutable, shared freely between tasks.

    ``changed`` maps (collection, id) to the sequence of the last change; for an id that is no longer in its
    collection it is the sequence of its removal.
    """

    seq: int = 0
    time_s: float = 0.0
    operation: Operation | None = None
    vessels: Mapping[str, Vessel] = _EMPTY
    victims: Mapping[str, Victim] = _EMPTY
    hazards: Mapping[str, Hazard] = _EMPTY
    zones: Mapping[str, Zone] = _EMPTY
    cameras: Mapping[str, Camera] = _EMPTY
    terminals: Mapping[str, Terminal] = _EMPTY
    groups: Mapping[str, Group] = _EMPTY
    gauges: Mapping[str, Gauge] = _EMPTY
    outlooks: Mapping[str, Outlook] = _EMPTY
    pushes: Mapping[str, Push] = _EMPTY
    cards: Mapping[str, Card] = _EMPTY
    tasks: Mapping[str, Task] = _EMPTY
    routes: Mapping[str, Route] = _EMPTY
    suggestions: Mapping[str, Suggestion] = _EMPTY
    offers: Mapping[str, Offer] = _EMPTY
    alarms: Mapping[str, Alarm] = _EMPTY
    soses: Mapping[str, Sos] = _EMPTY
    notes: Mapping[str, Note] = _EMPTY
    operation_changed: int = 0
    changed: Mapping[tuple[str, str], int] = _EMPTY

    def find(self, collection: str, entity_id: str) -> Any:
        """Return an entity.

        Raises
        ------
        NotFoundError
            There is none of that id; the message carries the nearest one.
        """
        table: Mapping[str, Any] = getattr(self, collection)
        try:
            return table[entity_id]
        except KeyError:
            raise unknown(collection.removesuffix("s"), entity_id, table) from None

    def put(self, collection: str, *entities: Any) -> "Picture":
        """Return the picture with these entities added or replaced, marked as changed at the present sequence."""
        table = dict(getattr(self, collection))
        changed = dict(self.changed)
        for entity in entities:
            table[entity.id] = entity
            changed[collection, entity.id] = self.seq
        fresh: dict[str, Any] = {collection: table, "changed": changed}
        return replace(self, **fresh)

    def drop(self, collection: str, *ids: str) -> "Picture":
        """Return the picture without these entities; their removal is marked (a tombstone)."""
        table, changed = dict(getattr(self, collection)), dict(self.changed)
        for entity_id in ids:
            if table.pop(entity_id, None) is not None:
                changed[collection, entity_id] = self.seq
        fresh: dict[str, Any] = {collection: table, "changed": changed}
        return replace(self, **fresh)


COLLECTIONS: tuple[str, ...] = tuple(
    item.name
    for item in fields(Picture)
    if item.name not in {"seq", "time_s", "operation", "operation_changed", "changed"}
)
