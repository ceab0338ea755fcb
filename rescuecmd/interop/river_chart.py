"""A river drawn as a picture: depth at a level, reefs by their state, bridges, places. Bytes of a PNG.

The river is cut into strips that run from left to right, so that a reach twenty times as long as it is wide still shows
its channels. A schematic river carries its warning in every picture; no argument takes it away.
"""

import io
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from matplotlib import font_manager, rc_context
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.patches import Polygon as Area

from rescuecmd.geo import Floats
from rescuecmd.interop.river_words import rule_words
from rescuecmd.river.model import Boom, GaugeSite, Place, RestrictedArea, River, TimedWay
from rescuecmd.river.submergence import ReefState, reef_state
from rescuecmd.river.water import LevelSeries, Water
from rescuecmd.text import Text

MARK = Text("示意河道，禁止用于航行", "schematic river, not for navigation")

_CHINESE = ("Noto Sans CJK SC", "Source Han Sans SC", "Microsoft YaHei", "PingFang SC", "WenQuanYi Zen Hei", "SimHei")
_DEPTHS_M = (-40.0, -2.0, 0.0, 0.5, 0.85, 2.0, 4.0, 8.0, 14.0, 60.0)
_SHADES = ("#cdbb93", "#e6d9b8", "#f3c9a9", "#f6e3a1", "#d3ecf2", "#a3d3e8", "#6cb0d6", "#3a86bf", "#1f5e9c")
_LAND = "#f4f0e4"
_INK = "#1c2733"
_DANGER = "#c1121f"
_UNKNOWN = "xx"
_REEF: dict[ReefState, tuple[str, str]] = {
    "dry": ("#8a4b1f", "^"),
    "awash": ("#e8590c", "D"),
    "submerged": ("#5c2d91", "v"),
}
_REEF_WORDS: dict[ReefState, Text] = {
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
_STRIP_M = 5200.0
_MARGIN_M = 330.0  # land shown behind the outermost bank, where the labels stand
_LABEL_PT = 9.2
_GRID = (9.0, 2.5)  # m along and across


@dataclass(frozen=True, eq=False)
class _Strip:
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


@dataclass(frozen=True, slots=True)
class _Label:
    x_m: float
    y_m: float
    above: bool
    text: str
    colour: str


def chart_png(river: River, *, level_m: float, gauge: GaugeSite, width_px: int = 1900) -> bytes:
    """Return a PNG of the river when the water stands at `level_m` at a gauge; its slope is the river's own."""
    water = Water(river, {gauge.id: LevelSeries(np.zeros(1), np.array([level_m]), np.zeros(1))})
    strips = list(_strips(river))
    frames = _frames(strips)
    scale = width_px / 1900
    inches = [18.6 * (high - low) / (right - left) for left, right, low, high in frames]
    total = sum(inches) + 0.1 * len(strips) + 1.4
    with rc_context({"font.family": families(), "font.size": 10 * scale, "axes.unicode_minus": False}):
        figure = Figure(figsize=(19 * scale, total * scale), dpi=100, facecolor="white")
        FigureCanvasAgg(figure)
        top = total - 0.9
        for strip, frame, height in zip(strips, frames, inches, strict=True):
            axis = figure.add_axes((0.2 / 19, (top - height) / total, 18.6 / 19, height / total))
            _draw(axis, strip, frame, water, scale)
            top -= height + 0.1
        _title(figure, water, gauge, scale)
        _legend(figure)
        picture = io.BytesIO()
        figure.savefig(picture, format="png")
    return picture.getvalue()


def families() -> list[str]:
    """Return the fonts to draw with: one with Chinese if the machine has one, then the one that is always there."""
    here = {font.name for font in font_manager.fontManager.ttflist}
    return [*[name for name in _CHINESE if name in here][:1], "DejaVu Sans"]


def say(text: Text, between: str = " ") -> str:
    """Return both languages, or English alone where no font has Chinese."""
    return f"{text.zh}{between}{text.en}" if len(families()) > 1 else text.en


def _strips(river: River) -> Iterator[_Strip]:
    """Cut the river near equal parts, each cut as far from every place as it can be."""
    count = max(1, round(river.length_m / _STRIP_M))
    part = river.length_m / count
    places = np.array([place.chainage_m for place in river.places.values()] or [0.0])
    cuts = [0.0]
    for number in range(1, count):
        options = np.arange(number * part - 0.2 * part, number * part + 0.2 * part, 25.0)
        free = np.abs(options[:, None] - places[None, :]).min(axis=1)
        cuts.append(float(options[np.argmax(free)]))
    for first, second in pairwise([*cuts, river.length_m]):
        yield _Strip(river, first, second)


def _frames(strips: list[_Strip]) -> list[tuple[float, float, float, float]]:
    """Return left, right, low and high of each strip's picture, all of one scale.

    They hold the banks, room above and below for labels, and room at the right for the compass.
    """
    found = []
    for strip in strips:
        chainage = np.linspace(strip.from_m, strip.to_m, 200)
        left, right = strip.river.banks(chainage)
        x, y = strip.at(np.concatenate([chainage, chainage]), np.concatenate([left, right]))
        found.append(
            (float(x.min()) - 120, float(x.max()) + 460, float(y.min()) - _MARGIN_M, float(y.max()) + _MARGIN_M)
        )
    widest = max(right - left for left, right, _, _ in found)
    return [(left, left + widest, low, high) for left, _, low, high in found]


def _draw(axis: Axes, strip: _Strip, frame: tuple[float, float, float, float], water: Water, scale: float) -> None:
    chainage = np.arange(strip.from_m, strip.to_m + _GRID[0], _GRID[0]).clip(max=strip.to_m)
    _shade(axis, strip, water, chainage)
    for edge in strip.river.banks(chainage):
        axis.plot(*strip.at(chainage, edge), color="#7d6f4f", lw=1.3 * scale)
    axis.set_xlim(frame[0], frame[1])
    axis.set_ylim(frame[2], frame[3])
    axis.set_facecolor(_LAND)
    axis.set_xticks([])
    axis.set_yticks([])
    labels = [
        *_bridges(axis, strip, water, scale),
        *_weirs(axis, strip, scale),
        *_rules(axis, strip, scale),
        *_dangers(axis, strip, scale),
        *_reefs(axis, strip, water, scale),
        *_places(axis, strip, scale),
        *_gauges(axis, strip, water, scale),
    ]
    _put_labels(axis, labels, frame, scale)
    _kilometres(axis, strip, scale)
    _compass(axis, strip, scale)


def _shade(axis: Axes, strip: _Strip, water: Water, chainage: Floats) -> None:
    """Draw the depth over the surveyed width, on a grid that follows the banks."""
    left, right = strip.river.banks(chainage)
    across = np.linspace(0.0, 1.0, max(2, round(float((left - right).max()) / _GRID[1])))
    offset = right[:, None] + across[None, :] * (left - right)[:, None]
    depth = water.level_m(chainage, 0.0)[:, None] - strip.river.bed_m(chainage[:, None], offset)
    x, y = strip.at(np.broadcast_to(chainage[:, None], offset.shape), offset)
    held = depth.clip(_DEPTHS_M[0], _DEPTHS_M[-1])
    axis.contourf(x, y, held, levels=_DEPTHS_M, colors=_SHADES, antialiased=False)
    unknown = np.isnan(depth)
    if unknown.any():
        axis.contourf(x, y, unknown.astype(float), levels=[0.5, 1.5], colors=[_LAND], hatches=[_UNKNOWN])
    if np.nanmin(depth) < 0 < np.nanmax(depth):
        axis.contour(x, y, depth, levels=[0.0], colors="#0b4f8a", linewidths=1.1)


def _bridges(axis: Axes, strip: _Strip, water: Water, scale: float) -> Iterator[_Label]:
    for bridge in strip.river.bridges:
        if not strip.holds(bridge.chainage_m):
            continue
        ends = np.array([bridge.spans[0].from_m, bridge.spans[-1].to_m])
        x, y = strip.at(np.full(2, bridge.chainage_m), ends)
        axis.plot(x, y, color=_INK, lw=5 * scale, solid_capstyle="butt", zorder=5)
        axis.plot(x, y, color="#ffffff", lw=2.2 * scale, solid_capstyle="butt", zorder=5)
        for pier in bridge.piers:
            axis.plot(*strip.turn(np.array(pier.x_m), np.array(pier.y_m)), "s", color=_INK, ms=5 * scale, zorder=6)
        free = bridge.soffit_m - float(water.level_m(bridge.chainage_m, 0.0))
        above = bool(ends.sum() >= 0)
        end = 1 if above else 0
        words = f"{say(bridge.name, chr(10))}\n{say(Text('净高', 'free height'))} {free:.1f} m"
        yield _Label(float(x[end]), float(y[end]), above, words, _INK)


def _weirs(axis: Axes, strip: _Strip, scale: float) -> Iterator[_Label]:
    for weir in strip.river.weirs:
        if strip.holds(weir.chainage_m):
            ends = np.array([weir.from_m, weir.to_m])
            x, y = strip.at(np.full(2, weir.chainage_m), ends)
            axis.plot(x, y, color=_DANGER, lw=4 * scale, ls=(0, (0.7, 0.7)), zorder=5)
            words = f"{say(weir.name, chr(10))}\n{say(Text('堰顶', 'crest'))} {weir.crest_m:.1f} m"
            yield _Label(float(x[0]), float(y[0]), False, words, _DANGER)


def _rules(axis: Axes, strip: _Strip, scale: float) -> Iterator[_Label]:
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
            yield _Label(float(np.mean(x)), float(np.mean(y)), offset > 0, words, colour)


def _dangers(axis: Axes, strip: _Strip, scale: float) -> Iterator[_Label]:
    for danger in strip.river.dangers:
        chainage, offset = (float(value) for value in strip.river.locate(danger.x_m, danger.y_m))
        if strip.holds(chainage):
            x, y = (float(value) for value in strip.turn(np.array(danger.x_m), np.array(danger.y_m)))
            axis.plot(x, y, "X", color=_DANGER, ms=9 * scale, mec="#ffffff", zorder=7)
            yield _Label(x, y, offset > 0, say(danger.name, "\n"), _DANGER)


def _reefs(axis: Axes, strip: _Strip, water: Water, scale: float) -> Iterator[_Label]:
    for reef in strip.river.reefs:
        place = strip.river.place(reef.id)
        if not strip.holds(place.chainage_m):
            continue
        level = float(water.level_m(place.chainage_m, 0.0))
        state = reef_state(reef.crest_m, level)
        colour, mark = _REEF[state]
        ring = np.column_stack(strip.turn(*np.array(reef.ring_xy).T))
        axis.add_patch(Area(ring, fill=False, ec=colour, lw=1.4 * scale, ls="--", zorder=6))
        x, y = (float(value) for value in strip.turn(np.array(reef.x_m), np.array(reef.y_m)))
        axis.plot(x, y, mark, color=colour, mec="white", ms=10 * scale, zorder=7)
        words = f"{say(reef.name, chr(10))}\n{say(_REEF_WORDS[state])} {reef.crest_m - level:+.1f} m"
        yield _Label(x, y, _above(strip, place), words, colour)


def _places(axis: Axes, strip: _Strip, scale: float) -> Iterator[_Label]:
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
        yield _Label(x, y, _above(strip, place), say(place.name, "\n"), colour)


def _gauges(axis: Axes, strip: _Strip, water: Water, scale: float) -> Iterator[_Label]:
    for gauge in strip.river.gauges:
        if not strip.holds(gauge.chainage_m):
            continue
        x, y = (float(value) for value in strip.turn(np.array(gauge.x_m), np.array(gauge.y_m)))
        axis.plot(x, y, "d", color="#c92a2a", mec="white", ms=10 * scale, zorder=7)
        level = float(water.level_m(gauge.chainage_m, 0.0))
        above = float(strip.river.locate(gauge.x_m, gauge.y_m)[1]) >= 0
        yield _Label(x, y, above, f"{say(gauge.name, chr(10))}\n{level:.2f} m", "#c92a2a")


def _above(strip: _Strip, place: Place) -> bool:
    return float(strip.river.locate(place.x_m, place.y_m)[1]) >= 0


def _put_labels(axis: Axes, labels: list[_Label], frame: tuple[float, float, float, float], scale: float) -> None:
    """Write the labels in a row above and a row below the river, moved apart, each with a line to its place."""
    left, right, low, high = frame
    for above in (True, False):
        row = sorted((label for label in labels if label.above == above), key=lambda label: label.x_m)
        spots = _apart([label.x_m for label in row], [_width_m(label.text, right - left) for label in row], left, right)
        level = high - 30 if above else low + 30
        for label, x in zip(row, spots, strict=True):
            axis.plot([x, label.x_m], [level, label.y_m], color=label.colour, lw=0.8 * scale, alpha=0.75, zorder=3)
            axis.text(
                x,
                level,
                label.text,
                color=label.colour,
                ha="center",
                va="top" if above else "bottom",
                fontsize=_LABEL_PT * scale,
                linespacing=1.12,
                zorder=8,
                bbox={"fc": "#ffffffe6", "ec": label.colour, "lw": 0.6, "boxstyle": "round,pad=0.22"},
            )


def _width_m(text: str, across_m: float) -> float:
    """Return the room a label takes along the strip: a Chinese character is one em wide, others a little over half."""
    ems = max(sum(1.0 if ord(sign) > 0x2E7F else 0.56 for sign in line) for line in text.split("\n")) + 1.0
    return ems * _LABEL_PT / 72 / 18.6 * across_m


def _apart(wanted: list[float], widths: list[float], first: float, last: float) -> list[float]:
    """Return centres near the wanted ones (ascending) so that labels of these widths do not overlap.

    Neighbours that touch move as one block to the mean of where they want to be (pool adjacent violators).
    """
    before = np.concatenate([[0.0], np.cumsum(widths)])[: len(widths)] + np.array(widths) / 2
    blocks: list[tuple[float, int]] = []
    for at, shift in zip(wanted, before, strict=True):
        mean, count = at - float(shift), 1
        while blocks and blocks[-1][0] > mean:
            other, members = blocks.pop()
            mean, count = (other * members + mean * count) / (members + count), members + count
        blocks.append((mean, count))
    starts = np.array([mean for mean, count in blocks for _ in range(count)])
    return list(np.clip(starts, first, max(first, last - sum(widths))) + before)


def _kilometres(axis: Axes, strip: _Strip, scale: float) -> None:
    """Mark every kilometre from the mouth across the river, as pilots count it."""
    river = strip.river
    for km in range(int(np.ceil(river.km(strip.to_m))), int(np.floor(river.km(strip.from_m))) + 1):
        chainage = (river.mouth_km - km) * 1000.0
        left, right = river.banks(chainage)
        x, y = strip.at(np.full(2, chainage), np.array([float(right), float(left)]))
        axis.plot(x, y, color="#ffffff", lw=0.8 * scale, ls=(0, (6, 6)), zorder=2)
        centre_x, centre_y = strip.at(chainage, 0.0)
        box = {"fc": _INK, "ec": "white", "boxstyle": "round,pad=0.25", "lw": 0.8}
        axis.text(float(centre_x), float(centre_y), f"K{km}", color="white", ha="center", va="center",
                  fontsize=9 * scale, weight="bold", zorder=6, bbox=box)  # fmt: skip
    for share in np.arange(0.06, 1.0, 0.1):
        at = strip.from_m + share * (strip.to_m - strip.from_m)
        x, y = strip.at(np.array([at - 45, at + 45]), np.zeros(2))
        axis.annotate(
            "", (x[1], y[1]), (x[0], y[0]), arrowprops={"arrowstyle": "-|>", "color": "white", "lw": 1.6 * scale}
        )


def _compass(axis: Axes, strip: _Strip, scale: float) -> None:
    """Draw a north arrow and a 300 m bar in the room kept at the right."""
    right = axis.get_xlim()[1]
    middle = sum(axis.get_ylim()) / 2
    (zero_x, north_x), (zero_y, north_y) = strip.turn(np.zeros(2), np.array([0.0, 150.0]))
    dx, dy = float(north_x - zero_x) / 2, float(north_y - zero_y) / 2
    x, y = right - 210, middle + 110
    arrow = {"arrowstyle": "-|>", "color": _INK, "lw": 2.4 * scale}
    axis.annotate("", (x + dx, y + dy), (x - dx, y - dy), arrowprops=arrow, zorder=9)
    axis.text(x + 1.35 * dx, y + 1.35 * dy, "N", ha="center", va="center", color=_INK, weight="bold",
              fontsize=12 * scale, zorder=9)  # fmt: skip
    base = middle - 130
    axis.plot([right - 360, right - 60], [base, base], color=_INK, lw=4 * scale, solid_capstyle="butt", zorder=9)
    axis.text(right - 210, base - 18, "300 m", ha="center", va="top", color=_INK, fontsize=9 * scale, zorder=9)


def _title(figure: Figure, water: Water, gauge: GaugeSite, scale: float) -> None:
    river = water.river
    height = figure.get_figheight() / scale
    level = float(water.level_m(gauge.chainage_m, 0.0))
    figure.text(
        0.012, 1 - 0.12 / height, say(river.name, "   "), fontsize=19 * scale, weight="bold", va="top", color=_INK
    )
    words = say(Text(f"{gauge.name.zh} {level:.2f} m", f"{gauge.name.en} {level:.2f} m"), " / ")
    lines = [
        say(_against(name, line, level), " / ")
        for name, line in ((Text("警戒", "warning"), gauge.warning_m), (Text("保证", "guarantee"), gauge.guarantee_m))
        if line is not None
    ]
    figure.text(0.012, 1 - 0.52 / height, "    ".join([f"{words} ({river.vertical_datum})", *lines]),
                fontsize=12 * scale, va="top", color="#c92a2a")  # fmt: skip
    if river.schematic:
        box = {"fc": "#c92a2a", "ec": "none", "boxstyle": "round,pad=0.35"}
        figure.text(0.988, 1 - 0.16 / height, say(MARK, " / "), fontsize=14 * scale, weight="bold", color="white",
                    ha="right", va="top", bbox=box)  # fmt: skip


def _against(name: Text, line_m: float, level_m: float) -> Text:
    """Say how a level stands against an official line."""
    zh, en = ("超", "above") if level_m >= line_m else ("低于", "below")
    off = abs(level_m - line_m)
    return Text(f"{zh}{name.zh}水位 {off:.2f} m", f"{off:.2f} m {en} the {name.en} level")


def _legend(figure: Figure) -> None:
    def depth(number: int) -> str:
        low, high = _DEPTHS_M[number], _DEPTHS_M[number + 1]
        return f"> {low:g} m" if high > 20 else f"{low:g}-{high:g} m"

    land = [
        Patch(fc=_LAND, ec="#7d6f4f", hatch=_UNKNOWN, label=say(Text("未测", "not surveyed"))),
        Patch(fc=_SHADES[1], ec="#7d6f4f", label=say(Text("干地", "dry ground"))),
    ]
    depths = [Patch(fc=_SHADES[n], ec="#7d6f4f", label=depth(n)) for n in range(2, len(_SHADES))]
    reefs = [
        Line2D([], [], ls="", marker=mark, color=colour, ms=9, label=say(Text(f"礁石{words.zh}", f"reef {words.en}")))
        for (colour, mark), words in zip(_REEF.values(), _REEF_WORDS.values(), strict=True)
    ]
    gauge = Line2D([], [], ls="", marker="d", color="#c92a2a", ms=9, label=say(Text("水尺", "gauge")))
    figure.legend(handles=[*land, *depths, *reefs, gauge], loc="lower center", ncol=13, frameon=False, fontsize="small")
