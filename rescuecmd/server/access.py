"""What every route asks first: which server, which operation, who calls, and may they."""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Annotated

from fastapi import Depends, Header, Query
from starlette.requests import HTTPConnection, Request

from rescuecmd.errors import ForbiddenError, InputError
from rescuecmd.server.auth import Caller
from rescuecmd.server.base64url import decode
from rescuecmd.server.devices import verify
from rescuecmd.server.frames import Angle
from rescuecmd.server.roles import Act
from rescuecmd.server.sessions import request_text

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
        No key or an unknown one, or one that this operation does not take.
    """
    host = host_of(connection)
    operation = host.running.desk.picture.operation if host.running else None
    caller = host.doorman.caller(
        token_of(connection, key),
        operation_id=operation_of(connection),
        live=operation is not None and operation.mode == "live",
    ).on_duty(operation.in_command if operation else "")
    connection.state.caller = caller
    return caller


def operation_of(connection: HTTPConnection) -> str:
    """Return the id of the operation that is open; empty when none is."""
    running = host_of(connection).running
    operation = running.desk.picture.operation if running else None
    return operation.id if operation else ""


def token_of(connection: HTTPConnection, key: str) -> str:
    """Return the key or token that a request carries.

    Raises
    ------
    ForbiddenError
        The Authorization is of another scheme.
    """
    scheme, _, token = connection.headers.get("authorization", "").partition(" ")
    if scheme and scheme.lower() != "bearer":
        raise ForbiddenError("key", f"expected the scheme Bearer, got {scheme!r}")
    return token.strip() or key


def angle_of(caller: Caller) -> Angle:
    """Return the eyes of a caller in the view of their role.

    Raises
    ------
    ForbiddenError
        The role has no view.
    """
    caller.need_view(caller.default_view)
    return Angle(caller.default_view, caller.terminal_id, agency=caller.agency, limited=caller.role == "volunteer")


def address_of(connection: HTTPConnection) -> str:
    """Return the network address of the other side. No header is asked: anybody can write ``X-Forwarded-For``."""
    return connection.client.host if connection.client else ""


async def paced(connection: HTTPConnection) -> None:
    """Let strangers in one after the other: what needs no key is counted for each address.

    Raises
    ------
    TooManyError
        This address asks too often.
    """
    host_of(connection).doorman.pace.take("stranger", address_of(connection))


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


async def signed_of(
    request: Request, caller: CallerDep, signature: Annotated[str, Header(alias="x-signature", max_length=200)] = ""
) -> Caller:
    """Return the caller of a writing request; a device must have signed it.

    Raises
    ------
    ForbiddenError
        A device's signature is missing or wrong: a stolen token alone commands nothing.
    """
    if caller.device_id:
        key = host_of(request).doorman.devices.find(caller.device_id).key
        text = request_text(token_of(request, ""), request.method, request.url.path, await request.body())
        try:
            verify(key, decode(signature), text)
        except InputError:
            raise ForbiddenError("signature", "a device signs what it sends; x-signature is not base64url") from None
    return caller


SignedDep = Annotated[Caller, Depends(signed_of)]


def may(act: Act) -> Callable[[Caller], Awaitable[Caller]]:
    """Return a dependency: the caller, if their role may do this."""

    async def allowed(caller: CallerDep) -> Caller:
        caller.need(act)
        return caller

    return allowed


LeaderDep = Annotated[Caller, Depends(may("run-live"))]
EnrollerDep = Annotated[Caller, Depends(may("enrol"))]
PusherDep = Annotated[Caller, Depends(may("push"))]
WatcherDep = Annotated[Caller, Depends(may("watch"))]
TrainerDep = Annotated[Caller, Depends(may("run-drill"))]
ControllerDep = Annotated[Caller, Depends(may("steer-drill"))]
GaugerDep = Annotated[Caller, Depends(may("read-gauges"))]
ScorerDep = Annotated[Caller, Depends(may("see-drill"))]
