"""A device that comes to the socket with its name alone: it is let in by its signature over the socket's number."""

import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlencode

import pytest
from websockets.asyncio.client import connect

from rescuecmd.server import knock, pace
from rescuecmd.server.run import Serving
from tests.server.door import Door, note
from tests.server.phone import Phone, SignedPage
from tests.server.test_enrolment import invited, let_in, secret_of

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest.fixture
def door(server: Serving) -> Door:
    return Door.of(server)


@asynccontextmanager
async def knocking(phone: Phone, **query: str) -> AsyncIterator[SignedPage]:
    """Connect by name; the challenge has been read, nothing was said."""
    address = phone.address.replace("http", "ws", 1) + "/api/live?"
    async with connect(address + urlencode({"device": phone.device_id, **query}), max_size=None) as socket:
        page = SignedPage(socket)
        challenge = json.loads(await socket.recv())
        assert set(challenge) == {"type", "nonce"}  # a stranger learns nothing more
        page.phone, page.nonce = phone, challenge["nonce"]
        yield page


def here(device_time_s: float = 1.0, **more: object) -> str:
    return json.dumps({"type": "here", "device_time_s": device_time_s, **more})


async def test_a_device_comes_in_by_its_name_and_signature(door: Door) -> None:
    phone = await let_in(door)
    phone.token = ""
    async with knocking(phone) as page:
        await page.socket.send(page.wrap(here(time.time() + 600)))
        hello = await page.frame()
        assert (hello["type"], hello["nonce"], hello["terminal_id"]) == ("hello", page.nonce, phone.terminal_id)
        snapshot = await page.frame("snapshot")
        assert (await page.command("AddNote", note("n-knock"), "op-knock"))["type"] == "done"
    async with knocking(phone, epoch=snapshot["epoch"], have=str(snapshot["seq"])) as page:
        await page.socket.send(page.wrap(here()))
        assert [(await page.frame())["type"] for _ in range(2)] == ["hello", "delta"]  # it goes on from where it was
        await page.socket.send(json.dumps({"type": "have", "epoch": snapshot["epoch"], "seq": snapshot["seq"]}))
        assert await page.closed() == (4403, "signature")
    async with door.http() as wall:
        devices = (await wall.get("/api/access")).json()["devices"]
    assert next(x["skew_s"] for x in devices if x["id"] == phone.device_id) == pytest.approx(1 - time.time(), abs=120)


async def test_nothing_is_shown_before_the_signature(door: Door) -> None:
    phone, thief = await let_in(door), Phone(door.address)
    thief.device_id = phone.device_id
    async with knocking(phone) as first, knocking(thief) as page:
        for_the_first = first.wrap(here())
        await page.socket.send(for_the_first)  # overheard, and signed over another number
        assert await page.closed() == (4403, "signature")
        assert [frame["type"] for frame in page.seen] == ["error"]
    for said in (
        "",
        "{",
        here(),
        json.dumps({"type": "signed", "message": here(), "signature": "!"}),
        b"\xff\x00",
    ):
        async with knocking(phone) as page:
            await page.socket.send(said)
            assert await page.closed() == (4403, "signature")
    async with knocking(thief) as page:
        await page.socket.send(page.wrap(here()))
        assert await page.closed() == (4403, "signature")


@pytest.mark.parametrize(
    "said",
    [
        '{"type": "have", "epoch": "e", "seq": 1}',
        here(-1.0),
        here(1e300),
        here(more=1),
        '{"type": "here"}',
        '{"type": "here", "device_time_s": NaN}',
        "[" * 20_000,
        "",
    ],
)
async def test_what_is_no_here_opens_nothing(door: Door, said: str) -> None:
    phone = await let_in(door)
    async with knocking(phone) as page:
        await page.socket.send(page.wrap(said))
        assert await page.closed() == (4403, "challenge")
        assert [frame["type"] for frame in page.seen] == ["error"]


async def test_only_who_holds_the_key_hears_why_it_may_not_come_in(server: Serving, door: Door) -> None:
    phone, other = Phone(door.address), await let_in(door)
    await phone.enrol(secret_of(await invited(door)))
    other.device_id, mine = phone.device_id, other.device_id
    reasons = []
    for one in (phone, other):
        async with knocking(one) as page:
            await page.socket.send(page.wrap(here()))
            reasons.append((await page.closed())[1])
    assert reasons == ["not-confirmed", "signature"]
    other.device_id = mine
    async with door.http() as wall:
        await wall.post(f"/api/access/devices/{mine}/revoke")
    invite = server.host.doorman.devices.invite(door.terminals[0], operation_id="yesterday", by="test")
    past = Phone(door.address)
    await past.enrol(invite.secret)
    server.host.doorman.devices.confirm(past.device_id, by="test")
    nobody = Phone(door.address)
    nobody.device_id = "nobody"
    for one, reason in ((other, "revoked"), (past, "other-operation"), (nobody, "unknown-device")):
        async with knocking(one) as page:
            await page.socket.send(page.wrap(here()))
            assert (await page.closed())[1] == reason


async def test_revoking_cuts_who_came_by_name(door: Door) -> None:
    phone = await let_in(door)
    async with knocking(phone) as page, door.http() as wall:
        await page.socket.send(page.wrap(here()))
        await page.frame("snapshot")
        await wall.post(f"/api/access/devices/{phone.device_id}/revoke")
        assert await page.closed() == (4403, "revoked")


async def test_who_knocks_and_says_nothing_is_let_go(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    phone = await let_in(door)
    monkeypatch.setattr(knock, "KNOCK_S", 0.1)
    async with knocking(phone) as page:
        assert await page.closed() == (4403, "challenge")


async def test_only_so_many_stand_in_the_door(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pace, "STRANGERS_AT_ONCE", 1)
    phone = await let_in(door)
    address = door.address.replace("http", "ws", 1) + "/api/live?device=nobody"
    async with knocking(phone) as first:
        async with connect(address) as socket:
            assert (await SignedPage(socket).closed())[0] == 4429
        await first.socket.send(first.wrap(here()))
        await first.frame("snapshot")  # who is in does not stand in the door any more
        async with knocking(phone) as second:
            await second.socket.send(second.wrap(here()))
            await second.frame("snapshot")


async def test_who_knocks_too_often_waits(door: Door, server: Serving) -> None:
    buckets = server.host.doorman.pace
    buckets._left["stranger", "127.0.0.1"] = 0.0, buckets._steady() + 3600.0
    try:
        address = door.address.replace("http", "ws", 1) + "/api/live?device=nobody"
        async with connect(address) as socket:
            assert (await SignedPage(socket).closed())[0] == 4429
    finally:
        buckets._left.clear()
