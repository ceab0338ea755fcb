"""The terminal page against a made-up server: a card arrives, is answered, guides, and SOS needs a held finger."""

import gzip
import re
from dataclasses import replace

import pytest
from playwright.sync_api import Page, expect

from rescuecmd.text import Text
from tests.browser import scene
from tests.browser.conftest import Open
from tests.browser.fake_server import DIST, FakeServer
from tests.browser.patience import becomes, hold_clock

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]
PHONE = (412, 915)
CARD, TASK = "p1/t-police-1", "task-p1/t-police-1"
MM20_PX = 126  # 20 mm at the 160 dpi of a CSS pixel
SHELL_BYTES = 150_000


@pytest.fixture
def phone(open_page: Open) -> Page:
    return open_page("/terminal/t-police-1", "lang=en&theme=day", PHONE, has_touch=True, is_mobile=True)


def push(fake: FakeServer) -> None:
    fake.push({"plan_id": "reef", "terminal_ids": ["t-police-1"]})


def accept(fake: FakeServer, state: str = "accepted") -> None:
    """Let the server hold the card as accepted and its task in some state."""
    push(fake)
    fake.patch("cards", CARD, state="accepted", answered_s=fake.now())
    fake.patch("tasks", TASK, state=state)


def receipts(fake: FakeServer) -> list[str]:
    return [body["receipt"] for body in fake.named("GiveReceipt")]


def test_idle_phone_says_who_it_is_and_whether_it_would_be_heard(phone: Page) -> None:
    expect(phone.locator("h1")).to_have_text("Police 1")
    expect(phone.locator("[data-idle]")).to_contain_text("Stand by")
    expect(phone.locator("[data-marking='演练 DRILL']")).to_be_visible()
    expect(phone.locator("[data-link-state='live']")).to_be_visible()


@pytest.mark.parametrize(("lang", "words"), [("en", "Level outside what is computed"), ("zh", "水位超出可算范围")])
def test_a_level_outside_what_is_computed_stands_on_the_phone(
    open_page: Open, fake: FakeServer, lang: str, words: str
) -> None:
    page = open_page("/terminal/t-police-1", f"lang={lang}", PHONE)
    band = page.locator("[data-level-outside]")
    expect(band).to_have_count(0)
    fake.put({"alarms": [scene.level_outside("warning")]})
    expect(page.locator("[data-level-outside='warning']")).to_contain_text("194.37")
    fake.put({"alarms": [scene.level_outside()]})
    expect(page.locator("[data-level-outside='alarm']")).to_contain_text(words)
    level = fake.picture["gauges"]["ciqikou"]["recent"][-1]["level_m"]
    expect(band).to_contain_text(f"{level:.2f} m")
    expect(band).not_to_contain_text("2021-09-05T")
    fake.patch("alarms", "level_outside/river", rectified_s=fake.now())
    expect(band).to_have_count(0)


def test_a_terminal_nobody_enrolled_is_told_so(open_page: Open) -> None:
    page = open_page("/terminal/t-nobody", "lang=en", PHONE)
    expect(page.locator("[data-idle]")).to_contain_text("t-nobody is not enrolled")


def test_card_fills_the_screen_and_its_receipts_go_by_themselves(phone: Page, fake: FakeServer) -> None:
    push(fake)
    phone.locator("[data-accept]").wait_for()
    expect(phone.locator("[data-spoken]")).to_contain_text("take 3 people off Huangpan Rock")
    assert phone.locator("html").get_attribute("data-cue") == "card"
    expect(phone.locator("[data-limit='current']")).to_have_attribute("data-state", "breach")
    assert (
        phone.locator(".step").first.get_attribute("class")
        == "step svelte-"
        + str(phone.locator(".step").first.get_attribute("class")).split("svelte-")[1].split(" ")[0]
        + " mine"
    )
    expect(phone.locator("[data-card]")).to_contain_text("Not reviewed")
    becomes(phone, lambda: receipts(fake), ["delivered", "displayed"])


def test_keys_are_large_enough_for_gloves(phone: Page, fake: FakeServer) -> None:
    push(fake)
    boxes = [phone.locator(name).bounding_box() for name in ("[data-accept]", "[data-decline]")]
    accept_box, decline_box = (box for box in boxes if box)
    for box in (accept_box, decline_box):
        assert box["width"] >= MM20_PX
        assert box["height"] >= MM20_PX
    assert decline_box["x"] - accept_box["x"] - accept_box["width"] >= 45  # 7 mm between yes and no


