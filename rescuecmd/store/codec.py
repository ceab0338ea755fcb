"""Events and pictures to bytes and back (msgpack, because it keeps infinities and is shorter than JSON).

An event is an array of its envelope, the name of its body and the body. Fields that a newer program added are
ignored by an older one and take their default in the other direction, so that logs outlive releases.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from functools import cache
from typing import Any, get_args, get_type_hints

import msgspec

from rescuecmd import __version__
from rescuecmd.errors import InputError, nearest
from rescuecmd.picture.commands import Actor
from rescuecmd.picture.events import BODIES, Body, Event
from rescuecmd.picture.state import Picture


class _Packed(msgspec.Struct, array_like=True):
    seq: int
    op_id: str
    actor_id: str
    actor_name: str
    cause: str
    time_s: float
    server_time_s: float
    device_time_s: float | None
    kind: str
    body: msgspec.Raw


def _plain(value: object) -> object:
    if isinstance(value, Mapping):  # the tables of a picture
        return dict(value.items())
    raise NotImplementedError(f"no encoding for {type(value).__name__}")


_encoder = msgspec.msgpack.Encoder(enc_hook=_plain)
_packed = msgspec.msgpack.Decoder(_Packed)
_BAD_VALUE = (OverflowError, UnicodeError, TypeError, ValueError, NotImplementedError, RecursionError)
_BAD_BYTES = (msgspec.MsgspecError, UnicodeError, ValueError, TypeError, RecursionError)


def encode_event(event: Event) -> bytes:
    """Return the event as bytes.

    Raises
    ------
    InputError
        A value has no encoding: a whole number beyond 64 bits, half of a surrogate pair.
    """
    try:
        return _encoder.encode(
            _Packed(
                event.seq,
                event.op_id,
                event.actor.id,
                event.actor.name,
                event.cause,
                event.time_s,
                event.server_time_s,
                event.device_time_s,
                type(event.body).__name__,
                msgspec.Raw(_encoder.encode(event.body)),
            )
        )
    except _BAD_VALUE as error:
        raise InputError(
            "event-value", f"{type(event.body).__name__} holds a value with no encoding: {error}"
        ) from error


def decode_event(data: bytes) -> Event:
    """Return the event of these bytes.

    Raises
    ------
    InputError
        The bytes are not an event of this program.
    """
    try:
        packed = _packed.decode(data)
        body = _body_decoder(packed.kind).decode(packed.body)
    except _BAD_BYTES as error:
        raise InputError("event-bytes", f"these {len(data)} bytes are not an event: {error}") from error
    actor = Actor(packed.actor_id, packed.actor_name)
    return Event(
        packed.seq, packed.op_id, actor, packed.cause, packed.time_s, packed.server_time_s, packed.device_time_s, body
    )


@cache
def _body_decoder(kind: str) -> "msgspec.msgpack.Decoder[Body]":
    try:
        return msgspec.msgpack.Decoder(BODIES[kind])
    except KeyError:
        raise InputError("event-kind", f"no event {kind!r}{nearest(kind, BODIES)}", kind=kind) from None


def encode_picture(picture: Picture) -> bytes:
    """Return a picture as bytes, for a snapshot."""
    return _encoder.encode(picture)


def decode_picture(data: bytes) -> Picture:
    """Return the picture of these bytes.

    Raises
    ------
    InputError
        The bytes are not a picture of this program.
    """
    try:
        return msgspec.msgpack.decode(data, type=Picture)
    except _BAD_BYTES as error:
        raise InputError("snapshot-bytes", f"these {len(data)} bytes are not a picture: {error}") from error


@cache
def stamp() -> str:
    """Return the mark of the present shape of a picture; a snapshot with another one is folded anew, not trusted."""
    shapes: dict[str, list[str]] = {}
    _describe(Picture, shapes)
    return hashlib.sha256(repr((__version__, sorted(shapes.items()))).encode()).hexdigest()[:16]


def _describe(kind: Any, shapes: dict[str, list[str]]) -> None:
    for argument in get_args(kind):
        _describe(argument, shapes)
    if is_dataclass(kind) and isinstance(kind, type) and kind.__name__ not in shapes:
        hints = get_type_hints(kind)
        shapes[kind.__name__] = [f"{item.name}:{hints[item.name]}" for item in fields(kind)]
        for hint in hints.values():
            _describe(hint, shapes)
