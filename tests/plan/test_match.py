"""Which cards the picture calls for, in which order, and who is preselected."""

from collections.abc import Sequence
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from rescuecmd.picture.entity import Victim
from rescuecmd.picture.order import Candidate, Suggestion, TaskKind
from rescuecmd.plan.match import suggest
from rescuecmd.tasking.candidates import candidates, passed_over
from tests.plan.story import Story, fix, story
from tests.plan.test_push import push, pushed


def suggested(told: Story) -> tuple[Suggestion, ...]:
    def who(_: TaskKind, victims: Sequence[Victim], place_id: str) -> tuple[Candidate, ...]:
        return candidates(told.scene, told.picture, victims, place_id=place_id)

    return suggest(told.picture, told.plans, told.scene, who)


def test_the_most_urgent_first_each_ready_to_push() -> None:
    found = suggested(story())
    assert [(item.rank, item.id) for item in found] == [
        (1, "water/v-w1"),
        (2, "reef/huangpanshi"),
        (3, "beach/dazhulin-beach"),
    ]
    water, reef, beach = found
    assert water.victim_ids == ("v-w1", "v-w2")
    assert water.chosen == ("t-jy-01", "t-xf-02")  # the inflatable is nearer, but the current is above its limit
    assert reef.chosen == ("t-zy-03",)  # the others are already promised to the swimmers
    assert beach.chosen == ("t-an-1", "t-med")
    assert "0.87 m" in reef.why.zh
    assert "8 分钟" in reef.why.zh
    assert "180" in beach.why.en
    for item in found:
        etas = [
            one.eta_s for one in item.candidates if one.eta_s is not None and (one.note is None or not one.vessel_id)
        ]
        assert etas == sorted(etas)


def test_a_reef_alone_gets_two_boats() -> None:
    told = story()
    alone = told.with_picture(told.picture.drop("victims", "v-w1", "v-w2", "v-crowd"))
    (reef,) = suggested(alone)
    assert reef.chosen == ("t-jy-01", "t-zy-03")


def test_people_with_seats_on_the_way_are_not_suggested_again() -> None:
    told = story()
    sent = push(told, "reef", "t-jy-01", victims=("v-reef",))
    covered = pushed(told, sent, "offered")
    assert "reef/huangpanshi" not in [item.id for item in suggested(covered)]
    declined = pushed(told, sent, "declined")
    assert "reef/huangpanshi" in [item.id for item in suggested(declined)]
    small = told.picture.put("vessels", replace(told.picture.vessels["jy-01"], aboard=7))
    short = pushed(told.with_picture(small), sent, "accepted")
    reef = next(item for item in suggested(short) if item.plan_id == "reef")
    assert "不够" in reef.why.zh
    assert "t-jy-01" not in reef.chosen


def test_nobody_left_is_said_aloud() -> None:
    told = story()
    broken = [replace(vessel, state="disabled") for vessel in told.picture.vessels.values()]
    found = suggested(told.with_picture(told.picture.put("vessels", *broken)))
    reef = next(item for item in found if item.plan_id == "reef")
    assert (reef.candidates, reef.chosen) == ((), ())
    assert "没有可派的力量" in reef.why.zh


def test_closed_victims_call_for_nothing() -> None:
    told = story()
    saved = [replace(victim, safe=victim.count) for victim in told.picture.victims.values()]
    assert suggested(told.with_picture(told.picture.put("victims", *saved))) == ()


def test_swimmers_far_apart_are_two_jobs_and_at_most_three_cards_are_shown() -> None:
    told = story()
    x, y = (float(value) for value in told.scene.river.point(6000.0, 0.0))
    far = replace(told.picture.victims["v-w2"], fix=fix(told.scene.river, x, y, told.scene.now_s))
    found = suggested(told.with_picture(told.picture.put("victims", far)))
    assert [item.id for item in found] == ["water/v-w1", "water/v-w2", "reef/huangpanshi"]


def test_a_beach_that_stays_dry_is_left_in_peace() -> None:
    told = story()
    calm = replace(told.picture.outlooks["dazhulin-beach"], early_s=None, margin_m=4.0)
    dry = replace(told.picture.victims["v-crowd"], early_s=None)
    level = [replace(gauge, rise_m_per_h=0.0) for gauge in told.picture.gauges.values()]
    long = replace(told.scene, water=told.scene.water, now_s=0.0)
    picture = told.picture.put("outlooks", calm).put("victims", dry).put("gauges", *level)
    found = suggest(picture, told.plans, long, lambda *_: ())
    assert "beach/dazhulin-beach" not in [item.id for item in found]


def test_candidates_leave_out_who_cannot_and_say_why() -> None:
    told = story()
    sent = push(told, "reef", "t-zy-03", victims=("v-reef",))
    vessels = told.picture.vessels
    picture = pushed(told, sent, "declined").picture
    picture = picture.put("vessels", replace(vessels["xf-02"], state="disabled"), replace(vessels["jy-01"], aboard=8))
    victims = [picture.victims["v-reef"]]
    assert candidates(told.scene, picture, victims, push_id="p1") == ()
    notes = {item.terminal_id: item.note.en for item in passed_over(picture, victims, push_id="p1") if item.note}
    assert notes == {"t-jy-01": "no free seat", "t-xf-02": "disabled", "t-zy-03": "declined this push"}
    free = candidates(told.scene, picture, victims, push_id="another")
    assert [item.terminal_id for item in free] == ["t-zy-03"]


def test_a_boat_without_a_way_comes_last_with_the_reason() -> None:
    told = story()
    vessels = told.picture.vessels
    deep = replace(vessels["jy-01"], craft=replace(vessels["jy-01"].craft, draught_m=40.0))
    found = candidates(told.scene, told.picture.put("vessels", deep), [told.picture.victims["v-reef"]])
    assert found[-1].terminal_id == "t-jy-01"
    assert found[-1].eta_s is None
    assert found[-1].note is not None


@settings(max_examples=25, deadline=None)
@given(st.data())
def test_ranking_is_by_deadline_whatever_the_order_of_reports(data: st.DataObject) -> None:
    told = story()
    order = data.draw(st.permutations(list(told.picture.victims)))
    early = {victim_id: data.draw(st.floats(told.scene.now_s, told.scene.now_s + 5000)) for victim_id in order}
    victims = {item: replace(told.picture.victims[item], early_s=early[item]) for item in order}
    picture = replace(told.picture, victims=victims, outlooks={})
    found = suggest(picture, told.plans, told.scene, lambda *_: ())
    urgency = [(item.deadline_s or 0.0) + (0.0 if item.plan_id == "water" else 600.0) for item in found]
    assert urgency == sorted(urgency)
    assert found == suggest(picture, told.plans, told.scene, lambda *_: ())
