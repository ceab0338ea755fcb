"""The command wall against a made-up server: what it shows, what a click sends, what a lost link looks like."""

import re
from dataclasses import replace

import pytest
from playwright.sync_api import Page, expect

from rescuecmd.picture.entity import Group
from rescuecmd.picture.order import Alarm, Candidate, Offer, Sos
from rescuecmd.text import Text
from tests.browser import scene
from tests.browser.conftest import Open
from tests.browser.fake_server import FakeServer
from tests.browser.patience import becomes, hold_clock

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]


@pytest.fixture
def wall(open_page: Open) -> Page:
    return open_page("/command", "lang=en&theme=dusk&ratio=0.5")


def test_shows_marking_level_people_and_what_is_old(wall: Page) -> None:
    expect(wall.locator("[data-marking='演练 DRILL']")).to_be_visible()
    expect(wall.locator("[data-gauge-level]")).to_contain_text("180.4")
    people = wall.locator("[data-people]")
    assert [people.get_attribute(f"data-{name}") for name in ("waiting", "aboard", "safe", "lost")] == [
        "90", "0", "35", "0",
    ]  # fmt: skip
    expect(wall.locator("[data-crossing='warning']")).to_contain_text(":")
    expect(wall.locator("[data-crossing='guarantee']")).to_have_text("not within the forecast")
    assert wall.locator("[data-vessel='volunteer-4']").get_attribute("data-fresh") == "stale"
    expect(wall.locator("[data-coming] li").first).to_contain_text("Huangpan Rock goes under")
    expect(wall.locator("[data-story] li").first).to_contain_text("18 min")
    assert int(str(wall.locator("[data-unacknowledged]").get_attribute("data-unacknowledged"))) == 2


def settled(wall: Page) -> str | None:
    """Return how often the map has drawn itself, once that has stood still for two seconds."""
    expect(wall.locator("[data-map]")).not_to_have_attribute("data-depth", "", timeout=30_000)
    canvas = wall.locator("[data-map] [data-renders]")
    for _ in range(30):
        before = canvas.get_attribute("data-renders")
        wall.wait_for_timeout(2000)
        if canvas.get_attribute("data-renders") == before:
            return before
    raise AssertionError("the map never came to rest")


def test_map_shows_victims_boats_and_reefs_and_is_not_drawn_again_for_a_moving_boat(
    wall: Page, fake: FakeServer
) -> None:
    canvas = wall.locator("[data-map] [data-loaded='true']")
    canvas.wait_for(state="attached", timeout=60_000)
    expect(wall.locator("[data-schematic]")).to_contain_text("not for navigation")
    for victim in ("v-reef", "v-water", "v-beach"):
        expect(wall.locator(f"[data-mark='victim/{victim}'] .label")).to_be_visible()
    assert wall.locator("[data-mark='reef/feilanzi']").get_attribute("data-state") == "under"
    assert wall.locator("[data-mark='reef/huangpanshi']").get_attribute("data-state") == "awash"
    for _ in range(3):  # depth or fonts that arrive late draw the map once more; a map drawn for boats always is
        renders = settled(wall)
        move(wall, fake)
        if canvas.get_attribute("data-renders") == renders:
            return
    raise AssertionError("the map is drawn again when a boat moves")


def move(wall: Page, fake: FakeServer) -> None:
    """Let a boat take five steps and see its mark move."""
    boat = wall.locator("[data-mark='boat/police-1']")
    begin = str(boat.get_attribute("style"))
    start = fake.picture["vessels"]["police-1"]["fix"]["time_s"]
    for step in range(5):
        lon, lat = scene.at(3300 + 60 * step + start % 7, 100)
        fix = {**fake.picture["vessels"]["police-1"]["fix"], "lon_deg": lon, "lat_deg": lat, "time_s": fake.now()}
        fake.patch("vessels", "police-1", fix=fix)
        expect(wall.locator("main")).to_have_attribute("data-seq", str(fake.seq))
    expect(boat).not_to_have_attribute("style", begin)