def test_accept_answers_once_and_leads_to_the_arrow(phone: Page, fake: FakeServer) -> None:
    push(fake)
    phone.locator("[data-accept]").click()
    expect(phone.locator("[data-answer='sent']")).to_be_visible()
    becomes(phone, lambda: receipts(fake).count("accepted"), 1)
    fake.patch("cards", CARD, state="accepted", answered_s=fake.now())
    fake.patch("tasks", TASK, state="accepted")
    arrow = phone.locator("[data-arrow]")
    expect(arrow).to_be_visible()
    assert 300 < int(str(arrow.get_attribute("data-distance"))) < 600
    expect(phone.locator("[data-step='under_way']")).to_be_visible()


def test_decline_asks_one_of_four_reasons(phone: Page, fake: FakeServer) -> None:
    push(fake)
    phone.locator("[data-decline]").click()
    assert phone.locator("[data-reason]").count() == 4
    phone.locator("[data-reason='too_dangerous']").click()
    declined = {"card_id": CARD, "receipt": "declined", "reason": "too_dangerous"}
    becomes(phone, lambda: fake.named("GiveReceipt")[-1], declined)


def test_reasons_stay_while_the_card_changes(phone: Page, fake: FakeServer) -> None:
    push(fake)
    phone.locator("[data-decline]").click()
    fake.patch("cards", CARD, reminders=1)
    expect(phone.locator(f"main[data-seq='{fake.seq}']")).to_be_attached()
    assert phone.locator("[data-reason]").count() == 4


def test_arrow_follows_the_boat_and_ages(phone: Page, fake: FakeServer) -> None:
    accept(fake, "under_way")
    arrow = phone.locator("[data-arrow]")
    arrow.wait_for()
    far = int(str(arrow.get_attribute("data-distance")))
    lon, lat = scene.at(3300, 100)
    fix = {**fake.picture["vessels"]["police-1"]["fix"], "lon_deg": lon, "lat_deg": lat, "time_s": fake.now()}
    fake.patch("vessels", "police-1", fix=fix)
    expect(arrow).not_to_have_attribute("data-distance", str(far))
    assert int(str(arrow.get_attribute("data-distance"))) < far
    fake.patch("vessels", "police-1", fix={**fix, "time_s": fake.now() - 40})
    expect(arrow).to_have_attribute("data-fresh", "stale")


def test_changed_route_says_why_until_understood(phone: Page, fake: FakeServer) -> None:
    accept(fake, "under_way")
    phone.locator("[data-arrow]").wait_for()
    why = Text("侧槽水深不足", "The side channel is too shallow now")
    places = ((3150, 130), (3600, -80), (4270, 20))
    new = replace(
        scene.route("r-new", "police-1", TASK, *places, why=why), replaces="r-police-1", made_s=scene.START_S + 60
    )
    fake.patch("routes", "r-police-1", state="replaced")
    fake.put({"routes": [new]})
    notice = phone.locator("[data-route-notice='r-new']")
    expect(notice).to_contain_text("too shallow now")
    expect(phone.locator("[data-arrow]")).to_have_attribute("data-route", "r-new")
    notice.locator("button").click()
    expect(notice).to_have_count(0)
    fake.patch("routes", "r-new", state="cut", why={"zh": "水路被断", "en": "No way left"})
    expect(phone.locator("[data-route-notice='r-new'][data-cut='true']")).to_contain_text("No way left")


def ended(fake: FakeServer, step: str, by: str) -> None:
    """Let the task in hand end by somebody's hand."""
    card = fake.picture["cards"][CARD]
    mark = {"step": step, "time_s": fake.now(), "server_time_s": fake.now(), "by": by, "device_time_s": None}
    taken_back = {"state": "withdrawn", "why": {"zh": "改由海巡 3 前往", "en": "Maritime 3 goes instead"}}
    fake.patch("cards", CARD, trail=[*card["trail"], mark], **(taken_back if step == "withdrawn" else {}))
    fake.patch("tasks", TASK, state="done" if step == "done" else "aborted")


