"""What is known of the water at one moment: the level along the river and in time, its error, current and depth.

A `Water` is a frozen snapshot: the readings and the forecast of some gauges, linear in time. Along the river it takes
the best of three tiers, each with its own stated error:

- *stored*: the surface of an imported model run that fits the gauges, as it is;
- *family*: the computed profile that fits the gauges, laid through them (`family`);
- *gauges*: on a river without profiles straight lines between gauges, its own surface slope beyond the outer ones. The
  error grows with the gauges' spacing and with the slope (`spacing`).

Levels that the family does not hold are never read off its end, and those above the survey never off that (`covered`):
the water then covers the run of instants around the latest reading whose levels are held, and says why it ends there.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import ArrayLike

from rescuecmd.errors import InputError, NotCoveredError, unknown
from rescuecmd.geo import Floats
from rescuecmd.river.bed import current_mps
from rescuecmd.river.covered import Courses, Edge, Side, clock_text, edge_of, family_courses, span_text, survey_courses
from rescuecmd.river.family import Fitted
from rescuecmd.river.model import River
from rescuecmd.river.rating import discharge_m3ps
from rescuecmd.river.spacing import spacing_arches_m, steepness

Tier: TypeAlias = Literal["stored", "family", "gauges"]

BOUND_SIGMAS = 1.28
"""The low and high bounds lie this many sigma away: one time in ten the water is beyond each of them."""

READING_SIGMA_M = 0.02
"""A board is read to about 2 cm."""

_END_M = 1.0  # chainage this far beyond the ends is rounding, not another river


@dataclass(frozen=True, eq=False)
class LevelSeries:
    """Levels of one gauge on the river's vertical datum; three arrays of one shape (n,), times ascending.

    ``sigmas_m`` is 0 for a reading and the forecast's own error otherwise.
    """

    times_s: Floats
    levels_m: Floats
    sigmas_m: Floats

    def __post_init__(self) -> None:
        times, levels, sigmas = (
            np.asarray(values, dtype=np.float64) for values in (self.times_s, self.levels_m, self.sigmas_m)
        )
        if not times.ndim == levels.ndim == sigmas.ndim == 1 or not len(times) == len(levels) == len(sigmas) > 0:
            raise InputError("bad-level-series", "times, levels and sigmas must be arrays of one equal length above 0")
        if not (np.isfinite(times).all() and np.isfinite(levels).all() and np.isfinite(sigmas).all()):
            raise InputError("bad-level-series", "times, levels and sigmas must be finite numbers")
        if (np.diff(times) <= 0).any() or (sigmas < 0).any():
            raise InputError("bad-level-series", "times must grow and sigmas must not be negative")
        for name, values in (("times_s", times), ("levels_m", levels), ("sigmas_m", sigmas)):
            object.__setattr__(self, name, values)


@dataclass(frozen=True, eq=False)
class Water:
    """The water of a river as known at one moment; at least one gauge.

    Covered are the instants that every gauge knows, without a gap around `latest_s`, the latest reading (None: the
    first instant they all know), while the levels stay within what the river's profiles or its survey hold.

    Raises
    ------
    NotCoveredError
        No gauge has a level (``no-levels``), the gauges have no time in common (``no-common-time``), or the levels of
        the latest reading are outside what is covered (``level-outside``).
    """

    river: River
    series: Mapping[str, LevelSeries]
    latest_s: float | None = None

    def __post_init__(self) -> None:
        if not self.series:
            raise NotCoveredError("no-levels", "no gauge of this river has a level yet", river=self.river.id)
        known = {gauge.id for gauge in self.river.gauges}
        for gauge_id in self.series:
            if gauge_id not in known:
                raise unknown("gauge", gauge_id, known)
        first_s, last_s = self.known_s
        if first_s > last_s:
            raise NotCoveredError("no-common-time", "the gauges' levels have no time in common", river=self.river.id)
        if self.end_s < self.start_s:
            raise self._edge(self._anchor_s, "now").error()

    @cached_property
    def known_s(self) -> tuple[float, float]:
        """First and last instant that every gauge knows, whether or not the levels are covered then."""
        firsts, lasts = zip(*((series.times_s[0], series.times_s[-1]) for series in self.series.values()), strict=True)
        return float(max(firsts)), float(min(lasts))

    @property
    def start_s(self) -> float:
        """First covered instant."""
        return self._run[0]

    @property
    def end_s(self) -> float:
        """Last covered instant."""
        return self._run[1]

    @cached_property
    def ends(self) -> Edge | None:
        """Where the level leaves what is covered, if that and not the last known instant is what ends the water."""
        return self._edge(self.end_s, "from") if self.end_s < self.known_s[1] else None

    @property
    def _anchor_s(self) -> float:
        first_s, last_s = self.known_s
        return first_s if self.latest_s is None else min(max(self.latest_s, first_s), last_s)

    @cached_property
    def _run(self) -> tuple[float, float]:
        return self._courses.run(self._anchor_s)

    @cached_property
    def _courses(self) -> Courses:
        """The levels that must stay within a range, over all that the gauges know."""
        first_s, last_s = self.known_s
        every = np.unique(np.concatenate([series.times_s for series in self.series.values()]))
        times = every[(every >= first_s) & (every <= last_s)]
        if self._fitted is not None:
            at_gauges = self._at_gauges(times, "levels_m")
            return family_courses(self._fitted, times, dict(zip(self._gauge_ids, at_gauges, strict=True)))
        times = np.unique(np.concatenate([times, *self._slope_bends(times)]))
        places = np.array([section.chainage_m for section in self.river.sections])[:, None]
        gauges = np.array(self._at_gauges(times, "levels_m"))
        return survey_courses(self.river, self._chainages, times, gauges, self._straight_m(places, times))

    def _edge(self, at_s: float, side: Side, gauge_id: str = "") -> Edge:
        levels = {gauge_id: float(np.interp(at_s, one.times_s, one.levels_m)) for gauge_id, one in self.series.items()}
        return edge_of(self.river, self._courses, levels, at_s, side=side, gauge_id=gauge_id)

    @cached_property
    def times_s(self) -> Floats:
        """Every covered instant where the level may bend, ascending: it is linear in between."""
        known = self._courses.times_s
        inside = known[(known > self.start_s) & (known < self.end_s)]
        read = np.unique(np.concatenate([[self.start_s], inside, [self.end_s]]))
        if self._fitted is None:
            return read
        means = self._mean_m(read)
        return np.unique(np.concatenate([read, *(_passings(read, means, level) for level in self._fitted.means_m)]))

    @property
    def tier(self) -> Tier:
        """How the level between the gauges is found."""
        if self._fitted is None:
            return "gauges"
        return "stored" if self._fitted.family.stored else "family"

    @cached_property
    def _fitted(self) -> Fitted | None:
        """The river's family seen from these gauges; None without one."""
        return None if self.river.family is None else Fitted(self.river.family, self._chainages)

    def _mean_m(self, time: Floats) -> Floats:
        mean: Floats = np.mean(self._at_gauges(time, "levels_m"), axis=0)
        return mean

    def _slope_bends(self, times: Floats) -> list[Floats]:
        """Return the instants between some at which the slope beyond an outer gauge begins or ceases to change."""
        levels, surface = self._at_gauges(times, "levels_m"), self.river.surface
        outer = (levels[0], levels[-1])
        return [_passings(times, one, at) for one in outer for at in (surface.low_level_m, surface.flood_level_m)]

    def range_m(self, gauge_id: str, time_s: float) -> tuple[float, float]:
        """Return the lowest and the highest covered level at a gauge with a level, the others standing as they do."""
        edge = self._edge(time_s, "now", gauge_id)
        return edge.lowest_m, edge.highest_m

    def covers(self, time_s: float) -> bool:
        """Return whether an instant is covered."""
        return self.start_s <= time_s <= self.end_s

    def uncovered(self, time_s: float) -> NotCoveredError:
        """Return the error of a question about an instant that is not covered: the level there, or nothing known."""
        first_s, last_s = self.known_s
        if self.end_s <= time_s <= last_s and self.ends is not None:
            return self.ends.error()
        if first_s <= time_s < self.start_s:
            return self._edge(self.start_s, "until").error()
        known, asked = span_text(self.start_s, self.end_s), clock_text(time_s)
        return NotCoveredError(
            "outside-time",
            f"levels are known {known.en}, asked for {asked.en}",
            zh=f"水位已知时段为{known.zh}，所问为 {asked.zh}",
            en=f"levels are known {known.en}, asked for {asked.en}",
            start_s=self.start_s,
            end_s=self.end_s,
        )

    def level_m(self, chainage_m: ArrayLike, time_s: ArrayLike) -> Floats:
        """Return the median level, m, of the broadcast shape.

        Raises
        ------
        NotCoveredError
            A chainage lies outside the river (``outside-river``), or an instant outside `start_s` .. `end_s`, for which
            nothing is known (``outside-time``) or the level is outside what is covered (``level-outside``).
        """
        chainage, time = self._checked(chainage_m, time_s)
        if self._fitted is None:
            return self._straight_m(chainage, time)
        at_gauges = self._at_gauges(time, "levels_m")
        shares = self._fitted.shares(np.mean(at_gauges, axis=0))
        return _laid([*self._weights(chainage), *self._fitted.bow_m(chainage)], [*at_gauges, *shares])

    def _straight_m(self, chainage: Floats, time: Floats) -> Floats:
        """Return the level on straight lines between the gauges, on the river's slope beyond them."""
        at_gauges = self._at_gauges(time, "levels_m")
        level = _laid(self._weights(chainage), at_gauges)
        above = np.maximum(self._chainages[0] - chainage, 0.0)
        below = np.maximum(chainage - self._chainages[-1], 0.0)
        if above.any():
            level += above * self._slope(at_gauges[0])
        if below.any():
            level -= below * self._slope(at_gauges[-1])
        return level

    def sigma_m(self, chainage_m: ArrayLike, time_s: ArrayLike) -> Floats:
        """Return the standard error of `level_m`: the gauges' own, and what the distance to them adds."""
        chainage, time = self._checked(chainage_m, time_s)
        own = _laid(self._weights(chainage), self._at_gauges(time, "sigmas_m"))
        sigma: Floats = np.sqrt(own**2 + self._between_m(chainage, time) ** 2 + READING_SIGMA_M**2)
        return sigma

    def _between_m(self, chainage: Floats, time: Floats) -> Floats:
        """Return what the distance to the gauges adds to the error, m."""
        fitted = self._fitted
        if fitted is None:
            return _laid(spacing_arches_m(self._chainages, chainage), self._steepness(time))
        between = _laid(list(fitted.sigma_m(chainage)), list(fitted.variant_shares(self._mean_m(time))))
        misfit = fitted.misfit_m(np.array(self._at_gauges(time, "levels_m")))
        return np.hypot(between, _laid(self._weights(chainage), list(misfit))) if misfit.any() else between

    def low_m(self, chainage_m: ArrayLike, time_s: ArrayLike) -> Floats:
        """Return the low bound of the level: use it for depth."""
        return self.level_m(chainage_m, time_s) - BOUND_SIGMAS * self.sigma_m(chainage_m, time_s)

    def high_m(self, chainage_m: ArrayLike, time_s: ArrayLike) -> Floats:
        """Return the high bound of the level: use it for the free height of a bridge and for what goes under."""
        return self.level_m(chainage_m, time_s) + BOUND_SIGMAS * self.sigma_m(chainage_m, time_s)

    def depth_m(self, chainage_m: ArrayLike, offset_m: ArrayLike, time_s: ArrayLike) -> Floats:
        """Return the median depth; negative: that much above water; NaN outside the surveyed width."""
        return self.level_m(chainage_m, time_s) - self.river.bed_m(chainage_m, offset_m)

    def discharge_m3ps(self, time_s: ArrayLike) -> Floats:
        """Return the discharge by the river's rating; 0 where the river has none."""
        rating = self.river.rating
        if rating is None:
            return np.zeros(np.shape(time_s))
        return discharge_m3ps(rating, self.level_m(self.river.gauge(rating.gauge_id).chainage_m, time_s))

    def current_mps(self, chainage_m: ArrayLike, offset_m: ArrayLike, time_s: ArrayLike) -> Floats:
        """Return the downstream speed, m/s, of the broadcast shape; 0 on dry ground and outside the surveyed width."""
        return self._current(
            np.asarray(chainage_m, dtype=np.float64),
            np.asarray(offset_m, dtype=np.float64),
            np.asarray(time_s, dtype=np.float64),
        )[0]

    def current_xy(self, x_m: ArrayLike, y_m: ArrayLike, time_s: ArrayLike) -> tuple[Floats, Floats]:
        """Return the current to the east and to the north, m/s: it follows the banks as they widen and narrow."""
        chainage, offset = self.river.locate(x_m, y_m)
        speed, turn = self._current(chainage, offset, np.asarray(time_s, dtype=np.float64))
        along_x, along_y = self.river.centreline.tangent(chainage)
        size = speed / np.sqrt(1 + turn**2)
        return size * (along_x - turn * along_y), size * (along_y + turn * along_x)

    def _current(self, chainage: Floats, offset: Floats, time: Floats) -> tuple[Floats, Floats]:
        chainage, offset = np.broadcast_arrays(chainage, offset)
        level = self.level_m(chainage, time)
        bed = self.river.bed
        where = bed.where(chainage, offset)
        turn = np.where(where.inside, bed.bank_angle(where), 0.0)
        if self.river.rating is None:
            return np.zeros(level.shape), turn
        speed = current_mps(
            bed,
            where,
            depth_m=level - self.river.bed_m(chainage, offset),
            level_m=level,
            discharge_m3ps=self.discharge_m3ps(time),
            cap_mps=self.river.rating.max_current_mps,
        )
        return speed, turn

    @cached_property
    def _gauges(self) -> tuple[tuple[float, LevelSeries], ...]:
        """Chainage and series of each gauge, upstream first."""
        return tuple((self.river.gauge(gauge_id).chainage_m, self.series[gauge_id]) for gauge_id in self._gauge_ids)

    @cached_property
    def _gauge_ids(self) -> tuple[str, ...]:
        return tuple(sorted(self.series, key=lambda gauge_id: self.river.gauge(gauge_id).chainage_m))

    @cached_property
    def _chainages(self) -> Floats:
        return np.array([chainage for chainage, _ in self._gauges])

    def _at_gauges(self, time: Floats, what: str) -> list[Floats]:
        return [np.asarray(np.interp(time, series.times_s, getattr(series, what))) for _, series in self._gauges]

    def _weights(self, chainage: Floats) -> list[Floats]:
        """Return each gauge's share in the level at each chainage; the shares of a point sum to 1."""
        held = np.clip(chainage, self._chainages[0], self._chainages[-1])
        unit = np.eye(len(self._chainages))
        return [np.asarray(np.interp(held, self._chainages, row)) for row in unit]

    def _steepness(self, time: Floats) -> list[Floats]:
        stated = self._slope(self._mean_m(time))
        return steepness(self._chainages, self._at_gauges(time, "levels_m"), stated)

    def _slope(self, level: Floats) -> Floats:
        surface = self.river.surface
        slope: Floats = np.interp(
            level, [surface.low_level_m, surface.flood_level_m], [surface.low_slope, surface.flood_slope]
        )
        return slope

    def _checked(self, chainage_m: ArrayLike, time_s: ArrayLike) -> tuple[Floats, Floats]:
        chainage = np.asarray(chainage_m, dtype=np.float64)
        time = np.asarray(time_s, dtype=np.float64)
        if not ((chainage >= -_END_M) & (chainage <= self.river.length_m + _END_M)).all():
            raise NotCoveredError(
                "outside-river",
                f"chainage must lie in 0 .. {self.river.length_m:.0f} m, got {_worst(chainage, self.river.length_m)}",
                river=self.river.id,
            )
        inside = (time >= self.start_s) & (time <= self.end_s)
        if not inside.all():
            raise self.uncovered(float(np.atleast_1d(time)[~np.atleast_1d(inside)][0]))
        return chainage, time


