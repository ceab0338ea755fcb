"""Discharge from level: a power law through rating points."""

import numpy as np
from numpy.typing import ArrayLike

from rescuecmd.errors import NotCoveredError
from rescuecmd.geo import Floats
from rescuecmd.river.feature import Rating

_LEAST_HEIGHT_M = 0.01

FARTHEST = 2.0
"""A curve is carried on to this many times its greatest rated discharge, not farther: above it another control than the
one that was measured holds the level (usual practice; ISO 18320 asks for the range to be stated with the curve)."""


def discharge_m3ps(rating: Rating, level_m: ArrayLike) -> Floats:
    """Return the discharge, m3/s, of the shape of the input.

    Between two rating points, and beyond the first and last pair, discharge is a power of the height above the
    level of no flow: Q = a (h - h0)^b (the usual form of a rating curve; ISO 18320).

    Raises
    ------
    NotCoveredError
        A level lies so high above the rated ones that the curve says nothing about it.
    """
    height = np.maximum(np.asarray(level_m, dtype=np.float64) - rating.no_flow_m, _LEAST_HEIGHT_M)
    known = np.array(rating.points, dtype=np.float64)
    log_h, log_q = np.log(known[:, 0] - rating.no_flow_m), np.log(known[:, 1])
    if len(known) == 1:
        return np.full(height.shape, known[0, 1])
    powers = np.diff(log_q) / np.diff(log_h)
    at = np.clip(np.searchsorted(log_h, np.log(height)) - 1, 0, len(powers) - 1)
    flow: Floats = np.exp(log_q[at] + powers[at] * (np.log(height) - log_h[at]))
    if (flow > FARTHEST * known[-1, 1]).any():
        highest, top = float(np.max(np.asarray(level_m))), float(known[-1, 0])
        raise NotCoveredError(
            "above-rating",
            f"the rating of {rating.gauge_id!r} is known up to {top:.2f} m ({known[-1, 1]:.0f} m3/s); {highest:.2f} m "
            f"is beyond {FARTHEST:g} times that discharge",
            gauge=rating.gauge_id,
            level_m=highest,
        )
    return flow
