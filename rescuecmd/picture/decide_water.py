"""What commands about the water lead to: readings, what is made of their sensors, forecasts, outlooks."""

import math

from rescuecmd.errors import InputError
from rescuecmd.picture import commands as c
from rescuecmd.picture import events as e
from rescuecmd.picture.gauging import too_fast
from rescuecmd.picture.ruling import Bodies, decide_rule, needs
from rescuecmd.picture.state import Picture
from rescuecmd.picture.water import Gauge


@decide_rule.register
def _(command: c.ReadGauge, picture: Picture, actor: c.Actor, now_s: float) -> Bodies:
    gauge: Gauge = picture.find("gauges", command.gauge_id)
    reading = command.reading
    if not (math.isfinite(reading.time_s) and math.isfinite(reading.level_m) and reading.sigma_m >= 0):
        raise InputError("bad-reading", f"{gauge.id}: time {reading.time_s}, level {reading.level_m} is no reading")
    latest = gauge.held or gauge.recent
    if latest and reading.time_s <= latest[-1].time_s:
        return ()
    rate = too_fast(gauge, gauge.recent, reading)
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
