"""The profile along a route drawn as a picture: water, bed, keel and bridges. Bytes of a PNG."""

from datetime import UTC, datetime

import numpy as np
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from rescuecmd.interop.chart_labels import say
from rescuecmd.interop.chart_style import INKS, Ink, Theme, image, mark, style
from rescuecmd.river.covered import datum_text
from rescuecmd.river.model import River
from rescuecmd.routing.profile import Profile
from rescuecmd.text import Text

MOST_CLEAR_M = 9.0
"""Bridges higher than this above the water would squeeze the rest of the profile flat: they are named at its top."""


def profile_png(river: River, profile: Profile, title: Text, *, theme: Theme = "day", width_px: int = 1600) -> bytes:
    """Return the picture of a profile: water, bed, keel and bridges against distance and time."""
    ink, scale = INKS[theme], width_px / 1600
    with rc_context(style(scale)):
        figure = Figure(figsize=(16 * scale, 6.4 * scale), dpi=100, facecolor=ink.paper)
        FigureCanvasAgg(figure)
        axis = figure.add_axes((0.06, 0.17, 0.92, 0.66))
        _ground(axis, profile, ink)
        _bridges(axis, profile, ink)
        _squeeze(axis, profile, ink, scale)
        _frame(axis, profile, ink, river)
        figure.text(0.06, 0.94, say(title, "   "), color=ink.text, fontsize=15 * scale, weight="bold")
        if profile.squeeze is not None:
            colour = ink.bad if profile.squeeze.margin_m < 0.3 else ink.text
            figure.text(0.06, 0.885, say(profile.squeeze.text, "   "), color=colour, fontsize=11 * scale)
        mark(figure, river, ink, scale)
        return image(figure)


def _ground(axis: Axes, profile: Profile, ink: Ink) -> None:
    at = profile.distance_m
    bottom = float(np.nanmin(profile.bed_m)) - 1.0 if np.isfinite(profile.bed_m).any() else 0.0
    bed = np.where(np.isfinite(profile.bed_m), profile.bed_m, profile.level_m)
    keel = profile.low_m - profile.draught_m
    axis.fill_between(at, bed, profile.level_m, color=ink.water, lw=0)
    axis.fill_between(
        at, bottom, bed, color=ink.bed, lw=0, label=say(Text("河床（艇宽内最高）", "bed, highest in reach"))
    )
    axis.plot(at, profile.level_m, color=ink.surface, lw=2, label=say(Text("通过时水位", "level when passed")))
    axis.plot(at, profile.low_m, color=ink.surface, lw=1, ls=":", label=say(Text("水位下限", "low bound")))
    axis.plot(at, keel, color=ink.keel, lw=2, label=f"{say(Text('吃水', 'draught'))} {profile.draught_m:.2f} m")
    needs = f"{say(Text('加富余水深', 'with under-keel allowance'))} {profile.under_keel_m:.2f} m"
    axis.plot(at, keel - profile.under_keel_m, color=ink.keel, lw=1.2, ls="--", label=needs)


def _bridges(axis: Axes, profile: Profile, ink: Ink) -> None:
    top = float(profile.level_m.max())
    shown = [one.soffit_m for one in profile.bridges if one.soffit_m - top <= MOST_CLEAR_M]
    deck = max([top + 2.0, *(soffit + 1.5 for soffit in shown)])
    bottom = float(np.nanmin(profile.bed_m)) if np.isfinite(profile.bed_m).any() else top - 5.0
    axis.set_ylim(bottom - 0.8, deck + 0.3 * (deck - bottom))
    axis.set_xlim(0.0, max(float(profile.distance_m[-1]), 1.0))
    half = max(float(profile.distance_m[-1]), 1.0) * 0.004
    for number, one in enumerate(profile.bridges):
        colour = ink.bad if one.free_m < 0.5 else ink.bridge
        if one.soffit_m > deck:  # an arrow at the top, so that nobody reads its height off the axis
            axis.plot([one.distance_m], [deck + 0.5], "^", color=colour, ms=8, zorder=4)
        else:
            sides = [one.distance_m - half, one.distance_m + half]
            axis.fill_between(sides, one.soffit_m, one.soffit_m + 1.0, color=colour, lw=0, zorder=4)
        axis.plot([one.distance_m] * 2, [one.top_m - profile.air_draught_m, one.top_m], color=ink.keel, lw=3, zorder=5)
        words = f"{say(one.name, chr(10))}\n{say(Text('净空余', 'spare'))} {one.free_m:.1f} m"
        high = deck + (0.015 + 0.1 * (number % 2)) * (deck - bottom)
        axis.text(one.distance_m, high, words, color=colour, ha="center", va="bottom", fontsize="small", zorder=6)


def _squeeze(axis: Axes, profile: Profile, ink: Ink, scale: float) -> None:
    if profile.squeeze is None:
        return
    at = float(profile.squeeze.distance_m)
    level = float(np.interp(at, profile.distance_m, profile.low_m)) - profile.draught_m - profile.under_keel_m
    axis.plot(
        [at], [level], "v", color=ink.bad, ms=11 * scale, zorder=7, clip_on=False, label=say(Text("最紧处", "tightest"))
    )


def _frame(axis: Axes, profile: Profile, ink: Ink, river: River) -> None:
    axis.set_facecolor(ink.paper)
    for side in axis.spines.values():
        side.set_color(ink.dim)
    axis.tick_params(colors=ink.text)
    axis.grid(color=ink.dim, alpha=0.25)
    count = min(8, len(profile.distance_m))
    picks = np.unique(np.linspace(0, len(profile.distance_m) - 1, count).round().astype(int))
    labels = [
        f"{profile.distance_m[at]:.0f} m\n{profile.kilometres[at]}\n{moment(float(profile.time_s[at]), profile)}"
        for at in picks
    ]
    axis.set_xticks(profile.distance_m[picks], labels)
    axis.get_xticklabels()[0].set_horizontalalignment("left")
    axis.get_xticklabels()[-1].set_horizontalalignment("right")
    datum = datum_text(river)
    axis.set_ylabel(say(Text(f"高程 m（{datum.zh}）", f"level, m ({datum.en})"), " / "), color=ink.text)
    legend = axis.legend(loc="lower right", fontsize="small", ncol=3, facecolor=ink.paper, edgecolor=ink.dim)
    for text in legend.get_texts():
        text.set_color(ink.text)


def moment(time_s: float, profile: Profile) -> str:
    """Return a time on the axis: of the day where levels have a date, else since the start; UTC, and it says so."""
    after = round(time_s - float(profile.time_s[0]))
    since = f"+{after // 60}:{after % 60:02d}"
    return since if time_s < 1e8 else f"{datetime.fromtimestamp(time_s, UTC):%H:%MZ} {since}"
