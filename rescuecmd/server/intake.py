"""From a message of a stranger to a command of ours: read strictly, allowed by role, about one's own things only."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, get_args

import msgspec

from rescuecmd.errors import ForbiddenError, InputError, nearest, unknown
from rescuecmd.picture import commands as c
from rescuecmd.picture.decide_approval import second_person
from rescuecmd.picture.state import Picture
from rescuecmd.server.auth import Caller

COMMANDS: Mapping[str, type[Any]] = {command.__name__: command for command in get_args(c.Command)}


def read_command(name: str, body: Mapping[str, Any], caller: Caller, picture: Picture) -> Any:
    """Return the command that `body` spells, in the caller's name.

    Raises
    ------
    InputError
        The name or a field is unknown, or a value has the wrong form.
    ForbiddenError
        The caller's role may not send it, or it is about somebody else's boat, card or task.
    """
    if name not in COMMANDS:
        raise unknown("command", name, COMMANDS)
    if name not in caller.commands:
        raise ForbiddenError("command-role", f"{caller.role} may not send {name}", name=name, role=caller.role)
    command = _convert(COMMANDS[name], body)
    if caller.terminal_id:
        _own(command, caller.terminal_id, picture)
    return _signed(command, caller)


def with_second(command: Any, op_id: str, picture: Picture) -> Any:
    """Return what becomes of a staff's command: itself, or where one person is not enough, the asking for another."""
    digest = hashlib.sha256(op_id.encode()).hexdigest()[:12]
    return second_person(picture, command, f"approval-{digest}")


def _convert(kind: type[Any], body: Mapping[str, Any]) -> Any:
    try:
        command = msgspec.convert(body, kind)
    except (msgspec.ValidationError, OverflowError, RecursionError) as error:
        raise InputError("bad-command", f"{kind.__name__}: {error}", name=kind.__name__) from None
    _no_strays(kind.__name__, body, msgspec.to_builtins(command))
    return command


def _no_strays(where: str, given: Any, understood: Any) -> None:
    """Refuse a field that nobody would have read: it is a misspelt one."""
    if isinstance(given, Mapping) and isinstance(understood, Mapping):
        for key in given:
            if key not in understood:
                raise InputError("bad-command", f"{where} has no field {key!r}{nearest(key, understood)}")
            _no_strays(f"{where}.{key}", given[key], understood[key])
    elif isinstance(given, list) and isinstance(understood, list):
        for n, (item, known) in enumerate(zip(given, understood, strict=True)):
            _no_strays(f"{where}[{n}]", item, known)


def _own(command: Any, terminal_id: str, picture: Picture) -> None:
    """Refuse a terminal's command about what is not its own."""
    terminal = picture.find("terminals", terminal_id)
    mine = {terminal_id, terminal.vessel_id} - {""}
    about = _ABOUT[type(command)](command, picture)
    if not about <= mine:
        other = ", ".join(sorted(about - mine))
        raise ForbiddenError("not-yours", f"{type(command).__name__} is about {other}, not about {terminal_id}")


_ABOUT: Mapping[type[Any], Callable[[Any, Picture], set[str]]] = {
    c.GiveReceipt: lambda x, p: {p.find("cards", x.card_id).terminal_id},
    c.ConfirmCopy: lambda x, p: {p.find("copies", x.copy_id).terminal_id},
    c.MoveTask: lambda x, p: {p.find("tasks", x.task_id).terminal_id},
    c.RaiseSos: lambda x, _: {x.terminal_id},
    c.CancelSos: lambda x, p: {p.find("soses", x.sos_id).terminal_id},
    c.PickUpVictims: lambda x, _: {x.vessel_id},
    c.LandVictims: lambda x, _: {x.vessel_id},
    c.ReportPositions: lambda x, _: set(x.fixes),
    c.SetVesselState: lambda x, _: {x.vessel_id},
    c.RequestSupport: lambda x, _: {x.support.terminal_id},
    c.MoveSupport: lambda x, p: {_mover(x, p)},
    c.CountHeads: lambda x, _: {x.unit_id},
    c.TriageVictim: lambda *_: set(),
    c.HandOverVictims: lambda *_: set(),
    c.AddNote: lambda *_: set(),
    c.ReportVictim: lambda *_: set(),
}


def _mover(command: c.MoveSupport, picture: Picture) -> str:
    """Return whose step it is: who asked may cancel, who helps does the rest."""
    support = picture.find("supports", command.support_id)
    asked = command.state == "cancelled" and support.helper_id == ""
    terminal_id: str = support.terminal_id if asked else command.helper_id or support.helper_id
    return terminal_id


def _signed(command: Any, caller: Caller) -> Any:
    """Return the command with its author's name as we know it, whatever the message claimed."""
    if isinstance(command, c.AddNote):
        return c.AddNote(replace(command.note, by=caller.person))
    if isinstance(command, c.ReportVictim):
        source = command.victim.source or ("crew" if caller.terminal_id else "command")
        return c.ReportVictim(replace(command.victim, reported_by=caller.person, source=source))
    if isinstance(command, c.DrawZone):
        return c.DrawZone(replace(command.zone, made_by=caller.person))
    if isinstance(command, c.SightVictim) and command.source == "":
        return replace(command, source="command" if not caller.terminal_id else "crew")
    if isinstance(command, c.FormGroup):
        return c.FormGroup(replace(command.group, made_by=caller.person))
    return command
