"""A server in a process of its own, to be killed."""

import asyncio
import json
import os
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from tests.server.door import Door

START_S = 90.0  # a machine that is busy with everything else


async def rescuecmd(*arguments: str, **environment: str) -> Process:
    """Start the command line in a process."""
    env = {**os.environ, "NO_COLOR": "1", "COLUMNS": "120", **environment}
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "rescuecmd", *arguments, stdout=PIPE, stderr=PIPE, env=env
    )


async def run(*arguments: str, **environment: str) -> tuple[int, str, str]:
    """Run the command line to its end; return exit code, stdout and stderr."""
    process = await rescuecmd(*arguments, **environment)
    async with asyncio.timeout(START_S):
        out, err = await process.communicate()
    assert process.returncode is not None
    return process.returncode, out.decode(), err.decode()


@asynccontextmanager
async def serve(data: Path, *arguments: str, port: int = 0) -> AsyncIterator[tuple[Process, Door, dict[str, Any]]]:
    """Serve a folder; yields the process, its door and what it said when it was ready."""
    process = await rescuecmd(
        "serve", "--data", str(data), "--port", str(port), "--camera", "off", "--no-robots", "--json", *arguments
    )
    try:
        assert process.stdout is not None
        async with asyncio.timeout(START_S):
            line = await process.stdout.readline()
        assert line, (await process.communicate())[1].decode()
        said = json.loads(line)
        yield process, Door(said["address"], said["keys"]), said
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGKILL)
        await process.communicate()
