"""Puts an operation together: a new one from a drill file, or the one that the log ends with."""

import asyncio
import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from rescuecmd import library
from rescuecmd.desk import Desk
from rescuecmd.drill.engine import Engine
from rescuecmd.drill.opening import operation_id
from rescuecmd.drill.script import DrillScript
from rescuecmd.feeds.exercise import Exercise
from rescuecmd.feeds.software import Software
from rescuecmd.interop.drill_file import load_drill, load_river_id
from rescuecmd.interop.plan_file import load_plans
from rescuecmd.picture.entity import Operation
from rescuecmd.plan.card import PlanCard
from rescuecmd.reactions import Reactor, Situation
from rescuecmd.river.model import River
from rescuecmd.routing.network import Network
from rescuecmd.server.exercising import Exercising
from rescuecmd.server.ground import load_ground
from rescuecmd.server.leash import LeashedClock
from rescuecmd.server.operation import Running
from rescuecmd.server.screening import Screening
from rescuecmd.settings import Settings
from rescuecmd.store.log import Log

_LOG = logging.getLogger("rescuecmd.server")
GROUND_FOLDER = "ground"


@dataclass(frozen=True, slots=True)
class Files:
    """Everything that was read from files, all of it found good."""

    script: DrillScript
    river: River
    network: Network
    plans: Mapping[str, PlanCard]


def read_files(drill: str, settings: Settings) -> Files:
    """Read a drill with its river and the plans.

    Raises
    ------
    FaultsError, NotFoundError
        Something cannot be read; every fault has its file and line.
    """
    path = library.find("drills", drill)
    river_path: Path = library.find("rivers", load_river_id(path))
    river, network = load_ground(river_path, settings.cache / GROUND_FOLDER)
    plans = load_plans(library.shelf("plans"))
    return Files(load_drill(path, river, plans), river, network, plans)


async def open_drill(log: Log, settings: Settings, drill: str) -> Running:
    """Open a new operation from a drill; nothing is recorded unless every file is good.

    Raises
    ------
    FaultsError, NotFoundError
        See `read_files`.
    """
    files = await asyncio.to_thread(read_files, drill, settings)
    start_s = float(int(time.time()))
    taken = await log.operations()
    while operation_id(files.script, start_s) in taken:  # a second one within the same second
        start_s += 1.0
    clock = LeashedClock(start_s, speed=settings.speed)
    engine = Engine(files.script, files.river, files.network, settings.seed)
    operation = operation_id(files.script, start_s)
    desk = await Desk.open(log, operation, clock)
    return await _put_together(log, desk, clock, engine, files, settings)


async def reopen(log: Log, settings: Settings) -> Running | None:
    """Return the operation that the log ends with, as it was; None where the log is empty.

    A file that has become unreadable is reported and leaves the operation closed, not lost.
    """
    operations = await log.operations()
    if not operations:
        return None
    clock = LeashedClock(0.0, speed=settings.speed)
    desk = await Desk.open(log, operations[-1], clock)
    operation = desk.picture.operation
    if operation is None or (operation.state == "ended" and settings.drill):
        return None
    files = await asyncio.to_thread(read_files, operation.drill_id, settings)
    clock.step(operation.started_s)
    engine = Engine(files.script, files.river, files.network)  # it finds its seed in the log
    return await _put_together(log, desk, clock, engine, files, settings)


async def _put_together(  # noqa: PLR0917  (made in two places)
    log: Log, desk: Desk, clock: LeashedClock, engine: Engine, files: Files, settings: Settings
) -> Running:
    situation = Situation(files.river, files.network, files.plans)
    exercise = Exercise(engine, desk, None, clock)
    await exercise.open()
    operation = desk.picture.operation
    assert operation is not None  # noqa: S101  (the drill has just opened it)
    _go_on(clock, desk, engine, operation)
    first = (await desk.since(0, limit=1))[0]
    return Running(
        desk,
        clock,
        situation,
        origin=f"{desk.operation_id}.{first.server_time_s:.3f}.{await log.log_id()}",
        drill=Exercising(exercise, Software(desk, Reactor(situation))),
        video=Screening(exercise, desk, files.river, settings),
        feeds=settings.gauges,
    )


def _go_on(clock: LeashedClock, desk: Desk, engine: Engine, operation: Operation) -> None:
    """Set the clock to where the log ends, running or not as the log says; the time in between did not happen."""
    last_s = max(desk.picture.time_s, engine.now_s)
    clock.step(max(0.0, last_s - clock.now_s()))
    clock.set_speed(operation.speed if desk.seq and operation.state != "ready" else clock.speed)
    clock.played_s = lambda: engine.now_s
    if operation.state == "running":
        clock.resume()
