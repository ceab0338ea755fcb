import json
import time
from pathlib import Path
from typing import Any

import httpx
import pyotp
import pytest

from rescuecmd.server.auth import Caller
from rescuecmd.server.run import Serving, serving
from rescuecmd.server.staff import Staff
from tests.server.conftest import settings_for
from tests.server.door import Door
from tests.server.process import run

pytestmark = pytest.mark.asyncio(loop_scope="module")
PASSWORD = "correct horse battery"


@pytest.fixture
def staff(server: Serving) -> Staff:
    server.host.doorman.pace._left.clear()
    return server.host.doorman.staff


async def post(server: Serving, path: str, **body: Any) -> httpx.Response:
    async with httpx.AsyncClient(base_url=server.address, timeout=60.0) as http:
        return await http.post(path, json=body)


def code_of(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]["code"]


async def with_password(server: Serving, staff: Staff, login: str, **more: str) -> pyotp.TOTP:
    """Make an account with a password; return its one-time code."""
    answer = await post(
        server, "/api/staff/password", invite=staff.add(login, **{"role": "commander", **more}), password=PASSWORD
    )
    assert answer.json()["qr"].startswith("data:image/svg+xml")
    return pyotp.parse_uri(answer.json()["otpauth"])  # type: ignore[return-value]


async def test_a_password_needs_its_code_and_the_code_counts_once(server: Serving, staff: Staff) -> None:
    totp = await with_password(server, staff, "li", name="李队")
    code = totp.now()
    given = {"login": "li", "password": PASSWORD, "code": code}
    answer = await post(server, "/api/staff/sign-in/password", **given)
    assert (answer.json()["role"], answer.json()["name"]) == ("commander", "李队")
    door = Door(server.address, {"li": answer.json()["token"]})
    async with door.live("li") as page:
        assert (await page.frame("hello"))["role"] == "commander"
        done = await page.command("AddNote", _note("n-li"))
        assert done["type"] == "done"
    assert server.host.need_running().desk.picture.notes["n-li"].by == "commander/li"
    for wrong in (given, {**given, "code": totp.at(time.time() + 3600)}, {**given, "password": "x" * 12}):
        assert code_of(await post(server, "/api/staff/sign-in/password", **wrong)) == (403, "sign-in")
    assert code_of(await post(server, "/api/staff/sign-in/password", **{**given, "login": "nobody"})) == (
        403,
        "sign-in",
    )


async def test_five_failures_are_enough(server: Serving, staff: Staff) -> None:
    await with_password(server, staff, "wang")
    wrong = {"login": "wang", "password": "x" * 12, "code": "000000"}
    answers = [await post(server, "/api/staff/sign-in/password", **wrong) for _ in range(6)]
    assert [answer.status_code for answer in answers] == [403] * 5 + [429]


async def test_a_registration_link_is_good_once_and_for_an_hour(server: Serving, staff: Staff) -> None:
    secret = staff.add("chen", role="deputy")
    assert (await post(server, "/api/staff/invited", invite=secret)).json()["login"] == "chen"
    assert code_of(await post(server, "/api/staff/password", invite=secret, password="short")) == (
        422,
        "short-password",
    )
    assert (await post(server, "/api/staff/password", invite=secret, password=PASSWORD)).status_code == 200
    assert code_of(await post(server, "/api/staff/password", invite=secret, password=PASSWORD)) == (403, "invite")
    register, late = server.host.doorman.register, staff.invite("chen")
    now = register.now
    try:
        register.now = lambda: now() + 3601
        assert code_of(await post(server, "/api/staff/invited", invite=late)) == (403, "invite")
    finally:
        register.now = now


@pytest.mark.parametrize(
    "credential",
    [
        {},
        {"rawId": 5},
        {"id": "x", "rawId": "x", "type": "public-key", "response": {}},
        {"rawId": "!!!", "response": {"clientDataJSON": "AA", "attestationObject": "AA"}},
    ],
)
async def test_a_forged_passkey_is_refused(server: Serving, staff: Staff, credential: dict[str, Any]) -> None:
    secret = staff.add(f"forger{hash(str(credential)) % 10**9}", role="observer")
    ticket = (await post(server, "/api/staff/passkey/options", invite=secret)).json()["ticket"]
    body = {"invite": secret, "ticket": ticket, "credential": credential}
    assert code_of(await post(server, "/api/staff/passkey", **body)) == (403, "passkey")
    assert code_of(await post(server, "/api/staff/passkey", **body)) == (403, "challenge")  # a ticket is good once
    given = (await post(server, "/api/staff/sign-in/options")).json()
    assert given["options"]["userVerification"] == "required"
    answer = await post(server, "/api/staff/sign-in/passkey", ticket=given["ticket"], credential=credential)
    assert code_of(answer) == (403, "passkey")


async def test_somebody_removed_is_out_within_a_second(server: Serving, staff: Staff) -> None:
    staff.add("gone", role="observer")
    token, _ = server.host.doorman.sessions.open(Caller("observer", login="gone"))
    async with Door(server.address, {"gone": token}).live("gone") as page:
        await page.frame("snapshot")
        code, out, _ = await run("staff", "remove", "gone", "--data", str(server.host.settings.data), "--json")
        assert (code, json.loads(out)) == (0, {"removed": "gone"})
        assert await page.closed() == (4403, "revoked")


async def test_a_session_outlives_the_server(tmp_path: Path) -> None:
    settings = settings_for(tmp_path, drill="")
    async with serving(settings) as first:
        token, _ = first.host.doorman.sessions.open(Caller("commander", login="li"), operation_id="")
    async with serving(settings) as second:
        assert second.host.doorman.caller(token, operation_id="", live=True).login == "li"


async def test_the_command_line_makes_accounts(tmp_path: Path) -> None:
    data = ("--data", str(tmp_path))
    code, out, _ = await run("staff", "add", "li", "--name", "李队", "--address", "https://rescue.local", *data)
    assert code == 0
    assert out.startswith("https://rescue.local/signin#invite=")
    code, _, err = await run("staff", "add", "li", *data)
    assert (code, "exists already" in err) == (4, True)
    code, _, err = await run("staff", "add", "wu", "--role", "comander", *data)
    assert (code, "commander" in err) == (3, True)
    code, out, _ = await run("staff", "list", "--json", *data)
    assert json.loads(out)["staff"] == [
        {
            "login": "li", "name": "李队", "role": "commander", "operation": "", "agency": "", "passkeys": 0,
            "password": False,
        }
    ]  # fmt: skip
    code, out, _ = await run("device", "list", "--json", *data)
    assert (code, json.loads(out)) == (0, {"devices": []})
    code, _, err = await run("device", "revoke", "x", *data)
    assert (code, "no such device" in err) == (3, True)


def _note(note_id: str) -> dict[str, Any]:
    text = {"zh": "x", "en": "x"}
    return {"note": {"id": note_id, "kind": "message", "text": text, "to": [], "via": "", "by": "?", "time_s": 1.0}}
