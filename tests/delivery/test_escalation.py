from collections.abc import Iterator
from dataclasses import replace

import pytest

from rescuecmd.delivery.escalation import (
    EVERY_S,
    alarm_for,
    overdue,
    settled_alarms,
    silences,
    supervisor_of,
    who_is_told,
)
from rescuecmd.errors import RefusedError
from rescuecmd.picture.alarm import alarm_state
from rescuecmd.picture.commands import (
    AckAlarm,
    ClearAlarm,
    EscalateCard,
    ExpireCard,
    GiveReceipt,
    RaiseAlarm,
    RemindCard,
)
from rescuecmd.picture.order import Alarm, Escalation
from rescuecmd.picture.state import Picture
from rescuecmd.text import Text
from tests.delivery.pushed import CONTENT, answered, carried_out, pushed


def climb(picture: Picture, from_s: float, to_s: float) -> Iterator[tuple[float, str, Picture]]:
    """Look every two seconds and do what the ladder says; yield what was done."""
    now_s = from_s
    while now_s <= to_s:
        for silence in silences(picture, now_s):
            if silence.reminder:
                picture = carried_out(picture, RemindCard(silence.entry.card.id), now_s)
                yield now_s, "remind", picture
            alarm = alarm_for(picture, silence, now_s)
            if silence.climbs:
                told = who_is_told(picture, silence)
                picture = carried_out(picture, EscalateCard(silence.entry.card.id, silence.level, told), now_s)
            if alarm is not None:
                picture = carried_out(picture, RaiseAlarm(alarm), now_s)
                yield now_s, alarm.priority, picture
        for alarm_id in settled_alarms(picture):
            picture = carried_out(picture, ClearAlarm(alarm_id), now_s)
            yield now_s, "clear", picture
        now_s += EVERY_S


def test_silence_after_display_climbs() -> None:
    picture = answered(pushed("a"), "a", "displayed", 2.0)
    done = [(at_s, what) for at_s, what, _ in climb(picture, 2.0, 200.0)]
    assert done == [
        (12.0, "remind"),
        (16.0, "warning"),
        (22.0, "remind"),
        (30.0, "alarm"),
        (32.0, "remind"),
        (60.0, "alarm"),
        (62.0, "remind"),
        (90.0, "alarm"),
        (122.0, "remind"),
    ]


def test_a_card_that_never_arrived_is_not_reminded_but_named() -> None:
    steps = list(climb(pushed("a", "b", held=("b",)), 2.0, 40.0))
    assert [(at_s, what) for at_s, what, _ in steps] == [(16.0, "warning")] * 2 + [(30.0, "alarm")] * 2
    alarms = steps[-1][2].alarms
    assert len(alarms) == 2
    assert "offline" in alarms["no_answer/p/a"].text.en
    assert "online" in alarms["no_answer/p/b"].text.en
    assert "未送达" in alarms["no_answer/p/a"].text.zh


def test_one_card_has_one_alarm_that_changes_in_place() -> None:
    picture = list(climb(pushed("a"), 2.0, 32.0))[-1][2]
    assert list(picture.alarms) == ["no_answer/p/a"]
    assert picture.alarms["no_answer/p/a"].priority == "alarm"
    picture = carried_out(picture, AckAlarm("no_answer/p/a"), 33.0)
    picture = answered(picture, "a", "displayed", 34.0)
    picture = next(p for _, what, p in climb(picture, 34.0, 36.0) if what == "alarm")
    alarm = picture.alarms["no_answer/p/a"]
    assert "shown, not answered for 30 s" in alarm.text.en
    assert alarm.acked_s == 33.0, "other words for the same trouble need no second acknowledgement"
    assert alarm.raised_s == 30.0


def test_a_worse_level_is_raised_anew() -> None:
    picture = list(climb(pushed("a"), 2.0, 16.0))[-1][2]
    picture = carried_out(picture, AckAlarm("no_answer/p/a"), 17.0)
    picture = list(climb(picture, 18.0, 30.0))[-1][2]
    assert picture.alarms["no_answer/p/a"].acked_s is None


@pytest.mark.parametrize("receipt", ["accepted", "declined"])
def test_an_answer_ends_it(receipt: str) -> None:
    picture = list(climb(pushed("a"), 2.0, 32.0))[-1][2]
    picture = answered(picture, "a", receipt, 33.0)  # type: ignore[arg-type]
    steps = list(climb(picture, 34.0, 60.0))
    assert [what for _, what, _ in steps] == ["clear"]
    alarm = steps[-1][2].alarms["no_answer/p/a"]
    assert alarm_state(alarm, 60.0) == "rectified", "nobody has seen it yet: it waits, quiet, for a hand"
    assert not carried_out(steps[-1][2], AckAlarm(alarm.id), 61.0).alarms


def test_silence_never_becomes_an_answer() -> None:
    steps = list(climb(answered(pushed("a"), "a", "displayed", 1.0), 1.0, 3600.0))
    assert steps[-1][2].cards["p/a"].state == "displayed"


def test_looking_late_does_not_make_up_for_missed_reminders() -> None:
    picture = answered(pushed("a"), "a", "delivered", 0.0)
    reminded = [at_s for at_s, what, _ in climb(picture, 45.0, 70.0) if what == "remind"]
    assert reminded == [45.0, 61.0]


def test_other_alarms_are_left_alone() -> None:
    other = Alarm("limit/x", "limit", "warning", CONTENT_TEXT, "x", 0.0)
    picture = carried_out(pushed("a"), RaiseAlarm(other), 0.0)
    assert settled_alarms(picture) == ()


CONTENT_TEXT = pushed("a").cards["p/a"].content.title


def test_the_last_steps_turn_to_the_supervisor_and_to_the_second_channel() -> None:
    picture = pushed("a", "base")
    picture = picture.edit("terminals", "base", role="shore")
    content = replace(CONTENT, comms=(Text("终端", "terminal"), Text("甚高频", "VHF 16")))
    picture = picture.edit("cards", "p/a", content=content)
    texts = {at_s: p.alarms["no_answer/p/a"].text.en for at_s, _, p in climb(picture, 2.0, 92.0)}
    assert "call: boat base" in texts[60.0]
    assert "call: VHF 16" in texts[90.0]
    assert supervisor_of(picture, "a") == "base"
    assert supervisor_of(picture.edit("terminals", "a", supervisor_id="a"), "base") == ""


def test_a_card_may_set_its_own_ladder() -> None:
    picture = pushed("a")
    ladder = Escalation(amber_s=4.0, red_s=8.0, supervisor_s=None, second_channel_s=20.0)
    picture = picture.edit("pushes", "p", escalation=ladder)
    steps = [(at_s, p.cards["p/a"].level) for at_s, what, p in climb(picture, 2.0, 100.0) if what != "remind"]
    assert steps == [(4.0, "amber"), (8.0, "red"), (20.0, "second_channel")]


def test_an_offer_runs_out_and_then_nobody_can_accept_it() -> None:
    picture = pushed("a").edit("cards", "p/a", expires_s=50.0)
    assert not overdue(picture, 49.0)
    with pytest.raises(RefusedError, match="may still be answered"):
        carried_out(picture, ExpireCard("p/a"), 49.0)
    assert [card.id for card in overdue(picture, 50.0)] == ["p/a"]
    picture = carried_out(picture, ExpireCard("p/a"), 50.0)
    assert picture.cards["p/a"].state == "expired"
    assert carried_out(picture, ExpireCard("p/a"), 51.0) == picture
    with pytest.raises(RefusedError, match="has expired"):
        carried_out(picture, GiveReceipt("p/a", "accepted"), 52.0)
