"""A phone without a browser: what the enrolment page does, in Python. It is also how a foreign terminal gets in."""

import hashlib
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlencode

import httpx
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from websockets.asyncio.client import connect

from rescuecmd.server.base64url import encode
from tests.server.door import Page


class Phone:
    """One device with its key; `clock_s` is how far its clock is ahead."""

    def __init__(self, address: str, *, clock_s: float = 0.0) -> None:
        self.address = address
        self.token = ""
        self.device_id = ""
        self.terminal_id = ""
        self._clock_s = clock_s
        self._key = ec.generate_private_key(ec.SECP256R1())

    async def ask(self, method: str, path: str, **more: Any) -> httpx.Response:
        """Ask over HTTP with the session's token, if there is one."""
        headers = {"authorization": f"Bearer {self.token}"} if self.token else {}
        headers |= more.pop("headers", {})
        async with httpx.AsyncClient(base_url=self.address, timeout=60.0, headers=headers) as http:
            return await http.request(method, path, **more)

    @property
    def public_key(self) -> bytes:
        """The point, uncompressed."""
        return self._key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)

    @property
    def check(self) -> str:
        """The check number, from the phone's own key."""
        return f"{int.from_bytes(hashlib.sha256(self.public_key).digest()[:4], 'big') % 10000:04d}"

    def sign(self, text: str) -> str:
        """Sign in the form of WebCrypto."""
        r, s = decode_dss_signature(self._key.sign(text.encode(), ec.ECDSA(SHA256())))
        return encode(r.to_bytes(32, "big") + s.to_bytes(32, "big"))

    async def enrol(self, secret: str) -> httpx.Response:
        """Ask in with the secret of an invitation."""
        answer = await self.ask("POST", "/api/enrol", json={"secret": secret, "key": encode(self.public_key)})
        if answer.is_success:
            self.device_id, self.terminal_id = answer.json()["device_id"], answer.json()["terminal_id"]
        return answer

    async def proof(self) -> dict[str, Any] | httpx.Response:
        """Return the signed answer to a fresh challenge, or why there is none."""
        given = await self.ask("POST", "/api/session/challenge", json={"device_id": self.device_id})
        if given.is_error:
            return given
        nonce, now_ms = given.json()["nonce"], int((time.time() + self._clock_s) * 1000)
        signature = self.sign(f"rescuecmd/session/1\n{self.device_id}\n{nonce}\n{now_ms}")
        return {"device_id": self.device_id, "nonce": nonce, "device_time_ms": now_ms, "signature": signature}

    async def come_in(self) -> httpx.Response:
        """Open a session."""
        proof = await self.proof()
        if isinstance(proof, httpx.Response):
            return proof
        answer = await self.ask("POST", "/api/session", json=proof)
        if answer.is_success:
            self.token = answer.json()["token"]
        return answer

    async def post(self, path: str, body: dict[str, Any], *, signature: str | None = None) -> httpx.Response:
        """Send a signed request."""
        raw = json.dumps(body)
        text = f"rescuecmd/request/1\n{self.token}\nPOST\n{path}\n{hashlib.sha256(raw.encode()).hexdigest()}"
        headers = {
            "content-type": "application/json",
            "x-signature": self.sign(text) if signature is None else signature,
        }
        return await self.ask("POST", path, content=raw, headers=headers)

    @asynccontextmanager
    async def live(self, **query: str) -> AsyncIterator["SignedPage"]:
        """Connect as the terminal."""
        given = {"key": self.token, "view": "terminal", "terminal": self.terminal_id, **query}
        async with connect(
            self.address.replace("http", "ws", 1) + "/api/live?" + urlencode(given), max_size=None
        ) as socket:
            page = SignedPage(socket)
            page.phone, page.nonce = self, (await page.frame("hello"))["nonce"]
            yield page


class SignedPage(Page):
    """A live connection whose messages are signed."""

    phone: Phone
    nonce: str

    def wrap(self, message: str) -> str:
        """Put a message into its envelope."""
        signature = self.phone.sign(f"rescuecmd/message/1\n{self.nonce}\n{message}")
        return json.dumps({"type": "signed", "message": message, "signature": signature})

    async def command(self, name: str, body: dict[str, Any], op_id: str = "op-1") -> dict[str, Any]:
        message = {"type": "command", "op_id": op_id, "device_time_s": 1.0, "name": name, "body": body}
        await self.socket.send(self.wrap(json.dumps(message)))
        return await self.frame("done", "refused", "later", where=lambda frame: frame["op_id"] == op_id)
