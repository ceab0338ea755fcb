"""One click on the real river: every terminal gets its own card, and no card pretends to know more than it does."""

from dataclasses import replace
from typing import Any, Literal

import pytest

from rescuecmd.errors import NotCoveredError, NotFoundError, RefusedError
from rescuecmd.picture.commands import PushCard
from rescuecmd.picture.entity import Group
from rescuecmd.picture.order import Card
from rescuecmd.picture.state import Picture
from rescuecmd.plan.personal import make_push
from rescuecmd.river.unknown import UnknownWater
from tests.plan.story import Story, fix, story

ALL = ("t-jy-01", "t-xf-02", "t-zy-03", "t-an-1", "t-med")


def push(
    told: Story, plan_id: str, *terminals: str, victims: tuple[str, ...] = (), place: str = "", **more: str
) -> PushCard:
    return make_push(
        told.picture,
        told.scene,
        told.plans[plan_id],
        push_id="p1",
        by="commander",
        now_s=told.scene.now_s,
        terminal_ids=terminals,
        victim_ids=victims,
        place_id=place,
        **more,
    )


def card_of(sent: PushCard, terminal_id: str) -> Card:
    return next(card for card in sent.cards if card.terminal_id == terminal_id)


Answer = Literal["offered", "accepted", "declined"]


def pushed(told: Story, sent: PushCard, state: Answer = "accepted") -> Story:
    """The story after the push was answered (or, offered, not yet)."""
    cards = [replace(card, state="queued" if state == "offered" else state) for card in sent.cards]
    tasks = [replace(task, state=state) for task in sent.tasks]
    picture = told.picture.put("pushes", sent.push).put("cards", *cards).put("tasks", *tasks)
    return told.with_picture(picture.put("routes", *sent.routes))


@pytest.mark.parametrize(
    ("plan_id", "goal"),
    [
        ("reef", {"victims": ("v-reef",)}),
        ("water", {"victims": ("v-w1", "v-w2")}),
        ("beach", {"place": "dazhulin-beach"}),
    ],
)
def test_a_card_goes_out_while_nothing_is_known_of_the_water(plan_id: str, goal: dict[str, Any]) -> None:
    told = story()
    why = NotCoveredError("no-levels", "no gauge of this river has a level yet")
    dry = replace(told.scene, water=UnknownWater(told.scene.river, {}, why=why))
    sent = push(replace(told, scene=dry, picture=replace(told.picture, outlooks={})), plan_id, *ALL, **goal)
    assert sent.routes == ()
    assert len(sent.cards) == len(sent.tasks) == len(ALL)
    boat = card_of(sent, "t-jy-01").content
    assert boat.no_route is not None
    assert "no gauge of this river has a level yet" in boat.spoken.en
    for card in sent.cards:
        assert card.content.steps
        assert not any(limit.state == "ok" and "current" in limit.text.en for limit in card.content.limits)


def test_every_terminal_gets_its_own_card_task_and_route() -> None:
    sent = push(story(), "reef", *ALL, victims=("v-reef",))
    assert [card.id for card in sent.cards] == [f"p1/{terminal}" for terminal in ALL]
    assert [task.id for task in sent.tasks] == [card.task_id for card in sent.cards]
    assert {route.vessel_id for route in sent.routes} == {"jy-01", "xf-02", "zy-03"}
    assert sent.push.place_id == "huangpanshi"
    for route in sent.routes:
        card = next(card for card in sent.cards if card.content.route_id == route.id)
        assert card.content.eta_s == route.arrive_s > route.depart_s
        assert route.task_id == card.task_id
        etas = [point.eta_s for point in route.waypoints]
        assert etas == sorted(etas)
        assert route.margin_m >= 0


