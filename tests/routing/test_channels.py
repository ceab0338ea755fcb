"""The questions asked of networkx: what is cut off, what everything hangs on, which other ways there are."""

import numpy as np
import pytest

from rescuecmd.errors import RefusedError
from rescuecmd.geo import Floats
from rescuecmd.river.model import River
from rescuecmd.routing.alternatives import DIFFERENT_M, alternatives, apart_m
from rescuecmd.routing.channels import critical_passages, passable, reaches
from rescuecmd.routing.network import Network, build_graph, compile_network
from rescuecmd.routing.scene import Scene
from tests.river.teaching import round_reef, straight_river
from tests.routing.test_watch import forked
from tests.routing.waters import INFLATABLE, bar, water_of

__all__ = ["forked"]


def still(river: River, level_m: float) -> Scene:
    network = compile_network(build_graph(river))
    return Scene(river, network, water_of(river, (0.0, level_m), (7200.0, level_m)), 0.0)


def test_a_bar_parts_the_river_and_says_how_much_water_joins_it() -> None:
    river = bar(174.0)
    scene = still(river, 174.5)
    parts = reaches(scene, INFLATABLE)
    assert len(parts) == 2
    assert parts[0].area_m2 >= parts[1].area_m2
    spans = sorted((part.from_m, part.to_m) for part in parts)
    assert spans[0][1] < 470.0
    assert spans[1][0] > 540.0
    spread = 1.28 * float(scene.water.sigma_m(500.0, 0.0))
    assert parts[1].rise_m == pytest.approx(174.85 - 174.5 + spread, abs=0.01)
    assert 440.0 <= scene.network.chainage_m[parts[1].short_at] <= 560.0
    joined = still(river, 174.5 + parts[1].rise_m + 0.01)
    assert len(reaches(joined, INFLATABLE)) == 1
    assert len(reaches(still(river, 174.5 + parts[1].rise_m - 0.01), INFLATABLE)) == 2


def test_places_belong_to_the_reach_they_are_approached_from() -> None:
    def bed(chainage: Floats, _: Floats) -> Floats:
        return np.where(np.abs(chainage - 500.0) <= 40.0, 174.0, 165.0)

    reefs = (round_reef("up", 200.0, 0.0, 176.0), round_reef("down", 800.0, 0.0, 176.0))
    river = straight_river(1000.0, 150.0, bed, section_step_m=20.0, reefs=reefs)
    parts = reaches(still(river, 174.5), INFLATABLE)
    assert {part.place_ids for part in parts} == {("up",), ("down",)}
    assert set(reaches(still(river, 177.0), INFLATABLE)[0].place_ids) == {"up", "down"}


def test_no_water_at_all_is_no_reach() -> None:
    assert reaches(still(bar(174.0), 165.2), INFLATABLE) == ()
    assert critical_passages(still(bar(174.0), 165.2), INFLATABLE) == ()


def test_a_gate_is_critical_and_an_island_has_none_beside_it(forked: tuple[River, Network]) -> None:
    def bed(chainage: Floats, offset: Floats) -> Floats:
        wall = (np.abs(chainage - 500.0) <= 30.0) & (np.abs(offset) > 30.0)
        return np.where(wall, 190.0, np.where(np.abs(chainage - 500.0) <= 30.0, 173.0, 165.0))

    scene = still(straight_river(1000.0, 200.0, bed, section_step_m=20.0), 175.0)
    first = critical_passages(scene, INFLATABLE)[0]
    assert abs(scene.network.chainage_m[first.tight_at] - 500.0) <= 45.0
    assert first.width_m <= 60.0
    spread = 1.28 * float(scene.water.sigma_m(500.0, 0.0))
    assert first.fall_m == pytest.approx(175.0 - 173.0 - 0.85 - spread, abs=0.01)
    river, network = forked
    both = Scene(river, network, water_of(river, (0.0, 176.0), (7200.0, 176.0)), 0.0)
    beside = [network.chainage_m[one.tight_at] for one in critical_passages(both, INFLATABLE, most=50)]
    assert not [at for at in beside if 240.0 < at < 960.0]


def test_passable_is_what_the_openings_say() -> None:
    scene = still(bar(174.0), 174.5)
    now = passable(scene, INFLATABLE)
    depth = 174.5 - now.network.bed_m
    assert not now.nodes[depth < 0.85].any()
    assert now.nodes[depth > 1.2].all()
    assert now.graph.number_of_nodes() == int(now.nodes.sum())
    assert now.graph.number_of_edges() == int(now.edges.sum())


def test_both_sides_of_the_island_are_shown(forked: tuple[River, Network]) -> None:
    river, network = forked
    scene = Scene(river, network, water_of(river, (0.0, 176.0), (7200.0, 176.0)), 0.0)
    found = alternatives(scene, INFLATABLE, (60.0, 70.0), (1140.0, 70.0))
    assert len(found) == 2
    first, second = (one.path for one in found)
    assert first.arrive_s < second.arrive_s
    assert first.y_m.min() > 45.0
    assert second.y_m.min() < -150.0
    assert found[1].apart_m >= DIFFERENT_M
    assert apart_m(first, first) == 0.0
    assert second.least_margin_m >= 0.0
    assert (second.x_m[-1], second.y_m[-1]) == (first.x_m[-1], first.y_m[-1])


def test_a_straight_canal_has_one_way_and_a_closed_one_none() -> None:
    river = bar(165.0)
    assert len(alternatives(still(river, 175.0), INFLATABLE, (60.0, 0.0), (900.0, 0.0))) == 1
    with pytest.raises(RefusedError):
        alternatives(still(bar(176.0), 175.0), INFLATABLE, (60.0, 0.0), (900.0, 0.0))
