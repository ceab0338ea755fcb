"""A live operation in a real browser: a commander signs in, opens it, and the water becomes known by one reading."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyotp
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.served import Server, served

pytestmark = [pytest.mark.browser, pytest.mark.alone]
WALL = {"width": 1600, "height": 900}
PHONE = {"width": 390, "height": 844}
PATIENCE_MS = 90_000
AFLOAT = {"longitude": 106.4475, "latitude": 29.6252, "accuracy": 5.0}


def command(*words: str) -> dict[str, str]:
    """Run the command line; return its JSON."""
    done = subprocess.run(
        [sys.executable, "-m", "rescuecmd", *words, "--json"], capture_output=True, text=True, check=True
    )
    return dict(json.loads(done.stdout))


def patient(chromium: Browser, **options: Any) -> BrowserContext:
    """Return a browser of somebody else, who waits as long as a loaded machine needs."""
    context = chromium.new_context(**options)
    context.set_default_timeout(PATIENCE_MS)
    return context


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    command("units", "init", "--data", str(tmp_path))
    with served(tmp_path) as running:
        yield running


@pytest.fixture
def wall(chromium: Browser, server: Server) -> Iterator[Page]:
    """Sign a commander in; their wall has no operation yet."""
    address = server.ready["address"]
    added = command("staff", "add", "li", "--name", "李队", "--address", address, "--data", str(server.folder))
    context = patient(chromium, viewport=WALL)
    page = context.new_page()
    page.goto(added["link"])
    page.locator("input[type=password]").fill("a long enough one")
    page.locator("[data-set-password]").click()
    totp = pyotp.parse_uri(page.locator("[data-otpauth]").inner_text())
    assert isinstance(totp, pyotp.TOTP)
    page.locator("input[name=code]").fill(totp.now())
    page.locator("[data-sign-in]").click()
    page.wait_for_url("**/command")
    page.locator("html[data-ready='true']").wait_for(state="attached")
    yield page
    context.close()


def enrolled(chromium: Browser, wall: Page) -> tuple[BrowserContext, Page]:
    """Let a phone in that stands on the river."""
    wall.locator("[data-open-devices]").click()
    wall.locator("[data-invite='t-police-1']").click()
    url = str(wall.locator("[data-invite-card]").get_attribute("data-url"))
    context = patient(chromium, viewport=PHONE, geolocation=AFLOAT, permissions=["geolocation"])
    phone = context.new_page()
    phone.goto(url)
    phone.locator("[data-name]").fill("王艇长")
    phone.locator("[data-enrol]").click()
    wall.locator("[data-confirm]").click()
    phone.wait_for_url("**/terminal/*")
    phone.locator("html[data-link='live']").wait_for(state="attached")
    wall.keyboard.press("Escape")
    return context, phone


def a_link_does_not_open_it(chromium: Browser, server: Server) -> None:
    """Whoever comes with the key of a link is shown where to sign in."""
    context = patient(chromium, viewport=WALL)
    page = context.new_page()
    page.goto(server.links["command"])
    page.locator("[data-failure='enrolment-needed']").wait_for()
    page.locator("[data-become-known]").click()
    page.wait_for_url("**/signin")
    context.close()


@pytest.mark.timeout(300)
def test_a_commander_opens_it_and_one_reading_makes_the_water_known(
    chromium: Browser, server: Server, wall: Page
) -> None:
    wall.locator("section.map [data-empty]").wait_for()
    wall.locator("[data-open-first]").click()
    expect(wall.locator("[data-operation-sheet] [data-unit]")).to_have_count(6, timeout=PATIENCE_MS)
    wall.locator("[data-river]").select_option("jialing-dazhulin")
    wall.locator("[data-open]").click()
    wall.locator("[data-open-sure]").click()
    wall.locator("html[data-mode='live']").wait_for(state="attached")
    wall.locator("[data-water-unknown='true']").wait_for()
    context, phone = enrolled(chromium, wall)
    assert wall.locator("[data-legend-depth]").count() == 0
    wall.locator("[data-panel='video'] [data-empty]").wait_for()
    for page in (wall, phone):
        shown = page.locator("body").inner_text()
        assert "演练" not in shown.replace("导调员可载入演练", "")
        assert "DRILL" not in shown
        assert page.locator("[data-marking]").first.get_attribute("data-marking") == ""
    a_link_does_not_open_it(chromium, server)
    wall.locator("[data-reading-gauge]").select_option("ciqikou")
    wall.locator("[data-reading-level]").fill("180.50")
    expect(wall.locator("[data-reading-datum]")).to_have_value(
        "huanghai", timeout=PATIENCE_MS
    )  # as that board is printed
    wall.locator("[data-reading-send]").click()
    wall.locator("header [data-gauge-level='182.14']").wait_for()
    wall.locator("[data-legend-depth]").wait_for()
    expect(wall.locator("[data-panel='boats']")).to_contain_text("水警 1 号艇", timeout=PATIENCE_MS)
    wall.locator("[data-open-operation]").click()
    wall.locator("[data-why]").fill("全部人员获救")
    wall.locator("[data-end]").click()
    wall.locator("[data-end-sure]").click()
    wall.locator("[data-clock-state='ended']").wait_for()
    context.close()
