"""Which levels of a river are covered: those its computed surfaces hold, else those its surveyed sections hold.

Nothing is read off the end of a surface or of a survey. The instants that are covered are one run without a gap, the
one around the latest reading, and it ends exactly where the level passes the end of the range: levels are straight
between the instants at which they are known.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import Literal, TypeAlias

import numpy as np

from rescuecmd.errors import NotCoveredError
from rescuecmd.geo import Floats
from rescuecmd.river.family import Fitted
from rescuecmd.river.feature import GaugeSite
from rescuecmd.river.model import River
from rescuecmd.text import Text
from rescuecmd.units import format_duration

CODE = "level-outside"
"""The code of every error that says so."""

Side: TypeAlias = Literal["from", "now", "until"]
"""From an instant on the level is expected outside, it is outside now, or it was until an instant."""

_ROUNDING_M = 1e-9
_DATED_S = 1e8  # smaller times are counted from a start that somebody made up
_NO_DATE_S = 1e11  # the year 5138: no date of a river

_DATUMS = {
    "wusong": Text("吴淞高程", "Wusong datum"),
    "huanghai": Text("黄海高程", "Yellow Sea datum"),
    "egm2008": Text("EGM2008", "EGM2008"),
    "local": Text("当地高程", "local datum"),
}


@dataclass(frozen=True, eq=False)
class Courses:
    """Levels in time, each with the range that is covered; straight between the instants.

    Attributes
    ----------
    times_s
        Shape (n_times,), ascending.
    levels_m
        Shape (n, n_times).
    lowest_m, highest_m
        Shape (n,); infinite where nothing ends the range on that side.
    gauges
        For each level the gauge that it is the level of, and "" where it is that of no gauge; empty: of none.
    """

    times_s: Floats
    levels_m: Floats
    lowest_m: Floats
    highest_m: Floats
    gauges: tuple[str, ...] = ()

    def at(self, time_s: float) -> Floats:
        """Return every level at an instant, shape (n,)."""
        return np.array([np.interp(time_s, self.times_s, row) for row in self.levels_m])

    @cached_property
    def room_m(self) -> Floats:
        """How far the levels are within their ranges, shape (2 n, n_times): above the lowest, then below the highest.

        Negative: outside.
        """
        above, below = self.levels_m - self.lowest_m[:, None], self.highest_m[:, None] - self.levels_m
        rooms = np.vstack([above, below])
        return rooms[np.isfinite(rooms).all(axis=1)]

    def run(self, at_s: float) -> tuple[float, float]:
        """Return the first and the last instant of the run around one that is covered throughout.

        The last is before the first where the instant itself is outside.
        """
        times, rooms = self.times_s, self.room_m
        here = np.array([np.interp(at_s, times, row) for row in rooms])
        if (here < -_ROUNDING_M).any():
            return at_s, -np.inf
        here = np.maximum(here, 0.0)
        before, after = times < at_s, times > at_s
        return (
            _passed(at_s, here, times[before][::-1], rooms[:, before][:, ::-1]),
            _passed(at_s, here, times[after], rooms[:, after]),
        )


def _passed(at_s: float, here: Floats, times: Floats, rooms: Floats) -> float:
    """Return the first instant of a row of them, in its order, at which some room is used up; the last one if none."""
    outside = np.flatnonzero((rooms < -_ROUNDING_M).any(axis=0))
    if not len(outside):
        return float(times[-1]) if len(times) else at_s
    at = int(outside[0])
    begin_s, begin = (float(times[at - 1]), np.maximum(rooms[:, at - 1], 0.0)) if at else (at_s, here)
    end = rooms[:, at]
    share = np.where(end < 0, begin / np.where(end < 0, begin - end, 1.0), 1.0).min()
    return begin_s + float(share) * (float(times[at]) - begin_s)


def family_courses(fitted: Fitted, times_s: Floats, gauges: Mapping[str, Floats]) -> Courses:
    """Return the courses that a family covers, from the level of each gauge, in the order of their chainage.

    The mean level at the gauges, from its lowest to its highest profile; and each gauge for itself, so that two that
    contradict each other do not meet in a mean, as low and as high as any profile or variant stands there.
    """
    levels = np.stack(list(gauges.values()))
    lowest, highest = fitted.gauge_ends_m
    return Courses(
        times_s,
        np.vstack([levels.mean(axis=0), levels]),
        np.concatenate([fitted.means_m[[0]], lowest]),
        np.concatenate([fitted.means_m[[-1]], highest]),
        ("", *gauges),
    )


def survey_courses(river: River, gauges_m: Floats, times_s: Floats, gauges: Floats, sections: Floats) -> Courses:
    """Return the courses that surveyed sections cover: at every section up to where its survey ends.

    At a gauge not below the bed either. Between gauges it may be: dry bars are no fault of the level.

    Parameters
    ----------
    gauges, sections
        Levels at the gauges and at the sections, shapes (n_gauges, n_times) and (n_sections, n_times).
    """
    places = np.array([section.chainage_m for section in river.sections])
    beds = np.array([float(np.nanmin(section.beds_m)) for section in river.sections])
    rims = np.array([_rim_m(section.beds_m) for section in river.sections])
    lowest = np.concatenate([np.interp(gauges_m, places, beds), np.full(len(places), -np.inf)])
    highest = np.concatenate([np.interp(gauges_m, places, rims), rims])
    return Courses(times_s, np.vstack([gauges, sections]), lowest, highest)


def _rim_m(beds_m: Floats) -> float:
    """Return the lower one of the two ends of a section's survey."""
    known = beds_m[np.isfinite(beds_m)]
    return float(min(known[0], known[-1]))


