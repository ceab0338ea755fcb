"""The story of an operation: one sentence in both languages for each event that a person would want to read.

Used by the wall's timeline, the log on the command line and the report, so that all three say the same words.
Positions, readings and other things that happen every second have no sentence.
"""

from dataclasses import dataclass
from functools import singledispatch
from typing import Any, Literal, TypeAlias

from rescuecmd.picture import events as e
from rescuecmd.picture.order import Card
from rescuecmd.picture.state import Picture
from rescuecmd.text import Text

StoryKind: TypeAlias = Literal[
    "operation", "water", "victim", "order", "answer", "route", "alarm", "sos", "hazard", "note", "unit"
]


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the timeline; ``time_s`` is on the operation's clock."""

    seq: int
    time_s: float
    kind: StoryKind
    text: Text


def tell(picture: Picture, event: e.Event) -> Line | None:
    """Return the line for an event, told from the picture *after* it; None where it is not worth a line."""
    told = _tell(event.body, picture)
    return Line(event.seq, event.time_s, *told) if told else None


Told: TypeAlias = "tuple[StoryKind, Text] | None"

_RECEIPT = {"accepted": ("已接受", "accepted"), "declined": ("已拒绝", "declined")}
_REASON = {
    "engine": ("动力故障", "engine trouble"),
    "busy": ("正在执行任务", "busy"),
    "too_dangerous": ("风险过大", "too dangerous"),
    "cannot_reach": ("无法到达", "cannot reach"),
}
_TASK = {
    "accepted": ("已受领", "taken"),
    "under_way": ("已出发", "under way"),
    "on_scene": ("到达现场", "on scene"),
    "done": ("完成", "done"),
    "aborted": ("中止", "aborted"),
}


_ZONE = {
    "no_go": Text("禁航区", "No-go zone"),
    "closed": Text("关闭", "Closed"),
    "lifted": Text("解除", "Lifted"),
}
_TRIAGE = {
    "minor": ("轻伤（绿）", "minor (green)"),
    "delayed": ("延后（黄）", "delayed (yellow)"),
    "immediate": ("立即（红）", "immediate (red)"),
    "deceased": ("死亡（黑）", "deceased (black)"),
}
_CLOSED = {
    "rescued": ("已获救", "rescued"),
    "handed_over": ("已移交", "handed over"),
    "left_alone": ("自行离开", "left by themselves"),
    "false_alarm": ("误报", "false alarm"),
    "deceased": ("遇难", "found dead"),
}
_SUPPORT = {
    "boat": ("增派艇", "another boat"),
    "medical": ("医疗", "medics"),
    "rope": ("绳索组", "rope team"),
    "light": ("照明", "lights"),
    "fuel": ("燃油", "fuel"),
    "other": ("其他", "other"),
}


def _name(picture: Picture, collection: str, entity_id: str) -> Text:
    entity = getattr(picture, collection).get(entity_id)
    return entity.name if entity is not None and entity.name else Text(entity_id, entity_id)


def _card(picture: Picture, card_id: str) -> tuple[Card | None, Text, Text]:
    card = picture.cards.get(card_id)
    if card is None:
        return None, Text(card_id, card_id), Text("", "")
    return card, _name(picture, "terminals", card.terminal_id), card.content.title


@singledispatch
def _tell(body: Any, picture: Picture) -> Told:
    return None


@_tell.register
def _(body: e.OperationOpened, picture: Picture) -> Told:
    title = body.operation.title
    return "operation", Text(f"行动开始：{title.zh}", f"Operation opened: {title.en}")


@_tell.register
def _(body: e.RecordRedacted, picture: Picture) -> Told:
    text = f"已删除 {body.count} 条记录中的个人信息", f"Personal details removed from {body.count} entries"
    return "operation", Text(*text)


@_tell.register
def _(body: e.ClockSet, picture: Picture) -> Told:
    words = Text("运行", "running") if body.state == "running" else Text("暂停", "paused")
    return "operation", Text(f"时钟{words.zh}，{body.speed:g} 倍速", f"Clock {words.en}, speed x{body.speed:g}")


