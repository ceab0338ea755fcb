"""HEC-RAS files: the real models, and every way in which one may be broken."""

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

from rescuecmd.errors import InputError, NotFoundError
from rescuecmd.interop.hec_ras import read_model
from rescuecmd.interop.hec_ras_accuracy import accuracy
from rescuecmd.interop.hec_ras_package import import_model
from rescuecmd.interop.hec_ras_results import read_reference_points, read_results, read_section_tables
from rescuecmd.interop.hec_ras_water import import_water
from rescuecmd.interop.river_import import Origin
from rescuecmd.interop.river_package import load_river
from rescuecmd.river.accuracy import uncovered
from rescuecmd.river.model import River
from rescuecmd.river.water import LevelSeries, Water

DATA = Path(__file__).resolve().parents[3] / "shared" / "data" / "river" / "hec_ras"
BAXTER = DATA / "Baxter.p01.hdf"
EAGLE = DATA / "BaldEagleDamBrk.reflines-refpts.p18.hdf"
pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason=f"the shared river data are not beside the project: {DATA}")

RESULTS = "Results/Steady/Output/Output Blocks/Base Output/Steady Profiles/Cross Sections"


@pytest.fixture
def broken(tmp_path: Path) -> Callable[[Callable[[h5py.File], Any]], Path]:
    """Return a maker of copies of the real model with something done to them."""

    def make(change: Callable[[h5py.File], Any]) -> Path:
        copy = tmp_path / "copy.p01.hdf"
        shutil.copyfile(BAXTER, copy)
        copy.chmod(0o600)
        with h5py.File(copy, "r+") as file:
            change(file)
        return copy

    return make


def test_the_real_model_comes_out_in_metres() -> None:
    model = read_model(BAXTER)
    assert [(reach.name, len(reach.surveys)) for reach in model.reaches] == [("Baxter River", 148), ("Tule Creek", 25)]
    river = model.reach()
    assert river.surveys[-1].chainage_m == pytest.approx(25_488, abs=1)
    assert {len(survey.ineffective) for survey in river.surveys} >= {0, 1}
    results = read_results(BAXTER)
    assert results.kind == "steady"
    assert 880 < results.flows_m3ps[0][river.index].mean() < 910
    assert len(read_section_tables(BAXTER)) == 173
    with pytest.raises(NotFoundError, match="Baxter River"):
        model.reach("Baxter")


def written_before_504(file: h5py.File) -> None:
    """Lay a file's sections out as HEC-RAS did before 5.0.4: a dataset a column, blocks without names."""
    folder = file["Geometry/Cross Sections"]
    table = folder["Attributes"][:]
    for name, field in (("River Names", "River"), ("Reach Names", "Reach"), ("River Stations", "RS")):
        folder[name] = table[field]
    sides = ("Left", "Right")
    columns = {
        "Lengths": ["Len Left", "Len Channel", "Len Right"],
        "Bank Stations": [f"{side} Bank" for side in sides],
        "Contr Expan Coef": ["Contr", "Expan"],
        "Levees": [f"{side} Levee {what}" for side in sides for what in ("Sta", "Elev")],
    }
    for name, fields in columns.items():
        folder[name] = np.stack([table[field] for field in fields], axis=1)
    for what in ("Info", "Values"):
        folder.move(f"Manning's n {what}", f"Station Manning's n {what}")
    blocks = folder["Ineffective Blocks"][:]
    folder["Blocked Ineffective Values"] = np.stack([blocks[n] for n in ("Left Sta", "Right Sta", "Elevation")], axis=1)
    folder.move("Ineffective Info", "Blocked Ineffective Info")
    for name in ("Attributes", "Ineffective Blocks", "Obstruction Info", "Obstruction Blocks"):
        folder.pop(name, None)
    lines = file["Geometry/River Centerlines"]
    for name, field in (("River Names", "River Name"), ("Reach Names", "Reach Name")):
        lines[name] = lines["Attributes"][field]
    del lines["Attributes"]


