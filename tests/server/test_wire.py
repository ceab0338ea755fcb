"""The wire is what its documents say: recorded traffic against them, and the client of docs/wire.md."""

import asyncio
import re
import sys
from asyncio.subprocess import PIPE
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from rescuecmd.server.app import bare_app
from rescuecmd.server.asyncapi import describe
from tests.server.cable import cable
from tests.server.door import PATIENCE_S, Door, Page, note

pytestmark = pytest.mark.asyncio(loop_scope="module")
GUIDE = Path(__file__).parents[2] / "docs" / "wire.md"


def checker(document: dict[str, Any], name: str) -> Draft202012Validator:
    """Return what holds a message against a schema of the document."""
    return Draft202012Validator({"$ref": f"#/components/schemas/{name}", "components": document["components"]})


async def _session(door: Door) -> list[dict[str, Any]]:
    """Play a session that has every kind of frame in it; return all that the server said."""
    boat = door.terminals[0]
    seen: list[dict[str, Any]] = []
    async with door.live() as wall, door.live(f"terminal/{boat}") as phone, door.live("trainer") as trainer:
        await trainer.frame("drill")
        for page in (wall, phone):
            await page.frame("snapshot")
        assert (await wall.command("AddNote", note("n-wire"), "op-wire"))["type"] == "done"
        assert (await wall.command("WithdrawCard", {"card_id": "none"}, "op-wire-bad"))["type"] == "refused"
        fix = {"lon_deg": 106.5, "lat_deg": 29.6, "accuracy_m": 5, "source": "gps"}
        for n in range(3):
            await phone.command("ReportPositions", {"fixes": {boat: {**fix, "time_s": 5e9 + n}}}, f"op-wire-{n}")
            await wall.frame("delta", where=lambda frame: bool(frame["put"] or frame["moved"]))
        async with door.http() as http:
            body = {"op_id": "wire-push", "plan_id": "reef", "terminal_ids": [boat], "place_id": "huangpanshi"}
            await http.post("/api/pushes", json=body)
        await phone.frame("delta", where=lambda frame: "cards" in frame["put"])
        for n in range(60):
            if (await phone.command("AddNote", note(f"n-{n}"), f"op-fast-{n}"))["type"] == "later":
                break
        await wall.socket.send("{")
        await wall.closed()
        for page in (wall, phone, trainer):
            seen += page.seen
    return seen


async def test_every_message_of_a_session_is_as_the_document_says(door: Door) -> None:
    async with door.http("") as http:
        document = (await http.get("/asyncapi.json")).json()
    assert document["asyncapi"].startswith("3.")
    frames = await _session(door)
    channel = document["channels"]["live"]
    assert {frame["type"] for frame in frames} <= set(channel["messages"])
    assert {frame["type"] for frame in frames} >= {
        "hello",
        "snapshot",
        "delta",
        "done",
        "refused",
        "later",
        "drill",
        "error",
    }
    assert any(frame.get("moved") for frame in frames)
    told = {
        name: checker(document, item["payload"]["$ref"].rsplit("/", 1)[1]) for name, item in channel["messages"].items()
    }
    for frame in frames:
        faults = [f"{'/'.join(map(str, item.path))}: {item.message}" for item in told[frame["type"]].iter_errors(frame)]
        assert not faults, (frame["type"], faults[:3])


async def test_the_document_holds_together_and_bites() -> None:
    document = describe(bare_app())
    for operation in document["operations"].values():
        for ref in operation["messages"]:
            assert ref["$ref"].rsplit("/", 1)[1] in document["channels"]["live"]["messages"]
    have = checker(document, "LiveHave")
    assert have.is_valid({"type": "have", "epoch": "e", "seq": 3})
    assert not have.is_valid({"type": "have", "epoch": "e", "seq": -3})
    assert not have.is_valid({"type": "have", "epoch": "e"})
    assert checker(document, "LiveCommand").is_valid({"type": "command", "op_id": "x", "name": "y", "body": {}})


def snippets() -> list[str]:
    """Return the Python of the guide: the client, and how to take a frame."""
    return re.findall(r"```python\n(.*?)```", GUIDE.read_text("utf-8"), flags=re.DOTALL)


