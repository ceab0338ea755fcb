"""Cuts, kills -9 and slow readers, all at once, and what must be true at the end.

Runs for 10 s of storm; ``RESCUECMD_CHAOS_S=300`` for five minutes, ``RESCUECMD_CHAOS_SEED`` for another storm.
"""

import asyncio
import contextlib
import os
import random
import signal
import time
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest

from rescuecmd.delivery.moves import pack_fixes
from rescuecmd.feeds.robot import Frame, Mirror
from rescuecmd.picture.state import COLLECTIONS
from tests.browser.served import free_port
from tests.chaos.crew import Crew
from tests.server.door import Door
from tests.server.process import serve

STORM_S = float(os.environ.get("RESCUECMD_CHAOS_S", "10"))
SEED = int(os.environ.get("RESCUECMD_CHAOS_SEED", "20"))
LIFE_S = 4.0  # of a server, about, once it has answered; then it is killed
ANSWERS = 3
CALM_S = 60.0
SLOW_SHARE = 0.1


class Command:
    """The commander: pushes cards and gives each again, with the same id, until the server has answered."""

    def __init__(self, address: str, key: str) -> None:
        self.pushed: dict[str, list[str]] = {}
        self._http = httpx.AsyncClient(base_url=address, headers={"authorization": f"Bearer {key}"}, timeout=20.0)

    async def run(self, terminal_ids: list[str], rng: random.Random) -> None:
        """Push until cancelled."""
        for n in range(10_000):
            some = sorted(rng.sample(terminal_ids, 2))
            body = {"op_id": f"storm-{n}", "plan_id": "reef", "terminal_ids": some, "place_id": "huangpanshi"}
            self.pushed[f"storm-{n}"] = (await self.insist("/api/pushes", body))["card_ids"]
            await asyncio.sleep(0.3)

    async def insist(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """Give an order until it is answered."""
        while True:
            with contextlib.suppress(httpx.HTTPError):
                answer = await self._http.post(path, json=body)
                if answer.is_success:
                    return dict(answer.json())
                assert answer.status_code in {409, 429, 503}, answer.text  # no operation yet, too fast, not recorded
            await asyncio.sleep(0.1)

    async def close(self) -> None:
        await self._http.aclose()


async def storm(crews: list[Crew], rng: random.Random) -> None:
    """Cut links, let readers be slow, and report positions, until cancelled."""
    while True:
        await asyncio.sleep(0.2)
        for crew in crews:
            dice = rng.random()
            if dice < 0.04:
                crew.cut()
            elif dice < 0.04 + SLOW_SHARE / 5:
                crew.slow_until_s = time.monotonic() + rng.uniform(0.5, 3.0)
            elif dice < 0.5:
                await crew.report()


@pytest.mark.timeout(STORM_S * 3 + 240)
async def test_nothing_is_lost_or_shown_twice_in_a_storm(tmp_path: Path) -> None:
    rng, port, begin = random.Random(SEED), free_port(), time.monotonic()
    tasks: list[asyncio.Task[None]] = []
    crews: list[Crew] = []
    command: Command | None = None
    kills = 0
    try:
        while True:
            fresh = ("--drill", "dazhulin") if not crews else ()
            async with serve(tmp_path, *fresh, port=port) as (process, door, _):
                if not crews:
                    crews, command = _muster(door, rng)
                    pushing = command.run([crew.terminal_id for crew in crews], rng)
                    tasks = [asyncio.create_task(crew.run()) for crew in crews]
                    storming = [asyncio.create_task(storm(crews, rng)), asyncio.create_task(pushing)]
                await _live(command, rng, storming)
                if time.monotonic() - begin > STORM_S and kills >= 2:
                    await _end(storming)
                    for task in storming:
                        assert task.cancelled() or task.exception() is None, task.exception()
                    assert command is not None
                    await calm(crews, command)
                    await hold(door, crews, command)
                    return
                process.send_signal(signal.SIGKILL)
                kills += 1
    finally:
        await _end(tasks)
        if command is not None:
            await command.close()


async def _live(command: Command | None, rng: random.Random, storming: list[asyncio.Task[None]]) -> None:
    """Let a server live until it has done something, and then for a while: on a slow machine that takes longer."""
    assert command is not None
    wanted = len(command.pushed) + ANSWERS
    async with asyncio.timeout(CALM_S):
        while len(command.pushed) < wanted:
            for task in storming:
                assert not task.done(), task.exception()
            await asyncio.sleep(0.1)
    await asyncio.sleep(rng.uniform(0.0, 2.0) * LIFE_S)


def _muster(door: Door, rng: random.Random) -> tuple[list[Crew], Command]:
    crews = [
        Crew(door.address, door.keys[f"terminal/{one}"], one, random.Random(rng.random())) for one in door.terminals
    ]
    return crews, Command(door.address, door.keys["commander"])


async def calm(crews: list[Crew], command: Command) -> None:
    """Wait until every card has come and every word has been answered."""
    async with asyncio.timeout(CALM_S):
        while True:
            cards = {card for made in command.pushed.values() for card in made}
            shown = {card for crew in crews for card in crew.shown}
            if cards <= shown and all(crew.settled for crew in crews):
                return
            await asyncio.sleep(0.2)


async def hold(door: Door, crews: list[Crew], command: Command) -> None:
    """Hold the invariants."""
    assert command.pushed
    pushed = [card for n in range(len(command.pushed)) for card in command.pushed.get(f"storm-{n}", ())]
    for crew in crews:
        mine = [card for card in pushed if card.endswith(f"/{crew.terminal_id}")]
        extra = set(crew.shown) - set(mine)  # at most the push that nobody lived to hear the answer of
        assert len(extra) <= 1, extra
        assert [card for card in crew.shown if card not in extra] == mine  # all, in order, none twice
        assert len(crew.shown) == len(set(crew.shown))
        assert crew.refused == []
        assert crew.forbidden == []
        assert crew.gaps == []
        for op_id, (message, seqs) in crew.acked.items():  # what was acknowledged is in the log, as it was
            body = {"op_id": op_id, "name": message["name"], "body": message["body"]}
            async with door.http(f"terminal/{crew.terminal_id}") as http:
                again = (await http.post("/api/commands", json=body)).json()
            assert again["seqs"] == seqs
    await _equal(door, crews)


async def _equal(door: Door, crews: list[Crew]) -> None:
    """Every crew's picture is the server's, as far as that crew may see it."""
    async with asyncio.timeout(CALM_S):
        for crew in crews:
            while await _differences(door, crew):  # noqa: ASYNC110  (a look now and then is enough)
                await asyncio.sleep(0.3)


async def _differences(door: Door, crew: Crew) -> list[str]:
    async with door.http(f"terminal/{crew.terminal_id}") as http:
        answer = await http.get("/api/picture")
    whole = Mirror()
    assert whole.apply(msgspec.json.decode(answer.content, type=Frame))
    return [name for name in COLLECTIONS if _flat(whole, name) != _flat(crew.mirror, name)]


def _flat(mirror: Mirror, name: str) -> dict[str, Any]:
    """Return a collection with fixes as the wire rounds them."""
    found: dict[str, Any] = {}
    for key, entity in getattr(mirror.picture, name).items():
        plain = msgspec.to_builtins(entity)
        if plain.get("fix"):
            plain["fix"] = msgspec.to_builtins(pack_fixes({key: entity.fix}))
        found[key] = plain
    return found


async def _end(tasks: list[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
