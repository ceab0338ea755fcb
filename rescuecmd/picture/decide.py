"""What a command leads to: events, or a refusal with its reason. Nothing is changed here.

A command that asks for what already is (a second receipt, an alarm that stands) gives no events: it is done.
"""

from collections.abc import Callable
from functools import singledispatch
from typing import Any, TypeVar

from rescuecmd.errors import InputError, RefusedError
from rescuecmd.picture import commands as c
from rescuecmd.picture import events as e
from rescuecmd.picture.order import Card, CardState, Task, TaskState
from rescuecmd.picture.state import Picture

Bodies = tuple[e.Body, ...]
T = TypeVar("T")

# A receipt moves a card forward only; an answer is final.
_RANK: dict[CardState, int] = {
    "queued": 0,
    "delivered": 1,
    "displayed": 2,
    "accepted": 3,
    "declined": 3,
    "withdrawn": 4,
}
_NEXT: dict[TaskState, tuple[TaskState, ...]] = {
    "offered": ("accepted", "declined", "aborted", "done"),
    "accepted": ("under_way", "on_scene", "done", "aborted"),
    "under_way": ("on_scene", "done", "aborted"),
    "on_scene": ("under_way", "done", "aborted"),
    "done": (),
    "declined": (),
    "aborted": (),
}
OPEN_TASKS: tuple[TaskState, ...] = ("offered", "accepted", "under_way", "on_scene")


def decide(picture: Picture, command: c.Command, actor: c.Actor, now_s: float) -> Bodies:
    """Return the events that `command` leads to.

    Raises
    ------
    RefusedError
        Understood, but not allowed in the present state of the operation.
    InputError
        It names something that does not exist or contradicts itself.
    """
    operation = picture.operation
    if isinstance(command, c.OpenOperation):
        if operation is not None:
            raise RefusedError("already-open", f"operation {operation.id!r} is already open", operation=operation.id)
        return (e.OperationOpened(command.operation),)
    if operation is None:
        raise RefusedError("not-open", "no operation is open")
    if operation.state == "ended" and not isinstance(command, (c.SeeTerminal, c.SetCamera)):
        raise RefusedError("ended", f"operation {operation.id!r} has ended; its log is closed to new orders")
    return _decide(command, picture, actor, now_s)


@singledispatch
def _decide(command: Any, picture: Picture, actor: c.Actor, now_s: float) -> Bodies:
    plain = _PLAIN.get(type(command))
    if plain is None:
        raise InputError("unknown-command", f"expected a command, got {type(command).__name__}")
    return plain(picture, command)


def _fresh(collection: str, entity_id: str, picture: Picture) -> None:
    if entity_id in getattr(picture, collection):
        name = collection.removesuffix("s")
        raise RefusedError("exists", f"{name} {entity_id!r} exists already", id=entity_id)


def _needs(picture: Picture, collection: str, *ids: str) -> None:
    for entity_id in ids:
        picture.find(collection, entity_id)


def _simple(event: type[Any], field: str, collection: str, *, fresh: bool = False) -> Callable[[Picture, Any], Bodies]:
    """Return the rule for a command whose one entity is recorded as it is."""

    def rule(picture: Picture, command: Any) -> Bodies:
        entity = getattr(command, field)
        if not entity.id:
            raise InputError("no-id", f"{type(command).__name__} needs an id")
        if fresh:
            _fresh(collection, entity.id, picture)
        elif getattr(picture, collection).get(entity.id) == entity:
            return ()
        return (event(entity),)

    return rule


def _about(event: type[Any], field: str, collection: str) -> Callable[[Picture, Any], Bodies]:
    """Return the rule for a command that names one entity and says no more."""

    def rule(picture: Picture, command: Any) -> Bodies:
        entity_id = getattr(command, field)
        _needs(picture, collection, entity_id)
        return (event(entity_id),)

    return rule


