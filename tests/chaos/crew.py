"""A crew in a storm: follows, confirms, answers, reports where it is, and comes back whatever happens to its link."""

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

ANSWER_AGAIN_S = 2.0
FIX = {"accuracy_m": 5.0, "source": "gps", "course_deg": 10.0, "speed_mps": 2.0}


class Crew:
    """One terminal. What it was told, what it said, and what it should never have seen are kept for the end."""

    def __init__(self, address: str, key: str, terminal_id: str, rng: random.Random) -> None:
        self.terminal_id = terminal_id
        self.mirror = Mirror()
        self.shown: list[str] = []
        self.acked: dict[str, tuple[dict[str, Any], list[int]]] = {}
        self.refused: list[str] = []
        self.forbidden: list[str] = []
        self.gaps: list[str] = []
        self.connections = 0
        self.slow_until_s = 0.0
        self._address, self._key, self._rng = address.replace("http", "ws", 1), key, rng
        self._unsent: dict[str, tuple[dict[str, Any], float]] = {}
        self._socket: ClientConnection | None = None
        self._numbers = itertools.count(1)

    @property
    def settled(self) -> bool:
        """True when everything this crew has said was answered."""
        return not self._unsent

    async def run(self) -> None:
        """Follow until cancelled."""
        while True:
            at = {"epoch": self.mirror.epoch, "have": self.mirror.picture.seq}
            query = {"key": self._key, "view": "terminal", "terminal": self.terminal_id, **at}
            with contextlib.suppress(OSError, ConnectionClosed, InvalidHandshake, TimeoutError):
                url = f"{self._address}/api/live?{urlencode(query)}"
                async with connect(url, max_size=None, open_timeout=10, max_queue=4) as socket:
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

    async def report(self) -> None:
        """Say where we are; only the latest counts, so nobody keeps it."""
        n = next(self._numbers)
        fix = {**FIX, "lon_deg": 106.45 + n * 1e-5, "lat_deg": 29.6 + n * 1e-5, "time_s": 5e9 + n}
        await self._write(
            self._command(f"{self.terminal_id}/fix/{n}", "ReportPositions", {"fixes": {self.terminal_id: fix}})
        )

    async def _take(self, frame: Frame) -> None:
        if frame.type in {"done", "refused"} and frame.op_id in self._unsent:
            message, _ = self._unsent.pop(frame.op_id)
            if frame.type == "done":
                self.acked[frame.op_id] = (message, frame.seqs)
            else:
                self.refused.append(f"{frame.op_id}: {frame.error.get('code')}")
            return
        if frame.type == "delta" and (frame.epoch != self.mirror.epoch or frame.after > self.mirror.picture.seq):
            self.gaps.append(f"{self.mirror.picture.seq} to {frame.after}")
        if not self.mirror.apply(frame):
            return
        self._watch()
        for card in self.mirror.picture.cards.values():
            if card.id not in self.shown:
                self.shown.append(card.id)
                body = {"card_id": card.id, "receipt": "accepted", "reason": None}
                op_id = f"{card.id}/accepted"
                self._unsent[op_id] = (self._command(op_id, "GiveReceipt", body), 0.0)
        await self._write({"type": "have", "epoch": self.mirror.epoch, "seq": self.mirror.picture.seq})
        await self._answer()

    async def _answer(self) -> None:
        now_s = time.monotonic()
        for op_id, (message, last_s) in list(self._unsent.items()):
            if now_s - last_s > ANSWER_AGAIN_S:
                self._unsent[op_id] = (message, now_s)
                await self._write(message)

    def _watch(self) -> None:
        """Note whatever another crew's eyes alone may see."""
        picture = self.mirror.picture
        terminal = picture.terminals.get(self.terminal_id)
        sees = terminal_view(self.terminal_id, terminal.vessel_id if terminal else "")
        for name in (*PRIVATE, *COMMAND_ONLY):
            for key, entity in getattr(picture, name).items():
                if not sees(name, entity):
                    self.forbidden.append(f"{name}/{key}")

    def _command(self, op_id: str, name: str, body: dict[str, Any]) -> dict[str, Any]:
        return {"type": "command", "op_id": op_id, "device_time_s": time.time(), "name": name, "body": body}

    async def _write(self, message: dict[str, Any]) -> None:
        if self._socket is not None:
            with contextlib.suppress(ConnectionClosed):
                await self._socket.send(msgspec.json.encode(message).decode())
