"""``profiles.csv``: what was computed comes back, and every kind of damage is a fault with its line."""

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rescuecmd.errors import FaultsError
from rescuecmd.interop.river_package import load_river
from rescuecmd.interop.river_profiles import profiles_text
from rescuecmd.library import shelf

JIALING = shelf("rivers") / "jialing-dazhulin"
LINES = (JIALING / "profiles.csv").read_text(encoding="utf-8").splitlines()
Rows = list[list[str]]


@pytest.fixture
def package(tmp_path: Path) -> Path:
    return Path(shutil.copytree(JIALING, tmp_path / "river"))


def write(package: Path, edit: Callable[[Rows], None]) -> None:
    """Write the computed surfaces of the shipped package with their rows edited; the first one is the head."""
    rows = [line.split(",") for line in LINES]
    edit(rows)
    (package / "profiles.csv").write_text("".join(",".join(row) + "\n" for row in rows), encoding="utf-8")


def faults(package: Path) -> list[str]:
    with pytest.raises(FaultsError) as caught:
        load_river(package)
    return [f"{Path(one.file).name}:{one.line}: {one.message}" for one in caught.value.faults]


def test_what_was_computed_comes_back() -> None:
    river = load_river(JIALING)
    assert river.family is not None
    assert profiles_text(river.family, river.sections).splitlines() == LINES
    assert river.family.variants_m.shape == (4, 20, len(river.sections))
    assert np.isin(river.family.variant_flows_m3ps, river.family.flows_m3ps).all()


def _flows_of_before(rows: Rows) -> None:
    """Give the variants the flows that files of earlier versions have: those of all surfaces in turn."""
    flows = [row[2] for row in rows[1:] if row[1] == "family"][:: len(rows[1:]) // 96]
    variants = sorted({row[0] for row in rows if row[1] == "variant"})
    for row in rows:
        if row[1] == "variant":
            row[2] = flows[variants.index(row[0]) % len(flows)]


def _one_variant_less(rows: Rows) -> None:
    rows[:] = [row for row in rows if row[0] != "p20"]


def _no_variants(rows: Rows) -> None:
    rows[:] = [row for row in rows if row[1] != "variant"]


def _give_flow(rows: Rows, profile: str, flow: str) -> None:
    for row in rows:
        if row[0] == profile:
            row[2] = flow


def _only_variants(rows: Rows) -> None:
    rows[:] = [row for row in rows if row[1] != "family"]


@pytest.mark.parametrize(
    ("edit", "words"),
    [
        (_flows_of_before, "the variants of a greater flow must stand higher"),
        (_one_variant_less, "each flow of the kind 'variant' needs equally many profiles"),
        (_no_variants, "each flow of the kind 'variant' needs equally many profiles"),
        (_only_variants, "at least two profiles of the kind 'family' or 'stored'"),
        (lambda rows: rows.pop(3), "expected all 43 sections in their order"),
        (lambda rows: rows[1].__setitem__(4, "nan"), "expected a finite number"),
        (lambda rows: rows[1].__setitem__(1, "famili"), "family"),
        (lambda rows: rows[1].__setitem__(4, "180.0"), "line 2 has 180.00 m at 80.9336 m3/s: a greater flow must not"),
        (lambda rows: rows[1].__setitem__(4, "163.0"), "163.00 m is below the bed of section s01, 164.28 m"),
        (lambda rows: rows[-1].__setitem__(4, "-9999"), "below the bed of section s43"),
        (lambda rows: rows[1].__setitem__(4, "1691.84"), "more than 30 m above the highest point of section s01"),
        (lambda rows: rows[2].__setitem__(2, "81"), "expected '80.9336', as in line 2: a profile has one flow_m3ps"),
        (lambda rows: rows[2].__setitem__(1, "stored"), "expected 'family', as in line 2: a profile has one kind"),
        (lambda rows: _give_flow(rows, "p02", rows[1][2]), "profile 'p01' has this flow too"),
    ],
    ids=[
        "old-flows",
        "one-less",
        "no-variants",
        "only-variants",
        "section",
        "nan",
        "kind",
        "falling",
        "below-bed",
        "variant-below-bed",
        "above-ground",
        "two-flows",
        "two-kinds",
        "same-flow",
    ],
)
def test_damage_is_a_fault(package: Path, edit: Callable[[Rows], None], words: str) -> None:
    write(package, edit)
    found = faults(package)
    assert all(fault.startswith("profiles.csv:") for fault in found), found
    assert any(words in fault for fault in found), found


def test_a_fault_stands_in_the_line_of_the_level(package: Path) -> None:
    write(package, lambda rows: rows[50].__setitem__(4, "100"))
    (fault,) = faults(package)
    assert fault.startswith("profiles.csv:51: 100.00 m is below the bed of section s07")
    assert "rescuecmd river build" in fault


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.integers(0, len(LINES) - 1),
    st.integers(0, 4),
    st.text(st.characters(blacklist_categories=["Cs", "Cc"], blacklist_characters='",\u2028\u2029\x85'), max_size=8),
)
def test_any_cell_may_hold_anything(package: Path, row: int, column: int, cell: str) -> None:
    write(package, lambda rows: rows[row].__setitem__(column, cell))
    try:
        assert load_river(package).family is not None
    except FaultsError as error:
        assert {Path(one.file).name for one in error.faults} == {"profiles.csv"}
