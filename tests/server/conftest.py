from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from rescuecmd.server.run import Serving, serving
from rescuecmd.settings import Settings
from tests.server.door import Door


def settings_for(folder: Path, **more: object) -> Settings:
    """Return the settings of a quiet test server on a free port."""
    given: dict[str, object] = {"data": folder, "port": 0, "drill": "dazhulin", "video": False, "robots": False}
    return Settings(**{**given, **more})  # type: ignore[arg-type]


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def server(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Serving]:
    """Serve the drill, not yet started, to all tests of a module."""
    async with serving(settings_for(tmp_path_factory.mktemp("data"))) as server:
        await server.host.opened()
        yield server


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def door(server: Serving) -> Door:
    """Return the door of that server, its first frames sent."""
    door = Door.of(server)
    async with door.live() as page:
        await page.settled()
    return door
