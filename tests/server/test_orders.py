import asyncio
import base64
import hashlib
import re
from typing import Any

import pytest

from tests.server.door import Door, note

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def ask(door: Door, role: str, method: str, path: str, **more: Any) -> tuple[int, Any]:
    async with door.http(role) as http:
        answer = await http.request(method, path, **more)
        return answer.status_code, answer.json()


def code(answer: tuple[int, Any]) -> tuple[int, str]:
    return answer[0], answer[1]["error"]["code"]


async def test_the_river_has_all_its_layers(door: Door) -> None:
    status, river = await ask(door, "observer", "GET", "/api/river")
    assert status == 200
    assert river["schematic"] is True
    assert river["vertical_datum"] == "wusong"
    named = {feature["id"] for layer in river["layers"].values() for feature in layer["features"]}
    assert {"huangpanshi", "dazhulin-pontoon", "dazhulin-beach", "exit-upper", "caoxietuo", "jingkou-bridge"} <= named
    for layer in river["layers"].values():
        for feature in layer["features"]:
            assert {"id", "name_zh", "name_en"} <= feature["properties"].keys()
    assert all(item["source"] and item["confidence"] for item in river["provenance"])


async def test_the_depth_is_a_picture(door: Door) -> None:
    status, depth = await ask(door, "observer", "GET", "/api/depth")
    assert status == 200
    assert len(depth["corners"]) == 4
    (west, north), (east, _), (_, south), _ = depth["corners"]
    assert west < east
    assert south < north
    async with door.http("") as http:
        answer = await http.get(depth["png"], params={"key": door.keys["observer"]})
        assert answer.headers["content-type"] == "image/png"
        assert answer.content.startswith(b"\x89PNG")
        assert 2000 < len(answer.content) < 400_000
        assert (await http.get(depth["png"])).status_code == 403
    assert code(await ask(door, "observer", "GET", "/api/depth/nothing.png")) == (404, "unknown-depth")


async def test_a_push_is_previewed_made_and_answered(door: Door) -> None:
    boats = [item for item in door.terminals if "rib" in item or "boat" in item][:2] or door.terminals[:2]
    body = {"op_id": "push-1", "plan_id": "reef", "terminal_ids": boats, "victim_ids": [], "place_id": "huangpanshi"}
    status, preview = await ask(door, "commander", "POST", "/api/pushes/preview", json=body)
    assert status == 200, preview
    assert [card["terminal_id"] for card in preview["cards"]] == boats
    async with door.live(f"terminal/{boats[0]}") as phone, door.live() as wall:
        await phone.frame("snapshot")
        status, made = await ask(door, "commander", "POST", "/api/pushes", json=body)
        assert status == 200, made
        assert made["card_ids"] == [f"{made['push_id']}/{item}" for item in boats]
        assert (await ask(door, "commander", "POST", "/api/pushes", json=body))[1] == made
        card_id = made["card_ids"][0]
        shown = await phone.frame("delta", where=lambda frame: card_id in frame["put"].get("cards", {}))
        card = shown["put"]["cards"][card_id]
        assert card["state"] == "queued"
        assert card["content"]["title"] == preview["cards"][0]["content"]["title"]
        assert list(shown["put"]["cards"]) == [card_id]
        for receipt in ("delivered", "displayed", "accepted"):
            done = await phone.command("GiveReceipt", {"card_id": card_id, "receipt": receipt}, f"r-{receipt}")
            assert done["type"] == "done", done
        await wall.frame("delta", where=lambda f: f["put"].get("cards", {}).get(card_id, {}).get("state") == "accepted")
    await pictures(door, made["push_id"], boats)


