"""What an event does to the picture. Never fails on an event that was once accepted, even if what it names is gone."""

from dataclasses import replace
from functools import singledispatch
from typing import Any

from rescuecmd.picture import events as e
from rescuecmd.picture.entity import Vessel
from rescuecmd.picture.order import Sos, Task
from rescuecmd.picture.state import Picture
from rescuecmd.picture.water import Gauge

RECENT_READINGS = 240  # what a gauge keeps for its chart; the log has all
RISE_WINDOW_S = 900.0  # the rate of rise is taken over a quarter of an hour


def fold(picture: Picture, event: e.Event) -> Picture:
    """Return the picture after `event`."""
    here = replace(picture, seq=event.seq, time_s=max(picture.time_s, event.time_s))
    return _fold(event.body, here, event)


def _edit(picture: Picture, collection: str, entity_id: str, **change: Any) -> Picture:
    entity = getattr(picture, collection).get(entity_id)
    return picture if entity is None else picture.put(collection, replace(entity, **change))


@singledispatch
def _fold(body: Any, picture: Picture, event: e.Event) -> Picture:
    collection, field = _PUT[type(body)]
    return picture.put(collection, getattr(body, field))


_PUT: dict[type[Any], tuple[str, str]] = {
    e.TerminalEnrolled: ("terminals", "terminal"),
    e.VesselJoined: ("vessels", "vessel"),
    e.VictimReported: ("victims", "victim"),
    e.HazardReported: ("hazards", "hazard"),
    e.ZoneDrawn: ("zones", "zone"),
    e.CameraSet: ("cameras", "camera"),
    e.GaugePlaced: ("gauges", "gauge"),
    e.GroupFormed: ("groups", "group"),
    e.AlternativeOffered: ("offers", "offer"),
    e.AlarmRaised: ("alarms", "alarm"),
    e.NoteAdded: ("notes", "note"),
}


def _operation(picture: Picture, **change: Any) -> Picture:
    if picture.operation is None:
        return picture
    return replace(picture, operation=replace(picture.operation, **change), operation_changed=picture.seq)


@_fold.register
def _(body: e.OperationOpened, picture: Picture, event: e.Event) -> Picture:
    return replace(picture, operation=body.operation, operation_changed=picture.seq)


@_fold.register
def _(body: e.ClockSet, picture: Picture, event: e.Event) -> Picture:
    return _operation(picture, state=body.state, speed=body.speed)


@_fold.register
def _(body: e.OperationEnded, picture: Picture, event: e.Event) -> Picture:
    return _operation(picture, state="ended", ended_why=body.why)


@_fold.register
def _(body: e.TerminalSeen, picture: Picture, event: e.Event) -> Picture:
    return _edit(picture, "terminals", body.terminal_id, people=body.people, robots=body.robots, seen_s=body.seen_s)


@_fold.register
def _(body: e.PositionsReported, picture: Picture, event: e.Event) -> Picture:
    for collection in ("vessels", "terminals"):
        table = getattr(picture, collection)
        moved = [replace(table[mover], fix=fix) for mover, fix in body.fixes.items() if mover in table]
        if moved:
            picture = picture.put(collection, *moved)
    return picture


@_fold.register
def _(body: e.VesselStateSet, picture: Picture, event: e.Event) -> Picture:
    return _edit(picture, "vessels", body.vessel_id, state=body.state, state_why=body.why)


@_fold.register
def _(body: e.VictimSighted, picture: Picture, event: e.Event) -> Picture:
    return _edit(picture, "victims", body.victim_id, fix=body.fix)


def _shift(picture: Picture, victim_id: str, **by: int) -> Picture:
    victim = picture.victims.get(victim_id)
    if victim is None:
        return picture
    return _edit(picture, "victims", victim_id, **{name: getattr(victim, name) + n for name, n in by.items()})


def _board(picture: Picture, vessel_id: str, count: int) -> Picture:
    vessel: Vessel | None = picture.vessels.get(vessel_id)
    return _edit(picture, "vessels", vessel_id, aboard=max(0, vessel.aboard + count)) if vessel else picture


