import pytest

from rescuecmd.condition import compile_condition
from rescuecmd.drill.script import When
from rescuecmd.drill.trigger import Trigger


def on(text: str, dwell_s: float = 0.0) -> Trigger:
    return Trigger("T", When(condition=compile_condition(text, ["level"]), dwell_s=dwell_s))


def test_a_time_fires_once_and_late_rather_than_never() -> None:
    trigger = Trigger("T", When(at_s=10.0))
    assert not trigger.due(9.0, {})
    assert trigger.due(10.0, {})
    trigger.hold()
    assert not trigger.due(11.0, {})
    trigger.hold()
    assert trigger.due(500.0, {})
    trigger.fire(500.0)
    assert not trigger.due(501.0, {})


def test_dwell_counts_only_unbroken_truth_and_unknown_breaks_it() -> None:
    trigger = on("level > 5", 3.0)
    values: list[float | None] = [6, 6, None, 6, 6, 6, 6]
    fired = [trigger.due(float(t), {"level": value}) for t, value in enumerate(values)]
    assert fired == [False, False, False, False, False, False, True]


def test_what_is_true_when_armed_counts() -> None:
    assert on("level > 5").due(0.0, {"level": 9.0})


def test_unknown_never_fires_and_says_what_blocks() -> None:
    trigger = on("level > 5")
    assert not trigger.due(0.0, {"level": None})
    assert trigger.value is None
    assert [part.text for part in trigger.blocked_by({"level": 4.0})] == ["level > 5"]


@pytest.mark.parametrize("state", ["fired", "skipped"])
def test_what_is_over_stays_over(state: str) -> None:
    trigger = Trigger("T", When(at_s=0.0))
    trigger.fire(0.0) if state == "fired" else trigger.skip()
    trigger.hold()
    assert trigger.state == state
    assert not trigger.due(99.0, {})
