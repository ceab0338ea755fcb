"""The hot loop that finds the earliest arrival everywhere.

A label-setting search by buckets of time (Dial 1969; Denardo and Fox 1979, Oper. Res. 27(1)): a bucket is no longer
than the quickest edge takes, so whatever lies in the earliest bucket is final in any order and no heap is needed. Where
an edge is quicker than a bucket is long, its end is simply looked at again.

Most edges are open all through the piece of time between two knots in which the boat stands before them; that is seen
from the four currents and two floors that the ride needs anyway. Only the others are asked for their intervals.
"""

import math
from typing import NamedTuple

from rescuecmd.compiled import Vector, ahead, lean
from rescuecmd.routing.kernel import CRAB_LIMIT2, Boat, bracket, over_ground, pace_of
from rescuecmd.routing.spans import Edges, Levels, Shut, calm, narrowed, open_after


class Slots(NamedTuple):
    """Where a boat may be: slot ``n`` is node ``n`` while it is afloat, if it is so once; it opens at inf if never.

    A node that is afloat several times has its slots behind those of the nodes, in the order of time, and `node` tells
    whose they are. ``row`` is the station of each node, or ``~station`` where the node has several slots.
    """

    row: Vector
    opens: Vector
    closes: Vector
    node: Vector


class Labels(NamedTuple):
    """What the search fills, by slot: the arrival, the slot before, the edge in between; and its chains of slots.

    They come filled with inf (-inf: never afloat), -1, -1, -2 and -1; ``head`` with -1, one for each bucket.
    """

    arrival: Vector
    came_from: Vector
    by_edge: Vector
    before: Vector
    after: Vector
    head: Vector


@lean
def put(  # noqa: PLR0917
    labels: Labels, slot: int, time: float, parent: int, edge: int, begin: float, rate: float
) -> None:
    """Give a slot an earlier arrival, from a parent along an edge, and chain it into its bucket.

    There are `rate` buckets a second from `begin` on.
    """
    labels.came_from[slot] = parent
    labels.by_edge[slot] = edge
    bucket = int((time - begin) * rate)
    before, after, head = labels.before, labels.after, labels.head
    if before[slot] != -2:
        old = int((labels.arrival[slot] - begin) * rate)
        if old == bucket:
            labels.arrival[slot] = time
            return
        if before[slot] >= 0:
            after[before[slot]] = after[slot]
        else:
            head[old] = after[slot]
        if after[slot] >= 0:
            before[after[slot]] = before[slot]
    labels.arrival[slot] = time
    first = head[bucket]
    before[slot] = -1
    after[slot] = first
    if first >= 0:
        before[first] = slot
    head[bucket] = slot


@lean
def slot_at(slots: Slots, node: int, time: float) -> int:
    """Return the slot of a node that is afloat at a time, -1 where it is not."""
    if slots.row[node] >= 0:
        return node if slots.opens[node] <= time <= slots.closes[node] else -1
    low, high = 0, len(slots.node)
    while low < high:
        middle = (low + high) // 2
        if slots.node[middle] < node:
            low = middle + 1
        else:
            high = middle
    while low < len(slots.node) and slots.node[low] == node:
        slot = len(slots.row) + low
        if slots.opens[slot] <= time <= slots.closes[slot]:
            return slot
        low += 1
    return -1


@lean
def flooded(  # noqa: PLR0917
    knots: Vector, low: Vector, here: int, there: int, need: float, time: float
) -> tuple[float, float]:
    """Return the first interval that ends after `time` in which two stations have the level an edge needs; (inf, -inf):
    none. `here` and `there` are where their levels begin. It is told from a knot on and to one.
    """  # noqa: D205
    last = len(knots) - 1
    for piece in range(bracket(knots, time), last):
        t0, t1, u, v = knots[piece], knots[piece + 1], here + piece, there + piece
        span = narrowed((t0, t1), low[u] - need, low[u + 1] - need, t0, t1)
        span = narrowed(span, low[v] - need, low[v + 1] - need, t0, t1)
        if span[0] <= span[1] and span[1] > time:
            if span[1] == t1 and piece + 1 < last and low[u + 2] >= need and low[v + 2] >= need:
                return span[0], knots[piece + 2]
            return span
    return math.inf, -math.inf


