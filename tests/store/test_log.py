"""What every log promises, asked of both."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from rescuecmd.errors import InputError, RefusedError
from rescuecmd.picture.commands import Actor
from rescuecmd.picture.events import Event, VictimsCleared
from rescuecmd.picture.state import Picture
from rescuecmd.store.log import Log
from rescuecmd.store.memory import MemoryLog
from rescuecmd.store.sqlite import SqliteLog


@pytest.fixture(params=["memory", "sqlite"])
async def log(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Log]:
    made: Log = MemoryLog() if request.param == "memory" else await SqliteLog.open(tmp_path)
    yield made
    await made.close()


def events(first: int, *op_ids: str) -> list[Event]:
    return [
        Event(seq, op_id, Actor("drill"), "", float(seq), 0.0, None, VictimsCleared(op_id, seq))
        for seq, op_id in enumerate(op_ids, first)
    ]


async def test_what_was_appended_is_read_in_order(log: Log) -> None:
    await log.append("a", events(1, "x", "x", "y"), 0)
    await log.append("b", events(1, "x"), 0)
    await log.append("a", events(4, "z"), 3)
    assert [event.seq for event in await log.read("a")] == [1, 2, 3, 4]
    assert [event.op_id for event in await log.read("a", 1, 3)] == ["x", "y"]
    assert [event.seq for event in await log.read("a", 1, limit=2)] == [2, 3]
    assert await log.read("nothing") == ()
    assert await log.operations() == ("a", "b")
    assert (await log.head("a")).seq == 4
    assert (await log.head("a")).time_s == 4.0
    assert (await log.head("nothing")).seq == 0


async def test_a_second_writer_is_fenced(log: Log) -> None:
    await log.append("a", events(1, "x"), 0)
    with pytest.raises(RefusedError) as refused:
        await log.append("a", events(1, "y"), 0)
    assert refused.value.code == "stale-seq"
    with pytest.raises(RefusedError) as refused:
        await log.append("a", events(4, "y"), 3)
    assert refused.value.code == "stale-seq"
    assert len(await log.read("a")) == 1


async def test_an_order_leaves_its_events_once(log: Log) -> None:
    await log.append("a", events(1, "x", "x"), 0)
    with pytest.raises(RefusedError) as refused:
        await log.append("a", events(3, "new", "x"), 2)
    assert refused.value.code == "duplicate-op"
    assert refused.value.facts["op_id"] == "x"
    assert len(await log.read("a")) == 2
    assert [event.seq for event in await log.find_op("a", "x")] == [1, 2]
    assert await log.find_op("a", "new") == ()
    await log.append("a", events(3, "new"), 2)
    assert [event.seq for event in await log.find_op("a", "new")] == [3]


async def test_gaps_and_unusable_order_ids_are_refused(log: Log) -> None:
    with pytest.raises(InputError):
        await log.append("a", events(2, "x"), 0)
    with pytest.raises(InputError):
        await log.append("a", events(1, ""), 0)
    with pytest.raises(InputError):
        await log.append("a", events(1, "x" * 201), 0)


async def test_a_follower_gets_everything_in_order(log: Log) -> None:
    await log.append("a", events(1, "o1"), 0)
    seen: list[int] = []

    async def follow() -> None:
        async for batch in log.follow("a"):
            seen.extend(event.seq for event in batch)
            await asyncio.sleep(0.001)  # slower than the writer
            if seen[-1] == 60:
                return

    follower = asyncio.create_task(follow())
    for seq in range(2, 61):
        await log.append("a", events(seq, f"o{seq}"), seq - 1)
    await asyncio.wait_for(follower, 10)
    assert seen == list(range(1, 61))


async def test_a_cancelled_follower_disturbs_nobody(log: Log) -> None:
    async def first_batch() -> list[int]:
        async for batch in log.follow("a"):
            return [event.seq for event in batch]
        return []

    left, stays = asyncio.create_task(first_batch()), asyncio.create_task(first_batch())
    await asyncio.sleep(0.05)
    left.cancel()
    await log.append("a", events(1, "x"), 0)
    assert await asyncio.wait_for(stays, 5) == [1]
    assert left.cancelled()


async def test_a_snapshot_is_kept(log: Log) -> None:
    assert await log.snapshot("a") == Picture()
    await log.append("a", events(1, "x", "y"), 0)
    await log.put_snapshot("a", Picture(seq=2, time_s=5.0))
    assert await log.snapshot("a") == Picture(seq=2, time_s=5.0)
