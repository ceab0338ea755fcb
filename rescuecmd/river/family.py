"""The shapes that a river's surface takes: steady profiles for a family of flows, and what they add between gauges.

Between gauges a straight line misses the bow of the surface. The family knows it: at each instant the profile whose
mean level at the gauges is that of the readings is taken, and laid through the gauges. No discharge is asked for, so
a wrong one does no harm. How far the result may be off is measured beside the family: surfaces of the same river made
rougher here and smoother there are hidden in turn, known at the gauges only, and found again.

Source
------
Between two gauges the error is a bow, 4 x (1 - x), because slopes are wrong over stretches longer than the span; beyond
the outer ones it grows with the root of the distance, as errors of many stretches add up. Both are seen on rivers whose
roughness is wrong at random (`tests/river/test_sigma.py`). Its size in each span is what the hidden surfaces of one
flow show there, scaled so that twice sigma holds 94 % of them (split conformal prediction, Vovk et al. 2005), and goes
over from flow to flow with the level: over bars at low water the shape of a surface is less certain than in a flood.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from rescuecmd.errors import InputError
from rescuecmd.geo import Floats

HELD = 0.94
"""Share of the hidden surfaces' errors that twice sigma holds: the middle of the 90 to 99 % that it is to hold."""

_LEAST_M = 1e-4
_SPAN_M = 1.0


@dataclass(frozen=True, eq=False)
class Family:
    """Steady water surfaces of one reach.

    Attributes
    ----------
    chainage_m
        Shape (n_sections,), ascending.
    flows_m3ps
        Shape (n_flows,), ascending.
    levels_m
        Shape (n_flows, n_sections), m above the river's vertical datum; nowhere falling with the flow.
    variant_flows_m3ps
        Shape (n_variant_flows,), ascending: at least one.
    variants_m
        Shape (n_variant_flows, n_variants, n_sections): for each of these flows, surfaces of the same river made
        rougher here and smoother there. They say how wrong the family may be and are never used as levels.
    stored
        The levels were stored by a model that somebody else has run; ours only say how wrong they may be.
    """

    chainage_m: Floats
    flows_m3ps: Floats
    levels_m: Floats
    variant_flows_m3ps: Floats
    variants_m: Floats
    source: str = ""
    stored: bool = False

    def __post_init__(self) -> None:
        chainage, flows = self.chainage_m, self.flows_m3ps
        if len(flows) < 2 or self.levels_m.shape != (len(flows), len(chainage)):
            raise InputError("bad-family", "a family needs two flows and one level for each flow and section")
        if self.variants_m.ndim != 3 or self.variants_m.shape[2] != len(chainage):
            raise InputError("bad-family", "every variant needs one level for each section")
        if len(self.variant_flows_m3ps) != len(self.variants_m) or not self.variants_m.size:
            raise InputError("bad-family", "a family needs variants: without them nobody knows how wrong it may be")
        numbers = (chainage, flows, self.levels_m, self.variant_flows_m3ps, self.variants_m)
        if not all(np.isfinite(values).all() for values in numbers):
            raise InputError("bad-family", "a family's numbers must be finite")
        if any((np.diff(values) <= 0).any() for values in (chainage, flows, self.variant_flows_m3ps)):
            raise InputError("bad-family", "sections must be listed downstream and flows must grow")
        if (np.diff(self.levels_m, axis=0) < -1e-6).any():
            raise InputError("bad-family", "a greater flow must not stand lower at any section")
        if (np.diff(self.variants_m.mean(axis=(1, 2))) <= 0).any():
            raise InputError("bad-family", "the variants of a greater flow must stand higher")

    def at(self, chainage_m: ArrayLike) -> Floats:
        """Return the level of every profile, shape (n_flows, *shape of the input)."""
        place = np.asarray(chainage_m, dtype=np.float64)
        levels: Floats = np.stack([np.asarray(np.interp(place, self.chainage_m, row)) for row in self.levels_m])
        return levels


