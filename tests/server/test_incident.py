"""A live operation through the server's door: nobody plays a drill here, and nothing is known that was not told."""

import asyncio
import json
import shutil
import signal
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pyotp
import pytest
import pytest_asyncio

from rescuecmd.feeds.viewer import Viewer
from rescuecmd.library import shelf
from rescuecmd.server.run import Serving, serving
from rescuecmd.store.folder import FILE
from tests.feeds.test_gauge import answering
from tests.media.test_source import write_clip
from tests.server.conftest import settings_for
from tests.server.door import Door, note
from tests.server.phone import Phone
from tests.server.process import run, serve
from tests.server.test_record import spoil_end

pytestmark = pytest.mark.asyncio(loop_scope="module")

UNITS = """
units: river-units/1
forces:
  - id: boat-1
    name: {zh: 消防 1 号艇, en: Fire boat 1}
    agency: fire
    role: boat
    supervisor: shore-2
    craft: {kind: rib, length_m: 5, draught_m: 0.4, under_keel_m: 0.2, air_draught_m: 2, speed_mps: 6, seats: 6}
  - id: shore-2
    name: {zh: 岸基组 2, en: Shore team 2}
    agency: police
    role: shore
"""
MARKS = ("演练", 'drill"', "exercise")


def units_in(folder: Path, text: str = UNITS) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "units.yaml"
    path.write_text(text, encoding="utf-8")
    return path


@asynccontextmanager
async def live(folder: Path, *, units: str = UNITS, **more: object) -> AsyncIterator[Serving]:
    """Serve a live operation on the teaching river, with links for the tests' sake."""
    units_in(folder, units)
    settings = settings_for(folder, **{"drill": "", "river": "teaching", "live_links": True, **more})
    async with serving(settings) as server:
        await server.host.opened()
        yield server


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def server(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Serving]:
    async with live(tmp_path_factory.mktemp("data")) as running:
        yield running


def door_of(server: Serving) -> Door:
    door = Door.of(server)
    door.keys["gauge"] = server.host.keyring.key("gauge")
    return door


async def ask(door: Door, role: str, method: str, path: str, body: object = None) -> tuple[int, Any]:
    async with door.http(role) as http:
        answer = await http.request(method, path, json=body)
    return answer.status_code, answer.json()


async def refusal(door: Door, role: str, method: str, path: str, body: object = None) -> tuple[int, str]:
    status, said = await ask(door, role, method, path, body)
    return status, said["error"]["code"]


def reading(level_m: float, ago: timedelta = timedelta(0)) -> dict[str, object]:
    return {
        "readings": [{"time": (datetime.now(UTC) - ago).isoformat(), "level_m": level_m}],
        "vertical_datum": "local",
    }


def fix_at(server: Serving, place_id: str) -> dict[str, object]:
    river = server.host.need_running().river
    place = river.place(place_id)
    lon, lat = river.frame.point_lonlat(place.x_m, place.y_m)
    return {"lon_deg": lon, "lat_deg": lat, "time_s": time.time(), "accuracy_m": 4.0, "source": "gps"}


