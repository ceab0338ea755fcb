"""Positions and levels as people type them."""

import re
from typing import Any

from typer.core import TyperCommand

from rescuecmd.errors import InputError
from rescuecmd.interop.river_series import HIGHEST_M, LOWEST_M

_LON_LAT = re.compile(r"\s*([-+]?\d+(?:\.\d+)?)\s*,\s*([-+]?\d+(?:\.\d+)?)\s*")
_WEST = re.compile(r"-[\d.]+,.*")


class TakesPositions(TyperCommand):
    """A command whose arguments may begin with the minus of a western longitude."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Read the command line; a space before such a minus keeps it from being taken for an option."""
        return super().parse_args(ctx, [f" {word}" if _WEST.fullmatch(word) else word for word in args])


def is_position(text: str) -> bool:
    """Return whether a text is meant as a position: ids of places have no comma."""
    return "," in text


def lon_lat(text: str) -> tuple[float, float]:
    """Return longitude and latitude, deg; `InputError` where they are none or swapped."""
    match = _LON_LAT.fullmatch(text)
    lon, lat = (float(match[1]), float(match[2])) if match else (float("nan"), float("nan"))
    if abs(lon) <= 180 and abs(lat) <= 90:
        return lon, lat
    swapped = abs(lon) <= 90 < abs(lat) <= 180
    en = f"; longitude comes first: {match[2]},{match[1]}?" if match and swapped else ""
    zh = f"；经度在前：{match[2]},{match[1]}？" if match and swapped else ""
    raise InputError(
        "bad-position",
        f"expected lon,lat in degrees such as 106.45,29.61, got {text.strip()!r}{en}",
        zh=f"应为 经度,纬度（度），例如 106.45,29.61，所给为 {text.strip()!r}{zh}",
    )


def checked_level_m(level_m: float) -> float:
    """Return a level, m; `InputError` where it is none of any river."""
    if LOWEST_M <= level_m <= HIGHEST_M:  # NaN is not between either
        return level_m
    span = f"{LOWEST_M:g} .. {HIGHEST_M:g} m"
    message = f"expected a level in m ({span}), got {level_m:g}"
    raise InputError("bad-level", message, zh=f"水位应为米数（{span}），所给为 {level_m:g}")
