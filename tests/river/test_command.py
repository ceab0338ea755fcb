"""`rescuecmd river`, through the real command line."""

import json
import shutil
import sys
from pathlib import Path

import pytest

from rescuecmd.cli.app import main
from rescuecmd.library import shelf


def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, *words: str) -> tuple[int, str, str]:
    """Run a command line; return exit code, stdout and stderr."""
    monkeypatch.setattr(sys, "argv", ["rescuecmd", "river", *words])
    code = 0
    try:
        main()
    except SystemExit as stop:
        code = int(stop.code or 0)
    out, err = capsys.readouterr()
    return code, out, err


def test_check_list_and_show(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    code, out, _ = run(capsys, monkeypatch, "check", "jialing-dazhulin")
    assert (code, "no fault" in out) == (0, True)
    code, out, _ = run(capsys, monkeypatch, "list", "--json")
    listed = json.loads(out)["rivers"]
    assert code == 0
    assert [river["id"] for river in listed] == ["jialing-dazhulin", "teaching"]
    assert listed[0]["mark"] == {"zh": "示意河道，禁止用于航行", "en": "schematic river, not for navigation"}


def test_show_at_a_level(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    png = tmp_path / "high.png"
    code, out, _ = run(
        capsys, monkeypatch, "show", "jialing-dazhulin", "--level", "183.71", "--at", "ciqikou",
        "--png", str(png), "--width", "800", "--json",
    )  # fmt: skip
    shown = json.loads(out)
    states = {one["id"]: one["state"] for one in shown["standing"] if "state" in one}
    assert code == 0
    assert states["huangpanshi"] == "submerged"
    assert png.read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("words", "ends"),
    [
        (("show", "jialing-dazhulin", "--level", "197", "--at", "ciqikou"), "166.38 to 194.37 m (Wusong datum)"),
        (("show", "teaching", "--level", "9.5", "--at", "down"), "10.00 to 20.00 m (local datum)"),
        (("profile", "jialing-dazhulin", "--level", "ciqikou=160"), "166.38 to 194.37 m (Wusong datum)"),
    ],
)
def test_a_level_that_is_not_covered_is_refused_with_the_range(
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    words: tuple[str, ...],
    ends: str,
) -> None:
    png = tmp_path / "never.png"
    code, out, err = run(capsys, monkeypatch, *words, "--png", str(png))
    assert (code, out) == (1, "")
    assert ends in err
    assert "Traceback" not in err
    assert not png.exists()
    code, out, err = run(capsys, monkeypatch, *words, "--json")
    error = json.loads(out or err)["error"]
    assert (code, error["code"]) == (1, "level-outside")
    assert "可算范围" in error["facts"]["zh"]


def test_show_tells_the_range_at_the_gauge(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    _, out, _ = run(capsys, monkeypatch, "show", "jialing-dazhulin", "--level", "180", "--json")
    assert json.loads(out)["covered_m"] == [166.38, 194.37]
    _, out, _ = run(capsys, monkeypatch, "show", "jialing-dazhulin", "--level", "180")
    assert "covered from 166.38 to 194.37 m at ciqikou" in out


def test_the_plain_words_carry_the_warning(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    code, out, _ = run(capsys, monkeypatch, "show", "jialing-dazhulin", "--level", "178.88")
    assert code == 0
    assert "schematic river, not for navigation" in out
    assert "huangpanshi          Huangpanshi" in out, "the id that routes ask for, and the name"
    _, out, _ = run(capsys, monkeypatch, "show", "jialing-dazhulin")
    assert "K19.10  reef        huangpanshi" in out, "places are listed without a level too"


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("check", "jialing-dazulin"), 3, "did you mean 'jialing-dazhulin'"),
        (("show", "jialing-dazhulin", "--level", "180", "--at", "ciqiku"), 3, "did you mean 'ciqikou'"),
        (("show", "jialing-dazhulin", "--png", "x.png"), 2, "needs a water level"),
        (("show", "jialing-dazhulin", "--level", "nan"), 2, "expected a level"),
        (("show", "jialing-dazhulin", "--level", "180", "--png", "/no/such/folder/x.png"), 2, "cannot be written"),
        (("show", "jialing-dazhulin", "--level", "high"), 2, "Error"),
        (("show", "teaching", "--level", "1e308"), 2, "expected a level in m (-500 .. 9000 m)"),
        (("show", "teaching", "--level", "14", "--at", "rock"), 3, "no gauge 'rock'; there are down, up"),
        (("pack", "teaching", "x.txt"), 2, "expected a file ending in .gpkg"),
        (("pack", "teaching", "/no/such/folder/x.gpkg"), 2, "no such folder"),
        (
            (
                "import",
                "rating",
                "x",
                "--into",
                "x",
                "--gauge",
                "up",
                "--zero",
                "nan",
                "--max-current",
                "3",
                "--source",
                "s",
                "--licence",
                "x",
            ),
            2,
            "expected a level",
        ),
        (
            (
                "import",
                "series",
                "x",
                "--into",
                "x",
                "--gauge",
                "up",
                "--vertical-datum",
                "local",
                "--source",
                " ",
                "--licence",
                "x",
            ),
            2,
            "--source must say something",
        ),
    ],
)
def test_mistakes_have_a_sentence_and_a_code(
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    words: tuple[str, ...],
    code: int,
    said: str,
) -> None:
    got, out, err = run(capsys, monkeypatch, *words)
    assert got == code
    assert said in out + err