async def test_the_water_is_unknown_until_a_gauge_is_read_and_known_from_then_on(server: Serving) -> None:
    door = door_of(server)
    await is_a_live_operation(door)
    push = {"op_id": "p-1", "plan_id": "reef", "terminal_ids": ["t-boat-1"], "place_id": "rock"}
    assert await refusal(door, "commander", "GET", "/api/reach?vessel_id=boat-1") == (409, "no-fix")
    async with door.live("terminal/t-boat-1") as phone:
        told = await phone.command("ReportPositions", {"fixes": {"t-boat-1": fix_at(server, "steps")}}, "fix-1")
        assert told["type"] == "done"
    picture = server.host.need_running().desk.picture
    assert picture.terminals["t-boat-1"].supervisor_id == "t-shore-2"
    vessel = picture.vessels["boat-1"]
    assert vessel.fix is not None
    assert vessel.fix.accuracy_m == 4.0  # a boat is where its terminal is
    for path in ("/api/depth", "/api/reach?vessel_id=boat-1"):
        assert await refusal(door, "commander", "GET", path) == (422, "no-levels")
    told = await previewed(door, push)
    assert told["no_route"]["zh"] == "还没有水位"
    assert told["where"]["en"] == "Rock, K1+000 right bank"
    assert {limit["state"] for limit in told["limits"]} >= {"unknown"}
    assert told["eta_s"] is None
    async with door.live() as wall:
        await wall.frame("snapshot")
        status, taken = await ask(door, "gauge", "POST", "/api/gauges/down/readings", reading(13.0))
        assert (status, taken["taken"]) == (200, 1)
        frame = await wall.frame("delta", where=lambda one: "outlooks" in one["put"])
        assert frame["put"]["outlooks"]["rock"]["level_m"] == pytest.approx(13.0)
    status, depth = await ask(door, "observer", "GET", "/api/depth")
    assert (status, depth["gauge_id"], depth["level_m"]) == (200, "down", pytest.approx(13.0))
    status, reach = await ask(door, "commander", "GET", "/api/reach?vessel_id=boat-1&minutes=5")
    assert status == 200
    assert reach["features"]
    status, made = await ask(door, "commander", "POST", "/api/pushes", push)
    assert status == 200, made
    await is_a_live_operation(door)
    async with door.http() as http:
        drawn = await http.get(f"/api/cards/{made['card_ids'][0]}/picture.svg")
    assert drawn.status_code == 200, drawn.text
    assert "marking" not in drawn.text.split("</style>")[-1]


async def test_who_was_reported_while_the_water_was_unknown_has_a_card_with_the_first_reading(tmp_path: Path) -> None:
    async with live(tmp_path) as server:
        door = door_of(server)
        async with door.live("terminal/t-boat-1") as phone:
            await phone.command("ReportPositions", {"fixes": {"t-boat-1": fix_at(server, "steps")}}, "fix-1")
        victim = {
            "id": "v-1", "kind": "stranded", "name": {"zh": "钓鱼人", "en": "anglers"}, "count": 2, "place_id": "rock",
            "fix": {**fix_at(server, "rock"), "source": "report"}, "reported_s": time.time(), "reported_by": "caller",
        }  # fmt: skip
        async with door.live() as wall:
            assert (await wall.command("ReportVictim", {"victim": victim}, "v-1"))["type"] == "done"
            group = {"id": "g-1", "name": {"zh": "北岸", "en": "north"}, "terminal_ids": ["t-boat-1", "t-shore-2"]}
            formed = {"group": {**group, "made_by": "", "made_s": time.time()}}
            assert (await wall.command("FormGroup", formed, "g-1"))["type"] == "done"
            assert server.host.need_running().desk.picture.suggestions == {}
            await ask(door, "commander", "POST", "/api/gauges/down/readings", reading(12.5))
            frame = await wall.frame("delta", where=lambda one: "suggestions" in one["put"])
        (suggestion,) = frame["put"]["suggestions"].values()
        assert suggestion["victim_ids"] == ["v-1"]


async def test_a_reading_of_hours_ago_says_nothing_of_now(tmp_path: Path) -> None:
    async with live(tmp_path) as server:
        door = door_of(server)
        async with door.live("terminal/t-boat-1") as phone:
            await phone.command("ReportPositions", {"fixes": {"t-boat-1": fix_at(server, "steps")}}, "fix-1")
        old = reading(12.5, timedelta(hours=4))
        assert (await ask(door, "gauge", "POST", "/api/gauges/down/readings", old))[0] == 200
        assert await refusal(door, "commander", "GET", "/api/depth") == (422, "outside-time")
        assert await refusal(door, "commander", "GET", "/api/reach?vessel_id=boat-1") == (422, "no-forecast")
        push = {"op_id": "p-1", "plan_id": "reef", "terminal_ids": ["t-boat-1"], "place_id": "rock"}
        shown = (await ask(door, "commander", "POST", "/api/pushes/preview", push))[1]
        assert (
            "没有可走的航路：水位预报" in shown["cards"][0]["content"]["spoken"]["zh"]
        )  # a card without a way says why
        assert (await ask(door, "gauge", "POST", "/api/gauges/down/readings", reading(12.6)))[0] == 200
        assert (await ask(door, "observer", "GET", "/api/depth"))[0] == 200


