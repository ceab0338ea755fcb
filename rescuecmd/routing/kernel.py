"""What every hot loop shares: the vectors it reads, the way to find a time in them, and the speed over ground.

Plain functions of numbers and vectors, compiled by numba where it is installed. Times are s, lengths m, speeds m/s.
Tables are flat, row by row, and linear between knots: the level ``table[station * n_knots + knot]``, the current
``table[node * n_knots + knot]``.
"""

import math
from typing import NamedTuple

from rescuecmd.compiled import Vector, lean

CRAB_LIMIT2 = 0.75
"""The current across the course may be at most sin 60 deg of the boat's speed (squared here)."""

CLEAR, SHALLOW, OVERHEAD, CURRENT, ZONE, OUTSIDE = 0, 1, 2, 3, 4, 5
BARRED, RULED = 6, 7
"""Why a leg ends where it does; the last two: at a boom or closed area, or by the rules of an edge."""


class Ways(NamedTuple):
    """Edges and the current: ``current[node * n_knots + knot]``, linear between knots.

    ``ruled`` and ``pace`` as in `spans.Edges`.
    """

    start: Vector
    end: Vector
    length: Vector
    along: Vector
    knots: Vector
    current: Vector
    speed: float
    ruled: Vector
    pace: Vector


class WaterVectors(NamedTuple):
    """Water over the chart: bounds per row of nodes at `knots`, current per node at `drift_knots`, where it flows."""

    knots: Vector
    low: Vector
    high: Vector
    drift_knots: Vector
    current: Vector
    flow_x: Vector
    flow_y: Vector


class Boat(NamedTuple):
    """What a boat needs: water below the surface, air above it; its speed, least way and the current it may meet."""

    water: float
    air: float
    speed: float
    least: float
    max_current: float


class Closures(NamedTuple):
    """No-go zones: a bit per zone in each cell of the chart, and when each is in force."""

    bits: Vector
    starts: Vector
    ends: Vector


@lean
def bracket(knots: Vector, time: float) -> int:
    """Return the knot at or before `time` that has another after it. Knots are nearly even: a guess is close."""
    last = len(knots) - 2
    share = (time - knots[0]) / (knots[last + 1] - knots[0])
    knot = last if share >= 1.0 else max(0, int(share * last))
    while knot > 0 and knots[knot] > time:
        knot -= 1
    while knot < last and knots[knot + 1] <= time:
        knot += 1
    return knot


@lean
def over_ground(speed: float, current: float, along: float) -> float:
    """Return the speed over ground on a course whose cosine to the current is `along`; 0 where the current wins.

    The boat crabs: it steers so that the current across its course is cancelled.
    """
    across2 = current * current * (1.0 - along * along)
    if across2 > CRAB_LIMIT2 * speed * speed:
        return 0.0
    return current * along + math.sqrt(speed * speed - across2)


@lean
def pace_of(ruled: Vector, pace: Vector, edge: int) -> float:
    """Return the pace of an edge: one of those of `ruled` (ascending), 0 where it is none of them."""
    low, high = 0, len(ruled)
    while low < high:
        middle = (low + high) // 2
        if ruled[middle] < edge:
            low = middle + 1
        else:
            high = middle
    return 0.0 + pace[low] if low < len(ruled) and ruled[low] == edge else 0.0


@lean
def ride(ways: Ways, edge: int, depart: float) -> float:
    """Return the seconds an edge takes when entered at `depart`: its mean current of that moment, held."""
    pace = pace_of(ways.ruled, ways.pace, edge)
    if pace < 0.0:
        return -pace
    knots = ways.knots
    knot = bracket(knots, depart)
    share = (depart - knots[knot]) / (knots[knot + 1] - knots[knot])
    at_u = ways.start[edge] * len(knots) + knot
    at_v = ways.end[edge] * len(knots) + knot
    here, there = 0.0 + ways.current[at_u], 0.0 + ways.current[at_v]  # to double precision
    here += share * (ways.current[at_u + 1] - here)
    there += share * (ways.current[at_v + 1] - there)
    speed = over_ground(ways.speed, 0.5 * (here + there), 0.0 + ways.along[edge])
    return max(ways.length[edge] / speed, pace) if speed > 0.0 else math.inf
