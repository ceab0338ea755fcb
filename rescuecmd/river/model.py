"""A river: its axis, sections and places in one frozen value, with the look-ups everybody needs."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray
from shapely import Polygon, contains_xy

from rescuecmd.errors import unknown
from rescuecmd.geo import Floats, Frame
from rescuecmd.river.axis import Axis
from rescuecmd.river.bed import COLUMNS, Bed
from rescuecmd.river.family import Family
from rescuecmd.river.feature import (
    AssumedBed,
    Beach,
    Boom,
    Bridge,
    Danger,
    Exit,
    GaugeSite,
    Landing,
    Pier,
    Place,
    PlaceKind,
    Pontoon,
    Provenance,
    Ramp,
    Rating,
    Reef,
    RestrictedArea,
    RiverRule,
    SafeGround,
    Section,
    Series,
    Span,
    StillWater,
    Surface,
    TimedWay,
    Weir,
)
from rescuecmd.text import Text

__all__ = [
    "AssumedBed",
    "Axis",
    "Beach",
    "Boom",
    "Bridge",
    "Danger",
    "Exit",
    "Family",
    "GaugeSite",
    "Landing",
    "Pier",
    "Place",
    "PlaceKind",
    "Pontoon",
    "Provenance",
    "Ramp",
    "Rating",
    "Reef",
    "RestrictedArea",
    "River",
    "RiverRule",
    "SafeGround",
    "Section",
    "Series",
    "Span",
    "StillWater",
    "Surface",
    "Text",
    "TimedWay",
    "Weir",
]


@dataclass(frozen=True, eq=False)
class River:
    """A river or a reach of one.

    ``mouth_km`` is the distance from the river's mouth at chainage 0; it falls going downstream. ``rating`` None:
    nothing is known of the discharge and every current is 0. ``family`` None: between gauges the surface is straight.
    """

    id: str
    name: Text
    frame: Frame
    vertical_datum: str
    schematic: bool
    centreline: Axis
    sections: tuple[Section, ...]
    surface: Surface
    mouth_km: float
    rating: Rating | None = None
    family: Family | None = None
    reefs: tuple[Reef, ...] = ()
    bridges: tuple[Bridge, ...] = ()
    weirs: tuple[Weir, ...] = ()
    ways: tuple[TimedWay, ...] = ()
    booms: tuple[Boom, ...] = ()
    restricted: tuple[RestrictedArea, ...] = ()
    dangers: tuple[Danger, ...] = ()
    pontoons: tuple[Pontoon, ...] = ()
    ramps: tuple[Ramp, ...] = ()
    landings: tuple[Landing, ...] = ()
    safe_ground: tuple[SafeGround, ...] = ()
    beaches: tuple[Beach, ...] = ()
    still_water: tuple[StillWater, ...] = ()
    gauges: tuple[GaugeSite, ...] = ()
    series: tuple[Series, ...] = ()
    provenance: tuple[Provenance, ...] = ()
    assumed: tuple[AssumedBed, ...] = ()

    @property
    def length_m(self) -> float:
        """Length along the centre line."""
        return self.centreline.length_m

    @property
    def rules(self) -> tuple[RiverRule, ...]:
        """Its ways, booms and restricted areas."""
        return (*self.ways, *self.booms, *self.restricted)

    def km(self, chainage_m: float) -> float:
        """Return the distance from the mouth, km, as pilots and notices count it."""
        return self.mouth_km - chainage_m / 1000.0

    def locate(self, x_m: ArrayLike, y_m: ArrayLike) -> tuple[Floats, Floats]:
        """Return chainage and offset, m, of the shape of the input; beyond the ends chainage is outside [0, length]."""
        return self.centreline.locate(x_m, y_m)

    def point(self, chainage_m: ArrayLike, offset_m: ArrayLike) -> tuple[Floats, Floats]:
        """Return x and y, m, of the broadcast shape of the input."""
        return self.centreline.point(chainage_m, offset_m)

    def banks(self, chainage_m: ArrayLike) -> tuple[Floats, Floats]:
        """Return the offsets of the left and the right bank, m."""
        at = np.asarray(chainage_m, dtype=np.float64)
        left = np.interp(at, self.bed.chainage_m, self.bed.left_m)
        right = np.interp(at, self.bed.chainage_m, self.bed.right_m)
        return np.asarray(left), np.asarray(right)

    def on_bank(self, chainage_m: ArrayLike, offset_m: ArrayLike) -> NDArray[np.bool_]:
        """Return which places lie on the flood banks, beyond the channel but within the survey; broadcast shape.

        One level for a whole section says how deep the channel is. What stands on its banks runs its own ways behind
        walls and roads: measured on a 2D model, every sixth place there is called passable or not wrongly.
        """
        chainage, offset = np.asarray(chainage_m, dtype=np.float64), np.asarray(offset_m, dtype=np.float64)
        right, left = (
            np.interp(chainage, self.bed.chainage_m, [section.channel_m[side] for section in self.sections])
            for side in (0, 1)
        )
        beyond: NDArray[np.bool_] = (offset < right) | (offset > left)
        return beyond & np.isfinite(self.bed_m(chainage, offset)) if beyond.any() else beyond

    def bed_m(self, chainage_m: ArrayLike, offset_m: ArrayLike) -> Floats:
        """Return the bed level with the reefs on it, of the broadcast shape; NaN beyond the banks and where unknown."""
        chainage, offset = np.broadcast_arrays(
            np.asarray(chainage_m, dtype=np.float64), np.asarray(offset_m, dtype=np.float64)
        )
        where = self.bed.where(chainage, offset)
        bed = self.bed.sample(where)
        if not self.reefs and not self.assumed:
            return bed
        x, y = self.point(chainage, offset)
        for one in self.assumed:
            told = np.isnan(bed) & where.inside & contains_xy(Polygon(one.ring_xy), x, y)
            bed = np.where(told, one.bed_m, bed)
        return self.bed.raise_reefs(np.atleast_1d(bed), np.atleast_1d(x), np.atleast_1d(y)).reshape(bed.shape)

    @cached_property
    def bed(self) -> Bed:
        """The bed table, made once."""
        return Bed(self.sections, self.reefs, self._still_until_m() if self.still_water else None)

    @cached_property
    def places(self) -> dict[str, Place]:
        """Every reef, beach, landing, ramp, pontoon, bridge and safe ground by id, in that order."""
        return {place.id: place for place in self._places()}

    def place(self, place_id: str) -> Place:
        """Return a place by its id.

        Raises
        ------
        NotFoundError
            There is no such place; the message names the nearest one.
        """
        if place_id not in self.places:
            raise unknown("place", place_id, self.places)
        return self.places[place_id]

    def gauge(self, gauge_id: str) -> GaugeSite:
        """Return a gauge by its id; `NotFoundError` with the nearest name otherwise."""
        for gauge in self.gauges:
            if gauge.id == gauge_id:
                return gauge
        raise unknown("gauge", gauge_id, (gauge.id for gauge in self.gauges))

    def find_series(self, series_id: str) -> Series:
        """Return a series by its id; `NotFoundError` with the nearest name otherwise."""
        for series in self.series:
            if series.id == series_id:
                return series
        raise unknown("series", series_id, (series.id for series in self.series))

    def trust(self, layer: str, feature: str = "") -> Provenance:
        """Return where a feature comes from; what is not said of the feature is said of its layer.

        Raises
        ------
        NotFoundError
            The river has no such layer.
        """
        found = {(one.layer, one.feature): one for one in self.provenance}
        one = found.get((layer, feature)) or found.get((layer, ""))
        if one is None:
            raise unknown("layer", layer, (each.layer for each in self.provenance))
        return one

    def _still_until_m(self) -> Floats:
        """Return the level up to which water stands still at each point of the bed table; -inf where it flows."""
        offsets = np.linspace(
            [section.right_bank_m for section in self.sections],
            [section.left_bank_m for section in self.sections],
            COLUMNS,
        ).T
        x, y = self.point(np.array([section.chainage_m for section in self.sections])[:, None], offsets)
        until = np.full(x.shape, -np.inf)
        for still in self.still_water:
            inside = contains_xy(Polygon(still.ring_xy), x, y)
            until[inside] = np.maximum(until[inside], still.until_m)
        return until

    def _places(self) -> Iterator[Place]:
        for reef in self.reefs:
            yield self._place(reef, "reef", (reef.x_m, reef.y_m), reef.crest_m, reef.sigma_m)
        for beach in self.beaches:
            yield self._place(beach, "beach", _middle(beach.ring_xy), beach.ground_m)
        landings: tuple[tuple[PlaceKind, tuple[Landing, ...]], ...] = (
            ("landing", self.landings),
            ("ramp", self.ramps),
            ("pontoon", self.pontoons),
        )
        for kind, items in landings:
            for item in items:
                yield self._place(item, kind, (item.x_m, item.y_m), item.high_m)
        for bridge in self.bridges:
            middle = (min(span.from_m for span in bridge.spans) + max(span.to_m for span in bridge.spans)) / 2
            x, y = self.point(bridge.chainage_m, middle)
            yield self._place(bridge, "bridge", (float(x), float(y)), bridge.soffit_m)
        for ground in self.safe_ground:
            yield self._place(ground, "safe_ground", (ground.x_m, ground.y_m), ground.level_m)

    def _place(
        self,
        item: Reef | Beach | Landing | Bridge | SafeGround,
        kind: PlaceKind,
        xy: tuple[float, float],
        critical_m: float,
        sigma_m: float = 0.0,
    ) -> Place:
        x_m, y_m = xy
        chainage = float(np.clip(self.locate(x_m, y_m)[0], 0.0, self.length_m))
        return Place(item.id, kind, item.name, x_m, y_m, chainage, critical_m, sigma_m)


def _middle(ring: tuple[tuple[float, float], ...]) -> tuple[float, float]:
    corners = np.asarray(ring[:-1] if ring[0] == ring[-1] else ring)
    return float(corners[:, 0].mean()), float(corners[:, 1].mean())
