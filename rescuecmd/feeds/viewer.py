"""A video viewer without a screen: WHEP over HTTP, WebRTC by aiortc; it counts what arrives."""

import asyncio
import logging
import time
from contextlib import suppress
from typing import Any
from urllib.parse import urljoin

import httpx
from aiortc import MediaStreamTrack, RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.mediastreams import MediaStreamError

from rescuecmd.errors import UnavailableError

_LOG = logging.getLogger("rescuecmd.viewer")
_ANSWER_S = 30.0


class Viewer:
    """Watches one camera."""

    def __init__(self, address: str, key: str) -> None:
        self._http = httpx.AsyncClient(base_url=address, headers={"authorization": f"Bearer {key}"}, timeout=_ANSWER_S)
        self._peer: RTCPeerConnection | None = None
        self._session = ""
        self._task: asyncio.Task[None] | None = None
        self._first_s = self._last_s = 0.0
        self.frames = 0
        self.size = (0, 0)
        self.size_bytes = 0

    @property
    def fps(self) -> float:
        """Frames per second from the first frame to the last."""
        passed_s = self._last_s - self._first_s
        return (self.frames - 1) / passed_s if passed_s > 0 else 0.0

    async def watch(self, camera_id: str) -> None:
        """Start to watch.

        Raises
        ------
        UnavailableError
            The server gives no video of this camera.
        """
        await self._hang_up()
        self._peer = peer = RTCPeerConnection(RTCConfiguration(iceServers=[]))  # aiortc would ask a public server
        peer.on("track", self._take)
        peer.addTransceiver("video", direction="recvonly")
        await peer.setLocalDescription(await peer.createOffer())
        headers = {"content-type": "application/sdp"}
        answer = await self._http.post(f"/whep/{camera_id}", content=peer.localDescription.sdp, headers=headers)
        if answer.is_error:
            await self._hang_up()
            raise UnavailableError("no-video", f"camera {camera_id}: {answer.status_code} {answer.text[:200]}")
        self._session = urljoin(f"/whep/{camera_id}", answer.headers["location"])
        await peer.setRemoteDescription(RTCSessionDescription(answer.text, "answer"))

    def _take(self, track: MediaStreamTrack) -> None:
        self._task = asyncio.create_task(self._count(track), name="viewer")

    async def _count(self, track: MediaStreamTrack) -> None:
        while True:
            try:
                frame: Any = await track.recv()
            except MediaStreamError:
                return
            self._last_s = time.monotonic()
            self._first_s = self._first_s or self._last_s
            self.frames += 1
            self.size = (frame.width, frame.height)

    async def close(self) -> None:
        """Stop to watch."""
        if self._peer is not None:
            await self._measure(self._peer)
        if self._session:
            with suppress(httpx.HTTPError):
                await self._http.delete(self._session)
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        await self._hang_up()
        await self._http.aclose()

    async def _hang_up(self) -> None:
        if self._peer is not None:
            peer, self._peer = self._peer, None
            await peer.close()

    async def _measure(self, peer: RTCPeerConnection) -> None:
        for stats in (await peer.getStats()).values():
            if stats.type == "transport":
                self.size_bytes = int(stats.bytesReceived)
