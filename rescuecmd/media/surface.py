"""The water of the virtual camera: its colour, its edge at a level, and its grain that moves with the current.

Everything that depends on the level is made anew only when the level has changed by a centimetre or two (`flood`);
a frame costs one remap of one plane at half size (`Flooded.frame`): softer grain, which codes better too.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from rescuecmd.ar.camera import View
from rescuecmd.geo import Floats
from rescuecmd.media.paint import HAZE, Scenery, to_bytes
from rescuecmd.media.planes import Bytes, Canvas
from rescuecmd.media.texture import SIZE, tile
from rescuecmd.river.model import River

_MUD = np.array([84, 112, 128], np.float32)  # BGR of a river in flood
_HAZE_M = 3000.0
_TEXELS_M = (0.08, 0.32, 1.3, 5.0, 20.0)  # one tile of grain for each distance
_CONTRAST = (12.0, 10.5, 8.0, 5.0, 3.0)
_DRIFT = (1.0, 0.72)  # the two layers' speeds as shares of the current: their sum shimmers
_PAD = SIZE + 2
_COARSE = 16  # places on the water are computed for every 16th pixel and interpolated
_WET_M = 0.35  # rock and sand stay dark this far above the water
_FOAM_M = 0.22


class Water:
    """The look of the water before one camera, at any level."""

    def __init__(self, river: River, view: View, dry: Scenery) -> None:
        self._river, self._view, self._dry = river, view, dry
        v, u = np.mgrid[0 : view.lens.height_px, 0 : view.lens.width_px].astype(np.float64)
        ray = view.rays(u, v)
        self._slope = ray[..., 2] / np.hypot(ray[..., 0], ray[..., 1])
        self._dry_bytes = to_bytes(dry.picture)
        self._grain = _Grain()
        self._reflection = _reflection(view, ray, dry.picture)
        rng = np.random.default_rng(3)
        self._dither = rng.uniform(-0.3, 0.3, self._slope[::2, ::2].shape).astype(np.float32)

    def flood(self, level_m: float) -> "Flooded":
        """Return the picture's still part at a level, and the maps that let it move."""
        view = self._view
        depth = (level_m - self._dry.level_m).astype(np.float32)
        with np.errstate(divide="ignore"):
            far = np.where(self._slope < -1e-6, (level_m - view.pose.level_m) / self._slope, np.inf)
        wet = (depth > 0) & (far < 2.0e4)
        picture = self._dry_bytes.copy()
        damp = (depth <= 0) & (depth > -_WET_M)
        picture[damp] = (picture[damp] * 0.72).astype(np.uint8)
        picture[wet] = self._colour(wet, far, depth)
        edge = cv2.GaussianBlur(picture, (0, 0), 0.7)
        rim = cv2.morphologyEx(wet.astype(np.uint8), cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8)) > 0
        picture[rim] = edge[rim]
        fixed, fraction = self._maps(wet, far, level_m)
        top = int(wet.any(axis=1).argmax()) // 2
        return Flooded(level_m, Canvas.of_bgr(picture), wet, fixed[top:], fraction[top:], self._grain)

    def _colour(self, wet: NDArray[np.bool_], far: Floats, depth: NDArray[np.float32]) -> Bytes:
        glance = np.clip(-self._slope[wet] / np.sqrt(1 + self._slope[wet] ** 2), 0, 1)
        mirror = (0.03 + 0.62 * (1 - glance) ** 7).astype(np.float32)[:, None]
        colour = _MUD * (1 - mirror) + self._reflection[wet] * mirror
        thick = (0.75 * (1 - np.exp(-far[wet] / _HAZE_M))).astype(np.float32)[:, None]
        colour = colour * (1 - thick) + HAZE * thick
        foam = np.clip(1 - depth[wet] / _FOAM_M, 0, 1)[:, None] * 0.35
        return to_bytes(np.asarray(colour * (1 - foam) + 205 * foam, dtype=np.float32))

    def _maps(
        self, wet: NDArray[np.bool_], far: Floats, level_m: float
    ) -> tuple[NDArray[np.int16], NDArray[np.uint16]]:
        """Return where in the grain's atlas every second pixel looks, as OpenCV's fixed-point maps."""
        chainage, offset = self._places(level_m)
        view, wet = self._view, wet[::2, ::2]
        reach = np.clip(far[::2, ::2], 5.0, 8000.0).astype(np.float32)
        height = np.float32(view.pose.level_m - level_m)
        footprint = reach / np.float32(view.lens.focal_px) * np.sqrt(reach / height)
        steps = np.log(footprint * 1.1 / _TEXELS_M[0]) / np.float32(np.log(4.0)) + self._dither
        mip = np.clip(np.round(steps), 0, len(_TEXELS_M) - 1).astype(np.intp)
        texel = np.asarray(_TEXELS_M, np.float32)[mip]
        x = np.mod(chainage / texel, SIZE)
        y = np.mod(offset / texel, SIZE) + (mip * _PAD).astype(np.float32)
        still = np.float32(len(_TEXELS_M) * _PAD + 2)
        x, y = np.where(wet, x, 2).astype(np.float32), np.where(wet, y, still).astype(np.float32)
        fixed, fraction = cv2.convertMaps(x, y, cv2.CV_16SC2)
        return np.asarray(fixed, dtype=np.int16), np.asarray(fraction, dtype=np.uint16)

    def _places(self, level_m: float) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Return chainage and offset of the water at each pixel; above the horizon they are of no use."""
        lens = self._view.lens
        rows = np.arange(0, lens.height_px + _COARSE, _COARSE)
        columns = np.arange(0, lens.width_px + _COARSE, _COARSE)
        v, u = np.meshgrid(rows, columns, indexing="ij")
        x, y = self._view.to_level(u, v, level_m)
        chainage, offset = self._river.locate(x, y)
        shape = self._dither.shape
        across = np.ascontiguousarray(np.broadcast_to(np.arange(shape[1], dtype=np.float32) * 2 / _COARSE, shape))
        down = np.arange(shape[0], dtype=np.float32)[:, None] * 2 / _COARSE
        down = np.ascontiguousarray(np.broadcast_to(down, shape))
        filled = (np.nan_to_num(np.clip(coarse, -5e4, 5e4)).astype(np.float32) for coarse in (chainage, offset))
        fine = [np.asarray(cv2.remap(c, across, down, cv2.INTER_LINEAR), dtype=np.float32) for c in filled]
        return fine[0], fine[1]


@dataclass(frozen=True)
class Flooded:
    """The picture at one level: the still part, where water is, the maps of the moving part (the lower rows)."""

    level_m: float
    still: Canvas
    wet: NDArray[np.bool_]
    fixed: NDArray[np.int16]
    fraction: NDArray[np.uint16]
    grain: "_Grain"

    def frame(self, moved_m: float) -> Canvas:
        """Return a new frame, with the water's grain carried downstream by `moved_m`."""
        canvas = self.still.copy()
        half = cv2.remap(self.grain.atlas(moved_m), self.fixed, self.fraction, cv2.INTER_LINEAR)
        lower = canvas.y[canvas.height_px - 2 * len(half) :]
        moving = cv2.resize(half, (canvas.width_px, 2 * len(half)), interpolation=cv2.INTER_LINEAR)
        cv2.addWeighted(lower, 1.0, moving, 1.0, -128.0, lower)
        return canvas


