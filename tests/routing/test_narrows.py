"""Where the grid is twice as fine: which water is narrow, that no passage is missed there, and that the seam holds."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rescuecmd.errors import InputError
from rescuecmd.geo import Floats
from rescuecmd.river.model import River
from rescuecmd.routing.channels import critical_passages
from rescuecmd.routing.chart import PER_STEP
from rescuecmd.routing.narrows import NARROW_M, narrow_squares, reach_of
from rescuecmd.routing.network import Network, build_graph, draw_network
from rescuecmd.routing.pieces import Pieces
from rescuecmd.routing.scene import Scene
from rescuecmd.routing.squares import areas_m2, boxes
from tests.river.teaching import straight_river
from tests.routing.waters import FREE, INFLATABLE, varied, water_of

SPAN_M = 20.0
"""A boat of the chart's breadth finds every gap this wide: 18 m, and the slopes between samples on both sides."""


def walled(gap_at_m: float, gap_m: float = SPAN_M, top_m: float = 180.0) -> River:
    """Return a river of 400 m with a wall across it and one gap; of NaN: unsurveyed water instead of a wall."""

    def bed(chainage: Floats, offset: Floats) -> Floats:
        wall = (np.abs(chainage - 200.0) <= 20.0) & (np.abs(offset - gap_at_m) > gap_m / 2)
        return np.where(wall, top_m, 165.0)

    return straight_river(400.0, 120.0, bed, section_step_m=10.0)


def dyked(gap_at_m: float, gap_m: float = SPAN_M) -> River:
    """Return a river of 400 m with a wall all along its middle and one gap."""

    def bed(chainage: Floats, offset: Floats) -> Floats:
        wall = (np.abs(offset) <= 15.0) & (np.abs(chainage - gap_at_m) > gap_m / 2)
        return np.where(wall, 180.0, 165.0)

    return straight_river(400.0, 150.0, bed, section_step_m=1.0)


def is_way(river: River, network: Network, ends: tuple[tuple[float, float], tuple[float, float]]) -> bool:
    scene = Scene(river, network, water_of(river, (0.0, 175.0), (7200.0, 175.0)), 0.0)
    nodes = [network.nearest(*end) for end in ends]
    tree = scene.tree(INFLATABLE, ends[0], 0.0)
    return bool(np.isfinite(tree.arrival_s[nodes[1]]))


ACROSS = ((60.0, 0.0), (340.0, 0.0))
OVER = ((200.0, -50.0), (200.0, 50.0))


@settings(deadline=None, max_examples=25)
@given(st.floats(-45.0, 45.0))
def test_every_gap_of_two_half_steps_is_found(gap_at_m: float) -> None:
    river = walled(gap_at_m)
    assert is_way(river, draw_network(river), ACROSS)


@settings(deadline=None, max_examples=15)
@given(st.floats(60.0, 340.0))
def test_gaps_that_lead_across_the_river_are_found_too(gap_at_m: float) -> None:
    river = dyked(gap_at_m)
    assert is_way(river, draw_network(river), OVER)


def test_the_coarse_grid_misses_some_of_them() -> None:
    found = [is_way(walled(at), draw_network(walled(at), narrow_m=0.0), ACROSS) for at in np.arange(-9.0, 9.0, 3.0)]
    assert not all(found)
    assert any(found)


