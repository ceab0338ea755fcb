"""The studio: one video process for each camera, watched over, and its packets to every viewer."""

import asyncio
import contextlib
import logging
import sys
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING

from rescuecmd.ar.placement import shore_camera, usual_level_m
from rescuecmd.ar.scene import Scene, scene_of
from rescuecmd.ar.wording import Language
from rescuecmd.errors import UnavailableError, unknown
from rescuecmd.media.encode import Packet
from rescuecmd.media.line import Condition, Feed, Meter, Setup, Want, packed, receive_async
from rescuecmd.media.motion import snapshot_of
from rescuecmd.media.source import DEFAULT_PLACE, SourceSpec
from rescuecmd.media.track import Hub
from rescuecmd.media.whep import Viewers
from rescuecmd.picture.entity import Camera
from rescuecmd.picture.state import Picture
from rescuecmd.river.model import River
from rescuecmd.text import Text

if TYPE_CHECKING:
    from rescuecmd.drill.world import Truth

_log = logging.getLogger(__name__)
SIZE_PX = (960, 540)  # 25 fps cost a quarter of a core; at 1280x720 it is 0.4, too much beside a busy server
FPS = 25
BIT_RATE = 1_800_000
_RESTART_S = (0.5, 1.0, 2.0, 5.0, 10.0)
_ASK_S = 0.1
_SCENE_S = 5.0  # the forecast moves the known level on while the picture stays
_BACKLOG_BYTES = 2_000_000
_END_S = 2.0


@dataclass(frozen=True, slots=True)
class CameraStats:
    """One camera's work, as `Studio.stats` tells it; ``*_ms`` are CPU ms a frame."""

    id: str
    state: str
    detail: str
    size_px: tuple[int, int]
    viewers: int
    restarts: int
    fps: float
    frames: int
    keyframes: int
    render_ms: float
    annotate_ms: float
    encode_ms: float
    age_s: float


class Studio:
    """All cameras of a server. Without viewers nothing is rendered."""

    def __init__(
        self,
        river: River,
        sources: Sequence[SourceSpec],
        *,
        posed: Iterable[Camera] = (),
        level_m: float | None = None,
        size_px: tuple[int, int] = SIZE_PX,
        fps: int = FPS,
        bit_rate: int = BIT_RATE,
        language: Language = "zh",
    ) -> None:
        """Prepare cameras.

        Parameters
        ----------
        posed
            Cameras with a pose, such as a drill's own: `virtual` without a place looks through the first of them,
            and a real source of the same id takes its pose.
        level_m
            The water's level when the cameras were set up; None: the river's usual one at their place.
        """
        known = {camera.id: camera for camera in posed if camera.heading_deg is not None}
        self._river = river
        self._viewers = Viewers()
        self._sessions: dict[str, str] = {}
        self._cameras: dict[str, _Channel] = {}
        for source in sources:
            level = level_m if level_m is not None else _level_for(river, source)
            camera = _camera(river, source, known, level)
            setup = Setup(river, source, camera, level, size_px, fps, bit_rate, language)
            self._cameras[camera.id] = _Channel(setup)
        self._scene: tuple[Picture, Scene] | None = None

    async def start(self) -> None:
        """Start the video processes; returns without waiting for their first frame."""
        for channel in self._cameras.values():
            channel.start()

    def feed(self, truth: "Truth | None", picture: Picture, now_s: float) -> None:
        """Hand over the newest truth (None: no drill) and picture; costs about a millisecond."""
        if self._scene is None or self._scene[0] is not picture or now_s - self._scene[1].now_s > _SCENE_S:
            self._scene = (picture, scene_of(picture, self._river, now_s))
        message = packed(Feed(snapshot_of(truth, self._river.frame) if truth else None, self._scene[1], now_s))
        for channel in self._cameras.values():
            channel.send(message)

    def cameras(self) -> tuple[Camera, ...]:
        """Return every camera with its present state, for the picture."""
        return tuple(channel.camera for channel in self._cameras.values())

    async def offer(self, camera_id: str, sdp: str) -> tuple[str, str]:
        """Return session id and answer for a viewer's offer.

        Raises
        ------
        NotFoundError
            There is no such camera.
        UnavailableError
            The camera gives no picture; the message says why.
        InputError, NoCodecError, RefusedError
            As `whep.Viewers.answer`.
        """
        channel = self._channel(camera_id)
        if channel.camera.state == "missing":
            raise UnavailableError(
                "camera-missing", f"camera {camera_id!r} gives no picture: {channel.camera.detail}", camera=camera_id
            )
        session_id, answer = await self._viewers.answer(channel.hub, sdp)
        self._sessions[session_id] = camera_id
        return session_id, answer

    async def close_session(self, session_id: str) -> None:
        """End a viewer's session; `NotFoundError` when it has ended already."""
        self._sessions.pop(session_id, None)
        await self._viewers.close(session_id)

    async def stop(self) -> None:
        """End all sessions and processes."""
        await self._viewers.stop()
        await asyncio.gather(*(channel.stop() for channel in self._cameras.values()))

    def stats(self) -> dict[str, dict[str, object]]:
        """Return each camera's figures by id."""
        return {camera_id: asdict(channel.stats()) for camera_id, channel in self._cameras.items()}

    def _channel(self, camera_id: str) -> "_Channel":
        if camera_id not in self._cameras:
            raise unknown("camera", camera_id, self._cameras)
        return self._cameras[camera_id]


