"""The axis of a river: from frame coordinates to chainage and offset, and back.

The centre line is a polyline with a normal at each vertex; between vertices both run linearly, so the map from
(chainage, offset) to (x, y) is continuous and `locate` inverts `point` to well below a millimetre.
"""

from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike
from scipy.spatial import cKDTree

from rescuecmd.errors import InputError
from rescuecmd.geo import Floats

_ROUNDS = 12  # Newton steps; 3-5 are enough inside the banks of a gentle river
_CLOSE_M = 1e-6


class Axis:
    """A centre line, upstream first: ``xy`` of shape (n, 2), ``chainage_m`` of shape (n,) starting at 0."""

    def __init__(self, xy: ArrayLike) -> None:
        self.xy: Floats = np.asarray(xy, dtype=np.float64)
        if self.xy.ndim != 2 or self.xy.shape[1] != 2 or len(self.xy) < 2 or not np.isfinite(self.xy).all():
            raise InputError("bad-centreline", "a centre line needs at least two finite points of x and y")
        steps = np.hypot(*np.diff(self.xy, axis=0).T)
        if (steps <= 0).any():
            raise InputError("bad-centreline", "a centre line has the same point twice in a row")
        self.chainage_m: Floats = np.concatenate(([0.0], np.cumsum(steps)))

    @property
    def length_m(self) -> float:
        """The length of the centre line."""
        return float(self.chainage_m[-1])

    @cached_property
    def _tangents(self) -> Floats:
        """Unit vector along each segment, shape (n - 1, 2)."""
        steps = np.diff(self.xy, axis=0)
        unit: Floats = steps / np.hypot(steps[:, 0], steps[:, 1])[:, None]
        return unit

    @cached_property
    def _normals(self) -> Floats:
        """Unit vector to the left bank at each vertex, shape (n, 2)."""
        ahead = np.vstack([self._tangents[:1], self._tangents[:-1] + self._tangents[1:], self._tangents[-1:]])
        left = np.column_stack([-ahead[:, 1], ahead[:, 0]])
        unit: Floats = left / np.maximum(np.hypot(left[:, 0], left[:, 1]), 1e-12)[:, None]
        return unit

    @cached_property
    def _tree(self) -> cKDTree:
        return cKDTree(self.xy)

    def tangent(self, chainage_m: ArrayLike) -> tuple[Floats, Floats]:
        """Return the unit vector downstream (x, y), of the shape of the input."""
        _, normal = self._at(np.asarray(chainage_m, dtype=np.float64))
        unit = normal / np.hypot(normal[..., 0], normal[..., 1])[..., None]
        return unit[..., 1], -unit[..., 0]

    def point(self, chainage_m: ArrayLike, offset_m: ArrayLike) -> tuple[Floats, Floats]:
        """Return x and y, m; beyond the ends the line runs straight on."""
        chainage, offset = np.broadcast_arrays(
            np.asarray(chainage_m, dtype=np.float64), np.asarray(offset_m, dtype=np.float64)
        )
        centre, normal = self._at(chainage)
        xy = centre + offset[..., None] * normal
        return xy[..., 0], xy[..., 1]

    def locate(self, x_m: ArrayLike, y_m: ArrayLike) -> tuple[Floats, Floats]:
        """Return chainage and offset, m; chainage below 0 or above the length lies beyond the ends."""
        x, y = np.broadcast_arrays(np.asarray(x_m, dtype=np.float64), np.asarray(y_m, dtype=np.float64))
        target = np.stack([x.ravel(), y.ravel()], axis=1)
        chainage, offset = self._invert(target)
        return chainage.reshape(x.shape), offset.reshape(x.shape)

    def _at(self, chainage: Floats) -> tuple[Floats, Floats]:
        """Return centre and (not quite unit) normal at each chainage, shape (..., 2) each."""
        at = np.clip(np.searchsorted(self.chainage_m, chainage, side="right") - 1, 0, len(self.xy) - 2)
        share = (chainage - self.chainage_m[at]) / (self.chainage_m[at + 1] - self.chainage_m[at])
        centre = self.xy[at] + share[..., None] * (self.xy[at + 1] - self.xy[at])
        turn = np.clip(share, 0.0, 1.0)[..., None]
        return centre, self._normals[at] + turn * (self._normals[at + 1] - self._normals[at])

    def _invert(self, target: Floats) -> tuple[Floats, Floats]:
        finite = np.isfinite(target).all(axis=1)
        chainage = np.full(len(target), np.nan)
        offset = np.full(len(target), np.nan)
        if finite.any():
            chainage[finite], offset[finite] = self._newton(target[finite])
        return chainage, offset

    def _newton(self, target: Floats) -> tuple[Floats, Floats]:
        near = self._tree.query(target)[1]
        chainage = self.chainage_m[near].copy()
        offset = np.einsum("ij,ij->i", target - self.xy[near], self._normals[near])
        for _ in range(_ROUNDS):
            centre, normal = self._at(chainage)
            at = np.clip(np.searchsorted(self.chainage_m, chainage, side="right") - 1, 0, len(self.xy) - 2)
            span = (self.chainage_m[at + 1] - self.chainage_m[at])[:, None]
            inside = ((chainage >= 0) & (chainage <= self.length_m))[:, None]
            turning = np.where(inside, (self._normals[at + 1] - self._normals[at]) / span, 0.0)
            along = self._tangents[at] + offset[:, None] * turning
            miss = target - centre - offset[:, None] * normal
            # Cramer's rule on  along * d_chainage + normal * d_offset = miss
            cross = along[:, 0] * normal[:, 1] - along[:, 1] * normal[:, 0]
            cross = np.where(np.abs(cross) < 0.05, 0.05, cross)  # near a centre of curvature: small steps
            step = (miss[:, 0] * normal[:, 1] - miss[:, 1] * normal[:, 0]) / cross
            chainage += np.clip(step, -200.0, 200.0)
            offset += (along[:, 0] * miss[:, 1] - along[:, 1] * miss[:, 0]) / cross
            if np.abs(step).max() < _CLOSE_M:
                break
        return chainage, offset
