"""What gauges say in other people's formats: USGS WaterML-JSON and its OGC successor, CSV, plain JSON.

Values come out in m and m3/s. A *stage* is a height above the gauge's own zero, a *level* one above a vertical datum;
which of the two a file holds is told, never guessed. What is missing, not finite, or marked by the agency as affected
by ice, backwater or equipment is left out and counted with its reason.
"""

import json
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from rescuecmd.errors import Fault, FaultsError, nearest
from rescuecmd.interop.csv_table import parse_time_s, read_table
from rescuecmd.interop.plain_text import decoded
from rescuecmd.units import M_PER_FOOT

Quantity: TypeAlias = Literal["stage", "level", "discharge"]
Format: TypeAlias = Literal["usgs", "csv", "json"]

MAX_BYTES = 8 * 1024 * 1024

_USGS: Mapping[str, Quantity] = {"00065": "stage", "00060": "discharge", "62615": "level", "63160": "level"}
"""USGS parameter codes: gage height, discharge, level above NAVD 88 and above NGVD 29."""

_UNITS = {"ft": M_PER_FOOT, "m": 1.0, "ft3/s": M_PER_FOOT**3, "ft^3/s": M_PER_FOOT**3, "m3/s": 1.0, "m^3/s": 1.0}

_BAD_MARKS = {"Ice": "ice", "Bkw": "backwater", "Eqp": "equipment", "Mnt": "maintenance", "Dis": "discontinued",
              "Fld": "flood damage", "Ssn": "seasonal", "***": "unavailable", "--": "unavailable"}  # fmt: skip
"""Remark codes of USGS under which a value is none (help.waterdata.usgs.gov, codes of instantaneous values)."""


@dataclass(frozen=True, slots=True)
class GaugeValues:
    """The values of one quantity at one site: (s since epoch, m or m3/s), times ascending; and what was left out.

    `parameter` (code of USGS) and `method` (the sensor or time series) tell apart what one site measures twice.
    """

    site: str
    quantity: Quantity
    values: tuple[tuple[float, float], ...]
    left_out: tuple[str, ...] = ()
    parameter: str = ""
    method: str = ""


def read_values(raw: bytes, name: str, form: Format | None = None) -> tuple[GaugeValues, ...]:
    """Return everything that a file or an answer of a server holds.

    Parameters
    ----------
    form
        Its format; None: found out from the first letter.

    Raises
    ------
    FaultsError
        It is not of this format, or a time in it has no zone; `name` stands in the faults.
    """
    text = decoded(raw, name, MAX_BYTES)
    if form is None:
        form = "json" if text.lstrip()[:1] in {"{", "["} else "csv"
    return _READERS[form](text, name)