async def test_who_takes_frames_as_the_guide_says_has_the_servers_picture(door: Door) -> None:
    named: dict[str, Any] = {}
    exec(snippets()[1], named)  # noqa: S102  (our own document)
    mine: dict[str, Any] = {}
    boat = door.terminals[1]
    fix = {"lat_deg": 29.61, "accuracy_m": 5, "source": "gps"}
    async with door.live() as page, door.http() as http:
        await page.frame("snapshot")
        await page.command("AddNote", note("n-take"), "op-take")
        for n in range(2):
            moved = {"fixes": {boat: {**fix, "lon_deg": 106.51 + n / 1e3, "time_s": 6e9 + n}}}
            await page.command("ReportPositions", moved, f"op-take-{n}")
            await page.frame("delta", where=lambda frame: bool(frame["put"] or frame["moved"]))
        async with asyncio.timeout(PATIENCE_S):  # the operation goes on: until both were read at one moment
            while True:
                whole = (await http.get("/api/picture")).json()
                if (await page.frame("snapshot", "delta"))["seq"] == whole["seq"]:
                    break
        for frame in page.seen:
            if frame["type"] in {"snapshot", "delta"}:
                named["take"](mine, frame)
    assert any(frame.get("moved") for frame in page.seen)
    told = whole["picture"]["terminals"][boat]["fix"]
    assert (mine["terminals"][boat]["fix"]["lon_deg"], told["lon_deg"]) == pytest.approx((106.511, 106.511))
    for tables in (mine, whole["picture"]):
        for name in ("terminals", "vessels"):
            for mover in tables[name].values():
                del mover["fix"]
    assert mine == whole["picture"]


async def test_the_client_of_the_guide_has_forty_lines() -> None:
    lines = [line for line in snippets()[0].splitlines() if line.strip()]
    assert len(lines) <= 40
    assert max(map(len, lines)) <= 120


@pytest.mark.timeout(180)
async def test_the_client_of_the_guide_enrols_follows_answers_and_comes_back(door: Door, tmp_path: Path) -> None:
    code = snippets()[0]
    script = tmp_path / "client.py"
    script.write_text(code)
    boat = door.terminals[-1]
    async with door.http() as http, door.live() as wall, cable(door.address) as line:
        invite = (await http.post("/api/access/invites", json={"terminal_id": boat, "name": "guide"})).json()
        secret = re.search(r"#s=([^&]+)", invite["url"])
        assert secret
        client = await asyncio.create_subprocess_exec(sys.executable, str(script), line.address, secret[1], stdout=PIPE)
        try:
            assert client.stdout is not None
            async with asyncio.timeout(PATIENCE_S):
                check = (await client.stdout.readline()).decode().split()[-1]
            device = next(item for item in (await http.get("/api/access")).json()["devices"] if item["check"] == check)
            await http.post(f"/api/access/devices/{device['id']}/confirm")
            for op_id in ("guide-1", "guide-2"):
                card = await _push_and_accept(door, wall, boat, op_id)
                async with asyncio.timeout(PATIENCE_S):
                    while await client.stdout.readline() != f"done {card}/accepted\n".encode():
                        pass
                line.pull()
            async with asyncio.timeout(PATIENCE_S):
                while sum(goes_on := ["have=" in first for first in line.asked if "/api/live" in first]) < 2:  # noqa: ASYNC110
                    await asyncio.sleep(0.05)
        finally:
            client.kill()
            await client.wait()
    # it may have knocked more than once before the wall let it in; after each cut it goes on from where it was
    assert goes_on == [False] * (len(goes_on) - 2) + [True, True]
    assert len(goes_on) > 2


async def _push_and_accept(door: Door, wall: Page, boat: str, op_id: str) -> str:
    async with door.http() as http:
        body = {"op_id": op_id, "plan_id": "reef", "terminal_ids": [boat], "place_id": "huangpanshi"}
        card = (await http.post("/api/pushes", json=body)).json()["card_ids"][0]
    await wall.frame(
        "delta", where=lambda frame: frame["put"].get("cards", {}).get(card, {}).get("state") == "accepted"
    )
    return str(card)
