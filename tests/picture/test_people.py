"""The register of people: sightings, merge and split, counts, triage, and the named end of a case."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rescuecmd.errors import InputError, RefusedError, RescueError
from rescuecmd.picture import commands as c
from rescuecmd.picture.duplicates import proposals
from rescuecmd.picture.entity import Fix, Victim
from rescuecmd.picture.fold import fold
from rescuecmd.picture.reconcile import mismatches, total_of
from rescuecmd.picture.redact import redact
from rescuecmd.picture.register import LocateLink
from rescuecmd.picture.state import Picture
from rescuecmd.store.codec import decode_event, encode_event
from tests.picture.cases import COMMANDER, opening, push, run, victim
from tests.picture.test_lifecycle import act


def caller(victim_id: str, lat: float = 29.63, count: int = 1, at_s: float = 10.0) -> Victim:
    spot = Fix(106.45, lat, at_s, 50.0, "report")
    return replace(victim(victim_id, count), fix=spot, reported_s=at_s, reported_by=victim_id, source="caller")


def three_callers() -> Picture:
    reports = [c.ReportVictim(caller(f"C{n}", 29.63 + n * 0.0005)) for n in range(3)]
    return run([*opening()[:-1], *reports])[0]


def people(picture: Picture) -> int:
    return sum(one.count for one in picture.victims.values() if not one.merged_into)


def test_three_callers_are_one_person_and_can_be_three_again() -> None:
    before = three_callers()
    merged = act(before, c.MergeVictims("C0", ("C1", "C2")), COMMANDER)
    assert people(merged) == 1
    assert (merged.victims["C1"].merged_into, merged.victims["C1"].waiting, merged.victims["C1"].closed) == (
        "C0",
        0,
        True,
    )
    assert [s.by for s in merged.victims["C0"].sightings] == ["C0", "C1", "C2"]
    assert act(merged, c.MergeVictims("C0", ("C1", "C2")), COMMANDER) == merged
    again = act(act(merged, c.SplitVictim("C1"), COMMANDER), c.SplitVictim("C2"), COMMANDER)
    assert {key: (v.count, v.merged_into) for key, v in again.victims.items()} == {
        key: (v.count, "") for key, v in before.victims.items()
    }
    assert [s.by for s in again.victims["C0"].sightings] == ["C0"]


def test_undoing_a_merge_restores_the_count_but_never_below_those_moved() -> None:
    merged = act(three_callers(), c.MergeVictims("C0", ("C1",), 4), COMMANDER)
    assert act(merged, c.SplitVictim("C1"), COMMANDER).victims["C0"].count == 1
    moved = act(merged, c.PickUpVictims("C0", "JY-01", 3), COMMANDER)
    assert act(moved, c.SplitVictim("C1"), COMMANDER).victims["C0"].count == 3


def test_what_is_said_of_a_merged_report_goes_to_the_record_that_speaks_for_it() -> None:
    merged = act(three_callers(), c.MergeVictims("C0", ("C1",)), COMMANDER)
    merged = act(merged, c.PickUpVictims("C1", "JY-01", 1), COMMANDER)
    assert merged.victims["C0"].aboard == 1
    with pytest.raises(RefusedError, match="merge the others into it"):
        act(merged, c.MergeVictims("C2", ("C0",)), COMMANDER)
    with pytest.raises(RefusedError, match="was merged into C0"):
        act(merged, c.MergeVictims("C1", ("C2",)), COMMANDER)


def test_the_tasks_of_merged_reports_follow() -> None:
    asked = push()
    tasks = tuple(replace(task, victim_ids=("C1",)) for task in asked.tasks)
    before = act(three_callers(), replace(asked, push=replace(asked.push, victim_ids=("C1",)), tasks=tasks), COMMANDER)
    assert act(before, c.MergeVictims("C0", ("C1",)), COMMANDER).tasks["T-JY-01"].victim_ids == ("C0",)


def test_a_case_is_closed_by_a_named_rescuer_only_and_can_be_opened_again() -> None:
    picture = three_callers()
    with pytest.raises(InputError, match="a rescuer with a name"):
        act(picture, c.CloseVictim("C0", "false_alarm", "  "), COMMANDER)
    with pytest.raises(RefusedError, match="1 still waiting"):
        act(picture, c.CloseVictim("C0", "rescued", "Li"), COMMANDER)
    closed = act(picture, c.CloseVictim("C0", "false_alarm", "Li", "kids with a ball"), COMMANDER)
    record = closed.victims["C0"]
    assert (record.count, record.waiting, record.closing and record.closing.rescuer) == (0, 0, "Li")
    opened = act(closed, c.ReopenVictim("C0"), COMMANDER).victims["C0"]
    assert (opened.count, opened.waiting, opened.closing) == (1, 1, None)
    left = act(picture, c.CloseVictim("C1", "left_alone", "Li"), COMMANDER).victims["C1"]
    assert (left.safe, left.lost, left.waiting) == (1, 0, 0)
    with pytest.raises(RefusedError, match="1 still waiting"):
        act(picture, c.CloseVictim("C1", "deceased", "Li"), COMMANDER)


def test_the_count_is_checked_in_the_boat_on_the_shore_and_in_the_ambulance() -> None:
    picture, _ = run([*opening(), c.PickUpVictims("V1", "JY-01", 3), c.CountHeads("boat", "JY-01", 2)])
    (wrong,) = mismatches(picture)
    assert (wrong.count, wrong.book) == (2, 3)
    picture, _ = run(
        [
            c.CountHeads("boat", "JY-01", 3),
            c.LandVictims("V1", "JY-01", 3, "ramp"),
            c.HandOverVictims("V1", 1),
            c.CountHeads("shore", "XF-02", 2),
            c.CountHeads("ambulance", "JY-01", 1),
        ],
        picture,
    )
    assert not mismatches(picture)
    assert [total_of(picture, place) for place in ("boat", "shore", "ambulance")] == [0, 2, 1]
    with pytest.raises(RefusedError, match="1 to 2 persons"):
        act(picture, c.HandOverVictims("V1", 3), COMMANDER)


def test_triage_is_a_label_by_somebody_and_a_note() -> None:
    picture = act(three_callers(), c.TriageVictim("C0", "immediate", "jumpstart", "child, breathing"), COMMANDER)
    judged = picture.victims["C0"]
    assert (judged.triage and judged.triage.category, judged.triage and judged.triage.by) == ("immediate", "commander")
    assert act(picture, c.TriageVictim("C0", note="child, breathing"), COMMANDER) == picture
    noted = act(picture, c.TriageVictim("C0", note="mother on the bank"), COMMANDER).victims["C0"]
    assert (noted.note, noted.triage) == ("mother on the bank", judged.triage)


def test_reports_that_look_alike_are_proposed_once() -> None:
    picture = three_callers()
    found = list(proposals(picture, 20.0))
    assert {item.ids for item in found} == {("C0", "C1"), ("C0", "C2"), ("C1", "C2")}
    assert "same kind, 56 m and 0 min apart" in found[0].why.en
    for item in found:
        picture = act(picture, c.ProposeMerge(item), COMMANDER)
    assert not list(proposals(picture, 20.0))
    merged = act(picture, c.MergeVictims("C0", ("C1", "C2")), COMMANDER)
    assert {item.state for item in merged.proposals.values()} == {"taken"}


@pytest.mark.parametrize(
    "other",
    [
        caller("X", lat=29.64),
        replace(caller("X"), kind="in_water"),
        caller("X", at_s=4000.0),
    ],
)
def test_reports_far_apart_in_place_kind_or_time_are_not_proposed(other: Victim) -> None:
    picture, _ = run([*opening()[:-1], c.ReportVictim(caller("C0")), c.ReportVictim(other)])
    assert not list(proposals(picture, 20.0))


def test_one_unit_sent_twice_to_the_same_people_is_proposed() -> None:
    second = push("P2")
    tasks = tuple(replace(task, id="T2") for task in second.tasks)
    cards = tuple(replace(card, task_id="T2") for card in second.cards)
    picture, _ = run([*opening(), push(), replace(second, tasks=tasks, cards=cards)])
    (found,) = proposals(picture, 20.0)
    assert (found.kind, found.ids) == ("tasks", ("T-JY-01", "T2"))


def link(**more: object) -> c.MakeLocateLink:
    made = LocateLink("L1", "digest", "138…01", "", "commander", 10.0, 910.0)
    return c.MakeLocateLink(replace(made, **more))  # type: ignore[arg-type]


def test_a_located_caller_becomes_a_report_and_then_a_sighting() -> None:
    picture, _ = run([*opening(), link()])
    here = Fix(106.46, 29.64, 20.0, 12.0, "report")
    picture = act(picture, c.LocateCaller("L1", here, 2, "on the roof"), c.Actor("link/L1"))
    found = picture.victims["locate-L1"]
    assert (found.count, found.source, found.fix, found.note) == (2, "locate_link", here, "on the roof")
    later = replace(here, lat_deg=29.641, time_s=60.0)
    picture = act(picture, c.LocateCaller("L1", later), c.Actor("link/L1"), now_s=60.0)
    assert (picture.links["L1"].answers, picture.victims["locate-L1"].fix) == (2, later)
    with pytest.raises(RefusedError, match="no longer good"):
        act(picture, c.LocateCaller("L1", later), now_s=910.0)
    closed = act(picture, c.CloseLocateLink("L1"), COMMANDER)
    with pytest.raises(RefusedError, match="no longer good"):
        act(closed, c.LocateCaller("L1", later))


def test_a_link_for_a_known_victim_only_adds_sightings() -> None:
    picture, _ = run([*opening(), link(victim_id="V1")])
    picture = act(picture, c.LocateCaller("L1", Fix(106.46, 29.64, 20.0, 12.0, "report")))
    assert set(picture.victims) == {"V1"}
    assert picture.victims["V1"].sightings[-1].source == "locate_link"


@pytest.mark.parametrize("made", [link(expires_s=10.0), link(expires_s=1e6), link(victim_id="nobody")])
def test_a_link_is_short_lived_and_about_somebody(made: c.MakeLocateLink) -> None:
    with pytest.raises(InputError):
        run([*opening(), made])


_ids = st.sampled_from(["C0", "C1", "C2"])
_steps = st.one_of(
    st.builds(c.MergeVictims, _ids, st.tuples(_ids)),
    st.builds(c.SplitVictim, _ids),
    st.builds(c.PickUpVictims, _ids, st.just("JY-01"), st.just(1)),
    st.builds(c.LandVictims, _ids, st.just("JY-01"), st.just(1), st.just("ramp")),
    st.builds(c.HandOverVictims, _ids, st.just(1)),
    st.builds(
        c.CloseVictim, _ids, st.sampled_from(["rescued", "left_alone", "false_alarm", "deceased"]), st.just("Li")
    ),
    st.builds(c.ReopenVictim, _ids),
)


@settings(max_examples=80, deadline=None)
@given(st.lists(_steps, max_size=12))
def test_no_sequence_of_hands_loses_or_invents_anybody(steps: list[c.Command]) -> None:
    """Property: counts never go negative, handed are safe, boats hold who is aboard, and a merge can be undone."""
    picture = three_callers()
    for command in steps:
        try:
            picture = act(picture, command, COMMANDER)
        except RescueError:
            continue
        heads = [one for one in picture.victims.values() if not one.merged_into]
        assert heads, "somebody always speaks"
        for one in heads:
            assert min(one.waiting, one.aboard, one.safe - one.handed, one.lost) >= 0
        assert sum(one.aboard for one in heads) == picture.vessels["JY-01"].aboard
        assert all(one.merged_into in picture.victims for one in picture.victims.values() if one.merged_into)


def test_what_is_redacted_of_a_person_still_folds() -> None:
    """The proof stays whole: an event without its personal parts is read back as the same kind of event."""
    picture, events = run(
        [
            *opening(),
            link(contact="138…01", victim_id="V1"),
            c.LocateCaller("L1", Fix(106.46123, 29.64123, 20.0, 12.0, "report"), 2, "on the roof"),
            c.TriageVictim("V1", "immediate", "start", "broken leg"),
            c.CloseVictim("V1", "left_alone", "Li", "went home"),
        ]
    )
    bare = Picture()
    for event in events:
        bare = fold(bare, decode_event(encode_event(redact(event))))
    assert bare.victims["V1"].triage == picture.victims["V1"].triage
    said = repr(bare)
    for personal in ("138…01", "on the roof", "broken leg", "went home", "106.46123"):
        assert personal not in said
