from rescuecmd.picture import commands as c
from rescuecmd.picture.events import AlarmRaised, LimitsAssessed, SuggestionsRanked
from tests.reactions.stage import Stage, on_rock, stage


async def going() -> Stage:
    act = await stage()
    await act.give(c.ReportVictim(on_rock()))
    await act.push("reef", ["t-b1"], ["v"])
    await act.answer("t-b1", "accepted")
    return act


async def test_a_boat_that_falls_silent_is_missed_until_it_reports() -> None:
    act = await going()
    await act.wait(25, fixes=False)
    assert "boat_lost/b1" not in act.alarms()
    await act.wait(10, fixes=False)
    assert act.alarms()["boat_lost/b1"] == "warning"
    await act.wait(30, fixes=False)
    assert act.alarms()["boat_lost/b1"] == "alarm"
    assert "boat_lost/b2" not in act.alarms(), "not on a task"
    raised = [e for e in act.events(AlarmRaised) if e.body.alarm.kind == "boat_lost"]  # type: ignore[union-attr]
    assert len(raised) == 2
    await act.wait(5)
    assert "boat_lost/b1" not in act.alarms()


async def test_limits_are_judged_again_and_a_lasting_breach_is_raised_once() -> None:
    act = await going()
    assert act.card("t-b1").content.limits
    await act.forecast(174.8, 178.8)
    await act.wait(61)
    assert act.events(LimitsAssessed)
    broken = [limit for limit in act.card("t-b1").content.limits if limit.state == "breach"]
    assert broken, "one boat alone breaks the two-boat rule"
    alarm = act.desk.picture.alarms["limit/p/t-b1"]
    assert all(limit.text.en in alarm.text.en for limit in broken)
    raised = len([e for e in act.events(AlarmRaised) if e.body.alarm.id == "limit/p/t-b1"])  # type: ignore[union-attr]
    await act.wait(60)
    again = len([e for e in act.events(AlarmRaised) if e.body.alarm.id == "limit/p/t-b1"])  # type: ignore[union-attr]
    assert again == raised
    await act.give(c.PickUpVictims("v", "b1", 3))
    await act.give(c.LandVictims("v", "b1", 3, "quay"))
    await act.wait(12)
    assert "limit/p/t-b1" not in act.alarms()
    assert act.reactor.faults == 0


async def test_cards_are_ranked_now_and_then_without_being_told() -> None:
    act = await stage(176.5)
    await act.give(c.ReportVictim(on_rock()))
    first = len(act.events(SuggestionsRanked))
    assert first == 1
    await act.move("b3", 1500.0, 0.0)
    await act.wait(31)
    (suggestion,) = act.desk.picture.suggestions.values()
    assert suggestion.candidates[0].terminal_id == "t-b3"
