"""The OpenAPI document, and `python -m rescuecmd.server.openapi > openapi.json` for the pages' type generator.

FastAPI describes the HTTP routes; the messages of the live socket and the bodies of the commands are added here, so
that one document holds all that travels.
"""

import json
import sys
from dataclasses import is_dataclass
from typing import Any, get_args

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import TypeAdapter

from rescuecmd import __version__
from rescuecmd.delivery import moves
from rescuecmd.picture import approval, commands, entity, order, register, water
from rescuecmd.server import views, wire

_REF = "#/components/schemas/{model}"
SERVER_FRAMES: tuple[type, ...] = (
    wire.Challenge,
    wire.Hello,
    wire.Snapshot,
    wire.Delta,
    wire.Done,
    wire.Refused,
    wire.Later,
    views.DrillFrame,
    wire.ErrorFrame,
)
CLIENT_FRAMES: tuple[type, ...] = (wire.LiveCommand, wire.LiveHave, wire.LiveHere, wire.SignedMessage)


def describe(app: FastAPI) -> dict[str, Any]:
    """Return the OpenAPI document of `app`, live socket and commands included."""
    if app.openapi_schema is None:
        document = get_openapi(title="rescuecmd", version=__version__, routes=app.routes)
        schemas = document.setdefault("components", {}).setdefault("schemas", {})
        schemas.update(_live_schemas())
        _require_all(schemas)
        app.openapi_schema = document
    return app.openapi_schema


def _live_schemas() -> dict[str, Any]:
    members = [*SERVER_FRAMES, *CLIENT_FRAMES, *get_args(commands.Command)]
    _, shared = TypeAdapter.json_schemas(
        [(member, "serialization", TypeAdapter(member)) for member in members], ref_template=_REF
    )
    schemas: dict[str, Any] = dict(shared["$defs"])
    schemas["ServerFrame"] = {"anyOf": [_ref(frame) for frame in SERVER_FRAMES], "title": "ServerFrame"}
    schemas["ClientFrame"] = {"anyOf": [_ref(frame) for frame in CLIENT_FRAMES], "title": "ClientFrame"}
    schemas["CommandBodies"] = {
        "type": "object",
        "title": "CommandBodies",
        "description": "The body of each command by the command's name.",
        "properties": {member.__name__: _ref(member) for member in get_args(commands.Command)},
        "required": [member.__name__ for member in get_args(commands.Command)],
    }
    return schemas


def _ref(member: type) -> dict[str, str]:
    return {"$ref": _REF.format(model=member.__name__)}


def _require_all(schemas: dict[str, Any]) -> None:
    """Mark every field of an entity or command as present: the server always sends all of them."""
    sent = {
        name
        for module in (approval, entity, order, register, water, commands, moves)
        for name, member in vars(module).items()
        if is_dataclass(member)
    }
    for name in sent & schemas.keys():
        properties = schemas[name].get("properties", {})
        schemas[name]["required"] = list(properties)
        for described in properties.values():
            described.pop("default", None)


def main() -> None:
    """Print the document."""
    from rescuecmd.server.app import bare_app  # noqa: PLC0415  (the application imports this module)

    json.dump(describe(bare_app()), sys.stdout, ensure_ascii=False, indent=1, sort_keys=True)
    sys.stdout.write("\n")


if __name__ == "__main__":
    main()
