import asyncio
import json
import stat
from typing import Any

import httpx
import pytest

from rescuecmd.errors import ForbiddenError
from rescuecmd.picture.approval import Share
from rescuecmd.picture.commands import Actor, SetCamera, SetShare
from rescuecmd.picture.entity import Camera
from rescuecmd.server.base64url import encode
from rescuecmd.server.devices import Devices
from rescuecmd.server.register import FILE, Register
from rescuecmd.server.run import Serving
from rescuecmd.text import Text
from tests.server.door import Door, note
from tests.server.phone import Phone

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest.fixture
def door(server: Serving) -> Door:
    server.host.doorman.pace._left.clear()  # what one test has guessed is not another's
    return Door.of(server)


async def invited(door: Door, terminal_id: str = "", **more: str) -> dict[str, Any]:
    async with door.http() as http:
        body = {"terminal_id": terminal_id or door.terminals[0], "name": "李队", **more}
        answer = await http.post("/api/access/invites", json=body)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def secret_of(invite: dict[str, Any]) -> str:
    return str(invite["url"]).partition("#s=")[2].partition("&")[0]


async def let_in(door: Door, **phone: float) -> Phone:
    """Return a phone that is enrolled, confirmed and has a session."""
    made = Phone(door.address, **phone)
    assert (await made.enrol(secret_of(await invited(door)))).status_code == 200
    async with door.http() as http:
        assert (await http.post(f"/api/access/devices/{made.device_id}/confirm")).status_code == 200
    assert (await made.come_in()).status_code == 200
    return made


def code_of(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]["code"]


async def test_a_phone_is_invited_compared_confirmed_and_commands(door: Door) -> None:
    invite, phone = await invited(door), Phone(door.address)
    assert invite["qr"].startswith("data:image/svg+xml")
    assert door.address in invite["url"]
    enrolled = (await phone.enrol(secret_of(invite))).json()
    assert enrolled["check"] == phone.check  # the phone works it out from its own key
    assert code_of(await phone.come_in()) == (403, "not-confirmed")
    async with door.http() as wall:
        shown = (await wall.get("/api/access")).json()["devices"][0]
        assert (shown["state"], shown["check"], shown["name"]) == ("waiting", phone.check, "李队")
        await wall.post(f"/api/access/devices/{phone.device_id}/confirm")
    session = (await phone.come_in()).json()
    assert (session["role"], session["terminal_id"]) == ("crew", phone.terminal_id)
    async with phone.live() as page:
        assert (await page.command("AddNote", note("n-signed"), "op-signed"))["type"] == "done"
    answer = await phone.post("/api/commands", {"op_id": "op-http", "name": "AddNote", "body": note("n-http")})
    assert answer.status_code == 200


async def test_an_invitation_is_good_once_and_fifty_phones_race_for_it(door: Door) -> None:
    secret = secret_of(await invited(door))
    phones = [Phone(door.address) for _ in range(50)]
    answers = await asyncio.gather(*(phone.enrol(secret) for phone in phones))
    assert sorted(answer.status_code for answer in answers) == [200] + [403] * 49


async def test_the_letters_do_what_the_code_does(door: Door) -> None:
    invite = await invited(door)
    phone = Phone(door.address)
    assert (await phone.enrol(invite["code"].lower().replace("-", " "))).status_code == 200


async def test_guessing_letters_is_stopped(door: Door) -> None:
    await invited(door)
    answers = [await Phone(door.address).enrol(f"2345678{letter}") for letter in "ABCDEFGHJKMNPQRSTVWXYZ2"]
    assert answers[0].status_code == 403
    assert answers[-1].status_code == 429
    assert int(answers[-1].headers["retry-after"]) >= 1


async def test_a_new_invitation_voids_the_one_before(door: Door) -> None:
    old = await invited(door)
    await invited(door)
    assert code_of(await Phone(door.address).enrol(secret_of(old))) == (403, "invite")


async def test_a_key_is_enrolled_once(door: Door) -> None:
    phone = await let_in(door)
    assert code_of(await phone.enrol(secret_of(await invited(door)))) == (403, "key-known")
    async with door.http() as wall:
        await wall.post(f"/api/access/devices/{phone.device_id}/revoke")
    assert code_of(await phone.enrol(secret_of(await invited(door)))) == (403, "key-known")


@pytest.mark.parametrize("key", [b"", b"\4" + bytes(64), b"\4" * 66, b"\2" + bytes(32)])
async def test_what_is_no_key_is_refused(door: Door, key: bytes) -> None:
    body = {"secret": secret_of(await invited(door)), "key": encode(key)}
    async with door.http("") as http:
        assert code_of(await http.post("/api/enrol", json=body)) == (422, "bad-key")


