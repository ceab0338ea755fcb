"""What an event does to the picture. Never fails on an event that was once accepted, even if what it names is gone."""

from dataclasses import replace
from typing import Any

from rescuecmd.picture import decide, fold_orders
from rescuecmd.picture import events as e
from rescuecmd.picture.entity import Vessel
from rescuecmd.picture.ruling import fold_rule, keeps
from rescuecmd.picture.state import Picture
from rescuecmd.picture.water import Gauge

RECENT_READINGS = 240  # what a gauge keeps for its chart; the log has all
HELD_READINGS = 20
RISE_WINDOW_S = 900.0  # the rate of rise is taken over a quarter of an hour


SUBJECTS = (decide, fold_orders)
"""The modules whose rules are known because they are imported here."""

keeps(e.VictimReported, "victim", "victims")


def fold(picture: Picture, event: e.Event) -> Picture:
    """Return the picture after `event`."""
    here = replace(picture, seq=event.seq, time_s=max(picture.time_s, event.time_s))
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
def _(body: e.VictimSighted, picture: Picture, event: e.Event) -> Picture:
    return picture.edit("victims", body.victim_id, fix=body.fix)


def _shift(picture: Picture, victim_id: str, **by: int) -> Picture:
    victim = picture.victims.get(victim_id)
    if victim is None:
        return picture
    return picture.edit("victims", victim_id, **{name: getattr(victim, name) + n for name, n in by.items()})


def _board(picture: Picture, vessel_id: str, count: int) -> Picture:
    vessel: Vessel | None = picture.vessels.get(vessel_id)
    return picture.edit("vessels", vessel_id, aboard=max(0, vessel.aboard + count)) if vessel else picture


@fold_rule.register
def _(body: e.VictimsPickedUp, picture: Picture, event: e.Event) -> Picture:
    return _board(_shift(picture, body.victim_id, aboard=body.count), body.vessel_id, body.count)


@fold_rule.register
def _(body: e.VictimsLanded, picture: Picture, event: e.Event) -> Picture:
    return _board(_shift(picture, body.victim_id, aboard=-body.count, safe=body.count), body.vessel_id, -body.count)


@fold_rule.register
def _(body: e.VictimsCleared, picture: Picture, event: e.Event) -> Picture:
    return _shift(picture, body.victim_id, safe=body.count)


@fold_rule.register
def _(body: e.VictimsLost, picture: Picture, event: e.Event) -> Picture:
    return _shift(picture, body.victim_id, lost=body.count)


@fold_rule.register
def _(body: e.HazardCleared, picture: Picture, event: e.Event) -> Picture:
    return picture.drop("hazards", body.hazard_id)


@fold_rule.register
def _(body: e.GaugeRead, picture: Picture, event: e.Event) -> Picture:
    gauge: Gauge | None = picture.gauges.get(body.gauge_id)
    if gauge is None:
        return picture
    recent = (*gauge.recent, body.reading)[-RECENT_READINGS:]
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
    window = [reading for reading in recent if reading.time_s >= last.time_s - RISE_WINDOW_S]
    span_s = last.time_s - window[0].time_s
    return (last.level_m - window[0].level_m) / span_s * 3600.0 if span_s > 0 else None


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
def _(body: e.GroupClosed, picture: Picture, event: e.Event) -> Picture:
    return picture.edit("groups", body.group_id, closed_s=event.time_s)
