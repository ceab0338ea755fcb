"""A whole drill in one process, without sockets: desk, software, robot crews and robot commander on one log."""

import time
from collections.abc import Callable, Mapping, Sequence

from rescuecmd.clock import DrillClock
from rescuecmd.desk import Desk
from rescuecmd.drill.engine import Engine
from rescuecmd.drill.opening import operation_id
from rescuecmd.drill.report import Report, make_report
from rescuecmd.drill.script import DrillScript
from rescuecmd.feeds.cast import Cast
from rescuecmd.feeds.exercise import Exercise, Replay
from rescuecmd.feeds.software import Software
from rescuecmd.picture.events import Event
from rescuecmd.picture.fold import fold
from rescuecmd.picture.state import Picture
from rescuecmd.plan.card import PlanCard
from rescuecmd.reactions import Reactor, Situation
from rescuecmd.river.model import River
from rescuecmd.routing.network import draw_network
from rescuecmd.store.log import Log


def make_situation(river: River, plans: Mapping[str, PlanCard]) -> Situation:
    """Return what the software knows of a river: its network and the plan cards."""
    return Situation(river, draw_network(river), plans)


async def headless(
    script: DrillScript,
    situation: Situation,
    log: Log,
    *,
    start_s: float,
    seed: int | None = None,
    commander: bool = True,
    wall: Callable[[], float] | None = None,
) -> Exercise:
    """Return an opened exercise with everybody played by robots; give `wall` a fixed clock for equal log bytes."""
    clock = DrillClock(start_s)
    desk = await Desk.open(log, operation_id(script, start_s), clock, wall=wall or time.time)
    engine = Engine(script, situation.river, situation.network, seed, scenes=situation.scene)
    cast = Cast(
        script,
        situation.plans,
        situation.scene,
        seed=engine.seed,
        start_s=start_s,
        commander=commander,
        link_up=engine.link_up,
    )
    exercise = Exercise(engine, desk, Software(desk, Reactor(situation)), clock, cast=cast)
    await exercise.open()
    return exercise


def report_of(script: DrillScript, situation: Situation, events: Sequence[Event]) -> Report:
    """Return the report of a recorded drill: its log is played through a fresh engine, so that it is rated again."""
    engine = Engine(script, situation.river, situation.network, scenes=situation.scene)
    last = Picture()
    for event in events:
        last = fold(last, event)
    replay = Replay(engine, last)
    for event in events:
        replay.take(event)
    return make_report(script, events, engine.score, seed=engine.seed)
