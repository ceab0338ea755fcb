from dataclasses import replace

import pytest

from rescuecmd.errors import ForbiddenError, InputError, NotFoundError, RefusedError
from rescuecmd.picture import commands as c
from rescuecmd.picture.approval import APPROVAL_S, Approval, ApprovalKind, Share
from rescuecmd.picture.decide import decide
from rescuecmd.picture.decide_approval import second_person
from rescuecmd.picture.entity import Zone
from rescuecmd.picture.events import Body, Event
from rescuecmd.picture.fold import fold
from rescuecmd.picture.state import Picture
from rescuecmd.picture.story import tell
from rescuecmd.store.codec import decode_event, encode_event
from tests.picture.cases import opening, push, run, text

LI, WANG, WU = c.Actor("commander/li", "李队"), c.Actor("deputy/wang", "王副队"), c.Actor("deputy/wu", "吴副队")
RING = ((106.4, 29.6), (106.5, 29.6), (106.5, 29.7), (106.4, 29.6))
SEARCH = Zone("z", "search", text("z"), RING, 0.0)


def give(picture: Picture, command: c.Command, actor: c.Actor, now_s: float = 10.0) -> tuple[Picture, tuple[Body, ...]]:
    bodies = decide(picture, command, actor, now_s)
    for body in bodies:
        event = Event(picture.seq + 1, f"op{picture.seq}", actor, "", now_s, now_s, None, body)
        assert decode_event(encode_event(event)) == event
        picture = fold(picture, event)
        assert tell(picture, event) or True  # every sentence can be made
    return picture, bodies


def asked(kind: ApprovalKind = "hand_over", **more: object) -> c.AskApproval:
    return c.AskApproval(replace(Approval("a", kind), **more))  # type: ignore[arg-type]


@pytest.fixture
def picture() -> Picture:
    boats = ("JY-01", "XF-02")
    return run([*opening(), push("P1", boats), push("P2", boats), push("P3", boats), c.DrawZone(SEARCH)])[0]


@pytest.mark.parametrize("command", [c.LoseVictims("V1", 2, text("dark")), c.LiftZone("z")])
def test_a_search_is_given_up_by_two(picture: Picture, command: c.Command) -> None:
    asking = second_person(picture, command, "a")
    assert isinstance(asking, c.AskApproval)
    picture, _ = give(picture, asking, LI)
    assert picture.victims["V1"].lost == 0
    with pytest.raises(ForbiddenError, match="another person"):
        decide(picture, c.AnswerApproval("a", "approve"), LI, 11.0)
    picture, bodies = give(picture, c.AnswerApproval("a", "approve"), WANG, 12.0)
    assert len(bodies) == 2  # the answer and the deed, in one transaction
    assert picture.approvals["a"].answered_by == "deputy/wang"
    assert picture.victims["V1"].lost == 2 or "z" not in picture.zones
    assert give(picture, c.AnswerApproval("a", "approve"), WANG)[1] == ()  # said twice, done once
    with pytest.raises(RefusedError, match="approved"):
        decide(picture, c.AnswerApproval("a", "refuse"), WU, 13.0)


def test_the_fourth_recall_within_a_minute_needs_a_second_person(picture: Picture) -> None:
    cards = list(picture.cards)
    for card_id in cards:
        picture, _ = give(picture, c.GiveReceipt(card_id, "accepted"), c.Actor("terminal/JY-01"))
    for card_id in cards[:3]:
        command = c.WithdrawCard(card_id, text("storm"))
        assert second_person(picture, command, "a") is command
        picture, _ = give(picture, command, LI)
    asking = second_person(picture, c.WithdrawCard(cards[3], text("storm")), "a")
    assert isinstance(asking, c.AskApproval)
    picture, _ = give(picture, asking, LI)
    picture, _ = give(picture, c.AnswerApproval("a", "approve"), WANG)
    assert picture.cards[cards[3]].state == "withdrawn"


def test_a_recall_of_all_at_once(picture: Picture) -> None:
    picture, _ = give(picture, asked("mass_recall", card_ids=tuple(picture.cards), why=text("storm")), LI)
    assert {card.state for card in picture.cards.values()} == {"queued"}
    picture, _ = give(picture, c.AnswerApproval("a", "approve"), WANG)
    assert {card.state for card in picture.cards.values()} == {"withdrawn"}


def test_what_cannot_be_done_is_not_even_asked(picture: Picture) -> None:
    for wrong in (
        asked("mass_recall"),
        asked("mass_recall", card_ids=("nothing",)),
        asked("abandon_search", victim_id="nobody", count=1),
        asked("abandon_search", zone_id="nowhere"),
        asked("abandon_search", victim_id="V1", count=99),
    ):
        with pytest.raises((InputError, NotFoundError, RefusedError)):
            decide(picture, wrong, LI, 10.0)


def test_nobody_approves_after_ten_minutes_and_who_asked_may_withdraw(picture: Picture) -> None:
    picture, _ = give(picture, asked("abandon_search", zone_id="z"), LI)
    with pytest.raises(RefusedError, match="waited too long"):
        decide(picture, c.AnswerApproval("a", "approve"), WANG, 10.0 + APPROVAL_S + 1)
    picture, _ = give(picture, c.AnswerApproval("a", "withdraw"), LI)
    assert picture.approvals["a"].state == "withdrawn"
    assert "z" in picture.zones


def test_the_command_is_handed_over_with_its_pending_orders(picture: Picture) -> None:
    picture, _ = give(picture, asked(to="deputy/wang"), LI)
    listed = picture.approvals["a"].card_ids
    assert set(listed) == set(picture.cards)
    with pytest.raises(RefusedError, match="handing the command over"):
        decide(picture, c.AskApproval(Approval("b", "hand_over")), LI, 10.0)
    with pytest.raises(ForbiddenError, match="handed to deputy/wang"):
        decide(picture, c.AnswerApproval("a", "approve", listed), WU, 11.0)
    with pytest.raises(RefusedError, match="6 pending orders"):
        decide(picture, c.AnswerApproval("a", "approve"), WANG, 11.0)
    picture, _ = give(picture, c.AnswerApproval("a", "approve", listed), WANG)
    assert picture.operation
    assert (picture.operation.in_command, picture.operation.in_command_name) == ("deputy/wang", "王副队")


def test_a_share_is_named_for_what_it_is(picture: Picture) -> None:
    share = Share("police/positions", "police", "positions", ("fire",))
    picture, _ = give(picture, c.SetShare(share), LI)
    assert give(picture, c.SetShare(share), LI)[1] == ()
    with pytest.raises(InputError, match="expected the id"):
        decide(picture, c.SetShare(replace(share, id="x")), LI, 10.0)
    picture, _ = give(picture, c.LiftShare(share.id), LI)
    assert not picture.shares
