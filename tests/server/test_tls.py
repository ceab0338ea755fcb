import asyncio
import datetime as dt
import hashlib
import os
import ssl
import stat
import sys
from pathlib import Path

import httpx
import pytest
from cryptography import x509
from websockets.asyncio.client import connect

from rescuecmd.errors import InputError, NotFoundError, RefusedError
from rescuecmd.server import tls
from rescuecmd.server.run import Serving, serving
from tests.server.conftest import settings_for
from tests.server.door import Door
from tests.server.process import run
from tests.server.test_wire import snippets

NOW = dt.datetime.now(dt.UTC)


def test_an_authority_is_made_once(tmp_path: Path) -> None:
    folder = tmp_path / "tls"
    made = tls.init(folder, ["192.168.1.5", "rescue.local"], now=NOW)
    assert set(made.names) == {"localhost", "127.0.0.1", "::1", "192.168.1.5", "rescue.local"}
    assert 390 < made.days_left(NOW) <= 397
    for name, mode in ((tls.CA_KEY, 0o600), (tls.KEY, 0o600), (tls.CERT, 0o644), (tls.CA_CERT, 0o644)):
        assert stat.S_IMODE((folder / name).stat().st_mode) == mode
    with pytest.raises(RefusedError, match="--force"):
        tls.init(folder, [], now=NOW)
    assert tls.init(folder, [], now=NOW, force=True).ca_fingerprint != made.ca_fingerprint


def test_renewing_keeps_the_authority_and_the_names(tmp_path: Path) -> None:
    made = tls.init(tmp_path, ["10.0.0.7"], now=NOW - dt.timedelta(days=390))
    again = tls.renew(tmp_path, [], now=NOW)
    assert (again.ca_fingerprint, again.names) == (made.ca_fingerprint, made.names)
    assert again.fingerprint != made.fingerprint
    assert again.expires > made.expires


def test_the_authority_speaks_for_local_names_only(tmp_path: Path) -> None:
    tls.init(tmp_path, ["boat.example.org"], now=NOW)
    ca = x509.load_pem_x509_certificate((tmp_path / tls.CA_CERT).read_bytes())
    limits = ca.extensions.get_extension_for_class(x509.NameConstraints)
    assert limits.critical
    assert limits.value.permitted_subtrees is not None
    names = {item.value for item in limits.value.permitted_subtrees if isinstance(item, x509.DNSName)}
    assert "boat.example.org" in names
    assert "example.org" not in names


@pytest.mark.parametrize("name", ["", "a b", "http://x", "-\n", "x..y", "1.2.3", "名", "a" * 300])
def test_what_is_no_name_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(InputError, match="neither"):
        tls.init(tmp_path, [name], now=NOW)
    assert not (tmp_path / tls.CA_KEY).exists()


def test_missing_and_broken_files_are_named(tmp_path: Path) -> None:
    for ask in (tls.look, lambda folder: tls.renew(folder, [], now=NOW)):
        with pytest.raises(NotFoundError, match="tls init"):
            ask(tmp_path)
    tls.init(tmp_path, [], now=NOW)
    (tmp_path / tls.CA_KEY).write_text("no key")
    with pytest.raises(InputError, match="cannot be read"):
        tls.renew(tmp_path, [], now=NOW)
    (tmp_path / tls.CERT).write_text("no certificate")
    with pytest.raises(InputError, match="not a certificate"):
        tls.look(tmp_path)


