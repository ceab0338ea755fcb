"""What the `rescuecmd route` commands answer, as values ready for JSON."""

from pathlib import Path as File
from typing import Any, Literal

import numpy as np

from rescuecmd.cli.console import write
from rescuecmd.cli.route_options import both, iso, moment_s, name_of, spot_of
from rescuecmd.errors import RefusedError
from rescuecmd.picture.entity import Craft
from rescuecmd.river.covered import datum_text
from rescuecmd.river.submergence import submergence
from rescuecmd.routing.departure import Chances, chances, deadline_at, leave_by
from rescuecmd.routing.explain import Obstacle, describe
from rescuecmd.routing.guidance import guidance
from rescuecmd.routing.guide import duration, kilometre, place
from rescuecmd.routing.margins import LegMargin, leg_margins, worst_of, worst_told
from rescuecmd.routing.path import Path
from rescuecmd.routing.profile import Profile
from rescuecmd.routing.profile import profile as profile_along
from rescuecmd.routing.reach import Reach
from rescuecmd.routing.scene import Scene, Spot
from rescuecmd.routing.soundings import sound
from rescuecmd.text import Text


def head(scene: Scene, boat: Craft) -> dict[str, Any]:
    """Return what every answer begins with."""
    river = scene.river
    return {
        "river": river.id, "schematic": river.schematic, "current_known": river.rating is not None,
        "craft": boat.kind, "depart": iso(scene.now_s),
    }  # fmt: skip


def title(scene: Scene, boat: Craft, start: str, goal: str) -> Text:
    """Return the title of a picture of a way."""
    begin, end = name_of(scene.river, start), name_of(scene.river, goal)
    return Text(f"{begin.zh} → {end.zh}，{boat.kind}", f"{begin.en} to {end.en}, {boat.kind}")


def summary(scene: Scene, boat: Craft, path: Path) -> dict[str, Any]:
    """Return a path in short: arrival, length, least margin, the worst leg."""
    worst = worst_of(leg_margins(sound(scene, boat, path)))
    tight = None
    if worst is not None:
        tight = _margin(scene, worst) | {"text": both(worst_told(scene.river, worst, scene.now_s))}
    return {
        "arrive": iso(path.arrive_s), "seconds": round(path.arrive_s - path.depart_s, 1),
        "length_m": round(path.length_m), "left_m": round(path.left_m),
        "least_margin_m": round(path.least_margin_m, 2),
        "worst": tight,
    }  # fmt: skip


def _margin(scene: Scene, leg: LegMargin) -> dict[str, Any]:
    return {
        "margin_m": round(leg.margin_m, 2), "sigmas": round(leg.sigmas, 1), "closes": iso(leg.closes_s),
        "spare_s": None if leg.spare_s is None else round(leg.spare_s),
        "where": both(place(scene.river, leg.chainage_m, leg.offset_m)),
    }  # fmt: skip


def found_way(scene: Scene, boat: Craft, path: Path) -> dict[str, Any]:
    """Return a path with every point, margin, last moment and instruction."""
    river, offsets = scene.river, scene.river.locate(path.x_m, path.y_m)[1]
    soundings = sound(scene, boat, path)
    margins = {leg.leg: _margin(scene, leg) for leg in leg_margins(soundings)}
    last = chances(scene, boat, path)
    points = [
        {
            "lon_deg": round(one.lon_deg, 6), "lat_deg": round(one.lat_deg, 6),
            "where": both(place(river, float(path.chainage_m[at]), float(offsets[at]))),
            "eta_s": round(float(path.eta_s[at]) - path.depart_s, 1), "wait_s": round(float(path.wait_s[at]), 1),
            "margin_m": None if one.margin_m is None else round(one.margin_m, 2),
            "leg": margins.get(at),
            "go_by": iso(float(last.go_by_s[at])), "back_by": iso(float(last.back_by_s[at])),
        }
        for at, one in enumerate(path.waypoints(river.frame))
    ]  # fmt: skip
    return {
        **head(scene, boat), **summary(scene, boat, path), "avoided": both(path.avoided),
        "why": [_obstacle(scene, one) for one in scene.avoids(boat, path)],
        "no_return": _no_return(scene, last), "points": points,
        "guidance": [
            {"kind": one.kind, "eta_s": round(one.time_s - path.depart_s, 1), "distance_m": round(one.distance_m),
             "where": both(one.where), "text": both(one.text)}
            for one in guidance(soundings)
        ],
    }  # fmt: skip


