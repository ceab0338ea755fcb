"""The links that a server prints: each page with the key of its role in the fragment."""

from rescuecmd.server.auth import terminal_role
from rescuecmd.server.roles import STAFF_ROLES
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
    """Return the address of each page by role; a terminal's under its own id, boats before teams ashore."""
    keys = running.host.keyring
    found = {name: f"{running.address}/{page}#key={keys.key(role)}" for name, (page, role) in STAFF_LINKS.items()}
    operation = running.host.running
    terminals = operation.desk.picture.terminals if operation else {}
    for terminal_id in sorted(terminals, key=lambda item: (not terminals[item].vessel_id, item)):
        found[terminal_id] = f"{running.address}/terminal/{terminal_id}#key={keys.key(terminal_role(terminal_id))}"
    return found


def keys_of(running: Serving) -> dict[str, str]:
    """Return the keys by role, for clients that are no browser."""
    operation = running.host.running
    roles: list[str] = [*STAFF_ROLES]
    roles += [terminal_role(terminal_id) for terminal_id in operation.desk.picture.terminals] if operation else []
    return {role: running.host.keyring.key(role) for role in roles}
