"""A real server in its own process, to be opened in a browser and killed without mercy."""

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

CHROMIUM = "/usr/bin/chromium"
FLAGS = [
    "--no-sandbox",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
    "--mute-audio",
    "--autoplay-policy=no-user-gesture-required",
]


def free_port() -> int:
    """Return a TCP port that nobody uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Server:
    """``rescuecmd serve`` in a process of its own; the same folder and port at every start."""

    def __init__(self, folder: Path, *words: str) -> None:
        self.folder = folder
        self.port = free_port()
        self.words = words
        self.ready: dict[str, Any] = {}
        self._process: subprocess.Popen[str] | None = None

    @property
    def pid(self) -> int:
        """The server's process."""
        assert self._process is not None
        return self._process.pid

    @property
    def links(self) -> dict[str, str]:
        """The pages' addresses with their keys, by role or terminal."""
        links: dict[str, str] = self.ready["links"]
        return links

    def start(self) -> None:
        """Start and wait until it answers."""
        command = [sys.executable, "-m", "rescuecmd", "serve", "--data", str(self.folder), "--port", str(self.port)]
        self._process = subprocess.Popen(
            [*command, "--json", *self.words], stdout=subprocess.PIPE, text=True, start_new_session=True
        )
        assert self._process.stdout is not None
        self.ready = json.loads(self._process.stdout.readline())

    def kill(self) -> None:
        """End the whole process group with SIGKILL: no chance to tidy up."""
        assert self._process is not None
        os.killpg(self._process.pid, signal.SIGKILL)
        self._gone()

    def stop(self) -> None:
        """Ask it to end, and make sure that it did."""
        if self._process is None or self._process.poll() is not None:
            return
        self._process.terminate()
        try:
            self._process.wait(15)
            self._gone()
        except subprocess.TimeoutExpired:
            self.kill()

    def _gone(self) -> None:
        assert self._process is not None
        self._process.wait()
        assert self._process.stdout is not None
        self._process.stdout.close()


@contextmanager
def served(folder: Path, *words: str) -> Iterator[Server]:
    """Serve from `folder` until the block ends."""
    server = Server(folder, *words)
    server.start()
    try:
        yield server
    finally:
        server.stop()