async def test_a_proof_is_good_once_and_for_its_own_device(door: Door) -> None:
    phone, other = await let_in(door), await let_in(door)
    proof = await phone.proof()
    assert isinstance(proof, dict)
    stolen = {**proof, "device_id": other.device_id}
    late = {**proof, "device_time_ms": proof["device_time_ms"] + 1}
    assert code_of(await phone.ask("POST", "/api/session", json=stolen)) == (403, "challenge")
    assert code_of(await phone.ask("POST", "/api/session", json=proof)) == (
        403,
        "challenge",
    )  # burnt by the thief's try
    proof = await phone.proof()
    assert isinstance(proof, dict)
    assert (await phone.ask("POST", "/api/session", json=proof)).status_code == 200
    assert code_of(await phone.ask("POST", "/api/session", json=proof)) == (403, "challenge")
    assert late["nonce"] != proof["nonce"]


async def test_a_stolen_token_reads_for_minutes_and_commands_nothing(door: Door) -> None:
    phone, thief = await let_in(door), Phone(door.address)
    thief.token, thief.terminal_id = phone.token, phone.terminal_id
    body = {"op_id": "op-thief", "name": "AddNote", "body": note("n-thief")}
    for signature in (None, "", "!!", encode(bytes(64))):
        assert code_of(await thief.post("/api/commands", body, signature=signature)) == (403, "signature")
    async with thief.live() as page:
        message = {"type": "command", "op_id": "op-thief", "name": "AddNote", "body": note("n-thief")}
        await page.socket.send(page.wrap(json.dumps(message)))
        assert await page.closed() == (4403, "signature")


async def test_an_unsigned_or_replayed_message_ends_the_socket(door: Door) -> None:
    phone = await let_in(door)
    async with phone.live() as first:
        message = {"type": "command", "op_id": "op-replay", "name": "AddNote", "body": note("n-replay")}
        envelope = first.wrap(json.dumps(message))
        await first.socket.send(envelope)
        assert (await first.frame("done"))["op_id"] == "op-replay"
    async with phone.live() as second:
        await second.socket.send(envelope)  # signed for the other socket
        assert await second.closed() == (4403, "signature")
    async with phone.live() as third:
        await third.socket.send(json.dumps(message))
        assert await third.closed() == (4403, "signature")


async def test_revoking_cuts_the_socket_and_the_key(door: Door, server: Serving) -> None:
    phone = await let_in(door)
    closed: list[str] = []

    async def close() -> None:
        closed.append("video")

    caller = server.host.doorman.caller(phone.token, operation_id="", live=True)
    server.host.doorman.cords.watch(caller, "v-1", close)
    async with phone.live() as page, door.http() as wall:
        await wall.post(f"/api/access/devices/{phone.device_id}/revoke")
        assert await page.closed() == (4403, "revoked")
    assert closed == ["video"]
    assert code_of(await phone.ask("GET", "/api/picture")) == (403, "key")
    assert code_of(await phone.come_in()) == (403, "revoked")


async def test_the_command_line_revokes_too(door: Door, server: Serving) -> None:
    phone = await let_in(door)
    async with phone.live() as page:
        elsewhere = Register(server.host.settings.data / FILE)
        Devices(elsewhere).revoke(phone.device_id, by="command line")
        with elsewhere.change() as db:
            db.execute("DELETE FROM session WHERE holder = ?", (f"device/{phone.device_id}",))
        elsewhere.close()
        assert await page.closed() == (4403, "revoked")


async def test_a_wrong_clock_is_let_in_and_shown(door: Door) -> None:
    phone = await let_in(door, clock_s=600.0)
    async with door.http() as wall:
        devices = (await wall.get("/api/access")).json()["devices"]
        await wall.post(f"/api/access/devices/{phone.device_id}/revoke")
    assert next(x["skew_s"] for x in devices if x["id"] == phone.device_id) == pytest.approx(600, abs=60)


async def test_what_is_over_is_over(door: Door, server: Serving) -> None:
    phone = await let_in(door)
    register = server.host.doorman.register
    now = register.now
    try:
        register.now = lambda: now() + 16 * 60
        over = code_of(await phone.ask("GET", "/api/picture"))
        assert over in {(403, "session-over"), (403, "key")}  # swept away already, perhaps
        assert (await phone.come_in()).status_code == 200
        register.now = lambda: now() + 73 * 3600
        assert code_of(await phone.come_in()) == (403, "device-expired")
        assert code_of(await Phone(door.address).enrol("x" * 22)) == (403, "invite")
    finally:
        register.now = now


