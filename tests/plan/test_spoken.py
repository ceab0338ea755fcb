"""The line that a card says aloud: a limit that is broken, with its value in words of the language."""

import pytest

from rescuecmd.plan.spoken import _stands


@pytest.mark.parametrize(
    ("value", "zh", "en"),
    [
        ("3.4 min", "现为 3.4 分钟", "now 3.4 min"),
        ("2.7 m/s", "现为 2.7 米每秒", "now 2.7 m/s"),
        ("3", "现为 3", "now 3"),
        ("✗", "未满足", "not met"),
        ("", "未满足", "not met"),
    ],
)
def test_where_a_broken_limit_stands_is_told_in_words(value: str, zh: str, en: str) -> None:
    told = _stands(value)
    assert (told.zh, told.en) == (zh, en)
