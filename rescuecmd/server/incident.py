"""Routes of a live operation: what can be opened, open it, end it. For a commander who has signed in."""

import asyncio

from fastapi import APIRouter

from rescuecmd import library
from rescuecmd.errors import ForbiddenError, RescueError
from rescuecmd.picture.commands import EndOperation
from rescuecmd.server import wire
from rescuecmd.server.access import HostDep, LeaderDep, RunningDep
from rescuecmd.server.auth import Caller
from rescuecmd.server.views import LiveAnswer, UnitView
from rescuecmd.settings import Settings
from rescuecmd.text import Text

router = APIRouter(prefix="/api/live-operation", tags=["live operation"])


@router.get("")
async def look(host: HostDep, leader: LeaderDep) -> LiveAnswer:
    """Return what a live operation would be opened with: the rivers there are, and the units or what is wrong there."""
    return await asyncio.to_thread(_look, host.settings)


@router.post("/open")
async def open_(request: wire.OpenLiveRequest, host: HostDep, leader: LeaderDep) -> wire.OperationAnswer:
    """Open a live operation on a river; it ends a drill that runs, never a live one. A bad file changes nothing."""
    _check_signed_in(leader, host.settings)
    await host.open_live(request.river_id, leader.actor, request.title)
    return wire.OperationAnswer(operation_id=host.need_running().operation_id)


@router.post("/end")
async def end(request: wire.EndLiveRequest, running: RunningDep, leader: LeaderDep) -> wire.OperationAnswer:
    """End the live operation; its record stays and can be read and replayed, nothing more is ordered in it."""
    running.need_live()
    await running.order(leader.actor, EndOperation(Text(request.why, request.why)), request.op_id)
    return wire.OperationAnswer(operation_id=running.operation_id)


def _check_signed_in(caller: Caller, settings: Settings) -> None:
    """Refuse the key of a link: it would not be let into what it has opened."""
    if not caller.login and not settings.live_links:
        raise ForbiddenError("sign-in-needed", "a live operation is opened by a commander who has signed in")


def _look(settings: Settings) -> LiveAnswer:
    from rescuecmd.interop.unit_file import load_units  # noqa: PLC0415  (YAML, for who opens an operation)

    units: tuple[UnitView, ...] = ()
    problems: tuple[str, ...] = ()
    try:
        units = tuple(
            UnitView(id=unit.id, name=unit.name, agency=unit.agency, role=unit.role, terminal_id=unit.terminal_id)
            for unit in load_units(settings.units_file)
        )
    except RescueError as error:
        problems = tuple(error.message.splitlines())
    return LiveAnswer(rivers=tuple(library.names("rivers", own=settings.data)), units=units, problems=problems)
