"""Enrolment, sign-in and the lost phone in a real browser, over TLS with an authority that the browser was given."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pyotp
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from rescuecmd.web.build_pages import build
from tests.browser.served import CHROMIUM, FLAGS, Server, served

HOST = "rescue.local"
PHONE = {"width": 390, "height": 844}


def command(*words: str) -> dict[str, str]:
    """Run the command line; return its JSON."""
    done = subprocess.run(
        [sys.executable, "-m", "rescuecmd", *words, "--json"], capture_output=True, text=True, check=True
    )
    return dict(json.loads(done.stdout))


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("data")
    command("tls", "init", HOST, "--data", str(folder))
    return folder


@pytest.fixture(scope="module")
def server(data: Path) -> Iterator[Server]:
    build()
    with served(data, "--tls", "--drill", "dazhulin", "--camera", "off", "--no-robots") as running:
        yield running


@pytest.fixture(scope="module")
def browser(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """Start a Chromium whose certificate store holds the authority, and which finds the host here."""
    home = tmp_path_factory.mktemp("home")
    store = home / ".pki" / "nssdb"
    store.mkdir(parents=True)
    place = f"sql:{store}"
    subprocess.run(["certutil", "-d", place, "-N", "--empty-password"], check=True)
    authority = ["-i", str(data / "tls" / "ca.crt")]
    subprocess.run(["certutil", "-d", place, "-A", "-t", "C,,", "-n", "rescuecmd", *authority], check=True)
    flags = [*FLAGS, f"--host-resolver-rules=MAP {HOST} 127.0.0.1"]
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=flags, env={"HOME": str(home)})
        yield started
        started.close()


@pytest.fixture
def contexts(browser: Browser) -> Iterator[list[BrowserContext]]:
    made: list[BrowserContext] = []
    yield made
    for context in made:
        context.close()


def page_of(browser: Browser, contexts: list[BrowserContext], url: str, **options: object) -> Page:
    context = browser.new_context(**options)  # type: ignore[arg-type]
    contexts.append(context)
    page = context.new_page()
    page.goto(url)
    return page


def at(server: Server, path: str) -> str:
    return f"https://{HOST}:{server.port}{path}"


def wall_of(browser: Browser, contexts: list[BrowserContext], server: Server) -> Page:
    key = server.ready["keys"]["commander"]
    wall = page_of(
        browser, contexts, at(server, f"/command?lang=en#key={key}"), viewport={"width": 1600, "height": 900}
    )
    wall.locator("html[data-ready='true']").wait_for(state="attached", timeout=60_000)
    return wall


def test_a_phone_is_enrolled_commands_and_is_lost(
    browser: Browser, contexts: list[BrowserContext], server: Server
) -> None:
    wall = wall_of(browser, contexts, server)
    wall.locator("[data-open-devices]").click()
    wall.locator("[data-invite]").first.click()
    card = wall.locator("[data-invite-card]")
    url = str(card.get_attribute("data-url"))
    assert url.startswith(at(server, "/enrol#s="))
    phone = page_of(browser, contexts, url.replace("/enrol#", "/enrol?lang=en#"), viewport=PHONE)
    phone.locator("[data-name]").fill("<img src=x onerror=alert(1)> 李")
    phone.locator("[data-enrol]").click()
    check = str(phone.locator("output[data-check]").get_attribute("data-check"))
    assert wall.locator("output[data-check]").get_attribute("data-check") == check
    wall.locator("[data-confirm]").click()
    phone.wait_for_url("**/terminal/*", timeout=60_000)
    phone.locator("html[data-link='live']").wait_for(state="attached", timeout=60_000)
    expect(wall.locator("[data-device][data-connected='true']")).to_have_count(1, timeout=60_000)
    assert not wall.locator("[data-device] img").count()  # a name is text, whatever it says
    keys = phone.evaluate(
        """async () => {
            const open = await new Promise((done) => {
                const ask = indexedDB.open('rescuecmd'); ask.onsuccess = () => done(ask.result); });
            const all = open.transaction('devices').objectStore('devices').getAll();
            const device = await new Promise((done) => { all.onsuccess = () => done(all.result[0]); });
            const told = await crypto.subtle.exportKey('pkcs8', device.private_key).then(() => 'given', (e) => e.name);
            return [device.private_key.extractable, told, document.cookie, JSON.stringify(sessionStorage)];
        }"""
    )
    assert keys == [False, "InvalidAccessError", "", "{}"]  # nothing to steal but what expires in minutes
    phone.reload()
    phone.locator("html[data-link='live']").wait_for(state="attached", timeout=60_000)
    wall.locator("[data-revoke]").click()  # the second tap
    phone.locator("[data-failure='revoked']").wait_for(timeout=60_000)
    expect(wall.locator("[data-device]")).to_have_attribute("data-state", "revoked")


EVIL = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg onload=alert(1)>",
    "\"><iframe srcdoc='<script>parent.alert(1)</script>'>",
    "javascript:alert(1)",
    "{{constructor.constructor('alert(1)')()}}",
    "</output><a href=javascript:alert(1)>x</a>",
    "<style>*{display:none}</style>",
)


SEND = """async ([body, headers]) =>
    (await fetch("/api/commands", { method: "POST", headers, body })).status"""


def test_a_name_is_text_whatever_it_says(browser: Browser, contexts: list[BrowserContext], server: Server) -> None:
    headers = {"Authorization": f"Bearer {server.ready['keys']['commander']}", "Content-Type": "application/json"}
    wall = wall_of(browser, contexts, server)
    broken: list[str] = []
    said: list[str] = []
    wall.on("dialog", lambda dialog: broken.append(dialog.message))
    wall.on("console", lambda line: said.append(line.text))
    before = wall.evaluate("document.querySelectorAll('script, iframe, style').length")
    fix = {"lon_deg": 106.45, "lat_deg": 29.63, "time_s": 1.0, "accuracy_m": 5.0, "source": "report"}
    for n, text in enumerate(EVIL):
        name = {"zh": text, "en": text}
        victim = {"id": f"v{n}", "kind": "in_water", "name": name, "count": 1, "fix": fix, "reported_s": 1.0}
        note = {"id": f"n{n}", "kind": "report", "text": name, "to": [], "via": text, "by": "", "time_s": 1.0}
        hazard = {"id": f"h{n}", "kind": "other", "name": name, "fix": fix, "radius_m": 5.0}
        for kind, body in (
            ("ReportVictim", {"victim": {**victim, "reported_by": text}}),
            ("AddNote", {"note": note}),
            ("ReportHazard", {"hazard": hazard}),
        ):
            order = {"op_id": f"evil-{kind}-{n}", "name": kind, "body": body}
            assert wall.evaluate(SEND, [json.dumps(order), headers]) == 200
    wall.get_by_text(EVIL[0]).first.wait_for(timeout=60_000)
    wall.wait_for_timeout(500)
    assert broken == []
    assert [line for line in said if "Content Security Policy" in line] == []
    assert wall.evaluate("document.querySelectorAll('script, iframe, style').length") == before
    assert not wall.locator("a[href^=javascript]").count()


def test_letters_do_without_a_camera_and_a_wrong_one_is_told(
    browser: Browser, contexts: list[BrowserContext], server: Server
) -> None:
    wall = wall_of(browser, contexts, server)
    wall.locator("[data-open-devices]").click()
    wall.locator("[data-invite]").last.click()
    code = str(wall.locator("[data-invite-card] [data-code]").get_attribute("data-code"))
    phone = page_of(browser, contexts, at(server, "/enrol?lang=zh"), viewport=PHONE)
    phone.locator("[data-code]").fill("2222-2222")
    phone.locator("[data-enrol]").click()
    phone.locator("[data-failure='invite']").wait_for()
    phone.locator("[data-code]").fill(code.lower())
    phone.locator("[data-enrol]").click()
    phone.locator("output[data-check]").wait_for()


def test_a_commander_signs_in_with_a_passkey(
    browser: Browser, contexts: list[BrowserContext], server: Server, data: Path
) -> None:
    link = command("staff", "add", "li", "--name", "李队", "--address", at(server, ""), "--data", str(data))["link"]
    page = page_of(browser, contexts, link.replace("/signin#", "/signin?lang=en#"), viewport=PHONE)
    cdp = page.context.new_cdp_session(page)
    cdp.send("WebAuthn.enable")
    options = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True}
    cdp.send(
        "WebAuthn.addVirtualAuthenticator",
        {"options": {**options, "isUserVerified": True, "automaticPresenceSimulation": True}},
    )
    page.locator("[data-make-passkey]").click()
    page.wait_for_url("**/command", timeout=60_000)
    page.locator("html[data-ready='true']").wait_for(state="attached", timeout=60_000)
    page.keyboard.press("?")
    page.locator("[data-sign-out]").click()
    page.wait_for_url("**/signin", timeout=60_000)
    page.locator("[data-passkey]").click()
    page.wait_for_url("**/command", timeout=60_000)
    page.locator("[data-open-devices]").wait_for(timeout=60_000)
    command("staff", "remove", "li", "--data", str(data))
    page.locator("[data-failure='key']").wait_for(timeout=60_000)


def test_a_deputy_signs_in_with_a_password_and_a_code(
    browser: Browser, contexts: list[BrowserContext], server: Server, data: Path
) -> None:
    added = command("staff", "add", "wang", "--role", "deputy", "--address", at(server, ""), "--data", str(data))
    page = page_of(browser, contexts, added["link"], viewport=PHONE)
    page.locator("input[type=password]").fill("a long enough one")
    page.locator("[data-set-password]").click()
    totp = pyotp.parse_uri(page.locator("[data-otpauth]").inner_text())
    assert isinstance(totp, pyotp.TOTP)
    page.locator("input[name=code]").fill("000000")
    page.locator("[data-sign-in]").click()
    page.locator("[data-failure='sign-in']").wait_for()
    page.locator("input[name=code]").fill(totp.now())
    page.locator("[data-sign-in]").click()
    page.wait_for_url("**/command", timeout=60_000)


def test_a_phone_learns_to_trust_the_server(
    browser: Browser, contexts: list[BrowserContext], server: Server, data: Path
) -> None:
    page = page_of(browser, contexts, at(server, "/trust?lang=en"), viewport=PHONE)
    page.locator("[data-secure]").wait_for()
    shown = page.locator("[data-fingerprint]").inner_text().replace(" ", "")
    assert shown == command("tls", "show", "--data", str(data))["ca_fingerprint"]
    with page.expect_download() as download:
        page.locator("a[download]").click()
    assert Path(download.value.path()).read_bytes() == (data / "tls" / "ca.crt").read_bytes()


def test_the_command_is_handed_over_and_an_agency_closes_a_layer(
    browser: Browser, contexts: list[BrowserContext], server: Server
) -> None:
    wall = wall_of(browser, contexts, server)
    key = server.ready["keys"]["deputy"]
    second = page_of(
        browser, contexts, at(server, f"/command?lang=en#key={key}"), viewport={"width": 1600, "height": 900}
    )
    wall.locator("[data-open-devices]").click()
    wall.locator("details[data-shares] summary").click()
    wall.locator("[data-share='police/positions/fire']").click()
    expect(wall.locator("[data-share='police/positions/fire']")).to_have_attribute("aria-pressed", "false")
    wall.locator("[data-hand-over]").click()
    wall.locator("[data-approval] [data-withdraw]").wait_for()
    second.locator("[data-approval] [data-approve]").click(timeout=60_000)
    expect(wall.locator("[data-in-command]")).to_have_attribute("data-in-command", "deputy", timeout=60_000)
    second.locator("[data-approval]").wait_for(state="detached")
