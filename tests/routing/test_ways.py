"""The ways, booms and areas with rules of a river, in its graph, in its arrays and on the routes of boats."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rescuecmd.errors import InputError, NotCoveredError, RefusedError
from rescuecmd.picture.entity import Zone
from rescuecmd.river.feature import Boom, RestrictedArea, RiverRule, TimedWay
from rescuecmd.river.hours import DAY_S, DailyHours
from rescuecmd.river.model import River
from rescuecmd.routing.affected import News
from rescuecmd.routing.exchange import read_graph, to_graphml
from rescuecmd.routing.guidance import guidance
from rescuecmd.routing.margins import leg_margins, worst_of, worst_told
from rescuecmd.routing.meeting import crosses
from rescuecmd.routing.network import Network, build_graph, compile_network, draw_network
from rescuecmd.routing.profile import profile
from rescuecmd.routing.redraw import redraw_network
from rescuecmd.routing.route import make_route
from rescuecmd.routing.scene import Scene
from rescuecmd.routing.soundings import sound
from rescuecmd.routing.watch import review
from rescuecmd.text import Text
from tests.river.teaching import straight_river
from tests.routing.waters import INFLATABLE, bar, varied, water_of

NAME = Text("白沙陆运道", "Baisha carry")
CARRY = TimedWay("carry", NAME, "portage", ((432.0, 0.0), (500.0, 60.0), (568.0, 0.0)), 720.0, both=True)
LOCK = TimedWay(
    "lock", Text("白沙船闸", "Baisha lock"), "lock", ((432.0, 36.0), (568.0, 36.0)), 120.0, both=True,
    hours=DailyHours.parse("06:00-22:00 +08:00"), max_draught_m=0.6, sill_m=170.0,
)  # fmt: skip
BOOM = Boom("boom", Text("拦漂索", "Trash boom"), ((504.0, -90.0), (504.0, 20.0), (520.0, 40.0)))
BLOCK = ((397.0, -90.0), (611.0, -90.0), (611.0, 90.0), (397.0, 90.0), (397.0, -90.0))
SLOW = RestrictedArea("slow", Text("限速区", "Slow water"), BLOCK, 2.0)
PLAIN = draw_network(varied(), 36.0)
OPENS_S = 22 * 3600.0
"""Six in the morning, eight hours east of Greenwich."""


def dammed(*rules: RiverRule) -> River:
    """Return 1 km of deep still water with a bar across it, and rules."""
    return ruled(bar(174.8), *rules)


def still(*rules: RiverRule) -> River:
    return ruled(straight_river(1000.0, 150.0, 165.0), *rules)


def ruled(river: River, *rules: RiverRule) -> River:
    return replace(
        river,
        ways=tuple(one for one in rules if isinstance(one, TimedWay)),
        booms=tuple(one for one in rules if isinstance(one, Boom)),
        restricted=tuple(one for one in rules if isinstance(one, RestrictedArea)),
    )


def scene_of(river: River, now_s: float = 0.0, *, zones: tuple[Zone, ...] = ()) -> Scene:
    water = water_of(river, (now_s - 7200.0, 175.0), (now_s + 4 * 3600.0, 175.0))
    return Scene(river, draw_network(river), water, now_s, zones)


def assert_alike(one: Network, other: Network) -> None:
    """Assert that two networks search alike, to the bit."""
    pairs: list[tuple[Any, Any]] = [(one, other), (one.rules, other.rules)]
    for a, b in pairs:
        for name, value in vars(b).items():
            if isinstance(value, np.ndarray):
                assert getattr(a, name).dtype == value.dtype, name
                assert np.array_equal(getattr(a, name), value), name
            elif isinstance(value, dict | float):
                assert getattr(a, name) == value, name


@st.composite
def rules(draw: st.DrawFn) -> list[RiverRule]:
    """Draw ways, booms and areas anywhere on the varied river; some lie across each other."""

    def spot() -> tuple[float, float]:
        return draw(st.floats(30.0, 1170.0)), draw(st.floats(-60.0, 60.0))

    found: list[RiverRule] = []
    for number in range(draw(st.integers(1, 5))):
        name, hours = (
            f"r{number}",
            draw(st.sampled_from([None, *map(DailyHours.parse, ("23:00-01:00 Z", "00:20-00:40 Z"))])),
        )
        match draw(st.integers(0, 2)):
            case 0:
                draught = draw(st.sampled_from([0.3, np.inf]))
                takes_s, both = draw(st.floats(1.0, 900.0)), draw(st.booleans())
                sill_m, line = draw(st.sampled_from([-np.inf, 174.0])), (spot(), spot())
                found.append(TimedWay(name, NAME, "lock", line, takes_s, both, hours, draught, sill_m=sill_m))
            case 1:
                found.append(Boom(name, NAME, (spot(), spot(), spot())))
            case _:
                closed, (x, y) = draw(st.booleans()), spot()
                ring = ((x, y), (x + 90.0, y), (x, y + 70.0), (x, y))
                limit = np.inf if closed else draw(st.floats(0.5, 5.0))
                found.append(RestrictedArea(name, NAME, ring, limit, None if closed else hours, closed))
    return found


@settings(deadline=None, max_examples=25)
@given(rules())
def test_the_arrays_are_those_of_the_graph_and_travel_in_its_text(some: list[RiverRule]) -> None:
    river = ruled(varied(), *some)
    try:
        network = draw_network(river, 60.0)
    except InputError as error:
        assert error.code == "no-node"
        with pytest.raises(InputError):
            build_graph(river, 60.0)
        return
    graph = build_graph(river, 60.0)
    assert_alike(network, compile_network(graph))
    assert_alike(network, compile_network(read_graph(to_graphml(graph), river)))


@settings(deadline=None, max_examples=20)
@given(rules(), st.tuples(*[st.floats(40.0, 1160.0)] * 2), st.tuples(*[st.floats(-50.0, 50.0)] * 2))
def test_no_route_crosses_a_boom_and_each_is_told(
    some: list[RiverRule], along: tuple[float, float], across: tuple[float, float]
) -> None:
    river = ruled(varied(), *some)
    scene = Scene(river, PLAIN, water_of(river, (0.0, 175.0), (3000.0, 177.0), (7200.0, 174.5)), 0.0)
    start, goal = zip(along, across, strict=True)
    try:
        scene = replace(scene, network=redraw_network(PLAIN, river))
        path = scene.path(INFLATABLE, start, goal, 0.0)
    except (InputError, RefusedError, NotCoveredError):
        return
    soundings = sound(scene, INFLATABLE, path)
    assert (np.diff(path.eta_s) >= 0).all()
    legs = np.column_stack([path.x_m[:-1], path.y_m[:-1], path.x_m[1:], path.y_m[1:]])
    by_water = [leg for leg in range(1, len(path.x_m)) if leg not in soundings.ways]
    rules_ = scene.network.rules
    if rules_ is not None and len(rules_.barriers):
        for leg in by_water:
            assert not crosses(legs[leg - 1 : leg], rules_.barriers).any()
    assert guidance(soundings)
    assert leg_margins(soundings)


def test_without_rules_the_plain_drawing_itself_is_used() -> None:
    network = draw_network(varied())
    assert network.rules is None
    assert network.taken is None


def test_new_rules_take_no_drawing(monkeypatch: pytest.MonkeyPatch) -> None:
    river = dammed(CARRY)
    network, changed = draw_network(river), dammed(replace(CARRY, takes_s=300.0), LOCK, BOOM)
    whole, plain = draw_network(changed), draw_network(dammed())
    monkeypatch.setattr("rescuecmd.routing.redraw.sweep", lambda *_: pytest.fail("something was drawn"))
    monkeypatch.setattr("rescuecmd.routing.redraw.draw_network", lambda *_: pytest.fail("all of it was drawn"))
    again = redraw_network(network, changed)
    assert_alike(again, whole)
    bare = redraw_network(again, dammed())
    assert bare.rules is None
    assert np.array_equal(bare.end, plain.end)


def test_a_portage_is_taken_told_and_watched() -> None:
    scene = scene_of(dammed(CARRY))
    path = scene.path(INFLATABLE, (100.0, 0.0), (900.0, 0.0), 0.0)
    told = guidance(sound(scene, INFLATABLE, path))
    carried = next(one for one in told if one.kind == "way")
    assert carried.text == Text("陆运：白沙陆运道，12 分钟", "portage: Baisha carry, 12 min")
    assert [one.kind for one in told].index("way") > 0
    assert "keep on downstream" in next(one for one in told if one.time_s >= carried.time_s + 719.0).text.en
    assert path.least_margin_m > 0
    worst = worst_of(leg_margins(sound(scene, INFLATABLE, path)))
    assert worst is not None
    assert worst.margin_m > 0
    assert worst.closes_s is None
    assert np.isfinite(profile(scene, INFLATABLE, path).bed_m).all()
    assert review(scene, INFLATABLE, path, (100.0, 0.0), 0.0).kind == "keep"
    half_s = carried.time_s + 360.0
    at = path.position_at(half_s)
    assert review(scene.at(half_s), INFLATABLE, path, at, half_s).kind == "keep"


def test_a_zone_across_its_line_closes_it() -> None:
    river = dammed(CARRY)
    lon, lat = river.frame.to_lonlat([490.0, 510.0, 510.0, 490.0], [50.0, 50.0, 70.0, 70.0])
    slide = Zone("slide", "no_go", Text("滑坡", "Landslide"), tuple(zip(lon.tolist(), lat.tolist(), strict=True)), 0.0)
    with pytest.raises(RefusedError) as caught:
        scene_of(river, zones=(slide,)).path(INFLATABLE, (100.0, 0.0), (900.0, 0.0), 0.0)
    assert "Baisha carry at K0+500 midstream, not open" in str(caught.value.facts["en"])


def test_a_boat_too_deep_for_the_lock_and_one_out_of_hours_go_round_or_wait() -> None:
    river = dammed(LOCK, CARRY)
    night_s = 10 * DAY_S + OPENS_S - 600.0
    scene = scene_of(river, night_s)
    path = scene.path(INFLATABLE, (100.0, 0.0), (900.0, 0.0), night_s)
    told = [one.text.en for one in guidance(sound(scene, INFLATABLE, path))]
    assert "lock: Baisha lock, 2 min, open 06:00-22:00" in told
    assert any(words.endswith("until Baisha lock opens") for words in told)
    assert path.arrive_s == pytest.approx(night_s + 600.0 + 120.0 + 332.0 / 8.0, abs=8.0)
    deep = replace(INFLATABLE, draught_m=0.61)
    words = [one.text.en for one in guidance(sound(scene, deep, scene.path(deep, (100.0, 0.0), (900.0, 0.0), night_s)))]
    assert "portage: Baisha carry, 12 min" in words
    alone = scene_of(dammed(LOCK), night_s)
    with pytest.raises(RefusedError) as caught:
        alone.path(deep, (100.0, 0.0), (900.0, 0.0), night_s)
    assert "Baisha lock (open 06:00-22:00) at K0+500 left bank, 0.01 m too small" in str(caught.value.facts["en"])
    assert "本艇超限 0.01 米" in str(caught.value.facts["zh"])


@pytest.mark.parametrize("early_s", [100.0, 550.0, 1450.0])
def test_a_lock_is_entered_when_it_opens_whenever_that_is(early_s: float) -> None:
    """Not before, and not at the next knot of the water, which are five minutes apart."""
    opens_s = 10 * DAY_S + OPENS_S
    scene = scene_of(dammed(replace(LOCK, takes_s=400.0)), opens_s - early_s)
    path = scene.path(INFLATABLE, (100.0, 0.0), (900.0, 0.0), scene.now_s)
    entered = int(np.argmax(path.wait_s))
    assert path.eta_s[entered] + path.wait_s[entered] == pytest.approx(opens_s, abs=1e-3)
    assert path.eta_s[entered + 1] == pytest.approx(opens_s + 400.0, abs=1e-3)
    assert scene.arrival_s(INFLATABLE, (100.0, 0.0), (900.0, 0.0), scene.now_s) == pytest.approx(path.arrive_s, abs=3.0)


def test_a_route_that_waits_for_a_lock_is_kept_while_it_waits() -> None:
    night_s = 10 * DAY_S + OPENS_S - 1800.0
    scene = scene_of(dammed(LOCK), night_s)
    path = scene.path(INFLATABLE, (100.0, 0.0), (900.0, 0.0), night_s)
    route = make_route(
        scene, path, INFLATABLE, route_id="r", vessel_id="v", task_id="t", goal=Text("", ""), why=Text("", "")
    )
    again = scene.path_along(route.waypoints)
    assert again.wait_s.max() == pytest.approx(path.wait_s.max(), abs=0.1)
    for time_s in (night_s, night_s + 300.0, night_s + 1750.0):
        verdict = review(scene.at(time_s), INFLATABLE, again, again.position_at(time_s), time_s)
        assert verdict.kind == "keep", verdict.why


def test_a_lock_that_will_have_closed_is_told_and_its_hours_bound_the_margin() -> None:
    evening_s = 10 * DAY_S + 14 * 3600.0 - 900.0
    scene = scene_of(dammed(LOCK), evening_s)
    path = scene.path(INFLATABLE, (100.0, 0.0), (900.0, 0.0), evening_s)
    worst = worst_of(leg_margins(sound(scene, INFLATABLE, path)))
    assert worst is not None
    assert worst.closes_s == pytest.approx(evening_s + 900.0)
    assert "Baisha lock (open 06:00-22:00)" in worst_told(scene.river, worst, evening_s).en
    with pytest.raises(RefusedError) as caught:
        scene.path(INFLATABLE, (100.0, 0.0), (900.0, 0.0), evening_s + 860.0)
    assert "Baisha lock (open 06:00-22:00)" in str(caught.value.facts["en"])
    late = review(scene.at(evening_s + 860.0), INFLATABLE, path, (100.0, 0.0), evening_s + 860.0)
    assert late.kind == "cut"
    assert "Baisha lock (open 06:00-22:00)" in late.why.en


def test_a_boom_is_gone_round_and_told_in_both_languages() -> None:
    scene = scene_of(still(BOOM))
    path = scene.path(INFLATABLE, (100.0, 0.0), (900.0, 0.0), 0.0)
    assert np.interp(515.0, path.x_m, path.y_m) > 33.0
    assert "Trash boom at K0+" in path.avoided.en
    assert "拦漂索（封闭）" in path.avoided.zh
    through = scene_of(still()).path(INFLATABLE, (100.0, 0.0), (900.0, 0.0), 0.0)
    cut = review(scene, INFLATABLE, through, (100.0, 0.0), 0.0)
    assert cut.kind == "cut"
    assert "Trash boom" in cut.why.en
    across = replace(BOOM, line_xy=((504.0, -200.0), (504.0, 200.0)))
    with pytest.raises(RefusedError) as caught:
        scene_of(still(across)).path(INFLATABLE, (100.0, 0.0), (900.0, 0.0), 0.0)
    assert "Trash boom" in str(caught.value.facts["en"])


def test_a_boom_right_through_a_row_of_nodes_leaves_no_gap() -> None:
    network = draw_network(still(replace(BOOM, line_xy=((504.0, -200.0), (504.0, 200.0)))))
    sides = network.x_m < 504.0
    assert (sides[network.start] == sides[network.end]).all()


def test_a_speed_limit_and_overlapping_hours_hold_together() -> None:
    hours = [DailyHours.parse(text) for text in ("00:00-12:00 Z", "00:30-23:00 Z")]
    night = RestrictedArea("night", Text("夜航禁区", "Night closure"), SLOW.ring_xy, 3.0, hours[0])
    morning = RestrictedArea("early", Text("晨间禁区", "Early closure"), SLOW.ring_xy, np.inf, hours[1])
    scene = scene_of(still(SLOW, night, morning), 0.0)
    path = scene.path(INFLATABLE, (100.0, 0.0), (900.0, 0.0), 0.0)
    inside = (path.x_m[1:] > 397.0) & (path.x_m[:-1] < 611.0)
    made = np.diff(path.x_m) / (np.diff(path.eta_s) - path.wait_s[:-1])
    assert made[inside].max() == pytest.approx(2.0)
    assert (path.eta_s + path.wait_s)[:-1][inside].min() == pytest.approx(1800.0)
    assert "closure" in path.avoided.en
    assert "opens in 30 min" in path.avoided.en


def test_a_closed_area_is_nobodys_way() -> None:
    closed = replace(SLOW, limit_mps=np.inf, closed=True, ring_xy=(*((x, y - 60.0) for x, y in SLOW.ring_xy),))
    path = scene_of(still(closed)).path(INFLATABLE, (100.0, 0.0), (900.0, 0.0), 0.0)
    assert np.interp(500.0, path.x_m, path.y_m) > 29.0
    assert "Slow water" in path.avoided.en


def test_two_ways_side_by_side_stay_two() -> None:
    twin = replace(CARRY, id="twin", takes_s=600.0)
    network = draw_network(dammed(CARRY, twin))
    assert network.rules is not None
    assert sorted(network.rules.terms.way.values()) == ["carry", "carry", "twin", "twin"]
    ends = {(int(network.start[edge]), int(network.end[edge])) for edge in network.rules.terms.way}
    assert len(ends) == 4


def test_a_one_way_portage_leads_one_way() -> None:
    scene = scene_of(dammed(replace(CARRY, both=False)))
    assert scene.path(INFLATABLE, (100.0, 0.0), (900.0, 0.0), 0.0).arrive_s < 900.0
    with pytest.raises(RefusedError):
        scene.path(INFLATABLE, (900.0, 0.0), (100.0, 0.0), 0.0)


def test_a_way_that_ends_ashore_is_told_by_name_and_place() -> None:
    with pytest.raises(InputError, match=r"way 'carry': no water within 60 m of its last point at K0\+"):
        draw_network(dammed(replace(CARRY, line_xy=((432.0, 0.0), (568.0, 400.0)))))


def test_news_of_the_water_is_compared_over_ways_too() -> None:
    river = dammed(CARRY)
    network = draw_network(river)
    before, after = (
        Scene(river, network, water_of(river, (0.0, 175.0), (14_400.0, level)), 0.0) for level in (175.0, 175.02)
    )
    path = before.path(INFLATABLE, (100.0, 0.0), (900.0, 0.0), 0.0)
    assert News(before, after, INFLATABLE).touches(path, (100.0, 0.0), 0.0) is None
