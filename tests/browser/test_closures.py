"""Ways and closures on the real server's wall: what the commander closes is on the map, in the log and on the phone."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.served import Server, served

PATIENCE_MS = 30_000
pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with served(tmp_path_factory.mktemp("closures"), "--drill", "teaching", "--speed", "1") as server:
        yield server


def opened(chromium: Browser, link: str, width: int, height: int) -> Page:
    page = chromium.new_context(viewport={"width": width, "height": height}, locale="en").new_page()
    page.set_default_timeout(PATIENCE_MS)
    address, key = link.split("#")
    page.goto(f"{address}?lang=en#{key}")
    return page


def test_a_portage_is_closed_and_a_closure_drawn_by_hand(chromium: Browser, server: Server) -> None:
    wall = opened(chromium, server.links["command"], 1600, 900)
    phone = opened(chromium, server.links["t-boat-1"], 390, 844)
    expect(wall.locator("[data-map] [data-loaded]")).to_have_count(1, timeout=PATIENCE_MS)
    expect(wall.locator("[data-legend-rule]")).to_have_text(["portage, lock", "boom"])
    portage = wall.locator('[data-mark="way/bar-portage"]')
    expect(portage).to_contain_text("portage 2:00 · draught ≤ 0.5 m")
    wall.locator("[data-open-rules]").click()
    wall.locator('[data-rule="bar-portage"] [data-set="closed"]').click()
    expect(wall.locator('[data-rule="bar-portage"]')).to_have_attribute("data-standing", "closed")
    expect(portage).to_have_attribute("data-state", "closed")
    expect(phone.locator("body")).to_contain_text("Bar portage: closed", timeout=PATIENCE_MS)
    wall.locator('[data-rule="teaching-boom"] [data-set="lifted"]').click()
    expect(wall.locator('[data-mark="boom/teaching-boom"]')).to_contain_text("lifted by command")
    expect(wall.locator('[data-panel="story"]')).to_contain_text("Lifted: “Teaching boom”")

    wall.locator("[data-new-closure] input").fill("Driftwood")
    wall.locator("[data-arm-closure]").click()
    for number, (x, y) in enumerate([(700, 300), (740, 300), (740, 390), (700, 390), (700, 303)]):
        wall.mouse.move(x, y, steps=6)
        if number == 0:
            wall.mouse.down()
    wall.mouse.up()
    wall.locator("[data-bar]").click()
    expect(wall.locator("[data-closure]")).to_contain_text("Driftwood")
    wall.locator("[data-closure] [data-take-back]").click()
    expect(wall.locator("[data-closure]")).to_have_count(0)
    wall.locator('[data-take-back="closed-bar-portage"]').click()
    expect(portage).to_have_attribute("data-state", re.compile("portage"))
