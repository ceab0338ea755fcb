import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from rescuecmd.cli.drill import app
from rescuecmd.errors import FaultsError, InputError, NotFoundError
from tests.drill import stage

runner = CliRunner()


def run(*arguments: str) -> str:
    done = runner.invoke(app, list(arguments), catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.stdout


def test_the_library_is_listed_and_sound() -> None:
    found = json.loads(run("list", "--json"))["drills"]
    assert all(one["ok"] for one in found)
    assert "dazhulin" in {one["name"] for one in found}
    assert "Dazhulin" in run("list")


def test_a_sound_drill_is_counted() -> None:
    assert json.loads(run("check", "dazhulin", "--json")) == {
        "ok": True,
        "drill": "dazhulin",
        "forces": 6,
        "victims": 5,
        "injects": 9,
        "faults": 4,
        "expectations": 9,
    }


def test_a_broken_drill_is_told_by_line(tmp_path: Path) -> None:
    broken = tmp_path / "broken.yaml"
    raw = stage.text().replace("river: straight", "river: jialing-dazhulin").replace("mode: exercise", "mode: live")
    broken.write_text(raw, encoding="utf-8")
    with pytest.raises(FaultsError, match=r"broken\.yaml:4: mode: a drill file only opens an exercise"):
        runner.invoke(app, ["check", str(broken)], catch_exceptions=False)


@pytest.mark.parametrize("command", [("check", "dazulin"), ("show", "dazulin"), ("run", "dazulin")])
def test_an_unknown_drill_is_answered_with_the_nearest_name(command: tuple[str, str]) -> None:
    with pytest.raises(NotFoundError, match="did you mean 'dazhulin'"):
        runner.invoke(app, list(command), catch_exceptions=False)


@pytest.mark.parametrize("speed", ["fast", "0", "-3", "1e9"])
def test_a_bad_speed_is_refused(speed: str) -> None:
    with pytest.raises(InputError, match="speed"):
        runner.invoke(app, ["run", "dazhulin", f"--speed={speed}"], catch_exceptions=False)


def test_show_gives_exercise_control_the_whole_drill() -> None:
    text = run("show", "dazhulin")
    shown = json.loads(run("show", "dazhulin", "--json"))
    assert "演练 DRILL" in text
    assert shown["marking"] == "演练 DRILL"
    for part in ("forces", "victims", "injects", "faults", "objectives"):
        for one in shown[part]:
            assert one["id"] in text


@pytest.mark.timeout(300)
def test_a_whole_drill_runs_headless_and_its_log_gives_the_same_report(tmp_path: Path) -> None:
    page = tmp_path / "report.html"
    ran = json.loads(run("run", "dazhulin", "--json", "--log", str(tmp_path / "log"), "--html", str(page)))
    assert ran["saved"] == ran["reported"] == 186
    assert ran["declined"] >= 1
    assert ran["counts"]["routes_replaced"] >= 1
    assert ran["refused"] == []
    assert any("channel" in one["why"]["en"] for one in ran["routes_replaced"])
    again = json.loads(run("report", "--log", str(tmp_path / "log"), "--json"))
    assert {key: ran[key] for key in again} == again
    assert page.read_text(encoding="utf-8").count("演练 DRILL") >= 3
