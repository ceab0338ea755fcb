"""A package made from other people's data, from the first line to one that loads; and what it gives to others."""

import csv
import io
import json
import shutil
from pathlib import Path
from typing import get_args
from xml.etree import ElementTree as ET

import geopandas as gpd
import numpy as np
import pytest
from shapely import LineString, Point

from rescuecmd.errors import FaultsError, InputError
from rescuecmd.geo import Frame
from rescuecmd.interop import river_import as imports
from rescuecmd.interop.river_edit import set_entry
from rescuecmd.interop.river_export import ExportFormat, export
from rescuecmd.interop.river_package import load_river
from rescuecmd.library import shelf

FRAME = Frame(10.0, 50.0)
ORIGIN = imports.Origin("a survey of 2024", "CC0-1.0", "medium")
GSHHG = Path(__file__).resolve().parents[3] / "shared" / "data" / "river" / "gshhg" / "gshhg_chongqing_rivers.geojson"


def lonlat(*points: tuple[float, ...]) -> list[tuple[float, ...]]:
    return [(*FRAME.point_lonlat(point[0], point[1]), *point[2:]) for point in points]


@pytest.fixture
def survey(tmp_path: Path) -> Path:
    """A GeoPackage as a survey office might send it: a river in two pieces, in a projected system, upstream last."""
    path = tmp_path / "survey.gpkg"
    pieces = [LineString(lonlat((2000, 0), (1000, 10))), LineString(lonlat((0, 0), (500, 0), (995, 10)))]
    lines = [
        LineString(lonlat((x, 60, 20.0), (x, 30, 12.0), (x, 0, 10.0), (x, -30, 12.0), (x, -60, 20.0)))
        for x in (0, 700, 1400, 2000)
    ]
    rocks = gpd.GeoDataFrame({"HEIGHT": [13.5], "NAME": ["Rock"]}, geometry=[Point(*lonlat((400, -20))[0])], crs=4326)
    boards = gpd.GeoDataFrame({"code": ["upper"]}, geometry=[Point(*lonlat((10, -50))[0])], crs=4326)
    for layer, frame in (
        ("water", gpd.GeoDataFrame(geometry=pieces, crs=4326)),
        ("profiles", gpd.GeoDataFrame(geometry=lines, crs=4326)),
        ("rocks", rocks),
        ("boards", boards),
    ):
        frame.to_crs(32632).to_file(path, layer=layer, driver="GPKG")
    return path


def begin(survey: Path, folder: Path) -> float:
    start, end = ((lon, lat) for lon, lat in lonlat((0, 0), (2000, 0)))
    return imports.import_line(
        survey, folder, ORIGIN, ends=(start, end), names=('甲"河', 'River "A"'), datum="local", layer="water"
    )


def test_a_package_from_a_survey_loads(survey: Path, tmp_path: Path) -> None:
    folder = tmp_path / "river-a"
    assert begin(survey, folder) == pytest.approx(2000, abs=2)
    with pytest.raises(FaultsError, match="'surface' is required"):
        load_river(folder)
    assert imports.import_sections(survey, folder, ORIGIN, layer="profiles") == 4
    imports.import_layer(
        survey, folder, ORIGIN, "reefs", layer="rocks", radius_m=12.0,
        take={"crest_m": "HEIGHT", "name_en": "NAME", "name_zh": "NAME"}, fixed={"sigma_m": 0.3, "capacity": 0},
    )  # fmt: skip
    imports.import_layer(
        survey, folder, ORIGIN, "gauges", layer="boards", take={"id": "code", "name_en": "code", "name_zh": "code"},
        fixed={"vertical_datum": "local", "zero_m": 10.0, "warning_m": None, "guarantee_m": None},
    )  # fmt: skip
    readings = tmp_path / "upper.csv"
    readings.write_text(
        "time,stage_m\n2024-05-01T08:00+02:00,1.0\n2024-05-01T09:00+02:00,NaN\n2024-05-01T10:00+02:00,2.0\n"
    )
    spec = imports.SeriesSpec("may", "upper", "local", zero_m=10.0)
    assert len(imports.import_series(readings, folder, ORIGIN, spec).values) == 2
    slopes = {"low": {"level_m": 11, "slope": 1e-4}, "flood": {"level_m": 15, "slope": 2e-4}}
    set_entry(folder, "surface", {**slopes, "confidence": "low", "source": "by hand"})
    river = load_river(folder)
    assert river.name.zh == '甲"河'
    assert [round(one.chainage_m, -1) for one in river.sections] == [0, 700, 1400, 2000]
    assert river.sections[1].offsets_m[0] == pytest.approx(-60, abs=11)
    assert river.sections[1].beds_m.tolist() == [20, 12, 10, 12, 20]
    assert river.reefs[0].crest_m == 13.5
    assert river.trust("reefs", "reefs-1").source == "a survey of 2024"
    assert river.find_series("may").levels_m.tolist() == [11.0, 12.0]


