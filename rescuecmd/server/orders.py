"""Routes that write: commands, and the push of a plan card with its preview and picture."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query
from starlette.responses import Response

from rescuecmd.server import wire
from rescuecmd.server.access import CallerDep, HostDep, PusherDep, RunningDep, SignedDep
from rescuecmd.server.intake import read_command, with_second

router = APIRouter(prefix="/api", tags=["orders"])


@router.post("/commands")
async def commands(
    request: wire.CommandRequest, host: HostDep, running: RunningDep, caller: SignedDep
) -> wire.CommandAnswer:
    """Take one command. The answer comes when its events are durable; the same `op_id` again changes nothing."""
    host.doorman.pace.command(caller.person, request.name)
    command = read_command(request.name, request.body, caller, running.desk.picture)
    if host.settings.two_persons:
        command = with_second(command, request.op_id, running.desk.picture)
    events = await running.order(caller.actor, command, request.op_id, device_time_s=request.device_time_s)
    return wire.CommandAnswer(op_id=request.op_id, seqs=tuple(event.seq for event in events))


@router.post("/pushes")
async def pushes(request: wire.PushRequest, running: RunningDep, caller: PusherDep) -> wire.PushAnswer:
    """Push a plan card: every terminal's own version is made now, from the picture as it stands."""
    return await running.push(request, caller.actor)


@router.get("/plans")
async def plans(running: RunningDep, caller: PusherDep) -> wire.PlansAnswer:
    """Return the plan cards that can be pushed."""
    return wire.PlansAnswer(plans=running.plans())


@router.post("/pushes/preview")
async def preview(request: wire.PushRequest, running: RunningDep, caller: PusherDep) -> wire.PreviewAnswer:
    """Return what a push would send, and send nothing."""
    made = await running.make_push(request, caller.actor)
    cards = tuple(wire.PreviewCard(terminal_id=card.terminal_id, content=card.content) for card in made.cards)
    return wire.PreviewAnswer(cards=cards)


@router.get(
    "/cards/{push_id}/{terminal_id}/picture.svg",
    response_class=Response,
    responses={200: {"content": {"image/svg+xml": {}}}},
)
async def card_picture(
    push_id: str,
    terminal_id: str,
    *,
    running: RunningDep,
    caller: CallerDep,
    lang: Annotated[Literal["zh", "en"], Query()] = "zh",
    theme: Annotated[Literal["day", "night"], Query()] = "day",
) -> Response:
    """Return the approach or evacuation picture of one terminal's card, drawn for its position.

    The header `x-shows-s` gives the time of the operation that it shows, s: a picture that is kept grows old.
    """
    caller.need_view(caller.default_view, terminal_id)
    svg, shows_s = await running.card_picture(f"{push_id}/{terminal_id}", lang=lang, theme=theme)
    told = {"cache-control": "private, max-age=5", "x-shows-s": f"{shows_s:.1f}"}
    return Response(svg, media_type="image/svg+xml", headers=told)
