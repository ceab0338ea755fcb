"""The record as the server shows it: heads that witnesses keep, a lost tail, damage, a full disk."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import apsw
import pytest

from rescuecmd.server.run import Serving, serving
from rescuecmd.server.witness import Head, Sealer
from rescuecmd.settings import Settings
from rescuecmd.store import mark
from rescuecmd.store.backup import backup, restore
from rescuecmd.store.folder import FILE
from tests.server.door import Door, Page, note


@asynccontextmanager
async def serve(data: Path, drill: str = "") -> AsyncIterator[tuple[Serving, Door]]:
    settings = Settings(data=data, drill=drill, port=0, camera="off", video=False, robots=False)
    async with serving(settings) as server:
        await server.host.opened()
        yield server, Door.of(server)


async def opened(page: Page) -> dict[str, Any]:
    """Return the first picture of an operation; a page that comes early sees one without."""
    return await page.frame("snapshot", where=lambda frame: bool(frame["epoch"]))


async def alarmed(page: Page) -> dict[str, Any]:
    return await page.frame("snapshot", where=lambda frame: bool(frame["picture"]["alarms"]))


@pytest.fixture
async def seen(tmp_path: Path) -> tuple[str, int]:
    """A server that ran, and the head that a page of it kept, with its sequence number."""
    async with serve(tmp_path, "dazhulin") as (_, door), door.live() as page:
        for n in range(20):
            assert (await page.command("AddNote", note(f"n{n}"), f"n{n}"))["type"] == "done"
        last = await page.frame("delta", where=lambda frame: "n19" in frame["put"].get("notes", {}))
        return str(last["witness"]), int(last["seq"])


def cut(folder: Path, above: int, *, blind: bool) -> None:
    """Make the log end at an event, as a lost write-ahead file would; `blind`: the server's own mark goes too."""
    connection = apsw.Connection(str(folder / FILE))
    connection.execute("DELETE FROM events WHERE seq > ?; DELETE FROM snapshots WHERE seq > ?", (above, above))
    connection.close()
    if blind:
        (folder / mark.FILE).unlink()


async def test_a_page_that_saw_no_more_than_the_log_changes_nothing(tmp_path: Path, seen: tuple[str, int]) -> None:
    token, seq = seen
    async with serve(tmp_path) as (server, door), door.live(witness=token) as page:
        snapshot = await opened(page)
        assert (snapshot["record"], snapshot["picture"]["alarms"]) == ("sound", {})
        assert snapshot["witness"].startswith(f"{snapshot['epoch']}~")
        assert server.host.running is not None
        assert server.host.running.desk.seq >= seq


async def test_a_lost_tail_is_noticed_through_a_page_and_everybody_starts_anew(
    tmp_path: Path, seen: tuple[str, int]
) -> None:
    token, seq = seen
    cut(tmp_path, seq - 5, blind=True)
    async with serve(tmp_path) as (server, door), door.live() as other:
        before = (await opened(other))["epoch"]
        forged = token.replace(f"~{seq}~", f"~{seq + 100}~")
        for said in ("", "garbage", "a~b~c~d", forged, "~" * 300):
            async with door.live(witness=said) as page:
                assert (await opened(page))["epoch"] == before
        async with door.live(witness=token):
            fresh = await other.frame("snapshot")
        assert fresh["epoch"] != before
        (alarm,) = [item for item in fresh["picture"]["alarms"].values() if item["kind"] == "record"]
        assert alarm["priority"] == "emergency"
        assert f"entry {seq} was seen" in alarm["text"]["en"]
        async with door.live(witness=token):  # it says so again, and it is the same loss
            await other.frame("delta")
        assert server.host.running is not None
        assert server.host.running.epoch == fresh["epoch"]
    async with serve(tmp_path) as (_, door), door.live() as page:
        again = await opened(page)
        assert again["epoch"] == fresh["epoch"]  # and it stays the same loss after a restart
        assert alarm["id"] in again["picture"]["alarms"]