def test_the_water_is_shown_as_it_was_known(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = ("water", "jialing-dazhulin", "--at", "2021-09-05T18:00+08:00")
    code, out, _ = run(capsys, monkeypatch, *asked, "--json")
    found = json.loads(out)
    assert code == 0
    assert [gauge["id"] for gauge in found["gauges"]] == ["caoxietuo", "jingkou", "ciqikou"]
    last = found["gauges"][-1]
    assert (last["read"], last["issued"]) == ("2021-09-05T10:00Z", "2021-09-05T06:00Z")
    assert last["rise_m_per_h"] == pytest.approx(0.27)
    assert last["ahead"][0]["level_m"] == pytest.approx(180.75)
    assert all(one["low_m"] < one["level_m"] < one["high_m"] for one in last["ahead"])
    assert [one["within_two_sigma"] >= 0.9 for one in found["forecasts"]] == [True] * 3
    code, out, _ = run(capsys, monkeypatch, *asked)
    assert code == 0
    assert "as known at 2021-09-05T10:00Z" in out


@pytest.mark.parametrize(
    ("at", "code", "said"),
    [
        ("2019-09-05T18:00+08:00", 1, "had a level on file"),
        ("2021-09-05T18:00", 2, "zone offset"),
        ("yesterday", 2, "expected a time"),
    ],
)
def test_instants_without_water_are_said(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, at: str, code: int, said: str
) -> None:
    got, out, err = run(capsys, monkeypatch, "water", "jialing-dazhulin", "--at", at)
    assert got == code
    assert said in out + err


def test_faults_come_one_to_a_line_with_file_and_line(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    folder = tmp_path / "broken"
    shutil.copytree(shelf("rivers") / "jialing-dazhulin", folder)
    (folder / "reefs.geojson").unlink()
    code, _, err = run(capsys, monkeypatch, "check", str(folder))
    assert code == 2
    assert f"{folder / 'reefs.geojson'}: this layer is missing" in err
    code, out, _ = run(capsys, monkeypatch, "check", str(folder), "--json")
    assert (code, json.loads(out)["error"]["code"]) == (2, "file-faults")


def test_the_help_has_an_example_and_the_exit_codes(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for command in ("list", "check", "show", "water"):
        code, out, _ = run(capsys, monkeypatch, command, "--help")
        words = " ".join(out.split())
        assert code == 0
        assert "Example: rescuecmd river" in words
        assert "Exit codes:" in words
