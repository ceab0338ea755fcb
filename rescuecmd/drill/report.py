"""The report of a drill: what happened when, who answered, who was saved, how it is rated. Data first, then words.

Everything is taken from the log; only ratings and safety breaches come from the score. Times are drill seconds.
"""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

from rescuecmd.drill.score import Breach, Grade, Rating, Score
from rescuecmd.drill.script import DrillScript
from rescuecmd.picture.events import Event, PositionsReported
from rescuecmd.picture.fold import fold
from rescuecmd.picture.order import Card, Route
from rescuecmd.picture.state import Picture
from rescuecmd.picture.story import tell
from rescuecmd.text import Text


@dataclass(frozen=True, slots=True)
class TimelineLine:
    """One thing that happened."""

    t_s: float
    kind: str
    text: Text


@dataclass(frozen=True, slots=True)
class Answer:
    """One cell of the acknowledgement matrix: seconds from the push to each step; None: never."""

    terminal_id: str
    terminal: Text
    state: str
    delivered_s: float | None
    displayed_s: float | None
    answered_s: float | None
    reason: str
    reminders: int


@dataclass(frozen=True, slots=True)
class PushLine:
    """One push with its answers: a row of the acknowledgement matrix."""

    id: str
    plan_id: str
    title: Text
    by: str
    t_s: float
    answers: tuple[Answer, ...]


@dataclass(frozen=True, slots=True)
class VictimLine:
    """What became of one victim record."""

    id: str
    name: Text
    kind: str
    count: int
    safe: int
    lost: int
    aboard: int
    waiting: int
    reported_s: float
    closed_s: float | None


@dataclass(frozen=True, slots=True)
class Replacement:
    """A running route that was replaced or cut, and why."""

    t_s: float
    vessel_id: str
    vessel: Text
    route_id: str
    replaces: str
    why: Text


@dataclass(frozen=True, slots=True)
class LevelPoint:
    """One gauge reading of the main gauge."""

    t_s: float
    level_m: float


@dataclass(frozen=True, slots=True)
class Report:
    """A drill from its opening to its end (or to now)."""

    drill_id: str
    title: Text
    marking: str
    operation_id: str
    seed: int
    river: Text
    vertical_datum: str
    gauge: Text
    facts: tuple[Text, ...]
    duration_s: float
    ended_why: Text | None
    events: int
    saved: int
    lost: int
    waiting: int
    reported: int
    pushes: tuple[PushLine, ...]
    accepted: int
    declined: int
    routes_replaced: tuple[Replacement, ...]
    routes_cut: tuple[Replacement, ...]
    victims: tuple[VictimLine, ...]
    grades: tuple[Grade, ...]
    ratings: tuple[Rating, ...]
    breaches: tuple[Breach, ...]
    unchecked: tuple[Breach, ...]
    hints: tuple[str, ...]
    levels: tuple[LevelPoint, ...]
    timeline: tuple[TimelineLine, ...]


def make_report(script: DrillScript, events: Iterable[Event], score: Score, *, seed: int) -> Report:
    """Return the report of the drill that these events (all of them, in order) and this score tell of."""
    picture, start_s, count = Picture(), 0.0, 0
    lines: list[TimelineLine] = []
    closed: dict[str, float] = {}
    for event in events:
        picture, count = fold(picture, event), count + 1
        start_s = picture.operation.started_s if picture.operation else event.time_s
        if isinstance(event.body, PositionsReported):
            continue  # by far the most events, and none of them is a line
        line = tell(picture, event)
        if line is not None:
            lines.append(TimelineLine(line.time_s - start_s, line.kind, line.text))
        for victim in picture.victims.values():
            if victim.closed:
                closed.setdefault(victim.id, event.time_s - start_s)
    operation = picture.operation
    t_s = picture.time_s - start_s
    victims = tuple(_victim_line(picture, victim_id, start_s, closed) for victim_id in picture.victims)
    breaches = [breach for breach in score.breaches if breach.kind == "breach"]
    return Report(
        drill_id=script.id,
        title=script.title,
        marking=script.marking,
        operation_id=operation.id if operation else "",
        seed=seed,
        river=operation.river_name if operation else Text("", ""),
        vertical_datum=operation.vertical_datum if operation else "",
        gauge=_gauge_name(picture, script.levels.main_gauge_id),
        facts=operation.facts if operation else (),
        duration_s=t_s,
        ended_why=operation.ended_why if operation else None,
        events=count,
        saved=sum(v.safe for v in victims),
        lost=sum(v.lost for v in victims),
        waiting=sum(v.waiting + v.aboard for v in victims),
        reported=sum(v.count for v in victims),
        pushes=tuple(_push_line(picture, push_id, start_s) for push_id in picture.pushes),
        accepted=sum(card.state == "accepted" for card in picture.cards.values()),
        declined=sum(card.state == "declined" for card in picture.cards.values()),
        routes_replaced=_replaced(picture, start_s),
        routes_cut=tuple(_replacement(picture, r, start_s) for r in picture.routes.values() if r.state == "cut"),
        victims=victims,
        grades=score.grades(t_s),
        ratings=score.ratings(t_s),
        breaches=tuple(breaches),
        unchecked=tuple(breach for breach in score.breaches if breach.kind == "unchecked"),
        hints=tuple(score.hints),
        levels=_levels(picture, script.levels.main_gauge_id, start_s),
        timeline=tuple(lines),
    )


