"""`rescuecmd river profile`, as people type it."""

import json
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from rescuecmd.cli.river import app
from rescuecmd.errors import InputError, NotFoundError

RUNNER = CliRunner()


def run(*words: str) -> str:
    done = RUNNER.invoke(app, ["profile", *words], catch_exceptions=False)
    assert done.exit_code == 0
    return done.stdout


def test_the_surface_passes_through_the_gauges_and_falls_downstream(tmp_path: Path) -> None:
    png = tmp_path / "profile.png"
    levels = ("--level", "ciqikou=183.71", "--level", "caoxietuo=185.9")
    told = json.loads(run("jialing-dazhulin", *levels, "--png", str(png), "--theme", "night", "--json"))
    assert told["tier"] == "family"
    rows = told["profile"]
    surface = np.array([row["level_m"] for row in rows])
    assert np.interp(9600.0, [row["chainage_m"] for row in rows], surface) == pytest.approx(183.71, abs=0.02)
    assert (np.diff(surface) < 0.03).all()
    assert all(row["depth_m"] > 0 for row in rows)
    assert png.read_bytes()[:4] == b"\x89PNG"


def test_words_for_people() -> None:
    told = run("teaching", "--level", "down=14")
    assert "straight lines" in told
    assert "depth" in told


def test_water_that_flows_uphill_is_worth_a_look() -> None:
    done = RUNNER.invoke(app, ["profile", "teaching", "--level", "up=11", "--level", "down=14"], catch_exceptions=False)
    assert "Upper gauge stands lower than Lower gauge below it" in done.stderr
    done = RUNNER.invoke(app, ["profile", "teaching", "--level", "up=14", "--level", "down=14"], catch_exceptions=False)
    assert not done.stderr


@pytest.mark.parametrize(
    ("words", "error"),
    [
        (("jialing-dazhulin", "--level", "ciqikou"), InputError),
        (("jialing-dazhulin", "--level", "ciqiko=183"), NotFoundError),
        (("jialing-dazhulin", "--level", "ciqikou=nan"), InputError),
        (("jialing-dazhulin", "--level", "ciqikou=1e308"), InputError),
        (("teaching", "--level", "down=14", "--level", "down=15"), InputError),
        (("jialing-dazhulin", "--level", "ciqikou=183", "--theme", "dusk"), InputError),
    ],
)
def test_bad_questions_are_refused(words: tuple[str, ...], error: type[Exception]) -> None:
    with pytest.raises(error):
        run(*words)