@pytest.mark.parametrize(
    ("step", "by", "words"),
    [
        ("withdrawn", "commander", ["Task taken back", "Reef rescue", "Maritime 3 goes instead", "Stand by"]),
        ("aborted", "commander", ["Task stopped", "decided by the command centre"]),
        ("done", "software", ["Task finished", "nobody of it is waiting any more"]),
    ],
)
def test_a_task_that_others_end_says_so_until_understood(
    phone: Page, fake: FakeServer, step: str, by: str, words: list[str]
) -> None:
    accept(fake, "under_way")
    phone.locator("[data-arrow]").wait_for()
    ended(fake, step, by)
    notice = phone.locator(f"[data-task-notice='{CARD}'][data-how='{step}']")
    for word in words:
        expect(notice).to_contain_text(word)
    assert phone.locator("html").get_attribute("data-cue") == "route"
    phone.reload()
    notice.locator("[data-understood]").click()
    expect(notice).to_have_count(0)
    expect(phone.locator(f"[data-idle] [data-last-ending='{step}']")).to_contain_text(words[0])
    phone.reload()
    expect(phone.locator("[data-last-ending]")).to_be_visible()
    expect(notice).to_have_count(0)


def test_the_end_that_the_crew_reported_is_no_news_to_it(phone: Page, fake: FakeServer) -> None:
    accept(fake, "on_scene")
    phone.locator("[data-step]").first.wait_for()
    new = scene.route("r-new", "police-1", TASK, (3150, 130), (3600, -80), (4270, 20))
    fake.patch("routes", "r-police-1", state="replaced")
    fake.put({"routes": [replace(new, replaces="r-police-1", made_s=scene.START_S + 60)]})
    phone.locator("[data-route-notice]").wait_for()
    ended(fake, "done", "terminal/t-police-1")
    expect(phone.locator("[data-route-notice]")).to_have_count(0)  # its way leads nowhere now
    expect(phone.locator("[data-last-ending='done']")).to_contain_text("reported by you")
    expect(phone.locator("[data-task-notice]")).to_have_count(0)


def test_people_aboard_are_landed_after_their_task_was_stopped(phone: Page, fake: FakeServer) -> None:
    accept(fake, "on_scene")
    fake.patch("victims", "v-reef", aboard=3)
    fake.patch("vessels", "police-1", aboard=3)
    phone.locator("[data-step='landed']").wait_for()
    ended(fake, "aborted", "commander")
    expect(phone.locator("[data-task-notice]")).to_contain_text("3 aboard: take them ashore first.")
    expect(phone.locator("[data-blocked]")).to_have_count(0)
    phone.locator("[data-step='landed']").click()
    becomes(phone, lambda: len(fake.named("LandVictims")), 1)


def test_on_a_small_phone_the_arrow_stays_whole_under_a_notice(open_page: Open, fake: FakeServer) -> None:
    accept(fake, "under_way")
    page = open_page("/terminal/t-police-1", "lang=en", (360, 640), has_touch=True, is_mobile=True)
    page.locator("[data-arrow]").wait_for()
    why = Text(
        "侧槽水深不足，改走主航道", "The side channel gets too shallow within ten minutes; take the main channel"
    )
    new = scene.route("r-new", "police-1", TASK, (3150, 130), (3600, -80), (4270, 20), why=why)
    fake.patch("routes", "r-police-1", state="replaced")
    fake.put({"routes": [replace(new, replaces="r-police-1", made_s=scene.START_S + 60)]})
    notice = page.locator("[data-route-notice]")
    notice.wait_for()
    face, over = page.locator(".face").bounding_box(), notice.bounding_box()
    assert face
    assert over
    for part in ("[data-arrow-deg] circle", "[data-arrow] [data-metres]"):
        box = page.locator(part).first.bounding_box()
        assert box
        assert box["y"] >= over["y"] + over["height"]
        assert box["y"] + box["height"] <= face["y"] + face["height"]


