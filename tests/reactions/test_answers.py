from typing import Any

import pytest

from rescuecmd.picture import commands as c
from rescuecmd.picture.events import AlternativeOffered, CardPushed, CardReminded, RouteSet, TaskMoved
from rescuecmd.picture.order import Candidate
from rescuecmd.picture.state import Picture
from rescuecmd.tasking import candidates
from rescuecmd.text import Text
from tests.reactions.stage import Stage, fix, on_rock, stage


async def pushed(*terminals: str) -> Stage:
    act = await stage()
    await act.give(c.ReportVictim(on_rock()))
    await act.push("reef", terminals, ["v"])
    return act


async def test_the_picture_calls_for_a_card_and_nothing_is_sent_by_itself() -> None:
    act = await stage()
    await act.forecast(174.8, 178.8)
    await act.give(c.ReportVictim(on_rock()))
    (suggestion,) = act.desk.picture.suggestions.values()
    assert suggestion.plan_id == "reef"
    assert [one.terminal_id for one in suggestion.candidates] == ["t-b1", "t-b2", "t-b3"]
    await act.wait(120)
    assert not act.events(CardPushed)
    await act.push("reef", suggestion.chosen, ["v"])
    assert not act.desk.picture.suggestions
    assert act.reactor.faults == 0


async def test_an_accepted_card_is_booked_and_keeps_its_fresh_route() -> None:
    act = await pushed("t-b1")
    await act.answer("t-b1", "accepted")
    assert act.desk.picture.tasks["p/t-b1"].state == "accepted"
    assert act.desk.picture.vessels["b1"].route_id == "p/t-b1/1"
    assert not act.events(RouteSet)
    assert act.software.refused == 0


async def test_a_boat_that_has_moved_gets_its_route_from_where_it_is() -> None:
    act = await pushed("t-b1")
    await act.move("b1", 450.0, 0.0)
    await act.answer("t-b1", "accepted")
    route = act.desk.picture.routes[act.desk.picture.vessels["b1"].route_id]
    assert route.replaces == "p/t-b1/1"
    assert act.desk.picture.routes["p/t-b1/1"].state == "replaced"
    assert route.task_id == "p/t-b1"
    assert "boat is now" in route.why.en
    assert route.waypoints[0].chainage_m == pytest.approx(450.0, abs=2)


async def test_a_declined_card_offers_the_next_boat_and_sends_nobody() -> None:
    act = await pushed("t-b1")
    await act.answer("t-b1", "declined")
    picture = act.desk.picture
    assert picture.tasks["p/t-b1"].state == "declined"
    assert picture.routes["p/t-b1/1"].state == "ended"
    assert picture.vessels["b1"].route_id == ""
    (offer,) = picture.offers.values()
    assert (offer.instead_of, offer.candidate.terminal_id, offer.state) == ("t-b1", "t-b2", "open")
    assert offer.candidate.eta_s is not None
    assert offer.candidate.eta_s > act.now_s
    assert "busy" in offer.why.en
    assert "正在执行任务" in offer.why.zh
    assert "b2 could go, there in" in offer.why.en
    assert len(act.events(CardPushed)) == 1
    await act.push("reef", ["t-b2"], ["v"], "p2")
    assert picture.offers != act.desk.picture.offers
    assert next(iter(act.desk.picture.offers.values())).state == "taken"


async def test_two_declines_offer_two_different_boats_and_then_nobody_is_invented() -> None:
    act = await pushed("t-b1", "t-b2")
    await act.answer("t-b1", "declined")
    await act.answer("t-b2", "declined")
    assert [offer.candidate.terminal_id for offer in act.desk.picture.offers.values()] == ["t-b3"]
    assert act.reactor.faults == 0


