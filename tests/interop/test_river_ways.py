"""Portages, locks, booms and areas with rules in a river package: what they say, and every fault told."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rescuecmd.errors import FaultsError
from rescuecmd.interop.river_export import export
from rescuecmd.interop.river_pack import pack, unpack
from rescuecmd.interop.river_package import load_river
from rescuecmd.interop.river_words import rule_words
from rescuecmd.library import shelf
from rescuecmd.river.hours import DailyHours
from rescuecmd.text import Text

TEACHING = shelf("rivers") / "teaching"
RANDOM = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
OWN = {"name_zh": "某处", "name_en": "Somewhere", "confidence": "high", "source": "made up"}
LOCK: dict[str, Any] = {
    "kind": "lock",
    "takes_s": 900,
    "both": True,
    "open": "06:00-22:00 +08:00",
    "sill_m": 9.5,
    "max_draught_m": 0.9,
}


@pytest.fixture
def package(tmp_path: Path) -> Path:
    folder = Path(shutil.copytree(TEACHING, tmp_path / "river"))
    text = (folder / "river.yaml").read_text(encoding="utf-8")
    layer = "  restricted: {source: made up, confidence: high, licence: CC0-1.0}\n"
    (folder / "river.yaml").write_text(text.replace("layers:\n", f"layers:\n{layer}"), encoding="utf-8")
    write(folder, "restricted", "Polygon")
    return folder


def metres(*points: tuple[float, float]) -> list[list[float]]:
    return [[round(x / 111_319.5, 7), round(y / 110_574.4, 7)] for x, y in points]


def write(folder: Path, layer: str, shape: str, *drawn: tuple[Any, dict[str, Any]]) -> None:
    features = [
        {
            "type": "Feature",
            "properties": {"id": "one", **OWN, **said},
            "geometry": {"type": shape, "coordinates": coordinates},
        }
        for coordinates, said in drawn
    ]
    text = json.dumps({"type": "FeatureCollection", "features": features})
    (folder / f"{layer}.geojson").write_text(text, encoding="utf-8")


def lock(folder: Path, **said: Any) -> None:
    write(folder, "ways", "LineString", (metres((150, -60), (250, -60)), {**LOCK, **said}))


def area(folder: Path, **said: Any) -> None:
    write(
        folder, "restricted", "Polygon", ([metres((60, -40), (90, -40), (90, 40), (60, -40))], {"id": "area", **said})
    )


def said(folder: Path, file: str) -> str:
    with pytest.raises(FaultsError) as caught:
        load_river(folder)
    assert {Path(one.file).name for one in caught.value.faults} == {file}
    assert all(one.line > 0 for one in caught.value.faults)
    return "; ".join(f"{one.where}: {one.message}" for one in caught.value.faults)


def test_the_shipped_river_has_a_portage_and_a_boom() -> None:
    river = load_river(TEACHING)
    assert [(one.id, one.kind, one.takes_s, one.both, one.max_draught_m) for one in river.ways] == [
        ("bar-portage", "portage", 120.0, True, 0.5)
    ]
    assert river.ways[0].line_xy[1] == pytest.approx((450.0, 72.0), abs=0.1)
    assert [one.id for one in river.booms] == ["teaching-boom"]
    assert river.trust("ways", "bar-portage").confidence == "high"
    assert rule_words(river.ways[0]) == Text("陆运 2 分钟，吃水不超过 0.5 米", "portage 2 min, draught up to 0.5 m")


def test_all_that_is_said_arrives_and_travels(package: Path, tmp_path: Path) -> None:
    lock(package)
    area(package, limit_mps=2.5, open="22:00-06:00 Z")
    river = load_river(package)
    one = river.ways[0]
    assert (one.hours, one.sill_m, one.max_draught_m) == (DailyHours.parse("06:00-22:00 +08:00"), 9.5, 0.9)
    assert rule_words(one).en == "lock 15 min, open 06:00-22:00 +08:00, draught up to 0.9 m"
    assert river.restricted[0].limit_mps == 2.5
    assert rule_words(river.restricted[0]).zh == "限速 2.5 米/秒，开放 22:00-06:00 +00:00"
    pack(package, tmp_path / "river.gpkg")
    unpack(tmp_path / "river.gpkg", tmp_path / "again")
    again = load_river(tmp_path / "again")
    assert again.rules == river.rules
    drawn = json.loads(export(river, "geojson"))["features"]
    kinds = {one["properties"]["layer"]: one["geometry"]["type"] for one in drawn}
    assert (kinds["ways"], kinds["booms"], kinds["restricted"]) == ("LineString", "LineString", "Polygon")
    assert all("Teaching boom" in export(river, form) for form in ("gpx", "kml", "csv"))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"kind": "tunnel"}, "portage"),
        ({"takes_s": 0}, "greater than 0"),
        ({"takes_s": 1e6}, "less than or equal to 86400"),
        ({"takes_s": "quick"}, "number"),
        ({"takes": 5}, "takes"),
        ({"open": "06:00-22:00"}, "hours end with their zone"),
        ({"open": "06:00-26:00 Z"}, "two different times of day"),
        ({"open": 6}, "string"),
        ({"max_draught_m": -0.5}, "greater than 0"),
        ({"kind": "portage"}, "only a lock has a 'sill_m'"),
        ({"both": "perhaps"}, "both"),
        ({"id": "steps"}, "is taken"),
        ({"source": ""}, "source"),
        ({"name_en": None}, "name_en"),
    ],
)
def test_each_fault_of_a_way_is_told(package: Path, change: dict[str, Any], words: str) -> None:
    lock(package, **change)
    assert words in said(package, "ways.geojson")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({}, "a 'limit_mps', hours ('open'), both of them, or is 'closed': true"),
        ({"closed": True, "limit_mps": 2.0}, "or is 'closed': true"),
        ({"limit_mps": 0.0}, "greater than 0"),
        ({"open": "always"}, "zone"),
        ({"closed": True, "id": "teaching-boom"}, "is taken"),
    ],
)
def test_each_fault_of_an_area_is_told(package: Path, change: dict[str, Any], words: str) -> None:
    area(package, **change)
    with pytest.raises(FaultsError) as caught:
        load_river(package)
    assert any(words in one.message and one.line > 0 for one in caught.value.faults)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (((450, 0), (450, 160)), "its last point lies in no surveyed channel"),
        (((1150, 75), (1150, 0)), "its first point lies in no surveyed channel"),
        (((450, 0), (600, 40), (450, 0.1)), "it ends where it begins"),
        (((4500, 0), (4600, 0)), "outside the river"),
    ],
)
def test_a_way_begins_and_ends_where_boats_float(package: Path, line: Any, words: str) -> None:
    write(package, "ways", "LineString", (metres(*line), LOCK))
    assert words in said(package, "ways.geojson")


def test_a_layer_without_its_origin_is_told(package: Path) -> None:
    text = (package / "river.yaml").read_text(encoding="utf-8")
    (package / "river.yaml").write_text(text.replace("  booms: {", "  # booms: {"), encoding="utf-8")
    assert "layer 'booms' has no source" in said(package, "river.yaml")


values = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=20), st.lists(st.integers(), max_size=2)
)


@RANDOM
@given(st.dictionaries(st.sampled_from([*LOCK, *OWN, "closed", "limit_mps", "x"]), values, max_size=4), st.booleans())
def test_no_property_breaks_the_reader(package: Path, change: dict[str, Any], way: bool) -> None:
    if way:
        lock(package, **change)
    else:
        area(package, **change)
    try:
        assert load_river(package).rules
    except FaultsError as error:
        assert all(one.message for one in error.faults)
