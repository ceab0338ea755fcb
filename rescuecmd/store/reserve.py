"""Room kept on the disk for the hour when there is none: a file that is given up so that orders go on.

A full SQLite file cannot even be tidied: inserts and checkpoints fail alike until space appears. So the log's folder
holds a file of allocated blocks. When the disk is full it is deleted, the next orders have room, and people have time
to free some; then the file is made again.
"""

import os
from pathlib import Path

FILE = "reserve"
SPARE = 2  # times its size must be free before the file is made again, or the disk would be full at once


class Reserve:
    """The reserve of one folder; a size of 0 keeps none."""

    def __init__(self, folder: Path, size_bytes: int) -> None:
        self._path = folder / FILE
        self._size = size_bytes

    @property
    def wanted(self) -> bool:
        """True where a reserve is kept but is not there."""
        return bool(self._size) and not self._path.exists()

    def make(self) -> bool:
        """Allocate the file if there is room for it; return whether nothing is wanting."""
        if not self.wanted:
            return True
        try:
            stat = os.statvfs(self._path.parent)
            if stat.f_bavail * stat.f_frsize < SPARE * self._size:
                return False
            self._allocate()
        except OSError:
            self._path.unlink(missing_ok=True)
            return False
        return True

    def _allocate(self) -> None:
        fd = os.open(self._path, os.O_WRONLY | os.O_CREAT, 0o600)
        try:
            os.posix_fallocate(fd, 0, self._size)
        finally:
            os.close(fd)

    def release(self) -> bool:
        """Give the room up; return whether there was any to give."""
        try:
            self._path.unlink()
        except OSError:
            return False
        return True
