"""What is done with a log as a whole: taken elsewhere, copied, put back, redacted, upgraded."""

import asyncio
import hashlib
from pathlib import Path
from typing import Any

import apsw
import pytest

from rescuecmd.errors import InputError, NotFoundError, RefusedError, UnavailableError
from rescuecmd.picture import commands as c
from rescuecmd.picture.entity import Victim
from rescuecmd.picture.events import Event, RecordRedacted
from rescuecmd.picture.order import Note
from rescuecmd.picture.redact import COARSE_M, REMOVED
from rescuecmd.picture.state import Picture
from rescuecmd.store import folder as folder_module
from rescuecmd.store.backup import backup, restore
from rescuecmd.store.folder import FILE, log_id, make_draft, open_file
from rescuecmd.store.incident import pack, unpack
from rescuecmd.store.retention import redact_operation
from rescuecmd.store.sqlite import SqliteLog
from rescuecmd.store.upgrade import KEPT, upgrade
from rescuecmd.store.verify import verify, verify_file
from rescuecmd.text import Text
from tests.picture.cases import fix, opening, push, run
from tests.store.test_log import events

NAME = "Zhang Wei of Ciqikou"


def course(*, ended: bool = True) -> list[Event]:
    """Return an operation in which a victim has a name and a note says more."""
    person = Victim("V2", "in_water", Text("张伟", NAME), 1, fix(), 0.0, "caller")
    note = Note("N1", "report", Text("张伟戴助听器", f"{NAME} wears a hearing aid"), (), "phone", "x", 0.0)
    orders = [*opening(), c.ReportVictim(person), push(), c.AddNote(note), c.ReportPositions({"JY-01": fix(9.0)})]
    return run([*orders, c.EndOperation(Text("结束", "over"))] if ended else orders)[1]


async def write(folder: Path, operation: str, made: list[Event], after: int = 0) -> None:
    log = await SqliteLog.open(folder)
    await log.append(operation, made, after)
    await log.close()


@pytest.fixture
async def data(tmp_path: Path) -> Path:
    await write(tmp_path / "data", "flood", course())
    await write(tmp_path / "data", "other", events(1, "x", "y"))
    return tmp_path / "data"


def spoil(file: Path, sql: str, *values: Any) -> None:
    connection = open_file(file, write=True)
    connection.execute(sql, values)
    connection.close()


async def test_an_operation_opens_elsewhere_and_is_the_same_there(data: Path, tmp_path: Path) -> None:
    file = tmp_path / "flood.incident"
    packed = pack(data, "flood", file)
    assert packed == verify(data)[0]
    assert unpack(file, tmp_path / "elsewhere") == packed
    assert verify(tmp_path / "elsewhere") == (packed,)
    here, there = await SqliteLog.view(file), await SqliteLog.view(tmp_path / "elsewhere")
    assert await here.read("flood") == await there.read("flood") == tuple(course())
    await here.close()
    await there.close()


async def test_an_incident_file_is_made_while_the_server_writes(data: Path, tmp_path: Path) -> None:
    log = await SqliteLog.open(data)
    packed = await asyncio.to_thread(pack, data, "other", tmp_path / "a.incident")
    await log.append("other", events(3, "z"), 2)
    await log.close()
    assert packed.events == 2
    unpack(tmp_path / "a.incident", data)  # known already: nothing is added, nothing is lost
    assert verify(data)[1].events == 3


async def test_another_course_of_the_same_operation_is_refused(data: Path, tmp_path: Path) -> None:
    pack(data, "other", tmp_path / "a.incident")
    await write(tmp_path / "elsewhere", "other", events(1, "p"))
    with pytest.raises(RefusedError) as differs:
        unpack(tmp_path / "a.incident", tmp_path / "elsewhere")
    assert differs.value.code == "operation-differs"
    assert verify(tmp_path / "elsewhere")[0].events == 1


