"""The video process of one camera: source, annotate, encode; started by `studio`, ends when its line ends.

Run as ``python -m rescuecmd.media.worker`` with the line on its standard input and output.
"""

import os
import signal
import threading
import time
from dataclasses import dataclass, field
from typing import BinaryIO

import cv2

from rescuecmd.ar.camera import View
from rescuecmd.ar.placement import view_of
from rescuecmd.errors import NotCoveredError
from rescuecmd.media.annotate import Annotator, Freshness
from rescuecmd.media.encode import CLOCK_HZ, Encoder
from rescuecmd.media.line import Condition, Feed, Meter, Setup, Want, packed, receive
from rescuecmd.media.motion import Playout
from rescuecmd.media.planes import Canvas
from rescuecmd.media.source import Reader, Shot
from rescuecmd.media.virtual import VirtualCamera
from rescuecmd.memory import give_back

_IDLE_S = 0.05
_METER_S = 1.0


@dataclass
class Inbox:
    """What has come down the line; a thread of its own reads, the newest of each kind counts."""

    stream: BinaryIO
    feed: Feed | None = None
    feed_steady_s: float = 0.0
    viewers: int = 0
    ended: bool = False
    playout: Playout = field(default_factory=Playout)
    _keyframe: bool = False

    def start(self) -> None:
        """Begin to read."""
        threading.Thread(target=self._run, name="inbox", daemon=True).start()

    def take_keyframe(self) -> bool:
        """Return whether a keyframe is wanted; once."""
        wanted, self._keyframe = self._keyframe, False
        return wanted

    def _run(self) -> None:
        try:
            while True:
                message = receive(self.stream)
                if isinstance(message, Feed):
                    self.feed_steady_s = time.monotonic()
                    stamp = message.truth.time_s if message.truth else message.now_s
                    self.playout.put(stamp, self.feed_steady_s)
                    self.feed = message
                elif isinstance(message, Want):
                    self._keyframe = self._keyframe or message.keyframe
                    self.viewers = message.viewers
        except (EOFError, OSError):
            self.ended = True


class VirtualSource:
    """The virtual camera as a source: there is a frame whenever there is a feed."""

    def __init__(self, setup: Setup, view: View, inbox: Inbox) -> None:
        self._camera = VirtualCamera(setup.river, view, setup.level_m)
        self._inbox = inbox

    @property
    def why(self) -> str:
        """Why there are no frames: it can always see."""
        return ""

    @property
    def opening(self) -> bool:
        """Whether it is too early to say."""
        return False

    def shot(self, time_s: float) -> Shot | None:
        """Render the frame of an instant."""
        feed = self._inbox.feed
        if feed is None:
            return None
        if feed.truth is not None:
            self._camera.put(feed.truth)
        return Shot(self._camera.frame(time_s), self._inbox.feed_steady_s)

    def close(self) -> None:
        """Stop rendering."""
        self._camera.close()


class ReadSource:
    """A file, a device or a stream."""

    def __init__(self, setup: Setup) -> None:
        self._reader = Reader(setup.source, *setup.size_px)

    @property
    def why(self) -> str:
        """Why there are no frames; empty while they come."""
        return self._reader.why

    @property
    def opening(self) -> bool:
        """Whether it is too early to say."""
        return self._reader.opening

    def shot(self, time_s: float) -> Shot | None:
        """Return the newest frame, copied for drawing."""
        shot = self._reader.shot
        return Shot(shot.canvas.copy(), shot.steady_s) if shot else None

    def close(self) -> None:
        """Stop reading."""
        self._reader.close()


