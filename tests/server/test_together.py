"""What one person may not do alone, through the server's door."""

from typing import Any

import httpx
import pytest

from tests.server.door import Door, note

pytestmark = pytest.mark.asyncio(loop_scope="module")
RING = [[106.4, 29.6], [106.5, 29.6], [106.5, 29.7], [106.4, 29.6]]
ZONE = {"id": "z", "kind": "search", "name": {"zh": "搜", "en": "search"}, "ring": RING, "starts_s": 0.0}


async def send(door: Door, role: str, name: str, op_id: str, **body: Any) -> httpx.Response:
    async with door.http(role) as http:
        return await http.post("/api/commands", json={"op_id": op_id, "name": name, "body": body})


async def picture(door: Door) -> dict[str, Any]:
    async with door.http() as http:
        return dict((await http.get("/api/picture")).json())


async def test_two_clicks_of_one_person_abandon_nothing(door: Door) -> None:
    assert (await send(door, "commander", "DrawZone", "op-draw", zone=ZONE)).status_code == 200
    for _ in range(2):  # the same click twice is one question
        assert (await send(door, "commander", "LiftZone", "op-lift", zone_id="z")).status_code == 200
    seen = (await picture(door))["picture"]
    assert "z" in seen["zones"]
    (asked,) = seen["approvals"].values()
    answer = {"approval_id": asked["id"], "answer": "approve"}
    alone = await send(door, "commander", "AnswerApproval", "op-alone", **answer)
    assert (alone.status_code, alone.json()["error"]["code"]) == (403, "second-person")
    assert (await send(door, "observer", "AnswerApproval", "op-obs", **answer)).status_code == 403
    assert (await send(door, "deputy", "AnswerApproval", "op-yes", **answer)).status_code == 200
    seen = (await picture(door))["picture"]
    assert "z" not in seen["zones"]
    assert seen["approvals"][asked["id"]]["answered_by"] == "deputy"


async def test_the_command_changes_hands_and_so_do_the_rights(door: Door) -> None:
    async with door.live() as old, door.live("deputy") as new:
        assert (await old.frame("hello"))["role"] == "commander"
        asking = {"approval": {"id": "hand", "kind": "hand_over"}}
        assert (await old.command("AskApproval", asking, "op-ask"))["type"] == "done"
        await new.frame("delta", where=lambda frame: "hand" in frame["put"].get("approvals", {}))
        taken = await new.command("AnswerApproval", {"approval_id": "hand", "answer": "approve"}, "op-take")
        assert taken["type"] == "done"
        assert (await new.command("JoinVessel", {}, "op-join"))["error"]["code"] == "bad-command"  # it may, now
        assert (await old.command("JoinVessel", {}, "op-join-2"))["error"]["code"] == "command-role"
        assert (await old.command("AddNote", note("n-still"), "op-note"))["type"] == "done"
    for role, status in (("deputy", 200), ("commander", 403)):
        async with door.http(role) as http:
            assert (await http.get("/api/access")).status_code == status
    assert (await picture(door))["operation"]["in_command"] == "deputy"
