"""The files of a river package, each read on its own: what they say, and every fault in them."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Generic, TypeVar

from rescuecmd.errors import Fault, FaultsError, nearest
from rescuecmd.interop.csv_table import Table, load_table
from rescuecmd.interop.files import Document, load_document, parse
from rescuecmd.interop.geojson_layer import Feature, load_layer
from rescuecmd.interop.river_file import (
    NEEDED,
    BeachFile,
    BoomFile,
    BridgeFile,
    CentrelineFile,
    DangerFile,
    ExitFile,
    GaugeFile,
    LandingFile,
    PierFile,
    ReefFile,
    RestrictedFile,
    RiverFile,
    RiverModel,
    SafeGroundFile,
    SectionFile,
    SeriesFile,
    StillWaterFile,
    WayFile,
    WeirFile,
)

KINDS: Mapping[str, tuple[str, type[RiverModel]]] = {
    "centreline": ("LineString", CentrelineFile),
    "sections": ("LineString", SectionFile),
    "reefs": ("Polygon", ReefFile),
    "bridges": ("LineString", BridgeFile),
    "piers": ("Point", PierFile),
    "weirs": ("LineString", WeirFile),
    "ways": ("LineString", WayFile),
    "booms": ("LineString", BoomFile),
    "restricted": ("Polygon", RestrictedFile),
    "hazards": ("Point", DangerFile),
    "pontoons": ("Point", LandingFile),
    "ramps": ("Point", LandingFile),
    "landings": ("Point", LandingFile),
    "safe_ground": ("Point", SafeGroundFile),
    "beaches": ("Polygon", BeachFile),
    "exits": ("Point", ExitFile),
    "still_water": ("Polygon", StillWaterFile),
    "gauges": ("Point", GaugeFile),
}
"""The layers that have a file of their own: what is drawn in each, and what is said of it."""

SECTION_COLUMNS = ("section", "offset_m", "bed_m")
SERIES_COLUMNS = ("time", "level_m", "vertical_datum", "kind", "sigma_m", "confidence", "source")
PROFILE_COLUMNS = ("profile", "kind", "flow_m3ps", "section", "level_m")
_EXTRA = ("river.yaml", "sections.csv", "profiles.csv", "series", "README.md")

M = TypeVar("M", bound=RiverModel)


@dataclass(frozen=True, eq=False)
class Item(Generic[M]):
    """A feature and its checked properties."""

    feature: Feature
    data: M

    def fault(self, message: str, *path: str | int) -> Fault:
        """Return a fault at this feature or at one of its properties."""
        return self.feature.fault(message, *path)


@dataclass(eq=False)
class Parts:
    """Everything that could be read, and the faults so far."""

    folder: Path
    faults: list[Fault] = field(default_factory=list)
    document: Document | None = None
    river: RiverFile | None = None
    centreline: list[Item[CentrelineFile]] = field(default_factory=list)
    sections: list[Item[SectionFile]] = field(default_factory=list)
    reefs: list[Item[ReefFile]] = field(default_factory=list)
    bridges: list[Item[BridgeFile]] = field(default_factory=list)
    piers: list[Item[PierFile]] = field(default_factory=list)
    weirs: list[Item[WeirFile]] = field(default_factory=list)
    ways: list[Item[WayFile]] = field(default_factory=list)
    booms: list[Item[BoomFile]] = field(default_factory=list)
    restricted: list[Item[RestrictedFile]] = field(default_factory=list)
    hazards: list[Item[DangerFile]] = field(default_factory=list)
    pontoons: list[Item[LandingFile]] = field(default_factory=list)
    ramps: list[Item[LandingFile]] = field(default_factory=list)
    landings: list[Item[LandingFile]] = field(default_factory=list)
    safe_ground: list[Item[SafeGroundFile]] = field(default_factory=list)
    beaches: list[Item[BeachFile]] = field(default_factory=list)
    exits: list[Item[ExitFile]] = field(default_factory=list)
    still_water: list[Item[StillWaterFile]] = field(default_factory=list)
    gauges: list[Item[GaugeFile]] = field(default_factory=list)
    beds: Table | None = None
    profiles: Table | None = None
    series: list[tuple[int, SeriesFile, Table]] = field(default_factory=list)

    @contextmanager
    def collecting(self) -> Iterator[None]:
        """Keep the faults of what is done inside and go on after it."""
        try:
            yield
        except FaultsError as error:
            self.faults.extend(error.faults)


def read_parts(folder: Path) -> Parts:
    """Read every file of a package; nothing is raised, the faults are kept beside what could be read."""
    parts = Parts(folder)
    if not folder.is_dir():
        parts.faults.append(Fault(str(folder), 0, "", "expected a folder with river.yaml and its layers"))
        return parts
    with parts.collecting():
        parts.document = load_document(folder / "river.yaml")
        parts.river = parse(parts.document, RiverFile)
    for name, (geometry_type, model) in KINDS.items():
        setattr(parts, name, _layer(parts, name, geometry_type, model))
    with parts.collecting():
        parts.beds = load_table(folder / "sections.csv", SECTION_COLUMNS)
    if (folder / "profiles.csv").exists():
        with parts.collecting():
            parts.profiles = load_table(folder / "profiles.csv", PROFILE_COLUMNS)
    _read_series(parts)
    _check_files(parts)
    return parts


def _layer(parts: Parts, name: str, geometry_type: str, model: type[M]) -> list[Item[M]]:
    items: list[Item[M]] = []
    path = parts.folder / f"{name}.geojson"
    listed = parts.river is not None and name in parts.river.layers
    if name not in NEEDED and not listed and not path.exists():
        return items
    with parts.collecting():
        features, faults = load_layer(path, geometry_type)
        parts.faults.extend(faults)
        for feature in features:
            with parts.collecting():
                items.append(Item(feature, parse(feature.document, model)))
    return items


def _read_series(parts: Parts) -> None:
    for number, series in enumerate(parts.river.series if parts.river else ()):
        with parts.collecting():
            table = load_table(parts.folder / "series" / f"{series.id}.csv", SERIES_COLUMNS)
            parts.series.append((number, series, table))


def _check_files(parts: Parts) -> None:
    """Note files that nothing reads: most are misspelt layers or series that river.yaml does not list."""
    known = [f"{layer}.geojson" for layer in KINDS]
    for path in sorted(parts.folder.iterdir()):
        if path.name not in known and path.name not in _EXTRA and not path.name.startswith("."):
            message = f"nothing reads this file{nearest(path.name, [*known, *_EXTRA])}"
            parts.faults.append(Fault(str(path), 0, "", message))
    if parts.river is None or not (parts.folder / "series").is_dir():
        return
    listed = [f"{series.id}.csv" for series in parts.river.series]
    for path in sorted((parts.folder / "series").iterdir()):
        if path.name not in listed and not path.name.startswith("."):
            message = f"river.yaml lists no such series{nearest(path.name, listed)}"
            parts.faults.append(Fault(str(path), 0, "", message))
