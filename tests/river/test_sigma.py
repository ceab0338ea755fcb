"""The stated sigma of the level between gauges, on rivers whose roughness is wrong in ways that no variant has."""

import numpy as np
import pytest

from rescuecmd.river.steady import equally_spaced
from tests.river.unseen import GAUGES, PLAIN, WILD, Unseen, held, known_and_hidden


@pytest.mark.parametrize("river", PLAIN + WILD, ids=str)
def test_twice_sigma_holds_nine_errors_in_ten_and_not_all_of_them(river: Unseen) -> None:
    for row in held(river):
        assert 0.90 <= row.field <= 0.99, f"level field, {row.gauges} gauges"
        assert 0.90 <= row.line <= 0.99, f"straight lines, {row.gauges} gauges"
        assert row.field_m2 < row.line_m2, "the family beats straight lines"


def test_the_error_between_two_gauges_is_a_bow_and_not_a_random_walk() -> None:
    """Compare the errors in the outer tenths of the spans with those in their middle."""
    shares = []
    for river in PLAIN:
        family, hidden = known_and_hidden(river)
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
