"""From snapshots that come about once a second to a world that moves in every frame."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal, TypeAlias

from rescuecmd.geo import Frame
from rescuecmd.picture.entity import Agency

if TYPE_CHECKING:  # the drill brings the routing engine with it, which a video process has no use for
    from rescuecmd.drill.world import Truth

BodyKind: TypeAlias = Literal["boat", "stranded", "in_water", "crowd"]

_JUMP_M = 250.0  # a body that moves farther between two snapshots has been put somewhere else


@dataclass(frozen=True, slots=True)
class Body:
    """A body of the truth, in the river's frame; the other fields as in `drill.world.TruthBody`."""

    id: str
    kind: BodyKind
    agency: Agency | Literal[""]
    x_m: float
    y_m: float
    heading_deg: float
    speed_mps: float
    count: int
    aboard: int
    length_m: float


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The truth of one instant, as it goes to a video process."""

    time_s: float
    bodies: tuple[Body, ...]
    levels: Mapping[str, float]


def snapshot_of(truth: "Truth", frame: Frame) -> Snapshot:
    """Return the truth in the river's frame."""
    x, y = frame.to_xy([body.lon_deg for body in truth.bodies], [body.lat_deg for body in truth.bodies])
    bodies = (
        Body(
            id=seen.id,
            kind=seen.kind,
            agency=seen.agency,
            x_m=float(x_m),
            y_m=float(y_m),
            heading_deg=seen.heading_deg,
            speed_mps=seen.speed_mps,
            count=seen.count,
            aboard=seen.aboard,
            length_m=seen.length_m,
        )
        for seen, x_m, y_m in zip(truth.bodies, x, y, strict=True)
    )
    return Snapshot(truth.time_s, tuple(bodies), dict(truth.levels))


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

    def __init__(self) -> None:
        self._before: Snapshot | None = None
        self._older: Mapping[str, Body] = {}
        self._latest: Snapshot | None = None

    @property
    def known(self) -> bool:
        """True once a snapshot has come."""
        return self._latest is not None

    def put(self, snapshot: Snapshot) -> None:
        """Take a snapshot; the same instant again replaces the newest."""
        if self._latest is not None and snapshot.time_s != self._latest.time_s:
            self._before = self._latest if snapshot.time_s > self._latest.time_s else None
            self._older = {body.id: body for body in self._before.bodies} if self._before else {}
        self._latest = snapshot

    def levels(self, time_s: float) -> Mapping[str, float]:
        """Return the water levels at the gauges."""
        if self._latest is None:
            return {}
        if self._before is None:
            return self._latest.levels
        share, older = self._share(time_s), self._before.levels
        return {g: older.get(g, level) * (1 - share) + level * share for g, level in self._latest.levels.items()}

    def bodies(self, time_s: float) -> tuple[Body, ...]:
        """Return every body of the newest snapshot, moved to where it was at `time_s`."""
        if self._latest is None:
            return ()
        share = self._share(time_s)
        return tuple(_between(self._older.get(body.id, body), body, share) for body in self._latest.bodies)

    def _share(self, time_s: float) -> float:
        if self._latest is None or self._before is None:
            return 1.0
        start, end = self._before.time_s, self._latest.time_s
        return min(max((time_s - start) / (end - start), 0.0), 1.0)


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
