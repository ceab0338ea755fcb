"""Readings and ratings in other people's formats, real files of USGS among them."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rescuecmd.errors import FaultsError
from rescuecmd.interop.gauge_values import read_values
from rescuecmd.interop.rating_table import read_rating

USGS = Path(__file__).resolve().parents[3] / "shared" / "data" / "river" / "usgs"
real = pytest.mark.skipif(not USGS.is_dir(), reason="the real files of USGS are not on this machine")

RATING = b"""# //STATION AGENCY="USGS " NUMBER="01594440       " TIME_ZONE="EST" DST_FLAG=N
# //STATION NAME="PATUXENT RIVER NEAR BOWIE, MD"
# //RATING ID="20.0" TYPE="STGQ" NAME="stage-discharge" AGING=Working
# //RATING OFFSET1=2.000000E+00
INDEP\tDEP\tSTOR
16N\t16N\t1S
3.0\t30.0\t*
4.0\t110.0\t*
5.0\t225.0\t*
"""


def water_ml(values: Sequence[Mapping[str, object]], code: str = "00065", unit: str = "ft") -> bytes:
    variable = {"variableCode": [{"value": code}], "unit": {"unitCode": unit}, "noDataValue": -999999.0}
    series = {"sourceInfo": {"siteCode": [{"value": "1"}]}, "variable": variable, "values": [{"value": values}]}
    return json.dumps({"value": {"timeSeries": [series]}}).encode()


@real
def test_instantaneous_values_of_usgs() -> None:
    read = read_values((USGS / "waterservices_iv.txt").read_bytes(), "iv")
    stages = {one.site: one.values for one in read if one.quantity == "stage"}
    assert stages["01645000"][0] == pytest.approx((1550120400.0, 3.13 * 0.3048))
    flows = {one.site: one.values for one in read if one.quantity == "discharge"}
    assert flows["01491000"][0][1] == pytest.approx(974 * 0.3048**3)


@real
def test_the_newer_service_of_usgs() -> None:
    fixtures = json.loads((USGS / "waterdata_ogc_fixtures.json").read_text(encoding="utf-8"))
    read = read_values(json.dumps(fixtures["latest-continuous"]).encode(), "ogc")
    assert {one.quantity for one in read} == {"stage", "discharge"}
    with pytest.raises(FaultsError, match="zone"):
        read_values(json.dumps(fixtures["daily"]).encode(), "daily")


@real
def test_a_real_rating_comes_out_in_metres_with_its_stage_of_no_flow() -> None:
    table = read_rating((USGS / "waterservices_ratings.txt").read_bytes(), "rating")
    assert table.no_flow_m == pytest.approx(2.0 * 0.3048)
    assert table.points[0] == pytest.approx((2.99 * 0.3048, 30 * 0.3048**3))
    assert table.points[-1] == pytest.approx((27.9 * 0.3048, 31100 * 0.3048**3))


def test_what_is_no_value_is_left_out_with_its_reason() -> None:
    at = "2020-01-01T00:{:02d}:00+00:00"
    rows: list[tuple[object, list[str]]] = [
        ("1.0", ["P"]),
        ("-999999", ["P"]),
        ("2.0", ["P", "Ice"]),
        ("NaN", []),
        (None, []),
        ("3.0", ["P"]),
    ]
    read = read_values(
        water_ml([{"value": v, "qualifiers": q, "dateTime": at.format(n)} for n, (v, q) in enumerate(rows)]), "x"
    )[0]
    assert [value for _, value in read.values] == pytest.approx([0.3048, 3 * 0.3048])
    assert len(read.left_out) == 4
    assert "ice" in read.left_out[1]


def test_unknown_units_and_missing_zones_are_faults() -> None:
    row = {"value": "1", "qualifiers": [], "dateTime": "2020-01-01T00:00:00+00:00"}
    with pytest.raises(FaultsError, match="unknown unit 'furlong'"):
        read_values(water_ml([row], unit="furlong"), "x")
    with pytest.raises(FaultsError, match="zone offset"):
        read_values(water_ml([{**row, "dateTime": "2020-01-01T00:00:00"}]), "x")


def test_csv_and_plain_json_tell_levels_or_stages() -> None:
    levels = read_values(b"time,level_m\n2020-01-01T00:05Z,1.5\n2020-01-01T00:00Z,1\n", "x")[0]
    assert (levels.quantity, [value for _, value in levels.values]) == ("level", [1.0, 1.5])
    stages = read_values(b'{"readings": [{"time": "2020-01-01T00:00Z", "stage_m": 2}]}', "x")[0]
    assert (stages.quantity, stages.values[0][1]) == ("stage", 2.0)
    with pytest.raises(FaultsError, match="did you mean 'level_m'"):
        read_values(b'{"readings": [{"time": "2020-01-01T00:00Z", "levl_m": 2}]}', "x")


@pytest.mark.parametrize(
    ("old", "new", "line", "said"),
    [
        (b"stage-discharge", b"stage-area", 1, "stage-discharge"),
        (b"4.0\t110", b"4.0\t11", 8, "must grow"),
        (b"4.0\t110", b"high\t110", 8, "expected a stage"),
        (b"4.0\t110", b"nan\t110", 8, "expected a stage"),
        (b"OFFSET1=2.0", b"OFFSET1=9.0", 7, "no flow"),
        (b"OFFSET1=2.000000E+00", b"OFFSET1=1.2.3", 4, "expected a number, got '1.2.3'"),
        (b"INDEP\tDEP", b'# //RATING_INDEP PARAMETER="Gage height (yd)"\nINDEP\tDEP', 5, "unknown unit 'yd'"),
        (b"INDEP\tDEP", b"INDEP\tDEEP", 5, "INDEP and DEP"),
        (b"4.0\t110.0\t*\n5.0\t225.0\t*\n", b"", 1, "at least two rows"),
    ],
)
def test_a_broken_rating_names_its_line(old: bytes, new: bytes, line: int, said: str) -> None:
    assert old in RATING
    with pytest.raises(FaultsError, match=said) as caught:
        read_rating(RATING.replace(old, new), "rating")
    assert caught.value.faults[0].line == line


def test_a_rating_in_metres_is_read_as_metres() -> None:
    units = b'# //RATING_INDEP PARAMETER="Stage (m)"\n# //RATING_DEP PARAMETER="Discharge (m^3/s)"\nINDEP'
    table = read_rating(RATING.replace(b"INDEP", units, 1), "rating")
    assert (table.no_flow_m, table.points[0]) == (2.0, (3.0, 30.0))


def test_sensors_of_one_site_stay_apart() -> None:
    row = {"qualifiers": [], "dateTime": "2020-01-01T00:00:00+00:00"}
    data = json.loads(water_ml([]))
    blocks = [{"value": [{**row, "value": value}], "method": [{"methodID": n}]} for n, value in ((7, "1"), (8, "9"))]
    series = data["value"]["timeSeries"][0]
    series["values"] = blocks
    assert [one.method for one in read_values(json.dumps(data).encode(), "x")] == ["7", "8"]
    series["values"] = [{"value": [], "method": [{"methodID": 7}]}, blocks[1]]
    assert [one.method for one in read_values(json.dumps(data).encode(), "x")] == ["8"]


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("time,level_m\n2020-01-01T00:00Z,1\n2020-01-01T00:00Z,2\n", 3, "two values at 2020-01-01T00:00Z: 1 and 2"),
        ("time,level_m\n\n2020-01-01T00:00,1\n", 3, "zone offset"),
        ("time,level_m\n0001-01-01T00:00+14:00,1\n", 2, "expected a time"),
        ('{"type": "FeatureCollection", "features": 5}', 0, "expected a list of features"),
        ('{"type": "FeatureCollection", "features": [{"properties": {"parameter_code": ["00065"]}}]}', 1, "no feature"),
    ],
)
def test_a_broken_file_of_levels_names_its_line(text: str, line: int, said: str) -> None:
    with pytest.raises(FaultsError, match=said) as caught:
        read_values(text.encode(), "x")
    assert [one.line for one in caught.value.faults] == [line]


def test_the_same_value_twice_is_one() -> None:
    assert len(read_values(b"time,level_m\n2020-01-01T00:00Z,1\n2020-01-01T00:00Z,1.0\n", "x")[0].values) == 1


CELLS = st.text(max_size=12) | st.sampled_from(
    ["0001-01-01T00:00+14:00", "1e999", "2020-01-01T00:00Z", "1", '"', "11,5"]
)


@given(st.lists(st.lists(CELLS, max_size=4), max_size=5), CELLS)
def test_no_cells_break_the_readers(rows: list[list[str]], offset: str) -> None:
    levels = "time,level_m\n" + "\n".join(",".join(row) for row in rows)
    body = "\n".join("\t".join(row) for row in rows)
    rating = RATING.decode().replace("2.000000E+00", offset) + body
    for read in (lambda: read_values(levels.encode(), "x"), lambda: read_rating(rating.encode(), "x")):
        try:
            read()
        except FaultsError as error:
            assert error.faults


def test_rows_that_the_curve_gives_anyway_are_left_out() -> None:
    rows = "".join(f"{2 + h / 10:.2f}\t{100 * (h / 10) ** 2:.6f}\t*\n" for h in range(5, 60)).encode()
    table = read_rating(RATING.split(b"3.0\t30.0")[0] + rows, "rating")
    assert len(table.points) == 2


@given(st.binary(max_size=300), st.sampled_from([b"", b'{"value": ', b'{"type": "FeatureCollection", "features": ']))
def test_no_bytes_break_the_readers(raw: bytes, head: bytes) -> None:
    for read in (lambda: read_values(head + raw, "x"), lambda: read_rating(raw, "x")):
        try:
            read()
        except FaultsError as error:
            assert error.faults


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
)


@given(JSON, JSON)
def test_no_json_breaks_the_reader(inner: object, row: object) -> None:
    variable = {"variableCode": [{"value": "00065"}], "unit": {"unitCode": "ft"}, "noDataValue": inner}
    series = {"sourceInfo": {"siteCode": [{"value": "1"}]}, "variable": variable, "values": [{"value": [row]}]}
    shapes = (
        inner,
        {"value": inner},
        {"value": {"timeSeries": [series]}},
        {"readings": [row]},
        {"type": "FeatureCollection", "features": [{"properties": {"parameter_code": "00065", "value": row}}]},
    )
    for data in shapes:
        try:
            read_values(json.dumps(data).encode(), "x")
        except FaultsError as error:
            assert error.faults
