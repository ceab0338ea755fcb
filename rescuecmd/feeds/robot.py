"""Robot terminals and a robot commander: real clients over real sockets, with the characters of `drill.crew`.

They see what a page sees, with a page's key, and answer as a page would. A robot that loses its connection comes back
and goes on from its sequence number; its orders carry ids made from what they answer: one sent twice counts once.
"""

import asyncio
import itertools
import logging
import random
import ssl as tls
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import replace
from typing import Any, get_args, get_type_hints
from urllib.parse import urlencode

import httpx
import msgspec
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake

from rescuecmd.delivery.moves import Moves, unpack_fixes
from rescuecmd.drill.crew import CommanderPolicy, CrewPolicy, Wish
from rescuecmd.errors import UnavailableError
from rescuecmd.picture.commands import Command, GiveReceipt
from rescuecmd.picture.entity import Operation
from rescuecmd.picture.state import COLLECTIONS, Picture

_LOG = logging.getLogger("rescuecmd.robot")
_FIRST_WAIT_S, _LONGEST_WAIT_S = 0.2, 5.0
_AGAIN_S = 3.0
_CONFIRM_EVERY_S = 1.0
_CLOSED_BY_RULE = 4000  # close codes from here on are the server's own errors
_ENTITY = {name: get_args(get_type_hints(Picture)[name])[1] for name in COLLECTIONS}


class Frame(msgspec.Struct):
    """Any frame of the live socket; what its kind does not have stays empty."""

    type: str
    epoch: str = ""
    seq: int = 0
    after: int = 0
    now_s: float = 0.0
    operation: Operation | None = None
    picture: dict[str, dict[str, msgspec.Raw]] = {}
    put: dict[str, dict[str, msgspec.Raw]] = {}
    drop: dict[str, list[str]] = {}
    moved: dict[str, Moves] = {}
    op_id: str = ""
    seqs: list[int] = []
    error: dict[str, Any] = {}


_frames = msgspec.json.Decoder(Frame)


class Mirror:
    """A client's copy of the picture, kept from snapshots and deltas."""

    def __init__(self) -> None:
        self.picture = Picture()
        self.epoch = ""
        self.now_s = 0.0

    def apply(self, frame: Frame) -> bool:
        """Take a frame in; return whether it told of the picture."""
        if frame.type == "snapshot":
            tables: dict[str, Any] = {name: _decoded(name, frame.picture.get(name, {})) for name in COLLECTIONS}
            self.picture = Picture(seq=frame.seq, time_s=frame.now_s, operation=frame.operation, **tables)
        elif frame.type == "delta":
            self.picture = self._changed(frame)
        else:
            return False
        self.epoch, self.now_s = frame.epoch, frame.now_s
        return True

    def _changed(self, frame: Frame) -> Picture:
        tables: dict[str, dict[str, Any]] = {}
        for name, entities in frame.put.items():
            tables[name] = {**getattr(self.picture, name), **_decoded(name, entities)}
        for name, moves in frame.moved.items():
            table = tables.setdefault(name, dict(getattr(self.picture, name)))
            for key, fix in unpack_fixes(moves).items():
                table[key] = replace(table[key], fix=fix)
        for name, ids in frame.drop.items():
            kept = tables.get(name, getattr(self.picture, name))
            tables[name] = {key: entity for key, entity in kept.items() if key not in ids}
        changes: dict[str, Any] = {"seq": frame.seq, "time_s": frame.now_s, **tables}
        if frame.operation is not None:
            changes["operation"] = frame.operation
        return replace(self.picture, **changes)


def _decoded(collection: str, entities: Mapping[str, msgspec.Raw]) -> dict[str, Any]:
    kind = _ENTITY[collection]
    return {key: msgspec.json.decode(raw, type=kind) for key, raw in entities.items()}


class LiveClient:
    """One live connection that comes back by itself and resumes by sequence number."""

    def __init__(
        self, address: str, key: str, *, view: str, terminal: str = "", ssl: tls.SSLContext | None = None
    ) -> None:
        self._base = address.replace("http", "ws", 1) + "/api/live"
        self._query = {"key": key, "view": view, "terminal": terminal, "robot": "1" if terminal else "0"}
        self._ssl = ssl
        self.mirror = Mirror()
        self.refused: list[tuple[str, str]] = []
        self._socket: ClientConnection | None = None
        self._confirmed_s = 0.0

    async def run(self, act: Callable[[], Awaitable[None]]) -> None:
        """Follow the picture until cancelled, calling `act` after each frame of it.

        Raises
        ------
        UnavailableError
            The server refuses this client for good (wrong key, unknown terminal).
        """
        wait_s = _FIRST_WAIT_S
        while True:
            try:
                async with connect(self._url(), max_size=None, open_timeout=10, ssl=self._ssl) as socket:
                    wait_s, self._socket = _FIRST_WAIT_S, socket
                    await self._listen(socket, act)
            except (OSError, ConnectionClosed, InvalidHandshake, TimeoutError) as error:
                _check_welcome(error)
                _LOG.debug("lost the server: %s", error)
            finally:
                self._socket = None
            await asyncio.sleep(wait_s * random.uniform(0.5, 1.0))
            wait_s = min(wait_s * 2, _LONGEST_WAIT_S)

    def _url(self) -> str:
        have = {"have": self.mirror.picture.seq, "epoch": self.mirror.epoch}
        return f"{self._base}?{urlencode({**self._query, **have})}"

    async def _listen(self, socket: ClientConnection, act: Callable[[], Awaitable[None]]) -> None:
        async for text in socket:
            frame = _frames.decode(text)
            if frame.type == "refused":
                self.refused.append((frame.op_id, str(frame.error.get("code"))))
                _LOG.info("refused: %s: %s", frame.op_id, frame.error.get("message"))
            if self.mirror.apply(frame):
                await act()
                await self._confirm(socket)

    async def _confirm(self, socket: ClientConnection) -> None:
        """Tell the server what we have, at most once a second."""
        now_s = time.monotonic()
        if now_s - self._confirmed_s >= _CONFIRM_EVERY_S:
            self._confirmed_s = now_s
            have = {"type": "have", "epoch": self.mirror.epoch, "seq": self.mirror.picture.seq}
            await socket.send(msgspec.json.encode(have).decode())

    async def send(self, command: Command, op_id: str) -> None:
        """Send a command; its answer comes as a frame."""
        if self._socket is not None:
            name = type(command).__name__
            body = msgspec.to_builtins(command)
            message = {
                "type": "command",
                "op_id": op_id,
                "device_time_s": self.mirror.now_s,
                "name": name,
                "body": body,
            }
            await self._socket.send(msgspec.json.encode(message).decode())


