"""Readings pushed to a real server."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from rescuecmd.library import shelf
from rescuecmd.server.run import serving
from tests.feeds.test_gauge import answering
from tests.server.conftest import settings_for
from tests.server.door import Door

pytestmark = pytest.mark.asyncio(loop_scope="module")


def two_gauges(folder: Path) -> Path:
    text = (shelf("drills") / "dazhulin.yaml").read_text(encoding="utf-8")
    path = folder / "two-gauges.yaml"
    path.write_text(text.replace(" jingkou: jingkou-2021-09,", ""), encoding="utf-8")
    return path


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def door(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Door]:
    """Serve a drill that makes up the levels of two gauges and leaves the one at Jingkou to the world."""
    folder = tmp_path_factory.mktemp("gauges")
    path = two_gauges(folder)
    async with serving(settings_for(folder / "data", drill=str(path))) as server:
        await server.host.opened()
        door = Door.of(server)
        door.keys["gauge"] = server.host.keyring.key("gauge")
        yield door


def reading(level_m: float, ago_s: float = 0.0) -> dict[str, object]:
    return {"time": (datetime.now(UTC) - timedelta(seconds=ago_s)).isoformat(), "level_m": level_m}


async def test_a_pushed_reading_is_in_the_picture_and_pushed_again_changes_nothing(door: Door) -> None:
    message = {"readings": [reading(180.5, 60), reading(180.52, 1)], "vertical_datum": "wusong"}
    async with door.http("gauge") as client, door.http() as wall:
        first = await client.post("/api/gauges/jingkou/readings", json=message)
        assert first.json() == {"gauge_id": "jingkou", "taken": 2, "held": 0, "known": 0}
        seq = (await wall.get("/api/picture")).json()["seq"]
        again = await client.post("/api/gauges/jingkou/readings", json=message)
        picture = (await wall.get("/api/picture")).json()
    assert again.status_code == 200
    assert [one["level_m"] for one in picture["picture"]["gauges"]["jingkou"]["recent"]] == [180.5, 180.52]
    assert picture["seq"] - seq < 50


@pytest.mark.parametrize(
    ("gauge", "message", "status", "said"),
    [
        ("ciqikou", {"readings": [reading(181)], "vertical_datum": "wusong"}, 409, "script of this drill"),
        ("jinkou", {"readings": [reading(181)], "vertical_datum": "wusong"}, 404, "did you mean 'jingkou'"),
        ("jingkou", {"readings": [reading(181)]}, 422, "vertical_datum"),
        (
            "jingkou",
            {"readings": [{"time": "2026-01-01T00:00", "level_m": 181}], "vertical_datum": "wusong"},
            422,
            "zone",
        ),
        ("jingkou", {"readings": [{"time": "2026-01-01T00:00Z"}], "vertical_datum": "wusong"}, 422, "expected level_m"),
        ("jingkou", {"readings": [reading(18)], "vertical_datum": "wusong"}, 422, "cannot be a level"),
        ("jingkou", {"readings": [], "vertical_datum": "wusong"}, 422, "readings"),
        ("jingkou", {"readings": [{**reading(181), "levl_m": 1}], "vertical_datum": "wusong"}, 422, "levl_m"),
    ],
)
async def test_what_cannot_be_has_a_status_and_a_sentence(
    door: Door, gauge: str, message: dict[str, object], status: int, said: str
) -> None:
    async with door.http("gauge") as client:
        answer = await client.post(f"/api/gauges/{gauge}/readings", json=message)
    assert answer.status_code == status
    assert said in answer.json()["error"]["message"]


async def test_no_number_is_no_reading(door: Door) -> None:
    raw = '{"readings": [{"time": "2026-01-01T00:00Z", "level_m": NaN}], "vertical_datum": "wusong"}'
    async with door.http(
        "gauge",
    ) as client:
        answer = await client.post(
            "/api/gauges/jingkou/readings", content=raw, headers={"content-type": "application/json"}
        )
    assert answer.status_code == 422


async def test_a_key_is_needed_and_it_opens_nothing_else(door: Door) -> None:
    message = {"readings": [reading(181)], "vertical_datum": "wusong"}
    for role in ("", "observer", door_terminal(door)):
        async with door.http(role) as client:
            assert (await client.post("/api/gauges/jingkou/readings", json=message)).status_code == 403
    async with door.http("gauge") as client:
        command = {"op_id": "x", "name": "AddNote", "body": {}}
        assert (await client.post("/api/commands", json=command)).status_code == 403
        for path in ("/api/picture", "/api/story", "/api/cameras"):
            assert (await client.get(path)).status_code == 403, path


def door_terminal(door: Door) -> str:
    return next(role for role in door.keys if role.startswith("terminal/"))


async def test_a_server_fetches_what_it_was_told_to_and_says_what_it_cannot_get(tmp_path: Path) -> None:
    now = datetime.now(UTC)
    rows = [{"time": (now - timedelta(seconds=90 - 60 * n)).isoformat(), "level_m": 180.4 + 0.01 * n} for n in range(2)]
    async with answering(json.dumps({"readings": rows}).encode()) as url, answering(b"") as broken:
        feeds = [
            {"gauge": "jingkou", "url": url, "vertical_datum": "wusong"},
            {"gauge": "ciqikou", "url": broken, "vertical_datum": "wusong"},
        ]
        settings = settings_for(tmp_path / "data", drill=str(two_gauges(tmp_path)), gauges=feeds)
        async with serving(settings) as server:
            await server.host.opened()
            door = Door.of(server)
            async with door.live() as page:
                await page.frame(
                    "snapshot", "delta",
                    where=lambda frame: levels(frame) == [180.4, 180.41],
                )  # fmt: skip
            async with door.http() as client, asyncio.timeout(60):
                health = (await client.get("/api/health")).json()
                while not health["problems"]:
                    await asyncio.sleep(0.1)
                    health = (await client.get("/api/health")).json()
    assert health["ok"]
    assert health["problems"] == [f"gauge ciqikou: {broken} answered 503"]


def levels(frame: dict[str, Any]) -> list[float]:
    """Return the levels at Jingkou that a frame tells."""
    entities = frame.get("picture") or frame.get("put") or {}
    gauge = entities.get("gauges", {}).get("jingkou")
    return [one["level_m"] for one in gauge["recent"]] if gauge else []
