"""HEC-RAS files in which something is missing, cut short, no number, or contradicts the rest: each is told by name."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

from rescuecmd.errors import InputError, NotCoveredError, NotFoundError
from rescuecmd.interop.hec_ras import read_model
from rescuecmd.interop.hec_ras_accuracy import accuracy
from rescuecmd.interop.hec_ras_import import import_hec_ras
from rescuecmd.interop.hec_ras_package import import_model
from rescuecmd.interop.hec_ras_results import read_results, read_section_tables
from rescuecmd.interop.hec_ras_water import import_water
from rescuecmd.interop.river_import import Origin
from rescuecmd.interop.river_package import load_river
from tests.river.test_command import run

DATA = Path(__file__).resolve().parents[3] / "shared" / "data" / "river" / "hec_ras"
BAXTER = DATA / "Baxter.p01.hdf"
pytestmark = pytest.mark.skipif(
    not BAXTER.is_file(), reason=f"the shared river data are not beside the project: {DATA}"
)

ORIGIN = Origin("USACE example model", "public domain", "high")
OUTPUT = "Results/Steady/Output/"
PROFILES = OUTPUT + "Output Blocks/Base Output/Steady Profiles/"
SECTIONS = "Geometry/Cross Sections/"
LINES = "Geometry/River Centerlines/"
RUN = "Results/Unsteady/Output/Output Blocks/Base Output/Unsteady Time Series/"

Change = Callable[[h5py.File], Any]


def changed(folder: Path, change: Change, model: Path = BAXTER) -> Path:
    """Return a copy of a real model with something done to it."""
    copy = folder / "copy.p01.hdf"
    shutil.copyfile(model, copy)
    copy.chmod(0o600)
    with h5py.File(copy, "r+") as file:
        change(file)
    return copy


def put(file: h5py.File, name: str, table: Any) -> None:
    """Replace a dataset and keep its attributes."""
    told = dict(file[name].attrs)
    del file[name]
    file[name] = table
    for key, value in told.items():
        file[name].attrs[key] = value


def setting(name: str, at: Any, value: float, column: str = "") -> Change:
    """Return a change of one value of a dataset."""

    def change(file: h5py.File) -> None:
        table = file[name][:]
        (table[column] if column else table)[at] = value
        file[name][...] = table

    return change


def deleted(file: h5py.File, name: str) -> None:
    del file[name]


def shortened(file: h5py.File, name: str) -> None:
    put(file, name, file[name][: len(file[name]) // 2])


def emptied(file: h5py.File, name: str) -> None:
    put(file, name, file[name][:0])


def unknown(file: h5py.File, name: str) -> None:
    """Put what is no number, or no thing of the table, in its middle."""
    table = file[name][:]
    for part in [table[column] for column in table.dtype.names or ()] or [table]:
        middle = part.reshape(-1)[part.size // 2 : part.size // 2 + 1]
        middle[...] = (
            np.nan
            if part.dtype.kind == "f"
            else b"\xff?"
            if part.dtype.kind == "S"
            else (7 if part.dtype.kind == "u" else -7)
        )
    file[name][...] = table


def huge(file: h5py.File, name: str) -> None:
    table = file[name][:]
    for part in [table[column] for column in table.dtype.names or ()] or [table]:
        if part.dtype.kind in "fi":
            part.reshape(-1)[part.size // 2 : part.size // 2 + 1] = 1e12 if part.dtype.kind == "f" else 2**30
    file[name][...] = table


def as_words(file: h5py.File, name: str) -> None:
    put(file, name, np.full(file[name].shape, b"words"))


def as_numbers(file: h5py.File, name: str) -> None:
    put(file, name, np.full(file[name].shape[:1], 3, dtype=np.int16))


TABLES = [
    *(f"{SECTIONS}{what}" for what in ("Attributes", "Polyline Info", "Polyline Points")),
    *(f"{SECTIONS}{what} Info" for what in ("Station Elevation", "Manning's n", "Ineffective", "Obstruction")),
    *(f"{SECTIONS}{what} Values" for what in ("Station Elevation", "Manning's n")),
    *(f"{SECTIONS}{what} Blocks" for what in ("Ineffective", "Obstruction")),
    *(f"{SECTIONS}Property Tables/XSEC {what}" for what in ("Info", "Value")),
    *(f"{LINES}{what}" for what in ("Attributes", "Polyline Info", "Polyline Points")),
    *(f"{PROFILES}{what}" for what in ("Profile Names", "Cross Sections/Water Surface", "Cross Sections/Flow")),
    OUTPUT + "Geometry Info/Cross Section Attributes",
]


@pytest.mark.parametrize("table", TABLES, ids=lambda name: name.split("/", 2)[-1].replace(" ", ""))
def test_whatever_is_wrong_with_a_dataset_is_told(tmp_path: Path, table: str) -> None:
    for damage in (deleted, shortened, emptied, unknown, huge, as_words, as_numbers):
        path = changed(tmp_path, lambda file, damage=damage: damage(file, table))  # type: ignore[misc]
        _told_or_read(path, tmp_path / damage.__name__.replace("_", "-"))


def _told_or_read(path: Path, folder: Path) -> None:
    for read in (read_model, read_results, read_section_tables, _creek, lambda at: _imported(at, folder)):
        try:
            read(path)
        except (InputError, NotFoundError, NotCoveredError) as error:
            assert str(path) in error.message or isinstance(error, NotFoundError)


def _creek(path: Path) -> None:
    accuracy(path, "Tule Creek")


def _imported(path: Path, folder: Path) -> None:
    import_model(path, folder, ORIGIN, datum="local", reach="Tule Creek", at=(0.5, 0.5))


def without_section(file: h5py.File) -> None:
    """Leave one section out of every table of the geometry, as if it had been deleted after the run."""
    for folder in (SECTIONS, SECTIONS + "Property Tables/"):
        for name, table in list(file[folder].items()):
            if isinstance(table, h5py.Dataset) and len(table) == 173:
                put(file, folder + name, np.delete(table[:], 60, axis=0))


def swapped(file: h5py.File) -> None:
    """Put two sections into the other order in the geometry only."""
    table = file[SECTIONS + "Attributes"][:]
    table[[40, 41]] = table[[41, 40]]
    file[SECTIONS + "Attributes"][...] = table


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (without_section, "has 173 cross-sections, the geometry 172"),
        (swapped, "has section Baxter River Upper Reach .* where the geometry has"),
        (lambda file: put(file, PROFILES + "Cross Sections/Flow", np.ones((1, 172))), "172 cross-sections.* 173"),
        (lambda file: put(file, PROFILES + "Profile Names", [b"a", b"b"]), "has 1 profiles, 2 are named"),
        (
            setting(PROFILES + "Cross Sections/Flow", (0, 3), np.nan),
            "Flow' is not finite in profile Big at section 83362",
        ),
    ],
    ids=["section-dropped", "sections-swapped", "flows-short", "two-names", "no-flow"],
)
def test_results_of_other_sections_are_refused(tmp_path: Path, change: Change, words: str) -> None:
    with pytest.raises(InputError, match=words):
        read_results(changed(tmp_path, change))


def as_run(stamps: list[bytes]) -> Change:
    """Return a change of the steady results into a run of three instants that has these time stamps."""

    def change(file: h5py.File) -> None:
        for what in ("Water Surface", "Flow"):
            file[f"{RUN}Cross Sections/{what}"] = np.repeat(file[f"{PROFILES}Cross Sections/{what}"][:], 3, axis=0)
        file[RUN + "Time Date Stamp"] = stamps
        del file["Results/Steady"]

    return change


@pytest.mark.parametrize(
    ("stamps", "words"),
    [
        ([b"01JAN2024 01:00:00", b"01JAN2024 02:00:00"], "has 3 profiles, 2 are named or have a time"),
        ([b"01JAN2024 01:00:00", b"01JAN2024 03:00:00", b"01JAN2024 02:00:00"], "do not grow"),
        ([b"01JAN2024 01:00:00", b"noon", b"01JAN2024 02:00:00"], "stamp unlike 01JAN1999 24:00:00"),
    ],
    ids=["too-few", "back", "noon"],
)
def test_times_of_a_run_belong_to_its_levels(tmp_path: Path, stamps: list[bytes], words: str) -> None:
    with pytest.raises(InputError, match=words):
        read_results(changed(tmp_path, as_run(stamps)))


def test_a_level_below_the_bed_is_refused(tmp_path: Path) -> None:
    path = changed(tmp_path, setting(PROFILES + "Cross Sections/Water Surface", (0, 80), -50.0))
    _imported(path, tmp_path / "creek")
    with pytest.raises(
        InputError, match=r"profile Big of 'Tule Creek': level -15.24 m at section .* below its deepest"
    ):
        import_water(path, tmp_path / "creek", ORIGIN, datum="local", reach="Tule Creek")
    report = accuracy(path, "Tule Creek")
    assert (report.judged, [one.profile for one in report.unjudged]) == ((), ["Big"])
    assert "lies below its deepest bed" in report.unjudged[0].why


@pytest.mark.parametrize(
    ("factor", "lift", "words"),
    [(1.0, 1e5, "no surfaces around"), (1e9, 0.0, "no surfaces around"), (0.0, 0.0, "does not flow downstream")],
    ids=["too-high", "too-much", "dry"],
)
def test_results_that_no_river_has_are_refused_with_the_file(
    tmp_path: Path, factor: float, lift: float, words: str
) -> None:
    path = changed(tmp_path, profiles([(factor, lift)]))
    with pytest.raises(InputError, match=words) as told:
        import_hec_ras(path, tmp_path / "creek", ORIGIN, datum="local", reach="Tule Creek", at=(0.5, 0.5))
    assert str(path) in told.value.message


@pytest.mark.parametrize(
    ("length", "words"),
    [(1e9, "the drawn centre line"), (1.0, "the drawn centre line"), (0.0, "'Len Channel' above 0"), (-3.0, "above 0"),
     (np.nan, "'Len Channel' above 0")],
)  # fmt: skip
def test_channel_lengths_agree_with_the_drawn_line(tmp_path: Path, length: float, words: str) -> None:
    path = changed(tmp_path, setting(SECTIONS + "Attributes", 80, length, column="Len Channel"))
    with pytest.raises(InputError, match=words):
        _imported(path, tmp_path / "creek")
    assert not (tmp_path / "creek").exists()


def profiles(factors: list[tuple[float, float]]) -> Change:
    """Return a change of the one stored profile into several: the flow times a factor, the level lifted, ft."""

    def change(file: h5py.File) -> None:
        flow, level = (file[f"{PROFILES}Cross Sections/{what}"][:] for what in ("Flow", "Water Surface"))
        put(file, PROFILES + "Cross Sections/Flow", np.vstack([flow * times for times, _ in factors]))
        put(file, PROFILES + "Cross Sections/Water Surface", np.vstack([level + lift for _, lift in factors]))
        put(file, PROFILES + "Profile Names", [f"PF {at}".encode() for at in range(len(factors))])

    return change


def test_a_profile_that_cannot_be_judged_is_told_and_the_others_are_judged(tmp_path: Path) -> None:
    path = changed(tmp_path, profiles([(1.0, 0.0), (-1.0, 0.0), (0.0, 0.0), (1.0, 1e5)]))
    report = accuracy(path, "Tule Creek")
    assert [one.profile for one in report.judged] == ["PF 0"]
    assert [(one.reach, one.profile) for one in report.unjudged] == [("Tule Creek", f"PF {at}") for at in (1, 2, 3)]
    assert "at section" in report.unjudged[0].why
    assert "25 of 25 sections" in report.unjudged[1].why


def test_the_command_says_what_was_not_judged(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = changed(tmp_path, profiles([(1.0, 0.0), (-1.0, 0.0)]))
    code, out, _ = run(capsys, monkeypatch, "accuracy", str(path), "--reach", "Tule Creek")
    assert (code, "not judged: Tule Creek, PF 1: flow -" in out, "every floor holds in what was judged" in out) == (
        1, True, True,
    )  # fmt: skip
    code, out, _ = run(capsys, monkeypatch, "accuracy", str(path), "--reach", "Tule Creek", "--json")
    told = json.loads(out)
    assert (code, told["ok"], told["missed"]) == (1, False, [])
    assert [(one["reach"], one["profile"]) for one in told["unjudged"]] == [("Tule Creek", "PF 1")]


@pytest.mark.parametrize("there", [False, True], ids=["new", "empty"])
def test_a_failed_import_leaves_nothing_behind(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, there: bool
) -> None:
    home, good = tmp_path / "home", tmp_path / "good.hdf"
    home.mkdir()
    if there:
        (home / "creek").mkdir()
    words = ("--into", str(home / "creek"), "--reach", "Tule Creek", "--at", "0.5,0.5", "--vertical-datum", "local",
             "--source", "USACE", "--licence", "CC0-1.0")  # fmt: skip
    path = changed(tmp_path, setting(PROFILES + "Cross Sections/Water Surface", (0, 80), -50.0))
    code, _, err = run(capsys, monkeypatch, "import", "hec-ras", str(path), *words)
    assert (code, "below its deepest bed" in err) == (2, True)
    assert [one.name for one in home.iterdir()] == (["creek"] if there else [])
    shutil.copyfile(BAXTER, good)
    code, out, _ = run(capsys, monkeypatch, "import", "hec-ras", str(good), *words, "--json")
    assert (code, json.loads(out)["surfaces"] > 1) == (0, True)
    assert [one.name for one in home.iterdir()] == ["creek"]
    assert load_river(home / "creek").id == "creek"
    before = (home / "creek" / "river.yaml").read_bytes()
    code, _, err = run(capsys, monkeypatch, "import", "hec-ras", str(good), *words)
    assert (code, "exists already and is not empty" in err) == (2, True)
    assert (home / "creek" / "river.yaml").read_bytes() == before
