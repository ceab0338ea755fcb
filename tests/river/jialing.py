"""The shipped package, read once for all tests."""

from functools import cache

import numpy as np

from rescuecmd.interop.river_package import load_river
from rescuecmd.library import shelf
from rescuecmd.river.model import River
from rescuecmd.river.water import LevelSeries, Water

START_S = 1_630_800_000.0  # 2021-09-05T08:00+08:00
DAY_S = 86_400.0


@cache
def jialing() -> River:
    """Return the Jialing at Dazhulin."""
    return load_river(shelf("rivers") / "jialing-dazhulin")


@cache
def september() -> Water:
    """Return its water of 5-6 September 2021, as if every level were known at once."""
    river = jialing()
    return Water(
        river,
        {
            series.gauge_id: LevelSeries(series.times_s, series.levels_m, series.sigma_m)
            for series in river.series
            if series.id.endswith("-2021-09")
        },
    )


def still(level_m: float) -> Water:
    """Return water that stands at one level at Ciqikou, with the river's own slope."""
    return Water(jialing(), {"ciqikou": LevelSeries(np.zeros(1), np.array([level_m]), np.zeros(1))})