async def test_a_level_outside_the_survey_is_told_to_all_and_all_comes_back_with_it(tmp_path: Path) -> None:
    async with live(tmp_path) as server:
        door = door_of(server)
        async with door.live("terminal/t-boat-1") as phone:
            await phone.command("ReportPositions", {"fixes": {"t-boat-1": fix_at(server, "steps")}}, "fix-1")
            await push_level(door, 12.5, minutes_ago=9)
            await phone.frame("delta", where=lambda one: "outlooks" in one["put"])
            push = {"op_id": "p-1", "plan_id": "reef", "terminal_ids": ["t-boat-1"], "place_id": "rock"}
            assert (await ask(door, "commander", "POST", "/api/pushes", push))[0] == 200
            running = server.host.need_running()
            assert [route.state for route in running.desk.picture.routes.values()] == ["active"]
            await push_level(door, 20.4, minutes_ago=6)  # the survey ends at 20 m; so fast a rise waits for the next
            await push_level(door, 20.5, minutes_ago=5)
            frame = await phone.frame("delta", where=lambda one: "level_outside/river" in one["put"].get("alarms", {}))
            alarm = frame["put"]["alarms"]["level_outside/river"]
            assert alarm["priority"] == "alarm"
            assert "10.00 至 20.00 米（当地高程）" in alarm["text"]["zh"]
            assert "10.00 to 20.00 m (local datum)" in alarm["text"]["en"]
        await is_refused_everywhere(door)
        await goes_out_all_the_same(door, server)
        picture = (await ask(door, "terminal/t-boat-1", "GET", "/api/picture"))[1]["picture"]
        assert picture["outlooks"] == {}
        assert picture["gauges"]["down"]["recent"][-1]["level_m"] == 20.5
        assert [route["state"] for route in picture["routes"].values()] == ["cut"]
        async with door.live() as wall:
            await wall.frame("snapshot")
            await push_level(door, 14.0, minutes_ago=2)
            await push_level(door, 13.9, minutes_ago=1)
            await wall.frame("delta", where=lambda one: "rock" in one["put"].get("outlooks", {}))
        assert (await ask(door, "observer", "GET", "/api/depth"))[0] == 200
        assert (await ask(door, "commander", "GET", "/api/reach?vessel_id=boat-1&minutes=5"))[0] == 200
        again = {"op_id": "p-3", "plan_id": "reef", "terminal_ids": ["t-boat-1"], "place_id": "rock"}
        status, made = await ask(door, "commander", "POST", "/api/pushes", again)
        assert (status, len(made["card_ids"])) == (200, 1)


async def previewed(door: Door, push: dict[str, Any]) -> dict[str, Any]:
    """Return what the first terminal of a push would be told."""
    status, said = await ask(door, "commander", "POST", "/api/pushes/preview", push)
    assert status == 200, said
    content: dict[str, Any] = said["cards"][0]["content"]
    return content


async def push_level(door: Door, level_m: float, *, minutes_ago: float) -> None:
    body = reading(level_m, timedelta(minutes=minutes_ago))
    status, said = await ask(door, "gauge", "POST", "/api/gauges/down/readings", body)
    assert (status, said["known"]) == (200, 0), said


async def goes_out_all_the_same(door: Door, server: Serving) -> None:
    """A card is pushed and accepted: it says that there is no way and why, and what is unknown."""
    push = {"op_id": "p-2", "plan_id": "reef", "terminal_ids": ["t-boat-1"], "place_id": "rock"}
    status, made = await ask(door, "commander", "POST", "/api/pushes", push)
    assert status == 200, made
    (card_id,) = made["card_ids"]
    picture = server.host.need_running().desk.picture
    content = picture.cards[card_id].content
    assert content.no_route is not None
    assert "local datum" in content.no_route.en
    assert "there is no way now" in content.spoken.en
    assert content.route_id == ""
    async with door.live("terminal/t-boat-1") as phone:
        receipt = {"card_id": card_id, "receipt": "accepted"}
        assert (await phone.command("GiveReceipt", receipt, "p-2-accepted"))["type"] == "done"
    assert await refusal(door, "commander", "GET", f"/api/cards/{card_id}/picture.svg") == (422, "level-outside")


