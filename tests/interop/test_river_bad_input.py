"""What people really get wrong in a river package, drawn at random: each is a fault in the right file, or a note."""

import json
import shutil
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from rescuecmd.errors import FaultsError
from rescuecmd.interop.river_notes import notes
from rescuecmd.interop.river_package import load_river
from rescuecmd.library import shelf

TEACHING = shelf("rivers") / "teaching"
RANDOM = settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture
def package(tmp_path: Path) -> Path:
    return Path(shutil.copytree(TEACHING, tmp_path / "river"))


def change(package: Path, layer: str, edit: Callable[[list[Any]], None]) -> None:
    """Write a layer of the shipped package with its features edited."""
    data = json.loads((TEACHING / f"{layer}.geojson").read_text(encoding="utf-8"))
    edit(data["features"])
    (package / f"{layer}.geojson").write_text(json.dumps(data), encoding="utf-8")


def series(package: Path, *rows: str) -> None:
    head = "time,level_m,vertical_datum,kind,sigma_m,confidence,source\n"
    text = head + "".join(f"{row},observed,0.00,high,made up\n" for row in rows)
    (package / "series" / "up-rise.csv").write_text(text, encoding="utf-8")


def said(package: Path, file: str, words: str) -> bool:
    with pytest.raises(FaultsError) as caught:
        load_river(package)
    return any(Path(one.file).name == file and words in one.message for one in caught.value.faults)


def move(feature: dict[str, Any], x_m: float, y_m: float) -> None:
    feature["geometry"]["coordinates"] = [x_m / 111_319.5, y_m / 110_574.4]


@RANDOM
@given(st.integers(0, 11), st.floats(2, 80))
def test_a_centre_line_that_crosses_itself(package: Path, after: int, aside_m: float) -> None:
    def loop(features: list[Any]) -> None:
        line = features[0]["geometry"]["coordinates"]
        x, y = line[after][0], aside_m / 111_000
        line[after + 1 : after + 1] = [[x + 0.0006, y], [x + 0.0001, y], [x + 0.0006, -y]]

    change(package, "centreline", loop)
    assert said(package, "centreline.geojson", "the line crosses itself")


@RANDOM
@given(st.permutations(range(8)))
def test_sections_out_of_order(package: Path, order: list[int]) -> None:
    assume(order != sorted(order))
    change(package, "sections", lambda features: features.__setitem__(slice(None), [features[at] for at in order]))
    assert said(package, "sections.geojson", "out of order")


def test_sections_that_cross_though_others_stand_between(package: Path) -> None:
    def slant(features: list[Any]) -> None:
        line = features[3]["geometry"]["coordinates"]  # x = 600; its left end swings past x = 900 and 950
        line[1] = [940 / 111_319.5, line[1][1]]

    change(package, "sections", slant)
    with pytest.raises(FaultsError) as caught:
        load_river(package)
    messages = "\n".join(map(str, caught.value.faults))
    assert "crosses section" in messages or "is drawn at offset" in messages


@RANDOM
@given(st.floats(-3000, 5000), st.floats(-3000, 3000))
def test_a_gauge_outside_the_river(package: Path, x_m: float, y_m: float) -> None:
    outside = x_m < -10 or x_m > 1210 or abs(y_m) > 240
    assume(outside or (20 < x_m < 1180 and abs(y_m) < 220))
    change(package, "gauges", lambda features: move(features[0], x_m, y_m))
    if outside:
        assert said(package, "gauges.geojson", "outside the river")
    else:
        assert load_river(package).gauge("up").chainage_m == pytest.approx(x_m, abs=0.5)


@pytest.mark.parametrize("layer", ["up", "down"])
@given(st.sampled_from(["wusong", "egm2008", "huanghai", "local", "", "navd88", None]))
@RANDOM
def test_a_datum_that_is_missing_or_mixed(package: Path, layer: str, datum: str | None) -> None:
    def set_datum(features: list[Any]) -> None:
        one = next(item["properties"] for item in features if item["properties"]["id"] == layer)
        one.pop("vertical_datum") if datum is None else one.update(vertical_datum=datum)

    change(package, "gauges", set_datum)
    if datum == "local" or (layer, datum) == ("down", "huanghai"):
        load_river(package)
    else:
        named = datum in {"wusong", "egm2008", "huanghai"}
        wrong = "never mixed" if named else "'vertical_datum' is required" if datum is None else "expected"
        assert said(package, "gauges.geojson", wrong)


@RANDOM
@given(st.lists(st.sampled_from(["+00:00", "Z", ""]), min_size=2, max_size=6))
def test_times_without_a_zone(package: Path, zones: list[str]) -> None:
    series(package, *(f"2030-06-01T{8 + n:02d}:00{zone},11.0,local" for n, zone in enumerate(zones)))
    if "" in zones:
        assert said(package, "up-rise.csv", "a time needs its zone offset")
    else:
        load_river(package)


@RANDOM
@given(st.lists(st.sampled_from(["11.0", "NaN", "inf", "-inf", "", "x", "1e9"]), min_size=1, max_size=5))
def test_levels_that_are_none(package: Path, levels: list[str]) -> None:
    series(package, *(f"2030-06-01T{8 + n:02d}:00Z,{level},local" for n, level in enumerate(levels)))
    if set(levels) == {"11.0"}:
        load_river(package)
    else:
        assert said(package, "up-rise.csv", "expected")


@RANDOM
@given(st.lists(st.tuples(st.integers(1, 600), st.floats(-8, 8)), min_size=6, max_size=20))
def test_gaps_and_spikes_are_pointed_at_and_nothing_else_is(package: Path, steps: list[tuple[int, float]]) -> None:
    rows, minute, level = ["2030-06-01T00:00Z,11.000,local"], 0, 11.0
    for pause, change_m in steps:
        minute, level = minute + pause, round(min(max(level + change_m, -400), 8000), 3)
        day, rest = divmod(minute, 1440)
        rows.append(f"2030-06-{1 + day:02d}T{rest // 60:02d}:{rest % 60:02d}Z,{level:.3f},local")
    series(package, *rows)
    river = load_river(package)
    told = [note.en for note in notes(river) if note.en.startswith("series up-rise")]
    levels = river.find_series("up-rise").levels_m
    jumps = [
        b - a for (a, b), (pause, _) in zip(pairwise(levels), steps, strict=True) if abs(b - a) > 6 * pause / 60 + 0.05
    ]
    assert sum("m an hour" in note for note in told) == min(3, len(jumps))
    pauses = sorted(pause for pause, _ in steps)
    middle = (pauses[(len(pauses) - 1) // 2] + pauses[len(pauses) // 2]) / 2
    assert sum("without a level" in note for note in told) == min(3, sum(pause > 4 * middle for pause in pauses))


def test_what_is_not_surveyed_and_far_apart_is_pointed_at(package: Path) -> None:
    text = (package / "river.yaml").read_text(encoding="utf-8")
    start = text.index("rating:")
    (package / "river.yaml").write_text(text[:start] + text[text.index("series:\n") :], encoding="utf-8")
    told = " | ".join(note.en for note in notes(load_river(package)))
    assert "3.3 % of the width is not surveyed" in told
    assert "there is no rating" in told
