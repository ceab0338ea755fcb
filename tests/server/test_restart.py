import asyncio
import contextlib
import json
import signal
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from websockets.exceptions import ConnectionClosed

from rescuecmd.picture.state import Picture
from rescuecmd.server.frames import Pieces, Tick
from rescuecmd.server.hub import Hub
from rescuecmd.server.operation import Running
from rescuecmd.server.run import serving
from rescuecmd.settings import Settings
from tests.server.conftest import settings_for
from tests.server.door import Door, note
from tests.server.process import run, serve


async def write_until_killed(door: Door, acknowledged: list[tuple[str, list[int]]]) -> None:
    """Send notes one after the other and keep those that were acknowledged."""
    with contextlib.suppress(ConnectionClosed, OSError):
        async with door.live() as page:
            for n in range(10_000):
                done = await page.command("AddNote", note(f"kept-{n}"), f"kept-{n}")
                acknowledged.append((f"kept-{n}", done["seqs"]))


@pytest.mark.timeout(300)
async def test_kill_9_loses_nothing_and_a_page_goes_on_from_its_sequence(tmp_path: Path) -> None:
    acknowledged: list[tuple[str, list[int]]] = []
    async with serve(tmp_path, "--drill", "dazhulin") as (process, door, _):
        boat = door.terminals[0]
        push = {"op_id": "push-1", "plan_id": "reef", "terminal_ids": [boat], "place_id": "huangpanshi"}
        async with door.http() as http, door.http("trainer") as trainer:
            made = (await http.post("/api/pushes", json=push)).json()
            await trainer.post("/api/drill/speed", json={"speed": 10})
            await trainer.post("/api/drill/start")
        async with door.live(f"terminal/{boat}") as phone:
            card = {"card_id": made["card_ids"][0], "receipt": "delivered"}
            assert (await phone.command("GiveReceipt", card, "r-1"))["type"] == "done"
        async with door.live() as page:
            epoch = (await page.frame("hello"))["epoch"]
            mine = await page.frame("delta", where=lambda frame: frame["now_s"] > 0 and frame["seq"] > 60)
        writing = asyncio.create_task(write_until_killed(door, acknowledged))
        while len(acknowledged) < 20:  # noqa: ASYNC110  (the writer has no event to offer)
            await asyncio.sleep(0.01)
        process.send_signal(signal.SIGKILL)
        await writing
    port = urlsplit(door.address).port
    assert port is not None
    async with serve(tmp_path, port=port) as (_, again, said):
        assert again.keys == door.keys
        assert said["problems"] == []
        await goes_on(again, epoch, mine["seq"], acknowledged)
        await is_whole(again, made, boat)


async def goes_on(door: Door, epoch: str, have: int, acknowledged: list[tuple[str, list[int]]]) -> None:
    """A page that knows the epoch and its sequence gets a delta with all that it missed."""
    async with door.live(have=have, epoch=epoch) as page:
        assert (await page.frame("hello"))["epoch"] == epoch
        first = await page.frame()
        assert (first["type"], first["after"]) == ("delta", have)
        notes = first["put"]["notes"]
        assert [name for name, _ in acknowledged if name not in notes] == []
        assert first["seq"] >= acknowledged[-1][1][-1]
        assert first["clock"] == {"state": "running", "speed": 10.0}
        later = await page.frame("delta", where=lambda frame: frame["seq"] > first["seq"] and "vessels" in frame["put"])
        assert later["now_s"] > first["now_s"]
        repeated = await page.command("AddNote", note("kept-3"), "kept-3")
        assert repeated["seqs"] == dict(acknowledged)["kept-3"]


async def is_whole(door: Door, made: dict[str, Any], boat: str) -> None:
    """Pushes, cards and receipts are as they were, and the drill's engine stands where it stood."""
    async with door.http() as http, door.http("trainer") as trainer:
        picture = (await http.get("/api/picture")).json()["picture"]
        assert made["push_id"] in picture["pushes"]
        assert picture["cards"][made["card_ids"][0]]["state"] in {"delivered", "displayed", "accepted", "declined"}
        assert picture["terminals"][boat]["people"] == 0
        view = (await trainer.get("/api/drill")).json()
        assert view["state"] == "running"
        assert view["elapsed_s"] > 0
        assert (await trainer.get("/api/drill/report")).status_code == 200


