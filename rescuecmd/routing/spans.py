"""The hot loops that find when an edge is open: exact intervals between roots of what is linear between knots."""

import math
from typing import NamedTuple

from rescuecmd.compiled import Vector, lean
from rescuecmd.routing.kernel import Boat, bracket, pace_of

CRAB_SIN = math.sqrt(0.75)


class Edges(NamedTuple):
    """Edges of a network, sorted by start: those of node ``n`` are ``first[n]:first[n + 1]``; `station` per node.

    ``ruled`` are edges, ascending, and ``pace`` for each of them above 0 the least seconds that it takes, below 0 minus
    the exact ones: no current matters then, and no bound on its time may follow from its length.
    """

    first: Vector
    start: Vector
    end: Vector
    length: Vector
    along: Vector
    bed: Vector
    soffit: Vector
    station: Vector
    ruled: Vector
    pace: Vector


class Levels(NamedTuple):
    """The water over a network: bounds per station at `knots`, the current per node at rarer `drift_knots`.

    Each of `drift_knots` is a knot, and ``drift_piece`` and ``drift_share`` place each knot between two of them.
    ``floor[piece * n_stations + station]`` is the lower end of `low` in each piece between two knots, ``top`` the
    highest `low` of each station, ``bottom`` the lowest, ``strongest`` the strongest current anywhere. ``steadiness``
    times the length of an edge is the square of the least speed over ground that keeps the edge first-in-first-out, see
    `openings`.
    """

    knots: Vector
    low: Vector
    high: Vector
    floor: Vector
    top: Vector
    bottom: Vector
    drift_knots: Vector
    drift: Vector
    drift_piece: Vector
    drift_share: Vector
    steadiness: float
    strongest: float


class Shut(NamedTuple):
    """Edges closed for a time, sorted by edge and time: `edge`, from when, until when; `any` marks them by edge.

    ``any`` is empty where nothing is closed.
    """

    any: Vector
    edge: Vector
    starts: Vector
    ends: Vector


@lean
def greatest_current(length: float, along: float, boat: Boat, steadiness: float) -> float:
    """Return the greatest current at which an edge may be used; below 0: never."""
    least2 = max(boat.least * boat.least, steadiness * length)
    sine2 = max(1.0 - along * along, 0.0)
    reserve = boat.speed * boat.speed - least2 * sine2
    if reserve < 0.0 or least2 >= boat.speed * boat.speed:
        return -1.0
    stopped = math.sqrt(least2) * along + math.sqrt(reserve)
    crab = CRAB_SIN * boat.speed / math.sqrt(max(sine2, 1e-12))
    return min(stopped, crab, boat.max_current)


@lean
def calm(length: float, boat: Boat, water: Levels) -> bool:
    """Return whether no current of this water can keep the boat from an edge of this length or shorter."""
    strongest, least = water.strongest, max(boat.least, math.sqrt(water.steadiness * length))
    return strongest + least <= boat.speed and strongest <= CRAB_SIN * boat.speed and strongest <= boat.max_current


@lean
def narrowed(span: tuple[float, float], first: float, second: float, t0: float, t1: float) -> tuple[float, float]:
    """Return the part of a span between two knots in which a slack, `first` at `t0` and `second` at `t1`, is >= 0."""
    if first >= 0.0 and second >= 0.0:
        return span
    if first < 0.0 and second < 0.0:
        return math.inf, -math.inf
    root = t0 + (t1 - t0) * (first / (first - second))
    if first < 0.0:
        return max(span[0], root), span[1]
    return span[0], min(span[1], root)


@lean
def drift_at_knot(water: Levels, node: int, knot: int) -> float:
    """Return the current at a node and knot."""
    at = node * len(water.drift_knots) + water.drift_piece[knot]
    here = 0.0 + water.drift[at]  # to double precision
    current: float = here + water.drift_share[knot] * (water.drift[at + 1] - here)
    return current


@lean
def open_part(  # noqa: PLR0917
    edges: Edges, water: Levels, boat: Boat, edge: int, greatest: float, piece: int
) -> tuple[float, float]:
    """Return when an edge is open between a knot and the next; (inf, -inf): never."""
    n_knots = len(water.knots)
    t0, t1 = water.knots[piece], water.knots[piece + 1]
    need, top = edges.bed[edge] + boat.water, edges.soffit[edge] - boat.air
    span = (t0, t1)
    for side in range(2):
        node = edges.start[edge] if side == 0 else edges.end[edge]
        at = edges.station[node] * n_knots + piece
        span = narrowed(span, water.low[at] - need, water.low[at + 1] - need, t0, t1)
        if top < math.inf:
            span = narrowed(span, top - water.high[at], top - water.high[at + 1], t0, t1)
        if greatest < math.inf:
            first, second = drift_at_knot(water, node, piece), drift_at_knot(water, node, piece + 1)
            span = narrowed(span, greatest - first, greatest - second, t0, t1)
    return span


