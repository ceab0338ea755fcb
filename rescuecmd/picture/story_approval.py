"""What is said of what needs two people, and of who has the command."""

from rescuecmd.picture import events as e
from rescuecmd.picture.state import Picture
from rescuecmd.picture.telling import Told, told_rule
from rescuecmd.text import Text

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


@told_rule.register
def _(body: e.ApprovalAsked, picture: Picture) -> Told:
    asked = body.approval
    who, (zh, en) = asked.by_name or asked.by, _ASKED[asked.kind]
    if asked.kind == "hand_over":
        return "operation", Text(
            f"{who} {zh}，待办命令 {len(asked.card_ids)} 条", f"{who} {en}, {len(asked.card_ids)} pending"
        )
    return "operation", Text(f"{who} {zh}", f"{who} {en}")


@told_rule.register
def _(body: e.ApprovalAnswered, picture: Picture) -> Told:
    asked = picture.approvals.get(body.approval_id)
    if asked is None:
        return None
    (zh, en), (what_zh, what_en) = _ANSWERED[body.state], _ASKED[asked.kind]
    who = asked.answered_name or asked.answered_by
    return "operation", Text(f"{who}：{what_zh}，{zh}", f"{who}: {what_en}: {en}")


@told_rule.register
def _(body: e.CommandHandedOver, picture: Picture) -> Told:
    who = body.name or body.to
    return "operation", Text(f"指挥权已交接：{who}", f"The command is with {who} now")
