"""What an event about an order does to the picture: the card's trail grows, its task, route and alarms follow."""

from dataclasses import replace
from typing import Any

from rescuecmd.picture import events as e
from rescuecmd.picture.entity import Vessel
from rescuecmd.picture.lifecycle import ANSWERED, CARD_RANK, card_of, copies_of, mark, sent_marks, task_mark
from rescuecmd.picture.order import CardState, Copy, CopyKind, Sos, Stage, Task, TaskState
from rescuecmd.picture.ruling import fold_rule
from rescuecmd.picture.state import Picture
from rescuecmd.text import Text


@fold_rule.register
def _(body: e.CardPushed, picture: Picture, event: e.Event) -> Picture:
    cards = [replace(card, trail=sent_marks(event)) for card in body.cards]
    picture = picture.put("pushes", body.push).put("cards", *cards).put("tasks", *body.tasks)
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
            picture = picture.edit("routes", old_id, state="replaced")
    return picture.put("routes", route).edit("vessels", route.vessel_id, route_id=route.id)


@fold_rule.register
def _(body: e.CardWithdrawn, picture: Picture, event: e.Event) -> Picture:
    return _end(picture, event, body.card_id, "withdrawn", why=body.why)


@fold_rule.register
def _(body: e.CardExpired, picture: Picture, event: e.Event) -> Picture:
    return _end(picture, event, body.card_id, "expired")


def _end(picture: Picture, event: e.Event, card_id: str, how: CardState, why: Text | None = None) -> Picture:
    card = picture.cards.get(card_id)
    if card is None:
        return picture
    step: Stage = "withdrawn" if how == "withdrawn" else "expired"
    return picture.put("cards", replace(card, state=how, why=why, trail=(*card.trail, mark(event, step))))


@fold_rule.register
def _(body: e.CardEscalated, picture: Picture, event: e.Event) -> Picture:
    return picture.edit("cards", body.card_id, level=body.level)


@fold_rule.register
def _(body: e.CopyConfirmed, picture: Picture, event: e.Event) -> Picture:
    copy: Copy | None = picture.copies.get(body.copy_id)
    if copy is None:
        return picture
    return picture.put("copies", replace(copy, state=body.step, trail=(*copy.trail, mark(event, body.step))))


@fold_rule.register
def _(body: e.NoteAdded, picture: Picture, event: e.Event) -> Picture:
    picture = picture.put("notes", body.note)
    to = [
        terminal.id
        for terminal in picture.terminals.values()
        if {terminal.id, terminal.vessel_id} & set(body.note.to) - {""}
    ]
    return picture.put("copies", *copies_of(event, "note", body.note.id, to)) if to else picture


@fold_rule.register
def _(body: e.ZoneDrawn, picture: Picture, event: e.Event) -> Picture:
    return _to_all(picture.put("zones", body.zone), event, "zone", body.zone.id)


@fold_rule.register
def _(body: e.ZoneLifted, picture: Picture, event: e.Event) -> Picture:
    return _taken_back(picture.drop("zones", body.zone_id), event, "zone", body.zone_id)


@fold_rule.register
def _(body: e.TerminalEnrolled, picture: Picture, event: e.Event) -> Picture:
    """Take a terminal in; one that comes late gets the SOS and zones that stand."""
    picture = picture.put("terminals", body.terminal)
    for sos in picture.soses.values():
        if sos.cancelled_s is None:
            picture = picture.put("copies", *copies_of(event, "sos", sos.id, [body.terminal.id]))
    for zone_id in picture.zones:
        picture = picture.put("copies", *copies_of(event, "zone", zone_id, [body.terminal.id]))
    return picture


def _to_all(picture: Picture, event: e.Event, kind: CopyKind, about: str, but: str = "") -> Picture:
    copies = tuple(copies_of(event, kind, about, (item for item in picture.terminals if item != but)))
    return picture.put("copies", *copies) if copies else picture


def _taken_back(picture: Picture, event: e.Event, kind: CopyKind, about: str) -> Picture:
    gone = [
        replace(copy, state="withdrawn", trail=(*copy.trail, mark(event, "withdrawn")))
        for copy in picture.copies.values()
        if (copy.kind, copy.about) == (kind, about) and copy.state != "withdrawn"
    ]
    return picture.put("copies", *gone) if gone else picture


@fold_rule.register
def _(body: e.ReceiptGiven, picture: Picture, event: e.Event) -> Picture:
    card = picture.cards.get(body.card_id)
    if card is None:
        return picture
    at = event.time_s
    trail = (*card.trail, mark(event, body.receipt))
    change: dict[str, Any] = {"state": body.receipt, "delivered_s": card.delivered_s or at, "trail": trail}
    if body.receipt != "delivered":
        change["displayed_s"] = card.displayed_s or at
    if body.receipt in {"accepted", "declined"}:
        change |= {"answered_s": at, "reason": body.reason}
    return picture.edit("cards", body.card_id, **change)


@fold_rule.register
def _(body: e.CardReminded, picture: Picture, event: e.Event) -> Picture:
    card = picture.cards.get(body.card_id)
    return picture.edit("cards", body.card_id, reminders=card.reminders + 1) if card else picture