class _Grain:
    """Tiles of noise for five distances, two layers each, twice as long as they repeat so that a shift is a slice."""

    def __init__(self) -> None:
        self._layers = []
        for number, contrast in enumerate(_CONTRAST):
            streak = tile(40 + number, roughness=1.1, stretch=5.0)
            ripple = tile(60 + number, roughness=0.8, stretch=1.6)
            pair = []
            for noise, share in ((streak, 0.62), (ripple, 0.78)):
                scaled = np.clip(128 + contrast * share * noise, 0, 255).astype(np.uint8)
                tall = np.vstack([scaled, scaled[: _PAD - SIZE]])
                pair.append(np.hstack([tall, tall, tall[:, :8]]))
            self._layers.append(pair)
        self._atlas = np.full((len(_CONTRAST) * _PAD + 8, _PAD), 128, np.uint8)

    def atlas(self, moved_m: float) -> Bytes:
        """Return all tiles one above the other, carried along their rows; the last rows are still water."""
        for number, (pair, texel_m) in enumerate(zip(self._layers, _TEXELS_M, strict=True)):
            part = self._atlas[number * _PAD : (number + 1) * _PAD]
            shifted = [_shifted(layer, moved_m * share / texel_m) for layer, share in zip(pair, _DRIFT, strict=True)]
            cv2.addWeighted(shifted[0], 1.0, shifted[1], 1.0, -128.0, part)
        return self._atlas


def _shifted(layer: Bytes, texels: float) -> Bytes:
    """Return the tile moved along its rows by a part of a texel too."""
    at = (-texels) % SIZE
    whole = int(at)
    part = at - whole
    first, second = layer[:, whole : whole + _PAD], layer[:, whole + 1 : whole + 1 + _PAD]
    return np.asarray(cv2.addWeighted(first, 1 - part, second, part, 0.0), dtype=np.uint8)


def _reflection(view: View, ray: Floats, dry: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return what a mirror on the water would show: the picture along each ray turned upwards, blurred."""
    up = np.abs(ray[..., 2])
    far = 1.0e5
    u, v, _ = view.project(
        view.pose.x_m + far * ray[..., 0], view.pose.y_m + far * ray[..., 1], view.pose.level_m + far * up
    )
    u = np.clip(np.nan_to_num(u), 0, view.lens.width_px - 1).astype(np.float32)
    v = np.clip(np.nan_to_num(v), 0, view.lens.height_px - 1).astype(np.float32)
    blurred = cv2.GaussianBlur(dry, (0, 0), sigmaX=2.0, sigmaY=9.0)
    return np.asarray(cv2.remap(blurred, u, v, cv2.INTER_LINEAR), dtype=np.float32)
