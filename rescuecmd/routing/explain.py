"""Why a path goes where it goes: what stands in the direct way when the boat would be there, and when it opens."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import dijkstra

from rescuecmd.river.feature import Boom, RestrictedArea, RiverRule
from rescuecmd.river.model import River
from rescuecmd.routing.conditions import Conditions
from rescuecmd.routing.guide import duration, kilometre, place
from rescuecmd.routing.kernel import BARRED, CURRENT, OVERHEAD, RULED, SHALLOW, ZONE
from rescuecmd.routing.network import Ints, Network
from rescuecmd.routing.openings import Openings
from rescuecmd.routing.path import Leg, too_big_m, why_shut
from rescuecmd.text import Text

MOST = 3
"""A sentence names at most this many obstacles."""

_NEAR_REEF_M = 70.0
_LEAST_EDGES = 2  # one shallow edge only touches the rim of the direct way
NOTHING = Text("直达航线无障碍", "nothing in the direct way")


@dataclass(frozen=True, slots=True)
class Obstacle:
    """Something that closes a piece of the direct way: why, where, what is missing, when it opens (None: not known)."""

    reason: int
    chainage_m: float
    offset_m: float
    short: float
    opens_s: float | None


def common_ground(river: River, conditions: Conditions) -> NDArray[np.bool_]:
    """Return the nodes a person would call river: wet at some time by the high bound, or on a reef."""
    network = conditions.network
    wet: NDArray[np.bool_] = network.bed_m <= conditions.high_range_m[1][network.station]
    for reef in river.reefs:
        ring = np.asarray(reef.ring_xy, dtype=np.float64)
        reach = float(np.hypot(ring[:, 0] - reef.x_m, ring[:, 1] - reef.y_m).max())
        wet[network.within(reef.x_m, reef.y_m, reach)] = True
    return wet


def direct_way(network: Network, ground: NDArray[np.bool_], start: int, goal: int, *, by_ways: bool = False) -> Ints:
    """Return the nodes of the shortest way in metres over some of them, booms or not; empty where there is none.

    It keeps to the water; `by_ways`: it may go by portages and locks too, open or not.
    """
    own = np.zeros(0, dtype=np.int32) if network.rules is None else network.rules.terms.own
    used = ground[network.start] & ground[network.end]
    used[own] = False
    first = np.concatenate([[0], np.cumsum(used)])[network.first]
    shape = (network.n_nodes, network.n_nodes)
    matrix = csr_matrix((network.length_m[used], network.end[used], first), shape=shape)
    if network.taken is not None:
        away = network.taken
        wet = ground[away.start] & ground[away.end]
        matrix += csr_matrix((away.length_m[wet], (away.start[wet], away.end[wet])), shape=shape)
    if by_ways:
        matrix += csr_matrix((network.length_m[own], (network.start[own], network.end[own])), shape=shape)
    before = dijkstra(matrix, indices=start, return_predecessors=True)[1]
    nodes = [goal]
    while nodes[-1] != start:
        parent = int(before[nodes[-1]])
        if parent < 0:
            return np.array([], dtype=np.int64)
        nodes.append(parent)
    return np.array(nodes[::-1], dtype=np.int64)


def obstacles(openings: Openings, nodes: Ints, depart_s: float) -> list[Obstacle]:
    """Return what closes this way when a boat without current would sail it; neighbours are one obstacle."""
    network, conditions = openings.network, openings.conditions
    found: list[list[Obstacle]] = []
    time, previous = depart_s, -1
    for number, (start, end) in enumerate(pairwise(nodes.tolist())):
        time = min(time, conditions.to_s)
        edge = network.edge_between(start, end)
        if edge < 0 or not any(opens <= time <= closes for opens, closes in openings.edge_times(edge)):
            one = _barred(network, start, end) if edge < 0 else _obstacle(openings, edge, time)
            if previous == number - 1 and found and found[-1][-1].reason == one.reason:
                found[-1].append(one)
            else:
                found.append([one])
            previous = number
        away = np.hypot(network.x_m[end] - network.x_m[start], network.y_m[end] - network.y_m[start])
        time += float(away) / openings.limits.speed_mps
    return [_worst(group) for group in found if len(group) >= _LEAST_EDGES or group[0].reason != SHALLOW]


def _worst(group: Sequence[Obstacle]) -> Obstacle:
    worst, middle = max(one.short for one in group), group[len(group) // 2]
    opens = [one.opens_s for one in group]
    whole = None if any(one is None for one in opens) else max(one for one in opens if one is not None)
    return Obstacle(middle.reason, middle.chainage_m, middle.offset_m, worst, whole)


def _barred(network: Network, start: int, end: int) -> Obstacle:
    """Return the obstacle between two nodes whose edge a boom or a closed area took away."""
    middle = [float((values[start] + values[end]) / 2) for values in (network.chainage_m, network.offset_m)]
    return Obstacle(BARRED, middle[0], middle[1], 0.0, None)


def _obstacle(openings: Openings, edge: int, time: float) -> Obstacle:
    network, conditions = openings.network, openings.conditions
    ends = [int(network.start[edge]), int(network.end[edge])]
    stations = [int(network.station[node]) for node in ends]
    low = min(conditions.low_at(station, time) for station in stations)
    high = max(conditions.high_at(station, time) for station in stations)
    current = max(conditions.current_at(node, time) for node in ends)
    missing = {
        SHALLOW: float(network.edge_bed_m[edge]) + openings.limits.water_m - low,
        OVERHEAD: high + openings.limits.air_m - float(network.soffit_m[edge]),
        CURRENT: current - float(openings.greatest_mps[edge]),
    }
    reason = max(missing, key=lambda one: missing[one])
    if missing[reason] <= 0:
        reason = why_shut(openings, edge, time)
    short = too_big_m(openings, edge) if reason == RULED else missing.get(reason, 0.0)
    later = [opens for opens, _ in openings.edge_times(edge) if opens > time]
    middle = [float((values[ends[0]] + values[ends[1]]) / 2) for values in (network.chainage_m, network.offset_m)]
    return Obstacle(reason, middle[0], middle[1], max(short, 0.0), later[0] if later else None)


def avoided(river: River, found: Sequence[Obstacle], now_s: float) -> Text:
    """Return the sentence that says what a path avoids: the worst few, in the order they are met."""
    if not found:
        return NOTHING
    parts = listed(river, found, now_s)
    return Text(f"避开：{parts.zh}", f"avoids {parts.en}")


def listed(river: River, found: Sequence[Obstacle], now_s: float) -> Text:
    """Return the worst few obstacles in words, in the order they are met."""
    worst = sorted(range(len(found)), key=lambda number: _weight(found[number]), reverse=True)[:MOST]
    parts = [_told(river, found[number], now_s) for number in sorted(worst)]
    return Text("；".join(part.zh for part in parts), "; ".join(part.en for part in parts))


def _weight(one: Obstacle) -> tuple[bool, float]:
    """Return what an obstacle weighs when only a few are told: what people have closed comes first."""
    return one.reason in {BARRED, RULED}, one.short


def _told(river: River, one: Obstacle, now_s: float) -> Text:
    what = describe(river, one.reason, one.chainage_m, one.offset_m, one.short)
    if one.reason == BARRED:
        return what
    if one.opens_s is None:
        return Text(f"{what.zh}，预报期内不开通", f"{what.en}, not open within the forecast")
    wait = duration(one.opens_s - now_s)
    return Text(f"{what.zh}，{wait.zh}后可通行", f"{what.en}, opens in {wait.en}")


def describe(river: River, reason: int, chainage_m: float, offset_m: float, short: float) -> Text:
    """Return the words for one obstacle: what it is, where, and what is missing."""
    where = place(river, chainage_m, offset_m)
    if reason == SHALLOW:
        reef = reef_near(river, chainage_m, offset_m)
        if reef is not None:
            return Text(f"{reef.zh}（{where.zh}，缺水 {short:.1f} 米）", f"{reef.en} ({where.en}, {short:.1f} m short)")
        return Text(f"{where.zh}浅水（缺 {short:.1f} 米）", f"shallow water at {where.en} ({short:.1f} m short)")
    if reason == OVERHEAD:
        bridge = bridge_near(river, chainage_m)
        return Text(
            f"{kilometre(river, chainage_m)} {bridge.zh}净高不足（缺 {short:.1f} 米）",
            f"low headroom under {bridge.en} at {kilometre(river, chainage_m)} ({short:.1f} m short)",
        )
    if reason == CURRENT:
        return Text(
            f"{where.zh}急流（超限 {short:.1f} 米/秒）", f"strong current at {where.en} ({short:.1f} m/s too much)"
        )
    if reason == ZONE:
        return Text(f"{where.zh}禁航区", f"no-go zone at {where.en}")
    if reason == BARRED:
        name = barrier_near(river, chainage_m, offset_m)
        return Text(f"{where.zh}{name.zh}（封闭）", f"{name.en} at {where.en} (closed)")
    if reason == RULED:
        name = ruled_near(river, chainage_m, offset_m)
        if short > 0:
            return Text(
                f"{where.zh}{name.zh}，本艇超限 {short:.2f} 米", f"{name.en} at {where.en}, {short:.2f} m too small"
            )
        return Text(f"{where.zh}{name.zh}", f"{name.en} at {where.en}")
    return Text(f"{where.zh}无水深资料", f"no survey at {where.en}")


def reef_near(river: River, chainage_m: float, offset_m: float) -> Text | None:
    """Return the name of the reef at a place, if there is one close by."""
    x, y = (float(value) for value in river.point(chainage_m, offset_m))
    near = [(float(np.hypot(reef.x_m - x, reef.y_m - y)), reef.id, reef.name) for reef in river.reefs]
    if not near or min(near)[0] > _NEAR_REEF_M:
        return None
    return min(near)[2]


def bridge_near(river: River, chainage_m: float) -> Text:
    """Return the name of the bridge at a chainage."""
    if not river.bridges:
        return Text("桥", "the bridge")
    return min(river.bridges, key=lambda bridge: (abs(bridge.chainage_m - chainage_m), bridge.id)).name


def barrier_near(river: River, chainage_m: float, offset_m: float) -> Text:
    """Return the name of the boom or closed area nearest to a place."""
    closed = [area for area in river.restricted if area.closed]
    near = _nearest(river, (*river.booms, *closed), chainage_m, offset_m)
    return near.name if near is not None else Text("拦阻", "a barrier")


def ruled_near(river: River, chainage_m: float, offset_m: float) -> Text:
    """Return the name of the way or area with rules nearest to a place, and its hours."""
    ruled = [area for area in river.restricted if area.hours is not None]
    near = _nearest(river, (*river.ways, *ruled), chainage_m, offset_m)
    if near is None:
        return Text("限制通行处", "a restricted place")
    hours = None if isinstance(near, Boom) else near.hours
    if hours is None:
        return near.name
    return Text(f"{near.name.zh}（开放 {hours.clock}）", f"{near.name.en} (open {hours.clock})")


def _nearest(river: River, found: Sequence[RiverRule], chainage_m: float, offset_m: float) -> RiverRule | None:
    import shapely  # noqa: PLC0415  (half a second to import)

    here = shapely.Point(*(float(value) for value in river.point(chainage_m, offset_m)))

    def away(one: RiverRule) -> float:
        if isinstance(one, RestrictedArea):
            return float(here.distance(shapely.Polygon(one.ring_xy)))
        return float(here.distance(shapely.LineString(one.line_xy)))

    return min(found, key=away, default=None)


def closing(river: River, leg: Leg, now_s: float) -> Text:
    """Return the sentence for a leg that is not passable when the boat gets there."""
    what = describe(river, leg.reason, leg.chainage_m, leg.offset_m, leg.short)
    wait = duration(leg.time_s - now_s)
    return Text(
        f"{wait.zh}后抵达时航线将中断：{what.zh}", f"route closes before the boat is there in {wait.en}: {what.en}"
    )
