"""A made-up moment on a river, so that a card's picture can be looked at without an operation."""

import math
from pathlib import Path

import numpy as np

from rescuecmd.errors import InputError
from rescuecmd.interop.river_package import load_river
from rescuecmd.picture.entity import Craft, Fix, Terminal, Vessel, Victim
from rescuecmd.picture.state import Picture
from rescuecmd.picture.water import Outlook
from rescuecmd.plan.card import PlanCard
from rescuecmd.plan.draw import draw
from rescuecmd.plan.drawing import Drawing
from rescuecmd.plan.evacuation import find_beach
from rescuecmd.plan.personal import make_push
from rescuecmd.river.model import Place, River
from rescuecmd.river.submergence import submergence
from rescuecmd.river.water import LevelSeries, Water
from rescuecmd.routing.network import draw_network
from rescuecmd.routing.scene import Scene
from rescuecmd.text import Text

_HOURS = 3.0
_CRAFT = Craft("rib", 7.0, 0.5, 0.3, 2.5, 11.0, 8)


def sample_picture(
    plan: PlanCard, river_path: Path, *, place_id: str, level_m: float, rise_m_per_h: float, people: int
) -> Drawing:
    """Return the picture of a card for people at a place, at a level that rises evenly for three hours.

    Raises
    ------
    InputError
        The card is for a beach and the place is none, or the level is not a number.
    NotFoundError
        The river has no such place.
    """
    river = load_river(river_path)
    place = river.place(place_id)
    if plan.kind == "evacuate" and find_beach(river, place_id) is None:
        raise InputError("not-a-beach", f"card {plan.id!r} is for a beach, {place_id!r} is a {place.kind}")
    if not (math.isfinite(level_m) and math.isfinite(rise_m_per_h)):
        raise InputError("bad-level", f"expected a level in m and a rise in m/h, got {level_m} and {rise_m_per_h}")
    gauge = max(river.gauges, key=lambda one: one.chainage_m)
    levels = np.array([level_m, level_m + _HOURS * rise_m_per_h])
    water = Water(river, {gauge.id: LevelSeries(np.array([0.0, _HOURS * 3600]), levels, np.zeros(2))})
    scene = Scene(river, draw_network(river), water, 0.0)
    victim = _victim(plan, river, place, people)
    picture = Picture().put("outlooks", _outlook(river, water, place)).put("victims", victim)
    picture = picture.put("vessels", _vessel(river, place)).put("terminals", _terminal(plan, river, place))
    sent = make_push(
        picture,
        scene,
        plan,
        push_id="sample",
        by="sample",
        now_s=0.0,
        terminal_ids=("sample",),
        victim_ids=(victim.id,),
        place_id=victim.place_id,
    )
    return draw(picture, scene, sent.cards[0], sent.tasks[0], sent.routes[0] if sent.routes else None)


def _fix(river: River, x_m: float, y_m: float) -> Fix:
    lon, lat = river.frame.point_lonlat(x_m, y_m)
    return Fix(lon, lat, 0.0, 5.0, "estimate")


def _victim(plan: PlanCard, river: River, place: Place, people: int) -> Victim:
    spot = (place.x_m, place.y_m)
    if plan.kind == "in_water":  # midstream abreast of the place
        x, y = river.point(place.chainage_m, 0.0)
        spot = (float(x), float(y))
    name = Text(zh="被困人员", en="People")
    at = "" if plan.kind == "in_water" else place.id
    return Victim("people", plan.victims, name, people, _fix(river, *spot), 0.0, "sample", at)


def _outlook(river: River, water: Water, place: Place) -> Outlook:
    when, level = submergence(water, place, 0.0), float(water.level_m(place.chainage_m, 0.0))
    lon, lat = river.frame.point_lonlat(place.x_m, place.y_m)
    return Outlook(
        place.id, place.kind, place.name, lon, lat, place.critical_m, level,
        float(water.sigma_m(place.chainage_m, 0.0)), place.critical_m - level, 0.0,
        when.early_s, when.median_s, when.late_s,
    )  # fmt: skip


def _vessel(river: River, place: Place) -> Vessel:
    berths = river.pontoons or river.ramps or river.landings
    if not berths:
        raise InputError("no-berth", f"river {river.id!r} has no pontoon, ramp or landing for a boat to start from")
    berth = min(berths, key=lambda item: math.dist((item.x_m, item.y_m), (place.x_m, place.y_m)))
    return Vessel(
        "boat", Text(zh="样艇", en="Sample boat"), "police", _CRAFT, "sample", _fix(river, berth.x_m, berth.y_m)
    )


def _terminal(plan: PlanCard, river: River, place: Place) -> Terminal:
    beach = find_beach(river, place.id)
    if plan.kind != "evacuate" or beach is None:
        return Terminal("sample", Text(zh="样艇", en="Sample boat"), "boat", "police", "boat")
    way = beach.exits[0]
    return Terminal("sample", Text(zh="岸组", en="Shore team"), "shore", "police", "", _fix(river, way.x_m, way.y_m))
