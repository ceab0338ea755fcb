"""A small operation on a straight river where everything can be worked out on paper.

The river runs east, 2 km long and 200 m wide, floor at 168 m. A wall from 100 m to 900 m parts the right edge from the
rest, and a bar closes the rest at 900 m until the level is at 175.5 m or so: three boats lie in that pocket and have to
go back up and round the wall. A bridge at 1400 m with its underside at 180 m closes for them above 177 m or so. The
rock with three people is at 1700 m.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import cache

import numpy as np

from rescuecmd import library
from rescuecmd.clock import DrillClock
from rescuecmd.desk import Desk
from rescuecmd.feeds.software import Software
from rescuecmd.geo import Floats
from rescuecmd.interop.plan_file import load_plans
from rescuecmd.picture import commands as c
from rescuecmd.picture.entity import Craft, Fix, Operation, Terminal, Vessel, Victim
from rescuecmd.picture.events import Event
from rescuecmd.picture.order import Card, DeclineReason
from rescuecmd.picture.water import Gauge, Reading
from rescuecmd.plan.personal import make_push
from rescuecmd.reactions import Reactor, Situation
from rescuecmd.river.model import Beach, Bridge, Exit, Landing, River, SafeGround, Span
from rescuecmd.routing.network import Network, draw_network
from rescuecmd.store.log import Log
from rescuecmd.store.memory import MemoryLog
from rescuecmd.text import Text
from tests.river.teaching import round_reef, straight_river

START_S = 10_000.0
TOP_M = 186.0
"""The survey ends here, and with it the levels that are covered."""

RIB = Craft("rib", 6.0, 0.5, 0.3, 2.4, 8.0, 6)
BOATS = {"b1": (600.0, 60.0), "b2": (700.0, 40.0), "b3": (800.0, 20.0)}
DRILL, COMMANDER = c.Actor("drill"), c.Actor("commander")


def _bed(chainage: Floats, offset: Floats) -> Floats:
    bar = (np.abs(chainage - 900.0) <= 40.0) & (offset > -60.0)
    wall = (chainage >= 100.0) & (chainage <= 940.0) & (np.abs(offset + 60.0) <= 12.0)
    return np.where(wall, 190.0, np.where(bar, 174.5, 168.0))


@cache
def river() -> River:
    """Return the river."""
    ring = ((600.0, 85.0), (700.0, 85.0), (700.0, 99.0), (600.0, 99.0), (600.0, 85.0))
    steps = Exit("steps", Text("石梯", "Steps"), 620.0, 99.0, 185.0, 2.0, "steps", "square")
    return straight_river(
        bed_m=_bed,
        section_step_m=20.0,
        wall_m=TOP_M,
        discharge_m3ps=600.0,
        reefs=[round_reef("rock", 1700.0, 20.0, 177.5)],
        bridges=[Bridge("low-bridge", Text("矮桥", "Low bridge"), 1400.0, (Span(-100.0, 100.0, 180.0),))],
        landings=[Landing("quay", Text("码头", "Quay"), 200.0, 80.0, 200.0, 170.0, 190.0, 50)],
        safe_ground=[SafeGround("square", Text("广场", "Square"), 650.0, 140.0, 190.0)],
        beaches=[Beach("strand", Text("江滩", "Strand"), ring, 178.0, (steps,))],
    )


@cache
def network() -> Network:
    """Return its network."""
    return draw_network(river())


def situation() -> Situation:
    """Return a fresh situation."""
    return Situation(river(), network(), load_plans(library.shelf("plans")))


def fix(x_m: float, y_m: float, time_s: float) -> Fix:
    """Return a fix at a point of the river."""
    lon_deg, lat_deg = river().frame.point_lonlat(x_m, y_m)
    return Fix(lon_deg, lat_deg, time_s, 5.0, "gps")


def text(word: str) -> Text:
    """Return one word in both languages."""
    return Text(word, word)


@dataclass
class Stage:
    """A running operation: order things, let time pass, look at what the software did."""

    desk: Desk
    clock: DrillClock
    reactor: Reactor
    software: Software
    count: int = field(default=0)

    @property
    def now_s(self) -> float:
        """Operation time."""
        return self.clock.now_s()

    async def give(self, command: c.Command, actor: c.Actor = DRILL) -> tuple[Event, ...]:
        """Order something and let the software react."""
        self.count += 1
        events = await self.desk.handle(c.Order(f"stage/{self.desk.seq}/{self.count}", actor, command))
        await self.software.settle(self.now_s)
        return events

    async def levels(self, level_m: float) -> None:
        """Read both gauges."""
        for gauge_id in ("up", "down"):
            self.count += 1
            read = c.ReadGauge(gauge_id, Reading(self.now_s, level_m))
            await self.desk.handle(c.Order(f"stage/level/{self.count}", DRILL, read))
        await self.software.settle(self.now_s)

    async def forecast(self, *levels_m: float, hours: float = 1.0) -> None:
        """Issue a forecast for both gauges: these levels, spread evenly from now."""
        times = np.linspace(self.now_s, self.now_s + hours * 3600, len(levels_m))
        readings = tuple(Reading(float(at), level, 0.05) for at, level in zip(times, levels_m, strict=True))
        for gauge_id in ("up", "down"):
            await self.give(c.IssueForecast(gauge_id, self.now_s, readings))

    async def wait(self, seconds: float, *, fixes: bool = True) -> None:
        """Let time pass second by second; boats report where they are unless `fixes` is False."""
        for _ in range(round(seconds)):
            self.clock.step(1.0)
            if fixes:
                there = {v.id: replace(v.fix, time_s=self.now_s) for v in self.desk.picture.vessels.values() if v.fix}
                await self.give(c.ReportPositions(there))
            else:
                await self.software.settle(self.now_s)

    async def move(self, vessel_id: str, x_m: float, y_m: float) -> None:
        """Put a boat somewhere else, a second later."""
        self.clock.step(1.0)
        await self.give(c.ReportPositions({vessel_id: fix(x_m, y_m, self.now_s)}))

    async def push(self, plan_id: str, terminals: Sequence[str], victims: Sequence[str], push_id: str = "p") -> None:
        """Push a card as a commander does."""
        made = make_push(
            self.desk.picture,
            self.reactor.situation.scene(self.desk.picture, self.now_s),
            self.reactor.situation.plan(plan_id),
            push_id=push_id,
            by="commander",
            now_s=self.now_s,
            terminal_ids=tuple(terminals),
            victim_ids=tuple(victims),
            place_id="",
        )
        await self.give(made, COMMANDER)

    async def reached(self, condition: Callable[[], bool]) -> None:
        """Wait, in real time, until something is so; for what runs in a task of its own."""
        async with asyncio.timeout(30):
            while not condition():  # noqa: ASYNC110 - there is nothing to wait on but what is seen
                await asyncio.sleep(0.01)

    async def answer(self, terminal_id: str, receipt: c.Receipt, push_id: str = "p") -> None:
        """Let a crew answer."""
        reason: DeclineReason | None = "busy" if receipt == "declined" else None
        await self.give(c.GiveReceipt(f"{push_id}/{terminal_id}", receipt, reason), c.Actor(f"terminal/{terminal_id}"))

    def card(self, terminal_id: str, push_id: str = "p") -> Card:
        """Return a terminal's card."""
        card: Card = self.desk.picture.find("cards", f"{push_id}/{terminal_id}")
        return card

    def events(self, kind: type[object]) -> list[Event]:
        """Return the events of one kind so far."""
        return [event for event in self.desk._recent if isinstance(event.body, kind)]

    def alarms(self) -> dict[str, str]:
        """Return the alarms that stand, with their priority."""
        return {one.id: one.priority for one in self.desk.picture.alarms.values() if one.rectified_s is None}