def _check_welcome(error: Exception) -> None:
    if isinstance(error, ConnectionClosed) and error.rcvd is not None and error.rcvd.code >= _CLOSED_BY_RULE:
        raise UnavailableError("robot-refused", f"the server refused a robot: {error.rcvd.code} {error.rcvd.reason}")


class _Once:
    """Lets a deed through at most once in a while: what was sent and not answered is sent again."""

    def __init__(self) -> None:
        self._when_s: dict[str, float] = {}

    def first(self, deed: str) -> bool:
        now_s = time.monotonic()
        if now_s - self._when_s.get(deed, -_AGAIN_S) < _AGAIN_S:
            return False
        self._when_s[deed] = now_s
        return True


class RobotCrew:
    """A terminal in the hands of a robot; it keeps quiet while a person holds the same terminal."""

    def __init__(self, address: str, key: str, policy: CrewPolicy, *, ssl: tls.SSLContext | None = None) -> None:
        self._policy = policy
        self._client = LiveClient(address, key, view="terminal", terminal=policy.terminal_id, ssl=ssl)
        self._sent = _Once()

    async def run(self) -> None:
        """Answer cards until cancelled."""
        await self._client.run(self._act)

    async def _act(self) -> None:
        mirror = self._client.mirror
        terminal = mirror.picture.terminals.get(self._policy.terminal_id)
        if terminal is None or terminal.people > 0 or not _running(mirror.picture):
            return
        for card in mirror.picture.cards.values():
            for command in self._policy.answers(card, mirror.now_s):
                receipt = command.receipt if isinstance(command, GiveReceipt) else type(command).__name__
                op_id = f"robot/{card.id}/{receipt}"
                if self._sent.first(op_id):
                    await self._client.send(command, op_id)
        for copy in mirror.picture.copies.values():
            for command in self._policy.confirms(copy):
                if self._sent.first(f"robot/{copy.id}"):
                    await self._client.send(command, f"robot/{copy.id}")


class RobotCommander:
    """A commander for headless runs: sees the wall, pushes over HTTP, commands over the socket."""

    def __init__(self, address: str, key: str, policy: CommanderPolicy) -> None:
        self._policy = policy
        self._client = LiveClient(address, key, view="wall")
        self._http = httpx.AsyncClient(base_url=address, headers={"authorization": f"Bearer {key}"}, timeout=30.0)
        self._numbers = itertools.count(1)
        self._sent = _Once()
        self.failed: list[str] = []

    @property
    def picture(self) -> Picture:
        """The picture as this commander sees it."""
        return self._client.mirror.picture

    async def run(self) -> None:
        """Command until cancelled."""
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(self._http)
            await self._client.run(self._act)

    async def _act(self) -> None:
        mirror = self._client.mirror
        if not _running(mirror.picture):
            return
        for wish in self._policy.orders(mirror.picture, mirror.now_s):
            await self._push(wish)
        for command in self._policy.commands(mirror.picture, mirror.now_s):
            if self._sent.first(repr(command)):
                await self._client.send(command, f"robot-commander/{next(self._numbers)}/{mirror.picture.seq}")

    async def _push(self, wish: Wish) -> None:
        body = {
            "op_id": f"robot-push/{next(self._numbers)}/{self.picture.seq}",
            "plan_id": wish.plan_id,
            "terminal_ids": wish.terminal_ids,
            "victim_ids": wish.victim_ids,
            "place_id": wish.place_id,
            "group_id": wish.group_id,
            "suggestion_id": wish.suggestion_id,
            "offer_id": wish.offer_id,
        }
        try:
            answer = await self._http.post("/api/pushes", json=body)
        except httpx.HTTPError as error:
            self.failed.append(f"push: {error}")
            return
        if answer.is_error:
            self.failed.append(f"push: {answer.json()['error']['message']}")


def _running(picture: Picture) -> bool:
    return picture.operation is not None and picture.operation.state == "running"
