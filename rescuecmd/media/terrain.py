"""What a fixed camera sees of the dry world: for every pixel the ground's place, its level and its distance.

The ground does not move, so one cast when the camera is set up serves every frame after it: a pixel shows water
exactly where the ground that it would see lies below the water's level. Reefs shrink and banks drown by themselves.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rescuecmd.ar.camera import View
from rescuecmd.geo import Floats
from rescuecmd.river.model import River

_NEAR_M, _FAR_M = 4.0, 4500.0
_RINGS = 420
_COLUMNS_PER_PX = 0.75
_FAN = 4  # azimuths between two that are located on the river
_BASE = 1.0e4  # larger than any slope, so that one sorted array holds every azimuth
_CLEAR_M = 3.0  # the lens stands on a mast this far above the ground around it
SKY_M = 9.0e4


@dataclass(frozen=True)
class Cast:
    """Per pixel, shape (height, width): ground level (``SKY_M`` in the sky), place, distance over ground and shade.

    ``outside_m`` is how far beyond the surveyed width the ground lies (negative within it).
    """

    level_m: Floats
    x_m: Floats
    y_m: Floats
    range_m: Floats
    shade: Floats
    outside_m: Floats

    @property
    def sky(self) -> NDArray[np.bool_]:
        """Where nothing but sky is seen."""
        return np.asarray(self.level_m >= SKY_M)


class Ground:
    """The ground's level everywhere around a river: its bed, and schematic banks and hills beyond the survey."""

    def __init__(self, river: River, view: View) -> None:
        self._river, self._pose = river, view.pose

    def level_m(self, x_m: Floats, y_m: Floats) -> tuple[Floats, Floats]:
        """Return ground level and distance outside the surveyed width (negative within), m, of the input's shape."""
        chainage, offset = self._locate(x_m, y_m)
        inside = np.clip(np.nan_to_num(chainage), 1.0, self._river.length_m - 1.0)
        left, right = self._river.banks(inside)
        kept = np.clip(np.nan_to_num(offset), right + 1e-6, left - 1e-6)
        beyond = np.nan_to_num(np.maximum(offset - left, right - offset) + np.abs(chainage - inside), nan=500.0)
        bed = self._river.bed_m(inside, kept)
        level = np.nan_to_num(bed, nan=float(np.nanmin(bed))) + _bank(np.maximum(beyond, 0), x_m, y_m)
        near = np.hypot(x_m - self._pose.x_m, y_m - self._pose.y_m)
        roof = self._pose.level_m - _CLEAR_M - np.clip(20 - near, 0, 20) * 0.1
        lowered = np.where(near < 90.0, np.minimum(level, roof + np.maximum(near - 60, 0)), level)
        return np.where(beyond > 0, lowered, level), beyond

    def _locate(self, x_m: Floats, y_m: Floats) -> tuple[Floats, Floats]:
        """Return chainage and offset; of a fan of azimuths every fourth is located, the others lie between."""
        if x_m.ndim < 2 or (len(x_m) - 1) % _FAN:
            return self._river.locate(x_m, y_m)
        chainage, offset = self._river.locate(x_m[::_FAN], y_m[::_FAN])
        shares = np.arange(_FAN)[:, None] / _FAN
        filled = []
        for coarse in (chainage, offset):
            between = coarse[:-1, None] * (1 - shares) + coarse[1:, None] * shares
            filled.append(np.concatenate([between.reshape(-1, coarse.shape[1]), coarse[-1:]]))
        return filled[0], filled[1]


def _bank(beyond_m: Floats, x_m: Floats, y_m: Floats) -> Floats:
    """Return the height of schematic ground above the survey's edge: a slope, a road, hills."""
    slope = np.minimum(beyond_m * 0.5, 9.0)
    rolling = 0.5 + 0.5 * np.sin(x_m / 310.0 + 1.3) * np.sin(y_m / 270.0 + 0.4)
    wrinkle = 0.5 + 0.5 * np.sin(x_m / 67.0) * np.sin(y_m / 59.0 + 2.0)
    hill = np.maximum(beyond_m - 70.0, 0.0) * (0.10 + 0.16 * rolling)
    return slope + np.minimum(hill, 60 + 70 * rolling) * (0.85 + 0.15 * wrinkle)


def cast(ground: Ground, view: View) -> Cast:
    """Return what every pixel of `view` shows of the ground.

    Rays are met with the ground along each azimuth by its running horizon: a ray meets the ground at the first ring
    whose slope, seen from the lens, is not below the ray's own.
    """
    v, u = np.mgrid[0 : view.lens.height_px, 0 : view.lens.width_px].astype(np.float64)
    ray = view.rays(u, v)
    flat = np.hypot(ray[..., 0], ray[..., 1])
    slope = ray[..., 2] / flat
    heading = np.unwrap(np.arctan2(ray[..., 0], ray[..., 1]), axis=1)
    heading -= 2 * np.pi * np.round((heading - np.radians(view.pose.heading_deg)) / (2 * np.pi))
    count = _FAN * int(view.lens.width_px * _COLUMNS_PER_PX / _FAN) + 1
    columns = np.linspace(heading.min(), heading.max(), count)
    rings = np.geomspace(_NEAR_M, _FAR_M, _RINGS)
    x = view.pose.x_m + np.sin(columns)[:, None] * rings
    y = view.pose.y_m + np.cos(columns)[:, None] * rings
    level, beyond = ground.level_m(x, y)
    seen = (level - view.pose.level_m) / rings
    horizon = np.maximum.accumulate(seen, axis=1)
    column = np.round((heading - columns[0]) / (columns[1] - columns[0])).astype(np.intp)
    keys = (horizon + _BASE * np.arange(len(columns))[:, None]).ravel()
    hit = np.searchsorted(keys, slope + _BASE * column) - column * _RINGS
    sky = hit >= _RINGS
    ring = np.clip(hit, 1, _RINGS - 1)
    return _meet(view, ray / flat[..., None], slope, (rings, level, beyond), (column, ring, sky))


def _meet(
    view: View,
    direction: Floats,
    slope: Floats,
    table: tuple[Floats, Floats, Floats],
    at: tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.bool_]],
) -> Cast:
    """Return the points where rays meet the ground between two rings, linear in between."""
    rings, level, beyond = table
    column, ring, sky = at
    before, after = level[column, ring - 1], level[column, ring]
    grade = (after - before) / (rings[ring] - rings[ring - 1])
    with np.errstate(divide="ignore", invalid="ignore"):
        far = (before - grade * rings[ring - 1] - view.pose.level_m) / (slope - grade)
    far = np.clip(np.nan_to_num(far), rings[ring - 1], rings[ring])
    share = (far - rings[ring - 1]) / (rings[ring] - rings[ring - 1])
    around = np.gradient(level, axis=0) / (np.maximum(rings, 30.0) * 0.004)
    away = np.gradient(level, rings, axis=1)
    lit = 1.0 - 0.55 * np.tanh(-1.2 * away + 0.02 * around)
    return Cast(
        level_m=np.where(sky, SKY_M, view.pose.level_m + slope * far),
        x_m=view.pose.x_m + direction[..., 0] * far,
        y_m=view.pose.y_m + direction[..., 1] * far,
        range_m=np.where(sky, SKY_M, far),
        shade=lit[column, ring],
        outside_m=beyond[column, ring - 1] * (1 - share) + beyond[column, ring] * share,
    )