@pytest.mark.skipif(not GSHHG.exists(), reason="the line of GSHHG is not on this machine")
def test_a_real_line_is_cut_and_turned_downstream(tmp_path: Path) -> None:
    length = imports.import_line(
        GSHHG, tmp_path / "jialing", imports.Origin("GSHHG 2.3.7", "LGPL-3.0"),
        ends=((106.40, 29.85), (106.47, 29.60)), names=("嘉陵江", "Jialing"), datum="wusong",
    )  # fmt: skip
    line = gpd.read_file(tmp_path / "jialing" / "centreline.geojson").geometry[0]
    assert 35_000 < length < 60_000
    assert line.coords[0][1] > line.coords[-1][1]


def test_editing_keeps_the_authors_comments(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(shelf("rivers") / "teaching", tmp_path / "teaching"))
    before = (folder / "river.yaml").read_text(encoding="utf-8")
    set_entry(folder, "weirs", {"source": "x", "confidence": "low", "licence": "CC0-1.0"}, under="layers")
    after = (folder / "river.yaml").read_text(encoding="utf-8")
    assert after.replace("  weirs: {source: x, confidence: low, licence: CC0-1.0}\n", "") == before


def test_importing_again_replaces_features_of_the_same_id(survey: Path, tmp_path: Path) -> None:
    folder = tmp_path / "river-a"
    begin(survey, folder)
    for height in (1.0, 2.0):
        imports.import_layer(
            survey, folder, ORIGIN, "gauges", layer="boards", take={"id": "code"}, fixed={"zero_m": height}
        )
    data = json.loads((folder / "gauges.geojson").read_text(encoding="utf-8"))
    assert [item["properties"]["zero_m"] for item in data["features"]] == [2.0]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"kind": "reefs"}, "give points a --radius"),
        ({"kind": "refs"}, "did you mean 'reefs'"),
        ({"take": {"crest_m": "HIGHT"}}, "did you mean 'HEIGHT'"),
        ({"take": {"crst_m": "HEIGHT"}}, "did you mean 'crest_m'"),
        ({"layer": "rock"}, "did you mean 'rocks'"),
        ({"layer": ""}, "name one of its layers"),
    ],
)
def test_what_does_not_fit_is_told(survey: Path, tmp_path: Path, change: dict[str, object], said: str) -> None:
    folder = tmp_path / "river-a"
    begin(survey, folder)
    asked: dict[str, object] = {
        "kind": "reefs",
        "layer": "rocks",
        "radius_m": 0.0 if "kind" in change else 5.0,
        **change,
    }
    kind = str(asked.pop("kind"))
    with pytest.raises(InputError, match=said):
        imports.import_layer(survey, folder, ORIGIN, kind, **asked)  # type: ignore[arg-type]


def test_a_line_elsewhere_no_zero_and_no_heights(survey: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="passes both points"):
        imports.import_line(
            survey,
            tmp_path / "x",
            ORIGIN,
            ends=((11.0, 51.0), (11.1, 51.0)),
            names=("x", "x"),
            datum="local",
            layer="water",
        )
    begin(survey, tmp_path / "river-a")
    with pytest.raises(InputError, match="exists already"):
        begin(survey, tmp_path / "river-a")
    with pytest.raises(InputError, match="a height at every point"):
        imports.import_sections(survey, tmp_path / "river-a", ORIGIN, layer="water")
    stages = tmp_path / "stages.csv"
    stages.write_text("time,stage_m\n2024-05-01T08:00Z,1.0\n", encoding="utf-8")
    with pytest.raises(InputError, match="--zero"):
        imports.import_series(stages, tmp_path / "river-a", ORIGIN, imports.SeriesSpec("x", "upper", "local"))


@pytest.mark.parametrize(
    "raw", [b"", b"{}", b"not a map", b"\x00" * 64, b'{"type": "FeatureCollection", "features": []}']
)
def test_no_file_breaks_the_import(tmp_path: Path, raw: bytes) -> None:
    for ending in ("geojson", "gpkg", "shp"):
        path = tmp_path / f"bad.{ending}"
        path.write_bytes(raw)
        with pytest.raises(FaultsError):
            imports.import_layer(path, tmp_path, ORIGIN, "reefs")


