from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rescuecmd.errors import NotCoveredError
from rescuecmd.river.feature import Series, SeriesKind
from rescuecmd.river.issue import STALE_S, as_known, rise_m_per_h, verdict
from rescuecmd.river.model import River
from rescuecmd.river.water import Water
from rescuecmd.text import Text
from tests.river.jialing import DAY_S, START_S, jialing
from tests.river.teaching import gauge_site, rising_water, straight_river
from tests.river.test_water import series

HOUR_S = 3600.0


def kept(series_id: str, *pairs: tuple[float, float], issued_s: float | None = None, sigma_m: float = 0.0) -> Series:
    times, levels = (np.array(values, dtype=np.float64) for values in zip(*pairs, strict=True))
    kind: SeriesKind = "observed" if issued_s is None else "forecast"
    note = Text("示意", "made up")
    return Series(series_id, note, "a", kind, times, levels, np.full(len(times), sigma_m), "", "high", note,
                  issued_s=issued_s)  # fmt: skip


OBSERVED = kept("rise", (0.0, 180.0), (10.0, 181.0), (20.0, 182.0), (30.0, 182.5))
EARLY = kept("early", (5.0, 180.6), (30.0, 184.0), issued_s=5.0, sigma_m=0.1)
LATE = kept("late", (15.0, 181.6), (30.0, 182.6), issued_s=15.0, sigma_m=0.1)
RIVER = replace(
    straight_river(6000.0, gauges=[gauge_site("a", 0.0), gauge_site("b", 6000.0)]), series=(OBSERVED, EARLY, LATE)
)


def only(river: River, *kept_series: Series) -> River:
    return replace(river, series=kept_series)


def test_what_came_later_is_not_known() -> None:
    known = as_known(RIVER, 12.0)
    assert known.read_s == {"a": 10.0}
    assert known.issued_s == {"a": 5.0}
    assert np.allclose(known.water.level_m(0.0, np.array([10.0, 30.0])), [181.0, 184.0])
    assert as_known(RIVER, 15.0).issued_s == {"a": 15.0}, "a forecast counts from the instant it is issued"
    assert as_known(RIVER, 4.0).issued_s == {}


@given(st.floats(0.0, 30.0))
def test_the_past_does_not_change_with_what_is_added_after_it(at_s: float) -> None:
    cut = kept("rise", *[(t, z) for t, z in zip(OBSERVED.times_s, OBSERVED.levels_m, strict=True) if t <= at_s])
    issued = [one for one in (EARLY, LATE) if one.issued_s is not None and one.issued_s <= at_s]
    then, now = as_known(only(RIVER, cut, *issued), at_s).water, as_known(RIVER, at_s).water
    assert (then.start_s, then.end_s) == (now.start_s, now.end_s)
    assert np.array_equal(then.level_m(3000.0, then.times_s), now.level_m(3000.0, now.times_s))


def test_another_flood_on_file_is_not_mixed_in() -> None:
    before = kept("flood", (-400 * DAY_S, 190.0), (-399 * DAY_S, 191.0))
    assert as_known(only(RIVER, before, OBSERVED), 12.0).water.start_s == 0.0


def test_nothing_known_is_said() -> None:
    for at_s in (-1.0, 30.0 + STALE_S + 1.0):
        with pytest.raises(NotCoveredError):
            as_known(RIVER, at_s)


def test_a_forecast_is_judged_by_what_came() -> None:
    came = verdict(RIVER, EARLY)
    assert np.allclose(came.leads_s, [0.0, 25.0])
    assert np.allclose(came.errors_m, [0.1, 1.5])
    assert came.bias_m == pytest.approx(0.8)
    assert came.held == 0.5
    assert verdict(RIVER, LATE).rmse_m == pytest.approx(0.1)
    with pytest.raises(NotCoveredError):
        verdict(only(RIVER, EARLY), EARLY)


def test_the_rate_of_rise_looks_back_and_not_into_the_forecast() -> None:
    river = straight_river(2000.0)
    water = rising_water(river, 175.0, 178.0, end_s=3 * HOUR_S)
    assert np.allclose(rise_m_per_h(water, np.array([0.0, 500.0]), 2 * HOUR_S), 1.0)
    assert rise_m_per_h(water, 0.0, 0.0) == pytest.approx(1.0)
    turning = Water(river, {"down": series((0, 175), (HOUR_S, 176), (2 * HOUR_S, 170))})
    assert rise_m_per_h(turning, 0.0, HOUR_S) == pytest.approx(1.0)
    with pytest.raises(NotCoveredError):
        rise_m_per_h(Water(river, {"down": series((0, 175))}), 0.0, 0.0)


def test_the_september_rise_as_seen_at_six_in_the_evening() -> None:
    at_s = START_S + 10 * HOUR_S
    known = as_known(jialing(), at_s)
    assert set(known.issued_s) == {"ciqikou", "jingkou", "caoxietuo"}
    place_m = jialing().gauge("ciqikou").chainage_m
    assert float(known.water.level_m(place_m, at_s)) == pytest.approx(180.75)
    assert float(known.water.level_m(place_m, START_S + DAY_S)) == pytest.approx(184.21), "0.5 m over what came"
    came = verdict(jialing(), jialing().find_series("ciqikou-2021-09-forecast"))
    assert came.bias_m > 0.2
    assert came.held >= 0.9
