"""Command staff: passkeys first; a password with a one-time code where a browser has no passkeys for this address.

An account is made on the command line (`rescuecmd staff add`), which gives a link for one registration. Passkeys are
bound to a host name by the browser and must be unlocked by their holder (PIN, finger, face). A password is kept as
argon2id, its code follows RFC 6238 and counts once.
"""

import hashlib
import secrets
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rescuecmd.errors import ForbiddenError, InputError, RefusedError, unknown
from rescuecmd.server.auth import Caller
from rescuecmd.server.register import Register
from rescuecmd.server.roles import STAFF_ROLES, RoleName

if TYPE_CHECKING:
    import argon2

INVITE_S = 3600.0
PASSWORD_LENGTH = 12
_SECRET_BYTES = 16
_TICKET_S = 300.0
_TICKETS_KEPT = 4096
_TOTP_STEP_S = 30
# OWASP password storage cheat sheet: argon2id with 19 MiB, two passes, one lane; about 30 ms of one core.
_ARGON_PASSES, _ARGON_KIB, _ARGON_LANES = 2, 19456, 1
_WRONG = "login, password or code are wrong"


@dataclass(frozen=True, slots=True)
class Member:
    """One of the staff. ``operation_id`` empty: of any operation; ``agency`` empty: sees what all share."""

    login: str
    name: str
    role: RoleName
    operation_id: str
    agency: str
    has_password: bool
    passkeys: int

    @property
    def caller(self) -> Caller:
        """The member as a caller."""
        return Caller(self.role, name=self.name, login=self.login, agency=self.agency)


@dataclass(frozen=True, slots=True)
class Site:
    """Where a browser thinks it is: the host name that binds a passkey, and the page's origin."""

    name: str
    origin: str


class Tickets:
    """Challenges that browsers are answering: each once, for five minutes."""

    def __init__(self, steady: Callable[[], float] = time.monotonic) -> None:
        self._steady = steady
        self._open: OrderedDict[str, tuple[bytes, float]] = OrderedDict()

    def give(self) -> tuple[str, bytes]:
        """Return a ticket and its challenge."""
        ticket, challenge = secrets.token_urlsafe(_SECRET_BYTES), secrets.token_bytes(32)
        self._open[ticket] = challenge, self._steady()
        while len(self._open) > _TICKETS_KEPT:
            self._open.popitem(last=False)
        return ticket, challenge

    def take(self, ticket: str) -> bytes:
        """Return the challenge of a ticket, which is used up by that.

        Raises
        ------
        ForbiddenError
            It is unknown, used or old.
        """
        challenge, given_s = self._open.pop(ticket, (b"", 0.0))
        if not challenge or self._steady() - given_s > _TICKET_S:
            raise ForbiddenError("challenge", "this took too long or was used; begin again")
        return challenge


