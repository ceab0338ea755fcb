"""A device at the live socket: what it says is signed; and it may come with its name alone, without a session.

Who comes so is given a number first, and signs a ``here`` over it with the device's key. Until that has come the
device is nobody: whether it waits, was shut out or belongs to another operation is told to the holder of its key only.
No token travels, and a terminal that comes back needs two messages for what else takes three requests.
"""

import asyncio
from typing import Annotated

import msgspec
from starlette.websockets import WebSocket, WebSocketDisconnect

from rescuecmd.errors import ForbiddenError, InputError
from rescuecmd.server.access import address_of, host_of, operation_of
from rescuecmd.server.auth import Caller
from rescuecmd.server.base64url import decode
from rescuecmd.server.devices import Device, verify
from rescuecmd.server.frames import encode
from rescuecmd.server.sessions import message_text

KNOCK_S = 15.0  # over a link of 300 ms that loses a third, too
_LATEST_S = 2.0**43  # far beyond any clock, and still exact to the millisecond


class _Signed(msgspec.Struct, tag_field="type", tag="signed", forbid_unknown_fields=True):
    message: str
    signature: str


class _Here(msgspec.Struct, tag_field="type", tag="here", forbid_unknown_fields=True):
    device_time_s: Annotated[float, msgspec.Meta(ge=0, le=_LATEST_S)]


_signed = msgspec.json.Decoder(_Signed)
_here = msgspec.json.Decoder(_Here)
_UNREADABLE = (msgspec.MsgspecError, UnicodeError, RecursionError, InputError)


def opened(text: str, *, key: bytes, nonce: str) -> str:
    """Return the message in an envelope that a device has signed over a socket's number.

    Raises
    ------
    ForbiddenError
        It is no envelope, or the signature is not this key's over this number.
    """
    try:
        signed = _signed.decode(text)
        signature = decode(signed.signature)
    except _UNREADABLE:
        raise ForbiddenError("signature", "a device signs what it sends: expected a signed message") from None
    verify(key, signature, message_text(nonce, signed.message))
    return signed.message


async def knock(socket: WebSocket, device_id: str, nonce: str) -> Caller:
    """Let a device prove itself over its socket; return who it is.

    Raises
    ------
    ForbiddenError
        It did not sign, waits for its confirmation, was shut out, is over, or is of another operation.
    NotFoundError
        There is no such device.
    TooManyError
        Too many come from this address, or stand in the door.
    """
    doorman = host_of(socket).doorman
    doorman.pace.take("stranger", address_of(socket))
    with doorman.pace.waiting(address_of(socket)):
        await socket.send_text(encode({"type": "challenge", "nonce": nonce}).decode())
        text = await _first_word(socket)
    device = await asyncio.to_thread(doorman.devices.find, device_id)
    here = _said(text, device, nonce)
    await asyncio.to_thread(doorman.devices.need_active, device_id)
    caller = doorman.device(device, operation_id=operation_of(socket))
    await asyncio.to_thread(doorman.devices.seen, device_id, skew_s=here.device_time_s - doorman.register.now())
    socket.state.caller = caller
    return caller


async def _first_word(socket: WebSocket) -> str:
    try:
        async with asyncio.timeout(KNOCK_S):
            message = await socket.receive()
    except TimeoutError:
        raise ForbiddenError("challenge", f"expected a signed here within {KNOCK_S:g} s") from None
    if message["type"] == "websocket.disconnect":
        raise WebSocketDisconnect(message.get("code", 1005))
    return message.get("text") or ""


def _said(text: str, device: Device, nonce: str) -> _Here:
    message = opened(text, key=device.key, nonce=nonce)
    try:
        return _here.decode(message)
    except _UNREADABLE:
        raise ForbiddenError("challenge", "expected a signed here as the first message") from None
