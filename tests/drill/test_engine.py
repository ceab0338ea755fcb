from dataclasses import replace

import pytest

from rescuecmd.drill.engine import Engine
from rescuecmd.drill.opening import opening_commands
from rescuecmd.errors import InputError, NotFoundError, RefusedError
from rescuecmd.picture.commands import (
    AddNote,
    EndOperation,
    IssueForecast,
    MoveTask,
    OpenOperation,
    Order,
    ReadGauge,
    ReportHazard,
    ReportPositions,
    ReportVictim,
    SetRoute,
    SetVesselState,
    SightVictim,
)
from rescuecmd.picture.decide import decide
from rescuecmd.picture.events import Event
from rescuecmd.picture.fold import fold
from rescuecmd.picture.state import Picture
from rescuecmd.river.model import Danger
from rescuecmd.text import Text
from tests.drill import stage


class Stage:
    """An engine whose orders are decided and folded at once, without a desk."""

    def __init__(self, seed: int | None = None, change: str = "", to: str = "") -> None:
        script = stage.script(change, to) if change else stage.script()
        self.engine = Engine(script, stage.river(), stage.network(), seed)
        self.picture = Picture()
        self.orders: list[Order] = []
        self.give(self.engine.opening(stage.START_S), stage.START_S)

    def give(self, orders: list[Order], now_s: float) -> None:
        for order in orders:
            self.orders.append(order)
            for body in decide(self.picture, order.command, order.actor, now_s):
                event = Event(self.picture.seq + 1, order.op_id, order.actor, order.cause, now_s, 0.0, None, body)
                self.picture = fold(self.picture, event)

    def play(self, seconds: int) -> None:
        for _ in range(seconds):
            now_s = self.engine.now_s + 1.0
            self.give(self.engine.step(self.picture, now_s), now_s)

    def said(self, kind: type) -> list[Order]:
        return [order for order in self.orders if isinstance(order.command, kind)]


def test_the_opening_marks_the_drill_and_says_what_is_squeezed() -> None:
    played = Stage()
    first = played.orders[0].command
    assert isinstance(first, OpenOperation)
    operation = first.operation
    assert (operation.mode, operation.marking, operation.drill_id) == ("drill", "演练 DRILL", "straight")
    assert any("144" in fact.en for fact in operation.facts)
    assert any("schematic" in fact.en.lower() for fact in operation.facts)
    assert set(played.picture.terminals) == {"t-rib-1", "t-raft-2", "t-shore-3"}
    assert played.picture.gauges["down"].forecast
    assert played.picture.gauges["down"].rise_m_per_h == pytest.approx(0.0, abs=0.1)
    assert played.picture.cameras["cam"].heading_deg == pytest.approx(259.4, abs=1)
    assert all(order.op_id.startswith("straight/") for order in played.orders)
    assert len({order.op_id for order in played.orders}) == len(played.orders)


def test_lasting_dangers_of_the_river_are_in_the_picture_from_the_start() -> None:
    pile = Danger("pile", Text("木桩", "Pile"), "other", 500.0, -40.0, 5.0)
    engine = Stage().engine
    commands = opening_commands(engine.script, replace(stage.river(), dangers=(pile,)), engine.world.water, 0.0)
    hazards = [command.hazard for command in commands if isinstance(command, ReportHazard)]
    assert [(one.id, one.kind, one.radius_m) for one in hazards] == [("pile", "other", 5.0)]
    fix = hazards[0].fix
    assert stage.river().frame.point_xy(fix.lon_deg, fix.lat_deg) == pytest.approx((500, -40), abs=0.1)


def test_ticks_are_neither_skipped_nor_repeated() -> None:
    engine = Stage().engine
    with pytest.raises(InputError, match="expected the tick"):
        engine.step(Picture(), stage.START_S + 2.0)
    with pytest.raises(RefusedError):
        engine.opening(stage.START_S)


def test_the_picture_learns_what_is_reported_and_no_more() -> None:
    played = Stage()
    played.play(39)
    assert not played.picture.victims  # the swimmer has been in the water for nine seconds and nobody knows
    played.play(21)
    assert set(played.picture.victims) == {"swimmer", "rock-3", "crowd"}
    assert played.picture.victims["rock-3"].place_id == "rock"
    assert played.picture.victims["swimmer"].place_id == ""
    played.play(70)
    assert len(played.said(ReportHazard)) == 1
    assert len(played.said(ReportPositions)) == 130
    assert len(played.said(SightVictim)) == 4  # every 20 s from 60 to 120
    swimmer, truth = played.picture.victims["swimmer"].fix, played.engine.world.people["swimmer"]
    assert 0.1 < stage.metres(swimmer.lon_deg, swimmer.lat_deg, truth.x_m, truth.y_m) < 80


def test_gauges_are_read_on_time_with_noise_and_forecasts_issued() -> None:
    played = Stage()
    played.play(120)
    later = [order for order in played.said(ReadGauge) if order.command.reading.time_s > stage.START_S]  # type: ignore[union-attr]
    assert len(later) == 2 * 4
    assert len(played.said(IssueForecast)) == 2
    assert played.picture.gauges["down"].recent[-1].level_m == pytest.approx(175.5, abs=0.05)


def test_injects_fire_in_time_and_on_condition_with_their_values() -> None:
    played = Stage()
    played.play(4)
    assert played.engine.view().next[0].text.en == "Level 175.00 m at 4s"  # as it would be told now
    assert "inject/I1" not in played.picture.notes
    played.play(1)
    assert played.picture.notes["inject/I1"].text.en == "Level 175.00 m at 5s"
    played.play(175)
    assert "inject/I2" not in played.picture.notes  # level 176 is reached at 3 min, and must hold for 5 s
    played.play(7)
    assert played.picture.notes["inject/I2"].to == ("t-rib-1",)
    assert played.engine.score.hints == {"I2": 10.0}


