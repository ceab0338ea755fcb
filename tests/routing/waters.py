"""Small rivers on which routing can be judged by hand or by the oracle."""

import numpy as np

from rescuecmd.geo import Floats
from rescuecmd.picture.entity import Craft
from rescuecmd.river.model import Bridge, Pier, River, Span
from rescuecmd.river.water import LevelSeries, Water
from rescuecmd.text import Text
from tests.river.teaching import round_reef, straight_river

INFLATABLE = Craft("inflatable", 5.0, 0.55, 0.30, 2.6, 8.0, 6)
FREE = Craft("ghost", 3.0, 0.0, 0.0, 0.0, 5.0, 2)


def water_of(river: River, *points: tuple[float, float]) -> Water:
    """Return level water through (time, level) points, known without error."""
    times, levels = np.array(points, dtype=np.float64).T
    series = LevelSeries(times, levels, np.zeros(len(times)))
    return Water(river, {gauge.id: series for gauge in river.gauges})


def bar(crest_m: float, at_m: float = 500.0, half_m: float = 40.0, floor_m: float = 165.0) -> River:
    """Return a river of 1 km with a bar right across it."""

    def bed(chainage: Floats, _: Floats) -> Floats:
        return np.where(np.abs(chainage - at_m) <= half_m, crest_m, floor_m)

    return straight_river(1000.0, 150.0, bed, section_step_m=20.0)


def varied(discharge_m3ps: float | None = 900.0, *, seed: int = 1) -> River:
    """Return 1.2 km with shoals, two reefs and a bridge of three spans: everything opens and closes on it."""
    rng = np.random.default_rng(seed)
    waves = rng.uniform(0.5, 1.5, size=6)

    def bed(chainage: Floats, offset: Floats) -> Floats:
        valley = 168.0 + 6.0 * (np.abs(offset) / 110.0) ** 2
        shoals = 1.6 * waves[0] * np.sin(chainage / 90.0 * waves[1]) * np.cos(offset / 35.0 * waves[2])
        whole: Floats = valley + shoals + 0.8 * waves[3] * np.sin(chainage / 45.0 + offset / 30.0)
        return whole

    spans = (Span(-110.0, -40.0, 177.2), Span(-40.0, 40.0, 179.5), Span(40.0, 110.0, 176.8))
    bridge = Bridge(
        "low-bridge", Text("矮桥", "Low bridge"), 700.0, spans, (Pier(700.0, 40.0, 3.0), Pier(700.0, -40.0, 3.0))
    )
    return straight_river(
        1200.0,
        220.0,
        bed,
        section_step_m=30.0,
        discharge_m3ps=discharge_m3ps,
        reefs=(round_reef("reef-a", 350.0, -20.0, 173.5), round_reef("reef-b", 900.0, 30.0, 174.5, radius_m=18.0)),
        bridges=(bridge,),
    )
