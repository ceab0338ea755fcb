import time
from collections.abc import Callable
from pathlib import Path

import av
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rescuecmd.errors import InputError
from rescuecmd.media.source import Reader, SourceSpec, parse_source, parse_sources


@pytest.mark.parametrize(
    ("words", "spec"),
    [
        ("virtual", SourceSpec("shore", "virtual", "")),
        ("virtual:feilanzi", SourceSpec("shore", "virtual", "feilanzi")),
        ("north=virtual:feilanzi", SourceSpec("north", "virtual", "feilanzi")),
        ("/dev/video2", SourceSpec("device", "device", "/dev/video2")),
        ("device:0", SourceSpec("device", "device", "/dev/video0")),
        ("clips/river.mp4", SourceSpec("file", "file", "clips/river.mp4")),
        ("file:///clips/a.mp4", SourceSpec("file", "file", "/clips/a.mp4")),
        ("rtsp://user:secret@10.0.0.5/1?a=b", SourceSpec("stream", "stream", "rtsp://user:secret@10.0.0.5/1?a=b")),
        ("gate=rtsp://10.0.0.5/1", SourceSpec("gate", "stream", "rtsp://10.0.0.5/1")),
    ],
)
def test_words_for_a_source(words: str, spec: SourceSpec) -> None:
    assert parse_source(words) == spec


@pytest.mark.parametrize("words", ["", "   ", "virtul", "rtps://10.0.0.5/1", "x=", "camera"])
def test_words_that_name_no_source(words: str) -> None:
    with pytest.raises(InputError) as raised:
        parse_source(words)
    assert raised.value.code == "bad-camera"


def test_the_nearest_right_word_is_named() -> None:
    with pytest.raises(InputError, match="did you mean 'virtual'"):
        parse_source("virtul")
    with pytest.raises(InputError, match="did you mean 'rtsp'"):
        parse_source("rtspp://10.0.0.5/1")


@given(st.text(max_size=60))
def test_any_text_is_a_source_or_an_input_error(words: str) -> None:
    try:
        assert parse_source(words).target
    except InputError as problem:
        assert problem.message


def test_several_sources() -> None:
    assert parse_sources("off") == ()
    assert [s.camera_id for s in parse_sources("virtual, gate=rtsp://10.0.0.5/1")] == ["shore", "gate"]
    with pytest.raises(InputError, match="two cameras"):
        parse_sources("virtual,virtual:feilanzi")


def write_clip(path: Path, frames: int = 20, size: tuple[int, int] = (160, 160)) -> Path:
    with av.open(str(path), "w") as box:
        stream = box.add_stream("libx264", rate=25, options={"preset": "ultrafast"})
        stream.width, stream.height = size
        stream.pix_fmt = "yuv420p"
        for number in range(frames):
            picture = np.full((size[1], size[0], 3), (20, 140, 200), np.uint8)
            picture[:, : 4 * number] = (200, 60, 30)
            box.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        box.mux(stream.encode(None))
    return path


def wait_for(check: Callable[[], object], timeout_s: float = 15.0) -> None:
    until = time.monotonic() + timeout_s
    while not check():
        assert time.monotonic() < until, "it did not happen in time"
        time.sleep(0.02)


def test_a_file_plays_at_its_pace_and_starts_over(tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "clip.mp4")
    reader = Reader(SourceSpec("file", "file", str(clip)), 320, 180)
    try:
        wait_for(lambda: reader.shot)
        assert reader.why == ""
        assert not reader.opening
        started = time.monotonic()
        wait_for(lambda: reader.shot and reader.shot.steady_s - started > 1.2)  # new pictures for longer than the clip
        shot = reader.shot
        assert shot is not None
        bgr = shot.canvas.bgr()
        assert bgr.shape == (180, 320, 3)
        assert int(bgr[90, 5].max()) < 12  # black beside a square picture
        assert int(bgr[90, 160].max()) > 100
    finally:
        reader.close()


@pytest.mark.parametrize("name", ["nothing.mp4", "text.mp4", "empty.mp4"])
def test_a_source_that_cannot_be_opened_says_why(tmp_path: Path, name: str) -> None:
    (tmp_path / "text.mp4").write_text("this is no video\n" * 50, encoding="utf-8")
    (tmp_path / "empty.mp4").write_bytes(b"")
    reader = Reader(SourceSpec("file", "file", str(tmp_path / name)), 320, 180)
    try:
        wait_for(lambda: reader.why)
        assert reader.shot is None
        assert len(reader.why) > 3
    finally:
        reader.close()


def test_a_file_that_appears_later_is_opened(tmp_path: Path) -> None:
    path = tmp_path / "late.mp4"
    reader = Reader(SourceSpec("file", "file", str(path)), 320, 180)
    try:
        wait_for(lambda: reader.why)
        write_clip(path)
        wait_for(lambda: reader.shot)
        wait_for(lambda: not reader.why)
    finally:
        reader.close()


def test_a_password_does_not_get_into_the_reason() -> None:
    reader = Reader(SourceSpec("stream", "stream", "rtsp://user:secret@127.0.0.1:9/x"), 320, 180)
    try:
        wait_for(lambda: reader.why)
        assert "secret" not in reader.why
    finally:
        reader.close()