@pytest.mark.timeout(200)
async def test_a_second_server_on_the_same_folder_is_refused(tmp_path: Path) -> None:
    async with serve(tmp_path) as (_, door, said):
        assert said["problems"] == []
        code, out, err = await run("serve", "--data", str(tmp_path), "--port", "0")
        assert (code, out) == (4, "")
        assert err.count("\n") == 1
        assert "another server" in err
        code, out, err = await run("serve", "--data", str(tmp_path), "--port", "0", "--json")
        assert (code, err) == (4, "")
        assert json.loads(out)["error"]["code"] == "log-in-use"
        port = urlsplit(door.address).port
        code, _, err = await run("serve", "--data", str(tmp_path / "other"), "--port", str(port))
        assert code == 5
        assert "cannot listen" in err
        async with door.http("") as http:
            assert (await http.get("/api/health")).status_code == 200


@pytest.mark.timeout(200)
async def test_a_broken_drill_is_named_and_the_server_goes_on(tmp_path: Path) -> None:
    broken = tmp_path / "broken.yaml"
    broken.write_text("id: broken\nriver: jialing-dazhulin\ntitel: x\n")
    async with serve(tmp_path / "data", "--drill", str(broken)) as (_, door, said):
        assert any("broken.yaml:" in problem for problem in said["problems"])
        async with door.http("trainer") as http:
            answer = await http.post("/api/drill/load", json={"drill_id": str(broken)})
            assert (answer.status_code, answer.json()["error"]["code"]) == (422, "file-faults")
            assert "broken.yaml:3" in answer.json()["error"]["message"]
            answer = await http.post("/api/drill/load", json={"drill_id": "dazulin"})
            assert answer.status_code == 404
            assert "dazhulin" in answer.json()["error"]["message"]
            assert (await http.get("/api/river")).json()["error"]["code"] == "no-operation"
            assert (await http.get("/api/drill")).json()["state"] == "none"
            async with door.live("trainer", view="trainer") as page:
                assert (await page.frame("snapshot"))["operation"] is None
                assert (await http.post("/api/drill/load", json={"drill_id": "dazhulin"})).status_code == 200
                shown = await page.frame("snapshot", where=lambda frame: frame["operation"] is not None)
                assert shown["operation"]["drill_id"] == "dazhulin"
            answer = await http.post("/api/drill/load", json={"drill_id": str(broken)})
            assert answer.status_code == 422
            assert (await http.get("/api/drill")).json()["drill_id"] == "dazhulin"


async def test_whoever_comes_as_the_operation_opens_sees_it_and_no_empty_picture_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    moment = Running.moment

    async def late(running: Running) -> tuple[Picture, float]:
        await asyncio.sleep(0.1)  # the desk is busy
        return await moment(running)

    monkeypatch.setattr(Running, "moment", late)
    async with serving(settings_for(tmp_path)) as server:
        await server.host.opened()
        tick = server.host.hub.tick  # with no await in between: this is what a page at the door gets
        assert tick.epoch == server.host.need_running().epoch
        assert tick.picture.seq > 0


async def test_a_reader_is_never_shown_an_older_tick_than_it_has_seen() -> None:
    def tick(seq: int, epoch: str = "e") -> Tick:
        return Tick(epoch, Picture(seq=seq), 0.0, (), (), Pieces())

    hub = Hub(Settings())
    hub._publish(tick(5))
    waiting = asyncio.create_task(hub.next(tick(7)))  # made for a reader who knew more than the last beat
    for seq in (6, 8):
        await asyncio.sleep(0)
        assert not waiting.done()
        hub._publish(tick(seq))
    assert (await waiting).picture.seq == 8
    assert (await hub.next(tick(9, "another life"))).picture.seq == 8
