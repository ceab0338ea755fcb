"""Draws the picture as the command knows it into a frame, and the drill marking into every frame of a drill."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from functools import lru_cache

import cv2
import numpy as np

from rescuecmd.ar.camera import View
from rescuecmd.ar.layout import Label
from rescuecmd.ar.overlay import Annotation, Mark, Overlay, Stroke
from rescuecmd.ar.scene import FRESH_S, Scene
from rescuecmd.ar.wording import Language, ago
from rescuecmd.media.planes import BLACK, WHITE, Canvas, Colour
from rescuecmd.river.model import River

TONES: Mapping[str, Colour] = {
    "police": Colour.rgb(96, 160, 255),
    "fire": Colour.rgb(255, 96, 88),
    "maritime": Colour.rgb(255, 168, 60),
    "volunteer": Colour.rgb(255, 226, 72),
    "medical": Colour.rgb(235, 245, 245),
    "command": Colour.rgb(190, 200, 220),
    "in_water": Colour.rgb(255, 40, 40),
    "stranded": Colour.rgb(255, 120, 0),
    "crowd": Colour.rgb(255, 190, 0),
    "reef": Colour.rgb(214, 196, 255),
    "edge": Colour.rgb(70, 230, 255),
}
_STALE = Colour.rgb(165, 165, 165)
_DRILL = Colour.rgb(255, 214, 0)
_PLATE = 0.30
_DIAMOND = np.array([(0.0, -1.0), (1.0, 0.0), (0.0, 1.0), (-1.0, 0.0)])
_TRIANGLE = np.array([(0.0, -0.8), (0.8, 0.56), (-0.8, 0.56)])
_CORNERS = np.array([((x, 0.4 * y), (x, y), (0.4 * x, y)) for x, y in ((-1, -1), (1, -1), (1, 1), (-1, 1))])
_CHINA = timezone(timedelta(hours=8))  # the river's own time, as everybody on the bank has it on the wrist
_SCHEMATIC = {"zh": "河道为示意,不可用于导航", "en": "Schematic river, not for navigation"}
_STATES = {"ready": ("待开始", "ready"), "paused": ("已暂停", "paused"), "ended": ("已结束", "ended")}


@dataclass(frozen=True, slots=True)
class Freshness:
    """How old the source's frame and the picture are, s on this machine's own clock, and who the source is."""

    camera: str
    frame_age_s: float
    picture_age_s: float


STALE_S = 3.0  # a picture older than this is greyed: a frozen river is dangerous


class Annotator:
    """Annotates frames of one camera. Without a view only the strip and the marking are drawn: no false marks."""

    def __init__(self, river: River, view: View | None, size_px: tuple[int, int], *, language: Language = "zh") -> None:
        self._language: Language = language
        self._type_px = max(12, round(size_px[1] / 38))
        self._bar_px = 2 * round(self._type_px * 0.9)
        bands = (self._bar_px, self._bar_px)
        self._annotation = Annotation(river, view, language=language, band_px=bands) if view else None
        self._font = cv2.FontFace("uni")
        self._width = lru_cache(maxsize=2000)(self._text_width)

    def draw(self, canvas: Canvas, scene: Scene, time_s: float, freshness: Freshness) -> Overlay | None:
        """Draw everything into a frame; return what was drawn at places, or None where the camera has no pose."""
        if freshness.frame_age_s > STALE_S:
            canvas.grey()
        overlay = self._annotation.overlay(scene, time_s, self.measure) if self._annotation else None
        if overlay is not None:
            self._draw_overlay(canvas, overlay, stale=freshness.picture_age_s > STALE_S)
        self._strip(canvas, scene, time_s, freshness, overlay)
        if scene.marking:
            self._marking(canvas, scene.marking)
        return overlay

    def measure(self, lines: Sequence[str]) -> tuple[int, int]:
        """Return a label's width and height with its plate, px."""
        return max(self._width(line) for line in lines) + 12, round(len(lines) * self._type_px * 1.25) + 6

    def _text_width(self, line: str) -> int:
        box = cv2.getTextSize((4096, 4096), line, (0, 100), self._font, self._type_px)
        return int(box[2]) + int(box[0])

    def _draw_overlay(self, canvas: Canvas, overlay: Overlay, *, stale: bool) -> None:
        for stroke in overlay.strokes:
            _draw_stroke(canvas, stroke, stale=stale)
        marks = {mark.id: mark for mark in overlay.marks}
        for label in overlay.labels:
            _leader(canvas, marks[label.id], label)
        for mark in sorted(overlay.marks, key=lambda mark: mark.kind in {"in_water", "stranded", "crowd"}):
            _draw_mark(canvas, mark, stale=stale)
        for label in overlay.labels:
            self._draw_label(canvas, label, _tone(marks[label.id], stale=stale))

    def _draw_label(self, canvas: Canvas, label: Label, tone: Colour) -> None:
        x0, y0, x1, y1 = (round(edge) for edge in (label.box.x0, label.box.y0, label.box.x1, label.box.y1))
        canvas.shade(x0, y0, x1, y1, _PLATE)
        canvas.rect(x0, y0, x0 + 4, y1, tone)
        for number, line in enumerate(label.lines):
            baseline = y0 + round((number + 1) * self._type_px * 1.25 - self._type_px * 0.18)
            self._text(canvas, line, (x0 + 8, baseline), 235 if number == 0 else 205)

    def _text(self, canvas: Canvas, text: str, at: tuple[int, int], luma: int) -> None:
        cv2.putText(canvas.y, text, at, (luma,), self._font, self._type_px)

    def _strip(
        self, canvas: Canvas, scene: Scene, time_s: float, freshness: Freshness, overlay: Overlay | None
    ) -> None:
        zh = self._language == "zh"
        clock = datetime.fromtimestamp(time_s, _CHINA).strftime("%H:%M:%S")
        parts = [freshness.camera, clock]
        if scene.state in _STATES:
            parts.append(_STATES[scene.state][0 if zh else 1])
        if freshness.frame_age_s > STALE_S:
            parts.append(("画面停在 " if zh else "picture from ") + ago(freshness.frame_age_s, self._language))
        if freshness.picture_age_s > STALE_S:
            parts.append(("态势停在 " if zh else "marks from ") + ago(freshness.picture_age_s, self._language))
        self._bar(canvas, 0, parts)
        notes = []
        if overlay is not None and math.isfinite(overlay.level_m):
            notes.append(f"水位 {overlay.level_m:.2f} m" if zh else f"Level {overlay.level_m:.2f} m")
            age = time_s - scene.level_time_s if scene.level_time_s is not None else None
            if age is not None and age > FRESH_S:
                notes.append(("读数 " if zh else "read ") + ago(age, self._language))
        elif self._annotation is None:
            notes.append("该画面无位姿,不叠加标记" if zh else "No pose: nothing is marked in this picture")
        else:
            notes.append("水位未知" if zh else "Level unknown")
        if overlay is not None and overlay.outside:
            notes.append(f"画面外待救 {overlay.outside} 人" if zh else f"{overlay.outside} waiting outside the frame")
        if scene.schematic:
            notes.append(_SCHEMATIC[self._language])
        self._bar(canvas, canvas.height_px - self._bar_px, notes)

    def _bar(self, canvas: Canvas, top: int, parts: Sequence[str]) -> None:
        text = "  ·  ".join(parts)
        canvas.shade(0, top, min(canvas.width_px, self._width(text) + 24), top + self._bar_px, 0.38)
        self._text(canvas, text, (10, top + round(self._bar_px * 0.5 + self._type_px * 0.36)), 228)

    def _marking(self, canvas: Canvas, marking: str) -> None:
        """Put the marking on the top right corner, large, and its colour around the whole frame."""
        width = self._width(marking) + 24
        x0 = canvas.width_px - width
        canvas.rect(x0, 0, canvas.width_px, self._bar_px, _DRILL)
        self._text(canvas, marking, (x0 + 12, round(self._bar_px * 0.5 + self._type_px * 0.36)), BLACK.y)
        right, bottom = canvas.width_px, canvas.height_px
        for edge in (
            (0, 0, right, 2),
            (0, bottom - 2, right, bottom),
            (0, 0, 2, bottom),
            (right - 2, 0, right, bottom),
        ):
            canvas.rect(*edge, _DRILL)


