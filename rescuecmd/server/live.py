"""The live socket: frames out by sequence, commands in. Anything malformed is answered, logged and changes nothing."""

import asyncio
import logging
import secrets
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import Annotated, Any, Literal

import msgspec
from fastapi import APIRouter, Query
from starlette.websockets import WebSocket, WebSocketDisconnect

from rescuecmd import __version__
from rescuecmd.errors import ForbiddenError, InputError, RescueError, UnavailableError, unknown
from rescuecmd.server.access import address_of, angle_of, caller_of
from rescuecmd.server.auth import Caller
from rescuecmd.server.cords import Cord
from rescuecmd.server.frames import Angle, Frame, Tick, encode
from rescuecmd.server.guard import check_origin
from rescuecmd.server.host import Host
from rescuecmd.server.intake import read_command, with_second
from rescuecmd.server.knock import knock, opened
from rescuecmd.server.pace import TooManyError
from rescuecmd.server.readers import Reader
from rescuecmd.server.receipts import confirm
from rescuecmd.server.sessions import NONCE_BYTES
from rescuecmd.server.witness import MAX_TOKEN

_LOG = logging.getLogger("rescuecmd.server.live")
router = APIRouter()
# Of positions only the latest counts: the next message need not wait until this one is on the disk. Everything else is
# carried out in the order in which it came.
_NEED_NOT_WAIT = frozenset({"ReportPositions"})
_ASIDE_AT_ONCE = 256
_PRESSING_S, _FOLLOW_S = 6.0, 0.1  # so long after a card so often a frame, until it is confirmed
_LATER = (TooManyError, UnavailableError)  # the same may succeed in a moment: the page keeps it and asks again
_INTERNAL = {"code": "internal", "message": "the server made a mistake; its log says more", "facts": {}}


class _Message(msgspec.Struct, tag_field="type", tag="command", forbid_unknown_fields=True):
    op_id: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
    name: str
    body: dict[str, Any]
    device_time_s: float | None = None


class _Have(msgspec.Struct, tag_field="type", tag="have", forbid_unknown_fields=True):
    epoch: str
    seq: Annotated[int, msgspec.Meta(ge=0)]


_messages: msgspec.json.Decoder[_Message | _Have] = msgspec.json.Decoder(_Message | _Have)


class _Named(msgspec.Struct):
    op_id: str = ""


_named = msgspec.json.Decoder(_Named)


@dataclass(frozen=True, slots=True)
class Wish:
    """What a client asks for when it connects."""

    view: Literal["wall", "terminal", "trainer", ""]
    terminal: str
    have: int
    epoch: str
    robot: bool
    packed: bool
    pace_s: float


@router.websocket("/api/live")
async def live(  # noqa: PLR0917  (the parameters of the address)
    socket: WebSocket,
    view: Annotated[Literal["wall", "terminal", "trainer", ""], Query()] = "",
    terminal: Annotated[str, Query(max_length=200)] = "",
    have: Annotated[int, Query(ge=0)] = 0,
    epoch: Annotated[str, Query(max_length=200)] = "",
    robot: Annotated[bool, Query()] = False,
    pack: Annotated[Literal["", "zlib"], Query()] = "",
    pace_s: Annotated[float, Query(ge=0, le=10)] = 0.0,
    witness: Annotated[str, Query(max_length=MAX_TOKEN)] = "",
    key: Annotated[str, Query(max_length=100)] = "",
    device: Annotated[str, Query(max_length=100)] = "",
) -> None:
    """Show the picture as it changes and take commands."""
    try:
        check_origin(socket.headers)  # before the handshake: a foreign page gets no socket at all
    except ForbiddenError as error:
        _note(socket, error, "a foreign page")
        await socket.close(error.outcome.close)
        return
    await socket.accept()
    host: Host = socket.app.state.host
    try:
        nonce = secrets.token_urlsafe(NONCE_BYTES)
        caller = await knock(socket, device, nonce) if device else caller_of(socket, key)
        await host.opened()
        await host.hear(witness)
        wish = Wish(view, terminal, have, epoch, robot, pack == "zlib", pace_s)
        angle = _angle(caller, wish, host)
        joined = host.hub.join(angle.terminal_id, robot=robot)
        with joined as reader, host.doorman.cords.hold(caller) as cord:
            await Connection(socket, host, caller, angle, wish, reader, nonce).run(cord)
    except WebSocketDisconnect:
        return
    except RescueError as error:
        _note(socket, error, "the live socket")
        await _say_and_close(socket, error.as_dict(), error.outcome.close)


def _angle(caller: Caller, wish: Wish, host: Host) -> Angle:
    view = wish.view or caller.default_view
    caller.need_view(view, wish.terminal)
    if view != "terminal":
        return Angle(view, agency=caller.agency)
    known = host.running.desk.picture.terminals if host.running else {}
    if host.running and caller.terminal_id not in known:
        raise unknown("terminal", caller.terminal_id, known)
    return angle_of(caller)


