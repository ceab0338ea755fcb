"""The places of a river from its package: reefs, bridges, landings, beaches, gauges, and whether they lie on it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeVar

import numpy as np
from shapely import Point, Polygon

from rescuecmd.errors import Fault, nearest
from rescuecmd.geo import Frame
from rescuecmd.interop.river_file import BeachFile, BridgeFile, GaugeFile, IdFile, NamedFile, SpanFile
from rescuecmd.interop.river_parts import Item, M, Parts
from rescuecmd.interop.river_shape import near_frame
from rescuecmd.river.axis import Axis
from rescuecmd.river.bed import Bed
from rescuecmd.river.feature import (
    Beach,
    Bridge,
    Danger,
    Exit,
    GaugeSite,
    Landing,
    Pier,
    Reef,
    Ring,
    SafeGround,
    Section,
    Span,
    StillWater,
    Weir,
)
from rescuecmd.text import Text

BESIDE_M = 150.0  # a gauge or a bridge may stand this far behind the bank
_LAND_M = 2000.0  # safe ground and exits are within this of the centre line

L = TypeVar("L", bound=Landing)
K = TypeVar("K", bound=IdFile)


@dataclass(eq=False)
class Ground:
    """Where things stand: the frame, the axis and the surveyed bed, and the parts that take the faults."""

    parts: Parts
    frame: Frame
    axis: Axis
    bed: Bed

    @classmethod
    def of(cls, parts: Parts, frame: Frame, axis: Axis, sections: tuple[Section, ...]) -> "Ground":
        """Return the ground over these sections."""
        return cls(parts, frame, axis, Bed(sections, ()))

    def stands(self, item: Item[M], *, beside_m: float) -> tuple[float, float, float] | None:
        """Return x, y and chainage of a feature's middle; None after noting that it is not on the river."""
        if not near_frame(self.parts, self.frame, item):
            return None
        centre = item.feature.geometry.centroid
        x_m, y_m = self.frame.point_xy(centre.x, centre.y)
        chainage, offset = (float(value) for value in self.axis.locate(x_m, y_m))
        left = float(np.interp(chainage, self.bed.chainage_m, self.bed.left_m))
        right = float(np.interp(chainage, self.bed.chainage_m, self.bed.right_m))
        if not -1 <= chainage <= self.axis.length_m + 1:
            message = f"outside the river: chainage {chainage:.0f} m, the river has 0 .. {self.axis.length_m:.0f} m"
        elif not right - beside_m <= offset <= left + beside_m:
            bank, edge = ("left", left) if offset > 0 else ("right", right)
            message = f"outside the river: offset {offset:.0f} m, the {bank} bank is at {edge:.0f} m"
        else:
            return x_m, y_m, min(max(chainage, 0.0), self.axis.length_m)
        self.parts.faults.append(item.fault(message))
        return None

    def line(self, item: Item[M]) -> Ring:
        """Return the points of a line in the frame."""
        x, y = self.frame.to_xy(*item.feature.geometry.xy)
        return tuple(zip(x.tolist(), y.tolist(), strict=True))

    def ring(self, item: Item[M]) -> Ring:
        """Return the outer ring of an area in the frame, closed."""
        x, y = self.frame.to_xy(*item.feature.geometry.exterior.xy)
        return tuple(zip(x.tolist(), y.tolist(), strict=True))


def reefs(ground: Ground) -> Iterator[Reef]:
    """Yield the reefs that stand in the river."""
    for item in ground.parts.reefs:
        stand = ground.stands(item, beside_m=0.0)
        if stand is None:
            continue
        ring = ground.ring(item)
        if not Polygon(ring).contains(Point(stand[:2])):
            ground.parts.faults.append(item.fault("the middle of the reef lies outside its foot; draw it rounder"))
            continue
        data = item.data
        yield Reef(data.id, _name(data), stand[0], stand[1], data.crest_m, data.sigma_m, ring, data.capacity)


