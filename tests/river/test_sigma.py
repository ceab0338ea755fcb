"""The stated sigma of the level between gauges, on rivers whose roughness is wrong in ways that no variant has."""

import numpy as np
import pytest

from rescuecmd.geo import Floats
from rescuecmd.river.backwater import Reach
from rescuecmd.river.family import Family, Fitted
from rescuecmd.river.steady import N_SIGMA, build_family, equally_spaced, matched_control
from tests.river.textbook import meadow_reach

FLOW_M3PS, APART_M = 900.0, 170.0
STRETCHES_M = (500.0, 2000.0, 8000.0)
GAUGES = (2, 3, 4, 6, 9, 13)
RIVERS = ((1, 3.3e-4), (2, 1e-3), (3, 1e-4))  # seed and slope: a river of the plain, a swift one, a slack one


def known_and_hidden(seed: int, slope: float) -> tuple[Family, Floats]:
    """Return the family of a river as surveyed, and surfaces of the river as it is, shape (n, n_sections).

    Manning's n of the true river is off by a random walk that forgets itself over `STRETCHES_M`, its flow anything from
    half to twice the one that the survey was made at.
    """
    rng = np.random.default_rng(seed)
    reach = Reach(meadow_reach(seed, sections=80, points=60, apart_m=APART_M, slope=slope))
    control = matched_control(reach, FLOW_M3PS, reach.normal_level_m(FLOW_M3PS, slope))
    surfaces = []
    for number in range(24):
        keeps = float(np.exp(-APART_M / STRETCHES_M[number % 3]))
        off = [rng.normal()]
        while len(off) < len(reach.surveys):
            off.append(keeps * off[-1] + float(np.sqrt(1 - keeps**2)) * rng.normal())
        true = reach.with_roughness(np.exp(N_SIGMA * np.array(off)))
        flow = FLOW_M3PS * float(rng.uniform(0.5, 2.0))
        surfaces.append(true.profile(flow, control(true, flow)).levels_m)
    return build_family(reach, np.geomspace(0.3, 3.0, 16) * FLOW_M3PS, control, ""), np.stack(surfaces)


@pytest.mark.parametrize(("seed", "slope"), RIVERS)
def test_twice_sigma_holds_nine_errors_in_ten_and_not_all_of_them(seed: int, slope: float) -> None:
    family, hidden = known_and_hidden(seed, slope)
    line_m = family.chainage_m
    for count in GAUGES:
        fitted = Fitted(family, equally_spaced(line_m, count))
        at_gauges = np.stack([np.interp(fitted.gauges_m, line_m, row) for row in hidden])
        straight = np.stack([np.interp(line_m, fitted.gauges_m, row) for row in at_gauges])
        found = straight + fitted.shares(at_gauges.mean(axis=1)).T @ fitted.bow_m(line_m)
        between = ~np.isin(line_m, fitted.gauges_m)
        for levels, sigma in ((found, fitted.sigma_m(line_m)), (straight, fitted.line_sigma_m(line_m))):
            held = (np.abs(levels - hidden) <= 2 * sigma)[:, between].mean()
            assert 0.90 <= held <= 0.995, f"{count} gauges, slope {slope}"
        assert np.square(found - hidden).mean() < np.square(straight - hidden).mean(), "the family beats straight lines"


def test_the_error_between_two_gauges_is_a_bow_and_not_a_random_walk() -> None:
    """Compare the errors in the outer tenths of the spans with those in their middle."""
    shares = []
    for seed, slope in RIVERS:
        family, hidden = known_and_hidden(seed, slope)
        line_m = family.chainage_m
        for count in GAUGES[:4]:  # spans of a kilometre have too few sections to show a shape
            gauges_m = equally_spaced(line_m, count)
            error_m = hidden - np.stack(
                [np.interp(line_m, gauges_m, np.interp(gauges_m, line_m, row)) for row in hidden]
            )
            away = np.abs(np.interp(line_m, gauges_m, np.arange(count)) % 1 - 0.5)  # 0 in the middle, 0.5 at a gauge
            shares.append(np.square(error_m[:, away > 0.4]).mean() / np.square(error_m[:, away < 0.2]).mean())
    x = np.linspace(0.0, 0.5, 1001)
    bow, walk = (
        np.sqrt(np.square(shape[x < 0.1]).mean() / np.square(shape[x > 0.3]).mean())
        for shape in (4 * x * (1 - x), 2 * np.sqrt(x * (1 - x)))
    )
    seen = np.sqrt(np.mean(shares))
    assert abs(seen - bow) < abs(seen - walk) / 2, f"{seen:.2f}; a bow has {bow:.2f}, a random walk {walk:.2f}"
