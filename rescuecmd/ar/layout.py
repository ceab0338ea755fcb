"""Where labels go: beside what they name, over nothing that matters, and never over each other.

Marks are taken by priority, victims first. No label covers a symbol; a victim's label is always placed, if need be at
the end of a long leader and over a boat's symbol, but never over another victim; others go without where there is
no room.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

Measure: TypeAlias = Callable[[Sequence[str]], tuple[int, int]]
"""Width and height, px, of a label's lines with its plate."""

_GAP_PX = 6.0
_REACHES = (1.0, 1.8, 3.0, 4.6, 6.6, 9.0)
_TURNS = (-35, -145, 35, 145, -90, 90, 0, 180, -60, -120, 60, 120)  # degrees, 0 to the right, 90 down


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle of the frame, px."""

    x0: float
    y0: float
    x1: float
    y1: float

    def overlaps(self, other: "Box") -> bool:
        """Return whether two boxes share area."""
        return self.x0 < other.x1 and other.x0 < self.x1 and self.y0 < other.y1 and other.y0 < self.y1


@dataclass(frozen=True, slots=True)
class Wish:
    """A label that wants a place: around (u, v), beyond the symbol's radius; the lowest priority number goes first."""

    id: str
    u: float
    v: float
    radius_px: float
    lines: tuple[str, ...]
    priority: int
    must: bool


@dataclass(frozen=True, slots=True)
class Label:
    """A placed label."""

    id: str
    box: Box
    lines: tuple[str, ...]


def arrange(wishes: Sequence[Wish], area: Box, measure: Measure) -> tuple[Label, ...]:
    """Return the labels that have a place inside `area`, without overlap among them or over a must's symbol."""
    symbols = {wish.id: _symbol(wish) for wish in wishes}
    musts = {wish.id for wish in wishes if wish.must}
    placed: list[Label] = []
    for wish in sorted(wishes, key=lambda w: (w.priority, w.id)):
        size = measure(wish.lines)
        labels = [label.box for label in placed]
        box = _first_free(wish, size, area, [*labels, *symbols.values()])
        if box is None and wish.must:
            box = _scan(size, area, (wish.u, wish.v), [*labels, *(symbols[must] for must in musts)])
        if box is not None:
            placed.append(Label(wish.id, box, wish.lines))
    return tuple(placed)


def _symbol(wish: Wish) -> Box:
    r = wish.radius_px
    return Box(wish.u - r, wish.v - r, wish.u + r, wish.v + r)


def _first_free(wish: Wish, size: tuple[int, int], area: Box, blocked: Sequence[Box]) -> Box | None:
    wide, tall = size
    for reach in _REACHES:
        for turn in _TURNS:
            cos, sin = math.cos(math.radians(turn)), math.sin(math.radians(turn))
            away = (wish.radius_px + _GAP_PX) * reach
            x = wish.u + away * cos + wide / 2 * (cos / max(abs(cos), 0.5)) - wide / 2
            y = wish.v + away * sin + tall / 2 * (sin / max(abs(sin), 0.5)) - tall / 2
            box = Box(x, y, x + wide, y + tall)
            if _inside(box, area) and not any(box.overlaps(other) for other in blocked):
                return box
        if not wish.must and reach > 3:
            return None
    return None


def _scan(size: tuple[int, int], area: Box, at: tuple[float, float], blocked: Sequence[Box]) -> Box | None:
    """Return the free place of the whole area that is nearest to a point; the corner nearest to it when all is full."""
    wide, tall = size
    columns = [area.x0 + i * wide / 2 for i in range(max(1, int((area.x1 - area.x0 - wide) / (wide / 2)) + 1))]
    rows = [area.y0 + i * tall / 2 for i in range(max(1, int((area.y1 - area.y0 - tall) / (tall / 2)) + 1))]
    boxes = sorted(
        (Box(x, y, x + wide, y + tall) for x in columns for y in rows),
        key=lambda box: math.hypot((box.x0 + box.x1) / 2 - at[0], (box.y0 + box.y1) / 2 - at[1]),
    )
    free = (box for box in boxes if not any(box.overlaps(other) for other in blocked))
    return next(free, boxes[0] if boxes else None)


def _inside(box: Box, area: Box) -> bool:
    return box.x0 >= area.x0 and box.y0 >= area.y0 and box.x1 <= area.x1 and box.y1 <= area.y1
