"""From a scene and a camera to what is drawn: marks with their words, lines, placed labels."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np

from rescuecmd.ar.camera import View
from rescuecmd.ar.clip import visible
from rescuecmd.ar.horizon import Horizon
from rescuecmd.ar.layout import Box, Label, Measure, Wish, arrange
from rescuecmd.ar.scene import FRESH_S, Person, Scene
from rescuecmd.ar.shore import Shore
from rescuecmd.ar.wording import Language, boat_lines, person_lines, stone_lines
from rescuecmd.geo import Floats
from rescuecmd.river.model import River

MarkKind: TypeAlias = Literal["in_water", "stranded", "crowd", "boat", "reef"]
StrokeKind: TypeAlias = Literal["edge", "route", "doubt"]

_PRIORITY: dict[MarkKind, int] = {"in_water": 0, "stranded": 1, "crowd": 2, "boat": 3, "reef": 4}
_RADIUS_PX: dict[MarkKind, float] = {"in_water": 13, "stranded": 13, "crowd": 13, "boat": 11, "reef": 7}
_FAR_M = 2500.0
_DOUBT_M = 12.0  # a victim known no better than this has its circle drawn
_LIFT_M = 0.9  # a standing person's mark is at the middle of the body, not at the feet


@dataclass(frozen=True, slots=True)
class Mark:
    """A symbol at a pixel. ``tone`` names its colour: an agency, or the kind itself; ``stale``: older than 10 s."""

    id: str
    kind: MarkKind
    u: float
    v: float
    radius_px: float
    lines: tuple[str, ...]
    tone: str
    stale: bool
    hidden: bool


@dataclass(frozen=True, eq=False)
class Stroke:
    """A line in the frame, shape (n, 2) px."""

    kind: StrokeKind
    points: Floats
    tone: str


@dataclass(frozen=True, eq=False)
class Overlay:
    """What to draw. ``outside`` counts victims that wait outside the frame."""

    marks: tuple[Mark, ...]
    strokes: tuple[Stroke, ...]
    labels: tuple[Label, ...]
    outside: int
    level_m: float


class Annotation:
    """Computes overlays for one fixed camera; what depends only on the camera is made once."""

    def __init__(
        self, river: River, view: View, *, language: Language = "zh", band_px: tuple[int, int] = (0, 0)
    ) -> None:
        self.view, self._river, self._language = view, river, language
        self._horizon = Horizon(river, view)
        self._shore = Shore(river, view, self._horizon)
        chainage = float(river.locate(view.pose.x_m, view.pose.y_m)[0])
        self._chainage_m = min(max(chainage, 0.0), river.length_m)
        top, bottom = band_px
        self._area = Box(2, top + 2, view.lens.width_px - 2, view.lens.height_px - bottom - 2)
        self._scale = view.lens.height_px / 720
        self._still: _Still | None = None

    def overlay(self, scene: Scene, time_s: float, measure: Measure) -> Overlay:
        """Return what to draw at an instant of the operation."""
        if self._still is None or self._still.scene is not scene:
            self._still = self._prepare(scene)
        level, strokes = self._still.level_m, self._still.strokes
        if math.isnan(level):  # without a reading no place on the water has a pixel
            return Overlay((), (), (), sum(person.waiting for person in scene.people), level)
        marks = tuple(self._marks([*self._subjects(scene, level, time_s)]))
        shown = {mark.id for mark in marks}
        wishes = [
            Wish(m.id, m.u, m.v, m.radius_px, m.lines, _PRIORITY[m.kind], must=_PRIORITY[m.kind] <= 2) for m in marks
        ]
        return Overlay(
            marks=marks,
            strokes=strokes,
            labels=arrange(wishes, self._area, measure),
            outside=sum(person.waiting for person in scene.people if f"victim/{person.id}" not in shown),
            level_m=level,
        )

    def _prepare(self, scene: Scene) -> "_Still":
        level = scene.level_m(self._river, self._chainage_m)
        return _Still(scene, level, () if math.isnan(level) else tuple(self._strokes(scene, level)))

    def _subjects(self, scene: Scene, level_m: float, time_s: float) -> "Iterator[_Subject]":
        language = self._language
        for person in scene.people:
            stale = time_s - person.seen_s > 3 * FRESH_S
            lines = person_lines(person, time_s, language)
            yield _Subject(f"victim/{person.id}", person.kind, place(person, level_m), lines, person.kind, stale)
        for boat in scene.boats:
            stale = time_s - boat.seen_s > FRESH_S
            lines = boat_lines(boat, time_s, language)
            yield _Subject(f"boat/{boat.id}", "boat", (*boat.place(time_s), level_m), lines, boat.agency, stale)
        for stone in scene.stones:
            top = (stone.x_m, stone.y_m, max(stone.crest_m, level_m))
            yield _Subject(f"reef/{stone.id}", "reef", top, stone_lines(stone, level_m, time_s, language), "reef")

    def _marks(self, subjects: "list[_Subject]") -> Iterator[Mark]:
        """Yield the marks of those in the frame."""
        if not subjects:
            return
        x, y, z = np.array([subject.place for subject in subjects]).T
        u, v, depth = self.view.project(x, y, z)
        inside = self.view.inside(u, v) & (depth < _FAR_M)
        hidden = self._horizon.hides(x, y, z)
        for number in np.nonzero(inside)[0]:
            s = subjects[number]
            at, radius = (float(u[number]), float(v[number])), _RADIUS_PX[s.kind] * self._scale
            yield Mark(s.id, s.kind, *at, radius, s.lines, s.tone, s.stale, bool(hidden[number]))

    def _strokes(self, scene: Scene, level_m: float) -> Iterator[Stroke]:
        for run in self._shore.edges(level_m):
            yield Stroke("edge", run, "edge")
        for line in scene.lines:
            for run in visible(self.view, _flat(line.xy, level_m)):
                yield Stroke("route", run, line.agency)
        for person in scene.people:
            if math.isnan(person.ground_m) and person.accuracy_m > _DOUBT_M:
                for run in visible(self.view, _flat(_circle(person), level_m)):
                    yield Stroke("doubt", run, person.kind)


@dataclass(frozen=True, slots=True)
class _Subject:
    """What a mark is made of before it is known whether it lies in the frame."""

    id: str
    kind: MarkKind
    place: tuple[float, float, float]
    lines: tuple[str, ...]
    tone: str
    stale: bool = False


@dataclass(frozen=True, eq=False)
class _Still:
    """What stays while the scene does: the known level and the lines."""

    scene: Scene
    level_m: float
    strokes: tuple[Stroke, ...]


def place(person: Person, level_m: float) -> tuple[float, float, float]:
    """Return where a victim's mark is in the world: on the water, or at the middle of those who stand."""
    if math.isnan(person.ground_m):
        return person.x_m, person.y_m, level_m
    return person.x_m, person.y_m, max(person.ground_m, level_m - _LIFT_M) + _LIFT_M


def _flat(xy: Floats, level_m: float) -> Floats:
    return np.column_stack([xy, np.full(len(xy), level_m)])


def _circle(person: Person) -> Floats:
    turns = np.linspace(0, 2 * np.pi, 33)
    return np.column_stack(
        [person.x_m + person.accuracy_m * np.cos(turns), person.y_m + person.accuracy_m * np.sin(turns)]
    )
