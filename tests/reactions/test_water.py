import pytest

from rescuecmd.errors import NotCoveredError
from rescuecmd.picture import commands as c
from rescuecmd.picture.entity import Victim
from rescuecmd.picture.events import AlarmRaised, WaterAssessed
from rescuecmd.picture.state import Picture
from rescuecmd.picture.water import Gauge, Reading
from rescuecmd.reactions.levels import HORIZON_S, water_of
from tests.reactions.stage import START_S, Stage, fix, on_rock, river, situation, stage, text


async def rise(act: Stage, from_m: float, to_m: float, minutes: int) -> None:
    for minute in range(minutes):
        act.clock.step(60.0)
        await act.levels(from_m + (to_m - from_m) * (minute + 1) / minutes)


async def test_a_reading_tells_what_the_water_does_everywhere() -> None:
    act = await stage(175.0)
    outlooks = act.desk.picture.outlooks
    assert set(outlooks) == {"rock", "strand", "quay", "low-bridge", "square"}
    assert outlooks["rock"].margin_m == pytest.approx(2.5)
    assert outlooks["low-bridge"].kind == "bridge"
    assert outlooks["low-bridge"].margin_m == pytest.approx(5.0)
    assert outlooks["rock"].early_s is None
    assert act.reactor.faults == 0


async def test_the_same_reading_again_is_not_told_again() -> None:
    act = await stage(175.0)
    before = len(act.events(WaterAssessed))
    act.clock.step(10.0)
    await act.levels(175.001)
    assert len(act.events(WaterAssessed)) == before


async def test_without_a_reading_nothing_is_said_and_nothing_fails() -> None:
    act = await stage(None)
    await act.give(c.ReportVictim(on_rock()))
    await act.wait(65)
    assert not act.desk.picture.outlooks
    assert not act.desk.picture.suggestions
    assert act.reactor.faults == 0


async def test_people_on_a_reef_get_their_time_and_one_alarm_that_worsens() -> None:
    act = await stage(175.0)
    await act.give(c.ReportVictim(on_rock()))
    await act.forecast(175.0, 179.0)  # 4 m in an hour: over the crest after 37.5 min
    victim = act.desk.picture.victims["v"]
    assert victim.early_s is not None
    assert victim.median_s is not None
    assert victim.late_s is not None
    assert victim.median_s == pytest.approx(START_S + 37.5 * 60, abs=30)
    assert victim.early_s < victim.median_s < victim.late_s
    stages = {stage.name: stage for stage in victim.stages}
    assert list(stages) == ["ankle", "knee", "waist", "footing"]
    assert stages["knee"].median_s == pytest.approx(START_S + (2.5 + 0.4) * 15 * 60, abs=30)
    told = ["warning", "alarm", "emergency", "emergency"]
    for minute in range(1, 42):
        act.clock.step(60.0)
        await act.levels(175.0 + minute * 4 / 60)
    raised = [e.body.alarm for e in act.events(AlarmRaised) if isinstance(e.body, AlarmRaised)]
    reef = [alarm for alarm in raised if alarm.id == "reef_going_under/rock"]
    assert [alarm.priority for alarm in reef] == told
    assert "3 人" in reef[0].text.zh
    assert "may be under water now" in reef[-1].text.en
    assert [alarm.id for alarm in act.desk.picture.alarms.values() if alarm.about == "rock"] == [
        "reef_going_under/rock"
    ]


async def test_a_passed_crossing_keeps_its_time() -> None:
    act = await stage(175.0)
    await act.forecast(175.0, 179.0)
    await rise(act, 175.0, 178.5, 50)
    first = act.desk.picture.outlooks["rock"].median_s
    await rise(act, 178.5, 178.8, 5)
    assert first is not None
    assert first < act.now_s - 120
    assert act.desk.picture.outlooks["rock"].median_s == first


async def test_the_alarm_goes_when_the_people_do_and_stays_acknowledged_while_some_leave() -> None:
    act = await stage(176.9)
    crowd = Victim("crowd", "crowd", text("crowd"), 50, fix(650.0, 92.0, START_S), START_S, "drill", "strand")
    await act.give(c.ReportVictim(crowd))
    await act.forecast(176.9, 178.9)
    assert act.alarms()["reef_going_under/strand"] == "warning"
    await act.give(c.AckAlarm("reef_going_under/strand"))
    await act.give(c.ClearVictims("crowd", 30))
    assert len([e for e in act.events(AlarmRaised) if e.body.alarm.about == "strand"]) == 1  # type: ignore[union-attr]
    await act.give(c.ClearVictims("crowd", 15))
    alarm = act.desk.picture.alarms["reef_going_under/strand"]
    assert "还有 5 人" in alarm.text.zh
    assert alarm.acked_s is not None
    await act.give(c.ClearVictims("crowd", 5))
    assert "reef_going_under/strand" not in act.desk.picture.alarms


