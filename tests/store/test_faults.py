"""What was acknowledged is there: after kill -9, after a power cut, on a full disk.

``RESCUECMD_KILLS`` and ``RESCUECMD_CUTS`` set how often (a release: 500 and 50).
"""

import asyncio
import contextlib
import os
import random
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from rescuecmd.clock import DrillClock
from rescuecmd.desk import Desk
from rescuecmd.errors import UnavailableError
from rescuecmd.picture.events import NoteAdded
from rescuecmd.store import reserve, writer
from rescuecmd.store.sqlite import SqliteLog
from rescuecmd.store.verify import verify
from rescuecmd.store.writer import Condition
from tests.store.crash import OPEN, note
from tests.store.disks import Disk, need_loop_devices

KILLS = int(os.environ.get("RESCUECMD_KILLS", "50"))
CUTS = int(os.environ.get("RESCUECMD_CUTS", "10"))
MEGABYTE = 1 << 20


class Lives:
    """Servers that live a moment each; see `tests.store.crash`."""

    def __init__(self, process: Process) -> None:
        self._process = process
        self._pid = 0

    async def begin(self, folder: Path, life: int, synchronous: str = "full") -> None:
        """Start the next life and wait until it takes orders."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{folder} {life} {synchronous}\n".encode())
        self._pid = int(await self._line())
        assert await self._line() == "ready"

    async def _line(self) -> str:
        assert self._process.stdout is not None
        return (await self._process.stdout.readline()).decode().strip()

    async def end(self) -> list[str]:
        """Kill it; return what it acknowledged."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(self._pid, signal.SIGKILL)
        said = []
        while (line := await self._line()) != "gone":
            said.append(line)
        return said


@pytest.fixture
async def lives() -> AsyncIterator[Lives]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.store.crash", stdin=PIPE, stdout=PIPE, limit=MEGABYTE
    )
    yield Lives(process)
    assert process.stdin is not None
    process.stdin.close()
    await process.wait()


async def notes_in(folder: Path) -> Counter[str]:
    """Return the notes of the log, after checking that all of it holds."""
    log = await SqliteLog.open(folder)
    found = Counter(event.op_id for event in await log.read("op") if isinstance(event.body, NoteAdded))
    await log.close()
    assert [finding.sound for finding in verify(folder)] == [True]
    return found


@pytest.mark.timeout(600)
async def test_kill_9_at_any_moment_loses_nothing_that_was_acknowledged(tmp_path: Path, lives: Lives) -> None:
    chance = random.Random(20)
    acknowledged: list[str] = []
    for life in range(KILLS):
        await lives.begin(tmp_path, life)
        await asyncio.sleep(chance.uniform(0.0, 0.15))
        acknowledged += await lives.end()
    notes = await notes_in(tmp_path)
    assert len(acknowledged) > 10 * KILLS
    assert not set(acknowledged) - set(notes)
    assert set(notes.values()) == {1}
    log = await SqliteLog.open(tmp_path)
    desk = await Desk.open(log, "op", DrillClock(0.0))
    assert set(desk.picture.notes) == set(notes)
    for op_id in chance.sample(acknowledged, 50):  # a sender who missed the answer asks again
        await desk.handle(note(op_id))
    assert desk.seq == len(notes) + 1
    await desk.close()
    await log.close()


async def cut(disk: Disk, lives: Lives, life: int, synchronous: str, after_s: float) -> set[str]:
    """Cut the power under a living server; return what it had acknowledged."""
    with disk.mounted() as path:
        await lives.begin(path / "data", life, synchronous)
        await asyncio.sleep(after_s)
        disk.cut_power()
        return set(await lives.end())


