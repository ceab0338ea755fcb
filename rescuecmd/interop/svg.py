"""A drawing as SVG for a phone: day or night, Chinese or English.

The drill marking is added here, by the renderer, whenever there is one: a band across the top, and the words in
diagonal over the whole map. No drawing can leave it out.
"""

import math
import zlib
from collections.abc import Iterable, Iterator, Mapping
from html import escape as _escape
from typing import Literal, TypeAlias

from rescuecmd.errors import InputError
from rescuecmd.interop.svg_symbol import FONT, THEMES, Theme, symbol
from rescuecmd.interop.svg_text import fitted, nice_length_m, text_width, wrap
from rescuecmd.plan.drawing import Area, Drawing, Line, Mark, Point
from rescuecmd.plan.evacuation import EXIT_HORIZON_S
from rescuecmd.plan.terrain import DEEP_M, MIDDLE_M
from rescuecmd.text import Text

Language: TypeAlias = Literal["zh", "en"]
Box: TypeAlias = tuple[float, float, float, float]

WIDTH = 720.0
_EDGE = 20.0
_BAND = 56.0
_LABEL = 25.0  # about 13 px on a phone 390 px wide
_NOTE = 27.0

_PRIORITY = (
    "you", "stop", "meeting", "victim", "exit_closed", "exit_open", "crowd", "hazard", "safe_ground", "current_speed",
    "reef_name", "rule_name", "boat", "station", "landing", "sounding",
)  # fmt: skip
_TONES = {"exit_closed": "stop", "exit_open": "go", "safe_ground": "go", "current_speed": "current"}
_SCHEMATIC = Text(zh="示意河道，不可用于航行", en="Schematic river, not for navigation")


def render(drawing: Drawing, *, marking: str, theme: Theme = "day", lang: Language = "zh") -> str:
    """Return the SVG document of a drawing.

    Parameters
    ----------
    marking
        The marking of a drill; empty in a live operation.

    Raises
    ------
    InputError
        An unknown theme or language.
    """
    if theme not in THEMES:
        raise InputError("bad-theme", f"expected 'day' or 'night', got {theme!r}")
    if lang not in {"zh", "en"}:
        raise InputError("bad-language", f"expected 'zh' or 'en', got {lang!r}")
    return _Sheet(drawing, marking, THEMES[theme], lang).document()