async def is_refused_everywhere(door: Door) -> None:
    """No question about the water is answered with anything but the range, in both languages."""
    for path in ("/api/depth", "/api/reach?vessel_id=boat-1"):
        status, said = await ask(door, "commander", "GET", path)
        assert (status, said["error"]["code"]) == (422, "level-outside")
        facts = said["error"]["facts"]
        assert (facts["lowest_m"], facts["highest_m"], facts["level_m"]) == (10.0, 20.0, 20.5)
        assert "当地高程" in facts["zh"]
        assert "local datum" in facts["en"]


async def test_a_gauge_that_is_fetched_makes_the_water_known(tmp_path: Path) -> None:
    async with answering(json.dumps({"readings": reading(12.25)["readings"]}).encode()) as url:
        feeds = [{"gauge": "down", "url": url, "vertical_datum": "local"}]
        async with live(tmp_path, gauges=feeds) as server:
            door = door_of(server)
            async with door.live() as wall:
                await wall.frame(
                    "snapshot", "delta", where=lambda one: (one.get("picture") or one["put"]).get("outlooks")
                )
            assert (await ask(door, "observer", "GET", "/api/depth"))[1]["level_m"] == pytest.approx(12.25)


async def is_a_live_operation(door: Door) -> None:
    """Nothing that anybody is shown has a word of a drill; its clock is the real one."""
    for role in ("commander", "observer", "terminal/t-boat-1"):
        status, said = await ask(door, role, "GET", "/api/picture")
        assert status == 200
        operation = said["operation"]
        assert (operation["mode"], operation["marking"], operation["state"]) == ("live", "", "running")
        assert (operation["drill_id"], said["clock"]) == ("", {"state": "running", "speed": 1.0})
        assert abs(said["now_s"] - time.time()) < 60
        assert said["picture"]["cameras"] == {}
        text = json.dumps(said, ensure_ascii=False).lower()
        assert [mark for mark in MARKS if mark in text] == []


async def test_what_belongs_to_a_drill_is_refused(server: Serving) -> None:
    door = door_of(server)
    for verb in ("start", "pause", "resume", "stop"):
        assert await refusal(door, "trainer", "POST", f"/api/drill/{verb}") == (409, "live")
    assert await refusal(door, "trainer", "POST", "/api/drill/speed", {"speed": 2}) == (409, "live")
    assert await refusal(door, "trainer", "POST", "/api/drill/fire", {"inject_id": "x"}) == (409, "live")
    assert await refusal(door, "trainer", "GET", "/api/drill/report") == (409, "live")
    assert (await ask(door, "trainer", "GET", "/api/drill"))[1]["state"] == "none"
    assert await refusal(door, "trainer", "POST", "/api/drill/load", {"drill_id": "teaching"}) == (409, "live-goes-on")
    async with door.live("trainer") as page:
        assert (await page.frame("drill"))["drill_id"] == ""


@pytest.mark.timeout(200)
async def test_a_camera_that_is_given_is_there_and_never_an_invented_one(tmp_path: Path) -> None:
    clip = await asyncio.to_thread(write_clip, tmp_path / "mast.mp4", 50, (320, 180))
    async with live(tmp_path / "data", video=True, camera=f"virtual,mast={clip}") as server:
        door = door_of(server)
        async with door.live() as wall:
            shown = await wall.frame("delta", where=lambda one: _is_live(one["put"].get("cameras", {})))
        assert list(shown["put"]["cameras"]) == ["mast"]
        viewer = Viewer(door.address, door.keys["observer"])
        await viewer.watch("mast")
        async with asyncio.timeout(60):
            while viewer.frames < 3:  # noqa: ASYNC110  (a viewer has no event to offer)
                await asyncio.sleep(0.1)
        await viewer.close()


def _is_live(cameras: dict[str, Any]) -> bool:
    return any(camera["state"] == "live" for camera in cameras.values())