@dataclass(frozen=True, slots=True)
class Edge:
    """Levels at one gauge at the instant when they leave the range or are outside it.

    ``lowest_m`` and ``highest_m`` are where the range ends at this gauge, the other gauges standing to it as they do
    then.
    """

    river: River
    gauge: GaugeSite
    gauges: tuple[str, ...]
    at_s: float
    level_m: float
    lowest_m: float
    highest_m: float
    side: Side

    @property
    def above(self) -> bool:
        """Whether it is the upper end of the range."""
        return self.highest_m - self.level_m <= self.level_m - self.lowest_m

    @property
    def covered(self) -> Text:
        """Up or down to which level the river is covered here."""
        name, datum = self.gauge.name, datum_text(self.river)
        zh, en, end = ("到", "up", self.highest_m) if self.above else ("至低水位", "down", self.lowest_m)
        return Text(
            f"{name.zh}水位只算{zh} {end:.2f} 米（{datum.zh}）",
            f"levels are computed {en} to {end:.2f} m ({datum.en}) at {name.en}",
        )

    @property
    def text(self) -> Text:
        """Where the levels that are covered end, and when, in one sentence."""
        zh, en, when = self.covered.zh, self.covered.en, clock_text(self.at_s)
        match self.side:
            case "from":
                return Text(f"{zh}，预报 {when.zh} 超出", f"{en}; the forecast passes that at {when.en}")
            case "until":
                return Text(f"{zh}，{when.zh} 之前在此之外", f"{en}; it was beyond that until {when.en}")
        name, ends = self.gauge.name, range_text(self.river, self.lowest_m, self.highest_m)
        return Text(
            f"{name.zh}水位 {self.level_m:.2f} 米，可算范围 {ends.zh}",
            f"{name.en} stands at {self.level_m:.2f} m, computed are {ends.en}",
        )

    def error(self) -> NotCoveredError:
        """Return the error of a question about the water at or beyond this edge."""
        text, nothing = self.text, Text("不提供水深、流速、淹没时间和航路", "no depth, current, submergence or route")
        return NotCoveredError(
            "level-outside",
            f"{text.en}: {nothing.en}",
            zh=f"{text.zh}：{nothing.zh}",
            en=f"{text.en}: {nothing.en}",
            river=self.river.id,
            gauge=self.gauge.id,
            gauges=self.gauges,
            level_m=round(self.level_m, 3),
            lowest_m=round(self.lowest_m, 3),
            highest_m=round(self.highest_m, 3),
            vertical_datum=self.river.vertical_datum,
            at_s=self.at_s,
            side=self.side,
        )


def edge_of(
    river: River, courses: Courses, levels: Mapping[str, float], at_s: float, *, side: Side, gauge_id: str = ""
) -> Edge:
    """Return the edge of the range at an instant; `levels` holds the level of each gauge then, m.

    It is told at a gauge if one is named, else at the one that is out of its own range while the others are not, else
    at the one of the rating, else at the one farthest downstream.
    """
    there = courses.at(at_s)
    room = np.minimum(there - courses.lowest_m, courses.highest_m - there)
    named = courses.gauges or ("",) * len(room)
    tightest = named[int(room.argmin())]
    told = gauge_id or tightest or (river.rating.gauge_id if river.rating else "")
    gauge = max((river.gauge(one) for one in levels), key=lambda one: (one.id == told, one.chainage_m))
    level, counted = levels[gauge.id], np.array([one in {"", gauge.id} for one in named])
    return Edge(
        river,
        gauge,
        tuple(levels),
        at_s,
        level,
        level + float((courses.lowest_m - there)[counted].max()),
        level + float((courses.highest_m - there)[counted].min()),
        side,
    )


def clock_text(time_s: float) -> Text:
    """Return an instant in words: UTC to the minute, or since the start where times are no dates.

    Pages show the UTC form by the clock of their reader.
    """
    if not abs(time_s) < _NO_DATE_S:
        return Text(f"{time_s} s", f"{time_s} s")
    if time_s < _DATED_S:
        since = format_duration(time_s)
        return Text(f"开始后 {since}", f"{since} after the start")
    stamp = datetime.fromtimestamp(time_s, UTC).strftime("%Y-%m-%dT%H:%MZ")
    return Text(stamp, stamp)


def span_text(from_s: float, to_s: float) -> Text:
    """Return from when to when, in words."""
    begin, end = clock_text(from_s), clock_text(to_s)
    return Text(f" {begin.zh} 至 {end.zh}", f"from {begin.en} to {end.en}")


def range_text(river: River, lowest_m: float, highest_m: float) -> Text:
    """Return a range of levels with the river's vertical datum."""
    datum = datum_text(river)
    return Text(
        f"{lowest_m:.2f} 至 {highest_m:.2f} 米（{datum.zh}）", f"{lowest_m:.2f} to {highest_m:.2f} m ({datum.en})"
    )


def datum_text(river: River) -> Text:
    """Return the name of the river's vertical datum."""
    return _DATUMS.get(river.vertical_datum, Text(river.vertical_datum, river.vertical_datum))
