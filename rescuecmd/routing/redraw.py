"""A network drawn anew where its river has changed, reach by reach; the rest of its arrays is taken over.

Nodes are numbered down the river and edges sorted by their start, so a reach is one run of each, and cutting it out and
putting the new one in gives exactly the arrays of a whole drawing. What has changed is found by comparing the rivers,
not told: a reach that somebody forgot to name cannot stay as it was.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields, replace
from typing import Any

import numpy as np

from rescuecmd.errors import InputError
from rescuecmd.geo import Floats
from rescuecmd.river.model import AssumedBed, Bridge, Reef, River, Section
from rescuecmd.routing.chart import PER_STEP, PIER_CLEARANCE_M, Chart, Raster, find_narrows, highest_m, lay_out, sweep
from rescuecmd.routing.grid import Rows, course_share, node_table, searched, wet_places
from rescuecmd.routing.narrows import Mask, reach_of
from rescuecmd.routing.network import Network, draw_network
from rescuecmd.routing.ways import plain_of, with_ways

Disc = tuple[float, float, float]
"""x, y, radius."""

_SILL_ROWS = 3  # a weir or bridge concerns the rows this near
_EDGE_ROWS = 2  # of nodes: the longest edge


def redraw_network(network: Network, river: River) -> Network:
    """Return what `draw_network` makes of a changed river, from a network drawn of it before.

    Changed sections, reefs, piers, bridges, weirs, assumed beds and highest levels are drawn anew where they are. A new
    centre line, another width of the whole survey, and reefs or assumed beds in another order make the whole anew.
    Ways, booms and areas with rules need no drawing: they are put into the plain grid once more.

    Raises
    ------
    InputError
        The network was compiled from a graph.
    NotCoveredError
        The river has no navigable water any more.
    """
    chart = network.chart
    if chart is None or not isinstance(network.ids, range):
        raise InputError("not-drawn", "only a network drawn from a river can be drawn anew; compile the graph again")
    changed = _changed_rows(chart, river)
    if changed is None:
        return draw_network(river, chart.step_m, chart.narrow_m)
    network = replace(plain_of(network), chart=replace(chart, river=river))
    for first, end in _runs(changed, 2 * PER_STEP * (_reach(chart) + 2)):
        network = _redrawn(network, first, end)
        if not network.n_edges:
            return draw_network(river, chart.step_m, chart.narrow_m)  # which says what is wrong
    return with_ways(network, river)


def _reach(chart: Chart) -> int:
    return reach_of(round(chart.narrow_m / chart.cell_m), PER_STEP)


def _runs(changed: Mask, apart: int) -> Iterator[tuple[int, int]]:
    """Yield the runs of changed rows (first, last + 1), those less than so many rows apart as one."""
    rows = np.flatnonzero(changed)
    for run in np.split(rows, np.flatnonzero(np.diff(rows) > apart) + 1):
        if len(run):
            yield int(run[0]), int(run[-1]) + 1


def _changed_rows(chart: Chart, river: River) -> Mask | None:
    """Return which rows of cells differ in bed, bridge or highest level from the chart's river; None: all of them."""
    old, raster = chart.river, chart.raster
    if lay_out(river, chart.step_m) != raster or not np.array_equal(old.centreline.xy, river.centreline.xy):
        return None
    chainage: Floats = np.arange(raster.rows, dtype=np.float64) * raster.cell_m
    changed: Mask = highest_m(old, chainage) != highest_m(river, chainage)
    above, below = _changed_reach(old.sections, river.sections)
    changed |= (chainage >= above) & (chainage <= below)
    kept: list[tuple[Sequence[Any], Sequence[Any]]] = [(old.reefs, river.reefs), (old.assumed, river.assumed)]
    if not all(_in_order(ours, theirs) for ours, theirs in kept):
        return None
    discs = [_disc(item) for ours, theirs in kept for item in _unlike(ours, theirs)]
    for item in (*_unlike(old.bridges, river.bridges), *_unlike(old.weirs, river.weirs)):
        changed |= np.abs(chainage - item.chainage_m) <= _SILL_ROWS * raster.cell_m
        discs += _piers(item) if isinstance(item, Bridge) else []
    return _add_discs(changed, river, raster, discs)


def _unlike(ours: Sequence[Any], theirs: Sequence[Any]) -> list[Any]:
    """Return the items that only one side has."""
    return list(set(ours) ^ set(theirs))


def _in_order(ours: Sequence[Any], theirs: Sequence[Any]) -> bool:
    """Return whether what both sides have comes in the same order: a reef may stand on another."""
    both = set(ours) & set(theirs)
    return [item for item in ours if item in both] == [item for item in theirs if item in both]


def _changed_reach(ours: Sequence[Section], theirs: Sequence[Section]) -> tuple[float, float]:
    """Return between which chainages the sections differ; (inf, -inf): nowhere."""
    most = min(len(ours), len(theirs))
    head = next((at for at in range(most) if not _same(ours[at], theirs[at])), most)
    if head == len(ours) == len(theirs):
        return np.inf, -np.inf
    tail = next((at for at in range(most - head) if not _same(ours[-1 - at], theirs[-1 - at])), most - head)
    return (ours[head - 1].chainage_m if head else -np.inf), (ours[-tail].chainage_m if tail else np.inf)


def _same(one: Section, other: Section) -> bool:
    if one is other:
        return True
    pairs = [(getattr(one, field.name), getattr(other, field.name)) for field in fields(Section)]
    return all(np.array_equal(a, b, equal_nan=True) if isinstance(a, np.ndarray) else a == b for a, b in pairs)


