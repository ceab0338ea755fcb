"""What travels at enrolment and sign-in: requests and answers. Keys and signatures are base64url."""

from typing import Annotated, Any, Literal

from pydantic import Field

from rescuecmd.server.roles import RoleName
from rescuecmd.server.wire import Answer, Id, Request

Short = Annotated[str, Field(max_length=80)]
Secret = Annotated[str, Field(min_length=1, max_length=100)]


class InviteRequest(Request):
    """Invite one device to hold a terminal; `name` is who will carry it."""

    terminal_id: Id
    role: Literal["crew", "volunteer"] = "crew"
    name: Short = ""


class InviteAnswer(Answer):
    """What the wall shows: a QR code (a `data:` address), the same as a link, and eight letters to be read aloud.

    `pin` is the SHA-256 of the server's certificate, empty without TLS. The invitation is good once, until `expires_s`.
    """

    id: str
    terminal_id: str
    role: RoleName
    name: str
    url: str
    qr: str
    code: str
    pin: str
    expires_s: float


class EnrolRequest(Request):
    """A device asks in: the secret of the QR code or the eight letters, and its public key (P-256, uncompressed)."""

    secret: Secret
    key: Annotated[str, Field(max_length=120)]
    name: Short = ""


class EnrolAnswer(Answer):
    """The device is known; it comes in when the command has compared the check number and confirmed it."""

    device_id: str
    terminal_id: str
    role: RoleName
    check: str
    expires_s: float


class ChallengeRequest(Request):
    """A device wants to open a session."""

    device_id: Id


class ChallengeAnswer(Answer):
    """A number to sign, once, within a minute."""

    nonce: str
    server_time_s: float


class SessionRequest(Request):
    """A device's proof: ``rescuecmd/session/1``, device id, nonce and its clock in ms, a line each, signed."""

    device_id: Id
    nonce: Secret
    device_time_ms: Annotated[int, Field(ge=0, le=1 << 53)]
    signature: Annotated[str, Field(max_length=120)]


class SessionAnswer(Answer):
    """A session: the token goes where a key goes. `skew_s` is the device's clock minus ours; ours is the truth."""

    token: str
    role: RoleName
    name: str
    terminal_id: str
    operation_id: str
    expires_s: float
    server_time_s: float
    skew_s: float


class DeviceView(Answer):
    """A device as the wall shows it."""

    id: str
    operation_id: str
    terminal_id: str
    role: RoleName
    name: str
    state: Literal["waiting", "active", "revoked"]
    check: str
    enrolled_s: float
    expires_s: float
    changed_by: str
    changed_s: float
    seen_s: float | None
    skew_s: float | None
    connected: bool


class RefusalView(Answer):
    """Something that was refused."""

    time_s: float
    code: str
    who: str
    what: str
    address: str


class AccessAnswer(Answer):
    """Who is in: devices, newest first; what was refused since the start, by code, and the last of it."""

    operation_id: str
    mode: Literal["drill", "live", ""]
    links_open: bool
    address: str
    pin: str
    server_time_s: float
    devices: tuple[DeviceView, ...]
    refused: dict[str, int]
    refusals: tuple[RefusalView, ...]


class TicketAnswer(Answer):
    """What a browser needs for a passkey; `ticket` comes back with its answer."""

    ticket: str
    options: dict[str, Any]


class RegisterRequest(Request):
    """The secret of a registration link."""

    invite: Secret


class InvitedAnswer(Answer):
    """Whose link it is."""

    login: str
    name: str
    role: RoleName


class PasskeyRegistration(RegisterRequest):
    """A new passkey, as ``PublicKeyCredential.toJSON()`` gives it."""

    ticket: Secret
    credential: dict[str, Any]


class PasswordRegistration(RegisterRequest):
    """A password, of twelve characters or more."""

    password: Annotated[str, Field(max_length=200)]


class CodeAnswer(Answer):
    """The one-time code's address (otpauth:) for an authenticator, as text and as a QR code. Shown once."""

    login: str
    otpauth: str
    qr: str


class PasskeySignIn(Request):
    """An assertion, as ``PublicKeyCredential.toJSON()`` gives it."""

    ticket: Secret
    credential: dict[str, Any]


class PasswordSignIn(Request):
    """The second way in."""

    login: Short
    password: Annotated[str, Field(max_length=200)]
    code: Annotated[str, Field(max_length=10)]


class TrustAnswer(Answer):
    """The server's certificate and the authority behind it; fingerprints are SHA-256, hexadecimal."""

    tls: bool
    ca_fingerprint: str
    pin: str
    names: tuple[str, ...]