def test_work_goes_on_by_one_key_at_a_time(phone: Page, fake: FakeServer) -> None:
    accept(fake)
    phone.locator("[data-step='under_way']").click()
    fake.patch("tasks", TASK, state="under_way")
    phone.locator("[data-step='on_scene']").click()
    fake.patch("tasks", TASK, state="on_scene")
    phone.get_by_label("−").click()
    phone.locator("[data-step='picked_up'][data-count='2']").click()
    aboard = {"victim_id": "v-reef", "vessel_id": "police-1", "count": 2}
    becomes(phone, lambda: fake.named("PickUpVictims"), [aboard])
    assert [body["state"] for body in fake.named("MoveTask")] == ["under_way", "on_scene"]
    fake.patch("victims", "v-reef", aboard=3)
    fake.patch("vessels", "police-1", aboard=3)
    phone.locator("[data-step='landed']").click()
    becomes(phone, lambda: len(fake.named("LandVictims")), 1)
    (landed,) = fake.named("LandVictims")
    assert (landed["count"], landed["place_id"]) == (3, "dazhulin-pontoon")


def test_a_card_under_way_comes_as_a_sheet_and_the_arrow_stays(phone: Page, fake: FakeServer) -> None:
    accept(fake, "under_way")
    phone.locator("[data-arrow]").wait_for()
    fake.push({"plan_id": "water", "terminal_ids": ["t-police-1"]})
    expect(phone.locator(".sheet [data-spoken]")).to_be_visible()
    expect(phone.locator("[data-arrow]")).to_be_visible()
    expect(phone.locator("[data-accept]")).to_be_visible()


def test_picture_of_the_card(phone: Page, fake: FakeServer) -> None:
    push(fake)
    phone.locator("[data-tab-choice='picture']").click()
    expect(phone.locator("[data-picture][data-loaded='true']")).to_be_visible()


def test_sos_wants_a_held_finger_and_can_be_undone(phone: Page, fake: FakeServer) -> None:
    key = phone.locator("[data-sos-hold]")
    for _ in range(5):
        key.click()
    assert fake.named("RaiseSos") == []
    box = key.bounding_box()
    assert box
    hold_clock(phone)
    phone.mouse.move(box["x"] + 50, box["y"] + 20)
    phone.mouse.down()
    phone.clock.run_for(1400)
    assert 0.8 < float(str(key.get_attribute("data-progress"))) < 1.0
    assert fake.named("RaiseSos") == []
    phone.clock.run_for(200)
    phone.clock.resume()
    phone.mouse.up()
    becomes(phone, lambda: len(fake.named("RaiseSos")), 1)
    (raised,) = fake.named("RaiseSos")
    assert raised["terminal_id"] == "t-police-1"
    assert raised["fix"]["lon_deg"] == pytest.approx(scene.at(3150, 130)[0])
    expect(phone.locator("[data-sos='raised']")).to_be_visible()
    phone.locator("[data-sos-undo]").click()
    becomes(phone, lambda: fake.named("CancelSos"), [{"sos_id": raised["sos_id"]}])


def accepted_ids(fake: FakeServer) -> list[str]:
    """Return the ids of the acceptances that came by either road."""
    sent = [*fake.commands, *fake.by_second_road]
    return [item["op_id"] for item in sent if item["body"].get("receipt") == "accepted"]


def test_what_is_answered_offline_is_kept_over_a_reload_and_sent_once(phone: Page, fake: FakeServer) -> None:
    push(fake)
    phone.locator("[data-accept]").wait_for()
    fake.answering = False
    phone.locator("[data-accept]").click()
    expect(phone.locator("[data-unsent]")).to_be_visible()
    becomes(phone, lambda: bool(accepted_ids(fake)), True)  # it has left the phone, and nobody has answered it
    before = accepted_ids(fake)
    phone.reload()
    fake.answering = True
    phone.locator("html[data-ready='true']").wait_for(state="attached")
    fake.kick()
    expect(phone.locator("[data-unsent]")).to_have_count(0, timeout=15_000)
    after = accepted_ids(fake)
    assert len(set(before)) == 1
    assert set(after) == set(before)


def test_lost_link_is_said_in_words(phone: Page, fake: FakeServer) -> None:
    fake.silent = True
    phone.locator("html[data-link='lost']").wait_for(state="attached", timeout=6000)
    expect(phone.locator("header [data-link-state='lost']")).to_have_text(re.compile("Offline"))


