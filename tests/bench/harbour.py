"""A server in a process of its own with as many terminals and vessels as a bench asks for.

``python -m tests.bench.harbour FOLDER TERMINALS VESSELS HOST`` prints one JSON line with the address and the keys, then
does what each line of its standard input says (``{"push": [terminal, ...], "n": 3}``, ``{"move": 20000}``) and
answers it with a line, until the input ends. It is the real server; only its scene is made up.
"""

import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any
from urllib.parse import urlencode

import psutil

from rescuecmd.cli import haste
from rescuecmd.errors import RescueError
from rescuecmd.picture import commands as c
from rescuecmd.picture.entity import Craft, Fix, Terminal, Vessel
from rescuecmd.picture.order import Card, CardContent, Push, Task
from rescuecmd.server.auth import terminal_role
from rescuecmd.server.operation import Running
from rescuecmd.server.pace import RATES, Pace, Rate
from rescuecmd.server.run import serving
from rescuecmd.settings import Settings
from rescuecmd.text import Text

ROOT = Path(__file__).parents[2]
_CRAFT = Craft("rib", 5.0, 0.6, 0.3, 2.0, 12.0, 6)
_STEP = Text("沿指定航线接近，注意水下障碍", "Approach along the given route and mind what lies under water")
_AT_ONCE = 500


@dataclass
class Harbour:
    """A running server as the bench sees it."""

    address: str
    keys: dict[str, str]
    process: psutil.Process
    _input: IO[str]
    _output: IO[str]

    def url(self, role: str = "commander", **query: object) -> str:
        """Return the address of the live socket for a role."""
        given: dict[str, object] = {"key": self.keys[role], **query}
        if role.startswith("terminal/"):
            given = {"view": "terminal", "terminal": role.removeprefix("terminal/"), **given}
        return self.address.replace("http", "ws", 1) + "/api/live?" + urlencode(given)

    @property
    def terminals(self) -> list[str]:
        """The roles of the terminals made for the bench."""
        return [role for role in self.keys if role.startswith("terminal/x-")]

    def cpu_s(self) -> float:
        """Return the CPU seconds that the server has used."""
        used = self.process.cpu_times()
        return float(used.user + used.system)

    def rss_mb(self) -> float:
        """Return the resident memory of the server, MB."""
        return float(self.process.memory_info().rss) / 1e6

    async def ask(self, **what: object) -> dict[str, Any]:
        """Let the server's own process do something; return its answer."""
        self._input.write(json.dumps(what) + "\n")
        self._input.flush()
        return dict(json.loads(await asyncio.to_thread(self._output.readline)))


@contextmanager
def harbour(terminals: int, vessels: int, *, host: str = "127.0.0.1", within: str = "") -> Iterator[Harbour]:
    """Run a server with so many terminals and vessels, in a network namespace where `within` names one."""
    with tempfile.TemporaryDirectory(prefix="rescuecmd-bench-") as folder:
        words = [sys.executable, "-m", "tests.bench.harbour", folder, str(terminals), str(vessels), host]
        if within:
            words = ["ip", "netns", "exec", within, *words]
        process = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT)
        try:
            assert process.stdin is not None
            assert process.stdout is not None
            said = json.loads(process.stdout.readline())
            yield Harbour(said["address"], said["keys"], psutil.Process(said["pid"]), process.stdin, process.stdout)
        finally:
            process.communicate()


def scene(terminals: int, vessels: int) -> list[c.Command]:
    """Return the commands that fill the harbour."""
    boats = (Vessel(f"v-{n}", Text(f"艇{n}", f"Boat {n}"), "fire", _CRAFT) for n in range(vessels))
    phones = (Terminal(f"x-{n}", Text(f"终端{n}", f"Terminal {n}"), "shore", "volunteer") for n in range(terminals))
    return [*map(c.JoinVessel, boats), *map(c.EnrolTerminal, phones)]


def push(name: str, terminal_ids: list[str], now_s: float) -> c.PushCard:
    """Return a card for each terminal, with as many words as a real one."""
    title = Text("礁石救援", "Reef rescue")
    content = CardContent(title, _STEP, title, title, (), (), (_STEP, _STEP), (_STEP,), ("plan",), "", now_s + 300)
    cards = tuple(
        Card(f"{name}/{one}", name, one, "reef", content, now_s, task_id=f"{name}/{one}") for one in terminal_ids
    )
    tasks = tuple(
        Task(f"{name}/{one}", "reef", "reef", name, one, "", (), "", 106.4, 29.6, "offered", now_s)
        for one in terminal_ids
    )
    return c.PushCard(Push(name, "reef", "1", title, "commander", now_s, tuple(terminal_ids)), cards, tasks, ())


async def _carry_out(running: Running, what: dict[str, Any]) -> dict[str, Any]:
    now_s = running.clock.now_s()
    if "push" in what:
        command = push(f"b-{what['n']}", what["push"], now_s)
        await running.order(c.Actor("commander"), command, f"b-{what['n']}")
        return {"at_s": time.time()}
    boats = list(running.desk.picture.vessels)
    orders = [
        c.Order(f"m-{n}", c.Actor("software"), c.ReportPositions({boats[n % len(boats)]: _fix(n, now_s)}))
        for n in range(what["move"])
    ]
    for start in range(0, len(orders), _AT_ONCE):
        await running.desk.handle_many(orders[start : start + _AT_ONCE])
    return {"seq": running.desk.seq}


def _fix(n: int, now_s: float) -> Fix:
    return Fix(106.4 + n % 977 * 1e-4, 29.6 + n % 1013 * 1e-4, now_s + n, 4.0, "gps", n * 3.7 % 360, 3.0)


async def _serve(folder: Path, terminals: int, vessels: int, host: str) -> None:
    settings = Settings(
        data=folder / "data", host=host, port=0, drill="dazhulin", video=False, robots=False, max_connections=2000
    )
    async with serving(settings) as server:
        await server.host.opened()
        running = server.host.need_running()
        orders = [c.Order(f"scene-{n}", c.Actor("commander"), x) for n, x in enumerate(scene(terminals, vessels))]
        for start in range(0, len(orders), _AT_ONCE):
            for answer in await running.desk.handle_many(orders[start : start + _AT_ONCE]):
                if isinstance(answer, RescueError):
                    raise answer
        # one connection feeds a thousand vessels here, which no crew may; the buckets are asked all the same
        server.host.doorman.pace = Pace(rates={**RATES, "position": Rate(1e6, 1e6), "order": Rate(1e6, 1e6)})
        keyring = server.host.keyring
        roles = ["commander", "observer", *(terminal_role(item) for item in running.desk.picture.terminals)]
        keyring.ensure(roles)
        keys = {role: keyring.key(role) for role in roles}
        haste.end()  # as `rescuecmd serve` does once everything is loaded
        print(json.dumps({"address": server.address, "keys": keys, "pid": os.getpid()}), flush=True)
        while line := await asyncio.to_thread(sys.stdin.readline):
            print(json.dumps(await _carry_out(running, json.loads(line))), flush=True)


def main() -> None:
    """Serve until the standard input ends."""
    folder, terminals, vessels, host = sys.argv[1:]
    haste.begin()
    asyncio.run(_serve(Path(folder), int(terminals), int(vessels), host))


if __name__ == "__main__":
    main()