@dataclass(frozen=True, eq=False)
class Fitted:
    """A family seen from some gauges, at ``gauges_m`` (ascending chainage, m)."""

    family: Family
    gauges_m: Floats

    @cached_property
    def means_m(self) -> Floats:
        """Mean level at the gauges of each profile, shape (n_flows,)."""
        means: Floats = self.family.at(self.gauges_m).mean(axis=1)
        return means

    def covers(self, mean_m: ArrayLike) -> bool:
        """Return whether mean levels at the gauges all lie within the family."""
        mean = np.asarray(mean_m)
        return bool((mean >= self.means_m[0]).all() and (mean <= self.means_m[-1]).all())

    @cached_property
    def gauge_ends_m(self) -> tuple[Floats, Floats]:
        """Lowest and highest level of any profile or variant at each gauge, m, both of shape (n_gauges,)."""
        every = np.vstack([self.family.levels_m, *self.family.variants_m])
        at_gauges = self._at_gauges(every)
        return at_gauges.min(axis=0), at_gauges.max(axis=0)

    def misfit_m(self, gauges_m: Floats) -> Floats:
        """Return how far levels at the gauges stand off the profile of their mean, beyond what the variants do, m.

        A profile is off at the gauges too where n is wrong: twice the root mean square of the variants is no surprise.
        What is more is a wrong reading, a wrong datum, or water that no profile has.

        Parameters
        ----------
        gauges_m
            Shape (n_gauges, *more); the result has the same.
        """
        mean = gauges_m.mean(axis=0)
        off = np.abs(gauges_m - np.tensordot(self._own_at_gauges.T, self.shares(mean), axes=1))
        expected = np.tensordot(self._usual_misfit_m.T, self.variant_shares(mean), axes=1)
        more: Floats = np.maximum(off - 2 * expected, 0.0)
        return more

    @cached_property
    def _own_at_gauges(self) -> Floats:
        return self._at_gauges(self.family.levels_m)

    @cached_property
    def _usual_misfit_m(self) -> Floats:
        """Root mean square by which the variants of each flow stand off the profile of their mean at each gauge, m."""
        found = []
        for hidden in self.family.variants_m:
            at_gauges = self._at_gauges(hidden)
            off = at_gauges - self.shares(at_gauges.mean(axis=1)).T @ self._own_at_gauges
            found.append(np.sqrt((off**2).mean(axis=0)))
        return np.stack(found)

    def shares(self, mean_m: ArrayLike) -> Floats:
        """Return the share of each profile for mean levels at the gauges, shape (n_flows, *shape of the input)."""
        return _shares(self.means_m, mean_m)

    def bow_m(self, chainage_m: ArrayLike) -> Floats:
        """Return how far each profile stands above the straight lines between its own gauges, m.

        Shape (n_flows, *shape of the input); beyond the outer gauges the line is level.
        """
        grid, bow = self._bows
        place = np.asarray(chainage_m, dtype=np.float64)
        at = np.clip(np.searchsorted(grid, place, side="right") - 1, 0, len(grid) - 2)
        share = np.clip((place - grid[at]) / (grid[at + 1] - grid[at]), 0.0, 1.0)
        found: Floats = bow[:, at] * (1 - share) + bow[:, at + 1] * share
        return found

    @cached_property
    def _bows(self) -> tuple[Floats, Floats]:
        """Where a bow may bend, at sections and gauges, and the bow of each profile there."""
        grid = np.unique(np.concatenate([self.family.chainage_m, self.gauges_m]))
        return grid, self._bow(self.family.levels_m, grid)

    def line_sigma_m(self, chainage_m: ArrayLike) -> Floats:
        """Return the error, m, of straight lines between the gauges, at the level of each flow of the variants.

        Shape (n_variant_flows, *shape of the input); `variant_shares` lays them together.
        """
        return self._sigma(self._line_sizes, chainage_m)

    def sigma_m(self, chainage_m: ArrayLike) -> Floats:
        """Return the error, m, of the profile found by its mean level and laid through the gauges.

        Shape (n_variant_flows, *shape of the input); `variant_shares` lays them together.
        """
        return self._sigma(self._sizes, chainage_m)

    def variant_shares(self, mean_m: ArrayLike) -> Floats:
        """Return the share of each flow's sigma for mean levels at the gauges.

        Shape (n_variant_flows, *shape of the input); beyond the least and the greatest of these flows theirs holds.
        """
        return _shares(self._variant_means_m, mean_m)

    @cached_property
    def _variant_means_m(self) -> Floats:
        means: Floats = np.array([self._at_gauges(levels).mean() for levels in self.family.variants_m])
        return np.maximum.accumulate(means)

    @cached_property
    def _line_sizes(self) -> Floats:
        """Height of the arch of the error in each span, m, shape (n_variant_flows, n_spans): of straight lines."""
        return np.stack([self._size(self._bow(hidden, self.family.chainage_m)) for hidden in self.family.variants_m])

    @cached_property
    def _sizes(self) -> Floats:
        """Height of the arch of the error in each span, m, shape (n_variant_flows, n_spans)."""
        own = self._bow(self.family.levels_m, self.family.chainage_m)
        sizes = []
        for hidden in self.family.variants_m:
            shares = self.shares(self._at_gauges(hidden).mean(axis=1))
            sizes.append(self._size(shares.T @ own - self._bow(hidden, self.family.chainage_m)))
        return np.stack(sizes)

    def _at_gauges(self, levels_m: Floats) -> Floats:
        """Return the levels at the gauges of surfaces, shape (n_surfaces, n_gauges)."""
        return np.stack([np.interp(self.gauges_m, self.family.chainage_m, row) for row in levels_m])

    def _bow(self, levels_m: Floats, chainage_m: Floats) -> Floats:
        """Return how far surfaces stand above the straight lines between the gauges, (n_surfaces, n_places)."""
        line = self.family.chainage_m
        return np.stack(
            [
                np.interp(chainage_m, line, row) - np.interp(chainage_m, self.gauges_m, at_gauges)
                for row, at_gauges in zip(levels_m, self._at_gauges(levels_m), strict=True)
            ]
        )

    def _size(self, errors: Floats) -> Floats:
        """Return the height of the arch in each span, m, from errors of shape (n_surfaces, n_sections)."""
        span, arch = self._spans(self.family.chainage_m)
        size = np.zeros(len(self.gauges_m) + 1)
        for number in range(len(size)):
            inside = (span == number) & (arch > 0)
            if inside.any():
                size[number] = np.sqrt((errors[:, inside] ** 2).mean() / (arch[inside] ** 2).mean())
        size = np.maximum(size, _LEAST_M)
        counted = arch > 0
        if not counted.any():
            return size
        scaled: Floats = size * np.quantile(np.abs(errors[:, counted]) / (size[span] * arch)[counted], HELD) / 2
        return scaled

    def _sigma(self, sizes: Floats, chainage_m: ArrayLike) -> Floats:
        span, arch = self._spans(np.asarray(chainage_m, dtype=np.float64))
        sigma: Floats = sizes[:, span] * arch
        return sigma

    def _spans(self, chainage_m: Floats) -> tuple[NDArray[np.intp], Floats]:
        """Return the span between gauges that each place lies in, and the arch of its error: 0 at a gauge, 1 at most.

        Beyond the outer gauges the error grows with the root of the distance, up to the end of the family.
        """
        line = self.family.chainage_m
        ends = np.concatenate([[min(line[0], self.gauges_m[0])], self.gauges_m, [max(line[-1], self.gauges_m[-1])]])
        span = np.clip(np.searchsorted(self.gauges_m, chainage_m, side="right"), 0, len(self.gauges_m))
        width = np.maximum(ends[span + 1] - ends[span], _SPAN_M)
        share = np.clip((chainage_m - ends[span]) / width, 0.0, 1.0)
        bow = 4 * share * (1 - share)
        before, after = span == 0, span == len(self.gauges_m)
        arch = np.where(before, np.sqrt(1 - share), np.where(after, np.sqrt(share), bow))
        return span, arch


def _shares(means_m: Floats, mean_m: ArrayLike) -> Floats:
    """Return the share of each of some ascending levels in others, shape (n_means, *shape of the input)."""
    mean = np.asarray(mean_m, dtype=np.float64)
    return np.stack([np.asarray(np.interp(mean, means_m, row)) for row in np.eye(len(means_m))])
