"""Delivery over the real server: cumulative receipts, readers that are behind, packed frames, and the second road."""

import asyncio
import json
import zlib
from dataclasses import replace
from typing import Any

import pytest
from websockets.asyncio.client import connect

from rescuecmd.server import live
from rescuecmd.server.live import Wish
from rescuecmd.server.readers import BEHIND_S, Readers
from tests.server.door import PATIENCE_S, Door, note

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def push(door: Door, boat: str, op_id: str) -> str:
    async with door.http() as http:
        body = {"op_id": op_id, "plan_id": "reef", "terminal_ids": [boat], "place_id": "huangpanshi"}
        made = (await http.post("/api/pushes", json=body)).json()
        return str(made["card_ids"][0])


async def test_saying_what_one_has_confirms_every_card_up_to_there(door: Door) -> None:
    boat = door.terminals[0]
    cards = [await push(door, boat, f"have-{n}") for n in range(3)]
    async with door.live(f"terminal/{boat}") as phone, door.live() as wall:
        whole, known = await phone.frame("snapshot"), {}
        known.update(whole["picture"]["cards"])
        while not set(cards) <= set(known):
            whole = await phone.frame("delta")
            known.update(whole["put"].get("cards", {}))
        assert {known[card]["state"] for card in cards} == {"queued"}
        await wall.frame("snapshot")
        for epoch, seq in (("another life", whole["seq"]), (whole["epoch"], whole["seq"] + 10_000)):
            await phone.socket.send(json.dumps({"type": "have", "epoch": epoch, "seq": seq}))
        await phone.socket.send(json.dumps({"type": "have", "epoch": whole["epoch"], "seq": whole["seq"]}))
        arrived: dict[str, Any] = {}
        while {arrived.get(card, {}).get("state") for card in cards} != {"delivered"}:
            arrived.update((await wall.frame("delta"))["put"].get("cards", {}))


@pytest.mark.parametrize("message", [{"seq": 1}, {"epoch": "e", "seq": -1}, {"epoch": "e", "seq": 1, "more": 1}])
async def test_a_malformed_receipt_closes_the_connection(door: Door, message: dict[str, object]) -> None:
    async with door.live() as page:
        await page.frame("snapshot")
        await page.socket.send(json.dumps({"type": "have", **message}))
        assert await page.closed() == (4400, "bad-message")


async def test_frames_are_packed_for_those_who_ask(door: Door) -> None:
    async with connect(door.live_url("commander", pack="zlib"), max_size=None) as socket:
        assert json.loads(await socket.recv())["type"] == "hello"
        packed = await socket.recv()
        assert isinstance(packed, bytes)
        assert json.loads(zlib.decompress(packed))["type"] == "snapshot"


