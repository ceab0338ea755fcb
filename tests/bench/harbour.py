"""A server of its own process with as many terminals and vessels as a bench asks for, at its limits on request.

``python -m tests.bench.harbour FOLDER TERMINALS VESSELS`` prints one JSON line with the address and the keys, then
serves until its standard input ends.
"""

import asyncio
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

import psutil

from rescuecmd.picture.commands import Actor, Command, EnrolTerminal, JoinVessel, Order
from rescuecmd.picture.entity import Craft, Terminal, Vessel
from rescuecmd.server.auth import terminal_role
from rescuecmd.server.run import serving
from rescuecmd.settings import Settings
from rescuecmd.text import Text

_CRAFT = Craft("rib", 5.0, 0.6, 0.3, 2.0, 12.0, 6)


@dataclass
class Harbour:
    """A running server as the bench sees it."""

    address: str
    keys: dict[str, str]
    process: psutil.Process

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


@contextmanager
def harbour(terminals: int, vessels: int, *, host: str = "127.0.0.1", within: str = "") -> Iterator[Harbour]:
    """Run a server with so many terminals and vessels, in a network namespace where `within` names one."""
    with tempfile.TemporaryDirectory(prefix="rescuecmd-bench-") as folder:
        words = [sys.executable, "-m", "tests.bench.harbour", folder, str(terminals), str(vessels), host]
        if within:
            words = ["ip", "netns", "exec", within, *words]
        process = subprocess.Popen(
            words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2]
        )
        try:
            assert process.stdout is not None
            said = json.loads(process.stdout.readline())
            yield Harbour(said["address"], said["keys"], psutil.Process(said["pid"]))
        finally:
            process.communicate()


def scene(terminals: int, vessels: int) -> list[Command]:
    """Return the commands that fill the harbour."""
    found: list[Command] = []
    for n in range(vessels):
        name = Text(f"艇{n}", f"Boat {n}")
        found.append(JoinVessel(Vessel(f"v-{n}", name, "fire", _CRAFT)))
    for n in range(terminals):
        name = Text(f"终端{n}", f"Terminal {n}")
        found.append(EnrolTerminal(Terminal(f"x-{n}", name, "shore", "volunteer")))
    return found


async def _serve(folder: Path, terminals: int, vessels: int, host: str) -> None:
    settings = Settings(
        data=folder / "data", host=host, port=0, drill="dazhulin", video=False, robots=False, max_connections=2000
    )
    async with serving(settings) as server:
        await server.host.opened()
        running = server.host.need_running()
        orders = [Order(f"scene-{n}", Actor("commander"), x) for n, x in enumerate(scene(terminals, vessels))]
        for answer in await running.desk.handle_many(orders):
            if isinstance(answer, Exception):
                raise answer
        keyring = server.host.keyring
        roles = ["commander", "observer", *(terminal_role(item) for item in running.desk.picture.terminals)]
        keyring.ensure(roles)
        keys = {role: keyring.key(role) for role in roles}
        print(json.dumps({"address": server.address, "keys": keys, "pid": os.getpid()}), flush=True)
        await asyncio.to_thread(sys.stdin.read)


def main() -> None:
    """Serve until the standard input ends."""
    folder, terminals, vessels, host = sys.argv[1:]
    asyncio.run(_serve(Path(folder), int(terminals), int(vessels), host))


if __name__ == "__main__":
    main()