async def stage(level_m: float | None = 174.8, log: Log | None = None) -> Stage:
    """Return the operation, opened; without a level no gauge has been read."""
    clock = DrillClock(START_S)
    desk = await Desk.open(log or MemoryLog(), "op", clock)
    reactor = Reactor(situation())
    made = Stage(desk, clock, reactor, Software(desk, reactor))
    await made.give(
        c.OpenOperation(
            Operation("op", text("op"), "drill", "演练", "straight", text("river"), True, "wusong", START_S)
        )
    )
    for site in river().gauges:
        lon, lat = river().frame.point_lonlat(site.x_m, site.y_m)
        gauge = Gauge(site.id, site.name, lon, lat, site.chainage_m, "wusong", site.warning_m, site.guarantee_m)
        await made.give(c.PlaceGauge(gauge))
    if level_m is not None:
        await made.levels(level_m)
    for boat, at in BOATS.items():
        await made.give(c.EnrolTerminal(Terminal(f"t-{boat}", text(f"t-{boat}"), "boat", "fire", boat, people=1)))
        await made.give(c.JoinVessel(Vessel(boat, text(boat), "fire", RIB, f"t-{boat}", fix(*at, START_S))))
    return made


def on_rock(count: int = 3, victim_id: str = "v") -> Victim:
    """Return people on the rock."""
    return Victim(victim_id, "stranded", text("rock"), count, fix(1700.0, 20.0, START_S), START_S, "drill", "rock")
