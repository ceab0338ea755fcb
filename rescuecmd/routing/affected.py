"""Which running routes news of the water or a zone can touch: the others are left alone.

A route can lose only by what lies on it, so its remaining legs are sailed over the new water, which costs little. It
can be beaten only by water that has opened, and only if that water is near enough to be worth the way: an edge that
lies outside the ellipse of time between boat and goal cannot be part of an earlier way. Inside it, one search says
whether the earliest way now uses what has opened; only then is it made straight and compared.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from rescuecmd.errors import RescueError
from rescuecmd.picture.entity import Craft
from rescuecmd.routing.openings import Intervals
from rescuecmd.routing.path import Path
from rescuecmd.routing.remaining import remaining
from rescuecmd.routing.scene import Scene, Spot
from rescuecmd.routing.watch import BEATEN_S, BEATEN_SHARE

Touch: TypeAlias = Literal["closed", "slower", "opened", "unknown"]

SHIFT_S = 5.0
"""An edge that is open for less than this while it was not before is the same edge."""


@dataclass(frozen=True, eq=False)
class News:
    """What is different between two scenes for one craft."""

    before: Scene
    scene: Scene
    craft: Craft

    @property
    def comparable(self) -> bool:
        """Whether the two scenes are of one network, so that edges can be compared one by one."""
        return self.before.network is self.scene.network

    @cached_property
    def opened(self) -> NDArray[np.int64]:
        """Edges that are open at times at which they were not before, within the time that both scenes cover."""
        old, new = self.before.openings(self.craft), self.scene.openings(self.craft)
        until = min(old.conditions.to_s, new.conditions.to_s)
        return np.flatnonzero(_more_s(old.arcs, new.arcs, self.scene.now_s, until) > SHIFT_S)

    def touches(self, path: Path, at_xy: Spot, now_s: float) -> Touch | None:
        """Return how the news touches a running path, None where it cannot.

        "closed": a leg ahead will not be passable. "slower": the boat would arrive later by as much as makes a route
        worth replacing. "opened": water has opened that could be part of an earlier way. "unknown": the two scenes
        cannot be compared.
        """
        if not self.comparable or not self.before.conditions.from_s <= now_s <= self.before.conditions.to_s:
            return "unknown"
        rest = remaining(self.scene, self.craft, path, at_xy, now_s)
        if rest.broken is not None:
            return "closed"
        was = remaining(self.before, self.craft, path, at_xy, now_s)
        worth_s = max(BEATEN_S, BEATEN_SHARE * (rest.arrive_s - now_s))
        if was.broken is not None or rest.arrive_s > was.arrive_s + worth_s:
            return "slower"
        goal = (path.goal_x_m, path.goal_y_m)
        if not self._worth_the_way(at_xy, goal, rest.arrive_s - now_s - worth_s):
            return None
        return "opened" if self._on_the_way(at_xy, goal, now_s) else None

    def _on_the_way(self, at_xy: Spot, goal_xy: Spot, now_s: float) -> bool:
        """Return whether the earliest way by the new water passes an opened edge, or waits for one."""
        try:
            stop = self.scene.stop(self.craft, at_xy, goal_xy, now_s)
            tree = self.scene.tree(self.craft, at_xy, now_s)
        except RescueError:
            return True  # let the whole review say what is wrong
        return stop < 0 or bool(np.isin(tree.way_to(stop).edges, self.opened).any())

    def _worth_the_way(self, at_xy: Spot, goal_xy: Spot, budget_s: float) -> bool:
        """Return whether a boat could pass an opened edge and be at the goal within a time, at the very best."""
        if budget_s <= 0 or not len(self.opened):
            return False
        network = self.scene.network
        x = (network.x_m[network.start[self.opened]] + network.x_m[network.end[self.opened]]) / 2
        y = (network.y_m[network.start[self.opened]] + network.y_m[network.end[self.opened]]) / 2
        fastest = self.craft.speed_mps + float(self.scene.conditions.current_mps.max())
        way = np.hypot(x - at_xy[0], y - at_xy[1]) + np.hypot(goal_xy[0] - x, goal_xy[1] - y)
        return bool((way.min() / fastest) <= budget_s)


def _more_s(old: Intervals, new: Intervals, from_s: float, until_s: float) -> NDArray[np.float64]:
    """Return for how long each edge is open now while it was closed before, between two times."""
    was, now = (_on_one_line(arcs, from_s, until_s) for arcs in (old, new))
    opened_s = np.concatenate([[0.0], np.cumsum(was[1::2] - was[::2])])  # before each of the old ones begins
    both_s = np.interp(now, was, np.repeat(opened_s, 2)[1:-1]) if len(was) else np.zeros_like(now)
    more = (now - both_s)[1::2] - (now - both_s)[::2]
    by_edge: NDArray[np.float64] = np.bincount(new.item, more, new.n_items).astype(np.float64)
    return by_edge


def _on_one_line(arcs: Intervals, from_s: float, until_s: float) -> NDArray[np.float64]:
    """Return when edges open and close by turns, the times of each edge after all those of the one before it."""
    times = np.column_stack([arcs.opens_s, arcs.closes_s]).clip(from_s, until_s) - from_s
    line: NDArray[np.float64] = (times + arcs.item[:, None] * (until_s - from_s + 1.0)).ravel()
    return line