@pytest.mark.timeout(600)
async def test_a_power_cut_loses_nothing_that_was_acknowledged(tmp_path: Path, lives: Lives) -> None:
    need_loop_devices()
    chance = random.Random(21)
    disk = Disk(tmp_path, 64)
    acknowledged: set[str] = set()
    for life in range(CUTS):
        acknowledged |= await cut(disk, lives, life, "full", chance.uniform(0.1, 0.5))
        with disk.mounted() as path:
            notes = await notes_in(path / "data")
        assert not acknowledged - set(notes), f"lost after cut {life}"
        assert set(notes.values()) <= {1}
    assert len(acknowledged) > 10 * CUTS


@pytest.mark.timeout(300)
async def test_the_power_cut_bites(tmp_path: Path, lives: Lives) -> None:
    """Without synchronisation the same cut must lose what was acknowledged, or the test above proves nothing."""
    need_loop_devices()
    disk = Disk(tmp_path, 64)
    for life in range(5):
        acknowledged = await cut(disk, lives, life, "off", 0.3)
        with disk.mounted() as path:
            try:
                kept = set(await notes_in(path / "data"))
            except (UnavailableError, AssertionError):
                return  # not even a log is left
        if acknowledged - kept:
            return
    pytest.fail("five power cuts without synchronisation lost nothing")


async def test_a_disk_that_fails_is_not_trusted_again_and_reading_goes_on(tmp_path: Path) -> None:
    need_loop_devices()
    disk = Disk(tmp_path, 24)
    with disk.mounted() as path:
        log = await SqliteLog.open(path / "data")
        desk = await Desk.open(log, "op", DrillClock(0.0))
        await desk.handle(OPEN)
        await desk.handle(note("before"))
        disk.cut_power()  # from here on every write gives an error
        for n in range(3):
            with pytest.raises(UnavailableError) as failed:
                await desk.handle(note(f"after-{n}"))
            assert failed.value.code == "log-failed"
        assert of(log) == "failed"
        assert set(desk.picture.notes) == {"before"}  # nobody was shown what is not durable
        await log.close()
    with disk.mounted() as path:
        assert set(await notes_in(path / "data")) == {"before"}


async def test_a_full_disk_takes_orders_from_the_reserve_then_refuses_then_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    need_loop_devices()
    monkeypatch.setattr(writer, "_REFILL_EVERY_S", 0.0)
    disk = Disk(tmp_path, 24)
    with disk.mounted() as path:
        log = await SqliteLog.open(path / "data", reserve_bytes=4 * MEGABYTE)
        assert of(log) == "sound"
        desk = await Desk.open(log, "op", DrillClock(0.0))
        await desk.handle(OPEN)
        filler = disk.fill()
        acknowledged = await _until_refused(desk, log)
        assert len(acknowledged) > 100  # from the reserve
        assert of(log) == "full"
        picture = await log.read("op")  # reading goes on
        assert {event.op_id for event in picture} >= set(acknowledged)
        filler.unlink()
        await desk.handle(note("after", words=10))
        await desk.handle(note("later", words=10))
        assert of(log) == "sound"
        assert (path / "data" / reserve.FILE).stat().st_blocks * 512 >= 4 * MEGABYTE
        await desk.close()
        await log.close()
        notes = await notes_in(path / "data")
        assert {*acknowledged, "after", "later"} <= set(notes)


def of(log: SqliteLog) -> Condition:
    return log.condition


async def _until_refused(desk: Desk, log: SqliteLog) -> list[str]:
    acknowledged: list[str] = []
    while len(acknowledged) < 2000:
        op_id = f"n{len(acknowledged)}"
        try:
            await desk.handle(note(op_id, words=2000))
        except UnavailableError as full:
            assert full.code == "log-full"
            return acknowledged
        acknowledged.append(op_id)
        assert log.condition in {"sound", "low"}
    raise AssertionError("the disk never became full")


async def test_a_reserve_is_made_only_where_there_is_room(tmp_path: Path) -> None:
    log = await SqliteLog.open(tmp_path, reserve_bytes=1 << 60)
    assert log.condition == "low"
    assert not (tmp_path / reserve.FILE).exists()
    await log.close()
    assert reserve.Reserve(tmp_path, 0).make()
    assert not reserve.Reserve(tmp_path, 0).release()
