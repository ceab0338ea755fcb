"""The standard step as a textbook writes it, with NumPy and SciPy, one section after the other: the oracle of ours.

Left bank, channel and right bank carry for themselves, each with one roughness; no ineffective areas, subcritical flow.
"""

import numpy as np
from scipy.optimize import brentq

from rescuecmd.geo import Floats
from rescuecmd.river.conveyance import Survey

GRAVITY_MPS2 = 9.80665


class Textbook:
    """Sections of one reach, upstream first, each with exactly three roughnesses: left bank, channel, right bank."""

    def __init__(self, reach: tuple[Survey, ...]) -> None:
        self.surveys = reach
        self.cuts = [_cut(survey) for survey in reach]

    def profile(self, flow_m3ps: float, control_m: float) -> Floats:
        """Return the level of every section."""
        levels = np.zeros(len(self.surveys))
        levels[-1] = control_m
        below = self._state(len(self.surveys) - 1, control_m, flow_m3ps)
        for at in range(len(levels) - 2, -1, -1):
            low = float(levels[at + 1]) - 0.05
            levels[at] = brentq(self._off, low, low + 2.0, args=(at, flow_m3ps, below), xtol=1e-6)
            below = self._state(at, float(levels[at]), flow_m3ps)
        return levels

    def _off(self, level: float, at: int, flow: float, below: tuple[float, float, Floats]) -> float:
        level_below, head_below, k_below = below
        _, head, k = self._state(at, level, flow)
        survey = self.surveys[at]
        share = k / k.sum() + k_below / k_below.sum()
        way = float((np.array(survey.lengths_m) * share).sum() / share.sum())
        friction = way * (2 * flow / float(k.sum() + k_below.sum())) ** 2
        change = head_below - head
        loss = survey.contraction * change if change > 0 else -survey.expansion * change
        return level + head - level_below - head_below - friction - loss

    def _state(self, at: int, level: float, flow: float) -> tuple[float, float, Floats]:
        """Return the level, the velocity head, and the conveyance of left bank, channel and right bank."""
        x, z, n = self.cuts[at]
        deep = level - z
        rise = np.maximum(np.abs(np.diff(z)), 1e-12)
        low, high = np.minimum(deep[:-1], deep[1:]), np.maximum(deep[:-1], deep[1:])
        part = np.where(low < 0, np.clip(high / rise, 0.0, 1.0), 1.0)
        width = np.diff(x) * part
        zone = np.searchsorted(self.surveys[at].banks_m, (x[1:] + x[:-1]) / 2)
        area = np.bincount(zone, width * (np.maximum(low, 0.0) + np.maximum(high, 0.0)) / 2, 3)
        edge = np.bincount(zone, np.hypot(width, rise * part), 3)
        k = np.where(area > 0, area * (area / np.maximum(edge, 1e-12)) ** (2 / 3) / np.array(n), 0.0)
        wet = area > 0
        alpha = float((k[wet] ** 3 / area[wet] ** 2).sum() * area.sum() ** 2 / k.sum() ** 3)
        return level, alpha * (flow / float(area.sum())) ** 2 / (2 * GRAVITY_MPS2), k


def _cut(survey: Survey) -> tuple[Floats, Floats, tuple[float, ...]]:
    x = np.union1d(survey.stations_m, survey.banks_m)
    return x, np.interp(x, survey.stations_m, survey.beds_m), tuple(n for _, n in survey.roughness)


def along(rng: np.random.Generator, chainage_m: Floats, scale_m: float) -> Floats:
    """Return numbers of mean 0 and deviation 1 along a river that forget themselves over a length, shape (n,)."""
    found = [float(rng.normal())]
    for apart in np.diff(chainage_m):
        keeps = float(np.exp(-apart / scale_m))
        found.append(keeps * found[-1] + float(np.sqrt(1 - keeps**2)) * float(rng.normal()))
    return np.array(found)


def wild_reach(
    seed: int = 1, *, sections: int = 80, apart_m: float = 170.0, slope: float = 3.3e-4
) -> tuple[Survey, ...]:
    """Return a reach whose sections lie unevenly, its width, slope and bed changing at random along the river."""
    rng = np.random.default_rng(seed)
    at = np.concatenate([[0.0], np.cumsum(apart_m * rng.uniform(0.5, 1.5, sections - 1))])
    half = 60.0 * np.exp(0.35 * along(rng, at, 1500.0))
    steep = slope * np.exp(0.5 * along(rng, at, 3000.0))
    fallen = np.concatenate([[0.0], np.cumsum((steep[1:] + steep[:-1]) / 2 * np.diff(at))])
    bed = fallen[-1] - fallen + 0.8 * min(1.0, slope / 3e-4) ** 0.5 * along(rng, at, 800.0)
    made = []
    for number, (chainage, wide, lowest) in enumerate(zip(at.tolist(), half.tolist(), bed.tolist(), strict=True)):
        middle = 300.0 + 2 * wide
        x = np.linspace(0.0, 2 * middle, 61)
        away = np.abs(x - middle)
        ground = np.where(away < wide, 5.0 * (away / wide) ** 2, 5.0 + 0.004 * (away - wide)) + rng.normal(
            0.0, 0.05, 61
        )
        ground[[0, -1]] = 25.0
        banks = (middle - wide, middle + wide)
        way = float(at[number + 1] - chainage) if number + 1 < sections else 0.0
        roughness = ((-np.inf, 0.06), (banks[0], 0.035), (banks[1], 0.06))
        made.append(Survey(f"s{number}", chainage, x, ground + lowest, roughness, banks, (way, way, way)))
    return tuple(made)


def meadow_reach(
    seed: int = 1, *, sections: int = 148, points: int = 160, apart_m: float = 170.0, slope: float = 3.3e-4
) -> tuple[Survey, ...]:
    """Return a reach as rivers of the plain have it: a gentle channel between meadows, wider and narrower in turn."""
    rng = np.random.default_rng(seed)
    made = []
    for number in range(sections):
        half = 60.0 + 25.0 * np.sin(number / 7.0)
        x = np.linspace(0.0, 600.0, points)
        away = np.abs(x - 300.0)
        ground = np.where(away < half, 5.0 * (away / half) ** 2, 5.0 + 0.004 * (away - half))
        ground += rng.normal(0.0, 0.05, points)
        ground[[0, -1]] = 20.0
        bed = ground + (sections - 1 - number) * apart_m * slope
        banks = (300.0 - half, 300.0 + half)
        roughness = ((-np.inf, 0.07), (banks[0], 0.032), (banks[1], 0.06))
        lengths = (apart_m * 1.1, apart_m, apart_m * 0.9)
        made.append(Survey(f"s{number}", number * apart_m, x, bed, roughness, banks, lengths))
    return tuple(made)
