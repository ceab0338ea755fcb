"""The reach of a boat over the river drawn as a picture. Bytes of a PNG."""

import numpy as np
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.patches import Patch, PathPatch
from matplotlib.path import Path as Outline

from rescuecmd.interop.chart_labels import ems, say, stacked
from rescuecmd.interop.chart_style import INKS, Ink, Theme, image, mark, style
from rescuecmd.river.model import River
from rescuecmd.routing.reach import Reach
from rescuecmd.text import Text

_NAME_PT = 8.0
_BARS_M = tuple(float(first * 10**power) for power in range(1, 5) for first in (1, 2, 5))
_NAMED = ("reef", "pontoon", "ramp", "landing", "beach", "safe_ground")


def reach_png(
    river: River,
    reach: Reach,
    start_xy: tuple[float, float],
    title: Text,
    told: Text,
    *,
    theme: Theme = "day",
    width_px: int = 1400,
) -> bytes:
    """Return the picture of a reach map: the river with the water reached from a point in each band of minutes.

    `told` is the line under the title: which boat, when, at which levels.
    """
    ink, scale = INKS[theme], width_px / 1400
    x, y = river.centreline.xy.T
    margin = max(float(np.abs(side).max()) for side in river.banks(river.centreline.chainage_m)) + 150.0
    wide, high = float(np.ptp(x)) + 2 * margin, float(np.ptp(y)) + 2 * margin
    across = min(14.0, max(9.0, 13.0 * wide / high))
    size = (across * scale, max(6.0, min(across * high / wide, 13.0)) * scale)
    with rc_context(style(scale)):
        figure = Figure(figsize=size, dpi=100, facecolor=ink.paper)
        FigureCanvasAgg(figure)
        axis = figure.add_axes((0.02, 0.09, 0.96, 0.8))
        axis.axis("off")
        room = max(wide / (0.96 * size[0]), high / (0.8 * size[1]))  # m for an inch, the same both ways
        for middle, inches, limit in (
            (float(x.min() + x.max()) / 2, 0.96 * size[0], axis.set_xlim),
            (float(y.min() + y.max()) / 2, 0.8 * size[1], axis.set_ylim),
        ):
            limit(middle - room * inches / 2, middle + room * inches / 2)
        for edge in river.banks(river.centreline.chainage_m):
            axis.plot(*river.point(river.centreline.chainage_m, edge), color=ink.dim, lw=1.2 * scale)
        handles = _bands(axis, river, reach, ink)
        axis.plot(*start_xy, "*", color=ink.bad, mec=ink.paper, ms=15 * scale, zorder=5)
        _names(axis, river, ink, scale)
        _scale_bar(axis, ink, scale)
        legend = figure.legend(
            handles=handles, loc="lower center", ncol=len(handles), frameon=False, bbox_to_anchor=(0.5, 0.035)
        )
        for text in legend.get_texts():
            text.set_color(ink.text)
        figure.text(0.03, 0.955, say(title, "   "), color=ink.text, fontsize=14 * scale, weight="bold")
        figure.text(0.03, 0.935, say(told, "\n"), color=ink.text, fontsize=9 * scale, va="top", linespacing=1.4)
        if reach.ends is not None:
            figure.text(0.03, 0.012, say(reach.ends, "   "), color=ink.bad, fontsize=9 * scale)
        mark(figure, river, ink, scale)
        return image(figure)


def _bands(axis: Axes, river: River, reach: Reach, ink: Ink) -> list[Patch]:
    """Draw the water reached in each band; return what the legend shows of them."""
    handles = []
    for number, band in enumerate(reach.bands):
        colour = ink.bands[min(number, len(ink.bands) - 1)]
        for polygon in band.polygons:
            axis.add_patch(PathPatch(_outline(river, polygon), fc=colour, ec=colour, lw=0.6))
        handles.append(Patch(color=colour, label=f"≤ {round(band.to_min, 1):g} min"))
    return handles


def _outline(river: River, polygon: tuple[tuple[tuple[float, float], ...], ...]) -> Outline:
    parts = []
    for ring in polygon:
        x, y = river.frame.to_xy([lon for lon, _ in ring], [lat for _, lat in ring])
        parts.append(Outline(np.column_stack([x, y]), closed=True))
    return Outline.make_compound_path(*parts)


def _names(axis: Axes, river: River, ink: Ink, scale: float) -> None:
    """Write the places' names beside them, moved down where they would cover each other."""
    em = _NAME_PT * scale * axis.figure.dpi / 72
    named = [place for place in river.places.values() if place.kind in _NAMED]
    spots = [axis.transData.transform((place.x_m, place.y_m)) for place in named]
    boxes = [(float(x) + em, float(y), em * ems(say(place.name))) for (x, y), place in zip(spots, named, strict=True)]
    line = {"arrowstyle": "-", "color": ink.dim, "lw": 0.8, "shrinkA": 0, "shrinkB": 2, "relpos": (0.0, 0.5)}
    for place, (_, wanted, _), low in zip(named, boxes, stacked(boxes, 1.6 * em), strict=True):
        axis.plot([place.x_m], [place.y_m], "o", color=ink.text, mec=ink.paper, ms=4.5 * scale)
        axis.annotate(say(place.name), (place.x_m, place.y_m), xytext=(em, low - wanted), textcoords="offset pixels",
                      color=ink.text, fontsize=_NAME_PT * scale, va="center", arrowprops=line,
                      bbox={"fc": ink.paper, "ec": "none", "alpha": 0.75, "pad": 1.0})  # fmt: skip


def _scale_bar(axis: Axes, ink: Ink, scale: float) -> None:
    """Draw a bar of a round length and a north arrow in the lower left corner."""
    (left, right), (low, _) = axis.get_xlim(), axis.get_ylim()
    wide = right - left
    long_m = max(step for step in _BARS_M if step <= max(wide / 6, _BARS_M[0]))
    x, y, middle = left + 0.02 * wide, low + 0.03 * wide, left + 0.02 * wide + long_m / 2
    axis.plot([x, x + long_m], [y, y], color=ink.text, lw=3 * scale, solid_capstyle="butt")
    words = f"{long_m / 1000:g} km" if long_m >= 1000 else f"{long_m:g} m"
    axis.text(middle, y + 0.008 * wide, words, color=ink.text, ha="center", fontsize=9 * scale)
    arrow = {"arrowstyle": "-|>", "color": ink.text, "lw": 2 * scale}
    axis.annotate("", (middle, y + 0.11 * wide), (middle, y + 0.05 * wide), arrowprops=arrow)
    axis.text(middle, y + 0.115 * wide, "N", color=ink.text, ha="center", fontsize=10 * scale, weight="bold")
