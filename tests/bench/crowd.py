"""A crowd of terminals cheap enough to share a machine with the server it loads: raw WebSocket, nothing but counting.

`Member` is one client as an asyncio protocol; it parses what comes only where somebody looks.
"""

import asyncio
import base64
import json
import os
import struct
import time
import zlib
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

Frame = dict[str, Any]
Look = Callable[["Member", Frame], None]
_MASK = b"\0\0\0\0"  # a mask of zeros: valid, and no work


class Member(asyncio.Protocol):
    """One client of the crowd: counts what comes, and hands each frame to `look` where it has one."""

    def __init__(self, url: str, look: Look | None = None, *, unpacks: bool = True) -> None:
        self.url = url
        self.look = look
        self.unpacks = unpacks  # else packed frames are counted and dropped
        self.bytes = 0
        self.frames = 0
        self.lost: asyncio.Event = asyncio.Event()
        self.ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._buffer = bytearray()
        self._greeted = False
        self._transport: asyncio.Transport | None = None

    @classmethod
    async def join(cls, url: str, look: Look | None = None, *, unpacks: bool = True) -> "Member":
        """Connect and shake hands."""
        member = cls(url, look, unpacks=unpacks)
        parts = urlsplit(url)
        await asyncio.get_running_loop().create_connection(lambda: member, parts.hostname or "", parts.port or 80)
        await member.ready
        return member

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        parts = urlsplit(self.url)
        key = base64.b64encode(os.urandom(16)).decode()
        transport.write(
            f"GET {parts.path}?{parts.query} HTTP/1.1\r\nHost: {parts.netloc}\r\nUpgrade: websocket\r\n"
            f"Connection: Upgrade\r\nSec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n".encode()
        )

    def connection_lost(self, exc: Exception | None) -> None:
        self.lost.set()
        if not self.ready.done():
            self.ready.set_exception(ConnectionError("no handshake"))

    def data_received(self, data: bytes) -> None:
        if self.ready.cancelled():  # who joined has given up
            self.cut()
            return
        self.bytes += len(data)
        self._buffer += data
        if not self._greeted:
            head, found, rest = bytes(self._buffer).partition(b"\r\n\r\n")
            if not found:
                return
            if b" 101 " not in head:
                self.ready.set_exception(ConnectionError(head.decode()))
                return
            self._greeted, self._buffer = True, bytearray(rest)
            self.bytes = len(rest)
            self.ready.set_result(None)
        self._take()

    def _take(self) -> None:
        while (split := _split(self._buffer)) is not None:
            opcode, start, end = split
            body = bytes(self._buffer[start:end])
            del self._buffer[:end]
            if opcode == 9:
                self._write(0x8A, body)
            elif opcode in {1, 2}:
                self.frames += 1
                if self.look is not None and (opcode == 1 or self.unpacks):
                    self.look(self, json.loads(zlib.decompress(body) if opcode == 2 else body))

    def _write(self, opcode: int, body: bytes) -> None:
        size = len(body)
        head = struct.pack("!BB", opcode, 0x80 | size) if size < 126 else struct.pack("!BBH", opcode, 0xFE, size)
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write(head + _MASK + body)

    def say(self, text: bytes) -> None:
        """Send a text message."""
        self._write(0x81, text)

    def stop_reading(self) -> None:
        """Become a slow reader."""
        assert self._transport is not None
        self._transport.pause_reading()

    def cut(self) -> None:
        """Break the connection without a word."""
        if self._transport is not None:
            self._transport.abort()


def _split(buffer: bytearray) -> tuple[int, int, int] | None:
    """Return opcode, start and end of the first whole frame; servers do not mask."""
    if len(buffer) < 2:
        return None
    size, start = buffer[1] & 0x7F, 2
    if size == 126:
        if len(buffer) < 4:
            return None
        size, start = struct.unpack_from("!H", buffer, 2)[0], 4
    elif size == 127:
        if len(buffer) < 10:
            return None
        size, start = struct.unpack_from("!Q", buffer, 2)[0], 10
    return (buffer[0] & 0x0F, start, start + size) if len(buffer) >= start + size else None


def command(op_id: str, name: str, body: Frame) -> bytes:
    """Return a command message."""
    message = {"type": "command", "op_id": op_id, "device_time_s": time.time(), "name": name, "body": body}
    return json.dumps(message, separators=(",", ":")).encode()


def fix(n: int, turn: int, time_s: float) -> Frame:
    """Return a fix that moves with every turn."""
    return {
        "lon_deg": 106.4 + n * 1e-4 + turn * 3.1e-6,
        "lat_deg": 29.7 + n * 7e-5 + turn * 2.3e-6,
        "time_s": time_s,
        "accuracy_m": 4.0,
        "source": "gps",
        "course_deg": (n * 7.0 + turn) % 360.0,
        "speed_mps": 3.0 + turn % 10 * 0.1,
    }


def quantile(values: list[float], share: float) -> float:
    """Return the value below which this share of the values lies; infinite where there is none."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else float("inf")
