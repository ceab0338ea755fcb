"""`rescuecmd serve`: the server alone."""

import asyncio
import logging
from pathlib import Path
from typing import Annotated, Any

import typer

from rescuecmd.cli import haste
from rescuecmd.cli.console import emit, hint, say
from rescuecmd.cli.options import make_settings

app = typer.Typer(add_completion=False)


@app.command()
def serve(  # noqa: PLR0917  (a command's options)
    drill: Annotated[str, typer.Option(help="Drill to open when no operation is running (a name or a file).")] = "",
    river: Annotated[str, typer.Option(help="Open a live operation on this river (a name or folder); no drill.")] = "",
    units: Annotated[
        Path | None, typer.Option(help="Its boats and teams; the default is units.yaml in the data folder.")
    ] = None,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "",
    port: Annotated[int | None, typer.Option(min=0, max=65535, help="TCP port; 0 takes a free one.")] = None,
    data: Annotated[Path | None, typer.Option(help="Folder of the event log and the keys.")] = None,
    camera: Annotated[str, typer.Option(help="virtual, a file, /dev/videoN, rtsp://..., or off.")] = "",
    video_language: Annotated[str, typer.Option(help="Language of the marks on the video: zh or en.")] = "",
    speed: Annotated[float | None, typer.Option(help="Drill seconds per real second.")] = None,
    seed: Annotated[int | None, typer.Option(min=0, help="Seed of everything random in the drill.")] = None,
    tls: Annotated[
        bool, typer.Option("--tls", help="Serve over TLS; `rescuecmd tls init` makes the certificate.")
    ] = False,
    robots: Annotated[bool, typer.Option(help="Robot crews answer for terminals that nobody holds.")] = True,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object with all links when ready.")] = False,
) -> None:
    """Serve one operation, a drill or a live one: pages, picture, commands, video. After kill -9 it goes on.

    A drill: rescuecmd serve --drill dazhulin

    A live operation: rescuecmd units init, then rescuecmd serve --river jialing-dazhulin

    With neither it goes on with the last one, or the pages open one. Stop it with Ctrl-C or SIGTERM.

    Exit 4: another server has the data folder. Exit 5: the port is taken.
    """
    haste.begin()
    settings = make_settings(
        drill=drill,
        river=river,
        units=units,
        host=host,
        port=port,
        data=data,
        camera=camera,
        video_language=video_language,
        speed=speed,
        seed=seed,
        robots=robots,
        tls=tls or None,
    )
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    asyncio.run(_serve(settings, as_json=as_json))


async def _serve(settings: Any, *, as_json: bool) -> None:
    from rescuecmd.cli.links import keys_of, links  # noqa: PLC0415  (the server is not loaded for --help)
    from rescuecmd.server.run import serving, until_told  # noqa: PLC0415

    async with serving(settings) as running:
        await running.host.opened()
        problems = [*running.host.problems, *running.host.warnings()]
        if as_json:
            emit({
                "ready": True, "address": running.address, "links": links(running), "keys": keys_of(running),
                "data": str(settings.data), "problems": problems,
            })  # fmt: skip
        else:
            for name, link in links(running).items():
                say(f"{name:12} {link}")
            for problem in problems:
                hint(problem)
        haste.end()
        await until_told(running)
