"""The drill as a whole, sans-IO: picture and time in, orders out.

Whoever runs it (headless or live) hands each order to the desk and the new picture to the next step. The engine keeps
nothing that cannot be had again by playing the same pictures through a fresh one: a trainer's fire, hold and skip are
notes in the log, which it reads from the picture like everybody else.
"""

import math
import random
from collections.abc import Iterable, Iterator, Mapping

from rescuecmd.condition import Facts
from rescuecmd.drill.crewing import Crews, Scenes
from rescuecmd.drill.facts import FactSource
from rescuecmd.drill.faults import Faults, fault_words
from rescuecmd.drill.hydrograph import level_at, rise_m_per_min, run_at, true_water
from rescuecmd.drill.mission import missions
from rescuecmd.drill.opening import opening_commands, operation_id
from rescuecmd.drill.score import Score
from rescuecmd.drill.script import DrillScript, FaultSpec, Inject
from rescuecmd.drill.telling import Telling
from rescuecmd.drill.trainer import TrainerView, look_at
from rescuecmd.drill.trigger import Trigger
from rescuecmd.drill.world import TICK_S, Truth, World
from rescuecmd.errors import InputError, RefusedError, unknown
from rescuecmd.picture.commands import Actor, AddNote, Command, EndOperation, Order
from rescuecmd.picture.order import Note
from rescuecmd.picture.state import Picture
from rescuecmd.river.model import River
from rescuecmd.routing.network import Network
from rescuecmd.routing.scene import Scene
from rescuecmd.text import Text
from rescuecmd.units import format_duration

DRILL = Actor("drill", "导调 / exercise control")
CONTROL = "control/"
SEED = "seed/"
VERBS = ("fire", "hold", "skip")
STOP = "stop"
CURRENT_EVERY_S = 10.0  # the current that conditions ask for is looked up this often
TURNS = {
    "swept": Text(zh="{who}被水冲下，落水漂流", en="{who} swept off, now drifting"),
    "stranded": Text(zh="{who}退路被淹，被困", en="{who} cut off by the water"),
    "lost": Text(zh="{who}失踪", en="{who} missing"),
}


