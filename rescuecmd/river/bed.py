"""The bed between surveyed sections, and how much water a section carries.

Sections are resampled to equal steps of the *normalised offset* (0 at the right bank, 1 at the left), so that a shoal
or a channel keeps its place between the banks while the river widens and narrows; between sections the bed is linear
along the river. Reefs rise above it as rounded rocks.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from rescuecmd.geo import Floats
from rescuecmd.river.feature import Reef, Section

COLUMNS = 241  # 2 m across a 480 m river
_LEVEL_STEP_M = 0.2
_HEADROOM_M = 20.0  # the table goes this far above the highest surveyed ground
_EDGE = 1e-9
_THIN_M = 0.01  # less water than this carries nothing
_WAKING_M = 0.5  # still water flows fully this far above the level where it starts to


@dataclass(frozen=True, eq=False)
class Where:
    """Points in the table: upstream section, share towards the next one, normalised offset, inside or not."""

    section: NDArray[np.intp]
    share: Floats
    across: Floats
    inside: NDArray[np.bool_]


class Bed:
    """The bed of all sections as one table, shape (n_sections, COLUMNS)."""

    def __init__(self, sections: Sequence[Section], reefs: Sequence[Reef], still_until_m: Floats | None = None) -> None:
        self.still_until_m = still_until_m  # shape of table_m, -inf where water always flows; None: it does everywhere
        self.chainage_m: Floats = np.array([section.chainage_m for section in sections])
        self.left_m: Floats = np.array([section.left_bank_m for section in sections])
        self.right_m: Floats = np.array([section.right_bank_m for section in sections])
        self.manning_n: Floats = np.array([section.manning_n for section in sections])
        self.table_m: Floats = np.stack([_resample(section) for section in sections])
        self.reefs = tuple(reefs)

    def where(self, chainage_m: Floats, offset_m: Floats) -> Where:
        """Return where points lie in the table; inputs of one shape."""
        last = len(self.chainage_m) - 2
        at = np.clip(np.searchsorted(self.chainage_m, chainage_m, side="right") - 1, 0, last)
        share = (chainage_m - self.chainage_m[at]) / (self.chainage_m[at + 1] - self.chainage_m[at])
        right = self.right_m[at] + share * (self.right_m[at + 1] - self.right_m[at])
        left = self.left_m[at] + share * (self.left_m[at + 1] - self.left_m[at])
        across = (offset_m - right) / (left - right)
        inside = (across >= -_EDGE) & (across <= 1 + _EDGE) & (share >= -_EDGE) & (share <= 1 + _EDGE)
        return Where(at, np.clip(share, 0.0, 1.0), np.clip(across, 0.0, 1.0), inside)

    def sample(self, where: Where) -> Floats:
        """Return the bed level without reefs; NaN outside the surveyed width and where it is not surveyed."""
        column = np.nan_to_num(where.across) * (COLUMNS - 1)
        at = np.minimum(column.astype(np.intp), COLUMNS - 2)
        part = column - at
        row = where.section
        upper = self.table_m[row, at] * (1 - part) + self.table_m[row, at + 1] * part
        lower = self.table_m[row + 1, at] * (1 - part) + self.table_m[row + 1, at + 1] * part
        bed: Floats = np.where(where.inside, upper * (1 - where.share) + lower * where.share, np.nan)
        return bed

    def raise_reefs(self, bed_m: Floats, x_m: Floats, y_m: Floats) -> Floats:
        """Return the bed with reefs standing on it: a rounded rock from the foot ring up to the crest."""
        raised = bed_m.copy()
        finite = np.isfinite(x_m) & np.isfinite(y_m)
        (west, east), (south, north) = (
            (line.min(initial=np.inf, where=finite), line.max(initial=-np.inf, where=finite)) for line in (x_m, y_m)
        )
        for reef in self.reefs:
            bearing, radius = _foot(reef)
            reach = radius.max()
            if not (west - reach <= reef.x_m <= east + reach and south - reach <= reef.y_m <= north + reach):
                continue
            dx, dy = x_m - reef.x_m, y_m - reef.y_m
            near = np.hypot(dx, dy) < reach
            if not near.any():
                continue
            dx, dy, ground = dx[near], dy[near], raised[near]
            out = np.hypot(dx, dy) / np.interp(np.arctan2(dy, dx), bearing, radius, period=2 * np.pi)
            rock = reef.crest_m - np.maximum(reef.crest_m - ground, 0.0) * np.minimum(out, 1.0) ** 2
            raised[near] = np.where(out < 1.0, np.maximum(ground, rock), ground)
        return raised

    def flowing(self, where: Where, level_m: Floats) -> Floats:
        """Return 1 where water flows, 0 where it stands still at this level, between the two while it wakes."""
        until = self.still_until_m
        if until is None:
            return np.ones(np.broadcast_shapes(where.share.shape, level_m.shape))
        row = where.section
        column = np.rint(np.nan_to_num(where.across) * (COLUMNS - 1)).astype(np.intp)
        upper, lower = _awake(level_m, until[row, column]), _awake(level_m, until[row + 1, column])
        flowing: Floats = upper * (1 - where.share) + lower * where.share
        return flowing

    def bank_angle(self, where: Where) -> Floats:
        """Return how far the lines of equal normalised offset turn left of the axis, m per m."""
        at = where.section
        step = self.chainage_m[at + 1] - self.chainage_m[at]
        right = (self.right_m[at + 1] - self.right_m[at]) / step
        left = (self.left_m[at + 1] - self.left_m[at]) / step
        angle: Floats = right + where.across * (left - right)
        return angle

    def manning(self, where: Where) -> Floats:
        """Return Manning's n, s/m^(1/3)."""
        at = where.section
        return self.manning_n[at] + where.share * (self.manning_n[at + 1] - self.manning_n[at])

    def conveyance(self, where: Where, level_m: Floats) -> Floats:
        """Return the conveyance of the whole section, m3/s per root of slope, at each point's own level."""
        base, table = self._conveyance
        height = np.clip((level_m - base) / _LEVEL_STEP_M, 0.0, table.shape[1] - 1.000001)
        at = height.astype(np.intp)
        part = height - at
        row = where.section
        upper = table[row, at] * (1 - part) + table[row, at + 1] * part
        lower = table[row + 1, at] * (1 - part) + table[row + 1, at + 1] * part
        total: Floats = upper * (1 - where.share) + lower * where.share
        return total

    @cached_property
    def _conveyance(self) -> tuple[float, Floats]:
        """Return the lowest level and the conveyance at steps above it, shape (n_sections, n_levels).

        Source
        ------
        Divided channel method: the sum of d^(5/3) / n over the width (Chow 1959, Open-Channel Hydraulics, 6-5).
        """
        base, top = float(np.nanmin(self.table_m)), float(np.nanmax(self.table_m)) + _HEADROOM_M
        levels = np.arange(base, top + _LEVEL_STEP_M, _LEVEL_STEP_M)
        widths = (self.left_m - self.right_m) / (COLUMNS - 1)
        table = np.empty((len(self.table_m), len(levels)))
        for row, beds in enumerate(self.table_m):
            depths = np.nan_to_num(levels[:, None] - beds[None, :])  # what is not surveyed is not counted on
            carried = np.maximum(depths, 0.0) ** (5 / 3)
            if self.still_until_m is not None:
                carried *= _awake(levels[:, None], self.still_until_m[row][None, :])
            table[row] = np.trapezoid(carried, axis=1) * widths[row] / self.manning_n[row]
        return base, table


