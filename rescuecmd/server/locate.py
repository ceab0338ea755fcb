"""The locate link: a caller taps once, and the command knows where they are. No account, nothing to install.

The secret stands in the address that the caller was sent; here only its SHA-256 is kept, in the log, so that a link
survives a restart. What comes through it is a position, a count and a few words, and nothing else can be asked.
"""

import hashlib
import secrets
from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Request
from pydantic import Field

from rescuecmd.errors import ForbiddenError, RefusedError
from rescuecmd.picture.commands import Actor, LocateCaller, MakeLocateLink
from rescuecmd.picture.entity import Fix
from rescuecmd.picture.events import LocateLinkMade
from rescuecmd.picture.register import LocateLink
from rescuecmd.server import wire
from rescuecmd.server.access import HostDep, PusherDep, RunningDep, address_of
from rescuecmd.server.qr import qr_picture

if TYPE_CHECKING:
    from rescuecmd.picture.state import Picture

router = APIRouter(tags=["locate"])
SECRET_BYTES = 16
FOR_S = 1800.0
"""A link stands half an hour unless the commander says otherwise, s."""

Finite = Annotated[float, Field(allow_inf_nan=False)]


class LinkRequest(wire.Request):
    """Make a link; `contact` is a word for whom it is (the end of a phone number), `victim_id` a report it adds to."""

    op_id: wire.Id
    contact: Annotated[str, Field(max_length=40)] = ""
    victim_id: Annotated[str, Field(max_length=200)] = ""
    minutes: Annotated[float, Field(gt=0, le=1440)] = FOR_S / 60


class LinkAnswer(wire.Answer):
    """What is sent to the caller: the address, and the same as a QR code (a `data:` address)."""

    id: str
    path: str
    url: str
    qr: str
    expires_s: float


class LocateView(wire.Answer):
    """What the caller's page shows: whether the link is good, and the marking of a drill."""

    open: bool
    marking: str
    answers: int


class LocateRequest(wire.Request):
    """A position after consent: degrees (WGS 84), accuracy in m (68 %), and what the caller adds."""

    op_id: wire.Id
    lon_deg: Annotated[Finite, Field(ge=-180, le=180)]
    lat_deg: Annotated[Finite, Field(ge=-90, le=90)]
    accuracy_m: Annotated[Finite, Field(ge=0, le=1e6)]
    count: Annotated[int, Field(ge=1, le=5000)] = 1
    note: Annotated[str, Field(max_length=200)] = ""


@router.post("/api/locate")
async def make(body: LinkRequest, request: Request, running: RunningDep, caller: PusherDep) -> LinkAnswer:
    """Make a link for a caller. Its secret is in this answer and nowhere else."""
    secret = secrets.token_urlsafe(SECRET_BYTES)
    link_id, now_s = secrets.token_hex(4), running.clock.now_s()
    expires_s = now_s + body.minutes * 60
    link = LocateLink(link_id, digest_of(secret), body.contact, body.victim_id, caller.person, now_s, expires_s)
    events = await running.order(caller.actor, MakeLocateLink(link), body.op_id)
    made = [event.body for event in events if isinstance(event.body, LocateLinkMade)]
    if not made or made[0].link.id != link_id:
        raise RefusedError("op-id-taken", f"{body.op_id!r} has made its link already; ask for another one")
    path = f"/l/{secret}"
    url = f"{str(request.base_url).rstrip('/')}{path}"
    return LinkAnswer(id=link_id, path=path, url=url, qr=qr_picture(url), expires_s=expires_s)


@router.get("/api/locate/{secret}")
async def look(secret: str, request: Request, host: HostDep, running: RunningDep) -> LocateView:
    """Return whether a link is good."""
    link = _find(running.desk.picture, secret, address_of(request), host)
    operation = running.desk.picture.operation
    over = link.closed_s is not None or running.clock.now_s() >= link.expires_s
    return LocateView(open=not over, marking=operation.marking if operation else "", answers=link.answers)


@router.post("/api/locate/{secret}")
async def answer(secret: str, body: LocateRequest, request: Request, host: HostDep, running: RunningDep) -> LocateView:
    """Take a caller's position. It becomes a report, later ones sightings of the same."""
    link = _find(running.desk.picture, secret, address_of(request), host)
    host.doorman.pace.take("note", f"link/{link.id}")
    fix = Fix(body.lon_deg, body.lat_deg, running.clock.now_s(), body.accuracy_m, "report")
    command = LocateCaller(link.id, fix, body.count, body.note)
    await running.order(Actor(f"link/{link.id}"), command, f"link/{link.id}/{body.op_id}"[:200])
    return await look(secret, request, host, running)


def digest_of(secret: str) -> str:
    """Return what is kept of a link's secret."""
    return hashlib.sha256(secret.encode()).hexdigest()


def _find(picture: "Picture", secret: str, address: str, host: HostDep) -> LocateLink:
    """Return the link of a secret; who guesses is counted by address and soon refused."""
    host.doorman.pace.check("guess", f"locate/{address}")
    digest = digest_of(secret)
    found = [link for link in picture.links.values() if secrets.compare_digest(link.digest, digest)]
    if not found:
        host.doorman.pace.spend("guess", f"locate/{address}")
        raise ForbiddenError("link", "this link is not known here; call again")
    return found[0]
