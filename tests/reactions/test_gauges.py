"""What is said about the gauges themselves, and what the water is then taken from."""

from dataclasses import replace

import pytest

from rescuecmd.picture import commands as c
from rescuecmd.picture.water import Gauge, Reading
from rescuecmd.reactions.levels import water_of
from tests.reactions.stage import START_S, Stage, river, stage, text


async def place(act: Stage) -> None:
    """Watch both gauges: a reading every ten minutes, at most 3 m an hour."""
    picture = act.desk.picture
    for gauge in picture.gauges.values():
        watched = replace(gauge, id=f"{gauge.id}", every_s=600.0, max_rate_m_per_h=3.0)
        act.desk._picture = act.desk.picture.put("gauges", watched)  # placed once only; the stage did it without limits


def alarms(act: Stage) -> set[str]:
    return {alarm_id for alarm_id in act.desk.picture.alarms if alarm_id.startswith("gauge_")}


async def test_a_silent_gauge_is_told_until_it_speaks_again() -> None:
    act = await stage(175.0)
    await place(act)
    await act.wait(1400)
    assert alarms(act) == set()
    await act.wait(200)
    assert alarms(act) == {f"gauge_stale/{gauge_id}" for gauge_id in act.desk.picture.gauges}
    assert {gauge.state for gauge in act.desk.picture.gauges.values()} == {"stale"}
    await act.levels(175.2)
    assert alarms(act) == set()
    assert {gauge.state for gauge in act.desk.picture.gauges.values()} == {"ok"}


async def test_a_stuck_gauge_is_told_and_no_longer_used() -> None:
    act = await stage(175.0)
    await place(act)
    first, second = list(act.desk.picture.gauges)[:2]
    for number in range(1, 7):
        act.clock.step(600.0)
        await act.give(c.ReadGauge(first, Reading(act.clock.now_s(), 175.0)))
        await act.give(c.ReadGauge(second, Reading(act.clock.now_s(), 175.0 + 0.1 * number)))
    assert alarms(act) == {f"gauge_stuck/{first}"}
    assert act.desk.picture.gauges[first].state == "stuck"
    water = water_of(river(), act.desk.picture.gauges)
    assert set(water.series) == {second}
    assert "stuck" in act.desk.picture.alarms[f"gauge_stuck/{first}"].text.en
    assert "卡死" in act.desk.picture.alarms[f"gauge_stuck/{first}"].text.zh


async def test_a_spike_is_told_and_changes_no_level() -> None:
    act = await stage(175.0)
    await place(act)
    first = next(iter(act.desk.picture.gauges))
    act.clock.step(600.0)
    await act.give(c.ReadGauge(first, Reading(act.clock.now_s(), 182.0)))
    assert alarms(act) == {f"gauge_spike/{first}"}
    assert act.desk.picture.gauges[first].recent[-1].level_m == 175.0
    act.clock.step(600.0)
    await act.give(c.ReadGauge(first, Reading(act.clock.now_s(), 175.1)))
    assert alarms(act) == set()


def test_with_only_stuck_gauges_the_water_is_still_known() -> None:
    site = river().gauges[0]
    one = Gauge(site.id, text(site.id), 0, 0, site.chainage_m, "wusong", None, None, state="stuck")
    one = replace(one, recent=(Reading(START_S, 175.0),))
    assert water_of(river(), {one.id: one}).level_m(site.chainage_m, START_S) == pytest.approx(175.0)
