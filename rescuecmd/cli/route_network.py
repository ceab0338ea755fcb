"""`rescuecmd route cutoff | critical | table | export`: what the whole water says, and many boats and many places."""

import math
from pathlib import Path as File
from typing import Annotated, Any

import typer

from rescuecmd.cli.console import emit, say, write
from rescuecmd.cli.language import told
from rescuecmd.cli.route_options import CODES, AsJson, both, clock, iso, kind_of, name_of, spot_of, with_scene
from rescuecmd.cli.route_print import print_mark
from rescuecmd.errors import InputError
from rescuecmd.interop.river_package import load_river
from rescuecmd.library import find as find_item
from rescuecmd.picture.entity import Craft
from rescuecmd.river.submergence import submergence
from rescuecmd.routing.channels import Passage, Reachable, critical_passages, reaches
from rescuecmd.routing.exchange import to_geojson, to_graphml
from rescuecmd.routing.guide import kilometre, place
from rescuecmd.routing.network import build_graph
from rescuecmd.routing.scene import Scene
from rescuecmd.routing.table import Aim, Cell, Mover, reach_table
from rescuecmd.text import Text

_NO_WATER = Text("本艇在此水位无可用水域", "no water for this boat at this level")


@with_scene
def cutoff(*, scene: Scene, boat: Craft, as_json: AsJson = False) -> None:
    """Tell which reaches and places are cut off for a boat at a level, and how much more water joins them.

    Example: rescuecmd route cutoff --level 174.2 --craft patrol
    """
    found = {**_head(scene, boat), "reaches": [_reach(scene, one) for one in reaches(scene, boat)]}
    _add_cut_off(scene, found)
    if as_json:
        emit(found)
        return
    _print_head(found)
    for number, one in enumerate(found["reaches"]):
        what = Text("主水域", "main water") if number == 0 else Text("被隔开", "cut off")
        span, hectares = f"{one['upstream']} .. {one['downstream']}", f"{one['area_m2'] / 1e4:.1f}"
        say(Text(f"{what.zh}：{span}，{hectares} 公顷", f"{what.en}: {span}, {hectares} ha"))
        if one["joins"]:
            rise, where = f"{one['joins']['rise_m']:.2f}", one["joins"]["where"]
            say(
                Text(f"   再涨 {rise} 米连通，经 {where['zh']}", f"   {rise} m more water joins it, over {where['en']}")
            )
        for name in one["places"]:
            say(f"   {name:<20} {told(scene.river.place(name).name)}")
    if found["unreachable"]:
        listed = ", ".join(found["unreachable"])
        say(Text(f"附近没有本艇可用水域的地点：{listed}", f"places with no water for this boat: {listed}"))
    if not found["reaches"]:
        say(_NO_WATER)


@with_scene
def critical(
    most: Annotated[int, typer.Option(min=1, max=50, help="At most this many passages.")] = 8,
    *,
    scene: Scene,
    boat: Craft,
    as_json: AsJson = False,
) -> None:
    """Tell the passages without a way round, the first to close at the top, and what is lost when they do.

    Example: rescuecmd route critical --at 6h --craft rib
    """
    found = {
        **_head(scene, boat),
        "passages": [_passage(scene, one) for one in critical_passages(scene, boat, most=most)],
    }
    if as_json:
        emit(found)
        return
    _print_head(found)
    for one in found["passages"]:
        hectares, parts, where = f"{one['parted_m2'] / 1e4:.1f}", ", ".join(one["parts"]), one["where"]
        say(Text(f"{where['zh']}  宽 {one['width_m']:.0f} 米，水位降 {one['fall_m']:.2f} 米即关闭；"
                 f"隔开 {hectares} 公顷 {parts}".rstrip(),
                 f"{where['en']}  width {one['width_m']:.0f} m, closes when the water falls {one['fall_m']:.2f} m; "
                 f"parts {hectares} ha {parts}".rstrip()))  # fmt: skip
    if not reaches(scene, boat):
        say(_NO_WATER)
    elif not found["passages"]:
        say(Text("没有必经之处", "there is a way round everywhere"))