def test_one_click_pushes_the_card_to_the_ticked_terminals(wall: Page, fake: FakeServer) -> None:
    card = wall.locator("[data-suggestion='s-reef']")
    card.locator("[data-candidate='t-maritime-3'] input").check()
    card.locator("[data-candidate='t-fire-2'] input").uncheck()
    card.locator("[data-push]").click()
    expect(wall.locator("[data-push-id='p1']")).to_be_visible()
    (_, body) = fake.calls[-1]
    assert body["terminal_ids"] == ["t-police-1", "t-maritime-3"]
    assert (body["plan_id"], body["victim_ids"], body["place_id"]) == ("reef", ["v-reef"], "huangpanshi")
    assert body["suggestion_id"] == "s-reef"
    assert len(body["op_id"]) == 36
    wall.locator("[data-undo] button").click()
    expect(wall.locator("[data-undo]")).to_have_count(0)
    becomes(
        wall, lambda: {item["card_id"] for item in fake.named("WithdrawCard")}, {"p1/t-police-1", "p1/t-maritime-3"}
    )


def test_number_key_pushes_and_preview_shows_the_words(wall: Page, fake: FakeServer) -> None:
    wall.locator("[data-suggestion='s-reef'] .look").click()
    expect(wall.locator("[data-preview] [data-spoken]").first).to_contain_text("Huangpan Rock")
    wall.keyboard.press("Escape")
    expect(wall.locator("[data-preview]")).to_have_count(0)
    wall.keyboard.press("2")
    expect(wall.locator("[data-push-id]")).to_be_visible()
    assert fake.calls[-1][1]["plan_id"] == "water"


def test_a_refused_push_is_said_and_changes_nothing(wall: Page, fake: FakeServer) -> None:
    fake.refusing = True
    wall.locator("[data-suggestion='s-water'] [data-push]").click()
    expect(wall.locator("[data-push-error='too-late']")).to_contain_text("moved on")
    expect(wall.locator("[data-push-id]")).to_have_count(0)


def test_receipts_run_and_a_declined_card_offers_the_next_boat(wall: Page, fake: FakeServer) -> None:
    fake.push({"plan_id": "reef", "terminal_ids": ["t-police-1", "t-fire-2"]})
    now = fake.now()
    fake.patch("cards", "p1/t-police-1", pushed_s=now - 20, delivered_s=now - 19, state="delivered")
    late = wall.locator("[data-card='p1/t-police-1'] [data-cell='displayed']")
    expect(late).to_have_attribute("data-cell-state", "running")
    expect(late).to_have_attribute("data-tone", "amber")
    fake.patch("cards", "p1/t-police-1", displayed_s=now - 18, answered_s=now - 2, state="accepted")
    expect(wall.locator("[data-card='p1/t-police-1'] [data-cell='accepted']")).to_contain_text("18 s")
    fake.patch("cards", "p1/t-fire-2", state="declined", reason="engine", answered_s=now, delivered_s=now)
    row = wall.locator("[data-card='p1/t-fire-2']")
    expect(row.locator("[data-cell-state='refused']")).to_contain_text("Engine trouble")
    body = wall.locator("[data-push-id='p1']")
    expect(body).to_have_attribute("data-accepted", "1")
    expect(body).to_have_attribute("data-declined", "1")
    candidate = Candidate("t-maritime-3", "maritime-3", now + 300, 12)
    fake.put({"offers": [Offer("o1", "p1", "t-fire-2", candidate, Text("可改派", "Maritime 3 could go"), now)]})
    wall.locator("[data-offer='o1'] button").click()
    expect(wall.locator("[data-push-id='p2']")).to_be_visible()
    (_, sent) = fake.calls[-1]
    assert (sent["offer_id"], sent["terminal_ids"], sent["victim_ids"]) == ("o1", ["t-maritime-3"], ["v-reef"])


