"""`rescuecmd demo`: everything at once, to be looked at, or (headless) to be measured."""

import asyncio
import logging
import tempfile
import webbrowser
from pathlib import Path
from typing import Annotated

import typer

from rescuecmd.cli import haste
from rescuecmd.cli.console import emit, hint, say
from rescuecmd.cli.options import make_settings
from rescuecmd.settings import Settings, default_data_dir

app = typer.Typer(add_completion=False)
DRILL = "dazhulin"
SHOWN_TERMINALS = 2  # phones whose links are printed first; the others have their robots


@app.command()
def demo(  # noqa: PLR0917  (a command's options)
    drill: Annotated[str, typer.Option(help="Drill to play (a name or a file).")] = DRILL,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "",
    port: Annotated[int | None, typer.Option(min=0, max=65535, help="TCP port; 0 takes a free one.")] = None,
    data: Annotated[Path | None, typer.Option(help="Folder of the event log; the default is the demo's own.")] = None,
    speed: Annotated[float | None, typer.Option(help="Drill seconds per real second.")] = None,
    seed: Annotated[int | None, typer.Option(min=0, help="Seed of everything random in the drill.")] = None,
    camera: Annotated[str, typer.Option(help="virtual, a file, /dev/videoN, rtsp://..., or off.")] = "",
    browser: Annotated[bool, typer.Option(help="Open the command wall in a browser.")] = True,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with the drill that was running.")] = False,
    headless: Annotated[bool, typer.Option("--headless", help="Robots play it all; ends with the figures.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Show a rescue from end to end: river in flood, drill, wall, phones, trainer, video. Stop it with Ctrl-C.

    With --headless a robot commander and robot crews play it through the same server, sockets and video; the command
    ends with the drill. Exit 1: nobody was saved or the drill did not end.
    """
    haste.begin()
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    given = {"drill": drill, "host": host, "speed": speed, "seed": seed, "camera": camera, "robots": True}
    if headless:
        _play(make_settings(**given, port=0 if port is None else port, data=data), as_json=as_json, keep=bool(data))
        return
    settings = make_settings(**given, port=port, data=data or default_data_dir() / "demo")
    asyncio.run(_show(settings, browser=browser, resume=resume, as_json=as_json))


async def _show(settings: Settings, *, browser: bool, resume: bool, as_json: bool) -> None:
    from rescuecmd.cli.links import keys_of, links  # noqa: PLC0415  (the server is not loaded for --help)
    from rescuecmd.server.run import serving, until_told  # noqa: PLC0415

    async with serving(settings, fresh=not resume) as running:
        if browser:
            await asyncio.to_thread(webbrowser.open, links(running)["command"])  # it loads while the drill is opened
        await running.host.opened()
        if running.host.failure is not None:
            raise running.host.failure
        found = links(running)
        if as_json:
            emit({"ready": True, "address": running.address, "links": found, "keys": keys_of(running)})
        else:
            _welcome(found, running.host.problems)
        await running.host.start_drill()
        haste.end()
        await until_told(running)


def _welcome(found: dict[str, str], problems: list[str]) -> None:
    from rescuecmd.cli.links import STAFF_LINKS  # noqa: PLC0415

    for problem in problems:
        hint(problem)
    terminals = [name for name in found if name not in STAFF_LINKS]
    say("指挥大屏 command wall    " + found["command"])
    say("导调     trainer         " + found["trainer"])
    for name in terminals[:SHOWN_TERMINALS]:
        say(f"终端     {name:15} " + found[name])
    if terminals[SHOWN_TERMINALS:]:
        say(f"Robots hold the terminals nobody opens; others: {', '.join(terminals[SHOWN_TERMINALS:])} (--json: links)")
    say("Ctrl-C ends it.")


def _play(settings: Settings, *, as_json: bool, keep: bool) -> None:
    from rescuecmd.cli.headless import play  # noqa: PLC0415

    with tempfile.TemporaryDirectory(prefix="rescuecmd-demo-") as folder:
        if not keep:
            settings = settings.model_copy(update={"data": Path(folder)})
        figures = asyncio.run(play(settings, progress=None if as_json else hint))
    if as_json:
        emit(figures)
    else:
        for name, value in figures.items():
            say(f"{name:18} {value}")
    if not figures["ok"]:
        raise typer.Exit(1)
