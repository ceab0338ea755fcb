"""Shapefiles of Chinese offices: text in GBK, with and without the file that says so."""

import json
import zipfile
from collections.abc import Sequence
from pathlib import Path

import geopandas as gpd
import pytest
from shapely import LineString, Point
from typer.testing import CliRunner

from rescuecmd.cli.river_import import app
from rescuecmd.errors import FaultsError, InputError
from rescuecmd.interop.gis_file import read_features, read_shapes

NAMES = ["磐溪礁", "黄磐石"]


def shapefile(
    folder: Path, encoding: str, *, cpg: bool = False, language: int = 0, names: Sequence[str] = NAMES
) -> Path:
    """Write a real Shapefile; byte 29 of its table is the language that the table says it is in."""
    folder.mkdir(exist_ok=True)
    path = folder / "rocks.shp"
    points = [Point(106.4 + number / 100, 29.6) for number in range(len(names))]
    frame = gpd.GeoDataFrame({"名字": list(names), "高程": [170.5] * len(names)}, geometry=points, crs=4326)
    frame.to_file(path, encoding=encoding)
    if not cpg:
        path.with_suffix(".cpg").unlink()
    table = path.with_suffix(".dbf")
    raw = bytearray(table.read_bytes())
    raw[29] = language
    table.write_bytes(raw)
    return path


def told(path: Path, encoding: str = "") -> list[str]:
    frame = read_features(path, "", encoding)
    assert [str(column) for column in frame.columns] == ["名字", "高程", "geometry"]
    return [str(cell) for cell in frame["名字"]]


@pytest.mark.parametrize("language", [0x00, 0x57])
@pytest.mark.parametrize("encoding", ["gbk", "gb18030", "utf-8", "big5"])
def test_text_of_unknown_encoding_is_refused_and_its_readings_are_shown(
    tmp_path: Path, encoding: str, language: int
) -> None:
    names = ["磐溪礁", "龍門"]  # in all four
    path = shapefile(tmp_path, encoding, language=language, names=names)
    with pytest.raises(FaultsError, match=r"no \.cpg") as caught:
        read_features(path)
    assert "--encoding" in str(caught.value)
    assert f"{encoding.replace('gbk', 'gb18030')}: 名" in str(caught.value), "the first text, read rightly"
    assert told(path, encoding) == names


def test_a_file_that_says_its_encoding_needs_nothing(tmp_path: Path) -> None:
    assert told(shapefile(tmp_path / "cpg", "gb18030", cpg=True)) == NAMES
    assert told(shapefile(tmp_path / "language", "gbk", language=0x4D)) == NAMES
    assert told(shapefile(tmp_path / "wrong", "gbk", language=0x03), "gbk") == NAMES, "what is asked for goes first"


def test_a_packed_shapefile_is_looked_into(tmp_path: Path) -> None:
    for cpg in (False, True):
        path = shapefile(tmp_path / f"cpg-{cpg}", "gb18030", cpg=cpg)
        packed = tmp_path / f"rocks-{cpg}.zip"
        with zipfile.ZipFile(packed, "w") as file:
            for part in path.parent.iterdir():
                file.write(part, part.name)
        if cpg:
            assert told(packed) == NAMES
        else:
            with pytest.raises(FaultsError, match="gb18030: 名字"):
                read_features(packed)


def test_ascii_needs_no_encoding_and_lines_none_at_all(tmp_path: Path) -> None:
    plain = tmp_path / "plain.shp"
    gpd.GeoDataFrame({"name": ["rock"]}, geometry=[Point(106.4, 29.6)], crs=4326).to_file(plain)
    plain.with_suffix(".cpg").unlink()
    assert list(read_features(plain)["name"]) == ["rock"]
    line = tmp_path / "line.shp"
    frame = gpd.GeoDataFrame({"名字": ["嘉陵江"]}, geometry=[LineString([(106.4, 29.6), (106.5, 29.6)])], crs=4326)
    frame.to_file(line, encoding="gbk")
    line.with_suffix(".cpg").unlink()
    assert len(read_shapes(line)) == 1, "names of a drawn line are not read"


def test_a_wrong_encoding_is_told(tmp_path: Path) -> None:
    path = shapefile(tmp_path, "gb18030")
    with pytest.raises(FaultsError, match=r"not utf-8.*--encoding"):
        read_features(path, "", "utf-8")
    with pytest.raises(InputError, match="did you mean 'gb18030'"):
        read_features(path, "", "gb1803")
    with pytest.raises(InputError, match="no encoding 'base64'"):
        read_features(path, "", "base64")


def test_only_files_that_leave_it_open_take_an_encoding(tmp_path: Path) -> None:
    packed = tmp_path / "rocks.gpkg"
    gpd.GeoDataFrame({"name": ["磐溪礁"]}, geometry=[Point(106.4, 29.6)], crs=4326).to_file(packed, driver="GPKG")
    with pytest.raises(InputError, match="leave --encoding out"):
        read_features(packed, "", "gb18030")
    drawn = tmp_path / "rocks.geojson"
    feature = {"type": "Feature", "properties": {"name": "磐溪礁"},
               "geometry": {"type": "Point", "coordinates": [106.4, 29.6]}}  # fmt: skip
    text = json.dumps({"type": "FeatureCollection", "features": [feature]}, ensure_ascii=False)
    drawn.write_bytes(text.encode("gbk"))
    with pytest.raises(FaultsError, match=r"not UTF-8.*--encoding gb18030"):
        read_features(drawn)
    assert list(read_features(drawn, "", "gbk")["name"]) == ["磐溪礁"]


def test_the_command_takes_the_encoding(tmp_path: Path) -> None:
    folder = tmp_path / "my-river"
    folder.mkdir()
    (folder / "river.yaml").write_text("id: my-river\nlayers: {}\n", encoding="utf-8")
    path = shapefile(tmp_path / "survey", "gbk")
    given = [
        "shapes", str(path), "--into", str(folder), "--as", "reefs", "--radius", "12", "--take", "name_zh=名字",
        "--take", "name_en=名字", "--take", "crest_m=高程", "--set", "sigma_m=0.3", "--set", "capacity=0",
        "--source", "a survey", "--licence", "CC0-1.0",
    ]  # fmt: skip
    asked = CliRunner().invoke(app, given)
    assert isinstance(asked.exception, FaultsError)
    assert not (folder / "reefs.geojson").exists()
    done = CliRunner().invoke(app, [*given, "--encoding", "gb18030"])
    assert done.exit_code == 0, done.output
    features = json.loads((folder / "reefs.geojson").read_text(encoding="utf-8"))["features"]
    assert [one["properties"]["name_zh"] for one in features] == NAMES
