"""Where and when a boat first meets somebody who drifts."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from rescuecmd.errors import NotCoveredError, RefusedError
from rescuecmd.geo import Floats
from rescuecmd.picture.entity import Craft
from rescuecmd.routing.network import Ints
from rescuecmd.routing.path import Path
from rescuecmd.routing.scene import Scene, Spot
from rescuecmd.routing.search import Tree

MEET_M = 27.0
"""A boat at a node this near to the person reaches them in a straight line: the next nodes all lie within it."""

_SAMPLE_S = 1.0
_NODES = 40  # more than lie within `MEET_M` where the grid is finest: the nearest may all be dry
_CRAWL_MPS = 0.1
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
    """The first meeting: when, where, and the path there, which arrives at the meeting or shortly before."""

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
    chase = _Chase(tree, track)
    times = _times(track, depart_s, scene.conditions.to_s)
    early = np.flatnonzero(chase.arrival_s(times)[0] <= times)
    if not len(early):
        en = "the boat meets the drifting person nowhere within the time of the track"
        raise RefusedError("no-meeting", en, zh="在预测漂流时段内无法与落水者会合", en=en)
    root = chase.first_root(times, int(early[0]))
    node = int(chase.arrival_s(np.array([root]))[1][0])
    path = scene.bare_path(craft, start_xy, chase.spot(root), depart_s, by_node=node)
    time = max(root, path.arrive_s)
    return Interception(time, *chase.spot(time), path)


def _times(track: Track, depart_s: float, to_s: float) -> Floats:
    begin, end = max(depart_s, float(track.times_s[0])), min(float(track.times_s[-1]), to_s)
    count = max(1, int(np.ceil((end - begin) / _SAMPLE_S)))
    return np.linspace(begin, max(begin, end), count + 1)


class _Chase:
    """The boat's earliest arrival at the place where the person is."""

    def __init__(self, tree: Tree, track: Track) -> None:
        self._tree, self._track = tree, track
        network, conditions = tree.openings.network, tree.openings.conditions
        reached = np.isfinite(tree.arrival_s)
        at = np.where(reached, tree.arrival_s, conditions.from_s)
        knot = np.clip(np.searchsorted(conditions.knots_s, at, side="right") - 1, 0, len(conditions.knots_s) - 2)
        share = (at - conditions.knots_s[knot]) / np.diff(conditions.knots_s)[knot]
        nodes, current = np.arange(network.n_nodes), conditions.current_mps
        self._current: Floats = current[nodes, knot] * (1 - share) + current[nodes, knot + 1] * share

    def spot(self, time_s: float) -> Spot:
        """Return where the person is, staying at the last place."""
        track = self._track
        return float(np.interp(time_s, track.times_s, track.x_m)), float(np.interp(time_s, track.times_s, track.y_m))

    def arrival_s(self, times: Floats) -> tuple[Floats, Ints]:
        """Return the earliest arrival at the person's place of each time (inf: nowhere near), and by which node."""
        track, network = self._track, self._tree.openings.network
        x, y = np.interp(times, track.times_s, track.x_m), np.interp(times, track.times_s, track.y_m)
        k = min(_NODES, network.n_nodes)
        away, near = network.tree.query(np.column_stack([x, y]), k=k, distance_upper_bound=MEET_M)
        near = np.where(np.isfinite(away), near, 0)
        arrival = self._tree.arrival_s[near] + self._last_hop_s(
            x[:, None] - network.x_m[near], y[:, None] - network.y_m[near], near
        )
        arrival = np.where(np.isfinite(away), arrival, np.inf)
        best = arrival.argmin(axis=1)[:, None]
        return np.take_along_axis(arrival, best, 1)[:, 0], np.take_along_axis(near, best, 1)[:, 0]

    def first_root(self, times: Floats, at: int) -> float:
        """Return the first time at which the boat can be there, known to lie between samples `at` - 1 and `at`."""
        if at == 0:
            return float(times[0])
        early, late = float(times[at - 1]), float(times[at])
        for _ in range(_BISECTIONS):
            middle = (early + late) / 2
            if self.arrival_s(np.array([middle]))[0][0] <= middle:
                late = middle
            else:
                early = middle
        return late

    def _last_hop_s(self, dx: Floats, dy: Floats, near: Ints) -> Floats:
        """Return the seconds from nodes to the person, crabbing in the current of the node."""
        network, speed = self._tree.openings.network, self._tree.openings.limits.speed_mps
        away = np.maximum(np.hypot(dx, dy), 1e-9)
        current = self._current[near]
        along = current * (dx * network.flow_x[near] + dy * network.flow_y[near]) / away
        across2 = np.maximum(current**2 - along**2, 0.0)
        ground = along + np.sqrt(np.maximum(speed**2 - across2, 0.0))
        hop: Floats = away / np.maximum(ground, _CRAWL_MPS)
        return hop
