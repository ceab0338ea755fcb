"""What a river's ways, booms and areas with rules ask of boats, in a line of words."""

import math

from rescuecmd.river.feature import Boom, RestrictedArea, RiverRule, TimedWay
from rescuecmd.river.hours import DailyHours
from rescuecmd.routing.guide import duration
from rescuecmd.text import Text

_KINDS = {"portage": Text("陆运", "portage"), "ramp": Text("坡道过艇", "ramp"), "lock": Text("船闸", "lock")}


def rule_words(one: RiverRule) -> Text:
    """Return what it is, how long it takes or how fast one may be, when it is open and for which craft."""
    if isinstance(one, Boom):
        return Text("拦阻，封闭", "boom, closed")
    parts = list(_way(one) if isinstance(one, TimedWay) else _area(one))
    return Text("，".join(part.zh for part in parts), ", ".join(part.en for part in parts))


def _way(way: TimedWay) -> list[Text]:
    takes = duration(way.takes_s)
    parts = [Text(f"{_KINDS[way.kind].zh} {takes.zh}", f"{_KINDS[way.kind].en} {takes.en}"), *_open(way.hours)]
    if not way.both:
        parts.append(Text("单向", "one way"))
    if math.isfinite(way.max_draught_m):
        parts.append(Text(f"吃水不超过 {way.max_draught_m:g} 米", f"draught up to {way.max_draught_m:g} m"))
    if math.isfinite(way.max_air_draught_m):
        parts.append(Text(f"水上高度不超过 {way.max_air_draught_m:g} 米", f"height up to {way.max_air_draught_m:g} m"))
    return parts


def _area(area: RestrictedArea) -> list[Text]:
    if area.closed:
        return [Text("封闭水域", "closed area")]
    limit = Text(f"限速 {area.limit_mps:g} 米/秒", f"at most {area.limit_mps:g} m/s over ground")
    return [*([limit] if math.isfinite(area.limit_mps) else []), *_open(area.hours)]


def _open(hours: DailyHours | None) -> list[Text]:
    return [] if hours is None else [Text(f"开放 {hours}", f"open {hours}")]
