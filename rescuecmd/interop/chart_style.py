"""What all drawn pictures share: colours by day and by night, their style, the warning of a schematic river.

Day is dark ink on white, night dim amber on black; a schematic river carries its warning in every picture.
"""

import io
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from matplotlib.figure import Figure

from rescuecmd.interop.chart_labels import families, say
from rescuecmd.interop.river_chart import MARK
from rescuecmd.river.model import River

Theme: TypeAlias = Literal["day", "night"]


@dataclass(frozen=True, slots=True)
class Ink:
    """Colours of one theme."""

    paper: str
    text: str
    dim: str
    water: str
    surface: str
    bed: str
    keel: str
    bridge: str
    bad: str
    bands: tuple[str, ...]


INKS: dict[Theme, Ink] = {
    "day": Ink("#ffffff", "#16212c", "#6b7783", "#bfe0f2", "#0b5fa5", "#b59a6a", "#1b5e20", "#37474f", "#b00020",
                ("#0b4f8a", "#2f7fb8", "#63a8d3", "#98cbe6", "#c3e2f1", "#e3f1f8")),
    "night": Ink("#080503", "#d08040", "#80502c", "#1c1410", "#c07030", "#4a3018", "#a06a20", "#a07050", "#e04030",
                  ("#f0a050", "#c47c38", "#985c28", "#6e421e", "#4a2c16", "#2c1c10")),
}  # fmt: skip


def style(scale: float) -> Any:
    """Return the style that all pictures share."""
    return {"font.family": families(), "font.size": 10 * scale, "axes.unicode_minus": False}


def mark(figure: Figure, river: River, ink: Ink, scale: float) -> None:
    """Write the warning of a schematic river into a picture."""
    if river.schematic:
        figure.text(0.98, 0.012, say(MARK, "  "), color=ink.bad, ha="right", fontsize=9 * scale, weight="bold")


def image(figure: Figure) -> bytes:
    """Return a figure as the bytes of a PNG."""
    picture = io.BytesIO()
    figure.savefig(picture, format="png", facecolor=figure.get_facecolor())
    return picture.getvalue()
