"""`rescuecmd tls`: the certificates of a server on a field network."""

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from rescuecmd.cli.console import emit, hint, say
from rescuecmd.settings import default_data_dir

if TYPE_CHECKING:
    from rescuecmd.server.tls import Certificate

app = typer.Typer(add_completion=False, no_args_is_help=True, help="Certificates: init, renew, show.")
Data = Annotated[Path | None, typer.Option(help="Folder of the event log and the keys.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]
Names = Annotated[
    list[str] | None,
    typer.Argument(help="Host names and addresses by which phones reach the server, such as 192.168.1.5."),
]


@app.command()
def init(
    names: Names = None,
    data: Data = None,
    force: Annotated[
        bool, typer.Option("--force", help="Drop an authority that is there; phones must trust anew.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Make a certificate authority of your own and the server's certificate, then serve with `serve --tls`.

    Example: rescuecmd tls init 192.168.1.5 rescue.local. Exit 4: there is an authority already.
    """
    from rescuecmd.server import tls  # noqa: PLC0415  (the crypto library is not loaded for --help)

    folder = _folder(data)
    made = tls.init(folder, names or (), now=_now(), force=force)
    _show(folder, made, as_json=as_json)
    if not as_json:
        hint(f"Phones trust it once: open https://<address>/trust, or install {folder / tls.CA_CERT}.")


@app.command()
def renew(names: Names = None, data: Data = None, as_json: AsJson = False) -> None:
    """Make a new server certificate from the same authority; phones notice nothing, a running server takes it up.

    Example: rescuecmd tls renew. With names it is for those instead of the ones before. Exit 3: no authority.
    """
    from rescuecmd.server import tls  # noqa: PLC0415

    folder = _folder(data)
    _show(folder, tls.renew(folder, names or (), now=_now()), as_json=as_json)


@app.command()
def show(data: Data = None, as_json: AsJson = False) -> None:
    """Show names, end and fingerprint of the server's certificate. Exit 3: there is none.

    Example: rescuecmd tls show --json
    """
    from rescuecmd.server import tls  # noqa: PLC0415

    folder = _folder(data)
    _show(folder, tls.look(folder), as_json=as_json)


def _folder(data: Path | None) -> Path:
    from rescuecmd.server.tls import FOLDER  # noqa: PLC0415

    return (data or default_data_dir()) / FOLDER


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


def _show(folder: Path, made: "Certificate", *, as_json: bool) -> None:
    facts = {
        "folder": str(folder),
        "names": list(made.names),
        "expires": made.expires.isoformat(),
        "days_left": round(made.days_left(_now()), 1),
        "fingerprint": made.fingerprint,
        "ca_fingerprint": made.ca_fingerprint,
    }
    if as_json:
        emit(facts)
        return
    for name, value in facts.items():
        say(f"{name:15} {' '.join(value) if isinstance(value, list) else value}")