def test_the_strip_and_the_matrix_tell_not_reached_from_not_answered(wall: Page, fake: FakeServer) -> None:
    fake.push({"plan_id": "reef", "terminal_ids": ["t-police-1", "t-fire-2", "t-maritime-3"]})
    now = fake.now()
    fake.patch("cards", "p1/t-police-1", pushed_s=now - 20, delivered_s=now - 19, state="delivered")
    fake.patch("cards", "p1/t-fire-2", pushed_s=now - 40, level="second_channel")
    push = wall.locator("[data-push-id='p1']")
    expect(push.locator("[data-not-reached='2']")).to_be_visible()
    expect(push.locator("[data-not-answered='1']")).to_be_visible()
    wall.locator("[data-by='unit']").click()
    for unit, standing in (("t-police-1", "not_answered"), ("t-fire-2", "not_reached")):
        cell = wall.locator(f"[data-unit='{unit}'] [data-matrix-push='p1']")
        expect(cell).to_have_attribute("data-standing", standing)
    wall.locator("[data-by='push']").click()
    fake.patch("cards", "p1/t-maritime-3", state="withdrawn", why={"zh": "已由消防 2 接受", "en": "accepted by Fire 2"})
    expect(wall.locator("[data-card='p1/t-maritime-3']")).to_contain_text("Withdrawn: accepted by Fire 2")
    task = fake.picture["cards"]["p1/t-police-1"]["task_id"]
    fake.patch("cards", "p1/t-police-1", state="accepted", answered_s=now)
    fake.patch("tasks", task, state="accepted", movement="none_yet")
    expect(wall.locator("[data-card='p1/t-police-1'] [data-no-movement]")).to_contain_text("no movement yet")


def test_an_answer_by_voice_is_given_by_the_wall(wall: Page, fake: FakeServer) -> None:
    fake.push({"plan_id": "reef", "terminal_ids": ["t-fire-2"]})
    content = {
        **fake.picture["cards"]["p1/t-fire-2"]["content"],
        "comms": [{"zh": "终端", "en": "terminal"}, {"zh": "甚高频", "en": "VHF 16"}],
    }
    fake.patch("cards", "p1/t-fire-2", level="second_channel", content=content)
    call = wall.locator("[data-second-channel='p1/t-fire-2']")
    expect(call).to_contain_text("By VHF 16, read out: Drill. Police 1")
    call.locator("button").click()
    accepted = {"card_id": "p1/t-fire-2", "receipt": "accepted", "reason": None}
    becomes(wall, lambda: fake.named("GiveReceipt"), [accepted])


def test_an_alarm_shows_the_states_of_a_ships_bridge(wall: Page, fake: FakeServer) -> None:
    alarm = next(item for item in fake.picture["alarms"].values() if item["priority"] == "alarm")
    row = wall.locator(f"[data-alarm='{alarm['id']}']")
    expect(row).to_have_attribute("data-alarm-state", "unacknowledged")
    row.locator("[data-silence]").click()
    row.locator("[data-transfer]").click()
    becomes(wall, lambda: fake.named("SilenceAlarm"), [{"alarm_id": alarm["id"]}])
    becomes(wall, lambda: fake.named("TransferAlarm"), [{"alarm_id": alarm["id"], "to": "deputy"}])
    for fields, state in (
        ({"silenced_until_s": fake.now() + 30}, "silenced"),
        ({"transferred_to": "deputy"}, "transferred"),
        ({"transferred_to": "", "acked_s": fake.now()}, "acknowledged"),
        ({"acked_s": None, "rectified_s": fake.now()}, "rectified"),
    ):
        fake.patch("alarms", alarm["id"], **fields)
        expect(row).to_have_attribute("data-alarm-state", state)


def test_sos_is_loud_until_acknowledged(wall: Page, fake: FakeServer) -> None:
    fake.put({"soses": [Sos("sos-1", "t-volunteer-4", fake.now())]})
    banner = wall.locator("[data-sos='sos-1']")
    expect(banner).to_contain_text("Blue Sky 4")
    expect(wall.locator("html")).to_have_attribute("data-cue", "emergency")
    expect(wall.locator("[data-mark='boat/volunteer-4'] .label")).to_contain_text("SOS")
    banner.locator("button").click()
    becomes(wall, lambda: fake.named("AckSos"), [{"sos_id": "sos-1"}])
    fake.patch("soses", "sos-1", acked_s=fake.now(), acked_by="commander")
    expect(banner).to_have_attribute("data-acked", "true")


def test_after_the_end_nothing_is_pushed_or_acknowledged_and_the_wall_says_why(wall: Page, fake: FakeServer) -> None:
    fake.put({"soses": [Sos("sos-1", "t-volunteer-4", fake.now())]})
    push = wall.locator("[data-push]").first
    expect(push).to_be_enabled()
    fake.clock = {"state": "ended", "speed": 1.0}
    fake.kick()
    expect(wall.locator("[data-ended]")).to_contain_text("nothing is pushed")
    expect(push).to_be_disabled()
    expect(wall.locator("[data-sos='sos-1'] button")).to_be_disabled()
    wall.keyboard.press("1")
    assert fake.picture["pushes"] == {}


