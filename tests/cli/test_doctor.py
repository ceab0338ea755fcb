import json
import socket
from pathlib import Path

import pytest

from rescuecmd.cli.doctor import examine
from rescuecmd.errors import UnavailableError
from rescuecmd.server import pages
from rescuecmd.server.run import serving
from rescuecmd.settings import Settings
from tests.server.process import run


def settings(folder: Path, port: int = 0) -> Settings:
    return Settings(data=folder, port=port)


def test_everything_needed_is_looked_at(tmp_path: Path) -> None:
    found = {finding.name: finding for finding in examine(settings(tmp_path))}
    assert {"python", "packages", "port", "disk", "fsync", "library", "pages", "numba", "video", "font"} <= found.keys()
    assert found["packages"].ok, found["packages"].detail
    assert found["fsync"].detail.startswith("p50 ")
    assert not list(tmp_path.iterdir())


def test_what_is_missing_is_said_with_its_remedy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "DIST", tmp_path)
    monkeypatch.setattr("rescuecmd.cli.doctor.NEEDED", ("numpy", "no_such_package"))
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        found = {item.name: item for item in examine(settings(tmp_path, taken.getsockname()[1]))}
    assert (found["pages"].ok, found["pages"].remedy) == (False, "make pages")
    assert "no_such_package" in found["packages"].detail
    assert (found["port"].ok, found["port"].needed) == (False, False)


async def test_the_command_prints_one_object(tmp_path: Path) -> None:
    code, out, err = await run("doctor", "--json", "--data", str(tmp_path))
    told = json.loads(out)
    assert err == ""
    assert code == (0 if told["ok"] else 1)
    assert all(item["ok"] or not item["needed"] for item in told["findings"]) == told["ok"]


async def test_routes_without_numba_are_said_to_be_slow(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("rescuecmd.cli.doctor.COMPILED", False)
    found = {finding.name: finding for finding in examine(settings(tmp_path))}["numba"]
    assert (found.ok, found.needed, found.remedy) == (False, False, "pip install numba")
    monkeypatch.setattr("rescuecmd.server.run.COMPILED", False)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(UnavailableError):  # far enough to be heard
            async with serving(settings(tmp_path, taken.getsockname()[1])):
                pass
    assert [line.message for line in caplog.records if "numba" in line.message] == [found.detail]
