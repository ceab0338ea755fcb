"""What is looked after until it is over: silence, acceptance without movement, one taker, SOS."""

from dataclasses import replace

from rescuecmd.picture import commands as c
from rescuecmd.picture.alarm import alarm_state
from rescuecmd.picture.events import CardExpired, MovementJudged, NoteAdded, SosRepeated
from rescuecmd.picture.order import Escalation, Takers
from rescuecmd.plan.personal import make_push
from tests.reactions.stage import COMMANDER, Stage, on_rock, stage


async def pushed(*terminals: str, takers: Takers = "all", ladder: Escalation | None = None) -> Stage:
    act = await stage()
    await act.give(c.ReportVictim(on_rock()))
    plan = replace(act.reactor.situation.plan("reef"), takers=takers, escalation=ladder or Escalation())
    scene = act.reactor.situation.scene(act.desk.picture, act.now_s)
    made = make_push(
        act.desk.picture, scene, plan, push_id="p", by="commander", now_s=act.now_s,
        terminal_ids=terminals, victim_ids=["v"], place_id="",
    )  # fmt: skip
    await act.give(made, COMMANDER)
    return act


async def test_the_first_taker_frees_the_others_with_a_word() -> None:
    act = await pushed("t-b1", "t-b2", takers="one")
    await act.answer("t-b1", "accepted")
    other = act.card("t-b2")
    assert (other.state, other.why and other.why.en) == ("withdrawn", "accepted by b1")
    assert act.desk.picture.tasks["p/t-b2"].state == "aborted"
    assert act.desk.picture.tasks["p/t-b1"].state == "accepted"


async def test_an_offer_that_runs_out_ends_its_task_and_its_alarm() -> None:
    act = await pushed("t-b1", ladder=Escalation(expires_s=100.0))
    await act.wait(98)
    assert act.alarms()["no_answer/p/t-b1"] == "alarm"
    assert act.card("t-b1").level == "second_channel"
    await act.wait(6)
    assert act.card("t-b1").state == "expired"
    assert len(act.events(CardExpired)) == 1
    assert act.desk.picture.tasks["p/t-b1"].state == "aborted"
    assert "no_answer/p/t-b1" not in act.alarms()
    assert act.software.refused == 0


async def test_the_supervisors_terminal_is_told_once() -> None:
    act = await pushed("t-b1")
    boss = replace(act.desk.picture.terminals["t-b1"], id="base", role="shore", vessel_id="")
    await act.give(c.EnrolTerminal(boss))
    await act.wait(130)
    told = [event.body.note for event in act.events(NoteAdded) if isinstance(event.body, NoteAdded)]
    assert [(one.to, "not confirmed for 60 s" in one.text.en) for one in told] == [(("base",), True)]


async def test_an_acceptance_without_movement_is_said() -> None:
    act = await pushed("t-b1", ladder=Escalation(movement_s=20.0))
    await act.answer("t-b1", "accepted")
    await act.wait(14)
    assert not act.events(MovementJudged)
    await act.wait(14)
    assert act.desk.picture.tasks["p/t-b1"].movement == "none_yet"
    assert "no movement yet" in act.desk.picture.alarms["no_movement/p/t-b1"].text.en
    await act.move("b1", 760.0, 60.0)
    await act.wait(8)
    assert [event.body.movement for event in act.events(MovementJudged)] == ["none_yet", "moving"]  # type: ignore[union-attr]
    assert "no_movement/p/t-b1" not in act.desk.picture.alarms
    await act.wait(60)
    assert len(act.events(MovementJudged)) == 2, "said once"


async def test_a_boat_that_goes_at_once_is_never_accused() -> None:
    act = await pushed("t-b1", ladder=Escalation(movement_s=20.0))
    await act.answer("t-b1", "accepted")
    await act.move("b1", 760.0, 60.0)
    await act.wait(40)
    assert [event.body.movement for event in act.events(MovementJudged)] == ["moving"]  # type: ignore[union-attr]


async def test_an_sos_sounds_until_it_is_acknowledged_and_then_until_it_is_cancelled() -> None:
    act = await stage()
    await act.give(c.RaiseSos("s", "t-b1"))
    await act.wait(34)
    assert act.desk.picture.soses["s"].repeats == 3
    assert act.alarms()["sos_unanswered/s"] == "emergency"
    await act.give(c.AckSos("s"), COMMANDER)
    await act.wait(4)
    stale = act.desk.picture.alarms["sos_unanswered/s"]
    assert alarm_state(stale, act.now_s) == "rectified"
    await act.wait(60)
    assert act.desk.picture.soses["s"].repeats == 4
    await act.give(c.CancelSos("s"), COMMANDER)
    await act.wait(130)
    assert len(act.events(SosRepeated)) == 4
