"""One language at a time: that of the terminal, or the one asked for; JSON has both."""

import json
import sys

import pytest

from rescuecmd.cli.app import main
from rescuecmd.cli.language import choose, column, language, sentence, told
from rescuecmd.errors import InputError, unknown
from rescuecmd.text import Text

VARIABLES = ("RESCUECMD_LANG", "LC_ALL", "LC_MESSAGES", "LANG")


@pytest.fixture(autouse=True)
def no_language(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    choose(None)


def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, *words: str) -> tuple[int, str, str]:
    monkeypatch.setattr(sys, "argv", ["rescuecmd", *words])
    with pytest.raises(SystemExit) as stop:
        main()
    out, err = capsys.readouterr()
    return int(stop.value.code or 0), out, err


@pytest.mark.parametrize(
    ("variables", "spoken"),
    [
        ({}, "en"),
        ({"LANG": "zh_CN.UTF-8"}, "zh"),
        ({"LANG": "zh_CN.UTF-8", "LC_ALL": "en_US.UTF-8"}, "en"),
        ({"LANG": "en_US.UTF-8", "LC_MESSAGES": "zh_CN.UTF-8"}, "zh"),
        ({"LANG": "zh_CN.UTF-8", "LC_ALL": ""}, "zh"),
        ({"LANG": "de_DE.UTF-8"}, "en"),
        ({"LANG": "en_US.UTF-8", "RESCUECMD_LANG": "zh"}, "zh"),
    ],
)
def test_the_terminal_says_the_language(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], spoken: str
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert language() == spoken


def test_the_option_goes_before_the_terminal(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LANG", "zh_CN.UTF-8")
    _, out, _ = run(capsys, monkeypatch, "--lang", "en", "river", "show", "teaching", "--level", "14")
    assert "Teaching river" in out
    assert "教学" not in out
    _, out, _ = run(capsys, monkeypatch, "river", "show", "teaching", "--level", "14")
    assert "教学河段  1.20 千米" in out
    assert "Teaching" not in out
    code, _, err = run(capsys, monkeypatch, "--lang", "fr", "river", "list")
    assert (code, "'zh', 'en'" in err) == (2, True)


def test_json_is_the_same_in_both(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    words = ("river", "show", "teaching", "--level", "14", "--json")
    said = [run(capsys, monkeypatch, "--lang", lang, *words)[1] for lang in ("zh", "en")]
    assert said[0] == said[1]
    assert json.loads(said[0])["name"] == {"zh": "教学河段", "en": "Teaching river"}


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("river", "show", "teachin"), 3, "rescuecmd：没有河段 'teachin'；是不是 'teaching'？\n"),
        (("river", "show", "teaching", "--level", "14", "--at", "xyz"), 3, "没有水位站 'xyz'；现有 down, up\n"),
        (("river", "show", "teaching", "--png", "x.png"), 2, "绘图需要水位"),
        (("river", "show", "teaching", "--level", "9.5"), 1, "10.00 至 20.00 米（当地高程）"),
        (("route", "find", "steps", "rok", "--river", "teaching"), 3, "没有地点 'rok'；是不是 'rock'？"),
        (("route", "find", "steps", "rock", "--river", "teaching", "--at", "noon"), 2, "时长须带单位"),
        (("route", "find", "steps", "rock", "--river", "teaching", "--draught", "30"), 4, "本艇需水深"),
        (("river", "water", "teaching", "--at", "2021-09-05T16:00"), 2, "时间须带时区"),
        (("river", "water", "teaching", "--at", "2021-09-05T16:00Z"), 1, "没有任何水位站有水位记录"),
        (("river", "pack", "teaching", "x.txt"), 2, "须以 .gpkg 结尾"),
        (("route", "find", "29.61,106.45", "rock", "--river", "teaching"), 2, "经度在前：106.45,29.61？"),
    ],
)
def test_errors_speak_it_too(
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    words: tuple[str, ...],
    code: int,
    said: str,
) -> None:
    got, out, err = run(capsys, monkeypatch, "--lang", "zh", *words)
    assert (got, out) == (code, "")
    assert said in err


def test_what_nobody_has_put_into_chinese_stays_whole_in_english() -> None:
    choose("zh")
    assert sentence(InputError("x", "a  b")) == "rescuecmd: a b"
    assert sentence(unknown("hatch", "x", ["y"])) == "rescuecmd: no hatch 'x'; there are y"
    assert told(Text("水", "water")) == "水"
    assert told("K19+100") == "K19+100"


def test_columns_count_places_in_the_terminal() -> None:
    assert column("礁石", 6) == "礁石  "
    assert column("reef", 6) == "reef  "
