"""Steady water surface of a reach by the standard step, section by section upstream from a known level.

Energy is balanced between neighbours: friction by the mean conveyance over the flow-weighted distance, losses where
the flow contracts or expands. Subcritical flow only: where no such level balances, the critical one is taken and said.

Source
------
Chow (1959), Open-Channel Hydraulics, 10-4; HEC-RAS Hydraulic Reference Manual 6.x, chapter 2, equations 2-1 to 2-20.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from rescuecmd.compiled import compiled, vector
from rescuecmd.errors import InputError, NotCoveredError
from rescuecmd.geo import Floats
from rescuecmd.river.conveyance import Strips, Survey, carried, cut, properties

GRAVITY_MPS2 = 9.80665
CLOSE_M = 1e-5
"""The balance is met to this."""

_STEPS = 60
_HIGH_M = 200.0  # nothing is looked for further above the lowest bed


@dataclass(frozen=True, eq=False)
class Profile:
    """A steady water surface: level and flow area by section, and where only the critical level was found."""

    levels_m: Floats
    areas_m2: Floats
    critical: tuple[bool, ...]


class Reach:
    """Surveyed sections of one reach, upstream first, ready for the standard step."""

    def __init__(self, surveys: Sequence[Survey]) -> None:
        if len(surveys) < 2:
            raise InputError("bad-reach", f"a reach needs at least two sections, got {len(surveys)}")
        for survey in surveys[:-1]:
            if not all(np.isfinite(length) and length > 0 for length in survey.lengths_m):
                raise InputError("bad-reach", f"section {survey.id}: distances to the next section must be above 0")
        self.surveys = tuple(surveys)
        self.strips: Strips = cut(surveys)
        self._lengths = [vector(np.array([survey.lengths_m[zone] for survey in surveys])) for zone in range(3)]
        self._losses = [
            vector(np.array([survey.contraction for survey in surveys])),
            vector(np.array([survey.expansion for survey in surveys])),
        ]

    def with_roughness(self, share: Floats | float) -> "Reach":
        """Return the same reach with every Manning's n times `share`: one, or one for each section."""
        other = Reach.__new__(Reach)
        other.__dict__.update(self.__dict__)
        strips = np.diff(np.asarray(self.strips.first))
        factor = np.repeat(np.broadcast_to(np.asarray(share, dtype=np.float64), strips.shape), strips)
        other.strips = self.strips._replace(n=vector(np.asarray(self.strips.n) * factor))
        return other

    def profile(self, flows_m3ps: Floats | float, level_m: float) -> Profile:
        """Return the water surface for a flow (one, or one by section) and the level at the lowest section.

        Raises
        ------
        InputError
            A flow is not a positive number.
        NotCoveredError
            The level at the lowest section lies below its bed or is none, or a section carries the flow at no level.
        """
        flows = np.broadcast_to(np.asarray(flows_m3ps, dtype=np.float64), (len(self.surveys),)).copy()
        if not (np.isfinite(flows) & (flows > 0)).all():
            raise InputError("bad-flow", "every flow must be a positive number of m3/s")
        bed_m = self.surveys[-1].lowest_m
        if not bed_m < level_m < bed_m + _HIGH_M:
            raise NotCoveredError(
                "dry-control",
                f"the level at the lowest section must lie within {_HIGH_M:.0f} m above its bed of {bed_m:.2f} m, "
                f"got {level_m:.2f} m",
            )
        levels, areas = vector(np.zeros(len(flows))), vector(np.zeros(len(flows)))
        critical = vector(np.zeros(len(flows), dtype=np.int64))
        lengths, losses = tuple(self._lengths), tuple(self._losses)
        standard_step(self.strips, vector(flows), lengths, losses, float(level_m), levels, areas, critical)
        lost = np.flatnonzero(np.isnan(np.asarray(levels)))
        if len(lost):
            at = int(lost[-1])
            raise NotCoveredError("no-balance", f"section {self.surveys[at].id} carries {flows[at]:g} m3/s at no level")
        return Profile(np.asarray(levels), np.asarray(areas), tuple(bool(flag) for flag in critical))

    def normal_level_m(self, flow_m3ps: float, slope: float, section: int = -1) -> float:
        """Return the level at which a section carries a flow at a slope (normal depth): a control to start from.

        Raises
        ------
        InputError
            Flow or slope are not above 0.
        NotCoveredError
            The section does not carry the flow at any level.
        """
        if not (flow_m3ps > 0 and slope > 0):
            raise InputError("bad-flow", "flow and slope must be above 0")
        at = section % len(self.surveys)
        low = self.surveys[at].lowest_m
        high = low + _HIGH_M
        wanted = flow_m3ps / slope**0.5
        if properties(self.strips, at, high).conveyance_m3ps < wanted:
            raise NotCoveredError("no-normal-level", f"section {self.surveys[at].id} does not carry {flow_m3ps:g} m3/s")
        for _ in range(_STEPS):
            middle = (low + high) / 2
            carries = properties(self.strips, at, middle).conveyance_m3ps >= wanted
            low, high = (low, middle) if carries else (middle, high)
        return high