async def pictures(door: Door, push_id: str, boats: list[str]) -> None:
    path = f"/api/cards/{push_id}/{boats[0]}/picture.svg"
    async with door.http(f"terminal/{boats[0]}") as http:
        for lang in ("zh", "en"):
            answer = await http.get(path, params={"lang": lang, "theme": "night"})
            assert answer.status_code == 200, answer.text
            assert answer.headers["content-type"] == "image/svg+xml"
            assert "演练" in answer.text
        assert (await http.get(f"/api/cards/{push_id}/{boats[1]}/picture.svg")).status_code == 403
        assert (await http.get(path, params={"lang": "fr"})).status_code == 422


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"plan_id": "reaf"}, (404, "unknown-plan")),
        ({"terminal_ids": ["nobody"]}, (404, "unknown-terminal")),
        ({"victim_ids": ["nobody"]}, (404, "unknown-victim")),
        ({"terminal_ids": []}, (409, "no-terminals")),
        ({"place_id": "nowhere"}, (404, "unknown-place")),
        ({"more": 1}, (422, "bad-request")),
        ({"op_id": ""}, (422, "bad-request")),
        ({"terminal_ids": "x"}, (422, "bad-request")),
    ],
)
async def test_a_wrong_push_is_refused(door: Door, change: dict[str, object], expected: tuple[int, str]) -> None:
    body = {"op_id": "push-x", "plan_id": "reef", "terminal_ids": door.terminals[:1], "place_id": "huangpanshi"}
    assert code(await ask(door, "commander", "POST", "/api/pushes", json={**body, **change})) == expected


async def test_only_the_commander_pushes(door: Door) -> None:
    body = {"op_id": "push-y", "plan_id": "reef", "terminal_ids": door.terminals[:1], "place_id": "huangpanshi"}
    for role in ("trainer", "observer", f"terminal/{door.terminals[0]}"):
        assert code(await ask(door, role, "POST", "/api/pushes", json=body)) == (403, "role")


@pytest.mark.parametrize("path", ["picture", "river", "depth", "story", "cameras", "drill", "drill/report"])
async def test_nothing_is_shown_without_a_key(door: Door, path: str) -> None:
    assert code(await ask(door, "", "GET", f"/api/{path}")) == (403, "key")
    async with door.http("") as http:
        wrong = await http.get(f"/api/{path}", headers={"authorization": "Basic eDp5"})
        assert wrong.status_code == 403


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"null", b'{"op_id":"x"}', b"\xff\xfe", b"[" * 5000])
async def test_malformed_bodies_are_refused(door: Door, content: bytes) -> None:
    for path in ("/api/commands", "/api/pushes"):
        answer = await ask(
            door, "commander", "POST", path, content=content, headers={"content-type": "application/json"}
        )
        assert code(answer) in {(422, "bad-request"), (400, "bad-request")}


async def test_a_terminal_never_sees_what_is_not_its_own(door: Door) -> None:
    mine, other = door.terminals[:2]
    body = {"op_id": "push-other", "plan_id": "reef", "terminal_ids": [other], "place_id": "huangpanshi"}
    async with door.live(f"terminal/{mine}") as phone:
        await phone.frame("snapshot")
        status, made = await ask(door, "commander", "POST", "/api/pushes", json=body)
        assert status == 200
        await ask(
            door, "trainer", "POST", "/api/commands", json={"op_id": "n-t", "name": "AddNote", "body": note("n-t")}
        )
        await ask(
            door, "commander", "POST", "/api/commands", json={"op_id": "n-c", "name": "AddNote", "body": note("n-c")}
        )
        seq = made["seqs"][-1]
        await phone.frame("delta", where=lambda frame: frame["seq"] > seq)
        status, whole = await ask(door, f"terminal/{mine}", "GET", "/api/picture")
        for frame in (*phone.seen, whole):
            said = frame.get("put") or frame.get("picture") or {}
            assert not {"suggestions", "offers", "alarms", "notes"} & {name for name, table in said.items() if table}
            for name in ("cards", "tasks"):
                assert all(entity["terminal_id"] == mine for entity in said.get(name, {}).values())
            assert all(mine in push["terminal_ids"] for push in said.get("pushes", {}).values())
            assert frame.get("story", []) == []
            assert frame["type"] != "drill"
    assert (await ask(door, f"terminal/{mine}", "GET", "/api/story"))[1]["story"] == []
    assert code(await ask(door, f"terminal/{mine}", "GET", "/api/drill")) == (403, "role")


