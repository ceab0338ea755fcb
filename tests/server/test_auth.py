import json
import stat
from pathlib import Path

import pytest

from rescuecmd.errors import ForbiddenError, InputError
from rescuecmd.server.auth import Caller, Keyring, terminal_role
from rescuecmd.server.intake import COMMANDS
from rescuecmd.server.roles import ACTS, MACHINE_ROLES, ROLES, STAFF_ROLES


def test_keys_are_kept_for_the_owner_alone_and_stay_the_same(tmp_path: Path) -> None:
    path = tmp_path / "new" / "keys.json"
    first = Keyring(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert len(set(json.loads(path.read_text()).values())) == len(STAFF_ROLES) + len(MACHINE_ROLES)
    assert all(len(first.key(role)) >= 22 for role in STAFF_ROLES)  # 128 bits in base64
    assert Keyring(path).key("commander") == first.key("commander")


def test_a_key_names_its_role(tmp_path: Path) -> None:
    keys = Keyring(tmp_path / "keys.json")
    terminal = keys.caller(keys.key(terminal_role("t-rib")))
    assert (terminal.role, terminal.terminal_id, terminal.actor.id) == ("crew", "t-rib", "terminal/t-rib")
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
    for role, rights in ROLES.items():
        assert rights.commands <= COMMANDS.keys(), role
        assert rights.acts <= ACTS.keys(), role
        assert Caller(role).default_view in {*rights.views, ""}


def test_views_by_role() -> None:
    Caller("trainer").need_view("wall")
    for caller, view, terminal in (
        (Caller("commander"), "trainer", ""),
        (Caller("observer"), "terminal", ""),
        (Caller("public-link"), "", ""),
        (Caller.terminal("a"), "wall", ""),
        (Caller.terminal("a"), "terminal", "b"),
    ):
        with pytest.raises(ForbiddenError):
            caller.need_view(view, terminal)


def test_a_refused_deed_names_who_may() -> None:
    with pytest.raises(ForbiddenError, match="needs the role commander or deputy, you are observer"):
        Caller("observer").need("push")


def test_a_name_in_the_log_tells_people_apart() -> None:
    assert Caller("commander", login="li").person == "commander/li"
    assert Caller("commander", login="li").on_duty("deputy/wu").rights is ROLES["deputy"]
    assert Caller("deputy", login="wu").on_duty("deputy/wu").rights is ROLES["commander"]
    assert Caller("observer").on_duty("deputy/wu").rights is ROLES["observer"]
