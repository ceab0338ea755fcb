import asyncio
import contextlib
from collections.abc import Sequence
from pathlib import Path

import pytest

from rescuecmd import desk
from rescuecmd.clock import DrillClock
from rescuecmd.desk import Desk
from rescuecmd.errors import InputError, UnavailableError
from rescuecmd.feeds import software
from rescuecmd.feeds.software import Software
from rescuecmd.picture import commands as c
from rescuecmd.picture.events import BODIES
from rescuecmd.picture.order import Alarm
from rescuecmd.reactions import Reactor, reactor
from rescuecmd.reactions.moment import Moment, Wish, orders
from rescuecmd.store.sqlite import SqliteLog
from tests.reactions.stage import START_S, on_rock, situation, stage, text


async def test_reacting_twice_leaves_one_effect() -> None:
    act = await stage()
    await act.give(c.ReportVictim(on_rock()))
    await act.push("reef", ["t-b1"], ["v"])
    await act.answer("t-b1", "declined")
    head = act.desk.seq
    again = Software(act.desk, Reactor(situation()))
    again._cursor = 0  # from the very beginning
    await again.settle(act.now_s)
    assert [offer.id for offer in act.desk.picture.offers.values()] == ["offer/p/t-b1/declined"]
    assert act.desk.picture.tasks["p/t-b1"].state == "declined"
    assert act.desk.seq <= head + 1, "at most the ranking of cards is told anew"


async def test_after_a_crash_between_event_and_reaction_the_reaction_follows(tmp_path: Path) -> None:
    log = await SqliteLog.open(tmp_path)
    act = await stage(log=log)
    await act.give(c.ReportVictim(on_rock()))
    await act.push("reef", ["t-b1"], ["v"])
    decline = c.Order("last words", c.Actor("terminal/t-b1"), c.GiveReceipt("p/t-b1", "declined", "busy"))
    await act.desk.handle(decline)  # and here the server dies
    await log.close()
    log = await SqliteLog.open(tmp_path)
    desk = await Desk.open(log, "op", DrillClock(START_S))
    software = Software(desk, Reactor(situation()))
    await software.settle(START_S)
    assert desk.picture.tasks["p/t-b1"].state == "declined"
    assert [offer.candidate.terminal_id for offer in desk.picture.offers.values()] == ["t-b2"]
    assert software.refused == 0
    await desk.close()
    await log.close()


async def test_every_order_of_a_moment_has_its_own_id(caplog: pytest.LogCaptureFixture) -> None:
    act = await stage()
    moment = Moment(act.reactor.situation, act.desk.picture, (), act.now_s)
    wishes: list[Wish] = [
        ("x", c.ClearAlarm("x")),
        ("x", c.AckAlarm("x")),
        ("y" * 300, c.ClearAlarm("y")),
    ]
    made = list(orders("test", moment, wishes))
    assert len({order.op_id for order in made}) == 3
    assert all(len(order.op_id) <= 200 for order in made)
    assert [order.op_id for order in orders("test", moment, wishes)] == [order.op_id for order in made]


@pytest.mark.parametrize("error", [ZeroDivisionError("oops"), InputError("bad", "bad")])
async def test_a_rule_that_fails_does_not_take_the_others_down(
    error: Exception, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(moment: Moment) -> list[Wish]:
        raise error

    kinds = next(entry.kinds for entry in reactor.ON_EVENT if entry.name == "water")
    monkeypatch.setattr(reactor, "ON_EVENT", (reactor.OnEvent("broken", kinds, broken), *reactor.ON_EVENT))
    act = await stage(175.0)
    assert act.desk.picture.outlooks
    assert act.reactor.faults > 0
    assert "broken" in caplog.text


async def test_orders_without_end_are_stopped(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    act = await stage()

    def restless(moment: Moment) -> list[Wish]:
        name = text(str(moment.seq))
        return [("more", c.RaiseAlarm(Alarm("more", "limit", "caution", name, "", moment.now_s)))]

    everything = tuple(BODIES.values())
    monkeypatch.setattr(reactor, "ON_EVENT", (reactor.OnEvent("restless", everything, restless),))
    monkeypatch.setattr(reactor, "_CONCERNS", frozenset(everything))
    await act.give(c.ReportVictim(on_rock()))
    assert "not come to rest" in caplog.text


async def test_what_could_not_be_recorded_is_ordered_again(monkeypatch: pytest.MonkeyPatch) -> None:
    act = await stage()
    await act.give(c.ReportVictim(on_rock()))
    await act.push("reef", ["t-b1"], ["v"])
    await act.desk.handle(c.Order("no", c.Actor("t"), c.GiveReceipt("p/t-b1", "declined", "busy")))
    full = UnavailableError("log-full", "no space")

    async def refuse(given: Sequence[c.Order]) -> list[UnavailableError]:
        return [full] * len(given)

    with monkeypatch.context() as patched:
        patched.setattr(act.desk, "handle_many", refuse)
        for _ in range(2):
            with pytest.raises(UnavailableError):
                await act.software.settle(act.now_s)
    assert not act.desk.picture.offers
    await act.software.settle(act.now_s)
    assert [offer.candidate.terminal_id for offer in act.desk.picture.offers.values()] == ["t-b2"]


async def test_more_than_the_desk_takes_waiting_is_given_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    act = await stage()
    monkeypatch.setattr(desk, "MAX_WAITING", 3)
    monkeypatch.setattr(software, "_AT_ONCE", 3)
    seen = [c.Order(f"see-{n}", c.Actor("software"), c.SeeTerminal("t-b1", n, 0, 1.0)) for n in range(2, 9)]
    before = act.desk.seq
    await act.software._give(seen)
    assert act.desk.seq == before + 7
    assert act.desk.picture.terminals["t-b1"].people == 8


async def test_running_live_it_reacts_beside_the_event_loop() -> None:
    act = await stage()
    task = asyncio.create_task(act.software.run())
    await act.desk.handle(c.Order("v", c.Actor("drill"), c.ReportVictim(on_rock())))
    order = c.Order("gauge", c.Actor("drill"), c.SeeTerminal("t-b1", 0, 0, 1.0))
    await act.desk.handle(order)
    head = act.desk.seq
    await act.reached(lambda: act.software.cursor >= head)
    act.clock.step(200.0)
    await act.desk.handle(c.Order("see", c.Actor("drill"), c.SeeTerminal("t-b1", 1, 0, 2.0)))
    await act.reached(lambda: act.software._slot == int(act.now_s // 2))
    await act.desk.close()
    await asyncio.wait_for(task, 5)
    assert act.reactor.faults == 0


async def test_a_fault_in_the_loop_is_logged_and_the_loop_goes_on(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    act = await stage()
    real, calls = act.reactor.thoughts, []

    def once(*arguments: object) -> object:
        calls.append(arguments)
        if len(calls) == 1:
            raise ZeroDivisionError
        return real(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(act.reactor, "thoughts", once)
    task = asyncio.create_task(act.software.run())
    for n in range(2):
        await act.desk.handle(c.Order(f"v{n}", c.Actor("drill"), c.ReportVictim(on_rock(victim_id=f"v{n}"))))
        await act.reached(lambda: len(calls) > n)  # noqa: B023 - awaited before n changes
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
    assert "reactions failed" in caplog.text