class _Sheet:
    """One picture being put together, top to bottom."""

    def __init__(self, drawing: Drawing, marking: str, colour: Mapping[str, str], lang: Language) -> None:
        self.drawing, self.marking, self.colour, self.lang = drawing, marking.strip(), colour, lang
        self.scale = WIDTH / drawing.extent.width_m
        self.map_height = drawing.extent.height_m * self.scale
        self.top = (_BAND if self.marking else 0.0) + 104.0
        self.clip = f"m{zlib.crc32(repr(drawing.extent).encode()):08x}"
        self.taken: list[Box] = []

    def document(self) -> str:
        below, height = self._below()
        title = escape(self.say(self.drawing.title))
        root = (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH:.0f} {height:.0f}" role="img" '
            f'lang="{self.lang}" aria-label="{title}" font-family="{FONT}">'
        )
        box = f'<rect y="{self.top:.0f}" width="{WIDTH:.0f}" height="{self.map_height:.1f}"/>'
        parts = [
            root,
            f"<title>{title}</title>",
            f'<rect width="{WIDTH:.0f}" height="{height:.0f}" fill="{self.colour["paper"]}"/>',
            *self._header(),
            f'<clipPath id="{self.clip}">{box}</clipPath>',
            f'<g clip-path="url(#{self.clip})">',
            *self._map(),
            *self._watermark(),
            "</g>",
            *below,
            "</svg>",
        ]
        return "\n".join(parts)

    def say(self, text: Text) -> str:
        return text.zh if self.lang == "zh" else text.en

    def xy(self, point: Point) -> Point:
        """Return a point of the world on the sheet."""
        extent = self.drawing.extent
        return (point[0] - extent.west_m) * self.scale, self.top + (extent.north_m - point[1]) * self.scale

    def _header(self) -> Iterator[str]:
        colour, base = self.colour, _BAND if self.marking else 0.0
        if self.marking:
            yield f'<rect width="{WIDTH:.0f}" height="{_BAND:.0f}" fill="{colour["marking"]}"/>'
            yield (
                f'<text class="marking" x="{WIDTH / 2:.0f}" y="40" font-size="34" font-weight="700" letter-spacing="6" '
                f'text-anchor="middle" fill="{colour["on_marking"]}">{escape(self.marking)}</text>'
            )
        size = fitted(self.say(self.drawing.title), 36.0, WIDTH - 2 * _EDGE)
        yield self._text(_EDGE, base + 46, self.say(self.drawing.title), size, "ink", weight=700)
        size = fitted(self.say(self.drawing.subtitle), 27.0, WIDTH - 2 * _EDGE)
        yield self._text(_EDGE, base + 86, self.say(self.drawing.subtitle), size, "faint")

    def _below(self) -> tuple[list[str], float]:
        """Return the legend, the notes and the schematic line, and where they end."""
        y = self.top + self.map_height
        parts = list(self._legend(y + 30))
        y += 58
        for note in self.drawing.notes:
            for number, line in enumerate(wrap(self.say(note), _NOTE, WIDTH - 3 * _EDGE)):
                y += _NOTE * 1.4
                if number == 0:
                    parts.append(f'<circle cx="{_EDGE + 5:.0f}" cy="{y - 18:.1f}" r="5" fill="{self.colour["ink"]}"/>')
                parts.append(self._text(_EDGE * 2, y - 8, line, _NOTE, "ink"))
        if self.drawing.schematic:
            y += _NOTE * 1.3
            parts.append(self._text(_EDGE * 2, y - 8, self.say(_SCHEMATIC), 22.0, "faint"))
        return parts, y + 16

    def _legend(self, y: float) -> Iterator[str]:
        present = {area.role for area in self.drawing.areas}
        if self.drawing.kind == "evacuation":  # nobody there asks how deep the river is
            present -= {"shallow", "middle", "deep"}
        x = _EDGE
        for role, text in _LEGEND.items():
            if role not in present:
                continue
            word, fill = self.say(text), self.colour[role]
            faint = ' fill-opacity=".4"' if role in {"forecast", "no_go", "caution"} else ""
            box = f'x="{x:.0f}" y="{y - 16:.0f}" width="26" height="22" rx="3"'
            yield f'<rect {box} fill="{fill}"{faint} stroke="{self.colour["edge"]}" stroke-width="1.5"/>'
            yield self._text(x + 34, y + 2, word, 21.0, "faint")
            x += 34 + text_width(word, 21.0) + 18

    def _map(self) -> Iterator[str]:
        colour = self.colour
        yield f'<rect y="{self.top:.0f}" width="{WIDTH:.0f}" height="{self.map_height:.1f}" fill="{colour["land"]}"/>'
        yield from (self._area(area) for area in self.drawing.areas)
        yield from (part for line in self.drawing.lines for part in self._line(line))
        marks = sorted(
            self.drawing.marks, key=lambda mark: _PRIORITY.index(mark.role) if mark.role in _PRIORITY else 99
        )
        self._reserve_furniture()
        placed = [(mark, self._place(mark)) for mark in marks]
        for mark, _ in placed:
            x, y = self._anchor(mark)
            self.taken.append((x - 17, y - 17, x + 17, y + 17)) if symbol(mark.role, colour) else None
        labels = [label for mark, _ in placed for label in self._label(mark)]
        yield from (part for _, part in reversed(placed) if part)
        yield from reversed(labels)
        yield from self._north()
        yield from self._scale_bar()

    def _reserve_furniture(self) -> None:
        bottom = self.top + self.map_height
        self.taken += [(WIDTH - 70, self.top, WIDTH, self.top + 96), (0, bottom - 66, 250, bottom)]

    def _area(self, area: Area) -> str:
        path = "".join(path_of((self.xy(point) for point in ring), close=True) for ring in area.rings)
        fill, opacity = self.colour[area.role], 1.0
        extra = ""
        if area.role in {"forecast", "no_go", "caution"}:
            opacity = 0.28
            extra = f' stroke="{fill}" stroke-width="3" stroke-dasharray="10 7"' if area.role != "forecast" else ""
        return f'<path d="{path}" fill="{fill}" fill-opacity="{opacity:g}" fill-rule="evenodd"{extra}/>'

    def _line(self, line: Line) -> Iterator[str]:
        colour = self.colour
        stroke, width, dash, head, short = _LINES[line.role]
        points = [self.xy(point) for point in line.points]
        if not head:
            yield self._stroke(path_of(points, close=line.role == "reef_foot"), colour[stroke], width, dash)
            return
        size = 6.0 + width * 1.6
        points[-1], points[0] = towards(points[-1], points[-2], short), towards(points[0], points[1], short * 0.8)
        shaft = [*points[:-1], towards(points[-1], points[-2], size)]
        if line.role != "current":
            yield self._stroke(path_of(shaft), colour["halo"], width + 6, "")
        yield self._head(points[-2], points[-1], size, colour[stroke], colour["halo"] if line.role != "current" else "")
        yield self._stroke(path_of(shaft), colour[stroke], width, dash)

    def _stroke(self, path: str, colour: str, width: float, dash: str) -> str:
        dashed = f' stroke-dasharray="{dash}"' if dash else ""
        return (
            f'<path d="{path}" fill="none" stroke="{colour}" stroke-width="{width:g}" stroke-linejoin="round" '
            f'stroke-linecap="round"{dashed}/>'
        )

    def _head(self, before: Point, tip: Point, size: float, colour: str, halo: str) -> str:
        turn = math.degrees(math.atan2(tip[1] - before[1], tip[0] - before[0]))
        shape = f"M0 0 {-size * 1.5:.1f} {size * 0.75:.1f} {-size * 1.1:.1f} 0 {-size * 1.5:.1f} {-size * 0.75:.1f}Z"
        edge = f' stroke="{halo}" stroke-width="6" paint-order="stroke" stroke-linejoin="round"' if halo else ""
        place = f"translate({tip[0]:.1f} {tip[1]:.1f}) rotate({turn:.1f})"
        return f'<path d="{shape}" fill="{colour}"{edge} transform="{place}"/>'

    def _anchor(self, mark: Mark) -> Point:
        """Return where a mark stands on the sheet: at its place, or at the edge nearest to it if it points outside."""
        x, y = self.xy((mark.x_m, mark.y_m))
        if not mark.points:
            return x, y
        x, y = min(max(x, 34.0), WIDTH - 34.0), min(max(y, self.top + 34.0), self.top + self.map_height - 34.0)
        if x > WIDTH - 110 and y < self.top + 130:  # the north arrow stands there
            x, y = (x, self.top + 130) if WIDTH - x < y - self.top else (WIDTH - 110, y)
        return x, y

    def _shown(self, mark: Mark) -> bool:
        return mark.points or self.drawing.extent.holds(mark.x_m, mark.y_m)

    def _place(self, mark: Mark) -> str:
        """Return the symbol of a mark; nothing for one outside the map."""
        shape = symbol(mark.role, self.colour)
        if not shape or not self._shown(mark):
            return ""
        x, y = self._anchor(mark)
        turn = mark.heading_deg or 0.0
        if mark.points and not self.drawing.extent.holds(mark.x_m, mark.y_m):
            there = self.xy((mark.x_m, mark.y_m))
            turn = math.degrees(math.atan2(there[0] - x, y - there[1]))
        turned = f" rotate({turn:.0f})" if turn and mark.role in {"you", "boat"} else ""
        return f'<g class="{mark.role}" transform="translate({x:.1f} {y:.1f}){turned}">{shape}</g>'

    def _label(self, mark: Mark) -> Iterator[str]:
        if mark.label is None or not self._shown(mark):
            return
        text = self.say(mark.label)
        size = 20.0 if mark.role == "sounding" else _LABEL
        x, y = self._anchor(mark)
        if mark.role == "sounding":
            box = (x - 18, y - 12, x + 18, y + 12)
            if not self._hits(box):
                self.taken.append(box)
                yield self._text(x, y + 7, text, size, "edge", anchor="middle", halo=True)
            return
        lines = text.split(" · ")
        width, high = max(text_width(line, size) for line in lines) + 8, size * 1.22 * len(lines) + 2
        choices = list(self._spots(x, y, width, high))
        box = next((choice for choice in choices if not self._hits(choice)), choices[0])
        self.taken.append(box)
        tone = _TONES.get(mark.role, "ink")
        bold = 400 if mark.role in {"reef_name", "rule_name", "landing", "boat", "station"} else 700
        for number, line in enumerate(lines, start=1):
            base = box[1] + size * 1.22 * number - size * 0.25
            yield self._text(box[0] + 4, base, line, size, tone, weight=bold, halo=True)

    def _spots(self, x: float, y: float, width: float, high: float) -> Iterator[Box]:
        """Yield boxes for a label around a point, best first, kept inside the map."""
        gap = 26.0
        for far in (0.0, 30.0, 62.0, 96.0):
            for left, up in (
                (x + gap, y - high / 2 - far),
                (x + gap, y - high / 2 + far),
                (x - gap - width, y - high / 2 - far),
                (x - gap - width, y - high / 2 + far),
                (x - width / 2, y - gap - high - far),
                (x - width / 2, y + gap + far),
            ):
                west = min(max(left, 6.0), WIDTH - 6.0 - width)
                north = min(max(up, self.top + 6.0), self.top + self.map_height - 6.0 - high)
                yield west, north, west + width, north + high

    def _hits(self, box: Box) -> bool:
        return any(
            box[0] < other[2] and other[0] < box[2] and box[1] < other[3] and other[1] < box[3] for other in self.taken
        )

    def _north(self) -> Iterator[str]:
        x, y, colour = WIDTH - 36, self.top + 40, self.colour
        yield (
            f'<g transform="translate({x:.0f} {y:.0f})">'
            f'<circle r="30" cy="8" fill="{colour["paper"]}" fill-opacity=".8"/>'
            f'<path d="M0-18 12 18 0 9-12 18Z" fill="{colour["ink"]}"/></g>'
        )
        yield self._text(
            x, y + 44, {"zh": "北", "en": "N"}[self.lang], 22.0, "ink", anchor="middle", weight=700, halo=True
        )

    def _scale_bar(self) -> Iterator[str]:
        length_m = nice_length_m(self.drawing.extent.width_m / 4)
        x, y, colour, reach = _EDGE, self.top + self.map_height - 22, self.colour, length_m * self.scale
        box = f'x="{x - 8:.0f}" y="{y - 40:.0f}" width="{reach + 16:.0f}" height="54" rx="6"'
        yield f'<rect {box} fill="{colour["paper"]}" fill-opacity=".8"/>'
        yield (
            f'<path d="M{x:.0f} {y - 9:.0f}V{y:.0f}H{x + reach:.1f}V{y - 9:.0f}" fill="none" stroke="{colour["ink"]}" '
            f'stroke-width="4"/>'
        )
        unit = {"zh": "米", "en": "m"}[self.lang]
        yield self._text(x + reach / 2, y - 15, f"{length_m:.0f} {unit}", 21.0, "ink", anchor="middle", weight=700)

    def _watermark(self) -> Iterator[str]:
        """Yield the drill marking in diagonal, often enough that no cut-out of the map is without it."""
        if not self.marking:
            return
        size, middle = 58.0, (WIDTH / 2, self.top + self.map_height / 2)
        step = text_width(self.marking, size) + 90
        reach = math.hypot(WIDTH, self.map_height) / 2
        turn = f'transform="translate({middle[0]:.0f} {middle[1]:.0f}) rotate(-32)"'
        paint = f'fill="{self.colour["watermark"]}" fill-opacity=".22"'
        yield f'<g class="watermark" {turn} {paint} font-size="{size:.0f}">'
        for row in range(-math.ceil(reach / 190), math.ceil(reach / 190) + 1):
            shift = step / 2 if row % 2 else 0.0
            for column in range(-math.ceil(reach / step), math.ceil(reach / step) + 1):
                x = column * step + shift - step / 2
                yield f'<text x="{x:.0f}" y="{row * 190:.0f}" font-weight="700">{escape(self.marking)}</text>'
        yield "</g>"

    def _text(
        self, x: float, y: float, text: str, size: float, tone: str, *, anchor: str = "start", weight: int = 400,
        halo: bool = False,
    ) -> str:  # fmt: skip
        edge = (
            f' stroke="{self.colour["halo"]}" stroke-width="5" paint-order="stroke" stroke-linejoin="round"'
            if halo
            else ""
        )
        return (
            f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size:g}" font-weight="{weight}" text-anchor="{anchor}" '
            f'fill="{self.colour[tone]}"{edge}>{escape(text)}</text>'
        )


