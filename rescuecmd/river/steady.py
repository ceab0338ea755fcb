"""Builds the family of a river: the standard step over its sections, for flows from low water to above every flood."""

from collections.abc import Callable, Iterator, Sequence
from itertools import groupby
from typing import TypeAlias

import numpy as np

from rescuecmd.errors import InputError, NotCoveredError
from rescuecmd.geo import Floats
from rescuecmd.river.backwater import Reach
from rescuecmd.river.bed import COLUMNS
from rescuecmd.river.conveyance import Ineffective, Survey, properties
from rescuecmd.river.family import Family
from rescuecmd.river.model import River, Section
from rescuecmd.river.rating import discharge_m3ps

N_SIGMA = 0.15
"""Manning's n of a stretch is known to about 15 % (one sigma)."""

ROUGHER = (float(np.exp(-N_SIGMA * np.sqrt(2))), float(np.exp(N_SIGMA * np.sqrt(2))))
"""The least and the most that n of a variant is multiplied with: trough and crest of its wave."""

WAVES = (0.5, 1.0, 2.0, 4.0, 8.0)
"""The variants of a family are the river with n wrong in waves of so many periods over the reach.

A river that is rougher as a whole would be no test: the level at the gauges finds another flow for it, and the shape
between them hardly changes. What the gauges cannot tell is n that is wrong here and not there.
"""

CALIBRATION = (0.5, 5.0)
"""Manning's n is taken from the sections and scaled within these to the surface slopes that are on record.

Over bars at low water n is several times what it is in a flood; the source line of a family tells its factors."""

FLOWS = 16
VARIANT_FLOWS = 4  # each variant is computed for so many of the flows
_HALVINGS = 12
_USUAL_DEPTH_M = 1.0  # the family begins with so much water over the bed or the level of no flow,
_LEAST_DEPTH_M = 0.3  # or with less, down to this,
_BELOW_LOW_M = 0.1  # where low water on record stands lower: so far below it
_FREEBOARD_M = 0.5  # a level this close to the end of the survey is not computed


Control: TypeAlias = Callable[[Reach, float], float]
"""Level at the lowest section, for a reach (of a certain roughness) and a flow."""


def build_family(
    reach: Reach,
    flows_m3ps: Floats,
    control_m: Control,
    source: str,
    *,
    share: Floats | None = None,
    roughness: Floats | None = None,
) -> Family:
    """Return the family of a reach.

    Parameters
    ----------
    flows_m3ps
        Shape (n_flows,), ascending, at the lowest section.
    share
        Shape (n_sections,): flow at each section as a share of that at the lowest one; everywhere 1 if not given.
    roughness
        Shape (n_flows,): what Manning's n is multiplied with at each flow; everywhere 1 if not given.
    """
    along = np.ones(len(reach.surveys)) if share is None else share
    factors = np.ones(len(flows_m3ps)) if roughness is None else roughness

    def surface(number: int, rougher: Floats | float = 1.0) -> Floats:
        flow, other = float(flows_m3ps[number]), reach.with_roughness(factors[number] * rougher)
        return other.profile(flow * along, control_m(other, flow)).levels_m

    chainage = np.array([survey.chainage_m for survey in reach.surveys])
    levels = np.maximum.accumulate([surface(number) for number in range(len(flows_m3ps))])
    few = np.unique(np.linspace(0, len(flows_m3ps) - 1, VARIANT_FLOWS).round()).astype(int)
    variants = np.stack([[surface(number, rougher) for rougher in uneven(chainage)] for number in few.tolist()])
    flows = np.asarray(flows_m3ps)
    return Family(chainage, flows, levels, flows[few], variants, source)


def uneven(chainage_m: Floats) -> Iterator[Floats]:
    """Yield what to multiply Manning's n with at each section: waves along the reach, their root mean square `N_SIGMA`.

    The waves have equal power, so that the errors of all of them together have the mean square that n wrong at random
    over stretches of every length would cause.
    """
    along = (chainage_m - chainage_m[0]) / (chainage_m[-1] - chainage_m[0])
    for waves in WAVES:
        for phase in (0.0, np.pi / 2, np.pi, 3 * np.pi / 2):
            yield np.exp(np.log(ROUGHER[1]) * np.cos(2 * np.pi * waves * along + phase))


def river_family(river: River) -> Family:
    """Return the family of a river package, from its sections and its rating.

    A river without a rating has one too: its flows are what the lowest section carries at the slope on record, and
    only their surfaces are used.

    Raises
    ------
    NotCoveredError
        The sections hold no range of levels, or there is neither a rating nor a slope.
    """
    surveys = surveys_of(river)
    reach, last = Reach(surveys), surveys[-1]
    gauge_m = river.gauge(river.rating.gauge_id).chainage_m if river.rating else last.chainage_m
    levels = _range(river, surveys, gauge_m)
    surface = river.surface
    slopes = np.interp(levels, [surface.low_level_m, surface.flood_level_m], [surface.low_slope, surface.flood_slope])
    flows = discharge_m3ps(river.rating, levels) if river.rating else _carried(reach, levels, slopes)

    def control_m(_reach: Reach, flow: float) -> float:
        return float(np.interp(flow, flows, levels + (gauge_m - last.chainage_m) * slopes))

    length_m = last.chainage_m - surveys[0].chainage_m
    roughness = [
        _calibrated(reach, flow, control_m, slope * length_m) for flow, slope in zip(flows, slopes, strict=True)
    ]
    control = f"the rating at {river.rating.gauge_id}" if river.rating else "the slope on record (there is no rating)"
    source = (
        f"standard step over {len(surveys)} sections, control by {control}, Manning's n times "
        f"{min(roughness):.2f} .. {max(roughness):.2f} so that the surface falls as `surface` says"
    )
    return build_family(reach, flows, control_m, source, roughness=np.array(roughness))


