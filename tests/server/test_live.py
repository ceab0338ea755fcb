import asyncio
import json
from collections.abc import Callable
from typing import Any

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from tests.server.door import Door, note

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_a_page_is_greeted_and_shown_everything(door: Door) -> None:
    async with door.live() as page:
        hello = await page.frame("hello")
        assert (hello["role"], hello["terminal_id"]) == ("commander", "")
        snapshot = await page.frame("snapshot")
        assert snapshot["epoch"] == hello["epoch"] != ""
        assert snapshot["operation"]["marking"]
        assert snapshot["clock"] == {"state": "ready", "speed": 1.0}
        assert set(door.terminals) == set(snapshot["picture"]["terminals"])
        assert len(snapshot["picture"]["gauges"]) >= 3


async def test_a_change_arrives_and_a_heartbeat_when_there_is_none(door: Door) -> None:
    async with door.live() as page, door.live("observer") as other:
        seq = (await page.frame("snapshot"))["seq"]
        done = await page.command("AddNote", note("n-change", "水位上涨"), "op-change")
        assert done["type"] == "done"
        assert done["seqs"] == [seq + 1]
        for reader in (page, other):
            delta = await reader.frame("delta", where=lambda frame: frame["seq"] > seq)
            assert delta["put"]["notes"]["n-change"]["text"]["zh"] == "水位上涨"
            assert delta["put"]["notes"]["n-change"]["by"] == "commander"
        async with asyncio.timeout(1.3):
            beat = await page.frame("delta")
        assert (beat["put"], beat["drop"]) == ({}, {})


async def test_the_same_order_twice_counts_once(door: Door) -> None:
    async with door.live() as page:
        first = await page.command("AddNote", note("n-twice"), "op-twice")
        assert await page.command("AddNote", note("n-twice"), "op-twice") == first
        async with door.http() as http:
            body = {"op_id": "op-twice", "name": "AddNote", "body": note("n-twice")}
            assert (await http.post("/api/commands", json=body)).json()["seqs"] == first["seqs"]


async def test_a_page_resumes_by_sequence_with_what_it_missed(door: Door) -> None:
    async with door.live() as page:
        snapshot = {"epoch": (await page.frame("hello"))["epoch"], "seq": await page.settled()}
    async with door.http() as http:
        await http.post("/api/commands", json={"op_id": "op-away", "name": "AddNote", "body": note("n-away")})
    async with door.live(have=snapshot["seq"], epoch=snapshot["epoch"]) as page:
        await page.frame("hello")
        first = await page.frame()
        assert (first["type"], first["after"]) == ("delta", snapshot["seq"])
        delta = first if first["put"] else await page.frame("delta", where=lambda frame: bool(frame["put"]))
        assert list(delta["put"]["notes"]) == ["n-away"]
        assert not {"vessels", "gauges", "cameras"} & delta["put"].keys()
        assert all(line["seq"] > snapshot["seq"] for line in delta["story"])


@pytest.mark.parametrize(("have", "epoch"), [(3, "another"), (10**9, ""), (0, "")])
async def test_a_page_from_elsewhere_gets_everything(door: Door, have: int, epoch: str) -> None:
    async with door.live(have=have, epoch=epoch) as page:
        await page.frame("hello")
        assert (await page.frame())["type"] == "snapshot"


async def test_a_refusal_names_its_order_and_changes_nothing(door: Door) -> None:
    async with door.live() as page:
        seq = await page.settled()
        refused = await page.command("WithdrawCard", {"card_id": "nothing"}, "op-bad")
        assert (refused["type"], refused["error"]["code"]) == ("refused", "unknown-card")
        for name, body, code in (
            ("PushCard", {}, "command-role"),
            ("Nonsense", {}, "unknown-command"),
            ("WithdrawCard", {"card": 1}, "bad-command"),
            ("AddNote", {"note": None}, "bad-command"),
        ):
            assert (await page.command(name, body, f"op-{name}-{code}"))["error"]["code"] == code
        assert (await page.frame("delta"))["seq"] == seq


