"""A straight river whose answers can be worked out on paper: it runs east, so x is chainage and y is offset."""

from collections.abc import Callable, Iterable

import numpy as np

from rescuecmd.geo import Floats, Frame
from rescuecmd.river.model import (
    Axis,
    Beach,
    Bridge,
    GaugeSite,
    Landing,
    Pontoon,
    Ramp,
    Rating,
    Reef,
    River,
    SafeGround,
    Section,
    Surface,
)
from rescuecmd.river.water import LevelSeries, Water
from rescuecmd.text import Text

FRAME = Frame(106.45, 29.60)
BedFunction = Callable[[Floats, Floats], Floats]


def straight_river(
    length_m: float = 2000.0,
    width_m: float = 200.0,
    bed_m: float | BedFunction = 170.0,
    *,
    section_step_m: float = 100.0,
    discharge_m3ps: float | None = None,
    manning_n: float = 0.03,
    max_current_mps: float = 4.0,
    slope: float = 0.0,
    wall_m: float = 400.0,
    reefs: Iterable[Reef] = (),
    bridges: Iterable[Bridge] = (),
    pontoons: Iterable[Pontoon] = (),
    ramps: Iterable[Ramp] = (),
    landings: Iterable[Landing] = (),
    safe_ground: Iterable[SafeGround] = (),
    beaches: Iterable[Beach] = (),
    gauges: Iterable[GaugeSite] | None = None,
) -> River:
    """Return a straight river from (0, 0) to (length, 0).

    `bed_m` is one level or a function of (chainage, offset) arrays. The survey ends at walls up to `wall_m`. Gauges:
    `up` at chainage 0 and `down` at the end unless others are given. A `discharge_m3ps` is constant at every level;
    without one there is no current.
    `slope` is the surface slope beyond the outer gauges.
    """
    steps = max(2, round(length_m / section_step_m) + 1)
    offsets = np.linspace(-width_m / 2, width_m / 2, 121)
    ends = np.concatenate([[offsets[0] - 1e-6], offsets, [offsets[-1] + 1e-6]])

    def section(number: int, at: float) -> Section:
        beds = bed_m(np.full_like(offsets, at), offsets) if callable(bed_m) else np.full_like(offsets, bed_m)
        walled = np.concatenate([[wall_m], beds, [wall_m]])
        return Section(f"s{number:03d}", at, ends, walled, manning_n, width_m / 2, -width_m / 2)

    rating = None
    if discharge_m3ps is not None:
        rating = Rating("down", -1000.0, ((0.0, discharge_m3ps),), max_current_mps, "teaching", "high")
    return River(
        id="straight",
        name=Text("直河", "Straight river"),
        frame=FRAME,
        vertical_datum="wusong",
        schematic=True,
        centreline=Axis(np.column_stack([np.linspace(0.0, length_m, 41), np.zeros(41)])),
        sections=tuple(section(number, float(at)) for number, at in enumerate(np.linspace(0.0, length_m, steps))),
        surface=Surface(0.0, slope, 1.0, slope),
        mouth_km=length_m / 1000,
        rating=rating,
        reefs=tuple(reefs),
        bridges=tuple(bridges),
        pontoons=tuple(pontoons),
        ramps=tuple(ramps),
        landings=tuple(landings),
        safe_ground=tuple(safe_ground),
        beaches=tuple(beaches),
        gauges=tuple(gauges) if gauges is not None else (gauge_site("up", 0.0), gauge_site("down", length_m)),
    )


def gauge_site(gauge_id: str, chainage_m: float) -> GaugeSite:
    """Return a gauge on the straight river, its zero at 170 m, warning 180 m, guarantee 182 m."""
    return GaugeSite(
        id=gauge_id,
        name=Text(gauge_id, gauge_id),
        x_m=chainage_m,
        y_m=0.0,
        chainage_m=chainage_m,
        zero_m=170.0,
        vertical_datum="wusong",
        to_river_datum_m=0.0,
        warning_m=180.0,
        guarantee_m=182.0,
    )


def round_reef(reef_id: str, x_m: float, y_m: float, crest_m: float, *, radius_m: float = 25.0) -> Reef:
    """Return a round reef."""
    turn = np.linspace(0.0, 2 * np.pi, 25)
    ring = tuple((float(x_m + radius_m * np.cos(a)), float(y_m + radius_m * np.sin(a))) for a in turn)
    return Reef(reef_id, Text(reef_id, reef_id), x_m, y_m, crest_m, 0.0, ring, 5)


def rising_water(
    river: River, from_m: float = 175.0, to_m: float = 180.0, *, start_s: float = 0.0, end_s: float = 3600.0
) -> Water:
    """Return water that rises evenly and stands level at every instant, known without error at every gauge."""
    series = LevelSeries(np.array([start_s, end_s]), np.array([from_m, to_m]), np.zeros(2))
    return Water(river, {gauge.id: series for gauge in river.gauges})


def still_water(river: River, level_m: float = 175.0, *, start_s: float = 0.0, end_s: float = 86400.0) -> Water:
    """Return water that stays at one level."""
    return rising_water(river, level_m, level_m, start_s=start_s, end_s=end_s)
