"""Encodes each frame once: H.264 Constrained Baseline, one slice, no delay, so that every viewer can join at once."""

from dataclasses import dataclass
from fractions import Fraction

import av
from av.video.frame import PictureType

from rescuecmd.media.planes import Canvas

CLOCK_HZ = 90_000  # RTP's clock for video (RFC 6184, section 8.2.1)
KEYFRAME_S = 2.0


@dataclass(frozen=True, slots=True)
class Packet:
    """One encoded frame, Annex B; ``pts`` in ticks of `CLOCK_HZ`."""

    data: bytes
    pts: int
    keyframe: bool


class Encoder:
    """libx264 for one picture size."""

    def __init__(self, width_px: int, height_px: int, *, fps: int = 25, bit_rate: int = 2_500_000) -> None:
        context = av.CodecContext.create("libx264", "w")
        context.width, context.height = width_px, height_px
        context.pix_fmt = "yuv420p"
        context.framerate = Fraction(fps)
        context.time_base = Fraction(1, CLOCK_HZ)
        context.bit_rate = bit_rate
        context.gop_size = round(KEYFRAME_S * fps)
        context.max_b_frames = 0
        context.options = {
            "preset": "ultrafast",
            "tune": "zerolatency",
            "profile": "baseline",
            "forced-idr": "1",
            "x264-params": "repeat-headers=1:scenecut=0:threads=1:sliced-threads=0:sync-lookahead=0:rc-lookahead=0:"
            f"vbv-maxrate={bit_rate // 1000}:vbv-bufsize={bit_rate // 2000}",
        }
        self._context = context
        self._last_pts = -1

    def encode(self, canvas: Canvas, pts: int, *, keyframe: bool = False) -> Packet:
        """Return the frame's packet; pts that do not grow are moved on by one tick."""
        frame = av.VideoFrame.from_numpy_buffer(canvas.data, format="yuv420p")
        frame.pts = self._last_pts = max(pts, self._last_pts + 1)
        frame.time_base = Fraction(1, CLOCK_HZ)
        frame.pict_type = PictureType.I if keyframe else PictureType.NONE
        packets = self._context.encode(frame)
        data = b"".join(bytes(packet) for packet in packets)
        return Packet(data, frame.pts, any(packet.is_keyframe for packet in packets))