@_fold.register
def _(body: e.VictimsPickedUp, picture: Picture, event: e.Event) -> Picture:
    return _board(_shift(picture, body.victim_id, aboard=body.count), body.vessel_id, body.count)


@_fold.register
def _(body: e.VictimsLanded, picture: Picture, event: e.Event) -> Picture:
    return _board(_shift(picture, body.victim_id, aboard=-body.count, safe=body.count), body.vessel_id, -body.count)


@_fold.register
def _(body: e.VictimsCleared, picture: Picture, event: e.Event) -> Picture:
    return _shift(picture, body.victim_id, safe=body.count)


@_fold.register
def _(body: e.VictimsLost, picture: Picture, event: e.Event) -> Picture:
    return _shift(picture, body.victim_id, lost=body.count)


@_fold.register
def _(body: e.HazardCleared, picture: Picture, event: e.Event) -> Picture:
    return picture.drop("hazards", body.hazard_id)


@_fold.register
def _(body: e.ZoneLifted, picture: Picture, event: e.Event) -> Picture:
    return picture.drop("zones", body.zone_id)


@_fold.register
def _(body: e.GaugeRead, picture: Picture, event: e.Event) -> Picture:
    gauge: Gauge | None = picture.gauges.get(body.gauge_id)
    if gauge is None:
        return picture
    recent = (*gauge.recent, body.reading)[-RECENT_READINGS:]
    return picture.put("gauges", replace(gauge, recent=recent, rise_m_per_h=_rise_m_per_h(recent)))


def _rise_m_per_h(recent: tuple[Any, ...]) -> float | None:
    last = recent[-1]
    window = [reading for reading in recent if reading.time_s >= last.time_s - RISE_WINDOW_S]
    span_s = last.time_s - window[0].time_s
    return (last.level_m - window[0].level_m) / span_s * 3600.0 if span_s > 0 else None


@_fold.register
def _(body: e.ForecastIssued, picture: Picture, event: e.Event) -> Picture:
    return _edit(picture, "gauges", body.gauge_id, forecast=body.readings, issued_s=body.issued_s)


@_fold.register
def _(body: e.WaterAssessed, picture: Picture, event: e.Event) -> Picture:
    picture = picture.put("outlooks", *body.outlooks)
    outlooks = {outlook.id: outlook for outlook in body.outlooks}
    told = [
        replace(victim, early_s=outlook.early_s, median_s=outlook.median_s, late_s=outlook.late_s)
        for victim in picture.victims.values()
        if (outlook := outlooks.get(victim.place_id)) and not victim.closed
    ]
    changed = [victim for victim in told if picture.victims[victim.id] != victim]
    return picture.put("victims", *changed) if changed else picture


@_fold.register
def _(body: e.GroupClosed, picture: Picture, event: e.Event) -> Picture:
    return _edit(picture, "groups", body.group_id, closed_s=event.time_s)


@_fold.register
def _(body: e.CardPushed, picture: Picture, event: e.Event) -> Picture:
    picture = picture.put("pushes", body.push).put("cards", *body.cards).put("tasks", *body.tasks)
    for route in body.routes:
        picture = _lay(picture, route)
    taken = [
        replace(offer, state="taken")
        for offer in picture.offers.values()
        if offer.state == "open" and offer.candidate.terminal_id in body.push.terminal_ids
    ]
    return picture.put("offers", *taken) if taken else picture


def _lay(picture: Picture, route: Any) -> Picture:
    """Make `route` its vessel's route; the one before is replaced."""
    vessel: Vessel | None = picture.vessels.get(route.vessel_id)
    for old_id in {route.replaces, vessel.route_id if vessel else ""} - {"", route.id}:
        old = picture.routes.get(old_id)
        if old is not None and old.state == "active":
            picture = _edit(picture, "routes", old_id, state="replaced")
    return _edit(picture.put("routes", route), "vessels", route.vessel_id, route_id=route.id)


