"""`docs/river-package.md`, followed by a newcomer who types exactly what it says."""

import re
import shlex
import shutil
from pathlib import Path

import pytest
from pydantic import TypeAdapter
from typer.testing import CliRunner

from rescuecmd.cli.app import app
from rescuecmd.interop.gauge_values import read_values
from rescuecmd.interop.river_package import load_river
from rescuecmd.interop.river_parts import KINDS
from rescuecmd.interop.river_words import rule_words
from rescuecmd.library import shelf
from rescuecmd.picture.state import Picture
from rescuecmd.server.auth import Caller
from rescuecmd.server.gauges import ReadingsRequest
from rescuecmd.server.intake import read_command
from rescuecmd.server.wire import CommandRequest
from rescuecmd.settings import GaugeFeed

DOC = (Path(__file__).resolve().parent.parent / "docs" / "river-package.md").read_text("utf-8")
_BLOCK = re.compile(r"(?:<!-- (\w+): ([^ ]+) -->\n *)?```(\w+)\n(.*?)```", re.DOTALL)


def blocks() -> list[tuple[str, str, str, str]]:
    """Return (what, name, language, text) of each block, in order."""
    return [(one[1] or "", one[2] or "", one[3], one[4]) for one in _BLOCK.finditer(DOC)]


def test_a_newcomer_gets_a_river_without_a_fault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    ran = 0
    for what, name, language, text in blocks():
        if what == "file":
            Path(name).write_text(text, encoding="utf-8")
        elif what == "append":
            Path(name).write_text(Path(name).read_text("utf-8") + text, encoding="utf-8")
        elif language == "sh":
            for line in text.splitlines():
                done = CliRunner().invoke(app, shlex.split(line)[1:])
                assert done.exit_code == 0, f"{line}\n{done.output}{done.exception}"
                ran += 1
    assert ran >= 12
    river = load_river(Path("my-river"))
    assert river.sections[0].chainage_m == 0.0
    assert river.reefs[0].crest_m == 12.4
    assert river.find_series("may-2024").levels_m.tolist() == pytest.approx([11.0, 11.4, 11.9])
    assert Path("my-river.gpx").exists()


def test_every_layer_and_field_is_in_the_table() -> None:
    rows = dict(re.findall(r"^\| `(\w+)` \| \w+ \| (.*) \|$", DOC, re.MULTILINE))
    for layer, (_, model) in KINDS.items():
        fields = [f"`{name}`{'' if field.is_required() else '?'}" for name, field in model.model_fields.items()]
        assert rows[layer] == ", ".join(fields)


def test_the_layer_shown_is_read(tmp_path: Path) -> None:
    shown = {name: text for what, name, _, text in blocks() if what == "layer"}
    river = Path(shutil.copytree(shelf("rivers") / "teaching", tmp_path / "river"))
    (river / "ways.geojson").write_text(shown["ways"], encoding="utf-8")
    assert rule_words(load_river(river).ways[0]).en == "lock 15 min, open 06:00-22:00 +08:00, draught up to 0.9 m"


def test_the_messages_shown_are_read() -> None:
    shown = {(what, name): text for what, name, _, text in blocks()}
    request = ReadingsRequest.model_validate_json(shown["push", "jingkou"])
    assert request.readings[0].level_m == 180.52
    feeds = TypeAdapter(tuple[GaugeFeed, ...]).validate_json(shown["setting", "RESCUECMD_GAUGES"])
    assert feeds[0].gauge == "jingkou"
    asked = CommandRequest.model_validate_json(shown["command", "DrawZone"])
    command = read_command(asked.name, asked.body, Caller("commander"), Picture())
    assert (command.zone.bed_m, command.zone.made_by) == (10.0, "commander")
    rows = b'{"readings": [{"time": "2026-11-27T18:00:00+08:00", "level_m": 180.52}]}'
    assert read_values(rows, "pushed")[0].values[0][1] == 180.52
