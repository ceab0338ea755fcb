"""The whole story through real doors: server, sockets, video, robots."""

import json
from typing import Any

import pytest

from tests.server import process


@pytest.mark.timeout(600)
async def test_the_headless_demo_saves_people_and_says_so_in_one_object(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "START_S", 580.0)
    code, out, err = await process.run("demo", "--headless", "--speed", "20", "--json")
    assert out.count("\n") == 1, out
    told: dict[str, Any] = json.loads(out)
    assert (code, told["ok"], told["problems"]) == (0, True, []), (told, err)
    assert told["saved"] > 0.9 * told["victims"] > 100
    assert told["pushes"] >= 3
    assert told["accepted"] >= 4
    assert told["routes_replaced"] >= 1
    assert told["drill_s"] > 1000
    assert told["video_frames"] > 20
    assert told["realtime"] > 1
