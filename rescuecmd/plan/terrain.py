"""The water, rocks, bridges and current of a drawing, from the river as it stands."""

import itertools
import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from contourpy import FillType, LineType, contour_generator

from rescuecmd.geo import Floats, bearing_deg
from rescuecmd.plan.drawing import Area, AreaRole, Extent, Line, LineRole, Mark, Point
from rescuecmd.river.model import Boom, RestrictedArea, River
from rescuecmd.river.water import Water
from rescuecmd.text import Text

MIDDLE_M = 1.0
DEEP_M = 2.5
SOUNDED_M = 3.0
"""Deeper water needs no number for the boats we send."""

_CELLS = 150  # grid cells along the longer side of a drawing
_ARROWS = 7  # current arrows along the width


@dataclass(frozen=True, eq=False)
class Terrain:
    """A curvilinear grid over an extent: positions and bed level, shape (rows along the river, columns across)."""

    river: River
    water: Water
    now_s: float
    extent: Extent
    x_m: Floats
    y_m: Floats
    bed_m: Floats
    chainage_m: Floats

    def depth_m(self) -> Floats:
        """Return the median depth now, NaN outside the survey."""
        return self.water.level_m(self.chainage_m, self.now_s)[:, None] - self.bed_m


def survey(river: River, water: Water, now_s: float, extent: Extent) -> Terrain:
    """Return the grid of an extent."""
    corners_x = np.linspace(extent.west_m, extent.east_m, 9)
    corners_y = np.linspace(extent.south_m, extent.north_m, 9)
    grid_x, grid_y = np.meshgrid(corners_x, corners_y)
    chainage, _ = river.locate(grid_x, grid_y)
    step = max(extent.width_m, extent.height_m) / _CELLS
    low, high = (float(np.clip(value, 0.0, river.length_m)) for value in (chainage.min() - step, chainage.max() + step))
    along = np.linspace(low, high, max(2, math.ceil((high - low) / step) + 1))
    left, right = river.banks(along)
    across = np.arange(float(right.min()) - step, float(left.max()) + 2 * step, step)
    x, y = river.point(along[:, None], across[None, :])
    return Terrain(river, water, now_s, extent, x, y, river.bed_m(along[:, None], across[None, :]), along)


def water_areas(terrain: Terrain) -> Iterator[Area]:
    """Yield the water now, deeper over shallower."""
    depth = terrain.depth_m()
    steps: tuple[tuple[AreaRole, float], ...] = (("shallow", 0.0), ("middle", MIDDLE_M), ("deep", DEEP_M))
    for role, least_m in steps:
        yield from _filled(terrain, role, depth - least_m)


def forecast_areas(terrain: Terrain, level_m: Floats) -> Iterator[Area]:
    """Yield what the water may cover at `level_m` (one per row of the grid)."""
    yield from _filled(terrain, "forecast", level_m[:, None] - terrain.bed_m)


def water_edge(terrain: Terrain, role: LineRole = "water_edge", level_m: Floats | None = None) -> Iterator[Line]:
    """Yield the water's edge, now or at another level."""
    level = terrain.water.level_m(terrain.chainage_m, terrain.now_s) if level_m is None else level_m
    lines = _generator(terrain, level[:, None] - terrain.bed_m, FillType.OuterOffset).lines(0.0)
    for points in lines:
        yield Line(role, tuple((float(x), float(y)) for x, y in points))


def rocks(terrain: Terrain, skip_name: str = "") -> Iterator[Area | Line | Mark]:
    """Yield the reefs: what stands out of the water, the foot, and the name with the height."""
    depth = terrain.depth_m()
    for reef in terrain.river.reefs:
        if not terrain.extent.holds(reef.x_m, reef.y_m, -20.0):
            continue
        reach = max(math.dist((reef.x_m, reef.y_m), corner) for corner in reef.ring_xy) + 1.0
        near = np.hypot(terrain.x_m - reef.x_m, terrain.y_m - reef.y_m) <= reach
        yield from _filled(terrain, "reef", np.where(near, -depth, -1.0))
        yield Line("reef_foot", reef.ring_xy)
        chainage = float(np.clip(terrain.river.locate(reef.x_m, reef.y_m)[0], 0.0, terrain.river.length_m))
        above_m = reef.crest_m - float(terrain.water.level_m(chainage, terrain.now_s))
        how = (
            Text(zh=f"露出 {above_m:.1f} m", en=f"{above_m:.1f} m out")
            if above_m > 0
            else Text(zh=f"水下 {-above_m:.1f} m", en=f"{-above_m:.1f} m under")
        )
        if reef.id != skip_name:
            name = Text(zh=f"{reef.name.zh} {how.zh}", en=f"{reef.name.en} {how.en}")
            yield Mark("reef_name", reef.x_m, reef.y_m, name)


