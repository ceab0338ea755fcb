"""`rescuecmd river pack | unpack | export | import`, through the real command line."""

import json
from pathlib import Path

import pytest

from rescuecmd.library import shelf
from tests.river.test_command import run


def test_pack_and_unpack(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    packed, folder = tmp_path / "t.gpkg", tmp_path / "t"
    code, out, _ = run(capsys, monkeypatch, "pack", "teaching", str(packed), "--json")
    assert (code, "table_files" in json.loads(out)["layers"]) == (0, True)
    code, out, _ = run(capsys, monkeypatch, "unpack", str(packed), str(folder))
    assert (code, "no fault" in out) == (0, True)
    code, _, err = run(capsys, monkeypatch, "unpack", str(packed), str(folder))
    assert (code, "not empty" in err) == (2, True)


def test_export_by_the_ending(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    code, _, err = run(capsys, monkeypatch, "export", "teaching", str(tmp_path / "t.gpx"))
    assert (code, "not for navigation" in err) == (0, True)
    code, _, err = run(capsys, monkeypatch, "export", "teaching", str(tmp_path / "t.gpz"))
    assert (code, "did you mean 'gpx'" in err) == (2, True)


def test_import_piece_by_piece(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    teaching, into = shelf("rivers") / "teaching", tmp_path / "mine"
    origin = ("--source", "made up", "--licence", "CC0-1.0")
    line = ("import", "line", str(teaching / "centreline.geojson"), "--into", str(into), "--from", "0,0",
            "--to", "0.0107798,0", "--vertical-datum")  # fmt: skip
    code, _, err = run(capsys, monkeypatch, *line, "wusng", *origin)
    assert (code, "did you mean 'wusong'" in err) == (2, True)
    code, out, _ = run(capsys, monkeypatch, *line, "local", *origin, "--json")
    assert (code, json.loads(out)["length_m"]) == (0, pytest.approx(1200, abs=1))
    reefs = ("import", "shapes", str(teaching / "reefs.geojson"), "--into", str(into), *origin, "--set", "sigma_m=0.4")
    code, out, _ = run(capsys, monkeypatch, *reefs, "--as", "reefs")
    assert (code, "1 features of reefs" in out) == (0, True)
    assert '"sigma_m": 0.0' in (into / "reefs.geojson").read_text(encoding="utf-8")  # what the file says comes first
    code, _, err = run(capsys, monkeypatch, "check", str(into))
    assert (code, "'surface' is required" in err) == (2, True)


@pytest.mark.parametrize("command", [("pack",), ("unpack",), ("export",), ("import", "line"), ("import", "shapes"),
                                     ("import", "sections"), ("import", "series"), ("import", "rating"),
                                     ("import", "hec-ras")])  # fmt: skip
def test_the_help_has_an_example_and_the_exit_codes(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...]
) -> None:
    code, out, _ = run(capsys, monkeypatch, *command, "--help")
    words = " ".join(out.split())
    assert code == 0
    assert "Example: rescuecmd river" in words
    assert "Exit codes:" in words