_PLAIN: dict[type[Any], Callable[[Picture, Any], Bodies]] = {
    c.EnrolTerminal: _simple(e.TerminalEnrolled, "terminal", "terminals", fresh=True),
    c.JoinVessel: _simple(e.VesselJoined, "vessel", "vessels", fresh=True),
    c.ReportHazard: _simple(e.HazardReported, "hazard", "hazards"),
    c.ClearHazard: _about(e.HazardCleared, "hazard_id", "hazards"),
    c.DrawZone: _simple(e.ZoneDrawn, "zone", "zones"),
    c.LiftZone: _about(e.ZoneLifted, "zone_id", "zones"),
    c.SetCamera: _simple(e.CameraSet, "camera", "cameras"),
    c.PlaceGauge: _simple(e.GaugePlaced, "gauge", "gauges", fresh=True),
    c.FormGroup: _simple(e.GroupFormed, "group", "groups", fresh=True),
    c.OfferAlternative: _simple(e.AlternativeOffered, "offer", "offers", fresh=True),
    c.RaiseAlarm: _simple(e.AlarmRaised, "alarm", "alarms"),
    c.ClearAlarm: _about(e.AlarmCleared, "alarm_id", "alarms"),
    c.AddNote: _simple(e.NoteAdded, "note", "notes", fresh=True),
}


@_decide.register
def _(command: c.SetClock, picture: Picture, actor: c.Actor, now_s: float) -> Bodies:
    operation = picture.operation
    if operation and operation.state == command.state and operation.speed == command.speed:
        return ()
    return (e.ClockSet(command.state, command.speed),)


@_decide.register
def _(command: c.EndOperation, picture: Picture, actor: c.Actor, now_s: float) -> Bodies:
    return (e.OperationEnded(command.why),)


@_decide.register
def _(command: c.SeeTerminal, picture: Picture, actor: c.Actor, now_s: float) -> Bodies:
    known = picture.find("terminals", command.terminal_id)
    if (known.people, known.robots) == (command.people, command.robots):
        return ()
    return (e.TerminalSeen(command.terminal_id, command.people, command.robots, command.seen_s),)


@_decide.register
def _(command: c.ReportPositions, picture: Picture, actor: c.Actor, now_s: float) -> Bodies:
    fixes = {}
    for mover, fix in command.fixes.items():
        if mover not in picture.vessels and mover not in picture.terminals:
            _needs(picture, "vessels", mover)
        if not (-180 <= fix.lon_deg <= 180 and -90 <= fix.lat_deg <= 90 and fix.accuracy_m >= 0):
            raise InputError("bad-fix", f"{mover}: longitude {fix.lon_deg}, latitude {fix.lat_deg} is no position")
        entity = picture.vessels.get(mover) or picture.terminals.get(mover)
        if entity and (entity.fix is None or fix.time_s > entity.fix.time_s):
            fixes[mover] = fix
    return (e.PositionsReported(fixes),) if fixes else ()


@_decide.register
def _(command: c.SetVesselState, picture: Picture, actor: c.Actor, now_s: float) -> Bodies:
    vessel = picture.find("vessels", command.vessel_id)
    if (vessel.state, vessel.state_why) == (command.state, command.why):
        return ()
    return (e.VesselStateSet(command.vessel_id, command.state, command.why),)


@_decide.register
def _(command: c.SightVictim, picture: Picture, actor: c.Actor, now_s: float) -> Bodies:
    victim = picture.find("victims", command.victim_id)
    if victim.closed or command.fix.time_s < victim.fix.time_s:
        return ()
    return (e.VictimSighted(command.victim_id, command.fix),)


def _count(count: int, most: int, what: str) -> None:
    if not 1 <= count <= most:
        raise RefusedError("bad-count", f"{what}: expected 1 to {most} persons, got {count}", most=most)


@_decide.register
def _(command: c.ReportVictim, picture: Picture, actor: c.Actor, now_s: float) -> Bodies:
    """Take a first report; a second one may say that their need has changed (swept off), never how many they are."""
    told = command.victim
    known = picture.victims.get(told.id)
    if known is not None:
        counts = (known.count, known.aboard, known.safe, known.lost)
        if known.kind == told.kind or counts != (told.count, told.aboard, told.safe, told.lost):
            _fresh("victims", told.id, picture)
    return _simple(e.VictimReported, "victim", "victims")(picture, command)


