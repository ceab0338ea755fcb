"""Reference points of a real 2D run become level series of a package."""

import json
import shutil
from pathlib import Path

import h5py
import numpy as np
import pytest

from rescuecmd.errors import InputError
from rescuecmd.interop.hec_ras import read_model
from rescuecmd.interop.hec_ras_results import read_reference_points
from rescuecmd.interop.hec_ras_series import import_reference_point
from rescuecmd.interop.river_import import Origin, SeriesSpec
from rescuecmd.interop.river_package import load_river
from rescuecmd.library import shelf
from tests.interop.test_hec_ras_damage import BAXTER, DATA, RUN, as_numbers, as_words, changed, setting, shortened
from tests.river.test_command import run

EAGLE = DATA / "BaldEagleDamBrk.reflines-refpts.p18.hdf"
pytestmark = pytest.mark.skipif(
    not EAGLE.is_file(), reason=f"the shared river data are not beside the project: {EAGLE}"
)

ORIGIN = Origin("USACE example model", "CC0-1.0", "medium")
LEVELS = RUN + "Reference Points/Water Surface"
TOLD = ("--vertical-datum", "local", "--source", "USACE", "--licence", "CC0-1.0")


@pytest.fixture
def river(tmp_path: Path) -> Path:
    """Return a copy of the teaching river, whose upper gauge is `up`."""
    return Path(shutil.copytree(shelf("rivers") / "teaching", tmp_path / "river"))


def test_a_reference_point_becomes_a_series(river: Path) -> None:
    spec = SeriesSpec(id="dam", gauge="up", vertical_datum="local", site="Reference Point 2")
    read = import_reference_point(EAGLE, river, ORIGIN, spec)
    stored = read_reference_points(EAGLE)[1]
    assert (read.site, len(read.values), read.left_out) == ("Reference Point 2", 37, ())
    series = next(one for one in load_river(river).series if one.id == "dam")
    np.testing.assert_array_equal(series.times_s, stored.times_s)
    np.testing.assert_allclose(series.levels_m, stored.levels_m, atol=0.0006)
    with h5py.File(EAGLE) as file:
        feet = file[LEVELS][0, 1]
    assert series.levels_m[0] == pytest.approx(feet * 0.3048, abs=0.001)
    assert series.note.en == "Computed by the model; its times are taken as UTC."
    assert "Reference Point 2" in series.source


def test_a_level_that_is_none_is_left_out_and_told(river: Path, tmp_path: Path) -> None:
    path = changed(tmp_path, setting(LEVELS, (4, 0), np.nan), EAGLE)
    spec = SeriesSpec(id="dam", gauge="up", vertical_datum="local", site="Reference Point 1")
    read = import_reference_point(path, river, ORIGIN, spec)
    assert (len(read.values), read.left_out) == (36, ("Reference Point 1, row 5: no level",))


def test_the_command_names_the_points_and_takes_one(
    river: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    words = ("import", "series", str(EAGLE), "--into", str(river), "--gauge", "up", *TOLD)
    code, _, err = run(capsys, monkeypatch, *words)
    assert (code, "Reference Point 1, Reference Point 2, Reference Point 3; choose with --site" in err) == (2, True)
    code, _, err = run(capsys, monkeypatch, *words, "--site", "Reference Point 9")
    assert (code, "did you mean 'Reference Point" in err) == (2, True)
    code, _, err = run(capsys, monkeypatch, *words, "--site", "Reference Point 3", "--zero", "3")
    assert (code, "leave out --zero" in err) == (2, True)
    code, out, _ = run(capsys, monkeypatch, *words, "--site", "Reference Point 3", "--json")
    assert (code, json.loads(out)["values"]) == (0, 37)
    assert json.loads(out)["series"].endswith("-reference-point-3")


def test_a_model_of_either_kind_names_the_other_door(river: Path) -> None:
    with pytest.raises(InputError, match=r"rescuecmd river import series .* --site NAME"):
        read_model(EAGLE)
    with pytest.raises(InputError, match="rescuecmd river import hec-ras"):
        import_reference_point(BAXTER, river, ORIGIN, SeriesSpec(id="dam", gauge="up", vertical_datum="local"))


@pytest.mark.parametrize(
    "name",
    [LEVELS, RUN + "Time Date Stamp (ms)", "Geometry/Reference Points/Points", "Geometry/Reference Points/Attributes"],
)
def test_reference_points_that_do_not_belong_together_are_told(tmp_path: Path, name: str) -> None:
    for damage in (shortened, as_words, as_numbers):
        path = changed(tmp_path, lambda file, damage=damage: damage(file, name), EAGLE)  # type: ignore[misc]
        with pytest.raises(InputError, match="dataset '"):
            read_reference_points(path)
