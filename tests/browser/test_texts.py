"""Every text of the pages exists in both languages, and every text that the code names exists."""

import json
import re
from pathlib import Path
from typing import get_args

import pytest

from rescuecmd.interop import river_file
from rescuecmd.picture import entity, order, register, water
from rescuecmd.server import views, wire

SOURCE = Path(__file__).parents[2] / "rescuecmd" / "web" / "src"
TEXTS: dict[str, dict[str, str]] = {
    lang: json.loads((SOURCE / "text" / f"{lang}.json").read_text()) for lang in ("zh", "en")
}
CODE = "\n".join(path.read_text() for suffix in ("ts", "svelte") for path in SOURCE.rglob(f"*.{suffix}"))


def test_both_languages_have_the_same_keys_and_none_is_empty() -> None:
    assert TEXTS["zh"].keys() == TEXTS["en"].keys()
    assert [key for texts in TEXTS.values() for key, text in texts.items() if not text.strip()] == []


def test_both_languages_fill_in_the_same_values() -> None:
    gaps = {lang: {key: sorted(re.findall(r"\{(\w+)\}", text)) for key, text in TEXTS[lang].items()} for lang in TEXTS}
    assert gaps["zh"] == gaps["en"]


def test_every_key_in_the_code_has_a_text() -> None:
    named = set(re.findall(r'\bt\(\s*"([\w.]+)"', CODE))
    assert len(named) > 100
    assert named - TEXTS["zh"].keys() == set()


def test_no_text_is_shown_with_an_open_gap() -> None:
    bare = set(re.findall(r'\bt\(\s*"([\w.]+)"\s*,?\s*\)', CODE))
    gaps = {key for key, text in TEXTS["en"].items() if "{" in text}
    assert len(bare) > 100
    assert bare & gaps == set()


@pytest.mark.parametrize(
    ("family", "values"),
    [
        ("vessel", get_args(entity.VesselState)),
        ("agency", get_args(entity.Agency)),
        ("hazard", get_args(entity.HazardKind)),
        ("card", get_args(order.CardState)),
        ("decline", get_args(order.DeclineReason)),
        ("limit", get_args(order.LimitState)),
        ("alarm", get_args(order.AlarmKind)),
        ("standing", (*get_args(order.TaskState)[1:5], "declined", "aborted", "not_reached", "not_answered")),
        ("triage", get_args(entity.TriageCategory)[1:]),
        ("closed", get_args(entity.CloseReason)),
        ("place", get_args(register.CountPlace)),
        ("support", get_args(register.SupportKind)),
        ("source", get_args(entity.ReportSource)[1:]),
        ("victim", get_args(entity.VictimKind)),
        ("bulletin", get_args(order.CopyKind)[:2]),
        ("priority", get_args(order.Priority)),
        ("crossing", get_args(water.PlaceKind)),
        ("stage", get_args(water.BodyStageName)),
        ("datum", get_args(river_file.VerticalDatum)),
        ("phone_link", ("connecting", "live", "weak", "lost", "past")),
        ("clock", get_args(wire.ClockWire.model_fields["state"].annotation)),
        ("drill", get_args(views.DrillView.model_fields["state"].annotation)),
        ("inject", get_args(views.InjectView.model_fields["state"].annotation)),
        ("goal", get_args(views.ScoreView.model_fields["state"].annotation)),
    ],
)
def test_every_value_of_the_server_has_a_word(family: str, values: tuple[str, ...]) -> None:
    assert values
    assert [value for value in values if f"{family}.{value}" not in TEXTS["zh"]] == []
    assert [value for value in values if "{" in TEXTS["zh"][f"{family}.{value}"]] == []  # a word is given no values


def test_no_page_source_names_another_address() -> None:
    assert re.findall(r"https?://(?!www\.w3\.org)[\w.]+", CODE) == []


def test_the_types_of_the_pages_are_those_of_the_server() -> None:
    """`npm run types` makes them from the OpenAPI document; here every field is looked for."""
    from rescuecmd.server.app import bare_app
    from rescuecmd.server.openapi import describe

    declared = (SOURCE / "api" / "schema.d.ts").read_text()
    missing = []
    for name, schema in describe(bare_app())["components"]["schemas"].items():
        if "properties" not in schema:
            continue
        block = re.search(rf"^        {name}: \{{\n(.*?)^        \}};", declared, re.DOTALL | re.MULTILINE)
        fields = set(re.findall(r"^            (\w+)\??:", block[1], re.MULTILINE)) if block else set()
        if fields != set(schema["properties"]):
            missing.append((name, sorted(set(schema["properties"]) ^ fields)))
    assert missing == []