async def test_the_server_speaks_tls_and_takes_up_a_renewal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rescuecmd.server.run._RENEWAL_LOOK_S", 0.05)
    folder = tmp_path / tls.FOLDER
    made = tls.init(folder, ["192.168.77.5"], now=NOW)
    async with serving(settings_for(tmp_path, tls=True, robots=True)) as server:
        await server.host.opened()
        assert server.address.startswith("https://127.0.0.1:")
        trusted = tls.client_context(folder)
        assert server.host.front.public_address(server.address).startswith("https://192.168.77.5:")
        async with httpx.AsyncClient(base_url=server.address, verify=trusted) as http:
            assert (await http.get("/api/health")).status_code == 200
            assert (await http.get("/api/trust")).json()["pin"] == made.fingerprint
            ca = await http.get("/ca.crt")
            assert ca.content == (folder / tls.CA_CERT).read_bytes()
            assert "attachment" in ca.headers["content-disposition"]
        with pytest.raises(httpx.ConnectError, match="CERTIFICATE_VERIFY_FAILED"):
            async with httpx.AsyncClient(base_url=server.address, verify=ssl.create_default_context()) as http:
                await http.get("/api/health")
        door = Door.of(server)
        async with connect(door.live_url("commander"), ssl=trusted) as socket:
            assert "hello" in str(await socket.recv())
            await asyncio.wait_for(_robots_are_in(server), 60)
            renewed = tls.renew(folder, [], now=NOW)
            while server.host.front.pin != renewed.fingerprint:  # noqa: ASYNC110
                await asyncio.sleep(0.05)
            assert "snapshot" in str(await socket.recv())  # an open connection goes on
        assert await _served(server.address, trusted) == renewed.fingerprint


async def test_the_client_of_the_guide_trusts_an_authority_of_ones_own(tmp_path: Path) -> None:
    folder = tmp_path / tls.FOLDER
    tls.init(folder, [], now=NOW)
    script, trusted = tmp_path / "client.py", tls.client_context(folder)
    script.write_text(snippets()[0])
    async with serving(settings_for(tmp_path, tls=True)) as server:
        await server.host.opened()
        door = Door.of(server)
        async with door.http(verify=trusted) as http:
            body = {"terminal_id": door.terminals[0], "name": "guide"}
            url = (await http.post("/api/access/invites", json=body)).json()["url"]
            secret = url.partition("#s=")[2].partition("&")[0]
            words = sys.executable, str(script), server.address, secret
            env = {**os.environ, "SSL_CERT_FILE": str(folder / tls.CA_CERT)}
            client = await asyncio.create_subprocess_exec(*words, env=env, stdout=asyncio.subprocess.PIPE)
            try:
                assert client.stdout is not None
                async with asyncio.timeout(60):
                    check = (await client.stdout.readline()).decode().split()[-1]
                    (device,) = (await http.get("/api/access")).json()["devices"]
                    assert device["check"] == check
                    await http.post(f"/api/access/devices/{device['id']}/confirm")
                    while not (await http.get("/api/access")).json()["devices"][0]["connected"]:  # noqa: ASYNC110
                        await asyncio.sleep(0.1)
            finally:
                client.kill()
                await client.wait()


async def _robots_are_in(server: Serving) -> None:
    while not all(x.robots for x in server.host.need_running().desk.picture.terminals.values()):  # noqa: ASYNC110
        await asyncio.sleep(0.1)


async def _served(address: str, trusted: ssl.SSLContext) -> str:
    port = int(address.rpartition(":")[2])
    _, writer = await asyncio.open_connection("127.0.0.1", port, ssl=trusted)
    certificate = writer.get_extra_info("ssl_object").getpeercert(binary_form=True)
    writer.close()
    await writer.wait_closed()
    return hashlib.sha256(certificate).hexdigest()


async def test_the_command_line_makes_and_refuses(tmp_path: Path) -> None:
    code, out, _ = await run("tls", "init", "192.168.1.5", "--data", str(tmp_path), "--json")
    assert code == 0
    assert '"192.168.1.5"' in out
    code, _, err = await run("tls", "init", "--data", str(tmp_path))
    assert code == 4
    assert "--force" in err
    code, out, _ = await run("tls", "renew", "--data", str(tmp_path))
    assert code == 0
    assert "192.168.1.5" in out
    code, _, err = await run("tls", "show", "--data", str(tmp_path / "nowhere"))
    assert code == 3
    assert "tls init" in err
