"""What the `rescuecmd route` commands print for people."""

from typing import Any

from rescuecmd.cli.console import say
from rescuecmd.cli.language import column, told
from rescuecmd.cli.route_options import clock
from rescuecmd.interop.river_chart import MARK
from rescuecmd.text import Text

_STILL = Text("无水位流量关系，流速未知，按静水计", "no rating: the current is unknown, times are those of still water")


def print_path(found: dict[str, Any]) -> None:
    """Print a way."""
    print_mark(found)
    boat, metres, depart = found["craft"], found["length_m"], found["depart"]
    took, margin = clock(found["seconds"]).strip(), f"{found['least_margin_m']:.2f}"
    say(Text(f"{boat}  {metres} 米，用时 {took}（分:秒），最小余量 {margin} 米，出发 {depart}",
             f"{boat}  {metres} m in {took} (min:s), least margin {margin} m, departs {depart}"))  # fmt: skip
    if found["left_m"] > 0:
        left = found["left_m"]
        say(Text(f"终点在最后一点以外 {left} 米", f"the goal lies {left} m beyond the last point"))
    say(told(found["avoided"]))
    if found["worst"]:
        say(told(found["worst"]["text"]))
    if found["no_return"]:
        where = found["no_return"]["where"]
        say(Text(f"过 {where['zh']} 后无法返回", f"no way back after {where['en']}"))
    for point in found["points"]:
        _print_point(point)
    say()
    for one in found["guidance"]:
        where, text = one["where"], one["text"]
        say(Text(f"{clock(one['eta_s'])}  {where['zh']}  {text['zh']}",
                 f"{clock(one['eta_s'])}  {where['en']}: {text['en']}"))  # fmt: skip


def _print_point(point: dict[str, Any]) -> None:
    margin = "" if point["margin_m"] is None else f"{point['margin_m']:+6.2f} m"
    sigmas = f" {point['leg']['sigmas']:5.1f}σ" if point["leg"] else ""
    closes = wait = ""
    if point["leg"] and point["leg"]["closes"]:
        spare = clock(point["leg"]["spare_s"]).strip()
        closes = told(Text(f"  {spare} 后关闭", f"  closes in {spare}"))
    if point["wait_s"] >= 1:
        still = clock(point["wait_s"]).strip()
        wait = told(Text(f"  等待 {still}", f"  wait {still}"))
    say(f"{clock(point['eta_s'])}  {column(told(point['where']), 22)} {margin}{sigmas}{closes}{wait}".rstrip())


def print_profile(found: dict[str, Any]) -> None:
    """Print a profile in some two dozen lines."""
    print_mark(found)
    step = max(1, len(found["distance_m"]) // 24)
    datum = found["vertical_datum"]
    say(Text(f"{'米':>5} {'分:秒':>5} {'公里':<6} {'水位':>6} {'低限':>6} {'河床':>6}   高程 m（{datum}）",
             f"{'m':>6} {'min:s':>7} {'km':<8} {'level':>8} {'low':>8} {'bed':>8}   m {datum}"))  # fmt: skip
    for at in range(0, len(found["distance_m"]), step):
        bed = found["bed_m"][at]
        ground = "-" if bed is None else f"{bed:.2f}"
        say(f"{found['distance_m'][at]:6.0f} {clock(found['seconds'][at]):>7} {found['kilometres'][at]:<8} "
            f"{found['level_m'][at]:8.2f} {found['low_m'][at]:8.2f} {ground:>8}")  # fmt: skip
    for one in found["bridges"]:
        head, name = f"{one['distance_m']:6.0f} {clock(one['seconds']):>7}", one["name"]
        say(Text(f"{head} {name['zh']}，第 {one['span']} 孔：净空余 {one['free_m']:.2f} 米",
                 f"{head} {name['en']}, span {one['span']}: {one['free_m']:.2f} m of headroom to spare"))  # fmt: skip
    if found["tightest"]:
        say(told(found["tightest"]["text"]))


def print_reach(found: dict[str, Any]) -> None:
    """Print a reach map."""
    print_mark(found)
    area, up, down = f"{found['water_m2'] / 1e6:.2f}", found["upstream"], found["downstream"]
    boat, minutes = found["craft"], f"{found['minutes']:g}"
    say(Text(f"{boat}  {minutes} 分钟内：上至 {up}，下至 {down}，水域 {area} 平方千米",
             f"{boat}  in {minutes} min: up to {up}, down to {down}, {area} km2 of water"))  # fmt: skip
    if found["ends"]:
        say(told(found["ends"]))
    for one in found["places"]:
        say(f"{clock(one['eta_s'])}  {one['id']:<20} {told(one['name'])}")


def print_departure(found: dict[str, Any]) -> None:
    """Print the last moments."""
    print_mark(found)
    say(told(found["text"]))
    under, arrive = found["goes_under"], found["arrive"]
    say(Text(f"现在出发，{arrive} 到达；" + (f"该处 {under} 淹没" if under else "该处在预报期内不淹没"),
             f"leaving now it arrives {arrive}; the place "
             + (f"goes under {under}" if under else "does not go under within the forecast")))  # fmt: skip
    if found["leave_site_by"]:
        by = found["leave_site_by"]
        say(Text(f"归路将关闭：{by} 前离开该处", f"the way back closes: leave the place by {by}"))
    for name, words in (
        ("there", Text("到达", "to get there")),
        ("and_back", Text("到达并返回", "to get there and back")),
    ):
        limit = found[name]
        if not limit["leave_by"]:
            continue
        held = Text("", "")
        if "held_by" in limit:
            where, closes = limit["held_by"]["where"], limit["held_by"]["closes"]
            held = Text(f"；受制于{where['zh']}，{closes} 关闭", f"; held by {where['en']}, which closes {closes}")
        by = limit["leave_by"]
        say(Text(f"{words.zh}：{by} 前出发{held.zh}", f"{words.en}: leave by {by}{held.en}"))


def print_mark(found: dict[str, Any]) -> None:
    """Print the warnings of a schematic river and of one whose current is not known."""
    if found["schematic"]:
        say(f"[{told(MARK)}]")
    if not found.get("current_known", True):
        say(f"[{told(_STILL)}]")
