"""The hot loops that sail a straight leg over the chart: depth, headroom, current and zones at each step of the way.

Plain functions of numbers and vectors, compiled by numba where it is installed. Times are s, lengths m, speeds m/s.
"""

import math

from rescuecmd.compiled import Vector, lean
from rescuecmd.routing.chart import ChartVectors
from rescuecmd.routing.kernel import (
    CLEAR,
    CURRENT,
    OUTSIDE,
    OVERHEAD,
    SHALLOW,
    ZONE,
    Boat,
    Closures,
    WaterVectors,
    bracket,
    over_ground,
)

LOOKED_AT = 8
"""A leg is looked at every so many steps before it is sailed."""

SLACK_S = 0.05
"""A straight leg may take this much longer than the grid's own way: the two sample the current differently."""


@lean
def find_on_axis(chart: ChartVectors, x: float, y: float, c: float, o: float) -> tuple[float, float]:
    """Return chainage and offset of a point near (c, o): Newton's method on the axis with its turning normals."""
    axis_c = chart.axis_c
    last = len(axis_c) - 2
    segment = bracket(axis_c, c)
    for _ in range(8):
        while segment < last and c > axis_c[segment + 1]:
            segment += 1
        while segment > 0 and c < axis_c[segment]:
            segment -= 1
        span = axis_c[segment + 1] - axis_c[segment]
        share = (c - axis_c[segment]) / span
        turn_x = chart.normal_x[segment + 1] - chart.normal_x[segment]
        turn_y = chart.normal_y[segment + 1] - chart.normal_y[segment]
        held = min(max(share, 0.0), 1.0)
        normal_x = chart.normal_x[segment] + held * turn_x
        normal_y = chart.normal_y[segment] + held * turn_y
        step_x = chart.axis_x[segment + 1] - chart.axis_x[segment]
        step_y = chart.axis_y[segment + 1] - chart.axis_y[segment]
        miss_x = x - chart.axis_x[segment] - share * step_x - o * normal_x
        miss_y = y - chart.axis_y[segment] - share * step_y - o * normal_y
        along_x = (step_x + o * turn_x) / span
        along_y = (step_y + o * turn_y) / span
        cross = along_x * normal_y - along_y * normal_x
        if abs(cross) < 0.05:
            cross = 0.05
        move = (miss_x * normal_y - miss_y * normal_x) / cross
        c += move
        o += (along_x * miss_y - along_y * miss_x) / cross
        if abs(move) < 1e-6:
            break
    return c, o


@lean
def stream(chart: ChartVectors, water: WaterVectors, c: float, o: float, time: float) -> tuple[float, float, float]:
    """Return the current (x, y) and its speed at a place: bilinear between the nodes around it that exist."""
    knot = bracket(water.drift_knots, time)
    share = (time - water.drift_knots[knot]) / (water.drift_knots[knot + 1] - water.drift_knots[knot])
    down = min(max(c / chart.node_step, 0.0), chart.node_rows - 1.000001)
    left = min(max((o - chart.right) / chart.node_step, 0.0), chart.node_columns - 1.000001)
    row, column = int(down), int(left)
    part_d, part_l = down - row, left - column
    total, east, north, size = 0.0, 0.0, 0.0, 0.0
    for i in range(2):
        for j in range(2):
            node = chart.node[(row + i) * chart.node_columns + column + j]
            weight = (part_d if i == 1 else 1.0 - part_d) * (part_l if j == 1 else 1.0 - part_l)
            if node < 0 or weight <= 0.0:
                continue
            at = node * len(water.drift_knots) + knot
            here = 0.0 + water.current[at]  # to double precision
            speed = here + share * (water.current[at + 1] - here)
            total += weight
            east += weight * speed * water.flow_x[node]
            north += weight * speed * water.flow_y[node]
            size = max(size, speed)
    if total <= 0.0:
        return 0.0, 0.0, 0.0
    return east / total, north / total, size


