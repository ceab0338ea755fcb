"""How well our own water surface and level field agree with stored results of a surveyed model.

Nothing is tuned to the results: the solver takes geometry, flow and the level at the lowest section; the level field
takes the levels at a few sections as if gauges stood there, and must tell all others. The stated sigma is worked out
from our own profiles of other flows, which have not seen the results either.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np

from rescuecmd.errors import InputError, NotCoveredError
from rescuecmd.geo import Floats
from rescuecmd.river.backwater import Reach
from rescuecmd.river.conveyance import properties
from rescuecmd.river.family import Family, Fitted
from rescuecmd.river.spacing import spacing_arches_m, steepness
from rescuecmd.river.steady import ROUGHER, Control, build_family, equally_spaced, matched_control

GAUGES = (2, 3, 4, 6, 9, 13)
"""Numbers of gauges that are tried, at sections nearest to equal distances."""

RATIOS = np.geomspace(0.5, 2.0, 9)
"""Flows of the family, as shares of the flow that it is built for."""

WRONG_FLOW = 0.6
FLOORS: Mapping[str, float] = {
    "solver_rmse_m": 0.03,
    "solver_max_m": 0.10,
    "conveyance_median_percent": 0.1,
    "wrong_flow_three_gauges_m": 0.10,
}
COVERED_PERCENT = (90.0, 99.0)


@dataclass(frozen=True, slots=True)
class GaugeRow:
    """Errors over all sections between gauges, RMSE in m.

    ``field_m``: our level field, which finds the flow from the gauges; ``wrong_flow_m``: the same field built around a
    flow that is 40 % too small; ``shape_m``: the bare shape of that wrong flow laid through the gauges, as a field
    would have it that trusts the flow it is told; ``line_m``: straight lines, with the sigma that our surfaces of the
    river state for them, and the share of errors within twice that; ``spacing_covered_percent``: the same share by the
    sigma that a river without such surfaces states, from the distance and the fall between its gauges. It is not
    judged: it is an estimate.
    """

    gauges: int
    compared: int
    spacing_m: float
    field_m: float
    wrong_flow_m: float
    shape_m: float
    line_m: float
    line_sigma_m: float
    line_covered_percent: float
    spacing_covered_percent: float


@dataclass(frozen=True, slots=True)
class Accuracy:
    """The whole comparison for one profile of one reach."""

    reach: str
    profile: str
    sections: int
    length_m: float
    solver_rmse_m: float
    solver_max_m: float
    solver_p95_m: float
    critical: int
    conveyance_median_percent: float | None
    conveyance_p95_percent: float | None
    area_median_percent: float | None
    rows: tuple[GaugeRow, ...]

    @property
    def missed(self) -> tuple[str, ...]:
        """Which of `FLOORS` do not hold, in words."""
        return tuple(self._missed())

    def _missed(self) -> Iterator[str]:
        found = {
            "solver_rmse_m": self.solver_rmse_m,
            "solver_max_m": self.solver_max_m,
            "conveyance_median_percent": self.conveyance_median_percent,
            "wrong_flow_three_gauges_m": next((row.wrong_flow_m for row in self.rows if row.gauges == 3), None),
        }
        for name, bound in FLOORS.items():
            value = found[name]
            if value is not None and not value <= bound:
                yield f"{name} {value:.3f} > {bound}"


LEAST_M = 0.01
"""Coverage is judged where there is something to cover: straight lines that are off by a centimetre at least."""


def uncovered(profiles: Sequence[Accuracy]) -> Iterator[str]:
    """Yield where sigma does not cover `COVERED_PERCENT` of the errors of one reach, in words.

    The errors at one number of gauges are judged together over all profiles of the reach.
    """
    low, high = COVERED_PERCENT
    rows = sorted((row for one in profiles for row in one.rows if row.line_m > LEAST_M), key=lambda row: row.gauges)
    for count, group in groupby(rows, key=lambda row: row.gauges):
        at_count = list(group)
        covered = np.average([row.line_covered_percent for row in at_count], weights=[row.compared for row in at_count])
        if not low <= covered <= high:
            yield f"sigma at {count} gauges covers {covered:.1f} % of the errors"


def compare(reach: Reach, flows_m3ps: Floats, levels_m: Floats, *, name: str = "", profile: str = "") -> Accuracy:
    """Compare our solver and level field with stored levels.

    Parameters
    ----------
    flows_m3ps, levels_m
        Shape (n_sections,): stored flow and level at each section, upstream first.

    Raises
    ------
    InputError
        The shapes differ, or a stored level or flow is not usable.
    """
    if flows_m3ps.shape != levels_m.shape or len(levels_m) != len(reach.surveys):
        raise InputError("bad-results", "results and sections do not belong together")
    if not (np.isfinite(levels_m).all() and (flows_m3ps > 0).all()):
        raise InputError("bad-results", f"reach {name!r}, profile {profile!r}: flows must be above 0 and levels finite")
    chainage = np.array([survey.chainage_m for survey in reach.surveys])
    solved = reach.profile(flows_m3ps, float(levels_m[-1]))
    error = np.abs(solved.levels_m - levels_m)[:-1]
    control_m = matched_control(reach, float(flows_m3ps[-1]), float(levels_m[-1]))
    family, wrong = (_family(reach, flows_m3ps, control_m, believed) for believed in (1.0, WRONG_FLOW))
    rows = tuple(_rows(chainage, levels_m, family, wrong))
    return Accuracy(
        reach=name,
        profile=profile,
        sections=len(chainage),
        length_m=float(chainage[-1] - chainage[0]),
        solver_rmse_m=_rms(error),
        solver_max_m=float(error.max()),
        solver_p95_m=float(np.quantile(error, 0.95)),
        critical=sum(solved.critical),
        conveyance_median_percent=None,
        conveyance_p95_percent=None,
        area_median_percent=None,
        rows=rows,
    )


def table_errors(reach: Reach, tables: Sequence[tuple[Floats, Floats, Floats]]) -> tuple[Floats, Floats]:
    """Return the relative errors of conveyance and of area against tables of (level, area, conveyance) by section."""
    conveyance, area = [], []
    for at, (levels, areas, conveyances) in enumerate(tables):
        for level, their_area, theirs in zip(levels, areas, conveyances, strict=True):
            if theirs > 0 and their_area > 0:
                ours = properties(reach.strips, at, float(level))
                conveyance.append(ours.conveyance_m3ps / theirs - 1)
                area.append(ours.area_m2 / their_area - 1)
    return np.array(conveyance), np.array(area)


def _family(reach: Reach, flows: Floats, control_m: Control, believed: float) -> Family:
    """Return the family built around a flow that is believed to be this share of the true one."""
    ratios = [ratio for ratio in believed * RATIOS if _carries(reach, float(flows[-1]) * ratio, control_m)]
    return build_family(reach, float(flows[-1]) * np.array(ratios), control_m, "", share=flows / flows[-1])


def _carries(reach: Reach, flow: float, control_m: Control) -> bool:
    try:
        control_m(reach.with_roughness(max(ROUGHER)), flow)
    except NotCoveredError:
        return False
    return True


def _rows(chainage: Floats, levels: Floats, family: Family, wrong: Family) -> Iterator[GaugeRow]:
    believed = wrong.levels_m[len(RATIOS) // 2]
    for count in GAUGES:
        gauges = equally_spaced(chainage, count)
        if len(gauges) < count or count >= len(chainage):
            continue
        between = ~np.isin(chainage, gauges)
        at_gauges = np.interp(gauges, chainage, levels)
        line = np.interp(chainage, gauges, at_gauges)
        fitted = Fitted(family, gauges)
        off, sigma = np.abs(line - levels)[between], _line_sigma(fitted, chainage, at_gauges)[between]
        shape = believed + np.interp(chainage, gauges, at_gauges - np.interp(gauges, chainage, believed))
        spacing = _spacing_sigma(gauges, chainage, at_gauges)[between]
        yield GaugeRow(
            gauges=count,
            compared=int(between.sum()),
            spacing_m=float(np.diff(gauges).mean()),
            field_m=_rms((_field(fitted, chainage, at_gauges) - levels)[between]),
            wrong_flow_m=_rms((_field(Fitted(wrong, gauges), chainage, at_gauges) - levels)[between]),
            shape_m=_rms((shape - levels)[between]),
            line_m=_rms(off),
            line_sigma_m=_rms(sigma),
            line_covered_percent=100.0 * float((off <= 2 * sigma).mean()),
            spacing_covered_percent=100.0 * float((off <= 2 * spacing).mean()),
        )


def _field(fitted: Fitted, chainage: Floats, at_gauges: Floats) -> Floats:
    mean = float(at_gauges.mean())
    if not fitted.covers(mean):
        raise NotCoveredError("outside-family", f"the family does not reach a mean level of {mean:.2f} m")
    shares = fitted.shares(mean)
    field: Floats = np.interp(chainage, fitted.gauges_m, at_gauges) + shares @ fitted.bow_m(chainage)
    return field


def _line_sigma(fitted: Fitted, chainage: Floats, at_gauges: Floats) -> Floats:
    sigma: Floats = fitted.variant_shares(at_gauges.mean()) @ fitted.line_sigma_m(chainage)
    return sigma


def _spacing_sigma(gauges: Floats, chainage: Floats, at_gauges: Floats) -> Floats:
    """Return the sigma of a river that has no surfaces and states no slope, where the gauges show one."""
    arches, times = spacing_arches_m(gauges, chainage), steepness(gauges, list(at_gauges), np.array(0.0))
    sigma: Floats = np.sum([arch * one for arch, one in zip(arches, times, strict=True)], axis=0)
    return sigma


def _rms(values: Floats) -> float:
    return float(np.sqrt((values**2).mean()))
