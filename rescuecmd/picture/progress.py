"""How far a boat has come along its route, and how late it is on it: plans are made for a boat that leaves at once."""

import math
from dataclasses import dataclass

import numpy as np

from rescuecmd.geo import EARTH_RADIUS_M, nearest_leg
from rescuecmd.picture.entity import Fix
from rescuecmd.picture.order import Route
from rescuecmd.picture.state import Picture

AT_STOP_M = 20.0
"""A boat within this of a point where it is to wait is there."""


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a boat is on its route.

    ``here_s`` is when it should have been where it was last seen, ``late_s`` how much later than that it is now
    (negative: it is early). What is planned for later than ``here_s`` still lies ahead. ``waits`` are the stops ahead,
    each as its arrival and how long the boat stays there.
    """

    here_s: float
    late_s: float
    waits: tuple[tuple[float, float], ...] = ()

    def expected_s(self, planned_s: float) -> float:
        """Return when something planned is to be expected if the boat keeps the pace of the plan from here.

        Where the boat waits for water or a way to open, being early gains nothing, and being late costs less.
        """
        late_s = self.late_s
        for arrives_s, stays_s in self.waits:
            if arrives_s < planned_s:
                late_s = max(0.0, late_s - stays_s)
        return planned_s + late_s


def progress(route: Route, fix: Fix | None, now_s: float) -> Progress:
    """Return how far a boat has come along its route; without a fix it is believed to keep to the plan.

    The place is taken in a plane around the boat, which is exact enough for the few kilometres of a route. An old fix
    counts as where the boat still is: nobody has seen it farther on.
    """
    if fix is None:
        return Progress(now_s, 0.0)
    lon, lat, eta, wait = np.array([(one.lon_deg, one.lat_deg, one.eta_s, one.wait_s) for one in route.waypoints]).T
    metre = math.radians(1.0) * EARTH_RADIUS_M
    x, y = (lon - fix.lon_deg) * metre * math.cos(math.radians(fix.lat_deg)), (lat - fix.lat_deg) * metre
    leg, share = nearest_leg(x, y, (0.0, 0.0))
    leaves_s = float(eta[leg] + wait[leg])
    here_s = leaves_s + share * (float(eta[leg + 1]) - leaves_s)
    if wait[leg] > 0.0 and math.hypot(x[leg], y[leg]) <= AT_STOP_M:
        here_s = min(now_s, leaves_s)  # it waits, as it should
    stops = np.flatnonzero(wait[leg + 1 :] > 0.0) + leg + 1
    return Progress(here_s, now_s - here_s, tuple((float(eta[at]), float(wait[at])) for at in stops))


def expected_arrival_s(picture: Picture, route: Route, now_s: float) -> float:
    """Return when the boat of a route is to be expected at its end."""
    vessel = picture.vessels.get(route.vessel_id)
    return progress(route, vessel.fix if vessel else None, now_s).expected_s(route.arrive_s)