COVERED = """() => {
    const box = node => node.getBoundingClientRect();
    const meet = (a, b) => a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 1 && b.top < a.bottom - 1;
    const alerts = box(document.querySelector(".alerts"));
    const urgent = [...document.querySelectorAll("[data-mark^='victim/'],[data-mark^='boat/'],[data-mark^='sos/']")];
    const labels = urgent.map(mark => mark.querySelector(".label")).filter(Boolean);
    return [
        ...urgent.filter(mark => meet(box(mark.querySelector(".symbol")), alerts)).map(mark => mark.dataset.mark),
        ...labels.filter(label => meet(box(label), alerts)).map(label => label.textContent),
        ...labels.flatMap((a, i) => labels.slice(i + 1).filter(b => meet(box(a), box(b))).map(b => b.textContent)),
    ];
}"""


SMALL = """() => {
    const words = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT, node =>
        node.data.trim() && node.parentElement.checkVisibility() ? NodeFilter.FILTER_ACCEPT : NodeFilter.FILTER_REJECT);
    const small = new Set();
    while (words.nextNode()) {
        const size = parseFloat(getComputedStyle(words.currentNode.parentElement).fontSize);
        if (size < 12) small.add(`${size} px: ${words.currentNode.data.trim()}`);
    }
    return [...small];
}"""


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_many_alerts_leave_the_people_and_boats_on_the_map_to_be_seen(
    open_page: Open, fake: FakeServer, lang: str
) -> None:
    told = Text("江滩 40 分钟后进水", "The beach floods in 40 minutes")
    fake.put({"alarms": [Alarm(f"a{n}", "reef_going_under", "alarm", told, "x", fake.now() - n) for n in range(5)]})
    fake.put({"soses": [Sos("sos-1", "t-volunteer-4", fake.now())]})
    wall = open_page("/command", f"lang={lang}&ratio=0.5", (1280, 800))
    wall.locator("[data-map] [data-loaded='true']").wait_for(state="attached", timeout=60_000)
    becomes(wall, lambda: wall.evaluate(COVERED), [])
    assert wall.locator("[data-alarm]").count() == 2
    wall.locator("[data-more-alerts='5']").click()
    assert wall.locator("[data-alarm]").count() == 7
    assert wall.evaluate(SMALL) == []


def grouped(fake: FakeServer) -> None:
    """Let there be a task group with a ring on the map."""
    lon, lat = scene.at(4300, 30)
    ring = tuple((lon + x * 1e-3, lat + y * 1e-3) for x, y in ((-2, -2), (2, -2), (2, 2), (-2, 2), (-2, -2)))
    members = ("t-police-1", "t-fire-2")
    fake.put({"groups": [Group("g1", Text("礁石组", "Reef team"), members, "commander", fake.now(), ring=ring)]})


def test_after_the_end_no_sheet_gives_orders_and_no_group_is_chosen_for(wall: Page, fake: FakeServer) -> None:
    grouped(fake)
    wall.locator("[data-map] [data-push-to='g1']").wait_for(timeout=60_000)
    wall.locator("[data-open-groups]").click()
    sheet = wall.locator("[data-group-sheet]")
    sheet.locator("[data-push-to='g1']").click()
    expect(wall.locator("[data-card-choice] [data-push-group]").first).to_be_enabled()
    fake.clock = {"state": "ended", "speed": 1.0}
    fake.kick()
    expect(wall.locator("[data-card-choice] [data-sheet-over]")).to_contain_text("nothing is pushed")
    wall.keyboard.press("Escape")
    expect(wall.locator("[data-card-choice]")).to_have_count(0)
    expect(sheet.locator("[data-sheet-over]")).to_be_visible()
    assert wall.locator("[data-push-to]").evaluate_all("keys => keys.every(key => key.closest('[inert]'))")
    assert wall.locator("[data-map] [data-push-to]").count() == 0


def test_in_the_past_no_key_looks_as_if_it_gave_an_order(open_page: Open) -> None:
    wall = open_page("/command", "lang=en&past=1&ratio=0.5")
    push = wall.locator("[data-push]").first
    push.wait_for()
    look = "key => [!!key.closest('[inert]'), getComputedStyle(key).borderStyle, getComputedStyle(key).backgroundColor]"
    assert push.evaluate(look) == [True, "dashed", "rgba(0, 0, 0, 0)"]


