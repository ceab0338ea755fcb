"""How far a boat gets, and by when: areas of water by the minutes it takes to be there (isochrones).

One tree of earliest arrivals answers for the whole river. Each node stands for the cell of the routing grid around it;
the cells of one band of time are joined to areas.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from rescuecmd.errors import InputError
from rescuecmd.geo import Floats
from rescuecmd.picture.entity import Craft
from rescuecmd.routing.scene import Scene, Spot
from rescuecmd.routing.search import Tree
from rescuecmd.routing.squares import boxes
from rescuecmd.text import Text

STEPS_MIN = (2.0, 5.0, 10.0, 15.0, 20.0, 30.0, 45.0, 60.0, 90.0, 120.0, 180.0)
"""Minutes that people think in; the bands of a reach map end at those up to the time asked for."""

_MOST_BANDS = 6


@dataclass(frozen=True, eq=False)
class Band:
    """The water reached after `from_min` and not after `to_min`; `rings` are polygons of (lon, lat), holes after."""

    from_min: float
    to_min: float
    area_m2: float
    polygons: tuple[tuple[tuple[tuple[float, float], ...], ...], ...]


@dataclass(frozen=True, eq=False)
class Reach:
    """The reach of a boat from a place at a time, in bands; water never reached in time is in none of them.

    ``ends`` says why where the level leaves what is covered before the minutes are over: nothing is reached after that.
    """

    tree: Tree
    depart_s: float
    minutes: float
    bands: tuple[Band, ...]
    ends: Text | None = None


def band_ends(minutes: float) -> tuple[float, ...]:
    """Return the ends of the bands for a reach map of some minutes: at most six, ascending, `minutes` the last.

    Raises
    ------
    InputError
        The minutes are not above 0.
    """
    if not 0 < minutes < float("inf"):
        raise InputError("bad-minutes", f"a reach map needs a time above 0 min, got {minutes}")
    ends = [step for step in STEPS_MIN if step < minutes * 0.999]
    return (*ends[1 - _MOST_BANDS :], minutes) if len(ends) >= 2 else (minutes / 3, minutes * 2 / 3, minutes)


def reach_map(scene: Scene, craft: Craft, start_xy: Spot, minutes: float, *, depart_s: float | None = None) -> Reach:
    """Return the reach of a boat at a point in bands of time.

    Raises
    ------
    NotCoveredError, RefusedError
        As `Scene.tree`: the point is not at the river, or there is no water for this craft near it.
    """
    leaves_s = scene.now_s if depart_s is None else depart_s
    ends = band_ends(minutes)
    tree = scene.tree(craft, start_xy, leaves_s)
    after = (tree.arrival_s - leaves_s) / 60.0
    areas = _Cells(scene)
    bands = [
        areas.band(np.flatnonzero((after > begin) & (after <= end)), begin, end)
        for begin, end in zip((-1.0, *ends[:-1]), ends, strict=True)
    ]
    edge = scene.water.ends
    short = edge.text if edge is not None and edge.at_s < leaves_s + minutes * 60.0 else None
    return Reach(tree, leaves_s, minutes, tuple(bands), short)


class _Cells:
    """The grid's cells as polygons: along the river, and cut at the banks by being where nodes are."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self._half_m = scene.network.charted.step_m / 2

    def band(self, nodes: Any, begin: float, end: float) -> Band:
        import shapely  # noqa: PLC0415  (half a second to import, and a server may never draw one)

        river = self._scene.river
        runs = _runs(boxes(self._scene.network, nodes))
        chainage = runs[:, [0, 0, 1, 1]].clip(0.0, river.length_m)
        offset = runs[:, [2, 3, 3, 2]]
        corners = np.stack(river.point(chainage, offset), axis=-1)
        area = shapely.union_all(shapely.polygons(corners), grid_size=0.01) if len(runs) else shapely.Polygon()
        smooth = area.simplify(self._half_m / 3)
        parts = [part for part in getattr(smooth, "geoms", [smooth]) if part.area > 0]
        return Band(max(begin, 0.0), end, float(area.area), tuple(self._rings(part) for part in parts))

    def _rings(self, part: Any) -> tuple[tuple[tuple[float, float], ...], ...]:
        return tuple(self._ring(ring.coords) for ring in (part.exterior, *part.interiors))

    def _ring(self, coords: Sequence[tuple[float, float]]) -> tuple[tuple[float, float], ...]:
        x, y = np.asarray(coords, dtype=np.float64).T
        lon, lat = self._scene.river.frame.to_lonlat(x, y)
        return tuple((round(float(a), 6), round(float(b), 6)) for a, b in zip(lon, lat, strict=True))


def _runs(squares: Floats) -> Floats:
    """Return neighbours across the river joined: rows of (from chainage, to chainage, right edge, left edge)."""
    if not len(squares):
        return squares
    squares = np.round(squares, 6)
    squares = squares[np.lexsort((squares[:, 2], squares[:, 1], squares[:, 0]))]
    row = (np.diff(squares[:, :2], axis=0) != 0).any(axis=1)
    starts = np.flatnonzero(np.concatenate([[True], row | (squares[1:, 2] > squares[:-1, 3] + 1e-6)]))
    ends = np.append(starts[1:], len(squares)) - 1
    return np.column_stack([squares[starts, :3], squares[ends, 3]])


def reach_geojson(reach: Reach) -> dict[str, Any]:
    """Return a reach map as a GeoJSON feature collection, one feature per band, the farthest first."""
    return {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "id": f"{band.to_min:g}",
                "properties": {
                    "from_min": round(band.from_min, 2),
                    "to_min": round(band.to_min, 2),
                    "area_m2": round(band.area_m2),
                },
                "geometry": {"type": "MultiPolygon", "coordinates": band.polygons},
            }
            for band in reversed(reach.bands)
            if band.polygons
        ],
    }
