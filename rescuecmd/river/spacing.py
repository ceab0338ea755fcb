"""How far straight lines between gauges are off, on a river of which only its gauges and its slope are known.

Source
------
Measured on a HEC-RAS model of 25 km with 148 surveyed sections that falls 0.33 m/km (`MEASURED_SLOPE`). Errors are
heights, and on two rivers of one shape heights are to each other as the slopes: what was measured is taken as many
times as the river is steeper. Between two gauges the greater of their own fall and that of the whole river counts,
never less than what the package states. It is an estimate: `docs/accuracy.md` says what it holds on other rivers.
"""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike

from rescuecmd.geo import Floats

MEASURED_SLOPE = 3.3e-4

_SPACING_M = np.array([0.0, 2_000.0, 3_000.0, 5_000.0, 8_500.0, 13_000.0, 25_000.0])
_ERROR_M = np.array([0.0, 0.09, 0.13, 0.16, 0.21, 0.34, 0.98])  # RMSE of linear interpolation, measured
_PEAK = 1.37  # 4x(1-x) has a root mean square of 0.73 over the span, so its peak is 1/0.73 of the RMSE


def spacing_error_m(distance_m: ArrayLike) -> Floats:
    """Return the error (RMSE, m) of levels interpolated between gauges this far apart at the measured slope."""
    return np.asarray(np.interp(np.asarray(distance_m, dtype=np.float64), _SPACING_M, _ERROR_M))


def spacing_arches_m(gauges_m: Floats, chainage_m: Floats) -> list[Floats]:
    """Return the error, m, that each span adds at the measured slope: above the first gauge, each gap, below the last.

    Each has the shape of `chainage_m` and is 0 outside its span. Beyond an outer gauge nothing holds the level on the
    far side: as bad as a gap of twice the distance.
    """
    arches = [spacing_error_m(2 * np.maximum(gauges_m[0] - chainage_m, 0.0))]
    for first, second in pairwise(gauges_m.tolist()):
        share = np.clip((chainage_m - first) / (second - first), 0.0, 1.0)
        arches.append(_PEAK * float(spacing_error_m(second - first)) * 4 * share * (1 - share))
    return [*arches, spacing_error_m(2 * np.maximum(chainage_m - gauges_m[-1], 0.0))]


def steepness(gauges_m: Floats, levels_m: Sequence[Floats], stated_slope: Floats) -> list[Floats]:
    """Return how many times steeper each span is than `MEASURED_SLOPE`, one course for each of `spacing_arches_m`.

    Parameters
    ----------
    levels_m
        The level at each gauge in the course of time, each of one shape.
    stated_slope
        Slope that the package states for these levels, of the same shape. Where it states none (0), no fall is too
        small to be a chance of the moment: then at least the measured slope counts.
    """
    least = np.where(stated_slope > 0, stated_slope, MEASURED_SLOPE)
    if len(levels_m) > 1:
        least = np.maximum(least, np.abs(levels_m[0] - levels_m[-1]) / (gauges_m[-1] - gauges_m[0]))
    falls = zip(pairwise(levels_m), np.diff(gauges_m).tolist(), strict=True)
    slopes = [least, *(np.maximum(least, np.abs(upper - lower) / apart) for (upper, lower), apart in falls), least]
    return [slope / MEASURED_SLOPE for slope in slopes]