FOCUS = "() => document.activeElement.closest('dialog')?.ariaLabel ?? Object.keys(document.activeElement.dataset)[0]"


def test_a_sheet_has_the_keyboard_and_gives_it_back(wall: Page, fake: FakeServer) -> None:
    grouped(fake)
    opener = wall.locator("[data-open-groups]")
    opener.focus()
    wall.keyboard.press("Enter")
    assert wall.evaluate(FOCUS) == "Task groups"
    stops = wall.locator("[data-group-sheet] :is(button:enabled, input)").count()
    for _ in range(stops + 2):  # all the way round, and a little further
        wall.keyboard.press("Tab")
        assert wall.evaluate(FOCUS) == "Task groups"
    for _ in range(3):
        wall.keyboard.press("Shift+Tab")
        assert wall.evaluate(FOCUS) == "Task groups"
    wall.locator("[data-group-sheet] [data-push-to='g1']").focus()
    wall.keyboard.press("Enter")
    wall.locator("[data-preview-group]").first.focus()
    fake.slow_s = 1.0
    wall.keyboard.press("Enter")
    expect(wall.locator("[data-preview]")).to_have_attribute("aria-busy", "true")
    expect(wall.locator("[data-preview]")).to_contain_text("is writing the cards")
    expect(wall.locator("[data-preview] [data-spoken]").first).to_be_visible()
    wall.keyboard.press("1")  # a card of the queue is not pushed from within a sheet
    for left in ("Card for Reef team", "Task groups", "openGroups"):
        wall.keyboard.press("Escape")
        assert str(wall.evaluate(FOCUS)).startswith(left)
    assert fake.picture["pushes"] == {}


def test_a_number_typed_into_a_message_pushes_no_card(wall: Page, fake: FakeServer) -> None:
    grouped(fake)
    wall.locator("[data-open-groups]").click()
    wall.locator("[data-group='g1'] [data-say]").press_sequentially("1 boat")
    wall.keyboard.press("Enter")
    becomes(wall, lambda: [body["note"]["text"]["en"] for body in fake.named("AddNote")], ["1 boat"])
    assert fake.picture["pushes"] == {}


def test_a_datum_is_old_by_its_own_interval(wall: Page, fake: FakeServer) -> None:
    for boat, vessel in fake.picture["vessels"].items():
        fake.patch("vessels", boat, fix={**vessel["fix"], "time_s": fake.now() + 3600})
    reading = fake.picture["gauges"]["ciqikou"]["recent"][-1]
    for age_s, fresh in ((58, "fresh"), (100, "old"), (200, "stale")):
        late = {**reading, "time_s": fake.now() - age_s}
        fake.patch("gauges", "ciqikou", every_s=60.0, recent=[late])
        expect(wall.locator("[data-oldest='ciqikou']")).to_have_attribute("data-fresh", fresh)
    fix = fake.picture["vessels"]["police-1"]["fix"]
    fake.patch("gauges", "ciqikou", every_s=3600.0)
    fake.patch("vessels", "police-1", fix={**fix, "time_s": fake.now() - 40})
    expect(wall.locator("[data-oldest]")).to_have_attribute("data-oldest", "police-1")


def test_the_whole_river_stays_whole_when_the_window_changes(wall: Page) -> None:
    apart = """() => { const [a, b] = ["feilanzi", "huangpanshi"].map(
        id => document.querySelector(`[data-mark='reef/${id}']`)?.getBoundingClientRect() ?? {x: 0, y: 0});
        return Math.hypot(a.x - b.x, a.y - b.y); }"""
    wall.locator("[data-map] [data-loaded='true']").wait_for(state="attached", timeout=60_000)
    wall.locator("[data-focus-choice='river']").click()
    expect(wall.locator("[data-map]")).to_have_attribute("data-focus", "river")
    small = wall.evaluate(apart)
    assert small > 0
    wall.set_viewport_size({"width": 1900, "height": 1000})
    wall.wait_for_function(f"({apart})() > {1.2 * small}")


