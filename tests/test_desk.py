import asyncio
import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rescuecmd import desk as desk_module
from rescuecmd.clock import DrillClock
from rescuecmd.desk import Desk
from rescuecmd.errors import InputError, RefusedError, RescueError, UnavailableError
from rescuecmd.picture.commands import (
    Actor,
    ClearHazard,
    Command,
    EnrolTerminal,
    Order,
    SeeTerminal,
)
from rescuecmd.picture.entity import Fix, Terminal
from rescuecmd.picture.events import Event
from rescuecmd.picture.fold import fold
from rescuecmd.picture.state import Picture
from rescuecmd.store.log import Log
from rescuecmd.store.memory import MemoryLog
from rescuecmd.store.sqlite import SqliteLog
from tests.store.crash import NAME, OPEN, note


def order(op_id: str, command: Command) -> Order:
    return Order(op_id, Actor("drill"), command)


async def opened(log: Log | None = None) -> Desk:
    desk = await Desk.open(log or MemoryLog(), "op", DrillClock(100.0))
    if desk.seq == 0:
        await desk.handle(OPEN)
    return desk


async def test_an_order_becomes_events_and_the_picture() -> None:
    desk = await opened()
    (event,) = await desk.handle(replace(note("a"), cause="seq:1", device_time_s=7.0))
    assert (event.seq, event.op_id, event.cause, event.time_s, event.device_time_s) == (2, "a", "seq:1", 100.0, 7.0)
    assert desk.picture.notes["a"].text == NAME
    assert desk.seq == desk.picture.seq == 2
    assert await desk.since(1) == (event,)


async def test_an_order_sent_again_gets_the_same_answer() -> None:
    desk = await opened()
    first = await desk.handle(note("a"))
    assert await desk.handle(note("a")) == first
    assert await desk.handle_many([note("b"), note("b")]) == [(await desk.since(2))] * 2
    assert desk.seq == 3


async def test_another_sender_may_not_use_an_op_id() -> None:
    desk = await opened()
    await desk.handle(note("a"))
    with pytest.raises(RefusedError) as refused:
        await desk.handle(note("a", actor="commander"))
    assert refused.value.code == "op-id-taken"


@pytest.mark.parametrize("op_id", ["", "x" * 201])
async def test_an_unusable_op_id_is_refused(op_id: str) -> None:
    desk = await opened()
    with pytest.raises(InputError):
        await desk.handle(note(op_id))


async def test_a_refusal_changes_nothing_and_stops_nobody() -> None:
    desk = await opened()
    before = desk.picture
    with pytest.raises(RescueError):
        await desk.handle(order("x", ClearHazard("none")))
    assert desk.picture is before
    answers = await desk.handle_many([note("a"), order("x", ClearHazard("none")), note("b")])
    assert [isinstance(answer, RescueError) for answer in answers] == [False, True, False]
    assert desk.seq == 3


async def test_a_fault_in_a_rule_is_an_answer_too(monkeypatch: pytest.MonkeyPatch) -> None:
    desk = await opened()

    def broken(*_: object) -> tuple[object, ...]:
        raise ZeroDivisionError

    monkeypatch.setattr(desk_module, "decide", broken)
    with pytest.raises(RescueError, match="ZeroDivisionError"):
        await desk.handle(note("a"))
    monkeypatch.undo()
    await desk.handle(note("a"))


async def test_repeats_are_known_after_a_restart(tmp_path: Path) -> None:
    log = await SqliteLog.open(tmp_path)
    desk = await opened(log)
    first = await desk.handle(note("a"))
    seen = await desk.handle(order("t", EnrolTerminal(Terminal("t", NAME, "boat", "fire"))))
    see = order("see", SeeTerminal("t", 1, 0, 5.0))
    await desk.handle(see)
    await desk.handle(order("unsee", SeeTerminal("t", 0, 0, 6.0)))
    await desk.close()
    await log.close()
    log = await SqliteLog.open(tmp_path)
    again = await Desk.open(log, "op", DrillClock(200.0))
    assert not again._orders, "a snapshot was taken, so the orders before it are only in the log"
    assert again.picture == desk.picture
    head = again.seq
    # one that would be refused now, one that would do something else now, one beside a fresh one
    assert await again.handle(order("t", EnrolTerminal(Terminal("t", NAME, "boat", "fire")))) == seen
    assert len(await again.handle(see)) == 1
    assert again.picture.terminals["t"].people == 0
    answers = await again.handle_many([note("fresh"), note("a")])
    assert answers[1] == first
    assert again.seq == head + 1
    await again.close()
    await log.close()