LEAST_CONTRAST = """names => {
    const canvas = new OffscreenCanvas(1, 1).getContext("2d", {willReadFrequently: true});
    const rgb = (colour) => {
        canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1);
        return canvas.getImageData(0, 0, 1, 1).data;
    };
    const light = (colour) => { const [r, g, b] = [...colour].slice(0, 3).map(v => v / 255)
        .map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
        return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
    const ground = (node) => { while (node) { const found = rgb(getComputedStyle(node).backgroundColor);
        if (found[3] === 255) return found; node = node.parentElement; } return rgb("#fff"); };
    return Math.min(...names.flatMap(name => [...document.querySelectorAll(name)]).map(node => {
        const [a, b] = [light(rgb(getComputedStyle(node).color)), light(ground(node))];
        return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    }));
}"""


@pytest.mark.parametrize("theme", ["day", "night"])
def test_without_a_link_nothing_is_covered_and_everything_still_reads(
    open_page: Open, fake: FakeServer, theme: str
) -> None:
    accept(fake, "under_way")
    page = open_page("/terminal/t-police-1", f"lang=en&theme={theme}", PHONE)
    page.locator("[data-arrow]").wait_for()
    fake.silent = True
    page.locator("html[data-link='lost']").wait_for(state="attached", timeout=6000)
    expect(page.locator("[data-link-band]")).to_contain_text("Picture stopped at")
    expect(page.locator("[data-veil]")).to_have_count(0)
    names = ["[data-sos-hold]", "[data-step]", "nav button", "header h1", "[data-link-words]", "[data-arrow] .digits"]
    assert page.evaluate(LEAST_CONTRAST, names) >= 4.5
    top = (
        "n => { const b = n.getBoundingClientRect(); const t = document.elementFromPoint(b.x + b.width / 2, b.y + 20);"
    )
    assert page.locator("[data-sos-hold]").evaluate(f"{top} return n === t || n.contains(t) }}")


def test_the_end_of_the_operation_is_said(phone: Page, fake: FakeServer) -> None:
    expect(phone.locator("[data-ended]")).to_have_count(0)
    fake.clock = {"state": "ended", "speed": 1.0}
    fake.kick()
    expect(phone.locator("[data-ended]")).to_contain_text("The drill has ended")
    expect(phone.locator("[data-idle]")).not_to_contain_text("Stand by")
    expect(phone.locator("[data-sos-over]")).to_contain_text("use the radio")
    expect(phone.locator("[data-sos-hold]")).to_have_count(0)
    accept(fake, "under_way")
    phone.locator("[data-arrow]").wait_for()
    expect(phone.locator("[data-progress]")).to_have_count(0)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_narrow_phone_cuts_nothing_and_its_keys_are_large_enough(open_page: Open, lang: str) -> None:
    page = open_page("/terminal/t-maritime-1", f"lang={lang}", (360, 640), has_touch=True, is_mobile=True)
    for box in page.locator("header button").evaluate_all("ns => ns.map(n => n.getBoundingClientRect().toJSON())"):
        assert min(box["width"], box["height"]) >= 48
    cut = "ns => ns.filter(n => n.scrollWidth > n.clientWidth + 1 || n.clientHeight > 72).map(n => n.innerText)"
    assert page.locator("header h1, header .link, nav button").evaluate_all(cut) == []


def test_night_palette_is_dark_to_the_last_pixel(open_page: Open, fake: FakeServer) -> None:
    accept(fake, "under_way")
    page = open_page("/terminal/t-police-1", "theme=night", PHONE)
    page.locator("[data-arrow]").wait_for()
    brightest = page.evaluate(
        """async (png) => {
            const image = await createImageBitmap(await (await fetch('data:image/png;base64,' + png)).blob());
            const canvas = new OffscreenCanvas(image.width, image.height);
            const context = canvas.getContext('2d');
            context.drawImage(image, 0, 0);
            const data = context.getImageData(0, 0, image.width, image.height).data;
            let blue = 0;
            for (let i = 0; i < data.length; i += 4) blue = Math.max(blue, data[i + 2]);
            return blue;
        }""",
        _base64(page.screenshot()),
    )
    assert brightest < 150  # red and amber only: no white, no blue that spoils night eyes


def _base64(data: bytes) -> str:
    import base64

    return base64.b64encode(data).decode()


