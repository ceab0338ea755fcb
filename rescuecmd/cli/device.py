"""`rescuecmd device`: enrolled phones, where there is no wall at hand. A running server notices within a second."""

from pathlib import Path
from typing import Annotated

import typer

from rescuecmd.cli.console import emit, say
from rescuecmd.settings import default_data_dir

app = typer.Typer(add_completion=False, no_args_is_help=True, help="Enrolled devices: list, revoke.")
Data = Annotated[Path | None, typer.Option(help="Folder of the event log and the keys.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]


@app.command("list")
def list_(data: Data = None, as_json: AsJson = False) -> None:
    """List the enrolled devices of every operation, newest first.

    Example: rescuecmd device list --json
    """
    from rescuecmd.server.devices import Devices, public_row  # noqa: PLC0415  (not loaded for --help)
    from rescuecmd.server.register import FILE, Register  # noqa: PLC0415

    register = Register((data or default_data_dir()) / FILE)
    try:
        devices = Devices(register).every()
    finally:
        register.close()
    if as_json:
        emit({"devices": [public_row(device) for device in devices]})
        return
    for x in devices:
        say(f"{x.id}  {x.state:8} {x.check}  {x.terminal_id:16} {x.role:10} {x.operation_id:24} {x.name}")


@app.command()
def revoke(
    device_id: Annotated[str, typer.Argument(help="The device, as `device list` names it.")],
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Shut a lost phone out for good: its sockets and videos end within a second.

    Example: rescuecmd device revoke 3f2c... Exit 3: no such device.
    """
    from rescuecmd.server.devices import Devices  # noqa: PLC0415
    from rescuecmd.server.register import FILE, Register  # noqa: PLC0415
    from rescuecmd.server.sessions import Sessions  # noqa: PLC0415

    register = Register((data or default_data_dir()) / FILE)
    try:
        Devices(register).revoke(device_id, by="command line")
        Sessions(register).close_all(f"device/{device_id}")
    finally:
        register.close()
    emit({"revoked": device_id}) if as_json else say(f"revoked {device_id}")
