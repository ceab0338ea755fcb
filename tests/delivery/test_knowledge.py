"""What a terminal is proven to have had: never more than it said itself."""

from rescuecmd.delivery.knowledge import Knowledge, Known, differences, with_own
from rescuecmd.picture import commands as c
from rescuecmd.picture.delta import everything, terminal_view
from rescuecmd.picture.entity import Hazard
from rescuecmd.picture.events import Event
from rescuecmd.picture.fold import fold
from rescuecmd.picture.state import Picture
from tests.picture.cases import fix, opening, push, run, text

START = len(run(opening())[1])


def told(*steps: tuple[float, c.Command]) -> tuple[Knowledge, list[Event]]:
    """Return the knowledge of a small course after its opening; each step has its time."""
    picture, events = run(opening(), now_s=0.0)
    for at_s, command in steps:
        picture, more = run([command], picture, now_s=at_s)
        events += more
    knowledge = Knowledge()
    for event in events:
        knowledge.add(event)
    return knowledge, events


def test_nothing_said_is_nothing_proven() -> None:
    knowledge, events = told((10.0, push()), (11.0, c.SeeTerminal("JY-01", 1, 0, 11.0)))
    assert knowledge.known("JY-01", len(events)) == Known()
    assert knowledge.known("nobody", 99) == Known()


def test_a_receipt_proves_everything_up_to_its_card() -> None:
    knowledge, events = told((10.0, push()), (20.0, c.GiveReceipt("P1/JY-01", "displayed")))
    pushed = next(event.seq for event in events if type(event.body).__name__ == "CardPushed")
    assert knowledge.known("JY-01", knowledge.seq_at(19.9)) == Known()
    assert knowledge.known("JY-01", knowledge.seq_at(20.0)) == Known(pushed, 20.0, "receipt")
    assert knowledge.known("XF-02", knowledge.seq_at(20.0)) == Known()


def test_what_was_confirmed_only_grows() -> None:
    knowledge, events = told(
        (10.0, c.NoteKnowledge({"JY-01": 5, "XF-02": 3})),
        (20.0, c.NoteKnowledge({"JY-01": 2, "nobody": 3, "XF-02": 999})),
    )
    assert knowledge.known("JY-01", len(events)) == Known(5, 10.0, "confirmed")
    assert knowledge.known("XF-02", len(events)) == Known(3, 10.0, "confirmed")


def test_a_clock_set_back_keeps_the_order() -> None:
    knowledge, events = told((10.0, push()), (5.0, push("P2")), (12.0, push("P3")))
    assert knowledge.seq_at(9.9) == START
    assert knowledge.seq_at(10.0) == len(events) - 1
    assert knowledge.span_s == (0.0, 12.0)


def test_differences_are_about_what_it_may_see() -> None:
    before, events = run([*opening(), c.ReportHazard(_hazard("H1"))])
    after, later = run(
        [c.ReportPositions({"JY-01": fix(30.0)}), push(), push("P2", ("XF-02",)), c.ClearHazard("H1")], before
    )
    found = differences(before, after, terminal_view("JY-01", "JY-01"))
    assert found["vessels"] == {"JY-01": "older"}
    assert found["cards"] == {"P1/JY-01": "missing"}
    assert found["hazards"] == {"H1": "gone"}
    assert "P2/XF-02" in differences(before, after, everything)["cards"]
    assert differences(after, after, everything) == {}
    own = with_own(before, later, frozenset({later[0].seq}))
    assert own.vessels["JY-01"].fix == fix(30.0)
    assert not own.cards
    assert fold(Picture(), events[0]).operation


def _hazard(hazard_id: str) -> Hazard:
    return Hazard(hazard_id, "wreck", text("wreck"), fix(), 3.0)
