"""The river as a map draws it: every layer as GeoJSON (lon, lat), made once when the operation opens."""

import math
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from rescuecmd.geo import Floats
from rescuecmd.river.feature import Landing, Ring
from rescuecmd.river.model import River
from rescuecmd.text import Text

_DIGITS = 7  # a centimetre
_BANK_STEP_M = 40.0


def river_answer(river: River) -> dict[str, Any]:
    """Return the river in the form of `RiverAnswer`."""
    return {
        "id": river.id,
        "name": {"zh": river.name.zh, "en": river.name.en},
        "schematic": river.schematic,
        "vertical_datum": river.vertical_datum,
        "frame": {"lon_deg": river.frame.lon_deg, "lat_deg": river.frame.lat_deg},
        "provenance": [
            {"layer": item.layer, "source": item.source, "confidence": item.confidence, "licence": item.licence}
            for item in river.provenance
            if not item.feature
        ],
        "layers": _Layers(river).all(),
    }


def _told(limit: float) -> float | None:
    """Return a limit for JSON; None: there is none."""
    return limit if math.isfinite(limit) else None


class _Layers:
    def __init__(self, river: River) -> None:
        self._river = river

    def all(self) -> dict[str, Any]:
        river = self._river
        xy = river.centreline.xy
        layers = {
            "centreline": [self._feature("centreline", river.name, self._line(xy[:, 0], xy[:, 1]))],
            "banks": list(self._banks()),
            "reefs": [
                self._feature(
                    reef.id, reef.name, self._ring(reef.ring_xy), crest_m=reef.crest_m, capacity=reef.capacity
                )
                for reef in river.reefs
            ],
            "bridges": list(self._bridges()),
            "weirs": list(self._weirs()),
            "ways": list(self._ways()),
            "booms": [self._feature(one.id, one.name, self._drawn(one.line_xy)) for one in river.booms],
            "restricted": [
                self._feature(
                    one.id,
                    one.name,
                    self._ring(one.ring_xy),
                    limit_mps=_told(one.limit_mps),
                    open="" if one.hours is None else str(one.hours),
                    closed=one.closed,
                )
                for one in river.restricted
            ],
            "piers": list(self._piers()),
            "pontoons": self._landings(river.pontoons),
            "ramps": self._landings(river.ramps),
            "landings": self._landings(river.landings),
            "safe_ground": [
                self._feature(ground.id, ground.name, self._point(ground.x_m, ground.y_m), level_m=ground.level_m)
                for ground in river.safe_ground
            ],
            "beaches": [
                self._feature(beach.id, beach.name, self._ring(beach.ring_xy), ground_m=beach.ground_m)
                for beach in river.beaches
            ],
            "exits": list(self._exits()),
            "gauges": list(self._gauges()),
            "sections": list(self._sections()),
        }
        return {name: {"type": "FeatureCollection", "features": features} for name, features in layers.items()}

    def _feature(self, item_id: str, name: Text, geometry: dict[str, Any], **more: object) -> dict[str, Any]:
        properties = {"id": item_id, "name_zh": name.zh, "name_en": name.en, **more}
        return {"type": "Feature", "id": item_id, "geometry": geometry, "properties": properties}

    def _pairs(self, x_m: Sequence[float] | Floats, y_m: Sequence[float] | Floats) -> list[list[float]]:
        lon, lat = self._river.frame.to_lonlat(x_m, y_m)
        pairs: list[list[float]] = np.round(np.column_stack([lon, lat]), _DIGITS).tolist()
        return pairs

    def _point(self, x_m: float, y_m: float) -> dict[str, Any]:
        return {"type": "Point", "coordinates": self._pairs([x_m], [y_m])[0]}

    def _line(self, x_m: Sequence[float] | Floats, y_m: Sequence[float] | Floats) -> dict[str, Any]:
        return {"type": "LineString", "coordinates": self._pairs(x_m, y_m)}

    def _drawn(self, line: Ring) -> dict[str, Any]:
        return self._line([x for x, _ in line], [y for _, y in line])

    def _ring(self, ring: Ring) -> dict[str, Any]:
        closed = ring if ring[0] == ring[-1] else (*ring, ring[0])
        return {"type": "Polygon", "coordinates": [self._pairs([x for x, _ in closed], [y for _, y in closed])]}

    def _banks(self) -> Iterable[dict[str, Any]]:
        """Yield both banks, and between them the surveyed water's area."""
        river = self._river
        chainage = np.linspace(0.0, river.length_m, max(2, round(river.length_m / _BANK_STEP_M)))
        left, right = (river.point(chainage, offset) for offset in river.banks(chainage))
        for side, name, (x_m, y_m) in (
            ("left", Text("左岸", "left bank"), left),
            ("right", Text("右岸", "right bank"), right),
        ):
            yield self._feature(f"bank-{side}", name, self._line(x_m, y_m), side=side)
        outline_x, outline_y = (np.concatenate([a, b[::-1], a[:1]]) for a, b in zip(left, right, strict=True))
        area = {"type": "Polygon", "coordinates": [self._pairs(outline_x, outline_y)]}
        yield self._feature("surveyed", Text("测绘范围", "surveyed width"), area, side="both")

    def _bridges(self) -> Iterable[dict[str, Any]]:
        for bridge in self._river.bridges:
            first = min(span.from_m for span in bridge.spans)
            last = max(span.to_m for span in bridge.spans)
            x_m, y_m = self._river.point([bridge.chainage_m] * 2, [first, last])
            yield self._feature(bridge.id, bridge.name, self._line(x_m, y_m), soffit_m=bridge.soffit_m)

    def _weirs(self) -> Iterable[dict[str, Any]]:
        for weir in self._river.weirs:
            x_m, y_m = self._river.point([weir.chainage_m] * 2, [weir.from_m, weir.to_m])
            line = self._line(x_m, y_m)
            yield self._feature(weir.id, weir.name, line, crest_m=weir.crest_m, passable=weir.passable)

    def _ways(self) -> Iterable[dict[str, Any]]:
        for way in self._river.ways:
            yield self._feature(
                way.id, way.name, self._drawn(way.line_xy),
                kind=way.kind, takes_s=way.takes_s, both=way.both, open="" if way.hours is None else str(way.hours),
                max_draught_m=_told(way.max_draught_m), max_air_draught_m=_told(way.max_air_draught_m),
            )  # fmt: skip

    def _piers(self) -> Iterable[dict[str, Any]]:
        for bridge in self._river.bridges:
            for n, pier in enumerate(bridge.piers, 1):
                name = Text(f"{bridge.name.zh}{n}号墩", f"{bridge.name.en} pier {n}")
                point = self._point(pier.x_m, pier.y_m)
                yield self._feature(f"{bridge.id}-pier-{n}", name, point, radius_m=pier.radius_m)

    def _landings(self, items: Sequence[Landing]) -> list[dict[str, Any]]:
        return [
            self._feature(
                item.id, item.name, self._point(item.x_m, item.y_m),
                low_m=item.low_m, high_m=item.high_m, capacity=item.capacity,
            )
            for item in items
        ]  # fmt: skip

    def _exits(self) -> Iterable[dict[str, Any]]:
        for beach in self._river.beaches:
            for way in beach.exits:
                yield self._feature(
                    way.id, way.name, self._point(way.x_m, way.y_m),
                    level_m=way.level_m, width_m=way.width_m, kind=way.kind, to=way.to, beach_id=beach.id,
                )  # fmt: skip

    def _gauges(self) -> Iterable[dict[str, Any]]:
        for gauge in self._river.gauges:
            yield self._feature(
                gauge.id, gauge.name, self._point(gauge.x_m, gauge.y_m),
                warning_m=gauge.warning_m, guarantee_m=gauge.guarantee_m, vertical_datum=gauge.vertical_datum,
                confidence=gauge.confidence, source=gauge.source,
            )  # fmt: skip

    def _sections(self) -> Iterable[dict[str, Any]]:
        for section in self._river.sections:
            ends = [section.left_bank_m, section.right_bank_m]
            x_m, y_m = self._river.point([section.chainage_m] * 2, ends)
            km = self._river.km(section.chainage_m)
            name = Text(f"断面 K{km:.3f}", f"section K{km:.3f}")
            yield self._feature(section.id, name, self._line(x_m, y_m), chainage_m=section.chainage_m)