@_tell.register
def _(body: e.OperationEnded, picture: Picture) -> Told:
    return "operation", Text(f"行动结束：{body.why.zh}", f"Operation ended: {body.why.en}")


@_tell.register
def _(body: e.VesselStateSet, picture: Picture) -> Told:
    if body.why is None:
        return None
    name = _name(picture, "vessels", body.vessel_id)
    return "unit", Text(f"{name.zh}：{body.why.zh}", f"{name.en}: {body.why.en}")


@_tell.register
def _(body: e.VictimReported, picture: Picture) -> Told:
    victim = body.victim
    return "victim", Text(
        f"接报：{victim.name.zh}，{victim.count} 人", f"Reported: {victim.name.en}, {victim.count} person(s)"
    )


@_tell.register
def _(body: e.VictimsPickedUp, picture: Picture) -> Told:
    who, by = _name(picture, "victims", body.victim_id), _name(picture, "vessels", body.vessel_id)
    return "victim", Text(f"{by.zh}救起 {body.count} 人：{who.zh}", f"{by.en} picked up {body.count}: {who.en}")


@_tell.register
def _(body: e.VictimsLanded, picture: Picture) -> Told:
    who, by = _name(picture, "victims", body.victim_id), _name(picture, "vessels", body.vessel_id)
    return "victim", Text(f"{by.zh}送 {body.count} 人上岸：{who.zh}", f"{by.en} landed {body.count}: {who.en}")


@_tell.register
def _(body: e.VictimsLost, picture: Picture) -> Told:
    who = _name(picture, "victims", body.victim_id)
    return "victim", Text(
        f"{who.zh}：{body.count} 人失踪，{body.why.zh}", f"{who.en}: {body.count} lost, {body.why.en}"
    )


@_tell.register
def _(body: e.VictimsMerged, picture: Picture) -> Told:
    into, parts = _name(picture, "victims", body.into), [_name(picture, "victims", one) for one in body.victim_ids]
    zh, en = "、".join(part.zh for part in parts), ", ".join(part.en for part in parts)
    return "victim", Text(
        f"合并：{zh} → {into.zh}，共 {body.count} 人", f"Merged {en} into {into.en}: {body.count} in all"
    )


@_tell.register
def _(body: e.VictimSplit, picture: Picture) -> Told:
    who = _name(picture, "victims", body.victim_id)
    return "victim", Text(f"撤销合并：{who.zh}", f"Merge undone: {who.en}")


@_tell.register
def _(body: e.VictimTriaged, picture: Picture) -> Told:
    if not body.category:
        return None
    who, (zh, en) = _name(picture, "victims", body.victim_id), _TRIAGE[body.category]
    return "victim", Text(f"伤检分类 {who.zh}：{zh}", f"Triage {who.en}: {en}")


@_tell.register
def _(body: e.VictimsHandedOver, picture: Picture) -> Told:
    who = _name(picture, "victims", body.victim_id)
    return "victim", Text(f"{who.zh}：{body.count} 人移交急救", f"{who.en}: {body.count} to the ambulance")


@_tell.register
def _(body: e.VictimClosed, picture: Picture) -> Told:
    who, (zh, en) = _name(picture, "victims", body.victim_id), _CLOSED[body.reason]
    by = body.rescuer
    return "victim", Text(f"{by}结案 {who.zh}：{zh}", f"{by} closed {who.en}: {en}")


@_tell.register
def _(body: e.VictimReopened, picture: Picture) -> Told:
    who = _name(picture, "victims", body.victim_id)
    return "victim", Text(f"重新打开：{who.zh}", f"Opened again: {who.en}")


