"""What a command of task groups and of support among units leads to."""

from collections.abc import Mapping

from rescuecmd.errors import InputError, RefusedError
from rescuecmd.picture import commands as c
from rescuecmd.picture import events as e
from rescuecmd.picture.entity import Group
from rescuecmd.picture.order import Note
from rescuecmd.picture.register import Support, SupportState
from rescuecmd.picture.ruling import Bodies, asks, decide_rule, fresh, needs
from rescuecmd.picture.state import Picture

NEXT_SUPPORT: Mapping[SupportState, tuple[SupportState, ...]] = {
    "requested": ("accepted", "cancelled"),
    "accepted": ("under_way", "on_scene", "done", "cancelled"),
    "under_way": ("on_scene", "done", "cancelled"),
    "on_scene": ("done", "cancelled"),
    "done": (),
    "cancelled": (),
}
_TERMINAL = "terminal/"

asks(c.FormGroup, e.GroupFormed, "group", "groups", new=True)


@decide_rule.register
def _(command: c.AddNote, picture: Picture, actor: c.Actor, now_s: float) -> Bodies:
    """Take a line of text; one said in a group goes to its members and to nobody else."""
    note = command.note
    if not note.id:
        raise InputError("no-id", "AddNote needs an id")
    fresh("notes", note.id, picture)
    return (e.NoteAdded(_to_group(picture, note, actor) if note.group_id else note),)


def _to_group(picture: Picture, note: Note, actor: c.Actor) -> Note:
    group: Group = picture.find("groups", note.group_id)
    if group.closed_s is not None:
        raise RefusedError("group-closed", f"the group {group.id} has ended")
    _member(group, actor)
    return Note(note.id, note.kind, note.text, group.terminal_ids, note.via, note.by, note.time_s, group.id)


def _member(group: Group, actor: c.Actor) -> None:
    terminal_id = actor.id.removeprefix(_TERMINAL) if actor.id.startswith(_TERMINAL) else ""
    if terminal_id and terminal_id not in group.terminal_ids:
        raise RefusedError("not-a-member", f"{terminal_id} is not in the group {group.id}", group=group.id)


@decide_rule.register
def _(command: c.ChangeGroup, picture: Picture, actor: c.Actor, now_s: float) -> Bodies:
    group: Group = picture.find("groups", command.group_id)
    members = tuple(dict.fromkeys(command.terminal_ids))
    needs(picture, "terminals", *members)
    if group.closed_s is not None:
        raise RefusedError("group-closed", f"the group {group.id} has ended")
    if not members:
        raise InputError("nobody", f"a group has at least one member; end {group.id} instead")
    return () if members == group.terminal_ids else (e.GroupChanged(group.id, members),)


@decide_rule.register
def _(command: c.CloseGroup, picture: Picture, actor: c.Actor, now_s: float) -> Bodies:
    group = picture.find("groups", command.group_id)
    return () if group.closed_s is not None else (e.GroupClosed(command.group_id),)


@decide_rule.register
def _(command: c.RequestSupport, picture: Picture, actor: c.Actor, now_s: float) -> Bodies:
    support = command.support
    if not support.id:
        raise InputError("no-id", "RequestSupport needs an id")
    fresh("supports", support.id, picture)
    terminal = picture.find("terminals", support.terminal_id)
    vessel = picture.vessels.get(terminal.vessel_id)
    fix = support.fix or (vessel.fix if vessel else None) or terminal.fix
    asked = Support(support.id, support.terminal_id, support.kind, support.text[:200], now_s, fix)
    return (e.SupportRequested(asked),)


@decide_rule.register
def _(command: c.MoveSupport, picture: Picture, actor: c.Actor, now_s: float) -> Bodies:
    support: Support = picture.find("supports", command.support_id)
    if support.state == command.state and command.helper_id in {"", support.helper_id}:
        return ()
    if command.state not in NEXT_SUPPORT[support.state]:
        step = f"it is {support.state} and cannot become {command.state}"
        raise RefusedError("bad-step", f"support {support.id}: {step}", state=support.state, helper=support.helper_id)
    helper = command.helper_id or support.helper_id
    if command.state == "accepted":
        needs(picture, "terminals", helper)
        if helper == support.terminal_id:
            raise RefusedError("own-request", f"{helper} asked for this support and cannot be the one to give it")
    elif helper != support.helper_id:
        raise RefusedError("not-the-helper", f"{support.helper_id or 'nobody'} gives support {support.id}")
    return (e.SupportMoved(support.id, command.state, helper),)
