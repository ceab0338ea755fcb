"""What is personal in an event, and the event without it.

Taken out: free text of every kind (names of victims, notes, messages, what cards said, why), and where victims were:
their positions keep two decimals of a degree (about 1 km). Kept: what was done, when, by which unit, how many people,
how it ended, the boats' own tracks, the water. A kind of value that this module does not know is treated as personal.
"""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from typing import Any

from rescuecmd.picture import events as e
from rescuecmd.picture.entity import Camera, Fix, Group, Hazard, Operation, Terminal, Vessel, Zone
from rescuecmd.picture.events import Event
from rescuecmd.picture.order import Limit, Push, Waypoint
from rescuecmd.picture.water import Gauge, Outlook, Reading
from rescuecmd.text import Text

REMOVED = Text("（已删除）", "(removed)")
COARSE_DECIMALS = 2  # of a degree
COARSE_M = 1000.0
_KEPT: tuple[type[Any], ...] = (
    Camera, Gauge, Group, Hazard, Limit, Operation, Outlook, Push, Reading, Terminal, Vessel, Waypoint, Zone,
    e.PositionsReported, e.RecordRedacted, e.SosRaised,
)  # fmt: skip
_FREE_TEXT = frozenset({"name", "text", "note", "why", "detail", "label", "phone", "contact", "comment", "said"})


def redact(event: Event) -> Event:
    """Return the event without what is personal; the same one where nothing is."""
    body = _clean(event.body)
    return event if body is event.body else replace(event, body=body)


def _clean(value: Any) -> Any:
    if isinstance(value, _KEPT):
        return value
    if isinstance(value, Text):
        return REMOVED if value.zh or value.en else value
    if isinstance(value, Fix):
        return _coarse(value)
    if is_dataclass(value) and not isinstance(value, type):
        return _clean_fields(value)
    if isinstance(value, tuple):
        cleaned = tuple(_clean(item) for item in value)
        return value if all(a is b for a, b in zip(cleaned, value, strict=True)) else cleaned
    if isinstance(value, Mapping):
        made = {key: _clean(item) for key, item in value.items()}
        return value if all(made[key] is item for key, item in value.items()) else made
    return value


def _clean_fields(value: Any) -> Any:
    fresh = {}
    for item in fields(value):
        old = getattr(value, item.name)
        new = _clean_field(item.name, old)
        if new is not old and new != old:
            fresh[item.name] = new
    return replace(value, **fresh) if fresh else value


def _clean_field(name: str, value: Any) -> Any:
    if isinstance(value, str) and value and name in _FREE_TEXT:
        return REMOVED.en
    if isinstance(value, float) and name.endswith(("lon_deg", "lat_deg")):
        return round(value, COARSE_DECIMALS)
    return _clean(value)


def _coarse(fix: Fix) -> Fix:
    return replace(
        fix,
        lon_deg=round(fix.lon_deg, COARSE_DECIMALS),
        lat_deg=round(fix.lat_deg, COARSE_DECIMALS),
        accuracy_m=max(fix.accuracy_m, COARSE_M),
    )
