"""Clients for the tests: what a page or a stranger does at the server's door."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlencode

import httpx
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from rescuecmd.server.auth import terminal_role
from rescuecmd.server.roles import STAFF_ROLES
from rescuecmd.server.run import Serving

PATIENCE_S = 60.0  # a machine that is busy with everything else


class Door:
    """A server's door with all its keys."""

    def __init__(self, address: str, keys: dict[str, str]) -> None:
        self.address = address
        self.keys = keys

    @classmethod
    def of(cls, server: Serving) -> "Door":
        """Return the door of a server in this process."""
        running = server.host.running
        terminals = running.desk.picture.terminals if running else ()
        roles = [*STAFF_ROLES, *(terminal_role(item) for item in terminals)]
        return cls(server.address, {role: server.host.keyring.key(role) for role in roles})

    @property
    def terminals(self) -> list[str]:
        """The terminals there are keys for."""
        return sorted(role.removeprefix("terminal/") for role in self.keys if role.startswith("terminal/"))

    def http(self, role: str = "commander", **more: Any) -> httpx.AsyncClient:
        """Return a client with the key of a role (an empty one: none)."""
        headers = {"authorization": f"Bearer {self.keys[role]}"} if role else {}
        return httpx.AsyncClient(base_url=self.address, headers=headers, timeout=120.0, **more)

    def live_url(self, role: str, **query: object) -> str:
        """Return the address of the live socket."""
        given = {"key": self.keys.get(role, role), **query}
        return self.address.replace("http", "ws", 1) + "/api/live?" + urlencode(given)

    @asynccontextmanager
    async def live(self, role: str = "commander", **query: object) -> AsyncIterator["Page"]:
        """Connect as a page of a role."""
        if role.startswith("terminal/"):
            query = {"view": "terminal", "terminal": role.removeprefix("terminal/"), **query}
        async with connect(self.live_url(role, **query), max_size=None) as socket:
            yield Page(socket)


class Page:
    """A live connection."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket
        self.seen: list[dict[str, Any]] = []

    async def frame(self, *kinds: str, where: Callable[[dict[str, Any]], bool] = lambda _: True) -> dict[str, Any]:
        """Return the next frame of these kinds for which `where` holds."""
        async with asyncio.timeout(PATIENCE_S):
            while True:
                frame: dict[str, Any] = json.loads(await self.socket.recv())
                self.seen.append(frame)
                if (not kinds or frame["type"] in kinds) and where(frame):
                    return frame

    async def command(self, name: str, body: dict[str, Any], op_id: str = "op-1") -> dict[str, Any]:
        """Send a command and return its answer."""
        message = {"type": "command", "op_id": op_id, "device_time_s": 1.0, "name": name, "body": body}
        await self.socket.send(json.dumps(message))
        return await self.frame("done", "refused", "later", where=lambda frame: frame["op_id"] == op_id)

    async def settled(self) -> int:
        """Wait until nothing changes any more; return the sequence number."""
        quiet = 0
        while quiet < 3:
            frame = await self.frame("snapshot", "delta")
            quiet = quiet + 1 if frame["type"] == "delta" and frame["seq"] == frame["after"] else 0
        return int(frame["seq"])

    async def closed(self) -> tuple[int, str]:
        """Return the code and reason with which the server closes."""
        async with asyncio.timeout(PATIENCE_S):
            while True:
                try:
                    self.seen.append(json.loads(await self.socket.recv()))
                except ConnectionClosed as error:
                    assert error.rcvd is not None
                    return error.rcvd.code, error.rcvd.reason


def note(note_id: str, text: str = "x") -> dict[str, Any]:
    """Return the body of an AddNote."""
    return {
        "note": {
            "id": note_id, "kind": "message", "text": {"zh": text, "en": text}, "to": [], "via": "test", "by": "?",
            "time_s": 1.0,
        }
    }  # fmt: skip
