import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rescuecmd.errors import InputError
from rescuecmd.picture.commands import Actor
from rescuecmd.picture.entity import Fix, Hazard
from rescuecmd.picture.events import BODIES, Event, NoteAdded, VictimsCleared
from rescuecmd.picture.order import Note
from rescuecmd.picture.state import Picture
from rescuecmd.store.codec import decode_event, decode_picture, encode_event, encode_picture, stamp
from rescuecmd.text import Text
from tests.store.values import any_event, any_of


@pytest.mark.parametrize("kind", sorted(BODIES))
def test_every_event_comes_back_as_it_was(kind: str) -> None:
    @settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck), database=None)
    @given(any_event(kind))
    def there_and_back(event: Event) -> None:
        assert decode_event(encode_event(event)) == event

    there_and_back()


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(any_of(Picture))
def test_a_picture_comes_back_as_it_was(picture: Picture) -> None:
    assert decode_picture(encode_picture(picture)) == picture


def test_a_picture_with_changes_comes_back() -> None:
    fix = Fix(106.5, 29.6, 1.0, 5.0, "gps")
    picture = Picture(seq=7).put("hazards", Hazard("h", "wreck", Text("船", "wreck"), fix, 3.0)).drop("hazards", "h")
    assert decode_picture(encode_picture(picture)) == picture
    assert picture.changed["hazards", "h"] == 7


@given(st.binary(max_size=300))
def test_garbage_is_named_as_such(data: bytes) -> None:
    with pytest.raises(InputError):
        decode_event(data)


@settings(deadline=None)
@given(st.data())
def test_a_damaged_event_never_breaks_the_reader(data: st.DataObject) -> None:
    good = bytearray(encode_event(_event(VictimsCleared("v1", 3))))
    good[data.draw(st.integers(0, len(good) - 1))] ^= data.draw(st.integers(1, 255))
    try:
        decode_event(bytes(good[: data.draw(st.integers(0, len(good)))]))
    except InputError as error:
        assert error.code in {"event-bytes", "event-kind"}


def test_an_unknown_event_names_the_nearest() -> None:
    data = msgspec.msgpack.encode([1, "o", "drill", "", "", 0.0, 0.0, None, "VictimCleared", {}])
    with pytest.raises(InputError, match="did you mean 'VictimsCleared'"):
        decode_event(data)


def test_a_newer_programs_extra_field_is_passed_over() -> None:
    body = {"victim_id": "v", "count": 2, "weather": "rain"}
    data = msgspec.msgpack.encode([1, "o", "drill", "", "", 0.0, 0.0, None, "VictimsCleared", body])
    assert decode_event(data).body == VictimsCleared("v", 2)


@pytest.mark.parametrize("count", [2**70, -(2**70)])
def test_a_number_too_large_is_refused(count: int) -> None:
    with pytest.raises(InputError):
        encode_event(_event(VictimsCleared("v", count)))


def test_half_a_surrogate_pair_is_refused() -> None:
    note = Note("n", "report", Text("\ud800", ""), (), "radio", "x", 0.0)
    with pytest.raises(InputError):
        encode_event(_event(NoteAdded(note)))


def test_the_stamp_is_the_same_in_every_process() -> None:
    assert stamp() == stamp()
    assert len(stamp()) == 16


def _event(body: VictimsCleared | NoteAdded) -> Event:
    return Event(1, "op", Actor("drill"), "", 0.0, 0.0, None, body)