def test_lost_link_greys_the_picture_within_three_seconds_and_resumes_by_sequence(wall: Page, fake: FakeServer) -> None:
    hold_clock(wall)
    fake.patch("victims", "v-reef", aboard=1)
    expect(wall.locator("main")).to_have_attribute("data-seq", str(fake.seq))  # a frame has come at this moment
    fake.silent = True
    wall.clock.run_for(2000)
    expect(wall.locator("html")).to_have_attribute("data-link", "live")
    wall.clock.run_for(1000)
    expect(wall.locator("html")).to_have_attribute("data-link", "lost")
    expect(wall.locator("[data-link-words]")).to_contain_text("Link lost for 3 s")
    wall.clock.resume()
    fake.patch("victims", "v-reef", aboard=3)
    fake.silent = False
    fake.kick()
    wall.locator("html[data-link='live']").wait_for(state="attached", timeout=15_000)
    assert fake.connections[-1]["epoch"] == "e1"
    assert int(fake.connections[-1]["have"]) >= 6
    expect(wall.locator("[data-people]")).to_have_attribute("data-aboard", "3")


def test_another_server_brings_a_whole_new_picture(wall: Page, fake: FakeServer) -> None:
    fake.picture["victims"].pop("v-beach")
    fake.restart()
    expect(wall.locator("[data-people]")).to_have_attribute("data-waiting", "5", timeout=15_000)
    expect(wall.locator("main")).to_have_attribute("data-epoch", "e1x")


def test_missing_camera_says_so(wall: Page, fake: FakeServer) -> None:
    fake.patch("cameras", "shore-1", state="missing", detail="no such device")
    tile = wall.locator("[data-camera='shore-1']")
    expect(tile).to_have_attribute("data-video-state", "missing", timeout=15_000)
    expect(tile).to_contain_text("NO VIDEO")
    expect(tile).to_contain_text("no such device")


def test_empty_wall_says_what_will_come(fake: FakeServer, open_page: Open) -> None:
    fake.picture = {name: {} for name in fake.picture}
    fake.story = []
    wall = open_page("/command", "lang=en&ratio=0.5")
    assert wall.locator("[data-empty]").count() >= 6
    expect(wall.locator("[data-panel='queue']")).to_contain_text("Nothing to decide")


def test_language_and_palette_are_one_tap_and_remembered(wall: Page) -> None:
    wall.locator("[data-lang-toggle]").click()
    expect(wall.locator("html")).to_have_attribute("lang", "zh-CN")
    expect(wall.locator("[data-panel='queue']")).to_contain_text("处置队列")
    wall.locator("[data-theme-choice='night']").click()
    expect(wall.locator("html")).to_have_attribute("data-theme", "night")
    wall.goto(wall.url.replace("lang=en&theme=dusk&", ""))
    expect(wall.locator("html")).to_have_attribute("data-theme", "night")
    expect(wall.locator("html")).to_have_attribute("lang", "zh-CN")


def test_names_are_text_never_markup(wall: Page, fake: FakeServer) -> None:
    evil = {"zh": "<img src=x onerror=alert(1)>", "en": "<img src=x onerror=alert(1)>"}
    fake.patch("vessels", "police-1", name=evil)
    fake.patch("victims", "v-reef", name=evil)
    fake.patch("suggestions", "s-reef", verb=evil, why=evil)
    expect(wall.locator("[data-vessel='police-1']")).to_contain_text("<img")
    assert wall.locator("img").count() == 0


def test_people_on_a_rock_have_their_stages_with_both_bounds(wall: Page) -> None:
    stages = wall.locator("[data-coming] [data-stages]").first
    expect(stages.locator("[data-stage='ankle']")).to_contain_text("ankle")
    said = stages.locator("[data-stage='knee']").inner_text()
    assert re.search(r"\d\d:\d\d \(\d\d:\d\d–\d\d:\d\d\)", said), said


def test_a_gauge_that_is_late_stuck_or_jumping_looks_it_in_shape_and_words(wall: Page, fake: FakeServer) -> None:
    chip = wall.locator("[data-gauge='ciqikou'] [data-gauge-condition]")
    expect(chip).to_have_count(0)
    last = fake.picture["gauges"]["ciqikou"]["recent"][-1]
    fake.patch("gauges", "ciqikou", every_s=600.0, held=[{**last, "time_s": last["time_s"] + 1, "level_m": 190.0}])
    expect(chip).to_have_text("◆ 190.00 m held aside")
    fake.patch("gauges", "ciqikou", held=[], state="stuck")
    expect(chip).to_have_text("■ stuck, not used")
    fake.patch("gauges", "ciqikou", state="stale", every_s=1.0)
    expect(chip).to_contain_text("▲ silent for")
    expect(wall.locator("header [data-gauge-condition='stale']")).to_be_visible()


