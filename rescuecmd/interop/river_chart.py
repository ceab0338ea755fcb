"""A river drawn as a picture: depth at a level, reefs by their state, bridges, places. Bytes of a PNG.

The river is cut into strips that run from left to right, so that a reach twenty times as long as it is wide still shows
its channels. A schematic river carries its warning in every picture; no argument takes it away.
"""

import io
from collections.abc import Iterator
from itertools import pairwise

import numpy as np
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from rescuecmd.geo import Floats
from rescuecmd.interop.chart_labels import families, put_labels, say
from rescuecmd.interop.chart_marks import GAUGE, INK, REEF, REEF_WORDS, Strip, marks
from rescuecmd.river.covered import datum_text
from rescuecmd.river.model import GaugeSite, River
from rescuecmd.river.water import LevelSeries, Water
from rescuecmd.text import Text

MARK = Text("示意河道，禁止用于航行", "schematic river, not for navigation")

_DEPTHS_M = (-40.0, -2.0, 0.0, 0.5, 0.85, 2.0, 4.0, 8.0, 14.0, 60.0)
_SHADES = ("#cdbb93", "#e6d9b8", "#f3c9a9", "#f6e3a1", "#d3ecf2", "#a3d3e8", "#6cb0d6", "#3a86bf", "#1f5e9c")
_LAND = "#f4f0e4"
_UNKNOWN = "xx"
_STRIP_M = 5200.0
_MARGIN_M = 330.0  # land shown behind the outermost bank, where the labels stand
_GRID = (9.0, 2.5)  # m along and across


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


def _strips(river: River) -> Iterator[Strip]:
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
        yield Strip(river, first, second)


def _frames(strips: list[Strip]) -> list[tuple[float, float, float, float]]:
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


def _draw(axis: Axes, strip: Strip, frame: tuple[float, float, float, float], water: Water, scale: float) -> None:
    chainage = np.arange(strip.from_m, strip.to_m + _GRID[0], _GRID[0]).clip(max=strip.to_m)
    _shade(axis, strip, water, chainage)
    for edge in strip.river.banks(chainage):
        axis.plot(*strip.at(chainage, edge), color="#7d6f4f", lw=1.3 * scale)
    axis.set_xlim(frame[0], frame[1])
    axis.set_ylim(frame[2], frame[3])
    axis.set_facecolor(_LAND)
    axis.set_xticks([])
    axis.set_yticks([])
    put_labels(axis, marks(axis, strip, water, scale), frame, scale)
    _kilometres(axis, strip, scale)
    _compass(axis, strip, scale)


def _shade(axis: Axes, strip: Strip, water: Water, chainage: Floats) -> None:
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


def _kilometres(axis: Axes, strip: Strip, scale: float) -> None:
    """Mark every kilometre from the mouth across the river, as pilots count it."""
    river = strip.river
    for km in range(int(np.ceil(river.km(strip.to_m))), int(np.floor(river.km(strip.from_m))) + 1):
        chainage = (river.mouth_km - km) * 1000.0
        left, right = river.banks(chainage)
        x, y = strip.at(np.full(2, chainage), np.array([float(right), float(left)]))
        axis.plot(x, y, color="#ffffff", lw=0.8 * scale, ls=(0, (6, 6)), zorder=2)
        centre_x, centre_y = strip.at(chainage, 0.0)
        box = {"fc": INK, "ec": "white", "boxstyle": "round,pad=0.25", "lw": 0.8}
        axis.text(float(centre_x), float(centre_y), f"K{km}", color="white", ha="center", va="center",
                  fontsize=9 * scale, weight="bold", zorder=6, bbox=box)  # fmt: skip
    for share in np.arange(0.06, 1.0, 0.1):
        at = strip.from_m + share * (strip.to_m - strip.from_m)
        x, y = strip.at(np.array([at - 45, at + 45]), np.zeros(2))
        axis.annotate(
            "", (x[1], y[1]), (x[0], y[0]), arrowprops={"arrowstyle": "-|>", "color": "white", "lw": 1.6 * scale}
        )


def _compass(axis: Axes, strip: Strip, scale: float) -> None:
    """Draw a north arrow and a 300 m bar in the room kept at the right."""
    right = axis.get_xlim()[1]
    middle = sum(axis.get_ylim()) / 2
    (zero_x, north_x), (zero_y, north_y) = strip.turn(np.zeros(2), np.array([0.0, 150.0]))
    dx, dy = float(north_x - zero_x) / 2, float(north_y - zero_y) / 2
    x, y = right - 210, middle + 110
    arrow = {"arrowstyle": "-|>", "color": INK, "lw": 2.4 * scale}
    axis.annotate("", (x + dx, y + dy), (x - dx, y - dy), arrowprops=arrow, zorder=9)
    axis.text(x + 1.35 * dx, y + 1.35 * dy, "N", ha="center", va="center", color=INK, weight="bold",
              fontsize=12 * scale, zorder=9)  # fmt: skip
    base = middle - 130
    axis.plot([right - 360, right - 60], [base, base], color=INK, lw=4 * scale, solid_capstyle="butt", zorder=9)
    axis.text(right - 210, base - 18, "300 m", ha="center", va="top", color=INK, fontsize=9 * scale, zorder=9)


def _title(figure: Figure, water: Water, gauge: GaugeSite, scale: float) -> None:
    river = water.river
    height = figure.get_figheight() / scale
    level = float(water.level_m(gauge.chainage_m, 0.0))
    figure.text(
        0.012, 1 - 0.12 / height, say(river.name, "   "), fontsize=19 * scale, weight="bold", va="top", color=INK
    )
    words = say(Text(f"{gauge.name.zh} {level:.2f} m", f"{gauge.name.en} {level:.2f} m"), " / ")
    lines = [
        say(_against(name, line, level), " / ")
        for name, line in ((Text("警戒", "warning"), gauge.warning_m), (Text("保证", "guarantee"), gauge.guarantee_m))
        if line is not None
    ]
    figure.text(0.012, 1 - 0.52 / height, "    ".join([f"{words} ({say(datum_text(river), ' / ')})", *lines]),
                fontsize=12 * scale, va="top", color=GAUGE[1])  # fmt: skip
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
        for (colour, mark), words in zip(REEF.values(), REEF_WORDS.values(), strict=True)
    ]
    gauge = Line2D([], [], ls="", marker=GAUGE[0], color=GAUGE[1], ms=9, label=say(Text("水尺", "gauge")))
    figure.legend(handles=[*land, *depths, *reefs, gauge], loc="lower center", ncol=13, frameon=False, fontsize="small")