async def test_only_who_has_signed_in_opens_one_and_it_ends_the_drill(tmp_path: Path) -> None:
    async with serving(settings_for(tmp_path, drill="teaching")) as server:
        await server.host.opened()
        door = Door.of(server)
        assert await refusal(door, "trainer", "GET", "/api/live-operation") == (403, "role")
        assert await refusal(door, "commander", "POST", "/api/live-operation/open", {"river_id": "teaching"}) == (
            403,
            "sign-in-needed",
        )
        door.keys["li"] = await signed_in(server, "li")
        assert "units init" in (await ask(door, "li", "GET", "/api/live-operation"))[1]["problems"][0]
        wish = {"river_id": "teaching"}
        assert await refusal(door, "li", "POST", "/api/live-operation/open", wish) == (404, "no-units")
        units_in(tmp_path, UNITS.replace("kind: rib", "kind: rbi"))
        assert await refusal(door, "li", "POST", "/api/live-operation/open", wish) == (422, "file-faults")
        units_in(tmp_path)
        assert await refusal(door, "li", "POST", "/api/live-operation/open", {"river_id": "teching"}) == (
            404,
            "unknown-river",
        )
        assert await refusal(door, "li", "POST", "/api/live-operation/end", {"op_id": "e", "why": "x"}) == (
            409,
            "drill",
        )
        drill = server.host.need_running()
        assert not drill.live
        offer = (await ask(door, "li", "GET", "/api/live-operation"))[1]
        assert [unit["terminal_id"] for unit in offer["units"]] == ["t-boat-1", "t-shore-2"]
        status, opened = await ask(door, "li", "POST", "/api/live-operation/open", wish)
        assert status == 200, opened
        assert drill.ended
        assert await refusal(door, "li", "POST", "/api/live-operation/open", wish) == (409, "live-goes-on")
        assert await refusal(door, "commander", "GET", "/api/picture") == (403, "enrolment-needed")
        phone = await enrolled(server, door, "li", "t-boat-1")
        async with phone.live() as page:
            done = await page.command("ReportPositions", {"fixes": {"t-boat-1": fix_at(server, "steps")}})
            assert done["type"] == "done"
        assert server.host.need_running().desk.picture.vessels["boat-1"].fix is not None
        await it_ends(server, door, opened["operation_id"])


async def signed_in(server: Serving, login: str) -> str:
    """Return the token of a commander who has made an account and signed in."""
    secret = server.host.doorman.staff.add(login, role="commander")
    async with httpx.AsyncClient(base_url=server.address, timeout=60.0) as http:
        made = await http.post("/api/staff/password", json={"invite": secret, "password": "correct horse"})
        code = pyotp.parse_uri(made.json()["otpauth"]).now()  # type: ignore[attr-defined]
        given = {"login": login, "password": "correct horse", "code": code}
        return str((await http.post("/api/staff/sign-in/password", json=given)).json()["token"])


async def enrolled(server: Serving, door: Door, role: str, terminal_id: str) -> Phone:
    invite = (await ask(door, role, "POST", "/api/access/invites", {"terminal_id": terminal_id}))[1]
    phone = Phone(server.address)
    assert (await phone.enrol(str(invite["url"]).partition("#s=")[2].partition("&")[0])).is_success
    assert (await ask(door, role, "POST", f"/api/access/devices/{phone.device_id}/confirm"))[0] == 200
    assert (await phone.come_in()).is_success
    return phone


async def it_ends(server: Serving, door: Door, operation_id: str) -> None:
    end = {"op_id": "end-1", "why": "全部人员获救"}
    assert await ask(door, "li", "POST", "/api/live-operation/end", end) == (200, {"operation_id": operation_id})
    state = (await ask(door, "li", "GET", "/api/picture"))[1]["operation"]
    assert (state["state"], state["ended_why"]["zh"]) == ("ended", "全部人员获救")
    command = {"op_id": "n", "name": "AddNote", "body": note("n")}
    assert await refusal(door, "li", "POST", "/api/commands", command) == (409, "ended")
    await server.host.load_drill("teaching")
    assert not server.host.need_running().live