@pytest.mark.parametrize(
    "message",
    [
        "",
        "null",
        "[]",
        "{",
        "5",
        '{"type":"command"}',
        '{"type":"snapshot","seq":1}',
        '{"type":"command","name":"AddNote","body":{}}',
        '{"type":"command","op_id":"","name":"AddNote","body":{}}',
        b"\x00\x01",
        '{"type":"command","op_id":5,"name":"AddNote","body":{}}',
        "[" * 60000,
    ],
)
async def test_a_malformed_message_is_told_and_the_connection_closed(door: Door, message: str | bytes) -> None:
    async with door.live() as page:
        await page.frame("snapshot")
        await page.socket.send(message)
        code, reason = await page.closed()
        assert (code, reason) in {(4400, "bad-message"), (4400, "bad-frame")}
        assert page.seen[-1]["type"] == "error"


async def test_a_malformed_order_that_can_be_named_is_refused(door: Door) -> None:
    async with door.live() as page:
        await page.socket.send('{"type":"command","op_id":"op-x","name":"AddNote","body":{},"more":1}')
        assert (await page.frame("refused"))["op_id"] == "op-x"
        await page.frame("delta")  # the connection goes on


async def test_a_message_that_is_too_large_closes_the_connection(door: Door) -> None:
    async with door.live() as page:
        await page.frame("snapshot")
        await page.socket.send(json.dumps({"type": "command", "op_id": "op", "name": "x", "body": {"x": "y" * 70000}}))
        assert (await page.closed())[0] == 1009


async def test_a_foreign_page_gets_no_socket(door: Door) -> None:
    with pytest.raises(InvalidStatus) as refused:
        await connect(door.live_url("commander"), origin="http://evil.example")  # type: ignore[arg-type]
    assert refused.value.response.status_code == 403
    own = door.address
    async with connect(door.live_url("commander"), origin=own, max_size=None) as socket:  # type: ignore[arg-type]
        assert json.loads(await socket.recv())["type"] == "hello"


@pytest.mark.parametrize(
    ("role", "query", "close"),
    [
        ("nobody", {}, (4403, "key")),
        ("commander", {"view": "trainer"}, (4403, "view")),
        ("observer", {"view": "terminal", "terminal": "x"}, (4403, "view")),
        ("terminal", {"view": "wall"}, (4403, "view")),
        ("terminal", {"view": "terminal", "terminal": "another"}, (4403, "view")),
    ],
)
async def test_who_may_see_what(door: Door, role: str, query: dict[str, object], close: tuple[int, str]) -> None:
    key = f"terminal/{door.terminals[0]}" if role == "terminal" else role
    async with connect(door.live_url(key, **query)) as socket:
        from tests.server.door import Page

        page = Page(socket)
        assert await page.closed() == close
        assert [frame["type"] for frame in page.seen] == ["error"]


@pytest.mark.parametrize("query", [{"view": "sky"}, {"have": "x"}, {"have": -1}])
async def test_a_malformed_address_is_refused(door: Door, query: dict[str, object]) -> None:
    with pytest.raises(InvalidStatus):
        await connect(door.live_url("commander", **query))


async def test_who_is_connected_is_counted(door: Door) -> None:
    terminal = door.terminals[0]

    def count(people: int, robots: int) -> Callable[[dict[str, Any]], bool]:
        def holds(frame: dict[str, Any]) -> bool:
            changed = frame.get("put", {}).get("terminals", {}).get(terminal)
            return changed is not None and (changed["people"], changed["robots"]) == (people, robots)

        return holds

    async with door.live() as wall:
        await wall.frame("snapshot")
        async with door.live(f"terminal/{terminal}"):
            await wall.frame("delta", where=count(1, 0))
            async with door.live(f"terminal/{terminal}", robot=1):
                await wall.frame("delta", where=count(1, 1))
            await wall.frame("delta", where=count(1, 0))
        await wall.frame("delta", where=count(0, 0))


async def test_a_reader_that_takes_nothing_delays_nobody(door: Door) -> None:
    async with door.live() as stalled, door.live() as page:
        stalled.socket.transport.pause_reading()
        await page.frame("snapshot")
        for n in range(30):
            assert (await page.command("AddNote", note(f"n-stall-{n}", "长" * 2000), f"op-stall-{n}"))["type"] == "done"
        last = await page.frame("delta", where=lambda frame: "n-stall-29" in frame["put"].get("notes", {}))
        stalled.socket.transport.resume_reading()
        got: dict[str, object] = {}
        while "n-stall-29" not in got:
            got.update((await stalled.frame("delta"))["put"].get("notes", {}))
        assert {f"n-stall-{n}" for n in range(30)} <= got.keys()
        assert stalled.seen[-1]["seq"] >= last["seq"]
