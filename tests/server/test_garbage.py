"""Whatever a stranger or a broken client sends: an answer in our words, never a fault of ours, and life goes on."""

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis.core.result import Ok
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.frames import Frame, Opcode
from websockets.sync.client import ClientConnection, connect

from rescuecmd.server.intake import COMMANDS
from tests.browser.served import Server, served
from tests.server.door import Door, note

FEW = settings(
    max_examples=4,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
SLOW = {"/api/drill/load"}  # opens a river anew, which is a second's work; its answers are tested elsewhere


@schemathesis.serializer("application/sdp")
def _sdp(context: Any, value: Any) -> bytes:
    """Send an offer as what it is, text or not."""
    return str(value).encode("utf-8", "surrogatepass")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with served(tmp_path_factory.mktemp("data"), "--drill", "dazhulin", "--camera", "off", "--no-robots") as running:
        yield running


@pytest.fixture(scope="module")
def door(server: Server) -> Door:
    return Door(server.ready["address"], server.ready["keys"])


def _alive(door: Door) -> bool:
    with httpx.Client(base_url=door.address) as http:
        return bool(http.get("/api/health").json()["ok"])


def _socket(door: Door, role: str = "commander") -> ClientConnection:
    return connect(door.live_url(role), max_size=None)


def _answer(socket: ClientConnection, op_id: str) -> dict[str, Any]:
    while True:
        frame: dict[str, Any] = json.loads(socket.recv(timeout=60))
        if frame["type"] in {"done", "refused", "later"} and frame["op_id"] == op_id:
            return frame


def _closed(socket: ClientConnection) -> int:
    """Return the code with which the server closes."""
    try:
        while True:
            socket.recv(timeout=60)
    except ConnectionClosed as error:
        assert error.rcvd
        return error.rcvd.code


ODD = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=8,
)


def test_no_body_of_a_command_finds_a_fault(door: Door) -> None:
    with _socket(door) as socket:

        @settings(FEW, max_examples=150)
        @given(st.sampled_from(sorted(COMMANDS)), st.dictionaries(st.text(max_size=12), ODD, max_size=4))
        def send(name: str, body: dict[str, Any]) -> None:
            message = {"type": "command", "op_id": "odd", "name": name, "body": body}
            socket.send(json.dumps(message))
            answer = _answer(socket, "odd")
            assert answer["type"] != "done"
            assert answer["error"]["code"] != "internal"

        send()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "null",
        "[]",
        '"command"',
        '{"type": "command"}',
        '{"type": "signed", "message": "{}", "signature": ""}',
        '{"type": "command", "op_id": "", "name": "AddNote", "body": {}}',
        '{"type": "hello"}',
        "[" * 30_000,
        '{"a":' * 10_000,
    ],
)
def test_a_message_that_is_none_is_answered_by_a_close(door: Door, text: str) -> None:
    with _socket(door) as socket:
        socket.send(text)
        assert _closed(socket) in {4400, 4404}


@pytest.mark.parametrize(
    ("opcode", "data", "code"),
    [
        (Opcode.TEXT, b"\xff\xfe\xfd", 1007),
        (Opcode.TEXT, b'{"type": "command", "op_id": "\xc3\x28"}', 1007),
        (Opcode.TEXT, b'{"x": "' + b"a" * 70_000 + b'"}', 1009),
        (Opcode.BINARY, b"\x00" * 10, 4400),
    ],
)
def test_what_is_no_text_or_too_large_is_cut_off(door: Door, opcode: Opcode, data: bytes, code: int) -> None:
    with _socket(door) as socket:
        socket.socket.sendall(Frame(opcode, data).serialize(mask=True))
        assert _closed(socket) == code
    assert _alive(door)


def test_a_truncated_message_changes_nothing(door: Door) -> None:
    with _socket(door) as socket:
        whole = Frame(Opcode.TEXT, json.dumps({"type": "command", "name": "AddNote"}).encode()).serialize(mask=True)
        socket.socket.sendall(whole[: len(whole) // 2])
        socket.socket.close()
    assert _alive(door)


def test_duplicates_and_any_order_give_one_event_each(door: Door) -> None:
    with _socket(door, "deputy") as socket:

        @settings(FEW, max_examples=5)
        @given(st.lists(st.integers(0, 4), min_size=5, max_size=12))
        def send(order: list[int]) -> None:
            for n in order:
                message = {"type": "command", "op_id": f"dup-{n}", "name": "ReportHazard", "body": _hazard(n)}
                socket.send(json.dumps(message))
            answers = [_answer(socket, f"dup-{n}") for n in order]
            assert {answer["type"] for answer in answers} == {"done"}, answers
            seqs = [tuple(answer["seqs"]) for answer in answers]
            assert len(set(seqs)) == len(set(order))

        send()


def _hazard(n: int) -> dict[str, Any]:
    place = {"lon_deg": 106.4, "lat_deg": 29.6, "time_s": 1.0, "accuracy_m": 5.0, "source": "report"}
    name = {"zh": "木", "en": "log"}
    return {"hazard": {"id": f"h-{n}", "kind": "debris", "name": name, "fix": place, "radius_m": 5.0}}


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://127.0.0.1", "http://127.0.0.1:1", ""])
def test_a_foreign_page_gets_no_socket(door: Door, origin: str) -> None:
    with pytest.raises(InvalidStatus, match="403"):
        connect(door.live_url("commander"), additional_headers={"Origin": origin})


def test_a_flood_is_put_off_and_an_sos_is_not(door: Door) -> None:
    boat = door.terminals[0]
    with connect(door.live_url(f"terminal/{boat}", view="terminal", terminal=boat), max_size=None) as socket:
        for n in range(150):
            message = {"type": "command", "op_id": f"flood-{n}", "name": "AddNote", "body": note(f"n-flood-{n}")}
            socket.send(json.dumps(message))
        answers = [_answer(socket, f"flood-{n}") for n in range(150)]
        late = [answer for answer in answers if answer["type"] == "later"]
        assert late
        assert late[0]["error"]["code"] == "too-many"
        assert late[0]["error"]["facts"]["after_s"] > 0
        body = {"sos_id": "s-flood", "terminal_id": boat}
        socket.send(json.dumps({"type": "command", "op_id": "sos", "name": "RaiseSos", "body": body}))
        assert _answer(socket, "sos")["type"] == "done"


def test_no_request_of_the_document_finds_a_fault(door: Door) -> None:
    """Ask everything; it is the last test here, because it also ends the drill."""
    schema = schemathesis.openapi.from_url(f"{door.address}/openapi.json")
    answers: list[int] = []
    found: list[str] = []
    for result in schema.get_all_operations():
        assert isinstance(result, Ok)
        operation = result.ok()
        if operation.path in SLOW:
            continue
        role = "trainer" if operation.path.startswith("/api/drill") else "commander"
        _ask(operation, {"authorization": f"Bearer {door.keys[role]}"}, answers, found)
    assert not found
    assert len(answers) > 150
    assert _alive(door)


def _ask(operation: Any, headers: dict[str, str], answers: list[int], found: list[str]) -> None:
    """Ask one operation a few times with what its description allows, and note every fault of the server."""

    @FEW
    @given(case=operation.as_strategy())
    def ask(case: Any) -> None:
        more = {"params": {"wait_s": 0}} if case.path == "/api/next" else {}
        answer = case.call(headers=headers, **more)
        answers.append(answer.status_code)
        if answer.status_code >= 500 and b'"video-off"' not in answer.content:
            found.append(f"{answer.status_code} {case.as_curl_command()[:400]} {answer.content[:200]!r}")

    ask()
