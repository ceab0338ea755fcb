"""The video's cost: CPU per viewer-frame against aiortc's stock MediaRelay, ms per stage, and frames that arrive.

Peer: aiortc `MediaRelay`, which hands the same frames to every viewer's own encoder. Both ways run in turn in this
process with the same pictures; the viewers are real aiortc peers in another process that count packets and decode
nothing, so that only the sending side is measured.
"""

import asyncio
import json
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import aiortc.rtcrtpreceiver
import av
import cv2
import numpy as np
from aiortc import RTCConfiguration, RTCPeerConnection, RTCRtpSender, RTCSessionDescription, VideoStreamTrack
from aiortc.contrib.media import MediaRelay

from rescuecmd.ar.camera import View
from rescuecmd.ar.placement import shore_camera, usual_level_m, view_of
from rescuecmd.drill.world import Truth, TruthBody
from rescuecmd.interop.river_package import load_river
from rescuecmd.library import find
from rescuecmd.media.annotate import Annotator, Freshness
from rescuecmd.media.encode import CLOCK_HZ, Encoder, Packet
from rescuecmd.media.motion import snapshot_of
from rescuecmd.media.planes import Canvas
from rescuecmd.media.rtcfix import offer_loopback
from rescuecmd.media.source import SourceSpec
from rescuecmd.media.studio import FPS, Studio
from rescuecmd.media.track import Hub
from rescuecmd.media.virtual import VirtualCamera
from rescuecmd.media.whep import Viewers
from rescuecmd.picture.state import Picture
from rescuecmd.river.model import River
from tests.bench.bench import Bench
from tests.media.scenes import T0, full_scene
from tests.media.viewer import Viewer

PLACE = "huangpanshi"
SIZE_PX = (1280, 720)  # the stages and the fan-out; the whole way runs at the size the server uses
OURS_N, STOCK_N = 6, 2
RUN_S, ROUNDS = 6.0, 3
LOOP = 50


def main() -> int:
    """Run the bench."""
    if "--viewers" in sys.argv:
        asyncio.run(be_viewers(int(sys.argv[-1])))
        return 0
    bench = Bench("video")
    cv2.setNumThreads(1)
    river = load_river(find("rivers", "jialing-dazhulin"))
    frames = stages(bench, river)
    asyncio.run(fan_out(bench, frames))
    asyncio.run(whole_way(bench, river))
    return bench.finish()


def truth_at(river: River, time_s: float) -> Truth:
    """Return four boats, people on the reef and in the water, and a crowd, all moving."""
    level = usual_level_m(river, PLACE)
    chainage, offset = (float(v) for v in river.locate(river.place(PLACE).x_m, river.place(PLACE).y_m))
    run = (time_s - T0) % 60

    def at(body_id: str, kind: Any, place: tuple[float, float], count: int, agency: Any = "") -> TruthBody:
        x, y = river.point(chainage + place[0], offset + place[1])
        lon, lat = river.frame.point_lonlat(float(x), float(y))
        return TruthBody(body_id, kind, agency, lon, lat, 200.0, 4.0 if agency else 0.0, count, 2, 7.5)

    boats = [
        at(f"b{i}", "boat", (-140 + 45 * i + 2 * run, 12 + 9 * i), 0, agency)
        for i, agency in enumerate(("police", "fire", "maritime", "volunteer"))
    ]
    people = [at("s", "stranded", (0, 0), 3), at("w", "in_water", (30, 25), 2), at("c", "crowd", (-60, 110), 40)]
    gauges = {gauge.id: level + 2e-4 * (chainage - gauge.chainage_m) for gauge in river.gauges}
    return Truth(time_s, (*boats, *people), gauges)


