"""The sounds of prompts: the files are what their script makes, and Chromium decodes and plays them after one tap."""

import io
import wave
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, Playwright, expect

from rescuecmd.picture.order import Copy, Sos
from rescuecmd.web.build_pages import build
from rescuecmd.web.make_sounds import FOLDER, PATTERNS, sound
from tests.browser.fake_server import FakeServer
from tests.browser.patience import becomes
from tests.browser.served import CHROMIUM, FLAGS

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]
MOST_BYTES = 50_000
CARD = "p1/t-police-1"
NOTE_STARTS = """() => {
    window.started = [];
    const start = AudioBufferSourceNode.prototype.start;
    AudioBufferSourceNode.prototype.start = function (...when) {
        window.started.push([this.context.state, Math.round(this.buffer.duration * 100)]);
        return start.apply(this, when);
    };
}"""


def length_cs(name: str) -> int:
    """Return the length of a prompt's file, hundredths of a second."""
    with wave.open(str(FOLDER / f"{name}.wav")) as file:
        length: int = round(100 * file.getnframes() / file.getframerate())
    return length


def test_the_files_are_what_the_script_makes_small_and_all_different() -> None:
    made = {f"{name}.wav": sound(pattern) for name, pattern in PATTERNS.items()}
    files = {file.name: file.read_bytes() for file in FOLDER.iterdir()}
    assert files.keys() == made.keys()
    for name, data in made.items():
        assert files[name] == data, f"{name}: run python -m rescuecmd.web.make_sounds"
        with wave.open(io.BytesIO(data)) as file:
            assert (file.getnchannels(), file.getsampwidth()) == (1, 1)
            loud = file.readframes(file.getnframes())
        assert (min(loud), max(loud)) < (20, 200)
        assert max(loud) > 230  # as loud as the format allows
        assert {loud[0], loud[-1]} <= {126, 127, 128, 129}  # no click at either end
    assert len(set(files.values())) == len(PATTERNS)
    assert sum(map(len, files.values())) < MOST_BYTES


@pytest.fixture
def phone(playwright: Playwright, fake: FakeServer) -> Iterator[Page]:
    """Open a phone in a browser that keeps still until it is touched, as they all do."""
    build()
    flags = [flag for flag in FLAGS if not flag.startswith("--autoplay")]
    browser = playwright.chromium.launch(executable_path=CHROMIUM, args=flags)
    page = browser.new_page(viewport={"width": 412, "height": 915})
    page.goto(f"{fake.url}/terminal/t-police-1?lang=en#key=k")
    page.locator(f"html[data-sounds='{len(PATTERNS)}']").wait_for(state="attached", timeout=60_000)
    page.evaluate(NOTE_STARTS)
    yield page
    browser.close()


def test_after_one_tap_each_prompt_plays_its_own_file(phone: Page, fake: FakeServer) -> None:
    audible = phone.locator("[data-idle] li", has_text="Sound")
    expect(audible).to_contain_text("tap")
    phone.locator("h1").click()
    expect(audible).to_contain_text("on")
    asked = []

    def plays(name: str) -> None:
        asked.append(["running", length_cs(name)])
        becomes(phone, lambda: phone.evaluate("window.started"), asked)

    fake.push({"plan_id": "reef", "terminal_ids": ["t-police-1"]})
    plays("card")
    fake.patch("cards", CARD, reminders=1)
    plays("reminder")
    phone.locator("[data-accept]").click()
    plays("confirm")
    copy = Copy("sos/s-1/t-police-1", "sos", "s-1", "t-police-1", fake.now())
    fake.put({"soses": [Sos("s-1", "t-fire-2", fake.now())], "copies": [copy]})
    plays("emergency")