async def test_silence_reminds_warns_and_names_the_next_best_but_never_answers() -> None:
    act = await pushed("t-b1")
    await act.answer("t-b1", "displayed")
    await act.wait(9)
    assert not act.events(CardReminded)
    await act.wait(3)
    assert len(act.events(CardReminded)) == 1
    await act.wait(5)
    assert act.alarms()["no_answer/p/t-b1"] == "warning"
    assert not act.desk.picture.offers
    await act.wait(15)
    assert act.alarms()["no_answer/p/t-b1"] == "alarm"
    (offer,) = act.desk.picture.offers.values()
    assert (offer.instead_of, offer.candidate.terminal_id) == ("t-b1", "t-b2")
    await act.wait(300)
    assert act.card("t-b1").state == "displayed"
    assert len(act.events(AlternativeOffered)) == 1
    assert len(act.events(CardReminded)) == 5
    await act.answer("t-b1", "accepted")
    await act.wait(2)
    assert "no_answer/p/t-b1" not in act.alarms()


async def test_a_card_that_reached_nobody_is_told_apart() -> None:
    act = await pushed("t-b1")
    await act.give(c.SeeTerminal("t-b1", 0, 0, act.now_s))
    await act.wait(32)
    alarm = act.desk.picture.alarms["no_answer/p/t-b1"]
    assert "offline" in alarm.text.en
    (offer,) = act.desk.picture.offers.values()
    assert "not reached" in offer.why.en
    assert not act.events(CardReminded)


async def test_a_withdrawn_card_ends_its_task_and_route() -> None:
    act = await pushed("t-b1")
    await act.answer("t-b1", "accepted")
    await act.give(c.WithdrawCard("p/t-b1"))
    assert act.desk.picture.tasks["p/t-b1"].state == "aborted"
    assert act.desk.picture.vessels["b1"].route_id == ""


async def test_a_boat_that_fails_on_its_way_has_its_replacement_offered() -> None:
    act = await pushed("t-b1")
    await act.answer("t-b1", "accepted")
    await act.give(c.SetVesselState("b1", "disabled", Text("主机故障", "engine failed")))
    (offer,) = act.desk.picture.offers.values()
    assert offer.candidate.terminal_id == "t-b2"
    assert "engine failed" in offer.why.en
    assert act.desk.picture.tasks["p/t-b1"].state == "accepted"


async def test_the_task_is_done_when_nobody_waits_and_nobody_is_aboard() -> None:
    act = await pushed("t-b1", "t-b2")
    await act.answer("t-b1", "accepted")
    await act.answer("t-b2", "accepted")
    await act.give(c.PickUpVictims("v", "b1", 3))
    picture = act.desk.picture
    assert (picture.tasks["p/t-b1"].state, picture.tasks["p/t-b2"].state) == ("accepted", "done")
    assert picture.routes["p/t-b1/1"].state == "active"
    assert picture.vessels["b2"].route_id == ""
    await act.give(c.LandVictims("v", "b1", 3, "quay"))
    assert act.desk.picture.tasks["p/t-b1"].state == "done"
    assert act.desk.picture.routes["p/t-b1/1"].state == "ended"
    assert len([e for e in act.events(TaskMoved) if e.actor.id == "software"]) == 4
    assert act.software.refused == 0


async def test_an_operation_that_has_ended_is_left_alone() -> None:
    act = await pushed("t-b1")
    await act.give(c.EndOperation(Text("完", "over")))
    seq = act.desk.seq
    act.clock.step(100.0)
    await act.software.settle(act.now_s)
    assert act.desk.seq == seq


async def test_many_cards_for_one_job_weigh_each_boat_once_in_a_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    act = await pushed("t-b1")
    weighed: list[str] = []
    weigh = candidates._candidate

    def counted(*given: Any) -> Candidate:
        weighed.append(given[2].id)
        return weigh(*given)

    monkeypatch.setattr(candidates, "_candidate", counted)
    picture, victims = act.desk.picture, [act.desk.picture.victims["v"]]

    def ask(picture: Picture, push_id: str) -> list[str]:
        found = act.reactor.situation.candidates(picture, victims, "", now_s=act.now_s, push_id=push_id)
        return [one.terminal_id for one in found]

    first = ask(picture, "p")
    assert [ask(picture, push_id) for push_id in ("p", "q", "")] == [first] * 3
    assert sorted(weighed) == sorted(first)
    moved = picture.edit("vessels", "b2", fix=fix(100.0, 0.0, act.now_s))
    ask(moved, "p")
    assert len(weighed) == 2 * len(first)
