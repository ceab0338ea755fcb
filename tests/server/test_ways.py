"""Reach maps and route profiles through the server's door."""

import pytest

from tests.server.door import Door
from tests.server.test_orders import ask, code

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_the_reach_of_a_boat_is_areas_by_minutes(door: Door) -> None:
    vessels = (await ask(door, "observer", "GET", "/api/picture"))[1]["picture"]["vessels"]
    boat = next(iter(vessels.values()))
    status, found = await ask(door, "observer", "GET", f"/api/reach?vessel_id={boat['id']}&minutes=6")
    assert status == 200, found
    ends = [feature["properties"]["to_min"] for feature in found["features"]]
    assert ends == sorted(ends, reverse=True)
    assert ends[0] == 6
    assert all(feature["geometry"]["type"] == "MultiPolygon" for feature in found["features"])
    mine = f"terminal/{boat['terminal_id']}"
    other = next(role for role in door.keys if role.startswith("terminal/") and role != mine)
    assert (await ask(door, mine, "GET", f"/api/reach?vessel_id={boat['id']}"))[0] == 200
    assert code(await ask(door, other, "GET", f"/api/reach?vessel_id={boat['id']}")) == (403, "vessel")
    assert code(await ask(door, "observer", "GET", "/api/reach?vessel_id=ghost"))[0] == 404
    assert (await ask(door, "observer", "GET", f"/api/reach?vessel_id={boat['id']}&minutes=-1"))[0] == 422


async def test_the_profile_of_a_route_has_lists_of_one_length(door: Door) -> None:
    vessels = (await ask(door, "observer", "GET", "/api/picture"))[1]["picture"]["vessels"]
    boats = [next(iter(vessels.values()))["terminal_id"]]
    body = {"op_id": "ways-1", "plan_id": "reef", "terminal_ids": boats, "victim_ids": [], "place_id": "jianjialiang"}
    status, made = await ask(door, "commander", "POST", "/api/pushes", json=body)
    assert status == 200, made
    state = (await ask(door, "observer", "GET", "/api/picture"))[1]["picture"]
    route_id = f"{made['card_ids'][0]}/1"
    assert state["routes"][route_id]["tightest"]["where"]["zh"]
    status, found = await ask(door, "observer", "GET", f"/api/route/profile?route_id={route_id}")
    assert status == 200, found
    sizes = {len(found[name]) for name in ("distance_m", "time_s", "kilometres", "level_m", "low_m", "bed_m")}
    assert len(sizes) == 1
    assert found["guidance"][0]["kind"] == "leave"
    assert found["schematic"] is True
    other = next(role for role in door.keys if role.startswith("terminal/") and role != f"terminal/{boats[0]}")
    assert code(await ask(door, other, "GET", f"/api/route/profile?route_id={route_id}")) == (403, "vessel")
    assert code(await ask(door, "observer", "GET", "/api/route/profile?route_id=none"))[0] == 404


async def test_the_depth_says_what_its_colours_mean(door: Door) -> None:
    depth = (await ask(door, "observer", "GET", "/api/depth"))[1]
    classes = depth["classes"]
    assert classes[0]["from_m"] is None
    assert classes[0]["to_m"] == 0.0
    assert [one["to_m"] for one in classes[:-1]] == [one["from_m"] for one in classes[1:]]
    assert classes[-1]["to_m"] is None
