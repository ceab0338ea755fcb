from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rescuecmd import library
from rescuecmd.errors import FaultsError
from rescuecmd.interop.drill_file import load_drill, load_river_id, read_drill
from rescuecmd.interop.river_package import load_river
from tests.drill import stage


def faults(raw: bytes) -> list[str]:
    with pytest.raises(FaultsError) as error:
        read_drill(raw, "d.yaml", stage.river(), stage.plans())
    return [str(fault) for fault in error.value.faults]


def test_a_good_file_becomes_a_script() -> None:
    script = stage.script()
    assert script.marking == "演练 DRILL"
    assert script.levels.compression == 144
    assert script.forces[0].craft is not None
    assert (script.forces[0].spot.x_m, script.forces[0].spot.place_id) == (600.0, "quay")
    swimmer = script.victims[1]
    assert (swimmer.spot.x_m, swimmer.spot.y_m) == pytest.approx((1100, -10))
    assert swimmer.lost_after is not None
    assert (swimmer.lost_after.low_s, swimmer.lost_after.high_s) == (300, 360)
    assert script.injects[1].when.dwell_s == 5
    assert script.injects[1].to == ("t-rib-1",)
    assert script.injects[2].to == ("commander", "t-rib-1", "t-raft-2", "t-shore-3")
    assert script.cameras[0].target_level_m == 177.0


def test_every_drill_of_the_library_loads() -> None:
    for name in library.names("drills"):
        path = library.find("drills", name)
        river = load_river(library.find("rivers", load_river_id(path)))
        assert load_drill(path, river, stage.plans()).id == name


BROKEN = [
    ("marking: 演练 DRILL", "marking: Übung", "must be marked with one of 演练, DRILL, EXERCISE"),
    ("mode: exercise", "mode: live", "only opens an exercise: expected 'exercise', got 'live'"),
    ("duration: 20m", "duration: 20", "write a duration with units like '90s' or '5m30s', got 20"),
    ("duration: 20m", "duration: 9h", "between 1m and 6h"),
    ("compress: 24h -> 10m", "compress: 24h", "write what becomes of what, like '24h -> 45m'"),
    ("lost_after: 5m..6m", "lost_after: 6m..5m", "a range grows"),
    ("seed: 7", "sead: 7", "unknown key 'sead'; did you mean 'seed'?"),
    ("river: straight", "river: strait", "no river 'strait'; did you mean 'straight'?"),
    ("up: up-rise", "up: up-rice", "no series 'up-rice'; did you mean 'up-rise'?"),
    ("up: up-rise", "up: down-rise", "series 'down-rise' belongs to gauge 'down'"),
    ("main_gauge: down", "main_gauge: dawn", "no gauge of 'series' 'dawn'; did you mean 'down'?"),
    ("landings: [quay]", "landings: [kuay]", "no place 'kuay'; did you mean 'quay'?"),
    ("landings: [quay]", "landings: [rock]", "people go ashore at a landing, ramp or pontoon; 'rock' is a reef"),
    ("at: 0s, horizon: 2h", "at: 1m, horizon: 2h", "the first forecast is issued at 0s"),
    ("readings: {every: 30s", "readings: {every: 1.5s", "whole seconds"),
    ("agency: police", "agency: polise", "did you mean 'police'?"),
    ("kind: rib,", "kind: ribb,", "no craft kind 'ribb'; did you mean 'rib'?"),
    ("    role: shore", "    role: boat", "a boat has 'craft', a team ashore has none"),
    ("kind: stranded, at: rock", "kind: stranded, at: {chainage_m: 5, offset_m: 0}", "the stranded are at a place"),
    ("kind: crowd, at: strand", "kind: crowd, at: rock", "no beach 'rock'"),
    ("reported: 40s", "reported: 20s", "nobody is reported before being there"),
    ("at: {chainage_m: 1500, offset_m: 0}", "at: {chainage_m: 2500, offset_m: 0}", "chainage must lie in 0 .. 2000 m"),
    ("at: {chainage_m: 1500, offset_m: 0}", "at: {chainage_m: 1500}", "give a place id, {near, downstream_m, left_m}"),
    ("id: raft-2", "id: rock", "'rock' is already used"),
    ("{id: I1, at: 5s, to", "{id: I1, at: 5s, when: t > 3, to", "give exactly one of 'at' (drill time) and 'when'"),
    ("{id: I1, at: 5s, to", "{id: I1, to", "give exactly one of 'at' (drill time) and 'when'"),
    ("to: [commander]", "to: [comander]", "no unit or person 'comander'; did you mean 'commander'?"),
    ('en: "Level {level} m', 'en: "Level {levle} m', "no value 'levle'; did you mean 'level'?"),
    ('en: "Level {level} m', 'en: "Level {level m', "braces"),
    ("at: 18m, to", "at: 21m, to", "after the end of the drill"),
    ("when: level > 176", "when: levle > 176", "no name 'levle'; did you mean 'level'?"),
    ("dist('rib-1', 'rock')", "dist('rib1', 'rock')", "no unit 'rib1'; did you mean 'rib-1'?"),
    ("dist('rib-1', 'rock')", "().__class__.__mro__", "not allowed in a condition"),
    ("part: engine, type: failed", "part: engine, type: drift", "a fault of 'engine' is one of degraded, failed"),
    ("part: engine, type: failed", "part: engine, type: degraded", "keeps a share between 0 and 1"),
    ("target: rib-1, part: engine", "target: shore-3, part: engine", "no unit 'shore-3'"),
    ("{id: F3, at: 0s,", "{id: F3, when: t > 1,", "a crew's fault has a time"),
    ("P: 60s, S: 2m, M: 4m", "P: 3m, S: 2m, M: 4m", "time limits must satisfy 0 < P < S < M"),
    ("do: push_plan, plan: reef", "do: push_plan", "'plan' goes with 'do: push_plan'"),
    ("do: push_plan, plan: reef", "do: push_plan, plan: reaf", "no plan 'reaf'; did you mean 'reef'?"),
    ("after: I1, until", "after: I9, until", "no inject or expectation 'I9'"),
    ('word: {zh: 真实险情, en: "No duff"}', "halt: 1s", "'word' is required"),
]


