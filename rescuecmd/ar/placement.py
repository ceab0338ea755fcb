"""Where a shore camera stands to watch a place: on the nearer bank, a little downstream, looking up the river."""

from typing import Literal

import numpy as np

from rescuecmd.ar.camera import Lens, Pose, View
from rescuecmd.errors import NotCoveredError
from rescuecmd.geo import Frame, bearing_deg
from rescuecmd.picture.entity import Camera
from rescuecmd.river.model import River
from rescuecmd.river.water import LevelSeries, Water
from rescuecmd.text import Text

_FLOOD_M = 6.0  # the mast stands this far above the water
_HORIZON_SHARE = 0.24  # of the frame above the horizon: sky and the far bank


def shore_camera(
    river: River,
    place_id: str,
    level_m: float,
    *,
    camera_id: str = "shore",
    height_m: float = 20.0,
    hfov_deg: float = 60.0,
    downstream_m: float = 90.0,
    bank: Literal["nearer", "left", "right"] = "nearer",
) -> Camera:
    """Return a camera on the bank that looks at a place of the river.

    Parameters
    ----------
    level_m
        The water's level at the place when the camera was set up; the lens stands `height_m` above it on a
        mast, at the lowest part of the bank that a rise of 6 m leaves dry.
    downstream_m
        How far below the place the camera stands; negative: above it, looking downstream.

    Raises
    ------
    NotFoundError
        The river has no such place.
    """
    place = river.place(place_id)
    chainage, offset = (float(value) for value in river.locate(place.x_m, place.y_m))
    at = min(max(chainage + downstream_m, 0.0), river.length_m)
    left, right = (float(value) for value in river.banks(at))
    on_left = bank == "left" or (bank == "nearer" and left - offset < offset - right)
    foot, ground = _foot(river, at, (offset, left if on_left else right), level_m)
    x, y = (float(value) for value in river.point(at, foot))
    lens_level = max(level_m + height_m, ground + 4.0)
    heading = bearing_deg(place.x_m - x, place.y_m - y)
    lon, lat = river.frame.point_lonlat(x, y)
    return Camera(
        id=camera_id,
        name=Text(f"{place.name.zh}岸边相机", f"{place.name.en} shore camera"),
        state="live",
        lon_deg=lon,
        lat_deg=lat,
        level_m=lens_level,
        heading_deg=heading,
        tilt_deg=_tilt_deg(hfov_deg),
        hfov_deg=hfov_deg,
    )


def _foot(river: River, chainage_m: float, across: tuple[float, float], level_m: float) -> tuple[float, float]:
    """Return offset and ground of the lowest dry place of the bank that no usual flood reaches."""
    offsets = np.linspace(*across, 200)[:-1]
    ground = river.bed_m(np.full(len(offsets), chainage_m), offsets)
    drowned = np.nonzero(ground < level_m + _FLOOD_M)[0]
    first = min(int(drowned[-1]) + 1 if drowned.size else 0, len(offsets) - 1)
    return float(offsets[first]), float(ground[first])


def _tilt_deg(hfov_deg: float) -> float:
    """Return the tilt that puts the horizon at its place in a 16:9 frame."""
    half = np.tan(np.radians(hfov_deg / 2)) * 9 / 16
    return float(np.degrees(np.arctan(half * (1 - 2 * _HORIZON_SHARE))))


def view_of(camera: Camera, frame: Frame, width_px: int, height_px: int) -> View:
    """Return a camera's view, in the river's frame.

    Raises
    ------
    NotCoveredError
        The camera carries no pose: nothing may be drawn into its picture.
    """
    pose = (camera.lon_deg, camera.lat_deg, camera.level_m, camera.heading_deg, camera.tilt_deg, camera.hfov_deg)
    lon, lat, level, heading, tilt, hfov = pose
    if lon is None or lat is None or level is None or heading is None or tilt is None or hfov is None:
        raise NotCoveredError("no-pose", f"camera {camera.id!r} has no pose, so nothing can be drawn into its picture")
    x, y = frame.point_xy(lon, lat)
    return View(Pose(x, y, level, heading, tilt), Lens.from_hfov(width_px, height_px, hfov))


def usual_level_m(river: River, place_id: str) -> float:
    """Return a level to set a camera up for: the first observed values of the river's series, at a place.

    Where those lie outside what the river covers, it is the one of the nearest gauge.

    Raises
    ------
    NotFoundError
        The river has no such place.
    """
    place = river.place(place_id)
    first: dict[str, float] = {}
    for series in river.series:
        if series.kind == "observed" and len(series.levels_m):
            first.setdefault(series.gauge_id, float(series.levels_m[0]))
    if not first:
        return river.surface.low_level_m
    instants = np.array([0.0, 1.0])
    levels = {gauge: LevelSeries(instants, np.full(2, level), np.zeros(2)) for gauge, level in first.items()}
    try:
        return float(Water(river, levels).level_m(place.chainage_m, 0.0))
    except NotCoveredError:
        return first[min(first, key=lambda gauge: abs(river.gauge(gauge).chainage_m - place.chainage_m))]
