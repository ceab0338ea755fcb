"""Gauges from outside: readings that others push, and readings that we fetch from their servers.

Both go the same way: checked against the river, brought to its vertical datum, and handed to the desk as orders, so
that every reading, held or taken, is in the log. The same reading again is the same order.
"""

import asyncio
import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import httpx
import numpy as np

from rescuecmd.desk import Desk
from rescuecmd.errors import InputError, RefusedError, RescueError, UnavailableError, nearest
from rescuecmd.interop.gauge_choice import choose_levels
from rescuecmd.interop.gauge_values import Format, Quantity, read_values
from rescuecmd.opening import gauge_at
from rescuecmd.picture.commands import Actor, Order, PlaceGauge, ReadGauge
from rescuecmd.picture.events import GaugeRead, ReadingHeld
from rescuecmd.picture.water import Gauge, Reading
from rescuecmd.river.feature import GaugeSite
from rescuecmd.river.model import River

EVERY_S = 900.0
"""Readings are expected this often where neither the river nor the feed says more (agency default)."""

MAX_RATE_M_PER_H = 6.0
"""Faster is held aside until borne out (agency default; the fastest rise on file here is 5.7 m in 12 h)."""

AHEAD_S = 120.0
"""A reading may be this far in the future: clocks differ by that much, not by more."""

BELOW_M, ABOVE_M = 5.0, 30.0
"""A level this far below the deepest bed or above the highest ground surveyed is on another datum or in feet."""