def test_roles_go_by_arrival_and_own_steps_come_first() -> None:
    sent = push(story(), "reef", *ALL, victims=("v-reef",))
    by_arrival = sorted(sent.routes, key=lambda route: route.arrive_s)
    roles = [card_of(sent, f"t-{route.vessel_id}").content.role.en for route in by_arrival]
    assert roles == ["Lead boat", "Downstream safety boat", "Relay boat"]
    assert card_of(sent, "t-an-1").content.role.en == "Shore rope and spotter team"
    assert card_of(sent, "t-med").content.role.en == "Medical team"
    for card in sent.cards:
        mine = [step.mine for step in card.content.steps]
        assert mine == sorted(mine, reverse=True)
        assert any(mine)
        assert not any("<" in step.text.zh + step.text.en for step in card.content.steps)


def test_a_role_already_taken_goes_to_nobody_else() -> None:
    first = push(story(), "reef", "t-zy-03", victims=("v-reef",))
    assert card_of(first, "t-zy-03").content.role.en == "Lead boat"
    again = push(pushed(story(), first), "reef", "t-jy-01", victims=("v-reef",))
    assert card_of(again, "t-jy-01").content.role.en == "Downstream safety boat"


def test_the_spoken_line_says_where_how_long_and_what_to_mind_and_that_it_is_a_drill() -> None:
    spoken = card_of(push(story(), "reef", "t-jy-01", victims=("v-reef",)), "t-jy-01").content.spoken
    assert spoken.zh.startswith("演练。去黄盘石救 3 人；2.2 公里，约 2 分 50 秒；注意")
    assert spoken.en.startswith("Drill. Go to Huangpanshi for 3 people; 2.2 km, about 2 min 50 s; mind")
    live = story(marking="")
    assert card_of(push(live, "reef", "t-jy-01", victims=("v-reef",)), "t-jy-01").content.spoken.zh.startswith(
        "去黄盘石"
    )


def test_a_drifting_person_is_met_downstream_of_where_they_were_seen() -> None:
    told = story()
    sent = push(told, "water", "t-jy-01", "t-xf-02", victims=("v-w1", "v-w2"))
    seen = told.picture.victims["v-w1"].fix
    frame = told.scene.river.frame
    seen_m = float(told.scene.river.locate(*frame.point_xy(seen.lon_deg, seen.lat_deg))[0])
    for task in sent.tasks:
        goal_m = float(told.scene.river.locate(*frame.point_xy(task.goal_lon_deg, task.goal_lat_deg))[0])
        assert goal_m > seen_m + 100
        assert "会合点" in card_of(sent, task.terminal_id).content.where.zh


def test_a_boat_without_a_way_gets_a_card_that_says_so() -> None:
    told = story()
    vessels = told.picture.vessels
    deep = replace(vessels["xf-02"], craft=replace(vessels["xf-02"].craft, draught_m=40.0))
    lost = replace(vessels["zy-03"], fix=None)
    sent = push(told.with_picture(told.picture.put("vessels", deep, lost)), "reef", *ALL, victims=("v-reef",))
    for terminal, words in (("t-xf-02", "够深"), ("t-zy-03", "不知道本艇位置")):
        content = card_of(sent, terminal).content
        assert (content.eta_s, content.route_id) == (None, "")
        assert content.no_route is not None
        assert words in content.no_route.zh
        assert "没有可走的航路" in content.spoken.zh
    assert len(sent.tasks) == 5
    assert len(sent.routes) == 1


def test_the_evacuation_card_names_open_exits_people_and_time() -> None:
    told = story()
    sent = push(told, "beach", *ALL, place="dazhulin-beach")
    assert sent.push.victim_ids == ("v-crowd",)
    lead = card_of(sent, "t-an-1").content
    assert lead.picture == "evacuation"
    assert "180 人" in lead.spoken.zh
    text = next(step.text.zh for step in lead.steps if step.n == 2)
    assert "上游步道" in text
    assert "下游坡道" not in text
    flow = next(limit for limit in lead.limits if limit.id == "L1")
    assert (flow.state, flow.value) == ("ok", "7.1 min")
    later = push(story(1920.0), "beach", *ALL, place="dazhulin-beach")
    assert next(limit for limit in card_of(later, "t-an-1").content.limits if limit.id == "L1").state == "breach"
    medic = next(task for task in sent.tasks if task.terminal_id == "t-med")
    plaza = told.scene.river.place("dazhulin-plaza")
    assert told.scene.river.frame.point_xy(medic.goal_lon_deg, medic.goal_lat_deg) == pytest.approx(
        (plaza.x_m, plaza.y_m), abs=0.01
    )


