"""The cameras of a running operation: the video processes are fed with truth and picture, viewers are let in.

A camera that fails says so in the picture; everything else goes on without it.
"""

import asyncio
import itertools
import logging
import uuid
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from rescuecmd.desk import Desk
from rescuecmd.errors import NotFoundError, RescueError, UnavailableError
from rescuecmd.picture.commands import Actor, Order, SetCamera
from rescuecmd.picture.entity import Camera
from rescuecmd.picture.state import Picture
from rescuecmd.river.model import River
from rescuecmd.server.views import CamerasAnswer, CameraStats
from rescuecmd.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable

    from rescuecmd.drill.world import Truth
    from rescuecmd.media.studio import Studio

_LOG = logging.getLogger("rescuecmd.server")
_VIDEO = Actor("feed/video", "video")
_WATCHED_S = 0.2  # between two feeds while somebody watches; boats move smoothly in between
_IDLE_S = 1.0


class Screening:
    """The video of an operation, or its absence."""

    def __init__(self, desk: Desk, river: River, settings: Settings, *, truth: "Callable[[], Truth] | None") -> None:
        """Prepare the cameras of the settings; without a `truth` (a live operation) there are no virtual ones."""
        self._truth = truth
        self._desk = desk
        self._river = river
        self._settings = settings
        self._studio: Studio | None = None
        self._task: asyncio.Task[None] | None = None
        self._run_id = uuid.uuid4().hex[:8]
        self._numbers = itertools.count(1)

    def start(self, somebody: asyncio.Event) -> None:
        """Start the video processes as soon as there is somebody; nobody waits for their first picture.

        A video process holds two hundred megabytes; a server that nobody looks at has no use for it.
        """
        if self._settings.video and self._settings.camera not in {"", "off"}:
            self._task = asyncio.create_task(self._run(somebody), name="video")

    async def close(self) -> None:
        """End all sessions and processes."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task
        if self._studio is not None:
            await self._studio.stop()

    async def watch(self, camera_id: str, sdp: str) -> tuple[str, str]:
        """Return a session id and the answer to a viewer's offer.

        Raises
        ------
        UnavailableError
            The camera gives no picture, or the server runs without video.
        NotFoundError, InputError, RefusedError
            See `Studio.offer`.
        """
        if self._studio is None:
            raise UnavailableError("video-off", "this server sends no video (yet)")
        return await self._studio.offer(camera_id, sdp)

    async def unwatch(self, session_id: str) -> None:
        """End a viewer's session; one that has ended already is fine."""
        if self._studio is not None:
            with suppress(NotFoundError):
                await self._studio.close_session(session_id)

    def cameras(self, picture: Picture) -> CamerasAnswer:
        """Return what each camera does."""
        stats = self._studio.stats() if self._studio else {}
        return CamerasAnswer(cameras=tuple(_stats(camera, stats.get(camera.id)) for camera in picture.cameras.values()))

    async def _run(self, somebody: asyncio.Event) -> None:
        await somebody.wait()
        try:
            studio = await asyncio.to_thread(self._make)
            if studio is None:
                return
            self._studio = studio
            await studio.start()
            while True:
                truth = self._truth() if self._truth is not None else None
                studio.feed(truth, self._desk.picture, self._desk.clock.now_s())
                await self._tell(studio)
                watched = any(channel["viewers"] for channel in studio.stats().values())
                await asyncio.sleep(_WATCHED_S if watched else _IDLE_S)
        except RescueError as error:
            _LOG.error("no video: %s", error.message)
        except Exception:  # noqa: BLE001 - the border of the video's task: everything else goes on without it
            _LOG.exception("no video")

    def _make(self) -> "Studio | None":
        from rescuecmd.media.source import parse_sources  # noqa: PLC0415  (video libraries load beside the start)
        from rescuecmd.media.studio import Studio  # noqa: PLC0415

        sources = parse_sources(self._settings.camera)
        if self._truth is None:
            sources = tuple(source for source in sources if source.kind != "virtual")
        if not sources:
            return None
        cameras = self._desk.picture.cameras.values()
        return Studio(self._river, sources, posed=cameras, language=self._settings.video_language)

    async def _tell(self, studio: "Studio") -> None:
        """Note in the picture what each camera does, when that has changed."""
        known = self._desk.picture.cameras
        for camera in studio.cameras():
            if known.get(camera.id) != camera:
                op_id = f"video/{self._run_id}/{next(self._numbers)}"
                await self._desk.handle(Order(op_id, _VIDEO, SetCamera(camera)))


def _stats(camera: Camera, stats: dict[str, Any] | None) -> CameraStats:
    width, height = stats["size_px"] if stats else (0, 0)
    return CameraStats(
        id=camera.id,
        state=camera.state,
        detail=camera.detail,
        fps=float(stats["fps"]) if stats else 0.0,
        viewers=int(stats["viewers"]) if stats else 0,
        width=width,
        height=height,
    )