def _obstacle(scene: Scene, one: Obstacle) -> dict[str, Any]:
    what = describe(scene.river, one.reason, one.chainage_m, one.offset_m, one.short)
    return {"what": both(what), "short": round(one.short, 2), "opens": iso(one.opens_s)}


def _no_return(scene: Scene, last: Chances) -> dict[str, Any] | None:
    """Return the last place from which the boat gets back, None where it gets back from everywhere."""
    at = last.no_return
    if at is None:
        return None
    spot = max(at, 0)
    path = last.path
    offset = float(scene.river.locate(path.x_m[spot], path.y_m[spot])[1])
    return {"point": at, "where": both(place(scene.river, float(path.chainage_m[spot]), offset)),
            "back_by": iso(float(last.back_by_s[spot]))}  # fmt: skip


def last_moments(scene: Scene, boat: Craft, start: str, goal: str, *, by: str, stay_s: float) -> dict[str, Any]:
    """Return until when a boat may wait and still get there in time, and back."""
    river, begin, end = scene.river, spot_of(scene.river, start), spot_of(scene.river, goal)
    under_s = _goes_under_s(scene, goal)
    due_s = moment_s(by, scene.water) if by else under_s
    stop = scene.stop(boat, begin, end, scene.now_s)
    if stop < 0:
        scene.path(boat, begin, end, scene.now_s)  # says why there is none
    stop_xy = (float(scene.network.x_m[stop]), float(scene.network.y_m[stop]))
    away = float(np.hypot(stop_xy[0] - end[0], stop_xy[1] - end[1]))
    there_s, there_held = leave_by(scene, boat, deadline_at(scene, boat, end, due_s, near_m=away), begin, scene.now_s)
    home_s, home_held = leave_by(scene, boat, deadline_at(scene, boat, begin, None, near_m=0.0), stop_xy, scene.now_s)
    last_out = home_s - stay_s if home_held is not None else None
    both_due = min([one for one in (due_s, last_out) if one is not None], default=None)
    round_s, round_held = leave_by(
        scene, boat, deadline_at(scene, boat, end, both_due, near_m=away), begin, scene.now_s
    )
    arrive_s = float(scene.tree(boat, begin, scene.now_s).arrival_s[stop])
    limits = {"there": (there_s, there_held, due_s), "and_back": (round_s, round_held, both_due)}
    found: dict[str, Any] = {
        **head(scene, boat), "from": both(name_of(river, start)), "to": both(name_of(river, goal)),
        "arrive": iso(arrive_s), "goes_under": iso(under_s), "due": iso(due_s),
        "leave_site_by": iso(home_s) if home_held is not None else None,
        **{name: _limit(scene, time, held, due) for name, (time, held, due) in limits.items()},
    }  # fmt: skip
    found["text"] = both(_departure_told(scene, found, there_s, round_s, name_of(river, goal)))
    return found


def _goes_under_s(scene: Scene, goal: str) -> float | None:
    """Return when a reef or beach may first go under, by the high bound; None for other places or not in time."""
    if goal not in scene.river.places:
        return None
    spot = scene.river.place(goal)
    early_s = submergence(scene.water, spot, scene.now_s).early_s if spot.kind in {"reef", "beach"} else None
    return early_s if early_s is not None and early_s > scene.now_s else None


def _limit(scene: Scene, time_s: float, held: Any, due_s: float | None) -> dict[str, Any]:
    limited = held is not None or (due_s is not None and due_s < scene.conditions.to_s)
    found: dict[str, Any] = {
        "possible": time_s > -np.inf,
        "leave_by": iso(time_s) if limited else None,
        "spare_s": round(time_s - scene.now_s) if limited and time_s > -np.inf else None,
    }
    if held is not None:
        network = scene.network
        node = int(network.start[held.edge])
        where = place(scene.river, float(network.chainage_m[node]), float(network.offset_m[node]))
        found["held_by"] = {"where": both(where), "closes": iso(held.closes_s)}
    return found


def _departure_told(scene: Scene, found: dict[str, Any], there_s: float, round_s: float, goal: Text) -> Text:
    def left(time_s: float) -> Text:
        return duration(time_s - scene.now_s)

    if not found["there"]["possible"]:
        return Text(f"已来不及到达{goal.zh}", f"it is too late to reach {goal.en} in time")
    if not found["and_back"]["possible"]:
        return Text(f"能到{goal.zh}，但已来不及返回", f"{goal.en} can be reached, but not left again in time")
    if found["and_back"]["leave_by"] is None:
        return Text("预报期内无最迟出发时间", "no last moment within the forecast")
    wait, when = left(round_s), found["and_back"]["leave_by"]
    if found["there"]["leave_by"] is not None and there_s - round_s < 1.0:
        return Text(f"最迟 {wait.zh}后（{when}）出发，否则来不及到达{goal.zh}",
                    f"leave within {wait.en} (by {when}) or {goal.en} cannot be reached in time")  # fmt: skip
    return Text(f"最迟 {wait.zh}后（{when}）出发，否则到得了{goal.zh}却回不来",
                f"leave within {wait.en} (by {when}) or you cannot get back from {goal.en}")  # fmt: skip