def test_a_lost_link_silences_a_unit_and_what_it_said_comes_later() -> None:
    played = Stage()
    played.play(119)
    before = played.picture.vessels["raft-2"].fix
    assert played.engine.link_up("t-raft-2")
    played.play(20)
    assert not played.engine.link_up("t-raft-2")
    fix = played.picture.vessels["raft-2"].fix
    assert before is not None
    assert fix is not None
    assert fix.time_s <= before.time_s + 1
    played.play(20)
    assert played.engine.link_up("t-raft-2")
    after = played.picture.vessels["raft-2"].fix
    assert after is not None
    assert after.time_s == played.engine.now_s


def test_an_engine_failure_is_reported_and_passes() -> None:
    played = Stage()
    played.play(245)
    commands = [order.command for order in played.said(SetVesselState)]
    states = [(c.vessel_id, c.state) for c in commands if isinstance(c, SetVesselState)]
    assert states == [("rib-1", "disabled"), ("rib-1", "ready")]
    assert played.picture.vessels["rib-1"].state == "ready"


def test_crews_set_out_say_so_and_find_their_own_way_home() -> None:
    played = Stage(change="part: engine, type: failed, for: 1m", to="part: engine, type: degraded, value: 0.9")
    played.play(61)
    order = replace(stage.task("T", "t-raft-2", "raft-2", "rock-3", place_id="rock"), state="accepted")
    route = stage.route("R", "raft-2", "T", (400.0, 0.0), (960.0, 20.0))
    played.picture = played.picture.put("tasks", order).put("routes", route)
    vessel = replace(played.picture.vessels["raft-2"], task_id="T", route_id="R")
    played.picture = played.picture.put("vessels", vessel)
    played.play(540)
    moves = [order.command.state for order in played.said(MoveTask)]  # type: ignore[union-attr]
    assert moves[:2] == ["under_way", "on_scene"]
    assert moves[-1] == "done"
    (home,) = played.said(SetRoute)
    assert home.actor.id == "terminal/t-raft-2"
    assert played.picture.victims["rock-3"].safe == 3
    assert played.picture.vessels["raft-2"].aboard == 0


def test_people_swept_off_are_reported_as_being_in_the_water() -> None:
    played = Stage()
    played.play(450)
    victim = played.picture.victims["rock-3"]
    assert (victim.kind, victim.place_id, victim.count) == ("in_water", "", 3)
    assert any(note.id.startswith("turn/rock-3") for note in played.picture.notes.values())
    assert len(played.said(ReportVictim)) >= 4


def test_the_trainer_fires_holds_and_skips() -> None:
    played = Stage()
    played.play(1)
    engine, now_s = played.engine, played.engine.now_s
    played.give([engine.fire("I3", "trainer", now_s), engine.hold("I1", "trainer", now_s)], now_s)
    assert engine.view().next[0].id == "I1"
    played.play(10)
    assert "inject/I3" in played.picture.notes
    assert "inject/I1" not in played.picture.notes
    assert [item.state for item in engine.view().next if item.id == "I1"] == ["held"]
    played.give([engine.skip("I1", "trainer", engine.now_s), engine.fire("F1", "trainer", engine.now_s)], engine.now_s)
    played.play(2)
    assert played.picture.vessels["rib-1"].state == "disabled"
    assert "I1" not in {item.id for item in engine.view().next}
    with pytest.raises(RefusedError):
        engine.fire("I3", "trainer", engine.now_s)
    with pytest.raises(NotFoundError, match="did you mean 'I2'"):
        engine.fire("I22", "trainer", engine.now_s)
    with pytest.raises(InputError):
        engine.control("shoot", "I2", "trainer", engine.now_s)


def test_fired_while_paused_means_at_once() -> None:
    played = Stage()
    played.play(3)
    now_s = played.engine.now_s
    played.give([played.engine.fire("I3", "trainer", now_s)], now_s)
    played.give(played.engine.obey(played.picture), now_s)
    assert "inject/I3" in played.picture.notes
    played.play(5)
    assert len([o for o in played.said(AddNote) if o.op_id == "straight/inject/I3"]) == 1


def test_the_view_says_what_blocks_a_condition() -> None:
    played = Stage()
    played.play(10)
    waiting = {item.id: item for item in played.engine.view().next}
    assert waiting["I2"].value is False
    assert waiting["I2"].when == "level > 176"
    assert waiting["I2"].said == Text("水位（m） > 176", "level (m) > 176")
    (blocked,) = waiting["I2"].blocked_by
    assert blocked.en.startswith("level (m) > 176: not so (now 17")
    assert waiting["I3"].at_s == 18 * 60


def test_time_is_up_in_the_end_and_nothing_follows() -> None:
    played = Stage(change="duration: 20m", to="duration: 18m")
    played.play(18 * 60)
    assert played.engine.stopped is not None
    assert len(played.said(EndOperation)) == 1
    assert played.picture.operation is not None
    assert played.picture.operation.state == "ended"
    assert played.engine.step(played.picture, played.engine.now_s + 1.0) == []


def test_equal_seeds_give_equal_orders() -> None:
    runs = []
    for seed in (7, 7, 8):
        played = Stage(seed)
        played.play(200)
        runs.append(played.orders)
    assert runs[0] == runs[1]
    assert runs[0] != runs[2]