@with_scene
def table(
    boats: Annotated[str, typer.Option(help="kind@place, separated by ';': rib@dazhulin-pontoon;rib@ciqikou-ramp.")],
    to: Annotated[str, typer.Option(help="Places or lon,lat, separated by ';'; empty: every reef and beach.")] = "",
    *,
    scene: Scene,
    as_json: AsJson = False,
) -> None:
    """Tell who can be where, when, with how much time to spare before the place goes under.

    Example: rescuecmd route table --boats "rib@tongxing-pontoon;inflatable@ciqikou-ramp" --at 12h
    """
    river = scene.river
    movers = [_mover(scene, number, words) for number, words in enumerate(_split(boats))]
    if not movers:
        message = "give at least one boat, such as --boats rib@dazhulin-pontoon"
        raise InputError("no-boats", message, zh="请至少给出一条艇，例如 --boats rib@dazhulin-pontoon")
    wanted = _split(to) or [one.id for one in river.places.values() if one.kind in {"reef", "beach"}]
    aims = [Aim(name, name_of(river, name), spot_of(river, name), _under_s(scene, name)) for name in wanted]
    rows = reach_table(scene, movers, aims)
    found = {
        "river": river.id, "schematic": river.schematic, "depart": iso(scene.now_s),
        "boats": [{"id": one.id, "name": both(one.name)} for one in movers],
        "places": [{"id": one.id, "name": both(one.name), "goes_under": iso(one.deadline_s)} for one in aims],
        "cells": [[_cell(scene, cell) for cell in row] for row in rows],
    }  # fmt: skip
    emit(found) if as_json else _print_table(found)


def export(
    river: Annotated[str, typer.Argument(help="A river of the shelf or its folder.")],
    file: Annotated[File, typer.Argument(help="Where to: a name that ends in .graphml or .geojson.")],
    step: Annotated[float, typer.Option(min=2.0, help="Distance of the nodes, m.")] = 18.0,
    *,
    as_json: AsJson = False,
) -> None:
    """Write the graph of navigable water for networkx, Gephi or QGIS; the other commands take it back by --graph.

    Example: rescuecmd route export jialing-dazhulin jialing.graphml
    """
    if file.suffix not in {".graphml", ".geojson"}:
        message = f"expected a file name that ends in .graphml or .geojson, got {file.name!r}"
        raise InputError("bad-file", message, zh=f"文件名须以 .graphml 或 .geojson 结尾，所给为 {file.name!r}")
    shape = load_river(find_item("rivers", river))
    graph = build_graph(shape, step)
    text = to_graphml(graph) if file.suffix == ".graphml" else to_geojson(graph, shape.frame)
    write(file, text.encode())
    found = {"file": str(file), "nodes": graph.number_of_nodes(), "edges": graph.number_of_edges()}
    nodes, edges = found["nodes"], found["edges"]
    emit(found) if as_json else say(
        Text(f"{file}：{nodes} 个节点，{edges} 条边", f"{file}: {nodes} nodes, {edges} edges")
    )


def add_to(app: typer.Typer) -> None:
    """Add these commands to the group `rescuecmd route`."""
    for command in (cutoff, critical, table, export):
        app.command(epilog=CODES)(command)


def _split(words: str) -> list[str]:
    return [word.strip() for word in words.split(";") if word.strip()]


def _mover(scene: Scene, number: int, words: str) -> Mover:
    kind, _, where = words.partition("@")
    if not where:
        message = f"expected kind@place such as rib@dazhulin-pontoon, got {words!r}"
        raise InputError("bad-boat", message, zh=f"应为 艇型@地点，例如 rib@dazhulin-pontoon，所给为 {words!r}")
    name = name_of(scene.river, where)
    both_names = Text(f"{kind}（{name.zh}）", f"{kind} at {name.en}")
    return Mover(f"{number + 1}", both_names, kind_of(kind), spot_of(scene.river, where))


