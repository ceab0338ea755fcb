"""Phones and tablets of crews: invited once, bound to a key that cannot leave them, confirmed, revoked.

The invite is a secret of 128 bits (in a QR code) and, for a phone without a camera, a code of eight letters; either
enrols one device, once, within minutes. The device brings the public half of a P-256 key that its browser made and
will not give away; from then on only what that key signs is believed. A key once revoked is never taken again.
"""

import hashlib
import secrets
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any, Literal, TypeAlias

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from rescuecmd.errors import ForbiddenError, InputError, NotFoundError
from rescuecmd.server.register import Register
from rescuecmd.server.roles import RoleName

DeviceState: TypeAlias = Literal["waiting", "active", "revoked"]
INVITE_S = 600.0  # OWASP ASVS 5.0.0-6.5.5: a code that is sent over another way lives ten minutes at most
SECRET_BYTES = 16
CODE_LETTERS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"  # no 0 O, 1 I L, U: read aloud over a radio
CODE_LENGTH = 8
_POINT_BYTES = 65  # an uncompressed point of P-256: 0x04, x, y
_SIGNATURE_BYTES = 64  # r, s (IEEE P1363, what WebCrypto gives)


@dataclass(frozen=True, slots=True)
class Device:
    """An enrolled device. ``skew_s`` is its clock minus the server's when it last proved itself; times are s UTC."""

    id: str
    key: bytes
    operation_id: str
    terminal_id: str
    role: RoleName
    name: str
    state: DeviceState
    enrolled_s: float
    expires_s: float
    changed_by: str
    changed_s: float
    seen_s: float | None
    skew_s: float | None

    @property
    def check(self) -> str:
        """Four digits that the device works out from its own key and the wall shows: the same phone, or not."""
        return check_number(self.key)


@dataclass(frozen=True, slots=True)
class Invite:
    """An invitation as it is handed out; secret and code are not kept anywhere in this form."""

    id: str
    secret: str
    code: str
    terminal_id: str
    role: RoleName
    name: str
    expires_s: float


_COLUMNS = ", ".join(item.name for item in fields(Device))


