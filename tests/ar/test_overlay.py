import math
from dataclasses import replace

import numpy as np
import pytest

from rescuecmd.ar.overlay import Annotation, Overlay
from rescuecmd.ar.placement import shore_camera, usual_level_m, view_of
from rescuecmd.ar.scene import Scene, scene_of
from rescuecmd.ar.wording import boat_lines, person_lines, span, stone_lines
from rescuecmd.errors import NotCoveredError, NotFoundError
from rescuecmd.picture.entity import Craft, Fix, Operation, Vessel, Victim
from rescuecmd.picture.order import Route, Waypoint
from rescuecmd.picture.state import Picture
from rescuecmd.picture.water import Gauge, Outlook, Reading
from rescuecmd.text import Text
from tests.ar.reach import make_camera, make_reach
from tests.media.scenes import T0, boat, full_scene, person

REACH = make_reach()
VIEW = view_of(shore_camera(REACH, "stone", 172.0), REACH.frame, 1280, 720)
ANNOTATION = Annotation(REACH, VIEW, band_px=(34, 34))


def draw(known: Scene, time_s: float = T0) -> Overlay:
    return ANNOTATION.overlay(known, time_s, lambda lines: (120, 26 * len(lines)))


def lonlat(x_m: float, y_m: float) -> tuple[float, float]:
    return REACH.frame.point_lonlat(x_m, y_m)


def fix(x_m: float, y_m: float, **more: float) -> Fix:
    lon_deg, lat_deg = lonlat(x_m, y_m)
    return Fix(lon_deg, lat_deg, T0, 3.0, "gps", more.get("course_deg"), more.get("speed_mps"))


def make_picture() -> Picture:
    craft = Craft("rubber", 5.0, 0.4, 0.3, 2.0, 9.0, 6)
    waypoints = tuple(Waypoint(*lonlat(x, y), y, T0 + s) for x, y, s in ((30, 1460, 0), (40, 1500, 90)))
    words = Text("路线", "route")
    return (
        Picture()
        .put(
            "vessels",
            Vessel("b1", words, "police", craft, fix=fix(30, 1460, course_deg=0.0, speed_mps=5.0), route_id="r1"),
            Vessel("b2", Text("无位置", "No fix"), "fire", craft),
        )
        .put(
            "victims",
            Victim("v1", "stranded", words, 3, fix(45, 1500), T0 - 60, "phone", place_id="stone", early_s=T0 + 600),
            Victim("v2", "in_water", Text("一人", "one"), 1, fix(60, 1560), T0, "phone", safe=1),
        )
        .put("routes", Route("r1", "b1", "t1", words, waypoints, T0, T0 + 90, 0.5, T0, words))
        .put(
            "gauges",
            Gauge("upper", words, *lonlat(100, 200), 200.0, "wusong", None, None, recent=(Reading(T0 - 40, 172.2),)),
            Gauge("lower", words, *lonlat(100, 2800), 2800.0, "wusong", None, None, recent=(Reading(T0 - 20, 171.8),)),
        )
        .put(
            "outlooks",
            Outlook("stone", "reef", words, *lonlat(45, 1500), 174.5, 172, 0.1, 2.5, T0, T0 + 500, T0 + 700, None),
        )
    )


def test_scene_is_made_of_what_the_picture_knows() -> None:
    made = scene_of(make_picture(), REACH, T0)
    (known,) = made.boats
    assert known.place(T0 + 2) == pytest.approx((30, 1470))
    assert known.place(T0 + 60) == pytest.approx((30, 1460))  # too old to be carried on
    assert known.arrive_s == pytest.approx(T0 + 90)
    (late,) = scene_of(make_picture(), REACH, T0 + 30).boats
    assert late.arrive_s == pytest.approx(T0 + 120), "it has not moved since"
    (victim,) = made.people  # the one who is safe is not waiting
    assert victim.ground_m == pytest.approx(174.5, abs=0.05)
    assert made.level_m(REACH, 1500.0) == pytest.approx(172.0, abs=0.01)
    assert made.level_time_s == T0 - 20
    assert made.stones[0].median_s == T0 + 700
    assert len(made.lines[0].xy) == 2


def test_a_level_that_the_river_does_not_cover_draws_no_water() -> None:
    made = scene_of(make_picture(), REACH, T0)
    high = replace(made, levels=dict.fromkeys(made.levels, 900.0))
    assert math.isnan(high.level_m(REACH, 1500.0))
    assert [stroke for stroke in draw(high).strokes if stroke.tone == "edge"] == []


