"""A level outside what the river covers, as it comes and goes: told, nothing kept that is void, all given back."""

import pytest

from rescuecmd.errors import NotCoveredError
from rescuecmd.picture import commands as c
from rescuecmd.picture.delta import snapshot, terminal_view
from rescuecmd.picture.events import AlarmRaised, RouteEnded, WaterLost
from rescuecmd.reactions.cover import ALARM_ID
from tests.reactions.stage import TOP_M, Stage, on_rock, river, situation, stage
from tests.reactions.test_routes import going, route_of


async def climb(act: Stage, *levels_m: float) -> None:
    for level_m in levels_m:
        act.clock.step(600.0)
        await act.levels(level_m)


async def outside(level_m: float = TOP_M + 0.5) -> Stage:
    """Return boat b1 on its way to the rock, and the level beyond the survey's end."""
    act = await going()
    await climb(act, level_m)
    return act


@pytest.mark.parametrize("level_m", [TOP_M + 0.5, 160.0], ids=["above", "below"])
async def test_what_was_computed_from_the_water_is_taken_back_with_one_sentence(level_m: float) -> None:
    act = await going()
    await climb(act, 174.85)
    before = route_of(act)
    assert before.state == "active"
    assert act.desk.picture.victims["v"].stages
    await climb(act, level_m)
    picture = act.desk.picture
    assert act.alarms()[ALARM_ID] == "alarm"
    why = picture.alarms[ALARM_ID].text
    assert f"to {TOP_M:.2f} m (Wusong datum)" in why.en
    assert f"{TOP_M:.2f} 米（吴淞高程）" in why.zh
    assert "no depth, submergence or route" in why.en
    assert picture.outlooks == {}
    assert picture.suggestions == {}
    assert picture.victims["v"].stages == ()
    assert picture.victims["v"].early_s is None
    (ended,) = (event.body for event in act.events(RouteEnded) if isinstance(event.body, RouteEnded))
    assert (ended.route_id, ended.state, ended.why) == (before.id, "cut", why)
    assert picture.gauges["up"].recent[-1].level_m == level_m  # the readings themselves go on
    assert picture.routes[before.id].why == why  # what the crew's phone shows
    assert picture.tasks["p/t-b1"].state == "under_way"
    with pytest.raises(NotCoveredError) as refused:
        await act.push("reef", ["t-b2"], ["v"], "p2")
    assert refused.value.code == "level-outside"
    assert act.reactor.faults == 0


async def test_it_is_told_once_and_everybody_sees_it() -> None:
    act = await outside()
    await act.wait(70)
    await climb(act, TOP_M + 0.5, TOP_M + 0.5)
    assert len(act.events(WaterLost)) == 1
    assert list(snapshot(act.desk.picture, terminal_view("t-b2", "b2"))["alarms"]) == [ALARM_ID]
    assert act.reactor.faults == 0


async def test_all_comes_back_with_the_level() -> None:
    act = await outside()
    await act.wait(60)
    assert act.alarms()["no_route/b1"] == "alarm"
    await climb(act, 178.0)
    assert ALARM_ID not in act.alarms()
    assert set(act.desk.picture.outlooks) == {place.id for place in river().places.values()}
    await act.wait(60)
    assert route_of(act).state == "active"
    assert "no_route/b1" not in act.alarms()
    await act.push("reef", ["t-b2"], ["v"], "p2")
    assert act.card("t-b2", "p2").content.eta_s is not None
    assert act.reactor.faults == 0


async def test_what_crews_and_commanders_do_meanwhile_is_booked() -> None:
    act = await stage(174.8)
    await act.give(c.ReportVictim(on_rock()))
    await act.push("reef", ["t-b1", "t-b2"], ["v"])
    await climb(act, TOP_M + 1.0)
    await act.answer("t-b1", "accepted")
    await act.answer("t-b2", "declined")
    assert act.desk.picture.tasks["p/t-b1"].state == "accepted"
    assert act.desk.picture.tasks["p/t-b2"].state == "declined"
    await act.give(c.ClearVictims("v", 3))
    await act.wait(40)
    assert not any(one.startswith(("reef_going_under", "limit")) for one in act.alarms())
    assert act.reactor.faults == 0


async def test_a_forecast_that_leaves_the_range_is_told_ahead_and_bounds_the_routes() -> None:
    act = await going(184.0)
    await act.forecast(184.0, 190.0)
    await act.levels(184.0)
    raised = [event.body.alarm for event in act.events(AlarmRaised) if isinstance(event.body, AlarmRaised)]
    assert [alarm.priority for alarm in raised if alarm.id == ALARM_ID] == ["warning"]  # and not again by each reading
    assert act.alarms()[ALARM_ID] == "warning"
    assert "after the start" in act.desk.picture.alarms[ALARM_ID].text.en
    scene = situation().scene(act.desk.picture, act.now_s)
    leaves_s = scene.water.end_s
    assert act.now_s < leaves_s < act.now_s + 1800.0
    assert scene.conditions.to_s == leaves_s
    assert act.desk.picture.outlooks["rock"].time_s <= leaves_s
    act.clock.step(leaves_s - act.now_s + 5.0)  # and no gauge is read: the level is taken to be where it was foreseen
    await act.wait(30)
    assert act.alarms()[ALARM_ID] == "alarm"
    assert "the forecast passes that" in act.desk.picture.alarms[ALARM_ID].text.en
    assert act.desk.picture.outlooks == {}
    assert act.reactor.faults == 0


async def test_a_route_whose_end_lies_beyond_the_range_is_cut_with_the_reason() -> None:
    act = await going()
    arrives_s = route_of(act).arrive_s
    await act.forecast(174.8, 174.8 + 2 * (TOP_M - 174.8), hours=1.2 * (arrives_s - act.now_s) / 3600)
    ended = [event.body for event in act.events(RouteEnded) if isinstance(event.body, RouteEnded)]
    assert ended
    assert f"up to {TOP_M:.2f} m" in ended[-1].why.en
    assert "the forecast passes that at" in ended[-1].why.en
    assert act.reactor.faults == 0