@_tell.register
def _(body: e.HeadsCounted, picture: Picture) -> Told:
    counted = picture.head_counts.get(f"{body.where}/{body.unit_id}")
    if counted is None:
        return None
    unit = _name(picture, "vessels" if body.where == "boat" else "terminals", body.unit_id)
    return "victim", Text(
        f"{unit.zh}清点 {body.count} 人（账面 {counted.book}）", f"{unit.en} counts {body.count} (book {counted.book})"
    )


@_tell.register
def _(body: e.CallerLocated, picture: Picture) -> Told:
    link = picture.links.get(body.link_id)
    who = link.contact if link and link.contact else body.link_id
    within = f"±{body.fix.accuracy_m:.0f} m"
    return "victim", Text(f"来电人定位 {who}：{within}", f"Caller located {who}: {within}")


@_tell.register
def _(body: e.GroupChanged, picture: Picture) -> Told:
    name, n = _name(picture, "groups", body.group_id), len(body.terminal_ids)
    return "order", Text(f"编组变更：{name.zh}，{n} 个单元", f"Group changed: {name.en}, {n} unit(s)")


@_tell.register
def _(body: e.GroupClosed, picture: Picture) -> Told:
    name = _name(picture, "groups", body.group_id)
    return "order", Text(f"编组结束：{name.zh}", f"Group ended: {name.en}")


@_tell.register
def _(body: e.SupportRequested, picture: Picture) -> Told:
    unit, (zh, en) = _name(picture, "terminals", body.support.terminal_id), _SUPPORT[body.support.kind]
    return "order", Text(f"{unit.zh}请求支援：{zh}", f"{unit.en} asks for support: {en}")


@_tell.register
def _(body: e.SupportMoved, picture: Picture) -> Told:
    support = picture.supports.get(body.support_id)
    if support is None:
        return None
    asked, helper = _name(picture, "terminals", support.terminal_id), _name(picture, "terminals", body.helper_id)
    zh, en = _TASK.get(body.state, ("取消", "cancelled"))
    took_s = support.trail[-1].time_s - support.made_s if support.trail else 0.0
    return "answer", Text(
        f"{helper.zh}支援{asked.zh}：{zh}（{took_s:.0f} s）", f"{helper.en} supports {asked.en}: {en} ({took_s:.0f} s)"
    )


@_tell.register
def _(body: e.HazardReported, picture: Picture) -> Told:
    return "hazard", Text(f"险情：{body.hazard.name.zh}", f"Hazard: {body.hazard.name.en}")


@_tell.register
def _(body: e.ZoneDrawn, picture: Picture) -> Told:
    zone = body.zone
    if zone.kind in _ZONE:
        why = Text("", "") if zone.why is None else Text(f"：{zone.why.zh}", f": {zone.why.en}")
        words = {
            "no_go": Text("禁航区", "No-go zone"),
            "closed": Text("关闭", "Closed"),
            "lifted": Text("解除", "Lifted"),
        }
        what = words[zone.kind]
        return "order", Text(f"{what.zh}「{zone.name.zh}」{why.zh}", f"{what.en}: “{zone.name.en}”{why.en}")
    if zone.kind != "assumed_depth" or zone.why is None:
        return None
    zh = f"{zone.made_by} 假定未测水域「{zone.name.zh}」河床 {zone.bed_m:.2f} m：{zone.why.zh}"
    en = (
        f"{zone.made_by} takes the bed of unsurveyed water “{zone.name.en}” to lie at {zone.bed_m:.2f} m: {zone.why.en}"
    )
    return "order", Text(zh, en)


@_tell.register
def _(body: e.ZoneLifted, picture: Picture) -> Told:
    return "order", Text(f"撤销区域 {body.zone_id}", f"Zone taken back: {body.zone_id}")


@_tell.register
def _(body: e.ForecastIssued, picture: Picture) -> Told:
    if not body.readings:
        return None
    name, peak = _name(picture, "gauges", body.gauge_id), max(reading.level_m for reading in body.readings)
    return "water", Text(f"{name.zh}发布预报：最高 {peak:.2f} m", f"Forecast for {name.en}: up to {peak:.2f} m")


