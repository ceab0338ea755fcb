"""Routes of the water's shape: the river for the map, and the depth shading at the present level."""

from fastapi import APIRouter
from starlette.responses import Response

from rescuecmd.errors import NotFoundError
from rescuecmd.server.access import CallerDep, RunningDep
from rescuecmd.server.views import DepthAnswer, RiverAnswer

router = APIRouter(prefix="/api", tags=["river"])
_A_DAY = "private, max-age=86400, immutable"


@router.get("/river", response_model=RiverAnswer)
async def river(running: RunningDep, caller: CallerDep) -> Response:
    """Return the river of the running operation with its layers as GeoJSON."""
    return Response(await running.river_json(), media_type="application/json")


@router.get("/depth")
async def depth(running: RunningDep, caller: CallerDep) -> DepthAnswer:
    """Return the depth shading at the present level; a new id means a new picture."""
    return await running.depth()


@router.get("/depth/{depth_id}.png", response_class=Response, responses={200: {"content": {"image/png": {}}}})
async def depth_png(depth_id: str, running: RunningDep, caller: CallerDep) -> Response:
    """Return the picture of a depth shading; the last few are kept."""
    png = running.depth_png(depth_id)
    if png is None:
        raise NotFoundError("unknown-depth", f"no depth picture {depth_id!r}; ask /api/depth for the present one")
    return Response(png, media_type="image/png", headers={"cache-control": _A_DAY})
