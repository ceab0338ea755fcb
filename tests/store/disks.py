"""Disks to be filled and to lose their power: ext4 in a file, mounted through a loop device. Needs root."""

import contextlib
import fcntl
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

# linux/fs/ext4/ext4.h: _IOR('X', 125, __u32); the flag drops the journal's unwritten part, as a power cut would
_SHUTDOWN = 0x8004_587D
_NO_LOG_FLUSH = 2


def need_loop_devices() -> None:
    """Skip the test, with the reason, where disks cannot be made."""
    if os.geteuid() != 0:
        pytest.skip("mounting a disk needs root")
    if not Path("/dev/loop-control").exists():
        pytest.skip("there are no loop devices here")
    for tool in ("mkfs.ext4", "mount", "umount"):
        if shutil.which(tool) is None:
            pytest.skip(f"{tool} is not installed")


class Disk:
    """An ext4 disk in a file."""

    def __init__(self, folder: Path, size_mb: int) -> None:
        self.image = folder / "disk.img"
        self.path = folder / "disk"
        self.path.mkdir()
        with self.image.open("wb") as file:
            file.truncate(size_mb << 20)
        _run("mkfs.ext4", "-q", "-F", "-m", "0", str(self.image))

    @contextlib.contextmanager
    def mounted(self) -> Iterator[Path]:
        """Mount the disk while the context lasts; after a power cut the file system replays its journal here."""
        try:
            _run("mount", "-o", "loop,noatime", str(self.image), str(self.path))
        except subprocess.CalledProcessError as error:
            pytest.skip(f"mount is not allowed here: {error.stderr.decode().strip()}")
        try:
            yield self.path
        finally:
            _run("umount", str(self.path))

    def cut_power(self) -> None:
        """Lose everything that has not been flushed to the disk; from now on it only gives errors."""
        fd = os.open(self.path, os.O_RDONLY)
        try:
            fcntl.ioctl(fd, _SHUTDOWN, _NO_LOG_FLUSH.to_bytes(4, "little"))
        finally:
            os.close(fd)

    def fill(self) -> Path:
        """Take all the space that is left and return the file that holds it."""
        filler = self.path / "filler"
        with filler.open("wb") as file:
            for step in (1 << 20, 1 << 12):
                with contextlib.suppress(OSError):
                    while True:
                        file.write(b"x" * step)
                        file.flush()
        return filler


def _run(*command: str) -> None:
    subprocess.run(command, check=True, capture_output=True, timeout=60)