TIMEOUT_S = 15.0
FIRST_RETRY_S = 5.0
MOST_BYTES = 4 * 1024 * 1024

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of readings: recorded, held aside, or known already or older than the last."""

    taken: int = 0
    held: int = 0
    known: int = 0

    def __add__(self, other: "Taken") -> "Taken":
        return Taken(self.taken + other.taken, self.held + other.held, self.known + other.known)


class GaugeIntake:
    """Takes readings for one operation. `scripted` names the gauges whose levels a drill makes up."""

    def __init__(self, desk: Desk, river: River, scripted: Iterable[str] = ()) -> None:
        self._desk = desk
        self._river = river
        self._scripted = frozenset(scripted)

    async def take(
        self,
        gauge_id: str,
        values: Sequence[tuple[float, float]],
        actor: Actor,
        *,
        quantity: Quantity = "level",
        vertical_datum: str = "",
        every_s: float | None = None,
    ) -> Taken:
        """Hand readings, (s since epoch, m), to the desk; all of them or, if one is wrong, none.

        Parameters
        ----------
        quantity
            ``level``, which needs its `vertical_datum`, or ``stage``, a height above the gauge's own zero.

        Raises
        ------
        NotFoundError
            The river has no such gauge.
        InputError
            A level is on no known vertical datum or impossible on this river, or a time lies in the future.
        RefusedError
            ``drill-water``: the level of this gauge comes from the script of a drill.
        UnavailableError
            It could not be recorded; sending it again is safe.
        """
        site = self._river.gauge(gauge_id)
        if gauge_id in self._scripted:
            message = f"the level of {gauge_id!r} comes from the script of this drill; a real one would mix two rivers"
            raise RefusedError("drill-water", message, gauge=gauge_id)
        add_m = to_river_m(site, quantity, vertical_datum, self._river.vertical_datum)
        readings = [self._checked(site, time_s, value + add_m) for time_s, value in sorted(values)]
        orders = [self._order(gauge_id, reading, actor) for reading in readings]
        if gauge_id not in self._desk.picture.gauges:
            orders.insert(0, Order(f"gauge/{gauge_id}/place", actor, PlaceGauge(self._placed(site, every_s))))
        answers = await self._desk.handle_many(orders)
        for answer in answers:
            if isinstance(answer, RescueError):
                raise answer
        kinds = [type(event.body) for answer in answers if not isinstance(answer, RescueError) for event in answer]
        taken, held = kinds.count(GaugeRead), kinds.count(ReadingHeld)
        return Taken(taken, held, max(0, len(readings) - taken - held))

    def _checked(self, site: GaugeSite, time_s: float, level_m: float) -> Reading:
        now_s = self._desk.clock.now_s()
        if not (np.isfinite(time_s) and np.isfinite(level_m)):
            raise InputError("bad-reading", f"{site.id}: expected a time and a level, got {time_s} and {level_m}")
        if time_s > now_s + AHEAD_S:
            raise InputError(
                "reading-ahead", f"{site.id}: a reading {time_s - now_s:.0f} s in the future; is its zone right?"
            )
        bed = self._river.bed.table_m
        low, high = float(np.nanmin(bed)) - BELOW_M, float(np.nanmax(bed)) + ABOVE_M
        if not low <= level_m <= high:
            message = f"{site.id}: {level_m:.2f} m cannot be a level of {self._river.id} ({low:.0f} .. {high:.0f} m); "
            raise InputError("level-range", message + "is it on another vertical datum, or in feet?", level_m=level_m)
        return Reading(time_s, round(level_m, 3))

    @staticmethod
    def _order(gauge_id: str, reading: Reading, actor: Actor) -> Order:
        op_id = f"gauge/{gauge_id}/{reading.time_s:.3f}/{reading.level_m:.3f}"
        return Order(op_id, actor, ReadGauge(gauge_id, reading), device_time_s=reading.time_s)

    def _placed(self, site: GaugeSite, every_s: float | None) -> Gauge:
        return replace(
            gauge_at(self._river, site),
            every_s=site.every_s or every_s or EVERY_S,
            max_rate_m_per_h=site.max_rate_m_per_h or MAX_RATE_M_PER_H,
        )


def to_river_m(site: GaugeSite, quantity: Quantity, vertical_datum: str, river_datum: str) -> float:
    """Return what to add to a gauge's values to bring them to the river's vertical datum.

    Raises
    ------
    InputError
        A level without its vertical datum or on one that this gauge has no offset for; a stage at a gauge whose zero
        is not known; a discharge.
    """
    if quantity == "discharge":
        raise InputError("no-level", f"{site.id}: a discharge is not a level")
    if quantity == "stage":
        if site.zero_m is None:
            raise InputError("no-zero", f"{site.id}: its zero is not known, so a stage says nothing; send levels")
        return site.zero_m
    if not vertical_datum:
        raise InputError("no-datum", f"{site.id}: a level needs its vertical_datum; levels on two datums look alike")
    if vertical_datum == river_datum:
        return 0.0
    if vertical_datum == site.vertical_datum:
        return site.to_river_datum_m
    known = sorted({river_datum, site.vertical_datum})
    message = (
        f"{site.id}: no offset from {vertical_datum!r}; known are {', '.join(known)}{nearest(vertical_datum, known)}"
    )
    raise InputError("bad-datum", message, vertical_datum=vertical_datum)


class Feed(Protocol):
    """Where readings of one gauge are fetched, and how often (see `settings.GaugeFeed`)."""

    gauge: str
    url: str
    every_s: float
    form: Format | None
    site: str
    parameter: str
    method: str
    vertical_datum: str


class GaugePoller:
    """Fetches feeds until it is cancelled; a server that fails is asked again, ever more patiently."""

    def __init__(
        self, feeds: Sequence[Feed], intake: GaugeIntake, *, client: Callable[[], httpx.AsyncClient] | None = None
    ) -> None:
        self._feeds = feeds
        self._intake = intake
        self._client = client or (lambda: httpx.AsyncClient(timeout=TIMEOUT_S))
        self.problems: dict[str, str] = {}

    async def run(self) -> None:
        """Follow every feed."""
        async with self._client() as client, asyncio.TaskGroup() as group:
            for feed in self._feeds:
                group.create_task(self._follow(client, feed), name=f"gauge {feed.gauge}")

    async def _follow(self, client: httpx.AsyncClient, feed: Feed) -> None:
        failures = 0
        while True:
            try:
                done = await self.fetch(client, feed)
                failures = 0
                self.problems.pop(feed.gauge, None)
                _log.debug("gauge %s: %s", feed.gauge, done)
            except RescueError as error:
                failures += 1
                self.problems[feed.gauge] = error.message
                _log.warning("gauge %s: %s", feed.gauge, error.message)
            except Exception as error:  # noqa: BLE001 - the border of a feed: one must not stop the others
                failures += 1
                self.problems[feed.gauge] = f"a fault in the program: {type(error).__name__}: {error}"
                _log.exception("gauge %s", feed.gauge)
            await asyncio.sleep(pause_s(feed.every_s, failures))

    async def fetch(self, client: httpx.AsyncClient, feed: Feed) -> Taken:
        """Fetch a feed once and hand over what it holds.

        Raises
        ------
        UnavailableError
            The server cannot be reached or does not answer with 200.
        FaultsError, InputError, RefusedError
            What it says cannot be used.
        """
        raw = await _get(client, feed.url)
        read = read_values(raw, feed.url, feed.form)
        if not any(one.values or one.left_out for one in read):
            return Taken()  # nothing new since it was last asked
        values = choose_levels(read, feed, feed.url, option='"{}" of the feed')
        actor = Actor(f"feed/gauge/{feed.gauge}")
        return await self._intake.take(
            feed.gauge, values.values, actor,
            quantity=values.quantity, vertical_datum=feed.vertical_datum, every_s=feed.every_s,
        )  # fmt: skip


def pause_s(every_s: float, failures: int) -> float:
    """Return how long to wait before asking again: soon after the first failure, then twice as long each time."""
    return every_s if failures == 0 else min(every_s, FIRST_RETRY_S * 2.0 ** min(failures - 1, 20))


async def _get(client: httpx.AsyncClient, url: str) -> bytes:
    try:
        async with client.stream("GET", url) as answer:
            if answer.status_code != httpx.codes.OK:
                raise UnavailableError("feed-answer", f"{url} answered {answer.status_code}")
            raw = bytearray()
            async for part in answer.aiter_bytes():
                raw += part
                if len(raw) > MOST_BYTES:
                    raise UnavailableError("feed-size", f"{url} sends more than {MOST_BYTES // 1024} kB")
            return bytes(raw)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise UnavailableError("feed-unreachable", f"{url}: {str(error) or type(error).__name__}") from error