def profiled(scene: Scene, boat: Craft, along: Profile) -> dict[str, Any]:
    """Return a profile for JSON."""

    def rounded(values: Any) -> list[float | None]:
        return [None if not np.isfinite(value) else round(float(value), 2) for value in values]

    squeeze = along.squeeze
    return {
        **head(scene, boat), "vertical_datum": scene.river.vertical_datum, "draught_m": along.draught_m,
        "under_keel_m": along.under_keel_m, "air_draught_m": along.air_draught_m,
        "distance_m": rounded(along.distance_m), "seconds": rounded(along.time_s - along.time_s[0]),
        "kilometres": list(along.kilometres), "level_m": rounded(along.level_m), "low_m": rounded(along.low_m),
        "bed_m": rounded(along.bed_m),
        "bridges": [
            {"id": one.bridge_id, "name": both(one.name), "span": one.span, "distance_m": round(one.distance_m),
             "seconds": round(one.time_s - float(along.time_s[0])), "soffit_m": one.soffit_m,
             "free_m": round(one.free_m, 2)}
            for one in along.bridges
        ],
        "tightest": None if squeeze is None else {
            "distance_m": round(squeeze.distance_m), "margin_m": round(squeeze.margin_m, 2),
            "text": both(squeeze.text)},
    }  # fmt: skip


def circumstances(scene: Scene, boat: Craft) -> Text:
    """Return for which boat, when and at which levels something was worked out."""
    river, water, now_s = scene.river, scene.water, scene.now_s
    gauges = sorted((river.gauge(gauge_id) for gauge_id in water.series), key=lambda gauge: gauge.chainage_m)
    levels = [(gauge.name, f"{float(water.level_m(gauge.chainage_m, now_s)):.2f}") for gauge in gauges]
    datum = datum_text(river)
    zh = "，".join(f"{name.zh} {level} 米" for name, level in levels)
    en = ", ".join(f"{name.en} {level} m" for name, level in levels)
    return Text(
        f"{boat.kind}，{iso(now_s)} 出发；{zh}（{datum.zh}）", f"{boat.kind}, leaving {iso(now_s)}; {en} ({datum.en})"
    )


def draw(png: File, scene: Scene, boat: Craft, path: Path, *, title: Text, theme: Literal["day", "night"]) -> None:
    """Draw the profile along a path into a file."""
    from rescuecmd.interop.route_chart import profile_png  # noqa: PLC0415  (matplotlib)

    write(png, profile_png(scene.river, profile_along(scene, boat, path), title, theme=theme))


def reached(scene: Scene, boat: Craft, start: Spot, area: Reach) -> dict[str, Any]:
    """Return a reach map in numbers, and the places in it."""
    river, network = scene.river, scene.network
    inside = area.tree.arrival_s <= area.depart_s + 60.0 * area.minutes
    if not inside.any():
        raise RefusedError("no-reach", "the boat reaches nothing in this time", zh="此时间内到不了任何水域")
    etas = {item.id: scene.arrival_s(boat, start, (item.x_m, item.y_m), scene.now_s) - scene.now_s
            for item in river.places.values() if _at_water(scene, item.x_m, item.y_m)}  # fmt: skip
    reached = sorted((eta, name) for name, eta in etas.items() if eta <= 60.0 * area.minutes)
    return {
        **head(scene, boat), "minutes": area.minutes, "ends": both(area.ends) if area.ends is not None else None,
        "upstream": kilometre(river, float(network.chainage_m[inside].min())),
        "downstream": kilometre(river, float(network.chainage_m[inside].max())),
        "water_m2": round(sum(band.area_m2 for band in area.bands)),
        "bands": [{"to_min": round(band.to_min, 1), "area_m2": round(band.area_m2)} for band in area.bands],
        "places": [
            {"id": name, "name": both(river.place(name).name), "eta_s": round(eta, 1)} for eta, name in reached
        ],
    }  # fmt: skip


def _at_water(scene: Scene, x_m: float, y_m: float) -> bool:
    return len(scene.network.within(x_m, y_m, 200.0)) > 0
