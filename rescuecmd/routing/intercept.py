"""Where and when a boat first meets somebody who drifts."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from rescuecmd.errors import NotCoveredError, RefusedError
from rescuecmd.geo import Floats
from rescuecmd.picture.entity import Craft
from rescuecmd.routing.path import Path
from rescuecmd.routing.scene import Scene, Spot
from rescuecmd.routing.search import Tree

MEET_M = 27.0
"""A boat at a node this near to the person reaches them in a straight line: the next nodes all lie within it."""

_SAMPLE_S = 1.0
_BISECTIONS = 40


class Track(Protocol):
    """Where somebody is expected to be: arrays of one shape (n,), times ascending (see `drift.track.Track`)."""

    @property
    def times_s(self) -> Floats:
        """Times, s since epoch."""

    @property
    def x_m(self) -> Floats:
        """East, m."""

    @property
    def y_m(self) -> Floats:
        """North, m."""


@dataclass(frozen=True, eq=False)
class Interception:
    """The first meeting: when, where, and the path there. The path arrives at or before the meeting."""

    time_s: float
    x_m: float
    y_m: float
    path: Path


def intercept(scene: Scene, craft: Craft, start_xy: Spot, track: Track, depart_s: float) -> Interception:
    """Return the first moment at which boat and drifting person can be in one place.

    One tree of earliest arrivals answers for the whole track: the meeting is the first time at which the boat's
    earliest arrival at the person's place is not later than the person. It is bracketed within one second of the
    track and then found by bisection.

    Raises
    ------
    RefusedError
        The boat cannot be anywhere on the track in time (code ``no-meeting``).
    NotCoveredError
        The track does not reach beyond the departure, or start or departure are not covered.
    """
    if track.times_s[-1] < depart_s:
        raise NotCoveredError("track-too-short", "the drift track ends before the boat departs")
    tree = scene.tree(craft, start_xy, depart_s)
    times = _times(track, depart_s, scene.conditions.to_s)
    late = _arrival_s(scene, tree, track, times) - times
    early = np.flatnonzero(late <= 0)
    if not len(early):
        raise RefusedError("no-meeting", "the boat meets the drifting person nowhere within the time of the track")
    time = _first_root(scene, tree, track, times, int(early[0]))
    x_m, y_m = _at(track, np.array([time]))
    spot = (float(x_m[0]), float(y_m[0]))
    return Interception(time, *spot, scene.path(craft, start_xy, spot, depart_s))


def _times(track: Track, depart_s: float, to_s: float) -> Floats:
    begin, end = max(depart_s, float(track.times_s[0])), min(float(track.times_s[-1]), to_s)
    count = max(1, int(np.ceil((end - begin) / _SAMPLE_S)))
    return np.linspace(begin, max(begin, end), count + 1)


def _at(track: Track, times: Floats) -> tuple[Floats, Floats]:
    return np.interp(times, track.times_s, track.x_m), np.interp(times, track.times_s, track.y_m)


def _arrival_s(scene: Scene, tree: Tree, track: Track, times: Floats) -> Floats:
    """Return the boat's earliest arrival at the person's place of each time, inf where it gets nowhere near."""
    x, y = _at(track, times)
    network, speed = scene.network, tree.openings.limits.speed_mps
    around = 9
    away, near = network.tree.query(
        np.column_stack([x, y]), k=min(around, network.n_nodes), distance_upper_bound=MEET_M
    )
    inside = np.isfinite(away)
    arrival = tree.arrival_s[np.where(inside, near, 0)] + np.where(inside, away, np.inf) / speed
    earliest: Floats = arrival.min(axis=1)
    return earliest


def _first_root(scene: Scene, tree: Tree, track: Track, times: Floats, at: int) -> float:
    if at == 0:
        return float(times[0])
    early, late = float(times[at - 1]), float(times[at])
    for _ in range(_BISECTIONS):
        middle = (early + late) / 2
        if _arrival_s(scene, tree, track, np.array([middle]))[0] <= middle:
            late = middle
        else:
            early = middle
    return late
