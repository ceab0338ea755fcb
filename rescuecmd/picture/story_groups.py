"""What is said of task groups and of units that ask each other for support."""

from rescuecmd.picture import events as e
from rescuecmd.picture.state import Picture
from rescuecmd.picture.telling import STEPS, Told, name_of, told_rule
from rescuecmd.text import Text

_SUPPORT = {
    "boat": ("增派艇", "another boat"),
    "medical": ("医疗", "medics"),
    "rope": ("绳索组", "rope team"),
    "light": ("照明", "lights"),
    "fuel": ("燃油", "fuel"),
    "other": ("其他", "other"),
}


@told_rule.register
def _(body: e.GroupFormed, picture: Picture) -> Told:
    name, n = body.group.name, len(body.group.terminal_ids)
    return "order", Text(f"成立编组：{name.zh}，{n} 个单元", f"Group formed: {name.en}, {n} unit(s)")


@told_rule.register
def _(body: e.GroupChanged, picture: Picture) -> Told:
    name, n = name_of(picture, "groups", body.group_id), len(body.terminal_ids)
    return "order", Text(f"编组变更：{name.zh}，{n} 个单元", f"Group changed: {name.en}, {n} unit(s)")


@told_rule.register
def _(body: e.GroupClosed, picture: Picture) -> Told:
    name = name_of(picture, "groups", body.group_id)
    return "order", Text(f"编组结束：{name.zh}", f"Group ended: {name.en}")


@told_rule.register
def _(body: e.SupportRequested, picture: Picture) -> Told:
    unit, (zh, en) = name_of(picture, "terminals", body.support.terminal_id), _SUPPORT[body.support.kind]
    return "order", Text(f"{unit.zh}请求支援：{zh}", f"{unit.en} asks for support: {en}")


@told_rule.register
def _(body: e.SupportMoved, picture: Picture) -> Told:
    support = picture.supports.get(body.support_id)
    if support is None:
        return None
    asked, helper = name_of(picture, "terminals", support.terminal_id), name_of(picture, "terminals", body.helper_id)
    zh, en = STEPS.get(body.state, ("取消", "cancelled"))
    took_s = support.trail[-1].time_s - support.made_s if support.trail else 0.0
    return "answer", Text(
        f"{helper.zh}支援{asked.zh}：{zh}（{took_s:.0f} s）", f"{helper.en} supports {asked.en}: {en} ({took_s:.0f} s)"
    )
