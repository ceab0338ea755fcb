"""The phone page as an app, against the real server: flight mode, a killed browser, the check before sailing, water."""

import random
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import BrowserContext, Error, Page, Playwright, ViewportSize, expect

from rescuecmd.web.build_pages import build
from rescuecmd.web.make_sounds import PATTERNS
from tests.browser.conftest import Open
from tests.browser.fake_server import FakeServer
from tests.browser.patience import becomes
from tests.browser.served import CHROMIUM, FLAGS, Server, served

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]
PHONE: ViewportSize = {"width": 412, "height": 915}
BOAT = "t-police-1"
MEDIA = ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]
WORDS = ("--drill", "dazhulin", "--camera", "off", "--no-robots")
ALLOWED = ("geolocation", "screen-wake-lock", "persistent-storage", "camera")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    build()
    with served(tmp_path_factory.mktemp("data"), *WORDS) as server:
        yield server


@contextmanager
def phone(playwright: Playwright, folder: Path, server: Server) -> Iterator[BrowserContext]:
    """A phone with a memory of its own, everything allowed that a crew would allow."""
    context = playwright.chromium.launch_persistent_context(
        str(folder), executable_path=CHROMIUM, args=[*FLAGS, *MEDIA], viewport=PHONE, has_touch=True, is_mobile=True,
        geolocation={"longitude": 106.456, "latitude": 29.607, "accuracy": 5},
    )  # fmt: skip
    try:
        session = context.new_cdp_session(context.pages[0])
        for name in ALLOWED:
            given = {"permission": {"name": name}, "setting": "granted", "origin": server.ready["address"]}
            session.send("Browser.setPermission", given)
        yield context
    finally:
        with suppress(Error):  # it may have been killed
            context.close()


def ready(page: Page) -> None:
    page.locator("html[data-ready='true']").wait_for(state="attached", timeout=60_000)


def push(server: Server, op_id: str) -> str:
    headers = {"authorization": f"Bearer {server.ready['keys']['commander']}"}
    body = {"op_id": op_id, "plan_id": "reef", "terminal_ids": [BOAT], "place_id": "huangpanshi"}
    answer = httpx.post(f"{server.ready['address']}/api/pushes", json=body, headers=headers, timeout=60)
    return str(answer.raise_for_status().json()["card_ids"][0])


def picture(server: Server) -> dict[str, Any]:
    headers = {"authorization": f"Bearer {server.ready['keys']['commander']}"}
    answer = httpx.get(f"{server.ready['address']}/api/picture", headers=headers, timeout=60)
    return dict(answer.raise_for_status().json()["picture"])


def kept(page: Page, path: str) -> None:
    """Wait until the worker keeps something of this path."""
    names = (
        """async () => (await (await caches.open('rescuecmd-phone-1')).keys()).map(one => new URL(one.url).pathname)"""
    )
    for _ in range(300):
        if any(name.startswith(path) for name in page.evaluate(names)):
            return
        page.wait_for_timeout(100)
    raise AssertionError(f"nothing of {path} is kept")


def test_in_flight_mode_the_shell_the_river_and_the_last_card_are_there(
    playwright: Playwright, server: Server, tmp_path: Path
) -> None:
    with phone(playwright, tmp_path, server) as context:
        page = context.pages[0]
        page.goto(server.links[BOAT])
        ready(page)
        kept(page, "/terminal/shell")
        kept(page, "/api/river")
        for name in PATTERNS:
            kept(page, f"/assets/{name}-")
        card = push(server, "flight")
        page.locator(f"[data-card='{card}']").wait_for()
        kept(page, "/api/cards/")
        assert (
            page.evaluate(
                "caches.open('rescuecmd-phone-1').then(c => c.keys()).then(k => k.map(r => r.url).join())"
            ).count("key=")
            == 0
        )  # what is kept carries no key
        context.set_offline(True)
        page.reload()
        ready(page)
        expect(page.locator("html")).to_have_attribute("data-sounds", str(len(PATTERNS)))  # decoded, ready to be heard
        expect(page.locator(f"[data-card='{card}']")).to_be_visible()
        expect(page.locator("[data-link-state='lost']")).to_be_visible()
        page.locator("[data-tab-choice='picture']").click()
        page.locator("[data-picture][data-loaded='true']").wait_for()
        context.set_offline(False)
        expect(page.locator("[data-link-state='live']")).to_be_visible(timeout=30_000)
        page.locator("[data-decline]").click()
        page.locator("[data-reason='busy']").click()
        page.locator("[data-sketch]").wait_for()
        context.set_offline(True)
        page.reload()
        ready(page)
        page.locator("[data-tab-choice='picture']").click()
        page.locator("[data-sketch]").wait_for()


