"""Rivers that no constant of ours was chosen on, and what the stated sigma holds of the errors on them."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from rescuecmd.geo import Floats
from rescuecmd.river.backwater import Reach
from rescuecmd.river.conveyance import Survey
from rescuecmd.river.family import Family, Fitted
from rescuecmd.river.spacing import spacing_arches_m, steepness
from rescuecmd.river.steady import N_SIGMA, build_family, equally_spaced, matched_control
from tests.river.textbook import along, meadow_reach, wild_reach

FLOW_M3PS, SURFACES = 900.0, 200
STRETCHES_M = (500.0, 2000.0, 8000.0)
GAUGES = (2, 3, 4, 6, 9, 13)


@dataclass(frozen=True, slots=True)
class Unseen:
    """A river of 14 km: a channel through meadows, wider and narrower in turn, or one that changes at random."""

    kind: str
    slope: float
    seed: int

    @property
    def surveys(self) -> tuple[Survey, ...]:
        if self.kind == "plain":
            return meadow_reach(self.seed, sections=80, points=60, slope=self.slope)
        return wild_reach(self.seed, slope=self.slope)

    def __str__(self) -> str:
        return f"{self.kind}-{self.slope}-{self.seed}"


PLAIN = tuple(Unseen("plain", slope, seed) for seed, slope in ((1, 3.3e-4), (2, 1e-3), (3, 1e-4), (4, 3e-3)))
WILD = tuple(Unseen("wild", slope, seed) for slope in (1e-4, 3.3e-4, 1e-3, 3e-3) for seed in (1, 2))


def known_and_hidden(river: Unseen) -> tuple[Family, Floats]:
    """Return the family of a river as surveyed, and surfaces of the river as it is, shape (SURFACES, n_sections).

    Manning's n of the true river is off by a random walk that forgets itself over `STRETCHES_M`, its flow anything from
    half to twice the one that the survey was made at.
    """
    rng, reach = np.random.default_rng(river.seed), Reach(river.surveys)
    control = matched_control(reach, FLOW_M3PS, reach.normal_level_m(FLOW_M3PS, river.slope))
    at_m = np.array([survey.chainage_m for survey in reach.surveys])
    surfaces = []
    for number in range(SURFACES):
        off = along(rng, at_m, STRETCHES_M[number % len(STRETCHES_M)])
        true, flow = reach.with_roughness(np.exp(N_SIGMA * off)), FLOW_M3PS * float(rng.uniform(0.5, 2.0))
        surfaces.append(true.profile(flow, control(true, flow)).levels_m)
    return build_family(reach, np.geomspace(0.3, 3.0, 16) * FLOW_M3PS, control, ""), np.stack(surfaces)


@dataclass(frozen=True, slots=True)
class Held:
    """What twice sigma holds of the errors between some gauges, shares of 1, and the mean square errors, m2."""

    gauges: int
    field: float
    line: float
    spacing: float
    field_m2: float
    line_m2: float


def held(river: Unseen) -> Iterator[Held]:
    """Yield what sigma holds with each number of `GAUGES`: of the level field, of straight lines, and by spacing."""
    family, hidden = known_and_hidden(river)
    line_m = family.chainage_m
    for count in GAUGES:
        fitted = Fitted(family, equally_spaced(line_m, count))
        at_gauges = np.stack([np.interp(fitted.gauges_m, line_m, row) for row in hidden])
        mean_m = at_gauges.mean(axis=1)
        straight = np.stack([np.interp(line_m, fitted.gauges_m, row) for row in at_gauges])
        found = straight + fitted.shares(mean_m).T @ fitted.bow_m(line_m)
        between, shares = ~np.isin(line_m, fitted.gauges_m), fitted.variant_shares(mean_m).T
        steep = steepness(fitted.gauges_m, list(at_gauges.T), np.zeros(len(hidden)))
        by_spacing = np.stack(steep, axis=1) @ np.stack(spacing_arches_m(fitted.gauges_m, line_m))
        off, line_off = np.abs(found - hidden)[:, between], np.abs(straight - hidden)[:, between]
        yield Held(
            gauges=count,
            field=float((off <= 2 * (shares @ fitted.sigma_m(line_m))[:, between]).mean()),
            line=float((line_off <= 2 * (shares @ fitted.line_sigma_m(line_m))[:, between]).mean()),
            spacing=float((line_off <= 2 * by_spacing[:, between]).mean()),
            field_m2=float((off**2).mean()),
            line_m2=float((line_off**2).mean()),
        )
