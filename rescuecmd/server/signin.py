"""Routes of the command staff: register a passkey or a password, sign in."""

import asyncio
from urllib.parse import urlsplit

from fastapi import APIRouter, Depends, Request

from rescuecmd.server import passes
from rescuecmd.server.access import HostDep, address_of, paced
from rescuecmd.server.enrolment import open_session
from rescuecmd.server.host import Host
from rescuecmd.server.passkey import Site
from rescuecmd.server.qr import qr_picture
from rescuecmd.server.sessions import STAFF_S
from rescuecmd.server.staff import Member

router = APIRouter(prefix="/api/staff", tags=["access"], dependencies=[Depends(paced)])


def _site(request: Request) -> Site:
    """Return where the browser is. Its origin has passed the guard: it is the host that was asked."""
    origin = request.headers.get("origin") or str(request.base_url).rstrip("/")
    return Site(urlsplit(origin).hostname or "", origin)


async def _let_in(host: Host, member: Member) -> passes.SessionAnswer:
    return await open_session(host, member.caller, member.operation_id, life_s=STAFF_S)


@router.post("/invited")
async def invited(request: Request, body: passes.RegisterRequest, host: HostDep) -> passes.InvitedAnswer:
    """Return whose registration link this is."""
    member = await asyncio.to_thread(host.doorman.staff.invited, body.invite)
    return passes.InvitedAnswer(login=member.login, name=member.name, role=member.role)


@router.post("/passkey/options")
async def registration(request: Request, body: passes.RegisterRequest, host: HostDep) -> passes.TicketAnswer:
    """Return what a browser needs to make a passkey."""
    ticket, options = await asyncio.to_thread(host.doorman.passkeys.options, body.invite, _site(request))
    return passes.TicketAnswer(ticket=ticket, options=dict(options))


@router.post("/passkey")
async def register(request: Request, body: passes.PasskeyRegistration, host: HostDep) -> passes.SessionAnswer:
    """Keep a passkey and open a session; the link is used up."""
    member = await asyncio.to_thread(
        host.doorman.passkeys.register, body.invite, body.ticket, body.credential, _site(request)
    )
    return await _let_in(host, member)


@router.post("/password")
async def set_password(body: passes.PasswordRegistration, host: HostDep) -> passes.CodeAnswer:
    """Keep a password and show its one-time code; the link is used up."""
    member = await asyncio.to_thread(host.doorman.staff.invited, body.invite)
    async with host.doorman.hashing:
        otpauth = await asyncio.to_thread(host.doorman.passwords.keep, body.invite, body.password)
    return passes.CodeAnswer(login=member.login, otpauth=otpauth, qr=qr_picture(otpauth))


@router.post("/sign-in/options")
async def challenge(request: Request, host: HostDep) -> passes.TicketAnswer:
    """Return what a browser needs to sign in with a passkey."""
    ticket, options = await asyncio.to_thread(host.doorman.passkeys.challenge, _site(request))
    return passes.TicketAnswer(ticket=ticket, options=dict(options))


@router.post("/sign-in/passkey")
async def by_passkey(request: Request, body: passes.PasskeySignIn, host: HostDep) -> passes.SessionAnswer:
    """Open a session for who holds a passkey."""
    member = await asyncio.to_thread(host.doorman.passkeys.sign_in, body.ticket, body.credential, _site(request))
    return await _let_in(host, member)


@router.post("/sign-in/password")
async def by_password(request: Request, body: passes.PasswordSignIn, host: HostDep) -> passes.SessionAnswer:
    """Open a session for who knows a password and has its code; five failures in a quarter of an hour are enough."""
    doorman = host.doorman
    with doorman.guessing("sign-in", f"address/{address_of(request)}"), doorman.guessing("sign-in", body.login):
        async with doorman.hashing:
            member = await asyncio.to_thread(doorman.passwords.sign_in, body.login, body.password, body.code)
    return await _let_in(host, member)
