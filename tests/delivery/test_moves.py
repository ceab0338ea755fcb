"""Positions as columns: what goes in comes out as exactly as a map can show it."""

from dataclasses import replace

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rescuecmd.delivery.moves import SOURCES, Moves, pack_fixes, unpack_fixes
from rescuecmd.errors import InputError
from rescuecmd.picture.entity import Fix

FIXES = st.builds(
    Fix,
    lon_deg=st.floats(-180, 180),
    lat_deg=st.floats(-90, 90),
    time_s=st.floats(1.7e9, 1.7e9 + 1e5),
    accuracy_m=st.floats(0, 1e5),
    source=st.sampled_from(SOURCES),
    course_deg=st.none() | st.floats(0, 360),
    speed_mps=st.none() | st.floats(0, 60),
)


def near(one: float | None, other: float | None, within: float) -> bool:
    return one is other if one is None or other is None else abs(one - other) <= within * 1.001


@given(st.dictionaries(st.text(max_size=12), FIXES, max_size=20))
def test_columns_hold_a_fix_as_exactly_as_a_map_shows_it(fixes: dict[str, Fix]) -> None:
    wire = msgspec.json.encode(pack_fixes(fixes))
    back = unpack_fixes(msgspec.json.decode(wire, type=Moves))
    assert list(back) == list(fixes)
    for key, fix in fixes.items():
        got = back[key]
        assert near(fix.lon_deg, got.lon_deg, 5e-7)
        assert near(fix.lat_deg, got.lat_deg, 5e-7)
        assert near(fix.time_s, got.time_s, 0.051)
        assert near(fix.accuracy_m, got.accuracy_m, 0.05)
        assert near(fix.course_deg, got.course_deg, 0.05)
        assert near(fix.speed_mps, got.speed_mps, 0.005)
        assert fix.source == got.source


def test_columns_of_different_length_or_an_unknown_source_are_refused() -> None:
    good = pack_fixes({"a": Fix(106.4, 29.7, 10.0, 4.0, "gps")})
    for bad in (
        replace(good, lon=()),
        replace(good, ids=("a", "b")),
        replace(good, source=(9,)),
        replace(good, source=(-1,)),
    ):
        with pytest.raises(InputError, match="columns of one length"):
            unpack_fixes(bad)


def test_a_fix_that_is_months_old_stays_a_small_number() -> None:
    moves = pack_fixes({"new": Fix(0, 0, 1.7e9, 1.0, "gps"), "old": Fix(0, 0, 0.0, 1.0, "gps")})
    assert min(moves.at) >= -4e7