def test_a_changed_incident_file_is_not_taken(data: Path, tmp_path: Path) -> None:
    file = tmp_path / "flood.incident"
    pack(data, "flood", file)
    spoil(file, "UPDATE events SET time_s=0, data=(SELECT data FROM events WHERE seq=2) WHERE seq=5")
    with pytest.raises(UnavailableError, match="event 5 is not the one"):
        unpack(file, tmp_path / "elsewhere")
    assert not (tmp_path / "elsewhere" / FILE).exists()
    with pytest.raises(NotFoundError, match="did you mean 'flood'"):
        pack(data, "floods", file)
    with pytest.raises(UnavailableError) as nowhere:
        pack(data, "flood", tmp_path / "no" / "folder.incident")
    assert nowhere.value.code == "cannot-write"


async def test_a_backup_under_load_is_whole_and_comes_back(data: Path, tmp_path: Path) -> None:
    log = await SqliteLog.open(data)
    stop = asyncio.Event()

    async def load() -> int:
        seq = 2
        while not stop.is_set():
            await log.append("other", events(seq + 1, f"o{seq}"), seq)
            seq += 1
        return seq

    writing = asyncio.create_task(load())
    await asyncio.sleep(0.1)
    found = await asyncio.to_thread(backup, data, tmp_path / "copy.sqlite")
    stop.set()
    written = await writing
    await log.close()
    assert 2 < found[1].events <= written
    with pytest.raises(InputError, match="never overwrites"):
        backup(data, tmp_path / "copy.sqlite")
    before = name_of(data / FILE)
    restored, aside = restore(tmp_path / "copy.sqlite", data)
    assert aside is not None
    assert restored == found == verify(data)
    assert verify_file(aside / FILE)[1].events == written
    assert name_of(data / FILE) != before  # pages that knew more must not go on from there
    await write(data, "other", events(found[1].events + 1, "after"), found[1].events)


def name_of(file: Path) -> str:
    connection = open_file(file, write=False)
    name = log_id(connection)
    connection.close()
    return name


async def test_a_running_server_keeps_its_log(data: Path, tmp_path: Path) -> None:
    backup(data, tmp_path / "copy.sqlite")
    log = await SqliteLog.open(data)
    for job in (
        lambda: restore(tmp_path / "copy.sqlite", data),
        lambda: redact_operation(data, "flood", by="x", why="y"),
        lambda: upgrade(data),
    ):
        with pytest.raises(RefusedError) as refused:
            job()
        assert refused.value.code == "log-in-use"
    await log.close()


def test_a_damaged_backup_changes_nothing(data: Path, tmp_path: Path) -> None:
    file = tmp_path / "copy.sqlite"
    backup(data, file)
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 4
    file.write_bytes(content)
    before = (data / FILE).read_bytes()
    with pytest.raises(UnavailableError, match="damaged"):
        restore(file, data)
    assert (data / FILE).read_bytes() == before


def parts(folder: Path) -> list[bytes]:
    return [file.read_bytes() for file in folder.iterdir()]


async def test_what_is_personal_goes_and_the_proof_stays(data: Path, tmp_path: Path) -> None:
    log = await SqliteLog.open(data)
    await log.put_snapshot("flood", Picture(seq=3))
    await log.close()
    before = verify(data)[0]
    assert NAME.encode() in (data / FILE).read_bytes()
    count = redact_operation(data, "flood", by="records office", why="five years")
    finding = verify(data)[0]
    assert (finding.sound, finding.redacted, finding.events) == (True, count, before.events + 1)
    assert not [part for part in parts(data) if NAME.encode() in part or "张伟".encode() in part]
    log = await SqliteLog.open(data)
    assert await log.link("flood", before.events) == before.hash  # every link is the one that witnesses hold
    told = await log.read("flood")
    await log.close()
    victims = {event.body.victim.id: event.body.victim for event in told if hasattr(event.body, "victim")}
    assert victims["V2"].name == REMOVED
    assert (victims["V2"].fix.lon_deg, victims["V2"].fix.accuracy_m, victims["V2"].count) == (106.45, COARSE_M, 1)
    assert isinstance(told[-1].body, RecordRedacted)
    assert (told[-1].actor.id, told[-1].body.count, told[-1].body.why) == ("records office", count, "five years")
    assert redact_operation(data, "flood", by="again", why="again") == 0
    pack(data, "flood", tmp_path / "flood.incident")
    assert unpack(tmp_path / "flood.incident", tmp_path / "elsewhere").redacted == count


