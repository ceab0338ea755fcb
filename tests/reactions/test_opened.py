"""Unsurveyed water: nobody's way, until somebody answers for it; and only as long as they said."""

from dataclasses import replace

import numpy as np
import pytest

from rescuecmd.errors import InputError
from rescuecmd.picture import commands as c
from rescuecmd.picture.entity import Zone
from rescuecmd.picture.events import ZoneDrawn
from rescuecmd.picture.state import Picture
from rescuecmd.picture.story import tell
from rescuecmd.picture.water import Gauge, Reading
from rescuecmd.plan.hazards import hazards_along
from rescuecmd.reactions.situation import Situation
from rescuecmd.server.auth import Caller
from rescuecmd.server.intake import read_command
from rescuecmd.text import Text
from tests.picture.cases import opening, run
from tests.river.test_teaching_package import BOAT, at, teaching

COVE = (1100.0, 72.0)
WORD = Text("冲锋舟以测深杆实测", "sounded with a pole by boat 2")


def cove(now_s: float, bed_m: float = 10.0) -> Zone:
    """Return an assumed depth over the unsurveyed strip at the lower left bank, good for half an hour."""
    river, _ = teaching()
    corners = [(1050, 55), (1150, 55), (1150, 81), (1050, 81), (1050, 55)]
    ring = tuple(river.frame.point_lonlat(x, y) for x, y in corners)
    return Zone("cove", "assumed_depth", Text("湾", "Cove"), ring, now_s, now_s + 1800, bed_m, WORD, "commander")


def picture(now_s: float, *zones: Zone) -> Picture:
    river, _ = teaching()
    gauges = [
        Gauge(
            one.id,
            one.name,
            0,
            0,
            one.chainage_m,
            "local",
            None,
            None,
            (Reading(now_s - 60, 12.0), Reading(now_s, 12.0)),
        )
        for one in river.gauges
    ]
    return Picture(time_s=now_s).put("gauges", *gauges).put("zones", *zones)


def test_nobody_is_sent_there_without_a_word_and_everybody_is_told_with_one() -> None:
    river, network = teaching()
    situation, now_s = Situation(river, network, {}), at(river, 9)
    here = situation.scene(picture(now_s), now_s)
    assert not (
        (here.network.chainage_m > 1060) & (here.network.chainage_m < 1140) & (here.network.offset_m > 62)
    ).any()
    told = picture(now_s, cove(now_s))
    scene = situation.scene(told, now_s)
    path = scene.path(BOAT, (600.0, -40.0), COVE, now_s)
    assert np.hypot(path.x_m[-1] - COVE[0], path.y_m[-1] - COVE[1]) < 15
    said = [text.en for text in hazards_along(scene, told, BOAT, path)]
    assert any("its depth assumed: sounded with a pole by boat 2 (commander)" in one for one in said)


def test_a_shallow_word_carries_no_boat_and_no_word_deepens_what_is_known() -> None:
    river, network = teaching()
    now_s = at(river, 9)
    shallow = Situation(river, network, {}).scene(picture(now_s, cove(now_s, bed_m=11.9)), now_s)
    arrival = shallow.tree(BOAT, (600.0, -40.0), now_s).arrival_s
    inside = (shallow.network.offset_m > 66) & (np.abs(shallow.network.chainage_m - 1100) < 30)
    assert inside.any()
    assert not np.isfinite(arrival[inside]).any()
    deep = Situation(river, network, {}).scene(picture(now_s, cove(now_s, bed_m=0.0)), now_s)
    known = deep.network.offset_m < 55
    assert deep.network.bed_m[known].min() == 10.0


def test_the_word_ends_and_with_it_the_way() -> None:
    river, network = teaching()
    situation, now_s = Situation(river, network, {}), at(river, 9)
    zone = cove(now_s)
    late = now_s + 1795.0
    far = situation.scene(picture(late, zone), late)
    path = far.path(BOAT, (100.0, -40.0), COVE, late)  # three minutes away, and the word holds for five seconds
    assert max(path.y_m) < 60  # as near as the known water comes
    after = situation.scene(picture(zone.ends_s or 0, zone), zone.ends_s)
    assert after.network is network


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"bed_m": None}, "needs bed_m"),
        ({"bed_m": float("nan")}, "needs bed_m"),
        ({"why": None}, "needs its reason"),
        ({"why": Text(" ", "")}, "needs its reason"),
        ({"made_by": ""}, "who answers for it"),
        ({"ends_s": None}, "needs ends_s"),
        ({"ends_s": 1e9}, "at most 12 h"),
        ({"ends_s": -1.0}, "at most 12 h"),
        ({"kind": "no_go"}, "has no bed_m"),
    ],
)
def test_a_word_says_what_why_who_and_until_when(change: dict[str, object], said: str) -> None:
    with pytest.raises(InputError, match=said):
        run([*opening(), c.DrawZone(replace(cove(0.0), **change))])  # type: ignore[arg-type]


def test_the_word_is_in_the_log_with_its_author_and_in_the_story() -> None:
    after, events = run([*opening(), c.DrawZone(cove(0.0))])
    drawn = next(event for event in events if isinstance(event.body, ZoneDrawn))
    line = tell(after, drawn)
    assert line is not None
    assert (
        line.text.en
        == "commander takes the bed of unsurveyed water “Cove” to lie at 10.00 m: sounded with a pole by boat 2"
    )
    assert "假定" in line.text.zh


def test_nobody_signs_for_somebody_else() -> None:
    zone = {
        "id": "z", "kind": "assumed_depth", "name": {"zh": "湾", "en": "cove"},
        "ring": [[0, 0], [1, 0], [1, 1], [0, 0]], "starts_s": 0, "ends_s": 60, "bed_m": 10.0,
        "why": {"zh": "测", "en": "sounded"}, "made_by": "the pope",
    }  # fmt: skip
    command = read_command("DrawZone", {"zone": zone}, Caller("commander", login="li"), Picture())
    assert command.zone.made_by == "commander/li"
