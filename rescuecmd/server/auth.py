"""Who asks, and what that role may do.

Every role has one random key of 128 bits, kept in the data folder (mode 0600). A page carries it in the fragment of
its address, which no server sees in a request line; it travels as ``Authorization: Bearer`` or, where a browser
cannot set a header (WebSocket, img, svg), as ``?key=``.
"""

import hmac
import json
import os
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from rescuecmd.errors import ForbiddenError, InputError
from rescuecmd.picture.commands import Actor

KEY_BYTES = 16
_TERMINAL = "terminal/"
Role: TypeAlias = str

COMMANDER = frozenset({
    "AckAlarm", "AckSos", "AddNote", "CancelSos", "ClearAlarm", "ClearHazard", "CloseGroup", "DrawZone", "EndRoute",
    "EnrolTerminal", "FormGroup", "GiveReceipt", "JoinVessel", "LandVictims", "LiftZone", "LoseVictims", "ClearVictims",
    "MoveTask", "PickUpVictims", "RaiseSos", "RemindCard", "ReportHazard", "ReportPositions", "ReportVictim",
    "SetVesselState", "SightVictim", "WithdrawCard",
})  # fmt: skip
TERMINAL = frozenset({
    "AddNote", "CancelSos", "GiveReceipt", "LandVictims", "MoveTask", "PickUpVictims", "RaiseSos", "ReportPositions",
    "ReportVictim", "SetVesselState",
})  # fmt: skip
TRAINER = frozenset({"AddNote", "ClearHazard", "ReportHazard"})
NAMED_ROLES: Mapping[Role, frozenset[str]] = {"commander": COMMANDER, "trainer": TRAINER, "observer": frozenset()}
VIEWS: Mapping[Role, frozenset[str]] = {
    "commander": frozenset({"wall"}),
    "trainer": frozenset({"wall", "trainer"}),
    "observer": frozenset({"wall"}),
}


@dataclass(frozen=True, slots=True)
class Caller:
    """A known caller."""

    role: Role

    @property
    def terminal_id(self) -> str:
        """The terminal that this caller is, or an empty text."""
        return self.role.removeprefix(_TERMINAL) if self.role.startswith(_TERMINAL) else ""

    @property
    def actor(self) -> Actor:
        """The caller as the log names it."""
        return Actor(self.role)

    @property
    def commands(self) -> frozenset[str]:
        """The names of the commands that this caller may send."""
        return TERMINAL if self.terminal_id else NAMED_ROLES[self.role]

    @property
    def default_view(self) -> str:
        """The view that this caller gets when none is named."""
        return "terminal" if self.terminal_id else "trainer" if self.role == "trainer" else "wall"

    def need(self, *roles: Role) -> None:
        """Refuse a caller of any other role."""
        if self.role not in roles:
            raise ForbiddenError("role", f"this needs the role {' or '.join(roles)}, you are {self.role}")

    def need_view(self, view: str, terminal_id: str) -> None:
        """Refuse a view that is not this caller's."""
        if self.terminal_id:
            if view != "terminal" or terminal_id not in {"", self.terminal_id}:
                raise ForbiddenError("view", f"terminal {self.terminal_id} sees its own view only", view=view)
        elif view not in VIEWS[self.role]:
            raise ForbiddenError("view", f"the view {view!r} is not for the role {self.role}", view=view)


class Keyring:
    """The keys of one data folder, by role."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._keys: dict[Role, str] = _load(path)
        self.ensure(NAMED_ROLES)

    def key(self, role: Role) -> str:
        """Return the key of a role, made now if it has none."""
        self.ensure((role,))
        return self._keys[role]

    def ensure(self, roles: Iterable[Role]) -> None:
        """Make and save the keys that are missing."""
        missing = [role for role in roles if role not in self._keys]
        if missing:
            self._keys.update((role, secrets.token_urlsafe(KEY_BYTES)) for role in missing)
            _save(self._path, self._keys)

    def caller(self, key: str) -> Caller:
        """Return who holds `key`; every key is compared, each in constant time.

        Raises
        ------
        ForbiddenError
            Nobody holds it.
        """
        given = key.encode()
        found = [role for role, known in self._keys.items() if hmac.compare_digest(known.encode(), given)]
        if not found:
            raise ForbiddenError("key", "a key is needed; take the link with #key=... that the server printed")
        return Caller(found[0])


def terminal_role(terminal_id: str) -> Role:
    """Return the role name of a terminal."""
    return f"{_TERMINAL}{terminal_id}"


def _load(path: Path) -> dict[Role, str]:
    if not path.exists():
        return {}
    try:
        keys = json.loads(path.read_text(encoding="utf-8"))
        if not all(isinstance(item, str) for pair in keys.items() for item in pair):
            raise ValueError
    except (ValueError, AttributeError):
        raise InputError(
            "keys-file", f"{path}: expected a JSON object of role to key; delete it for new keys"
        ) from None
    return dict(keys)


def _save(path: Path, keys: Mapping[Role, str]) -> None:
    """Write the keys so that a crash leaves the old file or the new one, readable by the owner alone."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(".new")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        json.dump(dict(sorted(keys.items())), file, indent=1)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
