"""Rules of the river that somebody closes or lifts while boats are under way."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from rescuecmd.errors import InputError, RefusedError
from rescuecmd.picture import commands as c
from rescuecmd.picture.entity import Zone, ZoneKind
from rescuecmd.picture.events import ZoneDrawn, ZoneLifted
from rescuecmd.picture.state import Picture
from rescuecmd.picture.story import tell
from rescuecmd.picture.water import Reading
from rescuecmd.reactions.situation import Situation
from rescuecmd.river.feature import RestrictedArea, TimedWay
from rescuecmd.river.hours import DailyHours
from rescuecmd.routing.affected import News
from rescuecmd.routing.network import draw_network
from rescuecmd.server.auth import Caller
from rescuecmd.server.intake import read_command
from rescuecmd.text import Text
from tests.picture.cases import opening, run
from tests.reactions.test_opened import cove
from tests.reactions.test_opened import picture as shallow
from tests.river.test_teaching_package import BOAT, at, teaching

RING = ((0.004, 0.0), (0.0041, 0.0), (0.0041, 0.0006), (0.004, 0.0))
CARRIED = replace(BOAT, speed_mps=2.0)


def picture(now_s: float, *zones: Zone) -> Picture:
    """Return a picture with so much water that the side channel is open."""
    low = shallow(now_s, *zones)
    readings = Reading(now_s - 60, 13.4), Reading(now_s, 13.4)
    return low.put("gauges", *(replace(gauge, recent=readings) for gauge in low.gauges.values()))


def about(kind: ZoneKind, rule_id: str, starts_s: float, ends_s: float | None = None) -> Zone:
    return Zone("z", kind, Text("关闭", "Shut"), RING, starts_s, ends_s, rule_id=rule_id)


def test_a_way_is_closed_from_then_until_then_and_the_network_stays() -> None:
    river, network = teaching()
    situation, now_s = Situation(river, network, {}), at(river, 9)
    before = situation.scene(picture(now_s), now_s)
    assert before.network.rules is not None
    edges = list(before.network.rules.terms.way)
    closed = situation.scene(picture(now_s, about("closed", "bar-portage", now_s + 600, now_s + 1200)), now_s)
    assert closed.network is network
    for edge in edges:
        spans = closed.openings(CARRIED).edge_times(edge)
        assert all(ends <= now_s + 600 or begins >= now_s + 1200 for begins, ends in spans)
        assert before.openings(CARRIED).edge_times(edge) != spans
    whole = situation.scene(picture(now_s, about("closed", "bar-portage", now_s)), now_s)
    assert all(whole.openings(CARRIED).edge_times(edge) == [] for edge in edges)
    assert News(before, whole, CARRIED).comparable


def test_what_is_lifted_holds_no_more_and_nothing_is_drawn_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    teach, _ = teaching()
    night = DailyHours.parse("22:00-23:00 Z")
    lock = TimedWay("lock", Text("船闸", "Lock"), "lock", ((700.0, 0.0), (700.0, 72.0)), 60.0, both=True, hours=night)
    ring = ((100.0, -70.0), (180.0, -70.0), (180.0, 70.0), (100.0, 70.0), (100.0, -70.0))
    slow = RestrictedArea("slow", Text("限速", "Slow"), ring, 1.0)
    river = replace(teach, ways=(lock,), restricted=(slow,))
    situation, now_s = Situation(river, draw_network(river, 9.0), {}), at(river, 9)
    monkeypatch.setattr("rescuecmd.routing.redraw.sweep", lambda *_: pytest.fail("something was drawn"))
    assert not any(situation.scene(picture(now_s), now_s).openings(BOAT).edge_times(edge) for edge in _lock(situation))
    scene = situation.scene(picture(now_s, about("lifted", "lock", now_s)), now_s)
    assert scene.network.rules is not None
    assert [way.hours for way in scene.river.ways] == [None]
    free = situation.scene(picture(now_s, about("lifted", "slow", now_s)), now_s)
    assert free.network.rules is not None
    assert free.network.rules.terms.pace_s.max(initial=0.0) <= 0.0
    boom = situation.scene(picture(now_s, about("lifted", "teaching-boom", now_s)), now_s)
    assert boom.network.rules is not None
    assert not len(boom.network.rules.barriers)
    again = situation.scene(picture(now_s), now_s)
    assert again.network is situation.network


def _lock(situation: Situation) -> list[int]:
    assert situation.network.rules is not None
    return list(situation.network.rules.terms.way)


def test_a_depth_that_is_assumed_and_a_boom_that_is_lifted_go_together() -> None:
    river, network = teaching()
    situation, now_s = Situation(river, network, {}), at(river, 9)
    scene = situation.scene(picture(now_s, cove(now_s), about("lifted", "teaching-boom", now_s)), now_s)
    assert scene.river.booms == ()
    assert len(scene.river.assumed) == 1
    assert np.isfinite(scene.river.bed_m(1100.0, 72.0))
    path = scene.path(BOAT, (1100.0, 40.0), (1180.0, 40.0), now_s)
    assert path.length_m == pytest.approx(80.0, abs=2.0)


def test_the_command_that_the_docs_show_is_read() -> None:
    text = (Path(__file__).resolve().parents[2] / "docs" / "routing.md").read_text(encoding="utf-8")
    shown = json.loads(text.split("<!-- command: DrawZone -->")[1].split("```")[1].removeprefix("json"))
    command = read_command(shown["name"], shown["body"], Caller("commander"), Picture())
    assert (command.zone.kind, command.zone.rule_id, command.zone.made_by) == ("closed", "mill-lock", "commander")


@pytest.mark.parametrize("kind", ["closed", "lifted"])
def test_it_names_its_rule_and_stands_in_the_log(kind: ZoneKind) -> None:
    after, events = run([*opening(), c.DrawZone(about(kind, "bar-portage", 0.0)), c.LiftZone("z")])
    drawn = next(event for event in events if isinstance(event.body, ZoneDrawn))
    lifted = next(event for event in events if isinstance(event.body, ZoneLifted))
    for event, words in (
        (drawn, {"closed": "Closed: “Shut”", "lifted": "Lifted: “Shut”"}[kind]),
        (lifted, "Zone taken back: z"),
    ):
        line = tell(after, event)
        assert line is not None
        assert line.text.en == words


@pytest.mark.parametrize(
    "ring",
    [
        (),
        ((0.004, 0.0),),
        ((0.004, 0.0), (0.0041, 0.0), (0.004, 0.0)),
        ((float("nan"), 0.0), (0.1, 0.1), (0.2, 0.1), (0.3, 0.0)),
        ((181.0, 0.0), (0.1, 0.1), (0.2, 0.1), (0.3, 0.0)),
    ],
)
def test_a_ring_that_is_none_takes_nobodys_routes(ring: tuple[tuple[float, float], ...]) -> None:
    with pytest.raises(InputError, match="ring of three or more places"):
        run([*opening(), c.DrawZone(Zone("z", "no_go", Text("区", "Zone"), ring, 0.0))])


def test_a_ring_that_crosses_itself_is_drawn_as_it_can_be() -> None:
    river, network = teaching()
    now_s = at(river, 9)
    ring = ((0.0039, -0.0001), (0.0042, 0.0007), (0.0039, 0.0007), (0.0042, -0.0001), (0.0039, -0.0001))
    bow = Zone("z", "no_go", Text("区", "Zone"), ring, now_s)
    scene = Situation(river, network, {}).scene(picture(now_s, bow), now_s)
    assert scene.network.rules is not None
    assert all(scene.openings(CARRIED).edge_times(edge) == [] for edge in scene.network.rules.terms.way)


@pytest.mark.parametrize(
    "zone",
    [
        about("closed", "", 0.0),
        about("no_go", "bar-portage", 0.0),
        about("lifted", "teaching-boom", 0.0, 100.0),
    ],
)
def test_what_makes_no_sense_is_refused(zone: Zone) -> None:
    with pytest.raises((InputError, RefusedError)):
        run([*opening(), c.DrawZone(zone)])