async def test_a_device_of_another_operation_stays_out(door: Door, server: Serving) -> None:
    devices = server.host.doorman.devices
    invite = devices.invite(door.terminals[0], operation_id="yesterday", by="test")
    phone = Phone(door.address)
    await phone.enrol(invite.secret)
    devices.confirm(phone.device_id, by="test")
    await phone.come_in()
    assert code_of(await phone.ask("GET", "/api/picture")) == (403, "other-operation")


async def test_a_volunteer_does_less(door: Door) -> None:
    phone = Phone(door.address)
    await phone.enrol(secret_of(await invited(door, role="volunteer")))
    async with door.http() as wall:
        await wall.post(f"/api/access/devices/{phone.device_id}/confirm")
    await phone.come_in()
    body = {"op_id": "op-v", "name": "PickUpVictims", "body": {}}
    assert code_of(await phone.post("/api/commands", body)) == (403, "command-role")
    assert code_of(await phone.ask("GET", "/api/cameras")) == (403, "role")


async def test_only_a_commander_enrols(door: Door) -> None:
    for role in ("observer", "trainer", "deputy", f"terminal/{door.terminals[0]}"):
        async with door.http(role) as http:
            assert (await http.get("/api/access")).status_code == 403
            assert (await http.post("/api/access/invites", json={"terminal_id": "x"})).status_code == 403


async def test_refusals_are_counted_and_written_down(door: Door) -> None:
    async with door.http("observer") as http:
        await http.post("/api/pushes", json={"op_id": "x", "plan_id": "x"})
    async with door.http() as wall:
        evil = {"origin": "https://evil.example"}
        assert (await wall.post("/api/enrol", json={}, headers=evil)).status_code == 403
        shown = (await wall.get("/api/access")).json()
    assert shown["refused"]["role"] >= 1
    assert shown["refused"]["origin"] >= 1
    assert any(x["who"] == "observer" and x["what"] == "POST /api/pushes" for x in shown["refusals"])


async def test_the_register_is_for_its_owner_and_holds_no_secret(door: Door, server: Serving) -> None:
    invite = await invited(door)
    phone = await let_in(door)
    path = server.host.settings.data / FILE
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    stored = b"".join(item.read_bytes() for item in path.parent.glob(f"{FILE}*"))
    assert phone.device_id.encode() in stored
    for secret in (phone.token, secret_of(invite), invite["code"].replace("-", "")):
        assert secret.encode() not in stored


async def test_a_live_operation_takes_no_link_but_a_device(door: Door, server: Serving) -> None:
    doorman, phone = server.host.doorman, await let_in(door)
    with pytest.raises(ForbiddenError, match="enrolled devices and signed-in staff"):
        doorman.caller(door.keys["commander"], operation_id="", live=True)
    assert doorman.caller(phone.token, operation_id="", live=True).device_id == phone.device_id
    assert doorman.caller(door.keys["commander"], operation_id="", live=False).role == "commander"


async def test_a_camera_that_is_not_shared_is_not_watched(door: Door, server: Serving) -> None:
    running, actor = server.host.need_running(), Actor("feed/video")
    camera = Camera("cam-fire", Text("云台", "mast"), "live")
    share = Share("fire/video", "fire", "video", (), ("cam-fire",))
    await running.order(actor, SetCamera(camera), "op-camera")
    await running.order(actor, SetShare(share), "op-share")
    kind = {"content-type": "application/sdp"}
    answers = {}
    for terminal in running.desk.picture.terminals.values():
        async with door.http(f"terminal/{terminal.id}") as http:
            answers[terminal.agency] = code_of(await http.post("/whep/cam-fire", content="v=0", headers=kind))
            listed = {item["id"] for item in (await http.get("/api/cameras")).json()["cameras"]}
            assert ("cam-fire" in listed) == (terminal.agency == "fire")
    assert answers.pop("fire") == (503, "video-off")
    assert set(answers.values()) == {(403, "not-shared")}


async def test_signing_out_ends_the_session(door: Door) -> None:
    phone = await let_in(door)
    async with phone.live() as page:
        assert (await phone.ask("DELETE", "/api/session")).status_code == 204
        assert await page.closed() == (4403, "revoked")
    assert code_of(await phone.ask("GET", "/api/picture")) == (403, "key")


async def test_no_invitation_for_a_terminal_that_there_is_not(door: Door) -> None:
    async with door.http() as http:
        assert (await http.post("/api/access/invites", json={"terminal_id": "t-nobody"})).status_code == 404