def test_what_was_done_without_a_link_survives_a_killed_browser_and_arrives_once(
    playwright: Playwright, server: Server, tmp_path: Path
) -> None:
    with phone(playwright, tmp_path, server) as context:
        page = context.pages[0]
        page.goto(server.links[BOAT])
        ready(page)
        card = push(server, "killed")
        page.locator(f"[data-card='{card}']").wait_for()
        expect(page.locator("[data-unsent]")).to_have_count(0)
        server.kill()
        expect(page.locator("[data-link-state='lost']")).to_be_visible(timeout=30_000)
        page.locator("[data-accept]").click()
        sos = page.locator("[data-sos-hold]")
        sos.hover()
        page.mouse.down()
        page.locator("[data-sos='raised']").wait_for()
        page.mouse.up()
        page.wait_for_function("Number(document.querySelector('[data-unsent]')?.dataset.unsent) >= 2")
        page.wait_for_timeout(300)  # two writes to the disk
        with suppress(Error):
            context.new_cdp_session(page).send("Browser.crash")
    server.start()
    before = picture(server)
    assert before["cards"][card]["state"] in {"queued", "delivered", "displayed"}
    open_before = [item for item in before["soses"].values() if item["cancelled_s"] is None]
    assert open_before == []
    with phone(playwright, tmp_path, server) as context:
        page = context.pages[0]
        page.goto(server.links[BOAT])
        ready(page)
        expect(page.locator("[data-unsent]")).to_have_count(0, timeout=30_000)
        page.locator("[data-sos='raised']").wait_for()
        after = picture(server)
        assert after["cards"][card]["state"] == "accepted"
        assert len([item for item in after["soses"].values() if item["cancelled_s"] is None]) == 1


def test_a_phone_is_checked_before_it_sails_and_can_be_installed(
    playwright: Playwright, server: Server, tmp_path: Path
) -> None:
    other = next(name for name in server.links if name.startswith("t-") and name != BOAT)
    with phone(playwright, tmp_path, server) as context:
        page = context.pages[0]
        page.goto(server.links[other])
        ready(page)
        kept(page, "/api/river")
        session = context.new_cdp_session(page)
        assert session.send("Page.getInstallabilityErrors")["installabilityErrors"] == []
        manifest = session.send("Page.getAppManifest")
        assert manifest["errors"] == []
        assert manifest["url"].endswith(f"/terminal/{other}/app.webmanifest")
        page.locator("[data-check-open]").click()
        for name in ("link", "gps", "sound", "camera", "storage", "wake", "map", "clock"):
            expect(page.locator(f"[data-check='{name}']")).to_have_attribute("data-verdict", "ok", timeout=20_000)
        expect(page.locator("[data-fit='true']")).to_be_visible()
        page.locator("[data-check-close]").click()
        page.locator("[data-idle]").wait_for()


def test_water_on_the_glass_does_nothing_and_a_held_key_unlocks(open_page: Open, fake: FakeServer) -> None:
    page = open_page("/terminal/t-police-1", "lang=en", (412, 915), has_touch=True, is_mobile=True)
    fake.push({"plan_id": "reef", "terminal_ids": [BOAT]})
    page.locator("[data-accept]").wait_for()
    page.locator("[data-wet-choice]").click()
    page.locator("[data-wet-lock]").wait_for()
    rng = random.Random(3)
    for _ in range(200):
        page.touchscreen.tap(rng.uniform(1, 411), rng.uniform(1, 914))
    said = [body["receipt"] for body in fake.named("GiveReceipt")]
    assert set(said) <= {"delivered", "displayed"}
    assert fake.named("RaiseSos") == []
    sos = page.locator("[data-sos-hold]")
    sos.hover()  # it lies above the glass: an SOS is held in any weather
    page.mouse.down()
    page.locator("[data-sos='raised']").wait_for()
    page.mouse.up()
    assert len({body["sos_id"] for body in fake.named("RaiseSos")}) == 1  # a slow answer has it sent again, by its id
    key = page.locator("[data-wet-unlock]")
    box = key.bounding_box()
    assert box
    assert box["height"] >= 126  # 20 mm at 160 dpi
    key.hover()
    page.mouse.down()
    page.locator("[data-wet-lock]").wait_for(state="detached")
    page.mouse.up()
    page.locator("[data-accept]").click()
    becomes(page, lambda: fake.named("GiveReceipt")[-1]["receipt"], "accepted")
