import asyncio
import json
import time
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import apsw
import pytest
from typer.testing import CliRunner, Result

from rescuecmd.cli.log import app
from rescuecmd.cli.log_replay import read_moment
from rescuecmd.clock import DrillClock
from rescuecmd.desk import Desk
from rescuecmd.errors import RescueError
from rescuecmd.picture.commands import Actor, EndOperation, EnrolTerminal, NoteKnowledge, Order, ReportHazard
from rescuecmd.picture.entity import Fix, Hazard, Terminal
from rescuecmd.store.folder import FILE
from rescuecmd.store.sqlite import SqliteLog
from tests.store.crash import NAME, OPEN, note


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    async def fill() -> None:
        log = await SqliteLog.open(tmp_path)
        desk = await Desk.open(log, "op", DrillClock(1_790_000_000.0))
        await desk.handle_many([OPEN, *(note(f"n{n}") for n in range(5))])
        await log.close()

    asyncio.run(fill())
    return tmp_path


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments], catch_exceptions=True)


def lines(result: Result) -> list[dict[str, object]]:
    assert result.exit_code == 0, result.output
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_list(folder: Path) -> None:
    (found,) = lines(run("list", "--data", folder, "--json"))
    (operation,) = as_list(found["operations"])
    assert (operation["id"], operation["events"], operation["mode"]) == ("op", 6, "drill")
    assert len(operation["hash"]) == 64
    assert "op  6 events  2026-09-21T" in run("list", "--data", folder).stdout


def as_list(value: object) -> Sequence[dict[str, Any]]:
    assert isinstance(value, list)
    return value


def test_show(folder: Path) -> None:
    shown = lines(run("show", "--data", folder, "--json"))
    assert [line["seq"] for line in shown] == [1, 2, 3, 4, 5, 6]
    assert shown[1]["text"] == {"zh": "名", "en": "name"}
    assert [line["seq"] for line in lines(run("show", "op", "--data", folder, "--after", "4", "--json"))] == [5, 6]
    assert len(lines(run("show", "--data", folder, "--limit", "2", "--json"))) == 2
    assert "名 / name" in run("show", "--data", folder, "--all").stdout


def test_verify(folder: Path) -> None:
    (found,) = lines(run("verify", "--data", folder, "--json"))
    assert found["ok"] is True
    connection = apsw.Connection(str(folder / FILE))
    connection.execute("DELETE FROM events WHERE seq=3")
    connection.close()
    broken = run("verify", "--data", folder)
    assert broken.exit_code == 1
    assert "event 3 is missing" in broken.stdout


def test_export(folder: Path, tmp_path: Path) -> None:
    written = lines(run("export", "--data", folder))
    assert [line["kind"] for line in written] == ["OperationOpened"] + ["NoteAdded"] * 5
    assert written[1]["op_id"] == "n0"
    target = tmp_path / "out.jsonl"
    (said,) = lines(run("export", "op", "--data", folder, "--to", target, "--json"))
    assert said == {"operation": "op", "events": 6, "file": str(target)}
    assert [json.loads(line) for line in target.read_text("utf-8").splitlines()] == written


def test_an_incident_file_is_read_like_a_log(folder: Path, tmp_path: Path) -> None:
    file = tmp_path / "flood.incident"
    (said,) = lines(run("export", "op", "--data", folder, "--to", file, "--json"))
    assert (said["events"], said["file"]) == (6, str(file))
    assert lines(run("show", "--data", file, "--json")) == lines(run("show", "--data", folder, "--json"))
    assert lines(run("verify", "--data", file, "--json")) == lines(run("verify", "--data", folder, "--json"))
    (taken,) = lines(run("import", file, "--data", tmp_path / "elsewhere", "--json"))
    assert taken["hash"] == said["hash"]
    assert "6 events" in run("import", file, "--data", tmp_path / "elsewhere").stdout