def _under_s(scene: Scene, name: str) -> float | None:
    spot = scene.river.places.get(name)
    if spot is None or spot.kind not in {"reef", "beach"}:
        return None
    early_s = submergence(scene.water, spot, scene.now_s).early_s
    return early_s if early_s is not None and early_s > scene.now_s else None  # under already: nobody stands there


def _cell(scene: Scene, cell: Cell) -> dict[str, Any]:
    return {
        "arrive": iso(cell.arrive_s),
        "seconds": None if cell.arrive_s is None else round(cell.arrive_s - scene.now_s, 1),
        "spare_s": None if cell.spare_s is None else round(cell.spare_s),
        "leave_by": iso(cell.leave_by_s),
        "why": None if cell.why is None else both(cell.why),
    }


def _head(scene: Scene, boat: Craft) -> dict[str, Any]:
    river = scene.river
    gauge = max(river.gauges, key=lambda one: one.chainage_m)
    level = float(scene.water.level_m(gauge.chainage_m, scene.now_s))
    return {"river": river.id, "schematic": river.schematic, "craft": boat.kind, "at": iso(scene.now_s),
            "gauge": gauge.id, "level_m": round(level, 2)}  # fmt: skip


def _reach(scene: Scene, one: Reachable) -> dict[str, Any]:
    network, joins = scene.network, None
    if one.short_at >= 0 and math.isfinite(one.rise_m):
        where = place(scene.river, float(network.chainage_m[one.short_at]), float(network.offset_m[one.short_at]))
        joins = {"rise_m": round(one.rise_m, 2), "where": both(where)}
    return {
        "upstream": kilometre(scene.river, one.from_m), "downstream": kilometre(scene.river, one.to_m),
        "area_m2": round(one.area_m2), "places": list(one.place_ids), "joins": joins,
    }  # fmt: skip


def _add_cut_off(scene: Scene, found: dict[str, Any]) -> None:
    parts = found["reaches"]
    there = {name for part in parts for name in part["places"]}
    found["cut_off"] = [name for part in parts[1:] for name in part["places"]]
    found["unreachable"] = [
        one.id
        for one in scene.river.places.values()
        if one.id not in there and one.kind not in {"safe_ground", "bridge"}
    ]


def _passage(scene: Scene, one: Passage) -> dict[str, Any]:
    network, at = scene.network, one.tight_at
    where = place(scene.river, float(network.chainage_m[at]), float(network.offset_m[at]))
    return {
        "where": both(where), "width_m": round(one.width_m), "fall_m": round(one.fall_m, 2), "parts": list(one.parted),
        "parted_m2": round(one.parted_m2), "bridge": one.bridge_id,
    }  # fmt: skip


def _print_head(found: dict[str, Any]) -> None:
    print_mark(found)
    level, gauge = f"{found['level_m']:.2f}", found["gauge"]
    say(Text(f"{found['craft']}  {gauge} 水位 {level} 米", f"{found['craft']}  level {level} m at {gauge}"))


def _print_table(found: dict[str, Any]) -> None:
    print_mark(found)
    for boat, row in zip(found["boats"], found["cells"], strict=True):
        say(told(boat["name"]))
        for aim, cell in zip(found["places"], row, strict=True):
            _print_cell(aim["name"], cell)


def _print_cell(name: dict[str, str], cell: dict[str, Any]) -> None:
    if cell["seconds"] is None:
        say(Text(f"      -  {name['zh']}：{cell['why']['zh']}", f"      -  {name['en']}: {cell['why']['en']}"))
        return
    zh, en = (f"{clock(cell['seconds'])}  {name[lang]}" for lang in ("zh", "en"))
    if cell["spare_s"] is not None:
        spare, late = clock(abs(cell["spare_s"])).strip(), cell["spare_s"] < 0
        zh += f"，{'迟' if late else '余'} {spare}"
        en += f", {spare} {'too late' if late else 'to spare'}"
    if cell["leave_by"]:
        zh, en = f"{zh}，{cell['leave_by']} 前出发", f"{en}, leave by {cell['leave_by']}"
    say(Text(zh, en))
