"""What of a river package says who may go where: portages, ramps and locks, booms, areas with rules."""

import math
from collections.abc import Iterator

from rescuecmd.interop.river_file import WayFile
from rescuecmd.interop.river_parts import Item
from rescuecmd.interop.river_places import BESIDE_M, Ground
from rescuecmd.river.feature import Boom, RestrictedArea, TimedWay
from rescuecmd.river.hours import DailyHours
from rescuecmd.river.model import River
from rescuecmd.text import Text

_AWAY_M = 500.0  # the middle of a portage round a dam lies on land


def ways(ground: Ground) -> Iterator[TimedWay]:
    """Yield the portages, ramps and locks."""
    for item in ground.parts.ways:
        if ground.stands(item, beside_m=_AWAY_M) is None:
            continue
        data, line = item.data, ground.line(item)
        if math.dist(line[0], line[-1]) < 1.0:
            ground.parts.faults.append(item.fault("it ends where it begins; draw it from water to water"))
            continue
        yield TimedWay(
            data.id,
            Text(data.name_zh, data.name_en),
            data.kind,
            line,
            data.takes_s,
            data.both,
            hours=DailyHours.parse(data.open) if data.open else None,
            max_draught_m=math.inf if data.max_draught_m is None else data.max_draught_m,
            max_air_draught_m=math.inf if data.max_air_draught_m is None else data.max_air_draught_m,
            sill_m=-math.inf if data.sill_m is None else data.sill_m,
        )


def booms(ground: Ground) -> Iterator[Boom]:
    """Yield the booms."""
    for item in ground.parts.booms:
        if ground.stands(item, beside_m=BESIDE_M) is not None:
            yield Boom(item.data.id, Text(item.data.name_zh, item.data.name_en), ground.line(item))


def restricted(ground: Ground) -> Iterator[RestrictedArea]:
    """Yield the areas with rules."""
    for item in ground.parts.restricted:
        if ground.stands(item, beside_m=BESIDE_M) is not None:
            data = item.data
            limit = math.inf if data.limit_mps is None else data.limit_mps
            hours = DailyHours.parse(data.open) if data.open else None
            yield RestrictedArea(
                data.id, Text(data.name_zh, data.name_en), ground.ring(item), limit, hours, data.closed
            )


def check_ends(ground: Ground, river: River) -> None:
    """Note ways that end where no boat floats at any level."""
    named: dict[str, Item[WayFile]] = {item.data.id: item for item in ground.parts.ways}
    for way in river.ways:
        for at, words in ((0, "first"), (-1, "last")):
            chainage, offset = (float(value) for value in river.locate(*way.line_xy[at]))
            known = 0 <= chainage <= river.length_m and math.isfinite(float(river.bed_m(chainage, offset)))
            if not known or bool(river.on_bank(chainage, offset)):
                message = f"its {words} point lies in no surveyed channel; draw it where a boat lies afloat"
                ground.parts.faults.append(named[way.id].fault(message))
