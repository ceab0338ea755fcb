"""The outer wall of the application: foreign origins, oversized bodies, and the headers that browsers honour."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from rescuecmd.errors import ForbiddenError, Outcome, RescueError

_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
# MapLibre starts its worker from a blob and Svelte sets style attributes; nothing is fetched from another address.
CONTENT_POLICY = "; ".join((
    "default-src 'none'",
    "script-src 'self'",
    "worker-src 'self' blob:",
    "style-src 'self'",
    "style-src-attr 'unsafe-inline'",
    "img-src 'self' data: blob:",
    "font-src 'self'",
    "media-src 'self' blob: mediastream:",
    "connect-src 'self'",
    "manifest-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
))  # fmt: skip


def with_style(source: str) -> str:
    """Return the policy of a page whose one inline style sheet is named by its hash, such as ``'sha256-...'``."""
    return CONTENT_POLICY.replace("style-src 'self'", f"style-src 'self' {source}", 1)


HEADERS = {
    "content-security-policy": CONTENT_POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "geolocation=(self), screen-wake-lock=(self), microphone=(), camera=(self)",
}


class TooLargeError(RescueError):
    """A body above the limit."""

    outcome = Outcome(http=413, close=1009, exit=2)


class Guard:
    """ASGI middleware around everything; it never looks at what a request means. Refusals are told to `refused`."""

    def __init__(self, app: ASGIApp, *, max_body_bytes: int, refused: Callable[[RescueError, Scope], None]) -> None:
        self._app = app
        self._max = max_body_bytes
        self._refused = refused

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        send = _with_headers(send)
        try:
            self._check(scope)
            if scope["method"] not in _SAFE_METHODS:
                receive = _replay(await self._read(receive), receive)
        except RescueError as error:
            self._refused(error, scope)
            answer = JSONResponse({"error": error.as_dict()}, error.outcome.http, headers={"connection": "close"})
            await answer(scope, receive, send)
            return
        await self._app(scope, receive, send)

    def _check(self, scope: Scope) -> None:
        headers = Headers(scope=scope)
        if scope["method"] not in _SAFE_METHODS:
            check_origin(headers)
        length = headers.get("content-length", "0")
        if not length.isascii() or not length.isdigit() or int(length) > self._max:
            raise self._too_large()

    async def _read(self, receive: Receive) -> bytes:
        """Return the whole body; bodies are small here, and a sender who goes on and on is cut off."""
        body = bytearray()
        more = True
        while more:
            message = await receive()
            body += message.get("body", b"")
            more = message.get("more_body", False)
            if len(body) > self._max:
                raise self._too_large()
        return bytes(body)

    def _too_large(self) -> TooLargeError:
        return TooLargeError("too-large", f"a body may have at most {self._max} bytes", limit_bytes=self._max)


def _replay(body: bytes, receive: Receive) -> Receive:
    """Return a `receive` that gives a body that was read already, then what follows."""
    given = False

    async def replay() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return replay


def check_origin(headers: Headers) -> None:
    """Refuse a browser that shows somebody else's page. Clients that are no browser send no Origin.

    Raises
    ------
    ForbiddenError
        The Origin is not the host that was asked.
    """
    origin = headers.get("origin")
    if origin is not None and urlsplit(origin).netloc.lower() != headers.get("host", "").lower():
        raise ForbiddenError("origin", f"requests from {origin} are not taken here", origin=origin)


def _with_headers(send: Send) -> Send:
    async def sender(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers: Any = MutableHeaders(scope=message)
            for name, value in HEADERS.items():
                headers.setdefault(name, value)
        await send(message)

    return sender
