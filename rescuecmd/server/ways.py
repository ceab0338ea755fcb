"""Routes about boats' ways: how far a boat gets by when, and the profile along the route that it follows."""

import asyncio
from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Query

from rescuecmd.errors import ForbiddenError, RefusedError
from rescuecmd.picture.entity import Vessel
from rescuecmd.picture.order import Route
from rescuecmd.server.access import CallerDep, RunningDep
from rescuecmd.server.auth import Caller
from rescuecmd.server.views import BandFeature, BridgeOnWay, InstructionOnWay, ProfileAnswer, ReachAnswer

if TYPE_CHECKING:
    from rescuecmd.routing.scene import Scene

router = APIRouter(prefix="/api", tags=["ways"])
_MOST_MINUTES = 120.0


@router.get("/reach")
async def reach(
    running: RunningDep,
    caller: CallerDep,
    vessel_id: Annotated[str, Query(max_length=100)],
    minutes: Annotated[float, Query(gt=0, le=_MOST_MINUTES)] = 20.0,
) -> ReachAnswer:
    """Return the water that a boat reaches within some minutes, in bands of time, leaving now from where it is."""
    picture, now_s = await running.moment()
    vessel: Vessel = picture.find("vessels", vessel_id)
    _check(caller, vessel)
    if vessel.fix is None:
        raise RefusedError("no-fix", f"the position of {vessel_id!r} is unknown", zh="不知道该艇位置")
    return await asyncio.to_thread(lambda: _reach(running.scene(picture, now_s), vessel, minutes))


@router.get("/route/profile")
async def profile(
    running: RunningDep, caller: CallerDep, route_id: Annotated[str, Query(max_length=200)]
) -> ProfileAnswer:
    """Return level, bed, keel and bridges along a route against distance and time, and the guidance along it."""
    picture, now_s = await running.moment()
    route: Route = picture.find("routes", route_id)
    vessel: Vessel = picture.find("vessels", route.vessel_id)
    _check(caller, vessel)
    return await asyncio.to_thread(lambda: _profile(running.scene(picture, now_s), vessel, route))


def _check(caller: Caller, vessel: Vessel) -> None:
    """Refuse a crew that asks about another boat, an agency about another one's, and who has no view at all."""
    if not caller.rights.views or (caller.terminal_id and vessel.terminal_id != caller.terminal_id):
        raise ForbiddenError("vessel", f"{vessel.id!r} is not your boat", vessel=vessel.id)
    if caller.agency and vessel.agency != caller.agency:
        raise ForbiddenError("vessel", f"{vessel.id!r} belongs to another agency", vessel=vessel.id)


def _reach(scene: "Scene", vessel: Vessel, minutes: float) -> ReachAnswer:
    from rescuecmd.routing.reach import reach_geojson, reach_map  # noqa: PLC0415

    assert vessel.fix is not None  # noqa: S101 - the caller has looked
    start = scene.river.frame.point_xy(vessel.fix.lon_deg, vessel.fix.lat_deg)
    found = reach_map(scene, vessel.craft, start, minutes)
    shapes = reach_geojson(found)
    return ReachAnswer(
        vessel_id=vessel.id,
        time_s=scene.now_s,
        minutes=minutes,
        ends=found.ends,
        type="FeatureCollection",
        features=[BandFeature.model_validate(feature) for feature in shapes["features"]],
    )


def _profile(scene: "Scene", vessel: Vessel, route: Route) -> ProfileAnswer:
    from rescuecmd.routing.guidance import guidance  # noqa: PLC0415
    from rescuecmd.routing.profile import profile as along  # noqa: PLC0415
    from rescuecmd.routing.soundings import sound  # noqa: PLC0415

    path = scene.path_along(route.waypoints)
    found = along(scene, vessel.craft, path)
    return ProfileAnswer(
        route_id=route.id,
        vertical_datum=scene.river.vertical_datum,
        schematic=scene.river.schematic,
        distance_m=[round(float(one), 1) for one in found.distance_m],
        time_s=[round(float(one), 1) for one in found.time_s],
        kilometres=list(found.kilometres),
        level_m=[round(float(one), 3) for one in found.level_m],
        low_m=[round(float(one), 3) for one in found.low_m],
        bed_m=[None if one != one else round(float(one), 3) for one in found.bed_m.tolist()],  # noqa: PLR0124  (NaN)
        draught_m=found.draught_m,
        under_keel_m=found.under_keel_m,
        air_draught_m=found.air_draught_m,
        bridges=[
            BridgeOnWay(
                id=one.bridge_id, name=one.name, span=one.span, distance_m=one.distance_m, time_s=one.time_s,
                soffit_m=one.soffit_m, top_m=one.top_m, free_m=one.free_m,
            )
            for one in found.bridges
        ],
        tightest_m=None if found.squeeze is None else found.squeeze.distance_m,
        guidance=[
            InstructionOnWay(
                kind=one.kind, distance_m=one.distance_m, time_s=one.time_s, where=one.where, text=one.text
            )
            for one in guidance(sound(scene, vessel.craft, path))
        ],
    )  # fmt: skip
