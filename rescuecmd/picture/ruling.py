"""Where the rules of decide and fold meet: each subject registers its own, and shares these few words.

`decide_rule` and `fold_rule` choose by the type of the command or of the event's body. A module that holds rules is
imported by `decide` or `fold`, which makes them known.
"""

from functools import singledispatch
from typing import Any, TypeAlias

from rescuecmd.errors import InputError, RefusedError
from rescuecmd.picture import commands as c
from rescuecmd.picture import events as e
from rescuecmd.picture.state import Picture

Bodies: TypeAlias = tuple[e.Body, ...]


@singledispatch
def decide_rule(command: Any, picture: Picture, actor: c.Actor, now_s: float) -> Bodies:
    """Return what a command leads to."""
    raise InputError("unknown-command", f"expected a command, got {type(command).__name__}")


@singledispatch
def fold_rule(body: Any, picture: Picture, event: e.Event) -> Picture:
    """Return the picture after an event; one that changes nothing visible leaves it as it is."""
    return picture


def fresh(collection: str, entity_id: str, picture: Picture) -> None:
    """Refuse an id that is taken."""
    if entity_id in getattr(picture, collection):
        name = collection.removesuffix("s")
        raise RefusedError("exists", f"{name} {entity_id!r} exists already", id=entity_id)


def needs(picture: Picture, collection: str, *ids: str) -> None:
    """Refuse ids that nothing has."""
    for entity_id in ids:
        picture.find(collection, entity_id)


def records(command: type[Any], event: type[Any], field: str, collection: str, *, new: bool = False) -> None:
    """Register both rules of a command whose one entity is recorded and kept as it is; `new`: its id must be free."""
    asks(command, event, field, collection, new=new)
    keeps(event, field, collection)


def asks(command: type[Any], event: type[Any], field: str, collection: str, *, new: bool = False) -> None:
    """Register the rule of a command whose one entity is recorded as it is."""

    def decided(asked: Any, picture: Picture, actor: c.Actor, now_s: float) -> Bodies:
        entity = getattr(asked, field)
        if not entity.id:
            raise InputError("no-id", f"{command.__name__} needs an id")
        if new:
            fresh(collection, entity.id, picture)
        elif getattr(picture, collection).get(entity.id) == entity:
            return ()
        return (event(entity),)

    decide_rule.register(command, decided)


def keeps(event: type[Any], field: str, collection: str) -> None:
    """Register the fold of an event that puts its one entity."""
    fold_rule.register(event, lambda body, picture, _: picture.put(collection, getattr(body, field)))


def names(command: type[Any], event: type[Any], field: str, collection: str) -> None:
    """Register the rule of a command that names one entity and says no more."""

    def decided(asked: Any, picture: Picture, actor: c.Actor, now_s: float) -> Bodies:
        entity_id = getattr(asked, field)
        needs(picture, collection, entity_id)
        return (event(entity_id),)

    decide_rule.register(command, decided)
