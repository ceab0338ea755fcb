"""A drawing as data: areas, lines and marks in the river's frame (metres, north up); a codec makes the picture.

Nothing here knows colours, fonts or languages; `interop.svg` renders it, and adds the drill marking itself.
"""

from dataclasses import dataclass
from typing import Literal, TypeAlias

from rescuecmd.text import Text

Point: TypeAlias = tuple[float, float]
AreaRole: TypeAlias = Literal["shallow", "middle", "deep", "forecast", "beach", "reef", "no_go", "caution"]
LineRole: TypeAlias = Literal[
    "water_edge", "forecast_edge", "reef_foot", "bridge", "route", "approach", "drift", "current", "way_out", "leave",
    "way", "boom",
]  # fmt: skip
MarkRole: TypeAlias = Literal[
    "you",
    "boat",
    "victim",
    "crowd",
    "stop",
    "meeting",
    "station",
    "hazard",
    "landing",
    "pier",
    "exit_open",
    "exit_closed",
    "safe_ground",
    "sounding",
    "reef_name",
    "rule_name",
    "current_speed",
]


@dataclass(frozen=True, slots=True)
class Area:
    """A filled area: its outer ring first, then its holes."""

    role: AreaRole
    rings: tuple[tuple[Point, ...], ...]


@dataclass(frozen=True, slots=True)
class Line:
    """A line; the role says whether it ends in an arrow head."""

    role: LineRole
    points: tuple[Point, ...]


@dataclass(frozen=True, slots=True)
class Mark:
    """A symbol with a label. ``heading_deg`` turns it; one that `points` is shown at the edge when it lies outside."""

    role: MarkRole
    x_m: float
    y_m: float
    label: Text | None = None
    heading_deg: float | None = None
    points: bool = False


@dataclass(frozen=True, slots=True)
class Extent:
    """The part of the world that is shown, m."""

    west_m: float
    south_m: float
    east_m: float
    north_m: float

    @property
    def width_m(self) -> float:
        """West to east."""
        return self.east_m - self.west_m

    @property
    def height_m(self) -> float:
        """South to north."""
        return self.north_m - self.south_m

    def holds(self, x_m: float, y_m: float, room_m: float = 0.0) -> bool:
        """Return whether a point lies inside by at least `room_m`."""
        across = self.west_m + room_m <= x_m <= self.east_m - room_m
        return across and self.south_m + room_m <= y_m <= self.north_m - room_m


@dataclass(frozen=True, slots=True)
class Drawing:
    """A picture for one terminal. Areas, lines and marks are painted in their order; notes stand below the map."""

    kind: Literal["approach", "evacuation"]
    title: Text
    subtitle: Text
    extent: Extent
    areas: tuple[Area, ...]
    lines: tuple[Line, ...]
    marks: tuple[Mark, ...]
    notes: tuple[Text, ...]
    schematic: bool = False


ASPECT = 1.1
"""Height over width of the map in a picture for a phone held upright."""


def extent_around(points: list[Point], *, room_m: float, least_m: float) -> Extent:
    """Return the extent of `ASPECT` that holds the points with room around them, at least `least_m` wide."""
    xs, ys = [x for x, _ in points], [y for _, y in points]
    width = max(max(xs) - min(xs) + 2 * room_m, (max(ys) - min(ys) + 2 * room_m) / ASPECT, least_m)
    middle_x, middle_y = (min(xs) + max(xs)) / 2, (min(ys) + max(ys)) / 2
    height = width * ASPECT
    return Extent(middle_x - width / 2, middle_y - height / 2, middle_x + width / 2, middle_y + height / 2)