def test_the_layout_before_504_says_the_same(broken: Callable[[Callable[[h5py.File], Any]], Path]) -> None:
    def without_obstructions(file: h5py.File) -> None:
        for name in ("Info", "Blocks"):
            file["Geometry/Cross Sections"].pop(f"Obstruction {name}", None)

    newer = read_model(broken(without_obstructions))
    older = read_model(broken(written_before_504))
    assert [reach.name for reach in older.reaches] == [reach.name for reach in newer.reaches]
    for ours, theirs in zip(older.reaches, newer.reaches, strict=True):
        np.testing.assert_array_equal(ours.index, theirs.index)
        np.testing.assert_array_equal(ours.centreline_xy, theirs.centreline_xy)
        for one, other in zip(ours.surveys, theirs.surveys, strict=True):
            np.testing.assert_array_equal(one.beds_m, other.beds_m)
            what = ("id", "chainage_m", "roughness", "banks_m", "lengths_m", "contraction", "expansion")
            assert [getattr(one, name) for name in what] == [getattr(other, name) for name in what]
            assert [replace(still, lasting=False) for still in other.ineffective] == list(one.ineffective)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda folder: folder.pop("Bank Stations"), "Bank Stations"),
        (
            lambda folder: folder.create_dataset("Blocked Obstruction Info", data=[[0, 1]]),
            "obstructions written before",
        ),
        (lambda folder: (folder.pop("Lengths"), folder.create_dataset("Lengths", data=[[1.0, 1, 1]])), "lengths"),
    ],
)
def test_a_broken_older_layout_is_said(
    broken: Callable[[Callable[[h5py.File], Any]], Path], change: Callable[[h5py.Group], Any], words: str
) -> None:
    def both(file: h5py.File) -> None:
        written_before_504(file)
        change(file["Geometry/Cross Sections"])

    with pytest.raises(InputError, match=words):
        read_model(broken(both))


def test_reference_points_are_gauges() -> None:
    points = read_reference_points(EAGLE)
    assert [point.name for point in points] == ["Reference Point 1", "Reference Point 2", "Reference Point 3"]
    assert all(len(point.times_s) == len(point.levels_m) == 37 for point in points)
    assert np.diff(points[0].times_s).min() == 7200.0
    assert points[1].levels_m.max() - points[1].levels_m.min() > 5.0
    assert read_reference_points(BAXTER) == ()


def test_our_solver_and_field_agree_with_the_stored_results() -> None:
    report = accuracy(BAXTER)
    river, creek = report.judged
    assert report.unjudged == ()
    assert river.missed == creek.missed == ()
    assert [*uncovered([river]), *uncovered([creek])] == []
    assert river.solver_rmse_m <= 0.03
    assert river.solver_max_m <= 0.10
    assert river.conveyance_median_percent is not None
    assert river.conveyance_median_percent <= 0.1
    by_gauges = {row.gauges: row for row in river.rows}
    assert by_gauges[3].wrong_flow_m <= 0.10
    assert all(row.field_m < row.line_m / 5 for row in river.rows)


def test_sigma_is_judged_over_all_profiles_of_a_reach() -> None:
    river = accuracy(BAXTER, "Baxter River").judged[0]
    low, high = (
        replace(river, rows=tuple(replace(row, line_covered_percent=percent) for row in river.rows))
        for percent in (85.0, 100.0)
    )
    assert list(uncovered([low, high])) == []
    assert list(uncovered([low])) == [f"sigma at {row.gauges} gauges covers 85.0 % of the errors" for row in river.rows]
    assert len(list(uncovered([high]))) == len(river.rows)


def _forget_units(file: h5py.File) -> None:
    del file.attrs["Units System"], file["Geometry"].attrs["SI Units"]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda file: file.attrs.__setitem__("Units System", b"Furlongs"), "unknown-units"),
        (_forget_units, "unknown-units"),
        (lambda file: file.attrs.__setitem__("File Type", b"Something else"), "not-hec-ras"),
        (lambda file: file.__delitem__("Geometry/Cross Sections/Attributes"), "no-sections"),
        (lambda file: file.__delitem__("Geometry/Cross Sections/Station Elevation Values"), "damaged-hec-ras"),
        (lambda file: file["Geometry/Cross Sections/Station Elevation Info"].__setitem__((0, 1), 1), "bad-section"),
    ],
    ids=["furlongs", "no-units", "other", "no-sections", "no-beds", "one-point"],
)  # fmt: skip
def test_a_broken_geometry_is_told(
    broken: Callable[[Callable[[h5py.File], Any]], Path], change: Callable[[h5py.File], Any], code: str
) -> None:
    path = broken(change)
    with pytest.raises(InputError) as told:
        read_model(path)
    assert told.value.code == code