def test_every_format_carries_the_points_and_the_warning() -> None:
    river = load_river(shelf("rivers") / "teaching")
    texts = {form: export(river, form) for form in get_args(ExportFormat)}
    assert all("示意河道，禁止用于航行" in text for text in texts.values())
    rows = {row["id"]: row for row in csv.DictReader(io.StringIO(texts["csv"]))}
    features = {item["properties"]["id"]: item for item in json.loads(texts["geojson"])["features"]}
    assert float(rows["rock"]["level_m"]) == features["rock"]["properties"]["level_m"] == 13.5
    assert set(rows) == set(features) - {"teaching"}
    gpx, kml = (ET.fromstring(texts[form]) for form in ("gpx", "kml"))  # noqa: S314 - our own text
    assert len(gpx.findall("{*}wpt")) == len(kml.findall(".//{*}Point")) == len(rows)
    at = gpx.find("{*}wpt")
    assert at is not None
    x, _ = river.frame.to_xy(float(at.attrib["lon"]), float(at.attrib["lat"]))
    assert float(x) == pytest.approx(0.0, abs=0.02)
    assert np.isfinite(float(rows["down"]["km"]))


def levels(tmp_path: Path, text: str = "time,level_m\n2024-05-01T08:00Z,11.0\n") -> Path:
    path = tmp_path / "levels.csv"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("spec", "said"),
    [
        ({"id": "../../evil"}, "expected an id"),
        ({"gauge": "uper"}, "did you mean 'upper'"),
        ({"zero_m": float("nan")}, "expected --zero from"),
        ({"vertical_datum": "wusong"}, "need an offset to the river's 'local'"),
        ({"site": "5"}, "no levels of site '5'"),
    ],
)
def test_a_series_that_the_package_would_not_take_is_refused(
    survey: Path, tmp_path: Path, spec: dict[str, object], said: str
) -> None:
    folder = tmp_path / "river-a"
    begin(survey, folder)
    imports.import_layer(survey, folder, ORIGIN, "gauges", layer="boards", take={"id": "code"})
    asked = imports.SeriesSpec(**{"id": "may", "gauge": "upper", "vertical_datum": "local", **spec})  # type: ignore[arg-type]
    with pytest.raises(InputError, match=said):
        imports.import_series(levels(tmp_path), folder, ORIGIN, asked)
    assert not (folder / "series").exists()


def test_levels_beyond_any_river_and_files_without_a_value(survey: Path, tmp_path: Path) -> None:
    begin(survey, tmp_path / "river-a")
    spec = imports.SeriesSpec("may", "upper", "local")
    for text, said in (("1e308", "expected levels from"), ('"11,5"', "no level or stage could be read .*line 2")):
        path = levels(tmp_path, f"time,level_m\n2024-05-01T08:00Z,{text}\n")
        with pytest.raises(InputError, match=said):
            imports.import_series(path, tmp_path / "river-a", ORIGIN, spec)


def test_a_series_is_replaced_only_if_asked_and_a_layer_keeps_its_licence(survey: Path, tmp_path: Path) -> None:
    folder = tmp_path / "river-a"
    begin(survey, folder)
    spec = imports.SeriesSpec("may", "upper", "local")
    imports.import_series(levels(tmp_path), folder, ORIGIN, spec)
    with pytest.raises(InputError, match="--replace"):
        imports.import_series(levels(tmp_path), folder, ORIGIN, spec)
    imports.import_series(levels(tmp_path), folder, ORIGIN, spec, replace=True)
    other = imports.Origin("another", "proprietary")
    with pytest.raises(InputError, match=r"'CC0-1.0'.*'proprietary'"):
        imports.import_series(levels(tmp_path), folder, other, imports.SeriesSpec("june", "upper", "local"))
    more = imports.Origin("the water office", "CC0-1.0")
    imports.import_series(levels(tmp_path), folder, more, imports.SeriesSpec("june", "upper", "local"))
    assert "series: {source: a survey of 2024; the water office" in (folder / "river.yaml").read_text(encoding="utf-8")


def test_one_site_on_two_scales_gives_its_stage_unless_asked(survey: Path, tmp_path: Path) -> None:
    begin(survey, tmp_path / "river-a")
    rows = [
        {"properties": {"monitoring_location_id": "1", "parameter_code": code, "unit_of_measure": "m", "value": value,
                        "time": "2024-05-01T08:00Z"}}
        for code, value in (("62615", 111.0), ("00065", 1.0))
    ]  # fmt: skip
    path = levels(tmp_path, json.dumps({"type": "FeatureCollection", "features": rows}))
    for name, parameter, value in (("stage", "", 1.0), ("level", "62615", 111.0)):
        spec = imports.SeriesSpec(name, "upper", "local", zero_m=10.0, parameter=parameter)
        assert imports.import_series(path, tmp_path / "river-a", ORIGIN, spec).values[0][1] == value