def bridges(ground: Ground) -> Iterator[Bridge]:
    """Yield the bridges with their piers."""
    known = [item.data.id for item in ground.parts.bridges]
    piers: dict[str, list[Pier]] = {}
    for item in ground.parts.piers:
        stand = ground.stands(item, beside_m=BESIDE_M)
        if item.data.bridge not in known:
            message = f"no bridge {item.data.bridge!r}{nearest(item.data.bridge, known)}"
            ground.parts.faults.append(item.fault(message, "bridge"))
        elif stand is not None:
            piers.setdefault(item.data.bridge, []).append(Pier(stand[0], stand[1], item.data.radius_m))
    for bridge in ground.parts.bridges:
        stand = ground.stands(bridge, beside_m=BESIDE_M)
        if stand is not None and _spans_fit(ground.parts, bridge):
            spans = tuple(Span(span.from_m, span.to_m, span.soffit_m) for span in bridge.data.spans)
            yield Bridge(bridge.data.id, _name(bridge.data), stand[2], spans, tuple(piers.get(bridge.data.id, ())))


def _spans_fit(parts: Parts, item: Item[BridgeFile]) -> bool:
    def wrong(span: SpanFile) -> bool:
        return span.from_m >= span.to_m

    spans = item.data.spans
    if any(wrong(span) for span in spans):
        parts.faults.append(item.fault("a span runs from the smaller offset to the larger (right to left)", "spans"))
        return False
    if any(second.from_m < first.to_m for first, second in pairwise(spans)):
        parts.faults.append(item.fault("spans must not overlap and are listed from right to left", "spans"))
        return False
    return True


def weirs(ground: Ground) -> Iterator[Weir]:
    """Yield the weirs, each between the offsets of its two ends."""
    for item in ground.parts.weirs:
        stand = ground.stands(item, beside_m=BESIDE_M)
        if stand is None:
            continue
        line = item.feature.geometry
        x, y = ground.frame.to_xy(*line.xy)
        _, offset = ground.axis.locate(x[[0, -1]], y[[0, -1]])
        data = item.data
        yield Weir(
            data.id, _name(data), stand[2], float(offset.min()), float(offset.max()), data.crest_m, data.passable
        )


def dangers(ground: Ground) -> Iterator[Danger]:
    """Yield the lasting dangers."""
    for item in ground.parts.hazards:
        stand = ground.stands(item, beside_m=BESIDE_M)
        if stand is not None:
            data = item.data
            yield Danger(data.id, _name(data), data.kind, stand[0], stand[1], data.radius_m)


def landings(ground: Ground, kind: type[L]) -> Iterator[L]:
    """Yield the pontoons, ramps or landings, named by their class."""
    layer = {"Pontoon": ground.parts.pontoons, "Ramp": ground.parts.ramps, "Landing": ground.parts.landings}
    for item in layer[kind.__name__]:
        stand = ground.stands(item, beside_m=0.0)
        data = item.data
        if data.low_m >= data.high_m:
            message = f"low_m must be below high_m, got {data.low_m:g} and {data.high_m:g}"
            ground.parts.faults.append(item.fault(message, "low_m"))
        elif stand is not None:
            yield kind(data.id, _name(data), *stand, data.low_m, data.high_m, data.capacity)


def safe_ground(ground: Ground) -> Iterator[SafeGround]:
    """Yield the safe grounds."""
    for item in ground.parts.safe_ground:
        stand = ground.stands(item, beside_m=_LAND_M)
        if stand is not None:
            yield SafeGround(item.data.id, _name(item.data), stand[0], stand[1], item.data.level_m)


def beaches(ground: Ground) -> Iterator[Beach]:
    """Yield the beaches with their exits."""
    for item in ground.parts.beaches:
        ways = tuple(_exits(ground, item))
        if not ways:
            ground.parts.faults.append(item.fault(f"beach {item.data.id!r} has no exit in exits.geojson"))
        elif ground.stands(item, beside_m=BESIDE_M) is not None:
            yield Beach(item.data.id, _name(item.data), ground.ring(item), item.data.ground_m, ways)


def _exits(ground: Ground, beach: Item[BeachFile]) -> Iterator[Exit]:
    for item in ground.parts.exits:
        if item.data.beach != beach.data.id:
            continue
        stand = ground.stands(item, beside_m=_LAND_M)
        if stand is not None:
            data = item.data
            x_m, y_m, _ = stand
            yield Exit(data.id, _name(data), x_m, y_m, data.level_m, data.width_m, data.kind, data.to)


