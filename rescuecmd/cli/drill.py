"""`rescuecmd drill`: list, check, show and run drills, and their reports."""

import asyncio
import math
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from rescuecmd import library
from rescuecmd.cli.console import emit, hint, say
from rescuecmd.drill.crowd import capacity_per_s, longest_walk_m
from rescuecmd.drill.hydrograph import outside_fact, true_water
from rescuecmd.drill.page import as_html
from rescuecmd.drill.report import Report, as_json, clock
from rescuecmd.drill.script import DrillScript, When
from rescuecmd.drill.words import as_text
from rescuecmd.errors import FaultsError, InputError, NotFoundError
from rescuecmd.interop.drill_file import load_drill, load_river_id
from rescuecmd.interop.plan_file import load_plans
from rescuecmd.interop.river_package import load_river
from rescuecmd.plan.card import PlanCard
from rescuecmd.river.model import River

app = typer.Typer(help="Drills: check, show, run, report. 演练:检查、查看、运行、报告。", no_args_is_help=True)

Name = Annotated[str, typer.Argument(help="A drill of the library, or a file.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
LogFolder = Annotated[Path | None, typer.Option("--log", help="Folder for the event log.")]
Html = Annotated[Path | None, typer.Option("--html", help="Write the report as a web page to this file.")]
Seed = Annotated[int | None, typer.Option("--seed", min=0, help="Another seed than the drill's own.")]
HINT_EVERY_S = 5.0


@dataclass(frozen=True, slots=True)
class Loaded:
    """A drill with the river and the cards it stands on."""

    script: DrillScript
    river: River
    plans: dict[str, PlanCard]


def load(name: str) -> Loaded:
    """Return a drill by name or file, with its river and the plan cards; every fault of any of the files is raised."""
    path = library.find("drills", name)
    river = load_river(library.find("rivers", load_river_id(path)))
    plans = load_plans(library.shelf("plans"))
    return Loaded(load_drill(path, river, plans), river, plans)


@app.command("list")
def list_drills(as_json: AsJson = False) -> None:
    """List the drills of the library."""
    found: list[dict[str, Any]] = []
    for name in library.names("drills"):
        try:
            script = load(name).script
            title = {"zh": script.title.zh, "en": script.title.en}
            found.append({"name": name, "ok": True, "title": title, "duration_s": script.duration_s})
        except FaultsError as error:
            found.append({"name": name, "ok": False, "faults": [str(fault) for fault in error.faults]})
    if as_json:
        emit({"drills": found})
        return
    for one in found:
        say(f"{one['name']:16} " + (f"{one['title']['zh']} / {one['title']['en']}" if one["ok"] else "FAULTS"))


@app.command(epilog="Exit codes: 0 ok · 1 it begins at a level that its river does not cover · 2 it has faults")
def check(name: Name, as_json: AsJson = False) -> None:
    """Check a drill with its river and plan cards: every fault with file and line.

    Example: rescuecmd drill check dazhulin
    """
    loaded = load(name)
    script = loaded.script
    outside = outside_fact(true_water(loaded.river, script.levels, 0.0, script.duration_s), 0.0, script.duration_s)
    counts = {part: len(getattr(script, part)) for part in ("forces", "victims", "injects", "faults", "expectations")}
    if as_json:
        told = {} if outside is None else {"outside": {"zh": outside.zh, "en": outside.en}}
        emit({"ok": True, "drill": script.id, **counts, **told})
        return
    say(f"{script.id}: ok, " + ", ".join(f"{count} {part}" for part, count in counts.items()))
    if outside is not None:
        say(f"  look at: {outside}")


@app.command()
def show(name: Name, as_json: AsJson = False) -> None:
    """Show a drill for exercise control: forces, people, injects and faults in their order, objectives."""
    loaded = load(name)
    if as_json:
        emit(_shown(loaded))
        return
    script = loaded.script
    say(f"== {script.marking} == {script.title}")
    squeezed = f"水位 level x{script.levels.compression:.0f}"
    say(f"{loaded.river.name}, {clock(script.duration_s)}, seed {script.seed}, {squeezed}")
    say("\n力量 forces")
    for force in script.forces:
        craft = (
            f"{force.craft.kind} {force.craft.speed_mps:g} m/s, {force.craft.seats} seats"
            if force.craft
            else force.role
        )
        say(f"  {force.id:14} {force.name} · {craft} · {force.spot.place_id}")
    say("\n人员 people")
    for victim in script.victims:
        say(f"  {clock(victim.appears_s)} {victim.id:14} {victim.count:4} {victim.name} · {victim.spot.place_id}")
    for line in _evacuations(loaded):
        say(f"  {line}")
    say("\n注入与故障 injects and faults")
    for when, item_id, text in sorted(_msel(script)):
        say(f"  {when:>24} {item_id:5} {text}")
    say("\n目标 objectives")
    for objective in script.objectives:
        say(f"  {objective.id} {objective.name}")
        for x in (x for x in script.expectations if x.objective == objective.id):
            say(f"     {x.id} P {clock(x.p_s)} S {clock(x.s_s)} M {clock(x.m_s)} {x.name}{' *' if x.critical else ''}")


def _when(when: When) -> str:
    return clock(when.at_s) if when.at_s is not None else when.text


def _msel(script: DrillScript) -> list[tuple[str, str, str]]:
    rows = [(_when(i.when), i.id, f"→ {', '.join(i.to)} ({i.via}) {i.text}") for i in script.injects]
    return rows + [(_when(f.when), f.id, f"! {f.target} {f.part} {f.type}") for f in script.faults]


def _evacuations(loaded: Loaded) -> list[str]:
    beaches = {beach.id: beach for beach in loaded.river.beaches}
    lines = []
    for victim in (v for v in loaded.script.victims if v.kind == "crowd"):
        beach = beaches[victim.spot.place_id]
        flow = capacity_per_s(beach.exits, -math.inf)
        lines.append(f"{beach.id}: {flow * 60:.0f} /min, {longest_walk_m(beach):.0f} m to an exit")
    return lines


def _shown(loaded: Loaded) -> dict[str, Any]:
    script = loaded.script
    return {
        "drill": script.id,
        "title": {"zh": script.title.zh, "en": script.title.en},
        "marking": script.marking,
        "river": script.river_id,
        "duration_s": script.duration_s,
        "seed": script.seed,
        "compression": script.levels.compression,
        "forces": [
            {"id": f.id, "terminal_id": f.terminal_id, "agency": f.agency, "role": f.role} for f in script.forces
        ],
        "victims": [{"id": v.id, "kind": v.kind, "count": v.count, "appears_s": v.appears_s} for v in script.victims],
        "injects": [
            {"id": i.id, "when": _when(i.when), "to": i.to, "zh": i.text.zh, "en": i.text.en} for i in script.injects
        ],
        "faults": [{"id": f.id, "when": _when(f.when), "target": f.target, "type": f.type} for f in script.faults],
        "objectives": [{"id": o.id, "zh": o.name.zh, "en": o.name.en} for o in script.objectives],
    }


@app.command()
def run(  # noqa: PLR0917  (a command's options)
    name: Name,
    speed: Annotated[str, typer.Option(help="'max', or drill seconds per real second.")] = "max",
    seed: Seed = None,
    log: LogFolder = None,
    html: Html = None,
    as_json: AsJson = False,
) -> None:
    """Play a whole drill headless with robot crews and a robot commander, and print its report.

    Nothing is sent anywhere. With --log the events are kept and `drill report --log` prints the report again.
    """
    began = time.perf_counter()
    factor = _speed(speed)
    loaded = load(name)
    report, refused = asyncio.run(_play(loaded, factor, seed, log))
    wall_s = time.perf_counter() - began
    if html is not None:
        html.write_text(as_html(report), encoding="utf-8")
    if as_json:
        emit({"drill": loaded.script.id, "wall_s": round(wall_s, 2), "refused": refused, **_as_data(report)})
    else:
        say(as_text(report))
        hint(f"{report.duration_s:.0f} s in {wall_s:.1f} s, {report.events} events, {len(refused)} refused")


def _as_data(report: Report) -> dict[str, Any]:
    """Return the report as plain data."""
    return as_json(report)


def _speed(text: str) -> float | None:
    if text == "max":
        return None
    try:
        value = float(text)
    except ValueError:
        raise InputError("bad-speed", f"expected speed 'max' or a number, got {text!r}") from None
    if not 0 < value <= 1000:
        raise InputError("bad-speed", f"speed must be above 0 and at most 1000, got {text}")
    return value


async def _play(loaded: Loaded, speed: float | None, seed: int | None, folder: Path | None) -> tuple[Report, list[str]]:
    from rescuecmd.feeds.headless import headless, make_situation  # noqa: PLC0415  (routing is not loaded for --help)
    from rescuecmd.store.memory import MemoryLog  # noqa: PLC0415
    from rescuecmd.store.sqlite import SqliteLog  # noqa: PLC0415

    situation = make_situation(loaded.river, loaded.plans)
    log = MemoryLog() if folder is None else await SqliteLog.open(folder)
    try:
        exercise = await headless(loaded.script, situation, log, start_s=float(math.floor(time.time())), seed=seed)
        if speed is None:
            await exercise.run_fast()
        else:
            await exercise.set_speed(speed)
            await exercise.start()
            await exercise.run()
        report = await exercise.report()
        await exercise.desk.close()
        return report, exercise.refused
    finally:
        await log.close()


@app.command()
def report(
    log: Annotated[Path, typer.Option("--log", help="Folder of the event log.")],
    operation: Annotated[str, typer.Argument(help="Operation; empty: the latest one.")] = "",
    drill: Annotated[str, typer.Option(help="Drill file, where it is not in the library.")] = "",
    html: Html = None,
    as_json: AsJson = False,
) -> None:
    """Print the report of a recorded drill: its log is played through the drill again and rated anew."""
    found = asyncio.run(_recorded(log, operation, drill))
    if html is not None:
        html.write_text(as_html(found), encoding="utf-8")
    if as_json:
        emit(_as_data(found))
    elif html is None:
        say(as_text(found))


async def _recorded(folder: Path, operation: str, drill: str) -> Report:
    from rescuecmd.feeds.headless import make_situation, report_of  # noqa: PLC0415
    from rescuecmd.picture.events import Event, OperationOpened  # noqa: PLC0415
    from rescuecmd.store.sqlite import SqliteLog  # noqa: PLC0415

    log = await SqliteLog.view(folder)
    try:
        known = await log.operations()
        if not known or (operation and operation not in known):
            raise NotFoundError("no-operation", f"no operation {operation!r} in the log of {folder}")
        chosen = operation or known[-1]
        events: list[Event] = []
        while page := await log.read(chosen, len(events), limit=2000):
            events += page
    finally:
        await log.close()
    opened = events[0].body
    if not isinstance(opened, OperationOpened) or opened.operation.mode != "drill":
        raise InputError("not-a-drill", f"operation {chosen!r} is not a drill")
    loaded = load(drill or opened.operation.drill_id)
    return report_of(loaded.script, make_situation(loaded.river, loaded.plans), events)