def _laid(along: list[Floats], over_time: list[Floats]) -> Floats:
    """Return the sum of products of shapes along the river and their courses in time, of the broadcast shape.

    A column of places by a row of instants, the form in which whole networks ask, is one product of matrices.
    """
    used = [number for number, course in enumerate(over_time) if course.any()]
    if used and along[0].ndim == 2 and along[0].shape[1] == 1 and over_time[0].ndim == 1:
        product: Floats = np.hstack([along[number] for number in used]) @ np.array([over_time[at] for at in used])
        return product
    total: Floats = np.zeros(np.broadcast_shapes(along[0].shape, over_time[0].shape))
    for number in used:
        total += along[number] * over_time[number]
    return total


def _passings(times: Floats, values: Floats, at: float) -> Floats:
    """Return the instants strictly between some at which values, straight in between, pass a level."""
    low, high = np.minimum(values[:-1], values[1:]), np.maximum(values[:-1], values[1:])
    where = np.flatnonzero((low < at) & (at < high))
    share = (at - values[where]) / (values[where + 1] - values[where])
    passed: Floats = times[where] + share * (times[where + 1] - times[where])
    return passed


def _worst(chainage: Floats, length_m: float) -> str:
    flat = np.atleast_1d(chainage)
    outside = flat[~((flat >= 0) & (flat <= length_m))]
    return f"{outside[0]:.0f} m"
