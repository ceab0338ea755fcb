"""A changed river drawn anew reach by reach: exactly the arrays that drawing all of it gives."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rescuecmd.errors import InputError, NotCoveredError
from rescuecmd.river.hours import DailyHours
from rescuecmd.river.model import (
    AssumedBed,
    Axis,
    Boom,
    Bridge,
    Pier,
    RestrictedArea,
    River,
    Series,
    Span,
    TimedWay,
    Weir,
)
from rescuecmd.routing.chart import Raster, sweep
from rescuecmd.routing.narrows import Singles
from rescuecmd.routing.network import Network, build_graph, compile_network, draw_network
from rescuecmd.routing.redraw import redraw_network
from rescuecmd.text import Text
from tests.river.teaching import round_reef, straight_river
from tests.routing.waters import varied

Change = Callable[[River, np.random.Generator], River]


def bent() -> River:
    """Return the varied river in a bend, with a bridge and levels on file at both gauges."""
    river = varied()
    turn = np.linspace(0.0, 1.6, 41)
    axis = Axis(np.column_stack([750.0 * np.sin(turn), 750.0 * (1 - np.cos(turn))]))
    series = tuple(_on_file(gauge.id, 176.0) for gauge in river.gauges)
    reefs = tuple(round_reef(one.id, *spot(axis, one.x_m, one.y_m), one.crest_m) for one in river.reefs)
    return replace(river, centreline=axis, series=series, reefs=reefs, bridges=())


def _on_file(gauge_id: str, level_m: float) -> Series:
    times = np.array([0.0, 3600.0])
    levels = np.array([level_m - 3.0, level_m])
    name = Text("水位", "levels")
    return Series(f"{gauge_id}-1", name, gauge_id, "observed", times, levels, np.zeros(2), "test", "high", name)


def spot(axis: Axis, chainage_m: float, offset_m: float) -> tuple[float, float]:
    x, y = axis.point(chainage_m, offset_m)
    return float(x), float(y)


def anywhere(river: River, rng: np.random.Generator) -> tuple[float, float]:
    return spot(river.centreline, rng.uniform(0.0, river.length_m), rng.uniform(-100.0, 100.0))


def new_bed(river: River, rng: np.random.Generator) -> River:
    at = int(rng.integers(len(river.sections)))
    one = river.sections[at]
    beds = one.beds_m + rng.uniform(-3.0, 6.0)
    beds[rng.integers(0, len(beds), 5)] = np.nan
    return replace(river, sections=(*river.sections[:at], replace(one, beds_m=beds), *river.sections[at + 1 :]))


def no_section(river: River, rng: np.random.Generator) -> River:
    at = int(rng.integers(1, len(river.sections) - 1))
    return replace(river, sections=river.sections[:at] + river.sections[at + 1 :])


def new_reef(river: River, rng: np.random.Generator) -> River:
    reef = round_reef("new", *anywhere(river, rng), rng.uniform(165.0, 180.0), radius_m=rng.uniform(5.0, 40.0))
    return replace(river, reefs=(*river.reefs, reef))


def no_reef(river: River, rng: np.random.Generator) -> River:
    at = int(rng.integers(max(len(river.reefs), 1)))
    return replace(river, reefs=river.reefs[:at] + river.reefs[at + 1 :])


def new_bridge(river: River, rng: np.random.Generator) -> River:
    span = Span(rng.uniform(-110.0, 0.0), 90.0, rng.uniform(175.0, 182.0))
    pier = Pier(*anywhere(river, rng), 4.0)
    bridge = Bridge("new", Text("新桥", "New"), rng.uniform(0.0, river.length_m), (span,), (pier,))
    return replace(river, bridges=(*river.bridges, bridge))


def new_weir(river: River, rng: np.random.Generator) -> River:
    at = rng.uniform(0.0, river.length_m)
    weir = Weir("weir", Text("堰", "Weir"), at, -60.0, 80.0, 174.0, passable=bool(rng.integers(2)))
    return replace(river, weirs=(*river.weirs, weir))


def told(river: River, rng: np.random.Generator) -> River:
    x, y = anywhere(river, rng)
    size = rng.uniform(10.0, 60.0)
    ring = ((x, y), (x + size, y), (x + size, y + size), (x, y + size), (x, y))
    return replace(new_bed(river, rng), assumed=(AssumedBed(ring, 169.0),))


def higher(river: River, rng: np.random.Generator) -> River:
    return replace(river, series=tuple(_on_file(gauge.id, rng.uniform(171.0, 178.0)) for gauge in river.gauges))


def new_way(river: River, rng: np.random.Generator) -> River:
    line = tuple(spot(river.centreline, rng.uniform(60.0, river.length_m - 60.0), 0.0) for _ in range(2))
    hours = DailyHours.parse("00:10-00:30 +00:00") if rng.integers(2) else None
    way = TimedWay(
        "new",
        Text("陆运", "Portage"),
        "portage",
        line,
        rng.uniform(1.0, 900.0),
        bool(rng.integers(2)),
        hours,
    )
    return replace(river, ways=(*river.ways, way))


def new_boom(river: River, rng: np.random.Generator) -> River:
    boom = Boom("new", Text("栏", "Boom"), (anywhere(river, rng), anywhere(river, rng)))
    return replace(river, booms=(*river.booms, boom))


def new_area(river: River, rng: np.random.Generator) -> River:
    ring = (anywhere(river, rng), anywhere(river, rng), anywhere(river, rng))
    limit, closed = rng.uniform(1.0, 4.0), bool(rng.integers(4) == 0)
    area = RestrictedArea("new", Text("区", "Area"), (*ring, ring[0]), np.inf if closed else limit, closed=closed)
    return replace(river, restricted=(*river.restricted, area))


def no_rules(river: River, rng: np.random.Generator) -> River:
    return replace(river, ways=river.ways[1:], booms=river.booms[1:], restricted=())


CHANGES: tuple[Change, ...] = (
    new_bed, no_section, new_reef, no_reef, new_bridge, new_weir, told, higher, new_way, new_boom, new_area, no_rules,
)  # fmt: skip


def assert_same(one: Network, other: Network) -> None:
    assert one.ids == other.ids
    assert one.chart is not None
    assert other.chart is not None
    assert (one.rules is None) == (other.rules is None)
    assert (one.taken is None) == (other.taken is None)
    pairs: list[tuple[Any, Any]] = [(one, other), (one.chart, other.chart)]
    if one.rules is not None and other.rules is not None:
        pairs += [(one.rules, other.rules), (one.rules.terms, other.rules.terms)]
    if one.taken is not None and other.taken is not None:
        columns: list[tuple[Any, Any]] = list(zip(one.taken, other.taken, strict=True))
        assert all(np.array_equal(*both) for both in columns)
    for a, b in pairs:
        for name, value in vars(b).items():
            if isinstance(value, np.ndarray):
                assert getattr(a, name).dtype == value.dtype, name
                assert np.array_equal(getattr(a, name), value), name
            elif isinstance(value, dict):
                assert getattr(a, name) == value, name
    assert one.chart.river is other.chart.river


@settings(deadline=None, max_examples=60)
@given(st.lists(st.sampled_from(CHANGES), min_size=1, max_size=3), st.integers(0, 2**32), st.booleans())
def test_any_change_gives_what_a_whole_drawing_gives(changes: list[Change], seed: int, straight: bool) -> None:
    river = varied() if straight else bent()
    rng, network = np.random.default_rng(seed), draw_network(river)
    for change in changes:
        river = change(river, rng)
    assert_same(redraw_network(network, river), draw_network(river))


def test_changes_follow_each_other_and_one_taken_back_is_as_before() -> None:
    river = bent()
    network = first = draw_network(river)
    rng, was = np.random.default_rng(5), [river]
    for change in CHANGES * 2:
        was.append(change(was[-1], rng))
        network = redraw_network(network, was[-1])
    assert_same(network, draw_network(was[-1]))
    assert_same(redraw_network(network, river), first)


def test_only_the_reach_is_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    river = straight_river(9000.0, 120.0, 165.0)
    network = draw_network(river)
    sounded: list[int] = []

    def counted(river: River, raster: Raster, first: int, end: int) -> Singles:
        sounded.append(end - first)
        return sweep(river, raster, first, end)

    monkeypatch.setattr("rescuecmd.routing.redraw.sweep", counted)
    changed = replace(river, reefs=(round_reef("a", 2000.0, 0.0, 172.0), round_reef("b", 7000.0, 0.0, 172.0)))
    assert_same(redraw_network(network, changed), draw_network(changed))
    assert len(sounded) == 2
    assert sum(sounded) * 4.5 < 200.0
    assert redraw_network(network, replace(river, name=Text("别名", "Other name"))).n_nodes == network.n_nodes
    assert len(sounded) == 2


def test_another_river_altogether_is_drawn_whole() -> None:
    network = draw_network(varied())
    for river in (bent(), straight_river(900.0, 160.0, 165.0), replace(varied(), reefs=varied().reefs[::-1])):
        assert_same(redraw_network(network, river), draw_network(river))


def test_what_cannot_be_drawn_anew_is_refused() -> None:
    with pytest.raises(InputError, match="compile the graph"):
        redraw_network(compile_network(build_graph(varied())), varied())
    flat = straight_river(400.0, 120.0, 165.0)
    dry = replace(flat, series=tuple(_on_file(gauge.id, 160.0) for gauge in flat.gauges))
    with pytest.raises(NotCoveredError, match="no navigable water"):
        redraw_network(draw_network(flat), dry)
