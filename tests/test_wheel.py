"""What is shipped works elsewhere: the wheel, used from another folder, carries pages, rivers, plans and drills."""

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "build", "--no-isolation", "--wheel", "--outdir", str(out), str(ROOT)],
        check=True,
        capture_output=True,
    )
    return next(out.glob("*.whl"))


@pytest.mark.timeout(300)
def test_the_wheel_carries_pages_and_data(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    for wanted in ("web/dist/command.html", "web/dist/terminal.html", "web/dist/trainer.html"):
        assert f"rescuecmd/{wanted}" in names
    for kind, item in (
        ("rivers", "jialing-dazhulin/river.yaml"),
        ("plans", "reef-rescue.yaml"),
        ("drills", "dazhulin.yaml"),
    ):
        assert f"rescuecmd/data/{kind}/{item}" in names
    assert not [name for name in names if "node_modules" in name or name.startswith("tests/")]


@pytest.mark.timeout(300)
def test_the_wheel_runs_from_another_folder(wheel: Path, tmp_path: Path) -> None:
    zipfile.ZipFile(wheel).extractall(tmp_path / "site")
    environment = {**os.environ, "PYTHONPATH": str(tmp_path / "site")}

    def run(*words: str) -> str:
        done = subprocess.run(
            [sys.executable, "-P", *words], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    assert str(tmp_path) in run("-c", "import rescuecmd; print(rescuecmd.__file__)")
    assert not json.loads(run("-m", "rescuecmd", "river", "check", "jialing-dazhulin", "--json"))["faults"]
    assert json.loads(run("-m", "rescuecmd", "drill", "check", "dazhulin", "--json"))
