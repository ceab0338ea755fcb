from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rescuecmd.drill.crew import CommanderPolicy, CrewPolicy, crew_policies
from rescuecmd.picture.commands import FormGroup, GiveReceipt
from rescuecmd.picture.order import Candidate, Card, CardContent, CardState, Offer, Push, Suggestion
from rescuecmd.picture.state import Picture
from rescuecmd.text import Text
from tests.drill import stage

WORD = Text("字", "word")
CONTENT = CardContent(WORD, WORD, WORD, WORD, (), (), (), (), (), "")


def make_card(state: CardState = "queued", terminal: str = "t-rib-1", plan: str = "reef") -> Card:
    return Card(f"push-1/{terminal}", "push-1", terminal, plan, CONTENT, stage.START_S, state)


def receipts(policy: CrewPolicy, card: Card, after_s: float) -> list[str]:
    said = policy.answers(card, stage.START_S + after_s)
    return [command.receipt for command in said if isinstance(command, GiveReceipt)]


@given(seed=st.integers(0, 10_000))
def test_delivered_at_once_shown_in_two_seconds_answered_in_twenty(seed: int) -> None:
    policy = CrewPolicy("t-rib-1", seed)
    assert receipts(policy, make_card(), 0.0) == ["delivered"]
    assert receipts(policy, make_card("delivered"), 0.9) == []
    assert receipts(policy, make_card("delivered"), 2.0) == ["displayed"]
    assert receipts(policy, make_card("displayed"), 4.9) == []
    assert receipts(policy, make_card("displayed"), 20.0) == ["accepted"]
    assert receipts(policy, make_card(), 20.0) == ["delivered", "displayed", "accepted"]


def test_a_policy_is_pure() -> None:
    policy = CrewPolicy("t-rib-1", 3)
    first = [policy.answers(make_card(), stage.START_S + t) for t in range(25)]
    assert first == [policy.answers(make_card(), stage.START_S + t) for t in range(25)]


def test_answered_and_foreign_cards_are_left_alone() -> None:
    policy = CrewPolicy("t-rib-1", 3)
    assert policy.answers(make_card("accepted"), stage.START_S + 99) == []
    assert policy.answers(make_card(terminal="t-raft-2"), stage.START_S + 99) == []


def test_the_script_makes_a_crew_decline_one_plan_only() -> None:
    crew = crew_policies(stage.script(), 7, stage.START_S)["t-raft-2"]
    declined = crew.answers(make_card("displayed", "t-raft-2"), stage.START_S + 30)
    assert declined == [GiveReceipt("push-1/t-raft-2", "declined", "busy")]
    assert receipts(crew, make_card("displayed", "t-raft-2", "water"), 30.0) == ["accepted"]


def test_a_silent_crew_answers_when_its_silence_ends() -> None:
    silent = stage.script("part: crew, type: decline, plan: reef, reason: busy", "part: crew, type: silent, for: 2m")
    crew = crew_policies(silent, 7, stage.START_S)["t-raft-2"]
    assert receipts(crew, make_card("displayed", "t-raft-2"), 100.0) == []
    assert receipts(crew, make_card("displayed", "t-raft-2"), 121.0) == ["accepted"]


def suggestion(chosen: tuple[str, ...] = ("t-rib-1", "t-raft-2")) -> Suggestion:
    return Suggestion("reef:rock", 1, "reef", WORD, WORD, WORD, ("rock-3",), "rock", (), chosen)


def test_the_commander_thinks_before_pushing_and_pushes_once() -> None:
    commander, picture = CommanderPolicy(5), Picture().put("suggestions", suggestion())
    pushed = [t for t in range(100) if commander.orders(picture, stage.START_S + t)]
    assert len(pushed) == 1
    assert 15 <= pushed[0] <= 31


def test_a_suggestion_with_nobody_to_send_waits() -> None:
    commander, picture = CommanderPolicy(5), Picture().put("suggestions", suggestion(()))
    assert not any(commander.orders(picture, stage.START_S + t) for t in range(100))


def test_an_open_offer_is_taken() -> None:
    push = Push("push-1", "reef", "1", WORD, "commander", stage.START_S, ("t-rib-1",), ("rock-3",), "rock")
    offer = Offer("o", "push-1", "t-rib-1", Candidate("t-raft-2", "raft-2", 1.0, 4), WORD, stage.START_S)
    picture = Picture().put("pushes", push).put("offers", offer)
    commander = CommanderPolicy(5)
    wishes = [wish for t in range(60) for wish in commander.orders(picture, stage.START_S + t)]
    assert [(w.plan_id, w.terminal_ids, w.victim_ids, w.offer_id) for w in wishes] == [
        ("reef", ("t-raft-2",), ("rock-3",), "o")
    ]
    taken = picture.put("offers", replace(offer, state="taken"))
    assert CommanderPolicy(5).orders(taken, stage.START_S + 99) == []


@pytest.mark.parametrize(("terminals", "formed"), [(("t-rib-1", "t-raft-2"), 1), (("t-rib-1",), 0)])
def test_those_who_work_together_become_a_group(terminals: tuple[str, ...], formed: int) -> None:
    picture = Picture()
    for terminal in terminals:
        picture = picture.put("tasks", stage.task(f"push-1/{terminal}", terminal, terminal[2:], "rock-3"))
    commands = CommanderPolicy(5).commands(picture, stage.START_S)
    groups = [command.group for command in commands if isinstance(command, FormGroup)]
    assert len(groups) == formed
    for group in groups:
        assert set(group.terminal_ids) == set(terminals)
        assert CommanderPolicy(5).commands(picture.put("groups", group), stage.START_S) == []
