"""The frame of a river: longitude and latitude (WGS 84) to local metres and back, and bearings.

A frame is a transverse Mercator projection centred on the river, scale 1 at the centre: within 15 km of it
lengths are true to 3 mm in a kilometre and grid north is true north to a few hundredths of a degree.
"""

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray
from pyproj import Transformer

Floats: TypeAlias = NDArray[np.float64]


@lru_cache(maxsize=64)
def _transformer(lon_deg: float, lat_deg: float) -> Transformer:
    local = f"+proj=tmerc +lat_0={lat_deg!r} +lon_0={lon_deg!r} +k=1 +datum=WGS84 +units=m"
    return Transformer.from_crs("EPSG:4326", local, always_xy=True)


@dataclass(frozen=True, slots=True)
class Frame:
    """Local metres around a centre: x to the east, y to the north."""

    lon_deg: float
    lat_deg: float

    def to_xy(self, lon_deg: ArrayLike, lat_deg: ArrayLike) -> tuple[Floats, Floats]:
        """Return x and y, m, of the same shape as the input."""
        x, y = _transformer(self.lon_deg, self.lat_deg).transform(lon_deg, lat_deg)
        return np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)

    def to_lonlat(self, x_m: ArrayLike, y_m: ArrayLike) -> tuple[Floats, Floats]:
        """Return longitude and latitude, degrees (WGS 84), of the same shape as the input."""
        lon, lat = _transformer(self.lon_deg, self.lat_deg).transform(x_m, y_m, direction="INVERSE")
        return np.asarray(lon, dtype=np.float64), np.asarray(lat, dtype=np.float64)

    def point_xy(self, lon_deg: float, lat_deg: float) -> tuple[float, float]:
        """Return one point's x and y, m."""
        x, y = _transformer(self.lon_deg, self.lat_deg).transform(lon_deg, lat_deg)
        return float(x), float(y)

    def point_lonlat(self, x_m: float, y_m: float) -> tuple[float, float]:
        """Return one point's longitude and latitude, degrees."""
        lon, lat = _transformer(self.lon_deg, self.lat_deg).transform(x_m, y_m, direction="INVERSE")
        return float(lon), float(lat)


def bearing_deg(dx_m: float, dy_m: float) -> float:
    """Return the direction of a step (east, north), degrees true, clockwise from north, in [0, 360)."""
    return math.degrees(math.atan2(dx_m, dy_m)) % 360.0


EARTH_RADIUS_M = 6_371_008.8
"""Mean radius of the Earth (IUGG), m."""


def distance_m(lon_deg: float, lat_deg: float, to_lon_deg: float, to_lat_deg: float) -> float:
    """Return the great-circle distance between two points, m; on a sphere, true to 0.6 %."""
    lat, to_lat = math.radians(lat_deg), math.radians(to_lat_deg)
    half_lon = math.radians(to_lon_deg - lon_deg) / 2
    chord = math.sin((to_lat - lat) / 2) ** 2 + math.cos(lat) * math.cos(to_lat) * math.sin(half_lon) ** 2
    return 2 * EARTH_RADIUS_M * math.asin(min(1.0, math.sqrt(chord)))


def nearest_leg(x_m: Floats, y_m: Floats, at_xy: tuple[float, float]) -> tuple[int, float]:
    """Return which leg of a line a place is closest to, and the share of it that lies behind, 0 to 1.

    Of legs that are equally close, within a metre, it is the last: who stands on a corner is round it. The line needs
    two points.
    """
    dx, dy = np.diff(x_m), np.diff(y_m)
    length2 = np.maximum(dx * dx + dy * dy, 1e-12)
    share = np.clip(((at_xy[0] - x_m[:-1]) * dx + (at_xy[1] - y_m[:-1]) * dy) / length2, 0.0, 1.0)
    away = np.hypot(x_m[:-1] + share * dx - at_xy[0], y_m[:-1] + share * dy - at_xy[1])
    leg = int(np.flatnonzero(away <= away.min() + 1.0)[-1])
    return leg, float(share[leg])
