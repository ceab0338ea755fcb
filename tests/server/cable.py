"""A cable to the server that a test can pull: it forwards bytes, and notes the first line of each connection."""

import asyncio
import contextlib
from asyncio import StreamReader, StreamWriter
from collections.abc import AsyncIterator
from urllib.parse import urlsplit


class Cable:
    """Forwards connections to an address; `address` is where to connect instead."""

    def __init__(self, to: str) -> None:
        self._to = urlsplit(to)
        self._ends: set[StreamWriter] = set()
        self.address = ""
        self.asked: list[str] = []

    def pull(self) -> None:
        """Cut every connection without a word."""
        for end in self._ends:
            end.transport.abort()

    async def carry(self, reader: StreamReader, writer: StreamWriter) -> None:
        """Carry one connection until either end goes."""
        with contextlib.suppress(OSError):
            there, back = await asyncio.open_connection(self._to.hostname, self._to.port)
            ends = {writer, back}
            self._ends |= ends
            try:
                first = await reader.readline()
                self.asked.append(first.decode())
                back.write(first)
                await asyncio.gather(_forward(reader, back), _forward(there, writer))
            finally:
                self._ends -= ends
                for end in ends:
                    end.transport.abort()


async def _forward(reader: StreamReader, writer: StreamWriter) -> None:
    while data := await reader.read(65_536):
        writer.write(data)
        await writer.drain()
    writer.close()


@contextlib.asynccontextmanager
async def cable(to: str) -> AsyncIterator[Cable]:
    """Lay a cable to an address."""
    one = Cable(to)
    server = await asyncio.start_server(one.carry, "127.0.0.1", 0)
    one.address = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield one
    finally:
        one.pull()
        server.close()
