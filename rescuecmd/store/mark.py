"""The high-water mark: where the log ended last, kept outside the log, so that a lost tail is noticed at the start.

A bit flipped in SQLite's write-ahead file makes every later commit vanish without a word. The mark is written after
each commit and not synchronised: it is never ahead of what is durable, and after a power cut it may be behind, which
only makes it blind. Phones and pages are the witnesses further away (`rescuecmd.server.witness`).
"""

import contextlib
import os
from dataclasses import dataclass
from pathlib import Path

FILE = "mark"
_SIZE = 512  # one sector: the disk writes it whole or not at all


@dataclass(frozen=True, slots=True)
class Mark:
    """An event that was durable once: the operation, its place and its link (hex)."""

    operation: str
    seq: int
    link: str


class MarkFile:
    """The mark of one folder. It helps where it can: that it cannot be written never stops an order."""

    def __init__(self, folder: Path) -> None:
        try:
            self._fd = os.open(folder / FILE, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError:
            self._fd = -1

    def read(self) -> Mark | None:
        """Return the mark; None where there is none, or none that can be read."""
        try:
            seq, link, operation = os.pread(self._fd, _SIZE, 0).decode().rstrip().split(" ", 2)
            return Mark(operation, int(seq), link)
        except (OSError, ValueError):
            return None

    def write(self, mark: Mark) -> None:
        """Replace the mark."""
        line = f"{mark.seq} {mark.link} {mark.operation}".encode()
        if len(line) < _SIZE:
            with contextlib.suppress(OSError):
                os.pwrite(self._fd, line.ljust(_SIZE), 0)

    def close(self) -> None:
        """Let go of the file."""
        if self._fd >= 0:
            os.close(self._fd)
