"""Any value of any event, made from the types alone."""

import types
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from functools import cache
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from hypothesis import strategies as st

from rescuecmd.picture.commands import Actor
from rescuecmd.picture.events import BODIES, Event

_PLAIN: dict[Any, st.SearchStrategy[Any]] = {
    str: st.text(max_size=12),
    int: st.integers(-(2**63), 2**63 - 1),
    float: st.floats(allow_nan=False),
    bool: st.booleans(),
    type(None): st.none(),
}


@cache
def any_of(kind: Any) -> st.SearchStrategy[Any]:
    """Return a strategy for values of a type as the entities use them."""
    if kind in _PLAIN:
        return _PLAIN[kind]
    origin, arguments = get_origin(kind), get_args(kind)
    if origin is Literal:
        return st.sampled_from(arguments)
    if origin in {Union, types.UnionType}:
        return st.one_of(*(any_of(argument) for argument in arguments))
    if origin is tuple and arguments[-1] is Ellipsis:
        return st.lists(any_of(arguments[0]), max_size=2).map(tuple)
    if origin is tuple:
        return st.tuples(*(any_of(argument) for argument in arguments))
    if origin is Mapping:
        return st.dictionaries(any_of(arguments[0]), any_of(arguments[1]), max_size=2)
    assert is_dataclass(kind), kind
    assert isinstance(kind, type)
    hints = get_type_hints(kind)
    return st.builds(kind, **{item.name: any_of(hints[item.name]) for item in fields(kind)})


def _body(kind: str) -> st.SearchStrategy[Any]:
    body: Any = BODIES[kind]
    return any_of(body)


def any_event(kind: str) -> st.SearchStrategy[Event]:
    """Return a strategy for events with a body of this kind."""
    return st.builds(
        Event,
        seq=st.integers(1, 2**40),
        op_id=st.text(min_size=1, max_size=20),
        actor=st.builds(Actor, st.text(max_size=8), st.text(max_size=8)),
        cause=st.text(max_size=8),
        time_s=st.floats(allow_nan=False),
        server_time_s=st.floats(allow_nan=False),
        device_time_s=st.none() | st.floats(allow_nan=False),
        body=_body(kind),
    )
