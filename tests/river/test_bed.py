import numpy as np
import pytest

from rescuecmd.errors import NotFoundError
from rescuecmd.geo import Floats
from rescuecmd.river.model import Beach, River, StillWater
from rescuecmd.text import Text
from tests.river.teaching import round_reef, still_water, straight_river


def valley(chainage: Floats, offset: Floats) -> Floats:
    return 170.0 - 0.001 * chainage + 0.05 * np.abs(offset)


def test_the_bed_is_what_the_sections_say_and_linear_between_them() -> None:
    river = straight_river(bed_m=valley)
    chainage = np.array([0.0, 130.0, 1999.0])
    offset = np.array([0.0, -60.0, 99.0])
    assert np.allclose(river.bed_m(chainage, offset), valley(chainage, offset), atol=0.02)
    assert river.bed_m(100.0, 20.0).shape == ()


@pytest.mark.parametrize(
    ("chainage", "offset"), [(500, 101), (500, -101), (-1, 0), (2001, 0), (np.nan, 0), (5, np.nan)]
)
def test_beyond_the_survey_nothing_is_known(chainage: float, offset: float) -> None:
    river = straight_river(reefs=[round_reef("rock", 500, 90, 178)])
    assert np.isnan(river.bed_m(chainage, offset))


def test_the_very_edges_belong_to_the_survey() -> None:
    river = straight_river()
    assert np.isfinite(river.bed_m([0, 0, 2000, 2000], [100, -100, 100, -100])).all()


def test_a_reef_stands_on_the_bed_up_to_its_crest() -> None:
    river = straight_river(reefs=[round_reef("rock", 500, 20, 178, radius_m=30)])
    across = river.bed_m(500.0, np.array([-11.0, -5.0, 5.0, 20.0, 35.0, 49.0, 51.0]))
    assert across[3] == pytest.approx(178.0)
    assert (np.diff(across[:4]) >= 0).all()
    assert across[0] == across[-1] == 170.0
    assert across[2] == pytest.approx(178 - 8 * (15 / 30) ** 2, abs=0.1)


def test_a_reef_below_the_bed_changes_nothing() -> None:
    assert straight_river(reefs=[round_reef("rock", 500, 0, 160)]).bed_m(500.0, 0.0) == 170.0


def test_what_flows_through_a_section_is_the_discharge() -> None:
    river = straight_river(bed_m=valley, discharge_m3ps=1500.0, max_current_mps=20.0)
    water = still_water(river, 176.0)
    offset = np.linspace(-100, 100, 4001)
    for chainage in (0.0, 777.0, 2000.0):
        depth = np.maximum(water.depth_m(chainage, offset, 0.0), 0.0)
        flow = np.trapezoid(depth * water.current_mps(chainage, offset, 0.0), offset)
        assert flow == pytest.approx(1500.0, rel=0.005)


def test_deep_water_runs_faster_than_shallow_and_dry_ground_not_at_all() -> None:
    water = still_water(straight_river(bed_m=valley, discharge_m3ps=400.0), 172.0)
    speed = water.current_mps(500.0, np.array([0.0, 20.0, 40.0, 60.0, 99.0]), 0.0)
    assert speed[0] > speed[1] > speed[2] > 0
    assert speed[3] == speed[4] == 0


def test_no_current_is_above_the_cap_and_none_without_a_rating() -> None:
    fast = still_water(straight_river(discharge_m3ps=1e5), 175.0)
    assert fast.current_mps(500.0, 0.0, 0.0) == 4.0
    calm = still_water(straight_river(), 175.0)
    assert calm.current_mps(500.0, 0.0, 0.0) == 0.0
    assert np.allclose(calm.current_xy(500.0, 0.0, 0.0), 0.0)


def test_the_current_runs_along_the_river_and_is_zero_beside_it() -> None:
    water = still_water(straight_river(discharge_m3ps=1000.0), 175.0)
    east, north = water.current_xy(np.array([500.0, 500.0]), np.array([0.0, 400.0]), 0.0)
    assert east == pytest.approx([1000 / (200 * 5), 0.0], rel=1e-3)
    assert np.allclose(north, 0.0)


def with_pool() -> River:
    pool = StillWater("pool", Text("沱", "pool"), ((400, 20), (800, 20), (800, 101), (400, 101), (400, 20)), 176.0)
    whole = straight_river(discharge_m3ps=1000.0)
    fields = {name: getattr(whole, name) for name in whole.__dataclass_fields__}
    return River(**{**fields, "still_water": (pool,)})


def test_still_water_stands_until_its_level_and_then_wakes() -> None:
    river = with_pool()
    offset = np.array([-50.0, 60.0])
    low, waking, high = (still_water(river, level).current_mps(600.0, offset, 0.0) for level in (175.9, 176.25, 180.0))
    assert low[1] == 0
    assert 0 < waking[1] < waking[0] < low[0]
    assert high[0] == pytest.approx(high[1])


def test_what_a_pool_holds_back_flows_beside_it() -> None:
    water = still_water(with_pool(), 175.0)
    offset = np.linspace(-100, 100, 2001)
    flow = np.trapezoid(water.depth_m(600.0, offset, 0.0) * water.current_mps(600.0, offset, 0.0), offset)
    assert flow == pytest.approx(1000.0, rel=0.01)


def test_places_have_the_level_that_matters() -> None:
    beach = Beach("sand", Text("滩", "sand"), ((900, 60), (1100, 60), (1100, 90), (900, 90), (900, 60)), 176.0, ())
    river = straight_river(reefs=[round_reef("rock", 500, 20, 178)], beaches=[beach])
    place = river.place("rock")
    assert (place.kind, place.chainage_m, place.critical_m) == ("reef", 500.0, 178.0)
    assert (river.place("sand").x_m, river.place("sand").critical_m) == (1000.0, 176.0)


def test_an_unknown_place_names_the_nearest() -> None:
    river = straight_river(reefs=[round_reef("huangpanshi", 500, 20, 178)])
    with pytest.raises(NotFoundError, match="did you mean 'huangpanshi'"):
        river.place("huangpansi")
    with pytest.raises(NotFoundError, match="gauge"):
        river.gauge("upp")
    with pytest.raises(NotFoundError, match="series"):
        river.find_series("none")
