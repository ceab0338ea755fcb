"""The expected track of somebody in the water."""

import math
from dataclasses import dataclass

import numpy as np

from rescuecmd.drift.field import Field
from rescuecmd.errors import InputError, NotCoveredError
from rescuecmd.geo import Floats
from rescuecmd.river.model import River
from rescuecmd.river.water import Water

SPREAD = 0.15
"""Radius grows by this share of the way drifted: the coefficient of variation of a current taken from gauge and
sections (0.15; 0.25 with the gauge alone), which outweighs turbulent mixing over the first hour."""

FIX_M = 10.0
"""Accuracy of a reported position unless told otherwise."""

STAND_M = 0.3
"""In water shallower than this a person has ground under the feet or body and stays."""

_BISECTIONS = 20
Place = tuple[float, float]
"""Chainage and offset."""


@dataclass(frozen=True, eq=False)
class Track:
    """Where somebody is expected: arrays of one shape (n,), times ascending.

    ``radius_m`` holds the person with about 68 % (as the accuracy of a fix does). ``ashore_s`` is when they reach the
    water's edge, None if they do not within the track.
    """

    times_s: Floats
    x_m: Floats
    y_m: Floats
    radius_m: Floats
    ashore_s: float | None = None

    def at(self, time_s: float) -> tuple[float, float, float]:
        """Return x, y and radius at a time within the track."""
        if not self.times_s[0] <= time_s <= self.times_s[-1]:
            raise NotCoveredError("outside-track", f"the track runs {self.times_s[0]:.0f} .. {self.times_s[-1]:.0f} s")
        values = (np.interp(time_s, self.times_s, line) for line in (self.x_m, self.y_m, self.radius_m))
        x, y, radius = (float(value) for value in values)
        return x, y, radius


def drift_track(
    river: River,
    water: Water,
    x_m: float,
    y_m: float,
    time_s: float,
    *,
    horizon_s: float,
    step_s: float = 5.0,
    accuracy_m: float = FIX_M,
) -> Track:
    """Return the expected track of somebody who is in the water at a point and time.

    The classical fourth-order Runge-Kutta method on the median current. The track ends where the known levels or the
    river end, at the latest after `horizon_s`; ashore it stands still.

    Raises
    ------
    NotCoveredError
        The time is not covered by the water, or the point lies outside the river.
    InputError
        Horizon or step are not positive.
    """
    if not (horizon_s > 0 and step_s > 0):
        raise InputError("bad-horizon", f"horizon and step must be above 0 s, got {horizon_s} and {step_s}")
    chainage, offset = _require(river, water, x_m, y_m, time_s)
    end_s = min(time_s + horizon_s, water.end_s)
    points, ashore_s = _drift(Field(river, water), river.length_m, (time_s, chainage, offset), end_s, step_s)
    times, chainages, offsets = (np.array(column) for column in zip(*points, strict=True))
    xs, ys = river.point(chainages, offsets)
    way = np.concatenate([[0.0], np.cumsum(np.hypot(np.diff(xs), np.diff(ys)))])
    return Track(times, xs, ys, accuracy_m + SPREAD * way, ashore_s)


def _require(river: River, water: Water, x_m: float, y_m: float, time_s: float) -> Place:
    """Return chainage and offset of a point that is covered at a time."""
    if not water.covers(time_s):
        raise water.uncovered(time_s)
    chainage, offset = (float(value) for value in river.locate(x_m, y_m))
    if not (math.isfinite(chainage) and 0.0 <= chainage <= river.length_m):
        raise NotCoveredError("outside-river", f"({x_m}, {y_m}) lies beyond the ends of the river", river=river.id)
    return chainage, offset


def _drift(
    field: Field, length_m: float, start: tuple[float, float, float], end_s: float, step_s: float
) -> tuple[list[tuple[float, float, float]], float | None]:
    """Return (time, chainage, offset) step by step, and when the person came ashore."""
    points, ashore_s = [start], None
    while points[-1][0] < end_s - 1e-9:
        now, *place = points[-1]
        at = (place[0], place[1])
        if field.at(*at, now)[2] <= STAND_M:
            ashore_s = now
            points.append((end_s, *at))
            break
        step = min(step_s, end_s - now)
        moved = _step(field, at, now, step)
        if not 0.0 <= moved[0] <= length_m:
            break
        if field.at(*moved, now + step)[2] <= STAND_M:
            step, moved = _to_edge(field, at, now, step)
        points.append((now + step, *moved))
    return points, ashore_s


def _step(field: Field, at: Place, time: float, step: float) -> Place:
    """Return the place after a step of the classical Runge-Kutta method."""
    half = step / 2
    along1, across1, _ = field.at(*at, time)
    along2, across2, _ = field.at(at[0] + along1 * half, at[1] + across1 * half, time + half)
    along3, across3, _ = field.at(at[0] + along2 * half, at[1] + across2 * half, time + half)
    along4, across4, _ = field.at(at[0] + along3 * step, at[1] + across3 * step, time + step)
    along, across = along1 + 2 * along2 + 2 * along3 + along4, across1 + 2 * across2 + 2 * across3 + across4
    return at[0] + along * step / 6, at[1] + across * step / 6


def _to_edge(field: Field, at: Place, time: float, step: float) -> tuple[float, Place]:
    """Return the part of a step up to the water's edge and the place there, aground by less than a millimetre."""
    afloat, aground = 0.0, step
    for _ in range(_BISECTIONS):
        middle = (afloat + aground) / 2
        if field.at(*_step(field, at, time, middle), time + middle)[2] > STAND_M:
            afloat = middle
        else:
            aground = middle
    return aground, _step(field, at, time, aground)
