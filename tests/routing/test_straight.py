"""Paths made straight: no later than the grid, to their very end."""

import math

import numpy as np
import pytest

from rescuecmd.errors import RefusedError
from rescuecmd.picture.entity import Craft
from rescuecmd.routing.network import draw_network
from rescuecmd.routing.path import APPROACH_MPS
from rescuecmd.routing.scene import Scene
from tests.routing.waters import varied, water_of

SLOW = Craft("raft", 4.0, 0.4, 0.2, 1.5, 4.0, 4)


@pytest.mark.parametrize("seed", [1, 7, 19])
def test_no_straight_leg_to_the_goal_is_later_than_the_way_by_the_slack_water(seed: int) -> None:
    """Up a strong current the way by the bank is longer and earlier: the last leg must not cut across the stream."""
    river, rng = varied(2500.0, seed=seed), np.random.default_rng(seed)
    network = draw_network(river)
    scene = Scene(river, network, water_of(river, (0.0, 174.5), (3600.0, 175.5)), 0.0)
    start, tried = (1100.0, 0.0), 0
    for x, y in rng.uniform((60.0, -60.0), (700.0, 60.0), (12, 2)).tolist():
        try:
            path = scene.path(SLOW, start, (x, y), 0.0)
        except RefusedError:
            continue
        node = scene.stop(SLOW, start, (x, y), 0.0)
        last_m = math.dist((float(network.x_m[node]), float(network.y_m[node])), (x, y))
        by_grid_s = float(scene.tree(SLOW, start, 0.0).arrival_s[node]) + last_m / APPROACH_MPS
        assert path.arrive_s <= by_grid_s + 0.1 * len(path.x_m)
        tried += 1
    assert tried > 3