@_fold.register
def _(body: e.CardWithdrawn, picture: Picture, event: e.Event) -> Picture:
    return _edit(picture, "cards", body.card_id, state="withdrawn")


@_fold.register
def _(body: e.ReceiptGiven, picture: Picture, event: e.Event) -> Picture:
    card = picture.cards.get(body.card_id)
    if card is None:
        return picture
    at = event.time_s
    change: dict[str, Any] = {"state": body.receipt, "delivered_s": card.delivered_s or at}
    if body.receipt != "delivered":
        change["displayed_s"] = card.displayed_s or at
    if body.receipt in {"accepted", "declined"}:
        change |= {"answered_s": at, "reason": body.reason}
    return _edit(picture, "cards", body.card_id, **change)


@_fold.register
def _(body: e.CardReminded, picture: Picture, event: e.Event) -> Picture:
    card = picture.cards.get(body.card_id)
    return _edit(picture, "cards", body.card_id, reminders=card.reminders + 1) if card else picture


@_fold.register
def _(body: e.TaskMoved, picture: Picture, event: e.Event) -> Picture:
    task: Task | None = picture.tasks.get(body.task_id)
    if task is None:
        return picture
    picture = _edit(picture, "tasks", task.id, state=body.state, changed_s=event.time_s)
    if not task.vessel_id:
        return picture
    if body.state in {"accepted", "under_way", "on_scene"}:
        return _edit(picture, "vessels", task.vessel_id, task_id=task.id)
    vessel = picture.vessels.get(task.vessel_id)
    return _edit(picture, "vessels", task.vessel_id, task_id="") if vessel and vessel.task_id == task.id else picture


@_fold.register
def _(body: e.RouteSet, picture: Picture, event: e.Event) -> Picture:
    return _lay(picture, body.route)


@_fold.register
def _(body: e.RouteEnded, picture: Picture, event: e.Event) -> Picture:
    route = picture.routes.get(body.route_id)
    if route is None:
        return picture
    picture = _edit(picture, "routes", route.id, state=body.state)
    vessel = picture.vessels.get(route.vessel_id)
    return _edit(picture, "vessels", vessel.id, route_id="") if vessel and vessel.route_id == route.id else picture


@_fold.register
def _(body: e.LimitsAssessed, picture: Picture, event: e.Event) -> Picture:
    card = picture.cards.get(body.card_id)
    if card is None:
        return picture
    return _edit(picture, "cards", card.id, content=replace(card.content, limits=body.limits))


@_fold.register
def _(body: e.SuggestionsRanked, picture: Picture, event: e.Event) -> Picture:
    kept = {suggestion.id for suggestion in body.suggestions}
    picture = picture.drop("suggestions", *(old for old in picture.suggestions if old not in kept))
    fresh = [s for s in body.suggestions if picture.suggestions.get(s.id) != s]
    return picture.put("suggestions", *fresh) if fresh else picture


@_fold.register
def _(body: e.SosRaised, picture: Picture, event: e.Event) -> Picture:
    return picture.put("soses", Sos(body.sos_id, body.terminal_id, event.time_s, body.fix))


@_fold.register
def _(body: e.SosAcked, picture: Picture, event: e.Event) -> Picture:
    return _edit(picture, "soses", body.sos_id, acked_by=event.actor.id, acked_s=event.time_s)


@_fold.register
def _(body: e.SosCancelled, picture: Picture, event: e.Event) -> Picture:
    return _edit(picture, "soses", body.sos_id, cancelled_s=event.time_s)


@_fold.register
def _(body: e.AlarmAcked, picture: Picture, event: e.Event) -> Picture:
    return _edit(picture, "alarms", body.alarm_id, acked_by=event.actor.id, acked_s=event.time_s)


@_fold.register
def _(body: e.AlarmCleared, picture: Picture, event: e.Event) -> Picture:
    return picture.drop("alarms", body.alarm_id)