async def test_a_lost_tail_is_noticed_by_the_server_itself(tmp_path: Path, seen: tuple[str, int]) -> None:
    cut(tmp_path, seen[1] - 5, blind=False)
    async with serve(tmp_path) as (_, door), door.live() as page:
        alarms = (await alarmed(page))["picture"]["alarms"]
        assert [item["kind"] for item in alarms.values()] == ["record"]


async def test_a_changed_entry_is_noticed_through_a_page(tmp_path: Path, seen: tuple[str, int]) -> None:
    token, seq = seen
    (tmp_path / mark.FILE).unlink()
    connection = apsw.Connection(str(tmp_path / FILE))
    connection.execute("UPDATE events SET hash=zeroblob(32) WHERE seq=?", (seq,))
    connection.execute("DELETE FROM snapshots")
    connection.close()
    async with serve(tmp_path) as (_, door), door.live(witness=token) as page:
        alarms = (await alarmed(page))["picture"]["alarms"]
        assert "not the one that was seen" in next(iter(alarms.values()))["text"]["en"]


async def test_an_older_backup_is_noticed_by_who_saw_more(tmp_path: Path) -> None:
    data = tmp_path / "data"
    async with serve(data, "dazhulin") as (_, door), door.live() as page:
        await page.command("AddNote", note("early"), "early")
        await asyncio.to_thread(backup, data, tmp_path / "copy.sqlite")
        await page.command("AddNote", note("late"), "late")
        last = await page.frame("delta", where=lambda frame: "late" in frame["put"].get("notes", {}))
    restore(tmp_path / "copy.sqlite", data)
    async with serve(data) as (_, door), door.live(witness=last["witness"]) as page:
        found = await alarmed(page)
        assert found["epoch"] != last["epoch"]
        assert "early" in found["picture"]["notes"]


async def test_a_log_without_an_operation_that_was_seen_says_so(tmp_path: Path) -> None:
    token = Sealer(tmp_path).token(Head("flood-1.0.000.abc.0", 7, "0" * 64))
    async with serve(tmp_path, "dazhulin") as (_, door), door.live(witness=token) as page:
        await page.frame("delta", "snapshot", where=lambda frame: frame["record"] == "unknown")


async def test_a_damaged_log_is_shown_read_only_and_a_new_one_begins_beside_it(
    tmp_path: Path, seen: tuple[str, int]
) -> None:
    spoil_end(tmp_path / FILE)
    async with serve(tmp_path) as (server, door), door.live() as page, door.http("trainer") as trainer:
        shown = await opened(page)
        assert shown["record"] == "damaged"
        assert shown["picture"]["vessels"]
        assert server.host.problems
        answer = await page.command("AddNote", note("x"), "x")
        assert (answer["type"], answer["error"]["code"]) == ("later", "log-read-only")
        assert (await trainer.post("/api/drill/load", json={"drill_id": "dazulin"})).status_code == 404
        assert (tmp_path / FILE).exists()
        assert (await trainer.post("/api/drill/load", json={"drill_id": "dazhulin"})).status_code == 200
        await page.frame("snapshot", where=lambda frame: frame["record"] == "sound" and frame["operation"])
        assert (await page.command("AddNote", note("y"), "y"))["type"] == "done"
    assert [path / FILE for path in tmp_path.glob("set-aside-*") if (path / FILE).exists()]  # noqa: ASYNC240
    async with serve(tmp_path) as (_, door), door.live() as page:
        assert (await opened(page))["record"] == "sound"


def spoil_end(file: Path) -> None:
    """Flip a bit in every page of the second half of a log."""
    content = bytearray(file.read_bytes())
    for at in range(len(content) // 2 // 4096 * 4096 + 2000, len(content), 4096):
        content[at] ^= 1
    file.write_bytes(content)


async def test_a_log_of_which_nothing_can_be_read_is_not_an_empty_day(tmp_path: Path, seen: tuple[str, int]) -> None:
    (tmp_path / FILE).write_bytes(b"gone" * 5000)
    async with serve(tmp_path) as (server, door), door.live() as page:
        assert (await page.frame("snapshot"))["record"] == "damaged"
        assert server.host.running is None
        assert "damaged" in server.host.problems[0]
