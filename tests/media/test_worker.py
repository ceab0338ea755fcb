"""The video process as the studio starts it: what a Ctrl-C at the terminal does to it."""

import os
import signal
import subprocess
import sys
from dataclasses import replace
from typing import BinaryIO, cast

from rescuecmd.ar.placement import shore_camera
from rescuecmd.media.line import Condition, Setup, packed, receive
from rescuecmd.media.source import SourceSpec
from rescuecmd.river.model import River

FOLDER_CAMERA = SourceSpec("shore", "file", "/no/such/clip.mp4")


def test_ctrl_c_is_left_to_the_parent_and_the_end_is_quiet(reach: River) -> None:
    camera = replace(shore_camera(reach, next(iter(reach.places)), 172.0, camera_id="shore"), state="off")
    setup = Setup(reach, FOLDER_CAMERA, camera, 172.0, (640, 360), 10, 500_000, "zh")
    command = [sys.executable, "-m", "rescuecmd.media.worker"]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, start_new_session=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(packed(setup))
        process.stdin.flush()
        assert isinstance(receive(cast("BinaryIO", process.stdout)), Condition)  # it works, and is past its imports
        os.killpg(process.pid, signal.SIGINT)
        process.stdin.close()
        assert process.wait(30) == 0
        assert process.stderr is not None
        told = process.stderr.read().decode()
    assert "Traceback" not in told
    assert "Fatal" not in told