class Engine:
    """A running drill. Call `opening` once, then `step` for each second in turn."""

    def __init__(
        self,
        script: DrillScript,
        river: River,
        network: Network,
        seed: int | None = None,
        *,
        scenes: Scenes | None = None,
    ) -> None:
        self.script, self.river, self.network = script, river, network
        self.seed = script.seed if seed is None else seed
        self.start_s = 0.0
        self.tick = -1
        self.stopped: Text | None = None
        self._scenes = scenes or self._own_scene
        self._rng = random.Random(self.seed)
        self._current_mps = 0.0
        self._controls: set[str] = set()
        self._silent: dict[str, list[tuple[Actor, Command]]] = {}
        self._sent = 0
        self._picture = Picture()

    def opening(self, start_s: float) -> list[Order]:
        """Return the orders that open the operation; the drill's second 0 is `start_s`."""
        if self.tick >= 0:
            raise RefusedError("drill-open", "this drill has been opened already")
        script, river = self.script, self.river
        self.start_s, self.tick = start_s, 0
        self.water = true_water(river, script.levels, start_s, script.duration_s)
        self.world = World(script, river, self.network, self.water, self._rng)
        self._injects = {inject.id: Trigger(inject.id, inject.when) for inject in script.injects}
        triggers = {fault.id: Trigger(fault.id, fault.when) for fault in script.faults}
        self._fault_triggers = {fault.id: triggers[fault.id] for fault in script.faults if fault.part != "crew"}
        self._faults = Faults(script.faults, triggers)
        self._stop = Trigger(STOP, script.stop)
        self._facts = FactSource(script, self.world, self._faults.link_up)
        self._telling = Telling(script, river, self.world, self._faults)
        self._crews = Crews(script, river, self.world, self._scenes)
        self.score = Score(script)
        self._main = self.water.series[script.levels.main_gauge_id]
        self._middle = river.point([river.gauge(script.levels.main_gauge_id).chainage_m], [0.0])
        said = [*opening_commands(script, river, self.water, start_s), *self._telling.water(start_s, 0.0, self._rng)]
        return self._orders((DRILL, command) for command in (*said, self._seed_note()))

    def _seed_note(self) -> AddNote:
        """Return the note that keeps the seed in the log, so that the log alone can be played again."""
        text = Text(zh=f"随机种子 {self.seed}", en=f"seed of everything random: {self.seed}")
        return AddNote(Note(f"{SEED}{self.seed}", "decision", text, ("trainer",), "drill", "drill", self.start_s))

    def reseed(self, picture: Picture) -> None:
        """Take the seed that a recorded drill was played with; before `opening` only."""
        if self.tick >= 0:
            raise RefusedError("drill-open", "this drill has been opened already")
        for note_id in picture.notes:
            if note_id.startswith(SEED):
                self.seed = int(note_id.removeprefix(SEED))
                self._rng = random.Random(self.seed)

    @property
    def operation_id(self) -> str:
        """The id of the operation this drill opens (after `opening`)."""
        return operation_id(self.script, self.start_s)

    @property
    def now_s(self) -> float:
        """The time of the last tick, s since epoch."""
        return self.start_s + self.tick * TICK_S

    def step(self, picture: Picture, now_s: float) -> list[Order]:
        """Let the next second pass and return its orders, in their fixed order.

        Raises
        ------
        InputError
            `now_s` is not the second after the last one: ticks are neither skipped nor repeated.
        """
        if abs(now_s - (self.now_s + TICK_S)) > 1e-6:
            raise InputError("bad-tick", f"expected the tick at {self.now_s + TICK_S:.0f} s, got {now_s:.3f} s")
        if self.stopped is not None:
            return []
        self.tick, self._sent, self._picture = self.tick + 1, 0, picture
        t_s = self.tick * TICK_S
        return self._orders(self._heard(self._second(picture, self.now_s, t_s)))

    def _second(self, picture: Picture, now_s: float, t_s: float) -> Iterator[tuple[Actor, Command]]:
        yield from self._obey(picture)
        for boat in self.world.boats.values():
            boat.power = self._faults.power(boat.id)
        orders = missions(picture)
        for command in self.world.step(orders, now_s, t_s, self._rng):
            yield self._by(command), command
        for terminal_id, command in self._crews.step(picture, orders, now_s):
            yield Actor(f"terminal/{terminal_id}"), command
        yield from ((DRILL, command) for command in self._telling.step(picture, now_s, t_s, self._rng))
        yield from self._turned(picture, now_s)
        facts = self._look(picture, now_s, t_s)
        for inject in self.script.injects:
            if self._injects[inject.id].due(t_s, facts):
                yield DRILL, self._fire(inject, now_s)
        yield from self._wrong(t_s, facts, now_s)
        self.score.step(t_s, picture, facts, self._fired())
        yield from self._ends(t_s, facts)

    def _look(self, picture: Picture, now_s: float, t_s: float) -> Facts:
        if t_s % CURRENT_EVERY_S == 0:
            flow = self.world.field.at(*self._middle, now_s)
            self._current_mps = math.hypot(float(flow.u_mps[0]), float(flow.v_mps[0]))
        scalars = {
            "level": level_at(self._main, now_s),
            "rise_rate": rise_m_per_min(self._main, now_s),
            "current": self._current_mps,
        }
        return self._facts.look(picture, now_s, self.start_s, scalars)

    def _by(self, command: Command) -> Actor:
        """Return who reports what happened: the boat's own terminal, or exercise control."""
        boat = self.world.boats.get(getattr(command, "vessel_id", ""))
        return Actor(f"terminal/{boat.force.terminal_id}") if boat else DRILL

    def _turned(self, picture: Picture, now_s: float) -> Iterator[tuple[Actor, Command]]:
        for turn in self.world.turns:
            who = turn.who
            known = picture.victims.get(who.id)
            if known is not None and turn.loss != "lost":
                yield DRILL, self._telling.changed(who, known, now_s, self._rng)
            text = TURNS[turn.loss]
            told = Text(zh=text.zh.format(who=who.spec.name.zh), en=text.en.format(who=who.spec.name.en))
            note_id = f"turn/{who.id}/{self.tick}"
            yield DRILL, AddNote(Note(note_id, "report", told, ("commander",), "shore", "drill", now_s))

    def _wrong(self, t_s: float, facts: Facts, now_s: float) -> Iterator[tuple[Actor, Command]]:
        begun, ended = self._faults.step(t_s, facts)
        for spec in begun:
            yield DRILL, self._fault_note(spec, now_s)
        for spec in ended:
            if spec.part == "link":
                yield from self._silent.pop(spec.target, [])

    def _fault_note(self, spec: FaultSpec, now_s: float) -> Command:
        """Return the trainer's own line about a fault; players have to find out by themselves."""
        said = fault_words(self.script, spec)
        text = Text(zh=f"故障 {spec.id}：{said.zh}", en=f"fault {spec.id}: {said.en}")
        return AddNote(Note(f"fault/{spec.id}", "inject", text, ("trainer",), "drill", "drill", now_s))

    def _ends(self, t_s: float, facts: Facts) -> Iterator[tuple[Actor, Command]]:
        if self._stop.due(t_s, facts):
            self._stop.fire(t_s)
            self.stopped = Text(zh="演练目标完成", en="the drill's stop condition is met")
        elif t_s >= self.script.duration_s:
            self.stopped = Text(zh="演练时间到", en="the drill's time is over")
        if self.stopped is not None:
            yield DRILL, EndOperation(self.stopped)

    def _heard(self, said: Iterable[tuple[Actor, Command]]) -> Iterator[tuple[Actor, Command]]:
        """Keep back what a crew says while its link is down; it is passed on when the link is up again."""
        units = {f"terminal/{force.terminal_id}": force.id for force in self.script.forces}
        for actor, command in said:
            unit = units.get(actor.id, "")
            if unit and (not self._faults.link_up(unit)):
                self._silent.setdefault(unit, []).append((actor, command))
            else:
                yield actor, command

    def _orders(self, said: Iterable[tuple[Actor, Command]]) -> list[Order]:
        """Return orders that name the picture they were made from: a replay needs no more to be exact."""
        cause = f"seq:{self._picture.seq}"
        return [Order(self._op_id(command), actor, command, cause) for actor, command in said]

    def _op_id(self, command: Command) -> str:
        """Return the same id for the same order in every replay; notes may come early (fired while paused)."""
        if isinstance(command, AddNote):
            return f"{self.script.id}/{command.note.id}"
        self._sent += 1
        return f"{self.script.id}/{self.tick}/{self._sent}"

    def _fire(self, inject: Inject, now_s: float) -> Command:
        t_s = now_s - self.start_s
        self._injects[inject.id].fire(t_s)
        if inject.hint:
            self.score.hint(inject.id, inject.cost)
        text = inject.text.filled(self._values(now_s))
        late = inject.when.at_s is not None and t_s - inject.when.at_s > TICK_S
        via = f"{inject.via} (late)" if late else inject.via
        return AddNote(Note(f"inject/{inject.id}", "inject", text, inject.to, via, "drill", now_s))

    def _values(self, now_s: float) -> Mapping[str, str]:
        rise = rise_m_per_min(self._main, now_s)
        people = [p for p in self.world.people.values() if p.present]
        return {
            "level": f"{level_at(self._main, now_s):.2f}",
            "rise_cm_per_min": f"{rise * 100:.1f}",
            "clock": format_duration(now_s - self.start_s),
            "waiting": str(sum(p.waiting for p in people)),
            "saved": str(sum(p.safe for p in people)),
        }

    def _fired(self) -> dict[str, float]:
        return {name: trigger.fired_s for name, trigger in self._injects.items() if trigger.fired_s is not None}

    def control(self, verb: str, inject_id: str, by: str, now_s: float) -> Order:
        """Return the order that records a trainer's fire, hold or skip; it takes effect when it is in the picture.

        Raises
        ------
        InputError, NotFoundError, RefusedError
            No such verb or inject, or the inject has fired or was skipped.
        """
        if verb not in VERBS:
            raise InputError("unknown-verb", f"expected one of {', '.join(VERBS)}, got {verb!r}")
        trigger = self._trigger(inject_id)
        if trigger.state in {"fired", "skipped"}:
            raise RefusedError("inject-over", f"{inject_id} is {trigger.state} already", state=trigger.state)
        note_id = f"{CONTROL}{verb}/{inject_id}/{len(self._controls) + 1}"
        text = Text(zh=f"导调：{verb} {inject_id}", en=f"exercise control: {verb} {inject_id}")
        note = Note(note_id, "decision", text, ("trainer",), "trainer", by, now_s)
        return Order(f"{self.script.id}/{note_id}", Actor(by), AddNote(note))

    def fire(self, inject_id: str, by: str, now_s: float) -> Order:
        """Return the order that fires an inject or fault now (see `control`)."""
        return self.control("fire", inject_id, by, now_s)

    def hold(self, inject_id: str, by: str, now_s: float) -> Order:
        """Return the order that holds an inject back, or lets go of a held one."""
        return self.control("hold", inject_id, by, now_s)

    def skip(self, inject_id: str, by: str, now_s: float) -> Order:
        """Return the order that skips an inject for good."""
        return self.control("skip", inject_id, by, now_s)

    def obey(self, picture: Picture) -> list[Order]:
        """Return what controls that are in the picture lead to at once; works while the drill is paused, too."""
        return self._orders(self._obey(picture))

    def _obey(self, picture: Picture) -> Iterator[tuple[Actor, Command]]:
        fresh = [n for n in picture.notes.values() if n.id.startswith(CONTROL) and n.id not in self._controls]
        for note in sorted(fresh, key=lambda item: (item.time_s, item.id)):
            self._controls.add(note.id)
            _, verb, name, _ = note.id.split("/", 3)
            trigger = self._trigger(name)
            if trigger.state in {"fired", "skipped"}:
                continue
            if verb == "hold":
                trigger.hold()
            elif verb == "skip":
                trigger.skip()
            elif name in self._injects:
                inject = next(item for item in self.script.injects if item.id == name)
                yield DRILL, self._fire(inject, note.time_s)
            else:
                trigger.fire(note.time_s - self.start_s)
                yield DRILL, self._fault_note(self._faults.begin(name, note.time_s - self.start_s), note.time_s)

    def _trigger(self, name: str) -> Trigger:
        triggers = {**self._injects, **self._fault_triggers}
        if name not in triggers:
            raise unknown("inject", name, triggers)
        return triggers[name]

    def truth(self) -> Truth:
        """Return the world as it truly is at the last tick."""
        return self.world.truth(self.now_s)

    def view(self) -> TrainerView:
        """Return what the trainer sees at the last tick."""
        return look_at(
            self.script,
            self.world,
            self.score,
            injects=self._injects,
            faults=self._fault_triggers,
            facts=self._facts.facts,
            values=self._values(self.now_s),
            t_s=self.tick * TICK_S,
            level_m=level_at(self._main, self.now_s),
            rise_m_per_min=rise_m_per_min(self._main, self.now_s),
            stopped=self.stopped is not None,
        )

    def link_up(self, terminal_id: str) -> bool:
        """Return whether a terminal can be heard and hear now."""
        return self._faults.link_up(self.script.force_of(terminal_id).id)

    def _own_scene(self, picture: Picture) -> Scene:
        """Return the scene of a crew that nobody helps: it knows its own river's water."""
        return Scene(self.river, self.network, run_at(self.water, self.now_s)[0], self.now_s)
