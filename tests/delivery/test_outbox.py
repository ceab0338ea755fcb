import pytest
from hypothesis import given
from hypothesis import strategies as st

from rescuecmd.delivery.outbox import counts, outbox, outstanding
from rescuecmd.errors import NotFoundError
from rescuecmd.picture.commands import Receipt
from tests.delivery.pushed import answered, pushed


def test_every_stage_is_told_apart() -> None:
    picture = pushed("a", "b", "c", "d", "e", held=("b",))
    picture = answered(picture, "c", "delivered", 3.0)
    picture = answered(picture, "d", "displayed", 4.0)
    picture = answered(picture, "e", "accepted", 5.0)
    found = {entry.card.terminal_id: (entry.stage, entry.connected, entry.reached) for entry in outstanding(picture)}
    assert found == {
        "a": ("not_reached", False, False),
        "b": ("not_reached", True, False),
        "c": ("not_displayed", False, True),
        "d": ("not_answered", False, True),
    }
    assert outstanding(picture)[0].age_s(12.0) == 12.0


def test_one_terminals_outbox() -> None:
    picture = pushed("a", "b")
    (entry,) = outbox(picture, "b")
    assert entry.card.id == "p/b"
    with pytest.raises(NotFoundError, match="did you mean 'a'"):
        outbox(picture, "aa")


@pytest.mark.parametrize("state", ["done", "aborted", "declined"])
def test_nothing_is_open_once_the_work_is_over(state: str) -> None:
    assert outstanding(pushed("a", task_state=state)) == ()


def test_counts_of_a_push() -> None:
    picture = pushed("a", "b", "c", "d")
    picture = answered(picture, "b", "delivered", 3.0)
    picture = answered(picture, "c", "accepted", 5.0)
    picture = answered(picture, "d", "declined", 5.0)
    found = counts(picture, "p")
    assert (found.asked, found.delivered, found.displayed, found.accepted, found.declined) == (4, 3, 2, 1, 1)
    assert found.open == 2
    with pytest.raises(NotFoundError):
        counts(picture, "nope")


@given(st.lists(st.sampled_from(["delivered", "displayed", "accepted", "declined"]), max_size=6))
def test_counts_never_disagree(receipts: list[Receipt]) -> None:
    picture = pushed("a", "b")
    for at_s, receipt in enumerate(receipts):
        picture = answered(picture, "a", receipt, float(at_s))
    found = counts(picture, "p")
    assert found.asked >= found.delivered >= found.displayed >= found.accepted + found.declined
    assert found.open == len(outstanding(picture))
