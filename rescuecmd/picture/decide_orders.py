"""What a command about an order leads to: pushes, receipts, tasks, routes, SOS, alarms.

An order's life goes forward only. A step that was taken already gives no events; one that would go back is refused.
"""

from rescuecmd.errors import InputError, RefusedError
from rescuecmd.picture import commands as c
from rescuecmd.picture import events as e
from rescuecmd.picture.alarm import SILENCED_S, URGENT, alarm_state
from rescuecmd.picture.lifecycle import (
    ANSWERED,
    CARD_RANK,
    COPY_RANK,
    LEVEL_RANK,
    MOVEMENT_RANK,
    NEXT_TASK,
    taker_of,
)
from rescuecmd.picture.order import Alarm, Card, Copy, Task
from rescuecmd.picture.ruling import Bodies, decide_rule, fresh, needs, records
from rescuecmd.picture.state import Picture

SOFTWARE = "software"
"""Who acts by rule; what it takes back unseen is not gone yet."""

records(c.OfferAlternative, e.AlternativeOffered, "offer", "offers", new=True)
records(c.RaiseAlarm, e.AlarmRaised, "alarm", "alarms")


@decide_rule.register
def _(command: c.PushCard, picture: Picture, actor: c.Actor, now_s: float) -> Bodies:
    push = command.push
    fresh("pushes", push.id, picture)
    if not command.cards:
        raise InputError("nobody", f"plan {push.plan_id!r} was pushed to nobody; name at least one terminal")
    needs(picture, "terminals", *push.terminal_ids)
    needs(picture, "victims", *push.victim_ids)
    if sorted(card.terminal_id for card in command.cards) != sorted(push.terminal_ids):
        raise InputError("bad-push", "a push carries exactly one card for each of its terminals")
    return (e.CardPushed(push, command.cards, command.tasks, command.routes),)


@decide_rule.register
def _(command: c.WithdrawCard, picture: Picture, actor: c.Actor, now_s: float) -> Bodies:
    card = picture.find("cards", command.card_id)
    return () if card.state in {"declined", "withdrawn", "expired"} else (e.CardWithdrawn(card.id, command.why),)


@decide_rule.register
def _(command: c.ExpireCard, picture: Picture, actor: c.Actor, now_s: float) -> Bodies:
    card: Card = picture.find("cards", command.card_id)
    if CARD_RANK[card.state] >= ANSWERED:
        return ()
    if card.expires_s is None or now_s < card.expires_s:
        raise RefusedError("not-due", f"card {card.id} may still be answered", card=card.id)
    return (e.CardExpired(card.id),)


@decide_rule.register
def _(command: c.EscalateCard, picture: Picture, actor: c.Actor, now_s: float) -> Bodies:
    card: Card = picture.find("cards", command.card_id)
    if CARD_RANK[card.state] >= ANSWERED or LEVEL_RANK[card.level] >= LEVEL_RANK[command.level]:
        return ()
    return (e.CardEscalated(card.id, command.level, command.to),)


@decide_rule.register
def _(command: c.ConfirmCopy, picture: Picture, actor: c.Actor, now_s: float) -> Bodies:
    copy: Copy = picture.find("copies", command.copy_id)
    return (e.CopyConfirmed(copy.id, command.step),) if COPY_RANK[copy.state] < COPY_RANK[command.step] else ()


@decide_rule.register
def _(command: c.GiveReceipt, picture: Picture, actor: c.Actor, now_s: float) -> Bodies:
    card: Card = picture.find("cards", command.card_id)
    if card.state in {"withdrawn", "expired"} and command.receipt in {"accepted", "declined"}:
        past = "was withdrawn" if card.state == "withdrawn" else "has expired"
        raise RefusedError(card.state, f"card {card.id} {past}", card=card.id)
    if CARD_RANK[card.state] >= CARD_RANK[command.receipt]:
        if command.receipt in {"accepted", "declined"} and card.state != command.receipt:
            raise RefusedError("answered", f"card {card.id} was already {card.state}", state=card.state)
        return ()
    if command.receipt == "declined" and command.reason is None:
        raise InputError(
            "no-reason", "a declined card needs one of the reasons: engine, busy, too_dangerous, cannot_reach"
        )
    taker = taker_of(picture, card) if command.receipt == "accepted" else None
    if taker is not None:
        raise RefusedError("taken", f"{taker.terminal_id} has taken it already", terminal=taker.terminal_id)
    return (e.ReceiptGiven(card.id, command.receipt, command.reason),)


@decide_rule.register
def _(command: c.RemindCard, picture: Picture, actor: c.Actor, now_s: float) -> Bodies:
    card = picture.find("cards", command.card_id)
    return (e.CardReminded(card.id),) if CARD_RANK[card.state] < ANSWERED else ()


@decide_rule.register
def _(command: c.MoveTask, picture: Picture, actor: c.Actor, now_s: float) -> Bodies:
    task: Task = picture.find("tasks", command.task_id)
    if task.state == command.state:
        return ()
    if command.state not in NEXT_TASK[task.state]:
        raise RefusedError(
            "bad-step", f"task {task.id} is {task.state}; it cannot become {command.state}", state=task.state
        )
    return (e.TaskMoved(task.id, command.state),)


