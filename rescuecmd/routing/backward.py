"""The hot loop backwards in time: the latest departure everywhere from which a goal is still reached in time.

It keeps a heap, so it is not `lean`.
"""

import math
from heapq import heappop, heappush
from typing import NamedTuple

from rescuecmd.compiled import Vector, compiled
from rescuecmd.routing import kernel
from rescuecmd.routing.kernel import Ways

NEAR_S = 1e-6
"""A departure is found to within this of the exact instant, on the early side of it or at it."""


class Entries(NamedTuple):
    """Arcs by where they lead: those into state ``s`` are ``first[s]:first[s + 1]``, each with the state it leaves."""

    first: Vector
    opens: Vector
    closes: Vector
    leaves: Vector
    edge: Vector


@compiled
def last_entry(ways: Ways, edge: int, opens: float, until: float) -> float:
    """Return the latest time from `opens` on at which an edge may be entered so that it is left by `until`.

    -inf where there is none. Entering later never means leaving earlier, so the instant is a single root: the step
    ``depart = until - ride(depart)`` closes in on it, and halving the bracket guards the step.
    """
    low, high = opens, until
    depart = until - kernel.ride(ways, edge, until)
    if depart <= opens:
        if opens + kernel.ride(ways, edge, opens) > until:
            return -math.inf
        depart = opens
    for _ in range(100):
        late = depart + kernel.ride(ways, edge, depart) - until
        if late <= 0.0:
            low = depart
            if late >= -NEAR_S:
                break
        else:
            high = depart
        if high - low <= NEAR_S:
            break
        depart -= late
        if not low < depart < high:
            depart = 0.5 * (low + high)
    if low == opens and opens + kernel.ride(ways, edge, opens) > until + NEAR_S:
        return -math.inf
    return low


@compiled
def latest(  # noqa: PLR0917  (a compiled loop takes its arrays one by one)
    entries: Entries,
    ways: Ways,
    fastest: float,
    seeds: tuple[Vector, Vector],
    leave: Vector,
    goes_to: Vector,
    by_entry: Vector,
    held_by: Vector,
) -> int:
    """Fill the latest departure of every state, the state it leads to, the arc taken, and the arc that sets the time.

    No boat is faster than `fastest` (m/s over ground) anywhere: it saves work. `seeds` are states and the latest times
    at which the boat may arrive there; the four vectors come filled with -inf, -1, -1 and -1. ``held_by`` stays -1
    where only the deadline itself presses. Return how many states were settled.
    Dijkstra's algorithm backwards in time: exact because a boat that enters an arc later never leaves it earlier.
    """
    heap = [(0.0, 0)]
    heappop(heap)
    for number in range(len(seeds[0])):
        state = seeds[0][number]
        if seeds[1][number] > leave[state]:
            leave[state] = seeds[1][number]
            heappush(heap, (-leave[state], state))
    known = ways.knots[len(ways.knots) - 1]  # what is open until then is not known to close
    settled = 0
    while len(heap) > 0:
        negative, state = heappop(heap)
        if -negative < leave[state]:
            continue
        settled += 1
        for entry in range(entries.first[state], entries.first[state + 1]):
            before = entries.leaves[entry]
            until = min(leave[state], entries.closes[entry])
            edge = entries.edge[entry]
            pace = kernel.pace_of(ways.ruled, ways.pace, edge)
            least = -pace if pace < 0.0 else ways.length[edge] / fastest
            if until - least <= max(leave[before], entries.opens[entry]):
                continue
            depart = last_entry(ways, edge, entries.opens[entry], until)
            if depart > leave[before]:
                leave[before] = depart
                goes_to[before] = state
                by_entry[before] = entry
                closes = entries.closes[entry]
                held_by[before] = entry if closes <= leave[state] and closes < known else held_by[state]
                heappush(heap, (-depart, before))
    return settled
