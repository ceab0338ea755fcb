"""From snapshots that come about once a second to a world that moves in every frame."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from rescuecmd.drill.world import Truth, TruthBody
from rescuecmd.geo import Frame

_JUMP_M = 250.0  # a body that moves farther between two snapshots has been put somewhere else


@dataclass(frozen=True, slots=True)
class Body:
    """A body of the truth in the river's frame."""

    seen: TruthBody
    x_m: float
    y_m: float
    heading_deg: float


class Playout:
    """Plays snapshots one interval late, so that there is always a later one to move towards.

    Two clocks meet here: the operation's time, which may run fast or stand still, and the steady clock of this
    machine, by which frames are made.
    """

    def __init__(self) -> None:
        self._before: tuple[float, float] | None = None
        self._latest: tuple[float, float] | None = None

    def put(self, time_s: float, steady_s: float) -> None:
        """Take note that a snapshot of `time_s` arrived at `steady_s`; the same instant again changes nothing."""
        if self._latest is not None and time_s == self._latest[0]:
            return
        stale = self._latest is not None and (time_s < self._latest[0] or steady_s - self._latest[1] > 5.0)
        self._before = None if stale else self._latest
        self._latest = (time_s, steady_s)

    def time_s(self, steady_s: float) -> float:
        """Return the operation's time to show now; 0 before the first snapshot."""
        if self._latest is None:
            return 0.0
        if self._before is None:
            return self._latest[0]
        (time_0, steady_0), (time_1, steady_1) = self._before, self._latest
        share = (steady_s - steady_1) / max(steady_1 - steady_0, 1e-3)
        return time_0 + min(max(share, 0.0), 1.0) * (time_1 - time_0)


class Motion:
    """The two newest snapshots of the truth, and every body in between."""

    def __init__(self, frame: Frame) -> None:
        self._frame = frame
        self._before: tuple[Truth, dict[str, Body]] | None = None
        self._latest: tuple[Truth, dict[str, Body]] | None = None

    @property
    def known(self) -> bool:
        """True once a snapshot has come."""
        return self._latest is not None

    def put(self, truth: Truth) -> None:
        """Take a snapshot; the same instant again replaces the newest."""
        if self._latest is not None and truth.time_s > self._latest[0].time_s:
            self._before = self._latest
        elif self._latest is not None and truth.time_s < self._latest[0].time_s:
            self._before = None
        self._latest = (truth, {body.id: self._body(body) for body in truth.bodies})

    def levels(self, time_s: float) -> Mapping[str, float]:
        """Return the water levels at the gauges."""
        if self._latest is None:
            return {}
        newest = self._latest[0].levels
        if self._before is None:
            return newest
        share, older = self._share(time_s), self._before[0].levels
        return {gauge: older.get(gauge, level) * (1 - share) + level * share for gauge, level in newest.items()}

    def bodies(self, time_s: float) -> tuple[Body, ...]:
        """Return every body of the newest snapshot, moved to where it was at `time_s`."""
        if self._latest is None:
            return ()
        older = self._before[1] if self._before else {}
        share = self._share(time_s)
        return tuple(_between(older.get(body.seen.id, body), body, share) for body in self._latest[1].values())

    def _share(self, time_s: float) -> float:
        if self._latest is None or self._before is None:
            return 1.0
        start, end = self._before[0].time_s, self._latest[0].time_s
        return min(max((time_s - start) / (end - start), 0.0), 1.0)

    def _body(self, seen: TruthBody) -> Body:
        x, y = self._frame.point_xy(seen.lon_deg, seen.lat_deg)
        return Body(seen, x, y, seen.heading_deg)


def _between(older: Body, newer: Body, share: float) -> Body:
    dx, dy = newer.x_m - older.x_m, newer.y_m - older.y_m
    if dx * dx + dy * dy > _JUMP_M**2:
        return newer
    turn = (newer.heading_deg - older.heading_deg + 180.0) % 360.0 - 180.0
    return replace(
        newer,
        x_m=older.x_m + share * dx,
        y_m=older.y_m + share * dy,
        heading_deg=(older.heading_deg + share * turn) % 360.0,
    )