def _range(river: River, surveys: Sequence[Survey], gauge_m: float) -> Floats:
    """Return levels at the gauge from low water to where the first section ends, m, shape (FLOWS,)."""
    last = surveys[-1]
    dry_m = max(last.lowest_m, river.rating.no_flow_m) if river.rating else last.lowest_m
    rims = [(survey.chainage_m, min(survey.beds_m[0], survey.beds_m[-1])) for survey in surveys]
    low = max(min(dry_m + _USUAL_DEPTH_M, river.surface.low_level_m - _BELOW_LOW_M), dry_m + _LEAST_DEPTH_M)
    high = min(rim - _fall(river, chainage, gauge_m) for chainage, rim in rims)
    if high - _FREEBOARD_M <= low:
        raise NotCoveredError("no-levels", f"the sections of {river.id} hold no range of levels")
    return np.linspace(low, high - _FREEBOARD_M, FLOWS)


def _carried(reach: Reach, levels_m: Floats, slopes: Floats) -> Floats:
    """Return the flow, m3/s, that the lowest section carries at each level and slope; both of one shape."""
    if not (slopes > 0).all():
        raise NotCoveredError("no-slope", "without a rating water surfaces need `surface` slopes above 0")
    at = len(reach.surveys) - 1
    carries = [properties(reach.strips, at, float(level)).conveyance_m3ps for level in levels_m]
    flows: Floats = np.array(carries) * np.sqrt(slopes)
    if not (np.diff(flows) > 0).all():
        raise NotCoveredError(
            "no-rating", "without a rating, slopes must not fall so fast that less flows at more water"
        )
    return flows


def _calibrated(reach: Reach, flow_m3ps: float, control_m: Control, fall_m: float) -> float:
    """Return what to multiply Manning's n with so that the surface falls by `fall_m` over the reach."""
    low, high = CALIBRATION
    for _ in range(_HALVINGS):
        middle = float(np.sqrt(low * high))
        levels = reach.with_roughness(middle).profile(flow_m3ps, control_m(reach, flow_m3ps)).levels_m
        low, high = (low, middle) if levels[0] - levels[-1] >= fall_m else (middle, high)
    return float(np.sqrt(low * high))


def _fall(river: River, chainage_m: float, gauge_m: float) -> float:
    """Return how far the flood surface at a chainage stands above the gauge, m."""
    return (gauge_m - chainage_m) * river.surface.flood_slope


def surveys_of(river: River) -> tuple[Survey, ...]:
    """Return the sections of a river as surveys: stations from the left bank, looking downstream."""
    chainages = [section.chainage_m for section in river.sections]
    ways = np.append(np.diff(chainages), 0.0)
    still = river.bed.still_until_m
    return tuple(
        _survey(section, float(way), still[row] if still is not None else None)
        for row, (section, way) in enumerate(zip(river.sections, ways, strict=True))
    )


def _survey(section: Section, way_m: float, still_m: Floats | None) -> Survey:
    known = np.isfinite(section.beds_m)
    stations = section.left_bank_m - section.offsets_m[known][::-1]
    right, left = section.channel_m
    n_right, n_left = section.banks_n
    banks = (section.left_bank_m - left, section.left_bank_m - right)
    return Survey(
        id=section.id,
        chainage_m=section.chainage_m,
        stations_m=stations,
        beds_m=section.beds_m[known][::-1],
        roughness=((-np.inf, n_left), (banks[0], section.manning_n), (banks[1], n_right)),
        banks_m=banks,
        lengths_m=(way_m, way_m, way_m),
        ineffective=tuple(_still(section, still_m)) if still_m is not None else (),
    )


def _still(section: Section, until_m: Floats) -> Iterator[Ineffective]:
    """Yield what stands still in a section, from the bed table's levels, right bank first."""
    at = section.left_bank_m - np.linspace(section.right_bank_m, section.left_bank_m, COLUMNS)
    for level, columns in groupby(range(COLUMNS), key=lambda column: float(until_m[column])):
        if np.isfinite(level):
            group = list(columns)
            yield Ineffective(float(at[group[-1]]), float(at[group[0]]), level)


def matched_control(reach: Reach, flow_m3ps: float, level_m: float) -> Control:
    """Return a control: normal depth at the lowest section, at the slope at which it carries a flow at a level.

    Raises
    ------
    InputError
        The section carries nothing at that level.
    """
    carries = properties(reach.strips, len(reach.surveys) - 1, level_m).conveyance_m3ps
    if carries <= 0:
        raise InputError("dry-control", "the lowest section carries nothing at the level given")
    slope = (flow_m3ps / carries) ** 2
    return lambda other, flow: other.normal_level_m(flow, slope)


def equally_spaced(chainage_m: Sequence[float] | Floats, count: int) -> Floats:
    """Return the chainages of `count` sections nearest to equal distances, the first and the last one included."""
    line = np.asarray(chainage_m, dtype=np.float64)
    wanted = np.linspace(line[0], line[-1], count)
    chosen: Floats = line[np.unique(np.abs(line[:, None] - wanted).argmin(axis=0))]
    return chosen
