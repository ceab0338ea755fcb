from dataclasses import replace

import pytest

from rescuecmd.errors import InputError, NotFoundError, RefusedError
from rescuecmd.picture import commands as c
from rescuecmd.picture.decide import decide
from rescuecmd.picture.entity import Fix
from rescuecmd.picture.events import PositionsReported
from rescuecmd.picture.state import Picture
from tests.picture.cases import COMMANDER, fix, opening, operation, push, route, run, text, victim


def refused(commands: list[c.Command], last: c.Command, code: str) -> None:
    picture, _ = run([*opening(), *commands])
    with pytest.raises((RefusedError, InputError)) as caught:
        decide(picture, last, COMMANDER, 20.0)
    assert caught.value.code == code


def test_nothing_happens_before_the_operation_is_open() -> None:
    with pytest.raises(RefusedError, match="no operation is open"):
        decide(Picture(), c.ReportVictim(victim()), COMMANDER, 0.0)


@pytest.mark.parametrize(
    ("before", "last", "code"),
    [
        ([], c.OpenOperation(operation()), "already-open"),
        ([], c.ReportVictim(victim()), "exists"),
        ([], c.SightVictim("V9", fix()), "unknown-victim"),
        ([], c.PickUpVictims("V1", "JY-01", 4), "bad-count"),
        ([], c.PickUpVictims("V1", "JY-01", 0), "bad-count"),
        ([], c.LandVictims("V1", "JY-01", 1, "ramp"), "bad-count"),
        ([], c.ReportPositions({"JY-01": Fix(200.0, 91.0, 30.0, 5.0, "gps")}), "bad-fix"),
        ([], c.ReportPositions({"JY01": fix(30.0)}), "unknown-vessel"),
        ([push()], push(), "exists"),
        ([], push("P2", ("NOBODY",)), "unknown-terminal"),
        ([push()], c.GiveReceipt("P1/JY-01", "declined"), "no-reason"),
        ([push(), c.GiveReceipt("P1/JY-01", "accepted")], c.GiveReceipt("P1/JY-01", "declined", "busy"), "answered"),
        ([push(), c.WithdrawCard("P1/JY-01")], c.GiveReceipt("P1/JY-01", "accepted"), "withdrawn"),
        ([push()], c.MoveTask("T-JY-01", "under_way"), "bad-step"),
        ([], c.SetRoute(route("R1", "NOBODY")), "unknown-vessel"),
        ([c.EndOperation(text("over"))], c.ClearAlarm("A"), "ended"),
    ],
)
def test_refusals_name_their_reason(before: list[c.Command], last: c.Command, code: str) -> None:
    refused(before, last, code)


def test_the_nearest_right_name_is_offered() -> None:
    picture, _ = run(opening())
    with pytest.raises(NotFoundError, match="did you mean 'JY-01'"):
        decide(picture, c.SetVesselState("JY-1", "ready"), COMMANDER, 0.0)


@pytest.mark.parametrize(
    ("before", "again"),
    [
        ([push(), c.GiveReceipt("P1/JY-01", "displayed")], c.GiveReceipt("P1/JY-01", "delivered")),
        ([push(), c.GiveReceipt("P1/JY-01", "accepted")], c.GiveReceipt("P1/JY-01", "accepted")),
        ([c.ReportPositions({"JY-01": fix(30.0)})], c.ReportPositions({"JY-01": fix(20.0)})),
        ([c.RaiseSos("S1", "JY-01")], c.RaiseSos("S1", "JY-01")),
        ([], c.SeeTerminal("JY-01", 0, 0, 5.0)),
    ],
)
def test_what_already_is_gives_no_event(before: list[c.Command], again: c.Command) -> None:
    picture, _ = run([*opening(), *before])
    assert decide(picture, again, COMMANDER, 40.0) == ()


def test_a_boat_is_where_its_terminal_is_in_a_live_operation_only() -> None:
    drill, _ = run(opening())
    assert drill.operation is not None
    terminal = next(terminal for terminal in drill.terminals.values() if terminal.vessel_id)
    told = c.ReportPositions({terminal.id: fix(50.0)})
    (event,) = decide(drill, told, COMMANDER, 50.0)
    assert isinstance(event, PositionsReported)
    assert set(event.fixes) == {terminal.id}
    live = replace(drill, operation=replace(drill.operation, mode="live", marking=""))
    (event,) = decide(live, told, COMMANDER, 50.0)
    assert isinstance(event, PositionsReported)
    assert event.fixes == {terminal.id: fix(50.0), terminal.vessel_id: fix(50.0)}
    (event,) = decide(live, c.ReportPositions({terminal.id: fix(5e9)}), COMMANDER, 60.0)
    assert isinstance(event, PositionsReported)
    assert event.fixes[terminal.id].time_s == 60.0  # its clock is ahead; the next fix will still be newer
    own = {terminal.id: fix(60.0), terminal.vessel_id: fix(61.0)}
    (event,) = decide(live, c.ReportPositions(own), COMMANDER, 61.0)
    assert isinstance(event, PositionsReported)
    assert event.fixes == own  # a boat that tells for itself is believed