def test_what_was_redacted_cannot_be_written_anew(data: Path) -> None:
    redact_operation(data, "flood", by="x", why="y")
    connection = open_file(data / FILE, write=True)
    ((seq, content),) = connection.execute("SELECT seq, data FROM events WHERE digest NOT NULL LIMIT 1")
    forged = content.replace(b"(removed)", b"(coined!)")
    assert forged != content
    connection.execute("UPDATE events SET data=? WHERE operation=1 AND seq=?", (forged, seq))
    connection.close()
    assert verify(data)[0].why == "redacted events are not as they were left"


def test_an_event_cannot_be_passed_off_as_redacted(data: Path) -> None:
    spoil(data / FILE, "UPDATE events SET salt=NULL, digest=x'00' WHERE operation=1 AND seq=4")
    assert "event 4 is not the one" in verify(data)[0].why


async def test_an_open_operation_is_not_redacted(tmp_path: Path) -> None:
    await write(tmp_path, "now", course(ended=False))
    with pytest.raises(RefusedError, match="has not ended"):
        redact_operation(tmp_path, "now", by="x", why="y")
    with pytest.raises(NotFoundError):
        redact_operation(tmp_path, "then", by="x", why="y")


def old_log(folder: Path, operation: str, made: list[Event]) -> None:
    """Write a log as the first release did: each row with the link before it, no salt."""
    from rescuecmd.store import codec

    folder.mkdir()
    draft = make_draft(folder / FILE)
    connection = open_file(draft, write=True)
    connection.execute("""DROP TABLE events; DROP TABLE about; CREATE TABLE events(
        operation INTEGER NOT NULL, seq INTEGER NOT NULL, op_id TEXT NOT NULL, n INTEGER NOT NULL, kind TEXT NOT NULL,
        time_s REAL NOT NULL, data BLOB NOT NULL, prev BLOB NOT NULL, hash BLOB NOT NULL, PRIMARY KEY(operation, seq)
    ) STRICT, WITHOUT ROWID""")
    connection.execute("INSERT INTO operations VALUES(1, ?)", (operation,))
    last = bytes(32)
    for event in made:
        data, prev = codec.encode_event(event), last
        last = hashlib.sha256(prev + data).digest()
        row = (1, event.seq, event.op_id, 0, type(event.body).__name__, event.time_s, data, prev, last)
        connection.execute("INSERT INTO events VALUES(?,?,?,?,?,?,?,?,?)", row)
    connection.pragma("user_version", 1)
    connection.close()
    folder_module.adopt(draft, folder / FILE)


async def test_a_log_of_the_first_release_is_upgraded(tmp_path: Path) -> None:
    old_log(tmp_path / "data", "flood", course())
    with pytest.raises(InputError, match="rescuecmd log upgrade"):
        await SqliteLog.open(tmp_path / "data")
    assert upgrade(tmp_path / "data") == upgrade(tmp_path / "data") == len(course())
    assert (tmp_path / "data" / KEPT).exists()
    assert [(finding.sound, finding.events) for finding in verify(tmp_path / "data")] == [(True, len(course()))]
    log = await SqliteLog.open(tmp_path / "data")
    assert await log.read("flood") == tuple(course())
    await log.close()


def test_an_old_log_that_was_changed_is_not_upgraded(tmp_path: Path) -> None:
    old_log(tmp_path / "data", "flood", course())
    connection = apsw.Connection(str(tmp_path / "data" / FILE))
    connection.execute("UPDATE events SET data=x'00' WHERE seq=6")
    connection.close()
    with pytest.raises(UnavailableError, match="event 6 is not the one"):
        upgrade(tmp_path / "data")
    assert not (tmp_path / "data" / KEPT).exists()
    with pytest.raises(InputError, match="no event log"):
        upgrade(tmp_path / "nowhere")
