"""Frames are shared wherever eyes see the same, and following them always leads to what a snapshot shows."""

from dataclasses import replace
from typing import Any

import msgspec
import pytest

from rescuecmd.delivery.moves import pack_fixes
from rescuecmd.feeds.robot import Frame as Read
from rescuecmd.feeds.robot import Mirror
from rescuecmd.picture.commands import ReportPositions, SetVesselState
from rescuecmd.picture.delta import since
from rescuecmd.picture.entity import Craft, Fix, Vessel
from rescuecmd.picture.state import COLLECTIONS, Picture
from rescuecmd.server.frames import Angle, Pieces, Tick
from rescuecmd.text import Text
from tests.delivery.pushed import answered, carried_out, pushed

BOAT = Vessel("v", Text("艇", "Boat"), "fire", Craft("rib", 5, 0.5, 0.3, 2, 12, 6), terminal_id="1")
WALL, ONE, TWO = Angle("wall"), Angle("terminal", "1"), Angle("terminal", "2")


def fix(n: float) -> Fix:
    return Fix(106.4 + n / 1000, 29.7, n, 4.0, "gps", 90.0, 3.0)


def tick(picture: Picture, pieces: Pieces) -> Tick:
    return Tick("e", picture, picture.time_s, (), (), pieces)


def read(body: bytes) -> dict[str, Any]:
    found: dict[str, Any] = msgspec.json.decode(body)
    return found


@pytest.fixture
def pictures() -> list[Picture]:
    """A boat that moves, changes its state and moves on, beside two cards that are answered."""
    start = pushed("1", "2").put("vessels", BOAT)
    moved = carried_out(start, ReportPositions({"v": fix(1)}), 1.0)
    again = carried_out(moved, ReportPositions({"v": fix(2)}), 2.0)
    changed = carried_out(again, SetVesselState("v", "disabled", None), 3.0)
    answer = answered(changed, "1", "delivered", 4.0)
    return [start, moved, again, changed, answer, carried_out(answer, ReportPositions({"v": fix(5)}), 5.0)]


def test_what_only_moved_travels_as_a_row(pictures: list[Picture]) -> None:
    pieces = Pieces()
    for picture in pictures[:2]:
        tick(picture, pieces).snapshot(WALL)
    body = read(tick(pictures[2], pieces).frame(WALL, epoch="e", after=pictures[1].seq).body)
    assert body["put"] == {}
    assert msgspec.convert(body["moved"]["vessels"], type(pack_fixes({}))) == pack_fixes({"v": fix(2)})


def test_what_changed_otherwise_travels_whole_to_whoever_has_not_seen_it(pictures: list[Picture]) -> None:
    pieces = Pieces()
    for picture in pictures:
        tick(picture, pieces).frame(WALL, epoch="e", after=1)
    last = tick(pictures[-1], pieces)
    old = read(last.frame(WALL, epoch="e", after=pictures[2].seq).body)
    assert old["put"]["vessels"]["v"]["state"] == "disabled"
    assert old["moved"] == {}
    new = read(last.frame(WALL, epoch="e", after=pictures[4].seq).body)
    assert (new["put"], list(new["moved"])) == ({}, ["vessels"])


@pytest.mark.parametrize("angle", [WALL, ONE, TWO, Angle("trainer")])
@pytest.mark.parametrize("stride", [1, 2, 3, 5])
def test_following_leads_to_what_a_snapshot_shows(pictures: list[Picture], angle: Angle, stride: int) -> None:
    pieces, mirror, other = Pieces(), Mirror(), Mirror()
    for n, picture in enumerate(pictures):
        made = tick(picture, pieces)
        other_frame = made.frame(WALL, epoch="e", after=1)  # somebody else's frames must not disturb ours
        assert other_frame.body
        if n % stride == 0 or picture is pictures[-1]:
            frame = made.frame(angle, epoch=mirror.epoch, after=mirror.picture.seq)
            assert mirror.apply(msgspec.json.decode(frame.body, type=Read))
    other.apply(msgspec.json.decode(tick(pictures[-1], Pieces()).snapshot(angle), type=Read))
    for name in COLLECTIONS:
        assert getattr(mirror.picture, name) == getattr(other.picture, name), name


def test_terminals_share_a_frame_unless_something_is_their_own(pictures: list[Picture]) -> None:
    pieces = Pieces()
    moved = tick(pictures[-1], pieces)
    after = pictures[-2].seq
    assert moved.frame(ONE, epoch="e", after=after) is moved.frame(TWO, epoch="e", after=after)
    before = pictures[3].seq
    mine, others = moved.frame(ONE, epoch="e", after=before), moved.frame(TWO, epoch="e", after=before)
    assert list(read(mine.body)["put"]["cards"]) == ["p/1"]
    assert "cards" not in read(others.body)["put"]
    assert moved.frame(ONE, epoch="e", after=before) is mine


def test_only_movement_can_wait(pictures: list[Picture]) -> None:
    pieces = Pieces()
    for picture in pictures:
        tick(picture, pieces).snapshot(WALL)
    last = tick(pictures[-1], pieces)
    assert last.can_wait(ONE, epoch="e", after=pictures[-2].seq)
    assert not last.can_wait(ONE, epoch="e", after=pictures[3].seq)  # its own card was delivered
    assert last.can_wait(TWO, epoch="e", after=pictures[3].seq)  # that is not for the other one
    assert not last.can_wait(TWO, epoch="e", after=pictures[2].seq)  # the boat broke down
    assert not last.can_wait(TWO, epoch="elsewhere", after=5)


def test_a_frame_says_what_the_change_marks_say(pictures: list[Picture]) -> None:
    last = pictures[-1]
    for after in range(1, last.seq + 1):
        for angle in (WALL, ONE, TWO):
            body = read(tick(last, Pieces()).frame(angle, epoch="e", after=after).body)
            told = {(name, key) for part in ("put", "drop") for name, ids in body[part].items() for key in ids}
            told |= {(name, key) for name, moves in body["moved"].items() for key in moves["ids"]}
            wanted = since(last, after, angle.view(last))
            assert told == {(name, key) for name, table in wanted.put.items() for key in table}


def test_who_was_removed_is_named_to_all_and_a_command_matter_only_to_the_wall() -> None:
    picture = pushed("1").put("vessels", BOAT)
    gone = replace(picture, seq=picture.seq + 1).drop("vessels", "v")
    for angle in (WALL, ONE):
        assert read(tick(gone, Pieces()).frame(angle, epoch="e", after=picture.seq).body)["drop"] == {"vessels": ["v"]}


def test_packing_is_zlib_and_small_frames_stay_as_they_are(pictures: list[Picture]) -> None:
    import zlib

    made = tick(pictures[-1], Pieces())
    whole = made.whole(WALL)
    assert whole.worth_packing
    assert zlib.decompress(whole.packed) == whole.body
    assert len(whole.packed) < len(whole.body)
    quiet = made.frame(WALL, epoch="e", after=pictures[-1].seq)
    assert read(quiet.body)["put"] == {}
