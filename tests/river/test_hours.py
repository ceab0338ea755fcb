"""Hours of every day, with their zone."""

from contextlib import suppress
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rescuecmd.errors import InputError
from rescuecmd.river.hours import DAY_S, DailyHours

NOON_UTC = 1_900_000_800.0 // DAY_S * DAY_S + DAY_S / 2


def open_at(hours: DailyHours, time_s: float) -> bool:
    return any(opens <= time_s < closes for opens, closes in hours.between(time_s, time_s))


def test_hours_are_those_of_their_zone() -> None:
    lock = DailyHours.parse("06:00-22:00 +08:00")
    assert lock.between(NOON_UTC, NOON_UTC)[1] == (NOON_UTC - 14 * 3600, NOON_UTC + 2 * 3600)
    assert open_at(lock, NOON_UTC + 7199.0)
    assert not open_at(lock, NOON_UTC + 7201.0)
    assert not open_at(DailyHours.parse("06:00-12:00,14:00-22:00 Z"), NOON_UTC + 3600.0)


def test_a_night_is_one_span_and_a_whole_day_has_no_gap() -> None:
    night = DailyHours.parse("22:00-06:00 +00:00")
    assert open_at(night, NOON_UTC + 12 * 3600.0)
    assert len(DailyHours.parse("00:00-24:00 Z").between(NOON_UTC, NOON_UTC + 3 * DAY_S)) == 1


@pytest.mark.parametrize(
    "text",
    [
        "", "always", "06:00-22:00", "06:00-22:00 Asia/Shanghai", "6:00-22:00 Z", "06:00-25:00 Z", "06:60-07:00 Z",
        "06:00-06:00 Z", "06:00-12:00,11:00-13:00 Z", "22:00-06:00,05:00-07:00 Z", "12:00-13:00,08:00-09:00 Z",
        "06:00-22:00 +15:00", "06:00-22:00 +08:60", "06:00-22:00 08:00", "24:00-06:00 Z",
    ],
)  # fmt: skip
def test_what_is_no_set_of_hours_is_told(text: str) -> None:
    with pytest.raises(InputError, match=r"hours|times of day"):
        DailyHours.parse(text)


minutes = st.integers(0, 24 * 60 - 1)


@given(minutes, minutes, st.integers(-14 * 60, 14 * 60), st.integers(-(10**9), 3 * 10**9))
def test_they_are_read_back_as_written_and_repeat_every_day(begins: int, ends: int, zone_min: int, at_s: int) -> None:
    if begins == ends:
        return
    hours = DailyHours(((begins, ends if ends > begins else ends + 24 * 60),), zone_min)
    assert DailyHours.parse(str(hours)) == hours
    assert open_at(hours, at_s) == open_at(hours, at_s + DAY_S)
    spans = hours.between(at_s, at_s + 2 * DAY_S)
    assert all(opens < closes for opens, closes in spans)
    assert all(one[1] <= other[0] for one, other in pairwise(spans))
    assert spans[0][0] <= at_s + DAY_S
    assert spans[-1][1] >= at_s + DAY_S


@given(st.text(max_size=30))
def test_no_text_breaks_the_reader(text: str) -> None:
    with suppress(InputError):
        assert DailyHours.parse(text).between(0.0, 1.0)