def _tone(mark: Mark, *, stale: bool) -> Colour:
    return _STALE if stale or (mark.stale and mark.kind == "boat") else TONES.get(mark.tone, WHITE)


def _draw_stroke(canvas: Canvas, stroke: Stroke, *, stale: bool) -> None:
    tone = _STALE if stale else TONES.get(stroke.tone, WHITE)
    if stroke.kind == "route":
        canvas.line(stroke.points, BLACK, 4)
        canvas.line(stroke.points, tone, 2)
    else:
        canvas.line(stroke.points, tone, 1)


def _draw_mark(canvas: Canvas, mark: Mark, *, stale: bool) -> None:
    """Draw a symbol by shape and colour: a diamond for victims, corners around a boat, a triangle on a reef."""
    tone, r = _tone(mark, stale=stale), mark.radius_px
    at = np.array([mark.u, mark.v])
    width = 1 if mark.hidden else 2
    if mark.kind == "boat":
        canvas.line(at + _CORNERS * r, BLACK, width + 2)
        canvas.line(at + _CORNERS * r, tone, width)
        return
    shape = at + (_TRIANGLE if mark.kind == "reef" else _DIAMOND) * r
    canvas.line(shape, BLACK, width + 2, closed=True)
    canvas.line(shape, tone, width, closed=True)


def _leader(canvas: Canvas, mark: Mark, label: Label) -> None:
    """Draw a line from the symbol to its label where they are apart."""
    x = min(max(mark.u, label.box.x0), label.box.x1)
    y = min(max(mark.v, label.box.y0), label.box.y1)
    away = np.array([x - mark.u, y - mark.v])
    far = float(np.hypot(*away))
    if far > mark.radius_px * 1.2:
        start = np.array([mark.u, mark.v]) + away / far * mark.radius_px
        canvas.line(np.array([start, (x, y)]), _STALE, 1)
