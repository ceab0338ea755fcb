"""Where the rules of the story meet: each subject registers what is said of its events, and shares these few words.

`told_rule` chooses by the type of the event's body. A module that holds rules is imported by `story`, which makes them
known.
"""

from functools import singledispatch
from typing import Any, Literal, TypeAlias

from rescuecmd.picture.state import Picture
from rescuecmd.text import Text

StoryKind: TypeAlias = Literal[
    "operation", "water", "victim", "order", "answer", "route", "alarm", "sos", "hazard", "note", "unit"
]
Told: TypeAlias = tuple[StoryKind, Text] | None

STEPS = {
    "accepted": ("已受领", "taken"),
    "under_way": ("已出发", "under way"),
    "on_scene": ("到达现场", "on scene"),
    "done": ("完成", "done"),
    "aborted": ("中止", "aborted"),
}
"""The steps of a task and of a support, as they are said of whoever takes them."""


@singledispatch
def told_rule(body: Any, picture: Picture) -> Told:
    """Return what is said of an event, from the picture after it; None where it is not worth a line."""
    return None


def name_of(picture: Picture, collection: str, entity_id: str) -> Text:
    """Return the name of an entity, or its id where it has none or is gone."""
    entity = getattr(picture, collection).get(entity_id)
    return entity.name if entity is not None and entity.name else Text(entity_id, entity_id)
