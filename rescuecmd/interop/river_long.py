"""The long profile of a river: deepest bed, water surface with its bounds, bridges, reefs and gauges along it."""

from dataclasses import dataclass

import numpy as np
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from rescuecmd.geo import Floats
from rescuecmd.interop.chart_labels import say
from rescuecmd.interop.chart_style import INKS, Ink, Theme, image, mark, style
from rescuecmd.river.covered import datum_text
from rescuecmd.river.model import River
from rescuecmd.river.water import Water
from rescuecmd.text import Text

_STEP_M = 50.0
_HIGH_M = 12.0  # bridges higher than this above the water are named at the top
_BEYOND = Text("图外", "off scale")


@dataclass(frozen=True, eq=False)
class LongProfile:
    """Levels along a river at one instant; arrays of one shape (n,), m, upstream first."""

    chainage_m: Floats
    bed_m: Floats
    level_m: Floats
    sigma_m: Floats
    low_m: Floats
    high_m: Floats


def long_profile(water: Water, time_s: float) -> LongProfile:
    """Return the deepest bed of the channel and the level with its bounds, every 50 m and at every section."""
    river = water.river
    every = np.arange(0.0, river.length_m, _STEP_M)
    at = np.unique(np.concatenate([every, [section.chainage_m for section in river.sections], [river.length_m]]))
    at = np.minimum(at, river.length_m)
    left, right = river.banks(at)
    across = np.linspace(0.0, 1.0, 81)
    offsets = right[:, None] + across * (left - right)[:, None]
    bed = river.bed.sample(river.bed.where(*np.broadcast_arrays(at[:, None], offsets)))
    return LongProfile(
        chainage_m=at,
        bed_m=np.nanmin(bed, axis=1),
        level_m=water.level_m(at, time_s),
        sigma_m=water.sigma_m(at, time_s),
        low_m=water.low_m(at, time_s),
        high_m=water.high_m(at, time_s),
    )


def long_profile_png(
    river: River, profile: LongProfile, title: Text, *, theme: Theme = "day", width_px: int = 1600
) -> bytes:
    """Return the picture of a long profile as a PNG."""
    ink, scale = INKS[theme], width_px / 1600
    with rc_context(style(scale)):
        figure = Figure(figsize=(16 * scale, 6.4 * scale), dpi=100, facecolor=ink.paper)
        FigureCanvasAgg(figure)
        axis = figure.add_axes((0.06, 0.13, 0.92, 0.72))
        _water(axis, river, profile, ink)
        _places(axis, river, profile, ink)
        _frame(axis, river, ink)
        figure.text(0.06, 0.92, say(title, "   "), color=ink.text, fontsize=13 * scale, weight="bold")
        mark(figure, river, ink, scale)
        return image(figure)


def _water(axis: Axes, river: River, profile: LongProfile, ink: Ink) -> None:
    km = [river.km(float(at)) for at in profile.chainage_m]
    bottom = float(profile.bed_m.min()) - 1.0
    axis.fill_between(km, profile.bed_m, profile.level_m, color=ink.water, lw=0)
    axis.fill_between(km, bottom, profile.bed_m, color=ink.bed, lw=0, label=say(Text("河床最深处", "deepest bed")))
    axis.fill_between(km, profile.low_m, profile.high_m, color=ink.surface, alpha=0.35, lw=0,
                      label=say(Text("水位上下限", "bounds of the level")))  # fmt: skip
    axis.plot(km, profile.level_m, color=ink.surface, lw=2, label=say(Text("水位", "level")))
    top = float(profile.level_m.max())
    axis.set_ylim(bottom, top + _HIGH_M + 2.5)
    axis.set_xlim(km[0], km[-1])


def _places(axis: Axes, river: River, profile: LongProfile, ink: Ink) -> None:
    deck = float(profile.level_m.max()) + _HIGH_M
    for number, place in enumerate(river.places.values()):
        km = river.km(place.chainage_m)
        if place.kind == "bridge":
            soffit = min(place.critical_m, deck - 2.5)
            beyond = soffit < place.critical_m
            if beyond:  # an arrow, so that nobody reads its height off the axis
                axis.plot([km], [soffit + 0.3], "^", color=ink.bridge, ms=8)
            else:
                axis.plot([km, km], [soffit, soffit + 0.6], color=ink.bridge, lw=6, solid_capstyle="butt")
            words = f"{say(place.name, chr(10))}\n{say(_BEYOND) + ' ' if beyond else ''}{place.critical_m:.1f} m"
            axis.text(km, soffit + 0.8, words, color=ink.bridge, ha="center", va="bottom", fontsize="small")
        elif place.kind == "reef":
            axis.plot([km], [place.critical_m], "^", color=ink.bad, ms=9)
            words = f"{say(place.name, chr(10))} {place.critical_m:.2f}"
            level = float(np.interp(place.chainage_m, profile.chainage_m, profile.level_m))
            above = max(place.critical_m, level) + 0.7 + 1.6 * (number % 2)
            axis.text(km, above, words, color=ink.text, ha="center", fontsize="small")
    for gauge in river.gauges:
        axis.axvline(river.km(gauge.chainage_m), color=ink.dim, lw=1, ls=":")
        level = float(np.interp(gauge.chainage_m, profile.chainage_m, profile.level_m))
        axis.text(river.km(gauge.chainage_m), level - 0.5, say(gauge.name), color=ink.text, rotation=90,
                  ha="right", va="top", fontsize="small")  # fmt: skip


def _frame(axis: Axes, river: River, ink: Ink) -> None:
    axis.set_facecolor(ink.paper)
    for side in axis.spines.values():
        side.set_color(ink.dim)
    axis.tick_params(colors=ink.text)
    axis.grid(color=ink.dim, alpha=0.25)
    axis.set_xlabel(say(Text("河道里程 km（距河口）", "river km (from the mouth)"), " / "), color=ink.text)
    datum = datum_text(river)
    axis.set_ylabel(say(Text(f"高程 m（{datum.zh}）", f"level, m ({datum.en})"), " / "), color=ink.text)
    legend = axis.legend(loc="lower right", fontsize="small", ncol=3, facecolor=ink.paper, edgecolor=ink.dim)
    for text in legend.get_texts():
        text.set_color(ink.text)
