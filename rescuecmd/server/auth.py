"""Who asks. A caller is known by a key in a link (drills), or by a session that a device or a person has opened.

The keys of links are random, of 128 bits, one for each role, kept in the data folder (mode 0600). A page carries its
key in the fragment of its address, which no server sees in a request line; it travels as ``Authorization: Bearer``
or, where a browser cannot set a header (WebSocket, img, svg), as ``?key=``. They are the drill's way: whoever has the
link is in. A live operation takes sessions only (`sessions`), unless the setting `live_links` says otherwise.
"""

import hmac
import json
import os
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from rescuecmd.errors import ForbiddenError, InputError
from rescuecmd.picture.commands import Actor
from rescuecmd.server.roles import MACHINE_ROLES, ROLES, STAFF_ROLES, Act, Rights, RoleName, who_may

KEY_BYTES = 16
_TERMINAL = "terminal/"


@dataclass(frozen=True, slots=True)
class Caller:
    """A known caller.

    ``terminal_id`` is the terminal of a crew or volunteer. ``name`` is who they are, as written at enrolment;
    ``login`` is a staff account. ``agency`` narrows what is seen to what that agency is shown (empty: a command's view
    of all). ``session`` is empty for a key of a link. ``duty`` is the role after the command was handed over.
    """

    role: RoleName
    terminal_id: str = ""
    name: str = ""
    login: str = ""
    agency: str = ""
    session: str = ""
    device_id: str = ""
    duty: RoleName | None = None

    @classmethod
    def terminal(cls, terminal_id: str) -> "Caller":
        """Return the crew of a terminal."""
        return cls("crew", terminal_id)

    @property
    def rights(self) -> Rights:
        """The caller's row of the table."""
        return ROLES[self.duty or self.role]

    @property
    def person(self) -> str:
        """The caller as the log names them: ``commander``, ``commander/li``, ``terminal/t-rib``."""
        if self.terminal_id:
            return f"{_TERMINAL}{self.terminal_id}"
        return f"{self.role}/{self.login}" if self.login else self.role

    def on_duty(self, in_command: str) -> "Caller":
        """Return the caller with the duties of now: after a hand-over one person is the commander and no other."""
        if not in_command or self.role not in {"commander", "deputy"}:
            return self
        return replace(self, duty="commander" if self.person == in_command else "deputy")

    @property
    def actor(self) -> Actor:
        """The author of this caller's commands."""
        return Actor(self.person, self.name)

    @property
    def commands(self) -> frozenset[str]:
        """The names of the commands that this caller may send."""
        return self.rights.commands

    @property
    def default_view(self) -> str:
        """The view that this caller gets when none is named: the most that its role has; empty where it has none."""
        return self.rights.views[-1] if self.rights.views else ""

    def need(self, act: Act) -> None:
        """Refuse a caller whose role may not do this."""
        if act not in self.rights.acts:
            who = " or ".join(who_may(act))
            raise ForbiddenError("role", f"this needs the role {who}, you are {self.duty or self.role}", act=act)

    def need_view(self, view: str, terminal_id: str = "") -> None:
        """Refuse a view that is not this caller's."""
        if view not in self.rights.views:
            raise ForbiddenError("view", f"the view {view!r} is not for the role {self.role}", view=view)
        if self.terminal_id and terminal_id not in {"", self.terminal_id}:
            raise ForbiddenError("view", f"terminal {self.terminal_id} sees its own view only", view=view)


class Keyring:
    """The keys of links of one data folder, by holder: a staff role, a machine, or ``terminal/<id>``."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._keys: dict[str, str] = _load(path)
        self.ensure((*STAFF_ROLES, *MACHINE_ROLES))

    def key(self, holder: str) -> str:
        """Return the key of a holder, made now if it has none."""
        self.ensure((holder,))
        return self._keys[holder]

    def ensure(self, holders: Iterable[str]) -> None:
        """Make and save the keys that are missing."""
        missing = [holder for holder in holders if holder not in self._keys]
        if missing:
            self._keys.update((holder, secrets.token_urlsafe(KEY_BYTES)) for holder in missing)
            _save(self._path, self._keys)

    def caller(self, key: str) -> Caller:
        """Return who holds `key`; every key is compared, each in constant time.

        Raises
        ------
        ForbiddenError
            Nobody holds it.
        """
        given = key.encode()
        found = [holder for holder, known in self._keys.items() if hmac.compare_digest(known.encode(), given)]
        if not found:
            raise ForbiddenError("key", "a key is needed; take the link with #key=... that the server printed")
        return _holder(found[0])


def _holder(name: str) -> Caller:
    if name.startswith(_TERMINAL):
        return Caller.terminal(name.removeprefix(_TERMINAL))
    for role in (*STAFF_ROLES, *MACHINE_ROLES):
        if role == name:
            return Caller(role)
    raise ForbiddenError("key", f"this key was made for {name!r}, which is no role any more")


def terminal_role(terminal_id: str) -> str:
    """Return the key holder's name of a terminal."""
    return f"{_TERMINAL}{terminal_id}"


def _load(path: Path) -> dict[str, str]:
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


def _save(path: Path, keys: Mapping[str, str]) -> None:
    """Write the keys so that a crash leaves the old file or the new one, readable by the owner alone."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(".new")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        json.dump(dict(sorted(keys.items())), file, indent=1)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