class Connection:
    """One page or robot."""

    def __init__(  # noqa: PLR0917  (made in one place)
        self, socket: WebSocket, host: Host, caller: Caller, angle: Angle, wish: Wish, reader: Reader, nonce: str
    ) -> None:
        self._socket = socket
        self._host = host
        self._caller = caller
        self._angle = angle
        self._wish = wish
        self._reader = reader
        self._epoch, self._seq = wish.epoch, wish.have
        self._drill = b""
        self._writing = asyncio.Lock()
        self._room = asyncio.Semaphore(_ASIDE_AT_ONCE)
        self._aside: set[asyncio.Task[None]] = set()
        self._nonce = nonce
        self._device_key = host.doorman.devices.find(caller.device_id).key if caller.device_id else b""

    async def run(self, cord: Cord) -> None:
        """Serve until the other side leaves, stalls or breaks the rules, or the cord is pulled."""
        jobs = {asyncio.create_task(self._show()), asyncio.create_task(self._take()), asyncio.create_task(cord.wait())}
        done: set[asyncio.Task[None]] = set()
        try:
            done, _ = await asyncio.wait(jobs, return_when=asyncio.FIRST_COMPLETED)
        finally:
            left = (jobs - done) | self._aside
            for job in left:
                job.cancel()
            await asyncio.gather(*left, return_exceptions=True)
        for error in [job.exception() for job in done]:  # all are looked at, or asyncio would complain of the second
            if error is not None:
                raise error

    async def _send(self, frame: Frame) -> None:
        """Send one frame; whoever takes nothing for too long is let go."""
        packs = self._wish.packed and frame.worth_packing
        form = {"bytes": frame.packed} if packs else {"text": frame.text}
        try:
            async with asyncio.timeout(self._host.settings.stall_s), self._writing:
                await self._socket.send({"type": "websocket.send", **form})
        except TimeoutError:
            raise WebSocketDisconnect(1008, "stalled") from None

    async def _show(self) -> None:
        tick = await self._first()
        await self._send(Frame(encode(self._hello(tick))))
        while True:
            sent_s = asyncio.get_running_loop().time()
            frame = tick.frame(self._angle, epoch=self._epoch, after=self._seq)
            self._reader.sending(tick.picture.seq, sent_s)
            await self._send(frame)
            self._reader.sent()
            self._epoch, self._seq = tick.epoch, tick.picture.seq
            if self._angle.name == "trainer" and tick.drill is not self._drill:
                self._drill = tick.drill
                await self._send(Frame(tick.drill))
            tick = await self._next(tick, sent_s + self._wish.pace_s)

    async def _first(self) -> Tick:
        """Return a tick to begin with: one of this moment where the reader knows more than the last one shows."""
        hub, running = self._host.hub, self._host.running
        ahead = self._epoch == hub.tick.epoch and self._seq > hub.tick.picture.seq
        return await hub.tick_now(running) if ahead and running else hub.tick

    async def _next(self, sent: Tick, due_s: float) -> Tick:
        """Return the newest tick, for a moment after a card even if it is none: another frame follows.

        A lost segment is sent again as soon as the other side tells of a later one, else only when its time is up.
        """
        if not self._presses(sent):
            return await self._newer(sent, due_s)
        with suppress(TimeoutError):
            async with asyncio.timeout(_FOLLOW_S):
                return await self._newer(sent, due_s)
        return self._host.hub.tick

    def _presses(self, tick: Tick) -> bool:
        """Return whether a card for this reader has been sent just now and nobody has confirmed it."""
        now_s = asyncio.get_running_loop().time()
        cards = tick.unconfirmed.get(self._angle.terminal_id, ())
        return any(now_s - tick.waiting_since_s.get(card.id, now_s) < _PRESSING_S for card in cards)

    async def _newer(self, sent: Tick, due_s: float) -> Tick:
        """Return the newest tick; one in which things only moved waits for the pace that the reader wished."""
        hub, tick = self._host.hub, sent
        if due_s > asyncio.get_running_loop().time():
            with suppress(TimeoutError):
                async with asyncio.timeout_at(due_s):
                    while tick is sent or tick.can_wait(self._angle, epoch=self._epoch, after=self._seq):
                        tick = await hub.next_loud(tick)
                    return tick
        return await hub.next(sent)

    def _hello(self, tick: Tick) -> dict[str, object]:
        return {
            "type": "hello",
            "epoch": tick.epoch,
            "operation_id": tick.picture.operation.id if tick.picture.operation else "",
            "role": self._caller.duty or self._caller.role,
            "person": self._caller.person,
            "terminal_id": self._angle.terminal_id,
            "nonce": self._nonce,
            "tick_s": self._host.settings.tick_s,
            "server_time_s": time.time(),
            "server_version": __version__,
        }

    async def _take(self) -> None:
        while True:
            message = await self._socket.receive()
            if message["type"] == "websocket.disconnect":
                raise WebSocketDisconnect(message.get("code", 1005))
            text = message.get("text")
            if text is None:
                raise InputError("bad-frame", "expected a text frame with JSON, got a binary one")
            await self._answer(text)

    async def _answer(self, text: str) -> None:
        text = self._opened(text)  # who does not sign as agreed is not answered but let go
        try:
            message = _read(text)
        except RescueError as error:
            _note(self._socket, error, "a message")
            op_id = _op_id(text)
            if not op_id:
                raise
            await self._send(Frame(encode({"type": "refused", "op_id": op_id, "error": error.as_dict()})))
            return
        if isinstance(message, _Have):
            await self._has(message)
        elif message.name in _NEED_NOT_WAIT:
            await self._carry_out_aside(message)
        else:
            await self._carry_out(message)

    async def _carry_out_aside(self, message: _Message) -> None:
        """Carry out a message while the next one is read, so that one write to the disk serves many."""
        await self._room.acquire()
        job = asyncio.create_task(self._carry_out(message))
        self._aside.add(job)
        job.add_done_callback(self._done_aside)

    def _done_aside(self, job: "asyncio.Task[None]") -> None:
        self._aside.discard(job)
        self._room.release()
        if not job.cancelled() and job.exception() is not None:
            _LOG.debug("an answer was not sent: %s", job.exception())  # the connection's end is seen by its reader too

    async def _carry_out(self, message: _Message) -> None:
        op_id = message.op_id
        try:
            answer: dict[str, object] = {"type": "done", "op_id": op_id, "seqs": await self._do(message)}
        except _LATER as error:
            _note(self._socket, error, f"a command {op_id}")
            answer = {"type": "later", "op_id": op_id, "error": error.as_dict()}
        except RescueError as error:
            _note(self._socket, error, f"a command {op_id}")
            answer = {"type": "refused", "op_id": op_id, "error": error.as_dict()}
        except Exception:  # noqa: BLE001 - the task border of one message: the connection and everybody else's go on
            _LOG.exception("%s: a command failed", self._caller.person)
            answer = {"type": "refused", "op_id": op_id, "error": _INTERNAL}
        await self._send(Frame(encode(answer)))

    async def _has(self, message: _Have) -> None:
        """Take a reader's word for what it has; of a terminal this is the receipt for every card up to there."""
        if message.epoch != self._epoch or message.seq > self._seq:
            return  # of another life of the server, or more than was ever sent: worth nothing
        self._reader.has(message.epoch, message.seq)
        if self._angle.terminal_id:
            running, tick = self._host.need_running(), self._host.hub.tick
            await confirm(running, tick, self._angle.terminal_id, message.seq, self._caller.actor)

    def _opened(self, text: str) -> str:
        """Return the message itself; a device's comes in an envelope with its signature, and not otherwise."""
        return opened(text, key=self._device_key, nonce=self._nonce) if self._device_key else text

    def _now(self) -> Caller:
        """Return the caller with the duties of this moment, should the command have changed hands meanwhile."""
        operation = self._host.need_running().desk.picture.operation
        return self._caller.on_duty(operation.in_command) if operation else self._caller

    async def _do(self, message: _Message) -> list[int]:
        running = self._host.need_running()
        self._host.doorman.pace.command(self._caller.person, message.name)
        command = read_command(message.name, message.body, self._now(), running.desk.picture)
        if self._host.settings.two_persons:
            command = with_second(command, message.op_id, running.desk.picture)
        events = await running.order(self._caller.actor, command, message.op_id, device_time_s=message.device_time_s)
        return [event.seq for event in events]


def _read(text: str) -> _Message | _Have:
    try:
        return _messages.decode(text)
    except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
        raise InputError("bad-message", f"expected a command or a have message: {error}") from None


def _op_id(text: str) -> str:
    """Return the order's id of a message that may be wrong in every other way; empty when it has none."""
    try:
        return _named.decode(text).op_id[:200]
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        return ""


def _note(socket: WebSocket, error: RescueError, what: str) -> None:
    """Write a refusal down."""
    host: Host = socket.app.state.host
    caller: Caller | None = getattr(socket.state, "caller", None)
    who = caller.person if caller else ""
    _LOG.info("%s: %s refused: %s %s", who or "a stranger", what, error.code, error.message)
    host.doorman.refusals.note(error.code, who=who, what=what, address=address_of(socket))


async def _say_and_close(socket: WebSocket, error: dict[str, object], code: int) -> None:
    try:
        await socket.send({"type": "websocket.send", "text": encode({"type": "error", "error": error}).decode()})
        await socket.close(code, str(error["code"]))
    except (WebSocketDisconnect, RuntimeError):
        _LOG.debug("the other side was gone already")
