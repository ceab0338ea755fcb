"""The software proposes and warns about people; it merges, counts and closes nobody."""

from dataclasses import replace

from rescuecmd.picture import commands as c
from rescuecmd.picture.entity import Group
from rescuecmd.picture.events import MergeProposed
from tests.reactions.stage import COMMANDER, on_rock, stage, text


async def test_two_reports_of_the_same_rock_are_proposed_and_merged_by_hand() -> None:
    act = await stage()
    await act.forecast(174.8, 178.8)
    await act.give(c.ReportVictim(on_rock()))
    await act.give(c.ReportVictim(on_rock(2, "w")))
    (proposal,) = act.desk.picture.proposals.values()
    assert (proposal.ids, proposal.state) == (("v", "w"), "open")
    await act.wait(60)
    assert len(act.events(MergeProposed)) == 1
    assert not act.desk.picture.victims["w"].merged_into
    await act.give(c.MergeVictims("v", ("w",)), COMMANDER)
    assert act.desk.picture.proposals[proposal.id].state == "taken"
    (suggestion,) = act.desk.picture.suggestions.values()
    assert suggestion.victim_ids == ("v",), "the cards that are called for count them once"
    assert act.reactor.faults == act.software.refused == 0


async def test_a_count_that_does_not_agree_is_said_until_it_does() -> None:
    act = await stage()
    await act.give(c.ReportVictim(on_rock()))
    await act.give(c.PickUpVictims("v", "b1", 3))
    await act.give(c.CountHeads("boat", "b1", 2))
    alarm = act.desk.picture.alarms["count_mismatch/boat/b1"]
    assert alarm.text.en == "b1 counts 2 aboard, the book says 3"
    assert alarm.text.zh == "b1清点艇上 2 人，账面 3 人"
    await act.give(c.CountHeads("boat", "b1", 3))
    assert "count_mismatch/boat/b1" not in act.desk.picture.alarms


async def test_a_group_ends_when_its_time_is_over() -> None:
    act = await stage()
    group = Group("g", text("g"), ("t-b1",), "commander", act.now_s, ends_s=act.now_s + 30)
    await act.give(c.FormGroup(group), COMMANDER)
    await act.give(c.FormGroup(replace(group, id="h", ends_s=None)), COMMANDER)
    await act.wait(50)
    assert act.desk.picture.groups["g"].closed_s is not None
    assert act.desk.picture.groups["h"].closed_s is None
