"""The application: routes, the live socket, failures in one shape, and the server's life from start to end."""

from functools import partial
from typing import Any

from fastapi import FastAPI
from starlette.types import Scope

from rescuecmd import __version__
from rescuecmd.errors import RescueError
from rescuecmd.server import (
    asyncapi,
    drill,
    enrolment,
    faults,
    gauges,
    health,
    incident,
    live,
    locate,
    openapi,
    orders,
    pages,
    replay,
    river,
    road,
    signin,
    state,
    trust,
    video,
    ways,
)
from rescuecmd.server.guard import Guard
from rescuecmd.server.host import Host
from rescuecmd.server.wire import FailureAnswer

_PARTS = (
    asyncapi, state, replay, road, river, ways, orders, gauges, video, drill, incident, enrolment, signin, trust,
    locate, health, live, pages,  # last: it takes every path that nothing else takes
)  # fmt: skip
_FAILURES: dict[int | str, dict[str, Any]] = {
    status: {"model": FailureAnswer} for status in (403, 404, 409, 413, 422, 429, 503)
}


def create_app(host: Host) -> FastAPI:
    """Return the application of a server whose state is `host`; who started the host also closes it."""
    app = bare_app()
    app.state.host = host
    app.add_middleware(Guard, max_body_bytes=host.settings.max_message_bytes, refused=partial(_note, host))
    return app


def _note(host: Host, error: RescueError, scope: Scope) -> None:
    """Write down what the guard has turned away, before anybody asked who it was."""
    address = (scope.get("client") or ("",))[0]
    host.doorman.refusals.note(error.code, who="", what=f"{scope['method']} {scope['path']}", address=address)


def bare_app() -> FastAPI:
    """Return the routes without a server behind them (enough for its description)."""
    app = FastAPI(title="rescuecmd", version=__version__, responses=_FAILURES, docs_url=None, redoc_url=None)
    faults.install(app)
    for part in _PARTS:
        app.include_router(part.router)
    app.openapi = lambda: openapi.describe(app)  # type: ignore[method-assign]
    return app
