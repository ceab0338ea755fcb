"""What an event of task groups and of support among units does to the picture."""

from collections.abc import Mapping
from dataclasses import replace

from rescuecmd.picture import events as e
from rescuecmd.picture.lifecycle import mark, sent_marks
from rescuecmd.picture.order import Stage
from rescuecmd.picture.register import Support, SupportState
from rescuecmd.picture.ruling import fold_rule, keeps
from rescuecmd.picture.state import Picture

_STEP: Mapping[SupportState, Stage] = {
    "requested": "offered",
    "accepted": "accepted",
    "under_way": "under_way",
    "on_scene": "on_scene",
    "done": "done",
    "cancelled": "withdrawn",
}

keeps(e.GroupFormed, "group", "groups")


@fold_rule.register
def _(body: e.GroupChanged, picture: Picture, event: e.Event) -> Picture:
    return picture.edit("groups", body.group_id, terminal_ids=body.terminal_ids)


@fold_rule.register
def _(body: e.GroupClosed, picture: Picture, event: e.Event) -> Picture:
    return picture.edit("groups", body.group_id, closed_s=event.time_s)


@fold_rule.register
def _(body: e.SupportRequested, picture: Picture, event: e.Event) -> Picture:
    return picture.put("supports", replace(body.support, trail=sent_marks(event)))


@fold_rule.register
def _(body: e.SupportMoved, picture: Picture, event: e.Event) -> Picture:
    support: Support | None = picture.supports.get(body.support_id)
    if support is None:
        return picture
    trail = (*support.trail, mark(event, _STEP[body.state]))
    return picture.put("supports", replace(support, state=body.state, helper_id=body.helper_id, trail=trail))
