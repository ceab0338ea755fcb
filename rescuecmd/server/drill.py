"""Routes of the trainer's side: the drill's script, its clock, its injects and its report. For nobody who plays."""

from fastapi import APIRouter
from starlette.responses import HTMLResponse, Response

from rescuecmd.drill.page import STYLE_SOURCE
from rescuecmd.server import wire
from rescuecmd.server.access import ControllerDep, HostDep, RunningDep, ScorerDep, TrainerDep
from rescuecmd.server.guard import with_style
from rescuecmd.server.views import DrillView

router = APIRouter(prefix="/api/drill", tags=["drill"])


@router.get("")
async def drill(host: HostDep, scorer: ScorerDep) -> DrillView:
    """Return the drill as its trainer sees it."""
    return host.drill_view()


@router.post("/load")
async def load(request: wire.LoadRequest, host: HostDep, trainer: TrainerDep) -> DrillView:
    """Open a drill as the next operation; a broken file changes nothing."""
    await host.load_drill(request.drill_id)
    return host.drill_view()


@router.post("/start")
async def start(host: HostDep, running: RunningDep, trainer: TrainerDep) -> DrillView:
    """Let drill time run for the first time."""
    await running.need_drill().set_clock("running", trainer.actor)
    return host.drill_view()


@router.post("/resume")
async def resume(host: HostDep, running: RunningDep, controller: ControllerDep) -> DrillView:
    """Let drill time run again."""
    await running.need_drill().set_clock("running", controller.actor)
    return host.drill_view()


@router.post("/pause")
async def pause(host: HostDep, running: RunningDep, controller: ControllerDep) -> DrillView:
    """Stop drill time where it is."""
    await running.need_drill().set_clock("paused", controller.actor)
    return host.drill_view()


@router.post("/stop")
async def stop(host: HostDep, running: RunningDep, trainer: TrainerDep) -> DrillView:
    """End the drill; its report stays."""
    await running.need_drill().stop(trainer.actor)
    return host.drill_view()


@router.post("/speed")
async def speed(request: wire.SpeedRequest, host: HostDep, running: RunningDep, trainer: TrainerDep) -> DrillView:
    """Run drill time faster or slower."""
    await running.need_drill().set_speed(request.speed, trainer.actor)
    return host.drill_view()


@router.post("/fire")
async def fire(request: wire.InjectRequest, host: HostDep, running: RunningDep, controller: ControllerDep) -> DrillView:
    """Let an inject happen now."""
    await running.need_drill().control("fire", request.inject_id, controller.actor)
    return host.drill_view()


@router.post("/hold")
async def hold(request: wire.InjectRequest, host: HostDep, running: RunningDep, controller: ControllerDep) -> DrillView:
    """Hold an inject back until it is fired."""
    await running.need_drill().control("hold", request.inject_id, controller.actor)
    return host.drill_view()


@router.post("/skip")
async def skip(request: wire.InjectRequest, host: HostDep, running: RunningDep, controller: ControllerDep) -> DrillView:
    """Leave an inject out."""
    await running.need_drill().control("skip", request.inject_id, controller.actor)
    return host.drill_view()


@router.get("/report", responses={200: {"description": "what happened when, who answered, who was saved"}})
async def report(running: RunningDep, scorer: ScorerDep) -> Response:
    """Return the report so far as JSON."""
    return Response(await running.need_drill().report("json"), media_type="application/json")


@router.get("/report.html", response_class=HTMLResponse)
async def report_html(running: RunningDep, scorer: ScorerDep) -> HTMLResponse:
    """Return the report so far as a page; its style is in it, so that a saved copy looks the same."""
    page = await running.need_drill().report("html")
    return HTMLResponse(page, headers={"content-security-policy": with_style(STYLE_SOURCE)})
