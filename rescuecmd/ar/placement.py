"""Where a shore camera stands to watch a place: on the nearer bank, a little downstream, looking up the river."""

from typing import Literal

import numpy as np

from rescuecmd.ar.camera import Lens, Pose, View
from rescuecmd.errors import NotCoveredError
from rescuecmd.geo import Frame, bearing_deg
from rescuecmd.picture.entity import Camera
from rescuecmd.river.model import River
from rescuecmd.text import Text

_BACK_M = 4.0  # beyond the edge of the survey, where the bank's schematic ground begins
_HORIZON_SHARE = 0.24  # of the frame above the horizon: sky and the far bank


def shore_camera(
    river: River,
    place_id: str,
    level_m: float,
    *,
    camera_id: str = "shore",
    height_m: float = 20.0,
    hfov_deg: float = 60.0,
    downstream_m: float = 110.0,
    bank: Literal["nearer", "left", "right"] = "nearer",
) -> Camera:
    """Return a camera on the bank that looks at a place of the river.

    Parameters
    ----------
    level_m
        The water's level at the place when the camera was set up; the lens stands `height_m` above it, or 4 m above
        the bank where that is higher.
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
    edge = left if on_left else right
    x, y = (float(value) for value in river.point(at, edge + (_BACK_M if on_left else -_BACK_M)))
    ground = float(river.bed_m(at, edge - 0.01 if on_left else edge + 0.01))
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
