"""What the ground before a camera hides: its running horizon along each azimuth."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from rescuecmd.ar.camera import View
from rescuecmd.geo import Floats
from rescuecmd.river.model import River

_AZIMUTHS, _RINGS = 361, 150
_NEAR_M, _FAR_M = 6.0, 2500.0
_SLACK_M = 0.35  # less than this under the line of sight is the model's own grain, not a bank


class Horizon:
    """Made once for a fixed camera; ground that is not surveyed hides nothing."""

    def __init__(self, river: River, view: View) -> None:
        self._pose = view.pose
        half = np.degrees(np.arctan(view.lens.width_px / 2 / view.lens.focal_px)) * 1.25 + 5.0
        self._start = np.radians(view.pose.heading_deg - min(half, 180.0))
        self._step = np.radians(2 * min(half, 180.0)) / (_AZIMUTHS - 1)
        self._rings = np.geomspace(_NEAR_M, _FAR_M, _RINGS)
        azimuths = self._start + self._step * np.arange(_AZIMUTHS)
        x = view.pose.x_m + np.sin(azimuths)[:, None] * self._rings
        y = view.pose.y_m + np.cos(azimuths)[:, None] * self._rings
        chainage, offset = river.locate(x, y)
        ground = river.bed_m(chainage, offset)
        slope = (ground - view.pose.level_m) / self._rings
        self._slope: Floats = np.maximum.accumulate(np.nan_to_num(slope, nan=-np.inf), axis=1)

    def hides(self, x_m: ArrayLike, y_m: ArrayLike, z_m: ArrayLike) -> NDArray[np.bool_]:
        """Return which points lie behind nearer ground, of the shape of the input."""
        dx, dy = np.asarray(x_m) - self._pose.x_m, np.asarray(y_m) - self._pose.y_m
        far = np.maximum(np.hypot(dx, dy), 1.0)
        turn = np.mod(np.arctan2(dx, dy) - self._start + np.pi / 36, 2 * np.pi) - np.pi / 36
        column = np.clip(np.round(turn / self._step), 0, _AZIMUTHS - 1).astype(np.intp)
        ring = np.searchsorted(self._rings, far * 0.985 - 2.0) - 1
        before = np.where(ring >= 0, self._slope[column, np.maximum(ring, 0)], -np.inf)
        return np.asarray((np.asarray(z_m) - self._pose.level_m + _SLACK_M) / far < before)
