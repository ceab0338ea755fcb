"""The record on the pages: a band while it is not sound, and every page as a witness of how far it had seen."""

import pytest
from playwright.sync_api import expect

from tests.browser import scene
from tests.browser.conftest import Open
from tests.browser.fake_server import FakeServer

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]


@pytest.mark.parametrize("path", ["/command", "/trainer"])
def test_an_unsound_record_stands_on_the_pages_of_the_centre(path: str, open_page: Open, fake: FakeServer) -> None:
    page = open_page(path)
    band = page.locator("[data-record]")
    expect(band).to_have_count(0)
    for record, words in (("low", "free space now"), ("damaged", "read-only"), ("full", "orders cannot be recorded")):
        fake.record = record
        expect(page.locator(f"[data-record='{record}']")).to_contain_text(words)
    fake.record = "sound"
    expect(band).to_have_count(0)


def test_crews_are_told_what_it_means_for_them(open_page: Open, fake: FakeServer) -> None:
    page = open_page("/terminal/police-1", size=(390, 844))
    fake.record = "full"
    expect(page.locator("[data-record='full']")).to_contain_text("confirm by radio")
    fake.record = "low"  # not their concern
    expect(page.locator("[data-record]")).to_have_count(0)


def test_a_page_is_a_witness_also_after_it_was_loaded_anew(open_page: Open, fake: FakeServer) -> None:
    page = open_page("/command")
    assert "witness" not in fake.connections[0]
    page.wait_for_timeout(1200)  # it writes once a second
    fake.patch("vessels", "police-1", state="on_scene")
    expect(page.locator(f"main[data-seq='{fake.seq}']")).to_be_attached()
    page.reload()
    page.locator("html[data-ready='true']").wait_for(state="attached", timeout=60_000)
    assert fake.connections[-1]["witness"] == f"{fake.epoch}~{fake.seq}~sealed"


def test_the_past_has_a_page_of_its_own(open_page: Open, fake: FakeServer) -> None:
    wall = open_page("/command", "lang=en")
    with wall.context.expect_page() as opened:
        wall.locator("[data-open-past]").click()
    past = opened.value
    past.locator("html[data-ready='true']").wait_for(state="attached", timeout=60_000)
    expect(past.locator("[data-past]")).to_contain_text("Past, not now")
    connections = len(fake.connections)
    assert past.locator("main").get_attribute("inert") is not None
    slider = past.locator("[data-past] input[type=range]")
    slider.fill(str(int(scene.START_S) - 300))
    expect(past.locator("[data-past]")).to_have_attribute("data-past", str(int(scene.START_S) - 300))
    past.locator("[data-past-who]").select_option("t-police-1")
    words = past.locator("[data-past-words]")
    expect(words).to_contain_text("(receipt), 4 entries behind")
    expect(words.locator("[data-past-differs='missing']")).to_contain_text("SOS 1")
    expect(words.locator("[data-past-differs='older']")).to_contain_text("boats 1")
    past.keyboard.press("1")
    assert len(fake.connections) == connections  # it follows nothing and sends nothing
    assert not fake.calls
    expect(wall.locator("[data-link-state]")).to_have_attribute("data-link-state", "live")
