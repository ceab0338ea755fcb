"""Everything goes wrong at once: the server is killed, links are cut, readers stand still; and nothing is lost.

``RESCUECMD_CHAOS_S`` sets for how long (a release: 300).
"""

import asyncio
import contextlib
import os
import random
import signal
import time
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import msgspec
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import WebSocketException

from rescuecmd.feeds.robot import LiveClient
from rescuecmd.picture.commands import ReportPositions
from rescuecmd.picture.delta import snapshot
from rescuecmd.picture.entity import Fix
from rescuecmd.store.sqlite import SqliteLog
from rescuecmd.store.verify import verify
from tests.server.door import Door, note
from tests.server.process import serve

SECONDS = float(os.environ.get("RESCUECMD_CHAOS_S", "8"))
LEAST_LIVES = 3
LIFE_S = (2.0, 4.0)
SETTLE_S = 30.0
_MOVERS = ("vessels", "terminals")


class Follower:
    """A page or phone that comes back by itself, and notes whatever a reader must never see."""

    def __init__(self, door: Door, role: str) -> None:
        self.role = role
        self.terminal_id = role.removeprefix("terminal/") if role.startswith("terminal/") else ""
        view = "terminal" if self.terminal_id else "wall"
        self.client = LiveClient(door.address, door.keys[role], view=view, terminal=self.terminal_id)
        self.wrong: list[str] = []
        self.gone: set[str] = set()
        self.shown: set[str] = set()
        self.moving = True
        self._seq, self._moved_s = 0, 0.0

    async def act(self) -> None:
        """Look at what a frame has just shown, and report a position now and then."""
        picture = self.client.mirror.picture
        if picture.seq < self._seq:
            self.wrong.append(f"went back from {self._seq} to {picture.seq}")
        self._seq = picture.seq
        cards = {
            key for key, card in picture.cards.items() if card.terminal_id == self.terminal_id or not self.terminal_id
        }
        self.wrong += [f"saw the card {key} of another" for key in picture.cards.keys() - cards]
        self.wrong += [f"was shown {key} again" for key in cards & self.gone]
        self.gone |= self.shown - cards
        self.shown |= cards
        terminal = picture.terminals.get(self.terminal_id)
        if self.moving and terminal and terminal.vessel_id and time.monotonic() - self._moved_s > 0.5:
            self._moved_s = time.monotonic()
            fix = Fix(106.45 + random.uniform(0, 0.01), 29.63, time.time(), 5.0, "gps")
            await self.client.send(ReportPositions({terminal.vessel_id: fix}), f"{self.role}/{self._moved_s}")

    def cut(self) -> None:
        """Lose the link without a word."""
        if self.client._socket is not None:
            self.client._socket.transport.abort()


class Writer:
    """A sender that asks until it is answered, and sometimes asks again although it was."""

    def __init__(self, door: Door, name: str) -> None:
        self._door, self._name = door, name
        self.answered: dict[str, list[int]] = {}
        self.wrong: list[str] = []

    async def run(self, stop: asyncio.Event) -> None:
        """Send notes, and a plan card now and then."""
        chance = random.Random(self._name)
        async with self._door.http() as http:
            for n in range(100_000):
                if stop.is_set():
                    return
                op_id = f"{self._name}-{n}"
                to = chance.choice(self._door.terminals)
                path, body = _push(op_id, to) if n % 40 == 20 else _note(op_id, to)
                self.answered[op_id] = await self._until_answered(http, path, body)
                if chance.random() < 0.2 and await self._until_answered(http, path, body) != self.answered[op_id]:
                    self.wrong.append(f"{op_id} had two effects")

    async def _until_answered(self, http: httpx.AsyncClient, path: str, body: dict[str, Any]) -> list[int]:
        while True:
            with contextlib.suppress(httpx.TransportError):
                answer = await http.post(path, json=body)
                if answer.status_code == 200:
                    return list(answer.json()["seqs"])
                assert answer.status_code in {409, 429, 503}, answer.text
                assert answer.status_code != 409 or answer.json()["error"]["code"] == "no-operation"
            await asyncio.sleep(0.1)


def _note(op_id: str, to: str) -> tuple[str, dict[str, Any]]:
    body = {"note": {**note(op_id)["note"], "to": [to]}}
    return "/api/commands", {"op_id": op_id, "name": "AddNote", "body": body}


def _push(op_id: str, to: str) -> tuple[str, dict[str, Any]]:
    return "/api/pushes", {"op_id": op_id, "plan_id": "reef", "terminal_ids": [to], "place_id": "huangpanshi"}


