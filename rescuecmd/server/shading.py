"""Depth shading: the bed as a raster, made once; a picture of the depth for each noticeable change of the level."""

import hashlib
import io
import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from rescuecmd.geo import Floats
from rescuecmd.river.model import River
from rescuecmd.river.water import Water

LEVEL_STEP_M = 0.05
"""A change below this makes no new picture: it is under the error of a reading."""

_MOST_PIXELS = 1400  # along the longer side
_FINEST_M = 6.0
_MARGIN_M = 20.0
# Upper limit of each class, m, and its colour (RGBA): dry ground, then deeper and darker water. Light to dark in one
# hue keeps the order readable for every kind of colour vision.
_CLASSES: tuple[tuple[float, tuple[int, int, int, int]], ...] = (
    (0.0, (178, 158, 120, 110)),
    (0.5, (222, 240, 250, 210)),
    (1.0, (190, 222, 242, 210)),
    (2.0, (146, 196, 228, 210)),
    (4.0, (96, 162, 208, 215)),
    (8.0, (54, 122, 180, 220)),
    (math.inf, (26, 82, 142, 225)),
)
_OUTSIDE = len(_CLASSES)  # palette index of what is not surveyed: transparent


def depth_classes() -> list[tuple[float | None, float | None, str]]:
    """Return the classes of the shading, driest first: from and to which depth (m, None: no limit), colour as CSS."""
    limits = [None, *(limit for limit, _ in _CLASSES[:-1]), None]
    return [
        (low, high, f"rgb({red} {green} {blue} / {alpha / 255:.2f})")
        for low, high, (_, (red, green, blue, alpha)) in zip(limits, limits[1:], _CLASSES, strict=False)
    ]


@dataclass(frozen=True, slots=True)
class Shading:
    """One picture with its corners: top left, top right, bottom right, bottom left (lon, lat)."""

    id: str
    level_m: float
    corners: tuple[tuple[float, float], ...]
    png: bytes


class DepthChart:
    """The raster of one river."""

    def __init__(self, river: River) -> None:
        self._river = river

    def key(self, water: Water, time_s: float, chainage_m: float) -> str:
        """Return the id of the picture for this water; equal ids are equal pictures."""
        ends = water.level_m([0.0, chainage_m, self._river.length_m], time_s)
        steps = ",".join(str(round(float(level) / LEVEL_STEP_M)) for level in ends)
        return hashlib.sha256(f"{self._river.id}:{steps}".encode()).hexdigest()[:16]

    def draw(self, water: Water, time_s: float, chainage_m: float) -> Shading:
        """Return the picture of the depth at a time; takes about 0.1 s."""
        raster = self._raster
        depth = water.level_m(raster.chainages, time_s)[raster.line] - raster.bed_m
        limits = np.array([limit for limit, _ in _CLASSES[:-1]])
        image = np.full(raster.shape, _OUTSIDE, dtype=np.uint8)
        image[raster.at] = np.searchsorted(limits, depth, side="left")
        shown = float(water.level_m(chainage_m, time_s))
        return Shading(self.key(water, time_s, chainage_m), shown, raster.corners, _png(image))

    @cached_property
    def _raster(self) -> "_Raster":
        return _raster(self._river)


@dataclass(frozen=True, eq=False, slots=True)
class _Raster:
    shape: tuple[int, int]
    corners: tuple[tuple[float, float], ...]
    chainages: Floats
    at: tuple[NDArray[np.intp], NDArray[np.intp]]
    line: NDArray[np.intp]
    bed_m: Floats


def _raster(river: River) -> _Raster:
    """Return the bed on pixels: points along and across the river, dense enough to reach every pixel."""
    xy = river.centreline.xy
    reach = max(float(np.abs(side).max()) for side in river.banks(river.centreline.chainage_m)) + _MARGIN_M
    west, south = xy.min(axis=0) - reach
    east, north = xy.max(axis=0) + reach
    step = max(_FINEST_M, float(max(east - west, north - south)) / _MOST_PIXELS)
    columns, rows = math.ceil((east - west) / step), math.ceil((north - south) / step)
    chainages = np.arange(0.0, river.length_m, step / 2.5)
    offsets = np.arange(-reach, reach, step / 2.5)
    chainage, offset = np.meshgrid(chainages, offsets, indexing="ij")
    bed = river.bed_m(chainage, offset)
    known = np.isfinite(bed)
    x, y = river.point(chainage[known], offset[known])
    column, row = ((x - west) / step).astype(np.intp), ((north - y) / step).astype(np.intp)
    line = np.broadcast_to(np.arange(len(chainages))[:, None], bed.shape)[known]
    _, first = np.unique(row * columns + column, return_index=True)
    lon, lat = river.frame.to_lonlat(
        [west, west + columns * step, west + columns * step, west],
        [north, north, north - rows * step, north - rows * step],
    )
    corners = tuple((float(a), float(b)) for a, b in zip(lon, lat, strict=True))
    return _Raster((rows, columns), corners, chainages, (row[first], column[first]), line[first], bed[known][first])


def _png(image: NDArray[np.uint8]) -> bytes:
    picture = Image.fromarray(image)
    palette = [channel for _, colour in _CLASSES for channel in colour[:3]] + [0, 0, 0]
    picture.putpalette(palette)
    file = io.BytesIO()
    alphas = bytes([colour[3] for _, colour in _CLASSES] + [0])
    picture.save(file, "PNG", transparency=alphas, optimize=False, compress_level=6)
    return file.getvalue()
