"""Conditions: what they mean, what they refuse, and that nothing a file says can break out of them."""

import contextlib
import math
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rescuecmd.condition import MAX_LENGTH, Condition, Facts, Value, compile_condition
from rescuecmd.errors import InputError, NotFoundError

NAMES = ("t", "level", "rise", "speed")
FUNCTIONS = {
    "dist": ("where", "where"),
    "safe": ("victim",),
    "posted": ("role",),
    "age": ("plan", "number?"),
    "dark": (),
}
IDS = {"where": ("JY-01", "reef_a"), "victim": ("V1", "V2"), "role": ("spotter",), "plan": ("reef",)}


def make(text: str) -> Condition:
    return compile_condition(text, NAMES, FUNCTIONS, IDS)


def holds(text: str, **facts: Value | Callable[..., Value]) -> bool | None:
    return make(text).evaluate(facts)


@pytest.mark.parametrize(
    ("text", "facts", "expected"),
    [
        ("level > 179", {"level": 179.1}, True),
        ("level > 179", {"level": 178.9}, False),
        ("level > 179", {}, None),
        ("level > 179", {"level": None}, None),
        ("level > 179", {"level": math.nan}, None),
        ("178 < level <= 179 and rise > 0.02", {"level": 179, "rise": 0.03}, True),
        ("178 < level <= 179", {"level": 179.5}, False),
        ("not level > 179", {"level": 170}, True),
        ("not level > 179", {}, None),
        ("-rise + 2 * 3 / 4 == 1", {"rise": 0.5}, True),
        ("speed / rise > 1", {"speed": 1.0, "rise": 0.0}, None),
        ("dist('JY-01', 'reef_a') < 120", {"dist": lambda _a, _b: 100.0}, True),
        ("dist('JY-01', 'reef_a') < 120", {"dist": lambda _a, _b: None}, None),
        ("safe('V1') + safe('V2') == 3", {"safe": lambda v: 2 if v == "V1" else 1}, True),
        ("posted('spotter')", {"posted": lambda _: False}, False),
        ("dark()", {"dark": lambda: True}, True),
        ("age('reef', t * 2) > 1", {"age": lambda _p, n=0.0: n, "t": 1.0}, True),
        ("age('reef', t * 2) > 1", {"age": lambda _p, n=0.0: n}, None),
        ("True", {}, True),
    ],
)
def test_meaning(text: str, facts: Facts, expected: bool | None) -> None:
    assert make(text).evaluate(facts) is expected


@pytest.mark.parametrize("other", [True, False, None])
def test_unknown_joins_by_kleene(other: bool | None) -> None:
    facts: dict[str, Value] = {"t": other}
    assert holds("level > 1 and t", **facts) is (False if other is False else None)
    assert holds("level > 1 or t", **facts) is (True if other is True else None)
    assert holds("t and level > 1", **facts) is (False if other is False else None)


TRUTHS = st.sampled_from([True, False, None])


@given(TRUTHS, TRUTHS, TRUTHS)
def test_de_morgan_holds_with_unknowns(a: bool | None, b: bool | None, c: bool | None) -> None:
    facts: dict[str, Value] = {"t": a, "level": b, "rise": c}
    assert holds("not (t and level and rise)", **facts) is holds("not t or not level or not rise", **facts)
    assert holds("not (t or level)", **facts) is holds("not t and not level", **facts)