def still_water(ground: Ground) -> Iterator[StillWater]:
    """Yield the areas where water stands still below a level."""
    for item in ground.parts.still_water:
        if ground.stands(item, beside_m=BESIDE_M) is not None:
            yield StillWater(item.data.id, _name(item.data), ground.ring(item), item.data.until_m)


def check_exits(parts: Parts) -> None:
    """Note exits that lead from an unknown beach or to unknown safe ground."""
    known_beaches = [item.data.id for item in parts.beaches]
    known_ground = [item.data.id for item in parts.safe_ground]
    for item in parts.exits:
        if item.data.beach not in known_beaches:
            message = f"no beach {item.data.beach!r}{nearest(item.data.beach, known_beaches)}"
            parts.faults.append(item.fault(message, "beach"))
        if item.data.to not in known_ground:
            message = f"no safe ground {item.data.to!r}{nearest(item.data.to, known_ground)}"
            parts.faults.append(item.fault(message, "to"))


def gauges(ground: Ground) -> Iterator[GaugeSite]:
    """Yield the gauges, their numbers brought to the river's vertical datum."""
    for item in ground.parts.gauges:
        stand = ground.stands(item, beside_m=BESIDE_M)
        add_m = offset_m(ground.parts, item.data.id, item.data.vertical_datum)
        if add_m is None:
            ground.parts.faults.append(_no_offset(ground.parts, item))
        elif stand is not None:
            yield _gauge(item.data, stand, add_m)


def offset_m(parts: Parts, gauge_id: str, vertical_datum: str) -> float | None:
    """Return what to add to a level of a gauge on a vertical datum to bring it to the river's; None: not stated."""
    river = parts.river
    if river is None or vertical_datum == river.vertical_datum:
        return 0.0
    for offset in river.datum_offsets:
        if offset.gauge == gauge_id and offset.from_ == vertical_datum:
            return offset.add_m
    return None


def check_ids(parts: Parts) -> None:
    """Note ids that stand for two things: places, exits and gauges share one set of names."""
    named = _ids(parts.reefs) + _ids(parts.bridges) + _ids(parts.pontoons) + _ids(parts.ramps) + _ids(parts.landings)
    named += _ids(parts.safe_ground) + _ids(parts.beaches) + _ids(parts.exits) + _ids(parts.gauges)
    named += _ids(parts.weirs) + _ids(parts.hazards) + _ids(parts.ways) + _ids(parts.booms) + _ids(parts.restricted)
    for group in (named, _ids(parts.sections), _ids(parts.piers), _ids(parts.still_water)):
        seen: set[str] = set()
        for name, fault in group:
            if name in seen:
                parts.faults.append(fault)
            seen.add(name)


def _ids(layer: Sequence[Item[K]]) -> list[tuple[str, Fault]]:
    """Return each id with the fault to note where it is taken already."""
    return [(item.data.id, item.fault(f"the id {item.data.id!r} is taken", "id")) for item in layer]


def _gauge(data: GaugeFile, stand: tuple[float, float, float], add_m: float) -> GaugeSite:
    def raised(level_m: float | None) -> float | None:
        return None if level_m is None else round(level_m + add_m, 3)

    return GaugeSite(
        id=data.id,
        name=_name(data),
        x_m=stand[0],
        y_m=stand[1],
        chainage_m=stand[2],
        zero_m=raised(data.zero_m),
        vertical_datum=data.vertical_datum,
        to_river_datum_m=add_m,
        warning_m=raised(data.warning_m),
        guarantee_m=raised(data.guarantee_m),
        source=data.source,
        confidence=data.confidence,
        every_s=data.every_s,
        max_rate_m_per_h=data.max_rate_m_per_h,
    )


def _no_offset(parts: Parts, item: Item[GaugeFile]) -> Fault:
    river = parts.river.vertical_datum if parts.river else ""
    return item.fault(
        f"its numbers are on {item.data.vertical_datum!r}, the river's on {river!r}: river.yaml needs a datum_offsets "
        f"entry for {item.data.id!r}; the two are never mixed",
        "vertical_datum",
    )


def _name(data: NamedFile) -> Text:
    return Text(data.name_zh, data.name_en)
