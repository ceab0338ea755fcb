import pytest
from hypothesis import given
from hypothesis import strategies as st

from rescuecmd.errors import FaultsError, NotFoundError
from rescuecmd.interop.unit_file import load_units, read_units, write_units
from rescuecmd.interop.unit_shape import CRAFT_KINDS
from rescuecmd.picture.entity import Craft
from rescuecmd.picture.unit import Unit
from rescuecmd.text import Text

GOOD = """
units: river-units/1
forces:
  - id: fire-2
    name: {zh: 消防 2 号冲锋舟, en: Fire assault boat 2}
    agency: fire
    role: boat
    craft: {kind: inflatable, length_m: 5, draught_m: 0.4, under_keel_m: 0.3, air_draught_m: 2, speed_mps: 8, seats: 6}
  - {id: medical-6, name: {zh: 急救组 6, en: Medical team 6}, agency: medical, role: medical}
"""

words = st.text("abc ,:#'\"{}[]-消防\n", min_size=1, max_size=12).filter(lambda text: text.strip() == text)
lengths = st.floats(0.1, 4.9, allow_nan=False)
crafts = st.builds(
    Craft,
    kind=st.sampled_from(CRAFT_KINDS),
    length_m=lengths,
    draught_m=lengths,
    under_keel_m=lengths,
    air_draught_m=lengths,
    speed_mps=lengths,
    seats=st.integers(1, 200),
    max_current_mps=st.none() | lengths,
)
names = st.builds(Text, words, words)
boats = st.builds(Unit, st.just("b"), names, st.just("fire"), st.just("boat"), crafts, st.sampled_from(["", "s"]))
teams = st.builds(Unit, st.just("s"), names, st.just("police"), st.just("shore"))


@given(boats, teams)
def test_what_is_written_is_read_again(boat: Unit, team: Unit) -> None:
    assert read_units(write_units([boat, team]).encode(), "units.yaml") == (boat, team)


@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_garbage_is_faults_with_the_name_of_the_file(raw: bytes) -> None:
    with pytest.raises(FaultsError) as caught:
        read_units(raw, "units.yaml")
    assert {fault.file for fault in caught.value.faults} == {"units.yaml"}


def test_a_file_that_is_not_there_says_how_one_is_begun(tmp_path) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(NotFoundError, match="units init"):
        load_units(tmp_path / "units.yaml")


@pytest.mark.parametrize(
    ("right", "wrong", "line", "words"),
    [
        ("agency: fire", "agency: fre", 6, "did you mean 'fire'"),
        ("kind: inflatable", "kind: inflatible", 8, "did you mean 'inflatable'"),
        ("draught_m: 0.4", "drauhgt_m: 0.4", 8, "did you mean 'draught_m'"),
        ("draught_m: 0.4", "draught_m: .nan", 8, "finite"),
        ("seats: 6", "seats: 0", 8, "greater than or equal to 1"),
        ("role: boat", "role: shore", 4, "a team ashore has none"),
        ("id: medical-6", "id: t-fire-2", 9, "'t-fire-2' is already used"),
        ("id: medical-6", "id: fire-2", 9, "is already used"),
        ("agency: medical,", "agency: medical, supervisor: fire-3,", 9, "did you mean 'fire-2'"),
        ("agency: medical,", "agency: medical, supervisor: medical-6,", 9, "no other unit"),
        ("river-units/1", "river-units/2", 2, "expected 'river-units/1'"),
        ("name: {zh: 急救组 6, en: Medical team 6}", "name: {zh: 急救组 6}", 9, "'en' is required"),
    ],
)
def test_each_fault_has_its_line_and_what_was_expected(right: str, wrong: str, line: int, words: str) -> None:
    assert right in GOOD
    with pytest.raises(FaultsError) as caught:
        read_units(GOOD.replace(right, wrong).encode(), "units.yaml")
    told = [(fault.line, fault.message) for fault in caught.value.faults]
    assert any(at == line and words in message for at, message in told), told
