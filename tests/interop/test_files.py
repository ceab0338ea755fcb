import pytest
from hypothesis import given
from hypothesis import strategies as st

from rescuecmd.errors import FaultsError
from rescuecmd.interop.files import FileModel, parse, read_document


class Boat(FileModel):
    id: str
    seats: int
    kind: str = "rib"


class Fleet(FileModel):
    title: str
    boats: list[Boat]


GOOD = b"title: north\nboats:\n  - {id: A, seats: 4}\n  - id: B\n    seats: 6\n"


def faults(raw: bytes) -> list[str]:
    with pytest.raises(FaultsError) as caught:
        parse(read_document(raw, "fleet.yaml"), Fleet)
    return [str(fault) for fault in caught.value.faults]


def test_a_good_file_is_read() -> None:
    fleet = parse(read_document(GOOD, "fleet.yaml"), Fleet)
    assert [boat.seats for boat in fleet.boats] == [4, 6]


def test_lines_are_those_of_the_file() -> None:
    document = read_document(GOOD, "fleet.yaml")
    assert document.line("boats", 1, "seats") == 5
    assert document.line("boats", 1, "seats", "deeper", 3) == 5
    assert document.line("nothing") == 1


def test_every_fault_has_line_and_nearest_name() -> None:
    found = faults(b"title: north\nboats:\n  - id: A\n    seats: many\n  - id: B\n    seat: 6\n")
    assert any(f.startswith("fleet.yaml:4: boats[0].seats:") and "'many'" in f for f in found)
    assert any(f.startswith("fleet.yaml:6:") and "did you mean 'seats'" in f for f in found)
    assert any("boats[1].seats: 'seats' is required" in f for f in found)


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (b"title: a\ntitle: b\n", "duplicate key"),
        (b"title: &x a\nboats: *x\n", "anchors"),
        (b"title: [a\n", "not valid YAML"),
        (b"\xff\xfe\x00", "UTF-8"),
        (b"a" * (300 * 1024), "at most 256 kB"),
        (b"", "should be a valid dictionary"),
        (b"- 1\n", "should be a valid dictionary"),
    ],
)
def test_broken_files_are_explained(raw: bytes, words: str) -> None:
    assert words in " ".join(faults(raw))


def test_times_and_switches_stay_text() -> None:
    assert read_document(b"a: 5:30\nb: on\nc: 010\n", "x").data == {"a": "5:30", "b": "on", "c": 10}


@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_garbage_never_escapes(raw: bytes) -> None:
    try:
        parse(read_document(raw, "x.yaml"), Fleet)
    except FaultsError as error:
        assert error.faults
