"""Encoded packets fanned out to viewers: each gets the same bytes, from a keyframe on."""

import asyncio
import time
from collections import deque
from fractions import Fraction
from typing import Any

import av
from aiortc.mediastreams import MediaStreamError, MediaStreamTrack

from rescuecmd.media.encode import CLOCK_HZ, Packet

_QUEUE = 50  # two seconds; a viewer slower than that starts anew at a keyframe
_KEYFRAME_GAP_S = 0.3


class PacketTrack(MediaStreamTrack):
    """A video track that yields packets already encoded; aiortc packs them without touching the picture."""

    kind = "video"

    def __init__(self, hub: "Hub") -> None:
        super().__init__()
        self._hub = hub
        self._packets: deque[Packet] = deque()
        self._arrived = asyncio.Event()
        self._joined = False
        hub.add(self)

    def put(self, packet: Packet) -> None:
        """Take a packet; before the first keyframe and after falling behind, packets are dropped."""
        if len(self._packets) >= _QUEUE:
            self._packets.clear()
            self._joined = False
            self._hub.want_keyframe()
        if not self._joined and not packet.keyframe:
            return
        self._joined = True
        self._packets.append(packet)
        self._arrived.set()

    async def recv(self) -> "av.Packet[Any]":
        """Return the next packet, as aiortc's sender asks for it."""
        while not self._packets:
            if self.readyState != "live":
                raise MediaStreamError
            self._arrived.clear()
            await self._arrived.wait()
        packet = self._packets.popleft()
        made = av.Packet(packet.data)
        made.pts = made.dts = packet.pts
        made.time_base = Fraction(1, CLOCK_HZ)
        return made

    def stop(self) -> None:
        """End the track."""
        super().stop()
        self._hub.remove(self)
        self._arrived.set()


class Hub:
    """All viewers of one camera, and what they want from its encoder."""

    def __init__(self) -> None:
        self._tracks: set[PacketTrack] = set()
        self._keyframe = False
        self._asked_s = 0.0

    @property
    def viewers(self) -> int:
        """How many watch now."""
        return len(self._tracks)

    def add(self, track: PacketTrack) -> None:
        """Let a track have the packets from the next keyframe on."""
        self._tracks.add(track)
        self.want_keyframe()

    def remove(self, track: PacketTrack) -> None:
        """Let a track go."""
        self._tracks.discard(track)

    def publish(self, packet: Packet) -> None:
        """Give a packet to every viewer."""
        for track in self._tracks:
            track.put(packet)

    def want_keyframe(self) -> None:
        """Ask for a keyframe: a viewer joined, or lost its picture."""
        self._keyframe = True

    def keyframe_due(self) -> bool:
        """Return whether to ask the encoder now: at most once in 0.3 s, however many viewers want one."""
        if not self._keyframe or time.monotonic() - self._asked_s < _KEYFRAME_GAP_S:
            return False
        self._keyframe, self._asked_s = False, time.monotonic()
        return True
