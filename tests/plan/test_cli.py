"""`rescuecmd plan`: what it prints, in which form, with which exit code."""

import json
import sys
from pathlib import Path

import pytest

from rescuecmd.cli.app import main

PLANS = Path(__file__).parents[2] / "plans"


def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    monkeypatch.setattr(sys, "argv", ["rescuecmd", "plan", *words])
    with pytest.raises(SystemExit) as ended:
        main()
    out = capsys.readouterr()
    return int(ended.value.code or 0), out.out, out.err


def test_list_and_check(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(monkeypatch, capsys, "list", "--json")
    assert code == 0
    assert {plan["id"] for plan in json.loads(out)["plans"]} == {"reef", "water", "beach"}
    code, out, _ = run(monkeypatch, capsys, "check")
    assert (code, out.count("no fault")) == (0, 3)


def test_show_by_id_file_and_path_in_both_languages(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("reef", "reef-rescue", str(PLANS / "reef-rescue.yaml")):
        code, out, _ = run(monkeypatch, capsys, "show", name)
        assert code == 0
        assert "五个绝不允许" in out
        assert "未经审定" in out
    _, out, _ = run(monkeypatch, capsys, "show", "water", "--lang", "en")
    assert "Red lines" in out
    code, out, _ = run(monkeypatch, capsys, "show", "beach", "--json")
    assert code == 0
    assert len(json.loads(out)["red_lines"]) == 5


def test_faults_and_unknown_cards(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    broken = tmp_path / "broken.yaml"
    broken.write_text(
        (PLANS / "reef-rescue.yaml").read_text(encoding="utf-8").replace("kind: reef", "kind: ref"), "utf-8"
    )
    code, _, err = run(monkeypatch, capsys, "check", str(broken))
    assert code == 2
    assert f"{broken}:7: kind:" in err
    assert "did you mean 'reef'" in err
    code, _, err = run(monkeypatch, capsys, "show", "reefs")
    assert code == 3
    code, out, _ = run(monkeypatch, capsys, "check", str(broken), "--json")
    assert (code, json.loads(out)["error"]["code"]) == (2, "file-faults")


def test_picture(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    out_file = tmp_path / "beach.svg"
    words = ("picture", "beach", "--place", "dazhulin-beach", "--level", "180.5", "--rise", "1", "--people", "180")
    code, out, err = run(monkeypatch, capsys, *words, "--out", str(out_file), "--json")
    assert (code, err) == (0, "")
    assert json.loads(out)["kind"] == "evacuation"
    assert "样图 SAMPLE" in out_file.read_text(encoding="utf-8")
    code, _, err = run(monkeypatch, capsys, "picture", "beach", "--place", "huangpanshi", "--level", "180.5")
    assert code == 2
    assert "is for a beach" in err
    code, _, err = run(monkeypatch, capsys, "picture", "reef", "--place", "huangpanshl", "--level", "180.5")
    assert code == 3
    assert "did you mean 'huangpanshi'" in err
