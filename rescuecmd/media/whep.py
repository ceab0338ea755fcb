"""Viewers: one aiortc peer each, all sent the same packets (WHEP: the viewer offers, we answer).

Source
------
draft-ietf-wish-whep-03, section 4: the HTTP part is the server's; here are offer, answer and end of a session.
"""

import asyncio
import contextlib
import logging
import secrets
from typing import ClassVar

from aiortc import RTCConfiguration, RTCPeerConnection, RTCRtpCodecCapability, RTCRtpSender, RTCSessionDescription
from aiortc.exceptions import InvalidStateError, OperationError

from rescuecmd.errors import InputError, Outcome, RefusedError, unknown
from rescuecmd.media.rtcfix import missing, offer_loopback, on_picture_loss
from rescuecmd.media.track import Hub, PacketTrack

_UNREADABLE = (ValueError, TypeError, LookupError, AttributeError, AssertionError, RuntimeError, InvalidStateError)
"""What aiortc's parser raises on offers that are cut short or scrambled (found by leaving out lines of a good one)."""

_log = logging.getLogger(__name__)
MAX_VIEWERS = 40
_CONNECT_S = 20.0
_OFFER_BYTES = 64_000


class NoCodecError(InputError):
    """The viewer cannot play H.264, and we encode once."""

    outcome: ClassVar[Outcome] = Outcome(http=406, close=4406, exit=2)


class Viewers:
    """The peers of all cameras."""

    def __init__(self) -> None:
        self._peers: dict[str, tuple[RTCPeerConnection, PacketTrack]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        offer_loopback()
        for fault in missing():
            _log.warning("video: %s", fault)

    def __len__(self) -> int:
        return len(self._peers)

    async def answer(self, hub: Hub, sdp: str) -> tuple[str, str]:
        """Return a new session's id and our answer to a viewer's offer.

        Raises
        ------
        InputError
            The text is no offer of video.
        NoCodecError
            The viewer offers no H.264.
        RefusedError
            As many watch as this server takes.
        """
        _check(sdp)
        if len(self._peers) >= MAX_VIEWERS:
            raise RefusedError("too-many-viewers", f"this server sends video to at most {MAX_VIEWERS} viewers")
        peer = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        track = PacketTrack(hub)
        try:
            text = await self._negotiate(peer, track, hub, sdp)
        except BaseException:
            track.stop()
            await peer.close()
            raise
        session_id = secrets.token_urlsafe(16)
        self._peers[session_id] = (peer, track)
        self._watch(session_id, peer)
        return session_id, text

    async def _negotiate(self, peer: RTCPeerConnection, track: PacketTrack, hub: Hub, sdp: str) -> str:
        on_picture_loss(peer.addTrack(track), hub.want_keyframe)
        transceiver = peer.getTransceivers()[0]
        transceiver.setCodecPreferences(_h264())  # before the offer is set: afterwards aiortc ignores it
        try:
            await peer.setRemoteDescription(RTCSessionDescription(sdp=sdp, type="offer"))
            await peer.setLocalDescription(await peer.createAnswer())
        except OperationError as problem:
            raise NoCodecError("no-h264", "this stream is H.264 and the offer has no H.264 in common") from problem
        except _UNREADABLE as problem:
            raise InputError("bad-offer", f"the offer could not be read: {problem!r}") from problem
        return str(peer.localDescription.sdp)

    def _watch(self, session_id: str, peer: RTCPeerConnection) -> None:
        async def changed() -> None:
            if peer.connectionState in {"failed", "closed"}:
                await self.close(session_id, known=False)

        async def timed() -> None:
            await asyncio.sleep(_CONNECT_S)
            if peer.connectionState != "connected":
                await self.close(session_id, known=False)

        peer.on("connectionstatechange", changed)
        task = asyncio.create_task(timed(), name=f"viewer {session_id[:6]}")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def close(self, session_id: str, *, known: bool = True) -> None:
        """End a session.

        Raises
        ------
        NotFoundError
            There is no such session (unless `known` is False).
        """
        peer, track = self._peers.pop(session_id, (None, None))
        if peer is None or track is None:
            if known:
                raise unknown("session", session_id, ())
            return
        track.stop()
        await peer.close()

    async def stop(self) -> None:
        """End all sessions."""
        for task in list(self._tasks):
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
        await asyncio.gather(*(self.close(session_id, known=False) for session_id in list(self._peers)))


def _h264() -> list[RTCRtpCodecCapability]:
    codecs = RTCRtpSender.getCapabilities("video").codecs
    return [codec for codec in codecs if codec.mimeType.lower() in {"video/h264", "video/rtx"}]


def _check(sdp: str) -> None:
    """Refuse what is plainly no offer before a peer is made for it."""
    if len(sdp) > _OFFER_BYTES:
        raise InputError("bad-offer", f"an offer has at most {_OFFER_BYTES} characters, got {len(sdp)}")
    lines = sdp.splitlines()
    if not lines or lines[0].strip() != "v=0":
        raise InputError("bad-offer", "expected an SDP offer that begins with 'v=0'")
    if not any(line.startswith("m=video") for line in lines):
        raise InputError("bad-offer", "the offer asks for no video (no m=video line)")
    if not any("h264/90000" in line.lower() for line in lines):
        raise NoCodecError("no-h264", "this stream is H.264 and the offer has no H.264 in it")
