"""A small operation, built through commands, for tests of the picture and of what stands on it."""

from collections.abc import Iterable

from rescuecmd.picture import commands as c
from rescuecmd.picture.decide import decide
from rescuecmd.picture.entity import Craft, Fix, Operation, Terminal, Vessel, Victim
from rescuecmd.picture.events import Event
from rescuecmd.picture.fold import fold
from rescuecmd.picture.order import Card, CardContent, Push, Route, Task, Waypoint
from rescuecmd.picture.state import Picture
from rescuecmd.picture.water import Gauge, Reading
from rescuecmd.text import Text

COMMANDER = c.Actor("commander")
RIB = Craft("rib", 6.5, 0.55, 0.3, 2.6, 11.0, 8)


def text(word: str) -> Text:
    return Text(f"{word}（中）", word)


def fix(time_s: float = 0.0, lon: float = 106.45, lat: float = 29.63) -> Fix:
    return Fix(lon, lat, time_s, 5.0, "gps")


def operation() -> Operation:
    return Operation("op", text("drill"), "drill", "演练 DRILL", "river", text("river"), True, "wusong", 0.0)


def vessel(vessel_id: str = "JY-01") -> Vessel:
    return Vessel(vessel_id, text(vessel_id), "police", RIB, terminal_id=vessel_id, fix=fix())


def terminal(terminal_id: str = "JY-01") -> Terminal:
    return Terminal(terminal_id, text(terminal_id), "boat", "police", vessel_id=terminal_id)


def victim(victim_id: str = "V1", count: int = 3) -> Victim:
    return Victim(victim_id, "stranded", text(victim_id), count, fix(), 0.0, "caller", place_id="reef")


def gauge() -> Gauge:
    return Gauge("ciqikou", text("ciqikou"), 106.45, 29.58, 9600.0, "wusong", 182.64, 185.64)


def route(route_id: str, vessel_id: str = "JY-01", replaces: str = "") -> Route:
    points = (Waypoint(106.45, 29.63, 100.0, 0.0), Waypoint(106.46, 29.63, 900.0, 100.0, 0.4))
    return Route(route_id, vessel_id, "T1", text("reef"), points, 0.0, 100.0, 0.4, 0.0, text("fast"), replaces)


def push(push_id: str = "P1", terminal_ids: tuple[str, ...] = ("JY-01",)) -> c.PushCard:
    content = CardContent(text("reef"), text("go"), text("lead"), text("K1"), (), (), (), (), (), "")
    cards = tuple(Card(f"{push_id}/{t}", push_id, t, "reef", content, 10.0, task_id=f"T-{t}") for t in terminal_ids)
    tasks = tuple(
        Task(f"T-{t}", "reef", "reef", push_id, t, t, ("V1",), "reef", 106.46, 29.63, "offered", 10.0)
        for t in terminal_ids
    )
    return c.PushCard(
        Push(push_id, "reef", "1", text("reef"), "commander", 10.0, terminal_ids, ("V1",)), cards, tasks, ()
    )


def opening() -> list[c.Command]:
    return [
        c.OpenOperation(operation()),
        c.EnrolTerminal(terminal()),
        c.EnrolTerminal(terminal("XF-02")),
        c.JoinVessel(vessel()),
        c.JoinVessel(vessel("XF-02")),
        c.PlaceGauge(gauge()),
        c.ReportVictim(victim()),
    ]


def run(
    orders: Iterable[c.Command], picture: Picture | None = None, now_s: float = 10.0
) -> tuple[Picture, list[Event]]:
    picture, events = picture or Picture(), []
    for command in orders:
        for body in decide(picture, command, COMMANDER, now_s):
            event = Event(picture.seq + 1, f"op{picture.seq + 1}", COMMANDER, "", now_s, now_s, None, body)
            picture = fold(picture, event)
            events.append(event)
    return picture, events


def readings(*levels: float, every_s: float = 60.0) -> list[c.Command]:
    return [c.ReadGauge("ciqikou", Reading(i * every_s, level)) for i, level in enumerate(levels)]