async def test_old_orders_are_looked_up_once_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(desk_module, "RECENT_ORDERS", 5)
    desk = await opened()
    first = await desk.handle(note("a"))
    for n in range(20):
        await desk.handle(note(f"n{n}"))
    assert "a" not in desk._orders
    assert await desk.handle(note("a")) == first


async def test_a_superseded_desk_is_fenced(tmp_path: Path) -> None:
    log = await SqliteLog.open(tmp_path)
    first, second = await opened(log), await opened(log)
    await second.handle(note("a"))
    with pytest.raises(RefusedError) as refused:
        await first.handle(note("b"))
    assert refused.value.code == "stale-seq"
    assert first.seq == 1
    await log.close()


class SlowLog(MemoryLog):
    """Suspends in every append until told."""

    instant = False

    def __init__(self) -> None:
        super().__init__()
        self.gate = asyncio.Event()
        self.gate.set()
        self.appends: list[int] = []
        self.fail: RescueError | None = None

    async def append(self, operation: str, events: Sequence[Event], expected_seq: int) -> str:
        await self.gate.wait()
        if self.fail:
            raise self.fail
        self.appends.append(len(events))
        return await super().append(operation, events, expected_seq)


async def test_nothing_is_seen_before_it_is_durable_and_waiting_orders_share_an_append() -> None:
    log = SlowLog()
    desk = await opened(log)
    log.gate.clear()
    first = asyncio.create_task(desk.handle(note("a")))
    await asyncio.sleep(0.01)
    rest = [asyncio.create_task(desk.handle(note(f"n{n}"))) for n in range(10)]
    await asyncio.sleep(0.01)
    assert desk.seq == 1
    assert not desk.picture.notes
    assert not first.done()
    log.gate.set()
    await asyncio.gather(first, *rest)
    assert log.appends == [1, 1, 10]
    assert desk.seq == 12
    await desk.close()


async def test_a_sender_who_leaves_does_not_stop_the_order() -> None:
    log = SlowLog()
    desk = await opened(log)
    log.gate.clear()
    task = asyncio.create_task(desk.handle(note("a")))
    await asyncio.sleep(0.01)
    task.cancel()
    log.gate.set()
    await asyncio.gather(task, return_exceptions=True)
    await desk.handle(note("b"))
    assert set(desk.picture.notes) == {"a", "b"}
    assert len(await log.read("op")) == 3
    await desk.close()


async def test_what_could_not_be_recorded_did_not_happen() -> None:
    log = SlowLog()
    desk = await opened(log)
    log.fail = UnavailableError("log-full", "no space")
    with pytest.raises(UnavailableError):
        await desk.handle(note("a"))
    assert not desk.picture.notes
    log.fail = None
    await desk.handle(note("a"))
    assert set(desk.picture.notes) == {"a"}
    await desk.close()
    with pytest.raises(UnavailableError, match="closed"):
        await desk.handle(note("b"))


async def test_too_many_waiting_orders_are_sent_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(desk_module, "MAX_WAITING", 3)
    log = SlowLog()
    desk = await opened(log)
    log.gate.clear()
    tasks = [asyncio.create_task(desk.handle(note(f"n{n}"))) for n in range(3)]
    await asyncio.sleep(0.01)
    with pytest.raises(UnavailableError) as overrun:
        await desk.handle(note("late"))
    assert overrun.value.code == "desk-overrun"
    log.gate.set()
    await asyncio.gather(*tasks)
    await desk.handle(note("late"))
    await desk.close()


