"""The expected track of somebody in the water."""

import math

import numpy as np
import pytest

from rescuecmd.drift.track import SPREAD, STAND_M, drift_track
from rescuecmd.errors import InputError, NotCoveredError
from rescuecmd.geo import Floats
from rescuecmd.interop.river_package import load_river
from rescuecmd.library import find
from rescuecmd.river.known import known_water
from rescuecmd.river.water import LevelSeries
from tests.river.teaching import straight_river
from tests.routing.waters import water_of

CALM = ((0.0, 175.0), (7200.0, 175.0))


def test_moves_with_an_even_current() -> None:
    river = straight_river(4000.0, 200.0, 165.0, discharge_m3ps=200.0 * 10.0 * 1.5)
    water = water_of(river, *CALM)
    speed = float(water.current_mps(1000.0, 0.0, 0.0))
    track = drift_track(river, water, 300.0, 12.0, 10.0, horizon_s=1200.0)
    assert track.times_s[0] == 10.0
    assert track.times_s[-1] == 1210.0
    np.testing.assert_allclose(track.x_m, 300.0 + speed * (track.times_s - 10.0), atol=1e-6)
    np.testing.assert_allclose(track.y_m, 12.0, atol=1e-9)
    np.testing.assert_allclose(track.radius_m, 10.0 + SPREAD * speed * (track.times_s - 10.0), atol=1e-6)
    assert track.ashore_s is None


def test_stays_where_the_bank_is_reached() -> None:
    """The river bends under the straight line of sections: here the left bank closes in until only the right is wet."""

    def bed(chainage: Floats, offset: Floats) -> Floats:
        beds: Floats = np.where(offset > 90.0 - chainage / 10.0, 176.0, 168.0)
        return beds

    river = straight_river(1500.0, 200.0, bed, discharge_m3ps=600.0, section_step_m=25.0)
    water = water_of(river, *CALM)
    track = drift_track(river, water, 100.0, 40.0, 0.0, horizon_s=3600.0)
    assert track.ashore_s is not None
    last = (float(track.x_m[-1]), float(track.y_m[-1]))
    assert track.at(track.ashore_s)[:2] == pytest.approx(last)
    assert track.at(3600.0)[:2] == last
    assert float(water.depth_m(last[0], last[1], 0.0)) == pytest.approx(STAND_M, abs=0.6)
    assert track.radius_m[-1] == track.at(track.ashore_s)[2]
    on_land = drift_track(river, water, 800.0, 60.0, 0.0, horizon_s=60.0)
    assert on_land.ashore_s == 0.0
    assert (on_land.x_m == on_land.x_m[0]).all()


def test_ends_with_the_river_and_with_what_is_known() -> None:
    river = straight_river(1000.0, 200.0, 165.0, discharge_m3ps=200.0 * 10.0 * 2.0)
    water = water_of(river, *CALM)
    track = drift_track(river, water, 900.0, 0.0, 0.0, horizon_s=3600.0)
    assert 985.0 <= track.x_m[-1] <= 1000.0
    late = drift_track(river, water, 100.0, 0.0, 7100.0, horizon_s=3600.0)
    assert late.times_s[-1] == 7200.0
    with pytest.raises(NotCoveredError):
        late.at(7300.0)


def test_still_water_moves_nobody() -> None:
    river = straight_river(1000.0, 200.0, 165.0)
    track = drift_track(river, water_of(river, *CALM), 500.0, 0.0, 0.0, horizon_s=600.0)
    assert (track.x_m == track.x_m[0]).all()
    assert (track.radius_m == 10.0).all()


@pytest.mark.parametrize(
    ("x_m", "y_m", "time_s", "horizon_s", "error"),
    [
        (500.0, 0.0, -1.0, 60.0, NotCoveredError),
        (500.0, 0.0, math.nan, 60.0, NotCoveredError),
        (5000.0, 0.0, 0.0, 60.0, NotCoveredError),
        (math.nan, 0.0, 0.0, 60.0, NotCoveredError),
        (500.0, 0.0, 0.0, 0.0, InputError),
        (500.0, 0.0, 0.0, -5.0, InputError),
    ],
)
def test_nonsense_is_refused(x_m: float, y_m: float, time_s: float, horizon_s: float, error: type[Exception]) -> None:
    river = straight_river(1000.0, 200.0, 165.0)
    with pytest.raises(error):
        drift_track(river, water_of(river, *CALM), x_m, y_m, time_s, horizon_s=horizon_s)


def test_follows_the_water_round_the_bends_of_a_real_river() -> None:
    """Against Runge-Kutta on the water itself, asked point by point in x and y."""
    river = load_river(find("rivers", "jialing-dazhulin"))
    observed = [series for series in river.series if series.id.endswith("2021-09")]
    levels = {one.gauge_id: LevelSeries(one.times_s, one.levels_m, one.sigma_m) for one in observed}
    water = known_water(river, levels)
    now = water.start_s + 12 * 3600.0
    for chainage, offset in ((1000.0, -20.0), (4200.0, -60.0), (6300.0, 30.0)):
        x, y = (float(value) for value in river.point(chainage, offset))
        track = drift_track(river, water, x, y, now, horizon_s=600.0)
        for step in range(60):
            x, y = _plain_step(water, x, y, now + 10.0 * step, 10.0)
        assert math.hypot(track.x_m[-1] - x, track.y_m[-1] - y) < 0.01 * (track.radius_m[-1] - 10.0) / SPREAD
        assert (track.radius_m[-1] - 10.0) / SPREAD > 300.0


def _plain_step(water: object, x: float, y: float, time: float, step: float) -> tuple[float, float]:
    def current(px: float, py: float, at: float) -> tuple[float, float]:
        east, north = water.current_xy(px, py, at)  # type: ignore[attr-defined]
        return float(east), float(north)

    a = current(x, y, time)
    b = current(x + a[0] * step / 2, y + a[1] * step / 2, time + step / 2)
    c = current(x + b[0] * step / 2, y + b[1] * step / 2, time + step / 2)
    d = current(x + c[0] * step, y + c[1] * step, time + step)
    east, north = (a[k] + 2 * b[k] + 2 * c[k] + d[k] for k in (0, 1))
    return x + east * step / 6, y + north * step / 6
