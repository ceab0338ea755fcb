"""Puts an operation together: a drill from its file, a live one from river and units, or the one the log ends with."""

import asyncio
import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass

from rescuecmd import library
from rescuecmd.clock import RealClock
from rescuecmd.desk import Desk
from rescuecmd.drill.engine import Engine
from rescuecmd.drill.script import DrillScript
from rescuecmd.errors import RescueError
from rescuecmd.feeds.exercise import Exercise
from rescuecmd.feeds.software import Software
from rescuecmd.interop.drill_file import load_drill, load_river_id
from rescuecmd.interop.plan_file import load_plans
from rescuecmd.interop.unit_file import load_units
from rescuecmd.opening import live_opening, operation_id
from rescuecmd.picture.commands import Actor, Order
from rescuecmd.picture.entity import Operation
from rescuecmd.picture.events import OperationOpened
from rescuecmd.picture.unit import Unit
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
class Ground:
    """Where an operation takes place and what may be pushed there; read from files, all of it found good."""

    river: River
    network: Network
    plans: Mapping[str, PlanCard]

    def situation(self) -> Situation:
        """Return it as reactions and routes ask it."""
        return Situation(self.river, self.network, self.plans)


def _read_ground(river_id: str, settings: Settings) -> Ground:
    package = library.find("rivers", river_id, own=settings.data)
    river, network = load_ground(package, settings.cache / GROUND_FOLDER)
    return Ground(river, network, load_plans(library.shelf("plans")))


def read_drill(drill: str, settings: Settings) -> tuple[DrillScript, Ground]:
    """Read a drill with its river and the plans.

    Raises
    ------
    FaultsError, NotFoundError
        Something cannot be read; every fault has its file and line.
    """
    path = library.find("drills", drill)
    ground = _read_ground(load_river_id(path), settings)
    return load_drill(path, ground.river, ground.plans), ground


def read_live(river: str, settings: Settings) -> tuple[tuple[Unit, ...], Ground]:
    """Read the units of a live operation, its river and the plans.

    Raises
    ------
    FaultsError, NotFoundError
        Something cannot be read; every fault has its file and line.
    """
    return load_units(settings.units_file), _read_ground(river, settings)


async def open_drill(log: Log, settings: Settings, drill: str) -> Running:
    """Open a new operation from a drill; nothing is recorded unless every file is good.

    Raises
    ------
    FaultsError, NotFoundError
        See `read_drill`.
    """
    script, ground = await asyncio.to_thread(read_drill, drill, settings)
    start_s = await _free_start_s(log, script.id)
    clock = LeashedClock(start_s, speed=settings.speed)
    desk = await Desk.open(log, operation_id(script.id, start_s), clock)
    engine = Engine(script, ground.river, ground.network, settings.seed)
    return await _drill(log, desk, clock, engine, ground, settings)


async def open_live(log: Log, settings: Settings, river: str, by: Actor, title: str = "") -> Running:
    """Open a live operation on a river with the units of the settings; nothing is recorded unless all files are good.

    Raises
    ------
    FaultsError, NotFoundError
        See `read_live`.
    """
    units, ground = await asyncio.to_thread(read_live, river, settings)
    start_s = await _free_start_s(log, ground.river.id)
    desk = await Desk.open(log, operation_id(ground.river.id, start_s), RealClock())
    commands = live_opening(ground.river, units, start_s, title)
    orders = [Order(f"open/{number}", by, command) for number, command in enumerate(commands)]
    for answer in await desk.handle_many(orders):
        if isinstance(answer, RescueError):
            raise answer
    return await _live(log, desk, ground, settings)


async def _free_start_s(log: Log, of: str) -> float:
    """Return now, or the next second at which nothing of that name began."""
    start_s, taken = float(int(time.time())), await log.operations()
    while operation_id(of, start_s) in taken:
        start_s += 1.0
    return start_s


