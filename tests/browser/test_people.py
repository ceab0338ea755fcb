"""People, groups and support on the real server: wall, a crew's phone and a caller's phone in a real Chromium."""

import re
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.served import Server, served

POLICE, FIRE = "t-police-1", "t-fire-2"
PATIENCE_MS = 30_000
pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with served(tmp_path_factory.mktemp("people"), "--drill", "dazhulin", "--speed", "1") as server:
        yield server


@pytest.fixture
def open_page(chromium: Browser) -> Iterator[Callable[..., Page]]:
    contexts: list[BrowserContext] = []
    faults: list[str] = []

    def opened(link: str, size: tuple[int, int], **options: Any) -> Page:
        context = chromium.new_context(viewport={"width": size[0], "height": size[1]}, locale="en", **options)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.goto(link.replace("#", "?lang=en&ratio=0.5#") if "#" in link else f"{link}?lang=en")
        page.locator("html[data-ready='true']").wait_for(state="attached", timeout=60_000)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert not faults


@pytest.fixture
def wall(server: Server, open_page: Callable[..., Page]) -> Page:
    return open_page(server.links["command"], (1280, 720))


@pytest.fixture
def phone(server: Server, open_page: Callable[..., Page]) -> Page:
    return open_page(server.links[POLICE], (412, 915))


def picture(page: Page) -> dict[str, Any]:
    """Return the picture that the server holds, read through the page's own key."""
    whole = page.evaluate(
        "fetch('/api/picture', {headers: {authorization: 'Bearer ' + new URLSearchParams(location.hash.slice(1))"
        ".get('key')}}).then(r => r.json())"
    )
    return dict(whole["picture"])


def until(what: str, truth: Callable[[], Any]) -> Any:
    limit = time.monotonic() + PATIENCE_MS / 1000
    while not (found := truth()):
        assert time.monotonic() < limit, f"waited for: {what}"
        time.sleep(0.2)
    return found


def link_of(wall: Page) -> str:
    """Make a locate link on the wall; return its address."""
    wall.locator("[data-people]").click()
    wall.locator("[data-make-link]").click()
    wall.locator("[data-locate-card] input").fill("…0199")
    wall.locator("[data-create-link]").click()
    field = wall.locator("[data-link-url]")
    expect(field).to_be_visible(timeout=PATIENCE_MS)
    assert str(wall.locator("[data-locate-card] img").get_attribute("src")).startswith("data:image/svg+xml")
    return field.input_value()


def test_a_caller_taps_once_a_crew_reports_and_the_wall_makes_one_of_them(
    wall: Page, phone: Page, open_page: Callable[..., Page]
) -> None:
    address = link_of(wall)
    boat = picture(phone)["vessels"]["police-1"]["fix"]
    spot = {"longitude": boat["lon_deg"] + 0.0002, "latitude": boat["lat_deg"], "accuracy": 24}
    caller = open_page(address, (390, 844), permissions=["geolocation"], geolocation=spot)
    caller.locator("textarea").fill("on the pontoon <b>")
    caller.locator("[data-consent]").click()
    expect(caller.locator("[data-sent]")).to_contain_text("within about 24 m", timeout=PATIENCE_MS)
    found = wall.locator("[data-victim^='locate-']")
    expect(found).to_contain_text("locate link", timeout=PATIENCE_MS)
    expect(found).to_contain_text("on the pontoon <b>")

    phone.locator("[data-tab-choice='more']").click()
    phone.locator("[data-report-kind='stranded']").click()
    phone.locator("[data-report] [data-category='delayed']").click()
    phone.locator("[data-send-report]").click()
    expect(phone.locator("[data-report-sent]")).to_be_visible()
    crew = wall.locator("[data-victim^='found-']")
    expect(crew).to_have_attribute("data-triage", "delayed", timeout=PATIENCE_MS)

    same = wall.locator("[data-proposal*='locate-']")
    expect(same).to_contain_text("same kind", timeout=PATIENCE_MS)
    same.locator("[data-take]").click()
    head = wall.locator("[data-victim]:has([data-part])")  # whoever reported first speaks for both
    expect(head).to_contain_text("2 report(s)", timeout=PATIENCE_MS)
    expect(head).to_contain_text("on the pontoon")
    head.locator("[data-split]").click()
    expect(wall.locator("[data-victim^='found-']")).to_be_visible(timeout=PATIENCE_MS)

    case = wall.locator("[data-victim^='found-']")
    case.locator("[data-close-case]").click()
    expect(case.locator("[data-reason='false_alarm']")).to_be_disabled()
    case.locator("[data-rescuer]").fill("Li Wei")
    case.locator("[data-reason='rescued']").click()  # somebody still waits there: refused
    case.locator("[data-close-case]").click()
    case.locator("[data-reason='false_alarm']").click()
    expect(case.locator("[data-closing='false_alarm']")).to_contain_text("Li Wei", timeout=PATIENCE_MS)


def test_a_caller_who_does_not_allow_it_is_told_what_to_do(wall: Page, open_page: Callable[..., Page]) -> None:
    caller = open_page(link_of(wall), (390, 844), permissions=[])
    caller.locator("[data-consent]").click()
    expect(caller.locator("[data-locate='denied']")).to_contain_text("describe the place", timeout=PATIENCE_MS)
    guess = open_page(caller.url.split("/l/")[0] + "/l/nothing", (390, 844))
    expect(guess.locator("[data-locate='failed']")).to_contain_text("not known", timeout=PATIENCE_MS)


