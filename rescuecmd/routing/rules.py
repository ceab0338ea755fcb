"""What single edges demand beyond water and height: a time of their own, a speed limit, hours, limits of craft.

They are attributes of an edge, all of them optional, so that a graph changed by hand or in another tool keeps them:

``own_s``
    The edge takes exactly this long for every craft, whatever the current (a portage, a ramp, a lock), s.
``limit_mps``
    No craft is faster over ground here. Over ground, because that is what banks, people in the water and a radar see.
``hours``
    Pairs (from, to), s since epoch, in which the edge may be used; absent: always.
``daily``
    Hours of every day in which it may be used, with their zone: ``06:00-22:00 +08:00``; several sets, parted by
    semicolons, must all hold.
``way``
    Beside ``own_s``: what the river calls the way.
``max_draught_m``, ``max_air_draught_m``
    Craft with more draught (without the water wanted under the keel) or more height above the water may not use it.

An arrival under a speed limit is the later of two that never fall as departure grows, so it is first-in-first-out.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from rescuecmd.errors import InputError
from rescuecmd.geo import Floats
from rescuecmd.river.hours import DailyHours
from rescuecmd.routing.meeting import crosses

NAMES = frozenset({"own_s", "limit_mps", "hours", "daily", "max_draught_m", "max_air_draught_m"})
_SAMPLES = (0.25, 0.5, 0.75)  # an edge's ends belong to its neighbours too
Ints = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Rules:
    """The rules of a compiled network's edges.

    Attributes
    ----------
    pace_s
        Shape (n_edges,): above 0 the least time an edge takes, below 0 minus the exact one, 0: as fast as the boat is.
    max_draught_m, max_air_draught_m
        Shape (n_edges,), inf where any craft may pass.
    hours, daily
        Edges that have opening hours, and these: as pairs of instants, and of every day.
    way
        Edges that are ways of the river, and what it calls these.
    held
        Edges that have any rule: a straight line may not cut across them.
    held_xy
        Points on these, shape (n, 2), `near_m` from which a line counts as cutting across.
    barriers
        Lines that nobody crosses, x and y of both ends: shape (n, 4).
    """

    pace_s: Floats
    max_draught_m: Floats
    max_air_draught_m: Floats
    hours: Mapping[int, tuple[tuple[float, float], ...]]
    held: NDArray[np.bool_]
    held_xy: Floats
    barriers: Floats
    near_m: float
    daily: Mapping[int, tuple[DailyHours, ...]] = field(default_factory=dict)
    way: Mapping[int, str] = field(default_factory=dict)

    @property
    def terms(self) -> "Terms":
        """What the edges demand, by edge."""
        return Terms(
            self.pace_s,
            self.max_draught_m,
            self.max_air_draught_m,
            self.held,
            dict(self.hours),
            dict(self.daily),
            dict(self.way),
        )

    def closures(
        self, draught_m: float, air_m: float, *, from_s: float, to_s: float
    ) -> Iterator[tuple[Ints, float, float]]:
        """Yield edges that a craft may not use, with the time from and until when (s since epoch).

        Hours of every day are told for the time from `from_s` to `to_s`.
        """
        too_big = np.flatnonzero((self.max_draught_m < draught_m) | (self.max_air_draught_m < air_m))
        if len(too_big):
            yield too_big, -np.inf, np.inf
        by_hours: dict[tuple[tuple[float, float], ...], list[int]] = {}
        for edge, hours in self.hours.items():
            by_hours.setdefault(hours, []).append(edge)
        for edge, sets in self.daily.items():
            for one in sets:
                by_hours.setdefault(one.between(from_s, to_s), []).append(edge)
        for hours, edges in by_hours.items():
            ends = [-np.inf, *(end for span in hours for end in span), np.inf]
            for starts_s, ends_s in zip(ends[::2], ends[1::2], strict=True):
                if starts_s < ends_s:
                    yield np.array(edges, dtype=np.int64), starts_s, ends_s

    def allows(self, edge: int, limits: tuple[float, float], from_s: float, to_s: float) -> bool:
        """Return whether a craft (draught and height above the water, m) may be on an edge from one time to another."""
        if self.max_draught_m[edge] < limits[0] or self.max_air_draught_m[edge] < limits[1]:
            return False
        sets = [self.hours[edge]] if edge in self.hours else []
        sets += [one.between(from_s, to_s) for one in self.daily.get(edge, ())]
        return all(any(opens <= from_s and to_s <= closes for opens, closes in spans) for spans in sets)

    def bars(self, start: Sequence[float], end: Sequence[float]) -> bool:
        """Return whether a straight line from one point (x, y) to another crosses a barrier."""
        return self.barred_at(start, end) is not None

    def barred_at(self, start: Sequence[float], end: Sequence[float]) -> tuple[float, float] | None:
        """Return the middle of the first barrier piece that a straight line crosses; None where it crosses none."""
        line = np.array([[*start[:2], *end[:2]]])
        met = self.barriers[crosses(line, self.barriers)]
        if not len(met):
            return None
        middle = (met[:, :2] + met[:, 2:]) / 2
        first = middle[np.argmin(np.hypot(middle[:, 0] - start[0], middle[:, 1] - start[1]))]
        return float(first[0]), float(first[1])

    def holds(self, start: Sequence[float], end: Sequence[float]) -> bool:
        """Return whether a straight line crosses a barrier or cuts across an edge that has rules."""
        return self.bars(start, end) or self._cuts(start, end)

    @cached_property
    def _held(self) -> cKDTree:
        return cKDTree(self.held_xy)

    def _cuts(self, start: Sequence[float], end: Sequence[float]) -> bool:
        if not len(self.held_xy):
            return False
        length = float(np.hypot(end[0] - start[0], end[1] - start[1]))
        share = np.linspace(0.0, 1.0, int(2 * length / self.near_m) + 2)[:, None]
        line = np.array(start[:2]) * (1 - share) + np.array(end[:2]) * share
        return bool(np.isfinite(self._held.query(line, distance_upper_bound=self.near_m)[0]).any())


class Terms(NamedTuple):
    """What the edges of a graph demand, by edge; see `Rules`."""

    pace_s: Floats
    max_draught_m: Floats
    max_air_draught_m: Floats
    held: NDArray[np.bool_]
    hours: dict[int, tuple[tuple[float, float], ...]]
    daily: dict[int, tuple[DailyHours, ...]]
    way: dict[int, str]


def no_terms(count: int) -> Terms:
    """Return the terms of so many edges that demand nothing."""
    free = np.full(count, np.inf)
    return Terms(np.zeros(count), free, free.copy(), np.zeros(count, dtype=np.bool_), {}, {}, {})


def read_terms(edges: Iterable[tuple[int, Mapping[str, Any]]], length_m: Floats) -> Terms:
    """Return the terms of edges, each given with its number and attributes.

    Raises
    ------
    InputError
        A rule is not a number above 0, or hours do not follow each other.
    """
    terms = no_terms(len(length_m))
    for edge, data in edges:
        if NAMES.isdisjoint(data):
            continue
        if "own_s" in data:
            terms.pace_s[edge] = -_above_0("own_s", data["own_s"])
            if "way" in data:
                terms.way[edge] = str(data["way"])
        elif "limit_mps" in data:
            terms.pace_s[edge] = float(length_m[edge]) / _above_0("limit_mps", data["limit_mps"])
        terms.max_draught_m[edge] = _above_0("max_draught_m", data.get("max_draught_m", np.inf), finite=False)
        terms.max_air_draught_m[edge] = _above_0(
            "max_air_draught_m", data.get("max_air_draught_m", np.inf), finite=False
        )
        if "hours" in data:
            terms.hours[edge] = in_order(data["hours"])
        if "daily" in data:
            terms.daily[edge] = every_day(data["daily"])
        terms.held[edge] = True
    return terms


def rules_of(
    terms: Terms, xy: tuple[Floats, Floats], ends: tuple[Ints, Ints], length_m: Floats, barriers: Any
) -> Rules | None:
    """Return the rules of a graph's edges, None where there is neither a rule nor a barrier.

    `ends` are the nodes of each edge, `barriers` lines that nobody crosses, shape (n, 4).
    """
    lines = np.array(barriers, dtype=np.float64).reshape(-1, 4)
    if not terms.held.any() and not len(lines):
        return None
    inside = terms.held & (terms.pace_s >= 0)  # an edge with its own time need not lie in the water
    held_xy = _points(xy, ends[0][inside], ends[1][inside])
    near = float(length_m[inside].max(initial=0.0)) / np.sqrt(32)  # no gap between the samples even of the longest
    return Rules(
        terms.pace_s,
        terms.max_draught_m,
        terms.max_air_draught_m,
        terms.hours,
        terms.held,
        held_xy,
        lines,
        near,
        terms.daily,
        terms.way,
    )


def every_day(text: Any) -> tuple[DailyHours, ...]:
    """Return sets of hours of every day, all of which must hold, from their text.

    Raises
    ------
    InputError
        One of them is no such text.
    """
    return tuple(DailyHours.parse(one.strip()) for one in str(text).split(";"))


def stricter(one: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    """Return the rules of an edge for which both of two hold: the lower limit, the hours of both."""
    both = {**one, **other}
    if "limit_mps" in one and "limit_mps" in other:
        both["limit_mps"] = min(one["limit_mps"], other["limit_mps"])
    if "daily" in one and "daily" in other:
        both["daily"] = f"{one['daily']}; {other['daily']}"
    return both


def in_order(hours: Iterable[Sequence[float]]) -> tuple[tuple[float, float], ...]:
    """Return opening hours as pairs (from, to), s since epoch.

    Raises
    ------
    InputError
        They are no pairs of numbers, or do not follow each other.
    """
    try:
        spans = tuple((float(starts), float(ends)) for starts, ends in hours)
    except (TypeError, ValueError) as error:
        raise InputError("bad-hours", f"opening hours are pairs (from, to) in s, got {hours!r}") from error
    ends = [end for span in spans for end in span]
    if not all(one < other for one, other in pairwise(ends)):
        raise InputError("bad-hours", f"opening hours must follow each other in time, got {spans}")
    return spans


def _above_0(name: str, value: Any, *, finite: bool = True) -> float:
    try:
        number = float(value)
    except (TypeError, ValueError):
        number = np.nan
    if not number > 0 or (finite and not np.isfinite(number)):
        raise InputError("bad-rule", f"{name} of an edge must be a number above 0, got {value!r}")
    return number


def _points(xy: tuple[Floats, Floats], start: Ints, end: Ints) -> Floats:
    x, y = (np.concatenate([line[start] * (1 - share) + line[end] * share for share in _SAMPLES]) for line in xy)
    return np.column_stack([x, y])