def _json(text: str, name: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        line = getattr(error, "lineno", 1)
        raise FaultsError([Fault(name, line, "", f"not valid JSON: {getattr(error, 'msg', error)}")]) from error


def _from_json(text: str, name: str) -> tuple[GaugeValues, ...]:
    """Read ours, ``{"readings": [{"time": ..., "level_m": ...}]}``, or what looks like one of USGS's two formats."""
    data = _json(text, name)
    if isinstance(data, dict) and isinstance(data.get("value"), dict):
        return _water_ml(data, name)
    if isinstance(data, dict) and data.get("type") in {"FeatureCollection", "Feature"}:
        return _features(data, name)
    rows = data.get("readings") if isinstance(data, dict) else data
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise FaultsError([Fault(name, 1, "", 'expected {"readings": [{"time": ..., "level_m": ...}]}')])
    quantity: Quantity = "stage" if rows and "stage_m" in rows[0] else "level"
    key = f"{quantity}_m"
    for number, row in enumerate(rows):
        strays = [str(one) for one in row if one not in {"time", key}]
        if strays:
            message = f"unknown key {strays[0]!r}{nearest(strays[0], ('time', key))}"
            raise FaultsError([Fault(name, 1, f"readings[{number}]", message)])
    found = _Found(name)
    found.add_all((row.get("time"), row.get(key), 0, f"readings[{number}]", ()) for number, row in enumerate(rows))
    return (found.values("", quantity, 1.0),)


def _from_csv(text: str, name: str) -> tuple[GaugeValues, ...]:
    header = next((line for line in text.splitlines() if line.strip()), "")
    quantity: Quantity = "stage" if "stage_m" in header else "level"
    table = read_table(text.encode(), name, ("time", f"{quantity}_m"))
    if table.faults:
        raise FaultsError(table.faults)
    found = _Found(name)
    found.add_all((row.cells["time"], row.cells[f"{quantity}_m"], row.line, "", ()) for row in table.rows)
    return (found.values("", quantity, 1.0),)


def _from_usgs(text: str, name: str) -> tuple[GaugeValues, ...]:
    data = _json(text, name)
    if isinstance(data, dict) and data.get("type") in {"FeatureCollection", "Feature"}:
        return _features(data, name)
    return _water_ml(data, name)


def _water_ml(data: Any, name: str) -> tuple[GaugeValues, ...]:
    """Read WaterML 1.1 as JSON (waterservices.usgs.gov, iv and dv)."""
    try:
        return tuple(_water_ml_series(data, name))
    except (KeyError, TypeError, ValueError, IndexError, AttributeError, OverflowError) as error:
        message = f"expected WaterML-JSON of USGS; {type(error).__name__} at {error}"
        raise FaultsError([Fault(name, 1, "value.timeSeries", message)]) from error


def _water_ml_series(data: Any, name: str) -> Iterator[GaugeValues]:
    for number, series in enumerate(data["value"]["timeSeries"]):
        variable = series["variable"]
        code = variable["variableCode"][0]["value"]
        quantity = _USGS.get(code)
        if quantity is None:
            continue  # temperature, turbidity and the like
        where = f"timeSeries[{number}]"
        unit = variable.get("unit", {}).get("unitCode", "ft3/s" if quantity == "discharge" else "ft")
        none = variable.get("noDataValue")
        site, factor = str(series["sourceInfo"]["siteCode"][0]["value"]), _factor(unit, name, where)
        blocks = []
        for at, block in enumerate(series["values"]):
            found = _Found(name, none=None if none is None else float(none))
            found.add_all(
                (item.get("dateTime"), item.get("value"), 0, f"{where}.{n}", _marks(item.get("qualifiers")))
                for n, item in enumerate(block["value"])
            )
            blocks.append(found.values(site, quantity, factor, code, _method(block, at)))
        yield from [one for one in blocks if one.values] or blocks[:1]  # a site lists the sensors it no longer has


def _method(block: Mapping[str, Any], at: int) -> str:
    """Return the id of the sensor that a block of values is from; its number in the file where it has none."""
    told = block.get("method")
    return str(told[0].get("methodID", at)) if told else str(at)


def _marks(given: Any) -> tuple[str, ...]:
    return tuple(str(one) for one in given) if isinstance(given, list) else (str(given),) if given else ()


def _features(data: Mapping[str, Any], name: str) -> tuple[GaugeValues, ...]:
    """Read values as GeoJSON features (api.waterdata.usgs.gov, OGC API, collection ``continuous``)."""
    features = data.get("features") if data.get("type") == "FeatureCollection" else [data]
    if not isinstance(features, list):
        raise FaultsError([Fault(name, 0, "features", "expected a list of features")])
    rows = [item.get("properties") for item in features if isinstance(item, dict)]
    grouped: dict[tuple[str, str, str, str], list[tuple[int, Mapping[str, Any]]]] = {}
    for number, row in enumerate(rows):
        if isinstance(row, dict) and str(row.get("parameter_code")) in _USGS:
            told = (row.get(key) for key in ("monitoring_location_id", "parameter_code", "unit_of_measure"))
            site, code, unit = ("" if one is None else str(one) for one in told)
            key = (site, code, unit, str(row.get("time_series_id") or ""))
            grouped.setdefault(key, []).append((number, row))
    if not grouped:
        codes = ", ".join(_USGS)
        raise FaultsError([Fault(name, 1, "features", f"no feature has one of the parameter codes {codes}")])
    read = []
    for (site, code, unit, method), items in grouped.items():
        found = _Found(name)
        found.add_all(
            (row.get("time"), row.get("value"), 0, f"features[{number}]", _marks(row.get("qualifier")))
            for number, row in items
        )
        factor = _factor(unit, name, f"features[{items[0][0]}]")
        read.append(found.values(site, _USGS[code], factor, code, method))
    return tuple(read)


def _factor(unit: object, name: str, where: str) -> float:
    if str(unit) not in _UNITS:
        raise FaultsError([Fault(name, 1, where, f"unknown unit {unit!r}; known are {', '.join(_UNITS)}")])
    return _UNITS[str(unit)]


class _Found:
    """Values as they are read; no zone, or two values at one time, is a fault; what is no value is left out."""

    def __init__(self, name: str, none: float | None = None) -> None:
        self._name, self._none = name, none
        self._rows: dict[float, float] = {}
        self._left_out: list[str] = []

    def add_all(self, rows: Iterator[tuple[Any, Any, int, str, Sequence[str]]]) -> None:
        """Take (time, value, its line or 0, where it stands, marks)."""
        faults = [fault for row in rows if (fault := self._add(*row))]
        if faults:
            raise FaultsError(faults)

    def _add(self, time: Any, value: Any, line: int, where: str, marks: Sequence[str]) -> Fault | None:
        time_s = parse_time_s(str(time))
        if isinstance(time_s, str):
            return Fault(self._name, line, where, time_s)
        why = next((_BAD_MARKS[mark] for mark in marks if mark in _BAD_MARKS), "")
        number = _number(value)
        if why or number is None or number == self._none:
            self._left_out.append(f"{where or f'line {line}'}: {why or f'no value ({value!r})'}")
        elif self._rows.get(time_s, number) != number:
            message = f"two values at {time}: {self._rows[time_s]:g} and {number:g}; keep the right one"
            return Fault(self._name, line, where, message)
        else:
            self._rows[time_s] = number
        return None

    def values(
        self, site: str, quantity: Quantity, factor: float, parameter: str = "", method: str = ""
    ) -> GaugeValues:
        """Return what was found, times ascending."""
        rows = tuple((time_s, self._rows[time_s] * factor) for time_s in sorted(self._rows))
        return GaugeValues(site, quantity, rows, tuple(self._left_out), parameter, method)


def _number(value: Any) -> float | None:
    if isinstance(value, bool) or value is None:
        return None
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None


_READERS: Mapping[Format, Callable[[str, str], tuple[GaugeValues, ...]]] = {
    "usgs": _from_usgs,
    "csv": _from_csv,
    "json": _from_json,
}
