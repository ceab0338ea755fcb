"""Routes of the video: WHEP (RFC draft-ietf-wish-whep) sessions and what each camera does."""

from dataclasses import replace
from functools import partial

from fastapi import APIRouter, Request
from starlette.responses import Response

from rescuecmd.errors import ForbiddenError, InputError
from rescuecmd.picture.state import Picture
from rescuecmd.server.access import CallerDep, HostDep, RunningDep, WatcherDep, angle_of
from rescuecmd.server.views import CamerasAnswer

router = APIRouter(tags=["video"])
_SDP = "application/sdp"


@router.post(
    "/whep/{camera_id}",
    status_code=201,
    response_class=Response,
    responses={201: {"content": {_SDP: {}}, "description": "the answer; Location names the session"}},
    openapi_extra={"requestBody": {"required": True, "content": {_SDP: {"schema": {"type": "string"}}}}},
)
async def offer(camera_id: str, request: Request, host: HostDep, running: RunningDep, caller: WatcherDep) -> Response:
    """Start to watch a camera: the body is an SDP offer, the answer an SDP answer."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip()
    if kind != _SDP:
        raise InputError("bad-request", f"expected the content type {_SDP}, got {kind or 'none'}")
    try:
        sdp = (await request.body()).decode()
    except UnicodeDecodeError:
        raise InputError("bad-request", "the offer is not UTF-8 text") from None
    need_room(running.desk.picture, camera_id, caller.terminal_id)
    hidden = angle_of(caller).hides(running.desk.picture)
    camera = running.desk.picture.cameras.get(camera_id)
    if hidden and camera and hidden("cameras", camera):
        raise ForbiddenError("not-shared", f"the camera {camera_id!r} is not shared with you", camera=camera_id)
    session_id, answer = await running.video.watch(camera_id, sdp)
    host.doorman.cords.watch(caller, session_id, partial(running.video.unwatch, session_id))
    return Response(answer, 201, media_type=_SDP, headers={"location": f"/whep/{camera_id}/{session_id}"})


def need_room(picture: Picture, camera_id: str, terminal_id: str) -> None:
    """Refuse a terminal a camera that is the video room of open groups of which it is in none.

    Raises
    ------
    ForbiddenError
        The camera is for a group's members.
    """
    rooms = [group for group in picture.groups.values() if group.closed_s is None and camera_id in group.camera_ids]
    if terminal_id and rooms and not any(terminal_id in group.terminal_ids for group in rooms):
        raise ForbiddenError("room", f"camera {camera_id} is for the members of {rooms[0].id}", camera=camera_id)


@router.delete("/whep/{camera_id}/{session_id}")
async def close(camera_id: str, session_id: str, host: HostDep, running: RunningDep, caller: CallerDep) -> Response:
    """Stop to watch; an unknown session is gone already, and somebody else's is not touched."""
    if host.doorman.cords.unwatch(caller, session_id):
        await running.video.unwatch(session_id)
    return Response(status_code=200)


@router.get("/api/cameras")
async def cameras(running: RunningDep, caller: WatcherDep) -> CamerasAnswer:
    """Return what each camera does."""
    view, picture = angle_of(caller).view(running.desk.picture), running.desk.picture
    shown = {key: camera for key, camera in picture.cameras.items() if view("cameras", camera)}
    return running.video.cameras(replace(picture, cameras=shown))