def _disc(item: Reef | AssumedBed) -> Disc:
    ring = np.asarray(item.ring_xy, dtype=np.float64)
    x, y = (item.x_m, item.y_m) if isinstance(item, Reef) else ring.mean(axis=0).tolist()
    return x, y, float(np.hypot(ring[:, 0] - x, ring[:, 1] - y).max())


def _piers(bridge: Bridge) -> list[Disc]:
    return [(pier.x_m, pier.y_m, pier.radius_m + PIER_CLEARANCE_M) for pier in bridge.piers]


def _add_discs(changed: Mask, river: River, raster: Raster, discs: Sequence[Disc]) -> Mask:
    """Mark the rows that come within two cells of a disc: each is a straight line from bank to bank."""
    if not discs:
        return changed
    chainage: Floats = np.arange(raster.rows, dtype=np.float64) * raster.cell_m
    x0, y0 = river.point(chainage, raster.right_m)
    x1, y1 = river.point(chainage, raster.right_m + (raster.columns - 1) * raster.cell_m)
    dx, dy = x1 - x0, y1 - y0
    for x, y, radius in discs:
        share = np.clip(((x - x0) * dx + (y - y0) * dy) / (dx**2 + dy**2), 0.0, 1.0)
        changed |= np.hypot(x0 + share * dx - x, y0 + share * dy - y) <= radius + 2 * raster.cell_m
    return changed


def _redrawn(network: Network, first: int, end: int) -> Network:
    """Return the network with the rows of cells from `first` to before `end` drawn anew."""
    assert network.chart is not None  # noqa: S101 - asked before
    chart, rows = _resounded(network.chart, first, end)
    half = chart.step_m / 2
    from_node, to_node = np.searchsorted(network.chainage_m, [(row - 0.5) * half for row in rows]).tolist()
    wet = wet_places(chart, rows)
    count = int(np.count_nonzero(wet))
    chart.node[rows[0] : rows[1]][wet] = from_node + np.arange(count)
    tail = chart.node[rows[1] :]
    tail[tail >= 0] += count - (to_node - from_node)
    return _spliced(network, chart, rows, (from_node, to_node))


def _resounded(chart: Chart, first: int, end: int) -> tuple[Chart, Rows]:
    """Return a chart with some rows of cells sounded anew, and the rows of nodes whose nodes or edges may differ.

    These rows have no nodes yet.
    """
    raster, reach = chart.raster, _reach(chart)
    first, end = max(first - 1, 0), min(end + 1, raster.rows)  # beds are swept to the rows beside
    bed = chart.bed_m.copy()
    bed[first:end] = sweep(chart.river, raster, first, end)
    last = len(chart.narrow)
    above, below = max(first // PER_STEP - reach, 0), min(end // PER_STEP + 1 + reach, last)
    begin, until = max(above - reach - 1, 0), min(below + reach + 1, last)
    seen = bed[begin * PER_STEP : until * PER_STEP + 1]
    narrow = chart.narrow.copy()
    found = find_narrows(chart.river, raster, seen, chart.narrow_m, begin * PER_STEP)
    narrow[above:below] = found[above - begin : below - begin]
    rows = max(2 * above - _EDGE_ROWS, 0), min(2 * below + 1 + _EDGE_ROWS, len(chart.node))
    node = chart.node.copy()
    node[rows[0] : rows[1]] = -1
    return replace(chart, bed_m=bed, narrow=narrow, node=node), rows


def _spliced(network: Network, chart: Chart, rows: Rows, old: tuple[int, int]) -> Network:
    """Return the network with the nodes from `old[0]` to before `old[1]`, and their edges, as they are in some rows."""
    table = vars(node_table(chart, rows))
    flow = np.radians(table.pop("flow_deg"))
    table.update(flow_x=np.sin(flow), flow_y=np.cos(flow))
    node = {name: _put(getattr(network, name), old, column) for name, column in table.items()}
    edge = _edges(chart, rows, node)
    start, end = edge.pop("start"), edge.pop("end")
    gone = int(network.first[old[0]]), int(network.first[old[1]])
    more_nodes, more_edges = len(flow) - (old[1] - old[0]), len(start) - (gone[1] - gone[0])
    firsts = np.searchsorted(start, np.arange(old[0], old[0] + len(flow))) + gone[0]
    at_m = np.round(node["chainage_m"], 6)
    fresh = np.diff(at_m, prepend=-np.inf) != 0
    return replace(
        network,
        ids=range(len(at_m)),
        **node,
        station=np.cumsum(fresh, dtype=np.int32) - 1,
        station_m=at_m[fresh],
        first=_put(network.first, old, firsts, more_edges),
        start=_put(network.start, gone, start, more_nodes),
        end=_put(network.end, gone, end, more_nodes),
        **{name: _put(getattr(network, name), gone, column) for name, column in edge.items()},
        chart=chart,
    )


def _edges(chart: Chart, rows: Rows, node: Mapping[str, Floats]) -> dict[str, Any]:
    """Return the edges that start in some rows, in the columns of a network; `node` are those of all nodes."""
    edge = searched(chart, rows)
    start, end = edge["start"], edge["end"]
    edge["edge_bed_m"] = np.maximum(edge.pop("bed_m"), np.maximum(node["bed_m"][start], node["bed_m"][end]))
    edge["along"] = course_share((node["x_m"], node["y_m"]), (node["flow_x"], node["flow_y"]), start, end)
    return edge


def _put(column: Any, old: tuple[int, int], new: Any, more: int = 0) -> Any:
    """Return a column with a run of it replaced, and `more` added to what comes after."""
    rest = column[old[1] :]
    return np.concatenate([column[: old[0]], new, rest + more if more else rest])