@compiled
def balance(  # noqa: PLR0917  (a compiled loop)
    strips: Any, section: int, level: float, flow: float, lengths: Any, losses: Any, below: Any
) -> Any:
    """Return how far a level at a section lies above the balance of energy with the one below, and its properties.

    ``below`` holds level, velocity head, flow, conveyance left, channel and right of the section downstream.
    """
    area, left, channel, right, top, alpha, _ = carried(strips, section, level)
    total = left + channel + right
    if area <= 0.0 or total <= 0.0:
        return -1e9, 0.0, area, left, channel, right, 9.0
    head = alpha * (flow / area) ** 2 / (2.0 * 9.80665)
    froude2 = alpha * flow**2 * top / (9.80665 * area**3)
    level_below, head_below, flow_below, left_below, channel_below, right_below = below
    total_below = left_below + channel_below + right_below
    q0 = 0.5 * (flow * left / total + flow_below * left_below / total_below)
    q1 = 0.5 * (flow * channel / total + flow_below * channel_below / total_below)
    q2 = 0.5 * (flow * right / total + flow_below * right_below / total_below)
    way = (lengths[0][section] * q0 + lengths[1][section] * q1 + lengths[2][section] * q2) / (q0 + q1 + q2)
    slope = ((flow + flow_below) / (total + total_below)) ** 2
    change = head_below - head
    loss = losses[0][section] * change if change > 0.0 else -losses[1][section] * change
    return level + head - level_below - head_below - way * slope - loss, head, area, left, channel, right, froude2


@compiled
def froude2(strips: Any, section: int, level: float, flow: float) -> float:
    """Return the square of the Froude number of a flow at a level; 9 where the section carries nothing."""
    area, left, channel, right, top, alpha, _ = carried(strips, section, level)
    if area <= 0.0 or left + channel + right <= 0.0:
        return 9.0
    return alpha * flow**2 * top / (9.80665 * area**3)


@compiled
def subcritical(strips: Any, section: int, level: float, flow: float) -> float:
    """Return the lowest level at or above this one at which a flow is subcritical; NaN where there is none."""
    if froude2(strips, section, level, flow) < 1.0:
        return level
    fast, slow, rise = level, level + 0.25, 0.25
    while froude2(strips, section, slow, flow) >= 1.0:
        if slow > strips.lowest[section] + 200.0:
            return np.nan
        rise *= 1.5
        fast, slow = slow, slow + rise
    while slow - fast > 1e-5:
        middle = 0.5 * (fast + slow)
        if froude2(strips, section, middle, flow) >= 1.0:
            fast = middle
        else:
            slow = middle
    return slow


@compiled
def standard_step(  # noqa: PLR0917  (a compiled loop)
    strips: Any, flows: Any, lengths: Any, losses: Any, control: float, levels: Any, areas: Any, critical: Any
) -> None:
    """Fill level, area and the mark of critical flow of every section, from the lowest one up.

    A section that carries its flow at no level gets NaN, and so do those above it.
    """
    last = len(flows) - 1
    start = subcritical(strips, last, control, flows[last])
    critical[last] = start > control
    for at in range(last + 1):
        levels[at] = np.nan
    if not start >= control:
        return
    area, left, channel, right, _top, alpha, _wet = carried(strips, last, start)
    levels[last], areas[last] = start, area
    head = alpha * (flows[last] / area) ** 2 / (2.0 * 9.80665)
    below = (start, head, flows[last], left, channel, right)
    for step in range(1, last + 1):
        at = last - step
        flow = flows[at]
        lowest = strips.lowest[at]
        guess = max(below[0], lowest + 0.1)
        # the highest level from which all below are dry or supercritical is the floor of the search
        floor, rise = lowest, 0.25
        found = balance(strips, at, guess, flow, lengths, losses, below)
        while found[6] >= 1.0 and guess < lowest + 200.0:
            floor = guess
            guess += rise
            rise *= 1.5
            found = balance(strips, at, guess, flow, lengths, losses, below)
        if found[6] >= 1.0:
            return
        low, high = floor, guess
        low_off = 0.0
        if found[0] < 0.0:
            low, low_off, rise = guess, found[0], 0.25
            while found[0] < 0.0 and high < lowest + 200.0:
                low, low_off = high, found[0]
                high += rise
                rise *= 1.5
                found = balance(strips, at, high, flow, lengths, losses, below)
            high_off = found[0]
            if high_off < 0.0:
                return
        else:
            high_off = found[0]
            fall = 0.05
            low = high
            while True:  # go down while the flow stays subcritical and above the balance
                lower = max(low - fall, floor)
                tried = balance(strips, at, lower, flow, lengths, losses, below)
                if tried[6] >= 1.0 or lower <= floor:
                    wet, dry = low, lower  # critical between the two
                    for _ in range(40):
                        middle = 0.5 * (wet + dry)
                        tried = balance(strips, at, middle, flow, lengths, losses, below)
                        if tried[6] >= 1.0:
                            dry = middle
                        else:
                            wet = middle
                        if wet - dry < 1e-5:
                            break
                    tried = balance(strips, at, wet, flow, lengths, losses, below)
                    low, low_off = wet, tried[0]
                    break
                low, low_off = lower, tried[0]
                if low_off < 0.0:
                    break
                high, high_off = low, low_off
                fall *= 2.0
        if low_off >= 0.0:
            level = low
            critical[at] = 1
        else:
            level = high
            side = 0
            for _ in range(60):  # regula falsi, the stagnant end halved (Illinois)
                level = (low * high_off - high * low_off) / (high_off - low_off)
                off = balance(strips, at, level, flow, lengths, losses, below)[0]
                if abs(off) < 1e-5 or high - low < 1e-7:
                    break
                if off < 0.0:
                    low, low_off = level, off
                    if side == -1:
                        high_off *= 0.5
                    side = -1
                else:
                    high, high_off = level, off
                    if side == 1:
                        low_off *= 0.5
                    side = 1
        final = balance(strips, at, level, flow, lengths, losses, below)
        levels[at], areas[at] = level, final[2]
        below = (level, final[1], flow, final[3], final[4], final[5])
