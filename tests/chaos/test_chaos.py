"""Everything goes wrong at once, and at the end nothing is lost, doubled, leaked or different from screen to screen.

The server is killed with -9 again and again, links are cut, readers are slow or stand still, strangers try the doors.
``RESCUECMD_CHAOS_S`` sets for how many seconds (10; a release: 300), ``RESCUECMD_CHAOS_SEED`` which storm.
"""

import asyncio
import contextlib
import os
import random
import signal
import time
from asyncio.subprocess import Process
from collections import Counter
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from rescuecmd.delivery.moves import pack_fixes
from rescuecmd.feeds.robot import Frame, Mirror
from rescuecmd.picture.events import CardPushed
from rescuecmd.picture.state import COLLECTIONS
from rescuecmd.store.sqlite import SqliteLog
from rescuecmd.store.verify import verify
from tests.browser.served import free_port
from tests.chaos.client import Client, Prowler, stand_still
from tests.chaos.crew import Crew
from tests.chaos.sender import Sender
from tests.server.door import Door
from tests.server.process import serve

STORM_S = float(os.environ.get("RESCUECMD_CHAOS_S", "10"))
SEED = int(os.environ.get("RESCUECMD_CHAOS_SEED", "20"))
LEAST_KILLS = 2
LONGEST_LIFE_S = 6.0  # of a server, once it has answered a few orders; then it is killed
ANSWERS = 3
CALM_S = 90.0
CUTS, SLOWS, REPORTS = 0.04, 0.02, 0.45  # what befalls a client within one gust
GUST_S = 0.2


class Cast:
    """Everybody on the scene."""

    def __init__(self, door: Door, rng: random.Random) -> None:
        def dice() -> random.Random:
            return random.Random(rng.random())

        address, keys = door.address, door.keys
        self.crews = [Crew(address, keys[f"terminal/{one}"], dice(), one) for one in door.terminals]
        self.walls = [Client(address, keys[role], dice()) for role in ("commander", "observer")]
        self.senders = [Sender(door, name, dice()) for name in ("first", "second")]
        self.prowler = Prowler(address, keys)
        self.idle = [door.live_url("observer") for _ in range(2)]
        self.cuts = self.kills = 0

    @property
    def clients(self) -> list[Client]:
        """All who follow the picture."""
        return [*self.crews, *self.walls]

    @property
    def wrong(self) -> list[str]:
        """Whatever anybody noted."""
        clients = [f"{client.name}: {what}" for client in self.clients for what in client.wrong]
        return [*clients, *(what for sender in self.senders for what in sender.wrong), *self.prowler.wrong]

    @property
    def answered(self) -> dict[str, list[int]]:
        """Every order and receipt that the server took, with the places in the log that it named."""
        each = [*(crew.answered for crew in self.crews), *(sender.answered for sender in self.senders)]
        return {op_id: seqs for answered in each for op_id, seqs in answered.items()}

    @property
    def cards(self) -> list[str]:
        """The cards of every answered push, in the order of their pushes."""
        cards = {card: seq for sender in self.senders for card, seq in sender.cards.items()}
        return sorted(cards, key=lambda card: cards[card])

    async def blow(self, stop: asyncio.Event, rng: random.Random) -> None:
        """Cut links, let readers be slow, and report positions."""
        while not stop.is_set():
            await asyncio.sleep(GUST_S)
            for client in self.clients:
                dice = rng.random()
                if dice < CUTS:
                    client.cut()
                    self.cuts += 1
                elif dice < CUTS + SLOWS:
                    client.slow_until_s = time.monotonic() + rng.uniform(0.5, 3.0)
                elif dice < CUTS + SLOWS + REPORTS and isinstance(client, Crew):
                    await client.report()


@pytest.mark.timeout(STORM_S * 3 + 300)
async def test_nothing_is_lost_doubled_leaked_or_different_after_a_storm(tmp_path: Path) -> None:
    rng, port, begin_s = random.Random(SEED), free_port(), time.monotonic()
    async with contextlib.AsyncExitStack() as stack:
        process, door, _ = await stack.enter_async_context(serve(tmp_path, "--drill", "dazhulin", port=port))
        cast = Cast(door, rng)
        async with storm(cast, rng) as active:
            while True:
                await _live(cast, rng, active)
                if cast.kills >= LEAST_KILLS and time.monotonic() - begin_s > STORM_S:
                    break
                process = await _killed(process, stack, tmp_path, port)
                cast.kills += 1
            await active.end()
            assert cast.cards
            await until(lambda: _missing(cast), "cards that never came, or receipts that nobody answered")
            for client in cast.clients:
                await equal(client, door)
        _report(cast, time.monotonic() - begin_s)
    assert cast.wrong == []
    for crew in cast.crews:
        assert list(crew.shown) == [card for card in cast.cards if card.endswith(f"/{crew.terminal_id}")]
    await recorded_once(tmp_path, cast.answered)


