"""A level outside what the river covers: told at once, nothing kept that no longer holds, all given back on its return.

Readings go on, and so do tasks, cards and talk. What was computed from the water does not: outlooks, routes and the
card queue are taken back with the sentence that says why. When the level is back, the other rules find everything
missing and lay it again.
"""

import math
from collections.abc import Iterator

from rescuecmd.errors import NotCoveredError
from rescuecmd.picture.alarm import standing
from rescuecmd.picture.commands import EndRoute, LoseWater, RankSuggestions
from rescuecmd.reactions.moment import Moment, Wish
from rescuecmd.reactions.water import stand
from rescuecmd.river.covered import Edge, clock_text, range_text
from rescuecmd.river.model import River
from rescuecmd.text import Text

ALARM_ID = "level_outside/river"

AHEAD_S = 3 * 3600.0
"""A level that is expected to leave the range within this time is told: as far as routes look ahead."""

_TO_S = 600.0  # the instant of a forecast moves with every reading; it is told to ten minutes


def watch(moment: Moment) -> Iterator[Wish]:
    """Say whether the level is, or soon will be, outside what is covered; take back what it makes void."""
    outside = moment.situation.level_outside(moment.picture, moment.now_s)
    if outside is not None:
        yield from _void(moment, _words(moment.situation.river, outside))
        return
    try:
        water = moment.situation.water(moment.picture)
    except NotCoveredError:  # no gauge has been read: the level is nowhere
        return
    if water.ends is None or not moment.now_s <= water.ends.at_s <= moment.now_s + AHEAD_S:
        yield from stand(moment, None, ALARM_ID)
        return
    stands, when = standing(moment.picture, ALARM_ID), _when(water.ends.at_s, moment.now_s)
    if stands is None or stands.priority != "warning" or when.en not in stands.text.en:
        yield from stand(moment, ("level_outside", "warning", _leaving(water.ends, when)), ALARM_ID)


def _words(river: River, outside: NotCoveredError) -> Text:
    """Return what is said: the range and not the level, which the gauges tell and which changes with every reading."""
    if outside.facts["side"] == "from":  # the forecast says so, no reading yet
        return Text(str(outside.facts["zh"]), str(outside.facts["en"]))
    name = river.gauge(str(outside.facts["gauge"])).name
    ends = range_text(river, float(outside.facts["lowest_m"]), float(outside.facts["highest_m"]))  # type: ignore[arg-type]
    return Text(
        f"{name.zh}水位超出可算范围 {ends.zh}：无水深、淹没时间和航路",
        f"{name.en} is outside the computed {ends.en}: no depth, submergence or route",
    )


def _void(moment: Moment, why: Text) -> Iterator[Wish]:
    stands = standing(moment.picture, ALARM_ID)
    if stands is None or stands.priority != "alarm":
        yield from stand(moment, ("level_outside", "alarm", why), ALARM_ID)
    if moment.picture.outlooks:
        yield "water", LoseWater(why)
    if moment.picture.suggestions:
        yield "cards", RankSuggestions(())
    for route in moment.picture.routes.values():
        if route.state == "active":
            yield route.id, EndRoute(route.id, "cut", why)


def _when(at_s: float, now_s: float) -> Text:
    """Return roughly when a forecast leaves the range."""
    about_s = math.floor(at_s / _TO_S) * _TO_S
    if about_s <= now_s:
        return Text("10 分钟内", "within 10 min")
    about = clock_text(about_s)
    return Text(f"约 {about.zh} 起", f"at about {about.en}")


def _leaving(ends: Edge, when: Text) -> Text:
    return Text(
        f"{ends.covered.zh}，预报{when.zh}超出：此后的水深、淹没时间和航路算不出",
        f"{ends.covered.en}; the forecast passes that {when.en}: beyond it no depth, submergence or route",
    )
