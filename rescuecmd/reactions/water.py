"""The water at every place, and the alarms that it raises."""

from collections.abc import Iterator
from dataclasses import replace

from rescuecmd.picture.alarm import standing
from rescuecmd.picture.commands import AssessWater, ClearAlarm, RaiseAlarm
from rescuecmd.picture.order import Alarm, AlarmKind, Priority
from rescuecmd.picture.state import Picture
from rescuecmd.picture.water import BodyStage, Gauge, Outlook
from rescuecmd.reactions.moment import Moment, Wish
from rescuecmd.river.model import Place, River
from rescuecmd.river.submergence import body_stages, submergence
from rescuecmd.river.water import Water
from rescuecmd.text import Text

SAME_LEVEL_M = 0.005
SAME_TIME_S = 5.0
STALE_S = 60.0  # an outlook is told again after this long even if nothing moved

GOING_UNDER: tuple[tuple[float, Priority, Text], ...] = (
    (0.0, "emergency", Text("可能已上水", "may be under water now")),
    (300.0, "emergency", Text("5 分钟内可能淹没", "may go under within 5 min")),
    (900.0, "alarm", Text("15 分钟内可能淹没", "may go under within 15 min")),
    (1800.0, "warning", Text("30 分钟内可能淹没", "may go under within 30 min")),
)
"""How soon (s, at the high bound of the level), how loud, and in which words; agency defaults."""

RISING: tuple[tuple[float, Priority], ...] = ((1.5, "alarm"), (0.5, "warning"))
"""Rate of rise, m/h, from which it is told (agency default); the facts of the reach know 0.2 m/h over a day."""

RISING_OVER = 0.8
"""An alarm of rise ends below this share of what raised it, so that it does not come and go."""

_STANDING = ("reef", "beach")

MARK_OVER_M = 0.05
"""An alarm at an official line ends this far below it."""


def assess(moment: Moment) -> Iterator[Wish]:
    """Tell what the water does at each place, where that has changed."""
    river, water = moment.situation.river, moment.situation.water(moment.picture)
    fresh = (
        _outlook(river, water, place, moment.now_s, moment.picture.outlooks.get(place.id))
        for place in river.places.values()
    )
    changed = tuple(outlook for outlook in fresh if _moved(moment.picture.outlooks.get(outlook.id), outlook))
    if changed:
        yield "water", AssessWater(changed)


def _outlook(river: River, water: Water, place: Place, now_s: float, before: Outlook | None) -> Outlook:
    crossing = submergence(water, place, now_s)
    old_s = _instants(before)
    level_m = float(water.level_m(place.chainage_m, now_s))
    lon_deg, lat_deg = river.frame.point_lonlat(place.x_m, place.y_m)
    return Outlook(
        id=place.id,
        kind=place.kind,
        name=place.name,
        lon_deg=lon_deg,
        lat_deg=lat_deg,
        critical_m=place.critical_m,
        level_m=level_m,
        sigma_m=float(water.sigma_m(place.chainage_m, now_s)),
        margin_m=place.critical_m - level_m,
        time_s=now_s,
        early_s=_held(old_s[0], crossing.early_s, now_s),
        median_s=_held(old_s[1], crossing.median_s, now_s),
        late_s=_held(old_s[2], crossing.late_s, now_s),
        stages=_stages(water, place, now_s, before.stages if before else ()),
    )


def _stages(water: Water, place: Place, now_s: float, before: tuple[BodyStage, ...]) -> tuple[BodyStage, ...]:
    if place.kind not in _STANDING:
        return ()
    known: dict[str, BodyStage] = {stage.name: stage for stage in before}
    told = []
    for name, crossing in body_stages(water, place, now_s).items():
        found = (crossing.early_s, crossing.median_s, crossing.late_s)
        instants = (_held(old, new, now_s) for old, new in zip(_instants(known.get(name)), found, strict=True))
        told.append(BodyStage(name, *instants))
    return tuple(told)


def _instants(told: BodyStage | Outlook | None) -> tuple[float | None, float | None, float | None]:
    return (told.early_s, told.median_s, told.late_s) if told else (None, None, None)


def _held(before: float | None, found: float | None, now_s: float) -> float | None:
    """Return the instant of a crossing; one that has passed keeps its time instead of moving along with now."""
    if found is not None and before is not None and before <= now_s and found <= now_s:
        return before
    return found


def _moved(before: Outlook | None, now: Outlook) -> bool:
    if before is None or now.time_s - before.time_s >= STALE_S:
        return True
    if abs(before.level_m - now.level_m) >= SAME_LEVEL_M:
        return True
    if len(before.stages) != len(now.stages):
        return True
    befores: tuple[Outlook | BodyStage, ...] = (before, *before.stages)
    nows: tuple[Outlook | BodyStage, ...] = (now, *now.stages)
    return any(
        (old is None) != (new is None) or (old is not None and new is not None and abs(old - new) >= SAME_TIME_S)
        for one, other in zip(befores, nows, strict=True)
        for old, new in zip(_instants(one), _instants(other), strict=True)
    )