def bridges(terrain: Terrain) -> Iterator[Line | Mark]:
    """Yield the bridges with their piers and names."""
    for bridge in terrain.river.bridges:
        offsets = [value for span in bridge.spans for value in (span.from_m, span.to_m)]
        x, y = terrain.river.point(bridge.chainage_m, np.linspace(min(offsets), max(offsets), 12))
        points = tuple((float(a), float(b)) for a, b in zip(x, y, strict=True))
        if not any(terrain.extent.holds(*point) for point in points):
            continue
        yield Line("bridge", points)
        for pier in bridge.piers:
            yield Mark("pier", pier.x_m, pier.y_m)


def rules(terrain: Terrain) -> Iterator[Area | Line | Mark]:
    """Yield the river's portages, ramps and locks, its booms and its areas with rules, each with its name."""
    for rule in terrain.river.rules:
        points = rule.ring_xy if isinstance(rule, RestrictedArea) else rule.line_xy
        if not any(terrain.extent.holds(*point) for point in points):
            continue
        if isinstance(rule, RestrictedArea):
            yield Area("no_go" if rule.closed else "caution", (rule.ring_xy,))
        else:
            yield Line("boom" if isinstance(rule, Boom) else "way", rule.line_xy)
        x, y = (sum(values) / len(points) for values in zip(*points, strict=True))
        yield Mark("rule_name", x, y, rule.name)


def current_arrows(terrain: Terrain) -> Iterator[Line]:
    """Yield arrows along the current; a length of one seventh of the width stands for 3 m/s."""
    extent, pitch = terrain.extent, terrain.extent.width_m / _ARROWS
    xs = np.arange(extent.west_m + pitch / 2, extent.east_m, pitch)
    ys = np.arange(extent.south_m + pitch / 2, extent.north_m, pitch)
    grid_x, grid_y = np.meshgrid(xs, ys)
    inside = _in_survey(terrain, grid_x, grid_y)
    if not inside.any():
        return
    x, y = grid_x[inside], grid_y[inside]
    u, v = terrain.water.current_xy(x, y, terrain.now_s)
    speed = np.hypot(u, v)
    for n in np.flatnonzero(speed > 0.1):
        reach = min(1.0, float(speed[n]) / 3.0) * pitch * 0.8
        dx, dy = float(u[n] / speed[n]) * reach / 2, float(v[n] / speed[n]) * reach / 2
        yield Line("current", ((float(x[n]) - dx, float(y[n]) - dy), (float(x[n]) + dx, float(y[n]) + dy)))


def current_at(terrain: Terrain, xy: Point) -> tuple[float, float]:
    """Return speed, m/s, and direction, degrees true, of the current at a point; 0 where there is no water."""
    if not _in_survey(terrain, np.array([xy[0]]), np.array([xy[1]])).any():
        return 0.0, 0.0
    u, v = terrain.water.current_xy(*xy, terrain.now_s)
    return math.hypot(float(u), float(v)), bearing_deg(float(u), float(v))


def soundings(terrain: Terrain, around: Point, reach_m: float) -> Iterator[Mark]:
    """Yield depths, m, in a pattern around a point, where the water is not deep."""
    pitch = reach_m / 3
    for column in range(-3, 4):
        for row in range(-3, 4):
            x, y = around[0] + column * pitch, around[1] + (row + (column % 2) / 2) * pitch
            if math.dist((x, y), around) > reach_m or not terrain.extent.holds(x, y, pitch / 4):
                continue
            if not _in_survey(terrain, np.array([x]), np.array([y])).any():
                continue
            chainage, offset = terrain.river.locate(x, y)
            depth = float(terrain.water.depth_m(float(chainage), float(offset), terrain.now_s))
            if 0.05 < depth < SOUNDED_M:
                yield Mark("sounding", x, y, Text(zh=f"{depth:.1f}", en=f"{depth:.1f}"))


def _in_survey(terrain: Terrain, x: Floats, y: Floats) -> np.ndarray:
    chainage, offset = terrain.river.locate(x, y)
    inside = (chainage >= 0) & (chainage <= terrain.river.length_m)
    bed = terrain.river.bed_m(np.clip(chainage, 0.0, terrain.river.length_m), offset)
    found: np.ndarray = inside & np.isfinite(bed)
    return found


def _filled(terrain: Terrain, role: AreaRole, height: Floats) -> Iterator[Area]:
    """Yield the areas where `height` is above 0."""
    generator = _generator(terrain, height, FillType.OuterOffset)
    points, offsets = generator.filled(0.0, np.inf)
    for ring_points, starts in zip(points, offsets, strict=True):
        rings = [ring_points[a:b] for a, b in itertools.pairwise(starts)]
        yield Area(role, tuple(tuple((float(x), float(y)) for x, y in ring) for ring in rings))


def _generator(terrain: Terrain, height: Floats, fill: FillType):  # type: ignore[no-untyped-def]
    return contour_generator(
        terrain.x_m, terrain.y_m, np.ma.masked_invalid(height), fill_type=fill, line_type=LineType.Separate
    )
