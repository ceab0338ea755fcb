"""Lines of the world as lines of the frame: cut at the near plane, the far limit and the frame's edge."""

import numpy as np

from rescuecmd.ar.camera import NEAR_M, View
from rescuecmd.geo import Floats

FAR_M = 6000.0  # beyond, a line on the water is thinner than a pixel and hides the horizon
_MARGIN_PX = 16.0


def visible(view: View, points: Floats, far_m: float = FAR_M) -> list[Floats]:
    """Return the visible parts of a line as runs of pixels, each of shape (n >= 2, 2).

    Parameters
    ----------
    points
        Corners of the line in the world, shape (n, 3), m.
    far_m
        Depth at which the line ends.
    """
    points = np.asarray(points, dtype=np.float64)
    if len(points) < 2:
        return []
    depth = (points - view.eye) @ view.axes[2]
    starts, ends = _between_depths(points, depth, NEAR_M * 1.01, far_m)
    u, v, _ = view.project(*np.stack([starts, ends]).transpose(2, 0, 1))
    return _join(*_within_frame(np.stack([u[0], v[0]], -1), np.stack([u[1], v[1]], -1), view))


def _between_depths(points: Floats, depth: Floats, near_m: float, far_m: float) -> tuple[Floats, Floats]:
    """Return both ends of every leg, cut to the depths given; NaN for a leg wholly outside."""
    d0, d1 = depth[:-1], depth[1:]
    run = np.where(d1 == d0, 1.0, d1 - d0)
    at_near, at_far = (near_m - d0) / run, (far_m - d0) / run
    low, high = np.minimum(at_near, at_far), np.maximum(at_near, at_far)
    still = d1 == d0
    kept = np.where(still, (d0 >= near_m) & (d0 <= far_m), (high > 0) & (low < 1))
    first = np.where(still, 0.0, np.clip(low, 0, 1))[:, None]
    last = np.where(still, 1.0, np.clip(high, 0, 1))[:, None]
    leg = points[1:] - points[:-1]
    starts, ends = points[:-1] + first * leg, points[:-1] + last * leg
    return np.where(kept[:, None], starts, np.nan), np.where(kept[:, None], ends, np.nan)


def _within_frame(starts: Floats, ends: Floats, view: View) -> tuple[Floats, Floats]:
    """Return both ends of every leg cut to the frame and a margin (Liang and Barsky); NaN where outside."""
    low = np.full(2, -_MARGIN_PX)
    high = np.array([view.lens.width_px, view.lens.height_px]) + _MARGIN_PX
    step = ends - starts
    with np.errstate(divide="ignore", invalid="ignore"):
        enter, leave = (low - starts) / step, (high - starts) / step
        inside = (starts >= low) & (starts <= high)
    parallel = step == 0
    enter, leave = np.minimum(enter, leave), np.maximum(enter, leave)
    enter = np.where(parallel, np.where(inside, -np.inf, np.inf), enter)
    leave = np.where(parallel, np.inf, leave)
    first, last = np.clip(enter.max(axis=1), 0, 1), np.clip(leave.min(axis=1), 0, 1)
    gone = ~(enter.max(axis=1) < leave.min(axis=1)) | (first >= last) | ~np.isfinite(starts).all(axis=1)
    first, last = np.where(gone, np.nan, first)[:, None], np.where(gone, np.nan, last)[:, None]
    return starts + first * step, starts + last * step


def _join(starts: Floats, ends: Floats) -> list[Floats]:
    """Return runs of corners from legs that touch."""
    runs: list[list[Floats]] = []
    for start, end in zip(starts, ends, strict=True):
        if not np.isfinite(start).all():
            continue
        if runs and np.abs(runs[-1][-1] - start).max() < 1e-6:
            runs[-1].append(end)
        else:
            runs.append([start, end])
    return [np.array(run) for run in runs]