@pytest.mark.parametrize(("change", "to", "expected"), BROKEN)
def test_each_fault_has_its_line_and_says_what_was_expected(change: str, to: str, expected: str) -> None:
    raw = stage.text()
    assert change in raw
    broken = raw.replace(change, to, 1)
    found = faults(broken.encode())
    assert any(expected in fault for fault in found), found
    assert all(fault.startswith("d.yaml:") for fault in found)
    at = raw[: raw.index(change)].count("\n") + 1
    lines = [int(fault.split(":")[1]) for fault in found if expected in fault]
    assert any(abs(line - at) <= 8 for line in lines), (at, found)


def test_an_objective_that_nothing_rates_is_a_fault() -> None:
    found = faults(stage.text().replace("{id: E1, objective: O1", "{id: E1, objective: O2").encode())
    line = stage.text()[: stage.text().index("{id: O1")].count("\n") + 1
    assert found == [f"d.yaml:{line}: objectives[0]: objective 'O1' has no expectation, it can never be rated"]


def test_all_faults_are_told_together() -> None:
    broken = stage.text().replace("up: up-rise", "up: upp").replace("landings: [quay]", "landings: [kuay]")
    assert len(faults(broken.encode())) == 2


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=200))
def test_garbage_is_a_fault_and_never_a_crash(raw: bytes) -> None:
    assert faults(raw)


@settings(max_examples=60, deadline=None)
@given(at=st.integers(0, 4000), junk=st.sampled_from(["[", "{", ": ", "\t", "null", "-", "'", "9e999", "&a", "\x00"]))
def test_a_damaged_file_is_a_fault_or_still_a_drill(at: int, junk: str) -> None:
    raw = stage.text()
    damaged = raw[:at] + junk + raw[at:]
    try:
        script = read_drill(damaged.encode(), "d.yaml", stage.river(), stage.plans())
    except FaultsError as error:
        assert error.faults
    else:
        assert "演练" in script.marking or "DRILL" in script.marking


def test_a_missing_file_is_a_fault(tmp_path: Path) -> None:
    with pytest.raises(FaultsError, match="cannot be read"):
        load_drill(tmp_path / "no.yaml", stage.river(), stage.plans())
