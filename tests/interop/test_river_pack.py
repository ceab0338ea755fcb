"""A river in one GeoPackage: GIS programs see every layer, and nothing is lost on the way back."""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import geopandas as gpd
import pyogrio
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rescuecmd.errors import FaultsError, InputError
from rescuecmd.interop.river_pack import pack, read_pack, unpack
from rescuecmd.interop.river_package import load_river
from rescuecmd.library import names, shelf


def contents(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("river", names("rivers"))
def test_what_is_packed_comes_back_byte_for_byte(river: str, tmp_path: Path) -> None:
    source = shelf("rivers") / river
    packed = tmp_path / "river.gpkg"
    pack(source, packed)
    told = unpack(packed, tmp_path / "back")
    assert contents(tmp_path / "back") == contents(source)
    assert told.changed == ()
    assert set(told.files) == set(contents(source))


def test_the_same_package_gives_the_same_bytes(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        pack(shelf("rivers") / "teaching", tmp_path / name / "river.gpkg")
    assert (tmp_path / "one" / "river.gpkg").read_bytes() == (tmp_path / "two" / "river.gpkg").read_bytes()


@pytest.fixture
def packed(tmp_path: Path) -> Path:
    target = tmp_path / "teaching.gpkg"
    pack(shelf("rivers") / "teaching", target)
    return target


def test_a_gis_program_sees_layers_with_geometry_and_tables_without(packed: Path) -> None:
    kinds = {str(name): kind for name, kind in pyogrio.list_layers(packed)}
    assert kinds["centreline"] == "LineString"
    assert kinds["reefs"] == "Polygon"
    assert kinds["gauges"] == "Point"
    assert kinds["table_sections"] is None
    assert kinds["table_series"] is None
    reefs = gpd.read_file(packed, layer="reefs")
    assert reefs.crs.to_epsg() == 4326
    assert reefs.crest_m.tolist() == [13.5]


def test_the_sums_of_all_files_travel_with_it(packed: Path) -> None:
    sums = read_pack(packed).digests
    assert set(sums) == set(contents(shelf("rivers") / "teaching"))
    assert all(len(one) == 64 for one in sums.values())


def test_what_was_changed_in_the_pack_is_kept_and_told(packed: Path, tmp_path: Path) -> None:
    reefs = gpd.read_file(packed, layer="reefs")
    reefs["crest_m"] = 13.7
    reefs.to_file(packed, layer="reefs", driver="GPKG")
    told = unpack(packed, tmp_path / "back")
    assert told.changed == ("reefs.geojson",)
    assert load_river(tmp_path / "back").place("rock").critical_m == 13.7


def test_a_feature_drawn_in_the_pack_is_checked_like_any_other(packed: Path, tmp_path: Path) -> None:
    reefs = gpd.read_file(packed, layer="reefs")
    reefs["crest_m"] = None
    reefs.to_file(packed, layer="reefs", driver="GPKG")
    with pytest.raises(FaultsError, match="crest_m"):
        unpack(packed, tmp_path / "back")


def test_nothing_is_overwritten(packed: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="exists already"):
        pack(shelf("rivers") / "teaching", packed)
    (tmp_path / "back").mkdir()
    (tmp_path / "back" / "mine.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(InputError, match="not empty"):
        unpack(packed, tmp_path / "back")


def test_a_package_with_faults_is_not_packed(tmp_path: Path) -> None:
    broken = Path(shutil.copytree(shelf("rivers") / "teaching", tmp_path / "broken"))
    (broken / "gauges.geojson").unlink()
    with pytest.raises(FaultsError):
        pack(broken, tmp_path / "broken.gpkg")
    assert not list(tmp_path.glob("*.gpkg"))


def test_other_geopackages_and_other_files_are_faults(tmp_path: Path) -> None:
    other = tmp_path / "other.gpkg"
    gpd.read_file(shelf("rivers") / "teaching" / "reefs.geojson").to_file(other, layer="reefs", driver="GPKG")
    text = tmp_path / "text.gpkg"
    text.write_text("no database", encoding="utf-8")
    for path, said in ((other, "not a packed river"), (text, "not a GeoPackage"), (tmp_path / "none", "missing")):
        with pytest.raises(FaultsError, match=said):
            read_pack(path)


def test_no_path_in_a_pack_leads_out_of_the_folder(packed: Path, tmp_path: Path) -> None:
    with closing(sqlite3.connect(packed)) as pack_file, pack_file:
        pack_file.execute("INSERT INTO table_files (path, sha256, text) VALUES ('../evil', '', 'x')")
        pack_file.execute("UPDATE table_series SET series = '../../evil' WHERE series = 'up-rise'")
    with pytest.raises(FaultsError, match="no id of a series"):
        unpack(packed, tmp_path / "back")
    assert not (tmp_path / "evil").exists()


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(share=st.floats(0, 1), extra=st.binary(max_size=64))
def test_a_damaged_pack_is_a_fault_or_a_river(packed: Path, tmp_path: Path, share: float, extra: bytes) -> None:
    whole = packed.read_bytes()
    at = int(len(whole) * share)
    damaged = tmp_path / "damaged.gpkg"
    damaged.write_bytes(whole[:at] + extra + whole[at + len(extra) :] if at % 2 else whole[:at])
    try:
        read_pack(damaged)
    except FaultsError as error:
        assert error.faults
