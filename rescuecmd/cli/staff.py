"""`rescuecmd staff`: the accounts of the command staff. A running server notices a change within a second."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from getpass import getpass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from rescuecmd.cli.console import emit, hint, say
from rescuecmd.settings import Settings, default_data_dir

if TYPE_CHECKING:
    from rescuecmd.server.register import Register

app = typer.Typer(add_completion=False, no_args_is_help=True, help="Command staff: add, invite, list, remove.")
Data = Annotated[Path | None, typer.Option(help="Folder of the event log and the keys.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]
Login = Annotated[str, typer.Argument(help="Login: letters, digits, dots and dashes.")]
Address = Annotated[str, typer.Option(help="Address at which the link is opened; passkeys stay bound to its name.")]
Password = Annotated[bool, typer.Option("--password", help="Set a password now (asked for, or one line of stdin).")]


@app.command()
def add(  # noqa: PLR0917  (a command's options)
    login: Login,
    role: Annotated[
        str, typer.Option(help="commander, deputy, trainer, controller, evaluator or observer.")
    ] = "commander",
    name: Annotated[str, typer.Option(help="Name as the log shows it.")] = "",
    operation: Annotated[str, typer.Option(help="Only in this operation; empty: in any.")] = "",
    agency: Annotated[str, typer.Option(help="Sees what this agency is shown; empty: everything.")] = "",
    address: Address = "",
    password: Password = False,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Make an account; prints a link, good once within an hour, at which its holder makes a passkey.

    Example: rescuecmd staff add li --role commander --name 李队. Exit 4: the login is taken.
    """
    with _register(data) as register:
        from rescuecmd.server.staff import Staff  # noqa: PLC0415

        secret = Staff(register).add(login, role=role, name=name, operation_id=operation, agency=agency)
        _hand_out(register, login, secret, address=address, password=password, as_json=as_json)


@app.command()
def invite(
    login: Login, address: Address = "", password: Password = False, data: Data = None, as_json: AsJson = False
) -> None:
    """Print a new link for an account: another phone, a forgotten password.

    Example: rescuecmd staff invite li. Exit 3: no such login.
    """
    with _register(data) as register:
        from rescuecmd.server.staff import Staff  # noqa: PLC0415

        secret = Staff(register).invite(login)
        _hand_out(register, login, secret, address=address, password=password, as_json=as_json)


@app.command("list")
def list_(data: Data = None, as_json: AsJson = False) -> None:
    """List the accounts: role, operation, passkeys, password.

    Example: rescuecmd staff list --json
    """
    with _register(data) as register:
        from rescuecmd.server.staff import Staff  # noqa: PLC0415

        members = Staff(register).all()
    if as_json:
        emit({
            "staff": [
                {
                    "login": x.login, "name": x.name, "role": x.role, "operation": x.operation_id, "agency": x.agency,
                    "passkeys": x.passkeys, "password": x.has_password,
                }
                for x in members
            ]
        })  # fmt: skip
        return
    for x in members:
        way = f"{x.passkeys} passkeys" + (", password" if x.has_password else "")
        say(f"{x.login:16} {x.role:10} {x.operation_id or 'any operation':24} {way:24} {x.name}")


@app.command()
def remove(login: Login, data: Data = None, as_json: AsJson = False) -> None:
    """Drop an account: whoever is signed in with it is out within a second.

    Example: rescuecmd staff remove li. Exit 3: no such login.
    """
    with _register(data) as register:
        from rescuecmd.server.sessions import Sessions  # noqa: PLC0415
        from rescuecmd.server.staff import Staff  # noqa: PLC0415

        Staff(register).remove(login)
        Sessions(register).close_all(f"staff/{login}")
    emit({"removed": login}) if as_json else say(f"removed {login}")


@contextmanager
def _register(data: Path | None) -> "Iterator[Register]":
    from rescuecmd.server.register import FILE, Register  # noqa: PLC0415  (not loaded for --help)

    register = Register((data or default_data_dir()) / FILE)
    try:
        yield register
    finally:
        register.close()


def _hand_out(register: "Register", login: str, secret: str, *, address: str, password: bool, as_json: bool) -> None:
    if password:
        from rescuecmd.server.password import Passwords  # noqa: PLC0415
        from rescuecmd.server.staff import Staff  # noqa: PLC0415

        chosen = getpass("password: ") if sys.stdin.isatty() else sys.stdin.readline().rstrip("\n")
        otpauth = Passwords(register, Staff(register)).keep(secret, chosen)
        emit({"login": login, "otpauth": otpauth}) if as_json else _show_code(otpauth)
        return
    settings = Settings()
    base = address or settings.public_address or f"http://localhost:{settings.port}"
    link = f"{base.rstrip('/')}/signin#invite={secret}"
    if as_json:
        emit({"login": login, "link": link})
    else:
        say(link)
        hint("Good once, within an hour. The passkey is bound to the host name in the link; an address has none.")


def _show_code(otpauth: str) -> None:
    import segno  # noqa: PLC0415

    say(otpauth)
    if sys.stdout.isatty():
        segno.make(otpauth, micro=False).terminal(compact=True)
    hint("Scan it with an authenticator now; it is not shown again.")
