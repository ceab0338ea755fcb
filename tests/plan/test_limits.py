"""Hard limits: ok, breached or unknown, by what is known now; and how a beach empties, worked out on paper."""

from dataclasses import replace

import numpy as np
import pytest

from rescuecmd.picture.water import BodyStage
from rescuecmd.plan.evacuation import WALK_MPS, evacuation
from rescuecmd.plan.facts import FACTS
from rescuecmd.plan.limits import Job, assess, judge, know, steps_done
from rescuecmd.river.model import Beach, Exit, SafeGround
from rescuecmd.text import Text
from tests.plan.story import Story, story
from tests.plan.test_push import card_of, push, pushed
from tests.river.teaching import rising_water, still_water, straight_river


def states(told: Story, terminal_id: str, plan_id: str = "reef", victim: str = "v-reef") -> dict[str, tuple[str, str]]:
    sent = push(told, plan_id, "t-jy-01", "t-zy-03", "t-an-1", victims=(victim,))
    return {limit.id: (limit.state, limit.value) for limit in card_of(sent, terminal_id).content.limits}


def test_every_limit_is_judged_by_its_fact() -> None:
    found = states(story(), "t-zy-03")
    assert found["L2"] == ("ok", "0.6 m/s")
    assert found["L3"] == ("ok", "2")
    assert found["L4"] == ("ok", "12")
    assert found["L5"][0] == "ok"
    assert states(story(1920.0), "t-zy-03")["L5"][0] == "breach"
    assert found["L8"] == ("unknown", "")  # nothing measures the water's temperature
    assert found["L9"] == ("unknown", "")
    assert "L2" not in states(story(), "t-jy-01")  # that one is for inflatables alone
    assert not {"L1", "L5", "L6"} & set(states(story(), "t-an-1"))  # and these for boats


def test_a_spotter_is_unknown_until_the_team_answers() -> None:
    sent = push(story(), "reef", "t-jy-01", "t-an-1", victims=("v-reef",))
    by_state = {}
    for state in ("queued", "accepted", "declined"):
        told = pushed(story(), sent, "offered")
        answered = replace(told.picture.cards["p1/t-an-1"], state=state)
        picture = told.picture.put("cards", answered)
        card = picture.cards["p1/t-jy-01"]
        limits = assess(told.plans["reef"], picture, told.scene, card)
        by_state[state] = next(limit.state for limit in limits if limit.id == "L7")
    assert by_state == {"queued": "unknown", "accepted": "ok", "declined": "breach"}


def test_a_card_is_assessed_again_as_the_water_moves() -> None:
    told = story()
    sent = push(told, "reef", "t-jy-01", "t-xf-02", victims=("v-reef",))
    before = pushed(told, sent)
    later = story(2100.0)
    after = before.with_picture(before.picture.put("outlooks", *later.picture.outlooks.values()))
    card = before.picture.cards["p1/t-jy-01"]
    first = {limit.id: limit.value for limit in assess(told.plans["reef"], before.picture, told.scene, card)}
    second = {limit.id: limit.value for limit in assess(told.plans["reef"], after.picture, later.scene, card)}
    assert float(second["L5"].split()[0]) < float(first["L5"].split()[0])
    by_terminal = assess(told.plans["reef"], before.picture, told.scene, "t-jy-01")
    assert {limit.id: limit.state for limit in by_terminal} == {
        limit.id: limit.state for limit in assess(told.plans["reef"], before.picture, told.scene, card)
    }


def test_outside_the_forecast_water_facts_are_unknown_not_wrong() -> None:
    told = story()
    dark = replace(told.scene, now_s=told.scene.water.end_s + 60.0)
    picture = replace(told.picture, outlooks={})
    job = Job("t-jy-01", ("v-w1",), "", stop_xy=(0.0, 0.0))
    known = know(told.plans["water"], picture, dark, job)
    for name in ("current_mps", "depth_m", "margin_m", "minutes_left", "water_temp_c", "daylight"):
        assert known.facts[name] is None
        assert known.show(name) == ""
    assert set(FACTS) <= set(known.facts)
    assert all(limit.state in {"ok", "breach", "unknown"} for limit in judge(told.plans["water"], picture, job, known))


def test_without_a_rating_the_current_is_unknown_and_not_still() -> None:
    told = story()
    river = replace(told.scene.river, rating=None)
    unrated = replace(told.scene, river=river, water=replace(told.scene.water, river=river))
    job = Job("t-jy-01", ("v-w1",), "", stop_xy=(0.0, 0.0))
    known = know(told.plans["water"], told.picture, unrated, job)
    assert known.facts["current_mps"] is None
    assert known.facts["depth_m"] == know(told.plans["water"], told.picture, told.scene, job).facts["depth_m"]