def test_an_empty_picture_makes_an_empty_overlay() -> None:
    made = scene_of(Picture(), REACH, T0)
    assert math.isnan(made.level_m(REACH, 1500.0))
    overlay = draw(made)
    assert (overlay.marks, overlay.strokes, overlay.labels) == ((), (), ())


def test_a_drill_carries_its_marking_into_the_scene() -> None:
    words = Text("演练", "drill")
    operation = Operation("o", words, "drill", "演练 DRILL", "r", words, True, "wusong", T0)
    assert scene_of(replace(Picture(), operation=operation), REACH, T0).marking == "演练 DRILL"


def test_everything_of_the_scene_is_drawn() -> None:
    overlay = draw(full_scene())
    kinds = {mark.id: mark.kind for mark in overlay.marks}
    assert kinds == {
        "boat/1": "boat",
        "boat/2": "boat",
        "boat/3": "boat",
        "victim/a": "stranded",
        "victim/b": "in_water",
        "reef/stone": "reef",
    }
    assert {stroke.kind for stroke in overlay.strokes} == {"edge", "route", "doubt"}
    assert overlay.outside == 30  # the crowd stands outside the frame and is counted, never forgotten
    assert {label.id for label in overlay.labels} >= {"victim/a", "victim/b"}


def test_old_fixes_say_so() -> None:
    marks = {mark.id: mark for mark in draw(full_scene()).marks}
    assert marks["boat/2"].stale
    assert "25 秒前" in marks["boat/2"].lines[1]
    assert not marks["boat/1"].stale


def test_words_in_both_languages() -> None:
    one = boat("1", 0, 0, arrive_s=T0 + 240, aboard=2, disabled=True)
    assert boat_lines(one, T0, "zh") == ("艇 1", "失去动力 · 4 分到 · 载 2 人")
    assert boat_lines(one, T0, "en") == ("Boat 1", "disabled · in 4 min · 2 aboard")
    lost = person("a", "stranded", 0, 0, waiting=3, early_s=T0 + 90)
    assert person_lines(lost, T0, "zh") == ("被困 3 人", "剩 90 秒")
    assert person_lines(lost, T0 + 91, "en")[1].startswith("may go under now")
    stone = full_scene().stones[0]
    assert stone_lines(stone, 172.0, T0, "zh") == ("试验石", "出水 2.5 m · 26 分后淹没")
    assert stone_lines(stone, 175.0, T0, "en") == ("Test Stone", "0.5 m under")
    assert span(7500, "zh") == "2 时 5 分"


def test_the_water_line_is_where_the_bed_has_the_level() -> None:
    shore = ANNOTATION._shore
    for line in shore.lines(173.0):
        bed = REACH.bed_m(*REACH.locate(line[:, 0], line[:, 1]))
        # a contour crosses between grid points; next to the steep reef the bed turns within one cell
        assert np.quantile(np.abs(bed - 173.0), 0.9) < 0.12
    assert shore.edges(173.0) is shore.edges(173.001)  # made once per centimetre


def test_ground_hides_what_is_behind_it() -> None:
    horizon = ANNOTATION._horizon
    behind_reef = 45 - (124 - 45) * 0.1, 1500 - (1590 - 1500) * 0.1
    assert not horizon.hides(60.0, 1530.0, 172.0)
    assert not horizon.hides(45.0, 1500.0, 175.0)
    low = Annotation(REACH, replace(VIEW, pose=replace(VIEW.pose, level_m=176.0)))._horizon
    assert low.hides(*behind_reef, 171.0)


def test_a_camera_stands_dry_on_the_nearer_bank_and_sees_its_place() -> None:
    camera = shore_camera(REACH, "stone", 172.0, height_m=18.0)
    view = view_of(camera, REACH.frame, 1280, 720)
    assert view.pose.x_m > 45  # the reef lies on the right half of a river that runs north
    assert camera.level_m == 190.0
    u, v = view.pixel(45.0, 1500.0, 174.0)
    assert 500 < u < 780
    assert 200 < v < 560
    other = shore_camera(REACH, "stone", 172.0, bank="left", downstream_m=-120.0)
    assert view_of(other, REACH.frame, 1280, 720).pose.y_m < 1500


def test_a_place_that_is_not_there() -> None:
    with pytest.raises(NotFoundError, match="did you mean 'stone'"):
        shore_camera(REACH, "ston", 172.0)
    with pytest.raises(NotFoundError):
        usual_level_m(REACH, "nowhere")
    assert usual_level_m(REACH, "stone") == 172.0


def test_no_pose_no_view() -> None:
    with pytest.raises(NotCoveredError, match="no pose"):
        view_of(replace(make_camera(), heading_deg=None), REACH.frame, 1280, 720)
