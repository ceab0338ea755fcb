"""A frame as I420 planes, and drawing on all three at once."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from rescuecmd.errors import InputError
from rescuecmd.geo import Floats

Bytes: TypeAlias = NDArray[np.uint8]

_SHIFT = 4  # fractional bits of a coordinate
_ONE = 1 << _SHIFT
_BEYOND_PX = 20_000.0  # farther out a fixed-point coordinate does not fit


@dataclass(frozen=True, slots=True)
class Colour:
    """A colour as video levels (ITU-R BT.601, 16..235)."""

    y: int
    u: int
    v: int

    @classmethod
    def rgb(cls, red: int, green: int, blue: int) -> "Colour":
        """Return the colour of 8-bit red, green and blue."""
        y = 16 + (65.481 * red + 128.553 * green + 24.966 * blue) / 255
        u = 128 + (-37.797 * red - 74.203 * green + 112.0 * blue) / 255
        v = 128 + (112.0 * red - 93.786 * green - 18.214 * blue) / 255
        return cls(round(y), round(u), round(v))

    def lit(self, factor: float) -> "Colour":
        """Return the colour brighter or darker."""
        return Colour(min(235, max(16, round(16 + (self.y - 16) * factor))), self.u, self.v)


WHITE = Colour.rgb(255, 255, 255)
BLACK = Colour.rgb(0, 0, 0)


class Canvas:
    """An I420 frame: ``data`` of shape (height * 3 / 2, width), with views of its planes."""

    def __init__(self, width_px: int, height_px: int, data: Bytes | None = None) -> None:
        if width_px % 2 or height_px % 4 or width_px < 2 or height_px < 4:
            raise InputError("bad-frame-size", f"expected an even width and a height by 4, got {width_px}x{height_px}")
        self.width_px, self.height_px = width_px, height_px
        self.data: Bytes = np.empty((height_px * 3 // 2, width_px), np.uint8) if data is None else data
        quarter = height_px // 4
        self.y: Bytes = self.data[:height_px]
        self.u: Bytes = self.data[height_px : height_px + quarter].reshape(height_px // 2, width_px // 2)
        self.v: Bytes = self.data[height_px + quarter :].reshape(height_px // 2, width_px // 2)

    @classmethod
    def of_bgr(cls, bgr: Bytes) -> "Canvas":
        """Return the canvas of a BGR picture, shape (height, width, 3)."""
        return cls(bgr.shape[1], bgr.shape[0], np.asarray(cv2.cvtColor(bgr, cv2.COLOR_BGR2YUV_I420), dtype=np.uint8))

    def bgr(self) -> Bytes:
        """Return the picture as BGR, shape (height, width, 3)."""
        return np.asarray(cv2.cvtColor(self.data, cv2.COLOR_YUV2BGR_I420), dtype=np.uint8)

    def copy(self) -> "Canvas":
        """Return a frame of its own with the same content."""
        return Canvas(self.width_px, self.height_px, self.data.copy())

    def poly(self, points: Floats, colour: Colour) -> None:
        """Fill a polygon, shape (n, 2) px; fewer than three corners draw nothing."""
        if len(points) < 3:
            return
        fine, coarse = _fixed(points)
        cv2.fillPoly(self.y, [fine], (colour.y,), cv2.LINE_AA, _SHIFT)
        cv2.fillPoly(self.u, [coarse], (colour.u,), cv2.LINE_8, _SHIFT)
        cv2.fillPoly(self.v, [coarse], (colour.v,), cv2.LINE_8, _SHIFT)

    def line(self, points: Floats, colour: Colour, width_px: int = 1, *, closed: bool = False) -> None:
        """Draw a polyline, shape (n, 2) px, or several of equal length, shape (m, n, 2)."""
        if points.shape[-2] < 2:
            return
        fine, coarse = _fixed(points if points.ndim == 3 else points[None])
        thin = max(1, round(width_px / 2))
        cv2.polylines(self.y, list(fine), closed, (colour.y,), width_px, cv2.LINE_AA, _SHIFT)
        cv2.polylines(self.u, list(coarse), closed, (colour.u,), thin, cv2.LINE_8, _SHIFT)
        cv2.polylines(self.v, list(coarse), closed, (colour.v,), thin, cv2.LINE_8, _SHIFT)

    def ellipse(self, u: float, v: float, size_px: tuple[float, float], colour: Colour, width_px: int = -1) -> None:
        """Draw an ellipse by its half axes; filled unless a line width is given."""
        half = (max(1, round(size_px[0] * _ONE)), max(1, round(size_px[1] * _ONE)))
        centre = (round(u * _ONE), round(v * _ONE))
        cv2.ellipse(self.y, centre, half, 0, 0, 360, (colour.y,), width_px, cv2.LINE_AA, _SHIFT)
        half = (max(8, half[0] // 2), max(8, half[1] // 2))
        centre = (round((u - 0.5) / 2 * _ONE), round((v - 0.5) / 2 * _ONE))
        thin = -1 if width_px < 0 else max(1, width_px // 2)
        cv2.ellipse(self.u, centre, half, 0, 0, 360, (colour.u,), thin, cv2.LINE_8, _SHIFT)
        cv2.ellipse(self.v, centre, half, 0, 0, 360, (colour.v,), thin, cv2.LINE_8, _SHIFT)

    def dot(self, u: float, v: float, radius_px: float, luma: int) -> None:
        """Draw a disc on the luma alone, for what is smaller than a pixel of the chroma."""
        centre = (round(u * _ONE), round(v * _ONE))
        cv2.circle(self.y, centre, round(radius_px * _ONE), (luma,), -1, cv2.LINE_AA, _SHIFT)

    def rect(self, x0: int, y0: int, x1: int, y1: int, colour: Colour) -> None:
        """Fill the pixels x0 <= x < x1, y0 <= y < y1, cut to the frame."""
        x0, y0, x1, y1 = self._cut(x0, y0, x1, y1)
        self.y[y0:y1, x0:x1] = colour.y
        half = np.s_[y0 // 2 : (y1 + 1) // 2, x0 // 2 : (x1 + 1) // 2]
        self.u[half], self.v[half] = colour.u, colour.v

    def block(self, u0: float, v0: float, u1: float, v1: float, colour: Colour) -> None:
        """Fill a small upright rectangle to the nearest pixel, at least one."""
        x0, y0 = round(u0), round(v0)
        self.rect(x0, y0, max(x0 + 1, round(u1)), max(y0 + 1, round(v1)), colour)

    def shade(self, x0: int, y0: int, x1: int, y1: int, keep: float = 0.35) -> None:
        """Darken a rectangle and take its colour away, as the plate under a label."""
        x0, y0, x1, y1 = self._cut(x0, y0, x1, y1)
        if x1 <= x0 or y1 <= y0:
            return
        part = self.y[y0:y1, x0:x1]
        cv2.convertScaleAbs(part, part, keep, 16 * (1 - keep))
        half = np.s_[y0 // 2 : (y1 + 1) // 2, x0 // 2 : (x1 + 1) // 2]
        self.u[half], self.v[half] = 128, 128

    def brighten(self, lines: Sequence[tuple[Floats, int, int]]) -> None:
        """Lighten the luma along polylines, as foam does; each is its points, how much, and its width in px."""
        points = np.concatenate([line for line, _, _ in lines])
        if len(points) < 2:
            return
        margin = max(width for _, _, width in lines)
        low = np.floor(np.maximum(points.min(axis=0), -_BEYOND_PX)).astype(int) - margin
        high = np.ceil(np.minimum(points.max(axis=0), _BEYOND_PX)).astype(int) + margin + 1
        x0, y0, x1, y1 = self._cut(int(low[0]), int(low[1]), int(high[0]), int(high[1]))
        if x1 <= x0 or y1 <= y0:
            return
        layer = np.zeros((y1 - y0, x1 - x0), np.uint8)
        corner = np.array([x0, y0], np.int32) * _ONE
        for line, amount, width in lines:
            cv2.polylines(layer, [_fixed(line)[0] - corner], False, (amount,), width, cv2.LINE_AA, _SHIFT)
        part = self.y[y0:y1, x0:x1]
        cv2.add(part, layer, part)

    def grey(self, keep: float = 0.7) -> None:
        """Take the colour and some contrast away from the whole frame: this picture is old."""
        cv2.convertScaleAbs(self.y, self.y, keep, 126 * (1 - keep))
        self.u[:], self.v[:] = 128, 128

    def _cut(self, x0: int, y0: int, x1: int, y1: int) -> tuple[int, int, int, int]:
        width, height = self.width_px, self.height_px
        return max(0, x0), max(0, y0), max(0, min(width, x1)), max(0, min(height, y1))


def _fixed(points: Floats) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Return pixel coordinates as fixed-point ones for the luma and for the chroma planes."""
    bounded = np.minimum(np.maximum(points, -_BEYOND_PX), _BEYOND_PX)
    return np.rint(bounded * _ONE).astype(np.int32), np.rint((bounded - 0.5) * (_ONE / 2)).astype(np.int32)