def test_a_forecast_that_ends_first_gives_a_lower_bound() -> None:
    told = story()
    outlook = replace(told.picture.outlooks["huangpanshi"], early_s=None, median_s=None, late_s=None)
    victim = replace(told.picture.victims["v-reef"], early_s=None)
    picture = told.picture.put("outlooks", outlook).put("victims", victim)
    known = know(told.plans["reef"], picture, told.scene, Job("t-jy-01", ("v-reef",), "huangpanshi"))
    assert known.show("minutes_left") == "> 70 min"


def test_steps_end_by_themselves() -> None:
    told = story()
    job = Job("t-jy-01", ("v-reef",), "huangpanshi")
    assert steps_done(told.plans["reef"], know(told.plans["reef"], told.picture, told.scene, job))[7] is False
    saved = told.picture.put("victims", replace(told.picture.victims["v-reef"], safe=3))
    assert steps_done(told.plans["reef"], know(told.plans["reef"], saved, told.scene, job))[7] is True


def beach(level_m: float, width_m: float = 2.5) -> Beach:
    ring = ((100.0, 60.0), (200.0, 60.0), (200.0, 90.0), (100.0, 90.0), (100.0, 60.0))
    exits = (
        Exit("up", Text("上", "up"), 100.0, 90.0, level_m, width_m, "steps", "plaza"),
        Exit("down", Text("下", "down"), 200.0, 90.0, 176.0, 4.0, "ramp", "plaza"),
    )
    return Beach("b", Text("滩", "beach"), ring, 175.5, exits)


def test_the_time_to_leave_is_people_over_flow_plus_the_walk() -> None:
    plaza = SafeGround("plaza", Text("场", "plaza"), 150.0, 150.0, 190.0)
    river = straight_river(beaches=[beach(182.0)], safe_ground=[plaza])
    state = evacuation(river, still_water(river, 175.0), river.beaches[0], 180, 0.0)
    assert [way.exit.id for way in state.open] == ["down", "up"]  # the wider first
    flow = 66.0 * 2.5 + 66.0 * 4.0
    walk_m = float(np.hypot(0.0, 30.0))  # the farthest corner from its nearest exit
    assert state.minutes == pytest.approx(180 / flow + walk_m / WALK_MPS / 60)


def test_an_exit_closes_half_a_metre_before_the_water() -> None:
    river = straight_river(beaches=[beach(182.0)])
    water = rising_water(river, 175.0, 177.0, end_s=7200.0)  # 1 m an hour
    state = evacuation(river, water, river.beaches[0], 180, 0.0)
    assert [way.exit.id for way in state.open] == ["up"]
    (closed,) = state.closed
    assert closed.until_s is not None
    assert 0.0 < closed.until_s < 1800.0  # 0.5 m below 176 m at 175.5 m, earlier by the bound
    none = evacuation(river, rising_water(river, 181.0, 183.0), beach(181.2), 180, 0.0)
    assert none.minutes is None
    assert none.open == ()


def test_an_exit_is_not_called_open_beyond_the_levels_that_are_covered() -> None:
    river = straight_river(beaches=[beach(182.0)], wall_m=180.0)
    water = rising_water(river, 179.0, 184.0)  # passes 180 m after 12 min, and the upper exit later
    ways = {way.exit.id: way for way in evacuation(river, water, river.beaches[0], 180, 0.0).ways}
    assert ways["up"].until_s == pytest.approx(720.0)
    assert not ways["up"].open
    falling = rising_water(river, 171.0, 166.0)  # leaves the range downwards: nothing closes an exit
    state = evacuation(river, falling, river.beaches[0], 180, 0.0)
    assert [way.exit.id for way in state.open] == ["down", "up"]


def test_the_stages_of_people_on_a_rock_are_facts_that_a_card_may_ask_for() -> None:
    told = story()
    outlook = told.picture.outlooks["huangpanshi"]
    stages = (BodyStage("knee", told.scene.now_s + 600, None, None), BodyStage("footing", None, None, None))
    picture = told.picture.put("outlooks", replace(outlook, stages=stages))
    known = know(told.plans["reef"], picture, told.scene, Job("t-jy-01", ("v-reef",), "huangpanshi"))
    assert known.facts["knee_min"] == pytest.approx(10.0)
    assert known.facts["footing_min"] == pytest.approx((told.scene.water.end_s - told.scene.now_s) / 60)
    assert {"footing_min"} <= known.at_least


def test_a_card_says_where_its_place_comes_from_and_how_far_to_trust_it() -> None:
    sent = push(story(), "reef", "t-jy-01", "t-xf-02", victims=("v-reef",))
    told = card_of(sent, "t-jy-01").content.sources[-1]
    assert told == "黄盘石 / Huangpanshi (low): name: jtj.cq.gov.cn notice of 2020-06-17; position and crest schematic"