@given(TRUTHS, TRUTHS)
def test_learning_more_never_flips_a_decided_answer(a: bool | None, b: bool | None) -> None:
    text = "t and not level or level"
    before = holds(text, t=a, level=b)
    for known_a in (True, False) if a is None else (a,):
        for known_b in (True, False) if b is None else (b,):
            after = holds(text, t=known_a, level=known_b)
            assert before is None or after is before


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("().__class__.__mro__", "an attribute"),
        ("level.real > 1", "an attribute"),
        ("__import__('os')", "no function '__import__'"),
        ("level[0] > 1", "an index"),
        ("[x for x in t]", "a comprehension"),
        ("(lambda: 1)() > 0", "only the declared functions"),
        ("level ** level > 1", "Pow"),
        ("level % 2 > 1", "Mod"),
        ("level is t", "Compare"),
        ("1 if level else 2", "an 'if"),
        ("f'{level}' > 1", "f-string"),
        ("(level := 3) > 1", "an assignment"),
        ("level > 'high'", "only inside a function"),
        ("level > 1j", "expected a number"),
        ("level > 1e999", "expected a number"),
        ("level", ""),
        ("level + 1", "compare the number"),
        ("-level", "compare the number"),
        ("3", "compare the number"),
        ("", "empty"),
        ("   ", "empty"),
        ("level >", "not an expression"),
        ("level > 1 and", "not an expression"),
        ("level = 3", "not an expression"),
        ("level > 1\x00", "not an expression"),
        ("level > 1and t", "not an expression"),
        ("posted('spotter', 'x')", "expected posted('role')"),
        ("posted()", "expected posted('role')"),
        ("posted(role='spotter')", "expected posted('role')"),
        ("posted(spotter)", "expected the quoted id of a role"),
        ("posted(t)", "expected the quoted id of a role"),
        ("posted > 1", "is a function"),
        (r"posted('\x41')", "backslash"),
        ("level > " + "1 + " * MAX_LENGTH + "1", "at most 400"),
        ("not " * 60 + "t", "nested deeper"),
        ("-" * 390 + "1 > t", ""),
        ("(" * 190 + "t" + ")" * 190, ""),
    ],
)
def test_refused_at_load(text: str, part: str) -> None:
    if not part:  # either a refusal or harmless, but never another error
        try:
            make(text)
        except InputError:
            return
        return
    with pytest.raises(InputError) as caught:
        make(text)
    assert part in caught.value.message


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("levle > 3", "did you mean 'level'?"),
        ("dist('JY01', 'reef_a') < 3", "did you mean 'JY-01'?"),
        ("postd('spotter')", "did you mean 'posted'?"),
        ("safe('V11') > 0", "did you mean 'V1'?"),
    ],
)
def test_nearest_right_name(text: str, hint: str) -> None:
    with pytest.raises(NotFoundError) as caught:
        make(text)
    assert hint in caught.value.message


@given(st.text(max_size=60))
def test_garbage_never_raises_anything_else(text: str) -> None:
    with contextlib.suppress(InputError):
        make(text).evaluate({})


@given(
    st.lists(st.sampled_from([*NAMES, "dist", "(", ")", "'JY-01'", "and", "not", "<", "+", ",", "3", "."]), max_size=14)
)
def test_shuffled_words_never_raise_anything_else(words: list[str]) -> None:
    with contextlib.suppress(InputError):
        make(" ".join(words)).evaluate({"level": 2.0, "dist": lambda _a, _b: 1.0})


def test_explain_shows_every_part() -> None:
    condition = make("level > 179 and rise * 60 > 1")
    told = condition.explain({"level": 180.0})
    assert (told.value, told.text) == (None, "level > 179 and rise * 60 > 1")
    assert [(part.text, part.truth) for part in told.parts] == [("level > 179", True), ("rise * 60 > 1", None)]
    assert [(part.text, part.value) for part in told.parts[0].parts] == [("level", 180.0), ("179", 179.0)]


def test_blocking_names_what_holds_it_back() -> None:
    condition = make("level > 179 and (rise > 1 or not dark())")
    facts: dict[str, Value | Callable[..., Value]] = {"level": 180.0, "rise": 0.5, "dark": lambda: True}
    assert [operand.text for operand in condition.blocking(facts)] == ["rise > 1", "not dark()"]
    assert condition.blocking({"level": 180.0, "rise": 2.0}) == ()
    assert [operand.text for operand in condition.blocking({"rise": 2.0})] == ["level > 179"]


def test_what_it_reads() -> None:
    assert make("level > 1 and safe('V1') > 0").uses == {"level", "safe"}