@decide_rule.register
def _(command: c.JudgeMovement, picture: Picture, actor: c.Actor, now_s: float) -> Bodies:
    task: Task = picture.find("tasks", command.task_id)
    if MOVEMENT_RANK[task.movement] >= MOVEMENT_RANK[command.movement]:
        return ()
    return (e.MovementJudged(task.id, command.movement),)


@decide_rule.register
def _(command: c.SetRoute, picture: Picture, actor: c.Actor, now_s: float) -> Bodies:
    route = command.route
    fresh("routes", route.id, picture)
    needs(picture, "vessels", route.vessel_id)
    if route.replaces:
        needs(picture, "routes", route.replaces)
    if len(route.waypoints) < 2:
        raise InputError("short-route", f"route {route.id} needs at least two waypoints")
    return (e.RouteSet(route),)


@decide_rule.register
def _(command: c.TimeRoute, picture: Picture, actor: c.Actor, now_s: float) -> Bodies:
    old = picture.find("routes", command.route.id)
    return (e.RouteTimed(command.route),) if old.state == "active" else ()


@decide_rule.register
def _(command: c.EndRoute, picture: Picture, actor: c.Actor, now_s: float) -> Bodies:
    route = picture.find("routes", command.route_id)
    return (e.RouteEnded(route.id, command.state, command.why),) if route.state == "active" else ()


@decide_rule.register
def _(command: c.AssessLimits, picture: Picture, actor: c.Actor, now_s: float) -> Bodies:
    card = picture.find("cards", command.card_id)
    return () if card.content.limits == command.limits else (e.LimitsAssessed(card.id, command.limits),)


@decide_rule.register
def _(command: c.RankSuggestions, picture: Picture, actor: c.Actor, now_s: float) -> Bodies:
    same = {s.id: s for s in command.suggestions} == dict(picture.suggestions)
    return () if same else (e.SuggestionsRanked(command.suggestions),)


@decide_rule.register
def _(command: c.RaiseSos, picture: Picture, actor: c.Actor, now_s: float) -> Bodies:
    terminal = picture.find("terminals", command.terminal_id)
    if command.sos_id in picture.soses:
        return ()
    vessel = picture.vessels.get(terminal.vessel_id)
    fix = command.fix or (vessel.fix if vessel else None) or terminal.fix
    return (e.SosRaised(command.sos_id, command.terminal_id, fix),)


@decide_rule.register
def _(command: c.AckSos, picture: Picture, actor: c.Actor, now_s: float) -> Bodies:
    sos = picture.find("soses", command.sos_id)
    return () if sos.acked_s is not None else (e.SosAcked(command.sos_id),)


@decide_rule.register
def _(command: c.CancelSos, picture: Picture, actor: c.Actor, now_s: float) -> Bodies:
    sos = picture.find("soses", command.sos_id)
    return () if sos.cancelled_s is not None else (e.SosCancelled(command.sos_id),)


@decide_rule.register
def _(command: c.RepeatSos, picture: Picture, actor: c.Actor, now_s: float) -> Bodies:
    sos = picture.find("soses", command.sos_id)
    return () if sos.cancelled_s is not None else (e.SosRepeated(command.sos_id),)


@decide_rule.register
def _(command: c.AckAlarm, picture: Picture, actor: c.Actor, now_s: float) -> Bodies:
    alarm: Alarm = picture.find("alarms", command.alarm_id)
    if alarm.rectified_s is not None:
        return e.AlarmAcked(alarm.id), e.AlarmCleared(alarm.id)
    return () if alarm.acked_s is not None else (e.AlarmAcked(alarm.id),)


@decide_rule.register
def _(command: c.ClearAlarm, picture: Picture, actor: c.Actor, now_s: float) -> Bodies:
    alarm: Alarm = picture.find("alarms", command.alarm_id)
    unseen = alarm.acked_s is None and not alarm.transferred_to
    if actor.id != SOFTWARE or alarm.priority not in URGENT or not unseen:
        return (e.AlarmCleared(alarm.id),)
    return () if alarm.rectified_s is not None else (e.AlarmRectified(alarm.id),)


@decide_rule.register
def _(command: c.SilenceAlarm, picture: Picture, actor: c.Actor, now_s: float) -> Bodies:
    alarm: Alarm = picture.find("alarms", command.alarm_id)
    if alarm.priority == "emergency":
        raise RefusedError("emergency", f"{alarm.id} is an emergency: it is heard until it is acknowledged")
    if alarm_state(alarm, now_s) != "unacknowledged":
        return ()
    return (e.AlarmSilenced(alarm.id, now_s + SILENCED_S),)


@decide_rule.register
def _(command: c.TransferAlarm, picture: Picture, actor: c.Actor, now_s: float) -> Bodies:
    alarm: Alarm = picture.find("alarms", command.alarm_id)
    if not command.to.strip():
        raise InputError("nobody", f"name who takes alarm {alarm.id} on")
    if alarm.rectified_s is not None or alarm.transferred_to == command.to:
        return ()
    return (e.AlarmTransferred(alarm.id, command.to),)