def test_a_group_stands_for_its_terminals() -> None:
    told = story()
    group = Group("g1", told.plans["reef"].title, ("t-jy-01", "t-an-1"), "commander", 0.0)
    told = told.with_picture(told.picture.put("groups", group))
    sent = push(told, "reef", "t-jy-01", "t-med", victims=("v-reef",), group_id="g1")
    assert sent.push.terminal_ids == ("t-jy-01", "t-med", "t-an-1")


def test_the_preview_is_what_is_sent() -> None:
    first, second = (push(story(), "reef", *ALL, victims=("v-reef",)) for _ in range(2))
    assert first == second


def test_what_cannot_be_pushed_is_refused() -> None:
    told = story()
    with pytest.raises(RefusedError, match="at least one terminal"):
        push(told, "reef", victims=("v-reef",))
    with pytest.raises(RefusedError, match="victims or a place"):
        push(told, "reef", "t-jy-01")
    with pytest.raises(NotFoundError, match="did you mean 't-jy-01'"):
        push(told, "reef", "t-jy-1", victims=("v-reef",))
    with pytest.raises(NotFoundError, match="did you mean 'v-reef'"):
        push(told, "reef", "t-jy-01", victims=("v-ref",))
    with pytest.raises(NotFoundError, match="did you mean 'huangpanshi'"):
        push(told, "reef", "t-jy-01", place="huangpanshl")
    with pytest.raises(NotFoundError, match="no group"):
        push(told, "reef", "t-jy-01", victims=("v-reef",), group_id="g9")


def test_a_shore_team_far_away_or_nowhere_gets_no_invented_arrival() -> None:
    told = story()
    terminals = told.picture.terminals
    far = replace(terminals["t-an-1"], fix=fix(told.scene.river, 4000.0, 1300.0, 0.0))
    nowhere = replace(terminals["t-med"], fix=None)
    sent = push(told.with_picture(told.picture.put("terminals", far, nowhere)), "reef", *ALL, victims=("v-reef",))
    assert card_of(sent, "t-an-1").content.eta_s is None
    assert "乘车" in str(card_of(sent, "t-an-1").content.no_route)
    assert "位置不明" in str(card_of(sent, "t-med").content.no_route)


def test_hazards_stand_in_the_order_the_boat_meets_them() -> None:
    sent = push(story(), "reef", "t-xf-02", victims=("v-reef",))
    hazards = card_of(sent, "t-xf-02").content.hazards
    assert any("漂浮木" in hazard.zh for hazard in hazards)
    assert not any("黄盘石" in hazard.zh for hazard in hazards)  # its own goal is no news
    assert 0 < len(hazards) <= 6


def test_every_water_card_carries_the_red_lines_the_sources_and_that_nobody_reviewed_it() -> None:
    for plan_id, victims in (("reef", ("v-reef",)), ("water", ("v-w1",)), ("beach", ("v-crowd",))):
        content = push(story(), plan_id, "t-jy-01", victims=victims).cards[0].content
        assert len(content.red_lines) == 5
        assert content.reviewed_by == "未经审定 / not reviewed"
        assert content.sources
        assert content.abort
        assert content.comms


def test_a_picture_without_anything_is_refused_not_broken() -> None:
    told = story()
    with pytest.raises(NotFoundError):
        push(told.with_picture(Picture()), "reef", "t-jy-01", victims=("v-reef",))