class Staff:
    """The staff of the register."""

    def __init__(self, register: Register) -> None:
        self._register = register
        self._tickets = Tickets()

    def add(self, login: str, *, role: str, name: str = "", operation_id: str = "", agency: str = "") -> str:
        """Make an account; return the secret of its registration link.

        Raises
        ------
        NotFoundError
            There is no such role.
        InputError
            The login is not plain.
        RefusedError
            The login is taken.
        """
        if role not in STAFF_ROLES:
            raise unknown("role", role, STAFF_ROLES)
        if not login.isascii() or not login.replace("-", "a").replace(".", "a").isalnum() or len(login) > 40:
            raise InputError("bad-login", f"expected letters, digits, dots and dashes, got {login!r}", login=login)
        secret, expires_s = secrets.token_urlsafe(_SECRET_BYTES), self._register.now() + INVITE_S
        with self._register.change() as db:
            if list(db.execute("SELECT 1 FROM staff WHERE login = ?", (login,))):
                raise RefusedError("exists", f"{login!r} exists already; `rescuecmd staff invite {login}` gives a link")
            db.execute(
                "INSERT INTO staff (login, name, role, operation_id, agency, handle, invite, invite_expires_s)"
                " VALUES (?,?,?,?,?,?,?,?)",
                (login, name or login, role, operation_id, agency, secrets.token_bytes(32), _hash(secret), expires_s),
            )
        return secret

    def invite(self, login: str) -> str:
        """Return the secret of a new registration link for an account (a new phone, a forgotten password)."""
        self.find(login)
        secret = secrets.token_urlsafe(_SECRET_BYTES)
        with self._register.change() as db:
            db.execute(
                "UPDATE staff SET invite = ?, invite_expires_s = ? WHERE login = ?",
                (_hash(secret), self._register.now() + INVITE_S, login),
            )
        return secret

    def remove(self, login: str) -> None:
        """Drop an account with its passkeys."""
        self.find(login)
        with self._register.change() as db:
            db.execute("DELETE FROM staff WHERE login = ?", (login,))

    def all(self) -> Sequence[Member]:
        """Return everybody."""
        sql = (
            "SELECT login, name, role, operation_id, agency, password <> '',"
            " (SELECT count(*) FROM passkey WHERE passkey.login = staff.login) FROM staff ORDER BY login"
        )
        return [
            Member(login, name, role, operation_id, agency, bool(password), passkeys)
            for login, name, role, operation_id, agency, password, passkeys in self._register.rows(sql)
        ]

    def find(self, login: str) -> Member:
        """Return a member.

        Raises
        ------
        NotFoundError
            There is none of that login; the nearest is named.
        """
        members = {member.login: member for member in self.all()}
        if login not in members:
            raise unknown("staff", login, members)
        return members[login]

    def invited(self, secret: str) -> Member:
        """Return whose registration link this is.

        Raises
        ------
        ForbiddenError
            Nobody's, or its time is over.
        """
        rows = self._register.rows("SELECT login, invite_expires_s FROM staff WHERE invite = ?", _hash(secret))
        if not rows or rows[0][1] < self._register.now():
            raise ForbiddenError(
                "invite", "this link is used, over or unknown; `rescuecmd staff invite` gives a new one"
            )
        return self.find(rows[0][0])

    def registration(self, secret: str, site: Site) -> tuple[str, Mapping[str, Any]]:
        """Return a ticket, and what a browser needs to make a passkey."""
        from webauthn import generate_registration_options  # noqa: PLC0415  (heavy, and rare)
        from webauthn.helpers import options_to_json_dict, structs  # noqa: PLC0415

        member = self.invited(secret)
        ((handle,),) = self._register.rows("SELECT handle FROM staff WHERE login = ?", member.login)
        ticket, challenge = self._tickets.give()
        options = generate_registration_options(
            rp_id=site.name,
            rp_name="rescuecmd",
            user_name=member.login,
            user_id=bytes(handle),
            user_display_name=member.name,
            challenge=challenge,
            authenticator_selection=structs.AuthenticatorSelectionCriteria(
                resident_key=structs.ResidentKeyRequirement.REQUIRED,
                user_verification=structs.UserVerificationRequirement.REQUIRED,
            ),
        )
        return ticket, options_to_json_dict(options)

    def register(self, secret: str, ticket: str, credential: Mapping[str, Any], site: Site) -> Member:
        """Keep a passkey; the link is used up in the same transaction.

        Raises
        ------
        ForbiddenError
            The link or the ticket is over, or the passkey does not prove what it must.
        """
        from webauthn import verify_registration_response  # noqa: PLC0415

        member, challenge = self.invited(secret), self._tickets.take(ticket)
        made = _believed(
            lambda: verify_registration_response(
                credential=dict(credential), expected_challenge=challenge, expected_rp_id=site.name,
                expected_origin=site.origin, require_user_verification=True,
            )
        )  # fmt: skip
        with self._register.change() as db:
            self._burn(db, secret)
            db.execute(
                "INSERT INTO passkey VALUES (?,?,?,?,?)",
                (made.credential_id, member.login, made.credential_public_key, made.sign_count, self._register.now()),
            )
        return self.find(member.login)

    def challenge(self, site: Site) -> tuple[str, Mapping[str, Any]]:
        """Return a ticket, and what a browser needs to sign in with a passkey of this site."""
        from webauthn import generate_authentication_options  # noqa: PLC0415
        from webauthn.helpers import options_to_json_dict, structs  # noqa: PLC0415

        ticket, challenge = self._tickets.give()
        options = generate_authentication_options(
            rp_id=site.name, challenge=challenge, user_verification=structs.UserVerificationRequirement.REQUIRED
        )
        return ticket, options_to_json_dict(options)

    def sign_in(self, ticket: str, credential: Mapping[str, Any], site: Site) -> Member:
        """Return who proves to hold a passkey.

        Raises
        ------
        ForbiddenError
            The ticket is over, the passkey is not known, or it does not prove what it must.
        """
        from webauthn import verify_authentication_response  # noqa: PLC0415
        from webauthn.helpers import base64url_to_bytes  # noqa: PLC0415

        challenge = self._tickets.take(ticket)
        key_id = _believed(lambda: base64url_to_bytes(str(credential["rawId"])))
        rows = self._register.rows("SELECT login, public_key, sign_count FROM passkey WHERE id = ?", key_id)
        if not rows:
            raise ForbiddenError("passkey", "this passkey is not known here")
        login, public_key, count = rows[0]
        proved = _believed(
            lambda: verify_authentication_response(
                credential=dict(credential), expected_challenge=challenge, expected_rp_id=site.name,
                expected_origin=site.origin, credential_public_key=bytes(public_key),
                credential_current_sign_count=count, require_user_verification=True,
            )
        )  # fmt: skip
        with self._register.change() as db:
            db.execute("UPDATE passkey SET sign_count = ? WHERE id = ?", (proved.new_sign_count, key_id))
        return self.find(login)

    def set_password(self, secret: str, password: str) -> str:
        """Keep a password; return the address (otpauth:) of the code that goes with it. The link is used up.

        Raises
        ------
        InputError
            The password is too short.
        ForbiddenError
            The link is over.
        """
        import pyotp  # noqa: PLC0415

        member = self.invited(secret)
        if len(password) < PASSWORD_LENGTH:
            raise InputError("short-password", f"expected at least {PASSWORD_LENGTH} characters, got {len(password)}")
        kept, totp = _hasher().hash(password), pyotp.random_base32()
        with self._register.change() as db:
            self._burn(db, secret)
            db.execute(
                "UPDATE staff SET password = ?, totp = ?, totp_step = 0 WHERE login = ?", (kept, totp, member.login)
            )
        return str(pyotp.TOTP(totp).provisioning_uri(name=member.login, issuer_name="rescuecmd"))

    def sign_in_by_password(self, login: str, password: str, code: str) -> Member:
        """Return who knows the password and has the code; as much work is done for a login that there is not.

        Raises
        ------
        ForbiddenError
            Something is wrong; it is not said what.
        """
        import argon2.exceptions  # noqa: PLC0415
        import pyotp  # noqa: PLC0415

        hasher = _hasher()
        rows = self._register.rows("SELECT password, totp FROM staff WHERE login = ? AND password <> ''", login)
        kept, totp = rows[0] if rows else (hasher.hash(secrets.token_urlsafe(8)), pyotp.random_base32())
        try:
            hasher.verify(kept, password)
        except argon2.exceptions.VerifyMismatchError:
            raise ForbiddenError("sign-in", _WRONG) from None
        step = int(self._register.now()) // _TOTP_STEP_S
        known = pyotp.TOTP(totp)
        near = [at for at in (step, step - 1, step + 1) if secrets.compare_digest(known.generate_otp(at), code)]
        with self._register.change() as db:
            if not near or not rows:
                raise ForbiddenError("sign-in", _WRONG)
            db.execute("UPDATE staff SET totp_step = ? WHERE login = ? AND totp_step < ?", (near[0], login, near[0]))
            if not db.changes():
                raise ForbiddenError("sign-in", _WRONG)  # this code was used
        return self.find(login)

    def _burn(self, db: Any, secret: str) -> None:
        db.execute("UPDATE staff SET invite = NULL WHERE invite = ?", (_hash(secret),))
        if not db.changes():
            raise ForbiddenError("invite", "this link was used a moment ago")


def _hasher() -> "argon2.PasswordHasher":
    import argon2  # noqa: PLC0415

    return argon2.PasswordHasher(time_cost=_ARGON_PASSES, memory_cost=_ARGON_KIB, parallelism=_ARGON_LANES)


def _believed(proof: Callable[[], Any]) -> Any:
    """Return what a library makes of a browser's answer; whatever it objects to is a refusal of ours."""
    from webauthn.helpers.exceptions import WebAuthnException  # noqa: PLC0415

    try:
        return proof()
    except (WebAuthnException, ValueError, KeyError, TypeError) as error:
        raise ForbiddenError("passkey", f"the passkey was not accepted: {error}") from None


def _hash(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()
