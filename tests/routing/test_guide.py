"""Places and durations in the words of crews."""

import pytest

from rescuecmd.routing.guide import duration, kilometre, place
from rescuecmd.text import Text
from tests.river.teaching import straight_river


def test_kilometres_count_from_the_mouth() -> None:
    river = straight_river(2000.0, 300.0, 165.0)
    assert kilometre(river, 0.0) == "K2+000"
    assert kilometre(river, 604.0) == "K1+400"
    assert kilometre(river, 1995.0) == "K0+000"
    assert kilometre(river, 2100.0) == "-K0+100"


@pytest.mark.parametrize(
    ("offset_m", "words"),
    [
        (120.0, Text("K1+400 左岸", "K1+400 left bank")),
        (-120.0, Text("K1+400 右岸", "K1+400 right bank")),
        (20.0, Text("K1+400 河心", "K1+400 midstream")),
    ],
)
def test_banks_are_named_looking_downstream(offset_m: float, words: Text) -> None:
    assert place(straight_river(2000.0, 300.0, 165.0), 600.0, offset_m) == words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (-5.0, Text("0 秒", "0 s")),
        (40.2, Text("40 秒", "40 s")),
        (89.6, Text("2 分钟", "2 min")),
        (720.0, Text("12 分钟", "12 min")),
        (3900.0, Text("1 小时 5 分", "1 h 5 min")),
    ],
)
def test_durations(seconds: float, words: Text) -> None:
    assert duration(seconds) == words
