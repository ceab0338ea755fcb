"""GeoJSON layers that people edit: features with the line each of them and each of its values stands on.

The geometry is read with geopandas; the text is scanned beside it, because no reader tells where a feature stood.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
from shapely.errors import ShapelyError
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry

from rescuecmd.errors import Fault, FaultsError
from rescuecmd.interop.files import Document
from rescuecmd.interop.plain_text import decoded

MAX_BYTES = 8 * 1024 * 1024
_FEATURES = re.compile(r'"features"\s*:\s*\[')
_BETWEEN = re.compile(r"[\s,]*")
_LONLAT_NAMES = ("urn:ogc:def:crs:OGC:1.3:CRS84", "urn:ogc:def:crs:OGC::CRS84", "EPSG:4326")


@dataclass(frozen=True, eq=False)
class Feature:
    """One feature: its geometry (longitude, latitude), its properties as a document, and its line."""

    geometry: BaseGeometry
    document: Document
    line: int

    def fault(self, message: str, *path: str | int) -> Fault:
        """Return a fault at this feature or at one of its properties."""
        return self.document.fault(message, *path)


def load_layer(path: Path, geometry_type: str) -> tuple[list[Feature], list[Fault]]:
    """Read a GeoJSON file whose features all have one geometry type.

    Returns
    -------
    features, faults
        What could be read, and every feature that could not.

    Raises
    ------
    FaultsError
        The file as a whole cannot be read.
    """
    return read_layer(_bytes(path), str(path), geometry_type)


def read_layer(raw: bytes, name: str, geometry_type: str) -> tuple[list[Feature], list[Fault]]:
    """Parse the bytes of a GeoJSON file; `name` stands in the faults (see `load_layer`)."""
    text = decoded(raw, name, MAX_BYTES)
    items = _items(text, name)
    starts = _starts(text, len(items))
    features: list[Feature] = []
    faults: list[Fault] = []
    for number, item in enumerate(items):
        document = _document(name, text, item, starts, number)
        wrong = _wrong(item, geometry_type)
        if wrong:
            faults.append(document.fault(wrong))
            continue
        features.append(Feature(shape(item["geometry"]), document, document.line()))
    return _checked(features, faults, geometry_type)


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError as error:
        raise FaultsError([Fault(str(path), 0, "", "this layer is missing; an empty one has no features")]) from error
    except OSError as error:
        raise FaultsError([Fault(str(path), 0, "", f"cannot be read: {error.strerror or error}")]) from error


def _items(text: str, name: str) -> list[Any]:
    try:
        data = json.loads(text, parse_constant=_no_constant, object_pairs_hook=_no_double)
    except json.JSONDecodeError as error:
        raise FaultsError([Fault(name, error.lineno, "", f"not valid JSON: {error.msg}")]) from error
    except (ValueError, RecursionError) as error:
        raise FaultsError([Fault(name, _constant_line(text), "", f"not valid JSON: {error}")]) from error
    if not isinstance(data, dict) or data.get("type") != "FeatureCollection":
        raise FaultsError([Fault(name, 1, "", "expected a GeoJSON FeatureCollection")])
    if "crs" in data and not any(known in json.dumps(data["crs"]) for known in _LONLAT_NAMES):
        raise FaultsError([Fault(name, 1, "crs", "only longitude and latitude (WGS 84) are read; export as EPSG:4326")])
    features = data.get("features")
    if not isinstance(features, list):
        raise FaultsError([Fault(name, 1, "features", "expected a list of features")])
    return features


def _no_constant(word: str) -> float:
    raise ValueError(f"{word} is not a number that may stand here")


def _no_double(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        raise ValueError(f"{next(name for name in names if names.count(name) > 1)!r} stands twice")
    return found


def _constant_line(text: str) -> int:
    match = re.search(r"\b(NaN|-?Infinity)\b", text)
    return text.count("\n", 0, match.start()) + 1 if match else 1


def _starts(text: str, count: int) -> list[tuple[int, int]]:
    """Return start and end of each feature in the text; empty where they cannot be told."""
    decoder = json.JSONDecoder()
    for opening in _FEATURES.finditer(text):
        spans: list[tuple[int, int]] = []
        at = opening.end()
        while len(spans) < count:
            at = _next(text, at)
            try:
                _, end = decoder.raw_decode(text, at)
            except (json.JSONDecodeError, RecursionError):
                break
            spans.append((at, end))
            at = end
        if len(spans) == count:
            return spans
    return []


def _next(text: str, at: int) -> int:
    match = _BETWEEN.match(text, at)
    return match.end() if match else at


def _document(name: str, text: str, item: Any, starts: Sequence[tuple[int, int]], number: int) -> Document:
    """Return the properties as a document that knows the line of each key."""
    properties = item.get("properties") if isinstance(item, dict) else None
    properties = properties if isinstance(properties, dict) else {}
    if not starts:
        return Document(name, properties, {(): 1})
    start, end = starts[number]
    line = text.count("\n", 0, start) + 1
    lines: dict[tuple[str | int, ...], int] = {(): line}
    body = text.find('"properties"', start, end)
    for key in properties:
        at = text.find(json.dumps(key, ensure_ascii=False), max(body, start), end)
        lines[key,] = text.count("\n", 0, at) + 1 if at >= 0 else line
    return Document(name, properties, lines)


def _wrong(item: Any, geometry_type: str) -> str:
    """Return what is wrong with a feature, or an empty text."""
    if not isinstance(item, dict) or item.get("type") != "Feature":
        return "expected a GeoJSON Feature"
    if not isinstance(item.get("properties"), dict):
        return "a feature needs properties"
    geometry = item.get("geometry")
    if not isinstance(geometry, dict) or geometry.get("type") != geometry_type:
        came = geometry.get("type") if isinstance(geometry, dict) else geometry
        return f"expected a {geometry_type}, got {came!r}"
    try:
        built = shape(geometry)
    except (ShapelyError, ValueError, TypeError, KeyError, IndexError, AttributeError, OverflowError) as error:
        return f"its coordinates are not those of a {geometry_type}: {error}"
    return _wrong_place(built)


def _wrong_place(built: BaseGeometry) -> str:
    if built.is_empty:
        return "it has no coordinates"
    bounds = np.array(built.bounds)
    if not np.isfinite(bounds).all():
        return "a coordinate is not a finite number"
    west, south, east, north = bounds
    if west < -180 or east > 180 or south < -90 or north > 90:
        return f"longitude and latitude expected, got {west:g} {south:g}; longitude comes first"
    return ""


def _checked(features: list[Feature], faults: list[Fault], geometry_type: str) -> tuple[list[Feature], list[Fault]]:
    """Return the features whose geometry is sound, by geopandas over the whole layer."""
    if not features:
        return [], faults
    layer = gpd.GeoSeries([feature.geometry for feature in features], crs="EPSG:4326")
    sound = layer.is_simple if geometry_type == "LineString" else layer.is_valid
    kept: list[Feature] = []
    for feature, good in zip(features, sound, strict=True):
        if good:
            kept.append(feature)
        else:
            faults.append(
                feature.fault("the line crosses itself" if geometry_type == "LineString" else "the area crosses itself")
            )
    return kept, faults
