"""The virtual shore camera: the river, its boats and its people as they truly are in the drill."""

import math
from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rescuecmd.ar.camera import View
from rescuecmd.errors import NotCoveredError
from rescuecmd.geo import Floats, bearing_deg
from rescuecmd.media.figure import Stage, draw_boat, draw_in_water, draw_people, draw_pontoon, spots
from rescuecmd.media.motion import Body, Motion, Snapshot
from rescuecmd.media.paint import scenery
from rescuecmd.media.planes import Canvas, Colour
from rescuecmd.media.surface import Flooded, Water
from rescuecmd.media.terrain import Ground, cast
from rescuecmd.river import water as levels
from rescuecmd.river.model import River

_LEVEL_STEP_M = 0.02  # a smaller change of the water is a fifth of a pixel at 100 m
_CALM_MPS = 0.25  # where no current is known the water still moves a little, or it looks frozen
_MOVE_MAX_S = 1.0  # of operation time between two frames that moves the water's grain
_PONTOON_M = (36.0, 9.0)
_DRIFTWOOD = 36
_WOOD_PX = 3.0
_WOOD = Colour.rgb(58, 46, 34)
_FAR_M = 3000.0  # beyond, a boat is a pixel
_STAND_M = 0.3
_TUCK_M = 6.0  # a body this far behind the ground that its pixel shows is hidden by it


class VirtualCamera:
    """Renders one view of a river; give it snapshots with `put`, take frames with `frame`.

    The picture of the water at a new level takes a tenth of a second; it is made in a thread while frames go on
    with the old one, unless `background` is False.
    """

    def __init__(self, river: River, view: View, level_m: float, *, background: bool = True) -> None:
        self.view, self.motion = view, Motion()
        self._river = river
        self._ground = Ground(river, view)
        dry = scenery(river, self._ground, view, cast(self._ground, view))
        self._range_m, self._dry_level_m = dry.range_m, dry.level_m
        self._water = Water(river, view, dry)
        self._chainage_m = _chainage(river, view.pose.x_m, view.pose.y_m)
        self._flooded = self._water.flood(level_m)
        self._current_mps = _CALM_MPS
        self._moved_m, self._shown_s = 0.0, math.nan
        self._pool = ThreadPoolExecutor(1, "flood") if background else None
        self._making: Future[Flooded] | None = None
        self._wood = _driftwood(river, *_aim(view, level_m))
        self._berths = tuple(_berths(river))
        self._stands: dict[tuple[str, int], tuple[float, float, Floats]] = {}
        self._known: Mapping[str, float] = {}

    @property
    def level_m(self) -> float:
        """The level of the water in the frames made now."""
        return self._flooded.level_m

    @property
    def wet(self) -> NDArray[np.bool_]:
        """Which pixels show water, shape (height, width)."""
        return self._flooded.wet

    def put(self, snapshot: Snapshot) -> None:
        """Take a snapshot of the truth."""
        self.motion.put(snapshot)

    def close(self) -> None:
        """Stop the thread."""
        if self._pool:
            self._pool.shutdown(cancel_futures=True)

    def frame(self, time_s: float) -> Canvas:
        """Return the picture at an instant of the operation."""
        self._rise(time_s)
        if math.isfinite(self._shown_s):
            self._moved_m += self._current_mps * min(max(time_s - self._shown_s, 0.0), _MOVE_MAX_S)
        self._shown_s = time_s
        canvas = self._flooded.frame(self._moved_m)
        stage = Stage(canvas, self.view, self.level_m, time_s)
        self._float_wood(stage)
        self._draw(stage, self.motion.bodies(time_s))
        return canvas

    def _rise(self, time_s: float) -> None:
        """Follow the true level."""
        if self._making is not None and self._making.done():
            self._flooded, self._making = self._making.result(), None
        known = self.motion.levels(time_s)
        if not known or self._making is not None or not _differs(known, self._known):
            return
        self._known = known
        try:
            water = _water_at(self._river, known, time_s)
            middle = float(water.current_mps(self._chainage_m, np.linspace(-60, 60, 13), time_s).max())
            level = float(water.level_m(self._chainage_m, time_s))
        except NotCoveredError:
            return  # nobody knows how that water would look here: it stays as it was
        self._current_mps = max(middle, _CALM_MPS)
        if self._pool is None:
            self._flooded = self._water.flood(level)
        else:
            self._making = self._pool.submit(self._water.flood, level)

    def _draw(self, stage: Stage, bodies: tuple[Body, ...]) -> None:
        """Draw pontoons and bodies from far to near."""
        things: list[tuple[float, Body | _Berth]] = [(self._far(thing.x_m, thing.y_m), thing) for thing in bodies]
        things += [(self._far(berth.x_m, berth.y_m), berth) for berth in self._berths]
        for far, thing in sorted(things, key=lambda item: -item[0]):
            if far > _FAR_M or not self._near_frame(thing.x_m, thing.y_m, far):
                continue
            if isinstance(thing, Body):
                self._draw_body(stage, thing, far)
            else:
                draw_pontoon(stage, thing.x_m, thing.y_m, thing.heading_deg, _PONTOON_M)

    def _draw_body(self, stage: Stage, body: Body, far: float) -> None:
        if body.kind in {"stranded", "crowd"}:
            feet = self._feet(body)
            if not self._hidden(body.x_m, body.y_m, float(feet[:, 2].mean()) + 1.2, far):
                draw_people(stage, body, feet)
        elif not self._hidden(body.x_m, body.y_m, stage.level_m + 1.2, far):
            (draw_boat if body.kind == "boat" else draw_in_water)(stage, body)

    def _feet(self, body: Body) -> Floats:
        """Return where each of a standing group has its feet, shape (n, 3); kept while the group stays."""
        key = (body.id, body.count)
        kept = self._stands.get(key)
        if kept is not None and math.hypot(kept[0] - body.x_m, kept[1] - body.y_m) < _STAND_M:
            return kept[2]
        places = spots(body.id, body.kind, body.count) + np.array([body.x_m, body.y_m])
        feet = np.column_stack([places, self._ground.level_m(places[:, 0], places[:, 1])[0]])
        self._stands[key] = (body.x_m, body.y_m, feet)
        return feet

    def _near_frame(self, x_m: float, y_m: float, far: float) -> bool:
        ((u, v),) = self.view.pixels(np.array([[x_m, y_m, self.level_m]]))
        margin = 40.0 * self.view.lens.focal_px / max(far, 20.0)  # no thing drawn here is longer than 40 m
        return bool(self.view.inside(u, v, margin))

    def _float_wood(self, stage: Stage) -> None:
        """Draw driftwood that goes down with the current and comes again at the upper end."""
        start, end, offsets, phase = self._wood
        chainage = start + np.mod(phase + self._moved_m, end - start)
        x, y = self._river.point(np.repeat(chainage, 2) + np.tile([-0.9, 0.9], len(chainage)), np.repeat(offsets, 2))
        pixels = self.view.pixels(np.column_stack([x, y, np.full(len(x), stage.level_m)]))
        ends = pixels.reshape(-1, 2, 2)
        inside = np.asarray(self.view.inside(ends[..., 0], ends[..., 1], -2.0).all(axis=1))
        length = np.abs(ends[:, 0] - ends[:, 1]).max(axis=1, where=inside[:, None], initial=0.0)
        seen = np.nonzero(inside & (length > _WOOD_PX))[0]
        at = ends[seen, 0].astype(np.intp)
        seen = seen[self._flooded.wet[at[:, 1], at[:, 0]]]
        if len(seen):
            stage.canvas.line(ends[seen], _WOOD, 2)

    def _hidden(self, x_m: float, y_m: float, level_m: float, far: float) -> bool:
        u, v, _ = self.view.project(x_m, y_m, level_m)
        if not self.view.inside(u, v):
            return False
        row, column = round(float(v)), round(float(u))
        dry = self._dry_level_m[row, column] >= self.level_m
        return bool(dry and self._range_m[row, column] < far - _TUCK_M)

    def _far(self, x_m: float, y_m: float) -> float:
        return math.hypot(x_m - self.view.pose.x_m, y_m - self.view.pose.y_m)