def test_backup_and_restore(folder: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy.sqlite"
    (made,) = lines(run("backup", copy, "--data", folder, "--json"))
    assert as_list(made["operations"])[0]["events"] == 6
    assert "1 operations, 6 events" in run("backup", tmp_path / "second.sqlite", "--data", folder).stdout
    (back,) = lines(run("restore", copy, "--data", folder, "--json"))
    assert (Path(str(back["set_aside"])) / FILE).exists()
    assert "restored 1 operations, 6 events" in run("restore", copy, "--data", tmp_path / "bare").stdout


def test_redaction_asks_first(folder: Path) -> None:
    result = run("redact", "op", "--by", "office", "--data", folder)
    assert isinstance(result.exception, RescueError)
    assert result.exception.code == "not-confirmed"
    asyncio.run(end(folder))
    (done,) = lines(run("redact", "op", "--by", "office", "--yes", "--data", folder, "--json"))
    assert done == {"operation": "op", "redacted": 6}  # five notes, and why it ended
    assert "6 redacted" in run("verify", "--data", folder).stdout
    assert "nothing personal" in run("redact", "op", "--by", "office", "--yes", "--data", folder).stdout
    assert "(removed)" in run("show", "--data", folder).stdout


async def end(folder: Path) -> None:
    log = await SqliteLog.open(folder)
    desk = await Desk.open(log, "op", DrillClock(1_790_000_100.0))
    await desk.handle(Order("end", Actor("trainer"), EndOperation(NAME)))
    await log.close()


def test_upgrade_leaves_the_present_format_alone(folder: Path) -> None:
    (said,) = lines(run("upgrade", "--data", folder, "--json"))
    assert said["events"] == 6
    assert "6 events in the present format" in run("upgrade", "--data", folder).stdout


@pytest.mark.parametrize(
    ("arguments", "code"), [(("show", "opp"), "unknown-operation"), (("export", "none"), "unknown-operation")]
)
def test_an_unknown_operation(folder: Path, arguments: tuple[str, str], code: str) -> None:
    result = run(*arguments, "--data", folder)
    assert isinstance(result.exception, RescueError)
    assert result.exception.code == code


@pytest.mark.parametrize("command", ["list", "show", "verify", "export"])
def test_no_log_and_a_damaged_one_are_named(command: str, folder: Path, tmp_path: Path) -> None:
    result = run(command, "--data", tmp_path / "nowhere")
    assert isinstance(result.exception, RescueError)
    assert result.exception.code == "no-log"
    demo = tmp_path / "data" / "demo"
    demo.mkdir(parents=True)
    (demo / FILE).write_bytes((folder / FILE).read_bytes())
    beside = run(command, "--data", demo.parent).exception
    assert isinstance(beside, RescueError)
    assert f"there is one in {demo}: name that folder (--data)" in beside.message
    (folder / FILE).write_bytes(b"garbage" * 1000)
    result = run(command, "--data", folder)
    assert isinstance(result.exception, RescueError)
    assert result.exception.code == "log-damaged"


def test_an_empty_log(tmp_path: Path) -> None:
    async def make() -> None:
        await (await SqliteLog.open(tmp_path)).close()

    asyncio.run(make())
    assert "empty" in run("list", "--data", tmp_path).stdout
    result = run("show", "--data", tmp_path)
    assert isinstance(result.exception, RescueError)
    assert result.exception.code == "no-operation"


def test_replay_shows_a_moment(folder: Path) -> None:
    (past,) = lines(run("replay", "--at", "+0", "--data", folder, "--json"))
    assert (past["seq"], past["centre_seq"], past["differs"]) == (6, 6, {})
    assert set(as_mapping(past["picture"])["notes"]) == {f"n{n}" for n in range(5)}
    assert "as the centre knew it (event 6 of 6)" in run("replay", "op", "--at", "+3600", "--data", folder).stdout


def as_mapping(value: object) -> dict[str, Any]:
    assert isinstance(value, dict)
    return value


def test_replay_shows_what_a_terminal_knew(folder: Path) -> None:
    asyncio.run(go_on(folder))
    (past,) = lines(run("replay", "--at", "+30", "--as", "T1", "--data", folder, "--json"))
    assert (past["seq"], past["centre_seq"], past["proof"]) == (7, 8, "confirmed")
    (past,) = lines(run("replay", "--at", "+200", "--as", "T1", "--data", folder, "--json"))
    assert as_mapping(past["differs"])["hazards"] == {"H": "missing"}
    said = run("replay", "--at", "+200", "--as", "T1", "--data", folder).stdout
    assert "as T1 knew it (event 7 of 9)" in said
    assert "missing  hazard H" in said
    for at, who, code in (("+200", "T2", "unknown-terminal"), ("late", "", "bad-time"), ("25:00", "", "bad-time")):
        result = run("replay", "--at", at, "--as", who, "--data", folder)
        assert isinstance(result.exception, RescueError)
        assert result.exception.code == code


async def go_on(folder: Path) -> None:
    log = await SqliteLog.open(folder)
    clock = DrillClock(1_790_000_010.0)
    desk = await Desk.open(log, "op", clock)
    terminal = Terminal("T1", NAME, "boat", "police")
    await desk.handle(Order("t", Actor("drill"), EnrolTerminal(terminal)))
    await desk.handle(Order("k", Actor("software"), NoteKnowledge({"T1": 7})))
    clock.step(90.0)
    hazard = Hazard("H", "wreck", NAME, Fix(106.5, 29.6, 0.0, 5.0, "gps"), 3.0)
    await desk.handle(Order("h", Actor("commander"), ReportHazard(hazard)))
    await log.close()


@pytest.mark.parametrize(
    ("said", "after_s"),
    [
        ("06:00", 0.999999), ("06:12", 720.999999), ("06:00:30", 30.999999), ("05:59", 86340.999999), ("+1.5", 1.5),
        ("2026-09-21T06:10:00+08:00", 600.0), ("2026-09-21T06:10", 600.0), ("2026-09-20T22:10:00Z", 600.0),
    ],
)  # fmt: skip
def test_moments_as_people_say_them(said: str, after_s: float, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Asia/Shanghai")
    time.tzset()
    try:
        start = datetime.fromisoformat("2026-09-21T06:00:00+08:00").timestamp()
        assert read_moment(said, start) - start == pytest.approx(after_s)
    finally:
        monkeypatch.undo()
        time.tzset()