@lean
def bound(chart: ChartVectors, knots: Vector, table: Vector, c: float, time: float) -> float:
    """Return a bound of the level at a chainage and time: linear between rows of nodes and between knots."""
    n_knots = len(knots)
    knot = bracket(knots, time)
    share = (time - knots[knot]) / (knots[knot + 1] - knots[knot])
    down = min(max(c / chart.node_step, 0.0), chart.node_rows - 1.000001)
    row = int(down)
    part = down - row
    at = row * n_knots + knot
    upper = table[at] + share * (table[at + 1] - table[at])
    lower = table[at + n_knots] + share * (table[at + n_knots + 1] - table[at + n_knots])
    level: float = upper + part * (lower - upper)
    return level


@lean
def cell_at(chart: ChartVectors, c: float, o: float) -> int:
    """Return the cell of the chart nearest to a place, -1 outside."""
    row = math.floor(c / chart.cell + 0.5)
    column = math.floor((o - chart.right) / chart.cell + 0.5)
    if row < 0 or column < 0 or row >= chart.rows or column >= chart.columns:
        return -1
    return row * chart.columns + column


@lean
def free_height(chart: ChartVectors, way: tuple[float, float, float, float], reach: float) -> float:
    """Return the lowest soffit over a short piece of way (c0, o0, c1, o1), inf where nothing is overhead."""
    c0, o0, c1, o1 = way
    lowest = math.inf
    for span in range(len(chart.span_c)):
        at = chart.span_c[span]
        if (c0 - at) * (c1 - at) > 0.0:
            continue
        if max(o0, o1) + reach >= chart.span_from[span] and min(o0, o1) - reach <= chart.span_to[span]:
            lowest = min(lowest, chart.span_soffit[span])
    return lowest


@lean
def shut(closures: Closures, cell: int, begin: float, end: float) -> bool:
    """Return whether a no-go zone over a cell is in force at any time from `begin` to `end`."""
    if len(closures.starts) == 0:
        return False
    bits = closures.bits[cell]
    for zone in range(len(closures.starts)):
        if (bits >> zone) & 1 and begin < closures.ends[zone] and end > closures.starts[zone]:
            return True
    return False


@lean
def sail(  # noqa: PLR0917
    chart: ChartVectors,
    water: WaterVectors,
    boat: Boat,
    closures: Closures,
    leg: tuple[float, float, float, float, float, float],
    depart: float,
) -> tuple[float, float, int, float, float, float, float]:
    """Sail a straight leg (x0, y0, chainage0, offset0, x1, y1) without stopping.

    Returns
    -------
    Arrival (inf if the leg is not passable), least margin of water, reason (`CLEAR` or why not), and where and when
    that was: chainage, offset, time; last what was missing there (m, or m/s for the current).
    """
    x0, y0, c, o, x1, y1 = leg
    length = math.hypot(x1 - x0, y1 - y0)
    pieces = max(1, math.ceil(length / chart.cell - 1e-9))
    piece = length / pieces
    margin, time = math.inf, depart
    last = water.knots[len(water.knots) - 1]
    cell0, low0 = cell_at(chart, c, o), bound(chart, water.knots, water.low, c, time)
    for number in range(1, pieces + 1):
        x, y = x0 + (x1 - x0) * number / pieces, y0 + (y1 - y0) * number / pieces
        c1, o1 = find_on_axis(chart, x, y, c, o)
        cell1 = cell_at(chart, c1, o1)
        if cell0 < 0 or cell1 < 0:
            return math.inf, margin, OUTSIDE, c1, o1, time, 0.0
        east, north, size = stream(chart, water, c, o, time)
        if size > boat.max_current:
            return math.inf, margin, CURRENT, c, o, time, size - boat.max_current
        flow = math.hypot(east, north)
        along = ((x1 - x0) * east + (y1 - y0) * north) / (flow * length) if flow * length > 0.0 else 0.0
        speed = over_ground(boat.speed, flow, min(max(along, -1.0), 1.0))
        if speed < boat.least:
            return math.inf, margin, CURRENT, c, o, time, boat.least - speed
        there = time + piece / speed
        if there > last:
            return math.inf, margin, OUTSIDE, c, o, time, 0.0
        top = max(chart.bed[cell0], chart.bed[cell1])
        low1 = bound(chart, water.knots, water.low, c1, there)
        margin = min(margin, min(low0, low1) - top - boat.water)
        if margin < 0.0:
            return math.inf, margin, SHALLOW, c1, o1, time, -margin
        soffit = free_height(chart, (c, o, c1, o1), chart.cell)
        if soffit < math.inf:
            high = max(bound(chart, water.knots, water.high, c, time), bound(chart, water.knots, water.high, c1, there))
            if high + boat.air > soffit:
                return math.inf, margin, OVERHEAD, c1, o1, time, high + boat.air - soffit
        if shut(closures, cell0, time, there) or shut(closures, cell1, time, there):
            return math.inf, margin, ZONE, c1, o1, time, 0.0
        c, o, time, cell0, low0 = c1, o1, there, cell1, low1
    return time, margin, CLEAR, c, o, time, 0.0


