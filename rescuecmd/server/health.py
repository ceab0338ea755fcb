"""Route of the server's own state. Without a key it says only that the server lives."""

from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Query
from starlette.requests import Request

from rescuecmd import __version__
from rescuecmd.errors import ForbiddenError
from rescuecmd.server import pages
from rescuecmd.server.access import HostDep, caller_of
from rescuecmd.server.views import HealthAnswer

if TYPE_CHECKING:
    from rescuecmd.server.operation import Running

router = APIRouter(prefix="/api", tags=["health"])


@router.get("/health")
async def health(request: Request, host: HostDep, key: Annotated[str, Query(max_length=100)] = "") -> HealthAnswer:
    """Return whether the server is well, and to a caller with a key what it runs."""
    try:
        caller_of(request, key)
        running = host.running
    except ForbiddenError:
        running = None
    picture = running.desk.picture if running else None
    operation = picture.operation if picture else None
    return HealthAnswer(
        ok=not host.problems,
        version=__version__,
        uptime_s=host.uptime_s,
        operation_id=running.operation_id if running else "",
        epoch=running.epoch if running else "",
        seq=picture.seq if picture else 0,
        drill_id=operation.drill_id if operation else "",
        drill_state=operation.state if operation else "",
        pages=pages.built(),
        connections=host.hub.connected,
        rss_bytes=host.rss_bytes(),
        problems=(*host.problems, *_feeds(running)) if running else (),
    )


def _feeds(running: "Running") -> tuple[str, ...]:
    """Return what is wrong with the gauges that are fetched; the server itself is well without them."""
    return tuple(f"gauge {gauge}: {what}" for gauge, what in sorted(running.feed_problems.items()))
