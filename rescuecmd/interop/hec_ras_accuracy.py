"""The accuracy report of a HEC-RAS file: every reach and profile that it holds, and the table that the docs show."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from rescuecmd.errors import InputError
from rescuecmd.interop.hec_ras import RasReach, read_model
from rescuecmd.interop.hec_ras_results import RasResults, SectionTable, read_results, read_section_tables
from rescuecmd.river.accuracy import Accuracy, compare, table_errors
from rescuecmd.river.backwater import Reach

INSTANTS = 3
"""Of an unsteady run the highest instant and two on the way to it are compared; between them flows are not steady."""

_EVERY = 7  # of HEC-RAS's own table of a section every seventh row, from the fifth: twelve levels a section
_FROM = 5


def accuracy(path: Path, reach_name: str = "") -> tuple[Accuracy, ...]:
    """Return the comparison of every reach (or the one named) and profile of a HEC-RAS file.

    Raises
    ------
    InputError
        The file is damaged, in unknown units, without sections or without results at sections.
    NotFoundError
        There is no such reach.
    """
    model, results, tables = read_model(path), read_results(path), read_section_tables(path)
    reaches = (model.reach(reach_name),) if reach_name else model.reaches
    found: list[Accuracy] = []
    for ras in reaches:
        reach = Reach(ras.surveys)
        numbers = _table_numbers(reach, ras, tables) if tables else (None, None, None)
        for row in _rows(results, ras):
            flows, levels = results.flows_m3ps[row][ras.index], results.levels_m[row][ras.index]
            if not (flows > 0).all():
                continue  # a dry or reversed reach has no backwater
            one = compare(reach, flows, levels, name=ras.name, profile=results.names[row])
            found.append(
                replace(
                    one,
                    conveyance_median_percent=numbers[0],
                    conveyance_p95_percent=numbers[1],
                    area_median_percent=numbers[2],
                )
            )
    if not found:
        raise InputError("no-results", f"{path} has no profile that flows downstream at every section")
    return tuple(found)


def _rows(results: RasResults, ras: RasReach) -> Iterator[int]:
    if results.kind == "steady":
        yield from range(len(results.names))
        return
    mean = results.levels_m[:, ras.index].mean(axis=1)
    peak = int(mean.argmax())
    wanted = np.linspace(mean[: peak + 1].min(), mean[peak], INSTANTS)
    yield from sorted({int(np.abs(mean[: peak + 1] - level).argmin()) for level in wanted})


def _table_numbers(reach: Reach, ras: RasReach, tables: Sequence[SectionTable]) -> tuple[float, float, float]:
    """Return median and 95th percentile of the conveyance's error, and the median of the area's, %."""
    chosen = [tables[at] for at in ras.index]
    part = slice(_FROM, None, _EVERY)
    rows = [(one.levels_m[part], one.areas_m2[part], one.conveyances_m3ps[part]) for one in chosen]
    conveyance, area = (100.0 * np.abs(errors) for errors in table_errors(reach, rows))
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
