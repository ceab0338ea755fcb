"""A moment of the Dazhulin story on the real river package: the water rises, three on a reef, two drifting, a crowd."""

from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

import numpy as np

from rescuecmd.interop.plan_file import load_plans
from rescuecmd.interop.river_package import load_river
from rescuecmd.picture.entity import Craft, Fix, Hazard, Operation, Terminal, Vessel, Victim
from rescuecmd.picture.state import Picture
from rescuecmd.picture.water import Gauge, Outlook
from rescuecmd.plan.card import PlanCard
from rescuecmd.river.model import River
from rescuecmd.river.submergence import submergence
from rescuecmd.river.water import LevelSeries, Water
from rescuecmd.routing.network import Network, draw_network
from rescuecmd.routing.scene import Scene
from rescuecmd.text import Text

ROOT = Path(__file__).parents[2]
PRESS = 18.0  # the rise of thirty hours runs in one hour forty
SERIES = ("caoxietuo-2021-09", "jingkou-2021-09", "ciqikou-2021-09")

RIB = Craft("rib", 7.5, 0.5, 0.3, 2.4, 12.0, 8)
ASSAULT = Craft("assault-boat", 5.5, 0.4, 0.3, 1.8, 9.0, 6)
INFLATABLE = Craft("inflatable", 4.2, 0.35, 0.3, 1.5, 6.0, 4, max_current_mps=2.0)


@dataclass(frozen=True, eq=False)
class Story:
    """What one test needs."""

    picture: Picture
    scene: Scene
    plans: dict[str, PlanCard]

    def with_picture(self, picture: Picture) -> "Story":
        return Story(picture, self.scene, self.plans)


@lru_cache(maxsize=1)
def river_and_network() -> tuple[River, Network]:
    river = load_river(ROOT / "rivers" / "jialing-dazhulin")
    return river, draw_network(river)


@lru_cache(maxsize=1)
def cards() -> dict[str, PlanCard]:
    return load_plans(ROOT / "plans")


@lru_cache(maxsize=4)
def story(now_s: float = 1800.0, *, marking: str = "演练 DRILL") -> Story:
    """Return the picture at `now_s` seconds after the start of the compressed rise."""
    river, network = river_and_network()
    water = Water(river, {series_id.split("-")[0]: _pressed(river, series_id) for series_id in SERIES})
    scene = Scene(river, network, water, now_s)
    picture = Picture(seq=1, time_s=now_s, operation=_operation(river, marking))
    picture = picture.put("gauges", *_gauges(river, water, now_s)).put("outlooks", *_outlooks(river, water, now_s))
    picture = picture.put("vessels", *_vessels(river, now_s)).put("terminals", *_terminals(river, now_s))
    victims = [_with_outlook(victim, picture) for victim in _victims(river, now_s)]
    hazard = Hazard("H1", "debris", Text("漂浮木", "floating logs"), fix(river, -330, 1050, now_s), 20.0)
    return Story(picture.put("victims", *victims).put("hazards", hazard), scene, cards())


def fix(river: River, x_m: float, y_m: float, time_s: float) -> Fix:
    lon, lat = river.frame.point_lonlat(x_m, y_m)
    return Fix(lon, lat, time_s, 5.0, "gps")


def _pressed(river: River, series_id: str) -> LevelSeries:
    series = river.find_series(series_id)
    times = (series.times_s - series.times_s[0]) / PRESS
    return LevelSeries(times, series.levels_m, np.linspace(0.0, 0.15, len(times)))


def _operation(river: River, marking: str) -> Operation:
    return Operation(
        "op",
        Text("大竹林", "Dazhulin"),
        "drill" if marking else "live",
        marking,
        river.id,
        river.name,
        True,
        "wusong",
        0.0,
    )