def place_alarms(moment: Moment) -> Iterator[Wish]:
    """Raise, change or take back the alarm of each place where people wait and the water comes."""
    people = _waiting(moment.picture)
    for outlook in moment.picture.outlooks.values():
        count = people.get(outlook.id, 0)
        yield from stand(moment, _going_under(outlook, count, moment.now_s), f"reef_going_under/{outlook.id}")
    for alarm in moment.picture.alarms.values():  # while no outlook is covered, an alarm stands as long as people wait
        unseen = alarm.kind == "reef_going_under" and alarm.about not in moment.picture.outlooks
        if unseen and not people.get(alarm.about):
            yield from stand(moment, None, alarm.id)


def _waiting(picture: Picture) -> dict[str, int]:
    people: dict[str, int] = {}
    for victim in picture.victims.values():
        if victim.waiting > 0 and victim.place_id and victim.kind != "in_water":
            people[victim.place_id] = people.get(victim.place_id, 0) + victim.waiting
    return people


def _going_under(outlook: Outlook, count: int, now_s: float) -> "tuple[AlarmKind, Priority, Text] | None":
    if count <= 0 or outlook.early_s is None:
        return None
    left_s = outlook.early_s - now_s
    for within_s, priority, words in GOING_UNDER:
        if left_s <= within_s:
            some = _about(count)
            gap = " " if words.zh[0].isdigit() else ""
            zh = f"{outlook.name.zh}{gap}{words.zh}，{some.zh}"
            return "reef_going_under", priority, Text(zh, f"{outlook.name.en} {words.en}, {some.en}")
    return None


def _about(count: int) -> Text:
    """Return who is there; of a crowd no number, which would change with everyone who leaves."""
    if count > 10:
        return Text("还有人未撤离", "not everybody has left")
    return Text(f"还有 {count} 人", "1 person there" if count == 1 else f"{count} people there")


def gauge_alarms(moment: Moment) -> Iterator[Wish]:
    """Raise, change or take back the alarms of the gauges: the river's rise (one alarm), and the official lines."""
    yield from stand(moment, _rising(moment.picture), "rising_fast/river")
    for gauge in moment.picture.gauges.values():
        yield from stand(moment, _mark(moment.picture, gauge), f"level_mark/{gauge.id}")


def _rising(picture: Picture) -> "tuple[AlarmKind, Priority, Text] | None":
    stands = standing(picture, "rising_fast/river")
    rate = max((gauge.rise_m_per_h or 0.0 for gauge in picture.gauges.values()), default=0.0)
    for limit, priority in RISING:
        if rate >= limit * (RISING_OVER if stands and stands.priority == priority else 1.0):
            zh, en = f"水位每小时上涨超过 {limit:g} m", f"The river rises by more than {limit:g} m an hour"
            return "rising_fast", priority, Text(zh, en)
    return None


def _mark(picture: Picture, gauge: Gauge) -> "tuple[AlarmKind, Priority, Text] | None":
    if not gauge.recent:
        return None
    level_m = gauge.recent[-1].level_m
    stands = standing(picture, f"level_mark/{gauge.id}")
    lines: tuple[tuple[float | None, Priority, Text], ...] = (
        (gauge.guarantee_m, "alarm", Text("保证水位", "guarantee level")),
        (gauge.warning_m, "warning", Text("警戒水位", "warning level")),
    )
    for line_m, priority, words in lines:
        room_m = MARK_OVER_M if stands and stands.priority == priority else 0.0
        if line_m is not None and level_m >= line_m - room_m:
            zh = f"{gauge.name.zh}达到{words.zh} {line_m:.2f} m"
            return "level_mark", priority, Text(zh, f"{gauge.name.en} has reached its {words.en} of {line_m:.2f} m")
    return None


def stand(moment: Moment, found: "tuple[AlarmKind, Priority, Text] | None", alarm_id: str) -> Iterator[Wish]:
    """Make an alarm stand as found: raised where it is new or other, taken back where there is nothing."""
    stands = standing(moment.picture, alarm_id)
    if found is None:
        if stands is not None:
            yield alarm_id, ClearAlarm(alarm_id)
        return
    kind, priority, text = found
    if stands is None or stands.priority != priority:
        about = alarm_id.partition("/")[2]
        yield alarm_id, RaiseAlarm(Alarm(alarm_id, kind, priority, text, about, moment.now_s))
    elif stands.text != text:
        yield alarm_id, RaiseAlarm(replace(stands, text=text))  # other words, no new trouble: stays acknowledged
