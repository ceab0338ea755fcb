"""Waiting that a loaded machine cannot break: for what a test asks, or with the page's clock in the test's own hand."""

import time
from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page

PATIENCE_S = 30.0


def becomes(page: Page, read: Callable[[], Any], wanted: object) -> None:
    """Let the page go on until what is read is what is wanted; it may not be readable (``LookupError``) before."""
    limit = time.monotonic() + PATIENCE_S
    while _read(read) != wanted and time.monotonic() < limit:
        page.wait_for_timeout(50)
    assert read() == wanted


def _read(read: Callable[[], Any]) -> Any:
    try:
        return read()
    except LookupError as error:
        return error


def hold_clock(page: Page) -> None:
    """Stop the page's clock; it goes on by ``page.clock.run_for`` and ``resume`` alone."""
    page.clock.install()
    page.clock.pause_at(page.evaluate("Date.now()") / 1000 + 1)
