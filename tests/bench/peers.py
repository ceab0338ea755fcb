"""The peers of the orders bench: a bare asyncio fan-out of the same bytes, and taky (a TAK server) at its best rate.

``python -m tests.bench.peers`` is the bare fan-out: every tick it sends what came in since the last one to everybody.
"""

import asyncio
import contextlib
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psutil

TICK_S = 0.2
STALE_S = 60.0


def bare() -> None:
    """Serve until killed: the first line of a connection says whether it feeds or reads."""

    async def serve() -> None:
        readers: set[asyncio.StreamWriter] = set()
        fresh = bytearray()

        async def meet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            if (await reader.readline()).strip() == b"read":
                readers.add(writer)
                await reader.read()
                readers.discard(writer)
            while line := await reader.readline():
                fresh.extend(line)

        server = await asyncio.start_server(meet, "127.0.0.1", 0, limit=1 << 20)
        print(server.sockets[0].getsockname()[1], flush=True)
        while True:
            await asyncio.sleep(TICK_S)
            frame = bytes(fresh)
            fresh.clear()
            for writer in readers:
                writer.write(frame)

    asyncio.run(serve())


@contextlib.contextmanager
def bare_server() -> Iterator[tuple[int, psutil.Process]]:
    """Run the bare fan-out; yields its port and process."""
    process = subprocess.Popen([sys.executable, "-m", "tests.bench.peers"], stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        yield int(process.stdout.readline()), psutil.Process(process.pid)
    finally:
        process.kill()
        process.communicate()


@contextlib.contextmanager
def taky_server() -> Iterator[tuple[int, psutil.Process]]:
    """Run taky on a free port; yields its port and process."""
    with socket.socket() as probe, tempfile.TemporaryDirectory() as folder:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
        probe.close()
        config = Path(folder) / "taky.conf"
        config.write_text(
            f"[taky]\nhostname=bench\nbind_ip=127.0.0.1\nroot_dir={folder}\n"
            f"[cot_server]\nport={port}\n[dp_server]\nupload_path={folder}/dp\n"
        )
        process = subprocess.Popen(
            [sys.executable, "-c", "from taky.cot.__main__ import main; main()", "-l", "error", "-c", str(config)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            _until_open(port)
            yield port, psutil.Process(process.pid)
        finally:
            process.kill()
            process.wait()


def _until_open(port: int) -> None:
    end = time.monotonic() + 20
    while True:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except OSError:
            if time.monotonic() > end:
                raise
            time.sleep(0.1)
        else:
            return


def cot(n: int, turn: int) -> bytes:
    """Return one position of one vessel as a CoT event, as a TAK client would send it."""
    now, later = (time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime(time.time() + s)) for s in (0.0, STALE_S))
    return (
        f'<event version="2.0" uid="v-{n}" type="a-f-S-X" how="m-g" time="{now}" start="{now}" stale="{later}">'
        f'<point lat="{29.7 + n * 7e-5 + turn * 2.3e-6:.6f}" lon="{106.4 + n * 1e-4 + turn * 3.1e-6:.6f}" hae="0.0" '
        f'ce="4.0" le="9999999.0"/><detail><contact callsign="Boat {n}"/>'
        '<track speed="3.0" course="90.0"/></detail></event>'
    ).encode()


class Counter(asyncio.Protocol):
    """A reader of taky: counts the events that come."""

    _MARK = b"<event "

    def __init__(self) -> None:
        self.seen = 0
        self._rest = b""

    def data_received(self, data: bytes) -> None:
        whole = self._rest + data
        self.seen += whole.count(self._MARK)
        self._rest = whole[1 - len(self._MARK) :]  # a mark may be cut in two, none is counted twice


class Aged(asyncio.Protocol):
    """A reader of the bare fan-out: every line ends with the time at which it was sent."""

    def __init__(self) -> None:
        self.ages: list[float] = []
        self._rest = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        transport.write(b"read\n")

    def data_received(self, data: bytes) -> None:
        now = time.time()
        *lines, self._rest = (self._rest + data).split(b"\n")
        self.ages.extend(now - float(line[-17:]) for line in lines)


if __name__ == "__main__":
    bare()