@lean
def entered(  # noqa: PLR0917
    edges: Edges, water: Levels, boat: Boat, shut: Shut, edge: int, ready: float, until: float, piece: int
) -> tuple[float, float, float]:
    """Return when a boat that waits from `ready`, at most to `until`, leaves along an edge, its arrival, and the end of
    the interval in which the edge is open; inf three times where it cannot. `piece` is any at or before `ready`.
    """  # noqa: D205
    pace = pace_of(edges.ruled, edges.pace, edge)
    patience = max(edges.length[edge] / boat.least, abs(pace)) + 1.0
    n_drift = len(water.drift_knots)
    while True:
        opens, closes = open_after(edges, water, boat, shut, edge, ready, patience, piece)
        depart = max(ready, opens)
        if opens > closes or depart > until:
            return math.inf, math.inf, math.inf
        knot = bracket(water.drift_knots, depart)
        share = (depart - water.drift_knots[knot]) / (water.drift_knots[knot + 1] - water.drift_knots[knot])
        at_u, at_v = edges.start[edge] * n_drift + knot, edges.end[edge] * n_drift + knot
        here, there = 0.0 + water.drift[at_u], 0.0 + water.drift[at_v]  # to double precision
        here += share * (water.drift[at_u + 1] - here)
        there += share * (water.drift[at_v + 1] - there)
        speed = over_ground(boat.speed, 0.5 * (here + there), 0.0 + edges.along[edge])
        arrive = depart + edges.length[edge] / speed if speed > 0.0 else math.inf
        if pace < 0.0:
            arrive = depart - pace
        arrive = max(arrive, depart + pace)
        if arrive <= closes:
            return depart, arrive, closes
        ready = closes


@lean
def enter_any(  # noqa: PLR0917
    edges: Edges,
    water: Levels,
    boat: Boat,
    shut: Shut,
    slots: Slots,
    labels: Labels,
    slot: int,
    edge: int,
    piece: int,
    rate: float,
) -> None:
    """Give every slot of an edge's end the arrival along that edge, from a slot on, where it is earlier."""
    ready, until, end = labels.arrival[slot], slots.closes[slot], edges.end[edge]
    while True:
        depart, there, closes = entered(edges, water, boat, shut, edge, ready, until, piece)
        if there == math.inf:
            return
        other = slot_at(slots, end, depart)
        if other >= 0 and there < labels.arrival[other]:
            put(labels, other, there, slot, edge, water.knots[0], rate)
        ready = slots.closes[other] if other >= 0 else closes


@lean
def fetch(edges: Edges, edge: int) -> None:
    """Have the edges of a node, of which this is the first, on their way from memory."""
    ahead(edges.end, edge)
    ahead(edges.length, edge)
    ahead(edges.along, edge)
    ahead(edges.bed, edge)
    ahead(edges.soffit, edge)