def _awake(level_m: Floats, until_m: Floats) -> Floats:
    return np.clip((level_m - until_m) / _WAKING_M, 0.0, 1.0)


def _resample(section: Section) -> Floats:
    offsets = np.linspace(section.right_bank_m, section.left_bank_m, COLUMNS)
    return np.interp(offsets, section.offsets_m, section.beds_m)


def _foot(reef: Reef) -> tuple[Floats, Floats]:
    """Return bearing (radians, ascending) and radius of the reef's foot, densified so that chords stay chords."""
    ring = np.asarray(reef.ring_xy, dtype=np.float64)
    shares = np.linspace(0.0, 1.0, 8, endpoint=False)[:, None, None]
    dense = (ring[None, :-1] * (1 - shares) + ring[None, 1:] * shares).reshape(-1, 2)
    dx, dy = dense[:, 0] - reef.x_m, dense[:, 1] - reef.y_m
    order = np.argsort(np.arctan2(dy, dx))
    return np.arctan2(dy, dx)[order], np.hypot(dx, dy)[order]


def current_mps(
    bed: Bed, where: Where, *, depth_m: Floats, level_m: Floats, discharge_m3ps: Floats, cap_mps: float
) -> Floats:
    """Return the downstream speed: the point's share of the section's conveyance, never above the cap, 0 where dry.

    Source
    ------
    HEC-RAS Hydraulic Reference Manual, flow distribution: v = Q / K * d^(2/3) / n.
    """
    depth = np.nan_to_num(depth_m, nan=0.0)
    total = bed.conveyance(where, level_m)
    share = np.where(total > 0, discharge_m3ps / np.where(total > 0, total, 1.0), 0.0)
    speed = share * np.cbrt(np.maximum(depth, 0.0)) ** 2 / bed.manning(where) * bed.flowing(where, level_m)
    wet = where.inside & (depth > _THIN_M)
    current: Floats = np.where(wet, np.minimum(speed, cap_mps), 0.0)
    return current
