"""What an event does to the picture. Never fails on an event that was once accepted, even if what it names is gone."""

from dataclasses import replace
from typing import Any

from rescuecmd.picture import decide, fold_groups, fold_orders, fold_people
from rescuecmd.picture import events as e
from rescuecmd.picture.ruling import fold_rule
from rescuecmd.picture.state import Picture
from rescuecmd.picture.water import Gauge

RECENT_READINGS = 240  # what a gauge keeps for its chart; the log has all
HELD_READINGS = 20
RISE_WINDOW_S = 900.0
"""The rate of rise is taken over a quarter of an hour, or from the reading before where they come less often."""

RISE_LEAST_S, RISE_MOST_S = 120.0, 3 * 3600.0
"""A shorter time tells waves from a rise no more; a longer one is no present rate."""


SUBJECTS = (decide, fold_groups, fold_orders, fold_people)
"""The modules whose rules are known because they are imported here."""


def fold(picture: Picture, event: e.Event) -> Picture:
    """Return the picture after `event`."""
    here = picture.at(event.seq, max(picture.time_s, event.time_s))
    return fold_rule(event.body, here, event)


def _operation(picture: Picture, **change: Any) -> Picture:
    if picture.operation is None:
        return picture
    return replace(picture, operation=replace(picture.operation, **change), operation_changed=picture.seq)


@fold_rule.register
def _(body: e.OperationOpened, picture: Picture, event: e.Event) -> Picture:
    return replace(picture, operation=body.operation, operation_changed=picture.seq)


@fold_rule.register
def _(body: e.ClockSet, picture: Picture, event: e.Event) -> Picture:
    return _operation(picture, state=body.state, speed=body.speed)


@fold_rule.register
def _(body: e.OperationEnded, picture: Picture, event: e.Event) -> Picture:
    return _operation(picture, state="ended", ended_why=body.why)


@fold_rule.register
def _(body: e.RecordCut, picture: Picture, event: e.Event) -> Picture:
    return _operation(picture, cuts=picture.operation.cuts + 1) if picture.operation else picture


@fold_rule.register
def _(body: e.TerminalSeen, picture: Picture, event: e.Event) -> Picture:
    return picture.edit("terminals", body.terminal_id, people=body.people, robots=body.robots, seen_s=body.seen_s)


@fold_rule.register
def _(body: e.PositionsReported, picture: Picture, event: e.Event) -> Picture:
    for collection in ("vessels", "terminals"):
        table = getattr(picture, collection)
        moved = [replace(table[mover], fix=fix) for mover, fix in body.fixes.items() if mover in table]
        if moved:
            picture = picture.put(collection, *moved)
    return picture


@fold_rule.register
def _(body: e.VesselStateSet, picture: Picture, event: e.Event) -> Picture:
    return picture.edit("vessels", body.vessel_id, state=body.state, state_why=body.why)


@fold_rule.register
def _(body: e.HazardCleared, picture: Picture, event: e.Event) -> Picture:
    return picture.drop("hazards", body.hazard_id)


@fold_rule.register
def _(body: e.GaugeRead, picture: Picture, event: e.Event) -> Picture:
    gauge: Gauge | None = picture.gauges.get(body.gauge_id)
    if gauge is None:
        return picture
    before = [one for one in gauge.recent if one.time_s < body.reading.time_s]  # the latest may be corrected
    recent = (*before, body.reading)[-RECENT_READINGS:]
    return picture.put("gauges", replace(gauge, recent=recent, rise_m_per_h=_rise_m_per_h(recent), held=()))


@fold_rule.register
def _(body: e.ReadingHeld, picture: Picture, event: e.Event) -> Picture:
    gauge: Gauge | None = picture.gauges.get(body.gauge_id)
    if gauge is None:
        return picture
    return picture.edit("gauges", body.gauge_id, held=(*gauge.held, body.reading)[-HELD_READINGS:])


@fold_rule.register
def _(body: e.GaugeJudged, picture: Picture, event: e.Event) -> Picture:
    return picture.edit("gauges", body.gauge_id, state=body.state)


def _rise_m_per_h(recent: tuple[Any, ...]) -> float | None:
    last = recent[-1]
    before = [one for one in recent if RISE_LEAST_S <= last.time_s - one.time_s <= RISE_MOST_S]
    if not before:
        return None
    since = next((one for one in before if last.time_s - one.time_s <= RISE_WINDOW_S), before[-1])
    return float((last.level_m - since.level_m) / (last.time_s - since.time_s) * 3600.0)


@fold_rule.register
def _(body: e.ForecastIssued, picture: Picture, event: e.Event) -> Picture:
    return picture.edit("gauges", body.gauge_id, forecast=body.readings, issued_s=body.issued_s)


@fold_rule.register
def _(body: e.WaterAssessed, picture: Picture, event: e.Event) -> Picture:
    picture = picture.put("outlooks", *body.outlooks)
    outlooks = {outlook.id: outlook for outlook in body.outlooks}
    told = [
        replace(
            victim,
            early_s=outlook.early_s,
            median_s=outlook.median_s,
            late_s=outlook.late_s,
            stages=outlook.stages,
        )
        for victim in picture.victims.values()
        if (outlook := outlooks.get(victim.place_id)) and not victim.closed
    ]
    changed = [victim for victim in told if picture.victims[victim.id] != victim]
    return picture.put("victims", *changed) if changed else picture


@fold_rule.register
def _(body: e.WaterLost, picture: Picture, event: e.Event) -> Picture:
    for outlook_id in tuple(picture.outlooks):
        picture = picture.drop("outlooks", outlook_id)
    told = [
        replace(victim, early_s=None, median_s=None, late_s=None, stages=())
        for victim in picture.victims.values()
        if not victim.closed and (victim.stages or (victim.early_s, victim.median_s, victim.late_s) != (None,) * 3)
    ]
    return picture.put("victims", *told) if told else picture
