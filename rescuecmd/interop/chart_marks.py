"""What stands in and beside a drawn river: bridges, weirs, rules, dangers, reefs, places, gauges; each with a label."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Polygon as Area

from rescuecmd.geo import Floats
from rescuecmd.interop.chart_labels import Label, say
from rescuecmd.interop.river_words import rule_words
from rescuecmd.river.model import Boom, Place, RestrictedArea, River, TimedWay
from rescuecmd.river.submergence import ReefState, reef_state
from rescuecmd.river.water import Water
from rescuecmd.text import Text

INK = "#1c2733"
_DANGER = "#c1121f"
GAUGE = ("d", "#c92a2a")
REEF: dict[ReefState, tuple[str, str]] = {
    "dry": ("#8a4b1f", "^"),
    "awash": ("#e8590c", "D"),
    "submerged": ("#5c2d91", "v"),
}
REEF_WORDS: dict[ReefState, Text] = {
    "dry": Text("出露", "dry"),
    "awash": Text("平水", "awash"),
    "submerged": Text("淹没", "submerged"),
}
_MARKS = {
    "landing": ("s", "#0b7285"),
    "ramp": ("P", "#495057"),
    "pontoon": ("o", "#1864ab"),
    "safe_ground": ("p", "#2b8a3e"),
    "beach": ("h", "#e67700"),
}


@dataclass(frozen=True, eq=False)
class Strip:
    """A stretch of the river turned so that it flows to the right."""

    river: River
    from_m: float
    to_m: float

    def turn(self, x_m: Floats, y_m: Floats) -> tuple[Floats, Floats]:
        """Return frame coordinates turned and moved into the strip."""
        (x0, x1), (y0, y1) = self.river.point(np.array([self.from_m, self.to_m]), 0.0)
        size = np.hypot(x1 - x0, y1 - y0)
        cos, sin = (x1 - x0) / size, (y1 - y0) / size
        dx, dy = np.asarray(x_m) - x0, np.asarray(y_m) - y0
        return cos * dx + sin * dy, cos * dy - sin * dx

    def at(self, chainage_m: Floats | float, offset_m: Floats | float) -> tuple[Floats, Floats]:
        """Return a river position in the strip."""
        return self.turn(*self.river.point(chainage_m, offset_m))

    def holds(self, chainage_m: float) -> bool:
        """Return whether a chainage belongs to this strip (the next strip begins where it ends)."""
        last = self.to_m >= self.river.length_m
        return self.from_m <= chainage_m < self.to_m or (last and chainage_m == self.to_m)


def marks(axis: Axes, strip: Strip, water: Water, scale: float) -> list[Label]:
    """Draw everything that stands in a strip; return the labels."""
    return [
        *_bridges(axis, strip, water, scale),
        *_weirs(axis, strip, scale),
        *_rules(axis, strip, scale),
        *_dangers(axis, strip, scale),
        *_reefs(axis, strip, water, scale),
        *_places(axis, strip, scale),
        *_gauges(axis, strip, water, scale),
    ]


def _bridges(axis: Axes, strip: Strip, water: Water, scale: float) -> Iterator[Label]:
    for bridge in strip.river.bridges:
        if not strip.holds(bridge.chainage_m):
            continue
        ends = np.array([bridge.spans[0].from_m, bridge.spans[-1].to_m])
        x, y = strip.at(np.full(2, bridge.chainage_m), ends)
        axis.plot(x, y, color=INK, lw=5 * scale, solid_capstyle="butt", zorder=5)
        axis.plot(x, y, color="#ffffff", lw=2.2 * scale, solid_capstyle="butt", zorder=5)
        for pier in bridge.piers:
            axis.plot(*strip.turn(np.array(pier.x_m), np.array(pier.y_m)), "s", color=INK, ms=5 * scale, zorder=6)
        free = bridge.soffit_m - float(water.level_m(bridge.chainage_m, 0.0))
        above = bool(ends.sum() >= 0)
        end = 1 if above else 0
        words = f"{say(bridge.name, chr(10))}\n{say(Text('净高', 'free height'))} {free:.1f} m"
        yield Label(float(x[end]), float(y[end]), above, words, INK)


def _weirs(axis: Axes, strip: Strip, scale: float) -> Iterator[Label]:
    for weir in strip.river.weirs:
        if strip.holds(weir.chainage_m):
            ends = np.array([weir.from_m, weir.to_m])
            x, y = strip.at(np.full(2, weir.chainage_m), ends)
            axis.plot(x, y, color=_DANGER, lw=4 * scale, ls=(0, (0.7, 0.7)), zorder=5)
            words = f"{say(weir.name, chr(10))}\n{say(Text('堰顶', 'crest'))} {weir.crest_m:.1f} m"
            yield Label(float(x[0]), float(y[0]), False, words, _DANGER)


def _rules(axis: Axes, strip: Strip, scale: float) -> Iterator[Label]:
    """Draw ways (dashed, green), booms (beads, red) and areas with rules (a dashed ring)."""
    river = strip.river
    for one in river.rules:
        line = one.ring_xy if isinstance(one, RestrictedArea) else one.line_xy
        closed = isinstance(one, Boom) or (isinstance(one, RestrictedArea) and one.closed)
        colour = _DANGER if closed else "#2b8a3e" if isinstance(one, TimedWay) else "#e67700"
        dashes = (0, (0.3, 0.9)) if isinstance(one, Boom) else (0, (3, 1.5))
        middle = np.array(line).mean(axis=0)
        chainage, offset = (float(value) for value in river.locate(*middle))
        if strip.holds(chainage):
            x, y = strip.turn(*np.array(line).T)
            axis.plot(x, y, color=colour, lw=(2 if isinstance(one, RestrictedArea) else 4) * scale, ls=dashes, zorder=6)
            words = f"{say(one.name, chr(10))}\n{say(rule_words(one), chr(10))}"
            yield Label(float(np.mean(x)), float(np.mean(y)), offset > 0, words, colour)


def _dangers(axis: Axes, strip: Strip, scale: float) -> Iterator[Label]:
    for danger in strip.river.dangers:
        chainage, offset = (float(value) for value in strip.river.locate(danger.x_m, danger.y_m))
        if strip.holds(chainage):
            x, y = (float(value) for value in strip.turn(np.array(danger.x_m), np.array(danger.y_m)))
            axis.plot(x, y, "X", color=_DANGER, ms=9 * scale, mec="#ffffff", zorder=7)
            yield Label(x, y, offset > 0, say(danger.name, "\n"), _DANGER)


def _reefs(axis: Axes, strip: Strip, water: Water, scale: float) -> Iterator[Label]:
    for reef in strip.river.reefs:
        place = strip.river.place(reef.id)
        if not strip.holds(place.chainage_m):
            continue
        level = float(water.level_m(place.chainage_m, 0.0))
        state = reef_state(reef.crest_m, level)
        colour, mark = REEF[state]
        ring = np.column_stack(strip.turn(*np.array(reef.ring_xy).T))
        axis.add_patch(Area(ring, fill=False, ec=colour, lw=1.4 * scale, ls="--", zorder=6))
        x, y = (float(value) for value in strip.turn(np.array(reef.x_m), np.array(reef.y_m)))
        axis.plot(x, y, mark, color=colour, mec="white", ms=10 * scale, zorder=7)
        words = f"{say(reef.name, chr(10))}\n{say(REEF_WORDS[state])} {reef.crest_m - level:+.1f} m"
        yield Label(x, y, _above(strip, place), words, colour)


def _places(axis: Axes, strip: Strip, scale: float) -> Iterator[Label]:
    for beach in strip.river.beaches:
        if strip.holds(strip.river.place(beach.id).chainage_m):
            ring = np.column_stack(strip.turn(*np.array(beach.ring_xy).T))
            axis.add_patch(Area(ring, fc="#ffd43b88", ec="#e67700", lw=1.2 * scale, zorder=4))
            for way in beach.exits:
                axis.plot(
                    *strip.turn(np.array(way.x_m), np.array(way.y_m)), "^", color="#2b8a3e", ms=6 * scale, zorder=6
                )
    for place in strip.river.places.values():
        if place.kind not in _MARKS or not strip.holds(place.chainage_m):
            continue
        mark, colour = _MARKS[place.kind]
        x, y = (float(value) for value in strip.turn(np.array(place.x_m), np.array(place.y_m)))
        if place.kind != "beach":  # its area is drawn
            axis.plot(x, y, mark, color=colour, mec="white", ms=9 * scale, zorder=7)
        yield Label(x, y, _above(strip, place), say(place.name, "\n"), colour)


def _gauges(axis: Axes, strip: Strip, water: Water, scale: float) -> Iterator[Label]:
    for gauge in strip.river.gauges:
        if not strip.holds(gauge.chainage_m):
            continue
        x, y = (float(value) for value in strip.turn(np.array(gauge.x_m), np.array(gauge.y_m)))
        axis.plot(x, y, GAUGE[0], color=GAUGE[1], mec="white", ms=10 * scale, zorder=7)
        level = float(water.level_m(gauge.chainage_m, 0.0))
        above = float(strip.river.locate(gauge.x_m, gauge.y_m)[1]) >= 0
        yield Label(x, y, above, f"{say(gauge.name, chr(10))}\n{level:.2f} m", GAUGE[1])


def _above(strip: Strip, place: Place) -> bool:
    return float(strip.river.locate(place.x_m, place.y_m)[1]) >= 0
