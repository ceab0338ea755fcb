"""The documents say what the program is."""

import asyncio
import re
import shlex
from pathlib import Path

import pytest
from typer.testing import CliRunner

from rescuecmd.cli.app import app
from rescuecmd.settings import default_data_dir
from rescuecmd.store.sqlite import SqliteLog
from tests.picture.cases import opening, run
from tests.reference import lines
from tests.rights import lines as rights

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text("utf-8")
_LONG = {"demo", "serve"}  # they run until they are told to stop; tests/test_demo.py plays them


def test_the_reference_is_what_the_program_is() -> None:
    written = (ROOT / "docs" / "reference.md").read_text("utf-8")
    assert written == "\n".join(lines()) + "\n", "run: python -m tests.reference > docs/reference.md"


def test_the_security_document_says_who_may_what() -> None:
    written = (ROOT / "docs" / "security.md").read_text("utf-8")
    assert "\n".join(rights()) in written, "run: python -m tests.rights, and put it into docs/security.md"


def _shown() -> list[str]:
    blocks = re.findall(r"```\n(.*?)```", README, flags=re.DOTALL)
    commands = [line.split("#")[0].strip() for block in blocks for line in block.splitlines()]
    return [line for line in commands if line.startswith("rescuecmd ") and line.split()[1] not in _LONG]


def _record(folder: Path) -> None:
    """Leave the log of a small operation, as a server would."""
    folder.mkdir(parents=True)

    async def write() -> None:
        log = await SqliteLog.open(folder)
        await log.append("op", run(opening())[1], 0)
        await log.close()

    asyncio.run(write())


@pytest.mark.parametrize("line", _shown())
def test_the_commands_of_the_readme_run(line: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    if " log " in line:
        _record(default_data_dir())
    if " units check" in line:
        assert CliRunner().invoke(app, ["units", "init"]).exit_code == 0
    done = CliRunner().invoke(app, shlex.split(line)[1:])
    assert done.exit_code == 0, done.output
    assert done.output.strip()


def test_the_readme_names_the_two_commands() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    for target in ("demo", "test", "lint", "bench"):
        assert f"\n{target}:" in makefile
    assert "make demo" in README
    assert "make test" in README
