"""The table: which rule looks at which events, and which look at the clock."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeAlias

from rescuecmd.errors import NotCoveredError, RescueError
from rescuecmd.picture import events as e
from rescuecmd.picture.commands import Order
from rescuecmd.picture.state import Picture
from rescuecmd.reactions import answers, cover, gauges, people, routes, silence, watchkeeping, water, work
from rescuecmd.reactions.moment import Moment, Rule, orders
from rescuecmd.reactions.situation import Situation

TICK_S = 2.0
"""The clock is looked at this often, s of operation time."""

_log = logging.getLogger(__name__)

_GAUGES = (e.GaugePlaced, e.GaugeRead, e.GaugeJudged, e.ForecastIssued)
_PEOPLE = (
    e.VictimReported, e.VictimsPickedUp, e.VictimsLanded, e.VictimsLost, e.VictimsMerged, e.VictimSplit, e.VictimClosed,
    e.VictimReopened, e.CallerLocated,
)  # fmt: skip
_NEEDS = (
    e.VictimReported,
    e.VictimsMerged,
    e.VictimSplit,
    e.CallerLocated,
    e.CardPushed,
    e.ReceiptGiven,
    e.TaskMoved,
    e.VesselStateSet,
    e.ForecastIssued,
    e.GaugePlaced,  # with the first reading of a live operation: until then there was no water to rank by
)

_ENDS = (e.VictimsPickedUp, e.VictimsLanded, e.VictimsCleared, e.VictimsLost, e.VictimClosed)


Thought: TypeAlias = Callable[[], list[Order]]
"""What one rule has to say, when it is asked: thoughts are given to the desk one by one, so that none waits for all."""


@dataclass(frozen=True, slots=True)
class OnEvent:
    """A rule for some kinds of event; it gets all of them that came together, in order."""

    name: str
    kinds: tuple[type[Any], ...]
    rule: Rule


@dataclass(frozen=True, slots=True)
class OnTick:
    """A rule for the clock: every `every` ticks, at the `turn`-th of them, so that the work is spread."""

    name: str
    every: int
    turn: int
    rule: Rule


# In this order: what crews wait for first, what needs searching last.
ON_EVENT: tuple[OnEvent, ...] = (
    OnEvent("accepted", (e.ReceiptGiven,), answers.accepted),
    OnEvent("declined", (e.ReceiptGiven,), answers.declined),
    OnEvent("withdrawn", (e.CardWithdrawn, e.CardExpired), answers.withdrawn),
    OnEvent(
        "finish", (e.VictimsPickedUp, e.VictimsLanded, e.VictimsCleared, e.VictimsLost, e.VictimClosed), work.finish
    ),
    OnEvent("over", (e.TaskMoved,), answers.over),
    OnEvent("disabled", (e.VesselStateSet,), answers.disabled),
    OnEvent("cover", _GAUGES, cover.watch),
    OnEvent("water", _GAUGES, water.assess),
    OnEvent("gauge", (e.GaugeRead,), water.gauge_alarms),
    OnEvent("sensor", (e.GaugeRead, e.ReadingHeld), gauges.watch),
    OnEvent("place", (e.WaterAssessed, e.VictimsCleared, *_PEOPLE), water.place_alarms),
    OnEvent("review", (e.GaugeRead, e.GaugeJudged, e.ForecastIssued, e.ZoneDrawn, e.ZoneLifted), routes.review_at_news),
    OnEvent("propose", (e.VictimReported, e.CallerLocated, e.CardPushed, e.TaskMoved), people.propose),
    OnEvent("counts", (e.HeadsCounted,), people.check_counts),
    OnEvent("drift", (e.VictimSighted,), routes.follow_drift),
    OnEvent("way", (e.RouteSet, e.TaskMoved, e.RouteEnded), routes.settle_alarms),
    OnEvent("rank", _NEEDS, work.rank_at_news),
)

ON_TICK: tuple[OnTick, ...] = (
    OnTick("sos", 1, 0, watchkeeping.sound_sos),
    OnTick("silence", 1, 0, silence.escalate),
    OnTick("movement", 3, 1, watchkeeping.watch_movement),
    OnTick("groups", 5, 4, people.end_groups),
    OnTick("propose", 15, 11, people.propose),
    OnTick("missed", 2, 1, work.missed),
    OnTick("limits", 5, 2, work.limits),
    OnTick("sensor", 5, 1, gauges.watch),
    OnTick("cover", 5, 0, cover.watch),
    OnTick("place", 5, 3, water.place_alarms),
    OnTick("missing", 10, 4, routes.find_missing),
    OnTick("review", 30, 9, routes.review_all),
    OnTick("rank", 15, 7, work.rank),
)


class Reactor:
    """Asks the rules. A rule that fails is logged and counted in `faults`; the others go on."""

    def __init__(self, situation: Situation) -> None:
        self.situation = situation
        self.faults = 0

    def concerns(self, events: Sequence[e.Event]) -> bool:
        """Return whether any rule looks at any of these events (cheap)."""
        return any(type(event.body) in _CONCERNS for event in events)

    def thoughts(self, picture: Picture, events: Sequence[e.Event], now_s: float) -> list[Thought]:
        """Return one thought for each rule that looks at these events; `picture` is the one after them."""
        if not _running(picture):
            return []
        mine = ((entry, [event for event in events if isinstance(event.body, entry.kinds)]) for entry in ON_EVENT)
        return [
            partial(self._ask, entry.name, entry.rule, Moment(self.situation, picture, found, now_s))
            for entry, found in mine
            if found
        ]

    def tick_thoughts(self, picture: Picture, now_s: float) -> list[Thought]:
        """Return one thought for each rule whose turn it is; call it once for every `TICK_S` of operation time."""
        if not _running(picture):
            return []
        slot = int(now_s // TICK_S)
        moment = Moment(self.situation, picture, (), now_s)
        return [
            partial(self._ask, f"tick/{entry.name}", entry.rule, moment)
            for entry in ON_TICK
            if slot % entry.every == entry.turn % entry.every
        ]

    def react(self, picture: Picture, events: Sequence[e.Event], now_s: float) -> list[Order]:
        """Return all orders that follow from events."""
        return [order for thought in self.thoughts(picture, events, now_s) for order in thought()]

    def tick(self, picture: Picture, now_s: float) -> list[Order]:
        """Return all orders that follow from time passing."""
        return [order for thought in self.tick_thoughts(picture, now_s) for order in thought()]

    def _ask(self, name: str, rule: Rule, moment: Moment) -> list[Order]:
        try:
            return list(orders(name, moment, rule(moment)))
        except NotCoveredError as error:
            _log.debug("%s: %s", name, error.message)  # usual before the first reading
        except RescueError as error:
            self.faults += 1
            _log.warning("%s at event %d: %s", name, moment.seq, error.message)
        except Exception:  # noqa: BLE001 - the border of a rule: its fault must not take the others down
            self.faults += 1
            _log.exception("%s failed at event %d", name, moment.seq)
        return []


_CONCERNS = frozenset(kind for entry in ON_EVENT for kind in entry.kinds)


def _running(picture: Picture) -> bool:
    return picture.operation is not None and picture.operation.state != "ended"
