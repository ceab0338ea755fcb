"""A real Chromium for the page tests, and a made-up server for each of them."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Playwright, sync_playwright

from rescuecmd.web.build_pages import build
from tests.browser.fake_server import FakeServer, running
from tests.browser.served import CHROMIUM, FLAGS

Open = Callable[..., Page]


@pytest.fixture(scope="module")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as playwright:
        yield playwright


@pytest.fixture(scope="module")
def chromium(playwright: Playwright) -> Iterator[Browser]:
    build()
    browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
    yield browser
    browser.close()


@pytest.fixture
def fake() -> Iterator[FakeServer]:
    with running() as server:
        yield server


@pytest.fixture
def faults() -> list[str]:
    """Collect uncaught errors of the pages and requests to any other address; the test ends with none."""
    return []


@pytest.fixture
def open_page(chromium: Browser, fake: FakeServer, faults: list[str]) -> Iterator[Open]:
    contexts = []

    def open_page(path: str, query: str = "", size: tuple[int, int] = (1280, 720), **options: Any) -> Page:
        context = chromium.new_context(viewport={"width": size[0], "height": size[1]}, **options)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("request", lambda request: _watch(request.url, fake, faults))
        page.goto(f"{fake.url}{path}?{query or 'lang=en'}#key=k")
        page.locator("html[data-ready='true']").wait_for(state="attached", timeout=60_000)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert not faults


def _watch(url: str, fake: FakeServer, faults: list[str]) -> None:
    if not url.startswith((fake.url, fake.url.replace("http", "ws"), "blob:", "data:")):
        faults.append(f"a request to another address: {url}")
