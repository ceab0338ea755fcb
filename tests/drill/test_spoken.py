import pytest

from rescuecmd.condition import compile_condition
from rescuecmd.drill import spoken
from rescuecmd.drill.facts import FUNCTIONS, NAMES
from rescuecmd.text import Text


def called(thing: str) -> Text:
    return Text(f"“{thing}”", f"<{thing}>")


def test_everything_a_condition_may_ask_can_be_said() -> None:
    assert spoken._FACTS.keys() == set(NAMES)
    assert spoken._CALLS.keys() == FUNCTIONS.keys()


@pytest.mark.parametrize(
    ("condition", "zh", "en"),
    [
        ("level > 179.4 and rise_rate > 0.05", "水位（m） > 179.4 且 每分钟涨水（m） > 0.05",
         "level (m) > 179.4 and rise per minute (m) > 0.05"),
        ("dist('p1', 'rock') < 150", "“p1”距“rock”（m） < 150", "distance of <p1> to <rock> (m) < 150"),
        ("t > 1200 and not pushed('beach')", "演练时间（秒） > 1200 且 非（已推送“beach”卡）",
         "drill time (s) > 1200 and not card <beach> was pushed"),
        ("acked('reef', 'p1') or (level > 3 and grouped() >= 2)",
         "“p1”已答复“reef”卡 或 （水位（m） > 3 且 任务编组数 ≥ 2）",
         "<p1> has answered card <reef> or (level (m) > 3 and task groups ≥ 2)"),
        ("safe('a') + lost('a') == 2 * 1", "（“a”获救人数 + “a”失踪人数） = （2 × 1）",
         "(safe of <a> + lost of <a>) = (2 × 1)"),
        ("level > -1", "水位（m） > −1", "level (m) > −1"),
    ],
)  # fmt: skip
def test_a_condition_in_words(condition: str, zh: str, en: str) -> None:
    assert spoken.speak(condition, called) == Text(zh, en)


def test_a_part_says_how_it_stands() -> None:
    condition = compile_condition("level > 5", ["level"])
    part = condition.blocking({"level": 4.0})[0]
    assert spoken.speak_part(part, called) == Text(
        "水位（m） > 5：未成立（现为 4.00）", "level (m) > 5: not so (now 4.00)"
    )
    part = condition.blocking({})[0]
    assert spoken.speak_part(part, called).en.endswith(": unknown")
