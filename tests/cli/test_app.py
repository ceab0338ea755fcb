import json
from pathlib import Path

import pytest

from rescuecmd import __version__
from rescuecmd.cli.app import _COMMANDS
from tests.server.process import run


async def test_the_help_names_every_command_and_exit_code() -> None:
    code, out, _ = await run("--help")
    assert code == 0
    assert all(command in out for command in _COMMANDS)
    flat = " ".join(out.split())
    assert "0 ok · 1 failed · 2 usage, or a bad file · 3 not found · 4 refused · 5 unreachable" in flat


@pytest.mark.parametrize("command", ["serve", "demo", "doctor"])
async def test_each_command_has_help_and_json(command: str) -> None:
    code, out, _ = await run(command, "--help")
    assert code == 0
    assert "--json" in out


async def test_the_version() -> None:
    assert await run("--version") == (0, f"rescuecmd {__version__}\n", "")
    code, out, _ = await run("--json", "--version")
    assert code == 2 or json.loads(out) == {"version": __version__}


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["dmeo"], 2, "did you mean 'demo'"),
        (["serve", "--port", "x"], 2, "--port"),
        (["serve", "--speed", "0"], 2, "speed"),
        (["serve", "--camera", "nonsense", "--port", "0", "--data", "{data}"], 2, "expected virtual"),
        (["serve", "--video-language", "fr", "--port", "0", "--data", "{data}"], 2, "'zh' or 'en'"),
        (["serve", "--host", "256.1.1.1", "--port", "0", "--data", "{data}"], 5, "cannot listen"),
        (["demo", "--headless", "--drill", "dazulin", "--data", "{data}"], 3, "did you mean 'dazhulin'"),
        (["serve", "--data", "/proc/nothing", "--port", "0"], 5, "cannot"),
    ],
)
async def test_what_goes_wrong_is_one_line_and_a_code(
    tmp_path: Path, arguments: list[str], code: int, words: str
) -> None:
    given = [item.replace("{data}", str(tmp_path)) for item in arguments]
    got, out, err = await run(*given)
    assert (got, out) == (code, "")
    assert words in " ".join(err.split())
    assert "Traceback" not in err


async def test_with_json_an_error_is_an_object(tmp_path: Path) -> None:
    code, out, err = await run("demo", "--headless", "--drill", "dazulin", "--data", str(tmp_path), "--json")
    assert (code, err) == (3, "")
    assert json.loads(out)["error"]["code"] == "unknown-drill"


async def test_a_broken_drill_ends_the_demo_with_file_and_line(tmp_path: Path) -> None:
    broken = tmp_path / "broken.yaml"
    broken.write_text("id: broken\nid: again\n")
    code, out, err = await run("demo", "--headless", "--drill", str(broken), "--data", str(tmp_path / "d"))
    assert (code, out) == (2, "")
    assert "broken.yaml:2" in err


async def test_settings_come_from_flags_then_the_environment(tmp_path: Path) -> None:
    code, _, err = await run("serve", "--port", "0", "--data", str(tmp_path), RESCUECMD_SPEED="fast")
    assert code == 2
    assert "speed" in err
