"""Routes of enrolment: invite a device, let it in, let it open a session, shut it out."""

import asyncio
from contextlib import nullcontext
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response

from rescuecmd.picture.entity import Operation
from rescuecmd.server import passes
from rescuecmd.server.access import CallerDep, EnrollerDep, HostDep, RunningDep, address_of, paced, token_of
from rescuecmd.server.auth import Caller
from rescuecmd.server.base64url import decode
from rescuecmd.server.devices import Device, is_code, public_row
from rescuecmd.server.host import Host
from rescuecmd.server.qr import qr_picture
from rescuecmd.server.sessions import DEVICE_S, caller_with, holder

router = APIRouter(prefix="/api", tags=["access"])
_REFUSALS_SHOWN = 50


@router.get("/access")
async def access(request: Request, host: HostDep, running: RunningDep, caller: EnrollerDep) -> passes.AccessAnswer:
    """Return who is in, and what was refused."""
    doorman, operation = host.doorman, running.desk.picture.operation
    devices = await asyncio.to_thread(doorman.devices.of, running.operation_id)
    last = await asyncio.to_thread(doorman.refusals.last, _REFUSALS_SHOWN)
    connected = doorman.cords.holders()
    return passes.AccessAnswer(
        operation_id=running.operation_id,
        mode=operation.mode if operation else "",
        links_open=_links_open(host, operation),
        address=host.front.public_address(str(request.base_url)),
        pin=host.front.pin,
        server_time_s=doorman.register.now(),
        devices=tuple(_view(device, connected) for device in devices),
        refused=dict(doorman.refusals.counts),
        refusals=tuple(
            passes.RefusalView(time_s=x.time_s, code=x.code, who=x.who, what=x.what, address=x.address) for x in last
        ),
    )


def _links_open(host: Host, operation: Operation | None) -> bool:
    return operation is None or operation.mode == "drill" or host.settings.live_links


def _view(device: Device, connected: frozenset[str]) -> passes.DeviceView:
    return passes.DeviceView(**public_row(device), connected=f"device/{device.id}" in connected)


@router.post("/access/invites")
async def invite(
    request: Request, body: passes.InviteRequest, host: HostDep, running: RunningDep, caller: EnrollerDep
) -> passes.InviteAnswer:
    """Invite a device to hold a terminal: once, within ten minutes. What was invited for it before is void."""
    running.desk.picture.find("terminals", body.terminal_id)
    made = await asyncio.to_thread(
        host.doorman.devices.invite,
        body.terminal_id,
        operation_id=running.operation_id,
        by=caller.person,
        name=body.name,
        role=body.role,
    )
    pin = f"&pin={host.front.pin}" if host.front.pin else ""
    url = f"{host.front.public_address(str(request.base_url))}/enrol#s={made.secret}{pin}"
    return passes.InviteAnswer(
        id=made.id,
        terminal_id=made.terminal_id,
        role=made.role,
        name=made.name,
        url=url,
        qr=qr_picture(url),
        code=f"{made.code[:4]}-{made.code[4:]}",
        pin=host.front.pin,
        expires_s=made.expires_s,
    )


@router.post("/access/devices/{device_id}/confirm")
async def confirm(device_id: str, host: HostDep, caller: EnrollerDep) -> passes.DeviceView:
    """Let a device in whose check number is the same on both screens."""
    device = await asyncio.to_thread(host.doorman.devices.confirm, device_id, by=caller.person)
    return _view(device, host.doorman.cords.holders())


@router.post("/access/devices/{device_id}/revoke")
async def revoke(device_id: str, host: HostDep, caller: EnrollerDep) -> passes.DeviceView:
    """Shut a device out for good: its sockets and videos end at once."""
    device = await host.doorman.revoke(device_id, by=caller.person)
    return _view(device, host.doorman.cords.holders())


@router.post("/enrol", dependencies=[Depends(paced)])
async def enrol(request: Request, body: passes.EnrolRequest, host: HostDep) -> passes.EnrolAnswer:
    """Enrol a device with the secret of its invitation, which is burnt by it."""
    key = decode(body.key)
    expires_s = host.doorman.register.now() + host.settings.device_hours * 3600.0
    guarded = host.doorman.guessing("guess", address_of(request)) if is_code(body.secret) else nullcontext()
    with guarded:
        device = await asyncio.to_thread(
            host.doorman.devices.enrol, body.secret, key, expires_s=expires_s, name=body.name
        )
    return passes.EnrolAnswer(
        device_id=device.id,
        terminal_id=device.terminal_id,
        role=device.role,
        check=device.check,
        expires_s=device.expires_s,
    )


@router.post("/session/challenge", dependencies=[Depends(paced)])
async def challenge(body: passes.ChallengeRequest, host: HostDep) -> passes.ChallengeAnswer:
    """Give a device a number to sign, or say why it may not come in."""
    device = await asyncio.to_thread(host.doorman.devices.need_active, body.device_id)
    return passes.ChallengeAnswer(
        nonce=host.doorman.challenges.give(device.id), server_time_s=host.doorman.register.now()
    )


@router.post("/session", dependencies=[Depends(paced)])
async def session(body: passes.SessionRequest, host: HostDep) -> passes.SessionAnswer:
    """Open a session for a device that has signed its number. Its clock may be wrong: that is noted, not punished."""
    doorman = host.doorman
    device = await asyncio.to_thread(doorman.devices.need_active, body.device_id)
    doorman.challenges.take(device, body.nonce, decode(body.signature), device_time_ms=body.device_time_ms)
    skew_s = body.device_time_ms / 1000.0 - doorman.register.now()
    await asyncio.to_thread(doorman.devices.seen, device.id, skew_s=skew_s)
    return await open_session(host, caller_with(device), device.operation_id, life_s=DEVICE_S, skew_s=skew_s)


async def open_session(
    host: Host, caller: Caller, operation_id: str, *, life_s: float, skew_s: float = 0.0
) -> passes.SessionAnswer:
    """Open a session and return it as it travels."""
    token, opened = await asyncio.to_thread(
        host.doorman.sessions.open, caller, operation_id=operation_id, life_s=life_s
    )
    return passes.SessionAnswer(
        token=token,
        role=caller.role,
        name=caller.name,
        terminal_id=caller.terminal_id,
        operation_id=operation_id,
        expires_s=opened.expires_s,
        server_time_s=host.doorman.register.now(),
        skew_s=skew_s,
    )


@router.delete("/session")
async def leave(
    request: Request, host: HostDep, caller: CallerDep, key: Annotated[str, Query(max_length=100)] = ""
) -> Response:
    """Sign out: the session ends, and what hangs on it. A key of a link has none."""
    await asyncio.to_thread(host.doorman.sessions.close, token_of(request, key))
    if caller.session:
        await host.doorman.cords.pull(holder(caller))
    return Response(status_code=204)
