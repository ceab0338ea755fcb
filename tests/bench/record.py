"""The record: how many events a second become durable, how fast a log is verified, read by a page that was away.

Peers in the same run: Python's own ``sqlite3`` with write-ahead log and full synchronisation, one commit for each
event and then a hundred to a commit, without a chain and without page sums; and ``PRAGMA integrity_check``, which is
what SQLite itself offers for looking over a file. Durable rates are wall time, because a disk is waited for.
"""

import asyncio
import sqlite3
import statistics
import tempfile
import time
from pathlib import Path

from rescuecmd.clock import DrillClock
from rescuecmd.desk import Desk
from rescuecmd.picture.commands import Actor
from rescuecmd.picture.entity import Fix
from rescuecmd.picture.events import Event, PositionsReported
from rescuecmd.store import codec
from rescuecmd.store.folder import FILE
from rescuecmd.store.sqlite import SqliteLog
from rescuecmd.store.verify import verify
from tests.bench.bench import Bench
from tests.store.crash import OPEN, note

ALONE, TOGETHER, SENDERS = 300, 20_000, 100
BEHIND = 20_000


def position(seq: int) -> Event:
    """Return a position report, the event of which there are most."""
    fix = Fix(106.45 + seq * 1e-6, 29.63, float(seq), 5.0, "gps", 181.0, 7.5)
    return Event(seq, f"p{seq}", Actor("terminal/t-police-1"), "", float(seq), float(seq), float(seq),
                 PositionsReported({"police-1": fix}))  # fmt: skip


async def alone(folder: Path) -> list[float]:
    """Append one event after the other, each waited for; return how long each took, s."""
    log = await SqliteLog.open(folder)
    took = []
    for seq in range(1, ALONE + 1):
        begin = time.perf_counter()
        await log.append("a", [position(seq)], seq - 1)
        took.append(time.perf_counter() - begin)
    await log.close()
    return took


async def together(folder: Path) -> tuple[float, float, int]:
    """Let many senders append, each to its own operation and waiting for each; return wall and CPU s, and commits."""
    log = await SqliteLog.open(folder)
    each = TOGETHER // SENDERS

    async def send(operation: str) -> None:
        for seq in range(1, each + 1):
            await log.append(operation, [position(seq)], seq - 1)

    begin, begin_cpu, before = time.perf_counter(), time.process_time(), log.commits
    await asyncio.gather(*(send(f"op{n}") for n in range(SENDERS)))
    took = time.perf_counter() - begin, time.process_time() - begin_cpu, log.commits - before
    await log.close()
    return took


async def through_the_desk(folder: Path) -> float:
    """Let many senders give orders to one desk: decided, folded, chained, durable; return orders a second."""
    log = await SqliteLog.open(folder)
    desk = await Desk.open(log, "op", DrillClock(0.0))
    await desk.handle(OPEN)

    async def send(lane: int) -> None:
        for n in range(20):
            await desk.handle(note(f"{lane}/{n}"))

    begin = time.perf_counter()
    await asyncio.gather(*(send(lane) for lane in range(SENDERS)))
    took = time.perf_counter() - begin
    await desk.close()
    await log.close()
    return SENDERS * 20 / took


def plain(folder: Path, count: int, *, per_commit: int) -> float:
    """Do it as one would without us; return wall seconds."""
    folder.mkdir()
    connection = sqlite3.connect(folder / "plain.sqlite", isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("CREATE TABLE events(seq INTEGER PRIMARY KEY, op_id TEXT NOT NULL UNIQUE, data BLOB NOT NULL)")
    begin = time.perf_counter()
    for first in range(1, count + 1, per_commit):
        connection.execute("BEGIN IMMEDIATE")
        for seq in range(first, first + per_commit):
            event = position(seq)
            connection.execute("INSERT INTO events VALUES(?,?,?)", (seq, event.op_id, codec.encode_event(event)))
        connection.execute("COMMIT")
    took = time.perf_counter() - begin
    connection.close()
    return took


async def resume(folder: Path) -> float:
    """Read what a terminal that was away has missed, as the desk does; return CPU seconds."""
    log = await SqliteLog.open(folder)
    begin = time.process_time()
    after = 0
    while page := await log.read("a", after, limit=5000):
        after = page[-1].seq
    took = time.process_time() - begin
    assert after == BEHIND
    await log.close()
    return took


async def fill(folder: Path) -> None:
    """Write one long operation."""
    log = await SqliteLog.open(folder)
    for first in range(1, BEHIND + 1, 1000):
        await log.append("a", [position(seq) for seq in range(first, first + 1000)], first - 1)
    await log.close()


def looked_over(folder: Path) -> float:
    """Let SQLite look over its file; return CPU seconds."""
    begin = time.process_time()
    connection = sqlite3.connect(folder / "plain.sqlite")
    ((said,),) = connection.execute("PRAGMA integrity_check").fetchall()
    connection.close()
    assert said == "ok"
    return time.process_time() - begin


def main() -> int:
    bench = Bench("record")
    with tempfile.TemporaryDirectory(dir=Path.cwd()) as name:
        folder = Path(name)
        bench.say(f"{ALONE} events, each alone in its commit")
        took = asyncio.run(alone(folder / "alone"))
        peer = plain(folder / "peer", ALONE, per_commit=1)
        bench.figure("alone_per_s", ALONE / sum(took))
        bench.figure("alone_p50_ms", statistics.median(took) * 1e3)
        bench.figure("alone_p99_ms", sorted(took)[int(ALONE * 0.99)] * 1e3)
        peer_per_s = bench.figure("sqlite3_alone_per_s", ALONE / peer)

        bench.say(f"{TOGETHER} events from {SENDERS} senders")
        wall_s, cpu_s, commits = asyncio.run(together(folder / "together"))
        bench.figure("together_per_s", TOGETHER / wall_s)
        bench.figure("together_cpu_us_per_event", cpu_s / TOGETHER * 1e6)
        bench.figure("events_per_commit", TOGETHER / commits)
        hundred = plain(folder / "hundred", TOGETHER, per_commit=100)
        bench.figure("sqlite3_hundred_per_s", TOGETHER / hundred)
        bench.ratio("sqlite3_alone_s_over_together_s", TOGETHER / wall_s / peer_per_s)
        bench.figure("desk_orders_per_s", asyncio.run(through_the_desk(folder / "desk")))

        bench.say(f"a log of {BEHIND} events")
        asyncio.run(fill(folder / "long"))
        size_mb = (folder / "long" / FILE).stat().st_size / 1e6
        bench.figure("bytes_per_event", size_mb * 1e6 / BEHIND)
        begin = time.process_time()
        sound = all(finding.sound for finding in verify(folder / "long"))
        verify_s = time.process_time() - begin
        bench.figure("verify_mb_per_s", size_mb / verify_s)
        bench.figure("verify_events_per_s", BEHIND / verify_s)
        bench.figure("sqlite3_integrity_check_s", looked_over(folder / "hundred"))
        resume_s = bench.figure("resume_20000_s", asyncio.run(resume(folder / "long")))
    bench.at_least("sqlite3_alone_s_over_together_s", 3.0)
    bench.at_least("events_per_commit", 10.0)
    bench.at_most("resume_20000_s", 1.0)
    bench.check("verify_finds_it_sound", sound)
    bench.say(f"read {BEHIND / resume_s:.0f} events a second")
    return bench.finish()


if __name__ == "__main__":
    raise SystemExit(main())
