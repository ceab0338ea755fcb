"""The teaching river: what its header promises is what the program answers."""

import shutil
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from rescuecmd.interop.river_package import load_river
from rescuecmd.library import shelf
from rescuecmd.picture.entity import Craft
from rescuecmd.river.model import River
from rescuecmd.river.submergence import submergence
from rescuecmd.river.water import LevelSeries, Water
from rescuecmd.routing.network import Network, draw_network
from rescuecmd.routing.scene import Scene

FOLDER = shelf("rivers") / "teaching"
BOAT = Craft("boat", 4.0, 0.4, 0.2, 2.0, 6.0, 4)


@cache
def teaching() -> tuple[River, Network]:
    river = load_river(FOLDER)
    return river, draw_network(river, 9.0)


def rise(river: River) -> Water:
    return Water(
        river,
        {one.gauge_id: LevelSeries(one.times_s, one.levels_m, np.zeros(len(one.times_s))) for one in river.series},
    )


def at(river: River, clock: float) -> float:
    """Return the instant of an hour of the day."""
    return float(river.series[0].times_s[0]) + (clock - 8) * 3600


def test_both_gauges_tell_one_level_though_they_print_two() -> None:
    river, _ = teaching()
    water = rise(river)
    assert river.gauge("down").to_river_datum_m == 5.0
    assert river.gauge("down").warning_m == river.gauge("up").warning_m == 13.0
    assert water.level_m([0.0, 600.0, 1200.0], at(river, 10)) == pytest.approx([13.0] * 3)


def test_the_rock_goes_under_at_half_past_ten() -> None:
    river, _ = teaching()
    crossing = submergence(rise(river), river.place("rock"), at(river, 8))
    assert crossing.median_s == pytest.approx(at(river, 10.5))


def test_the_current_is_one_metre_a_second_where_the_river_is_whole() -> None:
    river, _ = teaching()
    speed = rise(river).current_mps(150.0, [-70.0, 0.0, 70.0], at(river, 9))
    assert speed == pytest.approx([1.0, 1.0, 1.0], abs=0.03)


@pytest.mark.parametrize(("clock", "main", "side"), [(9.4, True, False), (9.8, True, True), (10.2, False, True)])
def test_one_way_then_two_then_the_other(clock: float, main: bool, side: bool) -> None:
    river, network = teaching()
    openings = Scene(river, network, rise(river), at(river, clock)).openings(BOAT)
    edge = openings.arcs.item
    now = (openings.arcs.opens_s <= at(river, clock)) & (openings.arcs.closes_s > at(river, clock))
    offset = network.offset_m[network.start[edge[now & np.isfinite(network.soffit_m[edge])]]]
    assert (bool((offset < 0).any()), bool((offset > 50).any())) == (main, side)


def test_what_is_not_surveyed_is_nobodys_way() -> None:
    river, network = teaching()
    assert np.isnan(river.bed_m(1100.0, 70.0))
    assert not ((network.chainage_m > 1000) & (network.offset_m > 62)).any()
    assert ((network.chainage_m < 250) & (network.offset_m > 62)).any()


def test_what_is_said_of_one_feature_comes_before_what_is_said_of_its_layer() -> None:
    river, _ = teaching()
    assert river.trust("reefs", "rock").feature == "rock"
    assert river.trust("landings", "steps").feature == ""


@pytest.mark.parametrize(("passable", "open_"), [("true", True), ("false", False)])
def test_a_weir_is_a_wall_unless_boats_may_cross_it(tmp_path: Path, passable: str, open_: bool) -> None:
    folder = Path(shutil.copytree(FOLDER, tmp_path / "weir"))
    lon = 0.0013478  # 150 m east
    (folder / "weirs.geojson").write_text(
        '{"type": "FeatureCollection", "features": [{"type": "Feature", "properties": {"id": "sill", '
        '"name_zh": "堰", "name_en": "Sill", "confidence": "high", "source": "made up", "crest_m": 11.0, '
        f'"passable": {passable}}}, "geometry": {{"type": "LineString", "coordinates": '
        f"[[{lon}, -0.0009], [{lon}, 0.0009]]}}}}]}}",
        encoding="utf-8",
    )
    text = (folder / "river.yaml").read_text(encoding="utf-8")
    layer = "  weirs: {source: made up, confidence: high, licence: CC0-1.0}\n"
    (folder / "river.yaml").write_text(text.replace("layers:\n", f"layers:\n{layer}"), encoding="utf-8")
    river = load_river(folder)
    assert river.weirs[0].crest_m == 11.0
    scene = Scene(river, draw_network(river, 9.0), rise(river), at(river, 9))
    arrival = scene.tree(BOAT, (60.0, 0.0), at(river, 9)).arrival_s
    below = scene.network.chainage_m > 200
    assert bool(np.isfinite(arrival[below]).any()) == open_
