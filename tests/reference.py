"""Writes `docs/reference.md` from the program itself: commands, settings, routes, live messages, events.

    python -m tests.reference > docs/reference.md

`tests/test_docs.py` fails when the file no longer says what the program is.
"""

import ast
import sys
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any, get_args

import typer

import rescuecmd
from rescuecmd import errors
from rescuecmd.cli.app import app
from rescuecmd.cli.console import EXIT_CODES
from rescuecmd.cli.language import VARIABLE
from rescuecmd.picture.commands import Command
from rescuecmd.picture.events import BODIES
from rescuecmd.server.app import bare_app
from rescuecmd.server.openapi import describe
from rescuecmd.settings import Settings

HEAD = """# Reference

Written by `python -m tests.reference`; a test keeps it true.
"""

LANGUAGE = f"""`rescuecmd --lang zh | en COMMAND` or `{VARIABLE}` chooses what `river`, `route` and errors speak;
otherwise the terminal does (`LC_ALL`, `LC_MESSAGES`, `LANG`). Faults in files, and errors that nobody has put into
Chinese, stay in English; `--json` has both.
"""


def _first(text: str | None) -> str:
    return " ".join((text or "").strip().split("\n\n")[0].split())


def _table(*columns: str) -> Iterator[str]:
    yield "| " + " | ".join(columns) + " |"
    yield "| " + " | ".join("---" for _ in columns) + " |"


def _commands(group: Any, prefix: str) -> Iterator[str]:
    context = typer.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if hasattr(command, "list_commands"):
            yield from _commands(command, f"{prefix} {name}")
        else:
            options = [option for p in command.params for option in p.opts if option.startswith("--")]
            words = " ".join(f"`{option}`" for option in options)
            yield f"| `{prefix} {name}` | {_first(command.help)} | {words} |"


def _settings() -> Iterator[str]:
    for name, item in Settings.model_fields.items():
        default = "" if item.default_factory else repr(item.default)
        yield f"| `RESCUECMD_{name.upper()}` | {default} | {item.description} |"


def _routes() -> Iterator[str]:
    for path, verbs in sorted(describe(bare_app())["paths"].items()):
        for verb, route in verbs.items():
            yield f"| `{verb.upper()} {path}` | {_first(route.get('description') or route.get('summary'))} |"


def _fields(kind: type[Any]) -> str:
    return " ".join(f"`{item.name}`" for item in fields(kind))


def _errors() -> Iterator[str]:
    """Yield a row for each error code that the program raises by name, found in its source."""
    found: dict[str, set[str]] = {}
    for path in sorted(Path(rescuecmd.__file__).parent.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.args:
                kind, first = vars(errors).get(node.func.id), node.args[0]
                named = isinstance(kind, type) and issubclass(kind, errors.RescueError)
                if named and isinstance(first, ast.Constant) and isinstance(first.value, str):
                    found.setdefault(first.value, set()).add(node.func.id)
    for code, kinds in sorted(found.items()):
        for kind in sorted(kinds):
            outcome = vars(errors)[kind].outcome
            yield f"| `{code}` | {kind} | {outcome.http} | {outcome.close} | {outcome.exit} |"


def lines() -> Iterator[str]:
    """Yield the reference, line by line."""
    yield HEAD
    yield "## Commands\n"
    yield "Exit codes: " + ", ".join(f"{code} {meaning}" for code, meaning in EXIT_CODES.items()) + ".\n"
    yield LANGUAGE
    yield from _table("command", "what it does", "options")
    yield from _commands(typer.main.get_command(app), "rescuecmd")
    yield "\n## Settings\n\nA flag of the command line beats the environment, which beats the default.\n"
    yield from _table("environment", "default", "meaning")
    yield from _settings()
    yield "\n## HTTP routes\n\nThe whole document with all schemas, live messages included, is at `/openapi.json`;"
    yield "the live socket with the order of its messages is at `/asyncapi.json`, explained in [wire.md](wire.md).\n"
    yield from _table("route", "what it gives")
    yield from _routes()
    yield "\n## Error codes\n\nEvery failure has a `code`, a `message` and `facts`."
    yield "`unknown-...` (404) names what was not found.\n"
    yield from _table("code", "class", "HTTP", "WebSocket close", "exit")
    yield from _errors()
    yield "\n## Commands of the picture\n\nWhat `POST /api/commands` and the live socket take, with their fields.\n"
    yield from _table("name", "fields")
    for command in get_args(Command):
        yield f"| `{command.__name__}` | {_fields(command)} |"
    yield "\n## Events\n\nWhat the log holds.\n"
    yield from _table("name", "fields")
    for name, body in BODIES.items():
        yield f"| `{name}` | {_fields(body)} |"


if __name__ == "__main__":
    sys.stdout.write("\n".join(lines()) + "\n")
