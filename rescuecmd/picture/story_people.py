"""What is said of people: reported, aboard, ashore, merged, closed, counted, located."""

from rescuecmd.picture import events as e
from rescuecmd.picture.state import Picture
from rescuecmd.picture.telling import Told, name_of, told_rule
from rescuecmd.text import Text

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


@told_rule.register
def _(body: e.VictimReported, picture: Picture) -> Told:
    victim = body.victim
    return "victim", Text(
        f"接报：{victim.name.zh}，{victim.count} 人", f"Reported: {victim.name.en}, {victim.count} person(s)"
    )


@told_rule.register
def _(body: e.VictimsPickedUp, picture: Picture) -> Told:
    who, by = name_of(picture, "victims", body.victim_id), name_of(picture, "vessels", body.vessel_id)
    return "victim", Text(f"{by.zh}救起 {body.count} 人：{who.zh}", f"{by.en} picked up {body.count}: {who.en}")


@told_rule.register
def _(body: e.VictimsLanded, picture: Picture) -> Told:
    who, by = name_of(picture, "victims", body.victim_id), name_of(picture, "vessels", body.vessel_id)
    return "victim", Text(f"{by.zh}送 {body.count} 人上岸：{who.zh}", f"{by.en} landed {body.count}: {who.en}")


@told_rule.register
def _(body: e.VictimsLost, picture: Picture) -> Told:
    who = name_of(picture, "victims", body.victim_id)
    return "victim", Text(
        f"{who.zh}：{body.count} 人失踪，{body.why.zh}", f"{who.en}: {body.count} lost, {body.why.en}"
    )


@told_rule.register
def _(body: e.VictimsMerged, picture: Picture) -> Told:
    into, parts = name_of(picture, "victims", body.into), [name_of(picture, "victims", one) for one in body.victim_ids]
    zh, en = "、".join(part.zh for part in parts), ", ".join(part.en for part in parts)
    return "victim", Text(
        f"合并：{zh} → {into.zh}，共 {body.count} 人", f"Merged {en} into {into.en}: {body.count} in all"
    )


@told_rule.register
def _(body: e.VictimSplit, picture: Picture) -> Told:
    who = name_of(picture, "victims", body.victim_id)
    return "victim", Text(f"撤销合并：{who.zh}", f"Merge undone: {who.en}")


@told_rule.register
def _(body: e.VictimTriaged, picture: Picture) -> Told:
    if not body.category:
        return None
    who, (zh, en) = name_of(picture, "victims", body.victim_id), _TRIAGE[body.category]
    return "victim", Text(f"伤检分类 {who.zh}：{zh}", f"Triage {who.en}: {en}")


@told_rule.register
def _(body: e.VictimsHandedOver, picture: Picture) -> Told:
    who = name_of(picture, "victims", body.victim_id)
    return "victim", Text(f"{who.zh}：{body.count} 人移交急救", f"{who.en}: {body.count} to the ambulance")


@told_rule.register
def _(body: e.VictimClosed, picture: Picture) -> Told:
    who, (zh, en) = name_of(picture, "victims", body.victim_id), _CLOSED[body.reason]
    by = body.rescuer
    return "victim", Text(f"{by}结案 {who.zh}：{zh}", f"{by} closed {who.en}: {en}")


@told_rule.register
def _(body: e.VictimReopened, picture: Picture) -> Told:
    who = name_of(picture, "victims", body.victim_id)
    return "victim", Text(f"重新打开：{who.zh}", f"Opened again: {who.en}")


@told_rule.register
def _(body: e.HeadsCounted, picture: Picture) -> Told:
    counted = picture.head_counts.get(f"{body.where}/{body.unit_id}")
    if counted is None:
        return None
    unit = name_of(picture, "vessels" if body.where == "boat" else "terminals", body.unit_id)
    return "victim", Text(
        f"{unit.zh}清点 {body.count} 人（账面 {counted.book}）", f"{unit.en} counts {body.count} (book {counted.book})"
    )


@told_rule.register
def _(body: e.CallerLocated, picture: Picture) -> Told:
    link = picture.links.get(body.link_id)
    who = link.contact if link and link.contact else body.link_id
    within = f"±{body.fix.accuracy_m:.0f} m"
    return "victim", Text(f"来电人定位 {who}：{within}", f"Caller located {who}: {within}")