@_decide.register
def _(command: c.PickUpVictims, picture: Picture, actor: c.Actor, now_s: float) -> Bodies:
    victim = picture.find("victims", command.victim_id)
    vessel = picture.find("vessels", command.vessel_id)
    _count(command.count, victim.waiting, f"{victim.id} picked up")
    _count(command.count, vessel.craft.seats - vessel.aboard, f"free seats of {vessel.id}")
    return (e.VictimsPickedUp(victim.id, vessel.id, command.count),)


@_decide.register
def _(command: c.LandVictims, picture: Picture, actor: c.Actor, now_s: float) -> Bodies:
    victim = picture.find("victims", command.victim_id)
    vessel = picture.find("vessels", command.vessel_id)
    _count(command.count, min(victim.aboard, vessel.aboard), f"{victim.id} landed from {vessel.id}")
    return (e.VictimsLanded(victim.id, vessel.id, command.count, command.place_id),)


@_decide.register
def _(command: c.ClearVictims, picture: Picture, actor: c.Actor, now_s: float) -> Bodies:
    victim = picture.find("victims", command.victim_id)
    _count(command.count, victim.waiting, f"{victim.id} cleared")
    return (e.VictimsCleared(victim.id, command.count),)


@_decide.register
def _(command: c.LoseVictims, picture: Picture, actor: c.Actor, now_s: float) -> Bodies:
    victim = picture.find("victims", command.victim_id)
    _count(command.count, victim.waiting, f"{victim.id} lost")
    return (e.VictimsLost(victim.id, command.count, command.why),)


@_decide.register
def _(command: c.ReadGauge, picture: Picture, actor: c.Actor, now_s: float) -> Bodies:
    gauge = picture.find("gauges", command.gauge_id)
    if gauge.recent and command.reading.time_s <= gauge.recent[-1].time_s:
        return ()
    return (e.GaugeRead(command.gauge_id, command.reading),)


@_decide.register
def _(command: c.IssueForecast, picture: Picture, actor: c.Actor, now_s: float) -> Bodies:
    _needs(picture, "gauges", command.gauge_id)
    times = [reading.time_s for reading in command.readings]
    if times != sorted(set(times)):
        raise InputError("bad-forecast", f"forecast for {command.gauge_id}: times must increase")
    return (e.ForecastIssued(command.gauge_id, command.issued_s, command.readings),)


@_decide.register
def _(command: c.AssessWater, picture: Picture, actor: c.Actor, now_s: float) -> Bodies:
    return (e.WaterAssessed(command.outlooks),) if command.outlooks else ()


@_decide.register
def _(command: c.CloseGroup, picture: Picture, actor: c.Actor, now_s: float) -> Bodies:
    group = picture.find("groups", command.group_id)
    return () if group.closed_s is not None else (e.GroupClosed(command.group_id),)


@_decide.register
def _(command: c.PushCard, picture: Picture, actor: c.Actor, now_s: float) -> Bodies:
    push = command.push
    _fresh("pushes", push.id, picture)
    if not command.cards:
        raise InputError("nobody", f"plan {push.plan_id!r} was pushed to nobody; name at least one terminal")
    _needs(picture, "terminals", *push.terminal_ids)
    _needs(picture, "victims", *push.victim_ids)
    if sorted(card.terminal_id for card in command.cards) != sorted(push.terminal_ids):
        raise InputError("bad-push", "a push carries exactly one card for each of its terminals")
    return (e.CardPushed(push, command.cards, command.tasks, command.routes),)


@_decide.register
def _(command: c.WithdrawCard, picture: Picture, actor: c.Actor, now_s: float) -> Bodies:
    card = picture.find("cards", command.card_id)
    return () if card.state in {"declined", "withdrawn"} else (e.CardWithdrawn(card.id),)