async def test_what_is_for_the_trainer_alone_is_not_on_the_wall(door: Door) -> None:
    secret = note("n-secret")
    secret["note"]["to"] = ["trainer"]
    body = {"op_id": "n-secret", "name": "AddNote", "body": secret}
    async with door.live() as wall, door.live("trainer", view="trainer") as trainer:
        seq = (await ask(door, "trainer", "POST", "/api/commands", json=body))[1]["seqs"][0]
        await trainer.frame("snapshot", "delta", where=lambda f: "n-secret" in str(f) and f["seq"] >= seq)
        await wall.frame("snapshot", "delta", where=lambda f: f["seq"] >= seq)
        assert not any("n-secret" in str(frame) for frame in wall.seen)
    for role, sees in (("commander", False), ("observer", False), ("trainer", True)):
        assert ("n-secret" in (await ask(door, role, "GET", "/api/picture"))[1]["picture"]["notes"]) is sees
        told = (await ask(door, role, "GET", "/api/story"))[1]["story"]
        assert any(line["seq"] == seq for line in told) is sees


async def test_the_trainer_runs_the_drill(door: Door) -> None:
    status, view = await ask(door, "trainer", "GET", "/api/drill")
    assert (status, view["state"]) == (200, "ready")
    assert view["next"]
    assert "dazhulin" in view["drills"]
    assert code(await ask(door, "commander", "POST", "/api/drill/start")) == (403, "role")
    assert code(await ask(door, "trainer", "POST", "/api/drill/speed", json={"speed": 0})) == (422, "bad-request")
    assert code(await ask(door, "trainer", "POST", "/api/drill/fire", json={"inject_id": "x"})) == (
        404,
        "unknown-inject",
    )
    assert (await ask(door, "trainer", "POST", "/api/drill/speed", json={"speed": 5}))[0] == 200
    async with door.live("trainer", view="trainer") as page:
        first = await page.frame("drill")
        assert first["drill_id"] == "dazhulin"
        status, view = await ask(door, "trainer", "POST", "/api/drill/start")
        assert (status, view["state"]) == (200, "running")
        await page.frame("drill", where=lambda frame: frame["elapsed_s"] >= 3)
        view = (await ask(door, "trainer", "POST", "/api/drill/pause"))[1]
        assert view["state"] == "paused"
        inject = view["next"][0]["id"]
        assert (await ask(door, "trainer", "POST", "/api/drill/fire", json={"inject_id": inject}))[0] == 200
        await page.frame("drill", where=lambda frame: any(item["id"] == inject for item in frame["fired"]))
        still = (await ask(door, "trainer", "GET", "/api/drill"))[1]["elapsed_s"]
        await asyncio.sleep(0.5)
        assert (await ask(door, "trainer", "GET", "/api/drill"))[1]["elapsed_s"] == still
    assert (await ask(door, "trainer", "GET", "/api/drill/report"))[0] == 200
    async with door.http("trainer") as http:
        page_of = await http.get("/api/drill/report.html")
        assert "演练" in page_of.text
        (style,) = re.findall(r"<style>(.*?)</style>", page_of.text, re.DOTALL)
        named = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
        assert f"style-src 'self' 'sha256-{named}';" in page_of.headers["content-security-policy"]


async def test_who_may_push_is_told_which_cards_there_are(door: Door) -> None:
    status, answer = await ask(door, "commander", "GET", "/api/plans")
    assert status == 200
    assert {plan["id"]: plan["victims"] for plan in answer["plans"]}["reef"] == "stranded"
    assert code(await ask(door, "observer", "GET", "/api/plans")) == (403, "role")


async def test_health_says_more_to_those_with_a_key(door: Door) -> None:
    status, known = await ask(door, "observer", "GET", "/api/health")
    assert (status, known["ok"], known["drill_id"]) == (200, True, "dazhulin")
    status, stranger = await ask(door, "", "GET", "/api/health")
    assert (status, stranger["operation_id"], stranger["epoch"], stranger["seq"]) == (200, "", "", 0)


async def test_video_that_is_off_says_so(door: Door) -> None:
    async with door.http("observer") as http:
        answer = await http.post("/whep/shore", content="v=0\r\n", headers={"content-type": "application/sdp"})
        assert (answer.status_code, answer.json()["error"]["code"]) == (503, "video-off")
        answer = await http.post("/whep/shore", content="v=0\r\n", headers={"content-type": "text/plain"})
        assert answer.status_code == 422