_LINES: Mapping[str, tuple[str, float, str, bool, float]] = {
    "water_edge": ("edge", 3.0, "", False, 0.0),
    "forecast_edge": ("forecast", 4.0, "14 9", False, 0.0),
    "reef_foot": ("reef", 3.0, "5 5", False, 0.0),
    "bridge": ("bridge", 9.0, "", False, 0.0),
    "route": ("route", 7.0, "", False, 0.0),
    "way": ("go", 7.0, "12 9", False, 0.0),
    "boom": ("stop", 8.0, "1 13", False, 0.0),
    "approach": ("stop", 9.0, "", True, 25.0),
    "drift": ("stop", 4.0, "4 12", False, 0.0),
    "current": ("current", 2.5, "", True, 0.0),
    "way_out": ("go", 8.0, "", True, 28.0),
    "leave": ("go", 9.0, "", True, 0.0),
}
"""Colour, width, dashes, whether it ends in an arrow head, and how far the head stays from a symbol at its end."""

_HORIZON = f"{EXIT_HORIZON_S / 60:.0f}"
_LEGEND: Mapping[str, Text] = {
    "shallow": Text(zh=f"水深<{MIDDLE_M:g}米", en=f"under {MIDDLE_M:g} m"),
    "middle": Text(zh=f"{MIDDLE_M:g}–{DEEP_M:g}米", en=f"{MIDDLE_M:g}-{DEEP_M:g} m"),
    "deep": Text(zh=f">{DEEP_M:g}米", en=f"over {DEEP_M:g} m"),
    "forecast": Text(zh=f"{_HORIZON}分钟内可能上水", en=f"may flood within {_HORIZON} min"),
    "no_go": Text(zh="禁航区", en="no-go zone"),
    "caution": Text(zh="警示区", en="caution zone"),
}


def escape(text: str) -> str:
    """Return a text as it may stand in the document: markup and letters that XML forbids are taken out of it."""
    return _escape("".join(letter if letter.isprintable() else " " for letter in text))


def path_of(points: Iterable[Point], *, close: bool = False) -> str:
    """Return points as the path of an SVG."""
    return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in points) + ("Z" if close else "")


def towards(point: Point, other: Point, length: float) -> Point:
    """Return a point moved towards another, at most nearly all the way."""
    away = math.dist(point, other)
    share = min(length / away, 0.9) if away > 0 else 0.0
    return point[0] + (other[0] - point[0]) * share, point[1] + (other[1] - point[1]) * share