def _gauges(river: River, water: Water, now_s: float) -> list[Gauge]:
    found = []
    for site in river.gauges:
        lon, lat = river.frame.point_lonlat(site.x_m, site.y_m)
        rise = float(water.level_m(site.chainage_m, now_s) - water.level_m(site.chainage_m, now_s - 300)) * 12
        gauge = Gauge(
            site.id, site.name, lon, lat, site.chainage_m, "wusong", site.warning_m, site.guarantee_m, rise_m_per_h=rise
        )
        found.append(gauge)
    return found


def _outlooks(river: River, water: Water, now_s: float) -> list[Outlook]:
    found = []
    for place in river.places.values():
        lon, lat = river.frame.point_lonlat(place.x_m, place.y_m)
        level = float(water.level_m(place.chainage_m, now_s))
        when = submergence(water, place, now_s)
        outlook = Outlook(
            place.id, place.kind, place.name, lon, lat, place.critical_m, level, 0.1, place.critical_m - level, now_s,
            when.early_s, when.median_s, when.late_s,
        )  # fmt: skip
        found.append(outlook)
    return found


def _vessels(river: River, now_s: float) -> list[Vessel]:
    pontoon, upper = river.place("dazhulin-pontoon"), river.place("tongxing-pontoon")
    return [
        Vessel(
            "jy-01", Text("警艇01", "Police 01"), "police", RIB, "t-jy-01", fix(river, pontoon.x_m, pontoon.y_m, now_s)
        ),
        Vessel("xf-02", Text("消防02", "Fire 02"), "fire", ASSAULT, "t-xf-02", fix(river, upper.x_m, upper.y_m, now_s)),
        Vessel(
            "zy-03", Text("志愿03", "Volunteer 03"), "volunteer", INFLATABLE, "t-zy-03", fix(river, -275, 1600, now_s)
        ),
    ]


def _terminals(river: River, now_s: float) -> list[Terminal]:
    boats = [
        Terminal("t-jy-01", Text("警艇01终端", "Police 01 phone"), "boat", "police", "jy-01"),
        Terminal("t-xf-02", Text("消防02终端", "Fire 02 phone"), "boat", "fire", "xf-02"),
        Terminal("t-zy-03", Text("志愿03终端", "Volunteer 03 phone"), "boat", "volunteer", "zy-03"),
    ]
    shore = Terminal("t-an-1", Text("岸组1", "Shore team 1"), "shore", "police", "", fix(river, -190, 1300, now_s))
    medic = Terminal("t-med", Text("医疗1", "Medics 1"), "medical", "medical", "", fix(river, -150, 1150, now_s))
    return [*boats, shore, medic]


def _victims(river: River, now_s: float) -> list[Victim]:
    reef, beach = river.place("huangpanshi"), river.place("dazhulin-beach")
    x, y = (float(value) for value in river.point(4300.0, 0.0))
    on_reef = fix(river, reef.x_m, reef.y_m, now_s)
    on_beach = fix(river, beach.x_m, beach.y_m, now_s)
    first, second = fix(river, x, y, now_s - 30), fix(river, x + 25, y - 30, now_s - 30)
    stranded, crowd = Text("黄盘石被困人员", "People on Huangpanshi"), Text("江滩群众", "Crowd on the beach")
    return [
        Victim("v-reef", "stranded", stranded, 3, on_reef, now_s - 120, "phone", "huangpanshi"),
        Victim("v-w1", "in_water", Text("落水者甲", "Swimmer A"), 1, first, now_s - 60, "drone"),
        Victim("v-w2", "in_water", Text("落水者乙", "Swimmer B"), 1, second, now_s - 60, "drone"),
        Victim("v-crowd", "crowd", crowd, 180, on_beach, now_s - 600, "camera", "dazhulin-beach"),
    ]


def _with_outlook(victim: Victim, picture: Picture) -> Victim:
    outlook = picture.outlooks.get(victim.place_id)
    if outlook is None:
        return victim
    return replace(victim, early_s=outlook.early_s, median_s=outlook.median_s, late_s=outlook.late_s)
