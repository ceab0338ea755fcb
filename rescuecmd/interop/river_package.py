"""A river package on disk to a `River`, or every fault in it with file and line.

A package is a folder: ``river.yaml``, one GeoJSON per layer, ``sections.csv`` and ``series/*.csv``. Centre line,
sections and gauges are needed; ``profiles.csv`` holds the computed water surfaces of `rescuecmd river build`; every
other layer may be left out. Reading goes in two rounds: first every file on its own, then what the files say about each
other; a fault in one file does not hide those in the next.
"""

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

from rescuecmd.errors import Fault, FaultsError, nearest
from rescuecmd.geo import Frame
from rescuecmd.interop import river_places as places
from rescuecmd.interop import river_ways
from rescuecmd.interop.river_file import NEEDED, NamedFile, RatingFile, RiverFile, RiverModel
from rescuecmd.interop.river_parts import KINDS, Item, Parts, read_parts
from rescuecmd.interop.river_profiles import family_of
from rescuecmd.interop.river_series import series, table_faults
from rescuecmd.interop.river_shape import axis_of, sections_of
from rescuecmd.river.model import Landing, Pontoon, Provenance, Ramp, Rating, River, Surface
from rescuecmd.text import Text


def load_river(folder: Path, *, profiles: bool = True) -> River:
    """Read a river package; without its computed `profiles` where they are about to be made anew.

    Raises
    ------
    FaultsError
        Every fault in every file, each with file and line, what was expected and the nearest right name.
    """
    parts = read_parts(folder)
    if not profiles:
        parts.profiles = None
    places.check_ids(parts)
    places.check_exits(parts)
    river = _assemble(parts)
    faults = [*parts.faults, *table_faults(parts)]
    if faults or river is None:
        raise FaultsError(faults)
    return river


def _assemble(parts: Parts) -> River | None:
    """Return the river, or None with at least one fault noted."""
    levels = tuple(series(parts))
    file = parts.river
    if file is None:
        return None
    _check_layers(parts, file)
    _check_gauges(parts, file)
    frame = Frame(file.frame.lon_deg, file.frame.lat_deg)
    axis = axis_of(parts, frame)
    sections = sections_of(parts, frame, axis) if axis else ()
    if axis is None or len(sections) < 2 or any(b.chainage_m <= a.chainage_m for a, b in pairwise(sections)):
        return None
    ground = places.Ground.of(parts, frame, axis, sections)
    river = River(
        id=file.id,
        name=Text(file.name.zh, file.name.en),
        frame=frame,
        vertical_datum=file.vertical_datum,
        schematic=file.schematic,
        centreline=axis,
        sections=sections,
        surface=_surface(parts, file),
        mouth_km=file.mouth_km,
        rating=_rating(parts, file.rating) if file.rating else None,
        family=family_of(parts, file, sections),
        reefs=tuple(places.reefs(ground)),
        bridges=tuple(places.bridges(ground)),
        weirs=tuple(places.weirs(ground)),
        ways=tuple(river_ways.ways(ground)),
        booms=tuple(river_ways.booms(ground)),
        restricted=tuple(river_ways.restricted(ground)),
        dangers=tuple(places.dangers(ground)),
        pontoons=tuple(places.landings(ground, Pontoon)),
        ramps=tuple(places.landings(ground, Ramp)),
        landings=tuple(places.landings(ground, Landing)),
        safe_ground=tuple(places.safe_ground(ground)),
        beaches=tuple(places.beaches(ground)),
        still_water=tuple(places.still_water(ground)),
        gauges=tuple(places.gauges(ground)),
        series=levels,
        provenance=tuple(_provenance(parts, file)),
    )
    river_ways.check_ends(ground, river)
    return river


def _provenance(parts: Parts, file: RiverFile) -> Iterator[Provenance]:
    """Yield where each layer comes from, and after it those of its features that say more."""
    for name, layer in file.layers.items():
        yield Provenance(name, layer.source, layer.confidence, layer.licence)
        items: list[Item[RiverModel]] = getattr(parts, name) if name in KINDS else []
        for item in items:
            told = item.data
            if isinstance(told, NamedFile) and (told.source or told.confidence):
                yield Provenance(
                    name, told.source or layer.source, told.confidence or layer.confidence, layer.licence, told.id
                )


def _surface(parts: Parts, file: RiverFile) -> Surface:
    low, flood = file.surface.low, file.surface.flood
    if low.level_m >= flood.level_m:
        _note(parts, "the low level must lie below the flood level", "surface", "low", "level_m")
    return Surface(low.level_m, low.slope, flood.level_m, flood.slope)


def _rating(parts: Parts, file: RatingFile) -> Rating:
    points = tuple((point.level_m, point.discharge_m3ps) for point in file.points)
    if points[0][0] <= file.no_flow_m:
        _note(parts, "the first point must lie above no_flow_m", "rating", "points", 0, "level_m")
    for number, (first, second) in enumerate(pairwise(points), start=1):
        if second[0] <= first[0] or second[1] <= first[1]:
            _note(parts, "level and discharge must grow from point to point", "rating", "points", number)
    return Rating(file.gauge, file.no_flow_m, points, file.max_current_mps, file.source, file.confidence)


def _check_layers(parts: Parts, file: RiverFile) -> None:
    used = [name for name in KINDS if name in NEEDED or (parts.folder / f"{name}.geojson").exists()]
    if file.series:
        used.append("series")
    if parts.profiles is not None:
        used.append("profiles")
    for name in used:
        if name not in file.layers:
            _note(parts, f"layer {name!r} has no source, confidence and licence", "layers")


def _check_gauges(parts: Parts, file: RiverFile) -> None:
    """Note gauges that river.yaml names and gauges.geojson does not have, and a package without any."""
    known = [item.data.id for item in parts.gauges]
    path = str(parts.folder / "gauges.geojson")
    if not known:
        if not any(fault.file == path for fault in parts.faults):
            parts.faults.append(Fault(path, 1, "", "at least one gauge is needed: without a level nothing is known"))
        return
    named: list[tuple[str, tuple[str | int, ...]]] = [
        (offset.gauge, ("datum_offsets", number, "gauge")) for number, offset in enumerate(file.datum_offsets)
    ]
    if file.rating:
        named.append((file.rating.gauge, ("rating", "gauge")))
    for gauge_id, path_in_file in named:
        if gauge_id not in known:
            _note(parts, f"no gauge {gauge_id!r}{nearest(gauge_id, known)}", *path_in_file)


def _note(parts: Parts, message: str, *path: str | int) -> None:
    assert parts.document is not None  # noqa: S101 - asked only about what river.yaml says
    parts.faults.append(parts.document.fault(message, *path))
