"""A whole drill through the real server: robot commander, robot crews, one video viewer; ends with the figures."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any

import httpx

from rescuecmd.cli import haste
from rescuecmd.drill.crew import CommanderPolicy
from rescuecmd.errors import RescueError, UnavailableError
from rescuecmd.feeds.robot import RobotCommander
from rescuecmd.feeds.viewer import Viewer
from rescuecmd.picture.state import Picture
from rescuecmd.server.run import Serving, serving
from rescuecmd.settings import Settings

Progress = Callable[[str], None]
_LOOK_S = 0.25
_PROGRESS_S = 5.0
_STUCK_S = 60.0  # a drill in which nothing happens for so long has failed


@dataclass(slots=True)
class Figures:
    """What a headless demo ends with. ``ok``: the drill ended by itself and somebody was saved."""

    ok: bool = False
    drill: str = ""
    speed: float = 0.0
    victims: int = 0
    saved: int = 0
    lost: int = 0
    pushes: int = 0
    cards: int = 0
    accepted: int = 0
    declined: int = 0
    offers: int = 0
    routes: int = 0
    routes_replaced: int = 0
    routes_cut: int = 0
    video_fps: float = 0.0
    video_frames: int = 0
    video_bytes: int = 0
    events: int = 0
    ready_s: float = 0.0
    wall_s: float = 0.0
    drill_s: float = 0.0
    realtime: float = 0.0
    rss_mib: float = 0.0
    problems: list[str] = field(default_factory=list)


async def play(settings: Settings, *, progress: Progress | None = None) -> dict[str, Any]:
    """Play a drill to its end and return the figures as a plain object.

    Raises
    ------
    RescueError
        The server could not start or the drill cannot be opened.
    """
    figures = Figures(drill=settings.drill, speed=settings.speed)
    begun_s = time.monotonic()
    async with serving(settings, fresh=True) as server:
        await server.host.opened()
        if server.host.failure is not None:
            raise server.host.failure
        haste.end()
        figures.ready_s = round(time.monotonic() - begun_s, 2)
        await _through(server, figures, progress)
    return asdict(figures)


async def _through(server: Serving, figures: Figures, progress: Progress | None) -> None:
    keys = server.host.keyring
    commander = RobotCommander(server.address, keys.key("commander"), CommanderPolicy(server.host.settings.seed or 0))
    trainer = httpx.AsyncClient(
        base_url=server.address, headers={"authorization": f"Bearer {keys.key('trainer')}"}, timeout=30.0
    )
    viewer = Viewer(server.address, keys.key("observer"))
    command = asyncio.create_task(commander.run(), name="robot-commander")
    start_s = time.monotonic()
    async with trainer:
        try:
            await _watch(viewer, commander, figures)
            await _ask(trainer, "POST", "/api/drill/start")
            await _until_ended(commander, progress)
            figures.wall_s = round(time.monotonic() - start_s, 1)
            report = await _ask(trainer, "GET", "/api/drill")
            figures.drill_s = float(report["elapsed_s"])
        except RescueError as error:
            figures.problems.append(error.message)
        finally:
            await viewer.close()
            command.cancel()
            await asyncio.gather(command, return_exceptions=True)
    _count(figures, commander.picture, viewer)
    figures.problems += commander.failed
    figures.realtime = round(figures.drill_s / figures.wall_s, 1) if figures.wall_s else 0.0
    figures.rss_mib = round(server.host.rss_bytes() / 2**20, 1)
    operation = commander.picture.operation
    figures.ok = operation is not None and operation.state == "ended" and figures.saved > 0


async def _watch(viewer: Viewer, commander: RobotCommander, figures: Figures) -> None:
    """Open the first camera that is live, or note why there is none."""
    async with asyncio.timeout(20):
        while not commander.picture.cameras:  # noqa: ASYNC110  (a robot has no event to offer)
            await asyncio.sleep(_LOOK_S)
    camera_id = next(iter(commander.picture.cameras))
    try:
        await viewer.watch(camera_id)
    except RescueError as error:
        figures.problems.append(f"video: {error.message}")


async def _until_ended(commander: RobotCommander, progress: Progress | None) -> None:
    told_s = moved_s = start_s = time.monotonic()
    seq = 0
    while True:
        operation, now_s = commander.picture.operation, time.monotonic()
        if operation is not None and operation.state == "ended":
            return
        if commander.picture.seq > seq:
            seq, moved_s = commander.picture.seq, now_s
        if now_s - moved_s > _STUCK_S:
            raise UnavailableError("drill-stuck", f"nothing has happened for {_STUCK_S:.0f} s")
        if progress is not None and now_s - told_s >= _PROGRESS_S:
            told_s = now_s
            progress(_line(commander.picture, now_s - start_s))
        await asyncio.sleep(_LOOK_S)


def _line(picture: Picture, passed_s: float) -> str:
    victims = picture.victims.values()
    elapsed_s = picture.time_s - picture.operation.started_s if picture.operation else 0.0
    saved, known = sum(victim.safe for victim in victims), sum(victim.count for victim in victims)
    return f"{passed_s:5.0f} s  drill {elapsed_s / 60:5.1f} min  saved {saved} of {known}  pushes {len(picture.pushes)}"


def _count(figures: Figures, picture: Picture, viewer: Viewer) -> None:
    victims, cards, routes = picture.victims.values(), picture.cards.values(), picture.routes.values()
    figures.victims = sum(victim.count for victim in victims)
    figures.saved = sum(victim.safe for victim in victims)
    figures.lost = sum(victim.lost for victim in victims)
    figures.pushes = len(picture.pushes)
    figures.cards = len(cards)
    figures.accepted = sum(card.state == "accepted" for card in cards)
    figures.declined = sum(card.state == "declined" for card in cards)
    figures.offers = len(picture.offers)
    figures.routes = len(routes)
    figures.routes_replaced = sum(route.state == "replaced" for route in routes)
    figures.routes_cut = sum(route.state == "cut" for route in routes)
    figures.events = picture.seq
    figures.video_frames, figures.video_bytes = viewer.frames, viewer.size_bytes
    figures.video_fps = round(viewer.fps, 1)


async def _ask(http: httpx.AsyncClient, method: str, path: str) -> dict[str, Any]:
    answer = await http.request(method, path)
    if answer.is_error:
        raise UnavailableError("server", f"{method} {path}: {answer.status_code} {answer.text[:300]}")
    body: dict[str, Any] = answer.json()
    return body