class Devices:
    """The devices of the register."""

    def __init__(self, register: Register) -> None:
        self._register = register

    def invite(
        self, terminal_id: str, *, operation_id: str, by: str, name: str = "", role: RoleName = "crew"
    ) -> Invite:
        """Invite one device; what was invited before for the same terminal and not used is void."""
        now_s = self._register.now()
        secret = secrets.token_urlsafe(SECRET_BYTES)
        code = "".join(secrets.choice(CODE_LETTERS) for _ in range(CODE_LENGTH))
        made = Invite(uuid.uuid4().hex, secret, code, terminal_id, role, name, now_s + INVITE_S)
        with self._register.change() as db:
            db.execute("DELETE FROM invite WHERE used_s IS NULL AND terminal_id = ?", (terminal_id,))
            db.execute(
                "INSERT INTO invite VALUES (?,?,?,?,?,?,?,?,?,?,NULL)",
                (made.id, _hash(secret), _hash(code), operation_id, terminal_id, role, name, by, now_s, made.expires_s),
            )
        return made

    def enrol(self, secret: str, key: bytes, *, expires_s: float, name: str = "") -> Device:
        """Bind a key to the terminal of an invite; invite and device change in one transaction.

        Raises
        ------
        ForbiddenError
            There is no such invite, it was used, or its time is over; or the key is known already.
        InputError
            The key is no point of P-256.
        """
        _public_key(key)
        now_s, given = self._register.now(), _hash(_plain(secret) if is_code(secret) else secret)
        with self._register.change() as db:
            found = list(db.execute("SELECT * FROM invite WHERE secret = ? OR code = ?", (given, given)))
            if not found or found[0][10] is not None or found[0][9] < now_s:
                raise ForbiddenError(
                    "invite", "this invitation is used, over or unknown; ask the command for a new one"
                )
            invite_id, _, _, operation_id, terminal_id, role, invited, by, *_ = found[0]
            if list(db.execute("SELECT 1 FROM device WHERE key = ?", (key,))):
                raise ForbiddenError("key-known", "this key was enrolled before; make a new one")
            device_id = uuid.uuid4().hex
            db.execute("UPDATE invite SET used_s = ? WHERE id = ?", (now_s, invite_id))
            db.execute(
                "INSERT INTO device VALUES (?,?,?,?,?,?,?,'waiting',?,?,?,?,NULL,NULL)",
                (
                    device_id,
                    invite_id,
                    key,
                    operation_id,
                    terminal_id,
                    role,
                    name or invited,
                    now_s,
                    expires_s,
                    by,
                    now_s,
                ),
            )
        return self.find(device_id)

    def confirm(self, device_id: str, *, by: str) -> Device:
        """Let a waiting device in, after somebody has compared the check numbers."""
        return self._move(device_id, "waiting", "active", by)

    def revoke(self, device_id: str, *, by: str) -> Device:
        """Shut a device out for good; its key is kept so that it can never come again."""
        device = self.find(device_id)
        return device if device.state == "revoked" else self._move(device_id, device.state, "revoked", by)

    def _move(self, device_id: str, before: DeviceState, after: DeviceState, by: str) -> Device:
        self.find(device_id)
        with self._register.change() as db:
            db.execute(
                "UPDATE device SET state = ?, changed_by = ?, changed_s = ? WHERE id = ? AND state = ?",
                (after, by, self._register.now(), device_id, before),
            )
        return self.find(device_id)

    def seen(self, device_id: str, *, skew_s: float) -> None:
        """Note that a device has proved itself just now, and how wrong its clock is."""
        with self._register.change() as db:
            db.execute(
                "UPDATE device SET seen_s = ?, skew_s = ? WHERE id = ?", (self._register.now(), skew_s, device_id)
            )

    def find(self, device_id: str) -> Device:
        """Return a device.

        Raises
        ------
        NotFoundError
            There is none of that id.
        """
        rows = self._register.rows(f"SELECT {_COLUMNS} FROM device WHERE id = ?", device_id)  # noqa: S608
        if not rows:
            raise NotFoundError("unknown-device", "there is no such device; it must be enrolled")
        return Device(*rows[0])

    def of(self, operation_id: str) -> Sequence[Device]:
        """Return the devices of an operation, the newest first."""
        sql = f"SELECT {_COLUMNS} FROM device WHERE operation_id = ? ORDER BY enrolled_s DESC, id"  # noqa: S608
        return [Device(*row) for row in self._register.rows(sql, operation_id)]

    def every(self) -> Sequence[Device]:
        """Return the devices of every operation, the newest first."""
        sql = f"SELECT {_COLUMNS} FROM device ORDER BY enrolled_s DESC, id"  # noqa: S608
        return [Device(*row) for row in self._register.rows(sql)]

    def need_active(self, device_id: str) -> Device:
        """Return a device that may come in now.

        Raises
        ------
        ForbiddenError
            It waits for its confirmation, was revoked, or its time is over.
        NotFoundError
            There is none of that id.
        """
        device = self.find(device_id)
        if device.state == "waiting":
            raise ForbiddenError("not-confirmed", "the command has not confirmed this device yet", check=device.check)
        if device.state == "revoked":
            raise ForbiddenError("revoked", "this device was shut out by the command")
        if device.expires_s < self._register.now():
            raise ForbiddenError("device-expired", "the time of this device is over; enrol it again")
        return device


def check_number(key: bytes) -> str:
    """Return the check number of a public key: its SHA-256, first four bytes, modulo 10,000."""
    return f"{int.from_bytes(hashlib.sha256(key).digest()[:4], 'big') % 10000:04d}"


def verify(key: bytes, signature: bytes, message: bytes) -> None:
    """Check an ECDSA P-256 SHA-256 signature: r and s of 32 bytes each, as WebCrypto gives it, or else DER.

    64 bytes are r and s, always. The two numbers alone are believed, however they came; DER has one form for them, and
    what follows it, other lengths and signs are refused.

    Raises
    ------
    ForbiddenError
        It is not this key's signature of this message.
    """
    try:
        _public_key(key).verify(_der(signature), message, ec.ECDSA(SHA256()))
    except (InvalidSignature, ValueError):
        raise ForbiddenError("signature", "the signature is not that of the enrolled device") from None


def _der(signature: bytes) -> bytes:
    if len(signature) != _SIGNATURE_BYTES:
        return encode_dss_signature(*decode_dss_signature(signature))
    return encode_dss_signature(*(int.from_bytes(signature[at : at + 32], "big") for at in (0, 32)))


def _public_key(key: bytes) -> ec.EllipticCurvePublicKey:
    if len(key) != _POINT_BYTES:
        raise InputError("bad-key", f"expected an uncompressed P-256 point of {_POINT_BYTES} bytes, got {len(key)}")
    try:
        return ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), key)
    except ValueError:
        raise InputError("bad-key", "these bytes are no point of P-256") from None


def is_code(secret: str) -> bool:
    """Return whether this is the typed kind of secret, short enough to be guessed."""
    return len(_plain(secret)) <= CODE_LENGTH


def _plain(code: str) -> str:
    return code.replace("-", "").replace(" ", "").upper()


def _hash(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()


def public_row(device: Device) -> dict[str, Any]:
    """Return what a wall may show of a device: everything but its key."""
    row = {item.name: getattr(device, item.name) for item in fields(device) if item.name != "key"}
    return {**row, "check": device.check}
