"""A viewer for tests: a real aiortc peer that counts and decodes what it gets."""

import asyncio
import contextlib
import time

import numpy as np
from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.mediastreams import MediaStreamError

from rescuecmd.media.planes import Bytes
from rescuecmd.media.rtcfix import offer_loopback


class Viewer:
    """Offers to receive video; `frames` counts what was decoded, `last` is the newest picture (BGR)."""

    def __init__(self) -> None:
        offer_loopback()
        self.peer = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        self.peer.addTransceiver("video", direction="recvonly")
        self.frames = 0
        self.last: Bytes = np.empty((0, 0, 3), np.uint8)
        self.first_s = 0.0
        self._started_s = time.monotonic()
        self._task: asyncio.Task[None] | None = None
        self.peer.on("track", self._on_track)

    async def offer(self) -> str:
        await self.peer.setLocalDescription(await self.peer.createOffer())
        return str(self.peer.localDescription.sdp)

    async def accept(self, answer: str) -> None:
        await self.peer.setRemoteDescription(RTCSessionDescription(sdp=answer, type="answer"))

    def _on_track(self, track) -> None:  # type: ignore[no-untyped-def]
        self._task = asyncio.create_task(self._watch(track))

    async def _watch(self, track) -> None:  # type: ignore[no-untyped-def]
        with contextlib.suppress(MediaStreamError):
            while True:
                frame = await track.recv()
                self.frames += 1
                if self.frames == 1:
                    self.first_s = time.monotonic() - self._started_s
                self.last = frame.to_ndarray(format="bgr24")

    async def until(self, frames: int, timeout_s: float = 30.0) -> None:
        async with asyncio.timeout(timeout_s):
            while self.frames < frames:  # noqa: ASYNC110 -- nobody signals this
                await asyncio.sleep(0.02)

    async def close(self) -> None:
        await self.peer.close()
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
