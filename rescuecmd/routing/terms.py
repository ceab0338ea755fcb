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
Few edges of a river demand anything: only these are kept, by number.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from rescuecmd.errors import InputError
from rescuecmd.geo import Floats
from rescuecmd.river.hours import DailyHours
from rescuecmd.routing.chart import Links

NAMES = frozenset({"own_s", "limit_mps", "hours", "daily", "max_draught_m", "max_air_draught_m"})
Ints = NDArray[np.int64]
V = TypeVar("V")


@dataclass(frozen=True, eq=False)
class Terms:
    """The edges of a network that demand something, and what.

    Attributes
    ----------
    edges
        Shape (n,), ascending: the numbers of these edges.
    pace_s
        Shape (n,): above 0 the least time such an edge takes, below 0 minus the exact one, 0: as fast as the boat is.
    max_draught_m, max_air_draught_m
        Shape (n,), inf where any craft may pass.
    hours, daily
        By edge: opening hours as pairs of instants, and of every day.
    way
        By edge: what the river calls the way.
    """

    edges: Links
    pace_s: Floats
    max_draught_m: Floats
    max_air_draught_m: Floats
    hours: Mapping[int, tuple[tuple[float, float], ...]] = field(default_factory=dict)
    daily: Mapping[int, tuple[DailyHours, ...]] = field(default_factory=dict)
    way: Mapping[int, str] = field(default_factory=dict)

    @property
    def own(self) -> Links:
        """The edges that take a time of their own."""
        return self.edges[self.pace_s < 0]

    def at(self, edge: int) -> int:
        """Return the place of an edge among `edges`, -1 where it demands nothing."""
        place = int(np.searchsorted(self.edges, edge))
        return place if place < len(self.edges) and self.edges[place] == edge else -1

    def own_s(self, edge: int) -> float:
        """Return the time of its own that an edge takes, s; 0 where it has none."""
        place = self.at(edge)
        return max(0.0, -float(self.pace_s[place])) if place >= 0 else 0.0

    def too_big_m(self, edge: int, draught_m: float, air_m: float) -> float:
        """Return by how much a craft is too deep or too high for an edge, m; 0 or less where it is not."""
        place = self.at(edge)
        if place < 0:
            return -np.inf
        return float(max(draught_m - self.max_draught_m[place], air_m - self.max_air_draught_m[place]))

    def closures(
        self, draught_m: float, air_m: float, *, from_s: float, to_s: float
    ) -> Iterator[tuple[Ints, float, float]]:
        """Yield edges that a craft may not use, with the time from and until when (s since epoch).

        Hours of every day are told for the time from `from_s` to `to_s`.
        """
        too_big = self.edges[(self.max_draught_m < draught_m) | (self.max_air_draught_m < air_m)].astype(np.int64)
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
        if self.too_big_m(edge, *limits) > 0:
            return False
        sets = [self.hours[edge]] if edge in self.hours else []
        sets += [one.between(from_s, to_s) for one in self.daily.get(edge, ())]
        return all(any(opens <= from_s and to_s <= closes for opens, closes in spans) for spans in sets)

    def moved(self, edges: Ints) -> "Terms":
        """Return the same terms of edges that got other numbers: one for each of theirs, in order; -1: it is gone."""
        stays = edges >= 0
        now = dict(zip(self.edges[stays].tolist(), edges[stays].tolist(), strict=True))
        hours, daily, way = _renamed(self.hours, now), _renamed(self.daily, now), _renamed(self.way, now)
        pace, draught, air = (column[stays] for column in (self.pace_s, self.max_draught_m, self.max_air_draught_m))
        return Terms(edges[stays].astype(np.int32), pace, draught, air, hours, daily, way)

    def and_those(self, other: "Terms") -> "Terms":
        """Return these terms and those of other edges together."""
        edges = np.concatenate([self.edges, other.edges])
        order = np.argsort(edges)
        pace, draught, air = (
            np.concatenate([getattr(self, name), getattr(other, name)])[order]
            for name in ("pace_s", "max_draught_m", "max_air_draught_m")
        )
        hours, daily, way = {**self.hours, **other.hours}, {**self.daily, **other.daily}, {**self.way, **other.way}
        return Terms(edges[order], pace, draught, air, hours, daily, way)


def _renamed(by_edge: Mapping[int, V], now: Mapping[int, int]) -> dict[int, V]:
    return {now[edge]: value for edge, value in by_edge.items() if edge in now}


def no_terms() -> Terms:
    """Return the terms of edges that demand nothing."""
    return Terms(np.zeros(0, dtype=np.int32), np.zeros(0), np.zeros(0), np.zeros(0))


def read_terms(edges: Iterable[tuple[int, Mapping[str, Any]]], length_m: Floats) -> Terms:
    """Return the terms of edges, each given with its number and attributes; `length_m` has a length for every number.

    Raises
    ------
    InputError
        A rule is not a number above 0, or hours do not follow each other.
    """
    ruled = sorted(((edge, data) for edge, data in edges if not NAMES.isdisjoint(data)), key=lambda one: one[0])
    draught, air = (
        np.array([_above_0(name, data.get(name, np.inf), finite=False) for _, data in ruled], dtype=np.float64)
        for name in ("max_draught_m", "max_air_draught_m")
    )
    return Terms(
        np.array([edge for edge, _ in ruled], dtype=np.int32),
        np.array([_pace_s(data, float(length_m[edge])) for edge, data in ruled], dtype=np.float64),
        draught,
        air,
        {edge: in_order(data["hours"]) for edge, data in ruled if "hours" in data},
        {edge: every_day(data["daily"]) for edge, data in ruled if "daily" in data},
        {edge: str(data["way"]) for edge, data in ruled if "own_s" in data and "way" in data},
    )


def _pace_s(data: Mapping[str, Any], length_m: float) -> float:
    if "own_s" in data:
        return -_above_0("own_s", data["own_s"])
    return length_m / _above_0("limit_mps", data["limit_mps"]) if "limit_mps" in data else 0.0


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
