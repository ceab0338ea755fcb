"""What the `rescuecmd route` commands print for people."""

from typing import Any

from rescuecmd.cli.console import say
from rescuecmd.cli.route_options import clock


def print_path(found: dict[str, Any]) -> None:
    """Print a way."""
    print_mark(found)
    say(f"{found['craft']}  {found['length_m']} m in {clock(found['seconds']).strip()} (min:s), "
        f"least margin {found['least_margin_m']:.2f} m, departs {found['depart']}")  # fmt: skip
    if found["left_m"] > 0:
        say(f"the goal lies {found['left_m']} m beyond the last point")
    say(f"{found['avoided']['zh']} / {found['avoided']['en']}")
    if found["worst"]:
        say(f"{found['worst']['text']['zh']} / {found['worst']['text']['en']}")
    if found["no_return"]:
        where = found["no_return"]["where"]
        say(f"过 {where['zh']} 后无法返回 / no way back after {where['en']}")
    for point in found["points"]:
        margin = "" if point["margin_m"] is None else f"{point['margin_m']:+6.2f} m"
        sigmas = f" {point['leg']['sigmas']:5.1f}σ" if point["leg"] else ""
        shuts = point["leg"] and point["leg"]["closes"]
        closes = f"  closes in {clock(point['leg']['spare_s']).strip()}" if shuts else ""
        wait = f"  wait {clock(point['wait_s']).strip()}" if point["wait_s"] >= 1 else ""
        where = f"{point['where']['zh']}  {point['where']['en']:<22}"
        say(f"{clock(point['eta_s'])}  {where} {margin}{sigmas}{closes}{wait}".rstrip())
    say()
    for one in found["guidance"]:
        where, text = one["where"], one["text"]
        say(f"{clock(one['eta_s'])}  {where['zh']} {text['zh']}  |  {where['en']}: {text['en']}")


def print_profile(found: dict[str, Any]) -> None:
    """Print a profile in some two dozen lines."""
    print_mark(found)
    step = max(1, len(found["distance_m"]) // 24)
    say(f"{'m':>6} {'min:s':>7} {'km':<8} {'level':>8} {'low':>8} {'bed':>8}   m {found['vertical_datum']}")
    for at in range(0, len(found["distance_m"]), step):
        bed = found["bed_m"][at]
        ground = "-" if bed is None else f"{bed:.2f}"
        say(f"{found['distance_m'][at]:6.0f} {clock(found['seconds'][at]):>7} {found['kilometres'][at]:<8} "
            f"{found['level_m'][at]:8.2f} {found['low_m'][at]:8.2f} {ground:>8}")  # fmt: skip
    for one in found["bridges"]:
        say(f"{one['distance_m']:6.0f} {clock(one['seconds']):>7} {one['name']['zh']} / {one['name']['en']}, "
            f"span {one['span']}: {one['free_m']:.2f} m of headroom to spare")  # fmt: skip
    if found["tightest"]:
        say(f"{found['tightest']['text']['zh']} / {found['tightest']['text']['en']}")


def print_reach(found: dict[str, Any]) -> None:
    """Print a reach map."""
    print_mark(found)
    say(f"{found['craft']}  in {found['minutes']:g} min: up to {found['upstream']}, down to {found['downstream']}, "
        f"{found['water_m2'] / 1e6:.2f} km2 of water")  # fmt: skip
    if found["ends"]:
        say(found["ends"]["zh"])
        say(found["ends"]["en"])
    for one in found["places"]:
        say(f"{clock(one['eta_s'])}  {one['id']:<20} {one['name']['zh']} / {one['name']['en']}")


def print_departure(found: dict[str, Any]) -> None:
    """Print the last moments."""
    print_mark(found)
    say(found["text"]["zh"])
    say(found["text"]["en"])
    under = found["goes_under"] or "not within the forecast"
    say(f"leaving now it arrives {found['arrive']}; the place goes under {under}")
    if found["leave_site_by"]:
        say(f"the way back closes: leave the place by {found['leave_site_by']}")
    for name, words in (("there", "to get there"), ("and_back", "to get there and back")):
        limit = found[name]
        if "held_by" in limit:
            say(f"{words}: leave by {limit['leave_by']}; held by {limit['held_by']['where']['en']}, "
                f"which closes {limit['held_by']['closes']}")  # fmt: skip
        elif limit["leave_by"]:
            say(f"{words}: leave by {limit['leave_by']}")


def print_mark(found: dict[str, Any]) -> None:
    """Print the warnings of a schematic river and of one whose current is not known."""
    if found["schematic"]:
        say("[河道为示意，不得用于航行 / schematic river, not for navigation]")
    if not found.get("current_known", True):
        say("[无水位流量关系，流速未知，按静水计 / no rating: the current is unknown, times are those of still water]")