@_decide.register
def _(command: c.GiveReceipt, picture: Picture, actor: c.Actor, now_s: float) -> Bodies:
    card: Card = picture.find("cards", command.card_id)
    if card.state == "withdrawn" and command.receipt in {"accepted", "declined"}:
        raise RefusedError("withdrawn", f"card {card.id} was withdrawn", card=card.id)
    if _RANK[card.state] >= _RANK[command.receipt]:
        if command.receipt in {"accepted", "declined"} and card.state != command.receipt:
            raise RefusedError("answered", f"card {card.id} was already {card.state}", state=card.state)
        return ()
    if command.receipt == "declined" and command.reason is None:
        raise InputError(
            "no-reason", "a declined card needs one of the reasons: engine, busy, too_dangerous, cannot_reach"
        )
    return (e.ReceiptGiven(card.id, command.receipt, command.reason),)


@_decide.register
def _(command: c.RemindCard, picture: Picture, actor: c.Actor, now_s: float) -> Bodies:
    card = picture.find("cards", command.card_id)
    return (e.CardReminded(card.id),) if _RANK[card.state] < _RANK["accepted"] else ()


@_decide.register
def _(command: c.MoveTask, picture: Picture, actor: c.Actor, now_s: float) -> Bodies:
    task: Task = picture.find("tasks", command.task_id)
    if task.state == command.state:
        return ()
    if command.state not in _NEXT[task.state]:
        raise RefusedError(
            "bad-step", f"task {task.id} is {task.state}; it cannot become {command.state}", state=task.state
        )
    return (e.TaskMoved(task.id, command.state),)


@_decide.register
def _(command: c.SetRoute, picture: Picture, actor: c.Actor, now_s: float) -> Bodies:
    route = command.route
    _fresh("routes", route.id, picture)
    _needs(picture, "vessels", route.vessel_id)
    if route.replaces:
        _needs(picture, "routes", route.replaces)
    if len(route.waypoints) < 2:
        raise InputError("short-route", f"route {route.id} needs at least two waypoints")
    return (e.RouteSet(route),)


@_decide.register
def _(command: c.EndRoute, picture: Picture, actor: c.Actor, now_s: float) -> Bodies:
    route = picture.find("routes", command.route_id)
    return (e.RouteEnded(route.id, command.state, command.why),) if route.state == "active" else ()


@_decide.register
def _(command: c.AssessLimits, picture: Picture, actor: c.Actor, now_s: float) -> Bodies:
    card = picture.find("cards", command.card_id)
    return () if card.content.limits == command.limits else (e.LimitsAssessed(card.id, command.limits),)


@_decide.register
def _(command: c.RankSuggestions, picture: Picture, actor: c.Actor, now_s: float) -> Bodies:
    same = {s.id: s for s in command.suggestions} == dict(picture.suggestions)
    return () if same else (e.SuggestionsRanked(command.suggestions),)


@_decide.register
def _(command: c.RaiseSos, picture: Picture, actor: c.Actor, now_s: float) -> Bodies:
    terminal = picture.find("terminals", command.terminal_id)
    if command.sos_id in picture.soses:
        return ()
    vessel = picture.vessels.get(terminal.vessel_id)
    fix = command.fix or (vessel.fix if vessel else None) or terminal.fix
    return (e.SosRaised(command.sos_id, command.terminal_id, fix),)


@_decide.register
def _(command: c.AckSos, picture: Picture, actor: c.Actor, now_s: float) -> Bodies:
    sos = picture.find("soses", command.sos_id)
    return () if sos.acked_s is not None else (e.SosAcked(command.sos_id),)


@_decide.register
def _(command: c.CancelSos, picture: Picture, actor: c.Actor, now_s: float) -> Bodies:
    sos = picture.find("soses", command.sos_id)
    return () if sos.cancelled_s is not None else (e.SosCancelled(command.sos_id),)


@_decide.register
def _(command: c.AckAlarm, picture: Picture, actor: c.Actor, now_s: float) -> Bodies:
    alarm = picture.find("alarms", command.alarm_id)
    return () if alarm.acked_s is not None else (e.AlarmAcked(command.alarm_id),)
