"""A flooded bank is no water for boats: one level for the whole section does not tell its depth."""

from dataclasses import replace

import numpy as np
import pytest

from rescuecmd.errors import NotCoveredError
from rescuecmd.river.model import River
from rescuecmd.routing.network import build_graph, compile_network
from rescuecmd.routing.scene import Scene
from tests.river.teaching import straight_river
from tests.routing.waters import INFLATABLE, water_of


def banked() -> River:
    """Return a river 900 m wide of which the middle 100 m are the channel; its banks stand two metres under water."""
    river = straight_river(1500.0, 900.0, lambda _c, offset: np.where(np.abs(offset) < 50.0, 168.0, 172.0))
    return replace(river, sections=tuple(replace(one, channel=(-50.0, 50.0)) for one in river.sections))


def test_no_way_leads_over_a_flooded_bank_and_a_goal_there_is_refused() -> None:
    river = banked()
    network = compile_network(build_graph(river))
    assert np.abs(network.offset_m).max() <= 50.0
    assert river.on_bank(700.0, np.array([0.0, 80.0, -80.0, 600.0])).tolist() == [False, True, True, False]
    scene = Scene(river, network, water_of(river, (0.0, 174.0), (7200.0, 174.0)), 0.0)
    path = scene.path(INFLATABLE, (60.0, 40.0), (1400.0, -40.0), 0.0)
    assert np.abs(path.y_m).max() <= 50.0
    with pytest.raises(NotCoveredError, match="flood bank") as told:
        scene.path(INFLATABLE, (60.0, 0.0), (700.0, 430.0), 0.0)
    assert told.value.code == "flood-bank"
    assert "漫滩" in str(told.value.facts["zh"])
