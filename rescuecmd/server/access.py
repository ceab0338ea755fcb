"""What every route asks first: which server, which operation, who calls."""

from typing import TYPE_CHECKING, Annotated

from fastapi import Depends, Query
from starlette.requests import HTTPConnection

from rescuecmd.errors import ForbiddenError
from rescuecmd.server.auth import Caller

if TYPE_CHECKING:
    from rescuecmd.server.host import Host
    from rescuecmd.server.operation import Running


def host_of(connection: HTTPConnection) -> "Host":
    """Return the server's state."""
    host: Host = connection.app.state.host
    return host


def caller_of(connection: HTTPConnection, key: Annotated[str, Query(max_length=100)] = "") -> Caller:
    """Return who calls, by ``Authorization: Bearer`` or ``?key=``.

    Raises
    ------
    ForbiddenError
        No key or an unknown one.
    """
    scheme, _, token = connection.headers.get("authorization", "").partition(" ")
    if scheme and scheme.lower() != "bearer":
        raise ForbiddenError("key", f"expected the scheme Bearer, got {scheme!r}")
    return host_of(connection).keyring.caller(token.strip() or key)


async def running_of(connection: HTTPConnection) -> "Running":
    """Return the running operation; waits for one that is being opened as the server starts.

    Raises
    ------
    RefusedError
        No operation is open; a trainer can load a drill.
    """
    host = host_of(connection)
    await host.opened()
    return host.need_running()


CallerDep = Annotated[Caller, Depends(caller_of)]
RunningDep = Annotated["Running", Depends(running_of)]
HostDep = Annotated["Host", Depends(host_of)]


def trainer_of(caller: CallerDep) -> Caller:
    """Return the caller if it is the trainer."""
    caller.need("trainer")
    return caller


def commander_of(caller: CallerDep) -> Caller:
    """Return the caller if it is the commander."""
    caller.need("commander")
    return caller


TrainerDep = Annotated[Caller, Depends(trainer_of)]
CommanderDep = Annotated[Caller, Depends(commander_of)]
