"""The life of an order: every step marked, none taken back, none twice."""

from dataclasses import replace
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rescuecmd.errors import RefusedError, RescueError
from rescuecmd.picture import commands as c
from rescuecmd.picture.alarm import alarm_state
from rescuecmd.picture.decide import decide
from rescuecmd.picture.entity import MOST_NO_GO, Zone
from rescuecmd.picture.events import Event
from rescuecmd.picture.fold import fold
from rescuecmd.picture.lifecycle import ANSWERED, CARD_RANK, NEXT_TASK
from rescuecmd.picture.order import Alarm, Note, TaskState
from rescuecmd.picture.state import Picture
from tests.picture.cases import COMMANDER, opening, push, run, terminal, text

CREW = c.Actor("terminal/JY-01")
SOFTWARE = c.Actor("software")


def act(
    picture: Picture, command: c.Command, actor: c.Actor = CREW, now_s: float = 20.0, device_time_s: float | None = None
) -> Picture:
    for body in decide(picture, command, actor, now_s):
        seq = picture.seq + 1
        picture = fold(picture, Event(seq, f"o{seq}", actor, "", now_s, 1000.0 + now_s, device_time_s, body))
    return picture


def pushed(*terminal_ids: str) -> Picture:
    return run([*opening(), push("P1", terminal_ids or ("JY-01",))])[0]


def test_every_step_carries_three_times_and_its_author() -> None:
    picture = pushed()
    commands: list[c.Command] = [
        c.GiveReceipt("P1/JY-01", "delivered"),
        c.GiveReceipt("P1/JY-01", "displayed"),
        c.GiveReceipt("P1/JY-01", "accepted"),
        c.MoveTask("T-JY-01", "accepted"),
        c.MoveTask("T-JY-01", "under_way"),
        c.MoveTask("T-JY-01", "on_scene"),
        c.MoveTask("T-JY-01", "done"),
    ]
    for at_s, command in enumerate(commands):
        picture = act(picture, command, now_s=20.0 + at_s, device_time_s=500.0 + at_s)
    trail = picture.cards["P1/JY-01"].trail
    assert [mark.step for mark in trail] == [
        "offered", "stored", "delivered", "displayed", "accepted", "under_way", "on_scene", "done",
    ]  # fmt: skip
    assert (trail[0].by, trail[1].by, trail[2].by) == ("commander", "server", "terminal/JY-01")
    assert (trail[2].time_s, trail[2].server_time_s, trail[2].device_time_s) == (20.0, 1020.0, 500.0)
    taken = picture.tasks["T-JY-01"]
    assert (taken.taken_s, taken.taken_fix) == (23.0, picture.vessels["JY-01"].fix)


_receipts = st.sampled_from([c.GiveReceipt("P1/JY-01", step) for step in ("delivered", "displayed", "accepted")])
_steps = st.one_of(
    _receipts,
    st.just(c.GiveReceipt("P1/JY-01", "declined", "busy")),
    st.just(c.WithdrawCard("P1/JY-01")),
    st.sampled_from([c.MoveTask("T-JY-01", state) for state in get_args(TaskState)]),
)


@settings(max_examples=80, deadline=None)
@given(st.lists(_steps, max_size=12))
def test_an_order_only_ever_moves_forward(steps: list[c.Command]) -> None:
    """Property: ranks never sink, a trail only grows, a repeated command changes nothing, what ended stays ended."""
    picture = pushed()
    for command in steps:
        before, card, task = picture, picture.cards["P1/JY-01"], picture.tasks["T-JY-01"]
        try:
            picture = act(picture, command)
        except RescueError:
            assert picture == before
            continue
        assert act(picture, command) == picture
        after, moved = picture.cards["P1/JY-01"], picture.tasks["T-JY-01"]
        assert CARD_RANK[after.state] >= CARD_RANK[card.state]
        assert after.trail[: len(card.trail)] == card.trail
        assert moved.state == task.state or moved.state in NEXT_TASK[task.state]
        if card.state == "declined":
            assert after.state == "declined"
    steps_taken = [mark.step for mark in picture.cards["P1/JY-01"].trail]
    assert len(steps_taken) == len(set(steps_taken))


def test_a_task_does_not_go_back() -> None:
    picture = pushed()
    for state in ("accepted", "under_way", "on_scene"):
        picture = act(picture, c.MoveTask("T-JY-01", state))
    with pytest.raises(RefusedError, match="cannot become under_way"):
        act(picture, c.MoveTask("T-JY-01", "under_way"))


def test_one_taker_has_it_and_nobody_else() -> None:
    asked = push("P1", ("JY-01", "XF-02"))
    picture, _ = run([*opening(), replace(asked, push=replace(asked.push, takers="one"))])
    picture = act(picture, c.GiveReceipt("P1/JY-01", "accepted"))
    other = c.Actor("terminal/XF-02")
    with pytest.raises(RefusedError) as caught:
        act(picture, c.GiveReceipt("P1/XF-02", "accepted"), other)
    assert caught.value.code == "taken"
    freed = act(act(picture, c.MoveTask("T-JY-01", "accepted")), c.MoveTask("T-JY-01", "aborted"))
    assert act(freed, c.GiveReceipt("P1/XF-02", "accepted"), other).cards["P1/XF-02"].state == "accepted"