@lean
def earliest(  # noqa: PLR0917  (one loop; calls in it would cost half the speed)
    edges: Edges,
    water: Levels,
    boat: Boat,
    shut: Shut,
    slots: Slots,
    seeds: tuple[Vector, Vector],
    goals: Vector,
    labels: Labels,
    width: float,
    longest: float,
) -> int:
    """Fill the earliest arrival of every slot, its parent and the edge; return the count of slots looked at.

    `seeds` are slots and the times at which the boat may be there; with any `goals` (slots) the search ends as soon as
    all of these are final. `width` is the length of a bucket, `longest` of an edge.
    Exact because later entry means no earlier arrival.
    """
    begin, rate = water.knots[0], 1.0 / width
    arrival, before, after, head = labels.arrival, labels.before, labels.after, labels.head
    for number in range(len(seeds[0])):
        if seeds[1][number] < arrival[seeds[0][number]]:
            put(labels, seeds[0][number], seeds[1][number], -1, -1, begin, rate)
    knots, floor, drift, drift_knots = water.knots, water.floor, water.drift, water.drift_knots
    first, ends, lengths, alongs, beds = edges.first, edges.end, edges.length, edges.along, edges.bed
    soffits, row, station, top, opens_at = edges.soffit, slots.row, edges.station, water.top, slots.opens
    low, n_knots = water.low, len(knots)
    closable, closed, steadiness = len(shut.any) > 0, shut.any, water.steadiness
    need, most, least = boat.water, boat.max_current, boat.least
    n_pieces, n_drift, n_nodes, n_stations = len(knots) - 1, len(drift_knots), len(row), len(top)
    easy = calm(longest, boat, water)
    speed2, crab2 = boat.speed * boat.speed, CRAB_LIMIT2 * boat.speed * boat.speed
    seen, piece, drift_piece, final = 0, 0, 0, 0
    for bucket in range(len(head)):
        while final < len(goals) and arrival[goals[final]] < begin + bucket * width:
            final += 1
        if 0 < len(goals) == final:
            return seen
        while head[bucket] >= 0:
            slot = head[bucket]
            head[bucket] = after[slot]
            if after[slot] >= 0:
                before[after[slot]] = -1
            before[slot] = -2
            seen += 1
            time = arrival[slot]
            node = slot if slot < n_nodes else slots.node[slot - n_nodes]
            while piece > 0 and knots[piece] > time:
                piece -= 1
            while piece < n_pieces - 1 and knots[piece + 1] <= time:
                piece += 1
            while drift_piece > 0 and drift_knots[drift_piece] > time:
                drift_piece -= 1
            while drift_piece < n_drift - 2 and drift_knots[drift_piece + 1] <= time:
                drift_piece += 1
            whole = min(knots[piece + 1], drift_knots[drift_piece + 1])
            share = (time - drift_knots[drift_piece]) / (drift_knots[drift_piece + 1] - drift_knots[drift_piece])
            at = node * n_drift + drift_piece
            drift0, drift1 = 0.0 + drift[at], 0.0 + drift[at + 1]
            current, strongest = drift0 + share * (drift1 - drift0), max(drift0, drift1)
            deep = floor[piece * n_stations + station[node]] - need
            until = slots.closes[slot]
            for edge in range(first[node], first[node + 1]):
                end = ends[edge]
                if arrival[end] <= time:
                    continue
                if row[end] < 0:
                    enter_any(edges, water, boat, shut, slots, labels, slot, edge, piece, rate)
                    continue
                bed, length, along = 0.0 + beds[edge], 0.0 + lengths[edge], 0.0 + alongs[edge]  # to double precision
                at = end * n_drift + drift_piece
                drift0, drift1 = 0.0 + drift[at], 0.0 + drift[at + 1]
                plain = soffits[edge] == math.inf and (not closable or closed[edge] == 0)
                gentle = easy
                if not gentle:
                    worst, least2 = max(strongest, drift0, drift1), max(least * least, steadiness * length)
                    gentle = (
                        worst <= most
                        and least2 < speed2
                        and worst * worst * (1.0 - along * along) <= crab2
                        and worst * worst - 2.0 * worst * math.sqrt(least2) * along + least2 <= speed2
                    )
                if plain and gentle and bed <= deep and bed <= floor[piece * n_stations + row[end]] - need:
                    mean = 0.5 * (current + drift0 + share * (drift1 - drift0))
                    if (arrival[end] - time) * (boat.speed + mean * along) <= length:
                        continue  # not even with no current across the course
                    made = mean * along + math.sqrt(speed2 - mean * mean * (1.0 - along * along))
                    there = time + length / made
                    if there <= whole:
                        if there < arrival[end]:
                            put(labels, end, there, slot, edge, begin, rate)
                            fetch(edges, first[end])
                            beyond = 2 * end - node  # straight on, where nodes are numbered row by row
                            ahead(arrival, beyond)
                            ahead(before, beyond)
                            ahead(after, beyond)
                            ahead(row, beyond)
                            ahead(drift, beyond * n_drift + drift_piece)
                        continue
                ready = max(time, opens_at[end])
                quickest = length / (boat.speed + max(along, 0.0) * water.strongest)
                if closable and closed[edge] != 0:
                    quickest = 0.0  # it may take a time of its own, whatever its length
                if bed + need > top[row[end]] or arrival[end] <= ready + quickest or ready > until:
                    continue
                closes, there = -math.inf, math.inf
                if plain and easy:
                    opens, closes = flooded(knots, low, station[node] * n_knots, row[end] * n_knots, bed + need, ready)
                    depart = max(ready, opens)
                    if depart > until or arrival[end] <= depart + quickest:
                        continue
                    knot = bracket(drift_knots, depart)
                    part = (depart - drift_knots[knot]) / (drift_knots[knot + 1] - drift_knots[knot])
                    here, at = node * n_drift + knot, end * n_drift + knot
                    drift0, drift1 = 0.0 + drift[here] + drift[at], 0.0 + drift[here + 1] + drift[at + 1]
                    mean = 0.5 * (drift0 + part * (drift1 - drift0))
                    there = depart + length / (mean * along + math.sqrt(speed2 - mean * mean * (1.0 - along * along)))
                if there > closes:
                    there = entered(edges, water, boat, shut, edge, ready, until, piece)[1]
                if there < arrival[end]:
                    put(labels, end, there, slot, edge, begin, rate)
    return seen


@lean
def departures(  # noqa: PLR0917
    edges: Edges, water: Levels, boat: Boat, shut: Shut, way: Vector, arrive: Vector, leave: Vector
) -> None:
    """Fill when the boat leaves along each edge of a way, of which the arrivals at every node are known."""
    for number in range(len(way)):
        ready, until = arrive[number], arrive[number + 1]
        depart, there, closes = entered(edges, water, boat, shut, way[number], ready, until, 0)
        while there < until - 1e-9 and closes < math.inf:
            depart, there, closes = entered(edges, water, boat, shut, way[number], closes, until, 0)
        leave[number] = depart
