"""The line between the server and a video process: values behind their length, both ways.

Both ends are this program, started by it on this machine; nothing else can write to the line. So values are pickled.
"""

import asyncio
import pickle
import struct
from dataclasses import dataclass
from typing import Any, BinaryIO, TypeAlias

from rescuecmd.ar.scene import Scene
from rescuecmd.ar.wording import Language
from rescuecmd.media.motion import Snapshot
from rescuecmd.media.source import SourceSpec
from rescuecmd.picture.entity import Camera
from rescuecmd.river.model import River

_HEAD = struct.Struct("<I")


@dataclass(frozen=True, eq=False)
class Setup:
    """What a video process is told first. ``level_m``: the water when the camera was set up."""

    river: River
    source: SourceSpec
    camera: Camera
    level_m: float
    size_px: tuple[int, int]
    fps: int
    bit_rate: int
    language: Language


@dataclass(frozen=True, eq=False)
class Feed:
    """The newest truth (None: no drill) and what the command knows."""

    truth: Snapshot | None
    scene: Scene
    now_s: float


@dataclass(frozen=True, slots=True)
class Want:
    """How many watch now, and whether somebody needs a keyframe."""

    viewers: int
    keyframe: bool = False


@dataclass(frozen=True, slots=True)
class Condition:
    """Whether the source gives frames, and why not."""

    live: bool
    why: str


@dataclass(frozen=True, slots=True)
class Meter:
    """A second of work: frames made, ms of CPU a frame for each step, and the age of the source's frame."""

    fps: float
    frames: int
    keyframes: int
    render_ms: float
    annotate_ms: float
    encode_ms: float
    age_s: float


Message: TypeAlias = Any
"""Down: Setup first, then Feed and Want. Up: encode.Packet, Condition, Meter."""


def packed(value: Message) -> bytes:
    """Return a value as it travels."""
    data = pickle.dumps(value, protocol=pickle.HIGHEST_PROTOCOL)
    return _HEAD.pack(len(data)) + data


def receive(stream: BinaryIO) -> Message:
    """Return the next value; `EOFError` when the other end is gone."""
    head = stream.read(_HEAD.size)
    if len(head) < _HEAD.size:
        raise EOFError
    return pickle.loads(stream.read(_HEAD.unpack(head)[0]))  # noqa: S301 -- our own parent process


async def receive_async(stream: asyncio.StreamReader) -> Message:
    """Return the next value; `asyncio.IncompleteReadError` when the other end is gone."""
    head = await stream.readexactly(_HEAD.size)
    return pickle.loads(await stream.readexactly(_HEAD.unpack(head)[0]))  # noqa: S301 -- our own child process
