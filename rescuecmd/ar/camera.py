"""A camera's pose and lens: the world to pixels, and pixels to the water's surface.

Within the kilometre or two that a shore camera sees, the water is a plane: the earth's curve lowers it by
0.08 m at 1 km, which is 0.1 px at 1280 pixels and 60 degrees.
"""

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike

from rescuecmd.errors import InputError, NotCoveredError
from rescuecmd.geo import Floats

NEAR_M = 0.5  # nearer points project to coordinates that no drawing library can hold
_NEWTON_STEPS = 10  # five leave 6e-6 px, eight 4.5e-13 px on a 1280 px frame


@dataclass(frozen=True, slots=True)
class Pose:
    """Where a camera stands and looks: heading true clockwise, tilt below the horizon, roll clockwise."""

    x_m: float
    y_m: float
    level_m: float
    heading_deg: float
    tilt_deg: float
    roll_deg: float = 0.0


@dataclass(frozen=True)
class Lens:
    """A pinhole with Brown's distortion: sizes and focal length in pixels, coefficients without unit.

    Source
    ------
    Brown (1966), Decentering distortion of lenses; the order k1 k2 p1 p2 k3 is OpenCV's.
    """

    width_px: int
    height_px: int
    focal_px: float
    k1: float = 0.0
    k2: float = 0.0
    p1: float = 0.0
    p2: float = 0.0
    k3: float = 0.0

    def __post_init__(self) -> None:
        if self.width_px < 1 or self.height_px < 1 or not self.focal_px > 0:
            raise InputError(
                "bad-lens",
                f"expected a frame and a focal length above zero, got {self.width_px}x{self.height_px} px, "
                f"{self.focal_px:g} px",
            )

    @classmethod
    def from_hfov(cls, width_px: int, height_px: int, hfov_deg: float) -> "Lens":
        """Return the pinhole that sees `hfov_deg` from the left to the right edge of the frame.

        Raises
        ------
        InputError
            The angle is not between 0 and 180 degrees.
        """
        if not 0 < hfov_deg < 180:
            raise InputError("bad-lens", f"a lens sees more than 0 and less than 180 degrees, got {hfov_deg:g}")
        return cls(width_px, height_px, width_px / 2 / math.tan(math.radians(hfov_deg) / 2))

    @cached_property
    def centre(self) -> tuple[float, float]:
        """The principal point, px."""
        return (self.width_px - 1) / 2, (self.height_px - 1) / 2

    @cached_property
    def distorts(self) -> bool:
        """True when any coefficient is not zero."""
        return any((self.k1, self.k2, self.p1, self.p2, self.k3))

    @cached_property
    def fold_radius(self) -> float:
        """The radius (tangent of the angle off axis) beyond which the polynomial folds back into the frame."""
        radii = np.linspace(0.0, 8.0, 4001)
        r2 = radii**2
        slope = 1 + 3 * self.k1 * r2 + 5 * self.k2 * r2**2 + 7 * self.k3 * r2**3
        folding = np.nonzero(slope <= 0)[0]
        return float(radii[folding[0]]) if folding.size else math.inf

    def bend(self, x: Floats, y: Floats) -> tuple[Floats, Floats]:
        """Return where the lens images the undistorted tangents (x right, y down)."""
        r2 = x * x + y * y
        radial = 1 + r2 * (self.k1 + r2 * (self.k2 + r2 * self.k3))
        xy2 = 2 * x * y
        return (
            x * radial + self.p1 * xy2 + self.p2 * (r2 + 2 * x * x),
            y * radial + self.p1 * (r2 + 2 * y * y) + self.p2 * xy2,
        )

    def unbend(self, x_bent: Floats, y_bent: Floats) -> tuple[Floats, Floats]:
        """Return the undistorted tangents of imaged ones, by Newton's method."""
        if not self.distorts:
            return x_bent, y_bent
        x, y = x_bent.copy(), y_bent.copy()
        for _ in range(_NEWTON_STEPS):
            r2 = x * x + y * y
            radial = 1 + r2 * (self.k1 + r2 * (self.k2 + r2 * self.k3))
            growth = 2 * (self.k1 + r2 * (2 * self.k2 + r2 * 3 * self.k3))
            bent_x, bent_y = self.bend(x, y)
            miss_x, miss_y = bent_x - x_bent, bent_y - y_bent
            xx = radial + x * x * growth + 2 * self.p1 * y + 6 * self.p2 * x
            yy = radial + y * y * growth + 6 * self.p1 * y + 2 * self.p2 * x
            xy = x * y * growth + 2 * self.p1 * x + 2 * self.p2 * y
            det = xx * yy - xy * xy
            x = x - (yy * miss_x - xy * miss_y) / det
            y = y - (xx * miss_y - xy * miss_x) / det
        return x, y


