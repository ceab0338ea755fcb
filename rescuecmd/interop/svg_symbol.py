"""Colours and symbols of a rendered drawing. Every meaning has its own shape; colour only repeats it.

Symbols are drawn about (0, 0), about 34 units wide, heading up where they have a heading.
"""

from collections.abc import Mapping
from typing import Literal, TypeAlias

Theme: TypeAlias = Literal["day", "night"]

DAY: Mapping[str, str] = {
    "paper": "#ffffff",
    "ink": "#10192b",
    "faint": "#5a6577",
    "halo": "#ffffff",
    "land": "#ece7da",
    "shallow": "#cbe6f4",
    "middle": "#9ccdea",
    "deep": "#6cb2dd",
    "forecast": "#e08a00",
    "beach": "#f3d999",
    "reef": "#8a6a4a",
    "no_go": "#c1121f",
    "caution": "#e08a00",
    "edge": "#1f5f8b",
    "current": "#2b6f9e",
    "route": "#6a1fb0",
    "go": "#0b7a3b",
    "stop": "#c1121f",
    "you": "#0b4fd6",
    "bridge": "#4a4f57",
    "marking": "#c1121f",
    "on_marking": "#ffffff",
    "watermark": "#c1121f",
}
NIGHT: Mapping[str, str] = {
    "paper": "#0b0e13",
    "ink": "#f2f4f8",
    "faint": "#a8b2c1",
    "halo": "#0b0e13",
    "land": "#23262b",
    "shallow": "#234a5e",
    "middle": "#1a3b55",
    "deep": "#122c47",
    "forecast": "#ffb020",
    "beach": "#5d4f2c",
    "reef": "#b08a62",
    "no_go": "#ff5a5f",
    "caution": "#ffb020",
    "edge": "#7cc4ee",
    "current": "#7cc4ee",
    "route": "#d9a6ff",
    "go": "#4ade80",
    "stop": "#ff5a5f",
    "you": "#6aa5ff",
    "bridge": "#c3c9d2",
    "marking": "#c1121f",
    "on_marking": "#ffffff",
    "watermark": "#ff6b70",
}
THEMES: Mapping[str, Mapping[str, str]] = {"day": DAY, "night": NIGHT}

FONT = "'Noto Sans SC','Noto Sans CJK SC','PingFang SC','Microsoft YaHei','WenQuanYi Micro Hei',sans-serif"


def symbol(role: str, colour: Mapping[str, str]) -> str:
    """Return the symbol of a mark's role, or nothing for marks that are text alone."""
    halo, ink = colour["halo"], colour["ink"]
    shapes = {
        "you": f'<path d="M0-24 17 19 0 10-17 19Z" fill="{colour["you"]}" stroke="{halo}" stroke-width="4"/>',
        "boat": f'<path d="M0-20 10-4V16H-10V-4Z" fill="{ink}" stroke="{halo}" stroke-width="3"/>',
        "victim": f'<path d="M0-21 21 0 0 21-21 0Z" fill="{colour["stop"]}" stroke="{halo}" stroke-width="4"/>'
        f'<path d="M0-10V4M0 9V11" stroke="{halo}" stroke-width="5" stroke-linecap="round"/>',
        "crowd": _people(colour["stop"], halo),
        "stop": f'<circle r="18" fill="none" stroke="{halo}" stroke-width="9"/>'
        f'<circle r="18" fill="none" stroke="{colour["stop"]}" stroke-width="5"/>'
        f'<circle r="5" fill="{colour["stop"]}"/>',
        "meeting": f'<circle r="19" fill="{halo}" stroke="{colour["stop"]}" stroke-width="5"/>'
        f'<path d="M-11-11 11 11M-11 11 11-11" stroke="{colour["stop"]}" stroke-width="6"/>',
        "station": f'<rect x="-15" y="-15" width="30" height="30" fill="{halo}" stroke="{ink}" stroke-width="4" '
        f'stroke-dasharray="7 4"/><path d="M0-8 7 3V9H-7V3Z" fill="{ink}"/>',
        "hazard": f'<path d="M0-20 20 15H-20Z" fill="{colour["caution"]}" stroke="{ink}" stroke-width="3"/>'
        f'<path d="M0-8V4M0 9V10" stroke="{ink}" stroke-width="5" stroke-linecap="round"/>',
        "landing": f'<rect x="-15" y="-15" width="30" height="30" rx="6" fill="{colour["go"]}" stroke="{halo}" '
        f'stroke-width="3"/><path d="M-8 7H8M0 7V-9M-6-3 0-9 6-3" stroke="{halo}" stroke-width="4" fill="none"/>',
        "pier": f'<circle r="7" fill="{colour["bridge"]}" stroke="{halo}" stroke-width="2"/>',
        "exit_open": f'<rect x="-19" y="-19" width="38" height="38" rx="5" fill="{colour["go"]}" stroke="{halo}" '
        f'stroke-width="4"/><path d="M0 11V-11M-9-3 0-12 9-3" stroke="{halo}" stroke-width="6" fill="none"/>',
        "exit_closed": f'<circle r="20" fill="{halo}" stroke="{colour["stop"]}" stroke-width="6"/>'
        f'<path d="M-12-12 12 12M-12 12 12-12" stroke="{colour["stop"]}" stroke-width="7"/>',
        "safe_ground": f'<path d="M-20 18V-4L0-20 20-4V18Z" fill="{colour["go"]}" stroke="{halo}" stroke-width="4"/>'
        f'<path d="M-9 3-2 10 10-4" stroke="{halo}" stroke-width="5" fill="none"/>',
    }
    return shapes.get(role, "")


def _people(fill: str, halo: str) -> str:
    one = '<circle cy="-9" r="6"/><path d="M-8 14V5Q-8-2 0-2T8 5V14Z"/>'
    inside = "".join(f'<g transform="translate({x} {y})">{one}</g>' for x, y in ((-13, -3), (13, -3), (0, 4)))
    return f'<g fill="{fill}" stroke="{halo}" stroke-width="2.5">{inside}</g>'