@dataclass(frozen=True, slots=True)
class _Berth:
    x_m: float
    y_m: float
    heading_deg: float


def _berths(river: River) -> Iterator[_Berth]:
    for pontoon in river.pontoons:
        east, north = river.centreline.tangent(pontoon.chainage_m)
        yield _Berth(pontoon.x_m, pontoon.y_m, bearing_deg(float(east), float(north)))


def _differs(levels_m: Mapping[str, float], shown_m: Mapping[str, float]) -> bool:
    return any(abs(level - shown_m.get(gauge, -9e9)) >= _LEVEL_STEP_M for gauge, level in levels_m.items())


def _water_at(river: River, known: Mapping[str, float], time_s: float) -> levels.Water:
    """Return a water that stands at the gauges' levels at this instant."""
    instants = np.array([time_s - 1.0, time_s + 1.0])
    return levels.Water(
        river,
        {gauge: levels.LevelSeries(instants, np.full(2, level), np.zeros(2)) for gauge, level in known.items()},
    )


def _chainage(river: River, x_m: float, y_m: float) -> float:
    return min(max(float(river.locate(x_m, y_m)[0]), 0.0), river.length_m)


def _aim(view: View, level_m: float) -> tuple[float, float]:
    """Return the place of the water in the middle of the frame, or of the camera itself, m."""
    x, y = view.to_level(*view.lens.centre, level_m)
    return (float(x), float(y)) if np.isfinite(x) else (view.pose.x_m, view.pose.y_m)


def _driftwood(river: River, x_m: float, y_m: float) -> tuple[float, float, Floats, Floats]:
    """Return the reach around a place that driftwood fills, and each piece's offset and start."""
    middle = _chainage(river, x_m, y_m)
    start, end = max(middle - 400.0, 0.0), min(middle + 400.0, river.length_m)
    left, right = river.banks(middle)
    rng = np.random.default_rng(9)
    return start, end, rng.uniform(float(right), float(left), _DRIFTWOOD), rng.uniform(0, end - start, _DRIFTWOOD)
