"""The accuracy report of a HEC-RAS file: every reach and profile that it holds, and the table that the docs show."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from rescuecmd.errors import InputError, NotCoveredError
from rescuecmd.interop.hec_ras import RasReach, read_model, told_of
from rescuecmd.interop.hec_ras_results import (
    RasResults,
    SectionTable,
    impossible,
    read_results,
    read_section_tables,
)
from rescuecmd.river.accuracy import Accuracy, compare, table_errors
from rescuecmd.river.backwater import Reach

INSTANTS = 3
"""Of an unsteady run the highest instant and two on the way to it are compared; between them flows are not steady."""

_EVERY = 7  # of HEC-RAS's own table of a section every seventh row, from the fifth: twelve levels a section
_FROM = 5


@dataclass(frozen=True, slots=True)
class Unjudged:
    """A stored profile of a reach that could not be compared, and why."""

    reach: str
    profile: str
    why: str


@dataclass(frozen=True, slots=True)
class Report:
    """What was compared, and what was not: together every reach and profile that was asked for."""

    judged: tuple[Accuracy, ...]
    unjudged: tuple[Unjudged, ...]


def accuracy(path: Path, reach_name: str = "") -> Report:
    """Return the comparison of every reach (or the one named) and profile of a HEC-RAS file.

    A profile that is dry or flows back anywhere, or lies outside the surfaces that we compute, is told as unjudged.

    Raises
    ------
    InputError
        The file is damaged, in unknown units, without sections or without results at sections.
    NotFoundError
        There is no such reach.
    """
    model, results, tables = read_model(path), read_results(path), read_section_tables(path)
    reaches = (model.reach(reach_name),) if reach_name else model.reaches
    judged: list[Accuracy] = []
    unjudged: list[Unjudged] = []
    for ras in reaches:
        with told_of(path):
            reach = Reach(ras.surveys)
        conveyance, p95, area = _table_numbers(reach, ras, tables) if tables else (None, None, None)
        for row in _rows(results, ras):
            try:
                one = _compared(reach, ras, results, row)
            except (InputError, NotCoveredError) as error:
                unjudged.append(Unjudged(ras.name, results.names[row], error.message))
                continue
            judged.append(
                replace(
                    one,
                    conveyance_median_percent=conveyance,
                    conveyance_p95_percent=p95,
                    area_median_percent=area,
                )
            )
    return Report(tuple(judged), tuple(unjudged))


def _compared(reach: Reach, ras: RasReach, results: RasResults, row: int) -> Accuracy:
    """Compare one stored profile of a reach.

    Raises
    ------
    InputError, NotCoveredError
        It cannot be judged.
    """
    if why := impossible(ras, results, row):
        raise InputError("bad-results", why)
    flows, levels = results.flows_m3ps[row][ras.index], results.levels_m[row][ras.index]
    still = np.flatnonzero(flows <= 0)
    if len(still):
        survey, flow = ras.surveys[still[0]], flows[still[0]]
        raise InputError(
            "reversed-flow",
            f"flow {flow:.2f} m3/s at section {survey.id} ({len(still)} of {len(flows)} sections): "
            "dry or flowing back, there is no backwater to compute",
        )
    return compare(reach, flows, levels, name=ras.name, profile=results.names[row])


def _rows(results: RasResults, ras: RasReach) -> Iterator[int]:
    if results.kind == "steady":
        yield from range(len(results.names))
        return
    mean = results.levels_m[:, ras.index].mean(axis=1)
    peak = int(mean.argmax())
    wanted = np.linspace(mean[: peak + 1].min(), mean[peak], INSTANTS)
    yield from sorted({int(np.abs(mean[: peak + 1] - level).argmin()) for level in wanted})


def _table_numbers(
    reach: Reach, ras: RasReach, tables: Sequence[SectionTable]
) -> tuple[float, float, float] | tuple[None, None, None]:
    """Return median and 95th percentile of the conveyance's error, and the median of the area's, %.

    They are None where HEC-RAS's own tables of the reach are empty.
    """
    chosen = [tables[at] for at in ras.index]
    part = slice(_FROM, None, _EVERY)
    rows = [(one.levels_m[part], one.areas_m2[part], one.conveyances_m3ps[part]) for one in chosen]
    conveyance, area = (100.0 * np.abs(errors) for errors in table_errors(reach, rows))
    if not len(conveyance):
        return None, None, None
    return float(np.median(conveyance)), float(np.quantile(conveyance, 0.95)), float(np.median(area))


def accuracy_table(report: Accuracy) -> Iterator[str]:
    """Yield the lines of a report as Markdown tables."""
    yield f"### {report.reach}, profile {report.profile}: {report.sections} sections, {report.length_m / 1000:.1f} km"
    yield ""
    yield "| our solver against the stored results | |"
    yield "| --- | --- |"
    yield f"| level, RMSE | {report.solver_rmse_m:.3f} m |"
    yield f"| level, 95 % below | {report.solver_p95_m:.3f} m |"
    yield f"| level, greatest error | {report.solver_max_m:.3f} m |"
    if report.conveyance_median_percent is not None:
        yield f"| conveyance, median error | {report.conveyance_median_percent:.4f} % |"
        yield f"| conveyance, 95 % below | {report.conveyance_p95_percent:.2f} % |"
        yield f"| flow area, median error | {report.area_median_percent:.4f} % |"
    yield ""
    yield (
        "| gauges | spacing | level field | flow believed 40 % too small | bare shape of that flow | straight lines "
        "| their sigma | within 2 sigma | within 2 sigma by spacing |"
    )
    yield "| --- | --- | --- | --- | --- | --- | --- | --- | --- |"
    for row in report.rows:
        yield (
            f"| {row.gauges} | {row.spacing_m / 1000:.1f} km | {row.field_m:.3f} m | {row.wrong_flow_m:.3f} m | "
            f"{row.shape_m:.3f} m | {row.line_m:.3f} m | {row.line_sigma_m:.3f} m | {row.line_covered_percent:.1f} % | "
            f"{row.spacing_covered_percent:.1f} % |"
        )
