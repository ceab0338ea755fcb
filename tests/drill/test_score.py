from dataclasses import replace

import pytest

from rescuecmd.drill.score import Score
from rescuecmd.picture.entity import Operation
from rescuecmd.picture.order import Push
from rescuecmd.picture.state import Picture
from rescuecmd.text import Text
from tests.drill import stage

WORD = Text("字", "word")


def picture_with_push(pushed_t_s: float | None) -> Picture:
    operation = Operation("o", WORD, "drill", "演练 DRILL", "straight", WORD, True, "wusong", stage.START_S)
    picture = replace(Picture(), operation=operation)
    if pushed_t_s is None:
        return picture
    return picture.put("pushes", Push("p", "reef", "1", WORD, "c", stage.START_S + pushed_t_s, ("t",)))


def facts(safe: float = 0.0, dist: float | None = 500.0, current: float = 1.0) -> dict[str, object]:
    return {"safe": lambda _: safe, "lost": lambda _: 0.0, "dist": lambda *_: dist, "current": current}


def played(pushed_t_s: float | None, safe_from_s: float, **more: float | None) -> Score:
    score = Score(stage.script())
    for t in range(0, 1000, 5):
        known = facts(3.0 if t >= safe_from_s else 0.0, **more)  # type: ignore[arg-type]
        score.step(float(t), picture_with_push(pushed_t_s), known, {"I1": 5.0} if t >= 5 else {})  # type: ignore[arg-type]
    return score


@pytest.mark.parametrize(("pushed", "letter"), [(30.0, "P"), (100.0, "S"), (200.0, "M"), (500.0, "U"), (None, "U")])
def test_windows_propose_the_letter(pushed: float | None, letter: str) -> None:
    ratings = {rating.id: rating for rating in played(pushed, 100).ratings(1000.0)}
    assert ratings["E1"].letter == letter
    assert ratings["E2"].letter == "P"


def test_what_is_not_due_is_not_rated() -> None:
    score = Score(stage.script())
    score.step(10.0, picture_with_push(None), facts(), {"I1": 5.0})  # type: ignore[arg-type]
    assert [rating.letter for rating in score.ratings(10.0)] == [None, None]
    assert [grade.letter for grade in score.grades(10.0)] == [None, None]


def test_an_unmet_critical_action_makes_the_objective_u() -> None:
    grades = {grade.id: grade for grade in played(30.0, 9999.0).grades(1000.0)}
    assert grades["O1"].letter == "P"
    assert grades["O2"].letter == "U"
    assert grades["O2"].why is not None


def test_a_safety_breach_caps_at_m_and_is_kept_with_its_times() -> None:
    score = played(30.0, 100.0, dist=10.0, current=9.5)
    assert {grade.id: grade.letter for grade in score.grades(1000.0)} == {"O1": "P", "O2": "M"}
    (breach,) = score.breaches
    assert (breach.kind, breach.from_s, breach.to_s) == ("breach", 0.0, None)


def test_a_rule_that_cannot_be_checked_is_said_and_does_not_cap() -> None:
    score = played(30.0, 100.0, dist=None, current=9.5)
    assert [breach.kind for breach in score.breaches] == ["unchecked"]
    assert {grade.id: grade.letter for grade in score.grades(1000.0)} == {"O1": "P", "O2": "P"}


def test_a_hint_costs_points() -> None:
    score = played(30.0, 100.0)
    before = score.grades(1000.0)[0].mark
    score.hint("I2", 15.0)
    after = score.grades(1000.0)[0].mark
    assert before is not None
    assert after == before - 15.0
