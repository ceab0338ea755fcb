"""Every failure as one JSON shape: {"error": {code, message, facts}} with the status of the error table."""

import logging
import math
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse

from rescuecmd.errors import ForbiddenError, InputError, RefusedError, RescueError
from rescuecmd.server.access import address_of, host_of
from rescuecmd.server.pace import TooManyError

_LOG = logging.getLogger("rescuecmd.server")
_CODES = {400: "bad-request", 404: "not-found", 405: "method-not-allowed", 406: "not-acceptable", 413: "too-large"}


def install(app: FastAPI) -> None:
    """Let `app` answer every failure in our shape."""
    app.add_exception_handler(RescueError, _ours)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(Exception, _unforeseen)


def body(error: RescueError) -> dict[str, object]:
    """Return the body of a failed answer."""
    return {"error": error.as_dict()}


def invalid_request(errors: list[Any]) -> InputError:
    """Return pydantic's complaints as one error of ours: every field, what was expected."""
    lines = tuple(f"{'.'.join(str(part) for part in item['loc'])}: {item['msg']}" for item in errors)
    return InputError("bad-request", "; ".join(lines) or "the request could not be read", faults=lines)


async def _ours(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RescueError)  # noqa: S101  (registered for this type)
    _LOG.info("%s %s refused: %s %s", request.method, request.url.path, error.code, error.message)
    refused = isinstance(error, (ForbiddenError, RefusedError, TooManyError))
    if refused and error.code != "not-confirmed":  # a phone that waits for its yes asks every second
        _note(request, error)
    after_s = error.facts.get("after_s")
    headers = {"retry-after": str(math.ceil(after_s))} if isinstance(after_s, float) else None
    return JSONResponse(body(error), error.outcome.http, headers=headers)


def _note(request: Request, error: RescueError) -> None:
    """Write a refusal down."""
    caller = getattr(request.state, "caller", None)
    host_of(request).doorman.refusals.note(
        error.code,
        who=caller.person if caller else "",
        what=f"{request.method} {request.url.path}",
        address=address_of(request),
    )


async def _invalid(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)  # noqa: S101
    return await _ours(request, invalid_request(list(error.errors())))


async def _http(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)  # noqa: S101
    code = _CODES.get(error.status_code, "http")
    detail = {"code": code, "message": f"{request.method} {request.url.path}: {error.detail}", "facts": {}}
    return JSONResponse({"error": detail}, error.status_code, headers=error.headers)


async def _unforeseen(request: Request, error: Exception) -> JSONResponse:
    _LOG.error("%s %s failed", request.method, request.url.path, exc_info=error)
    detail = {"code": "internal", "message": "the server made a mistake; its log says more", "facts": {}}
    return JSONResponse({"error": detail}, 500)