@_tell.register
def _(body: e.ReadingHeld, picture: Picture) -> Told:
    name, level = _name(picture, "gauges", body.gauge_id), body.reading.level_m
    zh = f"{name.zh}读数 {level:.2f} m 暂不采用：每小时变化 {body.rate_m_per_h:+.1f} m，待下一读数核实"
    en = f"{name.en}: {level:.2f} m held aside, {body.rate_m_per_h:+.1f} m an hour; waiting for the next reading"
    return "water", Text(zh, en)


@_tell.register
def _(body: e.GroupFormed, picture: Picture) -> Told:
    name, n = body.group.name, len(body.group.terminal_ids)
    return "order", Text(f"成立编组：{name.zh}，{n} 个单元", f"Group formed: {name.en}, {n} unit(s)")


@_tell.register
def _(body: e.CardPushed, picture: Picture) -> Told:
    push = body.push
    units = [_name(picture, "terminals", terminal_id) for terminal_id in push.terminal_ids]
    return "order", Text(
        f"推送预案「{push.title.zh}」→ {'、'.join(unit.zh for unit in units)}",
        f"Pushed “{push.title.en}” to {', '.join(unit.en for unit in units)}",
    )


@_tell.register
def _(body: e.CardWithdrawn, picture: Picture) -> Told:
    _, unit, title = _card(picture, body.card_id)
    why = body.why or Text("", "")
    zh, en = f"撤回 {unit.zh} 的「{title.zh}」", f"Withdrawn from {unit.en}: “{title.en}”"
    return "order", Text(f"{zh}：{why.zh}" if why.zh else zh, f"{en} ({why.en})" if why.en else en)


@_tell.register
def _(body: e.CardExpired, picture: Picture) -> Told:
    _, unit, title = _card(picture, body.card_id)
    return "order", Text(
        f"{unit.zh}未应答，「{title.zh}」已逾期", f"{unit.en} never answered: “{title.en}” has expired"
    )


@_tell.register
def _(body: e.CardEscalated, picture: Picture) -> Told:
    if body.level not in {"supervisor", "second_channel"}:
        return None
    _, unit, title = _card(picture, body.card_id)
    zh, en = f"{unit.zh}未应答「{title.zh}」", f"{unit.en} has not answered “{title.en}”"
    if body.level == "supervisor":
        return "order", Text(f"{zh}，升级至{body.to.zh}", f"{en}: now with {body.to.en}")
    return "order", Text(f"{zh}，改用{body.to.zh}", f"{en}: use {body.to.en}")


@_tell.register
def _(body: e.ReceiptGiven, picture: Picture) -> Told:
    if body.receipt not in _RECEIPT:
        return None
    card, unit, title = _card(picture, body.card_id)
    zh, en = _RECEIPT[body.receipt]
    why = _REASON[body.reason] if body.reason else ("", "")
    took = f"{card.answered_s - card.pushed_s:.0f} s" if card and card.answered_s is not None else ""
    return "answer", Text(
        f"{unit.zh}{zh}「{title.zh}」{f'：{why[0]}' if why[0] else ''}（{took}）",
        f"{unit.en} {en} “{title.en}”{f': {why[1]}' if why[1] else ''} ({took})",
    )


@_tell.register
def _(body: e.CardReminded, picture: Picture) -> Told:
    _, unit, title = _card(picture, body.card_id)
    return "order", Text(f"催办 {unit.zh}：「{title.zh}」", f"Reminded {unit.en}: “{title.en}”")


@_tell.register
def _(body: e.TaskMoved, picture: Picture) -> Told:
    task = picture.tasks.get(body.task_id)
    if task is None or body.state not in _TASK:
        return None
    unit, (zh, en) = _name(picture, "terminals", task.terminal_id), _TASK[body.state]
    return "answer", Text(f"{unit.zh}：任务{zh}", f"{unit.en}: task {en}")


