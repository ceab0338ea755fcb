"""Passkeys (W3C Web Authentication): the first way in for command staff.

The browser binds a passkey to a host name, so that no other site can ask for it, and has its holder unlock it (PIN,
finger, face) each time.
"""

import secrets
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from rescuecmd.errors import ForbiddenError
from rescuecmd.server.register import Register
from rescuecmd.server.staff import Member, Staff

_TICKET_BYTES = 16
_TICKET_S = 300.0
_TICKETS_KEPT = 4096


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
        ticket, challenge = secrets.token_urlsafe(_TICKET_BYTES), secrets.token_bytes(32)
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


class Passkeys:
    """The passkeys of the staff."""

    def __init__(self, register: Register, staff: Staff) -> None:
        self._register = register
        self._staff = staff
        self._tickets = Tickets()

    def options(self, secret: str, site: Site) -> tuple[str, Mapping[str, Any]]:
        """Return a ticket, and what a browser needs to make a passkey."""
        from webauthn import generate_registration_options  # noqa: PLC0415  (heavy, and rare)
        from webauthn.helpers import options_to_json_dict, structs  # noqa: PLC0415

        member = self._staff.invited(secret)
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

        member, challenge = self._staff.invited(secret), self._tickets.take(ticket)
        made = _believed(
            lambda: verify_registration_response(
                credential=dict(credential), expected_challenge=challenge, expected_rp_id=site.name,
                expected_origin=site.origin, require_user_verification=True,
            )
        )  # fmt: skip
        with self._register.change() as db:
            self._staff.burn(db, secret)
            db.execute(
                "INSERT INTO passkey VALUES (?,?,?,?,?)",
                (made.credential_id, member.login, made.credential_public_key, made.sign_count, self._register.now()),
            )
        return self._staff.find(member.login)

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
        return self._staff.find(login)


def _believed(proof: Callable[[], Any]) -> Any:
    """Return what a library makes of a browser's answer; whatever it objects to is a refusal of ours."""
    from webauthn.helpers.exceptions import WebAuthnException  # noqa: PLC0415

    try:
        return proof()
    except (WebAuthnException, ValueError, KeyError, TypeError) as error:
        raise ForbiddenError("passkey", f"the passkey was not accepted: {error}") from None
