"""Routes of the picture and its timeline."""

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from rescuecmd.server import wire
from rescuecmd.server.access import CallerDep, HostDep, RunningDep, angle_of
from rescuecmd.server.frames import lines_after
from rescuecmd.server.views import StoryAnswer

router = APIRouter(prefix="/api", tags=["picture"])


@router.get("/picture", response_model=wire.Snapshot)
async def picture(host: HostDep, running: RunningDep, caller: CallerDep) -> Response:
    """Return the whole picture as the caller may see it."""
    angle = angle_of(caller)
    tick = await host.hub.tick_now(running)
    return Response(tick.snapshot(angle), media_type="application/json")


@router.get("/story", response_model=StoryAnswer)
async def story(running: RunningDep, caller: CallerDep, after: Annotated[int, Query(ge=0)] = 0) -> StoryAnswer:
    """Return the timeline after a sequence number, as far as it is for the caller."""
    await running.moment()
    angle = angle_of(caller)
    lines = [line for line in lines_after(running.story, after) if angle.hears(line, running.secrets)]
    told = tuple(wire.StoryLine(seq=x.seq, time_s=x.time_s, kind=x.kind, text=x.text) for x in lines)
    return StoryAnswer(seq=running.desk.picture.seq, story=told)