def test_narrow_is_what_is_narrow_at_some_level() -> None:
    offset = np.arange(81) * 4.5 - 180.0
    valley = 165.0 + 0.2 * np.abs(offset)
    flat = np.full_like(offset, 165.0)
    rock = np.where(np.abs(offset - 40.0) < 5.0, 175.0, np.where(np.abs(offset) > 60.0, np.inf, 165.0))
    beds = {name: np.tile(bed, (41, 1)) for name, bed in (("valley", valley), ("flat", flat), ("rock", rock))}
    squares = {name: narrow_squares(bed, np.full(41, 190.0), 8, PER_STEP) for name, bed in beds.items()}
    assert not squares["flat"].any()
    assert squares["valley"][:, len(squares["valley"][0]) // 2].all()
    assert not squares["valley"][:, [0, 2, -3, -1]].any()
    assert squares["rock"][5].any()
    assert not squares["rock"][5, 5:9].any()  # more than 36 m on the other side of the rock
    low = narrow_squares(beds["rock"], np.full(41, 165.3), 8, PER_STEP)
    assert not low.any()  # a boat needs more than this
    assert not narrow_squares(beds["rock"], np.full(41, 190.0), 0, PER_STEP).any()
    assert reach_of(8, PER_STEP) == 3


def test_both_grids_are_joined_at_their_seam() -> None:
    river = varied()
    fine, coarse = draw_network(river), draw_network(river, narrow_m=0.0)
    assert fine.chart is not None
    assert 0.0 < fine.chart.narrow.mean() < 1.0
    assert set(np.round(np.unique(fine.length_m.astype(np.float64)), 3)) == {9.0, 12.728, 18.0, 25.456}
    start, end = fine.start.astype(np.int64), fine.end.astype(np.int64)
    pairs = start * fine.n_nodes + end
    assert (np.diff(pairs) > 0).all()  # none twice
    assert np.array_equal(np.sort(end * fine.n_nodes + start), pairs)  # each way back
    place = {(c, o): number for number, (c, o) in enumerate(zip(fine.chainage_m, fine.offset_m, strict=True))}
    same = [place[c, o] for c, o in zip(coarse.chainage_m, coarse.offset_m, strict=True)]
    water = water_of(river, (0.0, 173.0), (7200.0, 176.0))
    late = [Scene(river, network, water, 0.0).tree(FREE, (100.0, 0.0), 0.0).arrival_s for network in (fine, coarse)]
    reached = np.isfinite(late[1])
    assert reached.sum() > 500
    assert np.isfinite(late[0][same][reached]).all()
    assert (late[0][same][reached] <= late[1][reached] + 5.0).all()


def test_squares_cover_the_water_once() -> None:
    river = straight_river(720.0, 144.0, 165.0)
    network = draw_network(walled(10.0))
    found = boxes(network, np.arange(network.n_nodes))
    assert areas_m2(network).sum() == pytest.approx(((found[:, 1] - found[:, 0]) * (found[:, 3] - found[:, 2])).sum())
    rng = np.random.default_rng(2)
    points = np.column_stack([rng.uniform(20.0, 150.0, 500), rng.uniform(-50.0, 50.0, 500)])
    inside = (
        (found[:, 0] <= points[:, :1])
        & (points[:, :1] < found[:, 1])
        & (found[:, 2] <= points[:, 1:])
        & (points[:, 1:] < found[:, 3])
    )
    assert (inside.sum(axis=1) == 1).all()
    assert areas_m2(draw_network(river, 18.0)).sum() == pytest.approx(draw_network(river).n_nodes * 18.0**2)


def test_half_the_step_whatever_it_is_and_none_if_none_is_wanted() -> None:
    river = varied()
    assert draw_network(river, 36.0, 60.0).shortest_m == 18.0
    assert draw_network(river, narrow_m=0.0).shortest_m == 18.0
    assert build_graph(river).graph["narrow_m"] == NARROW_M
    for width in (-1.0, np.nan, np.inf):
        with pytest.raises(InputError):
            draw_network(river, narrow_m=width)


def test_half_steps_do_not_fork_a_channel() -> None:
    river = walled(5.0)
    network = draw_network(river)
    whole = Pieces(network, np.ones(network.n_nodes, dtype=bool), np.ones(network.n_edges, dtype=bool))
    assert len(whole.pieces) == 23  # one per step: rows of half steps belong to them
    assert sorted(dict(whole.graph.degree).values()) == [1, 1, *[2] * 21]
    assert sorted(node for piece in whole.pieces for node in piece.nodes) == list(range(network.n_nodes))
    scene = Scene(river, network, water_of(river, (0.0, 175.0), (7200.0, 175.0)), 0.0)
    gate = min(critical_passages(scene, INFLATABLE), key=lambda one: one.width_m)
    assert gate.width_m == 18.0  # two nodes, at offsets 0 and 9
    assert abs(network.offset_m[gate.tight_at] - 5.0) <= 9.0
    path = scene.path(INFLATABLE, *ACROSS, 0.0)
    assert path.left_m == 0.0
    assert path.length_m < 282.0


def test_the_current_in_a_gap_between_two_nodes_is_that_of_the_node_in_it() -> None:
    network = draw_network(walled(9.0, top_m=np.nan))
    assert network.chart is not None
    gap = network.chart.node[22]  # chainage 198, every half step
    assert network.chart.raster.rows == 4 * 22 + 1
    assert (gap[::2] < 0).all()
    assert (gap[1::2] >= 0).sum() == 1
    seen = np.asarray(network.chart.vectors.node).reshape(23, -1)[11]
    assert set(seen[seen >= 0]) == {gap.max()}
