"""The whole way of the video on loopback: a real process, a real aiortc viewer, no mocks."""

import asyncio
import contextlib
import os
import signal
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from rescuecmd.drill.world import Truth, TruthBody
from rescuecmd.errors import InputError, NotFoundError, UnavailableError
from rescuecmd.media.source import SourceSpec, parse_source
from rescuecmd.media.studio import Studio
from rescuecmd.media.whep import NoCodecError
from rescuecmd.picture.entity import Operation
from rescuecmd.picture.state import Picture
from rescuecmd.river.model import River
from rescuecmd.text import Text
from tests.media.scenes import LEVELS, T0
from tests.media.test_source import write_clip
from tests.media.viewer import Viewer

SIZE = (640, 360)
WORDS = Text("试验", "Test")
DRILL = replace(
    Picture(), operation=Operation("o", WORDS, "drill", "演练 DRILL", "r", WORDS, True, "wusong", T0, state="running")
)


async def keep_feeding(studio: Studio, reach: River) -> None:
    lon_deg, lat_deg = reach.frame.point_lonlat(40.0, 1540.0)
    boat = TruthBody("b", "boat", "fire", lon_deg, lat_deg, 20.0, 3.0, 0, 0, 7.0)
    for tick in range(10_000):
        now_s = T0 + 0.2 * tick
        studio.feed(Truth(now_s, (boat,), LEVELS), DRILL, now_s)
        await asyncio.sleep(0.2)


@contextlib.asynccontextmanager
async def running(reach: River, *sources: SourceSpec) -> AsyncIterator[Studio]:
    studio = Studio(reach, sources, level_m=172.0, size_px=SIZE)
    await studio.start()
    feeding = asyncio.create_task(keep_feeding(studio, reach))
    try:
        yield studio
    finally:
        feeding.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await feeding
        await studio.stop()


async def watch(studio: Studio, camera_id: str) -> tuple[Viewer, str]:
    viewer = Viewer()
    session_id, answer = await studio.offer(camera_id, await viewer.offer())
    await viewer.accept(answer)
    return viewer, session_id


async def until_state(studio: Studio, state: str, timeout_s: float = 40.0) -> str:
    async with asyncio.timeout(timeout_s):
        while studio.cameras()[0].state != state:  # noqa: ASYNC110 -- nobody signals this
            await asyncio.sleep(0.05)
    return studio.cameras()[0].detail


async def test_two_viewers_share_one_encoder_and_survive_a_killed_process(reach: River) -> None:
    async with running(reach, SourceSpec("shore", "virtual", "stone")) as studio:
        first, _ = await watch(studio, "shore")
        await first.until(10, timeout_s=60)
        second, session_id = await watch(studio, "shore")
        await second.until(20)
        stats = studio.stats()["shore"]
        assert stats["viewers"] == 2
        for viewer in (first, second):
            corner = viewer.last[3:15, SIZE[0] - 40 : SIZE[0] - 4].reshape(-1, 3).astype(int)
            yellow = (corner[:, 2] > 150) & (corner[:, 1] > 120) & (corner[:, 0] < 110)
            assert yellow.mean() > 0.3  # the drill marking arrives at every viewer
        assert second.first_s < 5.0
        async with asyncio.timeout(60):  # more frames seen than encoded, after a while: each is encoded once
            while first.frames + second.frames <= int(str(studio.stats()["shore"]["frames"])):  # noqa: ASYNC110
                await asyncio.sleep(0.1)

        await studio.close_session(session_id)
        with pytest.raises(NotFoundError):
            await studio.close_session(session_id)
        process = studio._cameras["shore"]._process
        assert process is not None
        os.kill(process.pid, signal.SIGKILL)
        assert "starts again" in await until_state(studio, "missing")
        with pytest.raises(UnavailableError, match="starts again"):
            await studio.offer("shore", "v=0")
        await until_state(studio, "live")
        before = first.frames
        await first.until(before + 20, timeout_s=60)  # the same viewer goes on
        assert studio.stats()["shore"]["restarts"] == 1
        await first.close()
        await second.close()
    assert studio.cameras()[0].state == "off"


async def test_picture_loss_brings_a_keyframe(reach: River) -> None:
    async with running(reach, SourceSpec("shore", "virtual", "stone")) as studio:
        viewer, _ = await watch(studio, "shore")
        await viewer.until(5, timeout_s=60)
        hub = studio._cameras["shore"].hub
        await asyncio.sleep(1.0)
        asked_s = hub._asked_s
        (receiver,) = viewer.peer.getReceivers()
        ssrc = next(iter(receiver._RTCRtpReceiver__remote_streams))  # type: ignore[attr-defined]
        await receiver._send_rtcp_pli(ssrc)
        async with asyncio.timeout(10):
            while hub._asked_s == asked_s:  # noqa: ASYNC110 -- nobody signals this
                await asyncio.sleep(0.02)
        await viewer.close()


async def test_a_file_as_camera(reach: River, tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "clip.mp4", frames=50, size=(320, 180))
    async with running(reach, parse_source(str(clip))) as studio:
        await until_state(studio, "live")
        viewer, _ = await watch(studio, "file")
        await viewer.until(10, timeout_s=60)
        middle = viewer.last[100:260, 300:600].reshape(-1, 3).mean(axis=0)
        assert np.ptp(middle) > 40  # the clip's own colours
        assert studio.cameras()[0].heading_deg is None
        await viewer.close()


async def test_a_missing_camera_says_why_and_the_others_work(reach: River, tmp_path: Path) -> None:
    gone = replace(parse_source(str(tmp_path / "gone.mp4")), camera_id="gone")
    async with running(reach, gone, SourceSpec("shore", "virtual", "stone")) as studio:
        assert "No such file" in await until_state(studio, "missing")
        with pytest.raises(UnavailableError, match="No such file"):
            await studio.offer("gone", "v=0")
        viewer, _ = await watch(studio, "shore")
        await viewer.until(5, timeout_s=60)
        await viewer.close()


async def test_offers_that_cannot_be_served(reach: River) -> None:
    studio = Studio(reach, [SourceSpec("shore", "virtual", "stone")], level_m=172.0, size_px=SIZE)
    viewer = Viewer()
    good = await viewer.offer()
    with pytest.raises(NotFoundError, match="did you mean 'shore'"):
        await studio.offer("shor", good)
    for bad in ("", "hello", "v=0\r\n", "v=0\r\n" + "x" * 70_000, "v=0\r\nm=video x\r\na=rtpmap:1 H264/90000\r\n"):
        with pytest.raises(InputError):
            await studio.offer("shore", bad)
    with pytest.raises(NoCodecError) as raised:
        await studio.offer("shore", "".join(line for line in good.splitlines(keepends=True) if "H264" not in line))
    assert raised.value.outcome.http == 406
    lines = good.splitlines(keepends=True)
    for number in range(0, len(lines), 3):
        broken = "".join(lines[:number] + lines[number + 1 :])
        try:
            session_id, _ = await studio.offer("shore", broken)
        except InputError:
            continue
        await studio.close_session(session_id)
    assert len(studio._viewers) == 0
    assert studio._cameras["shore"].hub.viewers == 0
    await viewer.close()
    await studio.stop()
