"""Task groups with their own chat, and support among units with the seconds of each step."""

from dataclasses import replace

import pytest

from rescuecmd.errors import InputError, RefusedError
from rescuecmd.picture import commands as c
from rescuecmd.picture.delta import snapshot, terminal_view
from rescuecmd.picture.entity import Group
from rescuecmd.picture.order import Note
from rescuecmd.picture.register import Support
from rescuecmd.picture.state import Picture
from tests.picture.cases import COMMANDER, opening, run, terminal, text
from tests.picture.test_lifecycle import act

HELPER = c.Actor("terminal/XF-02")


def grouped() -> Picture:
    group = Group("G1", text("reef group"), ("JY-01", "XF-02"), "commander", 10.0, ends_s=900.0)
    return run([*opening(), c.EnrolTerminal(terminal("OUT")), c.FormGroup(group)])[0]


def say(note_id: str = "N1") -> c.AddNote:
    return c.AddNote(Note(note_id, "message", text("at the reef"), (), "chat", "terminal/XF-02", 20.0, "G1"))


def test_what_is_said_in_a_group_reaches_its_members_and_nobody_else() -> None:
    picture = act(grouped(), say(), HELPER)
    assert picture.notes["N1"].to == ("JY-01", "XF-02")
    assert "N1" in snapshot(picture, terminal_view("JY-01", "JY-01"))["notes"]
    assert not snapshot(picture, terminal_view("OUT", ""))["notes"]
    with pytest.raises(RefusedError, match="not in the group"):
        act(picture, say("N2"), c.Actor("terminal/OUT"))


def test_members_change_and_what_was_said_before_stays_where_it_was() -> None:
    picture = act(act(grouped(), say(), HELPER), c.ChangeGroup("G1", ("JY-01", "OUT")), COMMANDER)
    assert picture.groups["G1"].terminal_ids == ("JY-01", "OUT")
    assert picture.notes["N1"].to == ("JY-01", "XF-02")
    assert act(picture, c.ChangeGroup("G1", ("JY-01", "OUT")), COMMANDER) == picture
    with pytest.raises(InputError, match="at least one member"):
        act(picture, c.ChangeGroup("G1", ()), COMMANDER)


def test_a_group_that_has_ended_is_silent() -> None:
    picture = act(grouped(), c.CloseGroup("G1"), COMMANDER)
    for command in (say(), c.ChangeGroup("G1", ("OUT",))):
        with pytest.raises(RefusedError, match="has ended"):
            act(picture, command, COMMANDER)


def asked() -> Picture:
    return act(run(opening())[0], c.RequestSupport(Support("S1", "JY-01", "rope", "two on a ledge", 0.0)))


def test_support_has_its_steps_with_seconds() -> None:
    picture = asked()
    assert picture.supports["S1"].fix == picture.vessels["JY-01"].fix
    for at_s, state in ((25.0, "accepted"), (40.0, "under_way"), (90.0, "on_scene"), (300.0, "done")):
        step = c.MoveSupport("S1", state, "XF-02")  # type: ignore[arg-type]
        picture = act(picture, step, HELPER, now_s=at_s)
        assert act(picture, step, HELPER, now_s=at_s + 1) == picture
    support = picture.supports["S1"]
    steps = [(mark.step, mark.time_s - support.made_s) for mark in support.trail]
    assert steps == [
        ("offered", 0.0), ("stored", 0.0), ("accepted", 5.0), ("under_way", 20.0), ("on_scene", 70.0), ("done", 280.0),
    ]  # fmt: skip


def test_support_goes_forward_and_has_one_helper() -> None:
    picture = act(asked(), c.MoveSupport("S1", "accepted", "XF-02"), HELPER)
    for command, words in (
        (c.MoveSupport("S1", "requested"), "cannot become requested"),
        (c.MoveSupport("S1", "accepted", "JY-01"), "cannot become accepted"),
        (c.MoveSupport("S1", "under_way", "JY-01"), "XF-02 gives support"),
    ):
        with pytest.raises(RefusedError, match=words):
            act(picture, command)
    with pytest.raises(RefusedError, match="cannot be the one"):
        act(asked(), c.MoveSupport("S1", "accepted", "JY-01"))
    assert act(asked(), c.MoveSupport("S1", "cancelled")).supports["S1"].trail[-1].step == "withdrawn"


def test_a_groups_map_and_room_travel_with_it() -> None:
    ring = ((106.4, 29.6), (106.5, 29.6), (106.5, 29.7), (106.4, 29.6))
    group = replace(grouped().groups["G1"], id="G2", ring=ring, camera_ids=("cam",))
    assert run([*opening(), c.FormGroup(group)])[0].groups["G2"].ring == ring