async def test_rise_and_official_lines_have_one_alarm_each_and_do_not_flicker() -> None:
    act = await stage(179.5)
    await rise(act, 179.5, 179.75, 10)  # 1.5 m/h
    assert act.alarms()["rising_fast/river"] == "alarm"
    await rise(act, 179.75, 180.0, 10)
    assert act.alarms()["level_mark/down"] == "warning"
    for minute in range(10):  # around the line
        act.clock.step(60.0)
        await act.levels(180.0 + (0.01 if minute % 2 else -0.02))
    marks = [e for e in act.events(AlarmRaised) if e.body.alarm.id == "level_mark/down"]  # type: ignore[union-attr]
    assert len(marks) == 1
    act.clock.step(60.0)
    await act.levels(179.9)
    assert "level_mark/down" not in act.alarms()
    await rise(act, 179.9, 179.9, 20)
    assert not act.alarms()


def gauge(
    gauge_id: str, readings: list[tuple[float, float]], forecast: list[tuple[float, float]] | None = None
) -> Gauge:
    return Gauge(
        gauge_id,
        text(gauge_id),
        106.45,
        29.6,
        0.0,
        "wusong",
        None,
        None,
        recent=tuple(Reading(at, level) for at, level in readings),
        forecast=tuple(Reading(at, level, 0.1) for at, level in forecast or []),
        rise_m_per_h=1.0,
    )


def test_without_a_forecast_the_rise_goes_on_for_half_an_hour_with_growing_doubt() -> None:
    water = water_of(river(), {g: gauge(g, [(0.0, 175.0), (600.0, 175.2)]) for g in ("up", "down")})
    assert water.covers(600.0 + HORIZON_S)
    assert water.level_m(500.0, 600.0 + 1800.0) == pytest.approx(175.7)
    assert water.level_m(500.0, 600.0 + 7200.0) == pytest.approx(175.7)
    assert water.sigma_m(0.0, 600.0 + 7200.0) > water.sigma_m(0.0, 600.0 + 1800.0) > 0.1


@pytest.mark.parametrize(
    ("read_m", "after_h", "about_m"), [(175.5, 1.0, 0.42), (174.5, 1.0, -0.18), (174.5, 3.0, -0.02)]
)
def test_a_forecast_is_moved_by_its_present_error(read_m: float, after_h: float, about_m: float) -> None:
    flat = [(hour * 3600.0, 175.0) for hour in range(7)]
    water = water_of(
        river(), {"up": gauge("up", [(0.0, 175.0), (600.0, read_m)], flat), "down": gauge("down", [(600.0, read_m)])}
    )
    assert float(water.level_m(0.0, 600.0 + after_h * 3600)) - 175.0 == pytest.approx(about_m, abs=0.02)


def test_a_forecast_that_has_run_out_is_no_forecast() -> None:
    old = [(0.0, 175.0), (300.0, 179.0)]
    water = water_of(river(), {"up": gauge("up", [(600.0, 175.0)], old), "down": gauge("down", [(600.0, 175.0)])})
    assert water.level_m(0.0, 700.0) < 175.1


def test_gauges_of_another_river_are_passed_over() -> None:
    with pytest.raises(NotCoveredError):
        water_of(river(), {"other": gauge("other", [(0.0, 1.0)])})


def test_the_scene_is_kept_until_the_water_does_something_else() -> None:
    known = situation()
    readings = [(0.0, 175.0), (600.0, 175.0)]
    picture = Picture(time_s=600.0).put("gauges", gauge("up", readings), gauge("down", readings))
    first = known.scene(picture)
    assert known.scene(picture) is first
    assert first.conditions.from_s == 600.0
    later = known.scene(picture, 700.0)
    assert later.conditions is first.conditions
    assert later.now_s == 700.0
    expected = picture.put("gauges", gauge("up", [*readings, (660.0, 175.02)]))
    assert known.scene(expected, 710.0).water is first.water
    assert known.water(expected) is not first.water
    surprise = expected.put("gauges", gauge("up", [*readings, (660.0, 175.2)]))
    assert known.scene(surprise, 720.0).water is not first.water
    assert known.scene(surprise, 720.0 + 1000.0).conditions.from_s == 1720.0
    forecast = surprise.put("gauges", gauge("up", [*readings, (660.0, 175.2)], [(700.0, 175.0), (9000.0, 176.0)]))
    assert known.scene(forecast, 1730.0).conditions.from_s == 1730.0