def note(to: tuple[str, ...]) -> c.AddNote:
    return c.AddNote(Note("N1", "message", text("come in"), to, "chat", "commander", 20.0))


def test_messages_zones_and_sos_have_a_copy_for_each_terminal() -> None:
    ring = ((106.4, 29.6), (106.5, 29.6), (106.5, 29.7), (106.4, 29.6))
    picture, _ = run([*opening(), note(("JY-01",)), c.DrawZone(Zone("Z1", "no_go", text("weir"), ring, 0.0))])
    assert set(picture.copies) == {"note/N1/JY-01", "zone/Z1/JY-01", "zone/Z1/XF-02"}
    picture = act(picture, c.ConfirmCopy("note/N1/JY-01", "displayed"))
    assert act(picture, c.ConfirmCopy("note/N1/JY-01", "delivered")) == picture
    assert [mark.step for mark in picture.copies["note/N1/JY-01"].trail] == ["offered", "stored", "displayed"]
    picture = act(picture, c.LiftZone("Z1"), COMMANDER)
    assert picture.copies["zone/Z1/XF-02"].state == "withdrawn"


def test_a_late_joiner_gets_the_sos_that_stands() -> None:
    picture = act(run(opening())[0], c.RaiseSos("S1", "JY-01"))
    assert set(picture.copies) == {"sos/S1/XF-02"}
    picture = act(picture, c.EnrolTerminal(terminal("LATE")), COMMANDER)
    assert picture.copies["sos/S1/LATE"].state == "queued"
    picture = act(act(picture, c.AckSos("S1"), COMMANDER), c.CancelSos("S1"))
    assert {copy.state for copy in picture.copies.values()} == {"withdrawn"}
    assert [mark.step for mark in picture.soses["S1"].trail] == ["offered", "stored", "accepted", "done"]
    assert act(picture, c.EnrolTerminal(terminal("LATER")), COMMANDER).copies.keys() == picture.copies.keys()


def alarmed(priority: str = "alarm") -> Picture:
    alarm = Alarm("A1", "no_route", priority, text("no way"), "JY-01", 20.0)  # type: ignore[arg-type]
    return act(run(opening())[0], c.RaiseAlarm(alarm), SOFTWARE)


def test_an_alarm_goes_through_the_states_of_a_ships_bridge() -> None:
    picture = alarmed()
    assert alarm_state(picture.alarms["A1"], 20.0) == "unacknowledged"
    picture = act(picture, c.SilenceAlarm("A1"), COMMANDER)
    assert [alarm_state(picture.alarms["A1"], at_s) for at_s in (49.9, 50.0)] == ["silenced", "unacknowledged"]
    moved = act(picture, c.TransferAlarm("A1", "deputy"), COMMANDER)
    assert alarm_state(moved.alarms["A1"], 60.0) == "transferred"
    acked = act(picture, c.AckAlarm("A1"), COMMANDER)
    assert alarm_state(acked.alarms["A1"], 60.0) == "acknowledged"
    assert not act(acked, c.ClearAlarm("A1"), SOFTWARE).alarms


def test_what_went_away_unseen_stays_until_somebody_has_seen_it() -> None:
    picture = act(alarmed(), c.ClearAlarm("A1"), SOFTWARE)
    assert alarm_state(picture.alarms["A1"], 60.0) == "rectified"
    assert act(picture, c.ClearAlarm("A1"), SOFTWARE) == picture
    assert not act(picture, c.AckAlarm("A1"), COMMANDER).alarms
    assert not act(alarmed("warning"), c.ClearAlarm("A1"), SOFTWARE).alarms
    assert not act(alarmed(), c.ClearAlarm("A1"), COMMANDER).alarms


def test_an_emergency_cannot_be_silenced() -> None:
    with pytest.raises(RefusedError, match="heard until it is acknowledged"):
        act(alarmed("emergency"), c.SilenceAlarm("A1"), COMMANDER)


def test_an_answered_card_is_past_waiting() -> None:
    assert {state for state, rank in CARD_RANK.items() if rank >= ANSWERED} == {
        "accepted", "declined", "withdrawn", "expired",
    }  # fmt: skip


def test_the_zone_that_would_leave_every_boat_without_a_route_is_refused_when_it_is_drawn() -> None:
    ring = ((106.4, 29.6), (106.5, 29.6), (106.5, 29.7))
    zones = [c.DrawZone(Zone(f"Z{number}", "no_go", text("weir"), ring, 0.0)) for number in range(MOST_NO_GO)]
    picture, _ = run([*opening(), *zones, zones[3], c.DrawZone(Zone("look", "search", text("look"), ring, 0.0))])
    assert len(picture.zones) == MOST_NO_GO + 1
    with pytest.raises(RefusedError, match="lift one first"):
        run([*opening(), *zones, c.DrawZone(Zone("last", "no_go", text("weir"), ring, 0.0))])
