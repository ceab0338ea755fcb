"""The locate link through the real server: made by the commander, answered by whoever has it and by nobody else."""

import asyncio
from typing import Any

import pytest

from tests.server.door import Door

pytestmark = pytest.mark.asyncio(loop_scope="module")
HERE = {"lon_deg": 106.46, "lat_deg": 29.64, "accuracy_m": 18.0}


async def ask(door: Door, role: str, method: str, path: str, **more: Any) -> tuple[int, Any]:
    async with door.http(role) as http:
        answer = await http.request(method, path, **more)
        return answer.status_code, answer.json()


async def made(door: Door, op_id: str, **more: Any) -> dict[str, Any]:
    status, link = await ask(
        door, "commander", "POST", "/api/locate", json={"op_id": op_id, "contact": "…0199", **more}
    )
    assert status == 200, link
    return dict(link)


async def test_one_tap_of_a_caller_is_a_report_on_the_wall(door: Door) -> None:
    link = await made(door, "link-1")
    assert link["url"].endswith(link["path"])
    assert link["qr"].startswith("data:image/svg+xml")
    secret = link["path"].removeprefix("/l/")
    assert (await ask(door, "", "GET", f"/api/locate/{secret}"))[1]["open"] is True
    body = {"op_id": "a", **HERE, "count": 2, "note": "on the roof"}
    for _ in range(2):  # the phone may say it twice
        status, seen = await ask(door, "", "POST", f"/api/locate/{secret}", json=body)
        assert (status, seen["answers"]) == (200, 1)
    _, whole = await ask(door, "commander", "GET", "/api/picture")
    victim = whole["picture"]["victims"][f"locate-{link['id']}"]
    assert (victim["count"], victim["source"], victim["fix"]["accuracy_m"]) == (2, "locate_link", 18.0)
    assert secret not in str(whole)
    _, phone = await ask(door, f"terminal/{door.terminals[0]}", "GET", "/api/picture")
    assert phone["picture"]["links"] == {}


async def test_the_wall_only_makes_links_and_an_op_id_makes_one(door: Door) -> None:
    for role in ("observer", f"terminal/{door.terminals[0]}"):
        assert (await ask(door, role, "POST", "/api/locate", json={"op_id": "x"}))[0] == 403
    await made(door, "link-2")
    status, said = await ask(door, "commander", "POST", "/api/locate", json={"op_id": "link-2"})
    assert (status, said["error"]["code"]) == (409, "op-id-taken")


async def test_a_closed_link_says_so(door: Door) -> None:
    link = await made(door, "link-3")
    secret = link["path"].removeprefix("/l/")
    close = {"op_id": "close-3", "name": "CloseLocateLink", "body": {"link_id": link["id"]}}
    assert (await ask(door, "commander", "POST", "/api/commands", json=close))[0] == 200
    assert (await ask(door, "", "GET", f"/api/locate/{secret}"))[1]["open"] is False
    status, said = await ask(door, "", "POST", f"/api/locate/{secret}", json={"op_id": "a", **HERE})
    assert (status, said["error"]["code"]) == (409, "link-over")


@pytest.mark.parametrize(
    "wrong",
    [{"lat_deg": 91}, {"lon_deg": "NaN"}, {"accuracy_m": -1}, {"count": 0}, {"note": "x" * 201}, {"more": 1}],
)
async def test_a_malformed_answer_is_refused(door: Door, wrong: dict[str, Any]) -> None:
    link = await made(door, f"link-{next(iter(wrong))}")
    secret = link["path"].removeprefix("/l/")
    status, _ = await ask(door, "", "POST", f"/api/locate/{secret}", json={"op_id": "a", **HERE, **wrong})
    assert status == 422


async def test_answers_are_slowed_down_and_guessing_is_stopped(door: Door) -> None:
    link = await made(door, "link-4")
    secret = link["path"].removeprefix("/l/")
    async with door.http("") as http:
        path = f"/api/locate/{secret}"
        answers = await asyncio.gather(*(http.post(path, json={"op_id": f"b{n}", **HERE}) for n in range(45)))
        assert {answer.status_code for answer in answers} == {200, 429}
        guesses = [(await http.get(f"/api/locate/guess{n}")).status_code for n in range(14)]
        assert guesses[0] == 403
        assert guesses[-1] == 429


async def test_a_groups_room_is_for_its_members(door: Door) -> None:
    inside, outside = door.terminals[:2]
    group = {
        "id": "room-1", "name": {"zh": "组", "en": "group"}, "terminal_ids": [inside], "made_by": "", "made_s": 0.0,
        "camera_ids": ["shore-1"],
    }  # fmt: skip
    form = {"op_id": "room-1", "name": "FormGroup", "body": {"group": group}}
    assert (await ask(door, "commander", "POST", "/api/commands", json=form))[0] == 200
    sdp = {"content": "v=0", "headers": {"content-type": "application/sdp"}}
    status, said = await ask(door, f"terminal/{outside}", "POST", "/whep/shore-1", **sdp)
    assert (status, said["error"]["code"]) == (403, "room")
    status, said = await ask(door, f"terminal/{inside}", "POST", "/whep/shore-1", **sdp)
    assert said["error"]["code"] != "room"
    close = {"op_id": "room-1-end", "name": "CloseGroup", "body": {"group_id": "room-1"}}
    await ask(door, "commander", "POST", "/api/commands", json=close)
    status, said = await ask(door, f"terminal/{outside}", "POST", "/whep/shore-1", **sdp)
    assert said["error"]["code"] != "room"
