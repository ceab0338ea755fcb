"""What a surveyed section carries at a level: area, conveyance, top width, by left bank, channel and right bank.

The raw survey is cut once into strips, each between two stations with one roughness, one zone and one rule of what is
ineffective; `properties` then sums the wet part of every strip. Sections of a whole reach lie one after the other in
flat arrays, so that the standard step runs over them as one compiled loop.

Source
------
HEC-RAS Hydraulic Reference Manual 6.x, chapter 2: conveyance subdivided at changes of n over the banks and summed;
the channel as a whole, with Horton's composite n where its sides are steeper than 1 in 5; ineffective areas and what
lies behind a levee carry nothing, and add no wetted perimeter, until the water stands above their level.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

import numpy as np

from rescuecmd.compiled import Vector, compiled, vector
from rescuecmd.errors import InputError
from rescuecmd.geo import Floats

LEFT, CHANNEL, RIGHT = 0, 1, 2
"""Zones, in the order of the stations."""

_STEEP = 0.2  # a channel side steeper than 1 in 5 is not subdivided by roughness


@dataclass(frozen=True, slots=True)
class Ineffective:
    """Water that stands still between two stations until the level is above ``level_m``; ``lasting``: also after it."""

    from_m: float
    to_m: float
    level_m: float
    lasting: bool = False


@dataclass(frozen=True, eq=False)
class Survey:
    """A surveyed section, its stations growing from left to right looking downstream.

    Attributes
    ----------
    stations_m, beds_m
        Shape (n,), stations not falling; levels above the model's vertical datum.
    roughness
        (station, Manning's n) pairs: each n holds from its station to the next.
    banks_m
        Stations of the left and the right bank of the channel.
    lengths_m
        Distance to the next section downstream along left bank, channel and right bank.
    contraction, expansion
        Coefficients of the losses towards the next section downstream.
    """

    id: str
    chainage_m: float
    stations_m: Floats
    beds_m: Floats
    roughness: tuple[tuple[float, float], ...]
    banks_m: tuple[float, float]
    lengths_m: tuple[float, float, float]
    contraction: float = 0.1
    expansion: float = 0.3
    ineffective: tuple[Ineffective, ...] = field(default=())

    def __post_init__(self) -> None:
        stations, beds = (np.asarray(values, dtype=np.float64) for values in (self.stations_m, self.beds_m))
        if stations.ndim != 1 or stations.shape != beds.shape or len(stations) < 3:
            raise InputError("bad-section", f"section {self.id}: at least three stations with a bed level are needed")
        if not (np.isfinite(stations).all() and np.isfinite(beds).all()) or (np.diff(stations) < 0).any():
            raise InputError("bad-section", f"section {self.id}: stations must be finite and must not fall")
        if not self.roughness or not all(0.001 <= n <= 1.0 for _, n in self.roughness):
            raise InputError("bad-section", f"section {self.id}: Manning's n must lie in 0.001 .. 1")
        if not self.banks_m[0] < self.banks_m[1]:
            raise InputError("bad-section", f"section {self.id}: the left bank must come before the right one")
        object.__setattr__(self, "stations_m", stations)
        object.__setattr__(self, "beds_m", beds)

    def built_over(self, from_m: float, to_m: float, level_m: float) -> "Survey":
        """Return the section with the ground between two stations raised to a level (an obstruction with walls)."""
        x, z = self.stations_m, self.beds_m
        inside = (x > from_m) & (x < to_m)
        begin, end = max(from_m, float(x[0])), min(to_m, float(x[-1]))
        if begin >= end:
            return self
        at_begin, at_end = np.interp([begin, end], x, z)
        before, after = x < begin, x > end
        stations = np.concatenate([x[before], [begin, begin], x[inside], [end, end], x[after]])
        raised = np.maximum(np.concatenate([[at_begin], z[inside], [at_end]]), level_m)
        beds = np.concatenate([z[before], [at_begin], raised, [at_end], z[after]])
        return replace(self, stations_m=stations, beds_m=beds)

    @property
    def lowest_m(self) -> float:
        """The deepest bed level of the channel."""
        inside = (self.stations_m >= self.banks_m[0]) & (self.stations_m <= self.banks_m[1])
        return float((self.beds_m[inside] if inside.any() else self.beds_m).min())


class Strips(NamedTuple):
    """Strips of sections as the loops read them; strips of section i are ``first[i]`` to ``first[i + 1]``.

    ``part`` numbers the subdivisions of a section: strips of one part share a hydraulic radius.
    """

    first: Vector
    x0: Vector
    z0: Vector
    x1: Vector
    z1: Vector
    n: Vector
    zone: Vector
    part: Vector
    until: Vector
    lasting: Vector
    lowest: Vector
    steep: Vector


class Properties(NamedTuple):
    """What a section carries at a level: effective area, conveyance by zone and in all, top width, alpha."""

    area_m2: float
    left: float
    channel: float
    right: float
    top_m: float
    alpha: float
    wet_m: float

    @property
    def conveyance_m3ps(self) -> float:
        """The conveyance of the whole section, m3/s at a slope of 1."""
        return self.left + self.channel + self.right


def cut(surveys: Sequence[Survey]) -> Strips:
    """Return the strips of sections, in their order."""
    rows: list[tuple[float, ...]] = []
    first, lowest, steep = [0], [], []
    for survey in surveys:
        rows.extend(_strips(survey))
        first.append(len(rows))
        lowest.append(survey.lowest_m)
        steep.append(_has_steep_sides(survey))
    table = np.array(rows, dtype=np.float64).reshape(-1, 9)
    columns = [vector(np.ascontiguousarray(table[:, number])) for number in range(9)]
    x0, z0, x1, z1, n = columns[:5]
    zone, part = (vector(table[:, number].astype(np.int64)) for number in (5, 6))
    lows, sides = vector(np.array(lowest)), vector(np.array(steep, dtype=np.bool_))
    starts = vector(np.array(first, dtype=np.int64))
    lasting = vector(table[:, 8].astype(np.bool_))
    return Strips(starts, x0, z0, x1, z1, n, zone, part, columns[7], lasting, lows, sides)


def _strips(survey: Survey) -> list[tuple[float, ...]]:
    """Return (x0, z0, x1, z1, n, zone, part, until, lasting) of each strip."""
    cuts = {*survey.banks_m, *(station for station, _ in survey.roughness if np.isfinite(station))}
    for still in survey.ineffective:
        cuts |= {still.from_m, still.to_m}
    x, z = survey.stations_m, survey.beds_m
    new = np.array(sorted(at for at in cuts if x[0] < at < x[-1] and not np.isin(at, x)), dtype=np.float64)
    at = np.searchsorted(x, new)
    stations, beds = np.insert(x, at, new), np.insert(z, at, np.interp(new, x, z))
    starts, values = (np.array(column) for column in zip(*sorted(survey.roughness), strict=True))
    rows: list[tuple[float, ...]] = []
    part, before = -1, (-1, -1.0)
    for left, right, low, high in zip(stations[:-1], stations[1:], beds[:-1], beds[1:], strict=True):
        middle = (left + right) / 2
        zone = LEFT if middle < survey.banks_m[0] else RIGHT if middle > survey.banks_m[1] else CHANNEL
        inside = min(middle, np.nextafter(survey.banks_m[1], -np.inf)) if zone == CHANNEL else middle  # a bank's wall
        n = float(values[max(int(np.searchsorted(starts, inside, side="right")) - 1, 0)])
        if (zone, n) != before:
            part, before = part + 1, (zone, n)
        until, lasting = _still(survey, middle)
        rows.append((left, low, right, high, n, zone, part, until, lasting))
    return rows


def _still(survey: Survey, station: float) -> tuple[float, float]:
    """Return the level up to which water stands still at a station, and whether that lasts."""
    found = [still for still in survey.ineffective if still.from_m <= station <= still.to_m]
    if not found:
        return -np.inf, 0.0
    highest = max(found, key=lambda still: still.level_m)
    return highest.level_m, float(highest.lasting)


def _has_steep_sides(survey: Survey) -> bool:
    """Return whether a side of the channel is steeper than 1 in 5, from its bank to its lowest point."""
    x, z = survey.stations_m, survey.beds_m
    inside = np.flatnonzero((x >= survey.banks_m[0]) & (x <= survey.banks_m[1]))
    if len(inside) < 3:
        return True
    low = inside[int(np.argmin(z[inside]))]
    for bank in (inside[0], inside[-1]):
        run, rise = abs(float(x[low] - x[bank])), float(z[bank] - z[low])
        if run > 0 and rise / run > _STEEP:
            return True
    return False


@compiled
def carried(strips: Any, section: int, level: float) -> tuple[float, float, float, float, float, float, float]:
    """Return area, conveyance left, channel and right, top width, alpha and wetted width of a section at a level.

    The tuple is that of `Properties`; lengths in m. A dry section gives zeros.
    """
    area, top, wet = 0.0, 0.0, 0.0
    k0, k1, k2, a0, a1, a2 = 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
    p_area, p_wet, p_weighted, p_n = 0.0, 0.0, 0.0, 0.0
    begin, end = strips.first[section], strips.first[section + 1]
    whole_channel = strips.steep[section]
    for at in range(begin, end + 1):
        closes = at == end
        if not closes and at > begin:
            closes = strips.part[at] != strips.part[at - 1]
            if closes and whole_channel and strips.zone[at] == 1 and strips.zone[at - 1] == 1:
                closes = False
        if closes:
            if p_wet > 0.0 and p_area > 1e-9:
                n = p_n if p_n > 0.0 else (p_weighted / p_wet) ** (2.0 / 3.0)
                k = p_area * (p_area / p_wet) ** (2.0 / 3.0) / n
                zone = strips.zone[at - 1]
                if zone == 0:
                    k0 += k
                    a0 += p_area
                elif zone == 1:
                    k1 += k
                    a1 += p_area
                else:
                    k2 += k
                    a2 += p_area
            p_area, p_wet, p_weighted, p_n = 0.0, 0.0, 0.0, 0.0
        if at == end:
            break
        x0, z0, x1, z1 = strips.x0[at], strips.z0[at], strips.x1[at], strips.z1[at]
        low, high = (z0, z1) if z0 < z1 else (z1, z0)
        if level <= low:
            continue
        width, rise = x1 - x0, high - low
        if level < high:
            share = (level - low) / rise
            width *= share
            deep, shallow, rise = level - low, 0.0, level - low
        else:
            deep, shallow = level - low, level - high
        wet += width
        until = strips.until[at]
        if level <= until:
            continue
        length = (width * width + rise * rise) ** 0.5
        strip = 0.5 * (deep + shallow) * width
        if strips.lasting[at] and until > low:
            strip, length = width * (level - until), 0.0  # only what flows over the still water
        n = strips.n[at]
        if p_wet == 0.0 and p_area == 0.0:
            p_n = n
        elif n != p_n:
            p_n = -1.0
        p_area += strip
        p_wet += length
        p_weighted += length * n**1.5
        area += strip
        top += width
    total = k0 + k1 + k2
    alpha = 1.0
    if total > 0.0 and area > 0.0:
        parts = 0.0
        if a0 > 0.0:
            parts += k0**3 / a0**2
        if a1 > 0.0:
            parts += k1**3 / a1**2
        if a2 > 0.0:
            parts += k2**3 / a2**2
        alpha = parts * area**2 / total**3
    return area, k0, k1, k2, top, alpha, wet


def properties(strips: Strips, section: int, level_m: float) -> Properties:
    """Return what a section carries at a level, in the units of metres and seconds."""
    return Properties(*(float(value) for value in carried(strips, section, float(level_m))))
