"""What commands about the water lead to: readings, what is made of their sensors, forecasts, outlooks."""

import math

from rescuecmd.errors import InputError, RefusedError
from rescuecmd.picture import commands as c
from rescuecmd.picture import events as e
from rescuecmd.picture.entity import MOST_NO_GO, Zone
from rescuecmd.picture.gauging import same, too_fast
from rescuecmd.picture.ruling import Bodies, decide_rule, needs
from rescuecmd.picture.state import Picture
from rescuecmd.picture.water import Gauge

LONGEST_ASSUMED_S = 12 * 3600.0
"""An assumed depth ends after this long at the latest; who still means it says so again."""


@decide_rule.register
def _(command: c.DrawZone, picture: Picture, actor: c.Actor, now_s: float) -> Bodies:
    zone = command.zone
    if not zone.id:
        raise InputError("no-id", "DrawZone needs an id")
    if zone.kind == "assumed_depth":
        _check_assumed(zone, now_s)
    elif zone.bed_m is not None:
        raise InputError("bad-zone", f"a zone of the kind {zone.kind} has no bed_m; only assumed_depth has")
    _check_ring(zone)
    _check_rule(zone)
    _check_room(zone, picture)
    return () if picture.zones.get(zone.id) == zone else (e.ZoneDrawn(zone),)


def _check_ring(zone: Zone) -> None:
    """Refuse a zone without an area: one bad ring would leave every boat without a route."""
    corners = {corner for corner in zone.ring if abs(corner[0]) <= 180.0 and abs(corner[1]) <= 90.0}  # NaN is neither
    if len(corners) < 3 or len(corners) < len(set(zone.ring)):
        raise InputError("bad-ring", f"a zone needs a ring of three or more places (lon, lat), got {zone.ring!r:.200}")


def _check_room(zone: Zone, picture: Picture) -> None:
    """Refuse a no-go zone for which there is no room: it would leave every boat without a route."""
    others = sum(one.kind == "no_go" and one.id != zone.id for one in picture.zones.values())
    if zone.kind == "no_go" and others >= MOST_NO_GO:
        en = f"there are {others} no-go zones already; lift one first, or draw one around several"
        zh = f"禁航区已有 {others} 个；请先撤除，或将几个合并重画"
        raise RefusedError("too-many-zones", en, zh=zh, en=en)


def _check_rule(zone: Zone) -> None:
    """Refuse a zone about a rule of the river that does not say which, and any other that does."""
    about = zone.kind in {"closed", "lifted"}
    if about != bool(zone.rule_id):
        message = "needs rule_id, the river's way, boom or area that it is about" if about else "has no rule_id"
        raise InputError("bad-zone", f"a zone of the kind {zone.kind} {message}")
    if zone.kind == "lifted" and zone.ends_s is not None:
        raise InputError("bad-zone", "what is lifted stays so until somebody takes it back: leave ends_s out")


def _check_assumed(zone: Zone, now_s: float) -> None:
    """Refuse an assumed depth that does not say what, why, by whom and until when."""
    if zone.bed_m is None or not math.isfinite(zone.bed_m):
        raise InputError(
            "no-bed", "an assumed depth needs bed_m, the level of the bed above the river's vertical datum"
        )
    if zone.why is None or not (zone.why.zh.strip() or zone.why.en.strip()):
        raise InputError("no-reason", "an assumed depth needs its reason: who saw or sounded the water, and how")
    if not zone.made_by:
        raise InputError("no-author", "an assumed depth needs made_by, who answers for it")
    if zone.ends_s is None or not now_s < zone.ends_s <= now_s + LONGEST_ASSUMED_S:
        most = LONGEST_ASSUMED_S / 3600
        raise InputError("no-end", f"an assumed depth needs ends_s, at most {most:.0f} h from now")


@decide_rule.register
def _(command: c.ReadGauge, picture: Picture, actor: c.Actor, now_s: float) -> Bodies:
    gauge: Gauge = picture.find("gauges", command.gauge_id)
    reading = command.reading
    if not (math.isfinite(reading.time_s) and math.isfinite(reading.level_m) and reading.sigma_m >= 0):
        raise InputError("bad-reading", f"{gauge.id}: time {reading.time_s}, level {reading.level_m} is no reading")
    latest = gauge.held or gauge.recent
    corrected = bool(latest) and reading.time_s == latest[-1].time_s and not same(reading, latest[-1])
    if latest and reading.time_s <= latest[-1].time_s and not corrected:
        return ()
    rate = too_fast(gauge, [one for one in gauge.recent if one.time_s < reading.time_s], reading)
    if rate is None:
        return (e.GaugeRead(gauge.id, reading),)
    if gauge.held and too_fast(gauge, gauge.held, reading) is None:  # two agree: it was no spike but a wave
        return e.GaugeRead(gauge.id, gauge.held[-1]), e.GaugeRead(gauge.id, reading)
    return (e.ReadingHeld(gauge.id, reading, rate),)


@decide_rule.register
def _(command: c.JudgeGauge, picture: Picture, actor: c.Actor, now_s: float) -> Bodies:
    gauge = picture.find("gauges", command.gauge_id)
    return () if gauge.state == command.state else (e.GaugeJudged(command.gauge_id, command.state),)


@decide_rule.register
def _(command: c.IssueForecast, picture: Picture, actor: c.Actor, now_s: float) -> Bodies:
    needs(picture, "gauges", command.gauge_id)
    times = [reading.time_s for reading in command.readings]
    if times != sorted(set(times)):
        raise InputError("bad-forecast", f"forecast for {command.gauge_id}: times must increase")
    return (e.ForecastIssued(command.gauge_id, command.issued_s, command.readings),)


@decide_rule.register
def _(command: c.AssessWater, picture: Picture, actor: c.Actor, now_s: float) -> Bodies:
    return (e.WaterAssessed(command.outlooks),) if command.outlooks else ()


@decide_rule.register
def _(command: c.LoseWater, picture: Picture, actor: c.Actor, now_s: float) -> Bodies:
    return (e.WaterLost(command.why),) if picture.outlooks else ()
