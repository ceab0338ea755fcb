"""Ways and booms through the server's door: drawn, taken, closed and lifted while boats are under way."""

import time
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from rescuecmd.server.run import Serving
from tests.server.door import Door, Page
from tests.server.test_incident import UNITS, ask, door_of, live, reading, refusal

pytestmark = pytest.mark.asyncio(loop_scope="module")

SLOW = UNITS.replace("speed_mps: 6", "speed_mps: 2")
RING = [[0.00404, 0.0001], [0.00405, 0.0001], [0.00405, 0.0006], [0.00404, 0.0001]]


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def server(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Serving]:
    """Serve a live operation with one slow boat in the main channel and a call from beyond the bar."""
    async with live(tmp_path_factory.mktemp("data"), units=SLOW) as running:
        yield running


def fix(server: Serving, x_m: float, y_m: float) -> dict[str, object]:
    lon, lat = server.host.need_running().river.frame.point_lonlat(x_m, y_m)
    return {"lon_deg": lon, "lat_deg": lat, "time_s": time.time(), "accuracy_m": 4.0, "source": "gps"}


def zone(kind: str, rule_id: str, **more: object) -> dict[str, Any]:
    name = {"zh": "测试", "en": "Test"}
    said = {"id": f"{kind}-{rule_id}", "kind": kind, "name": name, "ring": RING, "starts_s": 0, "rule_id": rule_id}
    return {"zone": {**said, **more}}


async def replaced(wall: Page, vessel_id: str) -> dict[str, Any]:
    """Return the next route that a boat is given."""
    frame = await wall.frame(
        "delta", where=lambda one: any(r["vessel_id"] == vessel_id for r in one["put"].get("routes", {}).values())
    )
    routes = [one for one in frame["put"]["routes"].values() if one["state"] == "active"]
    found: dict[str, Any] = routes[-1]
    return found


async def guidance(door: Door, route_id: str) -> dict[str, str]:
    status, found = await ask(door, "terminal/t-boat-1", "GET", f"/api/route/profile?route_id={route_id}")
    assert status == 200, found
    return {one["kind"]: one["text"]["en"] for one in found["guidance"]}


async def test_the_map_has_the_portage_and_the_boom(server: Serving) -> None:
    layers = (await ask(door_of(server), "observer", "GET", "/api/river"))[1]["layers"]
    (way,), (boom,) = layers["ways"]["features"], layers["booms"]["features"]
    assert (way["properties"]["takes_s"], way["properties"]["max_draught_m"]) == (120.0, 0.5)
    assert way["geometry"]["type"] == boom["geometry"]["type"] == "LineString"
    assert layers["restricted"]["features"] == []


async def test_a_portage_is_given_until_it_is_closed_and_again_after_that(server: Serving) -> None:
    door = door_of(server)
    async with door.live("terminal/t-boat-1") as phone:
        await phone.command("ReportPositions", {"fixes": {"t-boat-1": fix(server, 450.0, -15.0)}}, "fix-1")
    assert (await ask(door, "gauge", "POST", "/api/gauges/down/readings", reading(13.4)))[0] == 200
    victim = {
        "id": "v-1", "kind": "stranded", "name": {"zh": "沙洲左侧", "en": "beyond the bar"}, "count": 1, "place_id": "",
        "fix": {**fix(server, 470.0, 74.0), "source": "report"}, "reported_s": time.time(), "reported_by": "caller",
    }  # fmt: skip
    async with door.live() as wall:
        await wall.frame("snapshot")
        assert (await wall.command("ReportVictim", {"victim": victim}, "v-1"))["type"] == "done"
        push = {"op_id": "p-1", "plan_id": "reef", "terminal_ids": ["t-boat-1"], "victim_ids": ["v-1"]}
        status, made = await ask(door, "commander", "POST", "/api/pushes", push)
        assert status == 200, made
        route = await replaced(wall, "boat-1")
        assert (await guidance(door, route["id"]))["way"] == "portage: Bar portage, 2 min"
        closed = zone("closed", "bar-portage", why={"zh": "滑坡", "en": "landslide"})
        assert (await wall.command("DrawZone", closed, "close"))["type"] == "done"
        route = await replaced(wall, "boat-1")
        assert "Bar portage" in route["why"]["en"]
        assert "way" not in await guidance(door, route["id"])
        assert (await wall.command("LiftZone", {"zone_id": "closed-bar-portage"}, "open"))["type"] == "done"
        assert (await ask(door, "commander", "POST", "/api/pushes", {**push, "op_id": "p-2"}))[0] == 200
        route = await replaced(wall, "boat-1")
        assert (await guidance(door, route["id"]))["way"] == "portage: Bar portage, 2 min"
    story = [line.text.en for line in server.host.need_running().story]
    assert "Closed: “Test”: landslide" in story


async def test_a_boom_is_lifted_and_laid_again(server: Serving) -> None:
    door, running = door_of(server), server.host.need_running()
    async with door.live() as wall:
        assert (await wall.command("DrawZone", zone("lifted", "teaching-boom"), "lift"))["type"] == "done"
        picture, now_s = await running.moment()
        assert running.scene(picture, now_s).river.booms == ()
        assert (await wall.command("LiftZone", {"zone_id": "lifted-teaching-boom"}, "lay"))["type"] == "done"
        picture, now_s = await running.moment()
        assert [one.id for one in running.scene(picture, now_s).river.booms] == ["teaching-boom"]


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (zone("closed", "bar-potage"), (404, "unknown-rule")),
        (zone("closed", "teaching-boom"), (409, "not-a-way")),
        (zone("lifted", "bar-portage"), (409, "no-hours")),
        (zone("lifted", ""), (422, "bad-zone")),
        (zone("no_go", "bar-portage"), (422, "bad-zone")),
        (zone("lifted", "teaching-boom", ends_s=9e9), (422, "bad-zone")),
    ],
)
async def test_what_cannot_be_closed_or_lifted_is_told(server: Serving, body: object, said: tuple[int, str]) -> None:
    order = {"op_id": f"bad-{said}-{time.time()}", "name": "DrawZone", "body": body}
    assert await refusal(door_of(server), "commander", "POST", "/api/commands", order) == said
