"""The teaching drill, played whole: low water sends the boat through the main channel, high water through the other."""

import asyncio
import json
from itertools import pairwise
from pathlib import Path

import pytest
from typer.testing import CliRunner

from rescuecmd.cli.drill import app
from rescuecmd.picture.events import CardPushed, Event, GaugeJudged, ReadingHeld, RouteSet
from rescuecmd.picture.order import Route
from rescuecmd.river.model import River
from rescuecmd.store.sqlite import SqliteLog
from tests.river.test_teaching_package import teaching


def side_of(river: River, route: Route) -> str:
    """Return which way a route passes the bar at 600 m: main, side, or neither."""
    points = [river.frame.point_xy(point.lon_deg, point.lat_deg) for point in route.waypoints]
    for (x0, y0), (x1, y1) in pairwise(points):
        if min(x0, x1) <= 600 <= max(x0, x1) and x0 != x1:
            return "side" if y0 + (600 - x0) / (x1 - x0) * (y1 - y0) > 30 else "main"
    return "neither"


async def events_of(folder: Path, operation_id: str) -> tuple[Event, ...]:
    log = await SqliteLog.open(folder)
    try:
        return await log.read(operation_id, 0, limit=100_000)
    finally:
        await log.close()


@pytest.mark.timeout(300)
def test_two_calls_two_ways(tmp_path: Path) -> None:
    done = CliRunner().invoke(app, ["run", "teaching", "--json", "--log", str(tmp_path)], catch_exceptions=False)
    told = json.loads(done.stdout)
    assert (told["saved"], told["lost"], told["refused"], told["breaches"]) == (3, 0, [], [])
    events = asyncio.run(events_of(tmp_path, told["operation_id"]))
    river, _ = teaching()
    start_s = events[0].time_s
    ways: dict[str, set[str]] = {"early": set(), "late": set()}
    for event in events:
        routes = event.body.routes if isinstance(event.body, CardPushed) else ()
        routes = (event.body.route,) if isinstance(event.body, RouteSet) else routes
        for route in routes:
            when = "early" if event.time_s - start_s < 600 else "late"
            ways[when].add(side_of(river, route))
    assert "main" in ways["early"]
    assert "side" not in ways["early"]
    assert "side" in ways["late"]
    assert not [event for event in events if isinstance(event.body, (ReadingHeld, GaugeJudged))]