@dataclass(frozen=True)
class View:
    """A lens at a pose: the two directions of the projection."""

    pose: Pose
    lens: Lens

    @cached_property
    def axes(self) -> Floats:
        """Rows: the camera's right, down and forward directions in the world, shape (3, 3)."""
        heading, tilt, roll = (
            math.radians(angle) for angle in (self.pose.heading_deg, self.pose.tilt_deg, self.pose.roll_deg)
        )
        forward = np.array([math.sin(heading) * math.cos(tilt), math.cos(heading) * math.cos(tilt), -math.sin(tilt)])
        level = np.array([math.cos(heading), -math.sin(heading), 0.0])
        down = np.cross(forward, level)
        right = level * math.cos(roll) + down * math.sin(roll)
        return np.array([right, down * math.cos(roll) - level * math.sin(roll), forward])

    @cached_property
    def eye(self) -> Floats:
        """The lens's place, shape (3,), m."""
        return np.array([self.pose.x_m, self.pose.y_m, self.pose.level_m])

    def project(self, x_m: ArrayLike, y_m: ArrayLike, z_m: ArrayLike) -> tuple[Floats, Floats, Floats]:
        """Return u, v (px) and depth along the axis (m) of world points; inputs broadcast.

        u and v are NaN for points nearer than `NEAR_M`, behind the camera, or where the lens formula folds.
        """
        x, y, z = np.broadcast_arrays(*(np.asarray(value, dtype=np.float64) for value in (x_m, y_m, z_m)))
        seen = (np.stack([x, y, z], axis=-1) - self.eye) @ self.axes.T
        depth = seen[..., 2]
        with np.errstate(divide="ignore", invalid="ignore"):
            scale = np.where(depth >= NEAR_M, 1.0 / depth, np.nan)
            across, below = seen[..., 0] * scale, seen[..., 1] * scale
            if self.lens.distorts:
                outside = np.hypot(across, below) >= self.lens.fold_radius
                across, below = self.lens.bend(across, below)
                across, below = np.where(outside, np.nan, across), np.where(outside, np.nan, below)
        cu, cv = self.lens.centre
        return self.lens.focal_px * across + cu, self.lens.focal_px * below + cv, depth

    def pixels(self, points: Floats) -> Floats:
        """Return u and v, px, of points of shape (n, 3), as `project` does but with the least ado: shape (n, 2)."""
        if self.lens.distorts:
            u, v, _ = self.project(points[:, 0], points[:, 1], points[:, 2])
            return np.column_stack([u, v])
        seen = (points - self.eye) @ self._scaled
        depth = seen[:, 2:]
        if depth.min(initial=NEAR_M) < NEAR_M:
            depth = np.where(depth >= NEAR_M, depth, np.nan)
        return np.asarray(seen[:, :2] / depth + self.lens.centre)

    @cached_property
    def _scaled(self) -> Floats:
        """The camera's axes as columns, right and down in units of the focal length, shape (3, 3)."""
        return np.ascontiguousarray((self.axes * np.array([[self.lens.focal_px], [self.lens.focal_px], [1.0]])).T)

    def pixel(self, x_m: float, y_m: float, z_m: float) -> tuple[float, float]:
        """Return one point's u and v, px.

        Raises
        ------
        NotCoveredError
            The point is behind the camera or too near.
        """
        u, v, _ = self.project(x_m, y_m, z_m)
        if not math.isfinite(u):
            raise NotCoveredError(
                "behind-camera", f"the point ({x_m:.1f}, {y_m:.1f}, {z_m:.1f}) is not before the lens"
            )
        return float(u), float(v)

    def rays(self, u_px: ArrayLike, v_px: ArrayLike) -> Floats:
        """Return the direction of each pixel's ray in the world, shape (..., 3), length 1 along the optical axis."""
        cu, cv = self.lens.centre
        u, v = np.broadcast_arrays(np.asarray(u_px, dtype=np.float64), np.asarray(v_px, dtype=np.float64))
        across, below = self.lens.unbend((u - cu) / self.lens.focal_px, (v - cv) / self.lens.focal_px)
        seen = np.stack([across, below, np.ones_like(across)], axis=-1)
        return np.asarray(seen @ self.axes)

    def to_level(self, u_px: ArrayLike, v_px: ArrayLike, level_m: float) -> tuple[Floats, Floats]:
        """Return x and y, m, where each pixel's ray meets the plane at `level_m`; NaN where it never does."""
        ray = self.rays(u_px, v_px)
        with np.errstate(divide="ignore", invalid="ignore"):
            length = (level_m - self.pose.level_m) / ray[..., 2]
            length = np.where(np.isfinite(length) & (length >= NEAR_M), length, np.nan)
        return self.pose.x_m + length * ray[..., 0], self.pose.y_m + length * ray[..., 1]

    def water_point(self, u_px: float, v_px: float, level_m: float) -> tuple[float, float]:
        """Return the point of the water that one pixel shows, m.

        Raises
        ------
        NotCoveredError
            The pixel is at or above the water's horizon.
        """
        x, y = self.to_level(u_px, v_px, level_m)
        if not math.isfinite(x):
            raise NotCoveredError("above-horizon", f"pixel ({u_px:.0f}, {v_px:.0f}) does not look at the water")
        return float(x), float(y)

    def inside(self, u: Floats, v: Floats, margin_px: float = 0.0) -> np.ndarray:
        """Return which pixels lie in the frame widened by `margin_px`, bool of the same shape."""
        with np.errstate(invalid="ignore"):
            return np.asarray(
                (u >= -0.5 - margin_px)
                & (u <= self.lens.width_px - 0.5 + margin_px)
                & (v >= -0.5 - margin_px)
                & (v <= self.lens.height_px - 0.5 + margin_px)
            )