@_tell.register
def _(body: e.MovementJudged, picture: Picture) -> Told:
    task = picture.tasks.get(body.task_id)
    if task is None or body.movement != "none_yet":
        return None
    unit = _name(picture, "terminals", task.terminal_id)
    return "answer", Text(f"{unit.zh}：已接受，尚未移动", f"{unit.en}: accepted, no movement yet")


@_tell.register
def _(body: e.RouteSet, picture: Picture) -> Told:
    name, why = _name(picture, "vessels", body.route.vessel_id), body.route.why
    verb = Text("改走新航线", "new route") if body.route.replaces else Text("航线", "route")
    return "route", Text(f"{name.zh}{verb.zh}：{why.zh}", f"{name.en} {verb.en}: {why.en}")


@_tell.register
def _(body: e.RouteEnded, picture: Picture) -> Told:
    route = picture.routes.get(body.route_id)
    if route is None or body.state != "cut":
        return None
    name = _name(picture, "vessels", route.vessel_id)
    return "route", Text(f"{name.zh}航线中断：{body.why.zh}", f"{name.en} route cut: {body.why.en}")


@_tell.register
def _(body: e.AlternativeOffered, picture: Picture) -> Told:
    return "order", Text(f"建议改派：{body.offer.why.zh}", f"Next best: {body.offer.why.en}")


@_tell.register
def _(body: e.SosRaised, picture: Picture) -> Told:
    unit = _name(picture, "terminals", body.terminal_id)
    return "sos", Text(f"求救 SOS：{unit.zh}", f"SOS from {unit.en}")


@_tell.register
def _(body: e.SosAcked, picture: Picture) -> Told:
    return "sos", Text("SOS 已确认", "SOS acknowledged")


@_tell.register
def _(body: e.SosCancelled, picture: Picture) -> Told:
    return "sos", Text("SOS 已解除", "SOS cancelled")


@_tell.register
def _(body: e.AlarmRaised, picture: Picture) -> Told:
    return "alarm", body.alarm.text


@_tell.register
def _(body: e.AlarmTransferred, picture: Picture) -> Told:
    alarm = picture.alarms.get(body.alarm_id)
    if alarm is None:
        return None
    to = _name(picture, "terminals", body.to)
    return "alarm", Text(f"{to.zh}接手：{alarm.text.zh}", f"{to.en} has taken on: {alarm.text.en}")


@_tell.register
def _(body: e.NoteAdded, picture: Picture) -> Told:
    return "note", body.note.text


_ASKED = {
    "hand_over": ("提请交接指挥权", "asks to hand over the command"),
    "abandon_search": ("提请放弃搜救", "asks to abandon a search"),
    "mass_recall": ("提请召回多艘艇", "asks to recall several units"),
}
_ANSWERED = {
    "approved": ("已批准", "approved"),
    "refused": ("未获批准", "refused"),
    "withdrawn": ("已撤回", "withdrawn"),
}


@_tell.register
def _(body: e.ApprovalAsked, picture: Picture) -> Told:
    asked = body.approval
    who, (zh, en) = asked.by_name or asked.by, _ASKED[asked.kind]
    if asked.kind == "hand_over":
        return "operation", Text(
            f"{who} {zh}，待办命令 {len(asked.card_ids)} 条", f"{who} {en}, {len(asked.card_ids)} pending"
        )
    return "operation", Text(f"{who} {zh}", f"{who} {en}")


@_tell.register
def _(body: e.ApprovalAnswered, picture: Picture) -> Told:
    asked = picture.approvals.get(body.approval_id)
    if asked is None:
        return None
    (zh, en), (what_zh, what_en) = _ANSWERED[body.state], _ASKED[asked.kind]
    who = asked.answered_name or asked.answered_by
    return "operation", Text(f"{who}：{what_zh}，{zh}", f"{who}: {what_en}: {en}")


@_tell.register
def _(body: e.CommandHandedOver, picture: Picture) -> Told:
    who = body.name or body.to
    return "operation", Text(f"指挥权已交接：{who}", f"The command is with {who} now")