class _Active:
    """Those who act: they are told to stop and see their last order through; a fault of theirs ends the test."""

    def __init__(self, stop: asyncio.Event, jobs: list["asyncio.Task[None]"]) -> None:
        self._stop, self._jobs = stop, jobs

    def check(self) -> None:
        for job in self._jobs:
            if job.done():
                job.result()

    async def end(self) -> None:
        self._stop.set()
        async with asyncio.timeout(CALM_S):
            await asyncio.gather(*self._jobs)


@contextlib.asynccontextmanager
async def storm(cast: Cast, rng: random.Random) -> AsyncIterator[_Active]:
    """Let everybody follow, send, blow and prowl."""
    stop = asyncio.Event()
    following = [*(client.run() for client in cast.clients), *map(stand_still, cast.idle), cast.prowler.run()]
    acting = [*(sender.run(stop) for sender in cast.senders), cast.blow(stop, rng)]
    passive, active = ([asyncio.create_task(one) for one in some] for some in (following, acting))
    try:
        yield _Active(stop, active)
    finally:
        for job in (*passive, *active):
            job.cancel()
        ends = await asyncio.gather(*passive, return_exceptions=True)
        await asyncio.gather(*active, return_exceptions=True)
    assert [end for end in ends if not isinstance(end, asyncio.CancelledError)] == []


async def _live(cast: Cast, rng: random.Random, active: _Active) -> None:
    """Let a server live until it has done something, and then for a while: on a slow machine that takes longer."""
    wanted = len(cast.answered) + ANSWERS

    def waiting() -> list[str]:
        active.check()
        return [] if len(cast.answered) >= wanted else [f"{len(cast.answered)} of {wanted}"]

    await until(waiting, "a server that answers nothing")
    await asyncio.sleep(rng.uniform(0.0, LONGEST_LIFE_S))


async def _killed(process: Process, stack: contextlib.AsyncExitStack, folder: Path, port: int) -> Process:
    """Kill the server and start another on the same folder and port."""
    process.send_signal(signal.SIGKILL)
    await process.wait()
    process, _, said = await stack.enter_async_context(serve(folder, port=port))
    assert said["problems"] == []
    return process


async def until(left: Callable[[], list[str]], what: str) -> None:
    """Wait until nothing is left."""
    late_s = time.monotonic() + CALM_S
    while found := left():
        assert time.monotonic() < late_s, f"{what}: {found[:9]}"
        await asyncio.sleep(0.2)


def _missing(cast: Cast) -> list[str]:
    cards, shown = set(cast.cards), {card for crew in cast.crews for card in crew.shown}
    return [*sorted(cards - shown), *(crew.name for crew in cast.crews if not crew.settled)]


async def equal(client: Client, door: Door) -> None:
    """Wait until a client's picture is the server's, as far as that client may see it."""
    role = f"terminal/{client.terminal_id}" if client.terminal_id else "commander"
    late_s = time.monotonic() + CALM_S
    async with door.http(role) as http:
        while True:
            whole = Mirror()
            assert whole.apply(msgspec.json.decode((await http.get("/api/picture")).content, type=Frame))
            differ = [name for name in COLLECTIONS if _flat(whole, name) != _flat(client.mirror, name)]
            if not differ and client.mirror.epoch == whole.epoch:
                return
            assert time.monotonic() < late_s, f"{client.name} differs in {differ}"
            await asyncio.sleep(0.3)


def _flat(mirror: Mirror, name: str) -> dict[str, Any]:
    """Return a collection with fixes as the wire rounds them."""
    found: dict[str, Any] = {}
    for key, entity in getattr(mirror.picture, name).items():
        plain = msgspec.to_builtins(entity)
        if plain.get("fix"):
            plain["fix"] = msgspec.to_builtins(pack_fixes({key: entity.fix}))
        found[key] = plain
    return found


async def recorded_once(folder: Path, answered: dict[str, list[int]]) -> None:
    """Check that what was answered is in the log, there and only there, and that the log is whole."""
    assert [finding.sound for finding in verify(folder)] == [True]
    log = await SqliteLog.view(folder)
    (operation,) = await log.operations()
    told = await log.read(operation)
    await log.close()
    where: dict[str, list[int]] = {}
    for event in told:
        where.setdefault(event.op_id, []).append(event.seq)
    assert {op_id: where.get(op_id) for op_id in answered} == answered
    pushed = Counter(event.op_id for event in told if isinstance(event.body, CardPushed))
    assert set(pushed.values()) == {1}


def _report(cast: Cast, took_s: float) -> None:
    """Print what the storm was like (``-rP`` shows it)."""
    print(
        f"{took_s:.0f} s: {cast.kills} kills, {cast.cuts} cuts, {len(cast.answered)} orders and receipts answered, "
        f"{len(cast.cards)} cards, {sum(client.connections for client in cast.clients)} connections and "
        f"{sum(client.frames for client in cast.clients)} frames of {len(cast.clients)} clients, "
        f"{cast.prowler.refused} strangers refused"
    )
