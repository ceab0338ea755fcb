"""The chain over an operation's events: what was recorded can be shown to be what is there.

Each event's link is ``SHA-256(link before + digest)``, its digest ``SHA-256(salt + bytes)``; the first link stands on
32 zero bytes. The bytes are the stored ones, never encoded anew, so that they are canonical by construction.

Why the detour over a salted digest: personal data must go one day, the proof must stay. To redact an event its bytes
are replaced and its salt is destroyed, while the digest stays: the chain holds as before, and nobody can find out by
trying names whether a guess gives that digest.
"""

import hashlib
import os

GENESIS = bytes(32)
SALT_BYTES = 16


def make_salt() -> bytes:
    """Return a fresh salt; it is no part of the event, so that the same drill still has the same events."""
    return os.urandom(SALT_BYTES)


def digest_of(salt: bytes, data: bytes) -> bytes:
    """Return what stands for an event's bytes in the chain."""
    return hashlib.sha256(salt + data).digest()


def add_to_seal(seal: "hashlib._Hash", seq: int, data: bytes) -> None:
    """Take one redacted event, as it stands now, into the seal over all redacted ones of an operation."""
    seal.update(seq.to_bytes(8, "big") + hashlib.sha256(data).digest())


def link(before: bytes, digest: bytes) -> bytes:
    """Return the link of an event whose predecessor has the link `before`."""
    return hashlib.sha256(before + digest).digest()
