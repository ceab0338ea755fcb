"""A screen in a storm: follows the picture, comes back whatever happens to its link, notes what it must never see."""

import asyncio
import contextlib
import itertools
import random
import time
from typing import Any
from urllib.parse import urlencode

import msgspec
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake

from rescuecmd.feeds.robot import Frame, Mirror
from rescuecmd.picture.delta import COMMAND_ONLY, PRIVATE, terminal_view

LOST = (OSError, ConnectionClosed, InvalidHandshake, TimeoutError)


class Client:
    """One reader, of the wall unless it is a terminal."""

    def __init__(self, address: str, key: str, rng: random.Random, terminal_id: str = "") -> None:
        self.name = terminal_id or "wall"
        self.terminal_id = terminal_id
        self.mirror = Mirror()
        self.shown: dict[str, int] = {}  # own cards in the order in which they came, with the frame's seq
        self.wrong: list[str] = []
        self.connections = self.frames = 0
        self.slow_until_s = 0.0
        self._address, self._key, self._rng = address.replace("http", "ws", 1), key, rng
        self._socket: ClientConnection | None = None

    async def run(self) -> None:
        """Follow until cancelled."""
        while True:
            with contextlib.suppress(*LOST):
                async with connect(self._url(), max_size=None, open_timeout=10, max_queue=4) as socket:
                    self._socket, self.connections = socket, self.connections + 1
                    async for text in socket:
                        await self._take(msgspec.json.decode(text, type=Frame))
                        await asyncio.sleep(max(0.0, self.slow_until_s - time.monotonic()))
            self._socket = None
            await asyncio.sleep(self._rng.uniform(0.05, 0.4))

    def cut(self) -> None:
        """Break the link without a word."""
        if self._socket is not None:
            self._socket.transport.abort()

    def _url(self) -> str:
        view = {"view": "terminal", "terminal": self.terminal_id} if self.terminal_id else {"view": "wall"}
        have = {"epoch": self.mirror.epoch, "have": self.mirror.picture.seq}
        return f"{self._address}/api/live?{urlencode({'key': self._key, **view, **have})}"

    async def _take(self, frame: Frame) -> None:
        seq = self.mirror.picture.seq
        if frame.type == "delta" and (frame.epoch != self.mirror.epoch or frame.after > seq):
            self.wrong.append(f"a gap from {seq} to {frame.after}")
        if not self.mirror.apply(frame):
            return
        self.frames += 1
        self._look(seq)
        await self.write({"type": "have", "epoch": self.mirror.epoch, "seq": self.mirror.picture.seq})
        await self.act()

    async def act(self) -> None:
        """Do what this client does when it sees a new picture."""

    def _look(self, before: int) -> None:
        """Note what went back, what came twice, and whatever is for other eyes only."""
        picture = self.mirror.picture
        if picture.seq < before:
            self.wrong.append(f"went back from {before} to {picture.seq}")
        self.wrong += [f"lost the card {card}" for card in self.shown if card not in picture.cards]
        for card in picture.cards.values():
            self.shown.setdefault(card.id, picture.seq)
        if self.terminal_id:
            self.wrong += [f"saw {name}" for name in self._forbidden()]

    def _forbidden(self) -> list[str]:
        picture = self.mirror.picture
        terminal = picture.terminals.get(self.terminal_id)
        sees = terminal_view(self.terminal_id, terminal.vessel_id if terminal else "")
        return [
            f"{name}/{key}"
            for name in (*PRIVATE, *COMMAND_ONLY)
            for key, entity in getattr(picture, name).items()
            if not sees(name, entity)
        ]

    async def write(self, message: dict[str, Any]) -> None:
        """Send a message if there is a link."""
        if self._socket is not None:
            with contextlib.suppress(ConnectionClosed):
                await self._socket.send(msgspec.json.encode(message).decode())


class Prowler:
    """Tries doors that are not its own; whatever it is told of the picture is a leak."""

    def __init__(self, address: str, keys: dict[str, str]) -> None:
        one, other = sorted(role for role in keys if role.startswith("terminal/"))[:2]
        its = other.removeprefix("terminal/")
        self._doors = [
            {"key": ""},
            {"key": "a-guess"},
            {"key": keys[one], "view": "wall"},
            {"key": keys[one], "view": "terminal", "terminal": its},
        ]
        self._address = address.replace("http", "ws", 1)
        self.refused = 0
        self.wrong: list[str] = []

    async def run(self) -> None:
        """Try until cancelled."""
        for door in itertools.cycle(self._doors):
            with contextlib.suppress(*LOST):
                async with connect(f"{self._address}/api/live?{urlencode(door)}", max_size=None) as socket:
                    async for text in socket:
                        kind = msgspec.json.decode(text, type=Frame).type
                        self.refused += kind == "error"
                        if kind != "error":
                            self.wrong.append(f"{kind} for {door}")
                            break
            await asyncio.sleep(0.5)


async def stand_still(url: str) -> None:
    """Be a reader that takes nothing, until cancelled."""
    while True:
        with contextlib.suppress(*LOST):
            async with connect(url, max_queue=1, ping_interval=None, max_size=None, close_timeout=0.1):
                await asyncio.sleep(3600)
        await asyncio.sleep(0.5)
