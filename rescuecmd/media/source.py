"""Where pictures come from: a spec in words, and a reader that keeps only the newest frame."""

import re
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias

import av
import numpy as np
from av.video.frame import VideoFrame

from rescuecmd.errors import InputError, nearest
from rescuecmd.media.planes import Bytes, Canvas

SourceKind: TypeAlias = Literal["virtual", "file", "device", "stream"]

_SCHEMES = ("rtsp", "rtsps", "rtmp", "http", "https", "udp", "srt", "tcp")
_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
_OPEN_S, _READ_S = 8.0, 8.0
_BACKOFF_S = (1.0, 2.0, 5.0, 10.0)
DEFAULT_PLACE = ""
"""A virtual camera that is told no place looks where the drill's camera does, else at the river's first place."""


@dataclass(frozen=True, slots=True)
class SourceSpec:
    """A camera as it was asked for. ``target`` is a place of the river (virtual), a path, a device or an address."""

    camera_id: str
    kind: SourceKind
    target: str


def parse_source(spec: str) -> SourceSpec:
    """Return the source meant by ``[ID=]virtual[:PLACE] | PATH | /dev/videoN | device:N | rtsp://...``.

    Raises
    ------
    InputError
        The words name no source; the message says what was expected.
    """
    text = spec.strip()
    given, sep, rest = text.partition("=")
    camera_id = given if sep and _ID.fullmatch(given) and "://" not in given else ""
    target = rest.strip() if camera_id else text
    if not target:
        raise InputError("bad-camera", f"expected virtual, a file, a device or an rtsp:// address, got {spec!r}")
    kind, target = _kind(target)
    return SourceSpec(camera_id or {"virtual": "shore"}.get(kind, kind), kind, target)


def parse_sources(specs: str) -> tuple[SourceSpec, ...]:
    """Return the sources of a comma-separated list; ``off`` or an empty text is none.

    Raises
    ------
    InputError
        A spec is wrong or two cameras have one id.
    """
    found: list[SourceSpec] = []
    for spec in filter(None, (part.strip() for part in specs.split(","))):
        if spec == "off":
            continue
        source = parse_source(spec)
        if any(source.camera_id == other.camera_id for other in found):
            raise InputError(
                "camera-twice", f"two cameras are called {source.camera_id!r}; name one of them, as in north={spec}"
            )
        found.append(source)
    return tuple(found)


def _kind(target: str) -> tuple[SourceKind, str]:
    word, _, rest = target.partition(":")
    if word == "virtual":
        return "virtual", rest or DEFAULT_PLACE
    if word == "device" and rest.isdigit():
        return "device", f"/dev/video{rest}"
    if re.fullmatch(r"/dev/video\d+", target):
        return "device", target
    if "://" in target:
        scheme = target.split("://", 1)[0].lower()
        if scheme == "file":
            return "file", target[7:]
        if scheme not in _SCHEMES:
            raise InputError(
                "bad-camera", f"no camera speaks {scheme!r}{nearest(scheme, _SCHEMES)}; known: {', '.join(_SCHEMES)}"
            )
        return "stream", target
    if "/" in target or "." in target or Path(target).exists():
        return "file", target
    hint = nearest(target, ("virtual", "device:0", "off"))
    raise InputError("bad-camera", f"expected virtual, a file, a device or an rtsp:// address, got {target!r}{hint}")


@dataclass(frozen=True, slots=True)
class Shot:
    """A frame and when it came, s on the steady clock."""

    canvas: Canvas
    steady_s: float


class Reader:
    """Reads a file, a device or a stream in a thread of its own; `shot` is the newest frame, older ones are dropped.

    A source that ends or fails is opened again after 1, 2, 5, then every 10 seconds. Files play at their own pace
    and start over at their end.
    """

    def __init__(self, spec: SourceSpec, width_px: int, height_px: int) -> None:
        self._spec, self._size = spec, (width_px, height_px)
        self._stop = threading.Event()
        self._shot: Shot | None = None
        self._why = ""
        self._thread = threading.Thread(target=self._run, name=f"camera {spec.camera_id}", daemon=True)
        self._thread.start()

    @property
    def shot(self) -> Shot | None:
        """The newest frame, or None before the first."""
        return self._shot

    @property
    def opening(self) -> bool:
        """Whether neither a frame nor a failure has come yet."""
        return self._shot is None and not self._why

    @property
    def why(self) -> str:
        """Why there are no frames; empty while they come."""
        return self._why

    def close(self) -> None:
        """Stop reading; waits for the thread a little."""
        self._stop.set()
        self._thread.join(2.0)

    def _run(self) -> None:
        tries = 0
        while not self._stop.is_set():
            try:
                for _ in self._frames():
                    tries, self._why = 0, ""
                    if self._stop.is_set():
                        return
            except (av.error.FFmpegError, OSError, ValueError) as problem:
                self._why = _reason(problem)
            else:
                if self._spec.kind == "file" and self._shot is not None and not self._why:
                    continue
                self._why = self._why or "the stream ended"
            self._stop.wait(_BACKOFF_S[min(tries, len(_BACKOFF_S) - 1)])
            tries += 1

    def _frames(self) -> Iterator[None]:
        """Open the source and take its frames until it ends."""
        spec = self._spec
        options = {"rtsp_transport": "tcp", "fflags": "nobuffer"} if spec.kind == "stream" else {}
        form = "v4l2" if spec.kind == "device" else None
        start: float | None = None
        with av.open(spec.target, format=form, options=options, timeout=(_OPEN_S, _READ_S)) as box:
            if not box.streams.video:
                raise ValueError("there is no video in it")
            for frame in box.decode(video=0):
                if spec.kind == "file" and frame.time is not None:
                    start = time.monotonic() - frame.time if start is None else start
                    self._stop.wait(max(0.0, start + frame.time - time.monotonic()))
                self._shot = Shot(_fitted(frame, *self._size), time.monotonic())
                yield


def _fitted(frame: VideoFrame, width_px: int, height_px: int) -> Canvas:
    """Return the frame scaled into the size with its own proportions, on black."""
    scale = min(width_px / frame.width, height_px / frame.height)
    wide, tall = 4 * round(frame.width * scale / 4), 4 * round(frame.height * scale / 4)
    wide, tall = min(max(wide, 4), width_px), min(max(tall, 4), height_px)
    small = frame.reformat(width=wide, height=tall, format="yuv420p").to_ndarray()
    if (wide, tall) == (width_px, height_px):
        return Canvas(width_px, height_px, np.ascontiguousarray(small))
    part, whole = Canvas(wide, tall, np.ascontiguousarray(small)), Canvas(width_px, height_px)
    whole.y[:], whole.u[:], whole.v[:] = 16, 128, 128
    left, top = (width_px - wide) // 4 * 2, (height_px - tall) // 4 * 2
    _paste(whole.y, part.y, left, top)
    _paste(whole.u, part.u, left // 2, top // 2)
    _paste(whole.v, part.v, left // 2, top // 2)
    return whole


def _paste(plane: Bytes, part: Bytes, left: int, top: int) -> None:
    plane[top : top + part.shape[0], left : left + part.shape[1]] = part


def _reason(problem: Exception) -> str:
    """Return the cause in words, without the address (which may carry a password)."""
    words = getattr(problem, "strerror", None) or str(problem)
    return re.sub(r"\s*[:;]?\s*'?\S+://\S+'?", "", str(words)).strip() or type(problem).__name__
