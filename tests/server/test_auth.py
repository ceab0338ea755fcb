import json
import stat
from pathlib import Path

import pytest

from rescuecmd.errors import ForbiddenError, InputError
from rescuecmd.server.auth import NAMED_ROLES, Caller, Keyring, terminal_role
from rescuecmd.server.intake import COMMANDS


def test_keys_are_kept_for_the_owner_alone_and_stay_the_same(tmp_path: Path) -> None:
    path = tmp_path / "new" / "keys.json"
    first = Keyring(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert len(set(json.loads(path.read_text()).values())) == len(NAMED_ROLES)
    assert all(len(first.key(role)) >= 22 for role in NAMED_ROLES)  # 128 bits in base64
    assert Keyring(path).key("commander") == first.key("commander")


def test_a_key_names_its_role(tmp_path: Path) -> None:
    keys = Keyring(tmp_path / "keys.json")
    terminal = keys.caller(keys.key(terminal_role("t-rib")))
    assert (terminal.role, terminal.terminal_id, terminal.actor.id) == ("terminal/t-rib", "t-rib", "terminal/t-rib")
    assert keys.caller(keys.key("observer")).commands == frozenset()


@pytest.mark.parametrize("key", ["", "x", "é", "a" * 5000])
def test_a_wrong_key_names_nobody(tmp_path: Path, key: str) -> None:
    with pytest.raises(ForbiddenError, match="a key is needed"):
        Keyring(tmp_path / "keys.json").caller(key)


@pytest.mark.parametrize("text", ["", "[]", "{", '{"commander": 5}', '"x"'])
def test_a_broken_keys_file_is_named(tmp_path: Path, text: str) -> None:
    (tmp_path / "keys.json").write_text(text)
    with pytest.raises(InputError, match=r"keys\.json"):
        Keyring(tmp_path / "keys.json")


def test_every_command_of_every_role_exists() -> None:
    for role in (*NAMED_ROLES, "terminal/x"):
        assert Caller(role).commands <= COMMANDS.keys()


def test_views_by_role() -> None:
    Caller("trainer").need_view("wall", "")
    for role, view, terminal in (
        ("commander", "trainer", ""),
        ("observer", "terminal", ""),
        ("terminal/a", "wall", ""),
        ("terminal/a", "terminal", "b"),
    ):
        with pytest.raises(ForbiddenError):
            Caller(role).need_view(view, terminal)