def _gauge_name(picture: Picture, gauge_id: str) -> Text:
    gauge = picture.gauges.get(gauge_id)
    return gauge.name if gauge else Text(gauge_id, gauge_id)


def _victim_line(picture: Picture, victim_id: str, start_s: float, closed: dict[str, float]) -> VictimLine:
    v = picture.victims[victim_id]
    reported_s = v.reported_s - start_s
    return VictimLine(v.id, v.name, v.kind, v.count, v.safe, v.lost, v.aboard, v.waiting, reported_s, closed.get(v.id))


def _push_line(picture: Picture, push_id: str, start_s: float) -> PushLine:
    push = picture.pushes[push_id]
    cards = [card for card in picture.cards.values() if card.push_id == push_id]
    answers = tuple(_answer(picture, card) for card in sorted(cards, key=lambda card: card.terminal_id))
    return PushLine(push.id, push.plan_id, push.title, push.by, push.pushed_s - start_s, answers)


def _answer(picture: Picture, card: Card) -> Answer:
    terminal = picture.terminals.get(card.terminal_id)
    name = terminal.name if terminal else Text(card.terminal_id, card.terminal_id)
    delivered, displayed, answered = (
        None if moment is None else round(moment - card.pushed_s, 2)
        for moment in (card.delivered_s, card.displayed_s, card.answered_s)
    )
    return Answer(card.terminal_id, name, card.state, delivered, displayed, answered, card.reason or "", card.reminders)


def _replaced(picture: Picture, start_s: float) -> tuple[Replacement, ...]:
    """Return the routes that replaced another one on the way to the same goal (not the next leg of a trip)."""
    fresh = [route for route in picture.routes.values() if route.replaces]
    return tuple(_replacement(picture, route, start_s) for route in sorted(fresh, key=lambda route: route.made_s))


def _replacement(picture: Picture, route: Route, start_s: float) -> Replacement:
    vessel = picture.vessels.get(route.vessel_id)
    name = vessel.name if vessel else Text(route.vessel_id, route.vessel_id)
    return Replacement(route.made_s - start_s, route.vessel_id, name, route.id, route.replaces, route.why)


def _levels(picture: Picture, gauge_id: str, start_s: float) -> tuple[LevelPoint, ...]:
    gauge = picture.gauges.get(gauge_id)
    recent = gauge.recent if gauge else ()
    return tuple(LevelPoint(reading.time_s - start_s, reading.level_m) for reading in recent)


def as_json(report: Report) -> dict[str, Any]:
    """Return the report as plain data, with the counts a script wants on top."""
    counts = {
        "pushes": len(report.pushes),
        "routes_replaced": len(report.routes_replaced),
        "routes_cut": len(report.routes_cut),
        "breaches": len(report.breaches),
        "grades": {grade.id: grade.letter for grade in report.grades},
    }
    return {"counts": counts, **asdict(report)}


def clock(t_s: float) -> str:
    """Return drill seconds as ``12:07``."""
    sign, whole = ("-" if t_s < 0 else ""), abs(round(t_s))
    return f"{sign}{whole // 60:02d}:{whole % 60:02d}"
