"""The root of the command line. Subcommands are loaded when asked for, so that `--version` is not a second's work."""

import sys
from importlib import import_module
from typing import Annotated, Any

import typer
from typer.core import TyperCommand, TyperGroup

from rescuecmd import __version__
from rescuecmd.cli.console import EXIT_CODES, INTERRUPTED, emit, report, say, wants_json
from rescuecmd.cli.language import VARIABLE, Lang, choose
from rescuecmd.errors import RescueError, nearest

_COMMANDS = {
    "serve": "Serve one operation: pages, live picture, commands, video.",
    "demo": "Show a rescue from end to end, or play it headless.",
    "doctor": "Look at everything a server needs.",
    "river": "River packages: check, list, show, draw, pack, import, export.",
    "drill": "Drills: check, show, run, report.",
    "route": "Routes: find a way, see how far a boat gets.",
    "plan": "Plan cards: check, list, show, draw.",
    "units": "Boats and teams of live operations: init, check, show.",
    "tls": "Certificates of a server on a field network: init, renew, show.",
    "staff": "Command staff: add, invite, list, remove.",
    "device": "Enrolled devices: list, revoke a lost one.",
    "log": "Event logs: list, show, replay, verify, export, import, backup, restore, redact, upgrade.",
}
_EPILOG = "Exit codes: " + " · ".join(f"{code} {meaning}" for code, meaning in EXIT_CODES.items())


class _Lazy(TyperGroup):
    """A group whose commands live in modules `rescuecmd.cli.<name>`, each with its typer application `app`."""

    def list_commands(self, ctx: Any) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """Return a command for the list in the help; only one that is asked for is loaded."""
        if cmd_name in _COMMANDS and cmd_name not in self.commands:
            return TyperCommand(cmd_name, help=_COMMANDS[cmd_name])
        return self.commands.get(cmd_name)

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Load the command that was asked for."""
        name = args[0] if args else ""
        if name and name not in _COMMANDS:
            raise typer.BadParameter(f"no command {name!r}{nearest(name, _COMMANDS)}", ctx=ctx)
        if name in _COMMANDS and name not in self.commands:
            command = typer.main.get_command(import_module(f"rescuecmd.cli.{name}").app)
            command.name = name
            self.commands[name] = command
        return super().resolve_command(ctx, args)


app = typer.Typer(
    cls=_Lazy,
    name="rescuecmd",
    epilog=_EPILOG,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="River rescue command: drills and live incidents. 江河救援指挥:演练与实战。",
)


def _version(wanted: bool) -> None:
    if wanted:
        emit({"version": __version__}) if wants_json(sys.argv) else say(f"rescuecmd {__version__}")
        raise typer.Exit(0)


@app.callback()
def root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
    lang: Annotated[
        Lang | None,
        typer.Option(envvar=VARIABLE, help="Language: zh 中文 or en; else that of the terminal (LC_ALL, LANG)."),
    ] = None,
) -> None:
    """Take the options that stand before every command."""
    choose(lang)


def main() -> None:
    """Run the command line; errors of ours become a line and an exit code, never a traceback."""
    try:
        app()
    except RescueError as error:
        report(error, as_json=wants_json(sys.argv))
        sys.exit(error.outcome.exit)
    except BrokenPipeError:  # the reader of a pipe has seen enough
        sys.stderr.close()
        sys.exit(0)
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