async def test_followers_of_any_speed_get_everything_in_order(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(desk_module, "RECENT_EVENTS", 16)  # the slow one must go back to the log
    desk = await opened()
    desk._recent = type(desk._recent)(desk._recent, maxlen=16)

    async def follow(pause_s: float) -> list[int]:
        seen: list[int] = []
        async for batch in desk.follow(0):
            seen.extend(event.seq for event in batch)
            if seen[-1] >= 201:
                return seen
            await asyncio.sleep(pause_s)
        return seen

    followers = [asyncio.create_task(follow(pause_s)) for pause_s in (0.0, 0.02)]
    waiting = asyncio.create_task(desk.wait_beyond(100))
    for n in range(200):
        await desk.handle(note(f"n{n}"))
        await asyncio.sleep(0)
    assert await asyncio.gather(*followers) == [list(range(1, 202))] * 2
    assert (await waiting).seq > 100


async def test_since_reads_memory_and_log(monkeypatch: pytest.MonkeyPatch) -> None:
    desk = await opened()
    desk._recent = type(desk._recent)(desk._recent, maxlen=10)
    for n in range(30):
        await desk.handle(note(f"n{n}"))
    for after in range(32):
        assert [event.seq for event in await desk.since(after)] == list(range(after + 1, 32))
        assert [event.seq for event in await desk.since(after, limit=3)] == list(range(after + 1, 32))[:3]
    assert await desk.since(99) == ()


async def test_opening_starts_from_a_snapshot(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(desk_module, "SNAPSHOT_EVERY", 50)
    log = await SqliteLog.open(tmp_path)
    desk = await opened(log)
    await desk.handle_many([note(f"n{n}") for n in range(120)])
    await desk.handle(note("last"))
    assert desk._saving is not None
    await desk._saving
    await desk.handle(note("tail"))
    again = await Desk.open(log, "op", DrillClock(0.0))
    assert (await log.snapshot("op")).seq >= 121
    assert again.picture == desk.picture
    folded = Picture()
    for event in await log.read("op"):
        folded = fold(folded, event)
    assert folded == again.picture
    await log.close()


class Told(MemoryLog):
    """A log whose snapshots fail."""

    async def put_snapshot(self, operation: str, picture: Picture) -> None:
        raise UnavailableError("log-full", "no space")


async def test_a_snapshot_that_fails_is_no_fault_of_the_orders(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(desk_module, "SNAPSHOT_EVERY", 5)
    desk = await opened(Told())
    await desk.handle_many([note(f"n{n}") for n in range(10)])
    await desk.close()
    assert "no snapshot at 11" in caplog.text


@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(st.tuples(st.integers(0, 7), st.booleans()), max_size=30), st.randoms(use_true_random=False))
def test_any_mix_of_repeats_and_batches_gives_one_log(sent: list[tuple[int, bool]], chance: random.Random) -> None:
    """Whatever is repeated, split or bundled, each op_id has its events once and every sender the same answer."""

    async def play() -> None:
        log = MemoryLog()
        desk = await opened(log)
        answers: dict[str, list[object]] = {}
        position = 0
        while position < len(sent):
            size = chance.randint(1, 5)
            orders = [_order(*item) for item in sent[position : position + size]]
            position += size
            for one, answer in zip(orders, await desk.handle_many(orders), strict=True):
                answers.setdefault(one.op_id, []).append(answer)
        events = await log.read("op")
        assert [event.seq for event in events] == list(range(1, len(events) + 1))
        assert max(Counter(event.op_id for event in events).values()) == 1
        for given_answers in answers.values():
            assert all(answer == given_answers[0] for answer in given_answers)
        folded = Picture()
        for event in events:
            folded = fold(folded, event)
        assert folded == desk.picture

    asyncio.run(play())


def _order(n: int, position: bool) -> Order:
    if not position:
        return note(f"n{n}")
    terminal = Terminal(f"t{n}", NAME, "boat", "fire", fix=Fix(1.0, 2.0, 3.0, 4.0, "gps"))
    return order(f"t{n}", EnrolTerminal(terminal))