def test_shell_is_small_and_has_no_map_in_it() -> None:
    names = re.findall(r'(?:src|href)="(/assets/[^"]+)"', (DIST / "terminal.html").read_text())
    files = [DIST / "terminal.html", *(DIST / name.lstrip("/") for name in names)]
    total = sum(len(gzip.compress(file.read_bytes(), 9)) for file in files)
    assert total <= SHELL_BYTES
    assert not any("maplibre" in file.read_text().lower() for file in files)


def test_the_card_tells_when_the_water_stands_at_their_knees(phone: Page, fake: FakeServer) -> None:
    push(fake)
    fake.patch("tasks", TASK, victim_ids=["v-reef"])
    knee = phone.locator("[data-stages] [data-stage='knee']").first
    expect(knee).to_contain_text("knee")
    assert re.search(r"\d\d:\d\d \(\d\d:\d\d–\d\d:\d\d\)", knee.inner_text())


def test_the_way_in_profile_and_in_words(phone: Page, fake: FakeServer) -> None:
    accept(fake, "under_way")
    fake.patch("vessels", "police-1", route_id="r-police-1")
    expect(phone.locator("[data-arrow] [data-tight]")).to_contain_text("K23+050 left bank")
    phone.locator("[data-tab-choice='way']").tap()
    way = phone.locator("[data-way]")
    expect(way.locator("[data-closes]")).to_contain_text("closes in")
    expect(way.locator("[data-profile='r-police-1'] [data-squeeze]")).to_be_visible()
    expect(way.locator("[data-guidance] li")).to_have_count(3)
    tab = phone.locator("[data-tab-choice='way']").bounding_box()
    assert tab is not None
    assert min(tab["width"], tab["height"]) >= 60  # a wet glove


def test_a_crew_that_leaves_late_finds_its_steps_ahead(phone: Page, fake: FakeServer) -> None:
    accept(fake, "under_way")
    fake.patch("vessels", "police-1", route_id="r-police-1")
    planned = scene.route("r-police-1", "police-1", TASK, (3150, 130), (3500, 60), (4000, -30), (4270, 20))
    fake.put({"routes": [scene.planned_earlier(planned, 1200.0)]})
    expect(phone.locator("[data-arrow] [data-late]")).to_contain_text("late by 20:")
    expect(phone.locator("[data-arrow] [data-tight]")).to_contain_text("K23+050 left bank")
    phone.locator("[data-tab-choice='way']").tap()
    steps = phone.locator("[data-guidance] li")
    expect(steps.first).to_have_class(re.compile(r"\bnext\b"))
    expect(phone.locator("[data-guidance] .done")).to_have_count(0)
    phone.locator("[data-tab-choice='card']").tap()
    expect(phone.locator("[data-card-eta]")).to_contain_text("there at")


def test_the_picture_of_a_card_tells_its_age_and_is_fetched_anew(phone: Page, fake: FakeServer) -> None:
    accept(fake, "under_way")
    expect(phone.locator("[data-arrow]")).to_be_visible()  # the task has come, and with it the arrow
    phone.locator("[data-tab-choice='picture']").tap()
    expect(phone.locator("[data-drawn-age]")).to_contain_text("ago")
    with phone.expect_response(lambda answer: "picture.svg" in answer.url and answer.ok):
        fake.now_s += 120.0
        fake.patch("vessels", "police-1", aboard=0)  # any frame brings the clock
    expect(phone.locator("[data-drawn-age]")).to_have_attribute("data-drawn-age", re.compile(r"^-?\d$"))


def test_a_changed_route_that_leads_nowhere_any_more_is_no_news(phone: Page, fake: FakeServer) -> None:
    accept(fake, "under_way")
    expect(phone.locator("[data-arrow]")).to_have_attribute("data-route", "r-police-1")
    laid = scene.route("r-new", "police-1", TASK, (3150, 130), (3600, 40), (4270, 20))
    fake.patch("routes", "r-police-1", state="replaced")
    fake.put({"routes": [replace(laid, replaces="r-police-1", made_s=scene.START_S + 60)]})
    expect(phone.locator("[data-route-notice='r-new']")).to_be_visible()
    fake.patch("routes", "r-new", state="ended")
    expect(phone.locator("[data-route-notice]")).to_have_count(0)
