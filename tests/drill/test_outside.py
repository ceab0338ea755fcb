"""A drill whose water leaves what its river covers, and comes back: it is played to its end, and says so."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from rescuecmd.drill.hydrograph import outside_fact, run_at, true_water
from rescuecmd.drill.script import DrillScript
from rescuecmd.errors import NotCoveredError
from rescuecmd.feeds.headless import headless, report_of
from rescuecmd.interop.drill_file import read_drill
from rescuecmd.picture.events import AlarmCleared, AlarmRaised, RouteEnded, RouteSet, WaterLost
from rescuecmd.reactions import Situation
from rescuecmd.reactions.cover import ALARM_ID
from rescuecmd.river.model import River
from rescuecmd.routing.network import draw_network
from rescuecmd.store.memory import MemoryLog
from tests.drill import stage
from tests.drill.test_exercise import events_of

TOP_M = 178.0
PASSED_S, BACK_S = 240.0, 480.0  # 175 m rising to 180 m from the first to the sixth minute, and falling as fast


@cache
def river() -> River:
    """Return the straight river surveyed up to 178 m only, whose level rises above that and falls again."""
    whole, hours = stage.river(), np.arange(25.0)
    sections = tuple(
        replace(one, beds_m=np.concatenate([[TOP_M], one.beds_m[1:-1], [TOP_M]])) for one in whole.sections
    )
    wave = 180.0 - 5.0 * np.abs(hours - 12.0) / 12.0
    return replace(whole, sections=sections, series=tuple(replace(one, levels_m=wave) for one in whole.series))


def script(change: str = "", to: str = "") -> DrillScript:
    return read_drill(stage.text().replace(change, to, 1).encode(), "straight.yaml", river(), stage.plans())


def test_the_true_water_stands_still_while_nobody_can_compute_it() -> None:
    drill = script()
    water = true_water(river(), drill.levels, stage.START_S, drill.duration_s)
    assert water.end_s == pytest.approx(stage.START_S + PASSED_S)
    for t_s, told_s in ((100.0, 100.0), (300.0, PASSED_S), (600.0, 600.0)):
        run, at_s = run_at(water, stage.START_S + t_s)
        assert at_s == pytest.approx(stage.START_S + told_s)
        assert run.covers(at_s)
    fact = outside_fact(water, stage.START_S, drill.duration_s)
    assert fact is not None
    assert "the drill passes that at 4m00s" in fact.en
    assert "178.00 米" in fact.zh


def test_a_drill_that_begins_outside_is_refused_with_the_range() -> None:
    drill = script("  quiet: 1m\n", "  quiet: 0s\n  begin: 12h\n")
    with pytest.raises(NotCoveredError) as refused:
        true_water(river(), drill.levels, stage.START_S, drill.duration_s)
    assert refused.value.code == "level-outside"


async def test_a_drill_whose_level_leaves_the_range_is_played_to_its_end() -> None:
    situation = Situation(river(), draw_network(river()), stage.plans())
    drill = script()
    exercise = await headless(drill, situation, MemoryLog(), start_s=stage.START_S, wall=lambda: stage.START_S)
    await exercise.run_fast()
    events = await events_of(exercise)
    told = [event for event in events if isinstance(event.body, AlarmRaised) and event.body.alarm.id == ALARM_ID]
    lost = [event for event in events if isinstance(event.body, WaterLost)]
    assert any(event.body.alarm.priority == "alarm" for event in told if isinstance(event.body, AlarmRaised))
    assert len(lost) == 1
    assert lost[0].time_s - stage.START_S == pytest.approx(PASSED_S, abs=60.0)
    back_s = next(e.time_s for e in events if isinstance(e.body, AlarmCleared) and e.body.alarm_id == ALARM_ID)
    assert back_s - stage.START_S == pytest.approx(BACK_S, abs=60.0)
    without = [e for e in events if lost[0].time_s < e.time_s < back_s and isinstance(e.body, RouteSet)]
    assert without == []
    assert any(isinstance(event.body, RouteEnded) for event in events)
    picture = exercise.desk.picture
    assert picture.outlooks
    assert picture.operation is not None
    assert picture.operation.state == "ended"
    assert any("the drill passes that at" in fact.en for fact in picture.operation.facts)
    assert report_of(drill, situation, events) is not None
