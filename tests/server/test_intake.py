from collections.abc import Mapping
from typing import Any

import pytest

from rescuecmd.errors import ForbiddenError, InputError, NotFoundError
from rescuecmd.picture.commands import AddNote, GiveReceipt, ReportPositions
from rescuecmd.picture.entity import Terminal
from rescuecmd.picture.order import Card, CardContent
from rescuecmd.picture.state import Picture
from rescuecmd.server.auth import Caller
from rescuecmd.server.intake import read_command
from rescuecmd.server.roles import ROLES
from rescuecmd.text import Text

T = Text("甲", "A")
CONTENT = CardContent(T, T, T, T, (), (), (), (), (), "")
PICTURE = Picture(
    terminals={"t-a": Terminal("t-a", T, "boat", "fire", "a"), "t-b": Terminal("t-b", T, "boat", "fire", "b")},
    cards={f"p/{t}": Card(f"p/{t}", "p", t, "reef", CONTENT, 0.0) for t in ("t-a", "t-b")},
)
CREW = Caller.terminal("t-a")
FIX = {"lon_deg": 106.4, "lat_deg": 29.6, "time_s": 1.0, "accuracy_m": 5.0, "source": "gps"}


def read(name: str, body: Mapping[str, Any], caller: Caller = CREW) -> Any:
    return read_command(name, body, caller, PICTURE)


def test_a_terminal_answers_its_own_card() -> None:
    assert read("GiveReceipt", {"card_id": "p/t-a", "receipt": "delivered"}) == GiveReceipt("p/t-a", "delivered")
    fixes = read("ReportPositions", {"fixes": {"a": FIX, "t-a": FIX}})
    assert isinstance(fixes, ReportPositions)
    assert set(fixes.fixes) == {"a", "t-a"}


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("GiveReceipt", {"card_id": "p/t-b", "receipt": "delivered"}),
        ("ReportPositions", {"fixes": {"b": FIX}}),
        ("SetVesselState", {"vessel_id": "b", "state": "ready"}),
        ("PickUpVictims", {"victim_id": "v", "vessel_id": "b", "count": 1}),
        ("LandVictims", {"victim_id": "v", "vessel_id": "b", "count": 1, "place_id": "x"}),
        ("RaiseSos", {"sos_id": "s", "terminal_id": "t-b"}),
    ],
)
def test_a_terminal_speaks_for_itself_only(name: str, body: dict[str, Any]) -> None:
    with pytest.raises(ForbiddenError, match="not about t-a"):
        read(name, body)


@pytest.mark.parametrize("name", ["PushCard", "OpenOperation", "AckSos", "FormGroup", "EndOperation", "SetClock"])
def test_a_terminal_may_not_command(name: str) -> None:
    with pytest.raises(ForbiddenError, match="may not send"):
        read(name, {})


@pytest.mark.parametrize("name", ["PushCard", "OpenOperation", "SetClock", "EndOperation", "SeeTerminal", "ReadGauge"])
def test_nobody_sends_what_the_server_makes(name: str) -> None:
    for role in ROLES:
        with pytest.raises(ForbiddenError):
            read(name, {}, Caller(role))


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"card_id": "p/t-a"},
        {"card_id": 5, "receipt": "delivered"},
        {"card_id": "p/t-a", "receipt": "eaten"},
        {"card_id": "p/t-a", "receipt": "declined", "reason": "bored"},
        {"card_id": "p/t-a", "receipt": "delivered", "raeson": "busy"},
        {"card_id": None, "receipt": None},
    ],
)
def test_a_malformed_body_is_refused(body: dict[str, Any]) -> None:
    with pytest.raises(InputError, match="GiveReceipt"):
        read("GiveReceipt", body)


def test_a_misspelt_field_deep_inside_is_named() -> None:
    with pytest.raises(InputError, match=r"fixes\.a has no field 'speed'; did you mean 'speed_mps'"):
        read("ReportPositions", {"fixes": {"a": {**FIX, "speed": 3}}})


def test_an_unknown_command_names_the_nearest() -> None:
    with pytest.raises(NotFoundError, match="GiveReceipt"):
        read("GiveReciept", {})
    with pytest.raises(NotFoundError, match="card"):
        read("GiveReceipt", {"card_id": "p/nobody", "receipt": "delivered"})


def test_the_author_is_who_we_know_not_who_is_claimed() -> None:
    note = {"id": "n", "kind": "report", "text": {"zh": "x", "en": "x"}, "to": [], "via": "", "by": "commander"}
    told = read("AddNote", {"note": {**note, "time_s": 1.0}})
    assert isinstance(told, AddNote)
    assert told.note.by == "terminal/t-a"
