"""The server's own authority, for phones that do not trust it yet."""

import asyncio

from fastapi import APIRouter
from starlette.responses import Response

from rescuecmd.errors import NotFoundError
from rescuecmd.server import tls
from rescuecmd.server.access import HostDep
from rescuecmd.server.passes import TrustAnswer

router = APIRouter(tags=["access"])
CA_TYPE = "application/x-x509-ca-cert"


@router.get("/ca.crt", response_class=Response, responses={200: {"content": {CA_TYPE: {}}}})
async def authority(host: HostDep) -> Response:
    """Return the certificate of the server's authority, to be installed on a phone."""
    path = host.front.folder / tls.CA_CERT
    if not host.settings.tls or not await asyncio.to_thread(path.is_file):
        raise NotFoundError("no-tls", "this server has no authority of its own")
    body = await asyncio.to_thread(path.read_bytes)
    return Response(
        body, media_type=CA_TYPE, headers={"content-disposition": 'attachment; filename="rescuecmd-ca.crt"'}
    )


@router.get("/api/trust")
async def trust(host: HostDep) -> TrustAnswer:
    """Return what the trust page shows: whether there is an authority, and its fingerprint."""
    made = await asyncio.to_thread(tls.look, host.front.folder) if host.settings.tls else None
    return TrustAnswer(
        tls=made is not None,
        ca_fingerprint=made.ca_fingerprint if made else "",
        pin=made.fingerprint if made else "",
        names=made.names if made else (),
    )
