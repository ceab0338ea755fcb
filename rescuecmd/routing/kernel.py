"""The hot loops over a compiled graph: when edges are open, how long they take, and the earliest arrival.

Plain functions of numbers and vectors, compiled by numba where it is installed. Times are s, lengths m, speeds m/s.
"""

import math
from heapq import heappop, heappush
from typing import NamedTuple

from rescuecmd.compiled import Vector, compiled

CRAB_LIMIT2 = 0.75
"""The current across the course may be at most sin 60 deg of the boat's speed (squared here)."""

CLEAR, SHALLOW, OVERHEAD, CURRENT, ZONE, OUTSIDE = 0, 1, 2, 3, 4, 5
"""Why a leg ends where it does."""


class Arcs(NamedTuple):
    """Edges while they are open: arc ``a`` of state ``s`` may be entered from ``opens[a]``, left by ``closes[a]``.

    A state is a node during one interval in which it is afloat; the arcs of state ``s`` are ``first[s]:first[s + 1]``.
    """

    first: Vector
    opens: Vector
    closes: Vector
    to: Vector
    edge: Vector
    node: Vector


class Ways(NamedTuple):
    """Edges and the current: ``current[node * n_knots + knot]``, linear between knots."""

    start: Vector
    end: Vector
    length: Vector
    along: Vector
    knots: Vector
    current: Vector
    speed: float


class WaterVectors(NamedTuple):
    """The water over the chart: bounds per row of nodes, current and its direction per node, at knots."""

    knots: Vector
    low: Vector
    high: Vector
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


@compiled
def bracket(knots: Vector, time: float) -> int:
    """Return the knot at or before `time` that has another after it."""
    low, high = 0, len(knots) - 1
    while high - low > 1:
        middle = (low + high) // 2
        if knots[middle] <= time:
            low = middle
        else:
            high = middle
    return low


@compiled
def over_ground(speed: float, current: float, along: float) -> float:
    """Return the speed over ground on a course whose cosine to the current is `along`; 0 where the current wins.

    The boat crabs: it steers so that the current across its course is cancelled.
    """
    across2 = current * current * (1.0 - along * along)
    if across2 > CRAB_LIMIT2 * speed * speed:
        return 0.0
    return current * along + math.sqrt(speed * speed - across2)


@compiled
def ride(ways: Ways, edge: int, depart: float) -> float:
    """Return the seconds an edge takes when entered at `depart`: its mean current of that moment, held."""
    knots = ways.knots
    n_knots = len(knots)
    knot = bracket(knots, depart)
    share = (depart - knots[knot]) / (knots[knot + 1] - knots[knot])
    at_u = ways.start[edge] * n_knots + knot
    at_v = ways.end[edge] * n_knots + knot
    current = 0.5 * (
        ways.current[at_u]
        + share * (ways.current[at_u + 1] - ways.current[at_u])
        + ways.current[at_v]
        + share * (ways.current[at_v + 1] - ways.current[at_v])
    )
    speed = over_ground(ways.speed, current, ways.along[edge])
    return ways.length[edge] / speed if speed > 0.0 else math.inf


@compiled
def earliest(  # noqa: PLR0917
    arcs: Arcs,
    ways: Ways,
    seeds: tuple[Vector, Vector],
    arrival: Vector,
    left: Vector,
    came_from: Vector,
    by_arc: Vector,
) -> int:
    """Fill the earliest arrival of every state, when its parent was left, its parent and the arc; return the count.

    `seeds` are states and the times at which the boat may be there; the four vectors come filled with inf, inf, -1
    and -1. Dijkstra's algorithm: exact because an arc entered later never arrives earlier.
    """
    heap = [(0.0, 0)]
    heappop(heap)
    for number in range(len(seeds[0])):
        state = seeds[0][number]
        if seeds[1][number] < arrival[state]:
            arrival[state] = seeds[1][number]
            left[state] = seeds[1][number]
            heappush(heap, (arrival[state], state))
    knots, current = ways.knots, ways.current
    n_knots = len(knots)
    settled = 0
    while len(heap) > 0:
        time, state = heappop(heap)
        if time > arrival[state]:
            continue
        settled += 1
        now_knot = bracket(knots, time)
        now_share = (time - knots[now_knot]) / (knots[now_knot + 1] - knots[now_knot])
        for arc in range(arcs.first[state], arcs.first[state + 1]):
            to = arcs.to[arc]
            if arcs.closes[arc] <= time or arrival[to] <= time:
                continue
            depart, knot, share = time, now_knot, now_share
            if arcs.opens[arc] > time:
                depart = arcs.opens[arc]
                knot = bracket(knots, depart)
                share = (depart - knots[knot]) / (knots[knot + 1] - knots[knot])
            edge = arcs.edge[arc]
            at_u = ways.start[edge] * n_knots + knot
            at_v = ways.end[edge] * n_knots + knot
            drift = 0.5 * (
                current[at_u]
                + share * (current[at_u + 1] - current[at_u])
                + current[at_v]
                + share * (current[at_v + 1] - current[at_v])
            )
            speed = over_ground(ways.speed, drift, ways.along[edge])
            if speed <= 0.0:
                continue
            there = depart + ways.length[edge] / speed
            if there <= arcs.closes[arc] and there < arrival[to]:
                arrival[to] = there
                left[to] = depart
                came_from[to] = state
                by_arc[to] = arc
                heappush(heap, (there, to))
    return settled


@compiled
def narrow(  # noqa: PLR0917  (a compiled loop takes its arrays one by one)
    begin: Vector, end: Vector, mine: Vector, table: Vector, row: Vector, threshold: Vector, sign: float, knots: Vector
) -> None:
    """Narrow the open part (`begin`, `end`) of each interval between knots to where one more rule holds.

    Item ``mine[i]`` is open while ``sign * (table[row[i]] - threshold[i]) >= 0``, linear between knots. Arrays of two
    dimensions, (items, knots - 1) and (rows, knots); what is never open begins at inf.
    """
    for i in range(mine.shape[0]):
        item, values, need = mine[i], table[row[i]], threshold[i]
        first = sign * (values[0] - need)
        for knot in range(knots.shape[0] - 1):
            second = sign * (values[knot + 1] - need)
            if first < 0.0 or second < 0.0:
                if first < 0.0 and second < 0.0:
                    begin[item, knot], end[item, knot] = math.inf, -math.inf
                else:
                    root = knots[knot] + (knots[knot + 1] - knots[knot]) * (first / (first - second))
                    if first < 0.0:
                        begin[item, knot] = max(begin[item, knot], root)
                    else:
                        end[item, knot] = min(end[item, knot], root)
            first = second
