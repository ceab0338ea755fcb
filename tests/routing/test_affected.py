"""Only the routes that news can touch are looked at again, and readings that go up and down do not turn boats round."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rescuecmd.geo import Floats
from rescuecmd.picture.entity import Zone
from rescuecmd.river.model import River
from rescuecmd.routing.affected import News
from rescuecmd.routing.network import Network, build_graph, compile_network
from rescuecmd.routing.path import Path
from rescuecmd.routing.remaining import KEEP_M
from rescuecmd.routing.scene import Scene
from rescuecmd.routing.watch import RETURN_M, review
from rescuecmd.text import Text
from tests.river.teaching import straight_river
from tests.routing.test_watch import GOAL, START, forked
from tests.routing.waters import INFLATABLE, water_of

__all__ = ["forked"]
NEAR = (100.0, -200.0)


def at(river: River, network: Network, *points: tuple[float, float], zones: tuple[Zone, ...] = ()) -> Scene:
    return Scene(river, network, water_of(river, *points), 0.0, zones)


def zone(river: River, x0: float, x1: float, y0: float, y1: float) -> Zone:
    corners = ((x0, y0), (x1, y0), (x1, y1), (x0, y1), (x0, y0))
    return Zone("z", "no_go", Text("禁", "no go"), tuple(river.frame.point_lonlat(x, y) for x, y in corners), 0.0)


def test_news_touch_the_route_they_lie_on_and_no_other(forked: tuple[River, Network]) -> None:
    river, network = forked
    calm = ((0.0, 176.0), (7200.0, 176.0))
    before = at(river, network, *calm)
    side, near = (before.path(INFLATABLE, start, goal, 0.0) for start, goal in ((START, GOAL), ((60.0, -200.0), NEAR)))
    shut = News(before, at(river, network, *calm, zones=(zone(river, 550.0, 600.0, 40.0, 250.0),)), INFLATABLE)
    assert shut.touches(side, START, 0.0) == "closed"
    assert shut.touches(near, (60.0, -200.0), 0.0) is None
    elsewhere = News(before, at(river, network, *calm, zones=(zone(river, 550.0, 600.0, -250.0, -150.0),)), INFLATABLE)
    assert elsewhere.touches(side, START, 0.0) is None


def test_water_that_opens_touches_only_who_could_use_it(forked: tuple[River, Network]) -> None:
    river, network = forked
    before = at(river, network, (0.0, 174.0), (7200.0, 174.0))
    long, near = (before.path(INFLATABLE, start, goal, 0.0) for start, goal in ((START, GOAL), ((60.0, -200.0), NEAR)))
    news = News(before, at(river, network, (0.0, 176.0), (7200.0, 176.0)), INFLATABLE)
    assert len(news.opened)
    assert news.touches(long, START, 0.0) == "opened"
    assert news.touches(near, (60.0, -200.0), 0.0) is None


def test_water_that_opens_a_second_time_sooner_touches_who_did_not_wait_for_it(forked: tuple[River, Network]) -> None:
    """The short way is open now and closes before the boat is there; what counts is when it opens again."""
    river, network = forked
    slow, start = replace(INFLATABLE, speed_mps=1.0), ((0.0, 175.5), (100.0, 174.2))
    before, after = (
        at(river, network, *start, (rises_s, 174.2), (rises_s + 100.0, 175.8), (7200.0, 175.8))
        for rises_s in (1700.0, 160.0)
    )
    path = before.path(slow, START, GOAL, 0.0)
    assert path.y_m.min() < -150.0
    assert review(before, slow, path, START, 0.0).kind == "keep"
    assert review(after, slow, path, START, 0.0).kind == "beaten"
    assert News(before, after, slow).touches(path, START, 0.0) == "opened"


def test_lifting_a_zone_touches_who_went_round_it(forked: tuple[River, Network]) -> None:
    river, network = forked
    calm = ((0.0, 176.0), (7200.0, 176.0))
    closed = at(river, network, *calm, zones=(zone(river, 550.0, 600.0, 40.0, 250.0),))
    path = closed.path(INFLATABLE, START, GOAL, 0.0)
    assert path.y_m.min() < -150.0
    assert News(closed, at(river, network, *calm), INFLATABLE).touches(path, START, 0.0) == "opened"


def test_the_same_news_again_touch_nobody(forked: tuple[River, Network]) -> None:
    river, network = forked
    before = at(river, network, (0.0, 175.9), (7200.0, 176.1))
    path = before.path(INFLATABLE, START, GOAL, 0.0)
    assert News(before, at(river, network, (0.0, 175.9), (7200.0, 176.1)), INFLATABLE).touches(path, START, 0.0) is None


def test_another_network_cannot_be_compared(forked: tuple[River, Network]) -> None:
    river, network = forked
    before = at(river, network, (0.0, 176.0), (7200.0, 176.0))
    path = before.path(INFLATABLE, START, GOAL, 0.0)
    other = at(river, compile_network(build_graph(river)), (0.0, 176.0), (7200.0, 176.0))
    assert News(before, other, INFLATABLE).touches(path, START, 0.0) == "unknown"


@settings(max_examples=15, deadline=None)
@given(
    st.lists(st.floats(174.2, 176.3), min_size=2, max_size=5), st.lists(st.floats(174.2, 176.3), min_size=2, max_size=5)
)
def test_who_is_not_touched_would_have_kept_the_route(
    forked: tuple[River, Network], old: list[float], new: list[float]
) -> None:
    """The short cut never hides a verdict: where the news touch nobody, a whole review keeps the route."""
    river, network = forked
    before, after = (
        at(river, network, *zip(np.linspace(0.0, 7200.0, len(levels)).tolist(), levels, strict=True))
        for levels in (old, new)
    )
    path = before.path(INFLATABLE, START, GOAL, 0.0)
    if review(before, INFLATABLE, path, START, 0.0).kind != "keep":
        return
    if News(before, after, INFLATABLE).touches(path, START, 0.0) is None:
        assert review(after, INFLATABLE, path, START, 0.0).kind == "keep"


def switches(river: River, network: Network, path: Path, levels: list[float]) -> int:
    """Return how often a waiting boat is given another route while readings come in one after the other."""
    count = 0
    for level in levels:
        scene = at(river, network, (0.0, level), (7200.0, level))
        verdict = review(scene, INFLATABLE, path, START, 0.0, turned=count > 0)
        if verdict.path is not None:
            count, path = count + 1, verdict.path
    return count


@settings(max_examples=12, deadline=None)
@given(st.data())
def test_readings_that_go_up_and_down_turn_nobody_round_twice(
    forked: tuple[River, Network], data: st.DataObject
) -> None:
    """Within the dead band around what the short way needs, a boat is turned away from it at most once."""
    river, network = forked
    spread = 1.28 * float(water_of(river, (0.0, 175.0), (9.0, 175.0)).sigma_m(600.0, 0.0))
    needs = 174.0 + 0.85 + spread
    band = st.floats(needs - KEEP_M - 0.05, needs + RETURN_M - 0.01)
    levels = data.draw(st.lists(band, min_size=4, max_size=8))
    short = at(river, network, (0.0, needs + 0.3), (7200.0, needs + 0.3)).path(INFLATABLE, START, GOAL, 0.0)
    assert short.y_m.min() > 45.0
    assert switches(river, network, short, levels) <= 1
    long = at(river, network, (0.0, 174.2), (7200.0, 174.2)).path(INFLATABLE, START, GOAL, 0.0)
    assert long.y_m.min() < -150.0
    assert switches(river, network, long, levels) <= 2  # once to the way that opened, once back from it


@pytest.fixture(scope="module")
def twin() -> tuple[River, Network]:
    """Return a river with an island in its middle: two ways of one length and one depth."""

    def bed(chainage: Floats, offset: Floats) -> Floats:
        island = (chainage > 300) & (chainage < 700) & (np.abs(offset) < 45)
        return np.where(island, 185.0, 174.0)

    river = straight_river(1000.0, 240.0, bed, section_step_m=20.0)
    return river, compile_network(build_graph(river))


@settings(max_examples=12, deadline=None)
@given(levels=st.lists(st.floats(175.2, 177.0), min_size=3, max_size=7), up=st.booleans())
def test_two_equal_ways_do_not_flip(twin: tuple[River, Network], levels: list[float], up: bool) -> None:
    river, network = twin
    scene = at(river, network, (0.0, 176.0), (7200.0, 176.0))
    middle = zone(river, 300.0, 700.0, *((-120.0, 0.0) if up else (0.0, 120.0)))
    forced = at(river, network, (0.0, 176.0), (7200.0, 176.0), zones=(middle,))
    path = forced.path(INFLATABLE, (60.0, 0.0), (940.0, 0.0), 0.0)
    assert review(scene, INFLATABLE, path, (60.0, 0.0), 0.0).kind == "keep"
    for level in levels:
        now = at(river, network, (0.0, level), (7200.0, level))
        assert review(now, INFLATABLE, path, (60.0, 0.0), 0.0).kind == "keep"
