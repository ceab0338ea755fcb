"""Any moment of the running operation, and who knew what by then."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from rescuecmd.server import replay
from rescuecmd.server.run import Serving, serving
from rescuecmd.settings import Settings
from tests.server.door import Door, note


@pytest.fixture
async def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Serving]:
    monkeypatch.setattr(replay, "EVERY", 7)
    monkeypatch.setattr(replay, "_PAGE", 5)
    settings = Settings(
        data=tmp_path, drill="dazhulin", port=0, camera="off", video=False, robots=False, knowledge_s=0.2
    )
    async with serving(settings) as server:
        await server.host.opened()
        yield server


@pytest.fixture
def door(server: Serving) -> Door:
    return Door.of(server)


async def ask(door: Door, at_s: float, who: str = "", role: str = "commander") -> tuple[int, dict[str, Any]]:
    async with door.http(role) as http:
        answer = await http.get("/api/replay", params={"at": at_s, "as": who})
        return answer.status_code, answer.json()


async def test_a_moment_is_the_picture_of_then(door: Door, server: Serving) -> None:
    running = server.host.running
    assert running is not None
    async with door.live() as page:
        for n in range(30):
            await page.command("AddNote", note(f"n{n}"), f"n{n}")
    before, asked_s = running.desk.seq, running.clock.now_s()
    status, past = await ask(door, asked_s)
    assert status == 200
    assert before <= past["seq"] == past["centre_seq"] <= running.desk.seq  # the river goes on while we ask
    assert set(past["picture"]["notes"]) >= {f"n{n}" for n in range(30)}
    assert (past["differs"], past["epoch"]) == ({}, running.epoch)
    assert past["first_s"] <= past["last_s"]
    status, start = await ask(door, 0.0)
    assert status == 200
    assert start["seq"] == start["centre_seq"] == 0
    assert start["operation"] is None


async def test_what_a_terminal_knew(door: Door, server: Serving) -> None:
    running = server.host.running
    assert running is not None
    boat = door.terminals[0]
    now_s = running.clock.now_s() + 1e6
    async with door.live() as wall:
        assert (await ask(door, now_s, boat))[1]["proof"] == "none"
        async with door.live(f"terminal/{boat}") as phone:
            first = await phone.frame("snapshot", where=lambda frame: bool(frame["epoch"]))
            await phone.socket.send(f'{{"type":"have","epoch":"{first["epoch"]}","seq":{first["seq"]}}}')
            past = await until(door, now_s, boat, proof="confirmed")
            assert past["seq"] == first["seq"]
            assert past["connected"]
        await wall.command("AddNote", {"note": {**note("late")["note"], "to": [boat]}}, "late")
        past = (await ask(door, now_s, boat))[1]
        assert "late" not in past["picture"]["notes"]
        assert past["differs"]["notes"] == {"late": "missing"}
        assert past["centre_seq"] > past["seq"]
        assert "late" in (await ask(door, now_s))[1]["picture"]["notes"]


async def until(door: Door, at_s: float, who: str, *, proof: str) -> dict[str, Any]:
    for _ in range(200):
        _, past = await ask(door, at_s, who)
        if past["proof"] == proof:
            return past
        await asyncio.sleep(0.05)
    raise AssertionError("never noted")


async def test_who_may_ask(door: Door) -> None:
    boat = door.terminals[0]
    assert (await ask(door, 0.0, role=f"terminal/{boat}"))[0] == 403
    assert (await ask(door, 4e9, "t-nobody"))[0] == 404
    assert (await ask(door, 4e9, boat, role="observer"))[0] == 200
    async with door.http() as http:
        assert (await http.get("/api/replay", params={"at": "soon"})).status_code == 422
