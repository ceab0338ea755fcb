"""What a newcomer waits for: second start to first screen, server ready, push to phone, memory at rest, phone page.

Everything is the real thing: ``make demo``, Chromium, loopback. These are promises to people, so they are absolute;
ratios against peers stand in the benches `routing`, `drill` and `video`.
"""

import json
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import psutil
from playwright.sync_api import Browser, Page, sync_playwright

from tests.bench.bench import Bench
from tests.browser.served import CHROMIUM, FLAGS, Server

ROOT = Path(__file__).resolve().parents[2]
PUSHES = 20
POLICE = "t-police-1"


def ready(page: Page) -> None:
    """Wait until the first picture is drawn."""
    page.locator("html[data-ready='true']").wait_for(state="attached", timeout=60_000)


def second_start_s(browser: Browser, folder: str) -> float:
    """Return the seconds from typing ``make demo`` to the wall's first picture; the pages and caches are there."""
    page = browser.new_page(viewport={"width": 1280, "height": 720})
    begin = time.perf_counter()
    words = f"ARGS=--no-browser --json --port 0 --data {folder}"
    demo = subprocess.Popen(
        ["make", "--silent", "demo", words], cwd=ROOT, stdout=subprocess.PIPE, text=True, start_new_session=True
    )
    try:
        assert demo.stdout is not None
        page.goto(json.loads(demo.stdout.readline())["links"]["command"])
        ready(page)
        return time.perf_counter() - begin
    finally:
        page.close()
        os.killpg(demo.pid, signal.SIGTERM)
        demo.wait(20)


def server_ready_s(folder: Path) -> float:
    """Return the seconds from starting a server to its word that river, network and drill are open; caches filled."""
    server = Server(folder, "--drill", "dazhulin")
    begin = time.perf_counter()
    server.start()
    took = time.perf_counter() - begin
    server.stop()
    return took


def push_times_s(wall: Page, phone: Page, bench: Bench) -> list[float]:
    """Return the seconds from the click's request on the wall to the card's text on the phone."""
    times = []
    for number in range(PUSHES):
        begin = float(
            wall.evaluate(
                """async op => {
                    const key = new URLSearchParams(location.hash.slice(1)).get('key')
                    const begin = Date.now()
                    const answer = await fetch('/api/pushes', {method: 'POST',
                        headers: {authorization: 'Bearer ' + key, 'content-type': 'application/json'},
                        body: JSON.stringify({op_id: op, plan_id: 'reef', terminal_ids: ['t-police-1'],
                            victim_ids: [], place_id: 'huangpanshi'})})
                    if (!answer.ok) throw new Error(await answer.text())
                    window.lastCard = (await answer.json()).card_ids[0]
                    return begin
                }""",
                f"bench-{number}",
            )
        )
        card = wall.evaluate("window.lastCard")
        phone.locator(f"[data-card='{card}']").wait_for(timeout=20_000)
        drawn = phone.evaluate("id => window.drawn[id]", card)  # noted when it appeared, not when we looked
        times.append((float(drawn) - begin) / 1000.0)
        bench.say(f"push {number + 1} of {PUSHES}: {times[-1]:.3f} s")
        phone.locator("[data-decline]").click()
        phone.locator("[data-reason='busy']").click()
        phone.locator("[data-idle]").wait_for()
    return times


def watch_cards(phone: Page) -> None:
    """Note on the phone when each card first stands in the document."""
    phone.evaluate(
        """() => { window.drawn = {}; new MutationObserver(() => {
            for (const card of document.querySelectorAll('[data-card]'))
                window.drawn[card.dataset.card] ??= Date.now()
        }).observe(document.body, {subtree: true, childList: true, attributes: true}) }"""
    )


def rest_mb(pid: int) -> float:
    """Return the memory of a server and all its processes at rest, MB (proportional set size)."""
    root = psutil.Process(pid)
    return float(sum(process.memory_full_info().pss for process in [root, *root.children(recursive=True)])) / 1e6


def shell_kb(browser: Browser, link: str) -> float:
    """Return what the phone page takes off the wire until its first picture, kB, live socket not counted."""
    page = browser.new_context(viewport={"width": 412, "height": 915}).new_page()
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    sizes: list[float] = []
    session.on("Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"]))
    page.goto(link)
    ready(page)
    page.close()
    return sum(sizes) / 1000.0


def measure(bench: Bench, browser: Browser, folder: str) -> None:
    """Start, rest, shell, pushes."""
    bench.say("second start (the first fills the caches)")
    second_start_s(browser, folder)
    starts = [second_start_s(browser, folder) for _ in range(3)]
    bench.figure("second_start_s", statistics.median(starts))
    bench.figure("server_ready_s", statistics.median([server_ready_s(Path(folder) / "ready") for _ in range(3)]))
    server = Server(Path(folder) / "rest", "--drill", "dazhulin")
    server.start()
    try:
        time.sleep(10.0)
        bench.figure("rest_mb", rest_mb(server.pid))
        bench.figure("phone_shell_kb", shell_kb(browser, server.links[POLICE]))
        wall = browser.new_page(viewport={"width": 1280, "height": 720})
        phone = browser.new_context(viewport={"width": 412, "height": 915}).new_page()
        for page, link in ((wall, server.links["command"]), (phone, server.links[POLICE])):
            page.goto(link)
            ready(page)
        watch_cards(phone)
        times = push_times_s(wall, phone, bench)
        bench.figure("push_p50_s", statistics.median(times))
        bench.figure("push_p95_s", statistics.quantiles(times, n=20)[-1])
    finally:
        server.stop()


def main() -> int:
    """Run the bench; see the module's docstring."""
    bench = Bench("first_light")
    kinds: dict[str, Any] = {"executable_path": CHROMIUM, "args": FLAGS}
    with tempfile.TemporaryDirectory(prefix="rescuecmd-bench-") as folder, sync_playwright() as playwright:
        browser = playwright.chromium.launch(**kinds)
        try:
            measure(bench, browser, folder)
        finally:
            browser.close()
    bench.at_most("second_start_s", 8.0)
    bench.at_most("server_ready_s", 3.0)
    bench.at_most("push_p95_s", 1.0)
    bench.at_most("rest_mb", 300.0)
    bench.at_most("phone_shell_kb", 150.0)
    return bench.finish()


if __name__ == "__main__":
    sys.exit(main())
