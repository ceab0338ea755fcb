"""A river for other programs: GeoJSON, GPX, KML, CSV. A schematic river carries its warning in each of them."""

import io
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias
from xml.sax.saxutils import escape

import numpy as np

from rescuecmd.interop.river_words import rule_words
from rescuecmd.interop.river_write import table_text
from rescuecmd.river.model import Boom, RestrictedArea, River, RiverRule, TimedWay
from rescuecmd.text import Text

ExportFormat: TypeAlias = Literal["geojson", "gpx", "kml", "csv"]
MARK = Text("示意河道，禁止用于航行", "schematic river, not for navigation")
_DIGITS = 7


@dataclass(frozen=True, slots=True)
class Spot:
    """A point for export: where it is, and the level that matters there (m above the river's vertical datum)."""

    id: str
    kind: str
    name: Text
    lon_deg: float
    lat_deg: float
    km: float
    level_m: float | None
    confidence: str


def export(river: River, form: ExportFormat) -> str:
    """Return the river's centre line and points in a format."""
    return _WRITERS[form](river)


def spots(river: River) -> Iterator[Spot]:
    """Yield every place, gauge and danger, downstream."""
    trusted = {(one.layer, one.feature): one.confidence for one in river.provenance}
    layers = {"reef": "reefs", "beach": "beaches", "landing": "landings", "ramp": "ramps", "pontoon": "pontoons",
              "bridge": "bridges", "gauge": "gauges", "hazard": "hazards", "boom": "booms"}  # fmt: skip

    def spot(item: Any, kind: str, xy: tuple[float, float], level_m: float | None) -> Spot:
        lon, lat = river.frame.point_lonlat(*xy)
        layer = "ways" if isinstance(item, TimedWay) else layers.get(kind, kind)
        confidence = trusted.get((layer, item.id)) or trusted.get((layer, ""), "low")
        km = river.km(float(np.clip(river.locate(*xy)[0], 0.0, river.length_m)))
        return Spot(
            item.id, kind, item.name, round(lon, _DIGITS), round(lat, _DIGITS), round(km, 3) + 0.0, level_m, confidence
        )

    found = [spot(place, place.kind, (place.x_m, place.y_m), place.critical_m) for place in river.places.values()]
    found += [spot(gauge, "gauge", (gauge.x_m, gauge.y_m), gauge.zero_m) for gauge in river.gauges]
    found += [spot(one, "hazard", (one.x_m, one.y_m), None) for one in river.dangers]
    found += [spot(one, one.kind, one.line_xy[0], None) for one in river.ways]
    found += [spot(one, "boom", one.line_xy[0], None) for one in river.booms]
    found += [spot(one, "restricted", one.ring_xy[0], None) for one in river.restricted]
    yield from sorted(found, key=lambda one: (-one.km, one.id))


def _line(river: River) -> list[tuple[float, float]]:
    lon, lat = river.frame.to_lonlat(river.centreline.xy[:, 0], river.centreline.xy[:, 1])
    return [(round(float(x), _DIGITS), round(float(y), _DIGITS)) for x, y in zip(lon, lat, strict=True)]


def _drawn(river: River) -> Iterator[tuple[str, RiverRule, list[tuple[float, float]]]]:
    """Yield the ways, booms and areas with rules as they are drawn, with their layer."""
    layers = {TimedWay: "ways", Boom: "booms", RestrictedArea: "restricted"}
    for one in river.rules:
        points = one.ring_xy if isinstance(one, RestrictedArea) else one.line_xy
        lon, lat = river.frame.to_lonlat([x for x, _ in points], [y for _, y in points])
        pairs = zip(lon.tolist(), lat.tolist(), strict=True)
        yield layers[type(one)], one, [(round(x, _DIGITS), round(y, _DIGITS)) for x, y in pairs]


def _warning(river: River) -> str:
    return f"{MARK.zh} / {MARK.en}" if river.schematic else ""