async def test_a_drill_makes_room_for_a_live_operation_and_never_the_other_way_round(tmp_path: Path) -> None:
    async with serving(settings_for(tmp_path, drill="teaching")) as server:
        await server.host.opened()
        assert not server.host.need_running().live
    async with live(tmp_path) as server:
        first = server.host.need_running()
        assert first.live
    async with serving(settings_for(tmp_path, drill="teaching")) as server:
        await server.host.opened()
        assert server.host.need_running().operation_id == first.operation_id
        assert "is live and goes on" in server.host.problems[0]
        assert "staff add" in server.host.warnings()[0]


async def test_a_river_of_ones_own_goes_by_its_name(tmp_path: Path) -> None:
    mine = tmp_path / "rivers" / "mine"
    await asyncio.to_thread(shutil.copytree, shelf("rivers") / "teaching", mine)
    await asyncio.to_thread(rename, mine / "river.yaml", "id: teaching", "id: mine")
    async with live(tmp_path, river="mine") as server:
        assert server.host.need_running().river.id == "mine"
        offer = (await ask(door_of(server), "commander", "GET", "/api/live-operation"))[1]
        assert "mine" in offer["rivers"]
    async with live(tmp_path, river="") as server:  # the log knows its name, the data folder has it
        assert server.host.need_running().river.id == "mine"


def rename(file: Path, before: str, after: str) -> None:
    file.write_text(file.read_text("utf-8").replace(before, after), "utf-8")


async def test_a_damaged_record_of_one_is_shown_and_another_is_opened_beside_it(tmp_path: Path) -> None:
    async with live(tmp_path) as server, door_of(server).live() as wall:
        for n in range(25):
            assert (await wall.command("AddNote", note(f"n-{n}", "x" * 4000), f"n-{n}"))["type"] == "done"
    await asyncio.to_thread(spoil_end, tmp_path / FILE)
    async with live(tmp_path) as server:
        door = door_of(server)
        damaged = server.host.need_running()
        assert damaged.live
        command = {"op_id": "n", "name": "AddNote", "body": note("n")}
        assert await refusal(door, "commander", "POST", "/api/commands", command) == (503, "log-read-only")
        status, opened = await ask(door, "commander", "POST", "/api/live-operation/open", {"river_id": "teaching"})
        assert status == 200, opened
        assert (await ask(door, "commander", "POST", "/api/commands", command))[0] == 200


@pytest.mark.timeout(300)
async def test_it_goes_on_after_kill_9(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    units = units_in(tmp_path / "elsewhere")
    data = tmp_path / "data"
    monkeypatch.setenv("RESCUECMD_LIVE_LINKS", "true")
    async with serve(data, "--river", "teaching", "--units", str(units)) as (process, door, said):
        assert said["problems"] == []
        assert "t-boat-1" in said["links"]
        assert (await ask(door, "commander", "POST", "/api/gauges/down/readings", reading(12.5)))[0] == 200
        async with door.live() as page:
            epoch = (await page.frame("hello"))["epoch"]
            kept = await page.command("AddNote", note("kept"), "kept-1")
        process.send_signal(signal.SIGKILL)
    monkeypatch.delenv("RESCUECMD_LIVE_LINKS")
    async with serve(data) as (_, again, said):  # neither river nor units are named: the log knows
        assert list(said["links"]) == ["sign-in", "command"]
        assert list(said["keys"]) == ["gauge"]
        assert (await ask(again, "gauge", "POST", "/api/gauges/down/readings", reading(12.5)))[0] == 200
    monkeypatch.setenv("RESCUECMD_LIVE_LINKS", "true")
    async with serve(data, "--river", "teaching") as (_, again, said):
        assert said["problems"] == []
        async with again.live(have=kept["seqs"][-1], epoch=epoch) as page:
            assert (await page.frame("hello"))["epoch"] == epoch
            assert (await page.frame())["type"] == "delta"
        await is_a_live_operation(again)
        assert (await ask(again, "observer", "GET", "/api/depth"))[1]["level_m"] == pytest.approx(12.5)


async def test_a_drill_and_a_river_are_not_named_together(tmp_path: Path) -> None:
    code, _, err = await run("serve", "--drill", "teaching", "--river", "teaching", "--data", str(tmp_path))
    assert code == 2
    assert "not both" in err
