"""What only the durable log promises."""

import asyncio
import random
import sys
from asyncio.subprocess import PIPE
from pathlib import Path

import apsw
import pytest

from rescuecmd.errors import InputError, RefusedError, RescueError, UnavailableError
from rescuecmd.picture.state import Picture
from rescuecmd.store import codec, writer
from rescuecmd.store.folder import APPLICATION_ID, FILE, FORMAT
from rescuecmd.store.sqlite import SqliteLog
from rescuecmd.store.verify import verify
from tests.store.test_log import events

_HOLDER = """
import asyncio, sys
from pathlib import Path
from rescuecmd.store.sqlite import SqliteLog

async def main():
    log = await SqliteLog.open(Path(sys.argv[1]))
    print("open", flush=True)
    await asyncio.sleep(60)

asyncio.run(main())
"""


async def filled(folder: Path, count: int = 300) -> None:
    log = await SqliteLog.open(folder)
    for seq in range(1, count + 1, 10):
        await log.append("a", events(seq, *(f"o{n}" for n in range(seq, seq + 10))), seq - 1)
    await log.close()


async def test_it_is_there_after_reopening(tmp_path: Path) -> None:
    await filled(tmp_path, 20)
    log = await SqliteLog.open(tmp_path)
    assert len(await log.read("a")) == 20
    with pytest.raises(RefusedError, match="in the log already"):
        await log.append("a", events(21, "o3"), 20)
    await log.append("a", events(21, "fresh"), 20)
    await log.close()
    await log.close()


async def test_the_settings_that_keep_promises_are_set(tmp_path: Path) -> None:
    log = await SqliteLog.open(tmp_path)
    assert log._writer is not None
    connection = log._writer._connection
    assert connection.pragma("synchronous") == 2
    assert connection.pragma("journal_mode") == "wal"
    assert connection.pragma("checksum_verification") == "1"
    assert connection.open_vfs == "cksmvfs"
    await log.close()


async def test_appends_that_wait_share_a_commit(tmp_path: Path) -> None:
    log = await SqliteLog.open(tmp_path)
    await asyncio.gather(*(log.append(f"op{n}", events(1, "x"), 0) for n in range(200)))
    assert log.commits < 100
    assert len(await log.operations()) == 200
    await log.close()


async def test_one_refusal_in_a_shared_commit_leaves_the_others(tmp_path: Path) -> None:
    log = await SqliteLog.open(tmp_path)
    jobs = [log.append("a", events(1, "x"), 0), log.append("a", events(1, "y"), 0), log.append("b", events(1, "z"), 0)]
    results = await asyncio.gather(*jobs, return_exceptions=True)
    assert [isinstance(result, RefusedError) for result in results] == [False, True, False]
    assert len(await log.read("a")) == len(await log.read("b")) == 1
    await log.close()


async def test_a_second_server_is_refused_in_one_process(tmp_path: Path) -> None:
    log = await SqliteLog.open(tmp_path)
    with pytest.raises(RefusedError) as refused:
        await SqliteLog.open(tmp_path)
    assert refused.value.code == "log-in-use"
    await log.close()
    await (await SqliteLog.open(tmp_path)).close()


async def test_a_second_server_is_refused_and_kill_9_frees_the_log(tmp_path: Path) -> None:
    child = await asyncio.create_subprocess_exec(sys.executable, "-c", _HOLDER, str(tmp_path), stdout=PIPE)
    assert child.stdout is not None
    try:
        assert await child.stdout.readline() == b"open\n"
        with pytest.raises(RefusedError, match=f"process {child.pid}"):
            await SqliteLog.open(tmp_path)
    finally:
        child.kill()
        await child.wait()
    await (await SqliteLog.open(tmp_path)).close()