def stages(bench: Bench, river: River) -> list[Canvas]:
    """Measure render, annotate and encode at full size; return annotated pictures for the fan-out."""
    level = usual_level_m(river, PLACE)
    begin = time.perf_counter()
    view = view_of(shore_camera(river, PLACE, level), river.frame, *SIZE_PX)
    camera = VirtualCamera(river, view, level, background=False)
    annotator = Annotator(river, view, SIZE_PX)
    bench.figure("camera_set_up_s", time.perf_counter() - begin)
    encoder, scene = Encoder(*SIZE_PX, fps=FPS), scene_around(river, view)
    spent: dict[str, list[float]] = {"render_ms": [], "annotate_ms": [], "encode_ms": []}
    frames, sizes = [], []
    for number in range(6 * FPS):
        time_s = T0 + number / FPS
        camera.put(snapshot_of(truth_at(river, time_s), river.frame))
        marks = [time.thread_time()]
        canvas = camera.frame(time_s)
        marks.append(time.thread_time())
        annotator.draw(canvas, scene, T0, Freshness("岸边相机", 0.0, 0.0))
        marks.append(time.thread_time())
        sizes.append(len(encoder.encode(canvas, number * CLOCK_HZ // FPS).data))
        marks.append(time.thread_time())
        for name, start, end in zip(spent, marks, marks[1:], strict=False):
            spent[name].append(1000 * (end - start))
        if number < LOOP:
            frames.append(canvas)
    for name, values in spent.items():
        bench.figure(name, statistics.median(values))
        bench.figure(name.replace("_ms", "_quiet_ms"), statistics.quantiles(values, n=10)[0])
    bench.figure("stream_mbit_per_s", sum(sizes) * 8 / (len(sizes) / FPS) / 1e6)
    bench.at_most("render_quiet_ms", 6.0)
    bench.at_most("annotate_quiet_ms", 3.0)
    bench.at_most("encode_quiet_ms", 7.0)
    return frames


def scene_around(river: River, view: View) -> Any:
    """Return the test scene's marks moved to this river: what is drawn counts here, not what is right."""
    x, y = (float(v) for v in view.to_level(*view.lens.centre, usual_level_m(river, PLACE)))
    made, dx, dy = full_scene(), x - 45.0, y - 1500.0
    level = usual_level_m(river, PLACE)
    return replace(
        made,
        levels={gauge.id: level for gauge in river.gauges},
        boats=tuple(replace(b, x_m=b.x_m + dx, y_m=b.y_m + dy) for b in made.boats),
        people=tuple(replace(p, x_m=p.x_m + dx, y_m=p.y_m + dy) for p in made.people),
        stones=tuple(replace(s, x_m=s.x_m + dx, y_m=s.y_m + dy) for s in made.stones),
        lines=tuple(replace(line, xy=line.xy + np.array([dx, dy])) for line in made.lines),
    )


async def fan_out(bench: Bench, frames: list[Canvas]) -> None:
    """Measure the sending CPU per viewer-frame of both ways, in turn."""
    encoder = Encoder(*SIZE_PX, fps=FPS)
    packets = [encoder.encode(canvas, i * CLOCK_HZ // FPS, keyframe=i == 0) for i, canvas in enumerate(frames)]
    ours, stock = [], []
    for turn in range(ROUNDS):
        bench.say(f"round {turn + 1} of {ROUNDS}: packets to {OURS_N} viewers, then MediaRelay to {STOCK_N}")
        ours.append(await sending(OURS_N, lambda offers: packet_way(offers, packets)))
        stock.append(await sending(STOCK_N, lambda offers: stock_way(offers, frames)))
    bench.figure("packet_ms_per_viewer_frame", statistics.median(cost for cost, _ in ours))
    bench.figure("relay_ms_per_viewer_frame", statistics.median(cost for cost, _ in stock))
    bench.figure("packet_fps_delivered", statistics.median(fps for _, fps in ours))
    bench.figure("relay_fps_delivered", statistics.median(fps for _, fps in stock))
    bench.ratio(
        "relay_over_packet", bench.figures["relay_ms_per_viewer_frame"] / bench.figures["packet_ms_per_viewer_frame"]
    )
    bench.at_least("relay_over_packet", 15.0)
    bench.at_most("packet_ms_per_viewer_frame", 2.0)


Way = Callable[[list[str]], Awaitable[tuple[list[str], Callable[[], Awaitable[None]], Callable[[], int]]]]


async def sending(count: int, way: Way) -> tuple[float, float]:
    """Return CPU ms per viewer-frame and frames per second per viewer, with viewers in another process."""
    loop = asyncio.get_running_loop()
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.bench.video", "--viewers", str(count),
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=Path(__file__).parents[2], limit=1 << 20,
    )  # fmt: skip
    assert child.stdin is not None
    assert child.stdout is not None
    offers = json.loads(await child.stdout.readline())
    answers, close, sent = await way(offers)
    child.stdin.write(json.dumps(answers).encode() + b"\n")
    while sent() < count * FPS // 5:  # noqa: ASYNC110 -- nobody signals this
        await asyncio.sleep(0.05)
    await asyncio.sleep(1.0)
    before, cpu, began = sent(), time.process_time(), loop.time()
    await asyncio.sleep(RUN_S)
    frames, spent, lasted = sent() - before, time.process_time() - cpu, loop.time() - began
    await close()
    child.stdin.close()
    await child.wait()
    return 1000 * spent / max(frames, 1), frames / lasted / count


async def packet_way(offers: list[str], packets: list[Packet]) -> Any:
    """Answer with our own fan-out of packets that are encoded already."""
    hub, viewers, sent = Hub(), Viewers(), 0
    answers = [(await viewers.answer(hub, offer))[1] for offer in offers]

    async def play() -> None:
        nonlocal sent
        began, number = time.monotonic(), 0
        while True:
            packet = packets[number % LOOP]
            hub.publish(Packet(packet.data, number * CLOCK_HZ // FPS, packet.keyframe))
            number, sent = number + 1, sent + hub.viewers
            await asyncio.sleep(max(0.0, began + number / FPS - time.monotonic()))

    task = asyncio.create_task(play())

    async def close() -> None:
        task.cancel()
        await viewers.stop()

    return answers, close, lambda: sent


class Pictures(VideoStreamTrack):
    """The same pictures as frames, at the same pace, for MediaRelay."""

    def __init__(self, frames: list[Canvas]) -> None:
        super().__init__()
        self._pictures = [av.VideoFrame.from_ndarray(canvas.data, format="yuv420p") for canvas in frames]
        self._number = 0

    async def recv(self) -> av.VideoFrame:
        pts, time_base = await self.next_timestamp()
        frame = self._pictures[self._number % LOOP]
        self._number += 1
        frame.pts, frame.time_base = pts, time_base
        return frame


async def stock_way(offers: list[str], frames: list[Canvas]) -> Any:
    """Answer as aiortc's own examples do: MediaRelay, H.264 preferred, an encoder for each viewer."""
    offer_loopback()
    relay, source, peers, sent = MediaRelay(), Pictures(frames), [], [0]
    answers = []
    h264 = [c for c in RTCRtpSender.getCapabilities("video").codecs if c.mimeType in {"video/H264", "video/rtx"}]
    for offer in offers:
        peer = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        sender = peer.addTrack(relay.subscribe(source, buffered=False))
        real = sender._next_encoded_frame

        async def counted(codec: Any, real: Any = real) -> Any:
            made = await real(codec)
            sent[0] += made is not None
            return made

        setattr(sender, "_next_encoded_frame", counted)  # noqa: B010 -- to count what was encoded
        peer.getTransceivers()[0].setCodecPreferences(h264)
        await peer.setRemoteDescription(RTCSessionDescription(offer, "offer"))
        await peer.setLocalDescription(await peer.createAnswer())
        answers.append(peer.localDescription.sdp)
        peers.append(peer)

    async def close() -> None:
        await asyncio.gather(*(peer.close() for peer in peers))
        source.stop()

    return answers, close, lambda: sent[0]


async def be_viewers(count: int) -> None:
    """Be the other process: viewers that receive, decrypt and put together, but decode nothing."""

    def drain(_loop: Any, input_q: Any, *_: Any) -> None:
        while input_q.get() is not None:
            pass

    setattr(aiortc.rtcrtpreceiver, "decoder_worker", drain)  # noqa: B010 -- theirs, for this process only
    viewers = [Viewer() for _ in range(count)]
    offers = [await viewer.offer() for viewer in viewers]
    print(json.dumps(offers), flush=True)
    answers = json.loads(await asyncio.to_thread(sys.stdin.readline))
    for viewer, answer in zip(viewers, answers, strict=True):
        await viewer.accept(answer)
    done = asyncio.Event()
    loop = asyncio.get_running_loop()
    threading.Thread(target=lambda: (sys.stdin.read(), loop.call_soon_threadsafe(done.set)), daemon=True).start()
    await done.wait()
    for viewer in viewers:
        await viewer.close()


async def whole_way(bench: Bench, river: River) -> None:
    """Measure frames a second that a viewer decodes from a running studio."""
    bench.say("the whole way: studio, two viewers that decode")
    studio = Studio(river, [SourceSpec("shore", "virtual", PLACE)])
    began = time.monotonic()
    await studio.start()

    async def feed() -> None:
        for tick in range(100_000):
            studio.feed(truth_at(river, T0 + tick * 0.2), Picture(), T0 + tick * 0.2)
            await asyncio.sleep(0.2)

    feeding = asyncio.create_task(feed())
    viewers = [Viewer(), Viewer()]
    for viewer in viewers:
        _, answer = await studio.offer("shore", await viewer.offer())
        await viewer.accept(answer)
    await viewers[0].until(FPS, timeout_s=60)
    bench.figure("start_to_first_second_s", time.monotonic() - began)
    before, start = [viewer.frames for viewer in viewers], time.monotonic()
    await asyncio.sleep(10.0)
    lasted = time.monotonic() - start
    fps = [(viewer.frames - n) / lasted for viewer, n in zip(viewers, before, strict=True)]
    stats = studio.stats()["shore"]
    bench.figure("whole_way_fps", min(fps))
    bench.figure("whole_way_ms_per_frame", sum(float(str(stats[k])) for k in ("render_ms", "annotate_ms", "encode_ms")))
    bench.at_least("whole_way_fps", 15.0)
    feeding.cancel()
    for viewer in viewers:
        await viewer.close()
    await studio.stop()


if __name__ == "__main__":
    raise SystemExit(main())