@fold_rule.register
def _(body: e.TaskMoved, picture: Picture, event: e.Event) -> Picture:
    task: Task | None = picture.tasks.get(body.task_id)
    if task is None:
        return picture
    picture = picture.put("tasks", _moved(picture, task, body.state, event.time_s))
    card = card_of(picture, task.id)
    marks = task_mark(event, body.state)
    if card is not None and marks and CARD_RANK[card.state] <= ANSWERED:
        picture = picture.put("cards", replace(card, trail=(*card.trail, *marks)))
    if not task.vessel_id:
        return picture
    if body.state in {"accepted", "under_way", "on_scene"}:
        return picture.edit("vessels", task.vessel_id, task_id=task.id)
    vessel = picture.vessels.get(task.vessel_id)
    return picture.edit("vessels", task.vessel_id, task_id="") if vessel and vessel.task_id == task.id else picture


def _moved(picture: Picture, task: Task, state: TaskState, time_s: float) -> Task:
    moved = replace(task, state=state, changed_s=time_s)
    if state != "accepted":
        return moved
    vessel = picture.vessels.get(task.vessel_id)
    return replace(moved, taken_s=time_s, taken_fix=vessel.fix if vessel else None)


@fold_rule.register
def _(body: e.MovementJudged, picture: Picture, event: e.Event) -> Picture:
    return picture.edit("tasks", body.task_id, movement=body.movement)


@fold_rule.register
def _(body: e.RouteSet, picture: Picture, event: e.Event) -> Picture:
    return _lay(picture, body.route)


@fold_rule.register
def _(body: e.RouteTimed, picture: Picture, event: e.Event) -> Picture:
    return picture.put("routes", body.route) if body.route.id in picture.routes else picture


@fold_rule.register
def _(body: e.RouteEnded, picture: Picture, event: e.Event) -> Picture:
    route = picture.routes.get(body.route_id)
    if route is None:
        return picture
    picture = picture.edit("routes", route.id, state=body.state, why=body.why if body.state == "cut" else route.why)
    vessel = picture.vessels.get(route.vessel_id)
    return picture.edit("vessels", vessel.id, route_id="") if vessel and vessel.route_id == route.id else picture


@fold_rule.register
def _(body: e.LimitsAssessed, picture: Picture, event: e.Event) -> Picture:
    card = picture.cards.get(body.card_id)
    if card is None:
        return picture
    return picture.edit("cards", card.id, content=replace(card.content, limits=body.limits))


@fold_rule.register
def _(body: e.SuggestionsRanked, picture: Picture, event: e.Event) -> Picture:
    kept = {suggestion.id for suggestion in body.suggestions}
    picture = picture.drop("suggestions", *(old for old in picture.suggestions if old not in kept))
    fresh = [s for s in body.suggestions if picture.suggestions.get(s.id) != s]
    return picture.put("suggestions", *fresh) if fresh else picture


@fold_rule.register
def _(body: e.SosRaised, picture: Picture, event: e.Event) -> Picture:
    sos = Sos(body.sos_id, body.terminal_id, event.time_s, body.fix, trail=sent_marks(event))
    return _to_all(picture.put("soses", sos), event, "sos", sos.id, but=sos.terminal_id)


@fold_rule.register
def _(body: e.SosAcked, picture: Picture, event: e.Event) -> Picture:
    sos = picture.soses.get(body.sos_id)
    if sos is None:
        return picture
    trail = (*sos.trail, mark(event, "accepted"))
    return picture.put("soses", replace(sos, acked_by=event.actor.id, acked_s=event.time_s, trail=trail))


@fold_rule.register
def _(body: e.SosCancelled, picture: Picture, event: e.Event) -> Picture:
    sos = picture.soses.get(body.sos_id)
    if sos is None:
        return picture
    ended = replace(sos, cancelled_s=event.time_s, trail=(*sos.trail, mark(event, "done")))
    return _taken_back(picture.put("soses", ended), event, "sos", sos.id)


@fold_rule.register
def _(body: e.SosRepeated, picture: Picture, event: e.Event) -> Picture:
    sos = picture.soses.get(body.sos_id)
    return picture.put("soses", replace(sos, repeats=sos.repeats + 1)) if sos else picture


@fold_rule.register
def _(body: e.AlarmAcked, picture: Picture, event: e.Event) -> Picture:
    return picture.edit("alarms", body.alarm_id, acked_by=event.actor.id, acked_s=event.time_s)


@fold_rule.register
def _(body: e.AlarmRectified, picture: Picture, event: e.Event) -> Picture:
    return picture.edit("alarms", body.alarm_id, rectified_s=event.time_s)


@fold_rule.register
def _(body: e.AlarmSilenced, picture: Picture, event: e.Event) -> Picture:
    return picture.edit("alarms", body.alarm_id, silenced_until_s=body.until_s)


@fold_rule.register
def _(body: e.AlarmTransferred, picture: Picture, event: e.Event) -> Picture:
    return picture.edit("alarms", body.alarm_id, transferred_to=body.to)


@fold_rule.register
def _(body: e.AlarmCleared, picture: Picture, event: e.Event) -> Picture:
    return picture.drop("alarms", body.alarm_id)
