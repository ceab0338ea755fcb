"""The picture: every entity by id, and for each the sequence number at which it last changed.

The change marks are what makes resuming cheap: what a client at sequence n has missed is whatever changed after n.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from operator import attrgetter
from typing import Any, TypeVar

from rescuecmd.errors import unknown
from rescuecmd.picture.approval import Approval, Share
from rescuecmd.picture.entity import Camera, Group, Hazard, Operation, Terminal, Vessel, Victim, Zone
from rescuecmd.picture.order import Alarm, Card, Copy, Note, Offer, Push, Route, Sos, Suggestion, Task
from rescuecmd.picture.register import HeadCount, LocateLink, Proposal, Support
from rescuecmd.picture.table import Marks, Table
from rescuecmd.picture.water import Gauge, Outlook

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
    vessels: Mapping[str, Vessel] = field(default_factory=dict)
    victims: Mapping[str, Victim] = field(default_factory=dict)
    hazards: Mapping[str, Hazard] = field(default_factory=dict)
    zones: Mapping[str, Zone] = field(default_factory=dict)
    cameras: Mapping[str, Camera] = field(default_factory=dict)
    terminals: Mapping[str, Terminal] = field(default_factory=dict)
    groups: Mapping[str, Group] = field(default_factory=dict)
    gauges: Mapping[str, Gauge] = field(default_factory=dict)
    outlooks: Mapping[str, Outlook] = field(default_factory=dict)
    pushes: Mapping[str, Push] = field(default_factory=dict)
    cards: Mapping[str, Card] = field(default_factory=dict)
    tasks: Mapping[str, Task] = field(default_factory=dict)
    routes: Mapping[str, Route] = field(default_factory=dict)
    suggestions: Mapping[str, Suggestion] = field(default_factory=dict)
    offers: Mapping[str, Offer] = field(default_factory=dict)
    alarms: Mapping[str, Alarm] = field(default_factory=dict)
    soses: Mapping[str, Sos] = field(default_factory=dict)
    notes: Mapping[str, Note] = field(default_factory=dict)
    copies: Mapping[str, Copy] = field(default_factory=dict)
    approvals: Mapping[str, Approval] = field(default_factory=dict)
    shares: Mapping[str, Share] = field(default_factory=dict)
    head_counts: Mapping[str, HeadCount] = field(default_factory=dict)
    proposals: Mapping[str, Proposal] = field(default_factory=dict)
    links: Mapping[str, LocateLink] = field(default_factory=dict)
    supports: Mapping[str, Support] = field(default_factory=dict)
    operation_changed: int = 0
    changed: Mapping[tuple[str, str], int] = field(default_factory=dict)

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
        table = Table.of(getattr(self, collection)).put({entity.id: entity for entity in entities})
        return self._marked(collection, table, [entity.id for entity in entities])

    def edit(self, collection: str, entity_id: str, **change: Any) -> "Picture":
        """Return the picture with some fields of an entity changed; as it is where there is no such entity."""
        entity = getattr(self, collection).get(entity_id)
        return self if entity is None else self.put(collection, replace(entity, **change))

    def drop(self, collection: str, *ids: str) -> "Picture":
        """Return the picture without these entities; their removal is marked (a tombstone)."""
        table = Table.of(getattr(self, collection))
        found = [entity_id for entity_id in ids if entity_id in table]
        return self._marked(collection, table.drop(found), found)

    def at(self, seq: int, time_s: float) -> "Picture":
        """Return the picture at another sequence number and time."""
        return self._with(seq=seq, time_s=time_s)

    def _marked(self, collection: str, table: Table[Any], ids: list[str]) -> "Picture":
        changed = Marks.of(self.changed).mark([(collection, entity_id) for entity_id in ids], self.seq)
        return self._with(**{collection: table, "changed": changed})

    def _with(self, **fresh: Any) -> "Picture":
        """Return a copy with some fields changed; every event makes two, so at half the price of `replace`."""
        made = object.__new__(Picture)
        for name, value in zip(_NAMES, _values(self), strict=True):
            object.__setattr__(made, name, value)
        for name, value in fresh.items():
            object.__setattr__(made, name, value)
        return made


_NAMES = tuple(item.name for item in fields(Picture))
_values = attrgetter(*_NAMES)
COLLECTIONS: tuple[str, ...] = tuple(
    name for name in _NAMES if name not in {"seq", "time_s", "operation", "operation_changed", "changed"}
)
