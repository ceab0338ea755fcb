"""Passwords with a one-time code: the second way in, where a browser has no passkeys (an address without a name).

A password is kept as argon2id; its code follows RFC 6238 and counts once.
"""

import secrets
from typing import TYPE_CHECKING

from rescuecmd.errors import ForbiddenError, InputError
from rescuecmd.server.register import Register
from rescuecmd.server.staff import Member, Staff

if TYPE_CHECKING:
    import argon2

PASSWORD_LENGTH = 12
_TOTP_STEP_S = 30
# OWASP password storage cheat sheet: argon2id with 19 MiB, two passes, one lane; about 30 ms of one core.
_ARGON_PASSES, _ARGON_KIB, _ARGON_LANES = 2, 19456, 1
_WRONG = "login, password or code are wrong"


class Passwords:
    """The passwords of the staff."""

    def __init__(self, register: Register, staff: Staff) -> None:
        self._register = register
        self._staff = staff

    def keep(self, secret: str, password: str) -> str:
        """Keep a password; return the address (otpauth:) of the code that goes with it. The link is used up.

        Raises
        ------
        InputError
            The password is too short.
        ForbiddenError
            The link is over.
        """
        import pyotp  # noqa: PLC0415

        member = self._staff.invited(secret)
        if len(password) < PASSWORD_LENGTH:
            raise InputError("short-password", f"expected at least {PASSWORD_LENGTH} characters, got {len(password)}")
        kept, totp = _hasher().hash(password), pyotp.random_base32()
        with self._register.change() as db:
            self._staff.burn(db, secret)
            db.execute(
                "UPDATE staff SET password = ?, totp = ?, totp_step = 0 WHERE login = ?", (kept, totp, member.login)
            )
        return str(pyotp.TOTP(totp).provisioning_uri(name=member.login, issuer_name="rescuecmd"))

    def sign_in(self, login: str, password: str, code: str) -> Member:
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
        return self._staff.find(login)


def _hasher() -> "argon2.PasswordHasher":
    import argon2  # noqa: PLC0415

    return argon2.PasswordHasher(time_cost=_ARGON_PASSES, memory_cost=_ARGON_KIB, parallelism=_ARGON_LANES)