def test_a_file_without_results_is_told(broken: Callable[[Callable[[h5py.File], Any]], Path]) -> None:
    with pytest.raises(InputError, match="no results at cross-sections"):
        read_results(broken(lambda file: file.__delitem__("Results")))
    with pytest.raises(InputError, match="no results at cross-sections"):
        read_results(EAGLE)
    path = broken(lambda file: file[f"{RESULTS}/Water Surface"].__setitem__((0, 3), np.nan))
    with pytest.raises(InputError, match=r"Water Surface' is not finite in profile .* at section 83362\."):
        read_results(path)


def test_a_2d_model_says_that_it_has_no_sections() -> None:
    with pytest.raises(InputError, match="reference points"):
        read_model(EAGLE)


def _as_run(file: h5py.File) -> None:
    """Turn the steady results into those of a run of six instants, whose third is the stored profile."""
    steady = file[RESULTS]
    levels, flows = steady["Water Surface"][0], steady["Flow"][0]
    run = file.create_group("Results/Unsteady/Output/Output Blocks/Base Output/Unsteady Time Series")
    sections = run.create_group("Cross Sections")
    lift = np.array([-2.0, -1.0, 0.0, 1.0, 0.5, -0.5])[:, None]
    sections["Water Surface"] = (levels + lift).astype(np.float32)
    sections["Flow"] = (flows * (1 + 0.1 * lift)).astype(np.float32)
    run["Time Date Stamp"] = np.array([f"0{day}JAN2024 24:00:00".encode() for day in range(1, 7)])
    del file["Results/Steady"]


def packaged(path: Path, folder: Path) -> River:
    """Return the package that a model becomes, water and all."""
    origin = Origin("the model", "MIT", "medium")
    done = import_model(path, folder, origin, datum="local", at=(0.5, 0.5))
    import_water(path, folder, origin, datum="local", kept=done.kept)
    return load_river(folder)


def test_an_unsteady_run_is_taken_as_it_is(
    tmp_path: Path, broken: Callable[[Callable[[h5py.File], Any]], Path]
) -> None:
    path = broken(_as_run)
    results, river = read_results(path), packaged(path, tmp_path / "run")
    assert results.names[0] == "2024-01-02T00:00:00+00:00"
    series = {one.gauge_id: LevelSeries(one.times_s, one.levels_m, np.zeros(6)) for one in river.series}
    water = Water(river, series)
    assert water.tier == "stored"
    chainage = np.array([section.chainage_m for section in river.sections])
    stored = results.levels_m[:, read_model(path).reach().index]
    for row, time_s in enumerate(results.times_s):
        assert np.abs(water.level_m(chainage, time_s) - stored[row]).max() < 0.02
    assert len(accuracy(path, "Baxter River").judged) == 3


@pytest.mark.parametrize("kept", [0, 100, 2_000, 60_000, 1_000_000])
def test_a_truncated_file_is_told(tmp_path: Path, kept: int) -> None:
    short = tmp_path / "short.hdf"
    short.write_bytes(BAXTER.read_bytes()[:kept])
    with pytest.raises(InputError) as told:
        read_model(short)
    assert told.value.code in {"damaged-hec-ras", "not-hec-ras"}


def test_bytes_turned_over_are_told_or_harmless(tmp_path: Path) -> None:
    raw, dice = BAXTER.read_bytes(), np.random.default_rng(7)
    for _ in range(12):
        flipped = bytearray(raw)
        for at in dice.integers(0, len(raw), 200):
            flipped[at] ^= 1 << int(dice.integers(8))
        path = tmp_path / "flipped.hdf"
        path.write_bytes(flipped)
        try:
            read_model(path)
        except InputError as error:
            assert error.message


def test_a_packages_water_is_the_models(tmp_path: Path) -> None:
    river, model, stored = packaged(BAXTER, tmp_path / "baxter"), read_model(BAXTER), read_results(BAXTER)
    levels = stored.levels_m[0][model.reach().index]
    ends = (("upper", levels[:1]), ("lower", levels[-1:]))
    series = {name: LevelSeries(np.zeros(1), level, np.zeros(1)) for name, level in ends}
    water = Water(river, series)
    assert water.tier == "family"
    error = water.level_m(np.array([section.chainage_m for section in river.sections]), 0.0) - levels
    assert np.abs(error).max() < 0.05
    flow = stored.flows_m3ps[0][model.reach().index][-1]
    assert float(water.discharge_m3ps(0.0)) == pytest.approx(flow, rel=0.02)
    assert 0.3 < float(water.current_mps(12_000.0, 0.0, 0.0)) < 3.0
