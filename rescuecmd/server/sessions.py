"""Who is in: opaque tokens of 256 bits, kept as SHA-256 only; and the challenges by which a device gets one.

A device signs a fresh number with its key and gets a token for minutes; it renews it in the same way. A person signs
in with a passkey (or password and code) and gets one for a shift. The server's clock alone decides what is over:
a phone whose clock is wrong is let in, and told.
"""

import hashlib
import secrets
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, replace

import msgspec

from rescuecmd.errors import ForbiddenError
from rescuecmd.server.auth import Caller
from rescuecmd.server.devices import Device, verify
from rescuecmd.server.register import Register

DEVICE_S = 900.0
STAFF_S = 12 * 3600.0
TOKEN_BYTES = 32
CHALLENGE_S = 60.0
NONCE_BYTES = 16
_CHALLENGES_KEPT = 4096
LINK = "link"  # everybody who came with a key of a link


@dataclass(frozen=True, slots=True)
class Session:
    """An open session: who it is, in which operation (empty: any), until when (s UTC)."""

    caller: Caller
    operation_id: str
    expires_s: float


class Sessions:
    """All open sessions: in memory for every question, in the register for the next start of the server."""

    def __init__(self, register: Register) -> None:
        self._register = register
        self._open: dict[bytes, Session] = {}
        self.reload()

    def open(self, caller: Caller, *, operation_id: str = "", life_s: float = STAFF_S) -> tuple[str, Session]:
        """Open a session; return its token, which is nowhere else, and the session."""
        token = secrets.token_urlsafe(TOKEN_BYTES)
        key = _hash(token)
        session = Session(replace(caller, session=key.hex()[:16]), operation_id, self._register.now() + life_s)
        with self._register.change() as db:
            db.execute(
                "INSERT INTO session VALUES (?,?,?,?,?)",
                (key, holder(caller), msgspec.json.encode(session.caller).decode(), operation_id, session.expires_s),
            )
        self._open[key] = session
        return token, session

    def find(self, token: str) -> Session:
        """Return the session of a token.

        Raises
        ------
        ForbiddenError
            There is none, or its time is over.
        """
        session = self._open.get(_hash(token))
        if session is None:
            raise ForbiddenError("key", "a key is needed; sign in, enrol, or take the link that the server printed")
        if session.expires_s < self._register.now():
            raise ForbiddenError("session-over", "this session is over; sign in again")
        return session

    def close(self, token: str) -> None:
        """End one session."""
        self._forget([_hash(token)])

    def close_all(self, whose: str) -> None:
        """End every session of a holder: ``device/<id>`` or ``staff/<login>``."""
        self._forget([key for key, session in self._open.items() if holder(session.caller) == whose])

    def sweep(self) -> None:
        """Forget the sessions whose time is over."""
        now_s = self._register.now()
        over = [key for key, session in self._open.items() if session.expires_s < now_s]
        if over:
            self._forget(over)

    def _forget(self, keys: list[bytes]) -> None:
        with self._register.change() as db:
            db.executemany("DELETE FROM session WHERE hash = ?", [(key,) for key in keys])
        for key in keys:
            self._open.pop(key, None)

    def reload(self) -> None:
        """Take the sessions as the register has them now."""
        rows = self._register.rows("SELECT hash, caller, operation_id, expires_s FROM session")
        self._open = {
            bytes(key): Session(msgspec.json.decode(caller, type=Caller), operation_id, expires_s)
            for key, caller, operation_id, expires_s in rows
        }

    def holders(self) -> frozenset[str]:
        """Return everybody who has a session."""
        return frozenset(holder(session.caller) for session in self._open.values())


class Challenges:
    """Fresh numbers for devices to sign: each for one device, once, for a minute of the server's own steady clock."""

    def __init__(self, steady: Callable[[], float] = time.monotonic) -> None:
        self._steady = steady
        self._given: OrderedDict[str, tuple[str, float]] = OrderedDict()

    def give(self, device_id: str) -> str:
        """Return a number for a device to sign."""
        nonce = secrets.token_urlsafe(NONCE_BYTES)
        self._given[nonce] = device_id, self._steady()
        while len(self._given) > _CHALLENGES_KEPT:
            self._given.popitem(last=False)
        return nonce

    def take(self, device: Device, nonce: str, signature: bytes, *, device_time_ms: int) -> None:
        """Check a device's answer; a number is burnt by the first answer, right or wrong.

        Raises
        ------
        ForbiddenError
            The number was not given to this device, is old or used, or the signature is not the device's.
        """
        device_id, given_s = self._given.pop(nonce, ("", 0.0))
        if device_id != device.id or self._steady() - given_s > CHALLENGE_S:
            raise ForbiddenError("challenge", "this challenge is used, over or not yours; ask for a new one")
        verify(device.key, signature, proof_text(device.id, nonce, device_time_ms))


def caller_with(device: Device) -> Caller:
    """Return who comes with a device."""
    return Caller(device.role, device.terminal_id, name=device.name, device_id=device.id)


def proof_text(device_id: str, nonce: str, device_time_ms: int) -> bytes:
    """Return what a device signs to open a session."""
    return f"rescuecmd/session/1\n{device_id}\n{nonce}\n{device_time_ms}".encode()


def message_text(nonce: str, message: str) -> bytes:
    """Return what a device signs with each message over a socket whose greeting carried `nonce`."""
    return f"rescuecmd/message/1\n{nonce}\n{message}".encode()


def request_text(token: str, method: str, path: str, body: bytes) -> bytes:
    """Return what a device signs with each writing HTTP request."""
    return f"rescuecmd/request/1\n{token}\n{method}\n{path}\n{hashlib.sha256(body).hexdigest()}".encode()


def holder(caller: Caller) -> str:
    """Return whose sessions these are, as one name."""
    if caller.device_id:
        return f"device/{caller.device_id}"
    return f"staff/{caller.login}" if caller.login else LINK


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
