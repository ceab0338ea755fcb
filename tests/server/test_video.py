import asyncio
from pathlib import Path

import pytest

from rescuecmd.errors import InputError, UnavailableError
from rescuecmd.feeds.viewer import Viewer
from rescuecmd.server.run import serving
from tests.server.conftest import settings_for
from tests.server.door import Door


@pytest.mark.timeout(200)
async def test_a_missing_camera_says_so_and_the_rest_works(tmp_path: Path) -> None:
    missing = settings_for(tmp_path, video=True, camera="north=/nowhere/camera.mp4")
    async with serving(missing) as server:
        await server.host.opened()
        door = Door.of(server)
        async with door.live() as page:
            seen = await page.frame(
                "delta", where=lambda f: f["put"].get("cameras", {}).get("north", {}).get("state") == "missing"
            )
            assert seen["put"]["cameras"]["north"]["detail"]
            async with door.http("observer") as http:
                cameras = {item["id"]: item for item in (await http.get("/api/cameras")).json()["cameras"]}
                assert cameras["north"]["state"] == "missing"
                assert (await http.get("/api/river")).status_code == 200
                assert (await http.delete("/whep/north/nothing")).status_code == 200
            viewer = Viewer(door.address, door.keys["observer"])
            with pytest.raises(UnavailableError, match="camera-missing"):
                await viewer.watch("north")
            with pytest.raises(UnavailableError, match="404"):
                await viewer.watch("south")
            await viewer.close()


@pytest.mark.timeout(200)
async def test_the_virtual_camera_plays(tmp_path: Path) -> None:
    async with serving(settings_for(tmp_path, video=True)) as server:
        await server.host.opened()
        door = Door.of(server)
        async with door.live() as page, door.http("observer") as http:
            shown = await page.frame(
                "snapshot", "delta", where=lambda f: any(x["state"] == "live" for x in _cameras(f).values())
            )
            camera_id = next(name for name, item in _cameras(shown).items() if item["state"] == "live")
            viewer = Viewer(door.address, door.keys["observer"])
            await viewer.watch(camera_id)
            async with asyncio.timeout(60):
                while viewer.frames < 10:  # noqa: ASYNC110  (a viewer has no event to offer)
                    await asyncio.sleep(0.1)
            assert viewer.size[0] >= 640
            stats = next(x for x in (await http.get("/api/cameras")).json()["cameras"] if x["id"] == camera_id)
            assert stats["viewers"] == 1
            await viewer.close()


def _cameras(frame: dict[str, dict[str, dict[str, dict[str, str]]]]) -> dict[str, dict[str, str]]:
    return (frame.get("put") or frame.get("picture") or {}).get("cameras", {})


async def test_a_camera_that_is_none_is_refused_before_anything_is_opened(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="expected virtual"):
        async with serving(settings_for(tmp_path / "data", camera="nonsense")):
            pass
    assert not (tmp_path / "data").exists()
