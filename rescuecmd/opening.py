"""HOW AN OPERATION BEGINS: what a drill and a live operation have in common, and the live one.

A live operation knows its river, its dangers and its units, and nothing else: no level before a gauge has been read, no
position before a phone has told it.
"""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

from rescuecmd.picture.commands import Command, OpenOperation, ReportHazard
from rescuecmd.picture.entity import Fix, Hazard, Operation
from rescuecmd.picture.unit import Unit
from rescuecmd.picture.water import Gauge
from rescuecmd.river.feature import GaugeSite
from rescuecmd.river.model import River
from rescuecmd.text import Text

SCHEMATIC = Text(zh="示意河道：未经测量，不得用于航行", en="Schematic river: not surveyed, not for navigation")
DANGER_M = 10.0  # how well a river package knows where its lasting dangers are


def operation_id(of: str, start_s: float) -> str:
    """Return the id of an operation of a drill or on a river that begins at `start_s`, s since epoch (UTC)."""
    return f"{of}-{datetime.fromtimestamp(start_s, UTC):%Y%m%dT%H%M%SZ}"


def river_facts(river: River) -> tuple[Text, ...]:
    """Return what must be said of a river wherever it is shown."""
    return (SCHEMATIC,) if river.schematic else ()


def dangers(river: River, start_s: float) -> Iterator[Command]:
    """Yield the lasting dangers of a river as hazards."""
    for danger in river.dangers:
        lon, lat = river.frame.point_lonlat(danger.x_m, danger.y_m)
        fix = Fix(round(lon, 7), round(lat, 7), start_s, DANGER_M, "report")
        yield ReportHazard(Hazard(danger.id, danger.kind, danger.name, fix, danger.radius_m))


def gauge_at(river: River, site: GaugeSite) -> Gauge:
    """Return the gauge of a site as the picture has it, not read yet."""
    lon, lat = river.frame.point_lonlat(site.x_m, site.y_m)
    return Gauge(site.id, site.name, lon, lat, site.chainage_m, river.vertical_datum, site.warning_m, site.guarantee_m)


def live_opening(river: River, units: Iterable[Unit], start_s: float, title: str = "") -> Iterator[Command]:
    """Yield everything that is known when a live operation begins: it runs from its first second, and unmarked.

    Without a `title` it is called by its river.
    """
    yield OpenOperation(
        Operation(
            id=operation_id(river.id, start_s),
            title=Text(title, title) if title else river.name,
            mode="live",
            marking="",
            river_id=river.id,
            river_name=river.name,
            schematic=river.schematic,
            vertical_datum=river.vertical_datum,
            started_s=start_s,
            state="running",
            facts=river_facts(river),
        )
    )
    for unit in units:
        yield from unit.joining()
    yield from dangers(river, start_s)
