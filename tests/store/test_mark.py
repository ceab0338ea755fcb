"""A lost tail is noticed: after every crash image whose write-ahead file was cut or has a flipped bit."""

import random
import shutil
from pathlib import Path

import pytest

from rescuecmd.clock import DrillClock
from rescuecmd.desk import Desk
from rescuecmd.errors import UnavailableError
from rescuecmd.picture.events import Event
from rescuecmd.store.folder import FILE
from rescuecmd.store.mark import FILE as MARK
from rescuecmd.store.mark import Mark, MarkFile
from rescuecmd.store.salvage import salvage
from rescuecmd.store.sqlite import SqliteLog
from rescuecmd.store.verify import verify
from tests.store.crash import OPEN, note
from tests.store.test_log import events

WAL = f"{FILE}-wal"
WAL_HEAD, WAL_FRAME = 32, 24 + 4096  # https://www.sqlite.org/fileformat2.html, section 4
COUNT = 12


@pytest.fixture
async def image(tmp_path: Path) -> Path:
    """What a kill -9 leaves: the log, its write-ahead file with one commit for each event, the mark."""
    log = await SqliteLog.open(tmp_path / "living")
    for seq in range(1, COUNT + 1):
        await log.append("a", events(seq, f"o{seq}"), seq - 1)
    shutil.copytree(tmp_path / "living", tmp_path / "image", ignore=shutil.ignore_patterns("lock"))
    await log.close()
    return tmp_path / "image"


async def look(folder: Path) -> tuple[int, Mark | None]:
    """Open a log as a server does; return how many events it has, and what it misses."""
    log = await SqliteLog.open(folder)
    try:
        return len(await log.read("a")), log.missing
    finally:
        await log.close()


def spoiled(image: Path, wal: bytes) -> Path:
    """Return a copy of the image with another write-ahead file."""
    copy = image.with_name("copy")
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(image, copy, ignore=shutil.ignore_patterns("*-shm"))
    (copy / WAL).write_bytes(wal)
    return copy


async def test_a_whole_image_misses_nothing(image: Path) -> None:
    assert await look(spoiled(image, (image / WAL).read_bytes())) == (COUNT, None)


async def test_a_write_ahead_file_cut_at_any_frame_is_noticed(image: Path) -> None:
    wal = (image / WAL).read_bytes()
    kept = set()
    for end in range(WAL_HEAD, len(wal), WAL_FRAME):
        count, missing = await look(spoiled(image, wal[:end]))
        assert count < COUNT
        assert missing is not None
        assert (missing.operation, missing.seq) == ("a", COUNT)
        kept.add(count)
    assert kept == set(range(COUNT))  # the cut fell behind each event once


async def test_a_bit_flipped_in_the_write_ahead_file_is_noticed(image: Path) -> None:
    good = (image / WAL).read_bytes()
    choose = random.Random(5)
    for _ in range(40):
        bad = bytearray(good)
        bad[choose.randrange(len(bad))] ^= 1 << choose.randrange(8)
        try:
            count, missing = await look(spoiled(image, bytes(bad)))
        except UnavailableError as error:
            assert error.code == "log-damaged"
        else:
            assert missing is not None
            assert count < COUNT


async def test_the_mark_follows_the_log(tmp_path: Path) -> None:
    log = await SqliteLog.open(tmp_path)
    link = await log.append("a", events(1, "x", "y"), 0)
    await log.append("b", events(1, "x"), 0)
    last = await log.append("a", events(3, "z"), 2)
    await log.close()
    assert (await log_link(tmp_path, 2), await log_link(tmp_path, 3)) == (link, last)
    file = MarkFile(tmp_path)
    assert file.read() == Mark("a", 3, last)
    file.close()


async def log_link(folder: Path, seq: int) -> str:
    log = await SqliteLog.view(folder)
    found = await log.link("a", seq)
    assert await log.link("a", 99) == ""
    await log.close()
    return found


@pytest.mark.parametrize("content", [b"", b"garbage", b"\xff" * 600, b"x y z", b"3 "])
async def test_a_mark_that_cannot_be_read_stops_nothing(tmp_path: Path, content: bytes) -> None:
    log = await SqliteLog.open(tmp_path)
    await log.append("a", events(1, "x"), 0)
    await log.close()
    (tmp_path / MARK).write_bytes(content)
    assert await look(tmp_path) == (1, None)


async def test_what_can_be_read_of_a_damaged_log_is_a_true_beginning(tmp_path: Path) -> None:
    log = await SqliteLog.open(tmp_path)
    whole: list[Event] = []
    for seq in range(1, 400, 10):
        batch = events(seq, *(f"o{n}" for n in range(seq, seq + 10)))
        whole += batch
        await log.append("a", batch, seq - 1)
    await log.append("b", events(1, "x"), 0)
    await log.close()
    good = (tmp_path / FILE).read_bytes()
    lengths = set()
    for page in range(2, len(good) // 4096):
        bad = bytearray(good)
        bad[page * 4096 + 1000] ^= 1
        (tmp_path / FILE).write_bytes(bad)
        found = await salvage(tmp_path)
        read = await found.read("a")
        assert read == tuple(whole[: len(read)])
        lengths.add(len(read))
    assert len(lengths) > 3
    assert len(whole) in lengths  # an index was hit, the events were all there
    with pytest.raises(UnavailableError, match="read-only"):
        await found.append("a", events(1, "y"), 0)


async def test_a_clock_that_is_set_back_changes_no_order(tmp_path: Path) -> None:
    walls = iter([2_000_000_000.0, 0.0, 1_000_000_000.0, 4_000_000_000.0])
    log = await SqliteLog.open(tmp_path)
    desk = await Desk.open(log, "op", DrillClock(1000.0), wall=lambda: next(walls))
    await desk.handle(OPEN)
    for n in range(3):
        await desk.handle(note(f"n{n}"))
    told = await log.read("op")
    await desk.close()
    await log.close()
    assert [event.seq for event in told] == [1, 2, 3, 4]
    assert [event.server_time_s for event in told] == [2e9, 0.0, 1e9, 4e9]
    assert verify(tmp_path)[0].sound
    log = await SqliteLog.open(tmp_path)
    assert set((await Desk.open(log, "op", DrillClock(0.0))).picture.notes) == {"n0", "n1", "n2"}
    await log.close()
