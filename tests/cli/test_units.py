import json
from pathlib import Path

from tests.server.process import run


def misspell(path: Path, right: str, wrong: str) -> None:
    path.write_text(path.read_text(encoding="utf-8").replace(right, wrong), encoding="utf-8")


async def test_a_file_is_begun_checked_and_shown(tmp_path: Path) -> None:
    data = ("--data", str(tmp_path))
    code, _, err = await run("units", "check", *data)
    assert code == 3
    assert "units init" in err
    code, out, _ = await run("units", "init", "--drill", "teaching", *data, "--json")
    path = Path(json.loads(out)["file"])
    assert (code, path) == (0, tmp_path / "units.yaml")
    code, _, err = await run("units", "init", *data)
    assert (code, "exists" in err) == (4, True)
    code, out, _ = await run("units", "check", *data)
    assert (code, out) == (0, "no fault; 2 units, 1 of them boats with 6 seats\n")
    code, out, _ = await run("units", "show", str(path), "--json")
    assert [unit["terminal_id"] for unit in json.loads(out)["units"]] == ["t-boat-1", "t-shore-2"]
    misspell(path, "agency: fire", "agency: fier")
    code, _, err = await run("units", "check", *data)
    assert (code, "units.yaml:11: forces[0].agency" in err, "did you mean 'fire'" in err) == (2, True, True)
