"""The links that a server prints: each page with the key of its role in the fragment."""

from rescuecmd.server.auth import terminal_role
from rescuecmd.server.roles import MACHINE_ROLES, STAFF_ROLES
from rescuecmd.server.run import Serving

STAFF_LINKS = {
    "command": ("command", "commander"),
    "deputy": ("command", "deputy"),
    "trainer": ("trainer", "trainer"),
    "controller": ("trainer", "controller"),
    "evaluator": ("trainer", "evaluator"),
    "observer": ("command", "observer"),
}


def links(running: Serving) -> dict[str, str]:
    """Return the address of each page by role; a terminal's under its own id, boats before teams ashore.

    A live operation takes no keys of links (unless the settings say so): its people sign in, its phones are enrolled.
    """
    keys = running.host.keyring
    if not _takes_links(running):
        return {"sign-in": f"{running.address}/signin", "command": f"{running.address}/command"}
    found = {name: f"{running.address}/{page}#key={keys.key(role)}" for name, (page, role) in STAFF_LINKS.items()}
    operation = running.host.running
    terminals = operation.desk.picture.terminals if operation else {}
    for terminal_id in sorted(terminals, key=lambda item: (not terminals[item].vessel_id, item)):
        found[terminal_id] = f"{running.address}/terminal/{terminal_id}#key={keys.key(terminal_role(terminal_id))}"
    return found


def keys_of(running: Serving) -> dict[str, str]:
    """Return the keys by role, for clients that are no browser."""
    operation = running.host.running
    if not _takes_links(running):
        return {role: running.host.keyring.key(role) for role in MACHINE_ROLES}
    roles: list[str] = [*STAFF_ROLES]
    roles += [terminal_role(terminal_id) for terminal_id in operation.desk.picture.terminals] if operation else []
    return {role: running.host.keyring.key(role) for role in roles}


def _takes_links(running: Serving) -> bool:
    operation = running.host.running
    return operation is None or not operation.live or running.host.settings.live_links