def test_a_level_outside_what_is_computed_takes_the_water_away_and_says_why(wall: Page, fake: FakeServer) -> None:
    gone = {"outlooks": list(fake.picture["outlooks"]), "suggestions": list(fake.picture["suggestions"])}
    fake.put({"alarms": [scene.level_outside()]}, drop=gone)
    panel = wall.locator("[data-gauge='ciqikou']")
    expect(panel.locator("[data-level-outside]")).to_contain_text("up to 194.37 m (Wusong datum)")
    expect(panel).not_to_contain_text("Nothing goes under")
    expect(panel.locator("b").first).to_contain_text(" m")  # the reading itself stays
    expect(wall.locator("[data-queue='0']")).to_contain_text("No card is proposed at this level")
    expect(wall.locator("[data-no-depth]")).to_contain_text("no depths, no routes")
    wall.locator("[data-map] [data-loaded='true']").wait_for(state="attached", timeout=60_000)
    reef = wall.locator("[data-mark='reef/huangpanshi']")
    expect(reef).to_have_attribute("data-state", "")  # neither dry nor under: nobody knows
    expect(reef.locator(".ask")).to_have_text("?")
    here = wall.evaluate("new Date('2021-09-05T06:40Z').toTimeString().slice(0, 5)")
    expect(wall.locator("[data-alarm='level_outside/river']")).to_contain_text(f"passes that at {here}")
    fake.patch("alarms", "level_outside/river", rectified_s=fake.now())
    expect(panel.locator("[data-level-outside]")).to_have_count(0)
    expect(wall.locator("[data-no-depth]")).to_have_count(0)


def test_a_chosen_boat_shows_its_profile_and_its_reach(wall: Page, fake: FakeServer) -> None:
    fake.push({"plan_id": "reef", "terminal_ids": ["t-police-1"]})
    fake.patch("vessels", "police-1", route_id="r-police-1")
    row = wall.locator("[data-vessel='police-1']")
    expect(row.locator("[data-margin]")).to_contain_text("0.5 m spare")
    row.locator("[data-choose]").click()
    panel = wall.locator("[data-way='police-1']")
    expect(panel.locator("[data-tight]")).to_contain_text("K23+050 left bank")
    expect(panel.locator("[data-profile='r-police-1'] [data-bridge='tongxing-catwalk']")).to_contain_text("1.4 m spare")
    expect(panel.locator("[data-guidance] li").first).to_contain_text("K23+400 right bank")
    wall.locator("[data-map] [data-loaded='true']").wait_for(state="attached", timeout=60_000)
    expect(wall.locator("[data-legend-depth]")).to_contain_text("dry")
    wall.locator("[data-reach-choice]").click()
    expect(wall.locator("[data-map]")).to_have_attribute("data-reach", "police-1")
    expect(wall.locator("[data-legend-reach]")).to_contain_text("20")
    panel.locator("[data-way-close]").click()
    expect(wall.locator("[data-story] li").first).to_be_visible()


def test_a_boat_that_waits_is_late_and_not_about_to_arrive(wall: Page, fake: FakeServer) -> None:
    fake.push({"plan_id": "reef", "terminal_ids": ["t-police-1"]})
    fake.patch("vessels", "police-1", route_id="r-police-1")
    row = wall.locator("[data-vessel='police-1']")
    expect(row.locator("[data-late]")).to_have_count(0)
    planned = scene.route("r-police-1", "police-1", "p1/t-police-1", (3150, 130), (3500, 60), (4000, -30), (4270, 20))
    takes_s = planned.arrive_s - planned.depart_s
    fake.put({"routes": [scene.planned_earlier(planned, 1200.0)]})
    expect(row.locator("[data-late]")).to_contain_text("late by 20:")
    minutes, seconds = (int(part) for part in row.locator("[data-eta]").inner_text().split(":"))
    assert abs(60 * minutes + seconds - takes_s) < 10.0
    expect(row.locator("[data-margin]")).to_contain_text("0.5 m spare")  # what is tight still lies ahead
    fake.put({"routes": [replace(planned, depart_s=planned.depart_s - 600.0)]})  # timed anew by the server
    expect(row.locator("[data-late]")).to_contain_text("late by 10:")
