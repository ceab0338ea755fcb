import asyncio
import json
import re
from dataclasses import replace

import pytest

from rescuecmd.clock import DrillClock
from rescuecmd.desk import Desk
from rescuecmd.drill.engine import Engine
from rescuecmd.drill.opening import operation_id
from rescuecmd.drill.page import as_html
from rescuecmd.drill.report import as_json
from rescuecmd.drill.script import DrillScript
from rescuecmd.drill.words import as_text
from rescuecmd.errors import RefusedError
from rescuecmd.feeds.exercise import Exercise
from rescuecmd.feeds.headless import headless, report_of
from rescuecmd.picture.events import ClockSet, Event
from rescuecmd.reactions import Situation
from rescuecmd.store.codec import encode_event
from rescuecmd.store.memory import MemoryLog
from rescuecmd.text import Text
from tests.drill import stage


def situation() -> Situation:
    return Situation(stage.river(), stage.network(), stage.plans())


async def opened(script: DrillScript | None = None, seed: int | None = None, log: MemoryLog | None = None) -> Exercise:
    return await headless(
        script or stage.script(),
        situation(),
        log or MemoryLog(),
        start_s=stage.START_S,
        seed=seed,
        wall=lambda: stage.START_S,
    )


async def events_of(exercise: Exercise) -> list[Event]:
    events: list[Event] = []
    while page := await exercise.desk.since(len(events)):
        events += page
    return events


def told(events: list[Event]) -> list[bytes]:
    """Return what the log says apart from the clock's own entries, and from numbers that count those, too."""
    kept = (replace(event, seq=0, op_id="", cause="") for event in events if not isinstance(event.body, ClockSet))
    return [re.sub(rb"(/route/|offer-)\d+", rb"\1n", encode_event(event)) for event in kept]


async def test_the_same_file_seed_and_inputs_give_the_same_log_to_the_byte() -> None:
    logs = []
    for seed in (7, 7, 8):
        exercise = await opened(seed=seed)
        await exercise.run_fast(420)
        logs.append([encode_event(event) for event in await events_of(exercise)])
    assert logs[0] == logs[1]
    assert logs[0] != logs[2]


@pytest.mark.parametrize("second", [1, 60, 187, 333])
async def test_pausing_at_any_second_gives_the_same_log(second: int) -> None:
    whole, paused = await opened(), await opened()
    await whole.run_fast(400)
    await paused.run_fast(second)
    await paused.pause()
    await asyncio.sleep(0.01)
    await paused.run_fast(400)
    assert told(await events_of(whole)) == told(await events_of(paused))


async def test_a_drill_is_taken_up_again_where_its_log_ends() -> None:
    log = MemoryLog()
    first = await opened(log=log)
    await first.run_fast(215)  # a lost link, a failed engine, cards on their way
    again = await opened(seed=12345, log=log)  # the seed in the log counts, not the one given
    assert again.elapsed_s == 215
    assert again.engine.seed == 7
    assert again.truth() == first.truth()
    assert again.engine.view() == first.engine.view()
    again.clock.step(again.engine.now_s - again.clock.now_s())
    await again.run_fast(300)
    assert again.elapsed_s == 300
    assert not again.refused


async def test_another_drills_log_is_refused() -> None:
    log = MemoryLog()
    await opened(log=log)
    other = stage.script("id: straight\n", "id: other\n")
    clock = DrillClock(stage.START_S)
    desk = await Desk.open(log, operation_id(stage.script(), stage.START_S), clock)
    exercise = Exercise(Engine(other, stage.river(), stage.network()), desk, None, clock)
    with pytest.raises(RefusedError, match="holds drill 'straight'"):
        await exercise.open()


async def test_live_time_runs_pauses_steps_and_stops() -> None:
    exercise = await opened()
    exercise.clock.set_speed(100.0)
    loop = asyncio.create_task(exercise.run())
    await asyncio.sleep(0.1)
    assert exercise.elapsed_s == 0  # nobody has started it
    await exercise.start()
    await exercise.desk.wait_beyond(exercise.desk.seq + 10)
    await exercise.pause()
    operation = exercise.desk.picture.operation
    assert operation is not None
    assert operation.state == "paused"
    await asyncio.sleep(0.15)
    at = exercise.elapsed_s
    await asyncio.sleep(0.1)
    assert exercise.elapsed_s == at
    await exercise.step(30.0)
    assert exercise.elapsed_s >= at + 29
    assert exercise.view()["state"] == "paused"
    await exercise.set_speed(20.0)
    assert exercise.view()["speed"] == 20.0
    await exercise.start()
    with pytest.raises(RefusedError):
        await exercise.step(1.0)
    await exercise.stop(Text("停", "stop"))
    await asyncio.wait_for(loop, 2.0)
    with pytest.raises(RefusedError):
        await exercise.start()


async def test_a_trainer_fires_an_inject_while_time_stands() -> None:
    exercise = await opened()
    await exercise.run_fast(10)
    await exercise.pause()
    await exercise.control("fire", "I3")
    assert "inject/I3" in exercise.desk.picture.notes
    assert exercise.elapsed_s == 10


async def test_the_whole_story_is_rated_and_reported() -> None:
    exercise = await opened()
    await exercise.run_fast()
    report = await exercise.report()
    assert exercise.ended
    assert not exercise.refused
    assert report.reported == 64
    assert report.saved + report.lost + report.waiting == 64
    assert report.saved >= 60
    assert report.pushes
    assert any(answer.state == "declined" for push in report.pushes for answer in push.answers)
    for push in report.pushes:
        for answer in push.answers:
            times = [answer.delivered_s, answer.displayed_s, answer.answered_s]
            known = [moment for moment in times if moment is not None]
            assert known == sorted(known)
    assert report.ratings[0].met_s == min(push.t_s for push in report.pushes if push.plan_id == "reef")
    assert [line.t_s for line in report.timeline] == sorted(line.t_s for line in report.timeline)
    again = report_of(stage.script(), situation(), await events_of(exercise))
    assert as_json(again) == as_json(report)


async def test_without_a_commander_nobody_is_saved_and_the_drill_says_so() -> None:
    exercise = await headless(
        stage.script(), situation(), MemoryLog(), start_s=stage.START_S, commander=False, wall=lambda: stage.START_S
    )
    await exercise.run_fast()
    report = await exercise.report()
    assert (report.saved, len(report.pushes)) == (0, 0)
    assert [grade.letter for grade in report.grades] == ["U", "U"]
    assert report.lost >= 4


async def test_every_form_of_the_report_carries_the_marking_and_both_languages() -> None:
    exercise = await opened()
    await exercise.run_fast(200)
    report = await exercise.report()
    page, text, data = as_html(report), as_text(report), json.dumps(as_json(report), ensure_ascii=False)
    assert page.count("演练 DRILL") >= 4
    assert text.startswith("== 演练 DRILL ==")
    assert text.endswith("== 演练 DRILL ==")
    assert "演练 DRILL" in data
    for form in (page, text):
        assert "直河演练" in form
        assert "Straight drill" in form
    assert "<script" not in page
    assert "http" not in page.replace("http-equiv", "")


async def test_a_report_escapes_what_people_wrote() -> None:
    exercise = await opened(stage.script("en: Straight drill", "en: <b>bold</b>"))
    report = await exercise.report()
    assert "<b>bold" not in as_html(report)
    assert "&lt;b&gt;bold" in as_html(report)
