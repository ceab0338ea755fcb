"""Portages, booms and areas with rules on a crew's card: in its picture, and among what it must mind."""

from dataclasses import replace
from typing import Any

from rescuecmd.interop.svg import render
from rescuecmd.picture.entity import Zone
from rescuecmd.picture.state import Picture
from rescuecmd.plan.drawing import Area, Drawing, Extent, Line, Mark
from rescuecmd.plan.hazards import hazards_along
from rescuecmd.plan.terrain import rules, survey
from rescuecmd.river.feature import RestrictedArea
from rescuecmd.routing.scene import Scene
from rescuecmd.text import Text
from tests.reactions.test_lifted import CARRIED
from tests.river.test_teaching_package import BOAT, at, rise, teaching

NAME = Text("图", "Picture")


def scene() -> Scene:
    river, network = teaching()
    return Scene(river, network, rise(river), at(river, 11))


def test_a_carry_and_a_boom_are_among_what_a_crew_minds() -> None:
    here = scene()
    light = replace(CARRIED, speed_mps=2.2)
    carried = here.path(light, (450.0, -20.0), (450.0, 74.0), here.now_s)
    assert Text("陆运：沙洲陆运道，2 分钟", "portage: Bar portage, 2 min") in hazards_along(
        here, Picture(), light, carried
    )
    round_it = here.path(BOAT, (1100.0, 20.0), (1180.0, 20.0), here.now_s)
    told = [text.en for text in hazards_along(here, Picture(), BOAT, round_it)]
    assert any(text.startswith("boom Teaching boom, ") for text in told)


def test_who_passes_what_somebody_lifted_is_told_by_whom() -> None:
    here = scene()
    ring = tuple(here.river.frame.point_lonlat(x, y) for x, y in ((1149, 80), (1151, 80), (1151, -20), (1149, -20)))
    zone = Zone("z", "lifted", Text("教学拦索", "Teaching boom"), ring, 0.0, made_by="li", rule_id="teaching-boom")
    open_scene = replace(here, river=replace(here.river, booms=()))
    path = here.path(BOAT, (1100.0, -60.0), (1140.0, -60.0), here.now_s)
    across = replace(path, y_m=path.y_m * 0.0 + 20.0, x_m=path.x_m + (path.x_m - 1100.0))
    picture = Picture().put("zones", zone)
    assert [text.en for text in hazards_along(open_scene, picture, BOAT, across)][-1] == (
        "past Teaching boom, lifted by li: look before you pass"
    )
    assert not any("lifted" in text.en for text in hazards_along(open_scene, picture, BOAT, path))


def test_they_are_drawn_with_their_names() -> None:
    here = scene()
    quay = RestrictedArea("quay", Text("码头", "Quay"), ((500, -60), (560, -60), (560, -20), (500, -60)), 2.0)
    river = replace(here.river, restricted=(quay, replace(quay, id="shut", closed=True)))
    extent = Extent(300.0, -150.0, 1250.0, 150.0)
    drawn = list(rules(survey(river, here.water, here.now_s, extent)))
    roles = [item.role for item in drawn]
    assert roles == ["way", "rule_name", "boom", "rule_name", "caution", "rule_name", "no_go", "rule_name"]
    assert list(rules(survey(river, here.water, here.now_s, Extent(0.0, -50.0, 100.0, 50.0)))) == []
    areas, lines, marks = (_of(drawn, kind) for kind in (Area, Line, Mark))
    drawing = Drawing("approach", NAME, NAME, extent, areas, lines, marks, notes=())
    text = render(drawing, marking="", lang="en")
    assert "Bar portage" in text
    assert "Teaching boom" in text
    assert 'stroke-dasharray="1 13"' in text


def _of(drawn: list[Any], kind: type) -> tuple[Any, ...]:
    return tuple(item for item in drawn if isinstance(item, kind))
