from collections.abc import Iterator

import pytest

from rescuecmd.delivery.escalation import LADDER, alarm_for, settled_alarms, silences
from rescuecmd.picture.commands import AckAlarm, ClearAlarm, RaiseAlarm, RemindCard
from rescuecmd.picture.order import Alarm
from rescuecmd.picture.state import Picture
from tests.delivery.pushed import answered, carried_out, pushed


def climb(picture: Picture, from_s: float, to_s: float) -> Iterator[tuple[float, str, Picture]]:
    """Look every two seconds and do what the ladder says; yield what was done."""
    now_s = from_s
    while now_s <= to_s:
        for silence in silences(picture, now_s):
            if silence.reminder:
                picture = carried_out(picture, RemindCard(silence.entry.card.id), now_s)
                yield now_s, "remind", picture
            alarm = alarm_for(picture, silence, now_s)
            if alarm is not None:
                picture = carried_out(picture, RaiseAlarm(alarm), now_s)
                yield now_s, alarm.priority, picture
        for alarm_id in settled_alarms(picture):
            picture = carried_out(picture, ClearAlarm(alarm_id), now_s)
            yield now_s, "clear", picture
        now_s += LADDER.every_s


def test_silence_after_display_climbs() -> None:
    picture = answered(pushed("a"), "a", "displayed", 2.0)
    done = [(at_s, what) for at_s, what, _ in climb(picture, 2.0, 200.0)]
    assert done == [
        (12.0, "remind"),
        (16.0, "warning"),
        (22.0, "remind"),
        (30.0, "alarm"),
        (32.0, "remind"),
        (62.0, "remind"),
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
    assert not steps[-1][2].alarms


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
