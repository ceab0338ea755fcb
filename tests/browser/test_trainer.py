"""The trainer's page against a made-up server: script, verbs, speed, score, report."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Open
from tests.browser.drill import drill_view
from tests.browser.fake_server import FakeServer
from tests.browser.patience import becomes

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]


@pytest.fixture
def trainer(open_page: Open) -> Page:
    return open_page("/trainer", "lang=en&ratio=0.5", (1400, 850))


def test_shows_what_comes_next_and_why_it_has_not(trainer: Page) -> None:
    expect(trainer.locator("[data-inject='I4'] [data-countdown]")).to_have_text("1:30")
    waiting = trainer.locator("[data-inject='I5']")
    expect(waiting).to_have_attribute("data-value", "false")
    expect(waiting).to_contain_text("180.41")
    expect(trainer.locator("[data-inject='I6']")).to_have_attribute("data-state", "held")
    expect(trainer.locator("[data-inject='F1']")).to_contain_text("engine failure")
    expect(trainer.locator("[data-goal='E1']")).to_contain_text("2:14 P")
    expect(trainer.locator("[data-grade='O1']")).to_have_attribute("data-letter", "M")
    assert trainer.locator("[data-saved]").get_attribute("data-saved") == "35"


def test_each_button_is_a_call_and_shows_its_command(trainer: Page, fake: FakeServer) -> None:
    trainer.locator("[data-inject='I4'] [data-verb='fire']").click()
    trainer.locator("[data-inject='I5'] [data-verb='hold']").click()
    trainer.locator("[data-inject='I6'] [data-verb='skip']").click()
    trainer.locator("[data-action='pause']").click()
    trainer.locator("[data-speed='10']").click()
    trainer.locator("[data-action='ask-stop']").click()
    trainer.locator("[data-action='stop']").click()
    calls = [
        ("fire", {"inject_id": "I4"}),
        ("hold", {"inject_id": "I5"}),
        ("skip", {"inject_id": "I6"}),
        ("pause", {}),
        ("speed", {"speed": 10}),
        ("stop", {}),
    ]
    becomes(trainer, lambda: fake.calls, calls)
    expect(trainer.locator("[data-cli='pause']")).to_contain_text("/api/drill/pause")


def test_states_of_the_drill(trainer: Page, fake: FakeServer) -> None:
    fake.drill = drill_view("paused")
    expect(trainer.locator("[data-action='resume']")).to_be_visible()
    fake.drill = drill_view("ready", 0.0)
    expect(trainer.locator("[data-action='start']")).to_be_enabled()
    assert trainer.locator("[data-report]").count() == 0
    fake.drill = drill_view("ended", 3600.0)
    expect(trainer.locator("[data-report]")).to_have_attribute("href", "/api/drill/report.html?key=k")
    fake.drill = {**drill_view("none", 0.0), "next": [], "faults": [], "score": [], "fired": []}
    expect(trainer.locator("[data-panel='injects']")).to_contain_text("No injects to come")
    trainer.locator("[data-action='load']").click()
    becomes(trainer, lambda: fake.calls[-1], ("load", {"drill_id": "dazhulin"}))
