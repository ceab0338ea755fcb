"""`rescuecmd route`: the way of a boat while the water rises, its margins, its last moments, and other ways."""

from pathlib import Path as File
from typing import Annotated, Literal

import typer

from rescuecmd.cli import route_network
from rescuecmd.cli.console import emit, say, write
from rescuecmd.cli.language import told
from rescuecmd.cli.position import TakesPositions
from rescuecmd.cli.route_options import CODES, AsJson, clock, name_of, spot_of, with_scene
from rescuecmd.cli.route_print import print_departure, print_mark, print_path, print_profile, print_reach
from rescuecmd.cli.route_told import (
    circumstances,
    draw,
    found_way,
    head,
    last_moments,
    profiled,
    reached,
    summary,
    title,
)
from rescuecmd.picture.entity import Craft
from rescuecmd.routing.alternatives import alternatives as other_ways
from rescuecmd.routing.profile import profile as profile_along
from rescuecmd.routing.reach import reach_geojson, reach_map
from rescuecmd.routing.scene import HORIZON_S, Scene
from rescuecmd.text import Text

app = typer.Typer(help="Routes on rising water. 涨水中的航线。", no_args_is_help=True)
route_network.add_to(app)

From = Annotated[str, typer.Argument(metavar="FROM", help="A place of the river, or lon,lat.")]
To = Annotated[str, typer.Argument(metavar="TO", help="A place of the river, or lon,lat.")]
Png = Annotated[File | None, typer.Option(help="Draw it into this PNG file.")]
Light = Annotated[Literal["day", "night"], typer.Option("--theme", help="Colours of the picture.")]


@app.command(epilog=CODES, cls=TakesPositions)
@with_scene
def find(
    start: From,
    goal: To,
    *,
    scene: Scene,
    boat: Craft,
    png: Png = None,
    theme: Light = "day",
    as_json: AsJson = False,
) -> None:
    """Find the earliest way of a boat: what each leg has to spare, when it closes, and how to steer it.

    Example: rescuecmd route find tongxing-pontoon huangpanshi --at 12h --craft rib
    """
    path = scene.path(boat, spot_of(scene.river, start), spot_of(scene.river, goal), scene.now_s)
    found = found_way(scene, boat, path)
    if png is not None:
        draw(png, scene, boat, path, title=title(scene, boat, start, goal), theme=theme)
        found["png"] = str(png)
    emit(found) if as_json else print_path(found)


@app.command(epilog=CODES, cls=TakesPositions)
@with_scene
def profile(
    start: From,
    goal: To,
    png: Png = None,
    theme: Light = "day",
    *,
    scene: Scene,
    boat: Craft,
    as_json: AsJson = False,
) -> None:
    """Give the profile along the earliest way: level, bed, keel and bridges against distance and time.

    Example: rescuecmd route profile tongxing-pontoon huangpanshi --at 12h --png profile.png --theme night
    """
    path = scene.path(boat, spot_of(scene.river, start), spot_of(scene.river, goal), scene.now_s)
    along = profile_along(scene, boat, path)
    if png is not None:
        draw(png, scene, boat, path, title=title(scene, boat, start, goal), theme=theme)
    found = profiled(scene, boat, along) | ({} if png is None else {"png": str(png)})
    emit(found) if as_json else print_profile(found)


@app.command(epilog=CODES, cls=TakesPositions)
@with_scene
def reach(
    start: From,
    minutes: Annotated[float, typer.Option(min=0.1, max=HORIZON_S / 60, help="Time allowed.")] = 10.0,
    png: Png = None,
    geojson: Annotated[File | None, typer.Option(help="Write the areas into this GeoJSON file.")] = None,
    theme: Light = "day",
    *,
    scene: Scene,
    boat: Craft,
    as_json: AsJson = False,
) -> None:
    """Tell how far a boat gets in some minutes: areas by time, and which places it reaches when.

    Example: rescuecmd route reach dazhulin-pontoon --minutes 5 --png reach.png --geojson reach.geojson
    """
    area = reach_map(scene, boat, spot_of(scene.river, start), minutes)
    found = reached(scene, boat, spot_of(scene.river, start), area)
    if png is not None:
        from rescuecmd.interop.reach_chart import reach_png  # noqa: PLC0415  (matplotlib)

        where = name_of(scene.river, start)
        heading = Text(f"{where.zh} {minutes:g} 分钟可达水域", f"reach from {where.en} in {minutes:g} min")
        about = circumstances(scene, boat)
        write(png, reach_png(scene.river, area, spot_of(scene.river, start), heading, about, theme=theme))
        found["png"] = str(png)
    if geojson is not None:
        import json  # noqa: PLC0415

        write(geojson, json.dumps(reach_geojson(area)).encode())
        found["geojson"] = str(geojson)
    emit(found) if as_json else print_reach(found)


@app.command(epilog=CODES, cls=TakesPositions)
@with_scene
def departure(
    start: From,
    goal: To,
    by: Annotated[str, typer.Option(help="Be there by: 2h, or a time; empty: before the place goes under.")] = "",
    stay: Annotated[
        float, typer.Option(min=0.0, max=HORIZON_S / 60, help="Minutes of work there before going back.")
    ] = 5.0,
    *,
    scene: Scene,
    boat: Craft,
    as_json: AsJson = False,
) -> None:
    """Tell until when a boat may wait and still get there in time, and still get back; the last moments of every leg.

    Example: rescuecmd route departure tongxing-pontoon huangpanshi --at 12h --craft inflatable
    """
    found = last_moments(scene, boat, start, goal, by=by, stay_s=stay * 60.0)
    emit(found) if as_json else print_departure(found)


@app.command(epilog=CODES, cls=TakesPositions)
@with_scene
def alternatives(
    start: From,
    goal: To,
    most: Annotated[int, typer.Option(min=1, max=6, help="At most this many ways.")] = 3,
    *,
    scene: Scene,
    boat: Craft,
    as_json: AsJson = False,
) -> None:
    """Find other ways by other channels, each with its exact arrival and margins.

    Example: rescuecmd route alternatives tongxing-pontoon huangpanshi --at 12h
    """
    ways = other_ways(scene, boat, spot_of(scene.river, start), spot_of(scene.river, goal), most=most)
    found = {
        **head(scene, boat),
        "ways": [{**summary(scene, boat, one.path), "apart_m": round(one.apart_m)} for one in ways],
    }
    if as_json:
        emit(found)
        return
    print_mark(found)
    for number, way in enumerate(found["ways"], start=1):
        apart = Text("", "")
        if number > 1:
            apart = Text(f"，其中 {way['apart_m']} 米走另外的水道", f", {way['apart_m']} m by other water")
        took, margin = clock(way["seconds"]).strip(), f"{way['least_margin_m']:.2f}"
        say(Text(f"{number}  {way['length_m']} 米，用时 {took}（分:秒），最小余量 {margin} 米{apart.zh}",
                 f"{number}  {way['length_m']} m in {took} (min:s), least margin {margin} m{apart.en}"))  # fmt: skip
        if way["worst"]:
            say(f"   {told(way['worst']['text'])}")
    if len(found["ways"]) == 1:
        say(Text("没有其他足够不同的航线", "no other way is different enough"))
