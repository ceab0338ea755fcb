"""Base64 for addresses (RFC 4648, section 5), without padding: how keys and signatures travel."""

import base64
import binascii

from rescuecmd.errors import InputError


def encode(data: bytes) -> str:
    """Return bytes as base64url."""
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def decode(text: str) -> bytes:
    """Return the bytes of a base64url text.

    Raises
    ------
    InputError
        It is none; stray letters are not overlooked.
    """
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise InputError("bad-base64", "expected base64url text") from None