class _Channel:
    """One camera: its process, kept running, and the hub of its viewers."""

    def __init__(self, setup: Setup) -> None:
        self._setup = setup
        self.hub = Hub()
        self.camera = replace(setup.camera, state="off", detail="starting")
        self._process: asyncio.subprocess.Process | None = None
        self._task: asyncio.Task[None] | None = None
        self._meter = Meter(0, 0, 0, 0, 0, 0, 0)
        self._feed: bytes | None = None
        self._restarts = 0

    def start(self) -> None:
        self._task = asyncio.create_task(self._keep(), name=f"camera {self.camera.id}")

    def send(self, message: bytes) -> None:
        """Pass a feed on; when the process does not read, the newest waits here."""
        self._feed = message
        self._write(message)

    def stats(self) -> CameraStats:
        meter = asdict(self._meter)
        camera = self.camera
        return CameraStats(
            id=camera.id,
            state=camera.state,
            detail=camera.detail,
            size_px=self._setup.size_px,
            viewers=self.hub.viewers,
            restarts=self._restarts,
            **meter,
        )

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
        self.camera = replace(self.camera, state="off", detail="")

    async def _keep(self) -> None:
        """Run the process, and again when it ends."""
        while True:
            code = await self._run_once()
            wait_s = _RESTART_S[min(self._restarts, len(_RESTART_S) - 1)]
            self._restarts += 1
            why = f"the video process ended (exit {code}); it starts again in {wait_s:g} s"
            self.camera = replace(self.camera, state="missing", detail=why)
            _log.warning("camera %s: %s", self.camera.id, why)
            await asyncio.sleep(wait_s)

    async def _run_once(self) -> int:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "rescuecmd.media.worker",
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            start_new_session=True,  # a Ctrl-C is for the server alone, even while the process still imports
        )
        self._process = process
        asking = asyncio.create_task(self._ask(), name=f"camera {self.camera.id} wants")
        try:
            self._write(packed(self._setup))
            if self._feed is not None:
                self._write(self._feed)
            with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
                while process.stdout is not None:
                    self._take(await receive_async(process.stdout))
            return await process.wait()
        finally:
            asking.cancel()
            self._process = None
            await _end(process)

    async def _ask(self) -> None:
        """Tell the process how many watch and when a keyframe is wanted."""
        told = -1
        while True:
            keyframe = self.hub.keyframe_due()
            if keyframe or self.hub.viewers != told:
                told = self.hub.viewers
                self._write(packed(Want(told, keyframe)))
            await asyncio.sleep(_ASK_S)

    def _take(self, message: object) -> None:
        if isinstance(message, Packet):
            self.hub.publish(message)
        elif isinstance(message, Condition):
            self.camera = replace(self.camera, state="live" if message.live else "missing", detail=message.why)
        elif isinstance(message, Meter):
            self._meter = message

    def _write(self, data: bytes) -> None:
        pipe = self._process.stdin if self._process else None
        if pipe is None or pipe.is_closing() or pipe.transport.get_write_buffer_size() > _BACKLOG_BYTES:
            return
        pipe.write(data)


async def _end(process: asyncio.subprocess.Process) -> None:
    """Let a process end by itself when its line closes, and make it end otherwise."""
    if process.stdin is not None:
        process.stdin.close()
    if process.returncode is None:
        try:
            await asyncio.wait_for(process.wait(), _END_S)
        except TimeoutError:
            process.kill()
            await process.wait()


def _level_for(river: River, source: SourceSpec) -> float:
    return usual_level_m(river, _place(river, source))


def _place(river: River, source: SourceSpec) -> str:
    named = source.target if source.kind == "virtual" else DEFAULT_PLACE
    return named or next(iter(river.places))


def _camera(river: River, source: SourceSpec, posed: dict[str, Camera], level_m: float) -> Camera:
    if source.kind != "virtual":
        if source.camera_id in posed:
            return posed[source.camera_id]
        kind = {"file": "录像", "device": "本机相机", "stream": "网络相机"}[source.kind]
        return Camera(source.camera_id, Text(f"{kind} {source.camera_id}", f"{source.kind} {source.camera_id}"), "off")
    if source.target == DEFAULT_PLACE and posed:
        return next(iter(posed.values()))
    return shore_camera(river, _place(river, source), level_m, camera_id=source.camera_id)