def test_a_lasso_makes_a_group_whose_words_reach_its_members(wall: Page, phone: Page) -> None:
    wall.locator("[data-map] [data-loaded='true']").wait_for(state="attached", timeout=60_000)
    wall.locator("[data-focus-choice='river']").click()
    wall.locator("[data-open-groups]").click()
    wall.locator("[data-arm-lasso]").click()
    box = wall.locator("[data-lasso='armed']").bounding_box()
    assert box is not None
    corners = [(0.99, 0.02), (0.99, 0.98), (0.01, 0.98), (0.01, 0.02)]
    wall.mouse.move(box["x"] + box["width"] * 0.9, box["y"] + box["height"] * 0.02)
    wall.mouse.down()
    for x, y in corners:
        wall.mouse.move(box["x"] + box["width"] * x, box["y"] + box["height"] * y, steps=4)
    wall.mouse.up()
    expect(wall.locator(f"[data-member='{POLICE}'] input")).to_be_checked(timeout=PATIENCE_MS)
    wall.locator("[data-form-group]").click()
    group = wall.locator("[data-group-sheet] [data-group]").first
    expect(group).to_have_attribute("data-members", re_member(POLICE), timeout=PATIENCE_MS)
    group.locator("[data-say]").fill("meet at the reef")
    group.locator("[data-say]").press("Enter")
    bulletin = phone.locator("[data-bulletin^='note/']")
    expect(bulletin).to_contain_text("meet at the reef", timeout=PATIENCE_MS)
    bulletin.locator("[data-seen]").click()
    note = until("the word is in the picture", lambda: [n for n in picture(wall)["notes"].values() if n["group_id"]])[0]
    seen = f"note/{note['id']}/{POLICE}"
    until("the crew has seen it", lambda: picture(wall)["copies"][seen]["state"] == "accepted")
    phone.locator("[data-tab-choice='more']").click()
    expect(phone.locator("[data-more] [data-said]")).to_contain_text("meet at the reef")
    phone.locator("[data-tab-choice='picture']").click()
    expect(phone.locator("[data-sketch] [data-group-ring]")).to_be_visible(timeout=PATIENCE_MS)
    expect(wall.locator("[data-map] [data-group-ring]")).to_be_attached()
    group.locator("[data-push-to]").click()
    expect(wall.locator("[data-card-choice]")).to_contain_text("Police RIB 1")
    wall.locator("[data-card-choice] header button").click()
    group.locator("[data-end]").click()
    expect(wall.locator("[data-group-sheet] [data-group]")).to_have_count(0, timeout=PATIENCE_MS)


def test_one_click_on_a_group_leads_to_the_cards_and_the_next_pushes_one_to_its_members(
    wall: Page, phone: Page
) -> None:
    wall.locator("[data-map] [data-loaded='true']").wait_for(state="attached", timeout=60_000)
    wall.locator("[data-open-groups]").click()
    for member in (POLICE, FIRE):
        wall.locator(f"[data-member='{member}'] input").check()
    wall.locator("[data-new-group] input").first.fill("Reef team")
    wall.locator("[data-form-group]").click()
    wall.locator("[data-group-sheet] header button").click()
    expect(phone.locator("[data-my-groups='1']")).to_have_text("◯ Reef team", timeout=PATIENCE_MS)
    wall.locator("[data-map] [data-push-to]").click()  # without a ring the name stands amid the members
    choice = wall.locator("[data-card-choice]")
    expect(choice).to_contain_text("Reef team")
    reef = choice.locator("[data-plan-choice='reef']")
    reef.locator("select").select_option(label="Huangpanshi")
    reef.locator("[data-push-group]").click()
    expect(choice).to_have_count(0, timeout=PATIENCE_MS)
    expect(phone.locator("[data-card]").first).to_contain_text("Huangpanshi", timeout=PATIENCE_MS)
    pushed = [push for push in picture(wall)["pushes"].values() if push["group_id"]]
    assert [(push["plan_id"], set(push["terminal_ids"])) for push in pushed] == [("reef", {POLICE, FIRE})]
    phone.locator("[data-decline]").click()  # the other tests' phone is at rest again
    phone.locator("[data-reason='busy']").click()
    expect(phone.locator("[data-card]")).to_have_count(0, timeout=PATIENCE_MS)
    wall.locator("[data-open-groups]").click()
    wall.locator("[data-group-sheet] [data-end]").click()
    expect(phone.locator("[data-my-groups]")).to_have_count(0, timeout=PATIENCE_MS)


def re_member(terminal_id: str) -> re.Pattern[str]:

    return re.compile(rf"\b{terminal_id}\b")


def test_a_crew_asks_for_support_and_a_wrong_count_is_seen(wall: Page, phone: Page, server: Server) -> None:
    phone.locator("[data-tab-choice='more']").click()
    phone.locator("[data-ask-support='rope']").click()
    row = wall.locator("[data-support][data-support-state='requested']")
    expect(row).to_contain_text("Ropes", timeout=PATIENCE_MS)
    row.locator("select").select_option(FIRE)
    taken = wall.locator("[data-support][data-support-state='accepted']")
    expect(taken.locator("[data-step-took='accepted']")).to_contain_text("✓", timeout=PATIENCE_MS)
    expect(phone.locator("[data-support-state='accepted']")).to_contain_text("Accepted", timeout=PATIENCE_MS)
    phone.locator("[data-head-count='boat'] [aria-label='+']").click()
    phone.locator("[data-count-heads='1']").click()
    alarm = wall.locator("[data-alarm='count_mismatch/boat/police-1']")
    expect(alarm).to_contain_text("counts 1 aboard, the book says 0", timeout=PATIENCE_MS)