@lean
def hopeless(  # noqa: PLR0917
    chart: ChartVectors,
    water: WaterVectors,
    boat: Boat,
    leg: tuple[float, float, float, float, float, float],
    depart: float,
    latest: float,
) -> bool:
    """Return whether a look at some steps of a leg shows that it is too shallow or ends after `latest`.

    It saves sailing the leg. What is close to either limit is left to `sail`, which looks at all steps.
    """
    x0, y0, c, o, x1, y1 = leg
    length = math.hypot(x1 - x0, y1 - y0)
    pieces = max(1, math.ceil(length / chart.cell - 1e-9))
    time, last = depart, water.knots[len(water.knots) - 1]
    for number in range(0, pieces, LOOKED_AT):
        share = min(number + LOOKED_AT, pieces) / pieces
        east, north, _ = stream(chart, water, c, o, time)
        flow = math.hypot(east, north)
        along = ((x1 - x0) * east + (y1 - y0) * north) / (flow * length) if flow * length > 0.0 else 0.0
        speed = over_ground(boat.speed, flow, min(max(along, -1.0), 1.0))
        time += length * (share - number / pieces) / max(speed, boat.least)
        if time > latest + 1.0 + 0.01 * (latest - depart):
            return True
        c, o = find_on_axis(chart, x0 + (x1 - x0) * share, y0 + (y1 - y0) * share, c, o)
        cell = cell_at(chart, c, o)
        if cell < 0 or bound(chart, water.knots, water.low, c, min(time, last)) < chart.bed[cell] + boat.water - 0.05:
            return True
    return False


@lean
def furthest(  # noqa: PLR0917
    chart: ChartVectors,
    water: WaterVectors,
    boat: Boat,
    closures: Closures,
    line: tuple[Vector, Vector, Vector, Vector, Vector],
    here: int,
    depart: float,
    left: float,
    longest: float,
) -> tuple[int, float, float]:
    """Return the last point of a line that a straight leg reaches in time, its arrival and least margin.

    `line` holds x, y, chainage, offset and the time by the grid at each point; `left` is when the grid leaves `here`.
    A leg must take no longer than the grid does. The point is `here` itself where none does. The longest legs are
    tried first, none longer than `longest`.
    """
    xs, ys, cs, os, grid = line
    there = here + 1
    while there + 1 < len(xs) and math.hypot(xs[there + 1] - xs[here], ys[there + 1] - ys[here]) <= longest:
        there += 1
    while there > here:
        leg = (xs[here], ys[here], cs[here], os[here], xs[there], ys[there])
        latest = depart + grid[there] - left + SLACK_S
        if not hopeless(chart, water, boat, leg, depart, latest):
            result = sail(chart, water, boat, closures, leg, depart)
            if result[0] <= latest and result[0] < math.inf:
                return there, result[0], result[1]
        there -= 1
    return here, math.inf, 0.0
