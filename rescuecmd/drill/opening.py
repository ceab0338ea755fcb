"""How a drill begins: the operation with its marking and its facts, gauges, terminals, vessels, cameras."""

import math
from collections.abc import Iterator
from dataclasses import replace

from rescuecmd import opening
from rescuecmd.drill.hydrograph import compression_fact, level_at, outside_fact
from rescuecmd.drill.script import CameraSpec, DrillScript, Spot
from rescuecmd.geo import bearing_deg
from rescuecmd.picture.commands import Command, OpenOperation, PlaceGauge, ReadGauge, SetCamera
from rescuecmd.picture.entity import Camera, Fix, Operation
from rescuecmd.picture.water import Reading
from rescuecmd.river.model import River
from rescuecmd.river.water import Water

HISTORY_S = 1800.0  # readings from before the drill, so that the first rate of rise is a measured one
HISTORY_STEP_S = 300.0


def operation_id(script: DrillScript, start_s: float) -> str:
    """Return the id of the operation that a drill started at `start_s` opens."""
    return opening.operation_id(script.id, start_s)


def operation(script: DrillScript, river: River, water: Water, start_s: float) -> Operation:
    """Return the operation of a drill: its mode is a drill and its marking the script's, whatever else changes."""
    facts = [compression_fact(river, script.levels), *opening.river_facts(river)]
    outside = outside_fact(water, start_s, script.duration_s)
    if outside is not None:
        facts.append(outside)
    if script.note is not None:
        facts.append(script.note)
    return Operation(
        id=operation_id(script, start_s),
        title=script.title,
        mode="drill",
        marking=script.marking,
        river_id=river.id,
        river_name=river.name,
        schematic=river.schematic,
        vertical_datum=river.vertical_datum,
        started_s=start_s,
        drill_id=script.id,
        facts=tuple(facts),
    )


def opening_commands(script: DrillScript, river: River, water: Water, start_s: float) -> Iterator[Command]:
    """Yield everything that is known before the first second."""
    yield OpenOperation(operation(script, river, water, start_s))
    for gauge_id in script.levels.series:
        gauge = opening.gauge_at(river, river.gauge(gauge_id))
        yield PlaceGauge(replace(gauge, every_s=script.levels.reading_every_s))
    steps = round(HISTORY_S / HISTORY_STEP_S)
    for back in range(steps, 0, -1):
        time_s = start_s - back * HISTORY_STEP_S
        for gauge_id, series in water.series.items():
            yield ReadGauge(gauge_id, Reading(time_s, round(level_at(series, time_s), 3)))
    for force in script.forces:
        fix = _fix(river, force.spot, start_s, script.sightings.gps_m)
        yield from force.joining(fix)
    yield from opening.dangers(river, start_s)
    for camera in script.cameras:
        yield SetCamera(_camera(river, camera))


def _fix(river: River, spot: Spot, time_s: float, accuracy_m: float) -> Fix:
    lon, lat = river.frame.point_lonlat(spot.x_m, spot.y_m)
    return Fix(round(lon, 7), round(lat, 7), time_s, accuracy_m, "gps")


def _camera(river: River, spec: CameraSpec) -> Camera:
    lon, lat = river.frame.point_lonlat(spec.spot.x_m, spec.spot.y_m)
    dx, dy = spec.looks_at.x_m - spec.spot.x_m, spec.looks_at.y_m - spec.spot.y_m
    tilt = math.degrees(math.atan2(spec.level_m - spec.target_level_m, math.hypot(dx, dy)))
    heading = bearing_deg(dx, dy)
    return Camera(spec.id, spec.name, "off", "", lon, lat, spec.level_m, heading, tilt, spec.hfov_deg)
