"""What a command leads to: events, or a refusal with its reason. Nothing is changed here.

A command that asks for what already is (a second receipt, an alarm that stands) gives no events: it is done.
"""

from collections.abc import Mapping
from dataclasses import replace

from rescuecmd.errors import InputError, RefusedError
from rescuecmd.picture import commands as c
from rescuecmd.picture import decide_approval, decide_groups, decide_orders, decide_people, decide_water
from rescuecmd.picture import events as e
from rescuecmd.picture.entity import Fix
from rescuecmd.picture.order import Alarm
from rescuecmd.picture.ruling import Bodies, asks, decide_rule, names, needs, records
from rescuecmd.picture.state import Picture
from rescuecmd.text import Text

SUBJECTS = (decide_approval, decide_groups, decide_orders, decide_people, decide_water)
"""The modules whose rules are known because they are imported here."""

_EVEN_AFTER = (c.SeeTerminal, c.SetCamera, c.ReportRecordCut)  # the end of the operation


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
    if operation.state == "ended" and not isinstance(command, _EVEN_AFTER):
        raise RefusedError("ended", f"operation {operation.id!r} has ended; its log is closed to new orders")
    return decide_rule(command, picture, actor, now_s)


asks(c.EnrolTerminal, e.TerminalEnrolled, "terminal", "terminals", new=True)
records(c.JoinVessel, e.VesselJoined, "vessel", "vessels", new=True)
records(c.ReportHazard, e.HazardReported, "hazard", "hazards")
records(c.SetCamera, e.CameraSet, "camera", "cameras")
records(c.PlaceGauge, e.GaugePlaced, "gauge", "gauges", new=True)
names(c.ClearHazard, e.HazardCleared, "hazard_id", "hazards")
names(c.LiftZone, e.ZoneLifted, "zone_id", "zones")


@decide_rule.register
def _(command: c.SetClock, picture: Picture, actor: c.Actor, now_s: float) -> Bodies:
    operation = picture.operation
    if operation and operation.state == command.state and operation.speed == command.speed:
        return ()
    return (e.ClockSet(command.state, command.speed),)


@decide_rule.register
def _(command: c.NoteKnowledge, picture: Picture, actor: c.Actor, now_s: float) -> Bodies:
    known = {key: seq for key, seq in command.known.items() if key in picture.terminals and 0 < seq <= picture.seq}
    return (e.KnowledgeNoted(known),) if known else ()


@decide_rule.register
def _(command: c.ReportRecordCut, picture: Picture, actor: c.Actor, now_s: float) -> Bodies:
    kept, seen = command.kept_seq, command.witnessed_seq
    number = picture.operation.cuts + 1 if picture.operation else 1
    alarm = Alarm(f"record/{number}", "record", "emergency", _cut(kept, seen), "record", now_s)
    return (e.RecordCut(kept, seen), e.AlarmRaised(alarm))


def _cut(kept: int, seen: int) -> Text:
    if seen > kept:
        return Text(
            f"记录缺失：有人见过第 {seen} 条，本机只到第 {kept} 条，缺 {seen - kept} 条，请核对已下达的命令",
            f"Record cut: entry {seen} was seen, here it ends at {kept}; {seen - kept} are missing, check all orders",
        )
    return Text(
        f"记录被改：第 {seen} 条与此前见过的不同，请核对已下达的命令",
        f"Record changed: entry {seen} is not the one that was seen before, check all orders",
    )


@decide_rule.register
def _(command: c.EndOperation, picture: Picture, actor: c.Actor, now_s: float) -> Bodies:
    return (e.OperationEnded(command.why),)


@decide_rule.register
def _(command: c.SeeTerminal, picture: Picture, actor: c.Actor, now_s: float) -> Bodies:
    known = picture.find("terminals", command.terminal_id)
    if (known.people, known.robots) == (command.people, command.robots):
        return ()
    return (e.TerminalSeen(command.terminal_id, command.people, command.robots, command.seen_s),)


@decide_rule.register
def _(command: c.ReportPositions, picture: Picture, actor: c.Actor, now_s: float) -> Bodies:
    fixes = {}
    for mover, fix in _as_told(command.fixes, picture, now_s).items():
        if mover not in picture.vessels and mover not in picture.terminals:
            needs(picture, "vessels", mover)
        if not (-180 <= fix.lon_deg <= 180 and -90 <= fix.lat_deg <= 90 and fix.accuracy_m >= 0):
            raise InputError("bad-fix", f"{mover}: longitude {fix.lon_deg}, latitude {fix.lat_deg} is no position")
        entity = picture.vessels.get(mover) or picture.terminals.get(mover)
        if entity and (entity.fix is None or fix.time_s > entity.fix.time_s):
            fixes[mover] = fix
    return (e.PositionsReported(fixes),) if fixes else ()


def _as_told(fixes: Mapping[str, Fix], picture: Picture, now_s: float) -> Mapping[str, Fix]:
    """Return the fixes of a live operation with those of the boats whose terminal told its own: it is aboard.

    A phone whose clock is ahead would keep its own next fixes out; its fix is of now at the latest. In a drill the
    boats' positions and times come from the drill, wherever the phones that play them lie.
    """
    if picture.operation is None or picture.operation.mode == "drill":
        return fixes
    told = {mover: replace(fix, time_s=min(fix.time_s, now_s)) for mover, fix in fixes.items()}
    terminals = {mover: picture.terminals[mover] for mover in told if mover in picture.terminals}
    boats = {terminal.vessel_id: told[mover] for mover, terminal in terminals.items() if terminal.vessel_id}
    return {**boats, **told}


@decide_rule.register
def _(command: c.SetVesselState, picture: Picture, actor: c.Actor, now_s: float) -> Bodies:
    vessel = picture.find("vessels", command.vessel_id)
    if (vessel.state, vessel.state_why) == (command.state, command.why):
        return ()
    return (e.VesselStateSet(command.vessel_id, command.state, command.why),)
