"""River packages: the shipped one loads, and each broken copy says where it is broken."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rescuecmd.errors import Fault, FaultsError
from rescuecmd.interop.csv_table import read_table
from rescuecmd.interop.geojson_layer import read_layer
from rescuecmd.interop.river_package import load_river
from rescuecmd.library import shelf
from rescuecmd.river.model import River

SHIPPED = shelf("rivers") / "jialing-dazhulin"
FILES = sorted(path.relative_to(SHIPPED).as_posix() for path in SHIPPED.rglob("*.*"))
Edit = Callable[[Path], None]


@pytest.fixture
def package(tmp_path: Path) -> Path:
    return Path(shutil.copytree(SHIPPED, tmp_path / "river"))


def faults_of(package: Path) -> tuple[Fault, ...]:
    with pytest.raises(FaultsError) as caught:
        load_river(package)
    return caught.value.faults


def swap(file: str, old: str, new: str) -> Edit:
    def edit(package: Path) -> None:
        path = package / file
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new, 1), encoding="utf-8")

    return edit


def line_of(package: Path, file: str, text: str) -> int:
    before, found, _ = (package / file).read_text(encoding="utf-8").partition(text)
    assert found
    return before.count("\n") + 1


def test_the_shipped_package_loads_whole() -> None:
    river = load_river(SHIPPED)
    assert isinstance(river, River)
    assert river.id == SHIPPED.name
    assert 9000 < river.length_m < 10_000
    spacing = [b.chainage_m - a.chainage_m for a, b in zip(river.sections[:-1], river.sections[1:], strict=True)]
    assert max(spacing) <= 300
    assert {series.kind for series in river.series} == {"observed", "forecast"}
    assert len(river.bridges[0].spans) == 3
    assert len(river.bridges[0].piers) == 2


# file, old text, new text, the text whose line is named (after the edit), what is said
BROKEN = [
    ("river.yaml", "vertical_datum: wusong", "vertical_datm: wusong", "vertical_datm", "did you mean 'vertical_datum'"),
    ("river.yaml", "vertical_datum: wusong\n", "", "", "'vertical_datum' is required"),
    ("river.yaml", "vertical_datum: wusong", "vertical_datum: wusng", "vertical_datum: wusng", "did you mean 'wusong'"),
    ("river.yaml", "schematic: true", "schematic: true\nschematic: false", "schematic: false", "duplicate key"),
    ("river.yaml", "id: jialing-dazhulin", "id: [jialing", "", "not valid YAML"),
    ("river.yaml", "mouth_km: 24.0", "mouth_km: .nan", "mouth_km: .nan", "finite number"),
    ("river.yaml", "  piers: {", "  peers: {", "  peers: {", "did you mean 'piers'"),
    (
        "river.yaml",
        "  - gauge: ciqikou\n    from",
        "  - gauge: ciqiku\n    from",
        "- gauge: ciqiku",
        "did you mean 'ciqikou'",
    ),
    ("river.yaml", "rating:\n  gauge: ciqikou", "rating:\n  gauge: beibei", "  gauge: beibei", "no gauge 'beibei'"),
    ("river.yaml", "level_m: 182.84", "level_m: 195.0", "level_m: 194.29", "must grow from point to point"),
    ("river.yaml", "no_flow_m: 166.0", "no_flow_m: 190.0", "level_m: 182.84", "above no_flow_m"),
    ("river.yaml", "low: {level_m: 166.5", "low: {level_m: 196.5", "low: {level_m", "below the flood level"),
    (
        "river.yaml",
        "gauge: jingkou\n    kind: observed",
        "gauge: jinko\n    kind: observed",
        "gauge: jinko\n",
        "did you mean 'jingkou'",
    ),
    (
        "river.yaml",
        "kind: forecast\n    issued: 2021-09-05T14:00+08:00",
        "kind: forecast",
        "- id: ciqikou-2021-09-forecast",
        "needs the time it was issued",
    ),
    (
        "river.yaml",
        "issued: 2021-09-05T14:00+08:00",
        "issued: 2021-09-05T14:00",
        "issued: 2021-09-05T14:00\n",
        "zone offset",
    ),
    ("river.yaml", "- id: jingkou-2021-09\n", "- id: jingkou-2021-08\n", "", "this file is missing"),
    ("river.yaml", "- id: jingkou-2021-09\n", "- id: jingkou-2021-09-forecast\n", "", "is taken"),
    ("reefs.geojson", '"crest_m"', '"crst_m"', '"crst_m"', "did you mean 'crest_m'"),
    ("reefs.geojson", '"id": "feilanzi"', '"id": "jingkou-bridge"', "", "is taken"),
    ("reefs.geojson", '"Polygon"', '"Point"', '{ "type": "Feature"', "expected a Polygon, got 'Point'"),
    ("reefs.geojson", '"crest_m": 182.39', '"crest_m": NaN', '"crest_m": NaN', "not a number that may stand here"),
    ("reefs.geojson", '"crest_m": 182.39', '"crest_m": 18247', '"crest_m": 18247', "less than or equal to 9000"),
    ("reefs.geojson", '"crest_m": 182.39', '"crest_m": 182.39, "crest_m": 1', "", "'crest_m' stands twice"),
    ("reefs.geojson", '"features": [', '"features": [,', '"features": [,', "not valid JSON"),
    ("reefs.geojson", '"type": "FeatureCollection"', '"type": "Feature"', "", "expected a GeoJSON FeatureCollection"),
    (
        "reefs.geojson",
        '"name": "reefs",',
        '"crs": {"type":"name","properties":{"name":"EPSG:3857"}},',
        "",
        "only longitude and latitude",
    ),
    (
        "gauges.geojson",
        '"vertical_datum": "huanghai"',
        '"vertical_datum": "egm2008"',
        '"vertical_datum": "egm2008"',
        "never mixed",
    ),
    ("gauges.geojson", '"vertical_datum": "huanghai",\n', "", "", "'vertical_datum' is required"),
    (
        "exits.geojson",
        '"to": "dazhulin-plaza"',
        '"to": "dazhulin-piazza"',
        '"to": "dazhulin-piazza"',
        "did you mean 'dazhulin-plaza'",
    ),
    (
        "exits.geojson",
        '"beach": "dazhulin-beach"',
        '"beach": "dazhulin-bech"',
        '"beach": "dazhulin-bech"',
        "did you mean 'dazhulin-beach'",
    ),
    ("exits.geojson", '"kind": "steps"', '"kind": "stairs"', '"kind": "stairs"', "expected 'steps', 'ramp' or 'path'"),
    (
        "piers.geojson",
        '"bridge": "jingkou-bridge"',
        '"bridge": "jinkou-bridge"',
        '"bridge": "jinkou-bridge"',
        "did you mean 'jingkou-bridge'",
    ),
    ("bridges.geojson", '"soffit_m": 204.47', '"clearance_m": 24.47', '"spans"', "needs 'soffit_m'"),
    ("bridges.geojson", '"confidence": "low",\n', "", "", "'confidence' is required"),
    ("reefs.geojson", '"source": "name', '"sorce": "name', '"sorce"', "did you mean 'source'"),
    ("river.yaml", "crs: EPSG:4326", "crs: EPSG:3857", "crs: EPSG:3857", "expected 'EPSG:4326'"),
    (
        "river.yaml",
        '  ramps: {source: "schematic", confidence: low, licence: CC0-1.0}\n',
        "",
        "layers:",
        "layer 'ramps' has no source",
    ),
    ("bridges.geojson", '"from_m": -292', '"from_m": 292', '"spans"', "from the smaller offset"),
    ("bridges.geojson", '"from_m": 95', '"from_m": 90', '"spans"', "must not overlap"),
    ("landings.geojson", '"low_m": 177.8', '"low_m": 277.8', '"low_m": 277.8', "low_m must be below high_m"),
    ("sections.csv", "section,offset_m,bed_m", "section,ofset_m,bed_m", "ofset_m", "did you mean 'offset_m'"),
    ("sections.csv", "s02,", "s2,", "s2,", "did you mean"),
    ("sections.csv", ",bed_m\ns01,", ",bed_m\ns01,x", "s01,x", "expected a number"),
    ("series/jingkou-2021-09.csv", "180.47,wusong", "NaN,wusong", "NaN,wusong", "finite number"),
    ("series/jingkou-2021-09.csv", "180.47,wusong", "180.47,huanghai", "180.47,huanghai", "no datum_offsets entry"),
    ("series/ciqikou-2021-09.csv", "178.95,wusong", "178.95,huanghai", "178.95,huanghai", "vertical datums are mixed"),
    ("series/ciqikou-2021-09.csv", "178.95,wusong", "178.95,", "178.95,,", "expected one of wusong"),
    ("series/ciqikou-2021-09.csv", "T09:00+08:00", "T09:00", "T09:00,", "a time needs its zone offset"),
    ("series/ciqikou-2021-09.csv", "T09:00+08:00", "T25:00+08:00", "T25:00", "expected a time such as"),
    ("series/ciqikou-2021-09.csv", "T09:00+08:00", "T07:00+08:00", "T07:00+08:00,178.95", "times must grow"),
    ("series/ciqikou-2021-09.csv", "observed", "forecast", "forecast", "river.yaml says 'observed'"),
    ("series/ciqikou-2021-09.csv", "0.00,low", "-0.10,low", "-0.10,low", "must not be negative"),
    (
        "series/ciqikou-2021-09.csv",
        ",low,schematic: shape drawn between published values",
        ",low,",
        ",low,\n",
        "needs its source",
    ),
    (
        "series/ciqikou-2021-09.csv",
        "178.95,wusong,observed",
        "178.95,wusong",
        "178.95,wusong,0",
        "expected 7 cells, got 6",
    ),
]


@pytest.mark.parametrize("case", BROKEN, ids=lambda case: f"{case[0]}: {case[4]}")
def test_a_broken_copy_names_file_line_and_what_was_expected(package: Path, case: tuple[str, ...]) -> None:
    file, old, new, at, said = case
    swap(file, old, new)(package)
    faults = faults_of(package)
    told = [fault for fault in faults if said in fault.message]
    assert told, "\n".join(map(str, faults))
    if at:
        assert (str(package / file), line_of(package, file, at)) in [(fault.file, fault.line) for fault in told]


def move_first_point(package: Path) -> None:
    """Put the Ciqikou gauge ten kilometres below the river."""
    text = (package / "gauges.geojson").read_text(encoding="utf-8")
    head, at, tail = text.rpartition('"coordinates": [')
    (package / "gauges.geojson").write_text(f"{head}{at}106.45, 29.50{tail[tail.index(']') :]}", encoding="utf-8")


def swap_lon_lat(package: Path) -> None:
    text = (package / "gauges.geojson").read_text(encoding="utf-8")
    head, at, tail = text.rpartition('"coordinates": [')
    lon, lat = tail[: tail.index("]")].split(", ")
    (package / "gauges.geojson").write_text(f"{head}{at}{lat}, {lon}{tail[tail.index(']') :]}", encoding="utf-8")


def cross_centreline(package: Path) -> None:
    path = package / "centreline.geojson"
    text = path.read_text(encoding="utf-8")
    head, at, tail = text.partition("[[")
    points = tail[: tail.index("]]")].split("], [")
    points[10], points[20] = points[20], points[10]
    path.write_text(f"{head}{at}{'], ['.join(points)}{tail[tail.index(']]') :]}", encoding="utf-8")


def swap_features(package: Path) -> None:
    path = package / "sections.geojson"
    text = path.read_text(encoding="utf-8")
    head, mark, tail = text.partition('"features": [\n')
    features = tail.removesuffix("\n]\n}\n").split(",\n{ ")
    features[4], features[5] = features[5], features[4]
    path.write_text(f"{head}{mark}{(',' + chr(10) + '{ ').join(features)}\n]\n}}\n", encoding="utf-8")


def drop_section_rows(package: Path) -> None:
    path = package / "sections.csv"
    rows = [row for row in path.read_text(encoding="utf-8").splitlines() if not row.startswith("s07,")]
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")


def misspell_layer(package: Path) -> None:
    (package / "ramps.geojson").rename(package / "ramp.geojson")


def empty_gauges(package: Path) -> None:
    (package / "gauges.geojson").write_text('{"type": "FeatureCollection", "features": []}', encoding="utf-8")


def stray_series(package: Path) -> None:
    (package / "series" / "ciqikou-2021-9.csv").write_text("time\n", encoding="utf-8")


def not_utf8(package: Path) -> None:
    path = package / "ramps.geojson"
    path.write_bytes(path.read_bytes().replace("大".encode(), "大".encode("gb18030"), 1))


@pytest.mark.parametrize(
    ("edit", "file", "said"),
    [
        (move_first_point, "gauges.geojson", "outside the river: chainage"),
        (swap_lon_lat, "gauges.geojson", "longitude comes first"),
        (cross_centreline, "centreline.geojson", "the line crosses itself"),
        (swap_features, "sections.geojson", "out of order"),
        (drop_section_rows, "sections.geojson", "sections.csv has 0 good rows"),
        (misspell_layer, "ramps.geojson", "this layer is missing"),
        (misspell_layer, "ramp.geojson", "did you mean 'ramps.geojson'"),
        (empty_gauges, "gauges.geojson", "at least one gauge"),
        (stray_series, "series/ciqikou-2021-9.csv", "did you mean 'ciqikou-2021-09.csv'"),
        (not_utf8, "ramps.geojson", "expected UTF-8"),
    ],
)
def test_a_package_that_does_not_fit_together(package: Path, edit: Edit, file: str, said: str) -> None:
    edit(package)
    faults = faults_of(package)
    assert any(fault.file == str(package / file) and said in fault.message for fault in faults), "\n".join(
        map(str, faults)
    )


def test_every_fault_is_told_at_once(package: Path) -> None:
    for edit in (
        swap("reefs.geojson", '"crest_m"', '"crst_m"'),
        swap("exits.geojson", '"to": "dazhulin-plaza"', '"to": "nowhere"'),
        swap("series/ciqikou-2021-09.csv", "178.95", "high"),
        swap("series/jingkou-2021-09.csv", "+08:00", ""),
        swap("sections.csv", "section,offset_m", "section,off_m"),
        swap("river.yaml", "schematic: true", "schematic: perhaps"),
    ):
        edit(package)
    named = {Path(fault.file).name for fault in faults_of(package)}
    assert named >= {"reefs.geojson", "exits.geojson", "sections.csv", "river.yaml"}


def test_a_fault_in_the_yaml_does_not_hide_those_of_the_layers(package: Path) -> None:
    swap("river.yaml", "id: jialing", "id: [jialing")(package)
    swap("reefs.geojson", '"crest_m"', '"crst_m"')(package)
    assert {Path(fault.file).name for fault in faults_of(package)} == {"river.yaml", "reefs.geojson"}


@pytest.mark.parametrize("name", ["nowhere", "river.yaml"])
def test_what_is_not_a_folder_is_a_fault(name: str) -> None:
    assert "expected a folder" in faults_of(SHIPPED / name)[0].message


def test_a_datum_offset_is_applied_to_a_series(package: Path) -> None:
    path = package / "series" / "ciqikou-2020-08.csv"
    path.write_text(path.read_text(encoding="utf-8").replace("wusong", "huanghai"), encoding="utf-8")
    levels = load_river(package).find_series("ciqikou-2020-08").levels_m
    assert levels.tolist() == pytest.approx([194.29 + 1.64, 194.20 + 1.64, 189.76 + 1.64])


GARBAGE = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@GARBAGE
@given(file=st.sampled_from(FILES), share=st.floats(0, 1), extra=st.binary(max_size=12))
def test_cut_and_smeared_files_are_faults_or_rivers(package: Path, file: str, share: float, extra: bytes) -> None:
    whole = (SHIPPED / file).read_bytes()
    (package / file).write_bytes(whole[: int(len(whole) * share)] + extra)
    try:
        load_river(package)
    except FaultsError as error:
        assert error.faults  # either outcome is right; an exception of another kind is not
    finally:
        (package / file).write_bytes(whole)


@GARBAGE
@given(file=st.sampled_from(FILES), at=st.floats(0, 0.999), new=st.binary(min_size=1, max_size=3))
def test_single_wrong_bytes_are_faults_or_rivers(package: Path, file: str, at: float, new: bytes) -> None:
    whole = (SHIPPED / file).read_bytes()
    spot = int(len(whole) * at)
    (package / file).write_bytes(whole[:spot] + new + whole[spot + len(new) :])
    try:
        load_river(package)
    except FaultsError as error:
        assert error.faults
    finally:
        (package / file).write_bytes(whole)


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
)


@given(
    JSON.map(lambda value: {"type": "Polygon", "coordinates": value}) | JSON,
    st.sampled_from(["Point", "LineString", "Polygon"]),
)
def test_no_geometry_breaks_the_reader(geometry: object, kind: str) -> None:
    item = {"type": "Feature", "properties": {"id": "x"}, "geometry": geometry}
    raw = json.dumps({"type": "FeatureCollection", "features": [item]}).encode()
    try:
        features, faults = read_layer(raw, "layer", kind)
    except FaultsError:
        return
    assert len(features) + len(faults) >= 1


@given(st.binary(max_size=200))
def test_no_bytes_break_the_readers(raw: bytes) -> None:
    for read in (
        lambda: read_layer(raw, "layer", "Point"),
        lambda: read_table(raw, "table", ("time", "level_m")),
        lambda: read_table(b"time,level_m\n" + raw, "table", ("time", "level_m")),
    ):
        try:
            read()
        except FaultsError as error:
            assert error.faults


def test_huge_files_are_refused() -> None:
    with pytest.raises(FaultsError, match="at most"):
        read_table(b"a" * (8 * 1024 * 1024 + 1), "table", ("a",))


def test_deeply_nested_json_is_a_fault() -> None:
    with pytest.raises(FaultsError):
        read_layer(b'{"type": "FeatureCollection", "features": ' + b"[" * 100_000, "layer", "Point")