class Worker:
    """The loop: a frame every 1/fps s while somebody watches; a late frame is skipped, never made up for."""

    def __init__(self, setup: Setup, inbox: Inbox, out: BinaryIO) -> None:
        self._setup, self._inbox, self._out = setup, inbox, out
        try:
            view: View | None = view_of(setup.camera, setup.river.frame, *setup.size_px)
        except NotCoveredError:
            view = None
        virtual = setup.source.kind == "virtual" and view is not None
        self._source = VirtualSource(setup, view, inbox) if virtual and view else ReadSource(setup)
        self._annotator = Annotator(setup.river, view, setup.size_px, language=setup.language)
        self._encoder = Encoder(*setup.size_px, fps=setup.fps, bit_rate=setup.bit_rate)
        self._condition: Condition | None = None
        self._tally = _Tally()

    def run(self) -> None:
        """Work until the line ends."""
        step = 1.0 / self._setup.fps
        due = time.monotonic()
        while not self._inbox.ended:
            self._report()
            if self._inbox.viewers < 1 or self._inbox.feed is None:
                time.sleep(_IDLE_S)
                due = time.monotonic()
                continue
            wait = due - time.monotonic()
            if wait > 0:
                time.sleep(wait)
            due = max(due + step, time.monotonic() - step)
            self._frame(self._inbox.feed)
        self._source.close()

    def _frame(self, feed: Feed) -> None:
        started = time.thread_time()
        now = time.monotonic()
        time_s = self._inbox.playout.time_s(now)
        shot = self._source.shot(time_s)
        if shot is None:
            time.sleep(_IDLE_S)
            return
        rendered = time.thread_time()
        virtual = isinstance(self._source, VirtualSource)
        picture_age_s = max(now - self._inbox.feed_steady_s, 0.0)
        frame_age_s = max(now - shot.steady_s, 0.0)
        shown_s = time_s if virtual else feed.now_s + min(picture_age_s, 1.0)
        fresh = Freshness(self._name(), frame_age_s, picture_age_s)
        self._annotator.draw(shot.canvas, feed.scene, shown_s, fresh)
        annotated = time.thread_time()
        self._encode(shot.canvas, now)
        self._tally.add(rendered - started, annotated - rendered, time.thread_time() - annotated, frame_age_s)

    def _encode(self, canvas: Canvas, now: float) -> None:
        packet = self._encoder.encode(canvas, round(now * CLOCK_HZ), keyframe=self._inbox.take_keyframe())
        self._tally.keyframes += packet.keyframe
        self._send(packet)

    def _name(self) -> str:
        name = self._setup.camera.name
        return name.zh if self._setup.language == "zh" else name.en

    def _report(self) -> None:
        condition = Condition(not self._source.why, self._source.why)
        if condition != self._condition and not self._source.opening:
            self._condition = condition
            self._send(condition)
        if self._tally.due():
            self._send(self._tally.meter())

    def _send(self, message: object) -> None:
        try:
            self._out.write(packed(message))
            self._out.flush()
        except OSError:
            self._inbox.ended = True


class _Tally:
    """Sums of a second."""

    def __init__(self) -> None:
        self.frames = self.keyframes = 0
        self._reset()

    def _reset(self) -> None:
        self._since, self._count, self._age_s = time.monotonic(), 0, 0.0
        self._spent = [0.0, 0.0, 0.0]

    def add(self, render_s: float, annotate_s: float, encode_s: float, age_s: float) -> None:
        self.frames += 1
        self._count += 1
        self._age_s = age_s
        for i, spent in enumerate((render_s, annotate_s, encode_s)):
            self._spent[i] += spent

    def due(self) -> bool:
        return time.monotonic() - self._since >= _METER_S

    def meter(self) -> Meter:
        seconds, count = time.monotonic() - self._since, max(self._count, 1)
        render, annotate, encode = (1000 * spent / count for spent in self._spent)
        made = Meter(self._count / seconds, self.frames, self.keyframes, render, annotate, encode, self._age_s)
        self._reset()
        return made


def main() -> None:
    """Serve the line on standard input and output; whatever libraries print goes to standard error."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C goes to the whole group; our end is the end of the line
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    cv2.setNumThreads(1)
    source = os.fdopen(os.dup(0), "rb")  # the inbox may still read at the end: it must not hold the lock of sys.stdin
    try:
        setup = receive(source)
    except EOFError:
        return
    inbox = Inbox(source)
    inbox.start()
    worker = Worker(setup, inbox, out)
    give_back()  # the hundred megabytes that setting a camera up has taken
    worker.run()


if __name__ == "__main__":
    main()