async def test_movement_waits_for_the_pace_and_an_order_does_not(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    # ten seconds, the longest a reader may wish, are made an hour: no machine is so slow that it passes
    monkeypatch.setattr(live, "Wish", lambda *wish: replace(Wish(*wish), pace_s=wish[-1] * 360.0))
    boat, other = door.terminals[:2]
    async with door.live(f"terminal/{boat}", pace_s=10) as phone, door.live() as wall:
        await phone.frame("snapshot")
        await wall.settled()
        moved = {"fixes": {other: {"lon_deg": 106.5, "lat_deg": 29.6, "time_s": 4e9, "accuracy_m": 5, "source": "gps"}}}
        for n in range(3):
            moved["fixes"][other]["time_s"] = 4e9 + n
            assert (await wall.command("ReportPositions", moved, f"pace-{n}"))["type"] == "done"
            await wall.frame("delta", where=lambda frame: other in _moved(frame))
        card = await push(door, boat, "pace-card")
        frames = [await phone.frame("delta")]
        while card not in frames[-1]["put"].get("cards", {}):
            frames.append(await phone.frame("delta"))
        alone = [frame for frame in frames if _moved(frame) and not (frame["put"] or frame["drop"])]
        assert alone == []  # it came with what does not wait, at the latest with the order
        assert any(other in _moved(frame) for frame in frames)


async def test_frames_follow_a_card_until_it_is_confirmed(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "_PRESSING_S", 3600.0)
    monkeypatch.setattr(live, "_FOLLOW_S", 0.01)
    boat = door.terminals[0]
    async with door.live(f"terminal/{boat}") as phone:
        await phone.frame("snapshot")
        card = await push(door, boat, "press")
        brought = await phone.frame("delta", where=lambda frame: card in frame["put"].get("cards", {}))
        async with asyncio.timeout(20):
            for _ in range(100):  # heartbeats alone, one a second, would take five times as long
                again = await phone.frame("delta")
                assert again["seq"] >= brought["seq"]
                assert not again["put"].get("cards")
        await phone.socket.send(json.dumps({"type": "have", "epoch": brought["epoch"], "seq": brought["seq"]}))
        await phone.frame("delta", where=lambda frame: card in frame["put"].get("cards", {}))


def _moved(frame: dict[str, Any]) -> set[str]:
    """Return the terminals of which a frame tells where they are."""
    return {*frame["put"].get("terminals", {}), *frame["moved"].get("terminals", {}).get("ids", ())}


async def test_a_late_card_comes_by_the_second_road_as_the_same_frame(door: Door) -> None:
    boat = door.terminals[1]
    async with door.http(f"terminal/{boat}") as http:
        whole = (await http.get("/api/picture")).json()
        at = {"epoch": whole["epoch"], "have": whole["seq"], "late_s": 0.3}
        assert (await http.get("/api/next", params={**at, "wait_s": 0})).status_code == 204
        waiting = asyncio.create_task(http.get("/api/next", params={**at, "wait_s": 20}))
        card = await push(door, boat, "road-1")
        frame = (await waiting).json()
        assert (frame["type"], frame["after"]) == ("delta", whole["seq"])
        assert frame["put"]["cards"][card]["state"] == "queued"
        known = {"epoch": frame["epoch"], "have": frame["seq"], "late_s": 0.3, "wait_s": 0.6}
        assert (await http.get("/api/next", params=known)).status_code == 204  # the reader has it already
        body = {"op_id": "road-r", "name": "GiveReceipt", "body": {"card_id": card, "receipt": "delivered"}}
        assert (await http.post("/api/commands", json=body)).status_code == 200
        async with asyncio.timeout(PATIENCE_S):  # a tick later nobody waits for it
            while (await http.get("/api/next", params={**at, "wait_s": 0.6})).status_code != 204:
                pass


async def test_without_a_socket_the_road_carries_everything(door: Door) -> None:
    async with door.http("observer") as http, door.live() as wall:
        first = (await http.get("/api/next")).json()
        assert first["type"] == "snapshot"
        at = {"epoch": first["epoch"], "have": first["seq"], "wait_s": 20}
        waiting = asyncio.create_task(http.get("/api/next", params=at))
        await wall.command("AddNote", note("n-road"), "op-road")
        assert "n-road" in (await waiting).json()["put"]["notes"]
        assert (await http.get("/api/next", params={"wait_s": 99})).status_code == 422


async def test_a_reader_that_owes_an_answer_is_behind_by_its_best_connection() -> None:
    readers = Readers(3)
    with readers.join("t", robot=False) as slow, readers.join("t", robot=True) as quick:
        slow.has("e", 1)
        for seq, now_s in ((2, 100.0), (3, 101.0)):
            slow.sending(seq, now_s)
            slow.sent()  # the socket took it; that is not the reader
        assert readers.behind(104.0) == {}  # the other connection has everything
        quick.sending(3, 101.0)
        assert readers.behind(101.0 + BEHIND_S) == {"t": BEHIND_S}
        quick.sent()
        assert readers.behind(110.0) == {}
        assert slow.behind_s(104.0) == 4.0
        slow.has("e", 2)
        assert slow.behind_s(104.0) == 3.0
        slow.has("e", 3)
        assert slow.behind_s(104.0) == 0.0
    assert len(readers) == 0


async def test_a_phone_that_stops_confirming_is_shown_behind_on_the_wall_alone(door: Door) -> None:
    boat = door.terminals[0]
    async with door.live(f"terminal/{boat}") as phone, door.live() as wall:
        whole = await phone.frame("snapshot")
        await phone.socket.send(json.dumps({"type": "have", "epoch": whole["epoch"], "seq": whole["seq"]}))
        await wall.command("AddNote", note("n-behind"), "op-behind")
        late = await wall.frame("delta", where=lambda frame: boat in frame["behind"])
        assert late["behind"][boat] >= BEHIND_S
        now = await phone.frame(
            "delta", where=lambda frame: frame["now_s"] >= late["now_s"] and frame["seq"] > whole["seq"]
        )
        assert now["behind"] == {}
        await phone.socket.send(json.dumps({"type": "have", "epoch": now["epoch"], "seq": now["seq"]}))
        await wall.frame("delta", where=lambda frame: boat not in frame["behind"])
