"""Accounts of the command staff. How they sign in is the subject of `passkey` and `password`.

An account is made on the command line (`rescuecmd staff add`), which gives a link for one registration, good once
within an hour.
"""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from rescuecmd.errors import ForbiddenError, InputError, RefusedError, unknown
from rescuecmd.server.auth import Caller
from rescuecmd.server.register import Register
from rescuecmd.server.roles import STAFF_ROLES, RoleName

INVITE_S = 3600.0
_SECRET_BYTES = 16


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


class Staff:
    """The staff of the register."""

    def __init__(self, register: Register) -> None:
        self._register = register

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

    def burn(self, db: Any, secret: str) -> None:
        """Use a registration link up, within the transaction that it is used for.

        Raises
        ------
        ForbiddenError
            Somebody else was faster.
        """
        db.execute("UPDATE staff SET invite = NULL WHERE invite = ?", (_hash(secret),))
        if not db.changes():
            raise ForbiddenError("invite", "this link was used a moment ago")


def _hash(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()