async def reopen(log: Log, settings: Settings) -> Running | None:
    """Return the operation that the log ends with, as it was; None where there is none to go on with.

    One that has ended makes room for what the settings name; so does a drill when they name a live operation, but never
    a live operation for anything. A file that has become unreadable is reported and leaves it closed, not lost.
    """
    operations = await log.operations()
    if not operations:
        return None
    clock = RealClock() if await _was_live(log, operations[-1]) else LeashedClock(0.0, speed=settings.speed)
    desk = await Desk.open(log, operations[-1], clock)
    operation = desk.picture.operation
    if operation is None or _makes_room(operation, settings):
        return None
    if isinstance(clock, RealClock):
        return await _live(log, desk, await asyncio.to_thread(_ground_of, operation.river_id, settings), settings)
    script, ground = await asyncio.to_thread(read_drill, operation.drill_id, settings)
    clock.step(operation.started_s)
    engine = Engine(script, ground.river, ground.network)  # it finds its seed in the log
    return await _drill(log, desk, clock, engine, ground, settings)


async def _was_live(log: Log, operation_id: str) -> bool:
    """Return whether an operation of the log was opened as a live one: that decides by which clock it is read."""
    bodies = [event.body for event in await log.read(operation_id, 0, limit=1)]  # of a damaged log there may be none
    return any(isinstance(body, OperationOpened) and body.operation.mode == "live" for body in bodies)


def _makes_room(operation: Operation, settings: Settings) -> bool:
    if operation.state == "ended":
        return bool(settings.drill or settings.river)
    return operation.mode == "drill" and bool(settings.river)


def _ground_of(river_id: str, settings: Settings) -> Ground:
    """Return the ground of a river: that of the settings where it is this river's, else the library's."""
    if settings.river:
        ground = _read_ground(settings.river, settings)
        if ground.river.id == river_id:
            return ground
    return _read_ground(river_id, settings)


async def _live(log: Log, desk: Desk, ground: Ground, settings: Settings) -> Running:
    situation = ground.situation()
    behind_s = desk.picture.time_s - desk.clock.now_s()
    if behind_s > 1.0:
        _LOG.error("the clock of this machine is %.0f s behind the record: set it", behind_s)
    return Running(
        desk,
        situation,
        origin=await _origin(log, desk),
        software=Software(desk, Reactor(situation)),
        drill=None,
        video=Screening(desk, ground.river, settings, truth=None),
        feeds=settings.gauges,
    )


async def _drill(  # noqa: PLR0917  (made in two places)
    log: Log, desk: Desk, clock: LeashedClock, engine: Engine, ground: Ground, settings: Settings
) -> Running:
    situation = ground.situation()
    exercise = Exercise(engine, desk, None, clock)
    await exercise.open()
    operation = desk.picture.operation
    assert operation is not None  # noqa: S101  (the drill has just opened it)
    _go_on(clock, desk, engine, operation)
    return Running(
        desk,
        situation,
        origin=await _origin(log, desk),
        software=Software(desk, Reactor(situation)),
        drill=Exercising(exercise),
        video=Screening(desk, ground.river, settings, truth=exercise.truth),
        feeds=settings.gauges,
    )


async def _origin(log: Log, desk: Desk) -> str:
    """Return the name of this log's course of the operation."""
    first = (await desk.since(0, limit=1))[0]
    return f"{desk.operation_id}.{first.server_time_s:.3f}.{await log.log_id()}"


def _go_on(clock: LeashedClock, desk: Desk, engine: Engine, operation: Operation) -> None:
    """Set the clock to where the log ends, running or not as the log says; the time in between did not happen."""
    last_s = max(desk.picture.time_s, engine.now_s)
    clock.step(max(0.0, last_s - clock.now_s()))
    clock.set_speed(operation.speed if desk.seq and operation.state != "ready" else clock.speed)
    clock.played_s = lambda: engine.now_s
    if operation.state == "running":
        clock.resume()
