"""The files of a river package as text, in one form: the same layer always gives the same bytes.

One line for each property and one for the geometry, so that a change of one value is a change of one line.
"""

import csv
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeAlias

from shapely.geometry import mapping
from shapely.geometry.base import BaseGeometry

DIGITS = 7
"""Decimals of longitude and latitude: about a centimetre."""

Shape: TypeAlias = tuple[Mapping[str, Any], BaseGeometry]
"""Properties and geometry (longitude, latitude) of one feature."""


def layer_text(name: str, shapes: Iterable[Shape]) -> str:
    """Return a layer as the text of its GeoJSON file."""
    features = ",\n".join(_feature(properties, geometry) for properties, geometry in shapes)
    body = f"{features}\n" if features else ""
    return f'{{\n"type": "FeatureCollection",\n"name": {_json(name)},\n"features": [\n{body}]\n}}\n'


def table_text(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table as the text of its CSV file."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(rows)
    return text.getvalue()


def _feature(properties: Mapping[str, Any], geometry: BaseGeometry) -> str:
    lines = ",\n".join(f"    {_json(key)}: {_json(value)}" for key, value in properties.items())
    place = mapping(geometry)
    drawn = {"type": place["type"], "coordinates": _rounded(place["coordinates"])}
    return f'{{ "type": "Feature",\n  "properties": {{\n{lines}\n  }},\n  "geometry": {_json(drawn)}\n}}'


def _rounded(value: Any) -> Any:
    return round(value, DIGITS) if isinstance(value, (int, float)) else [_rounded(item) for item in value]


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)
