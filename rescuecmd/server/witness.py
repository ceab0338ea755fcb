"""Pages and phones as witnesses of the record: each keeps the newest head it saw and says it when it comes back.

A head is an epoch, a sequence number and the chain's link there, sealed with a key that only this server has: nobody
can claim to have seen what was never sent. A log that is shorter than a witness saw, or another one, has lost or
changed something that people acted upon; that is recorded, raised as an alarm, and every reader starts anew from what
is there (see `Running.hear`).
"""

import hashlib
import hmac
import os
import secrets
from dataclasses import dataclass
from pathlib import Path

from rescuecmd.errors import InputError

FILE = "witness.key"
LINK_CHARS = 32  # of the link's 64: half of a SHA-256 is as good as any here
MAX_TOKEN = 400
_SEAL_CHARS = 32
_KEY_BYTES = 32


@dataclass(frozen=True, slots=True)
class Head:
    """What a witness saw."""

    epoch: str
    seq: int
    link: str


class Sealer:
    """Makes and reads the tokens that carry heads; the key lives in the data folder (mode 0600)."""

    def __init__(self, folder: Path) -> None:
        self._key = _load(folder / FILE)

    def token(self, head: Head) -> str:
        """Return a head as a token for a client, which returns it as it is."""
        text = f"{head.epoch}~{head.seq}~{head.link[:LINK_CHARS]}"
        return f"{text}~{self._seal(text)}"

    def read(self, token: str) -> Head | None:
        """Return the head of a token of this server; None for anything else."""
        text, _, seal = token.rpartition("~")
        if not hmac.compare_digest(self._seal(text).encode(), seal.encode()):
            return None
        epoch, seq, link = text.rsplit("~", 2)
        return Head(epoch, int(seq), link)

    def _seal(self, text: str) -> str:
        return hmac.digest(self._key, text.encode(), hashlib.sha256).hex()[:_SEAL_CHARS]


def _load(path: Path) -> bytes:
    if not path.exists():
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(secrets.token_hex(_KEY_BYTES))
    try:
        key = bytes.fromhex(path.read_text(encoding="ascii"))
    except ValueError:
        key = b""
    if len(key) != _KEY_BYTES:
        raise InputError("keys-file", f"{path}: expected {2 * _KEY_BYTES} hex digits; delete it for a new key")
    return key