@lean
def first_shut(shut: Shut, edge: int) -> int:
    """Return where the closures of an edge begin."""
    low, high = 0, len(shut.edge)
    while low < high:
        middle = (low + high) // 2
        if shut.edge[middle] < edge:
            low = middle + 1
        else:
            high = middle
    return low


@lean
def shut_at(shut: Shut, edge: int, time: float, end: float) -> tuple[float, float]:
    """Return from when on an edge is not closed, `time` or after it, and when it is closed next, `end` or before it."""
    opens, closes, at = time, end, first_shut(shut, edge)
    while at < len(shut.edge) and shut.edge[at] == edge:
        if shut.starts[at] <= opens < shut.ends[at]:
            opens = shut.ends[at]
        elif opens < shut.starts[at] < closes:
            closes = shut.starts[at]
        at += 1
    return opens, closes


@lean
def open_after(  # noqa: PLR0917
    edges: Edges, water: Levels, boat: Boat, shut: Shut, edge: int, time: float, patience: float, piece: int
) -> tuple[float, float]:
    """Return the first interval in which an edge is open and that ends after `time`; (inf, -inf): none.

    An interval that had begun before is told from some knot before `time` on; one longer than `patience` after
    `time` and its opening may be told cut short. `piece` is any at or before `time`.
    """
    greatest = math.inf
    fixed = pace_of(edges.ruled, edges.pace, edge) < 0.0
    if not fixed and not calm(0.0 + edges.length[edge], boat, water):
        greatest = greatest_current(0.0 + edges.length[edge], 0.0 + edges.along[edge], boat, water.steadiness)
        if greatest < 0.0:
            return math.inf, -math.inf
    knots = water.knots
    last, since = len(knots) - 1, -math.inf
    closable = len(shut.any) > 0 and shut.any[edge] != 0
    while piece < last - 1 and knots[piece + 1] <= time:
        piece += 1
    while piece < last:
        begin, end = open_part(edges, water, boat, edge, greatest, piece)
        begin = max(begin, since)
        if begin > end or end <= time:
            piece += 1
            continue
        entry = max(begin, time)
        if closable:
            since = shut_at(shut, edge, entry, end)[0]
            if since > entry:
                while piece < last - 1 and knots[piece + 1] <= since:
                    piece += 1
                continue
        while end == knots[piece + 1] and piece + 1 < last and end < entry + patience:
            following = open_part(edges, water, boat, edge, greatest, piece + 1)
            if following[0] != knots[piece + 1] or following[1] < following[0]:
                break
            piece += 1
            end = following[1]
        if closable:
            end = shut_at(shut, edge, entry, end)[1]
        return begin, end
    return math.inf, -math.inf


@lean
def open_times(  # noqa: PLR0917
    edges: Edges, water: Levels, boat: Boat, shut: Shut, edge: int, opens: Vector, closes: Vector, at: int
) -> int:
    """Write every interval in which an edge is open from place `at` on, as far as there is room; return their count."""
    time, count, piece = water.knots[0] - 1.0, 0, 0
    while True:
        begin, end = open_after(edges, water, boat, shut, edge, time, math.inf, piece)
        if begin > end:
            return count
        if at + count < len(opens):
            opens[at + count] = begin
            closes[at + count] = end
        count += 1
        time = end
        piece = bracket(water.knots, time)


@lean
def all_open_times(  # noqa: PLR0917
    edges: Edges, water: Levels, boat: Boat, shut: Shut, count: Vector, opens: Vector, closes: Vector
) -> int:
    """Write every interval of every edge, and how many each edge has; return the count of all."""
    total = 0
    for edge in range(len(edges.end)):
        count[edge] = open_times(edges, water, boat, shut, edge, opens, closes, total)
        total += count[edge]
    return total


@lean
def afloat_times(  # noqa: PLR0917
    water: Levels, station: Vector, needed: Vector, count: Vector, opens: Vector, closes: Vector
) -> int:
    """Write when each node has the water `needed`, as far as there is room; return the count of all intervals."""
    n_knots, total = len(water.knots), 0
    for node in range(len(station)):
        found, end = 0, -math.inf
        if water.bottom[station[node]] >= needed[node]:
            if total < len(opens):
                opens[total], closes[total] = water.knots[0], water.knots[n_knots - 1]
            found = 1
        pieces = n_knots - 1 if found == 0 and water.top[station[node]] >= needed[node] else 0
        at = station[node] * n_knots
        second = water.low[at] - needed[node]
        for piece in range(pieces):
            first, second = second, water.low[at + piece + 1] - needed[node]
            if first < 0.0 and second < 0.0:
                continue
            t0, t1 = water.knots[piece], water.knots[piece + 1]
            begin, until = narrowed((t0, t1), first, second, t0, t1)
            goes_on = begin == t0 and end == t0
            if not goes_on:
                if total + found < len(opens):
                    opens[total + found] = begin
                found += 1
            if total + found <= len(opens):
                closes[total + found - 1] = until
            end = until
        count[node] = found
        total += found
    return total
