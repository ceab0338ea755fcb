"""The AsyncAPI document of the live socket, and `python -m rescuecmd.server.asyncapi > asyncapi.json`.

It is made from the same types as the OpenAPI document; a test holds recorded traffic against it.
"""

import json
import sys
from typing import Any

from fastapi import APIRouter, FastAPI, Request

from rescuecmd.server import openapi

_PATH = "/api/live"
_ORDER = """\
1. Who names its `device` and has no session is sent a `challenge` and answers it with a signed `here`. Then the server
   says `hello`: epoch, tick and, for an enrolled device, the number that it signs with.
2. Then comes a `snapshot`, or a `delta` where the client named the `epoch` and the sequence it `have`s.
3. Each `delta` goes on from `after`; `put` replaces, `drop` removes, of what is in `moved` only the fix is new. A delta
   whose `seq` is not beyond one's own is the heartbeat or came by the slower road: it changes nothing.
4. A delta with an `after` beyond one's own sequence means a gap: connect again with what one has. Another `epoch` means
   another operation or another life of the server: a snapshot follows.
5. The client says `have` after it has stored what it took in: a receipt for every card up to there.
6. Each `command` is answered once by `done`, `refused` or `later`, in no order with the deltas. The same `op_id` may be
   sent as often as wanted and counts once; without an answer it is sent again after a reconnection, in order.
7. `error` is the last word before the server closes; the close code says the class, see the table of error codes.
"""

router = APIRouter(include_in_schema=False)


@router.get("/asyncapi.json")
async def document(request: Request) -> dict[str, Any]:
    """Return the document."""
    return describe(request.app)


def describe(app: FastAPI) -> dict[str, Any]:
    """Return the AsyncAPI 3 document of an application's live socket."""
    whole = openapi.describe(app)
    sent, taken = map(_messages, (openapi.SERVER_FRAMES, openapi.CLIENT_FRAMES))
    return {
        "asyncapi": "3.0.0",
        "info": {"title": "rescuecmd live", "version": whole["info"]["version"], "description": _ORDER},
        "defaultContentType": "application/json",
        "channels": {
            "live": {
                "address": _PATH,
                "title": "The picture as it changes, and commands",
                "messages": {**sent, **taken},
                "bindings": {"ws": {"method": "GET", "query": _query()}},
            }
        },
        "operations": {
            "show": _operation("send", "What the server sends.", sent),
            "take": _operation("receive", "What a client sends, 64 KiB at most, as text.", taken),
        },
        "components": {"schemas": whole["components"]["schemas"]},
    }


def _messages(frames: tuple[type, ...]) -> dict[str, Any]:
    return {
        _name(frame): {
            "name": _name(frame),
            "summary": (frame.__doc__ or "").strip().split("\n")[0],
            "payload": {"$ref": f"#/components/schemas/{frame.__name__}"},
        }
        for frame in frames
    }


def _name(frame: type) -> str:
    """Return the value of a frame's `type` field, which tells the messages apart."""
    fields: dict[str, Any] = getattr(frame, "model_fields", {})
    return str(fields["type"].annotation.__args__[0])


def _operation(action: str, summary: str, messages: dict[str, Any]) -> dict[str, Any]:
    refs = [{"$ref": f"#/channels/live/messages/{name}"} for name in messages]
    return {"action": action, "summary": summary, "channel": {"$ref": "#/channels/live"}, "messages": refs}


def _query() -> dict[str, Any]:
    text: dict[str, Any] = {"type": "string"}
    return {
        "type": "object",
        "properties": {
            "key": {**text, "description": "Session token, or the key of a link."},
            "device": {
                **text,
                "description": "Instead of a key: the id of an enrolled device, which then proves itself.",
            },
            "view": {**text, "enum": ["wall", "terminal", "trainer", ""], "description": "Empty: the caller's own."},
            "terminal": {**text, "description": "The terminal, for its own view."},
            "epoch": {**text, "description": "The epoch one has; with `have` the server goes on from there."},
            "have": {"type": "integer", "minimum": 0, "description": "The sequence one has."},
            "pack": {**text, "enum": ["", "zlib"], "description": "zlib: long frames come as binary, RFC 1950."},
            "pace_s": {
                "type": "number",
                "minimum": 0,
                "maximum": 10,
                "description": "Movement alone may wait so long.",
            },
            "robot": {"type": "boolean", "description": "A machine, which does not count as a crew."},
        },
    }


def main() -> None:
    """Print the document."""
    from rescuecmd.server.app import bare_app  # noqa: PLC0415  (the application imports this module)

    json.dump(describe(bare_app()), sys.stdout, ensure_ascii=False, indent=1, sort_keys=True)
    sys.stdout.write("\n")


if __name__ == "__main__":
    main()
