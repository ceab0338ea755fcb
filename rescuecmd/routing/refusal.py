"""What is said when there can be no way at all: what was asked, what is wrong, and the nearest thing that would do."""

import math

import numpy as np

from rescuecmd.errors import NotCoveredError, RefusedError
from rescuecmd.geo import Floats
from rescuecmd.river.covered import range_text
from rescuecmd.river.model import River
from rescuecmd.river.water import Water
from rescuecmd.routing.chart import ABOVE_RECORD_M
from rescuecmd.routing.guide import duration, place
from rescuecmd.routing.network import Ints, Network
from rescuecmd.routing.openings import Openings
from rescuecmd.text import Text


def check_level(river: River, water: Water, time_s: float) -> None:
    """Refuse a level for which the network was not drawn: it leaves out what no level on file comes near.

    Raises
    ------
    NotCoveredError
        The level stands above the highest on file by more than the network reaches (`ABOVE_RECORD_M`), or below the
        whole bed at some section (``level-outside``). Facts: ``lowest_m`` and ``highest_m``, the range covered at the
        gauge farthest down.
    """
    gauge = max(river.gauges, key=lambda one: one.chainage_m)
    level = float(water.level_m(gauge.chainage_m, time_s))
    shift = [
        float(water.level_m(section.chainage_m, time_s)) - level - float(section.beds_m.min())
        for section in river.sections
    ]
    low, high = -min(shift), _highest_m(river, water, time_s, gauge.chainage_m)
    if low <= level <= high:
        return
    ends = range_text(river, low, high)
    en = f"routes at {gauge.name.en} are laid for {ends.en}, as far as levels are on file; asked for {level:.2f} m"
    zh = f"按已有水位记录，{gauge.name.zh}的航路只适用于 {ends.zh}，所给 {level:.2f} 米"
    raise NotCoveredError(
        "level-outside",
        en,
        zh=zh,
        en=en,
        river=river.id,
        gauge=gauge.id,
        level_m=round(level, 3),
        lowest_m=round(low, 3),
        highest_m=round(high, 3),
        vertical_datum=river.vertical_datum,
    )


def _highest_m(river: River, water: Water, time_s: float, gauge_m: float) -> float:
    """Return the highest level covered at a chainage: where first some gauge stands above its highest on file."""
    here = float(water.level_m(gauge_m, time_s))
    room = [
        float(series.levels_m.max())
        + ABOVE_RECORD_M
        - float(water.level_m(river.gauge(series.gauge_id).chainage_m, time_s))
        for series in river.series
    ]
    highest: dict[str, float] = {}
    for series, one in zip(river.series, room, strict=True):
        highest[series.gauge_id] = max(highest.get(series.gauge_id, -math.inf), one)
    return here + min(highest.values()) if highest else math.inf


def fits_nowhere(river: River, openings: Openings) -> RefusedError:
    """Return the refusal of a craft that no water of the river carries: how deep the deepest is, and where."""
    network, needs = openings.network, openings.limits.water_m
    deepest = openings.conditions.low_range_m[1][network.station] - network.bed_m
    at = int(np.argmax(deepest))
    where = _where(river, network, at)
    return RefusedError(
        "craft-too-deep",
        f"this boat needs {needs:.2f} m of water; the deepest of the river has {deepest[at]:.2f} m, at {where.en}",
        zh=f"本艇需水深 {needs:.2f} 米，本河段最深仅 {deepest[at]:.2f} 米（{where.zh}）",
        needs_m=round(needs, 2),
        deepest_m=round(float(deepest[at]), 2),
    )


def not_afloat(
    river: River, openings: Openings, xy: tuple[float, float], time_s: float, reach_m: float
) -> RefusedError:
    """Return the refusal of a start without water: the nearest water deep enough, and when it is here."""
    if not len(openings.states.item):
        return fits_nowhere(river, openings)
    network, states = openings.network, openings.states
    now = np.unique(states.item[(states.opens_s <= time_s) & (time_s <= states.closes_s)])
    en = f"there is not enough water for this boat within {reach_m:.0f} m of where it is"
    zh = f"本艇 {reach_m:.0f} 米内水深不足"
    facts: dict[str, float] = {}
    opens_s = _opens_s(openings, network.within(*xy, reach_m), time_s)
    if opens_s is not None:
        wait = duration(opens_s - time_s)
        en, zh, facts["opens_s"] = f"{en}; it comes in {wait.en}", f"{zh}，{wait.zh}后足够", opens_s
    if len(now):
        near, near_facts = _nearest(river, network, now, xy)
        en, zh = f"{en}; nearest now: {near.en}", f"{zh}；现最近可用水域：{near.zh}"
        facts |= near_facts
    return RefusedError("not-afloat", en, zh=zh, en=en, **facts)


def unreached(
    river: River, network: Network, reached: Ints, goal_xy: tuple[float, float]
) -> tuple[Text, dict[str, float]]:
    """Return the nearest place to a goal that a boat does reach, in words and as facts; empty where it reaches none."""
    if not len(reached):
        return Text("", ""), {}
    near, facts = _nearest(river, network, reached, goal_xy)
    return Text(f"离目标最近可达：{near.zh}", f"; the nearest to the goal that can be reached: {near.en}"), facts


def off_river(river: River, network: Network, what: Text, xy: tuple[float, float], reach_m: float) -> NotCoveredError:
    """Return the refusal of a place that is not at the river: how far the nearest charted water is, and where."""
    near, facts = _nearest(river, network, np.arange(network.n_nodes), xy)
    if river.on_bank(*river.locate(*xy)).any():
        en = f"{what.en} lies on a flood bank, where the river's level does not tell the depth; nearest: {near.en}"
        zh = f"{what.zh}位于漫滩，河道水位不能说明该处水深；最近：{near.zh}"
        return NotCoveredError("flood-bank", en, zh=zh, en=en, **facts)
    en = f"there is no charted water within {reach_m:.0f} m of {what.en}; nearest: {near.en}"
    zh = f"{what.zh} {reach_m:.0f} 米内没有测深资料；最近：{near.zh}"
    return NotCoveredError("off-river", en, zh=zh, en=en, **facts)


def _opens_s(openings: Openings, nodes: Ints, time_s: float) -> float | None:
    mine = np.isin(openings.states.item, nodes) & (openings.states.opens_s > time_s)
    return float(openings.states.opens_s[mine].min()) if mine.any() else None


def _nearest(river: River, network: Network, nodes: Ints, xy: tuple[float, float]) -> tuple[Text, dict[str, float]]:
    away: Floats = np.hypot(network.x_m[nodes] - xy[0], network.y_m[nodes] - xy[1])
    node = int(nodes[np.argmin(away)])
    far_m, where = float(away.min()), _where(river, network, node)
    far = (
        Text(f"{far_m / 1000:.1f} 公里", f"{far_m / 1000:.1f} km")
        if far_m >= 1000
        else Text(f"{far_m:.0f} 米", f"{far_m:.0f} m")
    )
    lon_deg, lat_deg = river.frame.point_lonlat(float(network.x_m[node]), float(network.y_m[node]))
    facts = {"nearest_m": round(far_m), "nearest_lon_deg": round(lon_deg, 6), "nearest_lat_deg": round(lat_deg, 6)}
    spot = f"{lon_deg:.5f},{lat_deg:.5f}"
    return Text(f"{where.zh}（{far.zh}，{spot}）", f"{where.en} ({far.en}, {spot})"), facts


def _where(river: River, network: Network, node: int) -> Text:
    return place(river, float(network.chainage_m[node]), float(network.offset_m[node]))