async def stand_still(door: Door, role: str) -> None:
    """Be a reader that takes nothing."""
    while True:
        with contextlib.suppress(OSError, WebSocketException, TimeoutError):
            async with connect(door.live_url(role), max_queue=1, ping_interval=None, max_size=None):
                await asyncio.sleep(3600)
        await asyncio.sleep(0.5)


@contextlib.asynccontextmanager
async def crowd(door: Door) -> AsyncIterator[list[Follower]]:
    """Let walls and every terminal follow, and some readers stand still."""
    followers = [Follower(door, role) for role in ("commander", "observer", *map("terminal/{}".format, door.terminals))]
    jobs = [asyncio.create_task(follower.client.run(follower.act)) for follower in followers]
    jobs += [asyncio.create_task(stand_still(door, "observer")) for _ in range(3)]
    try:
        yield followers
    finally:
        for job in jobs:
            job.cancel()
        await asyncio.gather(*jobs, return_exceptions=True)


@pytest.mark.timeout(SECONDS + 300)
async def test_nothing_is_lost_doubled_or_leaked_whatever_fails(tmp_path: Path) -> None:
    chance, stop = random.Random(7), asyncio.Event()
    end_s = time.monotonic() + SECONDS
    async with contextlib.AsyncExitStack() as stack:
        process, door, _ = await stack.enter_async_context(serve(tmp_path, "--drill", "dazhulin"))
        port = urlsplit(door.address).port
        assert port is not None
        followers = await stack.enter_async_context(crowd(door))
        writers = [Writer(door, f"w{n}") for n in range(3)]
        writing = [asyncio.create_task(writer.run(stop)) for writer in writers]
        lives = 1
        while lives < LEAST_LIVES or time.monotonic() < end_s:
            killed_s = time.monotonic() + chance.uniform(*LIFE_S)
            while time.monotonic() < killed_s:
                await asyncio.sleep(chance.uniform(0.1, 0.5))
                chance.choice(followers).cut()
            process.send_signal(signal.SIGKILL)
            process, _, said = await stack.enter_async_context(serve(tmp_path, port=port))
            assert said["problems"] == []
            lives += 1
        stop.set()
        await asyncio.gather(*writing)
        for follower in followers:
            follower.moving = False
        for follower in followers:
            await until_equal(follower, door)
        assert {follower.client.mirror.epoch for follower in followers} == {followers[0].client.mirror.epoch}
        assert [wrong for follower in followers for wrong in follower.wrong] == []
        assert [wrong for writer in writers for wrong in writer.wrong] == []
    await recorded_once(tmp_path, {key: seqs for writer in writers for key, seqs in writer.answered.items()})


async def until_equal(follower: Follower, door: Door) -> None:
    """Wait until a follower's picture is the server's; positions travel in steps of a tenth of a metre."""
    late_s = time.monotonic() + SETTLE_S
    while True:
        async with door.http(follower.role) as http:
            server = (await http.get("/api/picture")).json()
        mine = follower.client.mirror.picture
        told = msgspec.json.decode(msgspec.json.encode(snapshot(mine)))
        if mine.seq == server["seq"] and _still(told) == _still(server["picture"]):
            break
        if time.monotonic() > late_s:
            assert mine.seq == server["seq"], follower.role
            assert _still(told) == _still(server["picture"]), follower.role
        await asyncio.sleep(0.3)
    for name in _MOVERS:
        for key, entity in server["picture"][name].items():
            assert _close(told[name][key]["fix"], entity["fix"])


def _still(tables: dict[str, Any]) -> dict[str, Any]:
    """Return a picture without where things are."""
    bare = {name: {key: {**item, "fix": None} for key, item in tables[name].items()} for name in _MOVERS}
    return {**tables, **bare}


def _close(a: dict[str, Any] | None, b: dict[str, Any] | None) -> bool:
    if a is None or b is None:
        return a is b
    return all(abs(a[name] - b[name]) < 2e-6 for name in ("lon_deg", "lat_deg"))


async def recorded_once(folder: Path, answered: dict[str, list[int]]) -> None:
    """Check that what was answered is in the log, there and only there."""
    assert [finding.sound for finding in verify(folder)] == [True]
    log = await SqliteLog.view(folder)
    (operation,) = await log.operations()
    told = await log.read(operation)
    await log.close()
    where: dict[str, list[int]] = {}
    for event in told:
        where.setdefault(event.op_id, []).append(event.seq)
    assert len(answered) > 20
    assert {key: where.get(key) for key in answered} == answered
    pushed = Counter(event.op_id for event in told if type(event.body).__name__ == "CardPushed")
    assert set(pushed.values()) <= {1}
