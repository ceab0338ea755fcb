"""Where somebody is expected, from the last fix: the track that routes are led to."""

from collections.abc import Callable
from typing import Protocol
from weakref import WeakKeyDictionary

from rescuecmd.drift.track import Track, drift_track
from rescuecmd.picture.entity import Fix
from rescuecmd.river.model import River
from rescuecmd.river.water import Water

HORIZON_S = 1800.0
"""How far ahead a drifting person is followed."""

_TRACKS: WeakKeyDictionary[Water, dict[tuple[Fix, float], Track]] = WeakKeyDictionary()
"""Tracks already computed, per state of the water: every boat that is compared asks for the same ones."""


class Known(Protocol):
    """What is known of river and water at a moment (a `routing.scene.Scene` is one)."""

    @property
    def river(self) -> River: ...  # noqa: D102

    @property
    def water(self) -> Water: ...  # noqa: D102

    @property
    def now_s(self) -> float: ...  # noqa: D102


def follower(known: Known) -> Callable[[Fix], Track]:
    """Return the function that says where a person last seen at a fix is expected, until half an hour from now.

    It raises NotCoveredError where the fix lies outside the river or the time covered.
    """
    river, water, now_s = known.river, known.water, known.now_s
    tracks = _TRACKS.setdefault(water, {})

    def follow(fix: Fix) -> Track:
        key = (fix, now_s)
        if key not in tracks:
            horizon_s = max(0.0, now_s - fix.time_s) + HORIZON_S
            tracks[key] = drift_track(
                river,
                water,
                *river.frame.point_xy(fix.lon_deg, fix.lat_deg),
                fix.time_s,
                horizon_s=horizon_s,
                accuracy_m=fix.accuracy_m,
            )
        return tracks[key]

    return follow