def _geojson(river: River) -> str:
    def feature(kind: str, coordinates: Any, properties: Mapping[str, Any]) -> dict[str, Any]:
        return {
            "type": "Feature",
            "geometry": {"type": kind, "coordinates": coordinates},
            "properties": {**properties, **({"warning": _warning(river)} if river.schematic else {})},
        }

    axis = {"layer": "centreline", "id": river.id, "name_zh": river.name.zh, "name_en": river.name.en}
    features = [feature("LineString", _line(river), axis)]
    for spot in spots(river):
        properties = {
            "layer": spot.kind, "id": spot.id, "name_zh": spot.name.zh, "name_en": spot.name.en, "km": spot.km,
            "level_m": spot.level_m, "vertical_datum": river.vertical_datum, "confidence": spot.confidence,
        }  # fmt: skip
        features.append(feature("Point", [spot.lon_deg, spot.lat_deg], properties))
    for layer, one, points in _drawn(river):
        words = rule_words(one)
        named = {"layer": layer, "id": one.id, "name_zh": one.name.zh, "name_en": one.name.en,
                 "rule_zh": words.zh, "rule_en": words.en}  # fmt: skip
        area = isinstance(one, RestrictedArea)
        features.append(feature("Polygon" if area else "LineString", [points] if area else points, named))
    return json.dumps({"type": "FeatureCollection", "features": features}, ensure_ascii=False, indent=1) + "\n"


def _told(river: River, spot: Spot) -> str:
    level = "" if spot.level_m is None else f", {spot.level_m:.2f} m {river.vertical_datum}"
    mark = f"; {_warning(river)}" if river.schematic else ""
    return escape(f"{spot.kind}, K{spot.km:.2f}{level}, {spot.confidence}{mark}")


def _gpx(river: River) -> str:
    """Return GPX 1.1: points as waypoints, the centre line as a route's track."""
    text = io.StringIO()
    title = escape(f"{river.name}{f' ({_warning(river)})' if river.schematic else ''}")
    text.write('<?xml version="1.0" encoding="UTF-8"?>\n')
    text.write('<gpx version="1.1" creator="rescuecmd" xmlns="http://www.topografix.com/GPX/1/1">\n')
    text.write(f"<metadata><name>{title}</name></metadata>\n")
    for spot in spots(river):
        text.write(f'<wpt lat="{spot.lat_deg}" lon="{spot.lon_deg}"><name>{escape(str(spot.name))}</name>')
        text.write(f"<desc>{_told(river, spot)}</desc><type>{spot.kind}</type></wpt>\n")
    points = "".join(f'<trkpt lat="{lat}" lon="{lon}"/>' for lon, lat in _line(river))
    text.write(f"<trk><name>{title}</name><trkseg>{points}</trkseg></trk>\n</gpx>\n")
    return text.getvalue()


def _kml(river: River) -> str:
    """Return KML 2.2 (OGC 07-147r2): a folder for each kind of point."""
    text = io.StringIO()
    title = escape(f"{river.name}{f' ({_warning(river)})' if river.schematic else ''}")
    text.write('<?xml version="1.0" encoding="UTF-8"?>\n<kml xmlns="http://www.opengis.net/kml/2.2">\n')
    line = " ".join(f"{lon},{lat}" for lon, lat in _line(river))
    text.write(f"<Document><name>{title}</name>\n")
    text.write(
        f"<Placemark><name>{title}</name><LineString><coordinates>{line}</coordinates></LineString></Placemark>\n"
    )
    every = list(spots(river))
    for kind in dict.fromkeys(spot.kind for spot in every):
        text.write(f"<Folder><name>{kind}</name>\n")
        for spot in every:
            if spot.kind == kind:
                text.write(
                    f"<Placemark><name>{escape(str(spot.name))}</name><description>{_told(river, spot)}</description>"
                )
                text.write(f"<Point><coordinates>{spot.lon_deg},{spot.lat_deg}</coordinates></Point></Placemark>\n")
        text.write("</Folder>\n")
    text.write("</Document>\n</kml>\n")
    return text.getvalue()


def _csv(river: River) -> str:
    columns = ("id", "kind", "name_zh", "name_en", "lon_deg", "lat_deg", "km", "level_m", "vertical_datum",
               "confidence", "warning")  # fmt: skip
    rows = [
        (spot.id, spot.kind, spot.name.zh, spot.name.en, str(spot.lon_deg), str(spot.lat_deg), f"{spot.km:.3f}",
         "" if spot.level_m is None else f"{spot.level_m:.2f}", river.vertical_datum, spot.confidence, _warning(river))
        for spot in spots(river)
    ]  # fmt: skip
    return table_text(columns, rows)


_WRITERS: Mapping[ExportFormat, Callable[[River], str]] = {"geojson": _geojson, "gpx": _gpx, "kml": _kml, "csv": _csv}