async def test_a_reader_beside_a_server(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no event log"):
        await SqliteLog.view(tmp_path)
    log = await SqliteLog.open(tmp_path)
    view = await SqliteLog.view(tmp_path)
    await log.append("a", events(1, "x"), 0)
    assert len(await view.read("a")) == 1
    with pytest.raises(RefusedError, match="not open for writing"):
        await view.append("a", events(2, "y"), 1)
    assert [finding.events for finding in verify(tmp_path)] == [1]
    await view.close()
    await log.close()
    with pytest.raises(UnavailableError, match="closed"):
        await log.read("a")


async def test_a_flipped_bit_is_found(tmp_path: Path) -> None:
    await filled(tmp_path)
    path = tmp_path / FILE
    good = path.read_bytes()
    choose = random.Random(7)
    for _ in range(40):
        bad = bytearray(good)
        bad[choose.randrange(100, len(bad))] ^= 1 << choose.randrange(8)
        path.write_bytes(bytes(bad))
        with pytest.raises(UnavailableError, match="damaged"):
            await _read_all(tmp_path)
    path.write_bytes(good)
    await _read_all(tmp_path)


async def _read_all(folder: Path) -> None:
    """Open, read and verify, as a server and its operator would; the log is closed again whatever happens."""
    log = await SqliteLog.open(folder)
    try:
        await log.read("a")
        assert all(finding.sound for finding in verify(folder))
    finally:
        await log.close()


@pytest.mark.parametrize("content", [b"", b"not a database at all" * 100, bytes(8192)])
async def test_a_file_that_is_no_log_is_never_opened_as_an_empty_one(tmp_path: Path, content: bytes) -> None:
    await filled(tmp_path, 10)
    (tmp_path / FILE).write_bytes(content)
    with pytest.raises(UnavailableError) as bad:
        await SqliteLog.open(tmp_path)
    assert bad.value.code == "log-damaged"
    assert (tmp_path / FILE).read_bytes() == content


async def test_a_truncated_file_is_found(tmp_path: Path) -> None:
    await filled(tmp_path)
    data = (tmp_path / FILE).read_bytes()
    for part in (0.2, 0.5, 0.9):
        (tmp_path / FILE).write_bytes(data[: int(len(data) * part)])
        with pytest.raises(UnavailableError):
            await _read_all(tmp_path)


async def test_a_log_whose_file_is_gone_is_not_started_anew(tmp_path: Path) -> None:
    await filled(tmp_path, 10)
    (tmp_path / FILE).unlink()
    (tmp_path / f"{FILE}-wal").write_bytes(b"left over")
    with pytest.raises(UnavailableError, match="missing"):
        await SqliteLog.open(tmp_path)


async def test_a_folder_that_cannot_be_used(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(UnavailableError) as bad:
        await SqliteLog.open(tmp_path / "file")
    assert bad.value.code == "log-folder"


async def test_a_log_without_page_sums_is_refused(tmp_path: Path) -> None:
    connection = apsw.Connection(str(tmp_path / FILE), vfs="unix")
    connection.pragma("journal_mode", "wal")
    connection.pragma("application_id", APPLICATION_ID)
    connection.pragma("user_version", FORMAT)
    connection.close()
    with pytest.raises(UnavailableError, match="no checksums"):
        await SqliteLog.open(tmp_path)


async def test_a_newer_format_is_named(tmp_path: Path) -> None:
    await filled(tmp_path, 10)
    connection = apsw.Connection(str(tmp_path / FILE))
    connection.pragma("user_version", 99)
    connection.close()
    with pytest.raises(InputError, match="format 99"):
        await SqliteLog.open(tmp_path)


async def test_verify_finds_an_edit_made_with_sql(tmp_path: Path) -> None:
    await filled(tmp_path, 30)
    assert [finding.sound for finding in verify(tmp_path)] == [True]
    connection = apsw.Connection(str(tmp_path / FILE))
    other = codec.encode_event(events(12, "o12x")[0])
    connection.execute("UPDATE events SET data=? WHERE seq=12", (other,))
    connection.close()
    (finding,) = verify(tmp_path)
    assert (finding.broken_seq, finding.events) == (12, 11)
    assert "not the one that was recorded" in finding.why


async def test_verify_finds_a_missing_event(tmp_path: Path) -> None:
    await filled(tmp_path, 30)
    connection = apsw.Connection(str(tmp_path / FILE))
    connection.execute("DELETE FROM events WHERE seq=7")
    connection.close()
    assert "event 7 is missing" in verify(tmp_path)[0].why


async def test_a_log_cut_behind_its_snapshot_is_found(tmp_path: Path) -> None:
    await filled(tmp_path, 30)
    log = await SqliteLog.open(tmp_path)
    await log.put_snapshot("a", Picture(seq=30))
    await log.close()
    connection = apsw.Connection(str(tmp_path / FILE))
    connection.execute("DELETE FROM events WHERE seq>20")
    connection.close()
    log = await SqliteLog.open(tmp_path)
    with pytest.raises(UnavailableError, match="snapshot was taken at event 30"):
        await log.snapshot("a")
    await log.close()


async def test_a_snapshot_of_another_shape_is_passed_over(tmp_path: Path) -> None:
    await filled(tmp_path, 10)
    log = await SqliteLog.open(tmp_path)
    await log.put_snapshot("a", Picture(seq=10))
    await log.close()
    connection = apsw.Connection(str(tmp_path / FILE))
    connection.execute("UPDATE snapshots SET stamp='older'")
    connection.close()
    log = await SqliteLog.open(tmp_path)
    assert await log.snapshot("a") == Picture()
    await log.close()


async def test_a_full_disk_refuses_and_recovers(tmp_path: Path) -> None:
    log = await SqliteLog.open(tmp_path)
    await log.append("a", events(1, "x"), 0)
    assert log._writer is not None
    connection = log._writer._connection
    pages = connection.pragma("page_count")
    connection.pragma("max_page_count", pages)
    many = events(2, *(f"o{n}" for n in range(500)))
    with pytest.raises(UnavailableError) as full:
        await log.append("a", many, 1)
    assert full.value.code == "log-full"
    assert len(await log.read("a")) == 1
    connection.pragma("max_page_count", 1_000_000)
    await log.append("a", many, 1)
    assert len(await log.read("a")) == 501
    await log.close()


async def test_a_failed_disk_is_not_trusted_again(tmp_path: Path) -> None:
    log = await SqliteLog.open(tmp_path)
    await log.append("a", events(1, "x"), 0)
    assert log._writer is not None
    log._writer._connection.set_authorizer(lambda *_: apsw.SQLITE_DENY)
    with pytest.raises(UnavailableError) as failed:
        await log.append("a", events(2, "y"), 1)
    log._writer._connection.set_authorizer(None)
    assert failed.value.code == "log-failed"
    with pytest.raises(UnavailableError, match="restart the server"):
        await log.append("a", events(2, "z"), 1)
    await log.close()


async def test_many_writers_and_refusals_keep_the_chain_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writer, "MAX_BATCH", 7)
    log = await SqliteLog.open(tmp_path)
    choose = random.Random(3)

    async def write(operation: str) -> None:
        seq = 0
        for turn in range(40):
            wrong = choose.random() < 0.2
            try:
                await log.append(operation, events(seq + 1 + wrong, f"o{turn}"), seq + wrong)
                seq += 1
            except RescueError as error:
                assert error.code == "stale-seq"

    await asyncio.gather(*(write(f"op{n}") for n in range(10)))
    await log.close()
    assert all(finding.sound for finding in verify(tmp_path))
