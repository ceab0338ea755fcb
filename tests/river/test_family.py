"""The family: it tells back its own profiles from a few gauges, states its error, and never goes off its end."""

from dataclasses import replace

import numpy as np
import pytest

from rescuecmd.errors import InputError, NotCoveredError
from rescuecmd.interop.river_package import load_river
from rescuecmd.library import shelf
from rescuecmd.river.family import Family, Fitted
from rescuecmd.river.model import River
from rescuecmd.river.steady import river_family
from rescuecmd.river.water import LevelSeries, Water
from tests.river.jialing import jialing


def bowed() -> Family:
    """Return three profiles over 10 km whose bow grows with the flow, and two variants beside each."""
    x = np.linspace(0.0, 10_000.0, 41)
    bow = np.sin(np.pi * x / 10_000.0)
    levels = np.stack([100.0 - x * 2e-4 + 2.0 * k + 0.2 * k * bow for k in range(3)])
    flows, variants = np.array([100.0, 500.0, 2000.0]), np.stack([levels + 0.02 * bow, levels - 0.02 * bow], axis=1)
    return Family(x, flows, levels, flows, variants)


def test_a_profile_is_found_again_from_its_levels_at_the_gauges() -> None:
    family = bowed()
    fitted = Fitted(family, np.array([0.0, 3000.0, 10_000.0]))
    for row in family.levels_m:
        at_gauges = np.interp(fitted.gauges_m, family.chainage_m, row)
        line = np.interp(family.chainage_m, fitted.gauges_m, at_gauges)
        field = line + fitted.shares(at_gauges.mean()) @ fitted.bow_m(family.chainage_m)
        assert np.abs(field - row).max() < 1e-9


def test_the_error_is_nothing_at_a_gauge_and_holds_the_hidden_profiles() -> None:
    fitted = Fitted(bowed(), np.array([0.0, 10_000.0]))
    sigma = fitted.line_sigma_m(np.array([0.0, 5000.0, 10_000.0]))
    assert (sigma[:, [0, 2]] < 1e-3).all()
    assert sigma[:, 1] == pytest.approx([0.02 / 2, 0.2 / 2, 0.4 / 2], rel=0.15)  # straight lines miss the bow by that
    assert fitted.sigma_m(np.array([5000.0]))[:, 0] == pytest.approx(0.02 / 2, rel=0.15)  # the family, its variants


def test_the_error_goes_over_from_flow_to_flow_with_the_level_and_holds_beyond_them() -> None:
    fitted = Fitted(bowed(), np.array([0.0, 10_000.0]))
    low, middle, high = fitted.line_sigma_m(5000.0).tolist()
    means = [levels.mean() for levels in bowed().levels_m[:, [0, -1]]]
    at = [means[0] - 5, means[0], (means[0] + means[1]) / 2, means[1], means[2], means[2] + 5]
    found = fitted.variant_shares(np.array(at)).T @ [low, middle, high]
    assert found == pytest.approx([low, low, (low + middle) / 2, middle, high, high])


@pytest.mark.parametrize(
    "broken",
    [
        {"flows_m3ps": np.array([100.0, 100.0, 2000.0])},
        {"levels_m": bowed().levels_m[::-1]},
        {"levels_m": bowed().levels_m[:, :-1]},
        {"levels_m": np.full_like(bowed().levels_m, np.nan)},
        {"chainage_m": bowed().chainage_m[::-1]},
        {"variants_m": bowed().variants_m[::-1]},
        {"variants_m": bowed().variants_m[:, :, :-1]},
        {"variants_m": bowed().variants_m[:, :0]},
        {"variant_flows_m3ps": np.array([100.0])},
    ],
    ids=[
        "flows",
        "falling",
        "short",
        "nan",
        "upstream",
        "variants-falling",
        "variants-short",
        "no-variants",
        "variant-flows",
    ],
)
def test_what_is_no_family_is_refused(broken: dict[str, np.ndarray]) -> None:
    with pytest.raises(InputError):
        replace(bowed(), **broken)  # type: ignore[arg-type]


def water(river: River, *levels: float) -> Water:
    times = np.array([0.0, 3600.0])
    named = zip(("caoxietuo", "jingkou", "ciqikou"), levels, strict=True)
    return Water(river, {name: LevelSeries(times, level + np.array([0.0, 4.0]), np.zeros(2)) for name, level in named})


def test_the_water_takes_the_family_and_passes_through_its_gauges() -> None:
    river = jialing()
    found = water(river, 182.0, 181.4, 179.8)
    assert found.tier == "family"
    for name, level in (("caoxietuo", 182.0), ("jingkou", 181.4), ("ciqikou", 179.8)):
        assert float(found.level_m(river.gauge(name).chainage_m, 0.0)) == pytest.approx(level, abs=1e-9)
    straight = Water(replace(river, family=None), found.series)
    places = np.linspace(200.0, 9500.0, 50)
    assert straight.tier == "gauges"
    assert 0.02 < np.abs(found.level_m(places, 0.0) - straight.level_m(places, 0.0)).max() < 0.3
    assert found.sigma_m(places, 0.0).mean() < straight.sigma_m(places, 0.0).mean()


def test_levels_that_the_family_does_not_hold_are_never_read_off_its_end() -> None:
    with pytest.raises(NotCoveredError) as outside:
        water(jialing(), 201.0, 200.2, 199.0)
    assert outside.value.code == "level-outside"


def test_the_level_is_linear_between_the_instants_that_the_water_names() -> None:
    found = water(jialing(), 182.0, 181.4, 179.8)
    assert len(found.times_s) > 2  # it bends where one profile gives way to the next
    for begin, end in zip(found.times_s, found.times_s[1:], strict=False):
        ends = found.level_m(4200.0, np.array([begin, end]))
        middle = float(found.level_m(4200.0, (begin + end) / 2))
        assert middle == pytest.approx(ends.mean(), abs=1e-9)


def test_the_shipped_family_is_what_its_sections_give() -> None:
    river = jialing()
    assert river.family is not None
    again = river_family(replace(river, family=None))
    assert np.abs(again.levels_m - river.family.levels_m).max() < 2e-3


def test_a_river_without_a_rating_has_its_surfaces_too() -> None:
    river = jialing()
    bare = replace(river, rating=None, family=None)
    unrated = replace(bare, family=river_family(bare))
    rated = water(river, 182.0, 181.4, 179.8)
    places = np.linspace(200.0, 9500.0, 50)
    found, straight = Water(unrated, rated.series), Water(bare, rated.series)
    assert found.tier == "family"
    off, bow = (np.abs(one.level_m(places, 0.0) - rated.level_m(places, 0.0)) for one in (found, straight))
    assert (off < 2 * found.sigma_m(places, 0.0)).all()
    assert off.max() < bow.max() / 3, "the shape of the surface hardly depends on the flow"
    assert (found.current_mps(places, 0.0, 0.0) == 0).all(), "no discharge is made up"


def test_neither_rating_nor_slope_is_said() -> None:
    river = load_river(shelf("rivers") / "teaching")
    with pytest.raises(NotCoveredError, match="slopes above 0"):
        river_family(replace(river, rating=None))
