"""The pictures: what they show is where it is, and every drill picture is marked."""

import math

import numpy as np
import pytest

from rescuecmd.errors import NotFoundError, RefusedError
from rescuecmd.geo import Floats
from rescuecmd.interop.svg import render
from rescuecmd.plan.draw import draw, draw_card
from rescuecmd.plan.drawing import ASPECT, Drawing, extent_around
from rescuecmd.plan.terrain import survey, water_areas
from tests.plan.story import story
from tests.plan.test_push import ALL, push, pushed
from tests.river.teaching import rising_water, round_reef, straight_river


def picture_of(plan_id: str, terminal_id: str, victims: tuple[str, ...], now_s: float = 1800.0) -> Drawing:
    told = story(now_s)
    after = pushed(told, push(told, plan_id, *ALL, victims=victims))
    return draw_card(after.picture, told.scene, f"p1/{terminal_id}")


def area_m2(rings: tuple[tuple[tuple[float, float], ...], ...]) -> float:
    """Area of a polygon with holes (shoelace; holes turn the other way)."""
    total = 0.0
    for ring in rings:
        x, y = np.asarray(ring).T
        total += float(x @ np.roll(y, -1) - y @ np.roll(x, -1)) / 2
    return abs(total)


def test_the_preview_draws_what_the_pushed_card_draws() -> None:
    told = story()
    sent = push(told, "reef", "t-jy-01", victims=("v-reef",))
    preview = draw(told.picture, told.scene, sent.cards[0], sent.tasks[0], sent.routes[0])
    assert preview == draw_card(pushed(told, sent).picture, told.scene, "p1/t-jy-01")


def test_the_approach_comes_from_downstream_to_where_the_route_ends() -> None:
    told = story()
    drawing = picture_of("reef", "t-jy-01", ("v-reef",))
    (arrow,) = [line for line in drawing.lines if line.role == "approach"]
    (route,) = [line for line in drawing.lines if line.role == "route"]
    tail, tip = (float(told.scene.river.locate(*point)[0]) for point in arrow.points)
    assert tail == pytest.approx(tip + 110.0, abs=1.0)
    assert math.dist(route.points[-1], arrow.points[-1]) < 1.0
    u, v = told.scene.water.current_xy(*arrow.points[-1], told.scene.now_s)
    ahead = np.subtract(arrow.points[1], arrow.points[0])
    assert float(ahead @ np.array([float(u), float(v)])) < 0  # against the current
    reef = told.scene.river.place("huangpanshi")
    assert float(told.scene.river.locate(*arrow.points[-1])[0]) > reef.chainage_m  # below the reef


def test_the_reef_the_people_and_the_boat_are_where_they_are() -> None:
    told = story()
    drawing = picture_of("reef", "t-jy-01", ("v-reef",))
    reef = told.scene.river.place("huangpanshi")
    (victim,) = [mark for mark in drawing.marks if mark.role == "victim"]
    assert (victim.x_m, victim.y_m) == pytest.approx((reef.x_m, reef.y_m), abs=0.01)
    assert victim.label is not None
    assert "3 人" in victim.label.zh
    (you,) = [mark for mark in drawing.marks if mark.role == "you"]
    pontoon = told.scene.river.place("dazhulin-pontoon")
    assert (you.x_m, you.y_m) == pytest.approx((pontoon.x_m, pontoon.y_m), abs=0.01)
    assert you.points
    assert any(area.role == "reef" for area in drawing.areas)
    assert drawing.extent.height_m == pytest.approx(ASPECT * drawing.extent.width_m)


def test_the_meeting_point_and_the_drift_are_drawn() -> None:
    drawing = picture_of("water", "t-jy-01", ("v-w1", "v-w2"))
    (meeting,) = [mark for mark in drawing.marks if mark.role == "meeting"]
    drifts = [line for line in drawing.lines if line.role == "drift"]
    assert len(drifts) == 2
    assert all(line.points[-1] == (meeting.x_m, meeting.y_m) for line in drifts)
    assert drawing.extent.holds(meeting.x_m, meeting.y_m)


def test_the_evacuation_goes_one_way_to_open_exits_alone() -> None:
    drawing = picture_of("beach", "t-an-1", ("v-crowd",))
    opened = [mark for mark in drawing.marks if mark.role == "exit_open"]
    closed = [mark for mark in drawing.marks if mark.role == "exit_closed"]
    assert [len(opened), len(closed)] == [1, 2]
    ways = [line for line in drawing.lines if line.role == "way_out"]
    assert [way.points[0] for way in ways] == [(mark.x_m, mark.y_m) for mark in opened]
    arrows = [line for line in drawing.lines if line.role == "leave"]
    assert len(arrows) >= 4
    goal = (opened[0].x_m, opened[0].y_m)
    for arrow in arrows:
        assert math.dist(arrow.points[1], goal) < math.dist(arrow.points[0], goal)
    for mark in (*opened, *closed):
        assert drawing.extent.holds(mark.x_m, mark.y_m)


def test_earlier_more_exits_are_open() -> None:
    drawing = picture_of("beach", "t-an-1", ("v-crowd",), now_s=300.0)
    roles = [mark.role for mark in drawing.marks]
    assert roles.count("exit_open") >= 2
    assert roles.count("exit_open") + roles.count("exit_closed") == 3


def test_water_areas_are_as_large_as_the_water() -> None:
    def bed(_: Floats, offset: Floats) -> Floats:
        return np.asarray(170.0 + np.abs(offset) * 0.1)  # a valley: at 175 m the water is 100 m wide

    river = straight_river(bed_m=bed, reefs=[round_reef("r", 1000.0, 0.0, 178.0, radius_m=20.0)])
    terrain = survey(river, rising_water(river), 0.0, extent_around([(1000.0, 0.0)], room_m=50.0, least_m=200.0))
    areas = list(water_areas(terrain))
    low, high = float(terrain.chainage_m.min()), float(terrain.chainage_m.max())
    shallow = sum(area_m2(area.rings) for area in areas if area.role == "shallow")
    dry = 20.0 * 20.0 * math.pi * (3.0 / 8.0) ** 2  # a cone of 8 m on the bed at 170 m, dry above 175 m
    assert shallow == pytest.approx((high - low) * 100.0 - dry, rel=0.02)
    deep = sum(area_m2(area.rings) for area in areas if area.role == "deep")
    assert deep < shallow / 2 + 1.0


@pytest.mark.parametrize(("plan_id", "victim"), [("reef", "v-reef"), ("water", "v-w1"), ("beach", "v-crowd")])
@pytest.mark.parametrize("terminal_id", ALL)
def test_every_drill_picture_is_marked(plan_id: str, victim: str, terminal_id: str) -> None:
    told = story()
    drawing = picture_of(plan_id, terminal_id, (victim,))
    assert told.picture.operation is not None
    for theme in ("day", "night"):
        for lang in ("zh", "en"):
            svg = render(drawing, marking=told.picture.operation.marking, theme=theme, lang=lang)
            assert svg.count("演练 DRILL") > 6
            assert len(svg) < 200_000


def test_no_card_no_picture() -> None:
    told = story()
    with pytest.raises(NotFoundError):
        draw_card(told.picture, told.scene, "p9/t-jy-01")
    after = pushed(told, push(told, "reef", "t-jy-01", victims=("v-reef",)))
    with pytest.raises(RefusedError, match="no task"):
        draw_card(after.picture.drop("tasks", "p1/t-jy-01"), told.scene, "p1/t-jy-01")
