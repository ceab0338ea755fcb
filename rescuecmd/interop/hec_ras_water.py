"""The water of a HEC-RAS model in a river package: its surfaces, a gauge at either end, slopes, a rating, series.

Two stored steady profiles or more are taken as they are, of an unsteady run those on the way to its peak; around a
single one ours are computed from the full sections, banks and all.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from shapely import Point

from rescuecmd.errors import InputError, NotCoveredError
from rescuecmd.geo import Floats, Frame
from rescuecmd.interop.hec_ras import RasReach, read_model, told_of
from rescuecmd.interop.hec_ras_results import RasResults, impossible, read_results
from rescuecmd.interop.river_edit import add_entry, set_entry, write
from rescuecmd.interop.river_import import Origin, package_axis
from rescuecmd.interop.river_package import load_river
from rescuecmd.interop.river_parts import SERIES_COLUMNS
from rescuecmd.interop.river_profiles import profiles_text, sections_digest
from rescuecmd.interop.river_write import Shape, layer_text, table_text
from rescuecmd.river.axis import Axis
from rescuecmd.river.backwater import Reach
from rescuecmd.river.family import Family
from rescuecmd.river.steady import build_family, matched_control
from rescuecmd.text import Text

RATIOS = np.geomspace(0.2, 2.5, 14)
"""Flows of the water surfaces, as shares of the stored one."""

MOST_STORED = 24
"""Of a long run about this many instants are taken."""

_FASTER = 1.5  # no current is given above this times the greatest mean velocity of any section


@dataclass(frozen=True, slots=True)
class End:
    """An end of the reach: the gauge that stands in for it, and its section (0 the first, -1 the last)."""

    gauge: str
    name: Text
    section: int


ENDS = (End("upper", Text("上游端", "Upper end"), 0), End("lower", Text("下游端", "Lower end"), -1))


@dataclass(frozen=True, eq=False)
class _Home:
    """The package that is written, and what every file of it needs."""

    folder: Path
    axis: Axis
    frame: Frame
    origin: Origin
    datum: str


def import_water(
    path: Path, folder: Path, origin: Origin, *, datum: str, reach: str = "", kept: Sequence[str] = ()
) -> int:
    """Write a model's water into a package that has its sections; return the number of surfaces.

    Parameters
    ----------
    kept
        River stations of the sections that the package has, in order; empty: all.

    Raises
    ------
    InputError
        The file is damaged or holds no results (code ``no-results``).
    FaultsError
        The package has faults.
    """
    model, results = read_model(path), read_results(path)
    ras = model.reach(reach)
    for row, name in enumerate(results.names):
        if why := impossible(ras, results, row):
            raise InputError("bad-results", f"{path}: stored profile {name} of {ras.name!r}: {why}; run the plan again")
    try:
        with told_of(path):
            family, speed_mps = _surfaces(ras, results)
    except NotCoveredError as error:
        raise InputError(
            "bad-results", f"{path}: no surfaces around the stored profiles of {ras.name!r}: {error.message}"
        ) from error
    axis, frame = package_axis(folder)
    home = _Home(folder, axis, frame, origin, datum)
    _write_water(home, ras.surveys[-1].lowest_m, family, speed_mps)
    if results.kind == "unsteady":
        _write_series(home, results, results.levels_m[:, ras.index])
    sections = load_river(folder, profiles=False).sections
    write(folder / "profiles.csv", profiles_text(_of(family, ras, kept), sections))
    entry = {**origin.entry(), "source": family.source, "built_from": sections_digest(folder)}
    set_entry(folder, "profiles", entry, under="layers")
    load_river(folder)
    return len(family.flows_m3ps)


def _of(family: Family, ras: RasReach, kept: Sequence[str]) -> Family:
    """Return the family at the sections that were kept."""
    if not kept:
        return family
    at = [number for number, survey in enumerate(ras.surveys) if survey.id in set(kept)]
    return replace(
        family,
        chainage_m=family.chainage_m[at],
        levels_m=family.levels_m[:, at],
        variants_m=family.variants_m[:, :, at],
    )


def _surfaces(ras: RasReach, results: RasResults) -> tuple[Family, float]:
    """Return the water surfaces and the greatest mean velocity of any section in them, m/s.

    Two stored profiles or more are taken as they are, of an unsteady run those of its rise; else ours are computed
    around the one that is stored.
    """
    reach = Reach(ras.surveys)
    levels, flows = results.levels_m[:, ras.index], results.flows_m3ps[:, ras.index]
    top = int(levels.mean(axis=1).argmax())
    if not (flows[top] > 0).all():
        raise InputError(
            "reversed-flow", f"the highest stored profile of {ras.name!r} does not flow downstream throughout"
        )
    control = matched_control(reach, float(flows[top, -1]), float(levels[top, -1]))
    share = flows[top] / flows[top, -1]
    source = (
        f"standard step over {len(ras.surveys)} sections of the HEC-RAS model, around its profile {results.names[top]}"
    )
    family = build_family(reach, flows[top, -1] * RATIOS, control, source, share=share)
    rows = _stored_rows(results, levels, flows)
    if len(rows) > 1:
        told = f"{len(rows)} stored {results.kind} profiles of the HEC-RAS model, as they are"
        stored = np.maximum.accumulate(levels[rows])
        family = replace(family, flows_m3ps=flows[rows, -1], levels_m=stored, source=told, stored=True)
    areas = reach.profile(flows[top], float(levels[top, -1])).areas_m2
    return family, float((flows[top] / areas).max())


def _stored_rows(results: RasResults, levels: Floats, flows: Floats) -> list[int]:
    """Return the profiles to take as they are: all steady ones, of a run those on the way to its peak; flows grow."""
    order = np.argsort(flows[:, -1]) if results.kind == "steady" else np.arange(int(levels.mean(axis=1).argmax()) + 1)
    rows: list[int] = []
    for row in order:
        higher = not rows or (flows[row, -1] > flows[rows[-1], -1] and levels[row].mean() > levels[rows[-1]].mean())
        if higher and (flows[row] > 0).all():
            rows.append(int(row))
    return rows[:: max(len(rows) // MOST_STORED, 1)]


def _write_series(home: _Home, results: RasResults, levels: Floats) -> None:
    """Write what the two gauges would have read during an unsteady run."""
    for end in ENDS:
        words = f"stored unsteady run of the HEC-RAS model, {end.name.en.lower()}"
        name = f"{end.gauge}-run"
        entry = {
            "id": name, "gauge": end.gauge, "kind": "observed",
            "name": {"zh": f"{end.name.zh}（模型）", "en": f"{end.name.en} (model run)"},
            "confidence": home.origin.confidence, "source": words,
            "note": {"zh": "模型计算值；时间按 UTC。", "en": "Computed by the model; its times are taken as UTC."},
        }  # fmt: skip
        add_entry(home.folder, "series", entry)
        rows = [
            (time, f"{level:.3f}", home.datum, "observed", "0", home.origin.confidence, words)
            for time, level in zip(results.names, levels[:, end.section], strict=True)
        ]
        write(home.folder / "series" / f"{name}.csv", table_text(SERIES_COLUMNS, rows))
    set_entry(home.folder, "series", home.origin.entry(), under="layers")


def _write_water(home: _Home, lowest_m: float, family: Family, speed_mps: float) -> None:
    """Write two gauges at the ends of the reach, the slopes of its surface and its rating."""
    shapes: list[Shape] = []
    for end in ENDS:
        x, y = home.axis.point(home.axis.length_m if end.section else 0.0, 0.0)
        properties = {
            "id": end.gauge, "name_zh": end.name.zh, "name_en": end.name.en, "confidence": "low",
            "source": "no gauge of the model: a place at the end of the reach where a level may be given",
            "vertical_datum": home.datum, "zero_m": None, "warning_m": None, "guarantee_m": None,
        }  # fmt: skip
        shapes.append((properties, Point(home.frame.point_lonlat(float(x), float(y)))))
    write(home.folder / "gauges.geojson", layer_text("gauges", shapes))
    set_entry(home.folder, "gauges", home.origin.entry(), under="layers")
    told = {"confidence": home.origin.confidence, "source": family.source}
    falls = np.maximum(family.levels_m[:, 0] - family.levels_m[:, -1], 0.0) / home.axis.length_m
    levels = [round(float(level), 2) for level in family.levels_m[:, -1]]
    low, flood = ({"level_m": levels[at], "slope": round(float(falls[at]), 7)} for at in (0, -1))
    set_entry(home.folder, "surface", {"low": low, "flood": flood, **told})
    points = [
        {"level_m": level, "discharge_m3ps": round(float(flow), 1), "source": family.source}
        for level, flow in zip(levels, family.flows_m3ps, strict=True)
    ]
    rating = {
        "gauge": "lower",
        "no_flow_m": round(lowest_m, 2),
        "points": points,
        "max_current_mps": round(_FASTER * speed_mps, 1),
    }
    set_entry(home.folder, "rating", {**rating, **told})
