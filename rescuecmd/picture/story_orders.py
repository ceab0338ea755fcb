"""What is said of orders: cards and their answers, tasks, routes, SOS, alarms, notes."""

from rescuecmd.picture import events as e
from rescuecmd.picture.order import Card
from rescuecmd.picture.state import Picture
from rescuecmd.picture.telling import STEPS, Told, name_of, told_rule
from rescuecmd.text import Text

_RECEIPT = {"accepted": ("已接受", "accepted"), "declined": ("已拒绝", "declined")}
_REASON = {
    "engine": ("动力故障", "engine trouble"),
    "busy": ("正在执行任务", "busy"),
    "too_dangerous": ("风险过大", "too dangerous"),
    "cannot_reach": ("无法到达", "cannot reach"),
}


def _card(picture: Picture, card_id: str) -> tuple[Card | None, Text, Text]:
    card = picture.cards.get(card_id)
    if card is None:
        return None, Text(card_id, card_id), Text("", "")
    return card, name_of(picture, "terminals", card.terminal_id), card.content.title


@told_rule.register
def _(body: e.CardPushed, picture: Picture) -> Told:
    push = body.push
    units = [name_of(picture, "terminals", terminal_id) for terminal_id in push.terminal_ids]
    return "order", Text(
        f"推送预案「{push.title.zh}」→ {'、'.join(unit.zh for unit in units)}",
        f"Pushed “{push.title.en}” to {', '.join(unit.en for unit in units)}",
    )


@told_rule.register
def _(body: e.CardWithdrawn, picture: Picture) -> Told:
    _, unit, title = _card(picture, body.card_id)
    why = body.why or Text("", "")
    zh, en = f"撤回 {unit.zh} 的「{title.zh}」", f"Withdrawn from {unit.en}: “{title.en}”"
    return "order", Text(f"{zh}：{why.zh}" if why.zh else zh, f"{en} ({why.en})" if why.en else en)


@told_rule.register
def _(body: e.CardExpired, picture: Picture) -> Told:
    _, unit, title = _card(picture, body.card_id)
    return "order", Text(
        f"{unit.zh}未应答，「{title.zh}」已逾期", f"{unit.en} never answered: “{title.en}” has expired"
    )


@told_rule.register
def _(body: e.CardEscalated, picture: Picture) -> Told:
    if body.level not in {"supervisor", "second_channel"}:
        return None
    _, unit, title = _card(picture, body.card_id)
    zh, en = f"{unit.zh}未应答「{title.zh}」", f"{unit.en} has not answered “{title.en}”"
    if body.level == "supervisor":
        return "order", Text(f"{zh}，升级至{body.to.zh}", f"{en}: now with {body.to.en}")
    return "order", Text(f"{zh}，改用{body.to.zh}", f"{en}: use {body.to.en}")


@told_rule.register
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


@told_rule.register
def _(body: e.CardReminded, picture: Picture) -> Told:
    _, unit, title = _card(picture, body.card_id)
    return "order", Text(f"催办 {unit.zh}：「{title.zh}」", f"Reminded {unit.en}: “{title.en}”")


@told_rule.register
def _(body: e.TaskMoved, picture: Picture) -> Told:
    task = picture.tasks.get(body.task_id)
    if task is None or body.state not in STEPS:
        return None
    unit, (zh, en) = name_of(picture, "terminals", task.terminal_id), STEPS[body.state]
    return "answer", Text(f"{unit.zh}：任务{zh}", f"{unit.en}: task {en}")


@told_rule.register
def _(body: e.MovementJudged, picture: Picture) -> Told:
    task = picture.tasks.get(body.task_id)
    if task is None or body.movement != "none_yet":
        return None
    unit = name_of(picture, "terminals", task.terminal_id)
    return "answer", Text(f"{unit.zh}：已接受，尚未移动", f"{unit.en}: accepted, no movement yet")


@told_rule.register
def _(body: e.RouteSet, picture: Picture) -> Told:
    name, why = name_of(picture, "vessels", body.route.vessel_id), body.route.why
    verb = Text("改走新航线", "new route") if body.route.replaces else Text("航线", "route")
    return "route", Text(f"{name.zh}{verb.zh}：{why.zh}", f"{name.en} {verb.en}: {why.en}")


@told_rule.register
def _(body: e.RouteEnded, picture: Picture) -> Told:
    route = picture.routes.get(body.route_id)
    if route is None or body.state != "cut":
        return None
    name = name_of(picture, "vessels", route.vessel_id)
    return "route", Text(f"{name.zh}航线中断：{body.why.zh}", f"{name.en} route cut: {body.why.en}")


@told_rule.register
def _(body: e.AlternativeOffered, picture: Picture) -> Told:
    return "order", Text(f"建议改派：{body.offer.why.zh}", f"Next best: {body.offer.why.en}")


@told_rule.register
def _(body: e.SosRaised, picture: Picture) -> Told:
    unit = name_of(picture, "terminals", body.terminal_id)
    return "sos", Text(f"求救 SOS：{unit.zh}", f"SOS from {unit.en}")


@told_rule.register
def _(body: e.SosAcked, picture: Picture) -> Told:
    return "sos", Text("SOS 已确认", "SOS acknowledged")


@told_rule.register
def _(body: e.SosCancelled, picture: Picture) -> Told:
    return "sos", Text("SOS 已解除", "SOS cancelled")


@told_rule.register
def _(body: e.AlarmRaised, picture: Picture) -> Told:
    return "alarm", body.alarm.text


@told_rule.register
def _(body: e.AlarmTransferred, picture: Picture) -> Told:
    alarm = picture.alarms.get(body.alarm_id)
    if alarm is None:
        return None
    to = name_of(picture, "terminals", body.to)
    return "alarm", Text(f"{to.zh}接手：{alarm.text.zh}", f"{to.en} has taken on: {alarm.text.en}")


@told_rule.register
def _(body: e.NoteAdded, picture: Picture) -> Told:
    return "note", body.note.text
