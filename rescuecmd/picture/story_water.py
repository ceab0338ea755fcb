"""What is said of the water: hazards, zones, forecasts, readings held aside."""

from rescuecmd.picture import events as e
from rescuecmd.picture.state import Picture
from rescuecmd.picture.telling import Told, name_of, told_rule
from rescuecmd.text import Text

_ZONE = {
    "no_go": Text("禁航区", "No-go zone"),
    "closed": Text("关闭", "Closed"),
    "lifted": Text("解除", "Lifted"),
}


@told_rule.register
def _(body: e.HazardReported, picture: Picture) -> Told:
    return "hazard", Text(f"险情：{body.hazard.name.zh}", f"Hazard: {body.hazard.name.en}")


@told_rule.register
def _(body: e.ZoneDrawn, picture: Picture) -> Told:
    zone = body.zone
    if zone.kind in _ZONE:
        why = Text("", "") if zone.why is None else Text(f"：{zone.why.zh}", f": {zone.why.en}")
        what = _ZONE[zone.kind]
        return "order", Text(f"{what.zh}「{zone.name.zh}」{why.zh}", f"{what.en}: “{zone.name.en}”{why.en}")
    if zone.kind != "assumed_depth" or zone.why is None:
        return None
    zh = f"{zone.made_by} 假定未测水域「{zone.name.zh}」河床 {zone.bed_m:.2f} m：{zone.why.zh}"
    en = (
        f"{zone.made_by} takes the bed of unsurveyed water “{zone.name.en}” to lie at {zone.bed_m:.2f} m: {zone.why.en}"
    )
    return "order", Text(zh, en)


@told_rule.register
def _(body: e.ZoneLifted, picture: Picture) -> Told:
    return "order", Text(f"撤销区域 {body.zone_id}", f"Zone taken back: {body.zone_id}")


@told_rule.register
def _(body: e.ForecastIssued, picture: Picture) -> Told:
    if not body.readings:
        return None
    name, peak = name_of(picture, "gauges", body.gauge_id), max(reading.level_m for reading in body.readings)
    return "water", Text(f"{name.zh}发布预报：最高 {peak:.2f} m", f"Forecast for {name.en}: up to {peak:.2f} m")


@told_rule.register
def _(body: e.ReadingHeld, picture: Picture) -> Told:
    name, level = name_of(picture, "gauges", body.gauge_id), body.reading.level_m
    zh = f"{name.zh}读数 {level:.2f} m 暂不采用：每小时变化 {body.rate_m_per_h:+.1f} m，待下一读数核实"
    en = f"{name.en}: {level:.2f} m held aside, {body.rate_m_per_h:+.1f} m an hour; waiting for the next reading"
    return "water", Text(zh, en)
